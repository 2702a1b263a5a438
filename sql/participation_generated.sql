-- Over more than 100,000 generated activities, and as many with all kinds of
-- odd values in them: every attribute of a participation equals the same in
-- plain SQL; the metrics over participations equal those over activities,
-- however they are grouped; and it does not matter into which parts and in
-- which order the activities come, down to the last bit.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA participation_generated;
SET search_path = participation_generated, public;
SET jit = off;

\getenv srcdir PG_ABS_SRCDIR
\set generator :srcdir '/bench/generate.sql'
\set generated :srcdir '/sql/include/generated.sql'
\set plans :srcdir '/sql/include/plans.sql'
\set metrics :srcdir '/sql/include/metrics.sql'
\set ECHO none
\i :generator
\i :generated
\i :plans
\i :metrics
\set ECHO all
TABLE metric_mismatch;

CREATE TABLE generated OF activity;
INSERT INTO generated SELECT * FROM generate_activities(39500, 100, 5);

-- The same activities, with odd values: starts that tie, that are not whole
-- milliseconds, or null; more open activities, with any status; any state and
-- reason, or none; media that differ within a participation.
CREATE TABLE odd OF activity;
INSERT INTO odd
    SELECT CASE draw(n, 1, 40)
               WHEN 0 THEN NULL
               WHEN 1 THEN '-infinity'
               WHEN 2 THEN 'infinity'
               ELSE date_bin(one_of(n, 2, '{1 hour, 10 seconds, 1 second, 1 ms, 1 us}'::interval[]),
                             start + draw(n, 3, 1000) * '1 us'::interval, '2000-01-01 00:00:00+00')
           END,
           CASE WHEN draw(n, 4, 5) > 0 THEN duration_ms END,
           CASE WHEN draw(n, 5, 3) = 0
                THEN one_of(n, 6, '{Ringing, Connected, Connected, Connected, Wrap, Unexpected, Failed, NULL}'::interaction_state[])
                ELSE state
           END,
           one_of(n, 7, '{Ongoing, InternalError, Completed, NULL}'::interaction_status[]),
           CASE WHEN draw(n, 8, 2) = 0
                THEN one_of(n, 9, '{Inbound, Outbound, Internal, NULL}'::interaction_direction[])
                ELSE direction
           END,
           CASE WHEN draw(hashtext(interaction_guid::text), 18, 50) > 0 THEN interaction_guid END,
           channel_guid,
           CASE WHEN draw(n, 10, 3) = 0
                THEN one_of(n, 11, enum_range(NULL::activity_reason) || NULL::activity_reason)
                ELSE reason
           END,
           nullif(agent_id, '7'),
           CASE WHEN draw(n, 12, 2) = 0
                THEN one_of(n, 13, ARRAY['Phone', 'phone', '', NULL, 'Phone ', repeat('m', 200)])
                ELSE medium
           END,
           CASE WHEN draw(n, 14, 2) = 0 THEN 'UC' ELSE medium_manager END,
           CASE WHEN draw(n, 15, 4) > 0
                THEN reported_at + draw(n, 16, 1000000) * '1 ms'::interval
           END
      FROM (SELECT *, row_number() OVER (ORDER BY start, agent_id COLLATE "C", interaction_guid, channel_guid, state) AS n FROM generated) AS g
     WHERE draw(n, 17, 100) > 0;
ANALYZE generated, odd;
SELECT (SELECT count(*) >= 100000 FROM generated) AS enough,
       (SELECT count(*) >= 100000 FROM odd) AS enough_odd_ones;

CREATE TABLE generated_participation OF participation;
INSERT INTO generated_participation
    SELECT (p).*
      FROM (SELECT participation(a) AS p
              FROM generated AS a
             GROUP BY agent_id, interaction_guid, channel_guid OFFSET 0) AS v;
CREATE TABLE odd_participation OF participation;
INSERT INTO odd_participation
    SELECT (p).*
      FROM (SELECT participation(a) AS p
              FROM odd AS a
             GROUP BY agent_id, interaction_guid, channel_guid OFFSET 0) AS v;
ANALYZE generated_participation, odd_participation;

