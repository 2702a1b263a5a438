-- How does each agent do? Times are in seconds; there is no average where nothing was handled.
-- Level: participations.
SELECT coalesce(agent_id, 'all') AS agent,
	offered_participations(p) AS offered,
	handled_participations(p) AS handled,
	unexpected_participations(p) AS unexpected,
	round(handle_time(p)::numeric) AS handle_s,
	round(average_handle_time(p)::numeric, 1) AS average_handle_s,
	round(100 * unexpected_rate(p)::numeric, 1) AS "unexpected_%"
FROM agent_activity_participation AS p
GROUP BY ROLLUP (agent_id)
ORDER BY agent_id NULLS LAST;
