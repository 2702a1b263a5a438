-- The extension works in any schema, whatever its name, with an empty search_path;
-- it can be moved to another one; and things of the same names that stand earlier in
-- the search_path change nothing.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;

\set page `cat "$PG_ABS_SRCDIR/sql/data/page-interactions.json"`
\set page_with_errors '[{"agentId": "7"}, 8]'
\set first_database :DBNAME
SET client_min_messages = warning;
DROP DATABASE IF EXISTS activity_schema;
RESET client_min_messages;
CREATE DATABASE activity_schema TEMPLATE template0;
\c activity_schema
SET lc_messages = 'C';
CREATE SCHEMA "Contact-Centre";
CREATE EXTENSION activity SCHEMA "Contact-Centre";

SET search_path = '';
CREATE TABLE public.page (body json);
INSERT INTO public.page VALUES (:'page'), (:'page_with_errors');
CREATE TABLE public.activities OF "Contact-Centre".activity WITH (parallel_workers = 2);
CREATE TABLE public.one_column (activity "Contact-Centre".activity);

-- Uses all that the extension has, by the name of its schema.
SET client_min_messages = warning; -- not what DROP TABLE drops with it
CREATE FUNCTION public.use_everything(extension_schema name)
    RETURNS TABLE (what text, result text)
    LANGUAGE plpgsql AS
$use$
DECLARE
    query text;
    plan text;
    type text;
