-- Who was there, how busy, and with what result, in each half hour? Up to the latest page, whole half hours only. Cases are
-- left out of busy time, as they stay open for days; offered, answered and the average are of calls. Ready time includes
-- work; occupancy is busy and Ready, of the time in Ready in which it did not just ring. Summed over agents; minutes; null
-- where no agent is known to have been logged in.
-- Level: intervals.
\ir ../day.sql
WITH staff AS (
	SELECT interval_start, nullif(count(*) FILTER (WHERE login_ms > 0), 0) AS agents, nullif(sum(login_ms), 0) AS login_ms,
		sum(ready_ms) FILTER (WHERE login_ms > 0) AS ready_ms, sum(busy_ms) AS busy_ms,
		sum(busy_ready_ms) / nullif(sum(ready_ms - ring_ready_ms), 0) AS occupancy
	FROM agent_intervals('agent_activity', :'from_time', :'to_time', as_of => nullif(:'as_of', '')::timestamptz,
		media => '{Phone,Phone Callback,Chat,Email}')
	GROUP BY interval_start),
calls AS (
	SELECT interval_start, sum(offered) AS offered, sum(answered) AS answered, sum(handle_ms) / nullif(sum(handled), 0) AS handle_ms
	FROM activity_intervals('agent_activity', :'from_time', :'to_time')
	WHERE medium = 'Phone'
	GROUP BY interval_start)
SELECT to_char(interval_start AT TIME ZONE 'UTC', 'HH24:MI') AS half_hour,
	agents, round(login_ms / 60000) AS login, round(ready_ms / 60000) AS ready, round(busy_ms / 60000) AS busy,
	round(100 * occupancy) AS "occupancy_%", offered AS calls_offered, answered AS calls_answered,
	round(handle_ms / 1000) AS average_handle_s
FROM staff FULL JOIN calls USING (interval_start)
WHERE interval_start + '30 minutes'::interval <= nullif(:'as_of', '')::timestamptz
ORDER BY interval_start;
