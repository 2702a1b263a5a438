-- Intervals of the sample pages, as they were worked out by hand, to the digit:
-- with the pages in either order, as json and as jsonb, with and without as_of;
-- and the arguments that are errors.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA intervals;
SET search_path = intervals, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/errors.sql'
\set page `cat "$PG_ABS_SRCDIR/sql/data/page-presence.json"`
\set next `cat "$PG_ABS_SRCDIR/sql/data/page-presence-next.json"`
\set legs `cat "$PG_ABS_SRCDIR/sql/data/page-legs.json"`
\set ECHO none
\i :include
\set ECHO all
\pset null -

--
-- The sample pages
--
SELECT create_activity_table(name) FROM unnest('{first,second,in_order,reversed,legs}'::text[]) AS name;
SELECT l.* FROM load_activities('first', :'page'::json) AS l;
SELECT l.* FROM load_activities('in_order', :'page'::jsonb) AS l;
SELECT l.* FROM load_activities('in_order', :'next'::jsonb) AS l;
SELECT l.* FROM load_activities('reversed', :'next'::json) AS l;
SELECT l.* FROM load_activities('reversed', :'page'::jsonb) AS l;
SELECT l.* FROM load_activities('second', :'next'::json) AS l;
SELECT l.* FROM load_activities('legs', :'legs'::json) AS l;
\set two_days '''2026-07-13 00:00+00'', ''2026-07-15 00:00+00'''

-- The first page alone; Ready since 09:40 is known only as of some instant.
SELECT * FROM agent_intervals('first', :two_days) ORDER BY interval_start, agent_id COLLATE "C";
SELECT * FROM agent_intervals('first', :two_days, as_of => '2026-07-14 10:00+00') ORDER BY interval_start, agent_id COLLATE "C";
-- With the second page it ends at 10:05.
SELECT * FROM agent_intervals('in_order', :two_days) ORDER BY interval_start, agent_id COLLATE "C";
SELECT * FROM agent_intervals('second', :two_days) ORDER BY interval_start, agent_id COLLATE "C";
-- The order of the pages makes no difference; as of 10:00 neither does the second one.
CREATE FUNCTION intervals_of(source regclass, as_of timestamptz) RETURNS text
    LANGUAGE sql
    RETURN (SELECT string_agg(i::text, E'\n' ORDER BY i::text COLLATE "C")
              FROM agent_intervals(source, :two_days, as_of => as_of) AS i);
SELECT as_of, intervals_of('reversed', as_of) = intervals_of('in_order', as_of) AS reversed,
       intervals_of('first', as_of) = intervals_of('in_order', as_of) AS first
  FROM unnest('{NULL, 2026-07-14 09:40+00, 2026-07-14 10:00+00, 2026-07-14 10:05+00, 2026-07-14 10:05:00.001+00}'::timestamptz[]) AS as_of;
SELECT intervals_of('in_order', NULL) = intervals_of('in_order', '2026-07-14 10:30+00') AS all_ended;

-- Of media: the call of 08:25 to 08:30 and that of 08:10:10 to 08:17; the chat of 08:14 to 08:18; none.
SELECT media, i.*
  FROM (VALUES (1, '{Phone}'::text[]), (2, '{Chat}'), (3, '{Phone, Chat}'), (4, '{phone}'), (5, '{}')) AS v (nr, media),
       agent_intervals('in_order', '2026-07-14 08:00+00', '2026-07-14 08:30+00', media => media) AS i
 WHERE agent_id = '301'
 ORDER BY nr;

