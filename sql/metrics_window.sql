-- As window aggregates the metrics of a frame are those of its rows: over
-- activities in plain SQL, over participations computed afresh. Also where the
-- frame moves on and leaves rows behind, and where it becomes empty or has only
-- null rows.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA metrics_window;
SET search_path = metrics_window, public;

\getenv srcdir PG_ABS_SRCDIR
\set generator :srcdir '/bench/generate.sql'
\set metrics :srcdir '/sql/include/metrics.sql'
\set ECHO none
\i :generator
\i :metrics
\set ECHO all
TABLE metric_mismatch;

-- the sums can take rows out of a moving frame again: the times, and all metrics over participations
SELECT count(*) AS sums, count(*) FILTER (WHERE aggminvtransfn <> 0) = count(*) AS all_with_inverse
  FROM pg_aggregate
 WHERE aggtranstype = 'bigint[]'::regtype AND aggfnoid::oid IN (SELECT objid FROM pg_depend WHERE refobjid = (SELECT oid FROM pg_extension WHERE extname = 'activity'));

--
-- By hand
--
CREATE TABLE by_hand (n integer, a activity);
INSERT INTO by_hand
    SELECT n, CASE WHEN state <> 'null'
                   THEN ROW('2026-03-29 00:00:00+00', duration_ms, state, 'Completed', 'Inbound',
                            lpad(interaction, 32, '0'), NULL, reason, '7', 'Phone', 'VCC',
                            NULL)::activity
              END
      FROM (VALUES (1, 'Ringing', 1500, NULL, '1'),
                   (2, 'Connected', 60000, NULL, '1'),
                   (3, 'Wrap', 4000, NULL, '1'),
                   (4, 'null', NULL, NULL, NULL),
                   (5, 'null', NULL, NULL, NULL),
                   (6, 'Connected', NULL, NULL, '2'),
                   (7, 'Unexpected', 700, 'NoAnswer', '3'),
                   (8, 'Connected', 80000, 'Monitor', '4'),
                   (9, 'Wrap', 0, NULL, '2'))
           AS v (n, state, duration_ms, reason, interaction);
SELECT n, (a).state, (a).reason, (a).duration_ms AS ms,
       handle_time(a) OVER w, talk_time(a) OVER w, wrap_time(a) OVER w, ring_time(a) OVER w,
       handled_participations(a) OVER w AS handled, offered_participations(a) OVER w AS offered,
       unexpected_participations(a) OVER w AS unexpected, average_handle_time(a) OVER w AS average,
       unexpected_rate(a) OVER w AS rate
  FROM by_hand
WINDOW w AS (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW);

