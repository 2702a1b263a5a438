-- Over generated activities, activities drawn at random, and participations that
-- no activities make: every attribute of an interaction equals the same in plain
-- SQL, with consults found by their definition; and it does not matter into
-- which parts and in which order the participations come, down to the last bit.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA interaction_generated;
SET search_path = interaction_generated, public;
SET TimeZone = 'UTC';
SET jit = off;

\getenv srcdir PG_ABS_SRCDIR
\set generator :srcdir '/bench/generate.sql'
\set generated :srcdir '/sql/include/generated.sql'
\set plans :srcdir '/sql/include/plans.sql'
\set plain_participations :srcdir '/sql/include/plain_participations.sql'
\set plain_interactions :srcdir '/sql/include/plain_interactions.sql'
\set ECHO none
\i :generator
\i :generated
\i :plans
\i :plain_participations
\i :plain_interactions
\set ECHO all

CREATE TABLE generated OF activity;
INSERT INTO generated SELECT * FROM generate_activities(20000, 100, 5);

-- Up to seven agents of few at a time in one interaction, some of them twice,
-- with or without a channel, one interaction with hundreds. What each does
-- starts within seconds, so that starts and ends tie; one in eight never ends.
-- Some only listen in, some listen and take over, with or without a ring; in
-- some interactions nobody answers.
CREATE TABLE drawn OF activity;
INSERT INTO drawn
    SELECT '2026-03-29 00:00:00+00'::timestamptz + n * '1 minute'::interval
           + draw(a, 1, 3 + draw(n, 21, 12)) * one_of(n, 2, '{1 s, 1 s, 2.5 s, 250 us}'::interval[]),
           CASE WHEN draw(a, 3, 8) > 0 THEN draw(a, 4, 8) * 1000 END,
           CASE WHEN draw(a, 5, 20) = 0 THEN NULL
                WHEN draw(n, 22, 6) = 0 THEN one_of(a, 6, '{Ringing, Ringing, Unexpected, Failed}'::interaction_state[])
                ELSE one_of(a, 6, '{Ringing, Ringing, Connected, Connected, Connected, Wrap, Unexpected, Failed}'::interaction_state[])
           END,
           one_of(a, 7, '{Ongoing, Completed, Completed, InternalError, NULL}'::interaction_status[]),
           one_of(a, 8, '{Inbound, Inbound, Internal, NULL}'::interaction_direction[]),
           CASE WHEN draw(n, 9, 200) > 0
                THEN lpad(CASE WHEN n < 200 THEN 1 ELSE n END::text, 32, '0')::uuid
           END,
           CASE WHEN draw(p, 10, 4) > 0 THEN lpad(p::text, 32, '0')::uuid END,
           CASE WHEN draw(a, 11, 8) < CASE draw(p, 12, 4) WHEN 0 THEN 8 WHEN 1 THEN 4 ELSE 0 END THEN 'Monitor'
                WHEN draw(a, 13, 2) = 0 THEN one_of(a, 14, '{NoAnswer, CallFailed}'::activity_reason[])
           END,
           one_of(p, 15, '{A, B, C, a, 2, 002, "", NULL}'::text[]),
           one_of(a, 16, '{Phone, phone, Call, "", NULL, NULL, NULL, NULL}'::text[]),
           one_of(a, 17, '{VCC, UC, NULL}'::text[]),
           '2026-03-30 00:00:00+00'::timestamptz + draw(a, 18, 100) * '1 s'::interval
      FROM generate_series(1, 8000) AS n,
           LATERAL generate_series(n * 10, n * 10 + draw(n, 19, 7)) AS p,
           LATERAL generate_series(p * 10, p * 10 + draw(p, 20, 6)) AS a;

CREATE TABLE generated_participation OF participation;
INSERT INTO generated_participation
    SELECT (participation(a)).* FROM generated AS a GROUP BY agent_id, interaction_guid, channel_guid;
CREATE TABLE drawn_participation OF participation;
INSERT INTO drawn_participation
    SELECT (participation(a)).* FROM drawn AS a GROUP BY agent_id, interaction_guid, channel_guid;

