-- Over generated activities and presences, which start and end on the borders of
-- intervals, 1 ms before and after them and between milliseconds: the rows of
-- activity_intervals() and agent_intervals() are those of plain SQL, for windows,
-- widths, as_of and media of all kinds; their sums are the totals of the metrics;
-- and it does not matter into which intervals and calls a window is cut.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA intervals_generated;
SET search_path = intervals_generated, public;
SET TimeZone = 'UTC';
SET IntervalStyle = 'postgres';
SET jit = off;

\getenv srcdir PG_ABS_SRCDIR
\set generated :srcdir '/sql/include/generated.sql'
\set plain_intervals :srcdir '/sql/include/plain_intervals.sql'
\set ECHO none
\i :generated
\i :plain_intervals
\set ECHO all

-- Three days around each change of the clocks of Europe/Berlin, in UTC. What is
-- drawn happens at whole five minutes, or just before or after them.
CREATE TABLE weekend AS
    SELECT * FROM (VALUES (1, '2026-03-28 00:00+00'::timestamptz), (2, '2026-10-24 00:00+00')) AS v (w, begin);
CREATE FUNCTION draw_nearby(key bigint, nr bigint) RETURNS interval
    LANGUAGE sql IMMUTABLE
    RETURN one_of(key, nr, '{0, 0, 0, 1 ms, -1 ms, 250 us, 999 us, -250 us}'::interval[]);

SELECT create_activity_table('drawn');
-- Up to five activities of each participation, which overlap. Few that count as
-- busy never end, since with as_of these cover all of the time after them.
INSERT INTO drawn
    SELECT begin + draw(p, 1, 430) * '10 min'::interval + draw(a, 2, 5) * '5 min'::interval + draw_nearby(a, 3),
           CASE WHEN draw(a, 4, CASE WHEN state IN ('Connected', 'Wrap') THEN 200 ELSE 6 END) = 0 OR lost THEN NULL
                ELSE one_of(a, 5, ARRAY[0, 1, 299999, 300000, 300001, 300000, 600000, 1799999, 1800000, 3599999, 3600000,
                                        3600001, draw(a, 6, 900000), draw(a, 7, 900000), draw(a, 8, 9000000)])
           END,
           state,
           CASE WHEN lost THEN 'InternalError'
                ELSE one_of(a, 9, '{Ongoing, Completed, Completed, NULL}'::interaction_status[])
           END,
           one_of(p, 10, '{Inbound, Outbound, Internal, NULL}'::interaction_direction[]),
           lpad((p / 2)::text, 32, '0')::uuid,
           CASE WHEN draw(p, 11, 4) > 0 THEN lpad(p::text, 32, '0')::uuid END,
           CASE WHEN draw(p, 12, 8) = 0 OR draw(a, 13, 20) = 0 THEN 'Monitor'
                WHEN state IN ('Unexpected', 'Failed') THEN 'CallRejected'
           END::activity_reason,
           agent_id,
           CASE WHEN draw(a, 14, 10) = 0 THEN one_of(a, 15, '{Phone, phone, NULL}'::text[])
                ELSE one_of(p, 16, '{Phone, Phone, Chat, phone, "", NULL}'::text[])
           END,
           NULL, begin + '4 days'::interval
      FROM unnest('{A, a, 2, 002, "", Ä, é, B}'::text[]) WITH ORDINALITY AS agent (agent_id, nr),
           weekend,
           generate_series(nr * 1000 + w * 100, nr * 1000 + w * 100 + 74) AS p,
           LATERAL generate_series(p * 10, p * 10 + draw(p, 17, 5)) AS a,
           LATERAL (SELECT one_of(a, 18, '{Ringing, Ringing, Connected, Connected, Connected, Wrap, Wrap, Unexpected, Failed}'
                                         ::interaction_state[]),
                           draw(a, 19, 25) = 0) AS s (state, lost)
     ORDER BY a
        ON CONFLICT DO NOTHING;
-- Activities of 65 days, which begin or end on, just before and just after what
-- is a border of intervals below; cases, a call that rings, one listened to. And
-- a case that is still open.
INSERT INTO drawn
    SELECT at + nearby, 65 * 86400000::bigint, state, 'Completed'::interaction_status, 'Inbound'::interaction_direction,
           lpad((100000 + 10 * nr + nr_nearby)::text, 32, '0')::uuid, NULL::uuid, reason, agent_id, medium, NULL, NULL::timestamptz
      FROM (VALUES (1, '2026-03-28 10:00+00'::timestamptz, 'Connected'::interaction_state, NULL::activity_reason, 'Ä', 'Case'),
                   (2, '2026-03-29 10:00+00'::timestamptz - '65 days'::interval, 'Connected', NULL, '002', 'Case'),
                   (3, '2026-10-24 22:00+00'::timestamptz - '65 days'::interval, 'Wrap', NULL, 'a', 'Case'),
                   (4, '2026-10-25 23:00+00'::timestamptz - '65 days'::interval, 'Ringing', NULL, 'A', 'Phone'),
                   (5, '2026-10-25 00:00+00'::timestamptz - '33 days'::interval, 'Connected', 'Monitor', 'B', 'Phone'))
               AS v (nr, at, state, reason, agent_id, medium),
           unnest('{0, 1 ms, -1 ms, 250 us}'::interval[]) WITH ORDINALITY AS n (nearby, nr_nearby)
     UNION ALL
    SELECT '2026-03-30 09:00+00', NULL, 'Connected', 'Ongoing', 'Inbound', lpad('200000', 32, '0')::uuid, NULL, NULL, 'A', 'Case', NULL, NULL;
