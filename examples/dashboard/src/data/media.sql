-- Each medium in the weeks of tiles.sql.
SELECT coalesce(medium, 'none given') AS medium,
	coalesce(sum(offered_count) FILTER (WHERE this_week), 0)::bigint AS offered,
	coalesce(sum(answered_count) FILTER (WHERE this_week), 0)::bigint AS answered,
	coalesce(sum(handled_count) FILTER (WHERE this_week), 0)::bigint AS handled,
	round(avg(handle_s_of_handled) FILTER (WHERE this_week)) AS handle_s,
	round(avg(handle_s_of_handled) FILTER (WHERE NOT this_week)) AS handle_s_before,
	round(100 * (avg(unexpected_of_offered) FILTER (WHERE this_week))::numeric, 1) AS unexpected,
	round(100 * (avg(unexpected_of_offered) FILTER (WHERE NOT this_week))::numeric, 1) AS unexpected_before
FROM (SELECT *, started_at >= :'week_from' AS this_week FROM :participation_report
      WHERE started_at >= :'week_from' AND started_at <= :'now'
         OR started_at >= :'before_from' AND started_at <= :'before_to') AS weeks
GROUP BY medium
ORDER BY sum(handled_count) DESC, medium;
