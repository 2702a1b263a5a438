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
\set ECHO none
\i :generator
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

-- In plain SQL: of all rows and of those of a medium, of all agents, per agent,
-- per agent and hour. A participation is Unexpected for one reason, of several
-- the latest among the rows of its group.
CREATE TABLE plain AS
    WITH counted AS (
        SELECT medium_wanted, GROUPING(agent_id, hour) AS level, agent_id, hour,
               count(*) FILTER (WHERE wanted) AS activities,
               coalesce(sum(duration_ms) FILTER (WHERE wanted AND worked AND state = 'Connected'), 0)::bigint AS talk_ms,
               coalesce(sum(duration_ms) FILTER (WHERE wanted AND worked AND state = 'Wrap'), 0)::bigint AS wrap_ms,
               coalesce(sum(duration_ms) FILTER (WHERE wanted AND worked AND state = 'Ringing'), 0)::bigint AS ring_ms,
               coalesce(sum(duration_ms) FILTER (WHERE wanted AND worked AND state IN ('Connected', 'Wrap')), 0)::bigint AS handle_ms,
               count(DISTINCT (agent_id, interaction_guid, channel_guid))
                   FILTER (WHERE wanted AND worked AND state IN ('Connected', 'Wrap') AND duration_ms IS NOT NULL) AS handled,
               count(DISTINCT (agent_id, interaction_guid, channel_guid))
                   FILTER (WHERE wanted AND worked AND state IN ('Ringing', 'Connected', 'Unexpected', 'Failed')) AS offered,
               count(DISTINCT (agent_id, interaction_guid, channel_guid))
                   FILTER (WHERE wanted AND worked AND state = 'Unexpected') AS unexpected,
               CASE GROUPING(agent_id, hour) WHEN 0 THEN
                   count(DISTINCT (agent_id, interaction_guid, channel_guid))
                       FILTER (WHERE reasoned AND reason_in_hour = 'NoAnswer')
               ELSE
                   count(DISTINCT (agent_id, interaction_guid, channel_guid))
                       FILTER (WHERE reasoned AND reason_in_all = 'NoAnswer')
               END AS no_answer,
               CASE GROUPING(agent_id, hour) WHEN 0 THEN
                   count(DISTINCT (agent_id, interaction_guid, channel_guid))
                       FILTER (WHERE reasoned AND reason_in_hour = 'CallRejected')
               ELSE
                   count(DISTINCT (agent_id, interaction_guid, channel_guid))
                       FILTER (WHERE reasoned AND reason_in_all = 'CallRejected')
               END AS rejected
          FROM (SELECT *,
                       first_value(reason) OVER (PARTITION BY medium_wanted, agent_id, interaction_guid,
                           channel_guid ORDER BY reasoned DESC, start DESC, reason DESC) AS reason_in_all,
                       first_value(reason) OVER (PARTITION BY medium_wanted, agent_id, interaction_guid,
                           channel_guid, hour ORDER BY reasoned DESC, start DESC, reason DESC) AS reason_in_hour
                  FROM (SELECT *, wanted AND worked AND state = 'Unexpected' AND reason IS NOT NULL AS reasoned
                          FROM (SELECT g.*, medium_wanted,
                                       date_bin('1 hour', start, '2000-01-01 00:00:00+00') AS hour,
                                       medium_wanted IN ('any', medium) AS wanted,
                                       reason IS DISTINCT FROM 'Monitor' AS worked
                                  FROM generated AS g, (VALUES ('any'), ('Chat')) AS m (medium_wanted)) AS w
                       ) AS r) AS a
         GROUP BY medium_wanted, GROUPING SETS ((), (agent_id), (agent_id, hour))
    )
    SELECT medium_wanted, level, agent_id, hour, activities,
           CASE WHEN activities > 0 THEN handle_ms / 1000.0::float8 END AS handle_time,
           CASE WHEN activities > 0 THEN talk_ms / 1000.0::float8 END AS talk_time,
           CASE WHEN activities > 0 THEN wrap_ms / 1000.0::float8 END AS wrap_time,
           CASE WHEN activities > 0 THEN ring_ms / 1000.0::float8 END AS ring_time,
           handled, offered, unexpected,
           handle_ms / (1000.0::float8 * nullif(handled, 0)) AS average_handle_time,
           unexpected::float8 / nullif(offered, 0) AS unexpected_rate,
           no_answer::float8 / nullif(offered, 0) AS no_answer_rate,
           rejected::float8 / nullif(offered, 0) AS rejected_rate
      FROM counted;

-- Computes the metrics and compares them with the plain ones: how many groups
-- there are, and how many of either side are not among those of the other.
--
--     source          has columns a of type activity, agent_id, start, medium
--     medium          'any', or the one that a FILTER leaves
--     prefix, suffix  what stands around the arguments of the aggregates
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
            SELECT %1$s,
                   count(%2$s a %3$s) %4$s,
                   handle_time(%2$s a::activity %3$s) %4$s,
                   talk_time(%2$s a::activity %3$s) %4$s,
                   wrap_time(%2$s a::activity %3$s) %4$s,
                   ring_time(%2$s a::activity %3$s) %4$s,
                   handled_participations(%2$s a::activity %3$s) %4$s,
                   offered_participations(%2$s a::activity %3$s) %4$s,
                   unexpected_participations(%2$s a::activity %3$s) %4$s,
                   average_handle_time(%2$s a::activity %3$s) %4$s,
                   unexpected_rate(%2$s a::activity %3$s) %4$s,
                   unexpected_rate(%2$s a::activity, 'NoAnswer' %3$s) %4$s,
                   unexpected_rate(%2$s a::activity, 'CallRejected' %3$s) %4$s
              FROM %5$s,
                   LATERAL date_bin('1 hour', start, '2000-01-01 00:00:00+00') AS hour
             %6$s
        ),
        plain AS MATERIALIZED (
            SELECT level, agent_id, hour, activities, handle_time, talk_time, wrap_time, ring_time,
                   handled, offered, unexpected, average_handle_time, unexpected_rate,
                   no_answer_rate, rejected_rate
              FROM plain
             WHERE medium_wanted = %7$L
               AND level IN (SELECT level FROM metric)
        )
        SELECT (SELECT count(*) FROM metric),
               (SELECT count(*) FROM (TABLE metric EXCEPT ALL TABLE plain) AS d)
               + (SELECT count(*) FROM (TABLE plain EXCEPT ALL TABLE metric) AS d)
        $query$, keys, prefix, suffix,
        CASE WHEN medium <> 'any' THEN format('FILTER (WHERE medium = %L)', medium) END,
        source, group_by, medium);
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
