-- load_activities keeps the best known delivery of every activity, whatever the
-- order and repetition of pages, and the participations in step; it loads a
-- page whole or not at all, with the rights of its caller, and rewrites nothing
-- that it has no news of.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA load_activities;
SET search_path = load_activities, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/documents.sql'
\set generator :srcdir '/bench/generate.sql'
\set page `cat "$PG_ABS_SRCDIR/sql/data/page-interactions.json"`
\set mixed `cat "$PG_ABS_SRCDIR/sql/data/page-mixed.json"`
\set ECHO none
\i :include
\i :generator
\set ECHO all

-- a page of these items
CREATE FUNCTION page(items text, up_to text DEFAULT '2026-03-29T00:00:00Z')
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT format('{"items":[%s],"upTo":"%s"}', items, up_to)
$$;

-- the error that a command raises
CREATE FUNCTION refusal(command text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text; detail text; hint text;
BEGIN
    EXECUTE command;
    RETURN 'none';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(' | ', SQLSTATE, message, nullif(detail, ''), nullif(hint, ''));
END
$$;

-- how many participations of a table are not those computed from its activities
CREATE FUNCTION out_of_step(target regclass) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    result bigint;
BEGIN
    EXECUTE format($sql$
        WITH afresh AS (
            SELECT (p).* FROM (SELECT participation(a) AS p FROM %1$s AS a
                               GROUP BY agent_id, interaction_guid, channel_guid) AS v)
        SELECT count(*) FROM (
            (TABLE afresh EXCEPT ALL TABLE %2$s)
            UNION ALL (TABLE %2$s EXCEPT ALL TABLE afresh)) AS different
        $sql$, target,
        (SELECT format('%I.%I', nspname, relname || '_participation')
         FROM pg_catalog.pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace WHERE c.oid = target))
        INTO result;
    RETURN result;
END
$$;

-- how many rows are in one of two tables only
CREATE FUNCTION difference(a regclass, b regclass) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    result bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM ((TABLE %1$s EXCEPT ALL TABLE %2$s) UNION ALL (TABLE %2$s EXCEPT ALL TABLE %1$s)) AS d', a, b)
        INTO result;
    RETURN result;
END
$$;

-- where the rows of a table and its participations lie, and who wrote them
CREATE FUNCTION versions(target regclass) RETURNS TABLE (kept regclass, key text, version text) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT tableoid::regclass, concat_ws('' '', agent_id, interaction_guid, channel_guid, start, state), concat_ws('' '', ctid, xmin) FROM %1$s
         UNION ALL
         SELECT tableoid::regclass, concat_ws('' '', agent_id, interaction_guid, channel_guid), concat_ws('' '', ctid, xmin) FROM %1$s_participation', target);
END
$$;

--
-- The sample pages
--
SELECT create_activity_table('kept');
SELECT * FROM load_activities('kept', :'page'::json);
SELECT * FROM load_activities('kept', :'page'::json);
SELECT * FROM load_activities('kept', :'page'::jsonb);
SELECT * FROM load_activities('kept', :'mixed'::json);
SELECT out_of_step('kept');
SELECT count(*) AS activities, average_handle_time(a), unexpected_rate(a) FROM kept AS a;
SELECT count(*) AS participations, average_handle_time(p), unexpected_rate(p) FROM kept_participation AS p;
SELECT agent_id, interaction_guid, channel_guid, started_at::time, ended_at::time, ring_ms, talk_ms, wrap_ms, outcome
FROM kept_participation ORDER BY agent_id, started_at;

-- json, jsonb and activities of one's own give the same tables
SELECT create_activity_table('kept_jsonb');
SELECT create_activity_table('kept_array');
SELECT * FROM load_activities('kept_jsonb', :'page'::jsonb);
SELECT * FROM load_activities('kept_array', (SELECT array_agg(a) FROM activities(:'page'::json) AS a));
SELECT difference('kept', 'kept_jsonb') AS jsonb, difference('kept', 'kept_array') AS array,
       difference('kept_participation', 'kept_jsonb_participation') AS jsonb_participations,
       difference('kept_participation', 'kept_array_participation') AS array_participations,
       out_of_step('kept_jsonb'), out_of_step('kept_array');

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
-- Nothing is rewritten that there is no news of
--
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

--
-- What is bad
--
SELECT create_activity_table('bad');
SELECT * FROM load_activities('bad', page(item())::json);
CREATE TABLE bad_before AS SELECT * FROM versions('bad');
SELECT page(concat_ws(',', item(state := '"Wrap"'), item(state := '"Lunch"'), item(duration := '-1'),
                      item(duration := '99999'), '17', item(state := '"Failed"'))) AS good_and_bad \gset

-- 'stop': the error of activities(), and nothing is loaded
\pset format unaligned
\pset tuples_only on
SELECT refusal(format('SELECT load_activities(''bad'', %L::%s)', :'good_and_bad', type)) FROM unnest(ARRAY['json', 'jsonb']) AS type;
SELECT refusal(format('SELECT load_activities(''bad'', %L::%s, ''stop'')', :'good_and_bad', type)) FROM unnest(ARRAY['json', 'jsonb']) AS type;
SELECT refusal(format('SELECT load_activities(''bad'', %L::json)', document))
FROM unnest(ARRAY['{"message":"Endpoint request timed out"}', '{}', '17', '"x"', 'null', '{"items":{}}',
                  page(item(state := '"Wrap"'), 'yesterday')]) AS document;
SELECT refusal('SELECT load_activities(''bad'', ''[]''::json, NULL)');
SELECT refusal('SELECT load_activities(''bad'', NULL::json, NULL)');
SELECT refusal('SELECT load_activities(''bad'', ''[]''::json, ''skip'')');
SELECT count(*) || ' rewritten' FROM (SELECT * FROM versions('bad') EXCEPT TABLE bad_before) AS v;
\pset tuples_only off
\pset format aligned

-- the transaction around it goes on after a savepoint
\set SHOW_CONTEXT never
BEGIN;
SELECT * FROM load_activities('bad', page(item(state := '"Wrap"', duration := '1'))::json);
SAVEPOINT s;
SELECT * FROM load_activities('bad', page(concat_ws(',', item(state := '"Wrap"', duration := '2'), item(state := '"Ringing"'), item(state := '"Lunch"')))::json);
ROLLBACK TO s;
SELECT * FROM load_activities('bad', page(item(state := '"Wrap"', duration := '3'))::json);
SAVEPOINT t;
SELECT * FROM load_activities('bad', page(concat_ws(',', item(state := '"Wrap"', duration := '4'), item(state := '"Ringing"', duration := '4')))::json);
ROLLBACK TO t;
COMMIT;
SELECT state, duration_ms, out_of_step('bad') FROM bad ORDER BY state;
BEGIN;
SELECT * FROM load_activities('bad', page(concat_ws(',', item(state := '"Wrap"', duration := '5'), item(state := '"Ringing"')))::json);
ROLLBACK;
SELECT state, duration_ms, out_of_step('bad') FROM bad ORDER BY state;

-- 'ignore': the rest is loaded; rejected is what activity_errors() lists
TRUNCATE bad, bad_participation;
SELECT name, l.*, (SELECT count(*) FROM activity_errors(document::json)) AS errors
FROM (VALUES (1, 'items', :'good_and_bad'),
             (2, 'the same again', :'good_and_bad'),
             (3, 'nothing but bad items', page('1,null,{},[]')),
             (4, 'a bad upTo', page(item(start := '"2026-03-28T23:50:00Z"'), 'yesterday')),
             (5, 'a bad upTo and a bad item', page(concat_ws(',', item(start := '"2026-03-28T23:51:00Z"'), '7'), 'yesterday')),
             (6, 'an error of the API', '{"message":"Endpoint request timed out"}'),
             (7, 'a scalar', '17'),
             (8, 'no items', '{}'),
             (9, 'empty items', '{"items":[],"upTo":"2026-03-29T00:00:00Z"}'),
             (10, 'an empty array', '[]'),
             (11, 'what is passed over', '[{"agentId":"1","type":"Presence","category":"Ready"}]')
     ) AS d (nr, name, document),
     load_activities('bad', document::json, 'ignore') AS l
ORDER BY nr;
SELECT start, state, duration_ms, reported_at, out_of_step('bad') FROM bad ORDER BY start, state;
TRUNCATE bad, bad_participation;
SELECT l.*, (SELECT count(*) FROM activity_errors(:'good_and_bad'::jsonb)) AS errors
FROM load_activities('bad', :'good_and_bad'::jsonb, on_error => 'ignore') AS l;
SELECT start, state, duration_ms, reported_at, out_of_step('bad') FROM bad ORDER BY start, state;

-- nothing to load
SELECT * FROM load_activities('bad', '[]'::json);
SELECT * FROM load_activities('bad', '{"items":[]}'::jsonb);
SELECT * FROM load_activities('bad', NULL::json);
SELECT * FROM load_activities('bad', NULL::jsonb, 'ignore');
SELECT * FROM load_activities('bad', '{}'::activity[]);
SELECT * FROM load_activities('bad', NULL::activity[]);

--
-- Any order, any repetition
--
-- Pages of about eight activities, delivered six times: at other times or at
-- none, with other neighbours, with some of what changes changed.
CREATE TABLE item_of AS
    SELECT row_number() OVER () AS nr, i AS item
    FROM generate_pages(70, 9, 7, 1000) AS p, jsonb_array_elements(p::jsonb -> 'items') AS i;
CREATE FUNCTION draw(nr bigint, delivery integer, what integer, choices integer) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT ((hashint8extended(nr * 64 + delivery, what) & 1048575) % choices)::integer
$$;
CREATE TABLE delivery AS
    WITH told AS (
        SELECT d, nr / 8 AS page, nr,
               jsonb_set(jsonb_set(jsonb_set(jsonb_set(jsonb_set(item,
                   '{duration}', CASE draw(nr, d, 1, 4)
                       WHEN 0 THEN 'null'
                       WHEN 1 THEN to_jsonb(draw(nr, d, 2, 3) * 1000)
                       ELSE item -> 'duration' END),
                   '{status}', (ARRAY['"Ongoing"', '"InternalError"', '"Completed"', 'null', item -> 'status'])
                       [1 + draw(nr, d, 3, 5)]),
                   '{reason}', (ARRAY['"NumberBusy"', '"Resumed"', 'null', item -> 'reason', item -> 'reason'])
                       [1 + draw(nr, d, 4, 5)]),
                   '{interaction,direction}', (ARRAY['"Internal"', 'null', item #> '{interaction,direction}'])
                       [1 + draw(nr, d, 5, 3)]),
                   '{interaction,medium}', (ARRAY['"phone"', '""', 'null', item #> '{interaction,medium}'])
                       [1 + draw(nr, d, 6, 4)]) AS item
        FROM item_of, generate_series(1, 6) AS d
        -- each page lacks some items, and has some of another twice
        WHERE d = 1 OR draw(nr, d, 7, 8) > 0),
    cut AS (
        TABLE told
        UNION ALL SELECT d, page, nr, jsonb_set(item, '{duration}', '31') FROM told WHERE draw(nr, d, 8, 10) = 0
        UNION ALL SELECT d, page + 1, nr, item FROM told WHERE draw(nr, d, 9, 10) = 0)
    SELECT row_number() OVER (ORDER BY page, d) AS nr,
           jsonb_build_object('items', jsonb_agg(item ORDER BY draw(nr, d, 10, 1000)))
           || CASE (d + page) % 4
                  WHEN 0 THEN '{}'
                  WHEN 1 THEN '{"upTo": "2026-02-01T00:00:00Z"}'
                  ELSE jsonb_build_object('upTo', timestamp '2026-02-01' + d * interval '1 minute')
              END AS page
    FROM cut
    GROUP BY page, d;

-- the winner of each activity, in plain SQL
CREATE TABLE winner OF activity;
INSERT INTO winner
    SELECT start, duration_ms, state, status, direction, interaction_guid, channel_guid, reason,
           agent_id, medium, medium_manager, reported_at
    FROM (SELECT a.*,
                 row_number() OVER (
                     PARTITION BY agent_id, interaction_guid, channel_guid, start, state
                     ORDER BY duration_ms IS NULL, status DESC NULLS LAST, reported_at DESC NULLS LAST,
                              duration_ms DESC NULLS LAST, reason DESC NULLS LAST,
                              direction DESC NULLS LAST, medium COLLATE "C" DESC NULLS LAST,
                              medium_manager COLLATE "C" DESC NULLS LAST) AS place
          FROM delivery, activities(page) AS a) AS ranked
    WHERE place = 1;
CREATE TABLE winner_participation AS
    SELECT (p).* FROM (SELECT participation(a) AS p FROM winner AS a
                       GROUP BY agent_id, interaction_guid, channel_guid) AS v;

-- there is something to win: deliveries, those that differ, what decides
SELECT count(*) > 100 AS pages, (SELECT count(*) > 150 FROM winner) AS activities,
       (SELECT count(*) FROM winner) = (SELECT count(*) FROM item_of) AS all_of_them
FROM delivery;
SELECT count(*) > 1000 AS deliveries, count(DISTINCT a) > 800 AS different,
       count(*) FILTER (WHERE a = w::activity) < 350 AS few_win
FROM delivery, activities(page) AS a
    JOIN winner AS w ON (a.agent_id, a.interaction_guid, a.start, a.state) = (w.agent_id, w.interaction_guid, w.start, w.state)
        AND a.channel_guid IS NOT DISTINCT FROM w.channel_guid;

-- Twenty orders, in which each page comes one to three times, as json, as jsonb
-- or as activities. A commit every now and then.
SELECT create_activity_table('shuffled');
CREATE TABLE outcome (shuffle integer, loads bigint, inserted bigint, counted bigint,
    activities_differ bigint, participations_differ bigint, out_of_step bigint);
CREATE PROCEDURE shuffle(shuffle integer) LANGUAGE plpgsql AS $$
DECLARE
    load record;
    said record;
    loads bigint := 0;
    inserted bigint := 0;
    counted bigint := 0;
    broken bigint := 0;
BEGIN
    TRUNCATE shuffled, shuffled_participation;
    COMMIT;
    FOR load IN
        SELECT nr, page, hashint8extended(nr * 8 + copy, shuffle) AS draw
        FROM delivery, generate_series(1, 1 + draw(nr, shuffle, 99, 3)) AS copy
        ORDER BY draw
    LOOP
        IF load.draw % 3 = 0 THEN
            SELECT l.*, 0::bigint AS rejected INTO said FROM load_activities('shuffled', (SELECT array_agg(a) FROM activities(load.page) AS a)) AS l;
        ELSIF load.draw % 3 = 1 THEN
            SELECT l.* INTO said FROM load_activities('shuffled', load.page::json) AS l;
        ELSE
            SELECT l.* INTO said FROM load_activities('shuffled', load.page) AS l;
        END IF;
        loads := loads + 1;
        inserted := inserted + said.inserted;
        counted := counted + said.inserted + said.updated + said.unchanged + said.rejected
            - jsonb_array_length(load.page -> 'items');
        IF load.draw % 16 = 0 THEN
            COMMIT;
            broken := broken + out_of_step('shuffled');
        END IF;
    END LOOP;
    INSERT INTO outcome SELECT shuffle, loads, inserted, counted,
        difference('shuffled', 'winner'), difference('shuffled_participation', 'winner_participation'),
        broken + out_of_step('shuffled');
END
$$;
SELECT format('CALL shuffle(%s)', n) FROM generate_series(1, 20) AS n \gexec
SELECT count(*) AS shuffles, min(loads) > 200 AS loads,
       bool_and(inserted = (SELECT count(*) FROM winner)) AS each_inserted_once,
       bool_and(counted = 0) AS each_item_counted,
       sum(activities_differ) AS activities_differ, sum(participations_differ) AS participations_differ,
       sum(out_of_step) AS out_of_step
FROM outcome;
-- all at once
TRUNCATE shuffled, shuffled_participation;
SELECT inserted = (SELECT count(*) FROM winner) AS each_inserted_once, updated
FROM load_activities('shuffled', (SELECT array_agg(a ORDER BY nr % 7, nr) FROM delivery, activities(page) AS a));
SELECT difference('shuffled', 'winner'), difference('shuffled_participation', 'winner_participation');

-- Plans made while the tables are empty, and known to be so, look up what a page touches and nothing else, as later ones
-- do; so they do whatever the caller has turned off.
SELECT sum(jsonb_array_length(page -> 'items')) AS items FROM delivery \gset
BEGIN;
SELECT create_activity_table('grown');
ANALYZE grown, grown_participation;
SELECT count(load_activities('grown', page)) > 100 AS loads FROM delivery;
SELECT relname, seq_tup_read, idx_tup_fetch BETWEEN :items / 2 AND :items * 3 AS some_for_each_item
FROM pg_stat_xact_user_tables WHERE relname IN ('grown', 'grown_participation') ORDER BY relname;
SELECT difference('grown', 'winner'), difference('grown_participation', 'winner_participation');
ROLLBACK;
BEGIN;
SELECT create_activity_table('grown');
SET LOCAL enable_nestloop = off;
SET LOCAL enable_indexscan = off;
SELECT count(load_activities('grown', page)) > 100 AS loads FROM delivery;
SELECT relname, seq_tup_read, idx_tup_fetch BETWEEN :items / 2 AND :items * 3 AS some_for_each_item
FROM pg_stat_xact_user_tables WHERE relname IN ('grown', 'grown_participation') ORDER BY relname;
ROLLBACK;

-- where another index seems as good as the key's while there are few rows, they are made anew as the tables grow
BEGIN;
SELECT create_activity_table('grown');
CREATE INDEX ON grown (state);
CREATE INDEX ON grown_participation (agent_id, started_at);
ANALYZE grown, grown_participation;
SELECT sum((load_activities('grown', p)).inserted) AS activities FROM generate_pages(2000, 5, 3, 20) AS p \gset
SELECT relname, :activities > 5000 AS many_activities, seq_tup_read, idx_tup_fetch < :activities * 100 AS few_for_an_activity
FROM pg_stat_xact_user_tables WHERE relname IN ('grown', 'grown_participation') ORDER BY relname;
ROLLBACK;

--
-- Targets
--
CREATE TABLE not_typed (a integer);
CREATE TABLE same_columns (LIKE kept INCLUDING ALL);
CREATE TABLE same_columns_participation (LIKE kept_participation INCLUDING ALL);
CREATE TABLE as_select AS TABLE kept;
CREATE VIEW a_view AS TABLE kept;
CREATE VIEW a_view_participation AS TABLE kept_participation;
CREATE TABLE alone OF activity;
CREATE TABLE with_another OF activity;
CREATE TABLE with_another_participation OF activity;
CREATE TABLE with_untyped OF activity;
CREATE TABLE with_untyped_participation (LIKE kept_participation);
CREATE TYPE another AS (LIKE_activity integer);
CREATE TABLE of_another OF another;
CREATE SEQUENCE a_sequence;
CREATE TABLE keyless OF activity;
CREATE TABLE keyless_participation OF participation;
-- an activity without a channel would be stored at every delivery
CREATE TABLE distinct_nulls OF activity (UNIQUE (agent_id, interaction_guid, channel_guid, start, state));
CREATE TABLE distinct_nulls_participation OF participation
    (UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid));
CREATE TABLE partial OF activity
    (UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid, start, state));
CREATE TABLE partial_participation OF participation;
CREATE UNIQUE INDEX ON partial_participation (agent_id, interaction_guid, channel_guid) NULLS NOT DISTINCT WHERE open;
CREATE UNIQUE INDEX ON partial_participation (agent_id, interaction_guid, lower(medium)) NULLS NOT DISTINCT;
\pset format unaligned
\pset tuples_only on
SELECT target || ': ' || refusal(format('SELECT load_activities(%L, %L::json)', target, page(item())))
FROM unnest(ARRAY['not_typed', 'same_columns', 'as_select', 'a_view', 'alone', 'with_another',
                  'with_untyped', 'of_another', 'a_sequence', 'kept_participation',
                  'kept_agent_id_interaction_guid_channel_guid_start_state_key', 'activity', 'nowhere',
                  'pg_class', '0', '4294967295', '-', 'keyless', 'distinct_nulls', 'partial']) AS target;
SELECT refusal(format('SELECT load_activities(%L, %L::jsonb)', 'not_typed', page(item())));
SELECT refusal('SELECT load_activities(''not_typed'', ''{}''::activity[])');
SELECT refusal('SELECT load_activities(NULL, ''[]''::json)');
SELECT refusal('SELECT load_activities(NULL, ''[]''::jsonb)');
SELECT refusal('SELECT load_activities(NULL, ''{}''::activity[])');
\pset tuples_only off
\pset format aligned
-- with the indexes that are asked for, in another order, a table made by hand is as good
CREATE UNIQUE INDEX ON distinct_nulls (state, start, agent_id, channel_guid, interaction_guid) NULLS NOT DISTINCT;
SELECT * FROM load_activities('distinct_nulls', page(item(channel := 'null'))::json);
SELECT * FROM load_activities('distinct_nulls', page(item(channel := 'null'))::json);
SELECT count(*), out_of_step('distinct_nulls') FROM distinct_nulls;
-- renamed together, and moved to another schema, they stay together
BEGIN;
CREATE SCHEMA "Elsewhere";
ALTER TABLE kept RENAME TO "Renamed";
ALTER TABLE kept_participation RENAME TO "Renamed_participation";
ALTER TABLE "Renamed" SET SCHEMA "Elsewhere";
ALTER TABLE "Renamed_participation" SET SCHEMA "Elsewhere";
SELECT * FROM load_activities('"Elsewhere"."Renamed"', page(item(start := '"2026-03-29T00:00:00Z"'))::json);
SELECT out_of_step('"Elsewhere"."Renamed"');
ROLLBACK;

-- nor is anything remembered of a table whose name another has now, in
-- whatever way it came by it
SELECT create_activity_table('first');
SELECT * FROM load_activities('first', :'page'::json);
ALTER TABLE first RENAME TO second;
ALTER TABLE first_participation RENAME TO second_participation;
SELECT create_activity_table('first');
SELECT * FROM load_activities('first', :'page'::json);
SELECT * FROM load_activities('second', page(item())::json);
CREATE TABLE other_participations OF participation (UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid));
ALTER TABLE first_participation RENAME TO former_participations;
ALTER TABLE other_participations RENAME TO first_participation;
SELECT * FROM load_activities('first', :'page'::json);
SELECT count(*) AS participations, out_of_step('first'), out_of_step('second') FROM first_participation;
DROP TABLE first, first_participation;
SELECT create_activity_table('first');
SELECT * FROM load_activities('first', :'page'::json);
BEGIN;
ALTER TYPE activity ADD ATTRIBUTE added text CASCADE;
ALTER TYPE participation ADD ATTRIBUTE added text CASCADE;
SELECT * FROM load_activities('first', :'page'::json);
SELECT * FROM load_activities('first', page(item())::json);
SELECT count(added), out_of_step('first') FROM first;
ROLLBACK;
SELECT * FROM load_activities('first', page(item())::json);
SELECT count(*), out_of_step('first') FROM first;
-- and memory is kept for few tables, also of those that are no more
CREATE FUNCTION plans() RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM pg_backend_memory_contexts WHERE name LIKE 'CachedPlan%'
$$;
CREATE PROCEDURE come_and_go(times integer, document json) LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. times LOOP
        PERFORM create_activity_table('passing');
        PERFORM load_activities('passing', document);
        DROP TABLE passing, passing_participation;
        COMMIT;
    END LOOP;
END
$$;
CALL come_and_go(20, :'page');
SELECT plans() AS before \gset
CALL come_and_go(50, :'page');
SELECT plans() - :before < 10 AS few_more;

-- partitioned tables
CREATE TABLE parted OF activity (
    agent_id WITH OPTIONS NOT NULL, interaction_guid WITH OPTIONS NOT NULL, start WITH OPTIONS NOT NULL, state WITH OPTIONS NOT NULL,
    UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid, start, state)) PARTITION BY HASH (agent_id);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE parted_participation OF participation (
    agent_id WITH OPTIONS NOT NULL, interaction_guid WITH OPTIONS NOT NULL,
    UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid)) PARTITION BY HASH (interaction_guid);
