-- How long was each agent logged in, ready and away on that day in London? Cut at local midnights, so that a day may have
-- 23 or 25 hours, and at the latest page, up to which the presence counts that still lasts. In seconds.
-- Level: intervals.
\ir ../day.sql
SELECT agent_id AS agent, to_char(day, 'YYYY-MM-DD') AS day,
	round(login_ms / 1000.0) AS login_s,
	round(ready_ms / 1000.0) AS ready_s,
	round(away_ms / 1000.0) AS away_s
FROM (SELECT (:'from_time'::timestamptz AT TIME ZONE 'UTC')::date AS day) AS reported,
	agent_intervals('agent_activity', day::timestamp AT TIME ZONE 'Europe/London',
		(day + 1)::timestamp AT TIME ZONE 'Europe/London', '25 hours', as_of => nullif(:'as_of', '')::timestamptz)
WHERE login_ms > 0
ORDER BY agent_id;
