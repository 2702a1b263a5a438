-- Activities in time: when they end, what was known of them at an instant, and
-- their slices, which add up to them: by hand, and equal to plain SQL over
-- generated activities, whatever the session's time zone makes of a day.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA activity_time;
SET search_path = activity_time, public;
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';
SET IntervalStyle = 'postgres';
SET jit = off;

CREATE FUNCTION made(start timestamptz, duration_ms bigint, state interaction_state DEFAULT 'Connected',
        status interaction_status DEFAULT 'Completed', reason activity_reason DEFAULT NULL)
    RETURNS activity
    RETURN ROW(start, duration_ms, state, status, 'Outbound', lpad('1', 32, '0'), lpad('2', 32, '0'),
               reason, '007', 'Phone', 'VCC', '2026-03-29 12:00:00+00')::activity;
-- what is to be the same in any part of an activity
CREATE FUNCTION rest(a activity) RETURNS text
    RETURN ROW((a).state, (a).status, (a).direction, (a).interaction_guid, (a).channel_guid,
               (a).reason, (a).agent_id, (a).medium, (a).medium_manager, (a).reported_at)::text;

\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/errors.sql'
\set generator :srcdir '/bench/generate.sql'
\set ECHO none
\i :include
\i :generator
\set ECHO all
CREATE TABLE generated OF activity;
INSERT INTO generated SELECT * FROM generate_activities(39500, 100, 21);
-- a part of them, also with starts that are not whole milliseconds
CREATE TABLE odd OF activity;
INSERT INTO odd
    SELECT start + (hashint8(n) & 1023) * '1 us'::interval, duration_ms, state, status, direction,
           interaction_guid, channel_guid, reason, agent_id, medium, medium_manager, reported_at
      FROM (SELECT *, row_number() OVER (ORDER BY interaction_guid, channel_guid, agent_id COLLATE "C", start, state) AS n FROM generated) AS g
     WHERE n <= 3000;
SELECT (SELECT count(*) >= 100000 FROM generated) AS enough,
       (SELECT count(*) FROM odd WHERE duration_ms IS NULL) AS open,
       (SELECT count(*) FROM odd WHERE duration_ms = 0) AS of_no_length,
       (SELECT count(*) FROM odd WHERE duration_ms > 86400000) AS of_days;

--
-- activity_end
--
SELECT start, duration_ms AS ms, activity_end(made(start::timestamptz, duration_ms)) AS "end"
  FROM (VALUES ('2026-03-29 00:30:00', 90061001),
               ('2026-03-29 00:30:00', 0),
               ('2026-03-29 00:30:00', NULL),
               ('2026-03-29 00:30:00.0009', 1),
               (NULL, 1),
               ('infinity', 1),
               ('-infinity', 1),
               ('infinity', NULL),
               ('0001-01-01 00:00:00', 315537897599999),
               ('4713-11-24 00:00:00 BC', 9223372036854775),
               ('4714-11-24 00:00:00 BC', 9435184819199999),
               ('294276-12-31 23:59:59.998', 1)) AS v (start, duration_ms);
SELECT activity_end(NULL) IS NULL AS of_null;
-- of columns the same, errors included; an index takes it
SELECT count(*) AS activities, count(activity_end(start, duration_ms)) AS ended,
       count(*) FILTER (WHERE activity_end(start, duration_ms) IS DISTINCT FROM activity_end(g)) AS differ
  FROM generated AS g;
SELECT raised($$SELECT activity_end('2026-03-28Z', -1)$$) AS negative,
       raised($$SELECT activity_end('294276-12-31 23:59:59Z', 1000)$$) AS beyond;
CREATE TABLE with_index (start timestamptz, duration_ms bigint);
CREATE INDEX ON with_index (activity_end(start, duration_ms));
DROP TABLE with_index;
SELECT r.*
  FROM (VALUES (1, '294276-12-31 23:59:59.998', 2), (2, '2026-03-29 00:30:00', 9223372036854775),
               (3, '2026-03-29 00:30:00', 9223372036854775807), (4, '2026-03-29 00:30:00', -1),
               (5, '4714-11-24 00:00:00 BC', 9435184819200000))
           AS v (nr, start, duration_ms),
       raised(format('SELECT activity_end(made(%L, %s))', start, duration_ms)) AS r
 ORDER BY nr;
