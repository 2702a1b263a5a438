-- The extension is trusted: its script runs as a superuser where any owner of a database says so. Nothing that the owner
-- has planted before runs with those rights, takes the place of anything of the extension's, or changes a result.
\set first_database :DBNAME
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP DATABASE IF EXISTS activity_hostile;
DROP ROLE IF EXISTS regress_activity_hostile, regress_activity_victim;
CREATE ROLE regress_activity_hostile LOGIN;
CREATE ROLE regress_activity_victim;
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
-- in the schema that the extension goes into, in one before it, and in the owner's own temporary schema: functions that
-- match better than pg_catalog's, operators, casts, types, tables
CREATE SCHEMA before;
CREATE FUNCTION trap.plant(planted_in text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE replace($x$
        CREATE FUNCTION here.format(text, text, text) RETURNS text LANGUAGE sql AS 'SELECT trap.spring(''format'')::text';
        CREATE FUNCTION here.format(text, name, name) RETURNS text LANGUAGE sql AS 'SELECT trap.spring(''format'')::text';
        CREATE FUNCTION here.count(text) RETURNS bigint LANGUAGE sql AS 'SELECT trap.spring(''count'')::integer';
        CREATE FUNCTION here.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT NULL::timestamptz FROM trap.spring(''now'')';
        CREATE FUNCTION here.parse_ident(text) RETURNS text[] LANGUAGE sql AS 'SELECT ARRAY[trap.spring(''parse_ident'')::text]';
        CREATE FUNCTION here.array_position(text[], name) RETURNS integer LANGUAGE sql AS 'SELECT trap.spring(''array_position'')::integer';
        CREATE FUNCTION here.equal(name, name) RETURNS boolean LANGUAGE sql AS 'SELECT trap.spring(''= of name'')';
        CREATE FUNCTION here.equal(oid, oid) RETURNS boolean LANGUAGE sql AS 'SELECT trap.spring(''= of oid'')';
        CREATE FUNCTION here.less(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT trap.spring(''<'')';
        CREATE OPERATOR here.= (FUNCTION = here.equal, LEFTARG = name, RIGHTARG = name);
        CREATE OPERATOR here.= (FUNCTION = here.equal, LEFTARG = oid, RIGHTARG = oid);
        CREATE OPERATOR here.< (FUNCTION = here.less, LEFTARG = text, RIGHTARG = text);
        CREATE TYPE here.timestamptz AS ENUM ('not a time');
        CREATE DOMAIN here.uuid AS text;
        CREATE TYPE here.jsonb AS (nothing integer);
        CREATE TABLE here.pg_class (oid oid, relname name);
        CREATE TABLE here.pg_enum (enumlabel text)
    $x$, 'here', planted_in);
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
CREATE FUNCTION public.activity_library_version(needed text DEFAULT '0') RETURNS text LANGUAGE sql AS 'SELECT trap.spring(''version'')::text';
CREATE EXTENSION activity SCHEMA public;
DROP FUNCTION public.activity_library_version(text);
CREATE TYPE public.interaction_state AS ENUM ('Planted');
CREATE EXTENSION activity SCHEMA public;
DROP TYPE public.interaction_state;
CREATE FUNCTION public.handle_time(integer) RETURNS text LANGUAGE sql AS 'SELECT trap.spring(''handle_time'')::text';
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
SELECT public.create_activity_table('public.kept');
SELECT inserted, updated, unchanged FROM public.pages, public.load_activities('public.kept', body);
SELECT public.create_activity_views('public.kept');
SELECT agent_id, handle_time(k), average_handle_time(k), unexpected_rate(k), busy_time(k), (participation(k)).outcome
  FROM public.kept AS k GROUP BY agent_id;
SELECT agent_id, state, state_sort, handle_s FROM public.kept_report ORDER BY state_sort;
SELECT s.start, s.duration_ms FROM public.kept AS k, activity_slices(k, '30 seconds') AS s WHERE k.state = 'Connected';
SELECT key, code FROM public.pages, activity_errors('[{"agentId": true}]'::pg_catalog.jsonb);

-- without privileges: PostgreSQL's own errors, by the caller's rights
RESET SESSION AUTHORIZATION;
SET SESSION AUTHORIZATION regress_activity_hostile;
SELECT inserted FROM public.pages, public.load_activities('public.kept', body);
SELECT public.create_activity_views('public.kept');
RESET SESSION AUTHORIZATION;
REVOKE EXECUTE ON FUNCTION public.activities(pg_catalog.jsonb, text) FROM PUBLIC;
REVOKE USAGE ON TYPE public.activity FROM PUBLIC;
SET SESSION AUTHORIZATION regress_activity_victim;
SELECT count(*) FROM public.pages, activities(body);
SELECT public.create_activity_table('public.another');
RESET SESSION AUTHORIZATION;

-- the trap works, and nobody else fell into it
SET SESSION AUTHORIZATION regress_activity_hostile;
SELECT 1::oid = 1::oid AS planted_operator;
RESET SESSION AUTHORIZATION;
SELECT DISTINCT by_whom, how FROM trap.caught ORDER BY 1, 2;
\c :"first_database"
SET client_min_messages = warning;
DROP DATABASE activity_hostile;
DROP ROLE regress_activity_hostile, regress_activity_victim;
