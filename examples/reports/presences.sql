-- Who was there when on that day? Times are in UTC and in force: an agent's next presence ends the one before, whatever
-- its duration says; null while it lasts. Ready goes on while the agent works. A presence counts for at most a month.
-- Level: presences.
\ir ../day.sql
SELECT agent_id AS agent,
	to_char(start AT TIME ZONE 'UTC', 'MM-DD HH24:MI') AS since,
	to_char(ended_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI') AS until,
	category, name, eligible_for_routing AS eligible
FROM (SELECT *,
		least(presence_end(p::presence), lead(start) OVER (PARTITION BY agent_id ORDER BY start,
			CASE WHEN duration_ms > 0 THEN 2 WHEN duration_ms IS NULL THEN 1 ELSE 0 END, duration_ms, category)) AS ended_at
	FROM agent_activity_presence AS p
	WHERE start >= :'from_time'::timestamptz - '31 days'::interval) AS in_force
WHERE start < :'to_time' AND (ended_at > greatest(start, :'from_time') OR ended_at IS NULL)
ORDER BY agent_id, start;
