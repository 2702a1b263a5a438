-- An error that is about an activity or participation names it: agent, start and interaction, whatever the settings are.
-- One about an element of an array to be loaded names its number. Neither shows the statements that the extension makes.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA errors_of_rows;
SET search_path = errors_of_rows, public;
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/documents.sql'
\set ECHO none
\i :include
\set ECHO all
\pset format unaligned

CREATE FUNCTION made(start timestamptz, duration_ms bigint, agent_id text DEFAULT '1042', interaction uuid DEFAULT '7c1e0a10-0001-4a00-8000-0000000000a1')
    RETURNS activity
    RETURN ROW(start, duration_ms, 'Connected', 'Completed', 'Inbound', interaction, NULL, NULL, agent_id, 'Phone', 'VCC', NULL)::activity;
CREATE TABLE bad (nr integer, activity activity);
INSERT INTO bad VALUES
    (1, made('2026-03-29 00:30:00.25+00', -1)),
    (2, made('2026-03-29 02:30:00+02', 9223372036854775807)),
    (3, made('4714-11-24 00:00:00+00 BC', 9435184819200000)),
    (4, made('infinity', -1)),
    (5, made('-infinity', -1, NULL)),
    (6, made(NULL, -1, NULL)),
    (7, made(NULL, -1, NULL, NULL)),
    (8, made('2026-03-29 00:30:00+00', -1, repeat('é', 1000)));
