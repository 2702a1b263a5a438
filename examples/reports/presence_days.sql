-- How long was each agent logged in, ready and away on each local day? Presences are cut at local midnights; one that
-- still lasts is left out. In seconds.
-- Level: presences.
WITH in_force AS (
	SELECT agent_id, category, start,
		least(presence_end(p::presence), lead(start) OVER (PARTITION BY agent_id ORDER BY start,
			CASE WHEN duration_ms > 0 THEN 2 WHEN duration_ms IS NULL THEN 1 ELSE 0 END, duration_ms, category)) AS ended_at
	FROM agent_activity_presence AS p)
SELECT agent_id AS agent, local_day::date AS day,
	round(sum(seconds)) AS login_s,
	round(sum(seconds) FILTER (WHERE category = 'Ready')) AS ready_s,
	round(sum(seconds) FILTER (WHERE category IN ('Away', 'ExtendedAway'))) AS away_s
FROM in_force,
	generate_series(date_trunc('day', start AT TIME ZONE 'Europe/Berlin'), ended_at AT TIME ZONE 'Europe/Berlin', '1 day') AS local_day,
	LATERAL (SELECT extract(epoch FROM least(ended_at, (local_day + '1 day'::interval) AT TIME ZONE 'Europe/Berlin')
		- greatest(start, local_day AT TIME ZONE 'Europe/Berlin'))) AS cut (seconds)
WHERE category <> 'LoggedOut' AND seconds > 0
GROUP BY agent_id, local_day
ORDER BY agent_id, local_day;
