-- The least that a role needs for the dashboard: run as the owner of the tables, after the views are made.
--
--     psql -v role=dashboard -v table=agent_activity -v pages=pages -f grants.sql
--
-- The views read the tables with the rights of their owner. agent_intervals has the rights of its caller: it reads some
-- columns of activities and presences, without which the panels of occupancy and half hours could not be. Pages, with all
-- that is in them, are read for the health of the data only: without the variable pages nothing is granted on them.
-- USAGE on the schemas of the tables and of the extension is needed too; public has it for everybody.
\set activity_report :table _report
\set participation_report :table _participation_report
\set presences :table _presence

BEGIN;
GRANT SELECT ON :"activity_report", :"participation_report" TO :"role";
GRANT SELECT (agent_id, medium, start, duration_ms, state, status, reason) ON :"table" TO :"role";
GRANT SELECT (agent_id, start, duration_ms, category, eligible_for_routing) ON :"presences" TO :"role";
\if :{?pages}
GRANT SELECT (body, endpoint, requested_start, requested_end, page) ON :"pages" TO :"role";
\endif
COMMIT;
