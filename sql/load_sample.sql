-- The sample pages, loaded as json, as jsonb or as activities, give the same two
-- tables, and the metrics over either.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA load_sample;
SET search_path = load_sample, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/loads.sql'
\set page `cat "$PG_ABS_SRCDIR/sql/data/page-interactions.json"`
\set mixed `cat "$PG_ABS_SRCDIR/sql/data/page-mixed.json"`
\set ECHO none
\i :include
\set ECHO all

SELECT create_activity_table('kept');
SELECT * FROM load_activities('kept', :'page'::json);
SELECT * FROM load_activities('kept', :'page'::json);
SELECT * FROM load_activities('kept', :'page'::jsonb);
SELECT * FROM load_activities('kept', :'mixed'::json);
SELECT out_of_step('kept');
SELECT count(*) AS activities, average_handle_time(a), unexpected_rate(a) FROM kept AS a;
SELECT count(*) AS participations, average_handle_time(p), unexpected_rate(p) FROM kept_participation AS p;
SELECT agent_id, interaction_guid, channel_guid, started_at::time, ended_at::time, ring_ms, talk_ms, wrap_ms, outcome
FROM kept_participation ORDER BY agent_id, started_at;

-- json, jsonb and activities of one's own give the same tables
SELECT create_activity_table('kept_jsonb');
SELECT create_activity_table('kept_array');
SELECT * FROM load_activities('kept_jsonb', :'page'::jsonb);
SELECT * FROM load_activities('kept_array', (SELECT array_agg(a) FROM activities(:'page'::json) AS a));
SELECT difference('kept', 'kept_jsonb') AS jsonb, difference('kept', 'kept_array') AS array,
       difference('kept_participation', 'kept_jsonb_participation') AS jsonb_participations,
       difference('kept_participation', 'kept_array_participation') AS array_participations,
       out_of_step('kept_jsonb'), out_of_step('kept_array');

SET client_min_messages = warning;
DROP SCHEMA load_sample CASCADE;
