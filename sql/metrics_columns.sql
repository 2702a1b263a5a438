-- The metrics over columns are those over whole activities, to the last bit:
-- however grouped, in parallel, in windows, and with nulls everywhere.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA metrics_columns;
SET search_path = metrics_columns, public;
\getenv srcdir PG_ABS_SRCDIR
\set generate :srcdir '/bench/generate.sql'
\set plans :srcdir '/sql/include/plans.sql'
\set metrics :srcdir '/sql/include/metrics.sql'
\set ECHO none
\i :generate
\i :plans
\i :metrics
\set ECHO all
TABLE metric_mismatch;
CREATE TABLE a OF activity;
INSERT INTO a SELECT * FROM generate_activities(40000);
-- rows that no page makes: every attribute null in turn
INSERT INTO a
SELECT start, CASE WHEN i % 7 <> 1 THEN duration_ms END, CASE WHEN i % 7 <> 2 THEN state END, status, direction,
    CASE WHEN i % 7 <> 3 THEN interaction_guid END, CASE WHEN i % 7 <> 4 THEN channel_guid END,
    CASE WHEN i % 7 <> 5 THEN reason END, CASE WHEN i % 7 <> 6 THEN agent_id END, medium, medium_manager, reported_at
FROM (SELECT row_number() OVER () AS i, g.* FROM generate_activities(2000, seed => 7) AS g) AS s;
ANALYZE a;
SELECT count(*) > 100000 AS rows FROM a;

CREATE FUNCTION compare(per text) RETURNS TABLE (groups bigint, differences bigint, partial boolean) LANGUAGE plpgsql AS $$
DECLARE
    query text := format($q$
        WITH m AS MATERIALIZED (SELECT %1$s AS key, %3$s AS as_rows, %4$s AS as_columns FROM a %2$s)
        SELECT count(*), count(*) FILTER (WHERE as_rows IS DISTINCT FROM as_columns) FROM m
        $q$, coalesce(per, 'NULL::text'), 'GROUP BY ' || per, metrics('activity', 'a::activity'), metrics_of_columns());
BEGIN
    RETURN QUERY EXECUTE 'SELECT *, ' || is_partial(query) || ' FROM (' || query || ') AS q';
END
$$;
SET max_parallel_workers_per_gather = 0;
SELECT * FROM compare(NULL);
SELECT * FROM compare('agent_id');
SELECT * FROM compare('agent_id, date_bin(''1 hour'', start, ''2000-01-01Z'')');
SET max_parallel_workers_per_gather = 2;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0.1;
SET cpu_operator_cost = 0.1;
SET min_parallel_table_scan_size = 0;
SELECT * FROM compare(NULL);
SELECT * FROM compare('agent_id');
RESET ALL;
SET search_path = metrics_columns, public;

-- moving frames
SELECT count(*), count(*) FILTER (WHERE as_row IS DISTINCT FROM as_columns) AS differences, count(DISTINCT as_row) > 1000 AS varied
FROM (SELECT handle_time(a) OVER w AS as_row, handle_time(state, reason, duration_ms) OVER w AS as_columns
        FROM a WINDOW w AS (ORDER BY start, agent_id, state, interaction_guid ROWS BETWEEN 10 PRECEDING AND 3 FOLLOWING EXCLUDE CURRENT ROW)) AS s;
-- no rows, rows of nothing, a null reason asked for
SELECT handle_time(state, reason, duration_ms), handled_participations(state, reason, duration_ms, interaction_guid, channel_guid, agent_id),
    unexpected_rate(state, reason, duration_ms, interaction_guid, channel_guid, agent_id),
    busy_time(state, reason, duration_ms, agent_id, start),
    peak_concurrency(state, reason, duration_ms, interaction_guid, channel_guid, agent_id, start)
