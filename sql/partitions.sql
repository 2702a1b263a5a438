-- create_activity_table(name, partition_by) makes a table partitioned by start, with a default partition and the current
-- one; add_activity_partitions makes those to come, and moves out of the default partition what belongs into them. No
-- load fails for want of a partition, and none makes a participation that is not that of its activities.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA partitions;
SET search_path = partitions, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/loads.sql'
\set ECHO none
\i :include
\set ECHO all

-- the partitions of a table; time has passed since this was written, so only those before 2026-06
CREATE VIEW partition AS
    SELECT i.inhparent::regclass AS parent, c.relname, pg_get_expr(relpartbound, c.oid) AS bounds, c.oid
    FROM pg_class AS c JOIN pg_inherits AS i ON inhrelid = c.oid
    WHERE relnamespace = 'partitions'::regnamespace AND relkind = 'r';
CREATE FUNCTION partitions_of(target regclass) RETURNS TABLE (name name, activities bigint, bounds text) LANGUAGE plpgsql AS $$
BEGIN
    FOR name, bounds IN SELECT p.relname, p.bounds FROM partition AS p WHERE parent = target ORDER BY p.relname COLLATE "C" LOOP
        EXECUTE format('SELECT count(*) FROM %I', name) INTO activities;
        IF bounds = 'DEFAULT' OR bounds < 'FOR VALUES FROM (''2026-06' COLLATE "C" THEN
            RETURN NEXT;
        END IF;
    END LOOP;
END
$$;

--
-- What is made
--
SELECT create_activity_table('months', 'month'), create_activity_table('weeks', partition_by => 'week'),
       create_activity_table('days', 'day'), create_activity_table('plain', NULL);
SELECT relname, relkind, reloftype::regtype, pg_get_partkeydef(oid)
  FROM pg_class WHERE relname ~ '^(months|weeks|days|plain)(_participation|_presence)?$' AND relnamespace = 'partitions'::regnamespace
 ORDER BY relname COLLATE "C";
-- the default and the current one, which begins in UTC
SELECT parent, count(*) FILTER (WHERE bounds = 'DEFAULT') AS default_partitions,
       bool_or(bounds = format('FOR VALUES FROM (%L) TO (%L)', date_trunc(unit, now()), date_trunc(unit, now()) + ('1 ' || unit)::interval)
               AND relname = format(CASE unit WHEN 'month' THEN '%s_p%s' ELSE '%s_p%s_%s' END, parent, to_char(now(), 'YYYY_MM'), to_char(date_trunc(unit, now()), 'DD'))) AS current,
       count(*) AS partitions
  FROM partition JOIN (VALUES ('months', 'month'), ('weeks', 'week'), ('days', 'day')) AS u (name, unit) ON parent = name::regclass
 GROUP BY parent ORDER BY parent::text COLLATE "C";
-- each with the indexes, keys, comments and owner of the table
SELECT parent, count(DISTINCT (SELECT string_agg(concat_ws(' ', amname, indisunique, indnullsnotdistinct, pg_get_expr(indpred, indrelid)), ', ' ORDER BY amname, indpred::text)
                               FROM pg_index JOIN pg_class AS i ON i.oid = indexrelid JOIN pg_am AS a ON a.oid = i.relam WHERE indrelid IN (p.oid, parent))) AS kinds,
       min((SELECT count(*) FROM pg_index WHERE indrelid = p.oid)) AS indexes,
       bool_and((SELECT count(col_description(p.oid, attnum)) = count(*) FROM pg_attribute WHERE attrelid = p.oid AND attnum > 0)) FILTER (WHERE bounds <> 'DEFAULT') AS columns_commented,
       bool_and(obj_description(p.oid, 'pg_class') LIKE format('activities of %s that %%', parent)) AS commented,
       bool_and((SELECT array_agg(attname ORDER BY attnum) FROM pg_attribute WHERE attrelid = p.oid AND attnum > 0 AND attnotnull)
                = '{start,state,interaction_guid,agent_id}') AS not_null
  FROM partition AS p GROUP BY parent ORDER BY parent::text COLLATE "C";
