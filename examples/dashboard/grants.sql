-- All that a role needs for the dashboard: run as the owner of the tables, after ./script/dashboard --time-zone ZONE.
--
--     psql -v role=dashboard -v table=agent_activity -v pages=pages -f grants.sql
--
-- The views and the function read the tables with the rights of their owners, so the role needs no right on a table. The
-- health of the data is read from the view PAGES_health: without the variable pages nothing is granted on it.
-- USAGE on the schemas of the tables and of the extension is needed too; public has it for everybody.
\set activity_report :table _report
\set participation_report :table _participation_report
\set intervals :table _agent_intervals

BEGIN;
GRANT SELECT ON :"activity_report", :"participation_report" TO :"role";
GRANT EXECUTE ON FUNCTION :"intervals" TO :"role";
\if :{?pages}
\set health :pages _health
GRANT SELECT ON :"health" TO :"role";
\endif
COMMIT;
