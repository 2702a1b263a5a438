-- Why were offers not taken on that day? The rates are of all that was offered in the medium, not of what was not taken.
-- Each participation is counted under its reason and under any.
-- Level: participations.
\ir ../day.sql
SELECT medium, reason,
	unexpected_participations(p) AS participations,
	round(100.0 * unexpected_participations(p)
		/ nullif(max(offered_participations(p)) OVER (PARTITION BY medium), 0), 1) AS "unexpected_%"
FROM agent_activity_participation AS p,
	unnest(ARRAY[coalesce(unexpected_reason::text, 'none given'), 'any']) AS reason
WHERE started_at >= :'from_time' AND started_at < :'to_time'
GROUP BY medium, reason
HAVING unexpected_participations(p) > 0
ORDER BY medium, reason = 'any', participations DESC, reason COLLATE "C";
