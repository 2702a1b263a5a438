-- Who was there, how busy, and with what result, in each half hour? As of the last page: what is open then lasts up to it.
-- Cases are left out of busy time, as they stay open for days. Ready time includes work; occupancy is busy and Ready, of
-- the time in Ready in which it did not just ring. Summed over agents; minutes.
-- Level: intervals.
WITH bounds AS (
	SELECT max(reported_at) AS as_of, date_trunc('day', max(reported_at), 'UTC') AS from_time,
		date_trunc('day', max(reported_at), 'UTC') + '1 day'::interval AS to_time
	FROM agent_activity HAVING max(reported_at) IS NOT NULL),
staff AS (
	SELECT interval_start, count(*) FILTER (WHERE login_ms > 0) AS agents, sum(login_ms) AS login_ms, sum(ready_ms) AS ready_ms,
		sum(busy_ms) AS busy_ms, sum(busy_ready_ms) / nullif(sum(ready_ms - ring_ready_ms), 0) AS occupancy
	FROM bounds, agent_intervals('agent_activity', from_time, to_time, as_of => as_of, media => '{Phone,Phone Callback,Chat,Email}')
	GROUP BY interval_start),
work AS (
	SELECT interval_start, sum(offered) AS offered, sum(answered) AS answered, sum(handle_ms) / nullif(sum(handled), 0) AS handle_ms
	FROM bounds, activity_intervals('agent_activity', from_time, to_time)
	WHERE medium <> 'Case'
	GROUP BY interval_start)
SELECT to_char(interval_start AT TIME ZONE 'UTC', 'HH24:MI') AS half_hour,
	agents, round(login_ms / 60000) AS login, round(ready_ms / 60000) AS ready, round(busy_ms / 60000) AS busy,
	round(100 * occupancy) AS "occupancy_%", offered, answered, round(handle_ms / 1000) AS average_handle_s
FROM staff FULL JOIN work USING (interval_start)
ORDER BY interval_start;
