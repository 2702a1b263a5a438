-- Sets the psql variables that bound the reports: from_time and to_time, the UTC day in which the latest activity or
-- presence started, and as_of, when the latest page was requested (empty if no page says so). For another day, set them:
-- psql -v from_time='2026-10-12 00:00Z' -v to_time='2026-10-13 00:00Z' -f examples/reports/agents.sql
\if :{?from_time}
\else
SELECT to_char(day, 'YYYY-MM-DD"T00:00Z"') AS from_time, to_char(day + 1, 'YYYY-MM-DD"T00:00Z"') AS to_time
FROM (SELECT (coalesce(greatest((SELECT max(started_at) FROM agent_activity_participation),
			(SELECT max(start) FROM agent_activity_presence)), now()) AT TIME ZONE 'UTC')::date AS day) AS latest
\gset
\endif
\if :{?as_of}
\else
SELECT coalesce(to_char(greatest((SELECT max(reported_at) FROM agent_activity_participation),
		(SELECT max(reported_at) FROM agent_activity_presence)) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), '') AS as_of
\gset
\endif
