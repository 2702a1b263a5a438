-- activity_intervals() and agent_intervals() read with the rights, the policies
-- and the snapshot of their caller, need the tables that they read, and stop
-- when they are cancelled.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA intervals_rights;
SET search_path = intervals_rights, public;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set errors :srcdir '/sql/include/errors.sql'
\set page `cat "$PG_ABS_SRCDIR/sql/data/page-presence.json"`
\set next `cat "$PG_ABS_SRCDIR/sql/data/page-presence-next.json"`
\set ECHO none
\i :errors
\set ECHO all
SELECT create_activity_table('kept');
SELECT l.* FROM load_activities('kept', :'page'::json) AS l;
CREATE VIEW activity_row AS
    SELECT agent_id, sum(participations) AS participations, sum(spent_handle_ms) AS spent_handle_ms
      FROM activity_intervals('kept', '2026-07-14 08:00Z', '2026-07-14 10:00Z') GROUP BY agent_id;
CREATE VIEW agent_row AS
    SELECT agent_id, sum(busy_ms) AS busy_ms, sum(login_ms) AS login_ms
      FROM agent_intervals('kept', '2026-07-14 08:00Z', '2026-07-14 10:00Z') GROUP BY agent_id;
TABLE activity_row;
TABLE agent_row ORDER BY agent_id;

--
-- Rights and policies
--
CREATE ROLE regress_activity_reader;
GRANT USAGE ON SCHEMA intervals_rights TO regress_activity_reader;
\set activity_call 'SELECT count(*), sum(spent_handle_ms) FROM activity_intervals(''kept''::regclass, ''2026-07-14 08:00Z''::timestamptz, ''2026-07-14 10:00Z''::timestamptz, ''30 min'')'
\set agent_call 'SELECT count(*), sum(busy_ms), sum(login_ms) FROM agent_intervals(''kept''::regclass, ''2026-07-14 08:00Z''::timestamptz, ''2026-07-14 10:00Z''::timestamptz)'
SET ROLE regress_activity_reader;
SELECT refusal(:'activity_call');
SELECT refusal(:'agent_call');
RESET ROLE;
GRANT SELECT ON kept TO regress_activity_reader;
SET ROLE regress_activity_reader;
SELECT refusal(:'activity_call');
SELECT refusal(:'agent_call');
RESET ROLE;
GRANT SELECT ON kept_participation, kept_presence TO regress_activity_reader;
ALTER TABLE kept ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_phone ON kept TO regress_activity_reader USING (medium = 'Phone');
ALTER TABLE kept_presence ENABLE ROW LEVEL SECURITY;
CREATE POLICY of_301 ON kept_presence TO regress_activity_reader USING (agent_id = '301');
:activity_call;
:agent_call;
SET ROLE regress_activity_reader;
:activity_call;
:agent_call;
RESET ROLE;

--
-- The caller's snapshot: what a function stores does not change what the query that calls it reads
--
CREATE FUNCTION loaded(page json) RETURNS bigint LANGUAGE sql VOLATILE AS 'SELECT updated FROM load_activities(''kept'', $1)';
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT loaded(:'next'::json) AS updated, (SELECT sum(login_ms) FROM agent_row) AS login_ms;
ROLLBACK;

--
-- The tables
--
CREATE TABLE untyped (a integer);
SELECT refusal($$SELECT activity_intervals('untyped', '2026-01-01Z', '2026-01-02Z')$$);
SELECT refusal($$SELECT agent_intervals('kept_presence', '2026-01-01Z', '2026-01-02Z')$$);
SELECT refusal($$SELECT activity_intervals(0, '2026-01-01Z', '2026-01-02Z')$$);
SELECT create_activity_table('lacking');
DROP TABLE lacking_presence;
SELECT count(*) FROM activity_intervals('lacking', '2026-01-01Z', '2026-01-02Z');
SELECT refusal($$SELECT agent_intervals('lacking', '2026-01-01Z', '2026-01-02Z')$$);
SELECT refusal($$SELECT agent_intervals('lacking', '2026-01-01Z', '2026-01-01Z')$$);
ALTER TABLE lacking_participation OWNER TO regress_activity_reader;
SELECT refusal($$SELECT activity_intervals('lacking', '2026-01-01Z', '2026-01-02Z')$$);

--
-- Arguments: what the messages say
--
SELECT refusal($$SELECT activity_intervals(NULL, '2026-01-01Z', '2026-01-02Z')$$);
SELECT refusal($$SELECT activity_intervals('kept', '2026-01-03Z', '2026-01-02Z')$$);
SELECT refusal($$SELECT activity_intervals('kept', '-infinity', '2026-01-02Z')$$);
SELECT refusal($$SELECT activity_intervals('kept', '2026-01-01Z', '2026-01-02Z', '1 month')$$);
SELECT refusal($$SELECT activity_intervals('kept', '2026-01-01Z', '2026-01-02Z', '1.5 ms')$$);
SELECT refusal($$SELECT agent_intervals('kept', '2026-01-01Z', '2026-01-02Z', as_of => 'infinity')$$);
SELECT refusal($$SELECT agent_intervals('kept', '2026-01-01Z', '2026-01-02Z', NULL)$$);

--
-- Cancelled: a year and more in milliseconds would take hours
--
SELECT create_activity_table('long');
INSERT INTO long (start, duration_ms, state, agent_id, interaction_guid)
    VALUES ('2025-01-01Z', 86400000000, 'Connected', '1', '7c1e0a10-0001-4a00-8000-0000000000a1');
INSERT INTO long_presence (start, duration_ms, category, agent_id) VALUES ('2025-01-01Z', 86400000000, 'Ready', '1');
\set SHOW_CONTEXT never
SET statement_timeout = '300ms';
SELECT count(*) FROM activity_intervals('long', '2025-01-01Z', '2027-01-01Z', '1 ms');
SELECT count(*) FROM agent_intervals('long', '2025-01-01Z', '2027-01-01Z', '1 ms');
RESET statement_timeout;
-- and one interval of it is nothing
SELECT count(*), sum(busy_ms), min(occupancy) FROM agent_intervals('long', '2025-06-01Z', '2025-06-02Z', '1 day');

RESET ALL;
SET client_min_messages = warning;
DROP SCHEMA intervals_rights CASCADE;
DROP ROLE regress_activity_reader;
