-- Where does the time go? Seconds; talk and wrap make up the handle time.
-- Level: participations.
SELECT medium, direction,
	handled_participations(p) AS handled,
	round(talk_time(p)::numeric) AS talk_s,
	round(wrap_time(p)::numeric) AS wrap_s,
	round(handle_time(p)::numeric) AS handle_s,
	round(average_handle_time(p)::numeric, 1) AS average_handle_s
FROM agent_activity_participation AS p
GROUP BY medium, direction
ORDER BY handle_time(p) DESC, medium, direction;