SELECT count(*) AS activities,
       count(*) FILTER (WHERE activity_end(g) IS DISTINCT FROM start + duration_ms * '1 ms'::interval) AS differ
  FROM generated AS g;

--
-- activity_as_of
--
SELECT v.of, v.ms, v.status, at, k IS NULL AS none, (k).start = v.start::timestamptz AS start,
       (k).duration_ms AS known_ms
  FROM (VALUES ( 1, 'before',                 '2026-03-29 00:30:00', 5000, 'Completed', '2026-03-29 00:29:59.999999'),
               ( 2, 'at the start',           '2026-03-29 00:30:00', 5000, 'Completed', '2026-03-29 00:30:00'),
               ( 3, 'inside',                 '2026-03-29 00:30:00', 5000, 'Completed', '2026-03-29 00:30:03.5'),
               ( 4, 'just before the end',    '2026-03-29 00:30:00', 5000, 'Completed', '2026-03-29 00:30:04.999999'),
               ( 5, 'at the end',             '2026-03-29 00:30:00', 5000, 'Completed', '2026-03-29 00:30:05'),
               ( 6, 'after',                  '2026-03-29 00:30:00', 5000, 'Completed', '2026-03-30 00:30:05'),
               ( 7, 'of no length',           '2026-03-29 00:30:00', 0,    'Completed', '2026-03-29 00:30:00'),
               ( 8, 'open, before',           '2026-03-29 00:30:00', NULL, 'Ongoing',   '2026-03-29 00:29:00'),
               ( 9, 'open, at the start',     '2026-03-29 00:30:00', NULL, 'Ongoing',   '2026-03-29 00:30:00'),
               (10, 'open',                   '2026-03-29 00:30:00', NULL, 'Ongoing',   '2026-04-29 00:30:00'),
               (11, 'open, Completed',        '2026-03-29 00:30:00', NULL, 'Completed', '2026-03-29 00:30:01'),
               (12, 'open, no status',        '2026-03-29 00:30:00', NULL, NULL,        '2026-03-29 00:30:01'),
               (13, 'cut short',              '2026-03-29 00:30:00', NULL, 'InternalError', '2026-03-29 00:30:01'),
               (14, 'cut short, before',      '2026-03-29 00:30:00', NULL, 'InternalError', '2026-03-29 00:29:00'),
               (15, 'finished with an error', '2026-03-29 00:30:00', 5000, 'InternalError', '2026-03-29 00:30:01'),
               (16, 'parts of a ms',          '2026-03-29 00:30:00.0005', 5000, 'Completed', '2026-03-29 00:30:01'),
               (17, 'parts of a ms, open',    '2026-03-29 00:30:00.0005', NULL, 'Ongoing', '2026-03-29 00:30:00.0014'),
               (18, 'parts of a ms, end',     '2026-03-29 00:30:00.0005', 5000, 'Completed', '2026-03-29 00:30:05.0005'),
               (19, 'no start',               NULL,                  5000, 'Completed', '2026-03-29 00:30:01'),
               (20, 'no instant',             '2026-03-29 00:30:00', 5000, 'Completed', NULL),
               (21, 'at the end of time',     '2026-03-29 00:30:00', 5000, 'Completed', 'infinity'),
               (22, 'before all time',        '2026-03-29 00:30:00', NULL, 'Ongoing',   '-infinity'),
               (23, 'cut short, for ever',    '2026-03-29 00:30:00', NULL, 'InternalError', 'infinity'),
               (24, 'of endless past',        '-infinity',           5000, 'Completed', '2026-03-29 00:30:01'),
               (25, 'never begun',            'infinity',            5000, 'Completed', '2026-03-29 00:30:01'),
               (26, 'of endless future',      '2026-03-29 00:30:00', 9223372036854775807, 'Completed', '2026-03-29 00:30:01'),
               (27, 'of endless future, whole', '2026-03-29 00:30:00', 9223372036854775807, 'Completed', 'infinity'),
               (28, 'as long as time',        '4714-11-24 00:00:00 BC', 9435184819199999, 'Completed', '294276-12-31 23:59:59.999'))
           AS v (nr, of, start, ms, status, at),
       LATERAL (VALUES (activity_as_of(made(start::timestamptz, ms, status => status::interaction_status),
                                       at::timestamptz))) AS a (k)
 ORDER BY nr;
