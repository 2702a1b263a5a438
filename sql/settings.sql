-- TimeZone, DateStyle, IntervalStyle, lc_messages, extra_float_digits, search_path
-- and the like do not change a result: rows, errors, what a page says of itself, all
-- metrics. Values are compared, since the text of a timestamptz does differ.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA settings;
SET search_path = settings, public;
\getenv srcdir PG_ABS_SRCDIR
\set errors :srcdir '/sql/include/errors.sql'
\set plans :srcdir '/sql/include/plans.sql'
\set ECHO none
\i :errors
\i :plans
\set ECHO all

\set page `cat "$PG_ABS_SRCDIR/sql/data/page-interactions.json"`
\set mixed `cat "$PG_ABS_SRCDIR/sql/data/page-mixed.json"`

CREATE TABLE document (id text, page text);
INSERT INTO document VALUES ('sample', :'page'), ('mixed', :'mixed');

-- Times that are read one way only, whatever the settings are; those without a zone
-- are UTC. 2026-03-29T02:30 does not exist in Paris, 2026-03-08T02:30 neither in St
-- John's, 2025-11-02T01:30 is twice there, and 04-05 could be the 4th of May.
CREATE TABLE good_time (time text, instant timestamptz);
INSERT INTO good_time VALUES
    ('2026-03-29T02:30:00',            '2026-03-29 02:30:00 +00:00'),
    ('2026-03-29T02:30:00.125',        '2026-03-29 02:30:00.125 +00:00'),
    ('2026-03-08T02:30:00',            '2026-03-08 02:30:00 +00:00'),
    ('2025-11-02T01:30:00',            '2025-11-02 01:30:00 +00:00'),
    ('2026-04-05T06:07:08',            '2026-04-05 06:07:08 +00:00'),
    ('2026-04-05 06:07:08',            '2026-04-05 06:07:08 +00:00'),
    ('2026-04-05T06:07:08.1234567Z',   '2026-04-05 06:07:08.123457 +00:00'),
    ('2026-04-05T06:07:08.9999999Z',   '2026-04-05 06:07:09 +00:00'),
    ('2026-04-05T06:07:08.1234567',    '2026-04-05 06:07:08.123457 +00:00'),
    ('2026-04-05t06:07:08z',           '2026-04-05 06:07:08 +00:00'),
    ('2026-04-05T06:07Z',              '2026-04-05 06:07:00 +00:00'),
    ('2026-04-05T24:00:00',            '2026-04-06 00:00:00 +00:00'),
    ('2026-04-05T23:59:60Z',           '2026-04-06 00:00:00 +00:00'),
    ('2026-04-05T06:07:08+02:00',      '2026-04-05 04:07:08 +00:00'),
    ('2026-04-05T06:07:08+0530',       '2026-04-05 00:37:08 +00:00'),
    ('2026-04-05T06:07:08-03',         '2026-04-05 09:07:08 +00:00'),
    ('2026-04-05T06:07:08.5-03:30',    '2026-04-05 09:37:08.5 +00:00'),
    ('0001-01-01T00:00:00Z',           '0001-01-01 00:00:00 +00:00'),
    ('9999-12-31T23:59:59.999Z',       '9999-12-31 23:59:59.999 +00:00');
-- And times that another setting must not make good.
CREATE TABLE bad_time (time text);
INSERT INTO bad_time VALUES
    ('now'), ('today'), ('epoch'), ('infinity'), ('allballs'),
    ('05.04.2026 06:07:08'), ('05/04/2026 06:07:08'), ('04-05-2026 06:07:08'),
    ('Sun 05 Apr 06:07:08 2026'), ('20260405T060708Z'), ('2026-04-05'),
    ('2026-04-05T06:07:08 PST'), ('2026-04-05T06:07:08 IST'),
    ('2026-04-05T06:07:08 Europe/Paris'), ('2026-04-05T06:07:08,'),
    ('PT5M'), ('1775369228');

CREATE FUNCTION page_of_times(times text[], up_to text) RETURNS text
    LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT json_build_object('items', json_agg(json_build_object(
               'agentId', number, 'start', time, 'state', 'Wrap',
               'duration', 12345.000, 'interaction', json_build_object(
                   'guid', '7c1e0a10-0001-4a00-8000-0000000000a1'))),
               'upTo', up_to)::text
      FROM unnest(times) WITH ORDINALITY AS t(time, number);
END;
INSERT INTO document
    SELECT 'times', page_of_times(array_agg(time), '2026-03-29T02:30:00.1234567')
      FROM good_time;
INSERT INTO document
    SELECT 'no times', page_of_times(array_agg(time), NULL)
      FROM bad_time;
