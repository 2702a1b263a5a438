-- The metrics over columns are those over whole activities, to the last bit:
-- however grouped, in parallel, in windows, and with nulls everywhere.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA metrics_columns;
SET search_path = metrics_columns, public;
\getenv srcdir PG_ABS_SRCDIR
\set generate :srcdir '/bench/generate.sql'
\set ECHO none
\i :generate
\set ECHO all
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
        WITH m AS MATERIALIZED (SELECT %1$s AS key,
            ARRAY[handle_time(a), talk_time(a), wrap_time(a), ring_time(a), handled_participations(a), offered_participations(a),
                unexpected_participations(a), average_handle_time(a), unexpected_rate(a), unexpected_rate(a, 'NoAnswer'),
                unexpected_rate(a, 'CallRejected'), busy_time(a), peak_concurrency(a)]::text AS as_rows,
            ARRAY[handle_time(state, reason, duration_ms), talk_time(state, reason, duration_ms),
                wrap_time(state, reason, duration_ms), ring_time(state, reason, duration_ms),
                handled_participations(state, reason, duration_ms, interaction_guid, channel_guid, agent_id),
                offered_participations(state, reason, interaction_guid, channel_guid, agent_id),
                unexpected_participations(state, reason, interaction_guid, channel_guid, agent_id),
                average_handle_time(state, reason, duration_ms, interaction_guid, channel_guid, agent_id),
                unexpected_rate(state, reason, interaction_guid, channel_guid, agent_id),
                unexpected_rate(state, reason, interaction_guid, channel_guid, agent_id, start, 'NoAnswer'),
                unexpected_rate(state, reason, interaction_guid, channel_guid, agent_id, start, 'CallRejected'),
                busy_time(state, reason, duration_ms, agent_id, start),
                peak_concurrency(state, reason, duration_ms, interaction_guid, channel_guid, agent_id, start)]::text AS as_columns
            FROM a %2$s)
        SELECT count(*), count(*) FILTER (WHERE as_rows IS DISTINCT FROM as_columns) FROM m
        $q$, coalesce(per, 'NULL::text'), 'GROUP BY ' || per);
    line text;
BEGIN
    partial := false;
    FOR line IN EXECUTE 'EXPLAIN ' || query LOOP
        partial := partial OR line ~ 'Partial';
    END LOOP;
    RETURN QUERY EXECUTE 'SELECT *, ' || partial || ' FROM (' || query || ') AS q';
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
    unexpected_rate(state, reason, interaction_guid, channel_guid, agent_id),
    busy_time(state, reason, duration_ms, agent_id, start),
    peak_concurrency(state, reason, duration_ms, interaction_guid, channel_guid, agent_id, start)
FROM a WHERE false;
SELECT handle_time(NULL::interaction_state, NULL, NULL), handled_participations(NULL::interaction_state, NULL, NULL, NULL, NULL, NULL),
    unexpected_rate(NULL::interaction_state, NULL, NULL, NULL, NULL),
    busy_time(NULL::interaction_state, NULL, NULL, NULL, NULL)
FROM generate_series(1, 3);
SELECT unexpected_rate(state, reason, interaction_guid, channel_guid, agent_id, start, NULL) FROM a;
\set VERBOSITY sqlstate
SELECT talk_time('Connected', NULL, -1);
SELECT talk_time('Connected', NULL, 9223372036854775807) FROM generate_series(1, 2);
\set VERBOSITY default

SET client_min_messages = warning;
DROP SCHEMA metrics_columns CASCADE;
