-- busy_time() and peak_concurrency() by hand, in the sample page, and equal to
-- plain SQL with range_agg() over generated activities, which overlap in every
-- way; in parts and in any order the results are the same to the bit.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA busy_time;
SET search_path = busy_time, public;
SET TimeZone = 'UTC';
SET jit = off;
\getenv srcdir PG_ABS_SRCDIR
\set generator :srcdir '/bench/generate.sql'
\set errors :srcdir '/sql/include/errors.sql'
\set plans :srcdir '/sql/include/plans.sql'
\set ECHO none
\i :generator
\i :errors
\i :plans
\set ECHO all

--
-- By hand: activities of an agent, each from a second to another
--
CREATE TABLE by_hand (nr integer, of text, a activity);
CREATE FUNCTION made(from_s numeric, to_s numeric, state interaction_state DEFAULT 'Connected',
        reason activity_reason DEFAULT NULL, interaction integer DEFAULT 1,
        channel integer DEFAULT 1, agent_id text DEFAULT '2')
    RETURNS activity
    RETURN ROW(CASE WHEN abs(from_s) = 'infinity' THEN from_s::text::timestamptz
                    ELSE '2026-03-29 00:30:00+00'::timestamptz + from_s * '1 s'::interval
               END,
               ((to_s - CASE WHEN abs(from_s) = 'infinity' THEN 0 ELSE from_s END) * 1000)::bigint,
               state, 'Completed', 'Inbound', lpad(interaction::text, 32, '0'),
               lpad(channel::text, 32, '0'), reason, agent_id, 'Phone', 'VCC', NULL)::activity;
INSERT INTO by_hand VALUES
    ( 1, 'one',                         made(0, 10)),
    ( 2, 'apart',                       made(0, 10)),
    ( 2, 'apart',                       made(20, 30, interaction => 2)),
    ( 3, 'touching',                    made(0, 10)),
    ( 3, 'touching',                    made(10, 30, interaction => 2)),
    ( 4, 'overlapping',                 made(0, 10)),
    ( 4, 'overlapping',                 made(9.999, 30, interaction => 2)),
    ( 5, 'nested',                      made(0, 10)),
    ( 5, 'nested',                      made(2, 5, interaction => 2)),
    ( 6, 'nested, the inner touches',   made(0, 10)),
    ( 6, 'nested, the inner touches',   made(0, 5, interaction => 2)),
    ( 6, 'nested, the inner touches',   made(5, 10, interaction => 3)),
    ( 7, 'identical',                   made(0, 10)),
    ( 7, 'identical',                   made(0, 10, interaction => 2)),
    ( 7, 'identical',                   made(0, 10, interaction => 3)),
    ( 8, 'a chain',                     made(0, 10)),
    ( 8, 'a chain',                     made(5, 15, interaction => 2)),
    ( 8, 'a chain',                     made(10, 20, interaction => 3)),
    ( 8, 'a chain',                     made(15, 25, interaction => 4)),
    ( 9, 'a gap that another fills',    made(0, 10)),
    ( 9, 'a gap that another fills',    made(20, 30)),
    ( 9, 'a gap that another fills',    made(5, 25, interaction => 2)),
    (10, 'of one participation',        made(0, 10)),
    (10, 'of one participation',        made(5, 15)),
    (10, 'of one participation',        made(7, 8, 'Wrap')),
    (11, 'of one, touching, in another', made(0, 10)),
    (11, 'of one, touching, in another', made(10, 20, 'Wrap')),
    (11, 'of one, touching, in another', made(5, 15, interaction => 2)),
    (12, 'of one, twice the same',      made(0, 10)),
    (12, 'of one, twice the same',      made(0, 10)),
    (12, 'of one, twice the same',      made(0, 10, interaction => 2)),
    (13, 'two channels',                made(0, 10)),
    (13, 'two channels',                made(0, 10, channel => 2)),
    (14, 'no channel',                  made(0, 10, channel => NULL)),
    (14, 'no channel',                  made(0, 10, channel => NULL)),
    (14, 'no channel',                  made(0, 10, channel => 0)),
    (15, 'two agents',                  made(0, 10)),
    (15, 'two agents',                  made(5, 15, interaction => 2)),
    (15, 'two agents',                  made(0, 20, agent_id => '002')),
    (16, 'an agent who is null',        made(0, 10, agent_id => NULL)),
    (16, 'an agent who is null',        made(5, 15, agent_id => NULL, interaction => 2)),
    (16, 'an agent who is null',        made(5, 15, agent_id => '')),
    (17, 'of no length',                made(5, 5)),
    (18, 'of no length, within another', made(0, 10)),
    (18, 'of no length, within another', made(5, 5, interaction => 2)),
    (19, 'open',                        made(0, NULL)),
    (20, 'open, and another',           made(0, NULL)),
    (20, 'open, and another',           made(5, 10, interaction => 2)),
    (21, 'a Monitor',                   made(0, 10, reason => 'Monitor')),
    (22, 'a Monitor, and another',      made(0, 10, reason => 'Monitor', interaction => 2)),
    (22, 'a Monitor, and another',      made(5, 20)),
    (23, 'other states',                made(0, 10, 'Ringing')),
    (23, 'other states',                made(0, 10, 'Unexpected')),
    (23, 'other states',                made(0, 10, 'Failed')),
    (23, 'other states',                made(0, 10, NULL)),
    (24, 'Wrap during Connected',       made(0, 10, 'Wrap')),
    (24, 'Wrap during Connected',       made(5, 20, interaction => 2)),
    (25, 'parts of a ms, touching',     made(0.0005, 1.0005)),
    (25, 'parts of a ms, touching',     made(1.0005, 2.0005, interaction => 2)),
    (26, 'parts of a ms, overlapping',  made(0.000501, 1.000501)),
    (26, 'parts of a ms, overlapping',  made(1.0005, 2.0005, interaction => 2)),
    (27, 'no start',                    made(NULL, 10)),
    (28, 'before and after all time',   made('-infinity', 10)),
    (28, 'before and after all time',   made('infinity', 10, interaction => 2)),
    (29, 'null ones among them',        NULL),
    (29, 'null ones among them',        made(0, 10)),
    (29, 'null ones among them',        NULL),
    (30, 'null ones only',              NULL),
    (31, 'nothing in it',               ROW(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                                            NULL, NULL, NULL)::activity),
    (32, 'a year',                      made(0, 31536000)),
    (32, 'a year',                      made(86400, 31622400, interaction => 2));