-- its rows pass for the type
SELECT inserted FROM load_activities('months', page(item())::json);
SELECT handle_time(m), (SELECT handle_time(p) FROM months_participation AS p) FROM months AS m;
\pset format unaligned
\pset tuples_only on
SELECT refusal(format('SELECT create_activity_table(''other'', %L)', partition_by)) FROM unnest('{Month,year,"",hash}'::text[]) AS partition_by;
\pset tuples_only off
\pset format aligned

--
-- Moved out of the default partition
--
CREATE TABLE pages AS
    SELECT n, page(string_agg(item(agent_id := to_json((n % 3)::text)::text, start := to_json(s.start)::text, duration := (60000 * i)::text, guid := to_json(md5((n / 4)::text)::uuid)::text,
                                   state := (ARRAY['"Ringing"', '"Connected"', '"Wrap"'])[i]), ',' ORDER BY i))::jsonb AS page
      FROM generate_series(1, 90) AS n, generate_series(1, 3) AS i,
           -- one in four comes back in two weeks, and again
           LATERAL (SELECT '2026-01-01 00:00Z'::timestamptz + n * interval '25 hours' + i * CASE WHEN n % 4 = 0 THEN interval '13 days' ELSE interval '1 minute' END) AS s (start)
     GROUP BY n;
SELECT sum(inserted) AS inserted, sum(outdated) AS outdated FROM pages, load_activities('months', page);
SELECT sum(inserted) AS inserted FROM pages, load_activities('weeks', page);
SELECT sum(inserted) AS inserted FROM pages, load_activities('plain', page);
SELECT * FROM partitions_of('months');
CREATE TABLE before AS TABLE months;
CREATE TABLE before_participation AS TABLE months_participation;

-- whatever the session's settings
SET timezone = 'Asia/Kolkata';
SET datestyle = 'Postgres, DMY';
SELECT m FROM add_activity_partitions('months', '2026-03-01 00:00Z') AS m;
SELECT m FROM add_activity_partitions('months', '2026-03-01 00:00Z') AS m;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SELECT * FROM partitions_of('months');
SELECT m FROM add_activity_partitions('months', '2026-03-01 00:00:01Z') AS m;
SELECT m FROM add_activity_partitions('months', '2026-05-31') AS m;
SELECT * FROM partitions_of('months');
SELECT difference('months', 'before'), difference('months_participation', 'before_participation'), out_of_step('months');
SELECT count(*) AS weeks FROM add_activity_partitions('weeks', '2026-05-01');
SELECT count(*) AS weeks, min(bounds COLLATE "C"), max(bounds COLLATE "C") FROM partitions_of('weeks') WHERE bounds <> 'DEFAULT';
-- what is delivered again is known there, and what is new goes there
SELECT sum(inserted) AS inserted, sum(updated) AS updated, sum(unchanged) AS unchanged FROM pages, load_activities('months', page);
SELECT sum(inserted) AS inserted, sum(updated) AS updated FROM load_activities('months', page(item(start := '"2026-02-11T10:00:00Z"') || ',' || item(start := '"2025-02-11T10:00:00Z"'))::json);
SELECT * FROM partitions_of('months') WHERE activities > 0;
SELECT out_of_step('months'), out_of_step('weeks');

-- those to come: as many as until, with no hole
SELECT count(*) BETWEEN 12 AND 13 AS a_year FROM add_activity_partitions('months', now() + interval '1 year');
SELECT count(*) AS holes
  FROM (SELECT from_time, lag(to_time) OVER (ORDER BY from_time) AS to_time FROM activity_partitions('months') WHERE to_time > now()) AS p
 WHERE from_time <> to_time;
SELECT max(to_time) >= now() + interval '1 year' AS far_enough FROM activity_partitions('months');

-- all metrics and intervals are those of a table that is not partitioned
DELETE FROM months WHERE interaction_guid = '7c1e0a10-0001-4a00-8000-0000000000a1';
SELECT repair_participations('months');
SELECT difference('months', 'plain'), difference('months_participation', 'plain_participation'), difference('weeks', 'plain'), difference('weeks_participation', 'plain_participation');
SELECT count(*) FROM (SELECT * FROM activity_intervals('months', '2026-01-01', '2026-06-01', '1 day') EXCEPT ALL SELECT * FROM activity_intervals('plain', '2026-01-01', '2026-06-01', '1 day')) AS d;

