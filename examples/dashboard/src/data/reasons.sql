-- Participations with the outcome Unexpected, by reason and week (its Monday).
SELECT unexpected_reason AS reason, to_char(started_week, 'YYYY-MM-DD') AS week, sum(unexpected_count)::bigint AS participations
FROM :participation_report
WHERE unexpected AND started_week >= :'weeks_from' AND started_at <= :'now'
GROUP BY unexpected_reason, unexpected_reason_sort, started_week
ORDER BY unexpected_reason_sort, started_week;