SELECT nr, of, handle_time(a), busy_time(a), peak_concurrency(a)
  FROM by_hand
 GROUP BY nr, of
 ORDER BY nr;
-- no rows
SELECT busy_time(a), peak_concurrency(a) FROM by_hand WHERE false;

-- never a wrong number
SELECT nr, code, message
  FROM (VALUES
           -- negative
           (1, ARRAY[made(0, -0.001)]),
           -- beyond the end of time
           (2, ARRAY[made(0, 9223372036854775)]),
           (3, ARRAY[made(0, 9223370000000)]),
           -- too much of two agents
           (4, ARRAY[made(0, 9000000000000), made(0, 9000000000000, agent_id => '3')]),
           -- too much of one, from the beginning of time to its end
           (5, ARRAY[made(-200000000000, 8800000000000), made(8700000000000, 9190000000000, interaction => 2)]))
           AS v (nr, activities),
       raised(format('SELECT busy_time(a), peak_concurrency(a) FROM unnest(%L::activity[]) AS a',
                     activities)) AS r
 ORDER BY nr;

--
-- The sample page, with the answers worked out by hand
--
\set page `cat "$PG_ABS_SRCDIR/sql/data/page-interactions.json"`
SELECT coalesce(agent_id, 'all') AS agent, busy_time(a), peak_concurrency(a)
  FROM activities(:'page'::json) AS a
 GROUP BY GROUPING SETS ((), (agent_id))
 ORDER BY agent_id NULLS FIRST;

--
-- Generated
--

