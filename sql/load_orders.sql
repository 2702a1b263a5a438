-- Pages in any order, any number of times, give the same two tables, which are
-- those of plain SQL. Loads look up what their pages touch and nothing else,
-- whatever the size of the tables and the caller's settings.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA load_orders;
SET search_path = load_orders, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/loads.sql'
\set generator :srcdir '/bench/generate.sql'
\set ECHO none
\i :include
\i :generator
\set ECHO all

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

SET client_min_messages = warning;
DROP SCHEMA load_orders CASCADE;
