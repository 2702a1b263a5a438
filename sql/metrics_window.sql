-- As window aggregates the metrics of a frame are those of its rows, computed
-- afresh in plain SQL: also where the frame moves on and leaves rows behind, and
-- where it becomes empty or has only null rows.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA metrics_window;
SET search_path = metrics_window, public;

\getenv srcdir PG_ABS_SRCDIR
\set generator :srcdir '/bench/generate.sql'
\set ECHO none
\i :generator
\set ECHO all

-- the sums can take rows out of a moving frame again
SELECT count(*) AS sums, count(*) FILTER (WHERE aggminvtransfn <> 0) AS with_inverse
  FROM pg_aggregate
 WHERE aggfnoid IN ('handle_time(activity)'::regprocedure, 'talk_time(activity)'::regprocedure,
                    'wrap_time(activity)'::regprocedure, 'ring_time(activity)'::regprocedure);

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
CREATE TABLE moment AS
    SELECT row_number() OVER w AS n,
           row_number() OVER (PARTITION BY agent_id ORDER BY start, state) AS agent_n,
           ntile(100) OVER w AS group_n,
           agent_id, start, medium,
           CASE WHEN row_number() OVER w % 20 < 13 THEN a END AS a
      FROM (SELECT agent_id, start, state, medium, a::activity AS a
              FROM generate_activities(300, 5, 11) AS a) AS v
    WINDOW w AS (ORDER BY start, agent_id, state);
SELECT count(*) AS moments, count(*) FILTER (WHERE a IS NULL) AS null_ones FROM moment;

-- Compares the metrics of a window with those of the rows that a condition
-- finds for each row: c is the current row, r one of its frame.
CREATE FUNCTION compare(over_window text, in_frame text, filter text DEFAULT 'true',
        OUT moments bigint, OUT empty bigint, OUT null_only bigint, OUT differences bigint)
    LANGUAGE plpgsql AS
$$
BEGIN
    EXECUTE format($query$
        WITH metric AS MATERIALIZED (
            SELECT n,
                   handle_time(a) FILTER (WHERE %3$s) OVER w,
                   talk_time(a) FILTER (WHERE %3$s) OVER w,
                   wrap_time(a) FILTER (WHERE %3$s) OVER w,
                   ring_time(a) FILTER (WHERE %3$s) OVER w,
                   handled_participations(a) FILTER (WHERE %3$s) OVER w,
                   offered_participations(a) FILTER (WHERE %3$s) OVER w,
                   unexpected_participations(a) FILTER (WHERE %3$s) OVER w,
                   average_handle_time(a) FILTER (WHERE %3$s) OVER w,
                   unexpected_rate(a) FILTER (WHERE %3$s) OVER w,
                   unexpected_rate(a, 'NoAnswer') FILTER (WHERE %3$s) OVER w
              FROM moment
            WINDOW w AS (%1$s)
        ),
        frame AS MATERIALIZED (
            SELECT c.n, f.*
              FROM moment AS c,
                   LATERAL (
                SELECT count(*) AS moments,
                       count(a) AS activities,
                       coalesce(sum((a).duration_ms) FILTER (WHERE worked AND (a).state = 'Connected'), 0)::bigint AS talk_ms,
                       coalesce(sum((a).duration_ms) FILTER (WHERE worked AND (a).state = 'Wrap'), 0)::bigint AS wrap_ms,
                       coalesce(sum((a).duration_ms) FILTER (WHERE worked AND (a).state = 'Ringing'), 0)::bigint AS ring_ms,
                       count(DISTINCT ((a).agent_id, (a).interaction_guid, (a).channel_guid))
                           FILTER (WHERE worked AND (a).state IN ('Connected', 'Wrap') AND (a).duration_ms IS NOT NULL) AS handled,
                       count(DISTINCT ((a).agent_id, (a).interaction_guid, (a).channel_guid))
                           FILTER (WHERE worked AND (a).state IN ('Ringing', 'Connected', 'Unexpected', 'Failed')) AS offered,
                       count(DISTINCT ((a).agent_id, (a).interaction_guid, (a).channel_guid))
                           FILTER (WHERE worked AND (a).state = 'Unexpected') AS unexpected,
                       count(DISTINCT ((a).agent_id, (a).interaction_guid, (a).channel_guid))
                           FILTER (WHERE worked AND (a).state = 'Unexpected' AND (a).reason = 'NoAnswer') AS no_answer
                  FROM (SELECT r.*, (r.a).reason IS DISTINCT FROM 'Monitor' AS worked
                          FROM moment AS r
                         WHERE %2$s) AS r
                 WHERE %3$s) AS f
        ),
        plain AS MATERIALIZED (
            SELECT n,
                   CASE WHEN activities > 0 THEN (talk_ms + wrap_ms) / 1000.0::float8 END,
                   CASE WHEN activities > 0 THEN talk_ms / 1000.0::float8 END,
                   CASE WHEN activities > 0 THEN wrap_ms / 1000.0::float8 END,
                   CASE WHEN activities > 0 THEN ring_ms / 1000.0::float8 END,
                   handled, offered, unexpected,
                   (talk_ms + wrap_ms) / (1000.0::float8 * nullif(handled, 0)),
                   unexpected::float8 / nullif(offered, 0),
                   no_answer::float8 / nullif(offered, 0)
              FROM frame
        )
        SELECT (SELECT count(*) FROM metric),
               (SELECT count(*) FROM frame WHERE moments = 0),
               (SELECT count(*) FROM frame WHERE moments > 0 AND activities = 0),
               (SELECT count(*) FROM (TABLE metric EXCEPT ALL TABLE plain) AS d)
               + (SELECT count(*) FROM (TABLE plain EXCEPT ALL TABLE metric) AS d)
        $query$, over_window, in_frame, filter)
       INTO moments, empty, null_only, differences;