-- Participations and time spent. The page with legs has each participation in the half hour of its start; a case that is
-- still open in the second one.
\x on
SELECT * FROM activity_intervals('in_order', :two_days) ORDER BY interval_start, agent_id COLLATE "C", medium COLLATE "C";
SELECT * FROM activity_intervals('legs', :two_days) ORDER BY interval_start, agent_id COLLATE "C", medium COLLATE "C";
\x off
-- Of five minutes: 201 talks from 09:00:34.5 to 09:04 and from 09:05 to 09:06, and wraps until 09:16.
SELECT interval_start, agent_id, participations, talk_ms, wrap_ms, spent_talk_ms, spent_wrap_ms, spent_handle_ms
  FROM activity_intervals('legs', '2026-07-14 09:00+00', '2026-07-14 09:30+00', '5 minutes')
 ORDER BY interval_start, agent_id COLLATE "C";

--
-- Windows
--
-- from_time is counted from; to_time ends the last interval
SELECT interval_start, login_ms, ready_ms, away_ms
  FROM agent_intervals('in_order', '2026-07-14 08:10:00.001+00', '2026-07-14 08:50:00.001+00', '17 minutes')
 WHERE agent_id = '301'
 ORDER BY interval_start;
-- nothing in no time
SELECT count(*) FROM agent_intervals('in_order', '2026-07-14 08:10+00', '2026-07-14 08:10+00');
SELECT count(*) FROM activity_intervals('in_order', '2026-07-14 08:10+00', '2026-07-14 08:10+00');
-- an open presence lasts up to the next one, which may start where the window ends, or just around it; without a next one
-- it adds no time
SELECT create_activity_table('ends');
INSERT INTO ends_presence
    SELECT start, NULL, category::presence_category, NULL, agent_id, NULL, NULL
      FROM (VALUES ('before', '2026-07-14 08:00+00'::timestamptz, 'Ready'), ('before', '2026-07-14 08:59:59.999+00', 'Away'),
                   ('at', '2026-07-14 08:00+00', 'Ready'), ('at', '2026-07-14 09:00+00', 'Away'),
                   ('after', '2026-07-14 08:00+00', 'Ready'), ('after', '2026-07-14 09:00:00.001+00', 'Away'),
                   ('never', '2026-07-14 08:00+00', 'Ready')) AS v (agent_id, start, category);
SELECT agent_id, ready_ms, away_ms FROM agent_intervals('ends', '2026-07-14 08:30+00', '2026-07-14 09:00+00') ORDER BY ready_ms, agent_id COLLATE "C";
-- A day of width has 24 hours, whatever the session's day has.
SET timezone = 'Europe/Berlin';
SELECT create_activity_table('days');
INSERT INTO days_presence VALUES ('2026-03-01 00:00+00', NULL, 'Ready', NULL, '1', NULL, NULL);
SELECT interval_start, ready_ms
  FROM agent_intervals('days', '2026-03-29 00:00', '2026-03-30 00:00', '1 day', as_of => '2026-12-01')
 ORDER BY interval_start;
SELECT interval_start, ready_ms
  FROM agent_intervals('days', '2026-10-25 00:00', '2026-10-26 00:00', '1 day', as_of => '2026-12-01')
 ORDER BY interval_start;
SELECT count(*) AS half_hours, sum(ready_ms) / 3600000.0 AS hours
  FROM agent_intervals('days', '2026-10-25 00:00', '2026-10-26 00:00', as_of => '2026-12-01');
SET timezone = 'UTC';
-- Instants are rounded down to whole milliseconds, also before 2000: a talk that starts half a millisecond before is of the
-- millisecond before, with all of it, and the presence of the same instant begins then
SELECT create_activity_table('before_2000');
INSERT INTO before_2000 (agent_id, interaction_guid, start, state, duration_ms)
VALUES ('1', '7c1e0a10-0001-4a00-8000-000000000001', '1999-12-31 23:59:59.9995+00', 'Connected', 1);
INSERT INTO before_2000_participation
SELECT p.* FROM (SELECT participation(a) AS made FROM before_2000 AS a) AS v, unnest(ARRAY[made]) AS p;
INSERT INTO before_2000_presence (agent_id, start, category, duration_ms) VALUES ('1', '1999-12-31 23:59:59.9995+00', 'Ready', 1);
SELECT interval_start, participations, talk_ms, spent_talk_ms
FROM activity_intervals('before_2000', '1999-12-31 23:00+00', '2000-01-01 01:00+00', '1 hour');
SELECT interval_start, busy_ms, ready_ms FROM agent_intervals('before_2000', '1999-12-31 23:00+00', '2000-01-01 01:00+00', '1 hour');