--
-- Each attribute, in plain SQL
--
\set plain :srcdir '/sql/include/plain_participations.sql'
\set ECHO none
\i :plain
\set ECHO all
CREATE TABLE plain_generated OF participation;
INSERT INTO plain_generated SELECT * FROM plain_participations('generated');
CREATE TABLE plain_odd OF participation;
INSERT INTO plain_odd SELECT * FROM plain_participations('odd');
SELECT (SELECT count(*) FROM generated_participation) AS participations,
       (SELECT count(*)
          FROM (TABLE generated_participation EXCEPT ALL TABLE plain_generated) AS d) AS differ,
       (SELECT count(*)
          FROM (TABLE plain_generated EXCEPT ALL TABLE generated_participation) AS d) AS plain_differ;
SELECT (SELECT count(*) FROM odd_participation) AS participations,
       (SELECT count(*)
          FROM (TABLE odd_participation EXCEPT ALL TABLE plain_odd) AS d) AS differ,
       (SELECT count(*)
          FROM (TABLE plain_odd EXCEPT ALL TABLE odd_participation) AS d) AS plain_differ;

-- they have what the rules tell apart
\x on
SELECT count(*) FILTER (WHERE outcome = 'Answered') > 1000 AS answered,
       count(*) FILTER (WHERE outcome = 'Unanswered') > 100 AS unanswered,
       count(*) FILTER (WHERE outcome = 'Unexpected') > 1000 AS unexpected,
       count(*) FILTER (WHERE outcome = 'Failed') > 100 AS failed,
       count(*) FILTER (WHERE outcome = 'Monitored') > 1000 AS monitored,
       count(*) FILTER (WHERE outcome IS NULL) > 100 AS no_outcome,
       count(DISTINCT unexpected_reason) AS unexpected_reasons,
       count(DISTINCT failed_reason) AS failed_reasons,
       count(*) FILTER (WHERE parked_ms > 0) > 1000 AS parked,
       count(*) FILTER (WHERE connections > 1 AND parked_ms = 0) > 100 AS overlapping,
       count(*) FILTER (WHERE open) > 1000 AS open,
       count(*) FILTER (WHERE NOT open AND ended_at IS NULL) > 1000 AS cut_short,
       count(*) FILTER (WHERE started_at IS NULL) > 100 AS no_start,
       count(*) FILTER (WHERE answered_at IS NULL AND outcome = 'Answered') > 100 AS wrap_only,
       count(*) FILTER (WHERE answered_at > started_at) > 1000 AS answered_later,
       count(*) FILTER (WHERE answered_at IS NOT NULL AND outcome IN ('Unexpected', 'Failed')) > 1000 AS answered_and_refused,
       count(*) FILTER (WHERE answered_at IS NOT NULL AND disconnected_at IS NULL) > 1000 AS not_disconnected,
       count(*) FILTER (WHERE disconnected_at < ended_at) > 1000 AS wrapped,
       count(*) FILTER (WHERE answer_ms > 0) > 1000 AS rang,
       count(*) FILTER (WHERE answer_ms = 0) > 100 AS rang_for_0_ms,
       count(*) FILTER (WHERE answer_ms < (extract(epoch FROM answered_at - started_at) * 1000)) > 100 AS rang_last,
       count(*) FILTER (WHERE answer_ms IS NULL AND ring_ms > 0 AND answered_at > started_at) > 100 AS rang_in_vain,
       count(*) FILTER (WHERE monitor_ms > 0 AND outcome = 'Monitored') > 100 AS listened,
       count(*) FILTER (WHERE monitor_ms > 0 AND outcome <> 'Monitored') > 100 AS took_over,
       count(*) FILTER (WHERE has_monitor AND monitor_ms = 0) > 100 AS monitor_without_time,
       count(*) FILTER (WHERE unexpected_attempts > 1) > 100 AS attempts,
       count(*) FILTER (WHERE date_trunc('milliseconds', started_at) <> started_at) > 1000 AS part_of_a_ms,
       count(*) FILTER (WHERE handled AND NOT offered) > 100 AS handled_not_offered,
       count(*) FILTER (WHERE medium IS NULL) > 100 AS no_medium,
       count(*) FILTER (WHERE agent_id IS NULL) > 100 AS no_agent,
       count(*) FILTER (WHERE channel_guid IS NULL) > 100 AS no_channel,
       count(*) FILTER (WHERE interaction_guid IS NULL) > 100 AS no_interaction,
       count(DISTINCT status) AS statuses
  FROM odd_participation;
\x off

--
-- The metrics of both levels
--

