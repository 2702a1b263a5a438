-- Why were offers not taken on that day? The rates are of all that was offered in the medium, not of what was not taken.
-- Level: participations.
\ir ../day.sql
SELECT medium,
	coalesce(unexpected_reason::text, CASE GROUPING(unexpected_reason) WHEN 1 THEN 'any' ELSE 'none given' END) AS reason,
	unexpected_participations(p) AS participations,
	round(100.0 * unexpected_participations(p)
		/ nullif(max(offered_participations(p)) OVER (PARTITION BY medium), 0), 1) AS "unexpected_%"
FROM agent_activity_participation AS p
WHERE started_at >= :'from_time' AND started_at < :'to_time'
GROUP BY medium, ROLLUP (unexpected_reason)
HAVING unexpected_participations(p) > 0
ORDER BY medium, GROUPING(unexpected_reason), participations DESC, unexpected_reason;
