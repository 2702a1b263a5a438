-- Size and depth: deep nesting, long items and pages of many items are read or
-- refused, never a crash. Alike from json and jsonb.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA expand_large;
SET search_path = expand_large, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/documents.sql'
\set ECHO none
\i :include
\set ECHO all

-- nesting is passed over at any depth below what is kept
SELECT depth, cardinality(rows) AS rows, errors
FROM generate_series(25, 35) AS depth,
    expand(replace(item(), '{"agentId"', '{"x":' || repeat('[', depth) || '{"agentId":"1"}' || repeat(']', depth) || ',"agentId"'));
SELECT depth, cardinality(rows) AS rows, errors
FROM (VALUES (1), (28), (29), (30), (31), (32), (1000)) AS v (depth),
    expand(item(medium := repeat('{"guid":', depth) || '1' || repeat('}', depth)));
SELECT depth, cardinality(rows) AS rows, errors
FROM (VALUES (28), (29), (30), (31), (32), (1000)) AS v (depth),
    expand(format('{"items":[%s],"upTo":%s}', item(), repeat('[', depth) || repeat(']', depth)));
SELECT cardinality(rows) AS rows, errors FROM expand(repeat('[', 1000) || repeat(']', 1000));
-- 10,000 levels: an error where something is kept, passed over elsewhere, never
-- a crash; the larger limit is for the server's own reading of such a document
SET max_stack_depth = '7MB';
SELECT cardinality(rows) AS rows, errors FROM expand(repeat('[', 10000) || repeat(']', 10000));
SELECT cardinality(rows) AS rows, errors FROM expand(repeat('{"items":', 10000) || '1' || repeat('}', 10000));
SELECT cardinality(rows) AS rows, errors FROM expand(item(agent_id := repeat('[', 10000) || repeat(']', 10000)));
SELECT cardinality(rows) AS rows, errors FROM expand(item(channel := repeat('{"guid":', 10000) || '1' || repeat('}', 10000)));
SELECT cardinality(rows) AS rows, errors
FROM expand(replace(item(), '{"agentId"', '{"x":' || repeat('[', 10000) || repeat(']', 10000) || ',"agentId"'));
RESET max_stack_depth;

-- an item of 50 MB
SELECT cardinality(rows) AS rows, errors FROM expand(format('[%s,%s]', replace(item(), '{"agentId"', '{"x":"' || repeat('long', 12500000) || '","agentId"'), item()));
SELECT cardinality(rows) AS rows, length((rows[1]).medium) FROM expand(item(medium := '"' || repeat('long', 12500000) || '"'));
SELECT cardinality(rows) AS rows, errors FROM expand(replace(item(), '{"agentId"', '{"x":[0' || repeat(',1234567890123456789', 500000) || '],"agentId"'));
SELECT key, code, length(message), length(document::text) FROM activity_errors(item(state := '"' || repeat('é', 1000000) || '"')::json);
SELECT key, code, length(message), length(document::text) FROM activity_errors(item(state := '"' || repeat('é', 1000000) || '"')::jsonb);

-- an item of 100 MB that is left to json-c, which gets as much memory as it takes, and no more
SELECT medium, agent_id FROM activities(replace(item(medium := '"\u0050hone"'), '{"agentId"', '{"x":"' || repeat('long', 25000000) || '","agentId"')::json);

-- a page of 50,000 items, every seventh of them bad
CREATE TABLE large AS
SELECT format('{"items":[%s],"upTo":"2026-03-29T00:00:00Z"}',
        string_agg(CASE WHEN i % 7 = 0 THEN item(duration := '-1', agent_id := i::text) ELSE item(agent_id := i::text, duration := i::text) END, ',' ORDER BY i)) AS page
FROM generate_series(1, 50000) AS i;
SELECT count(*), sum(duration_ms), min(agent_id::int), max(agent_id::int), count(reported_at) FROM large, activities(page::json, 'ignore');
SELECT count(*), sum(i), min(i), max(i), count(*) FROM generate_series(1, 50000) AS i WHERE i % 7 <> 0;
SELECT count(*), bool_and(item % 7 = 0), bool_and(document ->> 'agentId' = item::text) FROM large, activity_errors(page::json);
SELECT count(*) AS different FROM (
    SELECT a, n FROM large, activities(page::json, 'ignore') WITH ORDINALITY AS x (a, b, c, d, e, f, g, h, i, j, k, l, n)
    EXCEPT ALL
    SELECT a, n FROM large, activities(page::jsonb, 'ignore') WITH ORDINALITY AS x (a, b, c, d, e, f, g, h, i, j, k, l, n)) AS s;
SELECT items FROM large, activity_page(page::json);
SELECT items FROM large, activity_page(page::jsonb);
SELECT count(*) FROM large, activities(page::json);

SET client_min_messages = warning;
DROP SCHEMA expand_large CASCADE;