CREATE FUNCTION raised(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text; detail text; hint text; context text;
BEGIN
    EXECUTE query;
    RETURN 'nothing';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, context = PG_EXCEPTION_CONTEXT;
    RETURN concat_ws(' | ', SQLSTATE || ' ' || message, nullif(detail, ''), CASE WHEN context ~* 'INSERT|WITH|unnest' THEN context END);
END
$$;

-- every kind of activity, by one function
SELECT nr, raised(format('SELECT participation(activity) FROM bad WHERE nr = %s', nr)) FROM bad ORDER BY nr;
-- every function and aggregate
CREATE TABLE call (expression text);
INSERT INTO call VALUES
    ('activity_end(a)'), ('activity_as_of(a, ''2026-04-01Z'')'), ('activity_slices(a, ''1 hour'')'),
    ('handle_time(a)'), ('talk_time(a)'), ('wrap_time(a)'), ('ring_time(a)'), ('handled_participations(a)'), ('offered_participations(a)'),
    ('unexpected_participations(a)'), ('average_handle_time(a)'), ('unexpected_rate(a)'), ('unexpected_rate(a, ''NoAnswer'')'), ('busy_time(a)'), ('peak_concurrency(a)'),
    ('participation(a)'), ('activity_is_better_known(a, a)'),
    ('handle_time((a).state, (a).reason, (a).duration_ms)'),
    ('average_handle_time((a).state, (a).reason, (a).duration_ms, (a).interaction_guid, (a).channel_guid, (a).agent_id)'),
    ('busy_time((a).state, (a).reason, (a).duration_ms, (a).agent_id, (a).start)'),
    ('peak_concurrency((a).state, (a).reason, (a).duration_ms, (a).interaction_guid, (a).channel_guid, (a).agent_id, (a).start)');
SELECT expression, nr, raised(format('SELECT %s FROM bad AS b (nr, a) WHERE nr = %s', expression, nr))
  FROM call, generate_series(1, 2) AS nr ORDER BY expression COLLATE "C", nr;
-- an instant or an origin that is too far away
SELECT raised($$SELECT activity_as_of(made('2026-03-29 00:30:00+00', NULL), 'infinity')$$);
SELECT raised($$SELECT activity_as_of(made('4714-11-24 00:00:00+00 BC', NULL), '294276-12-31Z')$$);
SELECT raised($$SELECT activity_slices(made('294276-12-31 00:00:00+00', 1), '1 day', '4714-11-24 00:00:00+00 BC')$$);
-- participations
CREATE TABLE bad_participation OF participation;
INSERT INTO bad_participation (started_at, ring_ms, talk_ms, wrap_ms, handle_ms, offered, handled, agent_id, interaction_guid)
VALUES ('2026-03-29 00:30:00+00', 0, 0, 0, -1, true, true, '1042', '7c1e0a10-0001-4a00-8000-0000000000a1');
-- (OFFSET keeps PostgreSQL 19 from replacing them by metrics over columns, whose errors name only what is among the columns)
SELECT metric, raised(format('SELECT %s FROM (SELECT p FROM bad_participation AS p OFFSET 0) AS b (p)', metric))
  FROM unnest(ARRAY['handle_time(p)', 'average_handle_time(p)', 'unexpected_rate(p)', 'unexpected_rate(p, ''NoAnswer'')']) AS metric;
SELECT raised('SELECT handle_time(jsonb_populate_record(NULL::participation, ''{"ring_ms": -1}''))');
SELECT raised('SELECT interaction(jsonb_populate_record(NULL::participation, ''{"monitor_ms": -1}''))');
SELECT raised('SELECT interaction(jsonb_populate_record(NULL::participation, ''{"unexpected_attempts": -1, "agent_id": "1042"}''))');

-- the same in every session
SELECT string_agg(raised(format('SELECT activity_end(activity) FROM bad WHERE nr = %s', nr)), ';' ORDER BY nr) AS errors FROM bad \gset
SET TimeZone = 'Asia/Kathmandu';
SET DateStyle = 'German';
SELECT string_agg(raised(format('SELECT activity_end(activity) FROM bad WHERE nr = %s', nr)), ';' ORDER BY nr) = :'errors' AS the_same FROM bad;
SET TimeZone = 'America/St_Johns';
SET DateStyle = 'Postgres, DMY';
SELECT string_agg(raised(format('SELECT activity_end(activity) FROM bad WHERE nr = %s', nr)), ';' ORDER BY nr) = :'errors' AS the_same FROM bad;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';

-- what an array to be loaded must not have, and its first element that has it
SELECT create_activity_table('kept');
CREATE TABLE good AS SELECT made('2026-03-29 00:30:00+00', 1) AS a;
SELECT what, raised(format('SELECT load_activities(''kept'', ARRAY[(SELECT a FROM good), %s, (SELECT a FROM good), NULL]::activity[]) FROM good', element))
  FROM (VALUES (1, 'null', 'NULL'), (2, 'all null', 'ROW(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)'),
            (3, 'no agent', 'made(''2026-03-29Z'', 1, NULL)'), (4, 'no start', 'made(NULL, 1)'), (5, 'no interaction', 'made(''2026-03-29Z'', 1, interaction => NULL)'),
            (6, 'no state', 'ROW(''2026-03-29Z'', 1, NULL, NULL, NULL, ''7c1e0a10-0001-4a00-8000-0000000000a1'', NULL, NULL, ''1042'', NULL, NULL, NULL)'),
            (7, 'a negative duration', 'made(''2026-03-29Z'', -1)'), (8, 'no end', 'made(''2026-03-29Z'', 9223372036854775807)'),
            (9, 'only the last is bad', '(SELECT a FROM good)')) AS v (nr, what, element)
 ORDER BY nr;
-- elements are counted as unnest() counts them
SELECT raised('SELECT load_activities(''kept'', (SELECT ARRAY[[a, a], [a, NULL]] FROM good))'),
       raised('SELECT load_activities(''kept'', (''[7:8]={"'' || replace(a::text, ''"'', ''\"'') || ''",NULL}'')::activity[]) FROM good');
SELECT count(*) FROM kept;

-- Items that no table could hold are bad ones, no reason to refuse their page.
SELECT format('{"items":[%s],"upTo":"2026-03-29T12:00:00Z"}', concat_ws(',', item(), item(agent_id := to_json(repeat('x', 2001))::text),
        item(duration := '9223372036854775807', state := '"Wrap"'), item(agent_id := to_json(repeat('x', 2000))::text), item(agent_id := repeat('7', 2001)),
        item(start := '"9999-12-31T23:59:59Z"', duration := '8970915715200000'), item(start := '"9999-12-31T23:59:59Z"', duration := '8970915715200999'))) AS page \gset
SELECT item, key, code, left(message, 60) AS message, document ->> 'duration' AS duration FROM activity_errors(:'page'::json);
SELECT * FROM load_activities('kept', :'page'::json, 'ignore');
SELECT * FROM load_activities('kept', :'page'::jsonb, 'ignore');
SELECT start, duration_ms, activity_end(k) AS "end", left(agent_id, 10) AS agent_id, length(agent_id) FROM kept AS k ORDER BY start, agent_id;
SELECT started_at, ended_at, length(agent_id) FROM kept_participation ORDER BY started_at, agent_id;
SELECT raised(format('SELECT load_activities(''kept'', %L::json)', :'page'));
\pset format aligned

SET client_min_messages = warning;
DROP SCHEMA errors_of_rows CASCADE;
