-- Parallel workers, parallel appends and partition-wise aggregation compute the
-- metrics in parts, and the results are those of one process to the bit.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA metrics_parallel;
SET search_path = metrics_parallel, public;

\getenv srcdir PG_ABS_SRCDIR
\set generator :srcdir '/bench/generate.sql'
\set plans :srcdir '/sql/include/plans.sql'
\set metrics :srcdir '/sql/include/metrics.sql'
\set ECHO none
\i :generator
\i :plans
\i :metrics
\set ECHO all
TABLE metric_mismatch;

CREATE TABLE typed OF activity;
INSERT INTO typed SELECT * FROM generate_activities(12000, 50, 3);
-- in an order that tears participations apart
CREATE TABLE shuffled OF activity;
INSERT INTO shuffled SELECT * FROM typed ORDER BY md5(start::text), agent_id, state;
-- the activity in a column, null in every tenth row
CREATE TABLE stored AS
    SELECT agent_id, medium, CASE WHEN n % 10 <> 0 THEN a END AS a
      FROM (SELECT agent_id, medium, a::activity AS a, row_number() OVER () AS n
              FROM typed AS a) AS v;
-- four partitions, one of them with its columns in another order
CREATE TABLE partitioned OF activity PARTITION BY HASH (agent_id);
CREATE TABLE partition_0 PARTITION OF partitioned FOR VALUES WITH (MODULUS 4, REMAINDER 0);
CREATE TABLE partition_1 PARTITION OF partitioned FOR VALUES WITH (MODULUS 4, REMAINDER 1);
CREATE TABLE partition_2 PARTITION OF partitioned FOR VALUES WITH (MODULUS 4, REMAINDER 2);
CREATE TABLE partition_3 (
    reported_at timestamptz,
    medium_manager text,
    gone text,
    agent_id text,
    reason activity_reason,
    channel_guid uuid,
    interaction_guid uuid,
    medium text,
    direction interaction_direction,
    state interaction_state,
    status interaction_status,
    duration_ms bigint,
    start timestamptz
);
ALTER TABLE partition_3 DROP gone;
ALTER TABLE partitioned ATTACH PARTITION partition_3 FOR VALUES WITH (MODULUS 4, REMAINDER 3);
INSERT INTO partitioned SELECT * FROM typed;
ANALYZE typed, shuffled, stored, partitioned;
SELECT relname, relpages > 100 AS many_pages, reltuples > 1000 AS many_rows
  FROM pg_class
 WHERE relnamespace = 'metrics_parallel'::regnamespace AND relkind = 'r' AND relname <> 'metric'
 ORDER BY relname;

-- A query for every metric of a source, of all or per some key. The text of a
-- float8 tells all of its bits.
CREATE FUNCTION metrics_query(source text, per text) RETURNS text
    LANGUAGE sql
    RETURN format('SELECT m::text FROM (SELECT %s AS key, count(*), %s FROM %s AS a %s) AS m',
        coalesce(per, 'NULL'), metrics('activity', 'a::activity'), source, 'GROUP BY ' || per);

CREATE FUNCTION answers(query text) RETURNS SETOF text
    LANGUAGE plpgsql AS
$$
BEGIN
    RETURN QUERY EXECUTE query;
END
$$;
-- The answers of a query, and how many of them are not the serial ones.
CREATE FUNCTION serial_answers(query text) RETURNS SETOF text
    LANGUAGE plpgsql
    SET max_parallel_workers_per_gather = 0
    SET enable_partitionwise_aggregate = off AS
$$
BEGIN
    RETURN QUERY EXECUTE query;
END
$$;
CREATE FUNCTION compare(query text, OUT answers bigint, OUT differences bigint)
    LANGUAGE sql AS
$$
    WITH answer AS MATERIALIZED (SELECT * FROM answers(query)),
         serial AS MATERIALIZED (SELECT * FROM serial_answers(query))
    SELECT (SELECT count(*) FROM answer),
           (SELECT count(*) FROM (TABLE answer EXCEPT ALL TABLE serial) AS d)
           + (SELECT count(*) FROM (TABLE serial EXCEPT ALL TABLE answer) AS d)
$$;

