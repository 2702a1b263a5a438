-- The functions that read an aggregate's state from another process, given bytes that no process has written: cut off,
-- of another version or family, changed in every byte, or random. Each ends in an error that says what is wrong with the
-- data, or in an answer, and the session goes on. What a later version of the library appends is ignored.
SELECT current_database() AS regression \gset
SET client_min_messages = warning;
CREATE DATABASE activity_forged ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
\connect activity_forged
SET lc_messages = 'C';
SET client_min_messages = warning;
SET timezone = 'UTC';
SET datestyle = 'ISO';
CREATE EXTENSION activity;

-- What is forged. A written state comes out of the aggregate written_KIND.
CREATE TABLE kind (kind text, family text, accum text, arguments text, finals text[]);
INSERT INTO kind VALUES
    ('distinct', 'activity_distinct', 'activity_distinct_accum', 'activity',
     '{activity_distinct_handled_participations,activity_distinct_offered_participations,activity_distinct_unexpected_participations,'
     'activity_distinct_average_handle_time,activity_distinct_unexpected_rate}'),
    ('distinct_by_reason', 'activity_distinct', 'activity_distinct_accum', 'activity, activity_reason', '{activity_distinct_unexpected_rate}'),
    ('overlap', 'activity_overlap', 'activity_overlap_accum', 'activity', '{activity_overlap_peak_concurrency}'),
    ('overlap_of_agents', 'activity_overlap', 'activity_overlap_accum_agents', 'activity', '{activity_overlap_busy_time}'),
    ('participation', 'participation', 'participation_accum', 'activity', '{participation_final}'),
    ('interaction', 'interaction', 'interaction_accum', 'participation', '{interaction_final}');
-- An aggregate forged_FINAL has for its state in one process what the deserialiser is to read in the other: bytes, joined
-- as string_agg joins them. PostgreSQL knows both states as "internal".
DO $$
DECLARE
    k kind;
    final text;
BEGIN
    FOR k IN TABLE kind LOOP
        EXECUTE format('CREATE AGGREGATE written_%s(%s) (SFUNC = %s, STYPE = internal, FINALFUNC = %s_serialize)',
                       k.kind, k.arguments, k.accum, k.family);
        FOREACH final IN ARRAY k.finals LOOP
            EXECUTE format('CREATE OR REPLACE AGGREGATE forged_%s(bytea, bytea) (SFUNC = bytea_string_agg_transfn, STYPE = internal,
                            SERIALFUNC = bytea_string_agg_finalfn, DESERIALFUNC = %s_deserialize, COMBINEFUNC = %2$s_combine,
                            FINALFUNC = %1$s, PARALLEL = SAFE)', final, k.family);
        END LOOP;
    END LOOP;
END
$$;
-- One state, or two that are combined, each from a partition of its own. Without partial aggregation the bytes would be
-- taken for a state, and the server would crash: so it is made sure of first.
CREATE TABLE forged (part integer, n integer) PARTITION BY LIST (part);
CREATE TABLE forged_1 PARTITION OF forged FOR VALUES IN (1);
CREATE TABLE forged_2 PARTITION OF forged FOR VALUES IN (2);
INSERT INTO forged SELECT n % 2 + 1, n FROM generate_series(0, 199) AS n;
ANALYZE forged;
CREATE FUNCTION answer(of_kind text, first bytea, second bytea DEFAULT NULL) RETURNS text LANGUAGE plpgsql
    SET enable_partitionwise_aggregate = on SET max_parallel_workers_per_gather = 0
    SET cpu_tuple_cost = 1 SET cpu_operator_cost = 0.0001 AS $$
