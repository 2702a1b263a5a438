-- The views of create_activity_views have plain types only and a comment on
-- every column; their values are those of plain SQL, their sums the metrics,
-- their dates those of the time zone; they belong to their maker, and whoever
-- may read them needs no more.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA activity_views;
SET search_path = activity_views, public;
SET timezone = 'America/Los_Angeles';
SET datestyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/errors.sql'
\set generator :srcdir '/bench/generate.sql'
\set page `cat "$PG_ABS_SRCDIR/sql/data/page-interactions.json"`
\set ECHO none
\i :include
\i :generator
\set ECHO all

--
-- What they are
--
SELECT create_activity_table('kept');
SELECT * FROM create_activity_views('kept', 'Europe/Berlin') AS v ORDER BY v::text;
\pset format unaligned
SELECT attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)
FROM pg_attribute WHERE attrelid = 'kept_report'::regclass AND attnum > 0 ORDER BY attnum;
SELECT attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum)
FROM pg_attribute WHERE attrelid = 'kept_participation_report'::regclass AND attnum > 0 ORDER BY attnum;
\pset format aligned
SELECT c.relname, c.relkind, pg_get_userbyid(c.relowner) = current_user AS mine, obj_description(c.oid, 'pg_class')
FROM pg_class AS c WHERE c.relname LIKE 'kept%_report' ORDER BY c.relname;
-- no other types, no column without a comment
SELECT count(*) AS others
FROM pg_attribute
WHERE attrelid IN ('kept_report'::regclass, 'kept_participation_report'::regclass) AND attnum > 0
    AND (col_description(attrelid, attnum) IS NULL
         OR atttypid NOT IN ('text'::regtype, 'smallint'::regtype, 'integer'::regtype, 'bigint'::regtype,
                             'double precision'::regtype, 'boolean'::regtype, 'timestamptz'::regtype, 'date'::regtype));

-- of no rows; of a row with nothing in it but its key; of what is loaded later
SELECT (SELECT count(*) FROM kept_report) AS activities, (SELECT count(*) FROM kept_participation_report) AS participations;
SELECT * FROM load_activities('kept', '{"agentId": "002", "start": "2026-03-28T23:30:00Z", "state": "Wrap", "interaction": {"guid": "7c1e0a10-0001-4a00-8000-0000000000ff"}}'::json);
SET timezone = 'UTC';
\x on
SELECT * FROM kept_report;
SELECT * FROM kept_participation_report;
\x off
SELECT * FROM load_activities('kept', :'page'::json);
SELECT agent_id, start, start_date, state, state_sort, reason, reason_sort, monitor_count, open_count, duration_s, handle_ms, ended_date
FROM kept_report ORDER BY start, agent_id, state_sort;
SELECT agent_id, started_date, outcome, outcome_sort, unexpected_reason, offered_count, handled_count, unexpected_count, open_count, talk_s, parked_s
FROM kept_participation_report ORDER BY started_at, agent_id;

--
-- Values
--
SELECT inserted > 10000 AS loaded
FROM load_activities('kept', (SELECT array_agg(a) FROM generate_activities(5000, 40, 3) AS a));
-- what a duration can be at most, or not at all
SELECT * FROM load_activities('kept', ARRAY[
    ROW('2026-01-01 00:00Z', 9000000000000, 'Connected', NULL, NULL, '7c1e0a10-0001-4a00-8000-0000000000f1', NULL, NULL, 'long', NULL, NULL, NULL),
    ROW('2026-01-01 00:00Z', NULL, 'Connected', 'InternalError', 'Internal', '7c1e0a10-0001-4a00-8000-0000000000f2', NULL, 'Resumed', '', '', '', NULL)]::activity[]);

CREATE FUNCTION place(label anyenum) RETURNS smallint LANGUAGE sql STABLE STRICT AS $$
    SELECT count(*)::smallint FROM pg_enum
    WHERE enumtypid = pg_typeof(label) AND enumsortorder <= (
        SELECT enumsortorder FROM pg_enum WHERE enumtypid = pg_typeof(label) AND enumlabel = label::text)