-- Agents who do one thing, of an hour or 1 ms more, that ends on or near 10:00,
-- where windows begin.
INSERT INTO drawn
    SELECT '2026-03-28 09:00+00'::timestamptz + nearby, duration_ms, 'Connected', 'Completed', 'Inbound',
           lpad((300000 + nr)::text, 32, '0')::uuid, NULL, NULL, 'hour ' || nr, 'Phone', NULL, NULL
      FROM (SELECT row_number() OVER (ORDER BY duration_ms, nearby) AS nr, *
              FROM unnest('{3600000, 3600001}'::bigint[]) AS duration_ms, unnest('{-1 ms, 0, 250 us, 1 ms}'::interval[]) AS nearby) AS v;
-- One who starts within the millisecond in which the window between milliseconds
-- begins, and one within that in which it ends: the first is in it.
INSERT INTO drawn
    VALUES ('2026-03-28 10:00:00.0001+00', 1000, 'Wrap', NULL, NULL, lpad('400001', 32, '0')::uuid, NULL, NULL, 'us 1', NULL, NULL, NULL),
           ('2026-03-28 12:00:00.0001+00', 1000, 'Wrap', NULL, NULL, lpad('400002', 32, '0')::uuid, NULL, NULL, 'us 2', NULL, NULL, NULL);
INSERT INTO drawn_participation
    SELECT (participation(a)).* FROM drawn AS a GROUP BY agent_id, interaction_guid, channel_guid;

-- Up to four presences at a time, at whole quarters of an hour or near them. Some
-- are longer than until the next one, or still open although one followed. Agent
-- B has none, agent 0 nothing else.
INSERT INTO drawn_presence
    SELECT start,
           CASE WHEN draw(k, 23, 5) > 0
                THEN one_of(k, 24, ARRAY[0, 0, 0, 1, 899999, 900000, 900001, 1800000, 3600000, 10800000,
                                         draw(k, 25, 7200000), draw(k, 26, 7200000)])
           END,
           category, one_of(k, 27, '{true, true, false, NULL}'::boolean[]), agent_id, 'Label', NULL
      FROM unnest('{A, a, 2, 002, "", Ä, 0}'::text[]) WITH ORDINALITY AS agent (agent_id, nr),
           weekend,
           generate_series(0, 287) AS j,
           LATERAL (SELECT nr * 1000 + j, begin + j * '15 min'::interval + draw_nearby(nr * 1000 + w * 500 + j, 21)) AS s (at, start),
           unnest(enum_range(NULL::presence_category)) WITH ORDINALITY AS c (category, nr_category),
           LATERAL (SELECT at * 100 + w * 10 + nr_category) AS v (k)
     WHERE draw(at, w, 4 + nr) = 0 AND draw(k, 22, 5) < CASE category WHEN 'Ready' THEN 4 ELSE 2 END;
-- One that starts in the same millisecond as another, but later. Agent é is Ready
-- for ever, agent A for 65 days, Ä until a presence of 0 ms long after.
INSERT INTO drawn_presence VALUES
    ('2026-03-28 12:00:00.0001+00', 86400000, 'Away', false, 'a', 'Label', NULL),
    ('2026-03-28 12:00:00.0009+00', NULL, 'Ready', true, 'a', 'Label', NULL),
    ('2020-02-29 12:00:00.0005+00', NULL, 'Ready', NULL, 'é', 'Label', NULL),
    ('2026-07-01 00:00+00', 65 * 86400000::bigint, 'Ready', true, 'A', 'Label', NULL),
    ('2026-07-01 00:00+00', NULL, 'Ready', true, 'Ä', 'Label', NULL),
    ('2026-10-23 12:00+00', 0, 'LoggedOut', false, 'Ä', 'Label', NULL),
    ('2026-10-27 00:00+00', NULL, 'LoggedOut', false, 'A', 'Label', NULL);
ANALYZE drawn, drawn_participation, drawn_presence;
SELECT (SELECT count(*) FROM drawn) AS activities, (SELECT count(*) FROM drawn_participation) AS participations,
       (SELECT count(*) FROM drawn_presence) AS presences;

