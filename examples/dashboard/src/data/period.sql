-- What the dashboard is of. Its now is the last upTo in the data; the time zone is that of the views, which their comments
-- have; all periods are local days up to now. The other queries take what this one returns as variables.
WITH known AS (
	SELECT (SELECT max(reported_at) FROM :activity_report) AS now,
		(SELECT substring(col_description(attrelid, attnum) FROM 'in time zone (\S+)\. ')
		 FROM pg_attribute
		 WHERE attrelid = :'participation_report'::regclass AND attname = 'started_local') AS zone
),
local AS (
	SELECT now, zone, now AT TIME ZONE zone AS local_now, date_trunc('day', now AT TIME ZONE zone) AS today
	FROM known
),
-- more than ten weeks with data are shown by week
trend AS (
	SELECT CASE WHEN (SELECT count(DISTINCT started_week) FROM :participation_report, local
	                  WHERE started_at >= now - '52 weeks'::interval) > 10
		THEN 'week' ELSE 'day' END AS bucket
)
SELECT now::text, zone, bucket, to_char(local_now, 'FMDy FMDD FMMonth YYYY, HH24:MI') AS as_of,
	to_char(today - '6 days'::interval, 'FMDD Mon') AS week_from_label, to_char(today, 'FMDD Mon') AS today_label,
	to_char(today - '28 days'::interval, 'FMDD Mon') AS heat_from_label,
	to_char(today - '1 day'::interval, 'FMDD Mon') AS heat_to_label,
	to_char(today, 'YYYY-MM-DD') AS today,
	-- seven days up to now, and the same seven days a week before
	((today - '6 days'::interval) AT TIME ZONE zone)::text AS week_from,
	((today - '13 days'::interval) AT TIME ZONE zone)::text AS before_from,
	((local_now - '7 days'::interval) AT TIME ZONE zone)::text AS before_to,
	-- today, and the 28 whole days before
	(today AT TIME ZONE zone)::text AS today_from,
	((today - '28 days'::interval) AT TIME ZONE zone)::text AS heat_from,
	-- whole weeks, the last one up to now
	to_char(CASE bucket WHEN 'week' THEN date_trunc('week', today) - '51 weeks'::interval
	        ELSE today - '27 days'::interval END, 'YYYY-MM-DD') AS trend_from,
	to_char(date_trunc('week', today) - CASE bucket WHEN 'week' THEN '51 weeks' ELSE '4 weeks' END::interval,
		'YYYY-MM-DD') AS weeks_from,
	-- the medium with the most contacts: what is shown of one medium is of this one
	(SELECT medium FROM :participation_report
	 WHERE handled AND started_at >= (today - '13 days'::interval) AT TIME ZONE zone AND started_at <= now
	 GROUP BY medium ORDER BY count(*) DESC, medium LIMIT 1) AS main_medium
FROM local, trend;
