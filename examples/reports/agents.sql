-- How did each agent do on that day, by medium? An average over calls and cases together says nothing. Of the
-- participations that started on it, each under its agent and under all of them; times are in seconds; there is no average
-- where nothing was handled.
-- Level: participations.
\ir ../day.sql
SELECT medium, coalesce(counted_under, 'all') AS agent,
	offered_participations(p) AS offered,
	handled_participations(p) AS handled,
	unexpected_participations(p) AS unexpected,
	round(handle_time(p)::numeric) AS handle_s,
	round(average_handle_time(p)::numeric, 1) AS average_handle_s,
	round(100 * unexpected_rate(p)::numeric, 1) AS "unexpected_%"
FROM agent_activity_participation AS p,
	unnest(ARRAY[agent_id, NULL]) AS counted_under
WHERE started_at >= :'from_time' AND started_at < :'to_time'
GROUP BY medium, counted_under
ORDER BY medium, counted_under NULLS LAST;