END
$$;

SELECT * FROM compare('ORDER BY n ROWS BETWEEN 4 PRECEDING AND CURRENT ROW',
                      'r.n BETWEEN c.n - 4 AND c.n');
SELECT * FROM compare('ORDER BY n ROWS BETWEEN 50 PRECEDING AND 50 FOLLOWING',
                      'r.n BETWEEN c.n - 50 AND c.n + 50');
SELECT * FROM compare('ORDER BY n ROWS BETWEEN 7 PRECEDING AND 3 PRECEDING',
                      'r.n BETWEEN c.n - 7 AND c.n - 3');
SELECT * FROM compare('ORDER BY n ROWS BETWEEN 2 FOLLOWING AND 6 FOLLOWING',
                      'r.n BETWEEN c.n + 2 AND c.n + 6');
SELECT * FROM compare('ORDER BY n ROWS BETWEEN CURRENT ROW AND CURRENT ROW',
                      'r.n = c.n');

-- from the first row, to the last, and both
SELECT * FROM compare('ORDER BY n',
                      'r.n <= c.n');
SELECT * FROM compare('ORDER BY n ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING',
                      'r.n >= c.n');
SELECT * FROM compare('PARTITION BY agent_id',
                      'r.agent_id = c.agent_id');

-- partitions, where each begins afresh
SELECT * FROM compare('PARTITION BY agent_id ORDER BY agent_n ROWS BETWEEN 9 PRECEDING AND 1 PRECEDING',
                      'r.agent_id = c.agent_id AND r.agent_n BETWEEN c.agent_n - 9 AND c.agent_n - 1');

-- by value and by group, in and out of which several rows move at a time
SELECT * FROM compare($$ORDER BY start RANGE BETWEEN '20 minutes' PRECEDING AND '5 minutes' PRECEDING$$,
                      $$r.start BETWEEN c.start - '20 minutes'::interval AND c.start - '5 minutes'::interval$$);
SELECT * FROM compare('ORDER BY group_n GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING',
                      'r.group_n BETWEEN c.group_n - 1 AND c.group_n + 1');

-- with exclusions
SELECT * FROM compare('ORDER BY n ROWS BETWEEN 3 PRECEDING AND 3 FOLLOWING EXCLUDE CURRENT ROW',
                      'r.n BETWEEN c.n - 3 AND c.n + 3 AND r.n <> c.n');
SELECT * FROM compare('ORDER BY n ROWS BETWEEN CURRENT ROW AND CURRENT ROW EXCLUDE CURRENT ROW',
                      'false');
SELECT * FROM compare('ORDER BY group_n GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES',
                      'r.group_n = c.group_n - 1 OR r.n = c.n');
SELECT * FROM compare('ORDER BY group_n GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE GROUP',
                      'r.group_n = c.group_n - 1');

-- with a FILTER
SELECT * FROM compare('ORDER BY n ROWS BETWEEN 4 PRECEDING AND CURRENT ROW',
                      'r.n BETWEEN c.n - 4 AND c.n',
                      $$medium = 'Phone'$$);

SET client_min_messages = warning;
DROP SCHEMA metrics_window CASCADE;
