-- The extension is trusted: its script runs as a superuser where any owner of a database says so. Nothing that the owner
-- has planted before runs with those rights, takes the place of anything of the extension's, or changes a result.
\set first_database :DBNAME
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP DATABASE IF EXISTS activity_hostile;
DROP ROLE IF EXISTS regress_activity_hostile, regress_activity_victim, regress_activity_guest;
CREATE ROLE regress_activity_hostile LOGIN;
CREATE ROLE regress_activity_victim;
CREATE ROLE regress_activity_guest;
CREATE DATABASE activity_hostile TEMPLATE template0 OWNER regress_activity_hostile;
\c activity_hostile
SET lc_messages = 'C';
SET client_min_messages = warning;
SET SESSION AUTHORIZATION regress_activity_hostile;

-- a trap tells who fell into it
CREATE SCHEMA trap;
CREATE TABLE trap.caught (by_whom name, how text);
GRANT ALL ON SCHEMA trap TO PUBLIC;
GRANT ALL ON trap.caught TO PUBLIC;
CREATE FUNCTION trap.spring(how text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO trap.caught VALUES (current_user, how);
    RETURN false;
END
$$;
-- in the schema that the extension goes into, in one before it, and in the owner's own temporary schema: functions and
-- operators that match better than pg_catalog's, types, tables
CREATE SCHEMA before;
CREATE FUNCTION trap.plant(planted_in text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    planted record;
BEGIN
    EXECUTE replace($x$
        CREATE FUNCTION here.format(text, text, text) RETURNS text LANGUAGE sql AS 'SELECT NULL::pg_catalog.text FROM trap.spring(''format'')';
        CREATE FUNCTION here.format(text, name, name) RETURNS text LANGUAGE sql AS 'SELECT NULL::pg_catalog.text FROM trap.spring(''format'')';
        CREATE FUNCTION here.count(text) RETURNS bigint LANGUAGE sql AS 'SELECT 0::pg_catalog.int8 FROM trap.spring(''count'')';
        CREATE FUNCTION here.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::pg_catalog.timestamptz FROM trap.spring(''now'')';
        CREATE FUNCTION here.parse_ident(text) RETURNS text[] LANGUAGE sql AS 'SELECT NULL::pg_catalog.text[] FROM trap.spring(''parse_ident'')';
        CREATE FUNCTION here.array_position(text[], name) RETURNS integer LANGUAGE sql AS 'SELECT 0 FROM trap.spring(''array_position'')';
        CREATE TYPE here.timestamptz AS ENUM ('not a time');
        CREATE DOMAIN here.uuid AS text;
        CREATE DOMAIN here.text AS bytea;
        CREATE DOMAIN here.name AS text;
        CREATE TYPE here.jsonb AS (nothing integer);
        CREATE TYPE here.json AS (nothing integer);
        CREATE TABLE here.pg_class (oid oid, relname name);
        CREATE TABLE here.pg_enum (enumlabel text)
    $x$, 'here', planted_in);
    -- where the extension goes these would be in its way: that is tried below
    IF planted_in <> 'public' THEN
        EXECUTE replace($x$
            CREATE TYPE here.activity AS (nothing integer);
            CREATE TYPE here.participation AS (nothing integer);
            CREATE TYPE here.interaction_state AS ENUM ('Planted');
            CREATE TYPE here.activity_reason AS ENUM ('Planted')
        $x$, 'here', planted_in);
    END IF;
    FOR planted IN
        SELECT what, 'trap_' || nr AS name, split_part(what, ' ', 1) AS left_type, split_part(what, ' ', 2) AS operator,
               split_part(what, ' ', 3) AS right_type, split_part(what, ' ', 4) AS result
          FROM unnest(ARRAY['anyenum = text bool', 'anyelement = anyelement bool', 'name = name bool', 'oid = oid bool',
                   'text = text bool', 'int8 = int4 bool', 'text < text bool', 'int2 > int4 bool',
                   'int4 > int4 bool', 'int4 - int4 int4', 'text || text text', 'name || text text', 'text[] || text[] text[]',
                   'int8 + int8 int8', 'int8 - int8 int8', 'int8 * int8 int8', 'int8 / int8 int8', 'int8 / numeric numeric', 'int8 / float8 float8',
                   'int8 > int8 bool', 'int8 >= int8 bool', 'int8 || text text',
                   'interval + interval interval', 'interval - interval interval', 'interval * int8 interval', 'int8 * interval interval',
                   'interval / int8 interval', 'interval > interval bool', 'interval >= interval bool', 'interval || text text',
                   'timestamptz + interval timestamptz', 'timestamptz - interval timestamptz', 'timestamptz - timestamptz interval',
                   'timestamptz > timestamptz bool', 'timestamptz >= timestamptz bool', 'timestamptz || text text']) WITH ORDINALITY AS o (what, nr)
    LOOP
        EXECUTE format('CREATE FUNCTION %s.%I(%s, %s) RETURNS %s LANGUAGE sql AS %L', planted_in, planted.name, planted.left_type,
            planted.right_type, planted.result, format('SELECT NULL::pg_catalog.%s FROM trap.spring(%L)', planted.result, planted.what));
        EXECUTE format('CREATE OPERATOR %s.%s (FUNCTION = %1$s.%3$I, LEFTARG = %4$s, RIGHTARG = %5$s)', planted_in, planted.operator,
            planted.name, planted.left_type, planted.right_type);
    END LOOP;
END
$$;
SELECT trap.plant('public'), trap.plant('before');
ALTER DATABASE activity_hostile SET search_path = before, public, pg_catalog;
\c activity_hostile
SET lc_messages = 'C';
SET client_min_messages = warning;
SET SESSION AUTHORIZATION regress_activity_hostile;
SHOW search_path;
SELECT trap.plant('pg_temp');

-- what has a name of the extension's own is in its way: a clear error, nothing is replaced
CREATE FUNCTION public.activity_library_version(needed pg_catalog.text DEFAULT '0') RETURNS pg_catalog.text
    LANGUAGE sql AS 'SELECT NULL::pg_catalog.text FROM trap.spring(''version'')';
CREATE EXTENSION activity SCHEMA public;
DROP FUNCTION public.activity_library_version(pg_catalog.text);
CREATE TYPE public.interaction_state AS ENUM ('Planted');
CREATE EXTENSION activity SCHEMA public;
DROP TYPE public.interaction_state;
CREATE FUNCTION public.handle_time(integer) RETURNS pg_catalog.text LANGUAGE sql AS 'SELECT NULL::pg_catalog.text FROM trap.spring(''handle_time'')';
CREATE EXTENSION activity SCHEMA public;
BEGIN;
SET LOCAL search_path = pg_catalog;
SELECT count(*) > 60 AS members, bool_and(rolsuper) AS of_a_superuser
  FROM pg_depend AS d JOIN pg_proc AS p ON classid = 'pg_proc'::regclass AND objid = p.oid
  JOIN pg_roles AS r ON r.oid = proowner
 WHERE refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
   AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'activity');
COMMIT;

-- a victim works in the database, with the owner's search_path
GRANT USAGE ON SCHEMA before TO PUBLIC;
GRANT CREATE ON SCHEMA public, before TO regress_activity_victim;
CREATE TABLE public.pages (body pg_catalog.jsonb);
INSERT INTO public.pages VALUES ('{"upTo": "2026-03-29T00:00:00Z", "items": [
    {"agentId": "1042", "start": "2026-03-28T23:40:00Z", "state": "Ringing", "duration": 5000, "status": "Completed",
     "interaction": {"guid": "7c1e0a10-0001-4a00-8000-0000000000a1", "direction": "Inbound", "medium": "Phone"}},
    {"agentId": "1042", "start": "2026-03-28T23:40:05Z", "state": "Connected", "duration": 60000, "status": "Completed",
     "interaction": {"guid": "7c1e0a10-0001-4a00-8000-0000000000a1", "direction": "Inbound", "medium": "Phone"}}]}');
