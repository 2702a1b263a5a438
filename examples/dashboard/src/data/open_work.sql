-- Activities that are open, by medium and age. Stale is what no page of the last day reported: open work comes again with
-- every poll (include=Processed), so the end of these was missed.
SELECT coalesce(medium, 'none given') AS medium,
	count(*) FILTER (WHERE NOT stale AND age < '1 hour'::interval) AS hour,
	count(*) FILTER (WHERE NOT stale AND age >= '1 hour'::interval AND age < '1 day'::interval) AS day,
	count(*) FILTER (WHERE NOT stale AND age >= '1 day'::interval AND age < '7 days'::interval) AS week,
	count(*) FILTER (WHERE NOT stale AND age >= '7 days'::interval) AS older,
	count(*) FILTER (WHERE stale) AS stale
FROM (SELECT medium, :'now'::timestamptz - started_at AS age,
		reported_at < :'now'::timestamptz - '1 day'::interval AS stale
      FROM :activity_report
      WHERE open AND NOT monitor) AS open_activities
GROUP BY medium
ORDER BY count(*) DESC, medium;
