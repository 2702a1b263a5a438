-- load_activities keeps the best known delivery of every activity, with the
-- participations in step; what it has no news of it does not write or lock.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA load_news;
SET search_path = load_news, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/loads.sql'
\set page `cat "$PG_ABS_SRCDIR/sql/data/page-interactions.json"`
\set mixed `cat "$PG_ABS_SRCDIR/sql/data/page-mixed.json"`
\set ECHO none
\i :include
\set ECHO all

--
-- News, and which delivery stands
--
SELECT create_activity_table('news');
CREATE VIEW news_of AS
    SELECT duration_ms, status, reason, direction, medium, medium_manager, reported_at,
           (SELECT count(*) FROM news) AS activities, out_of_step('news')
    FROM news;

-- an open activity ends
SELECT l FROM load_activities('news', page(item(status := '"Ongoing"', duration := 'null'), '2026-03-29T00:00:00Z')::json) AS l;
SELECT * FROM news_of;
SELECT ended_at, talk_ms, open, handled, status FROM news_participation;
SELECT l FROM load_activities('news', page(item(status := '"Ongoing"', duration := '5000'), '2026-03-29T00:01:00Z')::json) AS l;
SELECT * FROM news_of;
SELECT ended_at, talk_ms, open, handled, status FROM news_participation;
-- Ongoing is Completed
SELECT l FROM load_activities('news', page(item(status := '"Completed"', duration := '5000'), '2026-03-29T00:02:00Z')::json) AS l;
SELECT * FROM news_of;
-- what is older, or knows less, is no news: a duration is never lost
SELECT ctid AS place, xmin AS stored_by, xmax AS locked_by FROM news \gset
SELECT what, l
FROM (VALUES (1, 'the same again', page(item(duration := '5000'), '2026-03-29T00:02:00Z')),
             (2, 'an earlier report', page(item(duration := '9999'), '2026-03-29T00:01:59.999Z')),
             (3, 'a report without a time', item(duration := '9999')),
             (4, 'a later one, of an open activity', page(item(duration := 'null'), '2026-03-30T00:00:00Z')),
             (5, 'a later one, Ongoing', page(item(status := '"Ongoing"', duration := '9999'), '2026-03-30T00:00:00Z')),
             (6, 'a later one, InternalError', page(item(status := '"InternalError"', duration := '9999'), '2026-03-30T00:00:00Z')),
             (7, 'a later one, without a status', page(item(status := 'null', duration := '9999'), '2026-03-30T00:00:00Z')),
             (8, 'a shorter duration', page(item(duration := '4999'), '2026-03-29T00:02:00Z'))
     ) AS d (nr, what, document),
     load_activities('news', document::json) AS l
ORDER BY nr;
SELECT * FROM news_of;
-- nor does it lock what is stored, or write anything there
SELECT ctid = :'place' AND xmin = :'stored_by' AS not_written, xmax = :'locked_by' AS not_locked FROM news;
-- each of these is news
SELECT what, l
FROM (VALUES (1, 'a longer duration', page(item(duration := '5001'), '2026-03-29T00:02:00Z')),
             (2, 'a reason', page(item(duration := '5001', reason := '"Resumed"'), '2026-03-29T00:02:00Z')),
             (3, 'a later reason', page(item(duration := '5001', reason := '"Unparked"'), '2026-03-29T00:02:00Z')),
             (4, 'a direction', page(item(duration := '5001', reason := '"Unparked"', direction := '"Outbound"'), '2026-03-29T00:02:00Z')),
             (5, 'a later report, with all else less', page(item(duration := '0', medium := 'null', manager := 'null', direction := 'null'), '2026-03-29T00:02:00.001Z')),
             (6, 'a medium', page(item(duration := '0', medium := '"Case"', manager := 'null', direction := 'null'), '2026-03-29T00:02:00.001Z')),
             (7, 'its manager', page(item(duration := '0', medium := '"Case"', manager := '""', direction := 'null'), '2026-03-29T00:02:00.001Z')),
             (8, 'only the time of the report', page(item(duration := '0', medium := '"Case"', manager := '""', direction := 'null'), '2026-03-29T00:03:00Z'))
     ) AS d (nr, what, document),
     load_activities('news', document::jsonb) AS l
ORDER BY nr;
SELECT * FROM news_of;

-- without a duration: Ongoing, InternalError, Completed
TRUNCATE news, news_participation;
SELECT status, l
FROM (VALUES (1, 'null'), (2, '"Ongoing"'), (3, 'null'), (4, '"InternalError"'), (5, '"Ongoing"'),
             (6, '"Completed"'), (7, '"InternalError"')) AS s (nr, status),
     load_activities('news', page(item(status := status, duration := 'null'))::json) AS l
ORDER BY nr;
SELECT * FROM news_of;
SELECT ended_at, open, status FROM news_participation;
TRUNCATE news, news_participation;
SELECT l FROM load_activities('news', page(item(status := '"InternalError"', duration := 'null'))::json) AS l;
SELECT ended_at, open, status FROM news_participation;
-- a known duration, even Ongoing, beats Completed without one
SELECT l FROM load_activities('news', page(item(status := '"Completed"', duration := 'null'), '2026-03-31T00:00:00Z')::json) AS l;
SELECT l FROM load_activities('news', page(item(status := '"Ongoing"', duration := '0'), '2026-03-01T00:00:00Z')::json) AS l;
SELECT l FROM load_activities('news', page(item(status := '"Completed"', duration := 'null'), '2026-03-31T00:00:00Z')::json) AS l;
SELECT * FROM news_of;