CREATE TABLE grouping (nr integer, name text, per text);
INSERT INTO grouping VALUES
    (1, 'all', NULL),
    (2, 'agent', 'agent_id'),
    (3, 'agent, medium', '(agent_id, medium)');

--
-- Parallel workers
--
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
-- aggregating is dear, so that it is worth sharing, and whole rows are not free
-- to pass on
SET cpu_operator_cost = 0.1;
SET parallel_tuple_cost = 0.1;

-- none
SET max_parallel_workers_per_gather = 0;
SELECT name AS per, partial, workers, answers, differences
  FROM grouping, metrics_query('typed', per) AS query, plan(query), compare(query)
 ORDER BY nr;

SET max_parallel_workers_per_gather = 2;
SELECT source, name AS per, partial, workers, answers, differences
  FROM (VALUES ('typed'), ('shuffled'), ('stored')) AS s (source), grouping,
       metrics_query(source, per) AS query, plan(query), compare(query)
 ORDER BY source, nr;

-- by workers alone
SET parallel_leader_participation = off;
SELECT name AS per, partial, workers, answers, differences
  FROM grouping, metrics_query('typed', per) AS query, plan(query), compare(query)
 ORDER BY nr;
RESET parallel_leader_participation;

-- with sorted groups
SET enable_hashagg = off;
SELECT name AS per, partial, workers, answers, differences
  FROM grouping, metrics_query('shuffled', per) AS query, plan(query), compare(query)
 ORDER BY nr;
RESET enable_hashagg;

-- many small groups; the planner is told how many
CREATE STATISTICS hours (ndistinct)
    ON agent_id, (date_bin('1 hour', start, '2000-01-01 00:00:00+00')) FROM shuffled;
ANALYZE shuffled;
SELECT answers, differences
  FROM metrics_query('shuffled', $$(agent_id, date_bin('1 hour', start, '2000-01-01 00:00:00+00'))$$) AS query,
       plan(query), compare(query);

-- workers that find no rows, and workers that find only null ones
SELECT source, partial, workers, answers
  FROM (VALUES ('(SELECT * FROM typed WHERE length(agent_id) > 1000)'),
               ('(SELECT NULL::activity AS a FROM typed)')) AS s (source),
       metrics_query(source, NULL) AS query, plan(query), answers(query);

-- the rows of a typed table pass for the type
CREATE TABLE t OF activity;
INSERT INTO t TABLE typed;
SELECT partial, workers FROM plan('SELECT average_handle_time(t) FROM t');
SELECT average_handle_time(t)
       = sum(duration_ms) FILTER (WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor')
         / (1000.0::float8
            * count(DISTINCT (agent_id, interaction_guid, channel_guid))
              FILTER (WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor'
                            AND duration_ms IS NOT NULL))
       AS equal
  FROM t;

--
-- Parallel append
--
SELECT name AS per, partial, parallel_append, workers, answers, differences
  FROM grouping,
       metrics_query('(TABLE typed UNION ALL TABLE shuffled)', per) AS query,
       plan(query), compare(query)
 ORDER BY nr;
SELECT name AS per, partial, parallel_append, workers, answers, differences
  FROM grouping, metrics_query('partitioned', per) AS query, plan(query), compare(query)
 ORDER BY nr;

--
-- Partition-wise aggregation: an agent's rows are in one partition, so that an
-- aggregate per agent is whole in it, and others are partial.
--
SET enable_partitionwise_aggregate = on;
SET max_parallel_workers_per_gather = 0;
SELECT name AS per, partial, partition_wise, workers, answers, differences
  FROM grouping, metrics_query('partitioned', per) AS query, plan(query), compare(query)
 ORDER BY nr;
SET max_parallel_workers_per_gather = 2;
SELECT name AS per, partition_wise, workers, answers, differences
  FROM grouping, metrics_query('partitioned', per) AS query, plan(query), compare(query)
 ORDER BY nr;

-- the partitioned table has the rows of the other one
SELECT count(*) AS differences
  FROM (SELECT * FROM answers(metrics_query('typed', 'agent_id'))
        EXCEPT
        SELECT * FROM answers(metrics_query('partitioned', 'agent_id'))) AS d;

RESET ALL;
SET client_min_messages = warning;
DROP SCHEMA metrics_parallel CASCADE;