BEGIN
    FOREACH type IN ARRAY '{json,jsonb}'::text[] LOOP
        TRUNCATE public.activities, public.one_column;
        EXECUTE format($$
            INSERT INTO public.activities
                SELECT a.* FROM public.page, %I.activities(body::%s, 'ignore') AS a
            $$, extension_schema, type);
        EXECUTE format($$
            INSERT INTO public.one_column
                SELECT %I.activities(page => body::%s, on_error => 'ignore')
                  FROM public.page
            $$, extension_schema, type);
        RETURN QUERY EXECUTE format($$
            SELECT %2$L || ': activities, as rows and as values',
                   (SELECT count(*) FROM public.activities) || ', ' ||
                   (SELECT count(*) FROM public.one_column)
            UNION ALL
            SELECT %2$L || ': activity_errors',
                   (SELECT string_agg(message, '; ' ORDER BY item)
                      FROM public.page, %1$I.activity_errors(body::%2$s))
            UNION ALL
            SELECT %2$L || ': activity_page',
                   (SELECT string_agg(items::text, ', ' ORDER BY items)
                      FROM public.page, %1$I.activity_page(body::%2$s))
            $$, extension_schema, type);
        BEGIN
            EXECUTE format('SELECT %I.activities(body::%s) FROM public.page',
                           extension_schema, type);
        EXCEPTION WHEN OTHERS THEN
            what := type || ': activities, stopped';
            result := SQLERRM;
            RETURN NEXT;
        END;
    END LOOP;

    RETURN QUERY EXECUTE format($$
        SELECT 'reason_is_documented',
               count(*) FILTER (WHERE %1$I.reason_is_documented(state, reason)) ||
               ' of ' || count(reason)
          FROM public.activities
        UNION ALL
        SELECT 'enums', string_agg(state::text, ', ' ORDER BY state)
          FROM (SELECT DISTINCT state FROM public.activities
                 WHERE state > 'Ringing'::%1$I.interaction_state AND
                       status >= 'InternalError' AND direction < 'Internal') AS states
        $$, extension_schema);

    -- once by the session alone, once by two workers, where it seems to cost enough
    SET LOCAL jit = off;
    query := format($$
        SELECT concat_ws(', ', %1$I.handle_time(a), %1$I.talk_time(a),
                         %1$I.wrap_time(a), %1$I.ring_time(a),
                         %1$I.handled_participations(a),
                         %1$I.offered_participations(a),
                         %1$I.unexpected_participations(a),
                         %1$I.average_handle_time(a), %1$I.unexpected_rate(a),
                         %1$I.unexpected_rate(a, 'NoAnswer'))
          FROM public.activities AS a
        $$, extension_schema);
    SET LOCAL max_parallel_workers_per_gather = 0;
    RETURN QUERY EXECUTE 'SELECT ''metrics, serial'', (' || query || ')';
    SET LOCAL max_parallel_workers_per_gather = 2;
    SET LOCAL min_parallel_table_scan_size = 0;
    SET LOCAL parallel_setup_cost = 0;
    SET LOCAL parallel_tuple_cost = 0;
    SET LOCAL cpu_operator_cost = 100;
    SET LOCAL parallel_leader_participation = off;
    what := 'metrics, parallel';
    EXECUTE query INTO result;
    RETURN NEXT;
    what := 'in workers';
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || query INTO plan;
    result := plan ~ '"Partial Mode": "Partial"' AND plan ~ '"Node Type": "Gather';
    RETURN NEXT;
    RETURN QUERY EXECUTE format($$
        SELECT 'moving frame', string_agg(moving::text, ', ' ORDER BY start)
          FROM (SELECT start, %1$I.handle_time(a) OVER (ORDER BY start
                              ROWS 1 PRECEDING) AS moving
                  FROM public.activities AS a
                 WHERE agent_id = '2900' OR state BETWEEN 'Wrap' AND 'Wrap')
                    AS frames
        $$, extension_schema);
    RETURN QUERY EXECUTE format($$
        SELECT 'busy time, peak', %1$I.busy_time(a) || ', ' || %1$I.peak_concurrency(a)
          FROM public.activities AS a
        UNION ALL
        SELECT 'metrics of columns',
               concat_ws(', ', %1$I.handle_time(state, reason, duration_ms),
                         %1$I.average_handle_time(state, reason, duration_ms, interaction_guid,
                                                  channel_guid, agent_id),
                         %1$I.unexpected_rate(state, reason, duration_ms, interaction_guid, channel_guid,
                                              agent_id, start, 'NoAnswer'),
                         %1$I.busy_time(state, reason, duration_ms, agent_id, start))
          FROM public.activities
        UNION ALL
        SELECT 'metrics of participations',
               concat_ws(', ', %1$I.handle_time(p), %1$I.talk_time(p), %1$I.wrap_time(p),
                         %1$I.ring_time(p), %1$I.handled_participations(p),
                         %1$I.offered_participations(p),
                         %1$I.unexpected_participations(p),
                         %1$I.average_handle_time(p), %1$I.unexpected_rate(p),
                         %1$I.unexpected_rate(p, 'NoAnswer'))
          FROM (SELECT %1$I.participation(a) AS p
                  FROM public.activities AS a
                 GROUP BY agent_id, interaction_guid, channel_guid) AS participations
        UNION ALL
        SELECT 'slices, those started by 23:41, those ended',
               concat_ws(', ', sum(slice.duration_ms),
                         count(%1$I.activity_as_of(slice, '2026-03-28 23:41:00Z')),
                         count(*) FILTER (WHERE %1$I.activity_end(slice) <=
                                                '2026-03-28 23:41:00Z'))
          FROM public.activities AS a, %1$I.activity_slices(a, '1 minute') AS slice
        UNION ALL
        SELECT 'best known', string_agg(best, ', ' ORDER BY best)
          FROM (SELECT (%1$I.best_known(a)).status::text AS best
                  FROM public.activities AS a GROUP BY status) AS known
        $$, extension_schema);
    EXECUTE format('SELECT %I.create_activity_table(''public.kept'')', extension_schema);
    EXECUTE format('SELECT %I.create_activity_views(''public.kept'')', extension_schema);
    RETURN QUERY EXECUTE format($$
        SELECT 'load_activities', concat_ws(', ', inserted, updated, unchanged, rejected)
          FROM public.page, %1$I.load_activities('public.kept', body, 'ignore')
         WHERE body::text LIKE '%%items%%'
        $$, extension_schema);
    RETURN QUERY EXECUTE format($$
        SELECT 'load_activities again', concat_ws(', ', inserted, updated, unchanged, rejected)
          FROM public.page, %1$I.load_activities('public.kept', body::jsonb, 'ignore')
         WHERE body::text NOT LIKE '%%items%%'
        $$, extension_schema);
    RETURN QUERY EXECUTE $$
        SELECT 'reports', concat_ws(', ', count(*), sum(handle_ms), sum(unexpected_count))
          FROM public.kept_participation_report
        $$;
    DROP TABLE public.kept, public.kept_participation, public.kept_presence CASCADE;

    RETURN QUERY EXECUTE format($$
        SELECT 'a stored value', concat_ws(', ', %1$I.average_handle_time(activity),
                                           %1$I.handle_time(activity))
          FROM public.one_column
        $$, extension_schema);
END
$use$;

-- Things that know the extension's things by more than their names.
CREATE VIEW public.report AS
    SELECT agent_id, "Contact-Centre".average_handle_time(a),
           "Contact-Centre".unexpected_rate(a, 'NoAnswer')
      FROM public.activities AS a
     GROUP BY agent_id;
CREATE INDEX ON public.activities (state);
CREATE FUNCTION public.monitored() RETURNS bigint
    LANGUAGE sql
BEGIN ATOMIC
    SELECT count(*)
      FROM public.page, "Contact-Centre".activities(body, 'ignore')
     WHERE reason = 'Monitor';
END;

\pset format unaligned
\pset tuples_only on
SELECT * FROM public.use_everything('Contact-Centre');
TABLE public.report ORDER BY agent_id;
SELECT public.monitored();

