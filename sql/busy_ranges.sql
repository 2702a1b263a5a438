-- busy_ranges() equals range_agg of finished Connected and Wrap that are not
-- Monitor, over rows and columns, serial and parallel; its length is busy_time;
-- activity_open_at() says what its definition says.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA busy_ranges;
SET search_path = busy_ranges, public;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SET jit = off;
\getenv srcdir PG_ABS_SRCDIR
\set generator :srcdir '/bench/generate.sql'
\set plans :srcdir '/sql/include/plans.sql'
\set page `cat "$PG_ABS_SRCDIR/sql/data/page-presence.json"`
\set ECHO none
\i :generator
\i :plans
\set ECHO all
\pset null -

-- by hand: a call, a chat that overlaps it, another call; rings do not count
SELECT agent_id, busy_ranges(a) FROM activities(:'page'::json) AS a GROUP BY agent_id;
SELECT busy_ranges(a) FROM activities(:'page'::json) AS a WHERE state = 'Ringing';
SELECT busy_ranges(a) FROM activities(:'page'::json) AS a WHERE false;
SELECT busy_ranges(NULL::activity) FROM generate_series(1, 2);
-- idle within half an hour
SELECT '{[2026-07-14 08:00Z, 2026-07-14 08:30Z)}'::tstzmultirange - busy_ranges(a) AS idle FROM activities(:'page'::json) AS a;

-- generated; in dense, few agents' starts and ends meet, also a microsecond later
CREATE TABLE generated OF activity;
INSERT INTO generated SELECT * FROM generate_activities(20000, 100, 9);
CREATE TABLE dense OF activity;
INSERT INTO dense
    SELECT date_trunc('minute', start) + length(agent_id) % 2 * '1 us'::interval, duration_ms / 60000 * 60000,
           state, status, direction, interaction_guid, channel_guid, reason, right(agent_id, 1), medium, medium_manager, reported_at
      FROM generated;
ANALYZE generated, dense;
CREATE FUNCTION compare(source regclass, key text, OUT groups bigint, OUT ranges bigint, OUT differ bigint, OUT columns_differ bigint,
        OUT length_differs bigint)
    LANGUAGE plpgsql AS
$$
BEGIN
    EXECUTE format($query$
        SELECT count(*), sum((SELECT count(*) FROM unnest(ours))), count(*) FILTER (WHERE ours IS DISTINCT FROM plain),
               count(*) FILTER (WHERE ours IS DISTINCT FROM of_columns),
               count(*) FILTER (WHERE agents = 1 AND busy IS DISTINCT FROM
                   coalesce((SELECT sum(extract(epoch FROM upper(r) - lower(r))) FROM unnest(ours) AS r), 0)::float8)
          FROM (SELECT busy_ranges(a) AS ours, busy_ranges(state, reason, duration_ms, agent_id, start) AS of_columns, busy_time(a) AS busy,
                       count(DISTINCT agent_id) AS agents,
                       coalesce(range_agg(tstzrange(start, start + duration_ms * '1 ms'::interval))
                           FILTER (WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms IS NOT NULL), '{}') AS plain
                  FROM %s AS a GROUP BY %s) AS v
        $query$, source, key)
       INTO groups, ranges, differ, columns_differ, length_differs;
END
$$;
SELECT source, key, c.*
  FROM unnest('{generated,dense}'::text[]) AS source, unnest('{agent_id,"date_bin(''1 hour'', start, ''2000-01-01'')","()"}'::text[]) AS key,
       compare(source::regclass, key) AS c;
-- in parts
CREATE TABLE serial AS SELECT agent_id, busy_ranges(a) AS ranges FROM dense AS a GROUP BY agent_id;
SET max_parallel_workers_per_gather = 2;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SELECT partial, workers FROM plan('SELECT agent_id, busy_ranges(a) FROM dense AS a GROUP BY agent_id');
SELECT count(*) AS groups, count(*) FILTER (WHERE s.ranges IS DISTINCT FROM p.ranges) AS differ
  FROM (SELECT agent_id, busy_ranges(a) AS ranges FROM dense AS a GROUP BY agent_id) AS p FULL JOIN serial AS s USING (agent_id);

--
-- activity_open_at
--
SELECT count(*) AS pairs, count(*) FILTER (WHERE ours) > 1000 AS many_open,
       count(*) FILTER (WHERE ours IS DISTINCT FROM (start <= moment AND CASE WHEN duration_ms IS NULL THEN status IS DISTINCT FROM 'InternalError'
                                                                           ELSE start + duration_ms * '1 ms'::interval > moment END)) AS differ
  FROM (SELECT * FROM dense LIMIT 2000) AS a,
       LATERAL (SELECT a.start + step * '1 us'::interval + coalesce(a.duration_ms, 0) * part * '1 ms'::interval AS moment
                  FROM generate_series(-1, 1) AS step, generate_series(0, 1) AS part) AS m,
       LATERAL (SELECT activity_open_at(ROW(a.start, a.duration_ms, a.state, a.status, a.direction, a.interaction_guid, a.channel_guid, a.reason,
                                            a.agent_id, a.medium, a.medium_manager, a.reported_at)::activity, moment) AS ours) AS o;
SELECT activity_open_at('(,5,Wrap,,,,,,1,,,)', '2026-01-01Z') AS no_start,
       activity_open_at('("2026-01-01 00:00Z",0,Wrap,,,,,,1,,,)', '2026-01-01Z') AS of_0_ms,
       activity_open_at('("2026-01-01 00:00Z",,Wrap,,,,,,1,,,)', 'infinity') AS for_ever,
       activity_open_at('("2026-01-01 00:00Z",,Wrap,InternalError,,,,,1,,,)', '2026-01-02Z') AS lost,
       activity_open_at('("2026-01-01 00:00Z",5,Wrap,,,,,,1,,,)', 'infinity') AS long_ago;

RESET ALL;
SET client_min_messages = warning;
DROP SCHEMA busy_ranges CASCADE;
