-- Which agents left the largest part of their offers, and why? NoAnswer rang out, NumberBusy met a busy line,
-- ConnectionUnavailable a line that could not be reached; unexpected_% has the other reasons too.
-- Level: participations.
\ir ../day.sql
SELECT medium, agent_id AS agent,
	offered_participations(p) AS offered,
	unexpected_participations(p) AS unexpected,
	round(100 * unexpected_rate(p)::numeric, 1) AS "unexpected_%",
	round(100 * unexpected_rate(p, 'NoAnswer')::numeric, 1) AS "no_answer_%",
	round(100 * unexpected_rate(p, 'NumberBusy')::numeric, 1) AS "busy_%",
	round(100 * unexpected_rate(p, 'ConnectionUnavailable')::numeric, 1) AS "no_connection_%"
FROM agent_activity_participation AS p
WHERE started_at >= :'from_time' AND started_at < :'to_time'
GROUP BY medium, agent_id
HAVING unexpected_participations(p) > 0
ORDER BY unexpected_rate(p) DESC, medium, agent_id
LIMIT 10;