-- 40 participations a day of each agent, and cases that last for hours
CREATE TABLE generated OF activity;
INSERT INTO generated SELECT * FROM generate_activities(39500, 100, 9);
-- the same, but of few agents and at whole minutes, so that borders meet; some
-- start a microsecond later
CREATE TABLE dense OF activity;
INSERT INTO dense
    SELECT date_bin('1 minute', start, '2000-01-01 00:00:00+00')
           + CASE hashint8(n) & 15 WHEN 0 THEN '1 us' ELSE '0 us' END::interval,
           CASE WHEN hashint8(n) & 16 = 0 THEN duration_ms / 60000 * 60000 ELSE duration_ms END,
           state, status, direction,
           CASE WHEN hashint8(n) & 7 > 0 THEN interaction_guid END, channel_guid, reason,
           CASE WHEN length(agent_id) > 1 THEN left(agent_id, 1) END, medium, medium_manager,
           reported_at
      FROM (SELECT *, row_number() OVER (ORDER BY start, agent_id COLLATE "C", interaction_guid, channel_guid, state) AS n FROM generated) AS g;
ANALYZE generated, dense;
SELECT (SELECT count(*) >= 100000 FROM generated) AS enough,
       (SELECT count(*) >= 100000 FROM dense) AS enough_dense_ones;

-- Queries for both, of a source with columns of an activity, per some key. In
-- plain SQL: first each participation's time without overlaps, then each
-- agent's; and how many have begun and not yet ended.
CREATE FUNCTION metrics(source text, key text) RETURNS text
    LANGUAGE sql
    RETURN format('SELECT (%2$s)::text AS key, busy_time(a), peak_concurrency(a) FROM %1$s AS a GROUP BY 1',
                  source, key);
CREATE FUNCTION plain(source text, key text) RETURNS text
    LANGUAGE sql
    RETURN format($$
        WITH stretch AS (
            SELECT (%2$s)::text AS key, agent_id, interaction_guid, channel_guid,
                   CASE WHEN state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor'
                             AND duration_ms IS NOT NULL
                        THEN tstzrange(start, start + duration_ms * '1 ms'::interval, '[)')
                        ELSE 'empty'
                   END AS during
              FROM %1$s
        ),
        participation AS (
            SELECT key, agent_id, unnest(range_agg(during)) AS during
              FROM stretch
             GROUP BY key, agent_id, interaction_guid, channel_guid
        ),
        agent AS (
            SELECT key, unnest(range_agg(during)) AS during
              FROM participation
             GROUP BY key, agent_id
        ),
        border AS (
            SELECT key, sum(step) OVER (PARTITION BY key, agent_id ORDER BY at, step
                                        ROWS UNBOUNDED PRECEDING) AS concurrent
              FROM participation, LATERAL (VALUES (lower(during), 1), (upper(during), -1)) AS b (at, step)
        )
        SELECT key, coalesce(busy, 0)::float8 AS busy_time, coalesce(peak, 0) AS peak_concurrency
          FROM (SELECT DISTINCT key FROM stretch) AS k
          LEFT JOIN (SELECT key, sum(extract(epoch FROM upper(during) - lower(during))) AS busy
                       FROM agent GROUP BY key) AS b USING (key)
          LEFT JOIN (SELECT key, max(concurrent) AS peak
                       FROM border GROUP BY key) AS p USING (key)
        $$, source, key);
CREATE FUNCTION compare(query text, other_query text,
        OUT groups bigint, OUT least_peak bigint, OUT greatest_peak bigint, OUT differences bigint)
    LANGUAGE plpgsql AS
$$
BEGIN
    EXECUTE format($query$
        WITH one AS MATERIALIZED (%1$s),
             other AS MATERIALIZED (%2$s)
        SELECT (SELECT count(*) FROM one),
               (SELECT min(peak_concurrency) FROM one),
               (SELECT max(peak_concurrency) FROM one),
               (SELECT count(*) FROM (TABLE one EXCEPT ALL TABLE other) AS d)
               + (SELECT count(*) FROM (TABLE other EXCEPT ALL TABLE one) AS d)
        $query$, query, other_query)
       INTO groups, least_peak, greatest_peak, differences;
END
$$;
CREATE TABLE key (nr integer, name text, key text);
INSERT INTO key VALUES
    (1, 'all',           $$'all'$$),
    (2, 'agent',         $$ROW(agent_id)$$),
    (3, 'agent, day',    $$(agent_id, date_bin('1 day', start, '2000-01-01 00:00:00+00'))$$),
    (4, 'agent, hour',   $$(agent_id, date_bin('1 hour', start, '2000-01-01 00:00:00+00'))$$);
