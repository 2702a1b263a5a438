-- create_activity_table makes two typed tables with keys and comments, of any
-- name, in any schema, for whoever may create tables there; what it cannot make
-- is a precise error, and then it makes nothing.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA create_activity_table;
CREATE SCHEMA "Contact-Centre.1";
SET search_path = create_activity_table, public;
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/errors.sql'
\set ECHO none
\i :include
\set ECHO all

-- all typed tables of the two schemas
CREATE VIEW made AS
    SELECT n.nspname AS schema, c.relname AS name, t.typname AS type,
           c.oid, t.typrelid, pg_get_userbyid(c.relowner) AS owner
    FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        JOIN pg_type AS t ON t.oid = c.reloftype
    WHERE n.nspname IN ('create_activity_table', 'Contact-Centre.1');

--
-- What it makes
--
SELECT create_activity_table('plain');
SELECT name, type FROM made ORDER BY name;

-- the attributes of the types, in order, and which must not be null
SELECT m.name, m.type,
       array_agg(a.attname || ' ' || format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
       = (SELECT array_agg(t.attname || ' ' || format_type(t.atttypid, t.atttypmod) ORDER BY t.attnum)
          FROM pg_attribute AS t WHERE t.attrelid = m.typrelid) AS as_the_type,
       string_agg(a.attname, ', ' ORDER BY a.attnum) FILTER (WHERE a.attnotnull) AS not_null
FROM made AS m JOIN pg_attribute AS a ON a.attrelid = m.oid AND a.attnum > 0
GROUP BY m.name, m.type, m.typrelid
ORDER BY m.name;

-- the keys
SELECT m.name, pg_get_constraintdef(k.oid)
FROM made AS m JOIN pg_constraint AS k ON k.conrelid = m.oid AND k.contype <> 'n'
ORDER BY m.name;
SELECT m.name, amname AS method, i.indisunique, i.indisvalid, i.indnkeyatts, pg_get_expr(indpred, indrelid) AS condition
FROM made AS m JOIN pg_index AS i ON i.indrelid = m.oid JOIN pg_class AS c ON c.oid = indexrelid JOIN pg_am AS a ON a.oid = relam
ORDER BY m.name, method, condition;

-- every column has the comment of its attribute, every table one of its own
SELECT m.name, count(*) AS columns, count(col_description(m.oid, attnum)) AS commented,
       bool_and(col_description(m.oid, attnum) = col_description(m.typrelid, attnum)) AS as_the_type
FROM made AS m JOIN pg_attribute ON attrelid = m.oid AND attnum > 0
GROUP BY m.name
ORDER BY m.name;
SELECT name, obj_description(oid, 'pg_class') FROM made ORDER BY name;

-- its rows pass for the types
INSERT INTO plain (agent_id, interaction_guid, start, state, duration_ms)
VALUES ('002', '7c1e0a10-0001-4a00-8000-0000000000a1', '2026-03-28 10:00Z', 'Connected', 1500);
SELECT handle_time(a) FROM plain AS a;
INSERT INTO plain_participation SELECT (participation(a)).* FROM plain AS a;
SELECT handle_time(p) FROM plain_participation AS p;

-- the key: a null channel is one channel, and nothing else may be null
INSERT INTO plain SELECT * FROM plain;
INSERT INTO plain_participation SELECT * FROM plain_participation;
\pset format unaligned
\pset tuples_only on
SELECT refusal(format('INSERT INTO plain SELECT (r).* FROM (SELECT jsonb_populate_record(a, jsonb_build_object(%L, null)) AS r FROM plain AS a) AS v', key))
FROM unnest(ARRAY['agent_id', 'interaction_guid', 'start', 'state']) AS key;
SELECT refusal(format('INSERT INTO plain_participation SELECT (r).* FROM (SELECT jsonb_populate_record(p, jsonb_build_object(%L, null)) AS r FROM plain_participation AS p) AS v', key))
FROM unnest(ARRAY['agent_id', 'interaction_guid']) AS key;
\pset tuples_only off
\pset format aligned
INSERT INTO plain SELECT (r).* FROM (
    SELECT jsonb_populate_record(a, change) AS r
    FROM plain AS a, (VALUES
        ('{"agent_id": "2"}'::jsonb),
        ('{"interaction_guid": "7c1e0a10-0001-4a00-8000-0000000000a2"}'),
        ('{"channel_guid": "7c1e0a10-0001-4a00-8000-0000000000a1"}'),
        ('{"start": "2026-03-28T10:00:00.001Z"}'),
        ('{"state": "Wrap"}')) AS c (change)) AS v;

--
-- Names
--
SELECT name, create_activity_table(name) AS made
FROM (VALUES (1, 'Folded'), (2, 'create_activity_table.qualified'),
             (3, '"Contact-Centre.1".plain'), (4, '"Contact-Centre.1"."Agent-Activity"'),
             (5, '"Capital"'), (6, '"with-hyphen"'), (7, '"with.dot"'),
             (8, '"with ""quotes"" and ''these''"'), (9, '" "'), (10, '"select"'),
             (11, '"%I %s %1$s %%"'), (12, 'a$1'), (13, ' create_activity_table . "spaced out" '),
             (14, '"$$"'), (15, E'"back\\slash"'), (16, '"; DROP TABLE plain; --"')
     ) AS n (nr, name)
ORDER BY nr;
SELECT schema, name, type FROM made WHERE name NOT LIKE 'plain%' OR schema <> 'create_activity_table'
ORDER BY schema COLLATE "C", name COLLATE "C";

-- each is complete, and can be loaded
SELECT count(*) AS tables,
       bool_and((SELECT bool_and(col_description(m.oid, attnum) = col_description(m.typrelid, attnum))
                 FROM pg_attribute WHERE attrelid = m.oid AND attnum > 0)) AS commented,
       bool_and(obj_description(m.oid, 'pg_class') LIKE '%kept by load_activities()') AS tables_commented,
       bool_and((SELECT indnullsnotdistinct OR indisprimary FROM pg_index WHERE indrelid = m.oid AND indisunique)) AS keys
FROM made AS m;
\set item '{"agentId": "1", "start": "2026-03-28T10:00:00Z", "state": "Wrap", "interaction": {"guid": "7c1e0a10-0001-4a00-8000-0000000000a3"}}'
SELECT l AS loaded, count(*) AS tables
FROM made AS m, load_activities(m.oid, :'item'::json) AS l
WHERE type = 'activity'
GROUP BY l;

-- 49 bytes is the longest: one more is an error, in characters of two bytes too
SELECT length(create_activity_table(repeat('n', 49))::text);
SELECT max(octet_length(name)) FROM made;
\pset format unaligned
\pset tuples_only on
SELECT refusal(format('SELECT create_activity_table(repeat(%L, 50))', 'n'));
SELECT refusal('SELECT create_activity_table(''"Contact-Centre.1".'' || repeat(''n'', 50))');
SELECT refusal(format('SELECT create_activity_table(repeat(%L, 1000))', 'n')) LIKE '42622 | %';
SELECT getdatabaseencoding() <> 'UTF8'
       OR (refusal('SELECT create_activity_table(''"'' || repeat(U&''\00e9'', 24) || ''"'')') = 'none'
           AND refusal('SELECT create_activity_table(''"'' || repeat(U&''\00e9'', 25) || ''"'')') LIKE '42622 | %')
       AS characters_of_two_bytes;

-- not a name
SELECT name || ': ' || refusal(format('SELECT create_activity_table(%L)', name))
FROM unnest(ARRAY['', ' ', '.', 'a.', '.a', 'a..b', 'a b', 'a;b', '1a', '"a', 'a"', '""', '"".a',
                  'a-b', 'a.b.c', '"a"."b"."c"', 'a(b)', E'a\nb']) AS name;
SELECT refusal('SELECT create_activity_table(NULL)');

-- no such schema, none at all
SELECT refusal('SELECT create_activity_table(''nowhere.a'')');
SET search_path = nowhere;
SELECT create_activity_table.refusal('SELECT public.create_activity_table(''a'')');
SET search_path = '';
SELECT create_activity_table.refusal('SELECT public.create_activity_table(''a'')');
SELECT public.create_activity_table('create_activity_table.anyway');

-- the first schema of search_path that is there
SET search_path = nowhere, "Contact-Centre.1", create_activity_table, public;
SELECT create_activity_table('first');
SET search_path = create_activity_table, public;
SELECT schema || ' ' || name FROM made WHERE name LIKE 'first%' ORDER BY name;

-- a temporary table, under either name of its schema
SELECT create_activity_table('pg_temp.passing');
SELECT create_activity_table((pg_my_temp_schema()::regnamespace)::text || '.other');
SELECT relname, bool_and(col_description(oid, attnum) IS NOT NULL) AS commented
FROM pg_class JOIN pg_attribute ON attrelid = oid AND attnum > 0
WHERE relnamespace = pg_my_temp_schema() AND relkind = 'r'
GROUP BY relname ORDER BY relname;
SELECT l FROM load_activities('passing', :'item'::json) AS l;

-- taken, by either of the two: nothing is made
CREATE TABLE other (a integer);
CREATE VIEW other_2_participation AS SELECT 1 AS one;
CREATE SEQUENCE other_3;
CREATE TYPE other_4_participation AS (one integer);
SELECT refusal(format('SELECT create_activity_table(%L)', name))
FROM unnest(ARRAY['plain', 'PLAIN', 'plain_participation', 'other', 'other_2', 'other_3', 'other_4']) AS name;
SELECT schema || ' ' || name FROM made WHERE name ~ '^other|plain_participation_' ORDER BY name;

-- not in a system schema
SELECT refusal('SELECT create_activity_table(''pg_catalog.a'')');

--
-- Who may
--
CREATE ROLE regress_activity_owner;
CREATE ROLE regress_activity_nobody;
GRANT USAGE ON SCHEMA create_activity_table TO regress_activity_owner, regress_activity_nobody;
GRANT CREATE ON SCHEMA create_activity_table TO regress_activity_owner;
GRANT SELECT ON made TO regress_activity_owner;
SET ROLE regress_activity_nobody;
SELECT refusal('SELECT create_activity_table(''by_nobody'')');
SET ROLE regress_activity_owner;
SELECT refusal('SELECT create_activity_table(''"Contact-Centre.1".by_owner'')');
SELECT create_activity_table('by_owner');
SELECT name, owner FROM made WHERE name LIKE 'by%' ORDER BY name;
SELECT l FROM load_activities('by_owner', :'item'::json) AS l;
SELECT refusal('SELECT load_activities(''plain'', ''[]''::json)');
SELECT refusal(format('SELECT load_activities(''plain'', %L::json)', :'item'));
DROP TABLE by_owner, by_owner_participation;
RESET ROLE;
\pset tuples_only off
\pset format aligned

-- the extension's schema is of any name, and need not be on search_path
BEGIN;
CREATE SCHEMA "Ext.%s""1";
ALTER EXTENSION activity SET SCHEMA "Ext.%s""1";
SET LOCAL search_path = "Contact-Centre.1";
SELECT "Ext.%s""1".create_activity_table('moved');
SELECT c.relname, c.reloftype::regtype
FROM pg_class AS c WHERE c.relname LIKE 'moved%' AND c.relkind = 'r' ORDER BY 1;
SELECT l FROM "Ext.%s""1".load_activities('moved', :'item'::json) AS l;
SELECT l FROM "Ext.%s""1".load_activities('moved', :'item'::jsonb) AS l;
SELECT "Ext.%s""1".handle_time(p) FROM moved_participation AS p;
ROLLBACK;

-- objects of the caller's own, earlier on search_path, change nothing
BEGIN;
CREATE SCHEMA planted;
CREATE TYPE planted.activity AS (nothing integer);
CREATE TYPE planted.participation AS (nothing integer);
CREATE TABLE planted.pg_extension (extname name, extnamespace oid);
CREATE TABLE planted.pg_class (oid oid, relname name);
CREATE FUNCTION planted.parse_ident(text) RETURNS text[] LANGUAGE sql AS $$SELECT ARRAY['planted', 'wrong']$$;
CREATE FUNCTION planted.parse_ident(text, boolean) RETURNS text[] LANGUAGE sql AS $$SELECT ARRAY['planted', 'wrong']$$;
CREATE FUNCTION planted.format(text, VARIADIC "any") RETURNS text LANGUAGE internal AS 'text_format_nv';
CREATE FUNCTION planted.format(text, text, text) RETURNS text LANGUAGE sql AS $$SELECT 1 / 0$$;
CREATE FUNCTION planted.col_description(oid, smallint) RETURNS text LANGUAGE sql AS $$SELECT 'wrong'$$;
CREATE FUNCTION planted.equal(name, name) RETURNS boolean LANGUAGE sql AS $$SELECT false$$;
CREATE OPERATOR planted.= (FUNCTION = planted.equal, LEFTARG = name, RIGHTARG = name);
CREATE FUNCTION planted.create_activity_table(text[], name) RETURNS regclass LANGUAGE sql AS $$SELECT 0::regclass$$;
SET LOCAL search_path = planted, pg_catalog, public;
SELECT public.create_activity_table('planted.right');
SET LOCAL search_path = create_activity_table, public;
SELECT c.relname, c.reloftype::regtype,
       (SELECT bool_and(col_description(c.oid, attnum) = col_description(t.typrelid, attnum))
        FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0) AS commented
FROM pg_class AS c JOIN pg_type AS t ON t.oid = c.reloftype
WHERE c.relnamespace = 'planted'::regnamespace ORDER BY 1;
ROLLBACK;

SET client_min_messages = warning;
DROP SCHEMA create_activity_table, "Contact-Centre.1" CASCADE;
DROP ROLE regress_activity_owner, regress_activity_nobody;
