-- Why were offers not taken? The rates are of all that was offered, not of what was not taken.
-- Level: participations.
SELECT coalesce(unexpected_reason::text, CASE GROUPING(unexpected_reason) WHEN 1 THEN 'any' ELSE 'none given' END) AS reason,
	unexpected_participations(p) AS participations,
	round(100.0 * unexpected_participations(p)
		/ nullif((SELECT offered_participations(p) FROM agent_activity_participation AS p), 0), 1) AS "unexpected_%"
FROM agent_activity_participation AS p
WHERE outcome = 'Unexpected'
GROUP BY ROLLUP (unexpected_reason)
ORDER BY GROUPING(unexpected_reason), participations DESC, unexpected_reason;