$$;
WITH expected AS (
    SELECT agent_id, interaction_guid::text, channel_guid::text, medium, medium_manager,
           direction::text, place(direction),
           start, date(timezone('Europe/Berlin', start)),
           start + duration_ms * interval '1 ms', date(timezone('Europe/Berlin', start + duration_ms * interval '1 ms')),
           state::text, place(state), reason::text, place(reason),
           coalesce(reason::text, '') = 'Monitor', CASE WHEN reason = 'Monitor' THEN 1 ELSE 0 END,
           duration_ms IS NULL AND coalesce(status::text, '') <> 'InternalError',
           CASE WHEN duration_ms IS NOT NULL OR status = 'InternalError' THEN 0 ELSE 1 END,
           duration_ms, duration_ms / 1000::float8,
           ring_ms, ring_ms / 1000::float8, talk_ms, talk_ms / 1000::float8,
           wrap_ms, wrap_ms / 1000::float8, talk_ms + wrap_ms, (talk_ms + wrap_ms) / 1000::float8,
           status::text, place(status), reported_at, date(timezone('Europe/Berlin', reported_at))
    FROM (SELECT *,
                 CASE WHEN counted = 'Ringing' THEN ms ELSE 0 END AS ring_ms,
                 CASE WHEN counted = 'Connected' THEN ms ELSE 0 END AS talk_ms,
                 CASE WHEN counted = 'Wrap' THEN ms ELSE 0 END AS wrap_ms
          FROM (SELECT *, coalesce(duration_ms, 0) AS ms,
                       CASE WHEN reason = 'Monitor' THEN '' ELSE state::text END AS counted
                FROM kept) AS k) AS k)
SELECT (SELECT count(*) FROM kept_report) = (SELECT count(*) FROM kept) AS all_of_them,
       (SELECT count(*) FROM (TABLE kept_report EXCEPT ALL SELECT * FROM expected) AS d) AS differ,
       (SELECT count(*) FROM (SELECT * FROM expected EXCEPT ALL TABLE kept_report) AS d) AS differ;
WITH expected AS (
    SELECT agent_id, interaction_guid::text, channel_guid::text, medium, medium_manager,
           direction::text, place(direction),
           started_at, date(timezone('Europe/Berlin', started_at)), ended_at, date(timezone('Europe/Berlin', ended_at)),
           outcome::text, place(outcome), unexpected_reason::text, place(unexpected_reason),
           failed_reason::text, place(failed_reason),
           offered, CASE WHEN offered THEN 1 ELSE 0 END, handled, CASE WHEN handled THEN 1 ELSE 0 END,
           outcome = 'Unexpected', CASE WHEN outcome = 'Unexpected' THEN 1 ELSE 0 END,
           open, CASE WHEN open THEN 1 ELSE 0 END, connections,
           ring_ms, ring_ms / 1000::float8, talk_ms, talk_ms / 1000::float8, parked_ms, parked_ms / 1000::float8,
           wrap_ms, wrap_ms / 1000::float8, handle_ms, handle_ms / 1000::float8,
           status::text, place(status), reported_at, date(timezone('Europe/Berlin', reported_at))
    FROM kept_participation)
SELECT (SELECT count(*) FROM kept_participation_report) = (SELECT count(*) FROM kept_participation) AS all_of_them,
       (SELECT count(*) FROM (TABLE kept_participation_report EXCEPT ALL SELECT * FROM expected) AS d) AS differ,
       (SELECT count(*) FROM (SELECT * FROM expected EXCEPT ALL TABLE kept_participation_report) AS d) AS differ;
-- all labels were there
SELECT count(DISTINCT state), count(DISTINCT status), count(DISTINCT direction), count(DISTINCT reason) FROM kept_report;
SELECT array_agg(DISTINCT outcome ORDER BY outcome), count(DISTINCT failed_reason) FROM kept_participation_report;
-- a sort column sorts as its enum does
SELECT array_agg(DISTINCT ARRAY[state_sort::text, state]) AS state, array_agg(DISTINCT ARRAY[status_sort::text, status]) AS status FROM kept_report;
SELECT string_agg(state, ',' ORDER BY state_sort, start, agent_id, interaction_guid) = (SELECT string_agg(state::text, ',' ORDER BY state, start, agent_id, interaction_guid) FROM kept) AS sorted
FROM kept_report;