--
-- Participations of any time, in any order: the same as without partitions
--
-- every activity is delivered three times, and may then be open, shorter, or Monitor
CREATE FUNCTION draw(of text, most integer) RETURNS integer LANGUAGE sql IMMUTABLE
    RETURN (('x' || left(md5(of), 8))::bit(32)::bigint % most)::integer;
CREATE TABLE delivery AS
    SELECT draw(delivered || 'order', 1000000) AS place, item(
               agent_id := to_json((n % 5)::text)::text,
               guid := to_json(md5((n % 150)::text)::uuid)::text,
               channel := CASE WHEN n % 3 = 0 THEN 'null' ELSE to_json(md5((n % 2)::text)::uuid)::text END,
               start := to_json('2026-01-01 00:00Z'::timestamptz + draw(n || 'start', 40 * 24) * interval '1 hour')::text,
               state := to_json((ARRAY['Ringing', 'Connected', 'Connected', 'Wrap', 'Unexpected', 'Failed'])[1 + draw(n || 'state', 6)])::text,
               reason := CASE WHEN draw(delivered || 'monitor', 30) = 0 THEN '"Monitor"' ELSE 'null' END,
               duration := CASE WHEN draw(n || 'open', 6) = 0 THEN 'null' ELSE draw(delivered || 'duration', 4 * 86400000)::text END,
               status := to_json((ARRAY['Ongoing', 'Completed', 'InternalError'])[1 + draw(delivered || 'status', 3)])::text) AS item,
           format('2026-03-%sT00:00:00Z', 10 + draw(delivered || 'upTo', 20)) AS up_to
      FROM generate_series(1, 600) AS n, generate_series(1, 3) AS time, concat(n, ' ', time, ' ') AS delivered;
CREATE TABLE shuffled AS
    SELECT place / 25000 AS n, page(string_agg(item, ',' ORDER BY place), up_to)::jsonb AS page FROM delivery GROUP BY place / 25000, up_to;
SELECT count(*) > 500 AS many FROM shuffled;
SELECT create_activity_table('any_time'), create_activity_table('any_day', 'day'), create_activity_table('any_month', 'month');
DO $$
BEGIN
    FOR day IN 0 .. 41 LOOP
        EXECUTE format('CREATE TABLE any_day_%s PARTITION OF any_day FOR VALUES FROM (%L) TO (%L)', day, date '2026-01-01' + day, date '2026-01-02' + day);
    END LOOP;
    CREATE TABLE any_month_1 PARTITION OF any_month FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
END
$$;
CREATE TABLE any_agent OF activity PARTITION BY HASH (agent_id);
CREATE TABLE any_agent_0 PARTITION OF any_agent FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE any_agent_1 PARTITION OF any_agent FOR VALUES WITH (MODULUS 2, REMAINDER 1);
ALTER TABLE any_agent ADD UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid, start, state);
CREATE TABLE any_agent_participation (LIKE any_time_participation INCLUDING ALL);
CREATE TABLE any_agent_presence (LIKE any_time_presence INCLUDING ALL);
SELECT sum(inserted) AS inserted FROM (TABLE shuffled ORDER BY n, page OFFSET 0) AS s, load_activities('any_time', page);
SELECT sum(inserted) AS inserted FROM (TABLE shuffled ORDER BY n, page OFFSET 0) AS s, load_activities('any_day', page);
SELECT sum(inserted) AS inserted FROM (TABLE shuffled ORDER BY md5(page::text) OFFSET 0) AS s, load_activities('any_month', page);
SELECT sum(inserted) AS inserted FROM (TABLE shuffled ORDER BY md5(page::text) DESC OFFSET 0) AS s, load_activities('any_agent', page);
SELECT count(*) AS participations, count(*) FILTER (WHERE has_monitor) AS with_monitor, count(*) FILTER (WHERE ended_at IS NULL) AS without_end,
       count(*) FILTER (WHERE ended_at > started_at + interval '10 days') AS long
  FROM any_time_participation;
