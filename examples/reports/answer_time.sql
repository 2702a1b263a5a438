-- How fast do agents take the calls that ring? The time from ringing to the answer, of participations in calls that rang;
-- an offer that nobody took counts as an attempt, again and again, whatever became of the call later.
-- Level: participations.
SELECT agent_id AS agent,
	offered_participations(p) AS offered,
	answered_participations(p) AS answered,
	round(average_answer_time(p)::numeric, 1) AS average_answer_s,
	round(max(answer_ms) / 1000.0, 1) AS slowest_answer_s,
	sum(unexpected_attempts) AS unexpected_attempts
FROM agent_activity_participation AS p
WHERE medium = 'Phone'
GROUP BY agent_id
HAVING offered_participations(p) > 0
ORDER BY average_answer_s DESC, agent_id;
