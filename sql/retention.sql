-- forget_activities removes whole participations that ended before a time, with their activities, and presences that
-- another one ended; all levels agree on what is left, and reports of later windows stay the same. What was forgotten is
-- outdated when it is delivered again. repair_participations makes participations those of the activities that are there.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA retention;
SET search_path = retention, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/loads.sql'
\set ECHO none
\i :include
\set ECHO all
\pset null -

-- one participation each, named by its agent; all forgotten up to 2026-02-01
CREATE TABLE sample (nr integer, agent text, what text, items text);
CREATE FUNCTION of_agent(agent text, start text, duration text, state text DEFAULT 'Connected', status text DEFAULT 'Completed', reason text DEFAULT NULL, channel text DEFAULT NULL)
RETURNS text RETURN item(agent_id := to_json(agent)::text, start := to_json(start || 'Z')::text, duration := coalesce(duration, 'null'), state := to_json(state)::text,
    status := to_json(status)::text, reason := coalesce(to_json(reason)::text, 'null'), channel := coalesce(to_json(channel)::text, 'null'));
INSERT INTO sample VALUES
    (1, 'over', 'ended long before', of_agent('over', '2026-01-10T10:00:00', '60000')),
    (2, 'just', 'ended just before', of_agent('just', '2026-01-31T23:59:00', '59999')),
    (3, 'touches', 'ended at it: goes on', of_agent('touches', '2026-01-31T23:59:00', '60000')),
    (4, 'crosses', 'began before it, ended after it', of_agent('crosses', '2026-01-31T23:59:00', '600000')),
    (5, 'parked', 'came back after it', of_agent('parked', '2026-01-10T10:00:00', '60000') || ',' || of_agent('parked', '2026-02-10T10:00:00', '60000')),
    (6, 'open', 'goes on', of_agent('open', '2026-01-10T10:00:00', NULL, status := 'Ongoing')),
    (7, 'open-first', 'one that is not the last goes on', of_agent('open-first', '2026-01-10T10:00:00', NULL, 'Ringing') || ',' || of_agent('open-first', '2026-01-10T11:00:00', '60000')),
    (8, 'lost', 'lost its end', of_agent('lost', '2026-01-10T10:00:00', NULL, status := 'InternalError')),
    (9, 'monitor', 'only Monitor, ended', of_agent('monitor', '2026-01-10T10:00:00', '60000', reason := 'Monitor')),
    (10, 'monitor-open', 'ended, with a Monitor that goes on', of_agent('monitor-open', '2026-01-10T10:00:00', '60000') || ',' || of_agent('monitor-open', '2026-01-10T10:00:10', NULL, reason := 'Monitor')),
    (11, 'monitor-later', 'ended, with a Monitor that ended after it', of_agent('monitor-later', '2026-01-31T23:00:00', '60000') || ',' || of_agent('monitor-later', '2026-01-31T23:00:10', '3600000', reason := 'Monitor')),
    (12, 'later', 'began after it', of_agent('later', '2026-02-01T00:00:00', '0')),
    (13, 'channels', 'one of its channels ended', of_agent('channels', '2026-01-10T10:00:00', '60000', channel := '7c1e0a10-0011-4a00-8000-0000000000c1') || ',' ||
        of_agent('channels', '2026-02-10T10:00:00', '60000') || ',' || of_agent('channels', '2026-02-10T10:00:00', '60000', channel := '7c1e0a10-0011-4a00-8000-0000000000c2'));
CREATE TABLE presences (body text);
INSERT INTO presences SELECT page(string_agg(presence_item(agent_id := to_json(agent)::text, start := to_json(start || 'Z')::text, duration := coalesce(duration, 'null'), state := format('"state":"%s"', state)), ','))
  FROM (VALUES ('in-force', '2026-01-05T08:00:00', '3600000', 'Ready'), ('in-force', '2026-01-05T09:00:00', NULL, 'Away'), ('in-force', '2026-01-31T08:00:00', NULL, 'Ready'),
               ('in-force', '2026-02-02T08:00:00', NULL, 'LoggedOut'), ('at-it', '2026-01-31T08:00:00', '57600000', 'Ready'), ('at-it', '2026-02-01T00:00:00', NULL, 'Away'),
               ('only', '2026-01-05T08:00:00', '3600000', 'Ready'), ('later', '2026-02-05T08:00:00', NULL, 'Ready'),
               ('together', '2026-01-04T08:00:00', NULL, 'Ready'), ('together', '2026-01-05T08:00:00', NULL, 'Ready'), ('together', '2026-01-05T08:00:00', '0', 'Away')) AS v (agent, start, duration, state);