-- Participations that no activities make: any attribute may be null, and none
-- follows from another. In some interactions nobody answers.
CREATE TABLE odd_participation OF participation;
INSERT INTO odd_participation (started_at, ended_at, ring_ms, talk_ms, parked_ms, wrap_ms, handle_ms, connections, outcome,
                               offered, handled, open, status, direction, interaction_guid, agent_id, medium, medium_manager,
                               reported_at, answered_at, disconnected_at, answer_ms, monitor_ms, unexpected_attempts)
    SELECT begin + draw(p, 31, 9) * one_of(p, 32, '{1 s, 1 s, 3 ms, NULL}'::interval[]),
           begin + draw(p, 33, 9) * one_of(p, 34, '{1 s, 1 s, 1 s, 7 ms, NULL}'::interval[]),
           nullif(draw(p, 35, 9), 0), nullif(draw(p, 36, 9), 0), nullif(draw(p, 37, 9), 0), nullif(draw(p, 38, 9), 0),
           nullif(draw(p, 39, 9), 0), nullif(draw(p, 40, 9), 0),
           CASE WHEN draw(n, 62, 10) = 0 THEN one_of(p, 41, '{Monitored, NULL}'::participation_outcome[])
                ELSE one_of(p, 41, enum_range(NULL::participation_outcome) || '{Monitored, Monitored, Unexpected, NULL}')
           END,
           one_of(p, 42, '{true, false, NULL}'::boolean[]), one_of(p, 43, '{true, false, NULL}'::boolean[]),
           one_of(p, 44, '{true, false, false, NULL}'::boolean[]),
           one_of(p, 45, enum_range(NULL::interaction_status) || '{NULL}'),
           one_of(p, 46, enum_range(NULL::interaction_direction) || '{NULL}'),
           CASE WHEN draw(n, 47, 100) > 0 THEN lpad(n::text, 32, '0')::uuid END,
           one_of(p, 48, '{A, B, C, a, "", NULL}'::text[]),
           one_of(p, 49, '{Phone, phone, Call, "", NULL}'::text[]),
           one_of(p, 50, '{VCC, UC, NULL, NULL}'::text[]),
           begin + draw(p, 51, 9) * one_of(p, 52, '{1 s, NULL}'::interval[]),
           CASE WHEN draw(n, 62, 10) > 0
                THEN begin + draw(p, 53, 9) * one_of(p, 54, '{1 s, 1 s, 3 ms, NULL}'::interval[])
           END,
           begin + draw(p, 55, 10) * one_of(p, 56, '{1 s, 1 s, 1 s, NULL}'::interval[]),
           CASE WHEN draw(p, 57, 2) = 0 THEN draw(p, 58, 9) END, nullif(draw(p, 59, 9), 0), nullif(draw(p, 60, 9), 0)
      FROM generate_series(1, 8000) AS n,
           LATERAL generate_series(n * 10, n * 10 + draw(n, 61, 7)) AS p,
           LATERAL (VALUES ('2026-03-29 00:00:00+00'::timestamptz)) AS v (begin);
ANALYZE generated, drawn, generated_participation, drawn_participation, odd_participation;

--
-- Each attribute, in plain SQL
--
CREATE TABLE plain_drawn_participation OF participation;
INSERT INTO plain_drawn_participation SELECT * FROM plain_participations('drawn');
SELECT (SELECT count(*) FROM drawn_participation) AS participations,
       (SELECT count(*)
          FROM (TABLE drawn_participation EXCEPT ALL TABLE plain_drawn_participation) AS d) AS differ,
       (SELECT count(*)
          FROM (TABLE plain_drawn_participation EXCEPT ALL TABLE drawn_participation) AS d) AS plain_differ;

CREATE FUNCTION compare(source text, OUT participations bigint, OUT interactions bigint, OUT differ bigint, OUT plain_differ bigint)
    LANGUAGE plpgsql AS
$$
BEGIN
    EXECUTE format($query$
        CREATE TABLE %1$s_interaction OF interaction;
        INSERT INTO %1$s_interaction
            SELECT (interaction(p)).* FROM %1$s_participation AS p GROUP BY interaction_guid;
        CREATE TABLE %1$s_plain OF interaction;
        INSERT INTO %1$s_plain SELECT * FROM plain_interactions('%1$s_participation')
        $query$, source);
    EXECUTE format($query$
        SELECT (SELECT count(*) FROM %1$s_participation),
               (SELECT count(*) FROM %1$s_interaction),
               (SELECT count(*) FROM (TABLE %1$s_interaction EXCEPT ALL TABLE %1$s_plain) AS d),
               (SELECT count(*) FROM (TABLE %1$s_plain EXCEPT ALL TABLE %1$s_interaction) AS d)
        $query$, source)
       INTO participations, interactions, differ, plain_differ;