-- sums are the metrics of level 2 and of level 3
SELECT v.handle = a.handle AND v.handle = p.handle AS handle, v.talk = a.talk AND v.talk = p.talk AS talk,
       v.wrap = a.wrap AND v.wrap = p.wrap AS wrap, v.ring = a.ring AND v.ring = p.ring AS ring, v.handle > 0 AS some
FROM (SELECT sum(handle_ms) / 1000::float8, sum(talk_ms) / 1000::float8, sum(wrap_ms) / 1000::float8, sum(ring_ms) / 1000::float8 FROM kept_report) AS v (handle, talk, wrap, ring),
     (SELECT handle_time(k), talk_time(k), wrap_time(k), ring_time(k) FROM kept AS k) AS a (handle, talk, wrap, ring),
     (SELECT handle_time(k), talk_time(k), wrap_time(k), ring_time(k) FROM kept_participation AS k) AS p (handle, talk, wrap, ring);
SELECT count(*) AS agents, count(*) FILTER (WHERE v = a) AS as_level_2, count(*) FILTER (WHERE v = p) AS as_level_3
FROM (SELECT agent_id, sum(handle_ms) / 1000::float8, sum(talk_ms) / 1000::float8, sum(wrap_ms) / 1000::float8, sum(ring_ms) / 1000::float8,
             sum(handled_count), sum(offered_count), sum(unexpected_count),
             sum(handle_ms) / (1000::float8 * nullif(sum(handled_count), 0)),
             sum(unexpected_count) / nullif(sum(offered_count), 0)::float8
      FROM kept_participation_report GROUP BY agent_id) AS v
    JOIN (SELECT agent_id, handle_time(k), talk_time(k), wrap_time(k), ring_time(k), handled_participations(k), offered_participations(k),
                 unexpected_participations(k), average_handle_time(k), unexpected_rate(k)
          FROM kept AS k GROUP BY agent_id) AS a USING (agent_id)
    JOIN (SELECT agent_id, handle_time(k), talk_time(k), wrap_time(k), ring_time(k), handled_participations(k), offered_participations(k),
                 unexpected_participations(k), average_handle_time(k), unexpected_rate(k)
          FROM kept_participation AS k GROUP BY agent_id) AS p USING (agent_id);

