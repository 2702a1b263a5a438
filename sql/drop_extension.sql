-- DROP EXTENSION takes nothing along unless CASCADE says so, and then all that is made of the extension's types: what goes
-- and what stays is listed here. It leaves nothing of its own behind, and created again, in a session that knows the old
-- one, it answers as before.
\set page `cat "$PG_ABS_SRCDIR/sql/data/page-interactions.json"`
\set first_database :DBNAME
SET client_min_messages = warning;
DROP DATABASE IF EXISTS activity_drop;
CREATE DATABASE activity_drop TEMPLATE template0;
\c activity_drop
SET lc_messages = 'C';
SET client_min_messages = warning; -- not what CASCADE drops: that is listed below
\set VERBOSITY terse

-- all that the extension's objects can be used for, beside things that are the user's alone
CREATE TABLE page (number integer PRIMARY KEY, body json);
INSERT INTO page VALUES (1, :'page');
CREATE FUNCTION use_it() RETURNS void LANGUAGE plpgsql AS $use$
BEGIN
    PERFORM create_activity_table('kept');
    PERFORM load_activities('kept', body) FROM page;
    PERFORM create_activity_views('kept');
    CREATE TABLE own (number integer PRIMARY KEY, note text, a activity, p participation, states interaction_state[],
        state interaction_state DEFAULT 'Wrap', ended timestamptz GENERATED ALWAYS AS (activity_end(a)) STORED,
        CONSTRAINT has_ended CHECK (activity_end(a) > '2000-01-01'), CONSTRAINT numbered CHECK (number > 0));
    INSERT INTO own SELECT 1, 'kept', (array_agg(k ORDER BY start, state))[1], participation(k),
        array_agg(DISTINCT state ORDER BY state) FROM kept AS k WHERE agent_id = '2900';
    CREATE INDEX own_end ON own (activity_end(a));
    CREATE INDEX own_note ON own (note);
    CREATE INDEX kept_end ON kept (activity_end(kept::activity));
    CREATE VIEW handled AS SELECT agent_id, handle_time(k) FROM kept AS k GROUP BY agent_id;
    CREATE VIEW notes AS SELECT number, note FROM own;
    CREATE MATERIALIZED VIEW rejected AS SELECT number, e.item FROM page, activity_errors(body) AS e;
    CREATE DOMAIN working AS interaction_state CHECK (VALUE IN ('Connected', 'Wrap'));
    CREATE FUNCTION ended(activity) RETURNS boolean LANGUAGE sql RETURN activity_end($1) IS NOT NULL;
    CREATE OR REPLACE FUNCTION items(jsonb) RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM activities($1)';
END
$use$;
-- in plpgsql, whose plans a session keeps, and which depends on nothing
CREATE FUNCTION answers() RETURNS TABLE (what text, answer text) LANGUAGE plpgsql AS $answers$
BEGIN
    RETURN QUERY
    SELECT 'kept', concat_ws(' ', count(*), handle_time(k), average_handle_time(k), unexpected_rate(k, 'NoAnswer'), busy_time(k),
                             peak_concurrency(k)) FROM kept AS k
    UNION ALL SELECT 'kept_participation', concat_ws(' ', count(*), handle_time(k), average_handle_time(k), unexpected_rate(k, 'NoAnswer'))
      FROM kept_participation AS k
    UNION ALL SELECT 'reports', concat_ws(' ', count(*), sum(handle_s), (SELECT sum(handle_s) FROM kept_participation_report)) FROM kept_report
    UNION ALL SELECT 'own', concat_ws(' ', (a).state, (p).outcome, states, state, ended = activity_end(a)) FROM own
    UNION ALL SELECT 'page', concat_ws(' ', count(*), talk_time(a), wrap_time(a), ring_time(a), (best_known(a)).status)
      FROM page, activities(body) AS a
    UNION ALL SELECT 'handled', string_agg(concat_ws(': ', agent_id, handle_time), ', ' ORDER BY agent_id) FROM handled
    UNION ALL SELECT 'functions', concat_ws(' ', bool_and(ended(a)), max(items(body::jsonb)), count(a::text::activity))
      FROM page, activities(body) AS a WHERE duration_ms IS NOT NULL
    UNION ALL SELECT 'loaded again', concat_ws(' ', inserted, updated, unchanged) FROM page, load_activities('kept', body);
