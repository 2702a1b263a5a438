-- Of the deliveries of an activity the one that tells most is kept: rule by
-- rule, and as a total order, so that neither the order of arrival nor parts
-- and parallel workers matter.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA best_known_test;
SET search_path = best_known_test, public;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SET jit = off;

-- a delivery of always the same activity
CREATE FUNCTION delivered(duration_ms bigint, status interaction_status DEFAULT 'Completed',
        reported text DEFAULT '12:00', reason activity_reason DEFAULT NULL,
        direction interaction_direction DEFAULT 'Inbound', medium text DEFAULT 'Phone',
        manager text DEFAULT 'VCC')
    RETURNS activity
    RETURN ROW('2026-03-29 00:30:00+00', duration_ms, 'Connected', status, direction,
               lpad('1', 32, '0'), NULL, reason, '002', medium, manager,
               ('2026-03-29 ' || reported)::timestamptz)::activity;

--
-- Each rule, with all that comes after it saying the contrary
--
CREATE TABLE rule (nr serial, rule text, better activity, worse activity);
INSERT INTO rule (rule, better, worse) VALUES
    ('a known duration beats none',
     delivered(5, 'Ongoing', '11:00', NULL, NULL, NULL, NULL),
     delivered(NULL, 'Completed', '13:00', 'CallFailed', 'Internal', 'z', 'z')),
    ('a duration of 0 is known',
     delivered(0, NULL, NULL, NULL, NULL, NULL, NULL),
     delivered(NULL, 'Completed', '13:00', 'CallFailed', 'Internal', 'z', 'z')),
    ('Completed beats InternalError',
     delivered(5, 'Completed', '11:00', NULL, NULL, NULL, NULL),
     delivered(9, 'InternalError', '13:00', 'CallFailed', 'Internal', 'z', 'z')),
    ('InternalError beats Ongoing',
     delivered(5, 'InternalError', '11:00', NULL, NULL, NULL, NULL),
     delivered(9, 'Ongoing', '13:00', 'CallFailed', 'Internal', 'z', 'z')),
    ('Ongoing beats no status',
     delivered(5, 'Ongoing', NULL, NULL, NULL, NULL, NULL),
     delivered(9, NULL, '13:00', 'CallFailed', 'Internal', 'z', 'z')),
    ('also without durations',
     delivered(NULL, 'InternalError', '11:00', NULL, NULL, NULL, NULL),
     delivered(NULL, 'Ongoing', '13:00', 'CallFailed', 'Internal', 'z', 'z')),
    ('the later report',
     delivered(5, 'Completed', '12:00:00.000001', NULL, NULL, NULL, NULL),
     delivered(9, 'Completed', '12:00', 'CallFailed', 'Internal', 'z', 'z')),
    ('any report beats one without a time',
     delivered(5, 'Completed', '00:00', NULL, NULL, NULL, NULL),
     delivered(9, 'Completed', NULL, 'CallFailed', 'Internal', 'z', 'z')),
    ('also without statuses',
     delivered(5, NULL, '13:00', NULL, NULL, NULL, NULL),
     delivered(9, NULL, '12:00', 'CallFailed', 'Internal', 'z', 'z')),
    ('the longer duration',
     delivered(9223372036854775807, 'Completed', '12:00', NULL, NULL, NULL, NULL),
     delivered(9223372036854775806, 'Completed', '12:00', 'CallFailed', 'Internal', 'z', 'z')),
    ('also without reports',
     delivered(1, 'Completed', NULL, NULL, NULL, NULL, NULL),
     delivered(0, 'Completed', NULL, 'CallFailed', 'Internal', 'z', 'z')),
    ('the later reason',
     delivered(5, 'Completed', '12:00', 'CallFailed', NULL, NULL, NULL),
     delivered(5, 'Completed', '12:00', 'CallRejected', 'Internal', 'z', 'z')),
    ('any reason beats none',
     delivered(5, 'Completed', '12:00', 'Monitor', NULL, NULL, NULL),
     delivered(5, 'Completed', '12:00', NULL, 'Internal', 'z', 'z')),
    ('the later direction',
     delivered(5, 'Completed', '12:00', NULL, 'Outbound', NULL, NULL),
     delivered(5, 'Completed', '12:00', NULL, 'Inbound', 'z', 'z')),
    ('any direction beats none',
     delivered(5, 'Completed', '12:00', NULL, 'Inbound', NULL, NULL),
     delivered(5, 'Completed', '12:00', NULL, NULL, 'z', 'z')),
    ('the greater medium, byte by byte',
     delivered(5, 'Completed', '12:00', NULL, 'Inbound', 'a', NULL),
     delivered(5, 'Completed', '12:00', NULL, 'Inbound', 'B', 'z')),
    ('the longer medium',
     delivered(5, 'Completed', '12:00', NULL, 'Inbound', 'Phone Callback', NULL),
     delivered(5, 'Completed', '12:00', NULL, 'Inbound', 'Phone', 'z')),
    ('an empty medium beats none',
     delivered(5, 'Completed', '12:00', NULL, 'Inbound', '', NULL),
     delivered(5, 'Completed', '12:00', NULL, 'Inbound', NULL, 'z')),
    ('the greater manager',
     delivered(5, 'Completed', '12:00', NULL, 'Inbound', 'Phone', 'VCC'),
     delivered(5, 'Completed', '12:00', NULL, 'Inbound', 'Phone', 'VBC')),
    ('any manager beats none',
     delivered(NULL, NULL, NULL, NULL, NULL, NULL, ''),
     delivered(NULL, NULL, NULL, NULL, NULL, NULL, NULL));
