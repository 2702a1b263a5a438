-- What load_activities loads into: tables that have the columns of the types and
-- their keys, typed or not, partitioned, made by hand, renamed, moved or replaced,
-- also with other columns. All else is a precise error, and nothing is remembered
-- of tables that are gone.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA load_targets;
SET search_path = load_targets, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/loads.sql'
\set page `cat "$PG_ABS_SRCDIR/sql/data/page-interactions.json"`
\set ECHO none
\i :include
\set ECHO all

SELECT create_activity_table('kept');
SELECT * FROM load_activities('kept', :'page'::json);

CREATE TABLE not_typed (a integer);
CREATE TABLE same_columns (LIKE kept INCLUDING ALL);
CREATE TABLE same_columns_participation (LIKE kept_participation INCLUDING ALL);
CREATE TABLE as_select AS TABLE kept;
CREATE VIEW a_view AS TABLE kept;
CREATE VIEW a_view_participation AS TABLE kept_participation;
CREATE TABLE alone OF activity;
CREATE TABLE with_another OF activity;
CREATE TABLE with_another_participation OF activity;
CREATE TABLE with_untyped OF activity;
CREATE TABLE with_untyped_participation (LIKE kept_participation);
CREATE TYPE another AS (LIKE_activity integer);
CREATE TABLE of_another OF another;
CREATE SEQUENCE a_sequence;
CREATE TABLE keyless OF activity;
CREATE TABLE keyless_participation OF participation;
-- an activity without a channel would be stored at every delivery
CREATE TABLE distinct_nulls OF activity (UNIQUE (agent_id, interaction_guid, channel_guid, start, state));
CREATE TABLE distinct_nulls_participation OF participation
    (UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid));
CREATE TABLE partial OF activity
    (UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid, start, state));
CREATE TABLE partial_participation OF participation;
CREATE UNIQUE INDEX ON partial_participation (agent_id, interaction_guid, channel_guid) NULLS NOT DISTINCT WHERE open;
CREATE UNIQUE INDEX ON partial_participation (agent_id, interaction_guid, lower(medium)) NULLS NOT DISTINCT;
\pset format unaligned
\pset tuples_only on
SELECT target || ': ' || refusal(format('SELECT load_activities(%L, %L::json)', target, page(item())))
FROM unnest(ARRAY['not_typed', 'as_select', 'a_view', 'alone', 'with_another',
                  'with_untyped', 'of_another', 'a_sequence', 'kept_participation',
                  'kept_agent_id_interaction_guid_channel_guid_start_state_key', 'activity', 'nowhere',
                  'pg_class', '0', '4294967295', '-', 'keyless', 'distinct_nulls', 'partial']) AS target;
SELECT refusal(format('SELECT load_activities(%L, %L::jsonb)', 'not_typed', page(item())));
SELECT refusal('SELECT load_activities(''not_typed'', ''{}''::activity[])');
SELECT refusal('SELECT load_activities(NULL, ''[]''::json)');
SELECT refusal('SELECT load_activities(NULL, ''[]''::jsonb)');
SELECT refusal('SELECT load_activities(NULL, ''{}''::activity[])');
\pset tuples_only off
\pset format aligned
-- a column that is missing, or of another type, domains and arrays among them; ids that differ and are equal
CREATE DOMAIN milliseconds AS bigint;
CREATE FUNCTION refused_after(change text, relation text DEFAULT 'same_columns') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    EXECUTE format('ALTER TABLE %I %s', relation, change);
    result := refusal(format('SELECT load_activities(''same_columns'', %L::json)', page(item())));
    RAISE EXCEPTION USING MESSAGE = result;
EXCEPTION WHEN raise_exception THEN
    RETURN SQLERRM;
END
$$;
SELECT change || ': ' || refused_after(change)
FROM unnest(ARRAY['DROP medium', 'RENAME medium TO "Medium"', 'ALTER duration_ms TYPE integer', 'ALTER duration_ms TYPE milliseconds', 'ALTER agent_id TYPE varchar',
                  'ALTER state TYPE text', 'ADD added integer NOT NULL']) AS change;
SELECT change || ': ' || refused_after(change, 'same_columns_participation')
FROM unnest(ARRAY['DROP talk_ms', 'ALTER outcome TYPE text']) AS change;
-- ids that differ, and are equal by the collation of their column or of the index (where the server has ICU)
CREATE TABLE ignoring OF activity;
CREATE TABLE ignoring_participation OF participation (UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid));
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_collation WHERE collprovider = 'i') THEN
        CREATE COLLATION ignores_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
        CREATE UNIQUE INDEX ON ignoring (agent_id COLLATE ignores_case, interaction_guid, channel_guid, start, state) NULLS NOT DISTINCT;
    END IF;
