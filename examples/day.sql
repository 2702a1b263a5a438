-- Sets the psql variables that bound the reports: from_time and to_time, the UTC day in which the latest activity or
-- presence started, and as_of, when the latest page was requested (empty if no page says so). For another day, set them:
-- psql -v from_time='2026-10-12 00:00Z' -v to_time='2026-10-13 00:00Z' -f examples/reports/agents.sql
\if :{?from_time}
\else
SELECT day AS from_time, day + '24 hours'::interval AS to_time
FROM (SELECT greatest((SELECT max(started_at) FROM agent_activity_participation),
			(SELECT max(start) FROM agent_activity_presence)) AS latest) AS known,
	date_trunc('day', coalesce(latest, now()), 'UTC') AS day
\gset
\endif
\if :{?as_of}
\else
SELECT coalesce(greatest((SELECT max(reported_at) FROM agent_activity_participation),
		(SELECT max(reported_at) FROM agent_activity_presence))::text, '') AS as_of
\gset
\endif