SELECT out_of_step('any_time'), out_of_step('any_day'), out_of_step('any_month'), out_of_step('any_agent');
SELECT difference('any_time', 'any_day'), difference('any_time', 'any_month'), difference('any_time', 'any_agent');
-- so many of one page that they are computed together
SELECT create_activity_table('at_once', 'month');
CREATE TABLE at_once_1 PARTITION OF at_once FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
SELECT sum(inserted) > 100 AS some FROM shuffled, load_activities('at_once', page) WHERE n < 20;
SELECT updated > 50 AS many FROM load_activities('at_once', ARRAY(SELECT a FROM shuffled, activities(page) AS a WHERE n >= 20));
SELECT out_of_step('at_once'), difference('any_time', 'at_once'), difference('any_time_participation', 'at_once_participation');

--
-- Tables partitioned by hand
--
-- without a default partition, the error says what to do; and the page is loaded after
CREATE TABLE own (gone integer, LIKE activity, UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid, start, state)) PARTITION BY RANGE (start);
CREATE TABLE own_participation (LIKE participation, UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid));
CREATE TABLE own_2026_01 PARTITION OF own FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
\pset format unaligned
\pset tuples_only on
SELECT refusal(format('SELECT load_activities(''own'', %L::json)', page(item(start := '"2026-03-09T16:00:00Z"'))));
\pset tuples_only off
\pset format aligned
CREATE TABLE own_default PARTITION OF own DEFAULT;
SELECT sum(inserted) AS inserted FROM pages, load_activities('own', page);
-- published: a new partition must be, too
ALTER TABLE own REPLICA IDENTITY FULL;
-- columns of one's own, dropped ones and generated ones
ALTER TABLE own DROP COLUMN gone, ADD COLUMN account text DEFAULT 'acme', ADD COLUMN minute timestamptz GENERATED ALWAYS AS (start) STORED;
UPDATE own SET account = 'other' WHERE agent_id = '1';
CREATE TABLE own_before AS TABLE own;
SELECT m FROM add_activity_partitions('own', '2026-05-01') AS m;
SELECT * FROM partitions_of('own');
SELECT difference('own', 'own_before');
SELECT relreplident, count(*) FROM partition JOIN pg_class USING (oid) WHERE parent = 'own'::regclass GROUP BY relreplident ORDER BY relreplident;
SELECT sum(inserted) AS inserted, sum(updated) AS updated, sum(unchanged) AS unchanged FROM pages, load_activities('own', page);
-- a check of somebody else's keeps its message
ALTER TABLE own_2026_01 ADD CHECK (duration_ms < 1000000);
DROP TABLE own_default;
\pset format unaligned
\pset tuples_only on
SELECT refusal(format('SELECT load_activities(''own'', %L::json)', page(item(start := '"2026-01-11T10:00:00Z"', duration := '1000000')))) ~ '^23514 \| new row for relation "own_2026_01" violates check constraint';

--
-- Errors
--
CREATE TABLE quarters OF activity PARTITION BY RANGE (start);
CREATE TABLE hashes OF activity PARTITION BY HASH (agent_id);
CREATE TABLE quarter PARTITION OF quarters FOR VALUES FROM ('2026-01-01') TO ('2026-04-01');
SELECT refusal(format('SELECT add_activity_partitions(%L, %L)', target, until))
  FROM (VALUES (1, 'months', NULL), (2, NULL, '2026-01-01'), (3, 'months', 'infinity'), (4, 'plain', '2026-01-01'), (5, 'months_default', '2026-01-01'),
               (6, 'quarters', '2027-01-01'), (7, 'hashes', '2027-01-01')) AS v (nr, target, until) ORDER BY nr;
CREATE ROLE regress_activity_partitions;
GRANT USAGE ON SCHEMA partitions TO regress_activity_partitions;
GRANT ALL ON months, months_participation TO regress_activity_partitions;
SET ROLE regress_activity_partitions;
SELECT refusal('SELECT add_activity_partitions(''months'', now() + interval ''2 years'')');
RESET ROLE;
-- made by a superuser, they are the owner's
GRANT CREATE ON SCHEMA partitions TO regress_activity_partitions;
SET ROLE regress_activity_partitions;
SELECT create_activity_table('theirs', 'day');
RESET ROLE;
SELECT count(*) > 0 FROM add_activity_partitions('theirs', now() + interval '3 days');
SELECT DISTINCT pg_get_userbyid(relowner) FROM partition JOIN pg_class USING (oid) WHERE parent = 'theirs'::regclass;

SET client_min_messages = warning;
DROP SCHEMA partitions CASCADE;
DROP ROLE regress_activity_partitions;