SELECT create_activity_table('kept'), create_activity_table('months', 'month');
SELECT sum(inserted) AS inserted FROM sample, load_activities('kept', page(items)::json);
SELECT inserted FROM presences, load_activities('kept', body::json);
SELECT sum(inserted) AS inserted FROM sample, load_activities('months', page(items)::jsonb);
SELECT inserted FROM presences, load_activities('months', body::jsonb);
SELECT add_activity_partitions('months', '2026-03-01');
CREATE TABLE later_intervals AS SELECT * FROM agent_intervals('kept', '2026-02-01', '2026-03-01', '1 hour', '2026-03-01');
CREATE TABLE later_activity AS SELECT * FROM activity_intervals('kept', '2026-02-01', '2026-03-01', '1 hour');

--
-- What it removes
--
CALL forget_activities('kept', '2026-02-01');
SELECT nr, what, count(p.agent_id) AS participations, sum((SELECT count(*) FROM kept AS k WHERE k.agent_id = p.agent_id AND k.channel_guid IS NOT DISTINCT FROM p.channel_guid)) AS activities
  FROM sample AS s LEFT JOIN kept_participation AS p ON p.agent_id = s.agent GROUP BY nr, what ORDER BY nr;
SELECT agent_id, start, category FROM kept_presence ORDER BY agent_id COLLATE "C", start, category;
TABLE kept_forgotten;
SELECT out_of_step('kept');
-- levels 2, 3 and 4
SELECT handle_time(k), talk_time(k), handled_participations(k), offered_participations(k), average_handle_time(k) FROM kept AS k;
SELECT handle_time(p), talk_time(p), handled_participations(p), offered_participations(p), average_handle_time(p) FROM kept_participation AS p;
SELECT sum(handle_ms) AS handle_ms, sum(handled) AS handled, sum(offered) AS offered FROM (SELECT (interaction(p)).* FROM kept_participation AS p GROUP BY interaction_guid) AS i;
-- windows from then on
SELECT count(*) > 700 AS intervals FROM later_intervals;
SELECT (SELECT count(*) FROM (SELECT * FROM agent_intervals('kept', '2026-02-01', '2026-03-01', '1 hour', '2026-03-01') EXCEPT ALL TABLE later_intervals) AS d) AS new_ones,
       (SELECT count(*) FROM (TABLE later_intervals EXCEPT ALL SELECT * FROM agent_intervals('kept', '2026-02-01', '2026-03-01', '1 hour', '2026-03-01')) AS d) AS gone;
SELECT count(*) FROM (TABLE later_activity EXCEPT ALL SELECT * FROM activity_intervals('kept', '2026-02-01', '2026-03-01', '1 hour')) AS gone;
-- in batches of one, from partitions: the same, and January is dropped when nothing is left of it
CALL forget_activities('months', '2026-02-01', 1);
SELECT difference('kept', 'months'), difference('kept_participation', 'months_participation'), difference('kept_presence', 'months_presence');
SELECT difference('kept_forgotten', 'months_forgotten');
SELECT to_regclass('months_p2026_01');
-- again there is nothing to do, an earlier time does not count, a later one goes on
CALL forget_activities('kept', '2026-02-01');
CALL forget_activities('kept', '2026-01-01');
TABLE kept_forgotten;
DELETE FROM months WHERE duration_ms IS NULL;
SELECT repair_participations('months');
CALL forget_activities('months', '2026-02-12', partitions => NULL);
SELECT to_regclass('months_p2026_01'), to_regclass('months_p2026_02'), (SELECT count(*) FROM months) AS activities, out_of_step('months');
TABLE months_forgotten;