INSERT INTO document VALUES
    ('no upTo', '{"items": [], "upTo": "05.04.2026 06:07:08"}'),
    ('numbers', '[{"agentId": 12345678901234567890, "start": "2026-04-05T06:07:08",
       "state": "Connected", "duration": 1.5e3, "interaction":
       {"guid": "7c1e0a10-0001-4a00-8000-0000000000a1"}},
      {"agentId": "2", "start": "2026-04-05T06:07:08", "state": "Connected",
       "duration": "1,5", "interaction":
       {"guid": "7c1e0a10-0001-4a00-8000-0000000000a1"}},
      {"agentId": "2", "start": "2026-04-05T06:07:08", "state": "Connected",
       "duration": 0.1, "interaction":
       {"guid": "7c1e0a10-0001-4a00-8000-0000000000a1"}}]'),
    ('no page', '{"message": "Too Many Requests"}');

--
-- Everything that the extension makes of these documents, as views: which of their
-- functions is meant was settled when they were created
--
CREATE VIEW row AS
    SELECT id, 'json' AS type, a.*
      FROM document, activities(page::json, 'ignore') AS a
    UNION ALL
    SELECT id, 'jsonb', a.*
      FROM document, activities(page::jsonb, 'ignore') AS a;
CREATE VIEW error AS
    SELECT id, 'json' AS type, item, key, code, message, e.document::text
      FROM document, activity_errors(page::json) AS e
    UNION ALL
    SELECT id, 'jsonb', item, key, code, message, e.document::text
      FROM document, activity_errors(page::jsonb) AS e;
CREATE VIEW head AS
    SELECT id, 'json' AS type, p.*
      FROM document, activity_page(page::json) AS p
    UNION ALL
    SELECT id, 'jsonb', p.*
      FROM document, activity_page(page::jsonb) AS p;
CREATE TABLE activities OF activity;
INSERT INTO activities SELECT a.* FROM document, activities(page::json, 'ignore') AS a;
CREATE VIEW metric AS
    SELECT agent_id, handle_time(a), talk_time(a), wrap_time(a), ring_time(a),
           handled_participations(a), offered_participations(a),
           unexpected_participations(a), average_handle_time(a),
           unexpected_rate(a), unexpected_rate(a, 'NoAnswer') AS no_answer_rate,
           busy_time(a), peak_concurrency(a)
      FROM activities AS a
     GROUP BY GROUPING SETS ((), (agent_id));
CREATE VIEW moving AS
    SELECT agent_id, start, state, handle_time(a) OVER last, talk_time(a) OVER last,
           wrap_time(a) OVER last, ring_time(a) OVER last
      FROM activities AS a
    WINDOW last AS (PARTITION BY agent_id ORDER BY start, state, reported_at,
                    interaction_guid ROWS 2 PRECEDING);

CREATE TABLE participations OF participation;
CREATE VIEW participation AS
    SELECT (participation(a)).*
      FROM activities AS a
     GROUP BY agent_id, interaction_guid, channel_guid;
INSERT INTO participations TABLE participation;
CREATE VIEW participation_metric AS
    SELECT agent_id, handle_time(p), talk_time(p), wrap_time(p), ring_time(p),
           handled_participations(p), offered_participations(p),
           unexpected_participations(p), average_handle_time(p),
           unexpected_rate(p), unexpected_rate(p, 'NoAnswer') AS no_answer_rate
      FROM participations AS p
     GROUP BY GROUPING SETS ((), (agent_id));
CREATE VIEW cut AS
    SELECT slice.*, activity_end(slice)
      FROM activities AS a, activity_slices(a, '1 minute') AS slice
    UNION ALL
    SELECT (as_of).*, activity_end(as_of)
      FROM activities AS a, activity_as_of(a, '2026-03-29 00:00:00 +00:00') AS as_of;
-- and what activities() raises, with all of it that the user gets to see
CREATE VIEW stopping AS
    SELECT id, 'json' AS type, a.*
      FROM document, activities(page::json) AS a
    UNION ALL
    SELECT id, 'jsonb', a.*
      FROM document, activities(page::jsonb) AS a;
CREATE VIEW raised AS
    SELECT id, type, r.*
      FROM document, unnest('{json,jsonb}'::text[]) AS type,
           raised(format('SELECT FROM settings.stopping WHERE id = %L AND type = %L', id, type)) AS r;

--
-- What they are to stay: as they are with the most usual settings
--
SET TimeZone = 'UTC';
SET DateStyle = 'ISO, MDY';
CREATE TABLE row_before AS TABLE row;
CREATE TABLE error_before AS TABLE error;
CREATE TABLE head_before AS TABLE head;
CREATE TABLE metric_before AS TABLE metric;
CREATE TABLE moving_before AS TABLE moving;
CREATE TABLE participation_before AS TABLE participation;
CREATE TABLE participation_metric_before AS TABLE participation_metric;
CREATE TABLE cut_before AS TABLE cut;
CREATE TABLE raised_before AS TABLE raised;