FROM a WHERE false;
SELECT handle_time(NULL::interaction_state, NULL, NULL), handled_participations(NULL::interaction_state, NULL, NULL, NULL, NULL, NULL),
    unexpected_rate(NULL::interaction_state, NULL, NULL, NULL, NULL, NULL),
    busy_time(NULL::interaction_state, NULL, NULL, NULL, NULL)
FROM generate_series(1, 3);
SELECT unexpected_rate(state, reason, duration_ms, interaction_guid, channel_guid, agent_id, start, NULL) FROM a;
-- over columns of participations: grouped, in moving frames, and with nulls
CREATE TABLE p OF participation;
INSERT INTO p SELECT (p).* FROM (SELECT participation(a) AS p FROM a GROUP BY agent_id, interaction_guid, channel_guid OFFSET 0) AS v;
INSERT INTO p (agent_id, handle_ms, handled) VALUES ('null', NULL, true), ('null', 5000, NULL);
SELECT format('SELECT %L AS form, count(*) > 50 AS groups, count(*) FILTER (WHERE as_rows IS DISTINCT FROM as_columns) AS differences
                 FROM (SELECT %2$s(p) AS as_rows, %2$s(%3$s) AS as_columns FROM p GROUP BY agent_id) AS v',
              format('%s(%s)', name, p_short), name, p_short)
  FROM metric WHERE p_short IS NOT NULL ORDER BY name COLLATE "C" \gexec
SELECT format('SELECT %L AS form, count(*) > 10000 AS frames, count(*) FILTER (WHERE as_row IS DISTINCT FROM as_columns) AS differences, count(DISTINCT as_row) > 10 AS varied
                 FROM (SELECT %2$s(p) OVER w AS as_row, %2$s(%3$s) OVER w AS as_columns
                         FROM p WINDOW w AS (ORDER BY started_at, agent_id, channel_guid ROWS BETWEEN 10 PRECEDING AND 3 FOLLOWING EXCLUDE CURRENT ROW)) AS v',
              format('%s(%s)', name, p_short), name, p_short)
  FROM metric WHERE p_short IS NOT NULL ORDER BY name COLLATE "C" \gexec
-- all metrics over participations, by their full columns: grouped, and in moving frames
SELECT format('SELECT count(*) > 50 AS groups, count(*) FILTER (WHERE as_rows IS DISTINCT FROM as_columns) AS differences
                 FROM (SELECT %s AS as_rows, %s AS as_columns FROM p GROUP BY agent_id OFFSET 0) AS v', metrics('participation', 'p'), metrics_of_participation_columns()) \gexec
SELECT format('SELECT count(*) > 10000 AS frames, count(*) FILTER (WHERE as_rows IS DISTINCT FROM as_columns) AS differences, count(DISTINCT as_rows) > 1000 AS varied
                 FROM (SELECT %s AS as_rows, %s AS as_columns
                         FROM p WINDOW w AS (ORDER BY started_at, agent_id, channel_guid ROWS BETWEEN 10 PRECEDING AND 3 FOLLOWING EXCLUDE CURRENT ROW)) AS v',
              metrics('participation', 'p', over => 'OVER w'),
              (SELECT format('ARRAY[%s]', string_agg(format('(%s(%s%s) OVER w)::text', name, p_columns, ', ' || quote_literal(asked)), ', ' ORDER BY name COLLATE "C", asked))
                 FROM metric WHERE p_columns IS NOT NULL)) \gexec
SELECT average_handle_time(handle_ms, handled), unexpected_rate(outcome, offered) FROM p WHERE false;
SELECT average_handle_time(NULL::bigint, NULL::boolean), unexpected_rate(NULL::participation_outcome, NULL::boolean);
\set VERBOSITY sqlstate
SELECT average_handle_time(-1, true);
SELECT talk_time('Connected', NULL, -1);
SELECT talk_time('Connected', NULL, 9223372036854775807) FROM generate_series(1, 2);
\set VERBOSITY default

SET client_min_messages = warning;
DROP SCHEMA metrics_columns CASCADE;