-- A query for all metrics of both levels, grouped by some keys; also by no key
-- and per agent for every reason
CREATE FUNCTION metrics_query(source text, keys text) RETURNS text
    LANGUAGE sql
    RETURN format('SELECT %s %s AS metrics, ARRAY[%s] AS rates FROM %s AS a %s', nullif(keys, '') || ',', metrics('both', 'a'),
        (SELECT string_agg(format('unexpected_rate(a, %L)', r), ', ')
           FROM unnest(enum_range(NULL::activity_reason)) AS r
          WHERE keys IN ('', 'agent_id') OR r = 'CallFailed'),
        source, 'GROUP BY ' || nullif(keys, ''));
CREATE FUNCTION compare(source text, keys text, OUT groups bigint, OUT differences bigint)
    LANGUAGE plpgsql AS
$$
BEGIN
    EXECUTE format($query$
        WITH level_2 AS MATERIALIZED (%1$s),
             level_3 AS MATERIALIZED (%2$s)
        SELECT (SELECT count(*) FROM level_2),
               (SELECT count(*) FROM (TABLE level_2 EXCEPT ALL TABLE level_3) AS d)
               + (SELECT count(*) FROM (TABLE level_3 EXCEPT ALL TABLE level_2) AS d)
        $query$, metrics_query(source, keys), metrics_query(source || '_participation', keys))
       INTO groups, differences;
END
$$;
SELECT source, keys, c.*
  FROM (VALUES (1, 'generated', ''), (2, 'generated', 'agent_id'), (3, 'generated', 'medium'),
               (4, 'generated', 'direction'), (5, 'generated', 'agent_id, medium'),
               (6, 'generated', 'left(interaction_guid::text, 8)'),
               (7, 'odd', ''), (8, 'odd', 'agent_id'), (9, 'odd', 'left(interaction_guid::text, 8)'))
           AS v (nr, source, keys),
       compare(source, keys) AS c
 ORDER BY nr;

-- those over participations only, in plain SQL
SELECT format('SELECT %L AS source, count(*) AS groups, count(*) FILTER (WHERE metrics IS DISTINCT FROM %s) AS differences
                 FROM (SELECT %s AS metrics, array_agg(a::participation) AS rows FROM %I AS a GROUP BY GROUPING SETS ((), (agent_id), (agent_id, medium, outcome))) AS v',
              source, plain_metrics_of_participations('rows'), metrics('only', 'a'), source)
  FROM (VALUES ('generated_participation'), ('odd_participation')) AS v (source) \gexec

-- and without a table in between
SELECT count(*) AS agents,
       count(*) FILTER (WHERE level_3 IS DISTINCT FROM level_2) AS differ
  FROM (SELECT agent_id, ARRAY[handle_time(p), average_handle_time(p), unexpected_rate(p)] AS level_3
          FROM (SELECT agent_id, participation(a) AS p
                  FROM generated AS a
                 GROUP BY agent_id, interaction_guid, channel_guid) AS v
         GROUP BY agent_id) AS l3
  JOIN (SELECT agent_id, ARRAY[handle_time(a), average_handle_time(a), unexpected_rate(a)] AS level_2
          FROM generated AS a
         GROUP BY agent_id) AS l2 USING (agent_id);

-- With media that differ, a participation is counted once, in the latest: the
-- sums over all media are those of all participations, and its own medium tells.
SELECT sum(handled) = (SELECT handled_participations(p) FROM odd_participation AS p) AS level_3_adds_up,
       (SELECT sum(handled) FROM (SELECT handled_participations(a) AS handled FROM odd AS a GROUP BY medium) AS v)
       > sum(handled) AS level_2_counts_again
  FROM (SELECT handled_participations(p) AS handled FROM odd_participation AS p GROUP BY medium) AS v;

--
-- Parts, at random
--

CREATE TABLE serial AS
    SELECT fingerprint('SELECT p::participation FROM odd_participation AS p') AS participations,
           fingerprint(metrics_query('odd_participation', '')) AS metrics,
           fingerprint(metrics_query('odd_participation', 'medium')) AS medium_metrics;

-- Each activity goes into one of seven parts, drawn anew each time, and within
-- it they lie in another order. Tables without statistics are thought to have
-- fewer groups than these have, which makes it worth to aggregate parts.
CREATE TABLE numbered AS
    SELECT row_number() OVER (ORDER BY start, agent_id COLLATE "C", interaction_guid, channel_guid, state) AS n, agent_id, interaction_guid, channel_guid, a::activity AS a
      FROM odd AS a;
CREATE TABLE parted (part integer, agent_id text, interaction_guid uuid, channel_guid uuid, a activity)
    PARTITION BY LIST (part);