SELECT nr, r.code, r.message
  FROM (VALUES (1, '2026-03-29 00:30:00', 'NULL', 'infinity'), (2, '-infinity', 'NULL', '2026-03-29 00:30:00'),
               (3, 'infinity', 'NULL', 'infinity'), (4, '4713-11-24 00:00:00 BC', 'NULL', '294276-12-31 23:59:59'),
               (5, '2026-03-29 00:30:00', '-1', '2026-03-29 00:30:00')) AS v (nr, start, ms, at),
       raised(format('SELECT activity_as_of(made(%L, %s), %L)', start, ms, at)) AS r
 ORDER BY nr;

-- In plain SQL, at some instants of every day; and what was known at an instant
-- does not change by what comes later.
CREATE FUNCTION plain_as_of(a activity, instant timestamptz) RETURNS activity
    LANGUAGE sql IMMUTABLE
    RETURN CASE WHEN (a).start > instant THEN NULL
                ELSE ROW((a).start,
                         CASE WHEN (a).duration_ms IS NOT NULL OR (a).status IS DISTINCT FROM 'InternalError'
                              THEN least((a).duration_ms, floor(extract(epoch FROM instant - (a).start) * 1000))
                         END,
                         (a).state, (a).status, (a).direction, (a).interaction_guid, (a).channel_guid,
                         (a).reason, (a).agent_id, (a).medium, (a).medium_manager, (a).reported_at)::activity
           END;
WITH instant AS (
    SELECT i FROM generate_series('2026-01-05 06:00:00+00', '2026-01-08 06:00:00+00', '2 hours 7 minutes 1.0004 seconds'::interval) AS i
)
SELECT count(*) AS instants, sum(known) AS known, sum(cut) > 100 AS many_cut, sum(differ) AS differ, sum(changed) AS changed
  FROM instant,
       LATERAL (SELECT count(k) AS known,
                       count(*) FILTER (WHERE (k).duration_ms < o.duration_ms) AS cut,
                       count(*) FILTER (WHERE k IS DISTINCT FROM plain_as_of(o::activity, i)) AS differ,
                       count(*) FILTER (WHERE k IS DISTINCT FROM
                                              activity_as_of(activity_as_of(o, i + '5 minutes 0.0007 seconds'), i)) AS changed
                  FROM odd AS o, LATERAL (VALUES (activity_as_of(o, i))) AS a (k)) AS v;

--
-- activity_slices
--
CREATE FUNCTION slices(start text, duration_ms bigint, width interval, origin timestamptz DEFAULT '2000-01-01 00:00Z')
    RETURNS text
    LANGUAGE sql
    RETURN (SELECT string_agg(format('%s+%s',
                                     CASE WHEN isfinite(s.start)
                                          THEN trim_scale(extract(epoch FROM s.start - date_trunc('day', start::timestamptz)))::text
                                          ELSE s.start::text
                                     END,
                                     coalesce(s.duration_ms::text, 'open')), ' ' ORDER BY n)
              FROM activity_slices(made(start::timestamptz, duration_ms), width, origin)
                   WITH ORDINALITY
                   AS s (start, duration_ms, state, status, direction, interaction_guid, channel_guid,
                         reason, agent_id, medium, medium_manager, reported_at, n));