DECLARE
    statement text := (SELECT format('SELECT concat_ws('' '', %s) FROM forged',
                                     string_agg(format('coalesce(forged_%s(CASE n WHEN 0 THEN $1 WHEN 1 THEN $2 END, '''')::text,
                                                                 ''null'')', final), ', ' ORDER BY nr))
                         FROM kind, unnest(finals) WITH ORDINALITY AS f (final, nr) WHERE kind = of_kind);
    plan text;
    result text;
BEGIN
    FOR plan IN EXECUTE 'EXPLAIN (FORMAT JSON) ' || statement USING first, second LOOP
        IF (SELECT array_agg(mode[1]) FROM regexp_matches(plan, '"Partial Mode": "(\w+)"', 'g') AS mode)
           IS DISTINCT FROM '{Finalize,Partial,Partial}' THEN
            RAISE 'not aggregated partially: %', plan;
        END IF;
    END LOOP;
    BEGIN
        EXECUTE statement INTO result USING first, second;
    EXCEPTION WHEN OTHERS THEN
        RETURN 'error ' || SQLSTATE || ': ' || SQLERRM;
    END;
    RETURN result;
END
$$;

-- Some activities. A participation is made of the first three of them, an interaction of two participations (the
-- first three activities, and others of theirs), all else of all.
CREATE TABLE example OF activity;
INSERT INTO example (agent_id, start, duration_ms, state, reason, status, direction, interaction_guid, channel_guid, medium, reported_at) VALUES
    (E'Zo\u00eb', '2026-03-29 00:00:00Z', 4000, 'Ringing', NULL, 'Ongoing', 'Inbound',
     '7c1e0a10-0001-4a00-8000-0000000000a1', '7c1e0a10-0001-4a00-8000-0000000000a2', 'Phone', '2026-03-29 01:00:00Z'),
    (E'Zo\u00eb', '2026-03-29 00:00:04Z', 60000, 'Connected', NULL, 'Completed', 'Inbound',
     '7c1e0a10-0001-4a00-8000-0000000000a1', '7c1e0a10-0001-4a00-8000-0000000000a2', E'T\u00e9l\u00e9phone', '2026-03-29 02:00:00Z'),
    (E'Zo\u00eb', '2026-03-29 00:02:00Z', 0, 'Unexpected', 'NoAnswer', NULL, 'Outbound',
     '7c1e0a10-0001-4a00-8000-0000000000a1', '7c1e0a10-0001-4a00-8000-0000000000a2', NULL, NULL),
    (E'Zo\u00eb', '2026-03-29 00:00:30Z', 45500, 'Wrap', NULL, NULL, NULL, '7c1e0a10-0001-4a00-8000-0000000000b1', NULL, NULL, NULL),
    (NULL, '2026-03-29 00:00:30Z', 10000, 'Connected', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE VIEW example_of AS
SELECT kind, e::activity AS activity, NULL::participation AS participation FROM kind, example AS e
 WHERE kind NOT IN ('participation', 'interaction') OR (kind = 'participation' AND channel_guid IS NOT NULL)
UNION ALL
SELECT 'interaction', NULL, participation(ROW(start, duration_ms, state, status, direction, interaction_guid, channel, reason, agent_id, medium,
                                              medium_manager, reported_at)::activity)
  FROM example, unnest(ARRAY[channel_guid, interaction_guid]) AS channel WHERE channel_guid IS NOT NULL GROUP BY agent_id, interaction_guid, channel
UNION ALL
SELECT 'interaction', NULL, participation(ROW(start + '1 minute'::interval, duration_ms, 'Connected', 'Ongoing', direction, interaction_guid, channel_guid,
                                              NULL, agent_id || '2', medium, 'VCC', reported_at)::activity)
  FROM example WHERE channel_guid IS NOT NULL GROUP BY agent_id, interaction_guid, channel_guid;
-- the state of all of them, or of one of two parts
CREATE FUNCTION written(of_kind text, part integer DEFAULT NULL) RETURNS bytea LANGUAGE plpgsql AS $$
DECLARE
    result bytea;
BEGIN
    EXECUTE (SELECT format('SELECT written_%s(%s%s) FROM example_of WHERE kind = $1
                            AND ($2 IS NULL OR ($2 = 1) = coalesce((activity).state IN (''Ringing'', ''Wrap''), (participation).connections > 1))',
                           kind, CASE kind WHEN 'interaction' THEN 'participation' ELSE 'activity' END, CASE WHEN arguments LIKE '%, activity_reason' THEN ', ''NoAnswer''' END)
               FROM kind WHERE kind = of_kind) INTO result USING of_kind, part;
    RETURN result;
END
$$;
CREATE TABLE state AS SELECT kind, written(kind) AS written, written(kind, 1) AS first, written(kind, 2) AS second FROM kind;

-- As written a state is read back, and the answer is the aggregates' own.
CREATE VIEW own AS
SELECT kind, CASE kind WHEN 'distinct' THEN concat_ws(' ', handled_participations(activity), offered_participations(activity),
                                                  unexpected_participations(activity), average_handle_time(activity),
                                                  unexpected_rate(activity))
                       WHEN 'distinct_by_reason' THEN unexpected_rate(activity, 'NoAnswer')::text
                       WHEN 'overlap' THEN peak_concurrency(activity)::text
                       WHEN 'overlap_of_agents' THEN busy_time(activity)::text END AS answer
  FROM example_of WHERE kind NOT IN ('participation', 'interaction') GROUP BY kind
UNION ALL SELECT kind, participation(activity)::text FROM example_of WHERE kind = 'participation' GROUP BY kind
UNION ALL SELECT kind, interaction(participation)::text FROM example_of WHERE kind = 'interaction' GROUP BY kind;
SELECT kind, length(written), answer(kind, written) = own.answer AS as_written, answer(kind, first, second) = own.answer AS of_two,
       answer(kind, second, first) = own.answer AS either_way, own.answer
  FROM state JOIN own USING (kind) ORDER BY kind;

-- A later version appends: bytes after all others, sums after the set's one, and flags of a participation.
CREATE VIEW later AS
SELECT 'a byte more' AS how, kind, written || set_byte('\x00', 0, byte) AS forged FROM state, generate_series(0, 255) AS byte
UNION ALL SELECT 'twice', kind, written || written FROM state
UNION ALL SELECT 'three sums', kind, overlay(written PLACING int4send(3) || substring(written FROM at + 4 FOR 8) || int8send(-1) || int8send(7)
                                             FROM at FOR 12)
            FROM state, LATERAL (SELECT 3 + (kind LIKE 'overlap%')::integer AS at) AS a WHERE kind NOT IN ('participation', 'interaction')
UNION ALL SELECT 'flags', kind, set_byte(written, length(written) - 1 - 37 * n, get_byte(written, length(written) - 1 - 37 * n) | 56)
            FROM state, generate_series(0, 2) AS n WHERE kind = 'distinct';
SELECT how, kind, count(*), count(*) FILTER (WHERE answer(kind, forged) IS DISTINCT FROM own.answer) AS others
  FROM later JOIN own USING (kind) GROUP BY how, kind ORDER BY how, kind;

-- What is an error, whatever the answer would be.
CREATE VIEW must_fail AS
SELECT 'cut off' AS how, kind, substring(written FOR length) AS forged FROM state, generate_series(0, length(written) - 1) AS length
-- the version of ranges is that of their set, which follows the byte that says whose they are
UNION ALL SELECT 'of another version', kind, set_byte(written, at, byte)
            FROM state, LATERAL (SELECT (kind LIKE 'overlap%')::integer AS at) AS a, generate_series(0, 255) AS byte
           WHERE byte <> get_byte(written, at)
UNION ALL SELECT 'of another family', k.kind, written FROM state JOIN kind AS of USING (kind), kind AS k WHERE k.family <> of.family;
SELECT how, kind, count(*), count(*) FILTER (WHERE answer(kind, forged) !~ '^error (22P0[23]|22021|08P01): ') AS others
  FROM must_fail GROUP BY how, kind ORDER BY how, kind;

-- Every byte changed, in its least bit, its greatest and all, alone and combined with what was written; and random
-- strings, most of which begin as a state does. The seed makes them always the same.
CREATE TABLE changed AS
SELECT kind, written, set_byte(written, n, get_byte(written, n) # mask) AS forged
  FROM state, generate_series(0, length(written) - 1) AS n, unnest(ARRAY[1, 128, 255]) AS mask;
SELECT setseed(0.15);
CREATE TABLE random AS
SELECT kind, written, substring(written FOR (least(random() * 1.2, 1) * length(written) * (random() > 0.1)::integer)::integer) ||
       (SELECT coalesce(string_agg(set_byte('\x00', 0, (random() * (CASE WHEN n % 2 = 0 THEN 255 ELSE 3 END))::integer), '' ORDER BY b), '')
          FROM generate_series(1, n % 101) AS b) AS forged
  FROM state, generate_series(1, 500) AS n;
CREATE TABLE result AS
SELECT 'changed' AS how, kind, forged, answer(kind, forged) FROM changed
UNION ALL SELECT 'changed, combined', kind, forged, answer(kind, forged, written) FROM changed
UNION ALL SELECT 'random', kind, forged, answer(kind, forged) FROM random
UNION ALL SELECT 'random, combined', kind, forged, answer(kind, written, forged) FROM random;
-- 21000 is of two states of different participations. Nothing is less than 0, and no rate is more than 1.
SELECT how, kind, count(*), bool_or(answer ~ '^error') AS errors, bool_or(answer !~ '^error') AS answers,
       count(*) FILTER (WHERE answer ~ '^error' AND answer !~ '^error (22|08|54)'
                          AND NOT (how ~ 'combined' AND kind IN ('participation', 'interaction') AND answer ~ '^error 21000')) AS other_errors,
       count(*) FILTER (WHERE answer !~ '^error' AND kind NOT IN ('participation', 'interaction') AND answer ~ '-'
                           OR answer !~ '^error' AND kind ~ 'distinct' AND answer !~ ' ?(0|1|0\.\d+|null)$') AS impossible
  FROM result GROUP BY how, kind ORDER BY how, kind;

-- What is wrong is said.
CREATE FUNCTION replaced(state bytea, old bytea, new bytea) RETURNS bytea LANGUAGE sql
    RETURN overlay(state PLACING new FROM position(old IN state));
CREATE VIEW wrong AS
SELECT f.*
  FROM (SELECT (max(written::text) FILTER (WHERE kind = 'distinct'))::bytea AS sets,
               (max(written::text) FILTER (WHERE kind = 'overlap'))::bytea AS ranges,
               (max(written::text) FILTER (WHERE kind = 'overlap_of_agents'))::bytea AS of_agents,
               (max(written::text) FILTER (WHERE kind = 'participation'))::bytea AS one,
               (max(written::text) FILTER (WHERE kind = 'interaction'))::bytea AS whole
          FROM state) AS w,
       LATERAL (VALUES
    (1, 'distinct', 'nothing', ''::bytea),
    (19, 'distinct', 'no sums', overlay(sets PLACING int4send(0) FROM 3)),
    (20, 'distinct', 'more sums than bytes', overlay(sets PLACING int4send(2147483647) FROM 3)),
    (2, 'distinct', 'less than no handle time', overlay(sets PLACING int8send(-1) FROM 7)),
    (3, 'distinct', 'more agents than bytes', overlay(sets PLACING int4send(1000) FROM 15)),
    (4, 'distinct', 'the same agent twice', replaced(sets, int4send(-1), int4send(4) || convert_to(E'Zo\u00eb', 'UTF8'))),
    (5, 'distinct', 'the same participation twice', overlay(sets PLACING substring(sets FROM length(sets) - 110 FOR 37) FROM length(sets) - 73)),
    (6, 'distinct', 'unexpected, not offered', replaced(sets, int4send(0) || '\x0f', int4send(0) || '\x0d')),
    (7, 'overlap', 'fewer than no ranges', substring(ranges FOR length(ranges) - 68) || int8send(-1)),
    (8, 'overlap', 'more ranges than bytes', overlay(ranges PLACING int8send(9223372036854775807) FROM length(ranges) - 67)),
    (9, 'overlap', 'one that ends when it starts',
     overlay(ranges PLACING substring(ranges FROM length(ranges) - 19 FOR 8) FROM length(ranges) - 11)),
    (10, 'overlap', 'one of no owner', overlay(ranges PLACING int4send(3) FROM length(ranges) - 3)),
    (11, 'overlap', 'a time that there is not', overlay(ranges PLACING int8send(9223372036854775806) FROM length(ranges) - 11)),
    (12, 'overlap', 'those of agents', of_agents),
    (13, 'overlap_of_agents', 'those of participations', ranges),
    (14, 'participation', 'a time that there is not',
     replaced(one, timestamptz_send('2026-03-29 00:00:00Z'), int8send(9223372036854775806))),
    (15, 'participation', 'a text in another encoding', replaced(one, '\xc3a9', '\xe9e9')),
    (16, 'participation', 'a label that there is not', replaced(one, 'NoAnswer', 'NoEnding')),
    (17, 'participation', 'a label of another enum', replaced(one, 'NoAnswer', 'Outbound')),
    (18, 'participation', 'less than no time', replaced(one, int8send(60000), int8send(-1))),
    (21, 'participation', 'more offers than bytes',
     replaced(one, int8send(1) || timestamptz_send('2026-03-29 00:00:00Z') || '\x00' || int4send(9),
              int8send(1000) || timestamptz_send('2026-03-29 00:00:00Z') || '\x00' || int4send(9))),
    (22, 'interaction', 'more legs than bytes', replaced(whole, int8send(3) || timestamptz_send('2026-03-29 00:00:04Z'),
                                                         int8send(9000000000) || timestamptz_send('2026-03-29 00:00:04Z'))),
    (23, 'interaction', 'a leg that is not answered', replaced(whole, int8send(3) || timestamptz_send('2026-03-29 00:00:04Z'),
                                                               int8send(3) || int8send(9223372036854775807))),
    (24, 'interaction', 'less than no time', replaced(whole, int8send(8000), int8send(-1))),
    (25, 'interaction', 'a label of another enum', replaced(whole, 'Outbound', 'NoAnswer')))
    AS f (nr, kind, how, forged);
SELECT kind, how, answer(kind, forged) FROM wrong ORDER BY nr;
\connect :regression
SET client_min_messages = warning;
DROP DATABASE activity_forged;