--
-- The calls
--
CREATE TABLE call (nr bigint GENERATED ALWAYS AS IDENTITY, name text, from_time timestamptz, to_time timestamptz, width interval,
                   as_of timestamptz, media text[]);
-- windows and widths, with and without as_of
INSERT INTO call (name, from_time, to_time, width, as_of)
    SELECT name, from_time, to_time, width, as_of
      FROM (VALUES ('empty', '2026-03-28 10:00+00'::timestamptz, '2026-03-28 10:00+00'::timestamptz, '{30 min}'::interval[]),
                   ('of 1 ms', '2026-03-28 10:00+00', '2026-03-28 10:00:00.001+00', '{1 ms, 30 min}'),
                   ('shorter than a width', '2026-03-28 10:00+00', '2026-03-28 10:10+00', '{30 min, 1 day}'),
                   ('no multiple of the width', '2026-03-28 10:00+00', '2026-03-28 12:05+00', '{7 s, 30 min}'),
                   ('1 ms later', '2026-03-28 10:00:00.001+00', '2026-03-28 12:00:00.001+00', '{30 min, 1 hour}'),
                   ('1 ms earlier', '2026-03-28 09:59:59.999+00', '2026-03-28 11:59:59.999+00', '{30 min, 1 hour}'),
                   ('1 ms longer', '2026-03-28 10:00+00', '2026-03-28 12:00:00.001+00', '{30 min, 1 hour}'),
                   ('1 ms shorter', '2026-03-28 10:00+00', '2026-03-28 11:59:59.999+00', '{30 min, 1 hour}'),
                   ('between ms', '2026-03-28 10:00:00.0009+00', '2026-03-28 12:00:00.0003+00', '{30 min}'),
                   ('within a ms', '2026-03-28 10:00:00.0003+00', '2026-03-28 10:00:00.0009+00', '{1 ms}'),
                   ('around a border', '2026-03-29 09:59:59.95+00', '2026-03-29 10:00:00.05+00', '{1 ms, 7 ms}'),
                   ('a day of 23 hours', '2026-03-29 00:00 Europe/Berlin', '2026-03-30 00:00 Europe/Berlin',
                    '{1 min, 30 min, 1 hour, 1 day}'),
                   ('a day of 25 hours', '2026-10-25 00:00 Europe/Berlin', '2026-10-26 00:00 Europe/Berlin',
                    '{1 min, 30 min, 1 hour, 1 day}'),
                   ('a weekend', '2026-10-24 00:00+00', '2026-10-27 00:00+00', '{30 min, 1 day, 16 hours 40 min 0.013 s}'),
                   ('all', '2026-03-27 00:00+00', '2026-10-28 00:00+00', '{7 hours, 1 day}'),
                   ('between the weekends', '2026-06-01 00:00+00', '2026-06-03 00:00+00', '{30 min}'),
                   ('before all', '1900-01-01 00:00+00', '1900-01-02 00:00+00', '{1 hour}'),
                   ('after all', '2100-01-01 00:00+00', '2100-01-02 00:00+00', '{1 hour}'),
                   ('as wide as can be', '4713-01-01 00:00+00 BC', '294276-12-31 23:59:59.999999+00', '{100000000 days}'))
               AS v (name, from_time, to_time, widths),
           unnest(widths) AS width,
           unnest('{NULL, 2026-03-28 10:05:00.001+00, 2026-10-25 10:00+00, 2100-01-01 12:00+00}'::timestamptz[]) AS as_of;
-- as_of on, 1 ms before and 1 ms after a start or an end
INSERT INTO call (name, from_time, to_time, width, as_of)
    SELECT 'as_of ' || name, '2026-10-25 00:00+00', '2026-10-26 00:00+00', '30 min', at + nearby
      FROM (SELECT 'a start', min(start)
              FROM drawn
             WHERE start > '2026-10-25 08:00+00' AND state = 'Connected' AND duration_ms > 0
            UNION ALL
            SELECT 'the start of an open one', min(start)
              FROM drawn
             WHERE start > '2026-10-25 04:00+00' AND state IN ('Connected', 'Wrap') AND duration_ms IS NULL
                   AND status IS DISTINCT FROM 'InternalError' AND reason IS DISTINCT FROM 'Monitor'
            UNION ALL
            SELECT 'an end', min(activity_end(start, duration_ms))
              FROM drawn
             WHERE start > '2026-10-25 08:00+00' AND state = 'Connected' AND duration_ms > 0
            UNION ALL
            SELECT 'the start of a presence', min(start) FROM drawn_presence WHERE start > '2026-10-25 08:00+00'
            UNION ALL
            SELECT 'the end of a presence', min(presence_end(p::presence))
              FROM drawn_presence AS p
             WHERE start > '2026-10-25 08:00+00' AND duration_ms > 0
            UNION ALL
            SELECT name, at
              FROM (VALUES ('a border', '2026-10-25 10:30+00'::timestamptz), ('from_time', '2026-10-25 00:00+00'),
                           ('to_time', '2026-10-26 00:00+00'), ('long before', '2026-01-01 00:00+00'),
                           ('long after', '2027-01-01 00:00+00'), ('between borders', '2026-10-25 10:44:12.345678+00'))
                       AS v (name, at)) AS v (name, at),
           unnest('{0, 1 ms, -1 ms, 500 us}'::interval[]) AS nearby;
