-- The metrics of the sample page are the ones worked out by hand, from json and
-- from jsonb, serial and parallel. Then what they give where there is nothing
-- to measure, and for activities that no page brings.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA metrics_sample;
SET search_path = metrics_sample, public;
\getenv srcdir PG_ABS_SRCDIR
\set plans :srcdir '/sql/include/plans.sql'
\set ECHO none
\i :plans
\set ECHO all

\set page `cat "$PG_ABS_SRCDIR/sql/data/page-interactions.json"`
\set mixed `cat "$PG_ABS_SRCDIR/sql/data/page-mixed.json"`

-- few rows a block, so that parallel workers share them
CREATE TABLE from_json OF activity WITH (fillfactor = 10);
INSERT INTO from_json SELECT * FROM activities(:'page'::json);
CREATE TABLE from_jsonb OF activity WITH (fillfactor = 10);
INSERT INTO from_jsonb SELECT * FROM activities(:'page'::jsonb);
ANALYZE from_json, from_jsonb;

\set metrics 'count(*) AS activities, handle_time(a), talk_time(a), wrap_time(a), ring_time(a), handled_participations(a), offered_participations(a), unexpected_participations(a), average_handle_time(a), unexpected_rate(a), unexpected_rate(a, \'NoAnswer\') AS no_answer_rate'

--
-- The answers, per agent and of all
--
SET max_parallel_workers_per_gather = 0;
CREATE TABLE json_serial AS
    SELECT coalesce(a.agent_id, 'all') AS agent, :metrics
      FROM from_json AS a
     GROUP BY GROUPING SETS ((), (a.agent_id));
CREATE TABLE jsonb_serial AS
    SELECT coalesce(a.agent_id, 'all') AS agent, :metrics
      FROM from_jsonb AS a
     GROUP BY GROUPING SETS ((), (a.agent_id));
RESET max_parallel_workers_per_gather;

-- by workers only; at these costs also for this little
SET max_parallel_workers_per_gather = 2;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET cpu_operator_cost = 100;
SET parallel_leader_participation = off;
SELECT is_partial($$
    SELECT average_handle_time(a) FROM from_json AS a
$$) AS of_all,
       is_partial($$
    SELECT average_handle_time(a) FROM from_json AS a GROUP BY a.agent_id
$$) AS per_agent;
CREATE TABLE json_parallel AS
    SELECT 'all' AS agent, :metrics FROM from_json AS a
     UNION ALL
    SELECT a.agent_id, :metrics FROM from_json AS a GROUP BY a.agent_id;
CREATE TABLE jsonb_parallel AS
    SELECT 'all' AS agent, :metrics FROM from_jsonb AS a
     UNION ALL
    SELECT a.agent_id, :metrics FROM from_jsonb AS a GROUP BY a.agent_id;
RESET max_parallel_workers_per_gather;
RESET min_parallel_table_scan_size;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET cpu_operator_cost;
RESET parallel_leader_participation;

\x on
SELECT * FROM json_serial ORDER BY agent <> 'all', agent;
\x off
SELECT count(*) AS answers,
       count(*) FILTER (WHERE jsonb_serial IS DISTINCT FROM json_serial) AS differ_in_jsonb,
       count(*) FILTER (WHERE json_parallel IS DISTINCT FROM json_serial) AS differ_in_parallel,
       count(*) FILTER (WHERE jsonb_parallel IS DISTINCT FROM json_serial) AS differ_in_both
  FROM json_serial
  FULL JOIN jsonb_serial USING (agent)
  FULL JOIN json_parallel USING (agent)
  FULL JOIN jsonb_parallel USING (agent);

\x on
-- one of the three items of the mixed page is an interaction activity, Ringing
SELECT :metrics FROM activities(:'mixed'::json) AS a;
SELECT :metrics FROM activities(:'mixed'::jsonb) AS a;

--
-- Nothing to measure
--

