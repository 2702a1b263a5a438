-- What users make of the types: attributes may be added, whatever their names, and nothing
-- goes wrong; an attribute of another type is an error, not read as what it was.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
CREATE SCHEMA altered_types;
SET search_path = altered_types, public;
SET TimeZone = 'UTC';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/documents.sql'
\set ECHO none
\i :include
\set ECHO all
\set VERBOSITY terse

-- names that a statement of the extension might use itself
BEGIN;
ALTER TYPE activity ADD ATTRIBUTE a text CASCADE, ADD ATTRIBUTE t integer CASCADE, ADD ATTRIBUTE is_new text CASCADE;
ALTER TYPE participation ADD ATTRIBUTE p text CASCADE, ADD ATTRIBUTE t integer CASCADE, ADD ATTRIBUTE is_news text CASCADE;
SELECT create_activity_table('kept');
SELECT * FROM load_activities('kept', item(duration := 'null')::json);
SELECT * FROM load_activities('kept', item()::jsonb);
SELECT handle_time(k), average_handle_time(k), busy_time(k) FROM kept AS k;
SELECT talk_ms, handle_ms, p, t, is_news FROM kept_participation;
SELECT handle_time(k), average_handle_time(k) FROM kept_participation AS k;
SELECT x.duration_ms, x.a, x.t, x.is_new FROM activities(item()::json) AS x;
SELECT (activity_as_of(k, k.start + '1 second'::interval)).duration_ms FROM kept AS k;
ROLLBACK;
BEGIN;
SELECT format('ALTER TYPE %s ADD ATTRIBUTE %I text CASCADE', type, name)
FROM unnest(ARRAY['activity', 'participation']) AS type,
     unnest(ARRAY['t', 'a_row', 't_row', 'p_row', 'excluded', 'unnest', 'best', 'told', 'known', 'is_news', 'is_new', 'stored',
                  'given', 'has_news', 'touched', 'made', 'computed', 'of_table', 'place', 'activity', 'participation', 'news', 'earlier', 'is_older',
                  'changed', 'every']) AS name \gexec
SELECT create_activity_table('kept');
SELECT create_activity_views('kept');
SELECT * FROM load_activities('kept', item(duration := 'null')::json);
SELECT * FROM load_activities('kept', item()::jsonb);
UPDATE kept SET a_row = 'a', t_row = 't', excluded = 'e', made = 'm';
UPDATE kept_participation SET p_row = 'what is not computed is kept';
SELECT * FROM load_activities('kept', item(state := '"Wrap"')::jsonb);
SELECT state, duration_ms, a_row, t_row, excluded, made FROM kept ORDER BY state;
SELECT talk_ms, wrap_ms, a_row, p_row FROM kept_participation;
SELECT * FROM kept_report ORDER BY state;
ROLLBACK;

-- another type of the same length
BEGIN;
ALTER TYPE activity ALTER ATTRIBUTE duration_ms TYPE double precision CASCADE;
SAVEPOINT s;
SELECT handle_time(ROW(now(), 5000, 'Wrap', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::activity);
ROLLBACK TO s;
SELECT * FROM activities(item()::json);
ROLLBACK TO s;
SELECT * FROM activities(item()::jsonb);
ROLLBACK TO s;
SELECT activities(item()::json);
ROLLBACK TO s;
SELECT * FROM activity_errors(item()::json);
ROLLBACK;
BEGIN;
ALTER TYPE participation ALTER ATTRIBUTE handle_ms TYPE double precision CASCADE;
SELECT handle_time(NULL::participation);
SELECT handle_time(jsonb_populate_record(NULL::participation, '{"handle_ms": 5000, "handled": true}'));
ROLLBACK;
BEGIN;
ALTER TYPE activity DROP ATTRIBUTE reason CASCADE;
SELECT * FROM activities(item()::json);
ROLLBACK;

-- as it was, in the same session
SELECT duration_ms FROM activities(item()::json);
SELECT handle_time(ROW(now(), 5000, 'Wrap', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::activity);

DROP SCHEMA altered_types CASCADE;
