-- As window aggregates the metrics over participations are those of the frame's
-- rows, worked out by hand; and participation() and best_known() of a moving
-- frame are as if aggregated afresh. (All metrics in all kinds of frames:
-- metrics_window.)
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

--
-- By hand
--
CREATE TABLE by_hand (n integer, p participation);
INSERT INTO by_hand
    SELECT n, CASE WHEN outcome <> 'null'
                   THEN jsonb_populate_record(NULL::participation, jsonb_build_object('ring_ms', ring, 'talk_ms', talk, 'wrap_ms', wrap,
                            'handle_ms', talk + wrap, 'outcome', outcome, 'unexpected_reason', reason, 'offered', offered, 'handled', handled))
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
  FROM (SELECT n, jsonb_populate_record(NULL::participation, jsonb_build_object('handle_ms', ms, 'handled', true)) AS p
          FROM (VALUES (1, 1000), (2, 9223372036854774807), (3, 1000), (4, 2000)) AS v (n, ms)) AS v;

-- the rows of a typed table
CREATE TABLE typed OF participation;
INSERT INTO typed SELECT (p).* FROM (SELECT participation(a) AS p FROM generate_activities(500, 5, 11) AS a GROUP BY agent_id, interaction_guid, channel_guid) AS v;
SELECT count(*) AS rows, count(*) FILTER (WHERE handle_time IS DISTINCT FROM handle_ms / 1000.0::float8) AS differ
  FROM (SELECT handle_time(t) OVER w, sum(handle_ms) OVER w AS handle_ms
          FROM typed AS t
        WINDOW w AS (ORDER BY started_at, channel_guid ROWS BETWEEN 3 PRECEDING AND 3 FOLLOWING)) AS v;

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
