-- What load_activities loads into: two tables of the two types with their keys,
-- also partitioned, by hand, renamed, moved or replaced. All else is a precise
-- error, and nothing is remembered of tables that are gone.
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
FROM unnest(ARRAY['not_typed', 'same_columns', 'as_select', 'a_view', 'alone', 'with_another',
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
-- with the indexes that are asked for, in another order, a table made by hand is as good
CREATE UNIQUE INDEX ON distinct_nulls (state, start, agent_id, channel_guid, interaction_guid) NULLS NOT DISTINCT;
SELECT * FROM load_activities('distinct_nulls', page(item(channel := 'null'))::json);
SELECT * FROM load_activities('distinct_nulls', page(item(channel := 'null'))::json);
SELECT count(*), out_of_step('distinct_nulls') FROM distinct_nulls;
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