-- media
INSERT INTO call (name, from_time, to_time, width, as_of, media)
    SELECT 'media', '2026-10-25 00:00+00', '2026-10-26 00:00+00', '30 min', as_of, media::text[]
      FROM unnest(ARRAY['{Phone}', '{phone}', '{Phone, Chat}', '{Case}', '{""}', '{Fax}', '{}', '{NULL}', '{Chat, NULL}', '{Chat, Chat}'])
               AS media,
           unnest('{NULL, 2026-10-25 10:44+00}'::timestamptz[]) AS as_of;
-- and at random
INSERT INTO call (name, from_time, to_time, width, as_of, media)
    SELECT 'random', from_time,
           greatest(from_time, from_time + span + draw_nearby(n, 36)),
           CASE WHEN span <= '1 s' THEN one_of(n, 32, '{1 ms, 7 ms, 1 s}'::interval[])
                WHEN span <= '1 hour' THEN one_of(n, 32, '{7 s, 1 min, 5 min, 30 min, 1 day}'::interval[])
                ELSE one_of(n, 32, '{15 min, 30 min, 30 min, 1 hour, 1 day, 47 min 11.013 s}'::interval[])
           END,
           CASE WHEN draw(n, 33, 3) > 0 THEN from_time + span * (draw(n, 34, 13) - 2) / 9.0 + draw_nearby(n, 37) END,
           one_of(n, 35, '{"{Phone}", "{Chat, phone}", NULL, NULL}'::text[])::text[]
      FROM generate_series(1, 120) AS n
      JOIN weekend ON w = 1 + n % 2,
           LATERAL (SELECT begin + draw(n, 38, 860) * '5 min'::interval + draw_nearby(n, 39),
                           one_of(n, 40, '{50 ms, 1 s, 10 min, 1 hour, 3 hours, 25 hours}'::interval[])) AS v (from_time, span);
-- those of activity_intervals()
CREATE TABLE activity_call AS
    SELECT min(nr) AS nr, name, from_time, to_time, width
      FROM call
     WHERE name NOT LIKE 'as_of%' AND name <> 'media'
     GROUP BY name, from_time, to_time, width;

--
-- Each row, in plain SQL. A day of the session's time zone is not 24 hours.
--
SET TimeZone = 'Europe/Berlin';
CREATE TABLE activity_row AS
    SELECT nr, i.* FROM activity_call, activity_intervals('drawn', from_time, to_time, width) AS i;
CREATE TABLE plain_activity_row AS
    SELECT nr, i.* FROM activity_call, plain_activity_intervals('drawn', from_time, to_time, width) AS i;
CREATE TABLE agent_row AS
    SELECT nr, i.* FROM call, agent_intervals('drawn', from_time, to_time, width, as_of, media) AS i;
CREATE TABLE plain_agent_row AS
    SELECT nr, i.* FROM call, plain_agent_intervals('drawn', from_time, to_time, width, as_of, media) AS i;
SET TimeZone = 'UTC';
CREATE VIEW activity_difference AS
    SELECT nr, 1 AS rows, 0 AS differ, 0 AS plain_differ FROM activity_row
     UNION ALL
    SELECT nr, 0, 1, 0 FROM (TABLE activity_row EXCEPT ALL TABLE plain_activity_row) AS d
     UNION ALL
    SELECT nr, 0, 0, 1 FROM (TABLE plain_activity_row EXCEPT ALL TABLE activity_row) AS d;
CREATE VIEW agent_difference AS
    SELECT nr, 1 AS rows, 0 AS differ, 0 AS plain_differ FROM agent_row
     UNION ALL
    SELECT nr, 0, 1, 0 FROM (TABLE agent_row EXCEPT ALL TABLE plain_agent_row) AS d
     UNION ALL
    SELECT nr, 0, 0, 1 FROM (TABLE plain_agent_row EXCEPT ALL TABLE agent_row) AS d;
SELECT name, width, count(DISTINCT nr) AS calls, coalesce(sum(rows), 0) AS rows, coalesce(sum(differ), 0) AS differ,
       coalesce(sum(plain_differ), 0) AS plain_differ
  FROM activity_call
  LEFT JOIN activity_difference USING (nr)
 GROUP BY name, width
 ORDER BY name COLLATE "C", width;
SELECT name, CASE WHEN name = 'media' THEN media::text COLLATE "C" END AS media, width, count(DISTINCT nr) AS calls,
       coalesce(sum(rows), 0) AS rows, coalesce(sum(differ), 0) AS differ, coalesce(sum(plain_differ), 0) AS plain_differ
  FROM call
  LEFT JOIN agent_difference USING (nr)
 GROUP BY name, 2, width
 ORDER BY name COLLATE "C", 2, width;