END
$answers$;
-- what there is in schema public that is not the extension's
CREATE FUNCTION objects() RETURNS TABLE (object text) LANGUAGE sql AS $objects$
    SELECT concat_ws(' ', type, identity)
      FROM (SELECT 'pg_class'::regclass, oid, 0 FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind <> 'c'
            UNION ALL SELECT 'pg_class'::regclass, attrelid, attnum FROM pg_attribute
             WHERE attrelid = to_regclass('own') AND attnum > 0 AND NOT attisdropped
            UNION ALL SELECT 'pg_constraint'::regclass, oid, 0 FROM pg_constraint WHERE conrelid = to_regclass('own') AND contype = 'c'
            UNION ALL SELECT 'pg_type'::regclass, oid, 0 FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype = 'd'
            UNION ALL SELECT 'pg_proc'::regclass, oid, 0 FROM pg_proc WHERE pronamespace = 'public'::regnamespace) AS o (class, id, part),
           pg_identify_object(class, id, part)
     WHERE NOT EXISTS (SELECT FROM pg_depend WHERE classid = class AND objid = id AND deptype = 'e');
$objects$;

CREATE EXTENSION activity;
SELECT use_it();
CREATE TABLE first_answers AS SELECT * FROM answers();
TABLE first_answers;
CREATE TABLE first_objects AS SELECT * FROM objects();
-- the extension, its members, and the array types and relations of its types
CREATE TABLE first_members AS
WITH member AS (SELECT classid, objid FROM pg_depend WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass AND
                       refobjid = (SELECT oid FROM pg_extension WHERE extname = 'activity'))
TABLE member
UNION SELECT 'pg_type'::regclass, typarray FROM member JOIN pg_type ON classid = 'pg_type'::regclass AND oid = objid
UNION SELECT 'pg_class'::regclass, typrelid FROM member JOIN pg_type ON classid = 'pg_type'::regclass AND oid = objid WHERE typrelid <> 0
UNION SELECT 'pg_extension'::regclass, oid FROM pg_extension WHERE extname = 'activity';
-- what a catalogue has of them
CREATE VIEW remains AS
    SELECT c.* FROM
        (SELECT 'pg_proc', count(*) FROM pg_proc WHERE ('pg_proc'::regclass, oid) IN (TABLE first_members)
         UNION ALL SELECT 'pg_aggregate', count(*) FROM pg_aggregate WHERE ('pg_proc'::regclass, aggfnoid::oid) IN (TABLE first_members)
         UNION ALL SELECT 'pg_type', count(*) FROM pg_type WHERE ('pg_type'::regclass, oid) IN (TABLE first_members)
         UNION ALL SELECT 'pg_enum', count(*) FROM pg_enum WHERE ('pg_type'::regclass, enumtypid) IN (TABLE first_members)
         UNION ALL SELECT 'pg_class', count(*) FROM pg_class WHERE ('pg_class'::regclass, oid) IN (TABLE first_members)
         UNION ALL SELECT 'pg_attribute', count(*) FROM pg_attribute WHERE ('pg_class'::regclass, attrelid) IN (TABLE first_members)
         UNION ALL SELECT 'pg_extension', count(*) FROM pg_extension WHERE ('pg_extension'::regclass, oid) IN (TABLE first_members)
         UNION ALL SELECT 'pg_description', count(*) FROM pg_description WHERE (classoid, objoid) IN (TABLE first_members)
         UNION ALL SELECT 'pg_depend', count(*) FROM pg_depend
                    WHERE (classid, objid) IN (TABLE first_members) OR (refclassid, refobjid) IN (TABLE first_members)
         UNION ALL SELECT 'of the library', count(*) FROM pg_proc WHERE probin LIKE '%activity') AS c (catalogue, number)
     WHERE number > 0;