--
-- Late deliveries
--
SELECT l.*, agent FROM sample, load_activities('kept', page(items)::json) AS l ORDER BY nr;
SELECT l.* FROM sample, load_activities('kept', page(items)::jsonb) AS l WHERE nr = 1;
SELECT l.* FROM load_activities('kept', ARRAY(SELECT a::activity FROM sample, activities(page(items)::json) AS a)) AS l;
SELECT out_of_step('kept'), count(*) AS activities FROM kept;
-- whatever it says
SELECT l.* FROM load_activities('kept', page(of_agent('over', '2026-01-10T10:00:00', NULL, status := 'Ongoing') || ',' || of_agent('over', '2026-01-10T10:01:00', '5184000000', 'Wrap'))::json) AS l;
-- the whole of a page that also has a later one is stored: the participation goes on
SELECT l.* FROM load_activities('kept', page(of_agent('over', '2026-01-10T10:00:00', '60000') || ',' || of_agent('over', '2026-02-10T10:00:00', '60000') || ',' || of_agent('just', '2026-01-31T23:59:00', '59999'))::json) AS l;
SELECT agent_id, talk_ms, started_at FROM kept_participation WHERE agent_id IN ('over', 'just');
-- news of what is stored
SELECT l.* FROM load_activities('kept', page(of_agent('open', '2026-01-10T10:00:00', '60000') || ',' || of_agent('open', '2026-01-10T10:01:00', '5000', 'Wrap'))::json) AS l;
SELECT agent_id, talk_ms, wrap_ms, open FROM kept_participation WHERE agent_id = 'open';
-- presences: not what another one ended, but news of those that are stored, and what came after them
SELECT l.* FROM presences, load_activities('kept', body::json) AS l;
SELECT l.* FROM load_activities('kept', page(presence_item('"in-force"', '"2026-01-31T08:00:00Z"', '172800000') || ',' || presence_item('"in-force"', '"2026-01-31T09:00:00Z"') || ',' ||
    presence_item('"in-force"', '"2026-01-31T07:00:00Z"') || ',' || presence_item('"new"', '"2026-01-01T07:00:00Z"'))::json) AS l;
SELECT agent_id, start, category, duration_ms FROM kept_presence WHERE agent_id IN ('in-force', 'new') ORDER BY agent_id COLLATE "C", start;
-- an item that is bad is rejected, and a page with outdated ones is loaded
SELECT l.* FROM load_activities('kept', page(of_agent('just', '2026-01-31T23:59:00', '59999') || ',7,' || of_agent('later', '2026-02-01T00:00:01', '1000'))::json, 'ignore') AS l;
-- to load it again after all
DELETE FROM kept_forgotten;
SELECT sum(l.inserted) AS inserted, sum(l.outdated) AS outdated FROM sample, load_activities('kept', page(items)::json) AS l;
SELECT out_of_step('kept');
CALL forget_activities('kept', '2026-02-01');
TABLE kept_forgotten;

--
-- Dropped by hand
--
SELECT create_activity_table('dropped', 'month');
SELECT sum(inserted) AS inserted FROM sample, load_activities('dropped', page(items)::json);
SELECT count(*) > 0 AS added FROM add_activity_partitions('dropped', now());
UPDATE dropped_participation SET talk_ms = 7 WHERE agent_id = 'later';
DELETE FROM dropped_participation WHERE agent_id = 'channels' AND channel_guid IS NULL;
INSERT INTO dropped_participation (agent_id, interaction_guid) VALUES ('made up', '7c1e0a10-0001-4a00-8000-0000000000a1');
SELECT out_of_step('dropped'), repair_participations('dropped'), repair_participations('dropped'), out_of_step('dropped');
DROP TABLE dropped_p2026_01;
SELECT out_of_step('dropped');
SELECT repair_participations('dropped');
SELECT out_of_step('dropped'), array_agg(agent_id ORDER BY agent_id COLLATE "C") FROM dropped_participation;
-- a late item does not refuse its page
SELECT l.* FROM sample, load_activities('dropped', page(items)::json) AS l WHERE nr = 1;
SELECT tableoid::regclass, count(*) FROM dropped GROUP BY tableoid ORDER BY tableoid::regclass::text COLLATE "C";
-- columns of one's own stay
ALTER TABLE dropped_participation NOT OF;
ALTER TABLE dropped_participation ADD COLUMN account text DEFAULT 'acme';
UPDATE dropped_participation SET account = 'other', talk_ms = 9;
SELECT repair_participations('dropped');
SELECT DISTINCT account FROM dropped_participation;

--
-- Errors, and who may
--
\set VERBOSITY terse
BEGIN;
CALL forget_activities('kept', '2026-02-01');
ROLLBACK;
CREATE FUNCTION forget(OUT participations bigint, OUT activities bigint, OUT presences bigint, OUT partitions bigint) LANGUAGE plpgsql
    AS $$ BEGIN CALL forget_activities('kept', '2026-02-01', 10000, participations, activities, presences, partitions); END $$;
