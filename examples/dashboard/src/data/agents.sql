-- Each agent with the main medium, in the seven days up to now.
SELECT agent_id AS agent, sum(offered_count)::bigint AS offered, sum(handled_count)::bigint AS handled,
	round(avg(handle_s_of_handled)) AS handle_s, round(100 * avg(unexpected_of_offered)::numeric, 1) AS unexpected
FROM :participation_report
WHERE medium = :'main_medium' AND offered AND started_at >= :'week_from' AND started_at <= :'now'
GROUP BY agent_id
ORDER BY avg(unexpected_of_offered) DESC, sum(offered_count) DESC, agent_id COLLATE "C";
