-- Offers by weekday and hour, in the 28 whole days before today: each weekday four times.
SELECT started_weekday AS weekday, started_hour AS hour, sum(offered_count)::bigint AS offered
FROM :participation_report
WHERE started_at >= :'heat_from' AND started_at < :'today_from' AND offered
GROUP BY started_weekday, started_hour
ORDER BY started_weekday, started_hour;