--
-- Dates
--
SELECT create_activity_table('dated');
-- the last and the first instant of local days, and the day, looked up by hand
CREATE TABLE local_day (zone text, instant timestamptz, day date);
INSERT INTO local_day VALUES
    ('UTC', '2026-03-28 23:59:59.999Z', '2026-03-28'), ('UTC', '2026-03-29 00:00Z', '2026-03-29'),
    -- summer time from 2026-03-29 01:00Z, till 2026-10-25 01:00Z
    ('Europe/Berlin', '2026-03-28 22:59:59.999Z', '2026-03-28'), ('Europe/Berlin', '2026-03-28 23:00Z', '2026-03-29'),
    ('Europe/Berlin', '2026-03-29 21:59:59.999Z', '2026-03-29'), ('Europe/Berlin', '2026-03-29 22:00Z', '2026-03-30'),
    ('Europe/Berlin', '2026-10-24 21:59:59.999Z', '2026-10-24'), ('Europe/Berlin', '2026-10-24 22:00Z', '2026-10-25'),
    ('Europe/Berlin', '2026-10-25 22:59:59.999Z', '2026-10-25'), ('Europe/Berlin', '2026-10-25 23:00Z', '2026-10-26'),
    -- from 2026-03-08 07:00Z
    ('America/New_York', '2026-03-08 04:59:59.999Z', '2026-03-07'), ('America/New_York', '2026-03-08 05:00Z', '2026-03-08'),
    ('America/New_York', '2026-03-09 03:59:59.999Z', '2026-03-08'), ('America/New_York', '2026-03-09 04:00Z', '2026-03-09'),
    -- half an hour, till 2026-04-04 15:00Z
    ('Australia/Lord_Howe', '2026-04-04 12:59:59.999Z', '2026-04-04'), ('Australia/Lord_Howe', '2026-04-04 13:00Z', '2026-04-05'),
    ('Australia/Lord_Howe', '2026-04-05 13:29:59.999Z', '2026-04-05'), ('Australia/Lord_Howe', '2026-04-05 13:30Z', '2026-04-06'),
    ('Asia/Kathmandu', '2026-01-01 18:14:59.999Z', '2026-01-01'), ('Asia/Kathmandu', '2026-01-01 18:15Z', '2026-01-02'),
    -- on both sides of the date line, and the day that Samoa left out
    ('Pacific/Kiritimati', '2026-01-01 09:59:59.999Z', '2026-01-01'), ('Pacific/Kiritimati', '2026-01-01 10:00Z', '2026-01-02'),
    ('Pacific/Pago_Pago', '2026-01-01 10:59:59.999Z', '2025-12-31'), ('Pacific/Pago_Pago', '2026-01-01 11:00Z', '2026-01-01'),
    ('Pacific/Apia', '2011-12-30 09:59:59.999Z', '2011-12-29'), ('Pacific/Apia', '2011-12-30 10:00Z', '2011-12-31'),
    -- an offset to the west, as POSIX has it; an abbreviation; any case
    ('<+03>-3', '2026-01-01 20:59:59.999Z', '2026-01-01'), ('<+03>-3', '2026-01-01 21:00Z', '2026-01-02'),
    ('EST', '2026-07-01 04:59:59.999Z', '2026-06-30'), ('EST', '2026-07-01 05:00Z', '2026-07-01'),
    ('europe/LONDON', '2026-07-01 22:59:59.999Z', '2026-07-01'), ('europe/LONDON', '2026-07-01 23:00Z', '2026-07-02');
-- each instant is the start of one activity, the end and the report of another
SELECT inserted FROM load_activities('dated', (
    SELECT array_agg(ROW(start, duration, 'Connected', 'Completed', NULL, '7c1e0a10-0001-4a00-8000-0000000000f1', NULL, NULL,
                         extract(epoch FROM instant)::text, NULL, NULL, instant)::activity)
    FROM (SELECT DISTINCT instant FROM local_day) AS i,
         LATERAL (VALUES (instant, 0), (instant - interval '1 hour', 3600000)) AS a (start, duration)));
CREATE FUNCTION days_differ(zone text, OUT zone_of_comments text, OUT rows bigint, OUT differ bigint) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM create_activity_views('dated', zone);
    SELECT count(*), count(*) FILTER (WHERE (day, day, day) IS DISTINCT FROM (start_date, ended_date, reported_date))
        INTO rows, differ
    FROM local_day AS l JOIN dated_report AS r ON r.start = l.instant AND r.agent_id = extract(epoch FROM l.instant)::text
    WHERE l.zone = days_differ.zone;
    SELECT rows + count(*), differ + count(*) FILTER (WHERE (day, day) IS DISTINCT FROM (ended_date, reported_date))
        INTO rows, differ
    FROM local_day AS l JOIN dated_report AS r ON r.ended_at = l.instant AND r.agent_id = extract(epoch FROM l.instant)::text AND r.duration_ms > 0
    WHERE l.zone = days_differ.zone;
    SELECT rows + count(*), differ + count(*) FILTER (WHERE (day, day) IS DISTINCT FROM (ended_date, reported_date))
        INTO rows, differ
    FROM local_day AS l JOIN dated_participation_report AS r ON r.agent_id = extract(epoch FROM l.instant)::text
    WHERE l.zone = days_differ.zone;
    SELECT string_agg(DISTINCT substring(col_description(attrelid, attnum) FROM 'time zone (.*)$'), ', ')
        INTO zone_of_comments
    FROM pg_attribute
    WHERE attrelid IN ('dated_report'::regclass, 'dated_participation_report'::regclass)
        AND atttypid = 'date'::regtype;
    DROP VIEW dated_report, dated_participation_report, dated_presence_report;
