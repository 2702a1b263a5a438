-- Average handle time by medium and day, or week where there is a year; of the six media with the most contacts.
WITH top AS (
	SELECT medium, sum(handled_count) AS volume FROM :participation_report
	WHERE started_date >= :'trend_from' AND started_at <= :'now' AND handled
	GROUP BY medium ORDER BY volume DESC, medium LIMIT 6
)
SELECT coalesce(medium, 'none given') AS medium,
	to_char(CASE :'bucket' WHEN 'week' THEN started_week ELSE started_date END, 'YYYY-MM-DD') AS bucket,
	sum(handled_count)::bigint AS handled, round(avg(handle_s_of_handled)) AS handle_s
FROM :participation_report AS p JOIN top USING (medium)
WHERE started_date >= :'trend_from' AND started_at <= :'now' AND handled
GROUP BY medium, volume, bucket
ORDER BY volume DESC, medium, bucket;
