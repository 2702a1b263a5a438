-- How many participations in calls came to their end in each half hour, and how long had they taken? Each counts once, with
-- all of its time, in the half hour in which it ended, and once more under all; what has not ended is in none. No call lasts
-- for a day.
-- Level: participations.
\ir ../day.sql
SELECT coalesce(to_char(half_hour AT TIME ZONE 'UTC', 'MM-DD HH24:MI'), 'all') AS half_hour,
	offered_participations(p) AS offered,
	handled_participations(p) AS handled,
	unexpected_participations(p) AS unexpected,
	round(handle_time(p)::numeric) AS handle_s,
	round(average_handle_time(p)::numeric, 1) AS average_handle_s
FROM agent_activity_participation AS p,
	unnest(ARRAY[date_bin('30 minutes', ended_at, '2000-01-01 00:00Z'), NULL]) AS half_hour
WHERE medium = 'Phone' AND ended_at >= :'from_time' AND ended_at < :'to_time'
	AND started_at >= :'from_time'::timestamptz - '1 day'::interval AND started_at < :'to_time'
GROUP BY half_hour
ORDER BY half_hour NULLS LAST;