--
-- Sums over intervals are the totals that the metrics give
--
-- participations that started in the window
SELECT count(*) AS calls, count(*) FILTER (WHERE (of_metrics).handled > 0) > 50 AS many_with_handled,
       count(*) FILTER (WHERE of_intervals IS DISTINCT FROM of_metrics) AS differ
  FROM activity_call AS c,
       LATERAL (SELECT coalesce(sum(participations), 0) AS participations, coalesce(sum(offered), 0) AS offered,
                       coalesce(sum(answered), 0) AS answered, coalesce(sum(handled), 0) AS handled,
                       coalesce(sum(unexpected), 0) AS unexpected, coalesce(sum(failed), 0) AS failed,
                       coalesce(sum(unexpected_attempts), 0) AS unexpected_attempts,
                       sum(answer_ms) / (1000.0::double precision * nullif(sum(rang), 0)) AS answer_s,
                       coalesce(sum(ring_ms), 0) / 1000.0::double precision AS ring_s,
                       coalesce(sum(talk_ms), 0) / 1000.0::double precision AS talk_s,
                       coalesce(sum(parked_ms), 0) / 1000.0::double precision AS parked_s,
                       coalesce(sum(wrap_ms), 0) / 1000.0::double precision AS wrap_s,
                       coalesce(sum(handle_ms), 0) / 1000.0::double precision AS handle_s
                  FROM activity_row AS r
                 WHERE r.nr = c.nr) AS of_intervals,
       LATERAL (SELECT count(*)::numeric AS participations, offered_participations(p)::numeric AS offered,
                       answered_participations(p)::numeric AS answered, handled_participations(p)::numeric AS handled,
                       unexpected_participations(p)::numeric AS unexpected, count(*) FILTER (WHERE outcome = 'Failed')::numeric AS failed,
                       coalesce(sum(unexpected_attempts), 0)::numeric AS unexpected_attempts,
                       average_answer_time(p) AS answer_s, coalesce(ring_time(p), 0) AS ring_s, coalesce(talk_time(p), 0) AS talk_s,
                       coalesce(parked_time(p), 0) AS parked_s, coalesce(wrap_time(p), 0) AS wrap_s, coalesce(handle_time(p), 0) AS handle_s
                  FROM drawn_participation AS p
                 WHERE date_trunc('milliseconds', started_at) >= date_trunc('milliseconds', from_time)
                       AND date_trunc('milliseconds', started_at) < date_trunc('milliseconds', to_time)) AS of_metrics;

-- slices of activities that start at whole milliseconds
SELECT create_activity_table('whole');
INSERT INTO whole
    SELECT date_trunc('milliseconds', start), duration_ms, state, status, direction, interaction_guid, channel_guid, reason, agent_id,
           medium, medium_manager, reported_at
      FROM drawn
        ON CONFLICT DO NOTHING;
CREATE TABLE sliced_call AS
    SELECT * FROM activity_call WHERE name IN ('a day of 23 hours', 'a day of 25 hours', 'a weekend', 'no multiple of the width');
CREATE TABLE slice AS
    SELECT nr, date_bin(width, s.start, from_time) AS interval_start, (s::activity).*
      FROM sliced_call, whole AS a, activity_slices(activity_as_of(a, to_time), width, from_time) AS s
     WHERE a.duration_ms IS NOT NULL AND s.start >= from_time;
CREATE TABLE spent AS
    SELECT nr, interval_start, agent_id, medium, direction, spent_talk_ms / 1000.0::double precision AS talk_s,
           spent_wrap_ms / 1000.0::double precision AS wrap_s, spent_handle_ms / 1000.0::double precision AS handle_s
      FROM sliced_call, activity_intervals('whole', from_time, to_time, width);
CREATE TABLE spent_in_slices AS
    SELECT nr, interval_start, agent_id, medium, direction, talk_time(s), wrap_time(s), handle_time(s)
      FROM (SELECT nr, interval_start, agent_id, medium, direction,
                   ROW(start, duration_ms, state, status, direction, interaction_guid, channel_guid, reason, agent_id, medium,
                       medium_manager, reported_at)::activity AS s
              FROM slice) AS v
     GROUP BY nr, interval_start, agent_id, medium, direction
    HAVING handle_time(s) > 0;
CREATE TABLE busy AS
    SELECT nr, interval_start, agent_id, busy_ms / 1000.0::double precision AS busy_s
      FROM sliced_call, agent_intervals('whole', from_time, to_time, width);
CREATE TABLE busy_in_slices AS
    SELECT nr, interval_start, agent_id, busy_time(state, reason, duration_ms, agent_id, start)
      FROM slice
     GROUP BY nr, interval_start, agent_id
    HAVING busy_time(state, reason, duration_ms, agent_id, start) > 0;
