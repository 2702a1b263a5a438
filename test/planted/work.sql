-- All that the extension does with tables by statements of its own: done by a superuser, over tables of the planter's.
-- What is said here itself names everything.
BEGIN;
SET search_path = before, public;
SET TimeZone = 'UTC';
\set page `cat "$PROJECT/sql/data/page-interactions.json"`
\set mixed `cat "$PROJECT/sql/data/page-mixed.json"`
\set presences `cat "$PROJECT/sql/data/page-presence.json"`
\set next `cat "$PROJECT/sql/data/page-presence-next.json"`

SELECT public.create_activity_table('public.made'::pg_catalog.text, NULL::pg_catalog.text);
-- new, known, with news, for json, jsonb and an array
SELECT public.load_activities('public.calls'::pg_catalog.regclass, :'page'::pg_catalog.json, 'stop'::pg_catalog.text);
SELECT public.load_activities('public.calls'::pg_catalog.regclass, :'page'::pg_catalog.jsonb, 'ignore'::pg_catalog.text);
SELECT public.load_activities('public.calls'::pg_catalog.regclass, pg_catalog.replace(:'page'::pg_catalog.text, '2026-03-28T23:58:30', '2026-03-29T00:10:00')::pg_catalog.jsonb, 'stop'::pg_catalog.text);
SELECT public.load_activities('public.calls'::pg_catalog.regclass, :'mixed'::pg_catalog.json, 'stop'::pg_catalog.text);
SELECT public.load_activities('public.calls'::pg_catalog.regclass, ARRAY[
    ROW('2026-03-28 23:40Z', 5000, 'Ringing', 'Completed', 'Inbound', '7c1e0a10-0001-4a00-8000-0000000000a1', NULL, NULL, '1042', 'Phone', 'VCC', '2026-03-29 00:00Z')::public.activity,
    ROW('2026-03-28 23:41Z', NULL, 'Connected', 'Ongoing', 'Inbound', '7c1e0a10-0001-4a00-8000-0000000000a1', NULL, NULL, '1042', 'Phone', 'VCC', '2026-03-29 00:00Z')::public.activity]);
SELECT public.load_activities('public.calls'::pg_catalog.regclass, ARRAY[
    ROW('2026-03-28 23:41Z', 60000, 'Connected', 'Completed', 'Inbound', '7c1e0a10-0001-4a00-8000-0000000000a1', NULL, 'Resumed', '1042', 'Phone', 'VCC', '2026-03-29 00:00Z')::public.activity]);
