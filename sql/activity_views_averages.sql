-- In the view of participations the averages of the averageable columns are the metrics over the same participations, in any
-- grouping by its labels, flags and local columns; sums of counts are no integers, in any view.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA activity_views_averages;
SET search_path = activity_views_averages, public;
SET timezone = 'America/St_Johns';
\getenv srcdir PG_ABS_SRCDIR
\set generator :srcdir '/bench/generate.sql'
\set ECHO none
\i :generator
\set ECHO all

SELECT create_activity_table('kept');
SELECT inserted > 7000 AS loaded
FROM load_activities('kept', (SELECT array_agg(a) FROM generate_activities(3000, 12, 5) AS a));
SELECT count(*) AS views FROM create_activity_views('kept', 'Europe/Lisbon');

-- what can be grouped by: what is neither a figure nor a key
CREATE TABLE dimension AS
    SELECT row_number() OVER (ORDER BY attnum) - 1 AS nr, attname::text AS name
    FROM pg_attribute
    WHERE attrelid = 'kept_participation_report'::regclass AND attnum > 0
        AND col_description(attrelid, attnum) LIKE '%Group by it%' AND attname !~ '_(at|local)$' AND attname NOT IN ('participation_id', 'interaction_guid', 'channel_guid');
SELECT count(*) AS dimensions FROM dimension;
-- none, each of them, and sets of up to four of them
CREATE TABLE grouping_by AS
    SELECT 0 AS nr, '{}'::text[] AS names
    UNION ALL SELECT 1 + nr, ARRAY[name] FROM dimension
    UNION ALL
    SELECT 100 + n, array_agg(DISTINCT name ORDER BY name)
    FROM generate_series(1, 170) AS n CROSS JOIN generate_series(1, 2 + n % 3) AS m
        JOIN dimension AS d ON d.nr = abs(hashint8extended(n, m) % (SELECT count(*) FROM dimension))
    GROUP BY n;
SELECT count(*) AS groupings, count(DISTINCT names) >= 200 AS at_least_200_different FROM grouping_by;

-- the metric over the table's rows, and what it differs from the average by; null is as good as null only
CREATE FUNCTION differs(metric double precision, average double precision) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN num_nulls(metric, average) > 0 THEN num_nulls(metric, average) = 1 ELSE abs(metric - average) > 1e-12 * abs(metric) END
$$;
CREATE FUNCTION compare(names text[], OUT groups bigint, OUT handle bigint, OUT talk bigint, OUT wrap bigint, OUT parked bigint,
                        OUT answer bigint, OUT unexpected bigint, OUT answered bigint, OUT failed bigint, OUT divided bigint, OUT nulls bigint)
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT count(*),
            count(*) FILTER (WHERE differs(m.handle, v.handle)), count(*) FILTER (WHERE differs(m.talk, v.talk)), count(*) FILTER (WHERE differs(m.wrap, v.wrap)),
            count(*) FILTER (WHERE differs(m.parked, v.parked)), count(*) FILTER (WHERE differs(m.answer, v.answer)), count(*) FILTER (WHERE differs(m.unexpected, v.unexpected)),
            count(*) FILTER (WHERE differs(m.answered, v.answered)), count(*) FILTER (WHERE differs(m.failed, v.failed)),
            count(*) FILTER (WHERE differs(m.handle, v.divided_handle) OR differs(m.unexpected, v.divided_unexpected)), count(*) FILTER (WHERE v.handle IS NULL)
        FROM (SELECT %1$s AS key, average_handle_time(p) AS handle, talk_time(p) / nullif(handled_participations(p), 0) AS talk, wrap_time(p) / nullif(handled_participations(p), 0) AS wrap,
                parked_time(p) FILTER (WHERE p.handled) / nullif(handled_participations(p), 0) AS parked, average_answer_time(p) AS answer, unexpected_rate(p) AS unexpected,
                answered_participations(p)::float8 / nullif(offered_participations(p), 0) AS answered,
                count(*) FILTER (WHERE p.outcome = ''Failed'')::float8 / nullif(offered_participations(p), 0) AS failed
              FROM kept_participation AS p JOIN kept_participation_report AS r
                ON (r.agent_id, r.interaction_guid) = (p.agent_id, p.interaction_guid::text) AND r.channel_guid IS NOT DISTINCT FROM p.channel_guid::text
              GROUP BY key) AS m
        FULL JOIN (SELECT %1$s AS key, avg(handle_s_of_handled) AS handle, avg(talk_s_of_handled) AS talk, avg(wrap_s_of_handled) AS wrap, avg(parked_s_of_handled) AS parked,
                avg(answer_s) AS answer, avg(unexpected_of_offered) AS unexpected, avg(answered_of_offered) AS answered, avg(failed_of_offered) AS failed,
                sum(handle_s) / nullif(sum(handled_count), 0) AS divided_handle, sum(unexpected_count) / nullif(sum(offered_count), 0) AS divided_unexpected
              FROM kept_participation_report AS r GROUP BY key) AS v USING (key)',
        CASE WHEN names = '{}' THEN '''all''' ELSE (SELECT format('concat_ws(''|'', %s)', string_agg(format('coalesce(r.%I::text, ''null'')', name), ', ')) FROM unnest(names) AS name) END)
    INTO groups, handle, talk, wrap, parked, answer, unexpected, answered, failed, divided, nulls;