--
-- Moved to another schema, the same results: in a session that has used it before,
-- and in a new one
--
CREATE TABLE public.before AS SELECT * FROM public.use_everything('Contact-Centre');
CREATE TABLE public.report_before AS TABLE public.report;
CREATE FUNCTION public.differences(extension_schema name)
    RETURNS TABLE (differing_results bigint, differing_reports bigint)
    LANGUAGE plpgsql AS
$$
BEGIN
    CREATE TEMPORARY TABLE now AS SELECT * FROM public.use_everything(extension_schema);
    SELECT count(*) INTO differing_results
      FROM ((TABLE public.before EXCEPT ALL TABLE now) UNION ALL
            (TABLE now EXCEPT ALL TABLE public.before)) AS d;
    SELECT count(*) INTO differing_reports
      FROM ((TABLE public.report_before EXCEPT ALL TABLE public.report) UNION ALL
            (TABLE public.report EXCEPT ALL TABLE public.report_before)) AS d;
    DROP TABLE now;
    RETURN NEXT;
END
$$;
CREATE SCHEMA "O'Brien ""&"" Co.";
ALTER EXTENSION activity SET SCHEMA "O'Brien ""&"" Co.";
SELECT * FROM public.differences('O''Brien "&" Co.');
SELECT public.monitored();
SELECT to_regproc('"Contact-Centre".activities') IS NULL AS gone;
\c activity_schema
SET lc_messages = 'C';
SET client_min_messages = warning;
SET search_path = '';
SELECT * FROM public.differences('O''Brien "&" Co.');
SELECT public.monitored();

--
-- Things of the same names that are found earlier, before pg_catalog even, change
-- nothing, neither for an extension that is there nor for one being created
--
CREATE SCHEMA decoy;
CREATE FUNCTION decoy.equal(anyenum, anyenum) RETURNS boolean
    LANGUAGE plpgsql AS 'BEGIN RAISE ''decoyed''; END';
CREATE OPERATOR decoy.= (LEFTARG = anyenum, RIGHTARG = anyenum, FUNCTION = decoy.equal);
CREATE FUNCTION decoy.equal("O'Brien ""&"" Co.".activity_reason,
                            "O'Brien ""&"" Co.".activity_reason) RETURNS boolean
    LANGUAGE plpgsql AS 'BEGIN RAISE ''decoyed''; END';
CREATE OPERATOR decoy.= (LEFTARG = "O'Brien ""&"" Co.".activity_reason,
                         RIGHTARG = "O'Brien ""&"" Co.".activity_reason,
                         FUNCTION = decoy.equal);
CREATE TYPE decoy.interaction_state AS ENUM ('Wrap', 'Connected', 'Decoyed');
CREATE TYPE decoy.interaction_status AS ENUM ('Completed', 'Decoyed');
CREATE TYPE decoy.interaction_direction AS ENUM ('Inbound', 'Decoyed');
CREATE TYPE decoy.activity_reason AS ENUM ('NoAnswer', 'Decoyed');
CREATE TYPE decoy.activity AS (decoyed text);
CREATE FUNCTION decoy.activities(json, text DEFAULT 'stop') RETURNS SETOF decoy.activity
    LANGUAGE plpgsql AS 'BEGIN RAISE ''decoyed''; END';
CREATE FUNCTION decoy.activities(jsonb, text DEFAULT 'stop') RETURNS SETOF decoy.activity
    LANGUAGE plpgsql AS 'BEGIN RAISE ''decoyed''; END';
CREATE FUNCTION decoy.activity_sums_accum(bigint[], decoy.activity) RETURNS bigint[]
    LANGUAGE plpgsql AS 'BEGIN RAISE ''decoyed''; END';
CREATE AGGREGATE decoy.handle_time(decoy.activity) (
    SFUNC = decoy.activity_sums_accum, STYPE = bigint[]
);
CREATE TEMPORARY TABLE activity (decoyed text);

SET search_path = pg_temp, decoy, pg_catalog;
\set VERBOSITY terse
SELECT 'Wrap'::activity_reason;
SELECT activities('[]'::json);
\set VERBOSITY default
SELECT * FROM public.differences('O''Brien "&" Co.');
SELECT public.monitored();


DROP TABLE public.activities, public.one_column CASCADE;
DROP FUNCTION public.monitored();
DROP EXTENSION activity CASCADE;
CREATE SCHEMA "Activity";
CREATE EXTENSION activity SCHEMA "Activity";
CREATE TABLE public.activities OF "Activity".activity WITH (parallel_workers = 2);
CREATE TABLE public.one_column (activity "Activity".activity);
SELECT count(*) AS results, count(before) AS same
  FROM public.use_everything('Activity') AS now
  LEFT JOIN public.before USING (what, result);

\pset format aligned
\pset tuples_only off
\c :"first_database"
DROP DATABASE activity_schema;