SELECT nr, rule,
       activity_best_known(better, worse) = better AND activity_best_known(worse, better) = better AS best,
       activity_is_better_known(better, worse) AS more, activity_is_better_known(worse, better) AS less,
       (SELECT best_known(d) = better FROM (VALUES (1, better), (2, worse)) AS v (n, d)) AS first,
       (SELECT best_known(d) = better FROM (VALUES (1, worse), (2, NULL), (3, better), (4, worse)) AS v (n, d)) AS later
  FROM rule
 ORDER BY nr;

-- the same tells neither more nor less
SELECT count(*) AS deliveries,
       count(*) FILTER (WHERE activity_is_better_known(better, better) OR activity_is_better_known(worse, worse)) AS more,
       count(*) FILTER (WHERE activity_best_known(better, better) IS DISTINCT FROM better) AS changed
  FROM rule;

-- nothing
SELECT best_known(better) AS no_rows FROM rule WHERE false;
SELECT best_known(d) AS null_ones FROM (VALUES (NULL::activity), (NULL)) AS v (d);
SELECT activity_best_known(NULL, better) AS null_one, activity_best_known(better, NULL) AS null_other,
       activity_is_better_known(NULL, better) AS null_first, activity_is_better_known(better, NULL) AS null_second
  FROM rule
 WHERE nr = 1;
