-- Over more than 100,000 generated activities every metric equals the same
-- computed in plain SQL, however the rows are grouped, filtered and ordered.
-- Before that: the generator makes the same rows under any settings, and its
-- pages expand to them.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA metrics_generated;
SET search_path = metrics_generated, public;

\getenv srcdir PG_ABS_SRCDIR
\set generator :srcdir '/bench/generate.sql'
\set metrics :srcdir '/sql/include/metrics.sql'
\set ECHO none
\i :generator
\i :metrics
\set ECHO all

--
-- The generator
--

-- The fingerprint stands for all rows in their order: it must be the same on
-- every server, with any settings and plans.
CREATE FUNCTION fingerprint() RETURNS text
    LANGUAGE sql
BEGIN ATOMIC
    SELECT md5(string_agg(ROW(extract(epoch FROM start), duration_ms, state, status, direction,
                              interaction_guid, channel_guid, reason, agent_id, medium,
                              medium_manager, extract(epoch FROM reported_at))::text,
                          ';' ORDER BY n))
      FROM generate_activities(2000, 70, 42)
           WITH ORDINALITY
           AS a (start, duration_ms, state, status, direction, interaction_guid, channel_guid,
                 reason, agent_id, medium, medium_manager, reported_at, n);
END;
SELECT fingerprint();
SET TimeZone = 'Asia/Kathmandu';
SET DateStyle = 'SQL, DMY';
SET IntervalStyle = 'sql_standard';
SET work_mem = '64kB';
SET enable_hashjoin = off;
SET enable_mergejoin = off;
SET search_path = '';
SELECT metrics_generated.fingerprint();
RESET ALL;
SET search_path = metrics_generated, public;

-- pages expand to the rows that they were made of, in order
CREATE TABLE paged AS
    SELECT * FROM generate_activities(2000, 70, 42)
           WITH ORDINALITY
           AS a (start, duration_ms, state, status, direction, interaction_guid, channel_guid,
                 reason, agent_id, medium, medium_manager, reported_at, n);
WITH page AS (
    SELECT size, page, nr
      FROM (VALUES (1), (7), (100), (1000000)) AS s (size),
           generate_pages(2000, 70, 42, size) WITH ORDINALITY AS p (page, nr)
),
expanded AS (
    SELECT size, a.*, row_number() OVER (PARTITION BY size ORDER BY nr, item) AS n
      FROM page,
           activities(page) WITH ORDINALITY
           AS a (start, duration_ms, state, status, direction, interaction_guid, channel_guid,
                 reason, agent_id, medium, medium_manager, reported_at, item)
)
SELECT size,
       (SELECT count(*) FROM page AS p WHERE p.size = s.size) AS pages,
       (SELECT bool_and(m.page = p.nr AND m.count = m.items AND m.total_count = paged.count
                        AND m.page_count = ceil(paged.count / p.size::numeric))
          FROM page AS p, activity_page(p.page) AS m, (SELECT count(*) FROM paged) AS paged
         WHERE p.size = s.size) AS meta_is_right,
       (SELECT count(*) FROM expanded AS e WHERE e.size = s.size) AS activities,
       (SELECT count(*)
          FROM expanded AS e
          JOIN paged AS p USING (n)
         WHERE e.size = s.size
           AND (e.start, e.duration_ms, e.state, e.status, e.direction, e.interaction_guid,
                e.channel_guid, e.reason, e.agent_id, e.medium, e.medium_manager, e.reported_at)
               IS NOT DISTINCT FROM
               (p.start, p.duration_ms, p.state, p.status, p.direction, p.interaction_guid,
                p.channel_guid, p.reason, p.agent_id, p.medium, p.medium_manager, p.reported_at)
       ) AS the_same
  FROM (VALUES (1), (7), (100), (1000000)) AS s (size)
 ORDER BY size;

CREATE TABLE generated OF activity;
INSERT INTO generated SELECT * FROM generate_activities(45000, 100);
ANALYZE generated;
SELECT count(*) >= 100000 AS enough, count(*) AS activities,
       count(DISTINCT (agent_id, interaction_guid, channel_guid)) AS participations,
       count(DISTINCT agent_id) AS agents,
       count(DISTINCT (agent_id, interaction_guid, channel_guid, start, state)) AS keys
  FROM generated;

-- it has what the metrics tell apart
SELECT state,
       count(*) FILTER (WHERE reason IS DISTINCT FROM 'Monitor') > 100 AS many,
       count(*) FILTER (WHERE reason = 'Monitor') > 100 AS monitor,
       count(*) FILTER (WHERE duration_ms IS NULL) > 100 AS open,
       count(*) FILTER (WHERE duration_ms = 0) > 10 AS zero,
       count(*) FILTER (WHERE duration_ms > 2147483647) > 100 AS long,
       count(*) FILTER (WHERE channel_guid IS NULL) > 10 AS no_channel,
       count(*) FILTER (WHERE channel_guid = interaction_guid) > 100 AS one_guid,
       count(DISTINCT reason) AS reasons
  FROM generated
 GROUP BY state
 ORDER BY state;

--
-- The metrics
--

-- each is in the table of metrics, with the same in plain SQL
TABLE metric_mismatch;

-- In plain SQL: of all rows and of those of a medium, of all agents, per agent, per agent and hour.
CREATE FUNCTION plain() RETURNS TABLE (medium_wanted text, level integer, agent_id text, hour timestamptz, activities bigint, metrics text[])
    LANGUAGE plpgsql AS