-- second of the day that each slice starts, and its milliseconds
SELECT nr, of, slices(start, ms, width::interval)
  FROM (VALUES ( 1, 'inside a bucket',          '2026-03-29 00:10:00', 60000,   '30 minutes'),
               ( 2, 'over a border',            '2026-03-29 00:20:00', 1200000, '30 minutes'),
               ( 3, 'over several',             '2026-03-29 00:20:00', 4800000, '30 minutes'),
               ( 4, 'starts on a border',       '2026-03-29 00:30:00', 1800001, '30 minutes'),
               ( 5, 'ends on a border',         '2026-03-29 00:20:00', 600000,  '30 minutes'),
               ( 6, 'from border to border',    '2026-03-29 00:30:00', 3600000, '30 minutes'),
               ( 7, '1 ms after a border',      '2026-03-29 00:29:59.999', 2,   '30 minutes'),
               ( 8, 'of no length',             '2026-03-29 00:20:00', 0,       '30 minutes'),
               ( 9, 'of no length, on a border', '2026-03-29 00:30:00', 0,      '30 minutes'),
               (10, 'open',                     '2026-03-29 00:20:00', NULL,    '30 minutes'),
               (11, 'wide buckets',             '2026-03-29 00:20:00', 4800000, '100000 days'),
               (12, 'over days',                '2026-03-28 23:00:00', 172800000, '1 day'),
               (13, 'a day and hours',          '2026-03-29 00:00:00', 86400000, '1 day -16 hours'),
               (14, 'of 1.5 seconds',           '2026-03-29 00:00:01', 4000,    '1.5 seconds'),
               (15, 'parts of a ms',            '2026-03-29 00:29:59.9995', 2,  '30 minutes'),
               (16, 'parts of a ms, more',      '2026-03-29 00:29:59.9985', 3,  '30 minutes'),
               (17, 'parts of a ms, border at the end', '2026-03-29 00:29:59.0005', 999, '30 minutes'),
               (18, 'buckets of half a ms',     '2026-03-29 00:00:00', 3,       '500 us'),
               (19, 'before all time',          '-infinity',           3,       '30 minutes'),
               (20, 'no start',                 NULL,                  3,       '30 minutes'))
           AS v (nr, of, start, ms, width)
 ORDER BY nr;
-- borders of another origin
SELECT origin, slices('2026-03-29 00:20:00', 1200000, '15 minutes', origin::timestamptz)
  FROM (VALUES ('2026-03-29 00:00:00'), ('2026-03-29 00:05:00'), ('2026-03-29 00:20:00'),
               ('2031-01-01 00:04:59.9999'), ('0001-01-01 00:00:00')) AS v (origin);
-- as far as time goes
SELECT nr, slices(start, ms, width::interval)
  FROM (VALUES (1, '294276-12-31 23:59:50', 9000, '5 seconds'), (2, '294276-12-31 23:59:50', 9000, '1 day'),
               (3, '4713-11-24 00:00:00 BC', 10000, '7 seconds'),
               (4, '4713-11-24 00:00:00 BC', 9223372036854775, '106751991 days 4 hours'),
               (5, '4714-11-24 00:00:00 BC', 9435184819199999, '106751991 days 4 hours'),
               (6, '4714-11-24 00:00:00.0005 BC', 9435184819199999, '100000000 days')) AS v (nr, start, ms, width);
-- a slice a microsecond
SELECT count(*), min((s).start), max((s).start), sum((s).duration_ms) AS ms, count(*) FILTER (WHERE (s).duration_ms = 1) AS of_1_ms
  FROM activity_slices(made('2026-03-29 00:30:00', 3), '1 us') AS s;

-- Slices of activities that start within a millisecond neither overlap nor leave a gap, and touching activities stay
-- touching: a slice begins at a border, or less than a millisecond after it, and whole milliseconds after the start.
SELECT (s).start::time, (s).duration_ms, activity_end(s)::time AS "end"
  FROM (SELECT activity_slices(made('2026-03-29 00:29:59.999750', 60001), '30 seconds') AS s
         UNION ALL
        SELECT activity_slices(made('2026-03-29 00:31:00.000750', 2), '30 seconds')) AS two
 ORDER BY (s).start;

