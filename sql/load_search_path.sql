-- No object of the caller's own changes what load_activities does, and neither the
-- tables nor the extension, in whatever schema they are, need be on search_path.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA load_search_path;
SET search_path = load_search_path, public;
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

-- objects of the caller's own, earlier on search_path, change nothing
BEGIN;
CREATE SCHEMA planted;
CREATE FUNCTION planted.wrong(text, text) RETURNS boolean LANGUAGE sql AS $$SELECT 1 / 0 = 1$$;
CREATE FUNCTION planted.wrong(uuid, uuid) RETURNS boolean LANGUAGE sql AS $$SELECT 1 / 0 = 1$$;
CREATE FUNCTION planted.wrong(bigint, integer) RETURNS boolean LANGUAGE sql AS $$SELECT 1 / 0 = 1$$;
CREATE FUNCTION planted.wrong(name, text) RETURNS boolean LANGUAGE sql AS $$SELECT 1 / 0 = 1$$;
CREATE FUNCTION planted.wrong(oid, oid) RETURNS boolean LANGUAGE sql AS $$SELECT 1 / 0 = 1$$;
CREATE OPERATOR planted.= (FUNCTION = planted.wrong, LEFTARG = text, RIGHTARG = text);
CREATE OPERATOR planted.= (FUNCTION = planted.wrong, LEFTARG = uuid, RIGHTARG = uuid);
CREATE OPERATOR planted.= (FUNCTION = planted.wrong, LEFTARG = bigint, RIGHTARG = integer);
CREATE OPERATOR planted.= (FUNCTION = planted.wrong, LEFTARG = name, RIGHTARG = text);
CREATE OPERATOR planted.= (FUNCTION = planted.wrong, LEFTARG = oid, RIGHTARG = oid);
CREATE FUNCTION planted.unnest(public.activity[]) RETURNS SETOF public.activity LANGUAGE sql AS $$SELECT NULL::public.activity WHERE 1 / 0 = 1$$;
CREATE FUNCTION planted.cardinality(public.activity[]) RETURNS integer LANGUAGE sql AS $$SELECT 1 / 0$$;
CREATE FUNCTION planted.activity_best_known(public.activity, public.activity) RETURNS public.activity LANGUAGE sql AS $$SELECT NULL::public.activity WHERE 1 / 0 = 1$$;
CREATE AGGREGATE planted.best_known(public.activity) (SFUNC = planted.activity_best_known, STYPE = public.activity);
CREATE FUNCTION planted.participation(public.activity) RETURNS integer LANGUAGE sql AS $$SELECT 1 / 0$$;
CREATE FUNCTION planted.store_activities(regclass, regclass, name, public.activity[], OUT bigint, OUT bigint, OUT bigint) LANGUAGE sql AS $$SELECT 1::bigint, 1::bigint, 1 / 0::bigint$$;
CREATE FUNCTION planted.format(text, text, text) RETURNS text LANGUAGE sql AS $$SELECT (1 / 0)::text$$;
CREATE TYPE planted.activity AS (nothing integer);
CREATE TABLE planted.kept_participation (nothing integer);
CREATE TABLE planted.pg_attribute (attrelid oid, attname name, attnum integer, attisdropped boolean);
CREATE TEMPORARY TABLE pg_class (oid oid, reloftype oid);
CREATE TEMPORARY TABLE kept_participation (nothing integer);
SELECT page(item(start := '"2026-03-29T01:00:00Z"')) AS later \gset
SELECT page(item(start := '"2026-03-29T01:00:00Z"', duration := '21000')) AS news \gset
SET LOCAL search_path = planted, pg_catalog, load_search_path, public;
SELECT * FROM public.load_activities('load_search_path.kept', :'later'::json);
SELECT * FROM public.load_activities('load_search_path.kept', :'news'::jsonb);
SELECT * FROM public.load_activities('load_search_path.kept', :'news'::jsonb);
SET LOCAL search_path = load_search_path, public;
SELECT out_of_step('kept');
ROLLBACK;

-- an empty search_path, and a table in a schema that is not on it
SELECT page(item(start := '"2026-03-29T02:00:00Z"')) AS later \gset
SET search_path = '';
SELECT * FROM public.load_activities('load_search_path.kept', :'later'::json);
SELECT * FROM public.load_activities('load_search_path.kept', :'later'::jsonb);
SELECT * FROM public.load_activities('load_search_path.kept', (SELECT pg_catalog.array_agg(a) FROM public.activities(:'later'::json) AS a));
SET search_path = load_search_path, public;
SELECT out_of_step('kept');

-- the extension in another schema
BEGIN;
CREATE SCHEMA "Ext.%s""1";
ALTER EXTENSION activity SET SCHEMA "Ext.%s""1";
SELECT page(item(start := '"2026-03-29T03:00:00Z"')) AS later \gset
SELECT page(item(start := '"2026-03-29T03:00:00Z"', duration := '21000')) AS news \gset
SET LOCAL search_path = '';
SELECT * FROM "Ext.%s""1".load_activities('load_search_path.kept', :'later'::json);
SELECT * FROM "Ext.%s""1".load_activities('load_search_path.kept', :'news'::jsonb);
SELECT * FROM "Ext.%s""1".load_activities('load_search_path.kept', (SELECT pg_catalog.array_agg(a) FROM "Ext.%s""1".activities(:'news'::json) AS a));
SET LOCAL search_path = load_search_path, "Ext.%s""1";
SELECT out_of_step('kept');
ROLLBACK;
SELECT * FROM load_activities('kept', page(item(start := '"2026-03-29T02:00:00Z"'))::json);

SET client_min_messages = warning;
DROP SCHEMA load_search_path CASCADE;