-- no rows
SELECT :metrics FROM from_json AS a WHERE false;
-- rows, but null ones
SELECT :metrics FROM (VALUES (NULL::activity), (NULL)) AS v (a);
SELECT :metrics FROM (VALUES (1), (2)) AS v (n) LEFT JOIN from_json AS a ON false;
\x off
-- among others they are passed over
SELECT handle_time(a), average_handle_time(a), unexpected_rate(a)
  FROM (SELECT a::activity FROM from_json AS a UNION ALL VALUES (NULL::activity), (NULL)) AS v;

-- With a null reason a row is skipped. With each row's own reason, 5 of the
-- offered participations have a row that is not, and 2 of them were Unexpected.
SELECT unexpected_rate(a, NULL), unexpected_rate(a, a.reason) AS of_its_own,
       unexpected_rate(a, 'Monitor') AS monitor
  FROM from_json AS a;

--
-- Activities by hand
--
CREATE FUNCTION made(state interaction_state, duration_ms bigint,
        reason activity_reason DEFAULT NULL, agent_id text DEFAULT '2',
        interaction integer DEFAULT 1, channel integer DEFAULT 1)
    RETURNS activity
    RETURN ROW('2026-03-29 00:30:00+00', duration_ms, state, 'Completed', 'Inbound',
               lpad(interaction::text, 32, '0'), lpad(channel::text, 32, '0'), reason,
               agent_id, 'Phone', 'VCC', NULL)::activity;

CREATE TABLE made_by_hand (case_nr integer, of text, a activity);
INSERT INTO made_by_hand VALUES
    ( 1, 'all attributes null',            ROW(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
                                               NULL, NULL, NULL, NULL)::activity),
    ( 2, 'null state',                     made(NULL, 1000)),
    ( 3, 'open Ringing',                   made('Ringing', NULL)),
    ( 4, 'open Connected',                 made('Connected', NULL)),
    ( 5, 'open Wrap',                      made('Wrap', NULL)),
    ( 6, 'open Unexpected',                made('Unexpected', NULL, 'NoAnswer')),
    ( 7, 'Ringing of 0 ms',                made('Ringing', 0)),
    ( 8, 'Connected of 0 ms',              made('Connected', 0)),
    ( 9, 'Wrap of 0 ms',                   made('Wrap', 0)),
    (10, 'Wrap alone',                     made('Wrap', 1000)),
    (11, 'Failed alone',                   made('Failed', 1000, 'CallFailed')),
    (12, 'Unexpected without reason',      made('Unexpected', 1000)),
    (13, 'Unexpected, Monitor',            made('Unexpected', 1000, 'Monitor')),
    (14, 'Failed, Monitor',                made('Failed', 1000, 'Monitor')),
    (15, 'Connected, Monitor',             made('Connected', 1000, 'Monitor')),
    (16, 'Connected, NoAnswer',            made('Connected', 1000, 'NoAnswer')),
    (17, 'Unexpected, Resumed',            made('Unexpected', 1000, 'Resumed')),
    (18, 'a failed offer, then taken',     made('Ringing', 1000)),
    (18, 'a failed offer, then taken',     made('Unexpected', 1000, 'NoAnswer')),
    (18, 'a failed offer, then taken',     made('Ringing', 1000)),
    (18, 'a failed offer, then taken',     made('Connected', 1000)),
    (18, 'a failed offer, then taken',     made('Connected', 1000, 'Unparked')),
    (19, 'two reasons in one',             made('Unexpected', 1000, 'NoAnswer')),
    (19, 'two reasons in one',             made('Unexpected', 1000, 'NumberBusy')),
    (20, 'Monitor, then joined in',        made('Connected', 1000, 'Monitor')),
    (20, 'Monitor, then joined in',        made('Connected', 2000)),
    (21, 'handled by one, not by another', made('Connected', 1000, NULL, '2')),
    (21, 'handled by one, not by another', made('Unexpected', 1000, 'NoAnswer', '3', 1, 2)),
    (22, 'past 2^31 and 2^53 ms',          made('Connected', 9007199254740993)),
    (23, 'as much as fits',                made('Connected', 9223372036854775806)),
    (23, 'as much as fits',                made('Wrap', 1));