GRANT SELECT ON public.pages TO PUBLIC;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_activity_victim;
SELECT current_schemas(false);
SELECT public.create_activity_table('public.kept');
SELECT inserted, updated, unchanged FROM public.pages, public.load_activities('public.kept', body);
SELECT public.create_activity_table('public.in_batches');
CALL public.load_pages('public.in_batches', 'public.pages', 'body');
SELECT public.create_activity_views('public.kept');
SELECT agent_id, handle_time(k), average_handle_time(k), unexpected_rate(k), busy_time(k), (participation(k)).outcome
  FROM public.kept AS k GROUP BY agent_id;
SELECT agent_id, state, state_sort, handle_s FROM public.kept_report ORDER BY state_sort;
SELECT s.start, s.duration_ms FROM public.kept AS k, activity_slices(k, '30 seconds') AS s
 WHERE k.state OPERATOR(pg_catalog.=) 'Connected';
SELECT key, code FROM public.pages, activity_errors('[{"agentId": true}]'::pg_catalog.jsonb);


-- the owner, who is no superuser, and the victim call every function and aggregate, in every form, in the midst of what is
-- planted: the answers are those of a superuser with nothing around
RESET SESSION AUTHORIZATION;
CREATE SCHEMA calls;
SET search_path = calls, pg_catalog, pg_temp;
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/callable.sql'
\set ECHO none
\i :include
\set ECHO all
CREATE TABLE answer (by_whom name DEFAULT current_user, oid oid, signature text, answer text);
INSERT INTO answer (oid, signature, answer) SELECT oid, signature, call(statement) FROM sample_call;
DROP TABLE called, called_participation, called_presence, called_too, called_too_participation, called_too_presence CASCADE;
\pset format unaligned
SELECT signature, left(answer, 400) AS answer FROM answer ORDER BY signature COLLATE "C";
\pset format aligned
GRANT USAGE ON SCHEMA calls TO PUBLIC;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA calls TO PUBLIC;
RESET search_path;
SET SESSION AUTHORIZATION regress_activity_hostile;
INSERT INTO calls.answer (oid, signature, answer) SELECT oid, signature, calls.call(statement) FROM calls.sample_call;
DROP TABLE before.called, before.called_participation, before.called_presence, before.called_too, before.called_too_participation, before.called_too_presence CASCADE;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_activity_victim;
INSERT INTO calls.answer (oid, signature, answer) SELECT oid, signature, calls.call(statement) FROM calls.sample_call;
DROP TABLE before.called, before.called_participation, before.called_presence, before.called_too, before.called_too_participation, before.called_too_presence CASCADE;
RESET SESSION AUTHORIZATION;
-- and a guest, who may create nothing
SET SESSION AUTHORIZATION regress_activity_guest;
INSERT INTO calls.answer (oid, signature, answer) SELECT oid, signature, calls.call(statement) FROM calls.sample_call;
RESET SESSION AUTHORIZATION;
SET search_path = pg_catalog, pg_temp;
SELECT a.by_whom, count(*) AS calls, count(*) FILTER (WHERE a.answer = s.answer) AS same
  FROM calls.answer AS a JOIN calls.answer AS s USING (oid) JOIN pg_roles ON rolname = s.by_whom AND rolsuper
 WHERE a.by_whom <> s.by_whom GROUP BY a.by_whom ORDER BY a.by_whom;