SELECT catalogue, number > 0 AS has_some FROM remains ORDER BY catalogue COLLATE "C";

--
-- Without CASCADE: refused, and nothing has changed
--
DROP EXTENSION activity;
\echo :LAST_ERROR_SQLSTATE
DROP EXTENSION activity RESTRICT;
SELECT count(*) AS answers, count(first) AS same FROM answers() AS now LEFT JOIN first_answers AS first USING (what, answer);

--
-- With CASCADE: the tables of create_activity_table() are gone, with all that they kept, and of others the columns
--
BEGIN;
DROP EXTENSION activity CASCADE;
SELECT object AS gone FROM (TABLE first_objects EXCEPT SELECT * FROM objects()) AS o ORDER BY object COLLATE "C";
SELECT object AS "left" FROM objects() AS o WHERE object NOT LIKE '%first_%' ORDER BY object COLLATE "C";
SELECT * FROM own;
SELECT * FROM notes;
SELECT number, json_array_length(body -> 'items') FROM page;
TABLE remains;
SAVEPOINT dropped;
SELECT * FROM answers();
ROLLBACK TO dropped;
SELECT items(body::jsonb) FROM page;
ROLLBACK;
SELECT count(*) AS answers, count(first) AS same FROM answers() AS now LEFT JOIN first_answers AS first USING (what, answer);
SELECT count(*) AS gone FROM (TABLE first_objects EXCEPT SELECT * FROM objects()) AS o;

--
-- The dependants dropped one by one, it goes without CASCADE, and leaves nothing
--
DROP VIEW kept_report, kept_participation_report, kept_interaction_report, kept_presence_report, handled;
DROP TABLE kept, kept_participation, kept_presence;
DROP MATERIALIZED VIEW rejected;
DROP DOMAIN working;
DROP FUNCTION ended(activity);
DROP INDEX own_end;
DROP EXTENSION activity;
ALTER TABLE own DROP a CASCADE, DROP p, DROP states;
DROP EXTENSION activity;
ALTER TABLE own DROP state;
-- a label of the user's goes with its type
ALTER TYPE interaction_state ADD VALUE 'Consulting';
SELECT state FROM activities('{"agentId": "1", "start": "2026-03-28T23:40:26Z", "state": "Consulting",
    "interaction": {"guid": "7c1e0a10-0001-4a00-8000-0000000000a1"}}'::json);
DROP EXTENSION activity;
TABLE remains;
DROP TABLE own CASCADE;

--
-- Created again, in the session that has used the old one: the same answers, from types with other OIDs, and no old label
--
CREATE EXTENSION activity;
SELECT count(*) AS members, count(first) AS known FROM pg_depend AS now LEFT JOIN first_members AS first USING (classid, objid)
 WHERE deptype = 'e' AND classid = 'pg_type'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'activity')
       AND objid NOT IN (SELECT typarray FROM pg_type);
SELECT use_it();
SELECT count(*) AS answers, count(first) AS same FROM answers() AS now LEFT JOIN first_answers AS first USING (what, answer);
SELECT activities('{"agentId": "1", "start": "2026-03-28T23:40:26Z", "state": "Consulting",
    "interaction": {"guid": "7c1e0a10-0001-4a00-8000-0000000000a1"}}'::json);
-- and ten times, in one transaction
DO $$
DECLARE
    same bigint;
BEGIN
    FOR i IN 1 .. 10 LOOP
        DROP EXTENSION activity CASCADE;
        DROP TABLE own CASCADE;
        CREATE EXTENSION activity;
        PERFORM use_it();
        SELECT count(*) INTO same FROM answers() JOIN first_answers USING (what, answer);
        ASSERT same = 8;
    END LOOP;
END
$$;
SELECT count(*) AS answers, count(first) AS same FROM answers() AS now LEFT JOIN first_answers AS first USING (what, answer);

\c :"first_database"
DROP DATABASE activity_drop;
