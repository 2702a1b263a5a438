-- How busy was each half hour of that day? Activities are cut at the half hours, so that the seconds are those really spent
-- in them, also by what began before the day (up to a month). The times add up; counts do not, since what spans two half
-- hours is at work in both. Each slice is in its half hour and in all.
-- Level: activities.
\ir ../day.sql
SELECT coalesce(to_char(half_hour AT TIME ZONE 'UTC', 'MM-DD HH24:MI'), 'all') AS half_hour,
	count(DISTINCT s.agent_id) FILTER (WHERE s.state IN ('Connected', 'Wrap') AND s.reason IS DISTINCT FROM 'Monitor') AS agents,
	handled_participations(s) AS at_work_on,
	round(talk_time(s)::numeric) AS talk_s,
	round(wrap_time(s)::numeric) AS wrap_s,
	round(handle_time(s)::numeric) AS handle_s,
	round(busy_time(s)::numeric) AS busy_s
FROM agent_activity AS a,
	activity_slices(a, '30 minutes') AS s,
	unnest(ARRAY[date_bin('30 minutes', s.start, '2000-01-01 00:00Z'), NULL]) AS half_hour
WHERE a.start >= :'from_time'::timestamptz - '31 days'::interval AND a.start < :'to_time'
	AND activity_end(a) >= :'from_time'
	AND s.start >= :'from_time' AND s.start < :'to_time'
GROUP BY half_hour
ORDER BY half_hour NULLS LAST;