SELECT case_nr AS nr, of, handle_time(a), ring_time(a) AS ring,
       handled_participations(a) AS handled, offered_participations(a) AS offered,
       unexpected_participations(a) AS unexpected, average_handle_time(a) AS average,
       unexpected_rate(a) AS rate, unexpected_rate(a, 'NoAnswer') AS no_answer,
       -- of two reasons of the same start the later one in the enum's order counts: NoAnswer
       unexpected_rate(a, 'NumberBusy') AS number_busy
  FROM made_by_hand
 GROUP BY case_nr, of
 ORDER BY case_nr;

-- What makes a participation: nulls are not distinct from each other, but from
-- everything else; all of the text counts.
WITH pair (pair, one, other) AS (VALUES
    ('the same',                       made('Connected', 500), made('Connected', 500)),
    ('another agent',                  made('Connected', 500, agent_id => '3'),
                                       made('Connected', 500)),
    ('another interaction',            made('Connected', 500, interaction => 2),
                                       made('Connected', 500)),
    ('another channel',                made('Connected', 500, channel => 2),
                                       made('Connected', 500)),
    ('guids the other way round',      made('Connected', 500, interaction => 1, channel => 2),
                                       made('Connected', 500, interaction => 2, channel => 1)),
    ('agent 002 and agent 2',          made('Connected', 500, agent_id => '002'),
                                       made('Connected', 500)),
    ('agents that differ in case',     made('Connected', 500, agent_id => 'a'),
                                       made('Connected', 500, agent_id => 'A')),
    ('agents that differ in a blank',  made('Connected', 500, agent_id => 'a '),
                                       made('Connected', 500, agent_id => 'a')),
    ('agents that differ at the end',  made('Connected', 500, agent_id => repeat('a', 9999) || 'b'),
                                       made('Connected', 500, agent_id => repeat('a', 9999) || 'c')),
    ('the same long agent',            made('Connected', 500, agent_id => repeat('a', 9999)),
                                       made('Connected', 500, agent_id => repeat('a', 9999))),
    ('null agents',                    made('Connected', 500, agent_id => NULL),
                                       made('Connected', 500, agent_id => NULL)),
    ('null and empty agent',           made('Connected', 500, agent_id => NULL),
                                       made('Connected', 500, agent_id => '')),
    ('null interactions',              made('Connected', 500, interaction => NULL),
                                       made('Connected', 500, interaction => NULL)),
    ('null and zero interaction',      made('Connected', 500, interaction => NULL),
                                       made('Connected', 500, interaction => 0)),
    ('null channels',                  made('Connected', 500, channel => NULL),
                                       made('Connected', 500, channel => NULL)),
    ('null and zero channel',          made('Connected', 500, channel => NULL),
                                       made('Connected', 500, channel => 0)),
    ('null interaction, null channel', made('Connected', 500, interaction => NULL),
                                       made('Connected', 500, channel => NULL)),
    ('all null',                       made('Connected', 500, NULL, NULL, NULL, NULL),
                                       made('Connected', 500, NULL, NULL, NULL, NULL)))
SELECT pair, handled_participations(a) AS participations, average_handle_time(a)
  FROM pair, LATERAL (VALUES (one), (other)) AS v (a)
 GROUP BY pair
 ORDER BY participations, pair COLLATE "C";

-- An average divides once, so that the written-out one is it to the last bit: 5,466,300 ms over 200 participations
-- are 27.3315 s. Beyond 2^53 ms or 2^53 / 1000 participations factors are rounded first, here as there.
SELECT average_handle_time(a) AS of_activities, average_handle_time((a).state, (a).reason, (a).duration_ms, (a).interaction_guid, (a).channel_guid, (a).agent_id) AS of_columns,
       sum((a).duration_ms)::float8 / (1000.0 * count(*)) AS written_out,
       (SELECT average_handle_time(p)
          FROM (SELECT participation(made('Connected', 27331 + n % 2, channel => n)) AS p FROM generate_series(1, 200) AS n GROUP BY n) AS made) AS of_participations
  FROM (SELECT made('Connected', 27331 + n % 2, channel => n) AS a FROM generate_series(1, 200) AS n) AS made;
