-- As window aggregates the metrics over participations are those of the frame's
-- rows, computed afresh in plain SQL, also where a moving frame leaves rows
-- behind; and so are the metrics over activities that need the activities'
-- times, and participations themselves.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA participation_window;
SET search_path = participation_window, public;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SET jit = off;

\getenv srcdir PG_ABS_SRCDIR
\set generator :srcdir '/bench/generate.sql'
\set ECHO none
\i :generator
\set ECHO all

-- all of them can take rows out of a moving frame again
SELECT count(*) AS over_participations, count(*) FILTER (WHERE aggminvtransfn <> 0) AS with_inverse
  FROM pg_aggregate
  JOIN pg_proc ON pg_proc.oid = aggfnoid
 WHERE proargtypes[0] = 'participation'::regtype;

--
-- By hand
--
CREATE TABLE by_hand (n integer, p participation);
INSERT INTO by_hand
    SELECT n, CASE WHEN outcome <> 'null'
                   THEN ROW(NULL, NULL, ring, talk, NULL, wrap, talk + wrap, NULL, outcome, reason, NULL,
                            offered, handled, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::participation
              END
      FROM (VALUES (1, 'Answered',   1500, 60000, 4000, NULL,         true,  true),
                   (2, 'Unexpected', 9000, 0,     0,    'NoAnswer',   true,  false),
                   (3, 'null',       NULL, NULL,  NULL, NULL,         NULL,  NULL),
                   (4, 'null',       NULL, NULL,  NULL, NULL,         NULL,  NULL),
                   (5, 'Monitored',  0,    0,     0,    NULL,         false, false),
                   (6, 'Unexpected', 0,    7000,  0,    'NumberBusy', true,  true),
                   (7, 'Answered',   2000, NULL,  NULL, NULL,         true,  false))
           AS v (n, outcome, ring, talk, wrap, reason, offered, handled);
SELECT n, (p).outcome, (p).unexpected_reason AS reason,
       handle_time(p) OVER w AS handle, talk_time(p) OVER w AS talk, wrap_time(p) OVER w AS wrap,
       ring_time(p) OVER w AS ring, handled_participations(p) OVER w AS handled,
       offered_participations(p) OVER w AS offered, unexpected_participations(p) OVER w AS unexpected,
       average_handle_time(p) OVER w AS average, unexpected_rate(p) OVER w AS rate,
       unexpected_rate(p, 'NoAnswer') OVER w AS no_answer
  FROM by_hand
WINDOW w AS (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW);

-- a frame with a sum that only just fits, and what comes after it
SELECT n, handle_time(p) OVER (ORDER BY n ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
  FROM (SELECT n, ROW(NULL, NULL, NULL, NULL, NULL, NULL, ms, NULL, NULL, NULL, NULL, NULL, true, NULL,
                      NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::participation AS p
          FROM (VALUES (1, 1000), (2, 9223372036854774807), (3, 1000), (4, 2000)) AS v (n, ms)) AS v;

--
-- Metrics over participations
--
CREATE TABLE moment AS
    SELECT row_number() OVER w AS n,
           row_number() OVER (PARTITION BY agent_id ORDER BY started_at) AS agent_n,
           ntile(100) OVER w AS group_n,
           agent_id, started_at, medium,
           CASE WHEN row_number() OVER w % 20 < 13 THEN p END AS p
      FROM (SELECT (p).agent_id, (p).started_at, (p).medium, (p).channel_guid, p
              FROM (SELECT participation(a) AS p
                      FROM generate_activities(500, 5, 11) AS a
                     GROUP BY agent_id, interaction_guid, channel_guid) AS v) AS v
    WINDOW w AS (ORDER BY started_at, agent_id, channel_guid);
SELECT count(*) AS moments, count(*) FILTER (WHERE p IS NULL) AS null_ones,
       count(*) FILTER (WHERE (p).outcome = 'Unexpected') AS unexpected FROM moment;

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
                   handle_time(p) FILTER (WHERE %3$s) OVER w,
                   talk_time(p) FILTER (WHERE %3$s) OVER w,
                   wrap_time(p) FILTER (WHERE %3$s) OVER w,
                   ring_time(p) FILTER (WHERE %3$s) OVER w,
                   handled_participations(p) FILTER (WHERE %3$s) OVER w,
                   offered_participations(p) FILTER (WHERE %3$s) OVER w,
                   unexpected_participations(p) FILTER (WHERE %3$s) OVER w,
                   average_handle_time(p) FILTER (WHERE %3$s) OVER w,
                   unexpected_rate(p) FILTER (WHERE %3$s) OVER w,
                   unexpected_rate(p, 'NoAnswer') FILTER (WHERE %3$s) OVER w,
                   -- each row with its own reason, which many do not have
                   unexpected_rate(p, (p).unexpected_reason) FILTER (WHERE %3$s) OVER w
              FROM moment
            WINDOW w AS (%1$s)
        ),
        frame AS MATERIALIZED (
            SELECT c.n, f.*
              FROM moment AS c,
                   LATERAL (
                SELECT count(*) AS moments,
                       count(p) AS participations,
                       coalesce(sum((p).handle_ms), 0)::bigint AS handle_ms,
                       coalesce(sum((p).talk_ms), 0)::bigint AS talk_ms,
                       coalesce(sum((p).wrap_ms), 0)::bigint AS wrap_ms,
                       coalesce(sum((p).ring_ms), 0)::bigint AS ring_ms,
                       count(*) FILTER (WHERE (p).handled) AS handled,
                       count(*) FILTER (WHERE (p).offered) AS offered,
                       count(*) FILTER (WHERE (p).outcome = 'Unexpected') AS unexpected,
                       count(*) FILTER (WHERE (p).outcome = 'Unexpected' AND (p).unexpected_reason = 'NoAnswer') AS no_answer,
                       count(*) FILTER (WHERE (p).outcome = 'Unexpected' AND (p).unexpected_reason IS NOT NULL) AS own_reason,
                       count(*) FILTER (WHERE (p).offered AND (p).unexpected_reason IS NOT NULL) AS offered_with_reason
                  FROM (SELECT * FROM moment AS r WHERE %2$s) AS r
                 WHERE %3$s) AS f
        ),
        plain AS MATERIALIZED (
            SELECT n,
                   CASE WHEN participations > 0 THEN handle_ms / 1000.0::float8 END,
                   CASE WHEN participations > 0 THEN talk_ms / 1000.0::float8 END,
                   CASE WHEN participations > 0 THEN wrap_ms / 1000.0::float8 END,
                   CASE WHEN participations > 0 THEN ring_ms / 1000.0::float8 END,
                   handled, offered, unexpected,
                   handle_ms / (1000.0::float8 * nullif(handled, 0)),
                   unexpected::float8 / nullif(offered, 0),
                   no_answer::float8 / nullif(offered, 0),
                   own_reason::float8 / nullif(offered_with_reason, 0)
              FROM frame
        )
        SELECT (SELECT count(*) FROM metric),
               (SELECT count(*) FROM frame WHERE moments = 0),
               (SELECT count(*) FROM frame WHERE moments > 0 AND participations = 0),
               (SELECT count(*) FROM (TABLE metric EXCEPT ALL TABLE plain) AS d)
               + (SELECT count(*) FROM (TABLE plain EXCEPT ALL TABLE metric) AS d)
        $query$, over_window, in_frame, filter)
       INTO moments, empty, null_only, differences;
END
$$;

CREATE TABLE frame (nr serial, over_window text, in_frame text);
INSERT INTO frame (over_window, in_frame) VALUES
    ('ORDER BY n ROWS BETWEEN 4 PRECEDING AND CURRENT ROW',
     'r.n BETWEEN c.n - 4 AND c.n'),
    ('ORDER BY n ROWS BETWEEN 50 PRECEDING AND 50 FOLLOWING',
     'r.n BETWEEN c.n - 50 AND c.n + 50'),
    ('ORDER BY n ROWS BETWEEN 7 PRECEDING AND 3 PRECEDING',
     'r.n BETWEEN c.n - 7 AND c.n - 3'),
    ('ORDER BY n ROWS BETWEEN 2 FOLLOWING AND 6 FOLLOWING',
     'r.n BETWEEN c.n + 2 AND c.n + 6'),
    ('ORDER BY n ROWS BETWEEN CURRENT ROW AND CURRENT ROW',
     'r.n = c.n'),
    -- it jumps over rows
    ('ORDER BY n ROWS BETWEEN 3 FOLLOWING AND 1 FOLLOWING',
     'false'),
    -- from the first row, to the last, and both
    ('ORDER BY n',
     'r.n <= c.n'),
    ('ORDER BY n ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING',
     'r.n >= c.n'),
    ('PARTITION BY agent_id',
     'r.agent_id = c.agent_id'),
    -- partitions, where each begins afresh
    ('PARTITION BY agent_id ORDER BY agent_n ROWS BETWEEN 9 PRECEDING AND 1 PRECEDING',
     'r.agent_id = c.agent_id AND r.agent_n BETWEEN c.agent_n - 9 AND c.agent_n - 1'),
    -- by value and by group, in and out of which several rows move at a time
    ($$ORDER BY started_at RANGE BETWEEN '20 minutes' PRECEDING AND CURRENT ROW$$,
     $$r.started_at BETWEEN c.started_at - '20 minutes'::interval AND c.started_at$$),
    ($$ORDER BY started_at RANGE BETWEEN '20 minutes' PRECEDING AND '5 minutes' PRECEDING$$,
     $$r.started_at BETWEEN c.started_at - '20 minutes'::interval AND c.started_at - '5 minutes'::interval$$),
    ($$ORDER BY started_at DESC RANGE BETWEEN '2 minutes' FOLLOWING AND '10 minutes' FOLLOWING$$,
     $$r.started_at BETWEEN c.started_at - '10 minutes'::interval AND c.started_at - '2 minutes'::interval$$),
    ('ORDER BY group_n GROUPS BETWEEN 1 PRECEDING AND 1 FOLLOWING',
     'r.group_n BETWEEN c.group_n - 1 AND c.group_n + 1'),
    -- with exclusions
    ('ORDER BY n ROWS BETWEEN 3 PRECEDING AND 3 FOLLOWING EXCLUDE CURRENT ROW',
     'r.n BETWEEN c.n - 3 AND c.n + 3 AND r.n <> c.n'),
    ('ORDER BY n ROWS BETWEEN CURRENT ROW AND CURRENT ROW EXCLUDE CURRENT ROW',
     'false'),
    ('ORDER BY group_n GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES',
     'r.group_n = c.group_n - 1 OR r.n = c.n'),
    ('ORDER BY group_n GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE GROUP',
     'r.group_n = c.group_n - 1'),
    ('ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW',
     'r.n <> c.n');
SELECT replace(over_window, 'BETWEEN ', '') AS over_window, c.*
  FROM frame, compare(over_window, in_frame) AS c
 ORDER BY nr;
-- with a FILTER
SELECT *
  FROM compare('ORDER BY n ROWS BETWEEN 4 PRECEDING AND CURRENT ROW',
               'r.n BETWEEN c.n - 4 AND c.n', $$medium = 'Phone'$$);
SELECT *
  FROM compare('ORDER BY n ROWS BETWEEN 4 PRECEDING AND CURRENT ROW',
               'r.n BETWEEN c.n - 4 AND c.n', 'false');

-- the rows of a typed table
CREATE TABLE typed OF participation;
INSERT INTO typed SELECT (p).* FROM moment WHERE p IS DISTINCT FROM NULL;
SELECT count(*) AS rows, count(*) FILTER (WHERE handle_time IS DISTINCT FROM handle_ms / 1000.0::float8) AS differ
  FROM (SELECT handle_time(t) OVER w, sum(handle_ms) OVER w AS handle_ms
          FROM typed AS t
        WINDOW w AS (ORDER BY started_at, channel_guid ROWS BETWEEN 3 PRECEDING AND 3 FOLLOWING)) AS v;

--
-- Activities in time: busy_time and peak_concurrency of frames, with range_agg
--
CREATE TABLE activity_moment AS
    SELECT row_number() OVER w AS n,
           row_number() OVER (PARTITION BY agent_id ORDER BY start, state) AS agent_n,
           ntile(60) OVER w AS group_n,
           agent_id, start AS started_at, medium,
           CASE WHEN row_number() OVER w % 20 < 13 THEN a END AS a
      FROM (SELECT agent_id, start, state, medium, a::activity AS a
              FROM generate_activities(120, 3, 12) AS a) AS v
    WINDOW w AS (ORDER BY start, agent_id, state);
CREATE FUNCTION compare_in_time(over_window text, in_frame text,
        OUT moments bigint, OUT greatest_peak bigint, OUT differences bigint)
    LANGUAGE plpgsql AS
$$
BEGIN
    EXECUTE format($query$
        WITH metric AS MATERIALIZED (
            SELECT n, busy_time(a) OVER w, peak_concurrency(a) OVER w,
                   -- the sets once more, here beside the others
                   handled_participations(a) OVER w, average_handle_time(a) OVER w
              FROM activity_moment
            WINDOW w AS (%1$s)
        ),
        frame AS MATERIALIZED (
            SELECT c.n AS current_n, r.a, (r.a).agent_id, (r.a).interaction_guid, (r.a).channel_guid,
                   tstzrange((r.a).start, (r.a).start + (r.a).duration_ms * '1 ms'::interval) AS during,
                   (r.a).state IN ('Connected', 'Wrap') AND (r.a).reason IS DISTINCT FROM 'Monitor'
                   AND (r.a).duration_ms IS NOT NULL AS handled
              FROM activity_moment AS c
              JOIN activity_moment AS r ON %2$s
        ),
        participation AS MATERIALIZED (
            SELECT current_n, agent_id, range_agg(during) AS during, sum((a).duration_ms)::bigint AS handle_ms
              FROM frame
             WHERE handled
             GROUP BY current_n, agent_id, interaction_guid, channel_guid
        ),
        border AS MATERIALIZED (
            SELECT current_n, sum(step) OVER (PARTITION BY current_n, agent_id ORDER BY at, step
                                              ROWS UNBOUNDED PRECEDING) AS concurrent
              FROM (SELECT current_n, agent_id, unnest(during) AS during FROM participation) AS p,
                   LATERAL (VALUES (lower(during), 1), (upper(during), -1)) AS b (at, step)
        ),
        busy AS MATERIALIZED (
            SELECT current_n, sum(extract(epoch FROM upper(during) - lower(during))) AS busy_time
              FROM (SELECT current_n, unnest(range_agg(r)) AS during
                      FROM participation AS p, LATERAL unnest(p.during) AS r
                     GROUP BY current_n, agent_id) AS v
             GROUP BY current_n
        ),
        plain AS MATERIALIZED (
            SELECT n,
                   CASE WHEN activities > 0 THEN coalesce(busy_time, 0)::float8 END AS busy_time,
                   coalesce(peak, 0) AS peak, coalesce(handled, 0) AS handled, average
              FROM activity_moment AS c
              LEFT JOIN (SELECT current_n AS n, count(a) AS activities FROM frame GROUP BY 1) AS f USING (n)
              LEFT JOIN (SELECT current_n AS n, busy_time FROM busy) AS b USING (n)
              LEFT JOIN (SELECT current_n AS n, max(concurrent) AS peak FROM border GROUP BY 1) AS o USING (n)
              LEFT JOIN (SELECT current_n AS n, count(*) AS handled,
                                sum(handle_ms)::float8 / (1000.0 * count(*)) AS average
                           FROM participation GROUP BY 1) AS p USING (n)
        )
        SELECT (SELECT count(*) FROM metric),
               (SELECT max(peak) FROM plain),
               (SELECT count(*) FROM (TABLE metric EXCEPT ALL TABLE plain) AS d)
               + (SELECT count(*) FROM (TABLE plain EXCEPT ALL TABLE metric) AS d)
        $query$, over_window, in_frame)
       INTO moments, greatest_peak, differences;
END
$$;
SELECT replace(over_window, 'BETWEEN ', '') AS over_window, c.*
  FROM frame, compare_in_time(over_window, in_frame) AS c
 WHERE in_frame <> 'r.n <> c.n'
 ORDER BY nr;

--
-- participation() and best_known() of all activities so far, and of a moving
-- frame: as if aggregated afresh
--
CREATE TABLE story AS
    SELECT row_number() OVER (PARTITION BY agent_id, interaction_guid, channel_guid ORDER BY start, state) AS n,
           agent_id, interaction_guid, channel_guid, a::activity AS a
      FROM generate_activities(1000, 20, 13) AS a;
SELECT max(n) AS longest, count(*) AS moments,
       count(*) FILTER (WHERE so_far IS DISTINCT FROM fresh_so_far) AS differ_so_far,
       count(*) FILTER (WHERE last_two IS DISTINCT FROM fresh_last_two) AS differ_in_two,
       count(*) FILTER (WHERE best IS DISTINCT FROM fresh_best) AS differ_in_best
  FROM (SELECT n, participation(a) OVER w::text AS so_far,
               participation(a) OVER (w ROWS 1 PRECEDING)::text AS last_two,
               best_known(a) OVER (w ROWS 1 PRECEDING)::text AS best,
               (SELECT participation(a) FROM story AS r
                 WHERE r.n <= c.n
                       AND (r.agent_id, r.interaction_guid) = (c.agent_id, c.interaction_guid)
                       AND r.channel_guid IS NOT DISTINCT FROM c.channel_guid)::text AS fresh_so_far,
               (SELECT participation(a) FROM story AS r
                 WHERE r.n BETWEEN c.n - 1 AND c.n
                       AND (r.agent_id, r.interaction_guid) = (c.agent_id, c.interaction_guid)
                       AND r.channel_guid IS NOT DISTINCT FROM c.channel_guid)::text AS fresh_last_two,
               (SELECT best_known(a) FROM story AS r
                 WHERE r.n BETWEEN c.n - 1 AND c.n
                       AND (r.agent_id, r.interaction_guid) = (c.agent_id, c.interaction_guid)
                       AND r.channel_guid IS NOT DISTINCT FROM c.channel_guid)::text AS fresh_best
          FROM story AS c
        WINDOW w AS (PARTITION BY agent_id, interaction_guid, channel_guid ORDER BY n)) AS v;

RESET ALL;
SET client_min_messages = warning;
DROP SCHEMA participation_window CASCADE;
