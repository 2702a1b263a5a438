-- How pages are fetched decides what the averages are. Polled with the vendor's
-- default, include=Started, an activity that is open at its poll never comes
-- again: its handle time is missing, and nothing says so. With include=Processed
-- it comes again once it has ended, and loading puts the two together. Phone
-- calls of five days are polled both ways.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA polling;
SET search_path = polling, public;
\getenv srcdir PG_ABS_SRCDIR
\set generator :srcdir '/bench/generate.sql'
\set ECHO none
\i :generator
\set ECHO all

-- what the agents did; some activities never end
CREATE TABLE truth OF activity;
INSERT INTO truth SELECT * FROM generate_activities(20000, 100) WHERE medium = 'Phone';

-- The first poll after an instant.
CREATE FUNCTION poll_after(instant timestamptz, period interval) RETURNS timestamptz IMMUTABLE
    RETURN date_bin(period, instant, '2000-01-01Z') + period;
-- An activity as a poll finds it: without a duration while it is open.
CREATE FUNCTION found(a activity, up_to timestamptz) RETURNS activity IMMUTABLE
    RETURN ROW(a.start, CASE WHEN activity_end(a) <= up_to THEN a.duration_ms END, a.state,
               CASE WHEN activity_end(a) <= up_to THEN a.status ELSE 'Ongoing' END, a.direction, a.interaction_guid,
               a.channel_guid, a.reason, a.agent_id, a.medium, a.medium_manager, up_to)::activity;

-- what Started brings: every activity once, at the first poll after its start
CREATE FUNCTION started(period interval) RETURNS TABLE (up_to timestamptz, delivery activity)
BEGIN ATOMIC
    SELECT p, found(t, p) FROM truth AS t, poll_after(t.start, period) AS p;
END;
-- what Processed brings: also those that have ended since, at the first poll after their end
CREATE FUNCTION processed(period interval) RETURNS TABLE (up_to timestamptz, delivery activity)
BEGIN ATOMIC
    SELECT up_to, delivery FROM started(period)
    UNION ALL
    SELECT p, found(t, p) FROM truth AS t, poll_after(activity_end(t), period) AS p
    WHERE p > poll_after(t.start, period);
END;

-- polled every half hour, and loaded poll by poll
SELECT create_activity_table('by_started'), create_activity_table('by_processed');
SELECT sum(l.inserted) AS inserted, sum(l.updated) AS updated, sum(l.unchanged) AS unchanged
FROM (SELECT array_agg(delivery) AS page FROM started('30 minutes') GROUP BY up_to ORDER BY up_to) AS p,
     load_activities('by_started', page) AS l;
SELECT sum(l.inserted) AS inserted, sum(l.updated) AS updated, sum(l.unchanged) AS unchanged
FROM (SELECT array_agg(delivery) AS page FROM processed('30 minutes') GROUP BY up_to ORDER BY up_to) AS p,
     load_activities('by_processed', page) AS l;

-- the truth, in SQL of its own
SELECT count(*) AS activities, count(*) FILTER (WHERE duration_ms IS NULL) AS without_duration,
       round(sum(duration_ms) FILTER (WHERE handled) / 1000
             / count(DISTINCT (agent_id, interaction_guid, channel_guid)) FILTER (WHERE handled), 3) AS average
FROM (SELECT *, state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms IS NOT NULL AS handled
      FROM truth) AS t;
-- Processed finds it, from activities and from participations
SELECT count(*) AS activities, count(*) FILTER (WHERE duration_ms IS NULL) AS without_duration,
       round(average_handle_time(a)::numeric, 3) AS average,
       (SELECT round(average_handle_time(p)::numeric, 3) FROM by_processed_participation AS p) AS of_participations
FROM by_processed AS a;
-- Started has the same activities, but an average that is almost a quarter too low
SELECT count(*) AS activities, count(*) FILTER (WHERE duration_ms IS NULL) AS without_duration,
       round(average_handle_time(a)::numeric, 3) AS average,
       (SELECT round(average_handle_time(p)::numeric, 3) FROM by_started_participation AS p) AS of_participations
FROM by_started AS a;

-- all that Processed brings is true
SELECT count(*) AS different
FROM (SELECT agent_id, interaction_guid, channel_guid, start, state, reason, duration_ms FROM truth
      EXCEPT ALL
      SELECT agent_id, interaction_guid, channel_guid, start, state, reason, duration_ms FROM by_processed) AS d;

-- the more often Started is polled, the more is missing
SELECT period, round(average_handle_time(delivery)::numeric, 3) AS average
FROM unnest('{5 minutes, 30 minutes, 2 hours, 1 day}'::interval[]) AS period, started(period)
GROUP BY period ORDER BY period;

SET client_min_messages = warning;
DROP SCHEMA polling CASCADE;
