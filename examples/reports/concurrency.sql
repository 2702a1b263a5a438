-- Who worked on several things at once? Handle time counts every one of them, busy time the clock on the wall. Of the
-- activities that started on that day, whatever their medium.
-- Level: activities.
\ir ../day.sql
SELECT agent_id AS agent,
	round(handle_time(a)::numeric) AS handle_s,
	round(busy_time(a)::numeric) AS busy_s,
	round((handle_time(a) / nullif(busy_time(a), 0))::numeric, 2) AS at_once_on_average,
	peak_concurrency(a) AS at_once_at_most
FROM agent_activity AS a
WHERE start >= :'from_time' AND start < :'to_time'
GROUP BY agent_id
HAVING busy_time(a) > 0
ORDER BY at_once_on_average DESC, agent_id;