CREATE TABLE parted_participation_0 PARTITION OF parted_participation FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_participation_1 PARTITION OF parted_participation FOR VALUES WITH (MODULUS 2, REMAINDER 1);
SELECT * FROM load_activities('parted', :'page'::json);
SELECT * FROM load_activities('parted', :'page'::jsonb);
SELECT * FROM load_activities('parted', replace(:'page', '"duration":161000', '"duration":161001')::json);
SELECT count(DISTINCT tableoid) AS partitions, count(*), handle_time(a), out_of_step('parted') FROM parted AS a;
SELECT count(DISTINCT tableoid) AS partitions, count(*), handle_time(p) FROM parted_participation AS p;

--
-- The caller's rights
--
CREATE ROLE regress_activity_loader;
SELECT create_activity_table('guarded');
SELECT * FROM load_activities('guarded', page(item())::json);
CREATE FUNCTION refusal_with(of_table text, of_participations text, document text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    REVOKE ALL ON guarded, guarded_participation FROM regress_activity_loader;
    IF of_table <> '' THEN
        EXECUTE format('GRANT %s ON guarded TO regress_activity_loader', of_table);
    END IF;
    IF of_participations <> '' THEN
        EXECUTE format('GRANT %s ON guarded_participation TO regress_activity_loader', of_participations);
    END IF;
    SET LOCAL ROLE regress_activity_loader;
    said := refusal(format('SELECT load_activities(''load_activities.guarded'', %L::json)', document));
    RESET ROLE;
    RETURN said;
END
$$;
-- the schema, whether it is named or not
SELECT 'guarded'::regclass::oid AS guarded \gset
GRANT ALL ON guarded, guarded_participation TO regress_activity_loader;
SELECT page(item(duration := '77777')) AS news \gset
SET ROLE regress_activity_loader;
\set VERBOSITY sqlstate
SELECT public.load_activities('load_activities.guarded', :'news'::json);
SELECT public.load_activities(:guarded, :'news'::json);
\set VERBOSITY default
RESET ROLE;
GRANT USAGE ON SCHEMA load_activities TO regress_activity_loader;
SELECT t AS of_table, p AS of_participations, refusal_with(t, p, :'news')
FROM (VALUES (1, 'SELECT, INSERT', 'SELECT, INSERT, UPDATE'), (2, 'SELECT, UPDATE', 'SELECT, INSERT, UPDATE'),
             (3, 'INSERT, UPDATE', 'SELECT, INSERT, UPDATE'), (4, '', 'SELECT, INSERT, UPDATE'),
             (5, 'SELECT, INSERT, UPDATE', 'SELECT, INSERT'), (6, 'SELECT, INSERT, UPDATE', 'SELECT, UPDATE'),
             (7, 'SELECT, INSERT, UPDATE', 'INSERT, UPDATE'), (8, 'SELECT, INSERT, UPDATE', '')
     ) AS g (nr, t, p)
ORDER BY nr;
-- nothing has been loaded till here
SELECT duration_ms FROM guarded;
SELECT talk_ms FROM guarded_participation;
SELECT refusal_with('SELECT, INSERT, UPDATE', 'SELECT, INSERT, UPDATE', :'news');
SELECT duration_ms, out_of_step('guarded') FROM guarded;
-- even what would change nothing needs the rights
SELECT refusal_with('SELECT', 'SELECT', :'news');
DROP FUNCTION refusal_with(text, text, text);
-- row security holds for the caller
GRANT ALL ON guarded, guarded_participation TO regress_activity_loader;
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON guarded USING (agent_id = '1') WITH CHECK (agent_id = '1');
SET ROLE regress_activity_loader;
SELECT refusal(format('SELECT load_activities(''guarded'', %L::json)', page(item(agent_id := '"2"'))));
SELECT * FROM load_activities('guarded', page(item(agent_id := '"1"'))::json);
RESET ROLE;
SELECT agent_id, out_of_step('guarded') FROM guarded ORDER BY agent_id;
-- news of what may be seen and inserted, but not updated, are refused rather than passed over
CREATE POLICY see ON guarded FOR SELECT USING (true);
CREATE POLICY insert ON guarded FOR INSERT WITH CHECK (true);
SET ROLE regress_activity_loader;
SELECT * FROM load_activities('guarded', page(item(agent_id := '"2"'))::json);
SELECT * FROM load_activities('guarded', page(item(agent_id := '"2"'))::json);
SELECT refusal(format('SELECT load_activities(''guarded'', %L::json)', page(item(agent_id := '"2"', duration := '77778'))));
RESET ROLE;
SELECT agent_id, duration_ms, out_of_step('guarded') FROM guarded ORDER BY agent_id;

-- the same of participations
ALTER TABLE guarded DISABLE ROW LEVEL SECURITY;
ALTER TABLE guarded_participation ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON guarded_participation FOR SELECT USING (true);
CREATE POLICY insert ON guarded_participation FOR INSERT WITH CHECK (true);
CREATE POLICY own ON guarded_participation FOR UPDATE USING (agent_id = '1');
SET ROLE regress_activity_loader;
SELECT * FROM load_activities('guarded', page(item(agent_id := '"1"', duration := '77779'))::json);
SELECT refusal(format('SELECT load_activities(''guarded'', %L::json)', page(item(agent_id := '"2"', duration := '77779'))));
SELECT refusal(format('SELECT load_activities(''guarded'', %L::json)', page(item(agent_id := '"3"'))));
RESET ROLE;
SELECT agent_id, duration_ms, out_of_step('guarded') FROM guarded ORDER BY agent_id;

--
-- Triggers
--
-- what a trigger makes of rows is kept, inserted or updated, and participations are computed from it
SELECT create_activity_table('triggered');
CREATE FUNCTION in_seconds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.duration_ms := NEW.duration_ms / 1000 * 1000;
    RETURN NEW;
END
$$;
CREATE TRIGGER in_seconds BEFORE INSERT OR UPDATE ON triggered FOR EACH ROW EXECUTE FUNCTION in_seconds();
CREATE FUNCTION not_from_2() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER not_from_2 BEFORE UPDATE ON triggered FOR EACH ROW WHEN (NEW.agent_id = '2') EXECUTE FUNCTION not_from_2();
SELECT nr, l
FROM (VALUES (1, '"1"', '1234'), (2, '"1"', '5678'), (3, '"1"', '5678'), (4, '"2"', '1234'), (5, '"2"', '5678')) AS d (nr, agent_id, duration),
     load_activities('triggered', page(item(agent_id := agent_id, duration := duration))::json) AS l;
SELECT agent_id, duration_ms, talk_ms, out_of_step('triggered')
FROM triggered JOIN triggered_participation USING (agent_id, interaction_guid) ORDER BY agent_id;

-- under what settings they run
CREATE FUNCTION settings_of_load() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE NOTICE '%', (SELECT json_object_agg(name, setting ORDER BY name) FROM pg_catalog.pg_settings
                       WHERE name IN ('search_path', 'jit') OR name LIKE 'enable%' AND setting <> boot_val);
    RETURN NULL;
END
$$;
CREATE TRIGGER settings_of_load AFTER INSERT ON triggered FOR EACH STATEMENT EXECUTE FUNCTION settings_of_load();
SELECT * FROM load_activities('triggered', page(item(agent_id := '"3"'))::json);
-- and under what settings CHECK constraints, policies and indexed expressions call functions
CREATE FUNCTION reveal_settings(agent_id text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RAISE EXCEPTION '%', (SELECT json_object_agg(name, setting ORDER BY name) FROM pg_catalog.pg_settings
                          WHERE name IN ('search_path', 'jit') OR name LIKE 'enable%' AND setting <> boot_val);
END
$$;
SELECT create_activity_table('revealing');
\pset format unaligned
\pset tuples_only on
ALTER TABLE revealing ADD CONSTRAINT reveal CHECK (reveal_settings(agent_id));
SELECT refusal(format('SELECT load_activities(''revealing'', %L::json)', page(item())));
ALTER TABLE revealing DROP CONSTRAINT reveal;
CREATE INDEX reveal ON revealing (reveal_settings(agent_id));
SELECT refusal(format('SELECT load_activities(''revealing'', %L::json)', page(item())));
DROP INDEX reveal;
GRANT ALL ON revealing, revealing_participation TO regress_activity_loader;
ALTER TABLE revealing ENABLE ROW LEVEL SECURITY;
CREATE POLICY reveal ON revealing USING (true) WITH CHECK (reveal_settings(agent_id));
SET ROLE regress_activity_loader;
SELECT refusal(format('SELECT load_activities(''revealing'', %L::json)', page(item())));
RESET ROLE;
-- unless the function sets its own
ALTER FUNCTION reveal_settings SET search_path = load_activities, public;
ALTER FUNCTION reveal_settings SET enable_seqscan = on;
SET ROLE regress_activity_loader;
SELECT refusal(format('SELECT load_activities(''revealing'', %L::json)', page(item())));
RESET ROLE;
\pset tuples_only off
\pset format aligned

-- a load within a load, into another table or the same
SELECT create_activity_table('outside'), create_activity_table('inside');
CREATE FUNCTION load_again() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF pg_trigger_depth() = 1 THEN
        EXECUTE TG_ARGV[0];
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER load_again AFTER INSERT ON outside_participation FOR EACH STATEMENT EXECUTE FUNCTION
    load_again($$SELECT load_activities('load_activities.inside', json '{"agentId": "1042", "start": "2026-03-28T23:40:00Z", "state": "Wrap",
        "duration": 5, "interaction": {"guid": "7c1e0a10-0001-4a00-8000-0000000000a1"}}'),
               load_activities('load_activities.outside', json '{"agentId": "1042", "start": "2026-03-28T23:40:01Z", "state": "Wrap",
        "duration": 6, "interaction": {"guid": "7c1e0a10-0001-4a00-8000-0000000000a2"}}')$$);
SELECT * FROM load_activities('outside', page(item())::json);
SELECT * FROM load_activities('outside', page(item(duration := '20001'))::json);
SELECT state, duration_ms, out_of_step('outside') FROM outside ORDER BY state;
SELECT state, duration_ms, out_of_step('inside') FROM inside ORDER BY state;
-- whatever becomes of the table meanwhile is an error at the most
CREATE FUNCTION refusal_while(command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    DROP TRIGGER load_again ON outside_participation;
    EXECUTE format('CREATE TRIGGER load_again AFTER INSERT ON outside_participation FOR EACH STATEMENT EXECUTE FUNCTION load_again(%L)', command);
    RETURN refusal(format('SELECT load_activities(''load_activities.outside'', %L::json)', page(item(duration := '20002'))));
END
$$;
\pset format unaligned
\pset tuples_only on
SELECT refusal_while($$
    ALTER TABLE load_activities.outside RENAME TO renamed; ALTER TABLE load_activities.outside_participation RENAME TO renamed_participation;
    SELECT load_activities('load_activities.renamed', '{}'::activity[])$$);
SELECT refusal_while($$
    ALTER SCHEMA load_activities RENAME TO elsewhere; SELECT load_activities('elsewhere.outside', '{}'::activity[])$$);
SELECT refusal_while($$
    DROP TABLE load_activities.outside; SELECT load_activities('load_activities.inside', '{}'::activity[])$$);
SELECT refusal_while($$SELECT load_activities('load_activities.nowhere', '{}'::activity[])$$);
\pset tuples_only off
\pset format aligned
SELECT * FROM load_activities('inside', page(item())::json);

--
-- search_path
--
-- objects of the caller's own, earlier on search_path, change nothing
BEGIN;
CREATE SCHEMA planted;
CREATE FUNCTION planted.wrong(text, text) RETURNS boolean LANGUAGE sql AS $$SELECT 1 / 0 = 1$$;
CREATE FUNCTION planted.wrong(uuid, uuid) RETURNS boolean LANGUAGE sql AS $$SELECT 1 / 0 = 1$$;
CREATE FUNCTION planted.wrong(bigint, integer) RETURNS boolean LANGUAGE sql AS $$SELECT 1 / 0 = 1$$;
CREATE FUNCTION planted.wrong(name, text) RETURNS boolean LANGUAGE sql AS $$SELECT 1 / 0 = 1$$;
CREATE FUNCTION planted.wrong(oid, oid) RETURNS boolean LANGUAGE sql AS $$SELECT 1 / 0 = 1$$;
CREATE OPERATOR planted.= (FUNCTION = planted.wrong, LEFTARG = text, RIGHTARG = text);
CREATE OPERATOR planted.= (FUNCTION = planted.wrong, LEFTARG = uuid, RIGHTARG = uuid);
CREATE OPERATOR planted.= (FUNCTION = planted.wrong, LEFTARG = bigint, RIGHTARG = integer);
CREATE OPERATOR planted.= (FUNCTION = planted.wrong, LEFTARG = name, RIGHTARG = text);
CREATE OPERATOR planted.= (FUNCTION = planted.wrong, LEFTARG = oid, RIGHTARG = oid);
CREATE FUNCTION planted.unnest(public.activity[]) RETURNS SETOF public.activity LANGUAGE sql AS $$SELECT NULL::public.activity WHERE 1 / 0 = 1$$;
CREATE FUNCTION planted.cardinality(public.activity[]) RETURNS integer LANGUAGE sql AS $$SELECT 1 / 0$$;
CREATE FUNCTION planted.activity_best_known(public.activity, public.activity) RETURNS public.activity LANGUAGE sql AS $$SELECT NULL::public.activity WHERE 1 / 0 = 1$$;
CREATE AGGREGATE planted.best_known(public.activity) (SFUNC = planted.activity_best_known, STYPE = public.activity);
CREATE FUNCTION planted.participation(public.activity) RETURNS integer LANGUAGE sql AS $$SELECT 1 / 0$$;
CREATE FUNCTION planted.store_activities(regclass, regclass, name, public.activity[], OUT bigint, OUT bigint, OUT bigint) LANGUAGE sql AS $$SELECT 1::bigint, 1::bigint, 1 / 0::bigint$$;
CREATE FUNCTION planted.format(text, text, text) RETURNS text LANGUAGE sql AS $$SELECT (1 / 0)::text$$;
CREATE TYPE planted.activity AS (nothing integer);
CREATE TABLE planted.kept_participation (nothing integer);
CREATE TABLE planted.pg_attribute (attrelid oid, attname name, attnum integer, attisdropped boolean);
CREATE TEMPORARY TABLE pg_class (oid oid, reloftype oid);
CREATE TEMPORARY TABLE kept_participation (nothing integer);
SELECT page(item(start := '"2026-03-29T01:00:00Z"')) AS later \gset
SELECT page(item(start := '"2026-03-29T01:00:00Z"', duration := '21000')) AS news \gset
SET LOCAL search_path = planted, pg_catalog, load_activities, public;
SELECT * FROM public.load_activities('load_activities.kept', :'later'::json);
SELECT * FROM public.load_activities('load_activities.kept', :'news'::jsonb);
SELECT * FROM public.load_activities('load_activities.kept', :'news'::jsonb);
SET LOCAL search_path = load_activities, public;
SELECT out_of_step('kept');
ROLLBACK;

-- an empty search_path, and a table in a schema that is not on it
SELECT page(item(start := '"2026-03-29T02:00:00Z"')) AS later \gset
SET search_path = '';
SELECT * FROM public.load_activities('load_activities.kept', :'later'::json);
SELECT * FROM public.load_activities('load_activities.kept', :'later'::jsonb);
SELECT * FROM public.load_activities('load_activities.kept', (SELECT pg_catalog.array_agg(a) FROM public.activities(:'later'::json) AS a));
SET search_path = load_activities, public;
SELECT out_of_step('kept');

-- the extension in another schema
BEGIN;
CREATE SCHEMA "Ext.%s""1";
ALTER EXTENSION activity SET SCHEMA "Ext.%s""1";
SELECT page(item(start := '"2026-03-29T03:00:00Z"')) AS later \gset
SELECT page(item(start := '"2026-03-29T03:00:00Z"', duration := '21000')) AS news \gset
SET LOCAL search_path = '';
SELECT * FROM "Ext.%s""1".load_activities('load_activities.kept', :'later'::json);
SELECT * FROM "Ext.%s""1".load_activities('load_activities.kept', :'news'::jsonb);
SELECT * FROM "Ext.%s""1".load_activities('load_activities.kept', (SELECT pg_catalog.array_agg(a) FROM "Ext.%s""1".activities(:'news'::json) AS a));
SET LOCAL search_path = load_activities, "Ext.%s""1";
SELECT out_of_step('kept');
ROLLBACK;
SELECT * FROM load_activities('kept', page(item(start := '"2026-03-29T02:00:00Z"'))::json);

SET client_min_messages = warning;
DROP SCHEMA load_activities CASCADE;
DROP ROLE regress_activity_loader;