END
$$;
SELECT refusal(format('SELECT load_activities(''ignoring'', %L::json)', page(item())));
SELECT table_name, NOT EXISTS (SELECT FROM pg_collation WHERE collname = 'ignores_case')
       OR refused_after('ALTER agent_id TYPE text COLLATE ignores_case', table_name) LIKE '42809 | "load_targets.' || table_name || '" is % | The collation of column "agent_id" is not deterministic. | %' AS refused
FROM unnest(ARRAY['same_columns', 'same_columns_participation']) AS table_name;
-- with the indexes that are asked for, in another order, a table made by hand is as good
CREATE UNIQUE INDEX ON distinct_nulls (state, start, agent_id, channel_guid, interaction_guid) NULLS NOT DISTINCT;
SELECT * FROM load_activities('distinct_nulls', page(item(channel := 'null'))::json);
SELECT * FROM load_activities('distinct_nulls', page(item(channel := 'null'))::json);
SELECT count(*), out_of_step('distinct_nulls') FROM distinct_nulls;
-- nor need it be typed
SELECT * FROM load_activities('same_columns', :'page'::json);
SELECT * FROM load_activities('same_columns', replace(:'page', '"duration":161000', '"duration":161001')::jsonb);
SELECT count(*), out_of_step('same_columns') FROM same_columns;
-- and it may have other columns, in any order, with defaults
CREATE TABLE wide (
    loaded_at timestamptz DEFAULT '2026-04-01Z', medium_manager text, medium text, state interaction_state, account text DEFAULT 'acme', agent_id text COLLATE "C", started_at integer,
    reported_at timestamptz, gone integer, channel_guid uuid, interaction_guid uuid, reason activity_reason, direction interaction_direction, status interaction_status,
    duration_ms bigint, start timestamptz, day date GENERATED ALWAYS AS ((start AT TIME ZONE 'UTC')::date) STORED,
    UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid, start, state));
ALTER TABLE wide DROP gone;
CREATE TABLE wide_participation (account text DEFAULT 'acme', LIKE participation, ended boolean GENERATED ALWAYS AS (ended_at IS NOT NULL) STORED,
    UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid));
CREATE TABLE wide_presence (account text DEFAULT 'acme', name text, LIKE_presence integer, reported_at timestamptz, agent_id text, eligible_for_routing boolean, category presence_category,
    duration_ms bigint, start timestamptz, started_at integer, UNIQUE NULLS NOT DISTINCT (agent_id, start, category));
SELECT * FROM load_activities('wide', :'page'::json);
SELECT * FROM load_activities('wide', replace(:'page', '"duration":161000', '"duration":161001')::jsonb);
SELECT * FROM load_activities('wide', '{"type": "Presence", "category": "Ready", "agentId": "1042", "start": "2026-03-28T20:00:00Z", "duration": 3600000, "name": "Ready"}'::json);
SELECT account, count(*), count(day) AS days, min(loaded_at), out_of_step('wide') FROM wide GROUP BY account;
SELECT account, count(*) FILTER (WHERE ended) AS ended, handle_time(row(started_at, answered_at, disconnected_at, ended_at, answer_ms, ring_ms, talk_ms, parked_ms, wrap_ms, handle_ms,
    monitor_ms, connections, unexpected_attempts, outcome, unexpected_reason, failed_reason, offered, handled, open, has_monitor, status, direction, interaction_guid, channel_guid,
    agent_id, medium, medium_manager, reported_at)::participation)
FROM wide_participation GROUP BY account;
-- the same rows as in a typed table
SELECT count(*) AS differ FROM (
    SELECT agent_id, interaction_guid, channel_guid, start, state, duration_ms, reason, status, direction, medium, medium_manager, reported_at FROM wide
    EXCEPT SELECT agent_id, interaction_guid, channel_guid, start, state, duration_ms, reason, status, direction, medium, medium_manager, reported_at FROM same_columns) AS d;