SELECT (SELECT count(*) FROM spent) AS spent, (SELECT count(*) FROM busy) AS busy,
       (SELECT count(*) FROM (TABLE spent EXCEPT ALL TABLE spent_in_slices) AS d) AS spent_differ,
       (SELECT count(*) FROM (TABLE spent_in_slices EXCEPT ALL TABLE spent) AS d) AS sliced_spent_differ,
       (SELECT count(*) FROM (TABLE busy EXCEPT ALL TABLE busy_in_slices) AS d) AS busy_differ,
       (SELECT count(*) FROM (TABLE busy_in_slices EXCEPT ALL TABLE busy) AS d) AS sliced_busy_differ;

--
-- What holds for every row
--
SELECT count(*) FILTER (WHERE spent_handle_ms <> spent_talk_ms + spent_wrap_ms OR handle_ms <> talk_ms + wrap_ms) AS handle,
       count(*) FILTER (WHERE participations = 0 AND spent_handle_ms = 0) AS nothing,
       count(*) FILTER (WHERE answered > offered OR offered > participations OR rang > answered OR unexpected > unexpected_attempts) AS parts,
       count(*) FILTER (WHERE i IS NULL) AS nulls
  FROM activity_row AS i;
SELECT count(*) FILTER (WHERE busy_ready_ms + ring_ready_ms > ready_ms) AS busy_or_ringing,
       count(*) FILTER (WHERE ready_ms + away_ms <> login_ms) AS login,
       count(*) FILTER (WHERE routable_ms > ready_ms) AS routable,
       count(*) FILTER (WHERE busy_ready_ms > busy_ms) AS busy_ready,
       count(*) FILTER (WHERE greatest(login_ms, busy_ms) > length_ms) AS length,
       count(*) FILTER (WHERE busy_ms = 0 AND login_ms = 0) AS nothing,
       count(*) FILTER (WHERE (occupancy IS NULL) <> (ready_ms = ring_ready_ms) OR occupancy NOT BETWEEN 0 AND 1) AS occupancy
  FROM call
  JOIN agent_row USING (nr),
       LATERAL (SELECT least(interval_ms(interval_start) + width_ms(width), interval_ms(to_time)) - interval_ms(interval_start)) AS v (length_ms);

--
-- The same window in two calls
--
-- The same rows, if it is cut at a border.
CREATE TABLE border AS
    SELECT nr, borders[1 + draw(nr, 51, cardinality(borders))] AS border
      FROM call, LATERAL (SELECT array_agg(interval_start) FROM plain_window(from_time, to_time, width) WHERE interval_start > from_time)
                         AS b (borders)
     WHERE borders IS NOT NULL;
CREATE TABLE cut_activity_row AS
    SELECT nr, i.*
      FROM activity_call
      JOIN border USING (nr),
           LATERAL (VALUES (from_time, border), (border, to_time)) AS p (part_from, part_to),
           activity_intervals('drawn', part_from, part_to, width) AS i;
CREATE TABLE cut_agent_row AS
    SELECT nr, i.*
      FROM call
      JOIN border USING (nr),
           LATERAL (VALUES (from_time, border), (border, to_time)) AS p (part_from, part_to),
           agent_intervals('drawn', part_from, part_to, width, as_of, media) AS i;
SELECT (SELECT count(*) FROM border) AS calls, (SELECT count(*) FROM cut_activity_row) > 0 AS activity_rows,
       (SELECT count(*) FROM cut_agent_row) > 0 AS agent_rows,
       (SELECT count(*)
          FROM (SELECT * FROM activity_row WHERE nr IN (SELECT nr FROM border) EXCEPT ALL TABLE cut_activity_row) AS d) AS activity_differ,
       (SELECT count(*) FROM (TABLE cut_activity_row EXCEPT ALL TABLE activity_row) AS d) AS cut_activity_differ,
       (SELECT count(*)
          FROM (SELECT * FROM agent_row WHERE nr IN (SELECT nr FROM border) EXCEPT ALL TABLE cut_agent_row) AS d) AS agent_differ,
       (SELECT count(*) FROM (TABLE cut_agent_row EXCEPT ALL TABLE agent_row) AS d) AS cut_agent_differ;

-- The same sums, if it is cut anywhere, into intervals of another width.
CREATE TABLE instant AS
    SELECT nr, from_time + (to_time - from_time) * (draw(nr, 52, 1000) / 1000.0) AS instant
      FROM call
     WHERE name <> 'as wide as can be';