-- In a select list slices come row by row, so that LIMIT stops them: nothing is written to disk. More than 10,000,000
-- of one activity are an error, however they are asked for.
SET work_mem = '64kB';
SET temp_file_limit = '1MB';
SELECT (activity_slices(made('2026-03-29 00:30:00', 10000000), '1 ms')).start LIMIT 2;
SELECT (activity_slices(made('2026-03-29 00:30:00', 9000000000000000), '100 days')).duration_ms OFFSET 1 LIMIT 1;
RESET temp_file_limit;
RESET work_mem;
SELECT nr, code, message, detail, hint
  FROM (VALUES (1, '2026-03-29 00:30:00', 10000000,         '1 ms',        '2000-01-01 00:00Z'),
               (2, '2026-03-29 00:30:00', 10000001,         '1 ms',        '2000-01-01 00:00Z'),
               (3, '2026-03-29 00:30:00', 10000001,         '1 us',        '2000-01-01 00:00Z'),
               (4, '2026-03-29 00:30:00', 9000000000000000, '15 minutes',  '2000-01-01 00:00Z'),
               (5, '2026-03-29 00:30:00', 10000000000,      '1 s',         '2026-03-29 00:30:00'),
               (6, '2026-03-29 00:30:00', 10000000000,      '1 s',         '2026-03-29 00:30:00.0001'),
               (7, '2026-03-29 00:30:00', 10000000000,      '1 s',         '2026-03-29 00:30:00.9991'),
               (8, '2026-03-29 00:30:00', 9999999999,       '1 s',         '2026-03-29 00:30:00.9991'),
               (9, '4714-11-24 00:00:00 BC', 9435184819199999, '15 minutes', '2000-01-01 00:00Z')) AS v (nr, start, ms, width, origin),
       raised(format($$SELECT activity_slices(made(%L, %s), %L, %L) LIMIT 1$$, start, ms, width, origin)) AS r
 ORDER BY nr;
SELECT r.* FROM raised($$SELECT FROM activity_slices(made('2026-03-29 00:30:00', 9000000000000000), '15 minutes') LIMIT 1$$) AS r;
-- what is counted up front is what is made, for starts and borders of all kinds
SELECT count(*) AS activities, sum(slices) AS slices, count(*) FILTER (WHERE slices <> borders + 1) AS differ
  FROM generate_series(0, 599) AS n,
       LATERAL (SELECT '2026-03-29 00:30:00+00'::timestamptz + n % 7 * '333 us'::interval AS start, 1 + n % 40 AS ms,
                       (ARRAY['1 ms', '1.001 ms', '1.999 ms', '3 ms', '0.7 ms', '0.001 ms'])[1 + n % 6]::interval AS width,
                       '2026-03-29 00:30:00+00'::timestamptz + n % 11 * '91 us'::interval AS origin) AS given,
       LATERAL (SELECT count(*) AS slices FROM activity_slices(made(start, ms), width, origin)) AS s,
       LATERAL (SELECT count(DISTINCT ceil((o - s) / 1000)) AS borders
                  FROM (SELECT extract(epoch FROM start) * 1000000 AS s, extract(epoch FROM width) * 1000000 AS w,
                               extract(epoch FROM origin) * 1000000 AS o) AS us (s, w, from_us),
                       LATERAL (SELECT from_us + w * k FROM generate_series(floor((s - from_us) / w), ceil((s - from_us + ms * 1000) / w)) AS k) AS b (o)
                 WHERE o > s AND ceil((o - s) / 1000) < ms) AS b;

