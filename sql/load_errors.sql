-- With 'stop' a page with an error is not loaded at all, and the transaction
-- goes on after a savepoint; with 'ignore' the rest of the page is loaded, and
-- rejected is the number of its errors. Nothing to load is no error.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA load_errors;
SET search_path = load_errors, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/loads.sql'
\set ECHO none
\i :include
\set ECHO all

SELECT create_activity_table('bad');
SELECT * FROM load_activities('bad', page(item())::json);
CREATE TABLE bad_before AS SELECT * FROM versions('bad');
SELECT page(concat_ws(',', item(state := '"Wrap"'), item(state := '"Lunch"'), item(duration := '-1'),
                      item(duration := '99999'), '17', item(state := '"Failed"'))) AS good_and_bad \gset

-- 'stop': the error of activities(), and nothing is loaded
\pset format unaligned
\pset tuples_only on
SELECT refusal(format('SELECT load_activities(''bad'', %L::%s)', :'good_and_bad', type)) FROM unnest(ARRAY['json', 'jsonb']) AS type;
SELECT refusal(format('SELECT load_activities(''bad'', %L::%s, ''stop'')', :'good_and_bad', type)) FROM unnest(ARRAY['json', 'jsonb']) AS type;
SELECT refusal(format('SELECT load_activities(''bad'', %L::json)', document))
FROM unnest(ARRAY['{"message":"Endpoint request timed out"}', '{}', '17', '"x"', 'null', '{"items":{}}',
                  page(item(state := '"Wrap"'), 'yesterday')]) AS document;
SELECT refusal('SELECT load_activities(''bad'', ''[]''::json, NULL)');
SELECT refusal('SELECT load_activities(''bad'', NULL::json, NULL)');
SELECT refusal('SELECT load_activities(''bad'', ''[]''::json, ''skip'')');
SELECT count(*) || ' rewritten' FROM (SELECT * FROM versions('bad') EXCEPT TABLE bad_before) AS v;
\pset tuples_only off
\pset format aligned

-- the transaction around it goes on after a savepoint
\set SHOW_CONTEXT never
BEGIN;
SELECT * FROM load_activities('bad', page(item(state := '"Wrap"', duration := '1'))::json);
SAVEPOINT s;
SELECT * FROM load_activities('bad', page(concat_ws(',', item(state := '"Wrap"', duration := '2'), item(state := '"Ringing"'), item(state := '"Lunch"')))::json);
ROLLBACK TO s;
SELECT * FROM load_activities('bad', page(item(state := '"Wrap"', duration := '3'))::json);
SAVEPOINT t;
SELECT * FROM load_activities('bad', page(concat_ws(',', item(state := '"Wrap"', duration := '4'), item(state := '"Ringing"', duration := '4')))::json);
ROLLBACK TO t;
COMMIT;
SELECT state, duration_ms, out_of_step('bad') FROM bad ORDER BY state;
BEGIN;
SELECT * FROM load_activities('bad', page(concat_ws(',', item(state := '"Wrap"', duration := '5'), item(state := '"Ringing"')))::json);
ROLLBACK;
SELECT state, duration_ms, out_of_step('bad') FROM bad ORDER BY state;

-- 'ignore': the rest is loaded; rejected is what activity_errors() lists
TRUNCATE bad, bad_participation;
SELECT name, l.*, (SELECT count(*) FROM activity_errors(document::json)) AS errors
FROM (VALUES (1, 'items', :'good_and_bad'),
             (2, 'the same again', :'good_and_bad'),
             (3, 'nothing but bad items', page('1,null,{},[]')),
             (4, 'a bad upTo', page(item(start := '"2026-03-28T23:50:00Z"'), 'yesterday')),
             (5, 'a bad upTo and a bad item', page(concat_ws(',', item(start := '"2026-03-28T23:51:00Z"'), '7'), 'yesterday')),
             (6, 'an error of the API', '{"message":"Endpoint request timed out"}'),
             (7, 'a scalar', '17'),
             (8, 'no items', '{}'),
             (9, 'empty items', '{"items":[],"upTo":"2026-03-29T00:00:00Z"}'),
             (10, 'an empty array', '[]'),
             (11, 'what is skipped', '[{"agentId":"1","type":"Workload"}]')
     ) AS d (nr, name, document),
     load_activities('bad', document::json, 'ignore') AS l
ORDER BY nr;
SELECT start, state, duration_ms, reported_at, out_of_step('bad') FROM bad ORDER BY start, state;
TRUNCATE bad, bad_participation;
SELECT l.*, (SELECT count(*) FROM activity_errors(:'good_and_bad'::jsonb)) AS errors
FROM load_activities('bad', :'good_and_bad'::jsonb, on_error => 'ignore') AS l;
SELECT start, state, duration_ms, reported_at, out_of_step('bad') FROM bad ORDER BY start, state;

-- nothing to load
SELECT * FROM load_activities('bad', '[]'::json);
SELECT * FROM load_activities('bad', '{"items":[]}'::jsonb);
SELECT * FROM load_activities('bad', NULL::json);
SELECT * FROM load_activities('bad', NULL::jsonb, 'ignore');
SELECT * FROM load_activities('bad', '{}'::activity[]);
SELECT * FROM load_activities('bad', NULL::activity[]);

SET client_min_messages = warning;
DROP SCHEMA load_errors CASCADE;
