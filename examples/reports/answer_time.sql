-- How fast did agents take the calls that rang? The time from ringing to the answer, of participations in calls. Offers
-- that were not taken have no such time; unexpected_attempts has each of them, also where the agent took the call later.
-- Level: participations.
\ir ../day.sql
SELECT agent_id AS agent,
	offered_participations(p) AS offered,
	answered_participations(p) AS answered,
	round(average_answer_time(p)::numeric, 1) AS average_answer_s,
	round(max(answer_ms) / 1000.0, 1) AS slowest_answer_s,
	sum(unexpected_attempts) AS unexpected_attempts
FROM agent_activity_participation AS p
WHERE medium = 'Phone' AND started_at >= :'from_time' AND started_at < :'to_time'
GROUP BY agent_id
HAVING offered_participations(p) > 0
ORDER BY average_answer_s DESC NULLS LAST, agent_id;