$$
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT medium_wanted, level, agent_id, hour, coalesce(cardinality(rows), 0)::bigint, %s
          FROM (SELECT medium_wanted, GROUPING(agent_id, hour) AS level, agent_id, hour,
                       array_agg(g::activity) FILTER (WHERE medium_wanted IN ('any', medium)) AS rows
                  FROM generated AS g, (VALUES ('any'), ('Chat')) AS m (medium_wanted),
                       LATERAL date_bin('1 hour', start, '2000-01-01 00:00:00+00') AS hour
                 GROUP BY medium_wanted, GROUPING SETS ((), (agent_id), (agent_id, hour))) AS groups
        $query$, plain_metrics('rows'));
END
$$;
CREATE TABLE plain AS SELECT * FROM plain();

-- Computes the metrics and compares them with the plain ones: how many groups
-- there are, and how many of either side are not among those of the other.
--
--     source          has columns a of type activity, agent_id, start, medium
--     medium          'any', or the one that a FILTER leaves
--     prefix, suffix  what is around the arguments of the aggregates
CREATE FUNCTION compare(per text, source text DEFAULT 'generated AS a',
        medium text DEFAULT 'any', prefix text DEFAULT '', suffix text DEFAULT '')
    RETURNS TABLE (groups bigint, differences bigint)
    LANGUAGE plpgsql AS
$$
DECLARE
    keys text;
    group_by text;
BEGIN
    SELECT c.keys, c.group_by
      INTO STRICT keys, group_by
      FROM (VALUES
               ('all', '3 AS level, NULL::text AS agent_id, NULL::timestamptz AS hour', ''),
               ('agent', '1 AS level, agent_id, NULL::timestamptz AS hour',
                'GROUP BY agent_id'),
               ('agent, hour', '0 AS level, agent_id, hour', 'GROUP BY agent_id, hour'),
               ('sets', 'GROUPING(agent_id, hour) AS level, agent_id, hour',
                'GROUP BY GROUPING SETS ((), (agent_id), (agent_id, hour))'))
           AS c (per, keys, group_by)
     WHERE c.per = compare.per;
    RETURN QUERY EXECUTE format($query$
        WITH metric AS MATERIALIZED (
            SELECT %1$s, count(%2$s a %3$s) %4$s, %5$s
              FROM %6$s, LATERAL date_bin('1 hour', start, '2000-01-01 00:00:00+00') AS hour
             %7$s
        ),
        plain AS MATERIALIZED (
            SELECT level, agent_id, hour, activities, metrics
              FROM plain
             WHERE medium_wanted = %8$L
               AND level IN (SELECT level FROM metric)
        )
        SELECT (SELECT count(*) FROM metric),
               (SELECT count(*) FROM (TABLE metric EXCEPT ALL TABLE plain) AS d)
               + (SELECT count(*) FROM (TABLE plain EXCEPT ALL TABLE metric) AS d)
        $query$, keys, prefix, suffix, filter, metrics('activity', 'a::activity', prefix, suffix, filter),
        source, group_by, medium)
      FROM (SELECT CASE WHEN medium <> 'any' THEN format('FILTER (WHERE medium = %L)', medium) END) AS f (filter);
END
$$;

SELECT * FROM compare('all');
SELECT * FROM compare('agent');
SELECT * FROM compare('agent, hour');
SELECT * FROM compare('sets');

-- sorted instead of hashed groups
SET enable_hashagg = off;
SELECT * FROM compare('agent');
SELECT * FROM compare('agent, hour');
SELECT * FROM compare('sets');
RESET enable_hashagg;

-- hashed groups that spill to disk
SET work_mem = '64kB';
SELECT * FROM compare('agent, hour');
RESET work_mem;

-- with a FILTER, which leaves nothing of many groups
SELECT count(*) FILTER (WHERE activities = 0) AS empty_groups
  FROM plain
 WHERE medium_wanted = 'Chat';
SELECT * FROM compare('all', medium => 'Chat');
SELECT * FROM compare('agent', medium => 'Chat');
SELECT * FROM compare('agent, hour', medium => 'Chat');

-- the rows in other orders
SELECT * FROM compare('all', suffix => 'ORDER BY md5((a).start::text), (a).duration_ms');
SELECT * FROM compare('agent', suffix => 'ORDER BY (a).duration_ms DESC, (a).state');
SELECT * FROM compare('agent, hour', suffix => 'ORDER BY (a).channel_guid, (a).start DESC');

-- some rows twice, but DISTINCT
SELECT * FROM compare('agent', prefix => 'DISTINCT',
                      source => '(TABLE generated UNION ALL (TABLE generated LIMIT 1000)) AS a');

-- the activity as a column, and made of columns
CREATE TABLE stored AS
    SELECT a::activity AS a, agent_id, start, medium FROM generated AS a;
SELECT * FROM compare('agent, hour', source => 'stored');
SELECT * FROM compare('agent', source => $$(
    SELECT ROW(start, duration_ms, state, status, direction, interaction_guid, channel_guid,
               reason, agent_id, medium, medium_manager, reported_at)::activity AS a,
           agent_id, start, medium
      FROM generated) AS v$$);

-- rates are from 0 to 1, in however small groups
SELECT min(unexpected_rate) >= 0 AS from_0, max(unexpected_rate) <= 1 AS to_1,
       max(unexpected_rate) = 1 AS reaches_1
  FROM (SELECT unexpected_rate(a) FROM generated AS a GROUP BY agent_id, start) AS v;

SET client_min_messages = warning;
DROP SCHEMA metrics_generated CASCADE;
