-- The seven days up to now, and the seven days a week before up to the same time of day.
SELECT week.name AS period,
	coalesce(sum(offered_count), 0)::bigint AS offered,
	coalesce(sum(answered_count), 0)::bigint AS answered,
	round(avg(handle_s_of_handled) FILTER (WHERE medium = :'main_medium')) AS handle_s,
	round(100 * avg(unexpected_of_offered)::numeric, 1) AS unexpected
FROM (VALUES ('this', :'week_from'::timestamptz, :'now'::timestamptz),
             ('before', :'before_from'::timestamptz, :'before_to'::timestamptz)) AS week (name, from_time, to_time)
LEFT JOIN :participation_report ON started_at >= from_time AND started_at <= to_time
GROUP BY week.name;