END
$$;
SELECT count(*) AS groupings, sum(groups) > 20000 AS many_groups, sum(nulls) > 100 AS some_without_denominator, sum(handle) AS handle, sum(talk) AS talk, sum(wrap) AS wrap,
       sum(parked) AS parked, sum(answer) AS answer, sum(unexpected) AS unexpected, sum(answered) AS answered, sum(failed) AS failed, sum(divided) AS divided
FROM grouping_by, compare(names);

-- counts
CREATE FUNCTION integer_sums() RETURNS TABLE (view regclass, counts bigint, integer_sums bigint) LANGUAGE plpgsql AS $$
DECLARE
    made regclass;
BEGIN
    FOREACH made IN ARRAY '{kept_report,kept_participation_report,kept_interaction_report}'::regclass[] LOOP
        RETURN QUERY EXECUTE (
            SELECT format('SELECT %L::regclass, %s, (SELECT count(*) FROM unnest(ARRAY[%s]) AS type WHERE type <> ''double precision''::regtype) FROM %1$s',
                          made, count(*) || '::bigint', string_agg(format('pg_typeof(sum(%I))', attname), ', '))
            FROM pg_attribute WHERE attrelid = made AND attname LIKE '%\_count');
    END LOOP;
END
$$;
SELECT * FROM integer_sums();

-- the averages of interactions
SELECT differs(avg(length_s), avg((i).length_ms / 1000.0)::float8) AS length, differs(avg(answer_s), avg((i).answer_ms / 1000.0)::float8) AS answer,
       differs(avg(handle_s_of_handled), (sum((i).handle_ms) / 1000.0 / count(*) FILTER (WHERE (i).handled > 0))::float8) AS handle,
       differs(avg(answered_of_offered), (count(*) FILTER (WHERE (i).answered > 0 AND (i).offered > 0)::float8 / count(*) FILTER (WHERE (i).offered > 0))) AS answered,
       differs(avg(transferred_of_answered), (count(*) FILTER (WHERE (i).transfers > 0)::float8 / count(*) FILTER (WHERE (i).answered > 0))) AS transferred,
       differs(avg(consulted_of_answered), (count(*) FILTER (WHERE (i).consults > 0)::float8 / count(*) FILTER (WHERE (i).answered > 0))) AS consulted
FROM kept_interaction_report AS r
    JOIN (SELECT interaction_guid::text, interaction(p) AS i FROM kept_participation AS p GROUP BY interaction_guid) AS k USING (interaction_guid);

RESET ALL;
SET client_min_messages = warning;
DROP SCHEMA activity_views_averages CASCADE;