SELECT public.load_activities('public.calls'::pg_catalog.regclass, :'presences'::pg_catalog.json, 'set_null'::pg_catalog.text);
SELECT public.load_activities('public.calls'::pg_catalog.regclass, :'next'::pg_catalog.jsonb, 'stop'::pg_catalog.text);
SELECT * FROM public.calls ORDER BY agent_id, interaction_guid, channel_guid, start, state;
SELECT * FROM public.calls_participation ORDER BY agent_id, interaction_guid, channel_guid;
SELECT * FROM public.calls_presence ORDER BY agent_id, start, category;
SELECT * FROM public.activity_intervals('public.calls'::pg_catalog.regclass, '2026-03-28 23:30Z'::pg_catalog.timestamptz, '2026-03-29 00:30Z'::pg_catalog.timestamptz, '30 minutes'::pg_catalog.interval);
SELECT * FROM public.agent_intervals('public.calls'::pg_catalog.regclass, '2026-07-14 08:00Z'::pg_catalog.timestamptz, '2026-07-14 10:00Z'::pg_catalog.timestamptz, '30 minutes'::pg_catalog.interval, NULL::pg_catalog.timestamptz, NULL::pg_catalog.text[]);
SELECT * FROM public.agent_intervals('public.calls'::pg_catalog.regclass, '2026-03-28 23:30Z'::pg_catalog.timestamptz, '2026-03-29 00:30Z'::pg_catalog.timestamptz, '30 minutes'::pg_catalog.interval, '2026-03-29 00:00Z'::pg_catalog.timestamptz, ARRAY['Phone'::pg_catalog.text]);
SELECT public.create_activity_views('public.calls'::pg_catalog.regclass, 'Europe/London'::pg_catalog.text, false);
SELECT public.create_activity_views('public.calls'::pg_catalog.regclass, 'Europe/Berlin'::pg_catalog.text, true);
SELECT * FROM public.calls_report ORDER BY agent_id, interaction_guid, channel_guid, started_at, state;
SELECT * FROM public.calls_participation_report ORDER BY agent_id, interaction_guid, channel_guid;
SELECT * FROM public.calls_interaction_report ORDER BY interaction_guid;
SELECT * FROM public.calls_presence_report ORDER BY agent_id, started_at, category_sort;
-- partitions, participations that are not as they should be
SELECT public.load_activities('public.months'::pg_catalog.regclass, :'page'::pg_catalog.json, 'stop'::pg_catalog.text);
SELECT public.load_activities('public.months'::pg_catalog.regclass, pg_catalog.replace(:'page'::pg_catalog.text, '2026-03-28T23:58:30', '2026-03-29T00:10:00')::pg_catalog.jsonb, 'stop'::pg_catalog.text);
SELECT public.add_activity_partitions('public.months'::pg_catalog.regclass, '2026-04-01Z'::pg_catalog.timestamptz);
DELETE FROM public.calls WHERE state OPERATOR(pg_catalog.=) 'Wrap';
SELECT public.repair_participations('public.calls'::pg_catalog.regclass);
ROLLBACK;
-- what is forgotten, and delivered again
SELECT public.load_activities('public.old'::pg_catalog.regclass, :'mixed'::pg_catalog.json, 'stop'::pg_catalog.text);
CALL public.forget_activities('public.old'::pg_catalog.regclass, '2026-10-01Z'::pg_catalog.timestamptz, 2,
    NULL::pg_catalog.int8, NULL::pg_catalog.int8, NULL::pg_catalog.int8, NULL::pg_catalog.int8);
SELECT public.load_activities('public.old'::pg_catalog.regclass, :'mixed'::pg_catalog.json, 'stop'::pg_catalog.text);
CALL public.forget_activities('public.months'::pg_catalog.regclass, '2026-02-15Z'::pg_catalog.timestamptz, 2,
    NULL::pg_catalog.int8, NULL::pg_catalog.int8, NULL::pg_catalog.int8, NULL::pg_catalog.int8);
DROP TABLE public.months_forgotten;
SELECT * FROM public.old ORDER BY agent_id, interaction_guid, channel_guid, start, state;
SELECT * FROM public.old_forgotten;
DROP TABLE public.old_forgotten;
DELETE FROM public.old;
DELETE FROM public.old_participation;
DELETE FROM public.old_presence;

-- what commits cannot be rolled back
TRUNCATE public.pages, public.in_batches_participation, public.in_batches, public.in_batches_presence;
INSERT INTO public.pages VALUES (:'page'), (:'mixed'), (:'presences');
CALL public.load_pages('public.in_batches'::pg_catalog.regclass, 'public.pages'::pg_catalog.regclass, 'body'::pg_catalog.name, 2, 'stop'::pg_catalog.text,
    NULL::pg_catalog.int8, NULL::pg_catalog.int8, NULL::pg_catalog.int8, NULL::pg_catalog.int8, NULL::pg_catalog.int8);
CALL public.load_pages('public.in_batches'::pg_catalog.regclass, 'public.shown'::pg_catalog.regclass, 'body'::pg_catalog.name, 2, 'stop'::pg_catalog.text,
    NULL::pg_catalog.int8, NULL::pg_catalog.int8, NULL::pg_catalog.int8, NULL::pg_catalog.int8, NULL::pg_catalog.int8);
SELECT * FROM public.in_batches ORDER BY agent_id, interaction_guid, channel_guid, start, state;
SELECT * FROM public.in_batches_participation ORDER BY agent_id, interaction_guid, channel_guid;