CREATE VIEW activity_total AS
    SELECT nr, agent_id, medium, direction, sum(participations) AS participations, sum(offered) AS offered, sum(answered) AS answered,
           sum(handled) AS handled, sum(unexpected) AS unexpected, sum(failed) AS failed, sum(unexpected_attempts) AS unexpected_attempts,
           sum(rang) AS rang, sum(ring_ms) AS ring_ms, sum(answer_ms) AS answer_ms, sum(talk_ms) AS talk_ms, sum(parked_ms) AS parked_ms,
           sum(wrap_ms) AS wrap_ms, sum(handle_ms) AS handle_ms, sum(spent_talk_ms) AS spent_talk_ms, sum(spent_wrap_ms) AS spent_wrap_ms,
           sum(spent_handle_ms) AS spent_handle_ms
      FROM activity_row
      JOIN instant USING (nr)
     GROUP BY nr, agent_id, medium, direction;
CREATE VIEW cut_activity_total AS
    SELECT nr, agent_id, medium, direction, sum(participations) AS participations, sum(offered) AS offered, sum(answered) AS answered,
           sum(handled) AS handled, sum(unexpected) AS unexpected, sum(failed) AS failed, sum(unexpected_attempts) AS unexpected_attempts,
           sum(rang) AS rang, sum(ring_ms) AS ring_ms, sum(answer_ms) AS answer_ms, sum(talk_ms) AS talk_ms, sum(parked_ms) AS parked_ms,
           sum(wrap_ms) AS wrap_ms, sum(handle_ms) AS handle_ms, sum(spent_talk_ms) AS spent_talk_ms, sum(spent_wrap_ms) AS spent_wrap_ms,
           sum(spent_handle_ms) AS spent_handle_ms
      FROM activity_call
      JOIN instant USING (nr),
           LATERAL (VALUES (from_time, instant), (instant, to_time)) AS p (part_from, part_to),
           activity_intervals('drawn', part_from, part_to, '5 days 3 hours 0.011 s') AS i
     GROUP BY nr, agent_id, medium, direction;
CREATE VIEW agent_total AS
    SELECT nr, agent_id, sum(busy_ms) AS busy_ms, sum(login_ms) AS login_ms, sum(ready_ms) AS ready_ms, sum(away_ms) AS away_ms,
           sum(busy_ready_ms) AS busy_ready_ms, sum(ring_ready_ms) AS ring_ready_ms, sum(routable_ms) AS routable_ms
      FROM agent_row
      JOIN instant USING (nr)
     GROUP BY nr, agent_id;
CREATE VIEW cut_agent_total AS
    SELECT nr, agent_id, sum(busy_ms) AS busy_ms, sum(login_ms) AS login_ms, sum(ready_ms) AS ready_ms, sum(away_ms) AS away_ms,
           sum(busy_ready_ms) AS busy_ready_ms, sum(ring_ready_ms) AS ring_ready_ms, sum(routable_ms) AS routable_ms
      FROM call
      JOIN instant USING (nr),
           LATERAL (VALUES (from_time, instant), (instant, to_time)) AS p (part_from, part_to),
           agent_intervals('drawn', part_from, part_to, '5 days 3 hours 0.011 s', as_of, media) AS i
     GROUP BY nr, agent_id;
SELECT (SELECT count(*) FROM instant) AS calls,
       (SELECT count(*) FROM (TABLE activity_total EXCEPT ALL TABLE cut_activity_total) AS d) AS activity_differ,
       (SELECT count(*) FROM (TABLE cut_activity_total EXCEPT ALL TABLE activity_total) AS d) AS cut_activity_differ,
       (SELECT count(*) FROM (TABLE agent_total EXCEPT ALL TABLE cut_agent_total) AS d) AS agent_differ,
       (SELECT count(*) FROM (TABLE cut_agent_total EXCEPT ALL TABLE agent_total) AS d) AS cut_agent_differ;