-- a new activity of a participation, and other participations beside it; a null
-- channel and one without a guid are the same
TRUNCATE news, news_participation;
SELECT what, l
FROM (VALUES (1, 'the first', item()),
             (2, 'another state', item(state := '"Wrap"')),
             (3, 'another start', item(start := '"2026-03-28T23:45:00Z"')),
             (4, 'another agent', item(agent_id := '"01042"')),
             (5, 'another interaction', item(guid := '"7c1e0a10-0001-4a00-8000-0000000000a2"')),
             (6, 'no channel', item(channel := 'null')),
             (7, 'no channel, other words', replace(item(), '{"guid":"7c1e0a10-0011-4a00-8000-0000000000c0"}', 'null')),
             (8, 'no channel, other words', replace(item(), '{"guid":"7c1e0a10-0011-4a00-8000-0000000000c0"}', '{}')),
             (9, 'no channel, other words', replace(item(), ',"channel":{"guid":"7c1e0a10-0011-4a00-8000-0000000000c0"}', '')),
             (10, 'the agent''s id as a number', item(agent_id := '1042')),
             (11, 'the same time in words of its own', item(start := '"2026-03-29T00:40:00.0000+01:00"')),
             (12, 'the guids in capitals', item(guid := '"7C1E0A10-0001-4A00-8000-0000000000A1"'))
     ) AS d (nr, what, document),
     load_activities('news', document::json) AS l
ORDER BY nr;
SELECT (SELECT count(*) FROM news) AS activities, count(*) AS participations, out_of_step('news') FROM news_participation;

-- several deliveries within a page: one stands, all are counted
TRUNCATE news, news_participation;
SELECT * FROM load_activities('news', page(concat_ws(',', item(duration := 'null'), item(duration := '7'), item(duration := 'null'), item(state := '"Wrap"'), item(duration := '6')))::json);
SELECT state, duration_ms, out_of_step('news') FROM news ORDER BY state;
SELECT * FROM load_activities('news', page(concat_ws(',', item(duration := '8'), item(duration := '9'), item(state := '"Wrap"'), item(state := '"Failed"')))::json);
SELECT state, duration_ms, out_of_step('news') FROM news ORDER BY state;

-- in one transaction, in one statement
BEGIN;
SELECT * FROM load_activities('news', page(item(state := '"Unexpected"', duration := 'null'))::json);
SELECT * FROM load_activities('news', page(item(state := '"Unexpected"'))::json);
SELECT * FROM load_activities('news', page(item(state := '"Unexpected"'))::json);
SELECT out_of_step('news');
COMMIT;
SELECT sum(l.inserted) AS inserted, sum(l.updated) AS updated, sum(l.unchanged) AS unchanged
FROM generate_series(1, 10) AS n, load_activities('news', page(item(duration := (n + 10)::text))::json) AS l;
SELECT state, duration_ms, out_of_step('news') FROM news ORDER BY state;

--
--
-- Nothing is rewritten that there is no news of
--
SELECT create_activity_table('kept');
SELECT * FROM load_activities('kept', :'page'::json);
SELECT * FROM load_activities('kept', :'mixed'::json);
CREATE TABLE before AS SELECT * FROM versions('kept');
SELECT * FROM load_activities('kept', :'page'::json);
SELECT * FROM load_activities('kept', :'page'::jsonb);
SELECT * FROM load_activities('kept', (SELECT array_agg(a) FROM activities(:'mixed'::json) AS a));
SELECT count(*) AS rewritten FROM (SELECT * FROM versions('kept') EXCEPT TABLE before) AS v;
-- a page with all activities and news of one: an activity and its participation
SELECT l FROM load_activities('kept', replace(:'page', '"duration":161000', '"duration":161001')::json) AS l;
SELECT kept, key FROM (SELECT * FROM versions('kept') EXCEPT TABLE before) AS v ORDER BY kept;
SELECT count(*) AS gone FROM (TABLE before EXCEPT SELECT * FROM versions('kept')) AS v;
SELECT out_of_step('kept');
-- and one of another participation, which is new
SELECT l FROM load_activities('kept', (SELECT array_agg(a) || item FROM activities(:'page'::json) AS a, (
    SELECT activities(item(guid := '"7c1e0a10-0001-4a00-8000-0000000000ff"')::json) AS item) AS i GROUP BY item)) AS l;
SELECT kept, key FROM (SELECT * FROM versions('kept') EXCEPT TABLE before) AS v WHERE key LIKE '%0000ff%' ORDER BY kept;
SELECT count(*) AS rewritten FROM (SELECT * FROM versions('kept') EXCEPT TABLE before) AS v;
SELECT out_of_step('kept');

-- A later report of all the same: one update of each row, in its block, so that no index has a new entry
SELECT create_activity_table('reported');
SELECT l FROM load_activities('reported', :'page'::json) AS l;
BEGIN;
SELECT l FROM load_activities('reported', (:'page'::jsonb || '{"upTo": "2026-03-30T00:00:00Z"}')) AS l;
SELECT relname, n_tup_upd, n_tup_hot_upd = n_tup_upd AS in_their_blocks
FROM pg_stat_xact_user_tables WHERE relid IN ('reported'::regclass, 'reported_participation'::regclass) ORDER BY relname COLLATE "C";
COMMIT;
SELECT count(*), min(reported_at), (SELECT count(*) FROM reported_participation) AS participations FROM reported;
-- and new activities: each row of either table is written once
BEGIN;
SELECT create_activity_table('written');
SELECT l FROM load_activities('written', :'page'::json) AS l;
SELECT relname, n_tup_ins, n_tup_upd, n_tup_del
FROM pg_stat_xact_user_tables WHERE relid IN ('written'::regclass, 'written_participation'::regclass) ORDER BY relname COLLATE "C";
COMMIT;

SET client_min_messages = warning;
DROP SCHEMA load_news CASCADE;
