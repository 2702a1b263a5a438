-- Agents logged in, ready and busy in each half hour of today up to now, on average over the half hour. Presences that go
-- on count up to now. Busy is finished work, without the media in the background, as in occupancy.sql.
SELECT to_char(half_hour AT TIME ZONE :'zone', 'HH24:MI') AS half_hour,
	round(coalesce(logged_in_ms, 0) / 1800000.0, 1) AS logged_in,
	round(coalesce(ready_ms, 0) / 1800000.0, 1) AS ready,
	round(coalesce(busy_ms, 0) / 1800000.0, 1) AS busy
FROM generate_series(:'today_from'::timestamptz, :'now'::timestamptz, '30 minutes'::interval) AS half_hour
LEFT JOIN (
	SELECT interval_start, sum(login_ms) AS logged_in_ms, sum(ready_ms) AS ready_ms
	FROM :agent_intervals(:'today_from'::timestamptz, :'today_from'::timestamptz + '25 hours'::interval, '30 minutes'::interval,
		:'now'::timestamptz, NULL)
	GROUP BY interval_start) AS presences ON presences.interval_start = half_hour
LEFT JOIN (
	SELECT interval_start, sum(busy_ms) AS busy_ms
	FROM (SELECT coalesce(array_agg(DISTINCT medium), '{}') AS names FROM :participation_report
	      WHERE medium <> ALL (:'background') AND started_at >= :'before_from' AND started_at <= :'now') AS media,
		:agent_intervals(:'today_from'::timestamptz, :'today_from'::timestamptz + '25 hours'::interval, '30 minutes'::interval,
			NULL, media.names)
	GROUP BY interval_start) AS work ON work.interval_start = half_hour
WHERE half_hour < :'now'::timestamptz
ORDER BY half_hour.half_hour;