SELECT count(*) AS quotients, count(*) FILTER (WHERE average IS DISTINCT FROM ms::float8 / (1000.0::float8 * handled::float8)) AS differ,
       count(*) FILTER (WHERE average IS DISTINCT FROM (ms::numeric(60, 40) / (1000.0 * handled))::float8 AND ms < 2::numeric ^ 53 AND handled < 9007199254741) AS not_the_nearest
  FROM (SELECT hashint8extended(n, 1) & 9223372036854775807 >> shift AS ms, 1 + (hashint8extended(n, 2) & 9223372036854775806 >> (shift + 7) % 60) AS handled
          FROM generate_series(1, 10000) AS n, LATERAL (SELECT (n % 55)::int) AS s (shift)) AS v,
       activity_sums_average_handle_time(ARRAY[9223372036854775807, ms, 0, 0, 0, handled] || array_fill(0::bigint, ARRAY[30])) AS average;

-- An agent's id may be compressed in the table, or out of line.
CREATE TABLE long_ids OF activity;
INSERT INTO long_ids
    SELECT (a).*
      FROM (VALUES (made('Connected', 500, agent_id => repeat('a', 9999))),
                   (made('Connected', 500, agent_id => repeat('a', 9999))),
                   (made('Connected', 500, agent_id => repeat('b', 9999)))) AS v (a);
ALTER TABLE long_ids ALTER agent_id SET STORAGE EXTERNAL;
INSERT INTO long_ids SELECT * FROM long_ids;
SELECT handled_participations(a), average_handle_time(a) FROM long_ids AS a;

--
-- Errors, never wrong numbers
--
\set VERBOSITY sqlstate

-- a negative duration
SELECT handle_time(made('Connected', -1));
SELECT ring_time(made('Ringing', -1));
SELECT average_handle_time(made('Connected', -1));
SELECT handled_participations(made('Wrap', (-9223372036854775808)::bigint));

-- more milliseconds than fit
SELECT talk_time(a)
  FROM (VALUES (made('Connected', 9223372036854775807)), (made('Connected', 1))) AS v (a);
SELECT wrap_time(a)
  FROM (VALUES (made('Wrap', 9223372036854775807)), (made('Wrap', 1))) AS v (a);
SELECT ring_time(a)
  FROM (VALUES (made('Ringing', 9223372036854775807)), (made('Ringing', 1))) AS v (a);
SELECT handle_time(a)
  FROM (VALUES (made('Connected', 9223372036854775807)), (made('Wrap', 1))) AS v (a);
SELECT average_handle_time(a)
  FROM (VALUES (made('Connected', 9223372036854775807)), (made('Wrap', 1))) AS v (a);
SELECT talk_time(a) OVER (ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
  FROM (VALUES (made('Connected', 9223372036854775807)), (made('Connected', 1))) AS v (a);

-- each half fits, but not both
CREATE TABLE half_1 OF activity;
INSERT INTO half_1 VALUES ((made('Connected', 4611686018427387904)).*);
CREATE TABLE half_2 OF activity;
INSERT INTO half_2 VALUES ((made('Connected', 4611686018427387904)).*);
SET max_parallel_workers_per_gather = 2;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET parallel_leader_participation = off;
SELECT is_partial($$
    SELECT talk_time(a::activity) FROM (TABLE half_1 UNION ALL TABLE half_2) AS a
$$);
SELECT talk_time(a) FROM half_1 AS a;
SELECT talk_time(a::activity) FROM (TABLE half_1 UNION ALL TABLE half_2) AS a;
SELECT average_handle_time(a::activity) FROM (TABLE half_1 UNION ALL TABLE half_2) AS a;

\set VERBOSITY default
RESET ALL;
SET client_min_messages = warning;
DROP SCHEMA metrics_sample CASCADE;
