-- Which agents leave the most offers, and why? The reasons tell someone who is away from a bad line.
-- Level: participations.
SELECT agent_id AS agent,
	offered_participations(p) AS offered,
	unexpected_participations(p) AS unexpected,
	round(100 * unexpected_rate(p)::numeric, 1) AS "unexpected_%",
	round(100 * unexpected_rate(p, 'NoAnswer')::numeric, 1) AS "no_answer_%",
	round(100 * unexpected_rate(p, 'NumberBusy')::numeric, 1) AS "busy_%",
	round(100 * unexpected_rate(p, 'ConnectionUnavailable')::numeric, 1) AS "no_connection_%"
FROM agent_activity_participation AS p
GROUP BY agent_id
HAVING unexpected_participations(p) > 0
ORDER BY unexpected_rate(p) DESC, agent_id
LIMIT 10;