-- null arguments give no slices; in the select list; arguments by name; LIMIT
SELECT count(*) FROM activity_slices(NULL, '1 hour');
SELECT count(*) FROM activity_slices(made('2026-03-29 00:30:00', 3), NULL);
SELECT count(*) FROM activity_slices(made('2026-03-29 00:30:00', 3), '1 hour', NULL);
SELECT n, (activity_slices(made('2026-03-29 00:30:00', n * 3000), origin => '2026-03-29 00:30:01Z', width => '4 seconds')).duration_ms
  FROM generate_series(1, 2) AS n;
SELECT s.start, s.reason, rest(s) = rest(made('2026-03-29 00:30:00', 30000, 'Wrap', 'Ongoing', 'Monitor')) AS the_rest
  FROM activity_slices(made('2026-03-29 00:30:00', 30000, 'Wrap', 'Ongoing', 'Monitor'), '1 ms') AS s
 LIMIT 2;

SELECT nr, r.*
  FROM (VALUES ( 1, $$made('2026-03-29 00:30:00', 5)$$, $$'0'$$),
               ( 2, $$made('2026-03-29 00:30:00', 5)$$, $$'-1 hour'$$),
               ( 3, $$made('2026-03-29 00:30:00', 5)$$, $$'1 day -24 hours'$$),
               ( 4, $$made('2026-03-29 00:30:00', 5)$$, $$'1 month'$$),
               ( 5, $$made('2026-03-29 00:30:00', 5)$$, $$'1 year'$$),
               ( 6, $$made('2026-03-29 00:30:00', 5)$$, $$'1 month -30 days'$$),
               ( 7, $$made('2026-03-29 00:30:00', 5)$$, $$'2147483647 days'$$),
               ( 8, $$made('2026-03-29 00:30:00', NULL)$$, $$'0'$$),
               ( 9, $$made('2026-03-29 00:30:00', 5)$$, $$'1 hour', 'infinity'$$),
               (10, $$made('2026-03-29 00:30:00', 5)$$, $$'1 hour', '-infinity'$$),
               (11, $$made('294276-12-31 23:59:59', 5)$$, $$'1 hour', '4713-11-24 00:00:00+00 BC'$$),
               (12, $$made('2026-03-29 00:30:00', 9223372036854775807)$$, $$'1 hour'$$),
               (13, $$made('2026-03-29 00:30:00', -1)$$, $$'1 hour'$$)) AS v (nr, activity, arguments),
       raised(format('SELECT FROM activity_slices(%s, %s)', activity, arguments)) AS r
 ORDER BY nr;

--
-- Slices of generated activities: those of plain SQL, of many widths and origins
--

-- In whole microseconds since 2000: the borders from the one before the start,
-- each moved to the first whole millisecond after the start that is not before
-- it; the slices between them, of which none is empty.
CREATE FUNCTION us(at timestamptz) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN extract(epoch FROM at - '2000-01-01 00:00:00+00') * 1000000;
CREATE FUNCTION plain_slices(a activity, width_us numeric, origin timestamptz)
    RETURNS TABLE (start timestamptz, duration_ms bigint)
    LANGUAGE sql IMMUTABLE ROWS 10
BEGIN ATOMIC
    SELECT (a).start, (a).duration_ms
     WHERE coalesce((a).duration_ms, 0) = 0
     UNION ALL
    SELECT (a).start + from_ms * '1 ms'::interval, until_ms - from_ms
      FROM (SELECT greatest(0, ceil((border - us((a).start)) / 1000)) AS from_ms,
                   least((a).duration_ms, ceil((border + width_us - us((a).start)) / 1000)) AS until_ms
              FROM generate_series(us(origin) + floor((us((a).start) - us(origin)) / width_us) * width_us,
                                   us((a).start) + (a).duration_ms * 1000 - 1, width_us) AS border
             WHERE (a).duration_ms > 0) AS slice
     WHERE from_ms < until_ms;