-- that much is compared; four of the seven documents
-- raise an error, from json and jsonb
SELECT (SELECT count(*) FROM row_before) AS rows,
       (SELECT count(*) FROM error_before) AS errors,
       (SELECT count(*) FROM head_before) AS heads,
       (SELECT count(*) FROM metric_before) AS metrics,
       (SELECT count(*) FROM moving_before) AS frames,
       (SELECT count(*) FROM participation_before) AS participations,
       (SELECT count(*) FROM participation_metric_before) AS their_metrics,
       (SELECT count(*) FROM cut_before) AS cut,
       (SELECT count(code) FROM raised_before) AS raised;
-- the times are the ones that were meant; the page's upTo too
SELECT count(*) AS times, count(*) FILTER (WHERE start IS DISTINCT FROM instant) AS wrong
  FROM row_before
  FULL JOIN (SELECT row_number() OVER ()::text AS agent_id, instant FROM good_time) AS good
       USING (agent_id)
 WHERE id = 'times';
SELECT type, up_to = '2026-03-29 02:30:00.123457 +00:00' AS up_to_is_right
  FROM head_before
 WHERE id = 'times';

CREATE VIEW differences_of_values AS
    SELECT (SELECT count(*) FROM ((TABLE row EXCEPT ALL TABLE row_before)
            UNION ALL (TABLE row_before EXCEPT ALL TABLE row)) AS d) AS rows,
           (SELECT count(*) FROM ((TABLE error EXCEPT ALL TABLE error_before)
            UNION ALL (TABLE error_before EXCEPT ALL TABLE error)) AS d) AS errors,
           (SELECT count(*) FROM ((TABLE head EXCEPT ALL TABLE head_before)
            UNION ALL (TABLE head_before EXCEPT ALL TABLE head)) AS d) AS heads,
           (SELECT count(*) FROM ((TABLE metric EXCEPT ALL TABLE metric_before)
            UNION ALL (TABLE metric_before EXCEPT ALL TABLE metric)) AS d) AS metrics,
           (SELECT count(*) FROM ((TABLE moving EXCEPT ALL TABLE moving_before)
            UNION ALL (TABLE moving_before EXCEPT ALL TABLE moving)) AS d) AS frames,
           (SELECT count(*) FROM ((TABLE participation EXCEPT ALL TABLE participation_before)
            UNION ALL (TABLE participation_before EXCEPT ALL TABLE participation)) AS d) AS participations,
           (SELECT count(*) FROM ((TABLE participation_metric EXCEPT ALL TABLE participation_metric_before)
            UNION ALL (TABLE participation_metric_before EXCEPT ALL TABLE participation_metric)) AS d) AS their_metrics,
           (SELECT count(*) FROM ((TABLE cut EXCEPT ALL TABLE cut_before)
            UNION ALL (TABLE cut_before EXCEPT ALL TABLE cut)) AS d) AS cut;
CREATE VIEW differences AS
    SELECT *, (SELECT count(*) FROM ((TABLE raised EXCEPT ALL TABLE raised_before)
            UNION ALL (TABLE raised_before EXCEPT ALL TABLE raised)) AS d) AS raised
      FROM differences_of_values;

-- a difference would be seen
BEGIN;
UPDATE document SET page = replace(page, '+02:00', '+03:00') WHERE id = 'times';
TABLE differences;
ROLLBACK;

SET TimeZone = 'Europe/Paris';
TABLE differences;
SET TimeZone = 'America/St_Johns';
TABLE differences;
SET TimeZone = 'Asia/Kolkata';
TABLE differences;
SET DateStyle = 'SQL, DMY';
TABLE differences;
SET DateStyle = 'German';
TABLE differences;
SET DateStyle = 'Postgres, YMD';
TABLE differences;
SET timezone_abbreviations = 'India';
TABLE differences;
SET IntervalStyle = 'sql_standard';
TABLE differences;
SET IntervalStyle = 'iso_8601';
TABLE differences;
SET extra_float_digits = -15;
TABLE differences;
SET bytea_output = 'escape';
SET array_nulls = off;
SET quote_all_identifiers = on;
TABLE differences;

-- other locales, where the system has one: for messages, and for the decimal point
DO
$$
DECLARE
    setting text;
    locale text;
BEGIN
    FOREACH setting IN ARRAY '{lc_messages,lc_numeric,lc_time,lc_monetary}'::text[] LOOP
        FOREACH locale IN ARRAY '{de_DE.UTF-8,fr_FR.UTF-8,ru_RU.UTF-8,C.UTF-8}'::text[] LOOP
            BEGIN
                PERFORM set_config(setting, locale, false);
                EXIT;
            EXCEPTION WHEN invalid_parameter_value THEN
            END;
        END LOOP;
    END LOOP;
END
$$;
TABLE differences;

SET search_path = '';
TABLE settings.differences;
-- and all of it in parallel workers, which get these settings from their leader
SET max_parallel_workers_per_gather = 2;
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET parallel_leader_participation = off;
SELECT settings.has_gather('TABLE settings.differences_of_values');
TABLE settings.differences_of_values;
RESET ALL;