SELECT format('CREATE TABLE part_%1$s PARTITION OF parted FOR VALUES IN (%1$s)
               WITH (autovacuum_enabled = off)', n)
  FROM generate_series(0, 6) AS n \gexec
CREATE FUNCTION draw_parts(seed bigint) RETURNS bigint
    LANGUAGE sql AS
$$
    TRUNCATE parted;
    INSERT INTO parted
        SELECT draw(n, seed, 7), agent_id, interaction_guid, channel_guid, a
          FROM numbered
         ORDER BY draw(n, -seed, 1000000);
    SELECT count(*)
      FROM (SELECT
              FROM parted
             GROUP BY agent_id, interaction_guid, channel_guid
            HAVING count(DISTINCT part) > 2) AS v;
$$;
\set participations 'SELECT participation(a) FROM parted GROUP BY agent_id, interaction_guid, channel_guid'

-- serial, partition-wise: the parts are merged in the order of their numbers
SET enable_partitionwise_aggregate = on;
SET max_parallel_workers_per_gather = 0;
SET cpu_tuple_cost = 1;
SELECT partial, partition_wise, workers
  FROM draw_parts(1), plan(:'participations');
SELECT seed, draw_parts(seed) > 1000 AS many_in_many_parts,
       (SELECT fingerprint(:'participations') = participations FROM serial) AS the_same
  FROM generate_series(2, 3) AS seed;
RESET cpu_tuple_cost;

-- parallel workers; aggregating is dear, so that it is worth sharing, and rows
-- are not free to pass on
SET max_parallel_workers_per_gather = 2;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET cpu_operator_cost = 1;
SET parallel_tuple_cost = 1;
SET work_mem = '64MB';
SET parallel_leader_participation = off;
SET enable_partitionwise_aggregate = off;
SELECT p.*, fingerprint(:'participations') = participations AS the_same
  FROM draw_parts(4), plan(:'participations') AS p, serial;

-- with sorted groups
SET enable_hashagg = off;
SELECT p.*, fingerprint(:'participations') = participations AS the_same
  FROM plan(:'participations') AS p, serial;
RESET enable_hashagg;

-- partition-wise by workers
SET enable_partitionwise_aggregate = on;
SELECT p.*, fingerprint(:'participations') = participations AS the_same
  FROM plan(:'participations') AS p, serial;
SET enable_partitionwise_aggregate = off;

-- a table by itself, and tables one after the other
CREATE TABLE first_half WITH (autovacuum_enabled = off) AS TABLE parted LIMIT 50000;
CREATE TABLE second_half WITH (autovacuum_enabled = off) AS TABLE parted OFFSET 50000;
CREATE TABLE whole WITH (autovacuum_enabled = off) AS TABLE parted;
SELECT source, partial, parallel_append, workers, fingerprint(query) = participations AS the_same
  FROM (VALUES ('whole'), ('(TABLE first_half UNION ALL TABLE second_half)')) AS v (source),
       replace(:'participations', 'parted', source || ' AS v') AS query, plan(query), serial;

--
-- Metrics over participations, by workers and partition-wise
--
CREATE TABLE mixed OF participation WITH (autovacuum_enabled = off);
INSERT INTO mixed SELECT * FROM odd_participation ORDER BY hashtext(interaction_guid::text);
CREATE TABLE parted_participation OF participation PARTITION BY HASH (channel_guid);
SELECT format('CREATE TABLE participation_part_%1$s PARTITION OF parted_participation
               FOR VALUES WITH (MODULUS 3, REMAINDER %1$s)', n)
  FROM generate_series(0, 2) AS n \gexec
INSERT INTO parted_participation TABLE mixed;
SELECT source, p.*, fingerprint(metrics_query(source, '')) = metrics AS the_same,
       fingerprint(metrics_query(source, 'medium')) = medium_metrics AS the_same_per_medium
  FROM (VALUES ('mixed'), ('parted_participation')) AS v (source),
       plan(metrics_query(source, 'medium')) AS p, serial;
SET enable_partitionwise_aggregate = on;
SELECT p.*, fingerprint(metrics_query('parted_participation', '')) = metrics AS the_same,
       fingerprint(metrics_query('parted_participation', 'medium')) = medium_metrics AS the_same_per_medium
  FROM plan(metrics_query('parted_participation', 'medium')) AS p, serial;

RESET ALL;
SET client_min_messages = warning;
DROP SCHEMA participation_generated CASCADE;