END
$$;
SELECT source, c.* FROM unnest('{generated,drawn,odd}'::text[]) AS source, compare(source) AS c;

-- they have what the rules tell apart
\x on
SELECT count(*) FILTER (WHERE transfers > 1) > 1000 AS transfers,
       count(*) FILTER (WHERE consults > 0) > 1000 AS consults,
       count(*) FILTER (WHERE consults > 0 AND transfers > 0) > 1000 AS both,
       count(*) FILTER (WHERE answered > agents) > 100 AS one_agent_twice,
       count(*) FILTER (WHERE transfers > 0 AND first_agent_id = last_agent_id) > 100 AS back_again,
       count(*) FILTER (WHERE agents > 0 AND last_agent_id IS NULL) > 100 AS nobody,
       count(*) FILTER (WHERE answered > 1 AND disconnected_at IS NULL) > 100 AS not_disconnected,
       count(*) FILTER (WHERE answer_ms > 0) > 1000 AS answered_later,
       count(*) FILTER (WHERE answer_ms = 0) > 100 AS rang_for_0_ms,
       count(*) FILTER (WHERE answered_at = started_at AND answer_ms IS NULL) > 100 AS did_not_ring,
       count(*) FILTER (WHERE length_ms IS NULL) > 1000 AS no_length,
       count(*) FILTER (WHERE monitored BETWEEN 1 AND participations - 1) > 1000 AS some_listened,
       count(*) FILTER (WHERE monitored = participations) > 100 AS all_listened,
       count(*) FILTER (WHERE outcome = 'Answered' AND unexpected > 0 AND failed > 0) > 1000 AS answered_and_refused,
       count(*) FILTER (WHERE outcome = 'Unexpected' AND failed > 0) > 100 AS unexpected_and_failed,
       count(*) FILTER (WHERE outcome = 'Failed' AND participations > 1) > 100 AS failed,
       count(*) FILTER (WHERE outcome = 'Unanswered') > 100 AS unanswered,
       count(*) FILTER (WHERE outcome IS NULL) > 100 AS no_outcome,
       count(*) FILTER (WHERE open AND participations > 1) > 1000 AS open,
       count(*) FILTER (WHERE medium IS NULL) > 100 AS no_medium,
       count(*) FILTER (WHERE started_at IS NULL) > 100 AS no_start,
       bool_or(participations > 200) AS many,
       bool_or(interaction_guid IS NULL) AS no_interaction
  FROM (TABLE drawn_interaction UNION ALL TABLE odd_interaction) AS i;
\x off
-- legs of drawn and odd ones that tie, and unknown ends beside others
SELECT source, count(*) FILTER (WHERE answered_at = next_answered_at) > 100 AS answered_together,
       count(*) FILTER (WHERE disconnected_at = next_disconnected_at) > 100 AS left_together,
       count(*) FILTER (WHERE answered_at = next_answered_at AND disconnected_at = next_disconnected_at) > 100 AS both,
       count(*) FILTER (WHERE disconnected_at IS NULL AND open) > 100 AS goes_on,
       count(*) FILTER (WHERE disconnected_at IS NULL AND NOT open) > 100 AS unknown
  FROM (SELECT source, answered_at, disconnected_at, open,
               lead(answered_at) OVER w AS next_answered_at, lead(disconnected_at) OVER w AS next_disconnected_at
          FROM (SELECT 'drawn' AS source, * FROM drawn_participation UNION ALL
                SELECT 'odd', * FROM odd_participation) AS p
         WHERE answered_at IS NOT NULL
        WINDOW w AS (PARTITION BY source, interaction_guid ORDER BY answered_at, agent_id COLLATE "C")) AS v
 GROUP BY source
 ORDER BY source;

--
-- Parts, at random
--

-- Each participation goes into one of seven parts, drawn anew each time, and
-- within it they lie in another order. Tables without statistics are thought to
-- have fewer groups than these have, which makes it worth to aggregate parts.
CREATE TABLE numbered AS
    SELECT row_number() OVER (ORDER BY p::text COLLATE "C") AS n, kind, interaction_guid, p
      FROM (SELECT 'drawn' AS kind, interaction_guid, p::participation AS p FROM drawn_participation AS p UNION ALL
            SELECT 'odd', interaction_guid, p::participation FROM odd_participation AS p) AS v;