END;
CREATE TABLE cut (nr serial, width interval, origin timestamptz, below_ms bigint);
INSERT INTO cut (width, origin, below_ms) VALUES
    ('1 hour',                '2000-01-01 00:00:00+00',     100000000000),
    ('30 minutes',            '2000-01-01 00:00:00+00',     100000000),
    ('15 minutes',            '2100-01-01 00:00:00.5+00',   100000000),
    ('7 minutes 1.234567 seconds', '1999-12-31 23:59:59.999999+00', 10000000),
    ('1 day',                 '2000-01-01 05:45:00+00',     100000000000),
    ('7 days',                '2026-01-05 00:00:00+00',     100000000000),
    ('1 day 1 us',            '0001-01-01 00:00:00+00',     100000000000),
    ('1 second',              '2000-01-01 00:00:00.0004+00', 100000),
    ('37 ms',                 '2000-01-01 00:00:00+00',     5000),
    ('999 us',                '2000-01-01 00:00:00+00',     400),
    ('106751991 days',        '1970-01-01 00:00:00+00',     100000000000);
WITH made AS (
    SELECT nr, o.ctid, s.start, s.duration_ms, rest(s) = rest(o) AS same_rest
      FROM cut, odd AS o, activity_slices(o, width, origin) AS s
     WHERE coalesce(o.duration_ms, 0) < below_ms
),
plain AS (
    SELECT nr, o.ctid, s.start, s.duration_ms
      FROM cut, odd AS o, plain_slices(o, extract(epoch FROM width) * 1000000, origin) AS s
     WHERE coalesce(o.duration_ms, 0) < below_ms
),
difference AS (
    SELECT nr, count(*) AS differ
      FROM ((SELECT nr, ctid, start, duration_ms FROM made EXCEPT ALL TABLE plain)
            UNION ALL
            (TABLE plain EXCEPT ALL SELECT nr, ctid, start, duration_ms FROM made)) AS d
     GROUP BY nr
)
SELECT nr, width, activities, slices, coalesce(differ, 0) AS differ, same_rest, add_up
  FROM cut
  JOIN (SELECT nr, count(*) AS activities, sum(slices) AS slices, bool_and(m.same_rest) AS same_rest,
               bool_and(ms IS NOT DISTINCT FROM o.duration_ms) AS add_up
          FROM (SELECT nr, ctid, count(*) AS slices, bool_and(same_rest) AS same_rest, sum(duration_ms) AS ms
                  FROM made
                 GROUP BY nr, ctid) AS m
          JOIN odd AS o ON o.ctid = m.ctid
         GROUP BY nr) AS m USING (nr)
  LEFT JOIN difference USING (nr)
 ORDER BY nr;

-- Each slice lies within one bucket, and the next begins where it ends.
SELECT count(*) AS slices,
       count(*) FILTER (WHERE date_bin('30 minutes', activity_end(s), '2000-01-01 00:00:00+00') > bucket
                              AND activity_end(s) <> bucket + '30 minutes'::interval) AS out_of_it,
       count(*) FILTER (WHERE next_start <> activity_end(s)) AS gaps,
       count(*) FILTER (WHERE next_start <> bucket + '30 minutes'::interval) AS no_border
  FROM (SELECT s, date_bin('30 minutes', (s).start, '2000-01-01 00:00:00+00') AS bucket,
               lead((s).start) OVER (PARTITION BY g.ctid ORDER BY (s).start) AS next_start
          FROM (SELECT ctid, g.* FROM generated AS g
                 ORDER BY interaction_guid, channel_guid, agent_id COLLATE "C", start, state LIMIT 20000) AS g,
               activity_slices(ROW(start, duration_ms, state, status, direction, interaction_guid, channel_guid,
                                   reason, agent_id, medium, medium_manager, reported_at)::activity, '30 minutes') AS s
         WHERE g.duration_ms < 1000000000) AS g;

-- The totals of a sliced report are those of the unsliced one, in milliseconds;
-- so is busy time, where slices only touch; participations are not: they are in
-- every bucket that they reach into.
CREATE FUNCTION totals(width interval, source text) RETURNS TABLE (buckets bigint, ms text, busy_ms numeric, handled numeric)
    LANGUAGE plpgsql AS