--
-- The data has the cases that the rules are about
--
\x on
-- activities, and the borders of half hours
SELECT count(*) FILTER (WHERE into_half = 0) > 100 AS start_on, count(*) FILTER (WHERE into_half = 1) > 20 AS start_after,
       count(*) FILTER (WHERE into_half = 1799999) > 20 AS start_before, count(*) FILTER (WHERE end_into_half = 0) > 50 AS end_on,
       count(*) FILTER (WHERE end_into_half = 1) > 10 AS end_after, count(*) FILTER (WHERE end_into_half = 1799999) > 10 AS end_before,
       count(*) FILTER (WHERE start <> date_trunc('milliseconds', start)) > 200 AS between_ms,
       count(*) FILTER (WHERE duration_ms = 0) > 50 AS of_0_ms, count(*) FILTER (WHERE duration_ms = 3600000) > 50 AS of_an_hour,
       count(*) FILTER (WHERE duration_ms = 3600001) > 50 AS of_more_than_an_hour,
       count(*) FILTER (WHERE duration_ms = 65 * 86400000::bigint) > 10 AS of_65_days,
       count(*) FILTER (WHERE duration_ms IS NULL AND status = 'InternalError' AND is_busy) > 50 AS lost,
       count(*) FILTER (WHERE duration_ms IS NULL AND status IS DISTINCT FROM 'InternalError' AND is_busy) > 5 AS open,
       count(*) FILTER (WHERE duration_ms IS NULL AND status IS DISTINCT FROM 'InternalError' AND state = 'Ringing') > 50 AS ringing,
       count(*) FILTER (WHERE reason = 'Monitor' AND state IN ('Ringing', 'Connected', 'Wrap')) > 100 AS monitor,
       count(*) FILTER (WHERE is_busy AND start < greatest_end) > 200 AS overlap,
       count(*) FILTER (WHERE is_busy AND start < greatest_end_in_participation) > 100 AS overlap_in_participation
  FROM (SELECT *, greatest(max(activity_end(start, duration_ms)) FILTER (WHERE is_busy)
                               OVER (PARTITION BY agent_id ORDER BY start ROWS BETWEEN 20 PRECEDING AND 1 PRECEDING)) AS greatest_end,
               max(activity_end(start, duration_ms)) FILTER (WHERE is_busy)
                   OVER (PARTITION BY agent_id, interaction_guid, channel_guid ORDER BY start
                         ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS greatest_end_in_participation
          FROM (SELECT *, interval_ms(start) % 1800000 AS into_half, (interval_ms(start) + duration_ms) % 1800000 AS end_into_half,
                       state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AS is_busy
                  FROM drawn) AS v) AS w;
-- presences
SELECT count(*) FILTER (WHERE together > 1) > 100 AS several_start, count(*) FILTER (WHERE together > 1 AND opens > 0) > 50 AS one_of_them_open,
       count(*) FILTER (WHERE presence_end(p::presence) > next_start) > 50 AS longer_than_to_the_next,
       count(*) FILTER (WHERE presence_end(p::presence) = next_start AND duration_ms > 0) > 1 AS up_to_the_next,
       count(*) FILTER (WHERE presence_end(p::presence) < next_start AND duration_ms > 0) > 50 AS gap,
       count(*) FILTER (WHERE duration_ms IS NULL AND next_start IS NOT NULL) > 50 AS open_but_followed,
       count(*) FILTER (WHERE duration_ms IS NULL AND next_start IS NULL) > 1 AS open_for_ever,
       count(*) FILTER (WHERE duration_ms = 0) > 100 AS of_0_ms,
       bool_or(interval_ms(next_start) = interval_ms(start)) AS in_the_same_ms
  FROM (SELECT p, start, duration_ms, count(*) OVER s AS together, count(*) FILTER (WHERE duration_ms IS NULL) OVER s AS opens,
               min(start) OVER (PARTITION BY agent_id ORDER BY start RANGE BETWEEN '1 us' FOLLOWING AND UNBOUNDED FOLLOWING) AS next_start
          FROM drawn_presence AS p
        WINDOW s AS (PARTITION BY agent_id, start)) AS v (p, start, duration_ms, together, opens, next_start);
-- rows of half hours
SELECT count(*) FILTER (WHERE participations > 0 AND spent_handle_ms = 0) > 100 AS only_cohort,
       count(*) FILTER (WHERE participations = 0) > 100 AS only_spent,
       count(*) FILTER (WHERE participations > 0 AND spent_handle_ms > 0) > 100 AS both,
       count(*) FILTER (WHERE spent_handle_ms > 1800000) > 10 AS more_than_the_width,
       count(*) FILTER (WHERE medium IS NULL) > 50 AS no_medium, count(*) FILTER (WHERE direction IS NULL) > 50 AS no_direction,
       bool_or(medium = 'Phone') AND bool_or(medium = 'phone') AND bool_or(medium = '') AS odd_media
  FROM activity_row
  JOIN activity_call USING (nr)
 WHERE width = '30 min';
SELECT count(*) FILTER (WHERE busy_ms > 0 AND login_ms = 0) > 100 AS busy_without_login,
       count(*) FILTER (WHERE login_ms > 0 AND busy_ms = 0) > 100 AS login_without_busy,
       count(*) FILTER (WHERE busy_ready_ms BETWEEN 1 AND least(busy_ms, ready_ms) - 1) > 10 AS partly_ready,
       count(*) FILTER (WHERE ring_ready_ms > 0 AND busy_ready_ms > 0) > 100 AS rings_and_busy,
       count(*) FILTER (WHERE routable_ms BETWEEN 1 AND ready_ms - 1) > 10 AS partly_routable,
       count(*) FILTER (WHERE occupancy IS NULL AND ready_ms > 0) > 1 AS only_rings,
       count(*) FILTER (WHERE occupancy IS NULL AND ready_ms = 0) > 100 AS not_ready,
       count(*) FILTER (WHERE occupancy = 1) > 10 AS never_idle,
       count(*) FILTER (WHERE occupancy > 0 AND occupancy < 1) > 100 AS partly_idle
  FROM agent_row
  JOIN call USING (nr)
 WHERE width = '30 min';
\x off

SET client_min_messages = warning;
DROP SCHEMA intervals_generated CASCADE;