-- a frame with a sum that only just fits, and what comes after it
SELECT n, talk_time(a) OVER (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
  FROM (SELECT n, ROW(NULL, duration_ms, 'Connected', NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                      NULL, NULL)::activity AS a
          FROM (VALUES (1, 1000), (2, 9223372036854774807), (3, 1000), (4, 2000))
               AS v (n, duration_ms)) AS v;

--
-- Generated
--
CREATE TABLE activity_moment AS
    SELECT row_number() OVER w AS n,
           row_number() OVER (PARTITION BY agent_id ORDER BY start, state) AS agent_n,
           ntile(100) OVER w AS group_n,
           agent_id, start AS started_at, medium,
           CASE WHEN row_number() OVER w % 20 < 13 THEN a END AS r
      FROM (SELECT agent_id, start, state, medium, a::activity AS a
              FROM generate_activities(300, 5, 11) AS a) AS v
    WINDOW w AS (ORDER BY start, agent_id, state);
CREATE TABLE participation_moment AS
    SELECT row_number() OVER w AS n,
           row_number() OVER (PARTITION BY agent_id ORDER BY started_at) AS agent_n,
           ntile(100) OVER w AS group_n,
           agent_id, started_at, medium,
           CASE WHEN row_number() OVER w % 20 < 13 THEN p END AS r
      FROM (SELECT (p).agent_id, (p).started_at, (p).medium, (p).channel_guid, p
              FROM (SELECT participation(a) AS p
                      FROM generate_activities(500, 5, 11) AS a
                     GROUP BY agent_id, interaction_guid, channel_guid) AS v) AS v
    WINDOW w AS (ORDER BY started_at, agent_id, channel_guid);
SELECT 'activity' AS level, count(*) AS moments, count(*) FILTER (WHERE r IS NULL) AS null_ones FROM activity_moment
UNION ALL SELECT 'participation', count(*), count(*) FILTER (WHERE r IS NULL) FROM participation_moment;

-- Compares the metrics of a window with those of the same frame's rows as an
-- array.
CREATE FUNCTION compare(level text, over_window text, filter text DEFAULT 'true',
        OUT moments bigint, OUT empty bigint, OUT null_only bigint, OUT differences bigint)
    LANGUAGE plpgsql AS
$$
BEGIN
    EXECUTE format($query$
        WITH metric AS MATERIALIZED (
            SELECT count(*) FILTER (WHERE %3$s) OVER w AS moments,
                   array_agg(r) FILTER (WHERE (%3$s) AND r IS DISTINCT FROM NULL) OVER w AS rows,
                   %4$s AS metrics
              FROM %1$s_moment
            WINDOW w AS (%2$s)
        )
        SELECT count(*), count(*) FILTER (WHERE moments = 0),
               count(*) FILTER (WHERE moments > 0 AND rows IS NULL),
               count(*) FILTER (WHERE metrics IS DISTINCT FROM %5$s)
          FROM metric
        $query$, level, over_window, filter, metrics(level, 'r', over => format('FILTER (WHERE %s) OVER w', filter)),
        CASE level WHEN 'activity' THEN plain_metrics('rows')
                   ELSE format('(SELECT %s FROM unnest(rows) AS r)', metrics(level, 'r')) END)
       INTO moments, empty, null_only, differences;
END
$$;

CREATE TABLE frame (nr serial, over_window text, filter text DEFAULT 'true');
INSERT INTO frame (over_window) VALUES
    ('ORDER BY n ROWS BETWEEN 4 PRECEDING AND CURRENT ROW'),
    ('ORDER BY n ROWS BETWEEN 50 PRECEDING AND 50 FOLLOWING'),
    ('ORDER BY n ROWS BETWEEN 7 PRECEDING AND 3 PRECEDING'),
    ('ORDER BY n ROWS BETWEEN 2 FOLLOWING AND 6 FOLLOWING'),
    ('ORDER BY n ROWS BETWEEN CURRENT ROW AND CURRENT ROW'),
    -- it jumps over rows
    ('ORDER BY n ROWS BETWEEN 3 FOLLOWING AND 1 FOLLOWING'),
    -- from the first row, to the last, and both
    ('ORDER BY n'),
    ('ORDER BY n ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING'),
    ('PARTITION BY agent_id'),
    -- partitions, where each begins afresh
    ('PARTITION BY agent_id ORDER BY agent_n ROWS BETWEEN 9 PRECEDING AND 1 PRECEDING'),
    -- by value and by group, in and out of which several rows move at a time
    ($$ORDER BY started_at RANGE BETWEEN '20 minutes' PRECEDING AND CURRENT ROW$$),
    ($$ORDER BY started_at RANGE BETWEEN '20 minutes' PRECEDING AND '5 minutes' PRECEDING$$),
    ($$ORDER BY started_at DESC RANGE BETWEEN '2 minutes' FOLLOWING AND '10 minutes' FOLLOWING$$),
    ('ORDER BY group_n GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING'),
    -- with exclusions
    ('ORDER BY n ROWS BETWEEN 3 PRECEDING AND 3 FOLLOWING EXCLUDE CURRENT ROW'),
    ('ORDER BY n ROWS BETWEEN CURRENT ROW AND CURRENT ROW EXCLUDE CURRENT ROW'),
    ('ORDER BY group_n GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES'),
    ('ORDER BY group_n GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE GROUP'),
    ('ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW');
-- with a FILTER
INSERT INTO frame (over_window, filter) VALUES
    ('ORDER BY n ROWS BETWEEN 4 PRECEDING AND CURRENT ROW', $$medium = 'Phone'$$),
    ('ORDER BY n ROWS BETWEEN 4 PRECEDING AND CURRENT ROW', 'false');
SELECT level, replace(over_window, 'BETWEEN ', '') || CASE filter WHEN 'true' THEN '' ELSE ', ' || filter END AS over_window, c.*
  FROM frame, unnest('{activity, participation}'::text[]) AS level, compare(level, over_window, filter) AS c
 ORDER BY level, nr;

-- each participation with its own reason, which many do not have
SELECT count(*) AS moments, count(*) FILTER (WHERE rate IS DISTINCT FROM plain) AS differences, count(rate) BETWEEN 10 AND count(*) - 10 AS varied
  FROM (SELECT unexpected_rate(r, (r).unexpected_reason) OVER w AS rate,
               count(*) FILTER (WHERE (r).outcome = 'Unexpected' AND (r).unexpected_reason IS NOT NULL) OVER w::float8
               / nullif(count(*) FILTER (WHERE (r).offered AND (r).unexpected_reason IS NOT NULL) OVER w, 0) AS plain
          FROM participation_moment WINDOW w AS (ORDER BY n ROWS BETWEEN 8 PRECEDING AND 3 FOLLOWING)) AS v;

RESET ALL;
SET client_min_messages = warning;
DROP SCHEMA metrics_window CASCADE;