$$
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT count(*),
               ROW(sum((handle_time * 1000)::bigint), sum((talk_time * 1000)::bigint),
                   sum((wrap_time * 1000)::bigint), sum((ring_time * 1000)::bigint))::text,
               sum((busy_time * 1000)::bigint), sum(handled_participations)
          FROM (SELECT handle_time(s), talk_time(s), wrap_time(s), ring_time(s), busy_time(s), handled_participations(s)
                  FROM %s AS g, activity_slices(g, %L) AS s
                 GROUP BY g.agent_id, date_bin(%L, s.start, '2000-01-01 00:00:00+00')) AS v
        $query$, source, width, width);
END
$$;
CREATE TABLE unsliced AS
    SELECT ROW((handle_time(g) * 1000)::bigint::numeric, (talk_time(g) * 1000)::bigint::numeric,
               (wrap_time(g) * 1000)::bigint::numeric, (ring_time(g) * 1000)::bigint::numeric)::text AS ms,
           (busy_time(g) * 1000)::bigint AS busy_ms, handled_participations(g) AS handled
      FROM generated AS g;
SELECT width, buckets, t.ms = unsliced.ms AS times, t.busy_ms = unsliced.busy_ms AS busy_time,
       t.handled > unsliced.handled AS participations_more_often
  FROM unsliced, (VALUES (1, '1 hour'::interval), (2, '1 day'), (3, '100000 days')) AS w (nr, width),
       totals(width, 'generated') AS t
 ORDER BY nr;
SELECT (SELECT (handle_time(o) * 1000)::bigint FROM odd AS o) = sum((handle_time * 1000)::bigint) AS parts_of_a_ms
  FROM (SELECT handle_time(s)
          FROM odd AS o, activity_slices(o, '17 minutes 0.000001 seconds') AS s
         GROUP BY date_bin('17 minutes 0.000001 seconds', s.start, '2000-01-01 00:00:00+00')) AS v;

--
-- Time zones: a day has 24 hours and borders stay where they are, whatever the
-- session's time zone does on them. In the first night clocks go forward in
-- Europe, in the second back; in Lord Howe by half an hour.
--
CREATE TABLE night OF activity;
INSERT INTO night
    SELECT (made((date || ' 18:00:00+00')::timestamptz + n * '11 minutes 0.5 seconds'::interval, n * 900001)).*
      FROM (VALUES ('2026-03-28'), ('2026-10-24'), ('2026-04-04'), ('2026-10-03')) AS d (date),
           generate_series(0, 100) AS n;
CREATE FUNCTION fingerprint() RETURNS text
    LANGUAGE sql
    RETURN (SELECT md5(string_agg(ROW(us(s.start), s.duration_ms, us(activity_end(s)),
                                      (activity_as_of(s, n.start + '27 hours'::interval)).duration_ms)::text,
                                  ';' ORDER BY n.ctid, width, s.start))
              FROM night AS n,
                   (VALUES ('30 minutes'::interval), ('1 day'), ('2 days 3 hours')) AS w (width),
                   activity_slices(n, width) AS s);
SELECT fingerprint() AS utc \gset
SELECT name, :'utc' = fingerprint() AS the_same
  FROM (VALUES ('Europe/Paris'), ('America/New_York'), ('Australia/Lord_Howe'), ('Asia/Kathmandu'), ('-13:45')) AS v (name),
       set_config('TimeZone', name, false)
 ORDER BY name COLLATE "C";
SET TimeZone = 'Europe/Paris';
-- from midnight UTC to midnight UTC; in Paris one of the days has 23 hours
SELECT s.start, s.duration_ms
  FROM activity_slices(made('2026-03-28 12:00:00+00', 172800000), '1 day') AS s;
-- with days of a time zone that has no changes in between, by origin
SELECT s.start, s.duration_ms
  FROM activity_slices(made('2026-03-30 12:00:00+02', 172800000), '1 day', '2026-03-30 00:00:00 Europe/Paris') AS s;

RESET ALL;
SET client_min_messages = warning;
DROP SCHEMA activity_time CASCADE;