SELECT a.by_whom, split_part(a.signature, '(', 1) AS function, a.answer
  FROM calls.answer AS a JOIN calls.answer AS s USING (oid) JOIN pg_roles ON rolname = s.by_whom AND rolsuper
 WHERE a.by_whom <> s.by_whom AND a.answer <> s.answer ORDER BY a.by_whom, a.signature COLLATE "C";
RESET search_path;

-- without privileges: PostgreSQL's own errors, by the caller's rights
SET SESSION AUTHORIZATION regress_activity_hostile;
SELECT calls.call('SELECT inserted FROM public.pages, public.load_activities(''public.kept'', body)');
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_activity_guest;
SELECT calls.call('SELECT inserted FROM public.pages, public.load_activities(''public.kept'', body)');
SELECT calls.call('SELECT public.create_activity_views(''public.kept'')');
SELECT calls.call('SELECT public.create_activity_table(''public.another'')');
RESET SESSION AUTHORIZATION;
-- views show no more than whoever made them may see
BEGIN;
DROP VIEW public.kept_report, public.kept_participation_report, public.kept_interaction_report, public.kept_presence_report;
SET LOCAL SESSION AUTHORIZATION regress_activity_hostile;
SELECT public.create_activity_views('public.kept');
SELECT handle_s FROM public.kept_report;
ROLLBACK;

-- a table of participations that another role has put beside one's own: an error, whatever it would have let happen
SET SESSION AUTHORIZATION regress_activity_victim;
CREATE TABLE public.lonely OF public.activity (UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid, start, state));
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_activity_hostile;
CREATE TABLE public.lonely_participation OF public.participation (UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid),
    CHECK (trap.spring('a constraint of lonely_participation')));
GRANT ALL ON public.lonely_participation TO PUBLIC;
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_activity_victim;
SELECT calls.call('SELECT inserted FROM public.pages, public.load_activities(''public.lonely'', body)');
SELECT calls.call('SELECT public.create_activity_views(''public.lonely'')');
SELECT pg_catalog.count(*) FROM public.lonely;
RESET SESSION AUTHORIZATION;

