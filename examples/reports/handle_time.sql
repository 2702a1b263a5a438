-- Where did the time go? Seconds of the participations that started on that day; talk and wrap make up the handle time.
-- Level: participations.
\ir ../day.sql
SELECT medium, direction,
	handled_participations(p) AS handled,
	round(talk_time(p)::numeric) AS talk_s,
	round(wrap_time(p)::numeric) AS wrap_s,
	round(handle_time(p)::numeric) AS handle_s,
	round(average_handle_time(p)::numeric, 1) AS average_handle_s
FROM agent_activity_participation AS p
WHERE started_at >= :'from_time' AND started_at < :'to_time'
GROUP BY medium, direction
ORDER BY handle_time(p) DESC, medium, direction;