CREATE TABLE parted (part integer, kind text, interaction_guid uuid, p participation) PARTITION BY LIST (part);
SELECT format('CREATE TABLE part_%1$s PARTITION OF parted FOR VALUES IN (%1$s)
               WITH (autovacuum_enabled = off)', n)
  FROM generate_series(0, 6) AS n \gexec
CREATE FUNCTION draw_parts(seed bigint) RETURNS bigint
    LANGUAGE sql AS
$$
    TRUNCATE parted;
    INSERT INTO parted
        SELECT draw(n, seed, 7), kind, interaction_guid, p
          FROM numbered
         ORDER BY draw(n, -seed, 1000000);
    SELECT count(*)
      FROM (SELECT
              FROM parted
             GROUP BY kind, interaction_guid
            HAVING count(DISTINCT part) > 2) AS v;
$$;
\set interactions 'SELECT interaction(p) FROM parted GROUP BY kind, interaction_guid'
CREATE TABLE serial AS
    SELECT fingerprint('SELECT i::interaction FROM (TABLE drawn_interaction UNION ALL TABLE odd_interaction) AS i') AS interactions;

-- serial, partition-wise: the parts are merged in the order of their numbers
SET enable_partitionwise_aggregate = on;
SET max_parallel_workers_per_gather = 0;
SET cpu_tuple_cost = 1;
SELECT partial, partition_wise, workers
  FROM draw_parts(1), plan(:'interactions');
SELECT seed, draw_parts(seed) > 1000 AS many_in_many_parts,
       (SELECT fingerprint(:'interactions') = interactions FROM serial) AS the_same
  FROM generate_series(2, 5) AS seed;
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
SELECT p.*, fingerprint(:'interactions') = interactions AS the_same
  FROM draw_parts(6), plan(:'interactions') AS p, serial;

-- with sorted groups
SET enable_hashagg = off;
SELECT p.*, fingerprint(:'interactions') = interactions AS the_same
  FROM plan(:'interactions') AS p, serial;
RESET enable_hashagg;

-- partition-wise by workers
SET enable_partitionwise_aggregate = on;
SELECT p.*, fingerprint(:'interactions') = interactions AS the_same
  FROM plan(:'interactions') AS p, serial;
RESET enable_partitionwise_aggregate;

-- straight from the activities
SELECT fingerprint('SELECT interaction(p)
                      FROM (SELECT interaction_guid, participation(a) AS p
                              FROM drawn AS a
                             GROUP BY agent_id, interaction_guid, channel_guid) AS v
                     GROUP BY interaction_guid')
       = fingerprint('SELECT i::interaction FROM drawn_interaction AS i') AS the_same;

--
-- As window aggregates: of all participations so far, and of a moving frame
--
RESET ALL;
SET search_path = interaction_generated, public;
CREATE TABLE story AS
    SELECT row_number() OVER (PARTITION BY kind, interaction_guid ORDER BY n) AS n, kind, interaction_guid, p
      FROM numbered
     WHERE interaction_guid BETWEEN lpad('200', 32, '0')::uuid AND lpad('500', 32, '0')::uuid;
SELECT max(n) AS longest, count(*) > 1000 AS moments,
       count(*) FILTER (WHERE so_far IS DISTINCT FROM fresh_so_far) AS differ_so_far,
       count(*) FILTER (WHERE last_three IS DISTINCT FROM fresh_last_three) AS differ_in_three
  FROM (SELECT n, interaction(p) OVER w::text AS so_far,
               interaction(p) OVER (w ROWS 2 PRECEDING)::text AS last_three,
               (SELECT interaction(p) FROM story AS r
                 WHERE r.n <= c.n AND (r.kind, r.interaction_guid) = (c.kind, c.interaction_guid))::text AS fresh_so_far,
               (SELECT interaction(p) FROM story AS r
                 WHERE r.n BETWEEN c.n - 2 AND c.n
                       AND (r.kind, r.interaction_guid) = (c.kind, c.interaction_guid))::text AS fresh_last_three
          FROM story AS c
        WINDOW w AS (PARTITION BY kind, interaction_guid ORDER BY n)) AS v;

RESET ALL;
SET client_min_messages = warning;
DROP SCHEMA interaction_generated CASCADE;