SELECT best_known(d) AS all_null
  FROM (VALUES (ROW(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::activity)) AS v (d);
-- what no page brings
\set VERBOSITY sqlstate
SELECT activity_best_known(delivered(5), delivered(-1));
\set VERBOSITY default

--
-- A total order: that of ORDER BY
--
CREATE TABLE pool AS
    SELECT rank() OVER (ORDER BY (d).duration_ms IS NOT NULL DESC, (d).status DESC NULLS LAST,
                                 (d).reported_at DESC NULLS LAST, (d).duration_ms DESC NULLS LAST,
                                 (d).reason DESC NULLS LAST, (d).direction DESC NULLS LAST,
                                 (d).medium COLLATE "C" DESC NULLS LAST,
                                 (d).medium_manager COLLATE "C" DESC NULLS LAST)::integer AS rank,
           d
      FROM unnest('{NULL, 0, 1, 3000000000}'::bigint[]) AS duration_ms,
           unnest(enum_range(NULL::interaction_status) || NULL::interaction_status) AS status,
           unnest('{NULL, 11:00, 12:00}'::text[]) AS reported,
           unnest('{NULL, Monitor, NoAnswer}'::activity_reason[]) AS reason,
           unnest('{NULL, Inbound, Outbound}'::interaction_direction[]) AS direction,
           unnest('{NULL, "", a, B, ab}'::text[]) AS medium,
           unnest('{NULL, VCC}'::text[]) AS manager,
           delivered(duration_ms, status, reported, reason, direction, medium, manager) AS made,
           LATERAL (VALUES (ROW(made.*)::activity)) AS v (d);
CREATE UNIQUE INDEX ON pool (rank);
SELECT count(*), count(DISTINCT rank), max(rank) FROM pool;
-- pairs, drawn at random, and each with the next one
WITH pair AS (
    SELECT x.rank AS x_rank, y.rank AS y_rank, x.d AS x, y.d AS y
      FROM generate_series(1, 50000) AS n
      JOIN pool AS x ON x.rank = 1 + (hashint8extended(n, 1) & 2147483647) % 4320
      JOIN pool AS y ON y.rank = 1 + (hashint8extended(n, 2) & 2147483647) % 4320
     UNION ALL
    SELECT x.rank, y.rank, x.d, y.d FROM pool AS x JOIN pool AS y ON y.rank = x.rank + 1
)
SELECT count(*) AS pairs,
       count(*) FILTER (WHERE activity_best_known(x, y) IS DISTINCT FROM CASE WHEN x_rank < y_rank THEN x ELSE y END) AS differ,
       count(*) FILTER (WHERE activity_best_known(y, x) IS DISTINCT FROM CASE WHEN x_rank < y_rank THEN x ELSE y END) AS differ_swapped,
       count(*) FILTER (WHERE activity_is_better_known(x, y) <> (x_rank < y_rank)) AS more_differ,
       count(*) FILTER (WHERE activity_is_better_known(y, x) <> (y_rank < x_rank)) AS more_differ_swapped
  FROM pair;
-- triples: in all six orders, and merged either way
WITH triple AS (
    SELECT least(x.rank, y.rank, z.rank) AS rank, x.d AS x, y.d AS y, z.d AS z
      FROM generate_series(1, 10000) AS n
      JOIN pool AS x ON x.rank = 1 + (hashint8extended(n, 3) & 2147483647) % 4320
      -- half of them near each other, to tell only by what decides last
      JOIN pool AS y ON y.rank = 1 + (x.rank + (hashint8extended(n, 4) & 2147483647) % CASE n % 2 WHEN 0 THEN 7 ELSE 4320 END) % 4320
      JOIN pool AS z ON z.rank = 1 + (x.rank + (hashint8extended(n, 5) & 2147483647) % CASE n % 2 WHEN 0 THEN 7 ELSE 4320 END) % 4320
)
SELECT count(*) AS triples,
       count(*) FILTER (WHERE best.d IS DISTINCT FROM (SELECT best_known(d) FROM (VALUES (x), (y), (z)) AS v (d))) AS xyz,
       count(*) FILTER (WHERE best.d IS DISTINCT FROM (SELECT best_known(d) FROM (VALUES (x), (z), (y)) AS v (d))) AS xzy,
       count(*) FILTER (WHERE best.d IS DISTINCT FROM (SELECT best_known(d) FROM (VALUES (y), (x), (z)) AS v (d))) AS yxz,
       count(*) FILTER (WHERE best.d IS DISTINCT FROM (SELECT best_known(d) FROM (VALUES (y), (z), (x)) AS v (d))) AS yzx,
       count(*) FILTER (WHERE best.d IS DISTINCT FROM (SELECT best_known(d) FROM (VALUES (z), (x), (y)) AS v (d))) AS zxy,
       count(*) FILTER (WHERE best.d IS DISTINCT FROM (SELECT best_known(d) FROM (VALUES (z), (y), (x)) AS v (d))) AS zyx,
       count(*) FILTER (WHERE best.d IS DISTINCT FROM activity_best_known(activity_best_known(x, y), z)) AS left_first,
       count(*) FILTER (WHERE best.d IS DISTINCT FROM activity_best_known(x, activity_best_known(y, z))) AS right_first
  FROM triple
  JOIN pool AS best USING (rank);

--
-- Many deliveries of generated activities: against DISTINCT ON, and in parts
--
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/plans.sql'
\set generator :srcdir '/bench/generate.sql'
\set ECHO none
\i :include
\i :generator
\set ECHO all
CREATE TABLE delivery OF activity WITH (autovacuum_enabled = off);
INSERT INTO delivery
    SELECT start,
           CASE WHEN h & 3 > 0 THEN duration_ms / (1 + (h >> 2 & 1)) END,
           state,
           CASE WHEN h >> 4 & 1 = 0 THEN (enum_range(NULL::interaction_status) || NULL::interaction_status)[1 + (h >> 5 & 3)] ELSE status END,
           direction, interaction_guid, channel_guid,
           CASE WHEN h >> 7 & 3 > 0 THEN reason END,
           agent_id,
           CASE WHEN h >> 9 & 7 > 0 THEN medium END,
           CASE WHEN h >> 12 & 7 > 0 THEN medium_manager END,
           CASE WHEN h >> 15 & 3 > 0 THEN reported_at + (h >> 17 & 3) * '1 minute'::interval END
      FROM (SELECT *, row_number() OVER () AS n FROM generate_activities(15000, 100, 31)) AS g,
           generate_series(1, 3) AS nr, hashint8extended(n, nr) AS h
     ORDER BY hashint8extended(n, nr + 10);
CREATE TABLE plain OF activity;
INSERT INTO plain
    SELECT DISTINCT ON (agent_id, interaction_guid, channel_guid, start, state) *
      FROM delivery
     ORDER BY agent_id, interaction_guid, channel_guid, start, state,
              duration_ms IS NOT NULL DESC, status DESC NULLS LAST, reported_at DESC NULLS LAST,
              duration_ms DESC NULLS LAST, reason DESC NULLS LAST, direction DESC NULLS LAST,
              medium COLLATE "C" DESC NULLS LAST, medium_manager COLLATE "C" DESC NULLS LAST;
CREATE FUNCTION compare(source text, OUT partial boolean, OUT workers boolean, OUT activities bigint, OUT differ bigint)
    LANGUAGE plpgsql AS
$$
DECLARE
    query text := format('SELECT best_known(d::activity) AS best FROM %s AS d
                           GROUP BY agent_id, interaction_guid, channel_guid, start, state', source);
BEGIN
    SELECT p.partial, p.workers INTO partial, workers FROM plan(query) AS p;
    EXECUTE format($query$
        WITH best AS MATERIALIZED (SELECT (best).* FROM (%s OFFSET 0) AS v)
        SELECT (SELECT count(*) FROM best),
               (SELECT count(*) FROM (TABLE best EXCEPT ALL TABLE plain) AS d)
               + (SELECT count(*) FROM (TABLE plain EXCEPT ALL TABLE best) AS d)
        $query$, query) INTO activities, differ;
END
$$;
SELECT (SELECT count(*) >= 100000 FROM delivery) AS enough,
       (SELECT count(*) FROM plain) AS activities;
SET max_parallel_workers_per_gather = 0;
SELECT * FROM compare('delivery');

-- in parts: those of an activity in different partitions
CREATE TABLE parted OF activity PARTITION BY HASH (status, reported_at);
CREATE TABLE part_0 PARTITION OF parted FOR VALUES WITH (MODULUS 3, REMAINDER 0) WITH (autovacuum_enabled = off);
CREATE TABLE part_1 PARTITION OF parted FOR VALUES WITH (MODULUS 3, REMAINDER 1) WITH (autovacuum_enabled = off);
CREATE TABLE part_2 PARTITION OF parted FOR VALUES WITH (MODULUS 3, REMAINDER 2) WITH (autovacuum_enabled = off);
INSERT INTO parted TABLE delivery;
SET enable_partitionwise_aggregate = on;
SET cpu_tuple_cost = 1;
SELECT * FROM compare('parted');
RESET cpu_tuple_cost;

-- by workers
SET max_parallel_workers_per_gather = 2;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET cpu_operator_cost = 1;
SET parallel_tuple_cost = 1;
SET parallel_leader_participation = off;
SET work_mem = '64MB';
SELECT * FROM compare('delivery');
SELECT * FROM compare('parted');
SELECT * FROM compare('(TABLE part_1 UNION ALL TABLE part_0 UNION ALL TABLE part_2)');

RESET ALL;
SET client_min_messages = warning;
DROP SCHEMA best_known_test CASCADE;