SELECT source, name AS per, c.*
  FROM (VALUES ('generated'), ('dense')) AS s (source), key,
       compare(metrics(source, key), plain(source, key)) AS c
 WHERE source = 'generated' OR nr < 4
 ORDER BY source, nr;

-- the same from columns
SELECT name AS per, c.differences
  FROM key,
       compare(metrics('dense', key),
               format('SELECT (%s)::text,
                              busy_time(state, reason, duration_ms, agent_id, start),
                              peak_concurrency(state, reason, duration_ms, interaction_guid, channel_guid, agent_id, start)
                         FROM dense GROUP BY 1', key)) AS c
 WHERE nr < 4
 ORDER BY nr;

-- the rows in other orders
SELECT orders, c.differences
  FROM (VALUES ('start'), ('start DESC'), ('md5(channel_guid::text), duration_ms')) AS o (orders),
       key,
       compare(metrics('dense', key),
               format('SELECT (%1$s)::text, busy_time(a ORDER BY %2$s), peak_concurrency(a ORDER BY %2$s)
                         FROM dense AS a GROUP BY 1', key, orders)) AS c
 WHERE nr = 2
 ORDER BY orders COLLATE "C";

-- An agent's handle time cannot be less than what is left of it without
-- overlaps; summed over agents it is the same as of all together.
SELECT bool_and(handle >= busy) AS handle_time_is_more,
       bool_or(handle > busy) AS and_not_the_same,
       sum((busy * 1000000)::numeric) = (SELECT (busy_time(a) * 1000000)::numeric FROM dense AS a) AS adds_up
  FROM (SELECT handle_time(a) AS handle, busy_time(a) AS busy FROM dense AS a GROUP BY agent_id) AS v;

--
-- In parts
--

-- what overlaps, and what is of one participation, lies in different partitions
CREATE TABLE parted OF activity PARTITION BY HASH (start, state);
CREATE TABLE part_0 PARTITION OF parted FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE part_1 PARTITION OF parted FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE part_2 PARTITION OF parted FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO parted SELECT * FROM dense ORDER BY hashtext(channel_guid::text), start;
ANALYZE parted;

SET max_parallel_workers_per_gather = 0;
CREATE TABLE serial (nr integer, key text, busy_time float8, peak_concurrency bigint);
DO $$
DECLARE
    per record;
BEGIN
    FOR per IN SELECT * FROM key LOOP
        EXECUTE format('INSERT INTO serial SELECT %s, * FROM (%s) AS m', per.nr, metrics('dense', per.key));
    END LOOP;
END
$$;
SET enable_partitionwise_aggregate = on;
SET cpu_tuple_cost = 1;
SELECT name AS per, p.partial, p.partition_wise, p.workers, c.groups, c.differences
  FROM key, metrics('parted', key) AS query, plan(query) AS p,
       compare(query, 'SELECT key, busy_time, peak_concurrency FROM serial WHERE nr = ' || nr) AS c
 WHERE nr < 4
 ORDER BY nr;
RESET cpu_tuple_cost;

SET max_parallel_workers_per_gather = 2;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET cpu_operator_cost = 1;
SET parallel_tuple_cost = 1;
SET parallel_leader_participation = off;
SELECT name AS per, p.partial, p.workers, c.groups, c.differences
  FROM key, metrics('parted', key) AS query, plan(query) AS p,
       compare(query, 'SELECT key, busy_time, peak_concurrency FROM serial WHERE nr = ' || nr) AS c
 WHERE nr < 3
 ORDER BY nr;
SET enable_partitionwise_aggregate = off;
SELECT source, name AS per, p.partial, p.workers, c.groups, c.differences
  FROM (VALUES ('dense'), ('parted')) AS s (source),
       key, metrics(source, key) AS query, plan(query) AS p,
       compare(query, 'SELECT key, busy_time, peak_concurrency FROM serial WHERE nr = ' || nr) AS c
 WHERE nr < 4
 ORDER BY source, nr;

-- workers that find nothing
SELECT busy_time(a), peak_concurrency(a) FROM parted AS a WHERE length(agent_id) > 1000;
SELECT busy_time(a), peak_concurrency(a) FROM parted AS a WHERE state = 'Ringing';

RESET ALL;
SET client_min_messages = warning;
DROP SCHEMA busy_time CASCADE;