-- intervals and views read it, too
SELECT sum(handle_ms) AS handle_ms, sum(spent_handle_ms) AS spent_ms FROM activity_intervals('wide', '2026-03-28 00:00Z', '2026-03-30 00:00Z');
SELECT agent_id, busy_ms, ready_ms FROM agent_intervals('wide', '2026-03-28 00:00Z', '2026-03-30 00:00Z', '2 days') ORDER BY agent_id;
SELECT * FROM create_activity_views('wide') AS v ORDER BY v::text COLLATE "C";
SELECT (SELECT sum(handle_ms) FROM wide_report) AS of_activities, (SELECT sum(handle_ms) FROM wide_participation_report) AS of_participations,
       (SELECT sum(handle_ms) FROM wide_interaction_report) AS of_interactions, (SELECT sum(ready_ms) FROM wide_presence_report) AS ready_ms;
-- renamed together, and moved to another schema, they stay together
BEGIN;
CREATE SCHEMA "Elsewhere";
ALTER TABLE kept RENAME TO "Renamed";
ALTER TABLE kept_participation RENAME TO "Renamed_participation";
ALTER TABLE "Renamed" SET SCHEMA "Elsewhere";
ALTER TABLE "Renamed_participation" SET SCHEMA "Elsewhere";
SELECT * FROM load_activities('"Elsewhere"."Renamed"', page(item(start := '"2026-03-29T00:00:00Z"'))::json);
SELECT out_of_step('"Elsewhere"."Renamed"');
ROLLBACK;

-- nor is anything remembered of a table whose name another has now, in
-- whatever way it came by it
SELECT create_activity_table('first');
SELECT * FROM load_activities('first', :'page'::json);
ALTER TABLE first RENAME TO second;
ALTER TABLE first_participation RENAME TO second_participation;
SELECT create_activity_table('first');
SELECT * FROM load_activities('first', :'page'::json);
SELECT * FROM load_activities('second', page(item())::json);
CREATE TABLE other_participations OF participation (UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid));
ALTER TABLE first_participation RENAME TO former_participations;
ALTER TABLE other_participations RENAME TO first_participation;
SELECT * FROM load_activities('first', :'page'::json);
SELECT count(*) AS participations, out_of_step('first'), out_of_step('second') FROM first_participation;
DROP TABLE first, first_participation;
SELECT create_activity_table('first');
SELECT * FROM load_activities('first', :'page'::json);
BEGIN;
ALTER TYPE activity ADD ATTRIBUTE added text CASCADE;
ALTER TYPE participation ADD ATTRIBUTE added text CASCADE;
SELECT * FROM load_activities('first', :'page'::json);
SELECT * FROM load_activities('first', page(item())::json);
SELECT count(added), out_of_step('first') FROM first;
ROLLBACK;
SELECT * FROM load_activities('first', page(item())::json);
SELECT count(*), out_of_step('first') FROM first;
-- and memory is kept for few tables, also of those that are no more
CREATE FUNCTION plans() RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM pg_backend_memory_contexts WHERE name LIKE 'CachedPlan%'
$$;
CREATE PROCEDURE come_and_go(times integer, document json) LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. times LOOP
        PERFORM create_activity_table('passing');
        PERFORM load_activities('passing', document);
        DROP TABLE passing, passing_participation;
        COMMIT;
    END LOOP;
END
$$;
CALL come_and_go(20, :'page');
SELECT plans() AS before \gset
CALL come_and_go(50, :'page');
SELECT plans() - :before < 10 AS few_more;

-- partitioned tables
CREATE TABLE parted OF activity (
    agent_id WITH OPTIONS NOT NULL, interaction_guid WITH OPTIONS NOT NULL, start WITH OPTIONS NOT NULL, state WITH OPTIONS NOT NULL,
    UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid, start, state)) PARTITION BY HASH (agent_id);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE parted_participation OF participation (
    agent_id WITH OPTIONS NOT NULL, interaction_guid WITH OPTIONS NOT NULL,
    UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid)) PARTITION BY HASH (interaction_guid);
CREATE TABLE parted_participation_0 PARTITION OF parted_participation FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_participation_1 PARTITION OF parted_participation FOR VALUES WITH (MODULUS 2, REMAINDER 1);
SELECT * FROM load_activities('parted', :'page'::json);
SELECT * FROM load_activities('parted', :'page'::jsonb);
SELECT * FROM load_activities('parted', replace(:'page', '"duration":161000', '"duration":161001')::json);
SELECT count(DISTINCT tableoid) AS partitions, count(*), handle_time(a), out_of_step('parted') FROM parted AS a;
SELECT count(DISTINCT tableoid) AS partitions, count(*), handle_time(p) FROM parted_participation AS p;

SET client_min_messages = warning;
DROP SCHEMA load_targets CASCADE;