END
$$;
SELECT zone, d.* FROM (SELECT DISTINCT zone FROM local_day) AS z, days_differ(zone) AS d ORDER BY zone COLLATE "C";
SET timezone = 'Pacific/Kiritimati';
SELECT count(*) AS zones, sum(differ) FROM (SELECT DISTINCT zone FROM local_day) AS z, days_differ(zone) AS d;
SET timezone = 'UTC';
-- UTC unless it is named
SELECT count(*) AS views FROM create_activity_views('dated');
SELECT bool_and(start_date = date(start)) FROM dated_report;
DROP VIEW dated_report, dated_participation_report, dated_presence_report;

--
-- Names
--
CREATE SCHEMA "Contact-Centre.1";
CREATE TABLE named AS
    SELECT create_activity_table(name) AS made
    FROM unnest(ARRAY['"Contact-Centre.1"."Agent.%s %I ''Activity''"', '"select"', 'a$$']) AS name;
SELECT v FROM named, create_activity_views(made, 'Asia/Tokyo') AS v ORDER BY v::text COLLATE "C";
SELECT * FROM load_activities('"Contact-Centre.1"."Agent.%s %I ''Activity''"', :'page'::json);
SELECT sum(handle_ms), count(*) FROM "Contact-Centre.1"."Agent.%s %I 'Activity'_report";
SELECT sum(handle_ms), count(*) FROM "Contact-Centre.1"."Agent.%s %I 'Activity'_participation_report";
SELECT obj_description(oid, 'pg_class') FROM pg_class WHERE relname = 'Agent.%s %I ''Activity''_report';
-- 42 bytes is the longest
SELECT create_activity_table(repeat('n', n)) IS NOT NULL AS created FROM generate_series(42, 49) AS n;
SELECT length(v::text) FROM create_activity_views(repeat('n', 42)::regclass) AS v ORDER BY 1;
\pset format unaligned
\pset tuples_only on
SELECT refusal(format('SELECT create_activity_views(%L)', repeat('n', 43)));
SELECT refusal(format('SELECT create_activity_views(%L)', repeat('n', 49)));
SELECT getdatabaseencoding() <> 'UTF8'
       OR (refusal('SELECT create_activity_table(''"'' || repeat(U&''\00e9'', 21) || ''"'')') = 'none'
           AND refusal('SELECT create_activity_table(''"'' || repeat(U&''\00e9'', 22) || ''"'')') = 'none'
           AND refusal('SELECT create_activity_views(repeat(U&''\00e9'', 21)::regclass)') = 'none'
           AND refusal('SELECT create_activity_views(repeat(U&''\00e9'', 22)::regclass)') LIKE '42622 | %')
       AS characters_of_two_bytes;
SELECT count(*) FROM pg_class WHERE relname LIKE '%nnn%_report';
-- taken, by either of the two: nothing is made
SELECT refusal('SELECT create_activity_views(''kept'', ''UTC'')');
CREATE TABLE dated_report (a integer);
SELECT refusal('SELECT create_activity_views(''dated'')');
DROP TABLE dated_report;
CREATE TYPE dated_participation_report AS (a integer);
SELECT refusal('SELECT create_activity_views(''dated'')');
DROP TYPE dated_participation_report;
SELECT count(*) FROM pg_class WHERE relname LIKE 'dated%_report';

--
-- What it cannot be made of
--
CREATE TABLE not_typed (a integer);
CREATE TABLE alone OF activity;
SELECT refusal(format('SELECT create_activity_views(%L)', name))
FROM unnest(ARRAY['not_typed', 'alone', 'kept_participation', 'kept_report', 'activity', 'nowhere', '0']) AS name;
SELECT refusal('SELECT create_activity_views(NULL)');
SELECT refusal('SELECT create_activity_views(''dated'', NULL)');
SELECT refusal(format('SELECT create_activity_views(''dated'', %L)', zone))
FROM unnest(ARRAY['Mars/Olympus', '', 'Europe', E'x\'; DROP TABLE kept; --', '%I']) AS zone;
SELECT count(*) FROM pg_class WHERE relname LIKE 'dated%_report';
\pset tuples_only off
\pset format aligned