--
-- Errors
--
CREATE TABLE arguments AS
    SELECT row_number() OVER () AS nr, *
      FROM (VALUES ($$NULL, '2026-07-14', '2026-07-15'$$),
                   ($$'in_order', NULL, '2026-07-15'$$),
                   ($$'in_order', '2026-07-14', NULL$$),
                   ($$'in_order', '2026-07-14', '2026-07-15', NULL$$),
                   ($$'in_order', '2026-07-14', '2026-07-15', '1 month'$$),
                   ($$'in_order', '2026-07-14', '2026-07-15', '1 year -1 day'$$),
                   ($$'in_order', '2026-07-14', '2026-07-15', '1 month -29 days'$$),
                   ($$'in_order', '2026-07-14', '2026-07-15', '0'$$),
                   ($$'in_order', '2026-07-14', '2026-07-15', '-30 minutes'$$),
                   ($$'in_order', '2026-07-14', '2026-07-15', '1 day -24 hours'$$),
                   ($$'in_order', '2026-07-14', '2026-07-15', '1 day -25 hours'$$),
                   ($$'in_order', '2026-07-14', '2026-07-15', '0.0001 s'$$),
                   ($$'in_order', '2026-07-14', '2026-07-15', '1.0005 s'$$),
                   ($$'in_order', '2026-07-14', '2026-07-15', '2000000000 days'$$),
                   ($$'in_order', '-infinity', '2026-07-15'$$),
                   ($$'in_order', '2026-07-14', 'infinity'$$),
                   ($$'in_order', 'infinity', 'infinity'$$),
                   ($$'in_order', '-infinity', '-infinity'$$),
                   ($$'in_order', '2026-07-15', '2026-07-14'$$),
                   ($$'in_order', '2026-07-14 08:00:00.001', '2026-07-14 08:00'$$),
                   ($$'in_order', '2026-07-14 08:00:00.000001', '2026-07-14 08:00'$$),
                   -- these are none
                   ($$'in_order', '2026-07-14', '2026-07-15', '-1 day 25 hours'$$),
                   ($$'in_order', '2026-07-14', '2026-07-15', '1 year -12 months 1 day'$$),
                   ($$'in_order', '2026-07-14', '2026-07-15', '100000000 days'$$),
                   ($$'in_order', '2026-07-14 08:00', '2026-07-14 08:00:00.001', '1 ms'$$),
                   ($$'in_order', '2026-07-14 08:00', '2026-07-14 08:00'$$)) AS v (arguments);
SELECT arguments, of_activities.code AS activity_intervals, of_agents.code AS agent_intervals
  FROM arguments, raised(format('SELECT activity_intervals(%s)', arguments)) AS of_activities,
       raised(format('SELECT agent_intervals(%s)', arguments)) AS of_agents
 ORDER BY nr;
-- PostgreSQL 17 has infinite intervals
SELECT code = CASE WHEN current_setting('server_version_num')::integer < 170000 THEN '22007' ELSE '22023' END AS infinite_width
  FROM raised($$SELECT agent_intervals('in_order', '2026-07-14', '2026-07-15', 'infinity')$$);
-- agents need the table of presences, activities do not
DROP TABLE legs_presence;
SELECT code FROM raised($$SELECT agent_intervals('legs', '2026-07-14', '2026-07-15')$$);
SELECT count(*) FROM activity_intervals('legs', '2026-07-14', '2026-07-15');

SET client_min_messages = warning;
DROP SCHEMA intervals CASCADE;