-- rights taken away between two loads, also from a session that has plans for the table: an error, and nothing is loaded
CREATE VIEW trap.loaded AS
    SELECT (SELECT pg_catalog.count(*) FROM public.kept) AS activities, (SELECT pg_catalog.count(*) FROM public.kept_participation) AS participations;
CREATE FUNCTION trap.load_at(start pg_catalog.text, OUT inserted bigint) LANGUAGE sql SECURITY INVOKER BEGIN ATOMIC
    SELECT l.inserted FROM public.load_activities('public.kept', pg_catalog.jsonb_build_object('agentId', '7', 'start', start, 'state', 'Wrap',
        'interaction', '{"guid": "7c1e0a10-0002-4a00-8000-0000000000a1"}'::pg_catalog.jsonb)) AS l;
END;
GRANT SELECT ON trap.loaded TO PUBLIC;
SET SESSION AUTHORIZATION regress_activity_victim;
SELECT trap.load_at('2026-03-28T23:50:00Z');
TABLE trap.loaded;
RESET SESSION AUTHORIZATION;
REVOKE EXECUTE ON FUNCTION public.activity_is_better_known(public.activity, public.activity) FROM PUBLIC;
SET SESSION AUTHORIZATION regress_activity_victim;
SELECT calls.call('SELECT trap.load_at(''2026-03-28T23:51:00Z'')');
RESET SESSION AUTHORIZATION;
GRANT EXECUTE ON FUNCTION public.activity_is_better_known(public.activity, public.activity) TO PUBLIC;
REVOKE EXECUTE ON FUNCTION public.participation(public.activity) FROM PUBLIC;
SET SESSION AUTHORIZATION regress_activity_victim;
SELECT calls.call('SELECT trap.load_at(''2026-03-28T23:51:00Z'')');
RESET SESSION AUTHORIZATION;
GRANT EXECUTE ON FUNCTION public.participation(public.activity) TO PUBLIC;
-- the extension in a schema that the victim may not use: what others have bound to it still answers, but a load, which
-- names it anew, does not
CREATE SCHEMA elsewhere;
ALTER EXTENSION activity SET SCHEMA elsewhere;
SET SESSION AUTHORIZATION regress_activity_victim;
SELECT calls.call('SELECT elsewhere.load_activities(''public.kept'', ''[]''::pg_catalog.jsonb)');
SELECT calls.call('SELECT trap.load_at(''2026-03-28T23:51:00Z'')');
TABLE trap.loaded;
SELECT agent_id, handle_s FROM public.kept_report WHERE handle_s > 0;
RESET SESSION AUTHORIZATION;
GRANT USAGE ON SCHEMA elsewhere TO regress_activity_victim;
SET SESSION AUTHORIZATION regress_activity_victim;
SELECT calls.call('SELECT trap.load_at(''2026-03-28T23:51:00Z'')');
TABLE trap.loaded;
RESET SESSION AUTHORIZATION;
ALTER EXTENSION activity SET SCHEMA public;

REVOKE EXECUTE ON FUNCTION public.activities(pg_catalog.jsonb, pg_catalog.text) FROM PUBLIC;
REVOKE USAGE ON TYPE public.activity FROM PUBLIC;
SET SESSION AUTHORIZATION regress_activity_victim;
SELECT calls.call('SELECT FROM public.pages, public.activities(body)');
SELECT calls.call('SELECT public.create_activity_table(''public.another'')');
RESET SESSION AUTHORIZATION;

-- the trap works, for functions, operators and types, and nobody else fell into it
SET SESSION AUTHORIZATION regress_activity_hostile;
SELECT 1::oid = 1::oid AS oid, 2::pg_catalog.int8 + 2::pg_catalog.int8 AS int8, 1::pg_catalog.int8 / 2::pg_catalog.float8 AS float8,
       now() > now() AS timestamptz, ARRAY['a'::pg_catalog.text] || ARRAY['b'::pg_catalog.text] AS texts;
SELECT 'Ringing'::interaction_state;
SELECT '[]'::jsonb;
RESET SESSION AUTHORIZATION;
SELECT by_whom, how FROM trap.caught GROUP BY by_whom, how ORDER BY by_whom, how COLLATE "C";
\c :"first_database"
SET client_min_messages = warning;
DROP DATABASE activity_hostile;
DROP ROLE regress_activity_hostile, regress_activity_victim, regress_activity_guest;