--
-- Who may
--
CREATE ROLE regress_activity_maker;
CREATE ROLE regress_activity_reader;
GRANT USAGE ON SCHEMA activity_views TO regress_activity_maker, regress_activity_reader;
SET ROLE regress_activity_maker;
SELECT refusal('SELECT create_activity_views(''dated'')');
RESET ROLE;
GRANT CREATE ON SCHEMA activity_views TO regress_activity_maker;
SET ROLE regress_activity_maker;
SELECT create_activity_table('makers');
SELECT * FROM load_activities('makers', :'page'::json);
SELECT count(*) AS views FROM create_activity_views('makers', 'Europe/Berlin');
SELECT relname, pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relname LIKE 'makers%_report' ORDER BY relname;
-- the views of a table that the maker may not read say so when they are read
SELECT count(*) AS views FROM create_activity_views('dated');
SELECT refusal('SELECT * FROM dated_report');
DROP VIEW dated_report, dated_participation_report, dated_presence_report;
GRANT SELECT ON makers_report, makers_participation_report TO regress_activity_reader;
SET ROLE regress_activity_reader;
SELECT refusal('SELECT * FROM makers'), refusal('SELECT * FROM makers_participation');
SELECT count(*), sum(handle_ms), max(ended_at), max(state_sort), max(start_date) FROM makers_report;
SELECT count(*), sum(handle_ms), max(ended_at), max(outcome_sort), max(started_date) FROM makers_participation_report;
SELECT refusal('SELECT create_activity_views(''makers'')');
RESET ROLE;

--
-- search_path, and the extension in another schema
--
BEGIN;
CREATE SCHEMA planted;
CREATE FUNCTION planted.timezone(text, timestamptz) RETURNS timestamp LANGUAGE sql AS $$SELECT 'infinity'::timestamp$$;
CREATE FUNCTION planted.format(text, text, text) RETURNS text LANGUAGE sql AS $$SELECT (1 / 0)::text$$;
CREATE FUNCTION planted.enum_range(anyenum) RETURNS anyarray LANGUAGE sql AS $$SELECT NULL::text[]$$;
CREATE FUNCTION planted.array_position(anycompatiblearray, anycompatible) RETURNS integer LANGUAGE sql AS $$SELECT 99$$;
CREATE FUNCTION planted.activity_end(public.activity) RETURNS timestamptz LANGUAGE sql AS $$SELECT 'infinity'::timestamptz$$;
CREATE TYPE planted.interaction_state AS ENUM ('Wrap');
CREATE TYPE planted.activity_reason AS ENUM ('Monitor');
SET LOCAL search_path = planted, pg_catalog, activity_views, public;
SELECT count(*) AS views FROM public.create_activity_views('activity_views.dated', 'UTC');
SELECT max(state_sort), bool_and(isfinite(start_date) AND isfinite(ended_at) AND isfinite(ended_date)) AS finite FROM activity_views.dated_report;
ROLLBACK;
BEGIN;
CREATE SCHEMA "Ext.%s""1";
ALTER EXTENSION activity SET SCHEMA "Ext.%s""1";
SET LOCAL search_path = '';
SELECT count(*) AS views FROM "Ext.%s""1".create_activity_views('activity_views.dated', 'Asia/Tokyo');
SELECT count(*), max(state_sort), max(ended_at) FROM activity_views.dated_report;
-- those made before go on
SELECT count(*), max(state_sort) FROM activity_views.kept_report;
ROLLBACK;
SELECT count(*), max(state_sort) FROM kept_report;

SET client_min_messages = warning;
DROP SCHEMA activity_views, "Contact-Centre.1" CASCADE;
DROP ROLE regress_activity_maker, regress_activity_reader;