SELECT forget();
-- a block without a transaction of its own around it
DO $$
DECLARE
    p bigint; a bigint; r bigint; t bigint;
BEGIN
    CALL forget_activities('kept', '2026-02-01', 10000, p, a, r, t);
    RAISE NOTICE '% % % %', p, a, r, t;
END
$$;
CALL forget_activities(NULL, '2026-02-01');
CALL forget_activities('kept', NULL);
CALL forget_activities('kept', '2026-02-01', NULL);
CALL forget_activities('kept', '2026-02-01', 0);
CALL forget_activities('kept', 'infinity');
CALL forget_activities('kept', '-infinity');
CALL forget_activities('kept', now() + interval '1 hour');
CALL forget_activities('sample', '2026-02-01');
CALL forget_activities('kept_participation', '2026-02-01');
CALL forget_activities(0, '2026-02-01');
SELECT repair_participations(NULL);
SELECT repair_participations('sample');
CREATE ROLE regress_activity_retention;
GRANT USAGE ON SCHEMA retention TO regress_activity_retention;
GRANT ALL ON kept, kept_participation, kept_presence TO regress_activity_retention;
GRANT SELECT ON sample TO PUBLIC;
SET ROLE regress_activity_retention;
CALL forget_activities('kept', '2026-02-01');
SELECT repair_participations('kept');
-- who loads needs no right on NAME_forgotten, and may not change it
SELECT l.* FROM sample, load_activities('kept', page(items)::json) AS l WHERE nr = 2;
DELETE FROM kept_forgotten;
RESET ROLE;
-- a member of the owner may, and the tables are the owner's
CREATE ROLE regress_activity_member;
GRANT CREATE ON SCHEMA retention TO regress_activity_retention;
GRANT regress_activity_retention TO regress_activity_member;
SET ROLE regress_activity_retention;
SELECT create_activity_table('theirs', 'month');
SELECT sum(inserted) AS inserted FROM sample, load_activities('theirs', page(items)::json);
SET ROLE regress_activity_member;
CALL forget_activities('theirs', '2026-02-01');
RESET ROLE;
SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'theirs_forgotten'::regclass;
-- a time that another role put beside a table is not obeyed
ALTER TABLE theirs_forgotten OWNER TO regress_activity_member;
SELECT refusal(format('SELECT load_activities(''theirs'', %L::json)', page(items))) FROM sample WHERE nr = 1;
ALTER TABLE theirs_forgotten OWNER TO regress_activity_retention;
-- neither is something else of this name
ALTER TABLE theirs_forgotten RENAME COLUMN before TO until;
SELECT refusal(format('SELECT load_activities(''theirs'', %L::json)', page(items))) FROM sample WHERE nr = 1;
ALTER TABLE theirs_forgotten RENAME COLUMN until TO before;
-- rows that a policy hides from the owner are not left behind
ALTER TABLE theirs ENABLE ROW LEVEL SECURITY;
ALTER TABLE theirs FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON theirs USING (agent_id = 'open');
SET ROLE regress_activity_retention;
CALL forget_activities('theirs', '2026-03-01');
SELECT repair_participations('theirs');
RESET ROLE;
ALTER TABLE theirs DISABLE ROW LEVEL SECURITY;
SELECT out_of_step('theirs');
-- names that need quotes, the extension in another schema, tables without one of presences
BEGIN;
CREATE SCHEMA "Ext.%s""1";
ALTER EXTENSION activity SET SCHEMA "Ext.%s""1";
COMMIT;
SET search_path = "Ext.%s""1";
SELECT create_activity_table('retention."Q {x} %I"', 'week');
SELECT inserted FROM retention.sample, load_activities('retention."Q {x} %I"', retention.page(items)::json) WHERE nr = 1;
DROP TABLE retention."Q {x} %I_presence";
SELECT count(*) AS added FROM add_activity_partitions('retention."Q {x} %I"', '2026-03-01');
CALL forget_activities('retention."Q {x} %I"', '2026-02-01');
SELECT outdated FROM retention.sample, load_activities('retention."Q {x} %I"', retention.page(items)::json) WHERE nr = 1;
SELECT repair_participations('retention."Q {x} %I"');
SET search_path = retention, public;
ALTER EXTENSION activity SET SCHEMA public;
SET client_min_messages = warning;
DROP SCHEMA "Ext.%s""1";
DROP SCHEMA retention CASCADE;
DROP ROLE regress_activity_member, regress_activity_retention;
