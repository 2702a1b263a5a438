-- A session that reads pages 10,000 times, or loads them 5,000 times, does not grow: neither
-- if all goes well, nor if an error in the middle of a page, a LIMIT or the user stops it,
-- nor if an aggregate fails. Measured are PostgreSQL's memory contexts, and the process, as
-- json-c's memory is in no context.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA leaks;
SET search_path = leaks, public;

-- The items are for json-c to read, all but the plain one, and have what makes page_json.c
-- respell them for it: escapes that json-c reads otherwise than PostgreSQL, a number longer
-- than bigint, depth.
SELECT format($${"agentId": 12345678901234567890, "start": "2026-03-28T23:40:20.000Z",
                 "state": "Connected", "duration": 1000.0, "status": "Completed",
                 "\ud83d\ude00\u0031": ["\ud83d\ude00", %s1%s],
                 "interaction": {"guid": "7c1e0a10-0001-4a00-8000-0000000000a1",
                                 "medium": "\ud83d\ude00 Phone \u00e9", "direction": "Inbound"},
                 "channel": {"guid": "7c1e0a10-0001-4a00-8000-0000000000a2"}}$$,
              repeat('[', 40), repeat(']', 40)) AS item \gset
SELECT replace(:'item', 'Connected', 'Bored') AS bad_item,
       replace(:'item', 'Phone', '\u0000') AS item_without_text,
       '{"agentId": "1042", "start": "2026-03-28T23:40:20.000Z", "state": "Connected",
         "interaction": {"guid": "7c1e0a10-0001-4a00-8000-0000000000a1"}}' AS plain_item,
       '{"agentId": 12345678901234567890, "start": "2026-03-28T23:40:20.000Z", "state": "Away",
         "duration": 1000.0, "name": "\ud83d\ude00 Lunch \u00e9"}' AS presence \gset
CREATE TABLE document (name text, page text);
INSERT INTO document VALUES
    ('good', concat('{"meta": {"page": 1}, "upTo": "\u0032026-03-28T23:58:30Z", "items": [',
                    concat_ws(',', :'item', :'plain_item', :'presence', :'item', :'item'), ']}')),
    ('bad in the middle', concat('[', concat_ws(',', :'item', :'plain_item', :'bad_item', :'item'), ']')),
    ('no text in the middle', concat('[', concat_ws(',', :'item', :'item_without_text'), ']')),
    ('bad upTo', concat('{"upTo": "now\ud83d\ude00", "items": [', :'item', ']}')),
    ('no page', '{"message": "Too Many\ud83d\ude00 Requests"}');

CREATE FUNCTION page(of_name text) RETURNS text STABLE
    LANGUAGE sql
BEGIN ATOMIC
    SELECT page FROM document WHERE name = of_name;
END;

-- Does one thing many times, and tells how many times it failed.
CREATE FUNCTION repeat(what text, times integer, OUT failed integer, OUT code text)
    LANGUAGE plpgsql AS
$$
DECLARE
    good json := page('good');
    good_b jsonb := page('good');
    bad json := page('bad in the middle');
    bad_b jsonb := page('bad in the middle');
    no_text json := page('no text in the middle');
    bad_up_to json := page('bad upTo');
    bad_up_to_b jsonb := page('bad upTo');
    no_page json := page('no page');
    no_page_b jsonb := page('no page');
BEGIN
    failed := 0;
    FOR i IN 1 .. times LOOP
        BEGIN
            CASE what
            WHEN 'all of it' THEN
                PERFORM FROM activities(good);
                PERFORM FROM activities(good_b);
                PERFORM activities(good);
                PERFORM activities(good_b);
                PERFORM FROM presences(good);
                PERFORM presences(good_b);
            WHEN 'LIMIT' THEN
                PERFORM activities(good) LIMIT 1;
                PERFORM activities(good_b) LIMIT 1;
                PERFORM FROM activities(good) LIMIT 1;
                PERFORM FROM activities(good_b) LIMIT 1;
            WHEN 'error, json rows' THEN
                PERFORM FROM activities(bad);
            WHEN 'error, json values' THEN
                PERFORM activities(bad);
            WHEN 'error, jsonb rows' THEN
                PERFORM FROM activities(bad_b);
            WHEN 'error, jsonb values' THEN
                PERFORM activities(bad_b);
            WHEN 'error, no text' THEN
                PERFORM activities(no_text);
            WHEN 'bad upTo, json' THEN
                PERFORM activities(bad_up_to);
            WHEN 'bad upTo, jsonb' THEN
                PERFORM FROM activities(bad_up_to_b);
            WHEN 'no page, json' THEN
                PERFORM FROM activities(no_page);
            WHEN 'no page, jsonb' THEN
                PERFORM activities(no_page_b);
            -- the signal is there when the next activity is asked for
            WHEN 'cancel, json values' THEN
                PERFORM pg_cancel_backend(pg_backend_pid())
                   FROM (SELECT activities(good) OFFSET 0) AS a;
            WHEN 'cancel, jsonb values' THEN
                PERFORM pg_cancel_backend(pg_backend_pid())
                   FROM (SELECT activities(good_b) OFFSET 0) AS a;
            -- and here it is when the page is opened
            WHEN 'cancel at once, json' THEN
                PERFORM activities(CASE WHEN pg_cancel_backend(pg_backend_pid()) THEN good END);
            WHEN 'cancel at once, jsonb' THEN
                PERFORM activities(CASE WHEN pg_cancel_backend(pg_backend_pid()) THEN good_b END);
            WHEN 'cancel, activity_errors' THEN
                PERFORM activity_errors(CASE WHEN pg_cancel_backend(pg_backend_pid()) THEN bad END);
            WHEN 'cancel, activity_page' THEN
                PERFORM activity_page(CASE WHEN pg_cancel_backend(pg_backend_pid()) THEN bad END);
            WHEN 'activity_errors' THEN
                PERFORM FROM activity_errors(bad) AS a, activity_errors(bad_b) AS b,
                             activity_errors(no_page) AS c, activity_errors(bad_up_to_b) AS d;
                PERFORM FROM activities(bad, 'ignore') AS a, activities(bad_b, 'ignore') AS b;
            WHEN 'activity_page' THEN
                PERFORM activity_page(good), activity_page(good_b), activity_page(no_page);
            WHEN 'planning' THEN
                EXECUTE format('EXPLAIN SELECT FROM activities(%L::json) AS a, activities(%L::jsonb) AS b',
                               good, bad_b);
            WHEN 'aggregates' THEN
                PERFORM handle_time(a), average_handle_time(a), unexpected_rate(a, 'NoAnswer'),
                        busy_time(a), peak_concurrency(a)
                   FROM activity AS a GROUP BY GROUPING SETS ((), (interaction_guid));
                PERFORM average_handle_time(p)
                   FROM (SELECT participation(a) AS p
                           FROM activity AS a GROUP BY agent_id, interaction_guid) AS p;
            WHEN 'error, aggregates' THEN
                PERFORM average_handle_time(a), unexpected_rate(a, 'NoAnswer'), busy_time(a)
                   FROM activity_bad_at_last AS a;
            WHEN 'error, participation' THEN
                PERFORM participation(a) FROM activity_bad_at_last AS a;
            WHEN 'error, sums' THEN
                PERFORM handle_time(a) FROM activity_bad_at_last AS a;
            WHEN 'error, moving frame' THEN
                PERFORM handle_time(a) OVER (ROWS 2 PRECEDING) FROM activity_bad_at_last AS a;
            WHEN 'slices' THEN
                PERFORM FROM activity AS a, activity_slices(a, '5 milliseconds') LIMIT 10;
                PERFORM activity_slices(a, '500 milliseconds') FROM activity AS a LIMIT 3;
                PERFORM activity_as_of(a, '2026-03-28 23:40:21Z') FROM activity AS a;
            WHEN 'load' THEN
                PERFORM load_activities('leaks.kept', good), load_activities('leaks.kept', good_b);
            WHEN 'error, load' THEN
                PERFORM load_activities('leaks.kept', bad_b);
            WHEN 'error, load in the middle' THEN
                PERFORM load_activities('leaks.kept_refusing', good);
            WHEN 'cancel, load in the middle' THEN
                PERFORM load_activities('leaks.kept_cancelling', good_b);
            END CASE;
        EXCEPTION WHEN query_canceled OR OTHERS THEN
            failed := failed + 1;
            code := SQLSTATE;
        END;
    END LOOP;
END
$$;
CREATE TABLE activity OF public.activity;
INSERT INTO activity
    SELECT (activities(page('good')::json)).* FROM generate_series(1, 5);
INSERT INTO activity (start, duration_ms, state, agent_id, interaction_guid)
    SELECT '2026-03-28', number, 'Unexpected', number::text,
           ('7c1e0a10-0001-4a00-8000-' || lpad(number::text, 12, '0'))::uuid
      FROM generate_series(1, 20) AS number;
CREATE TABLE activity_bad_at_last OF public.activity;
INSERT INTO activity_bad_at_last TABLE activity;
INSERT INTO activity_bad_at_last (duration_ms, state) VALUES (-1, 'Wrap');

DO $$
BEGIN
    PERFORM create_activity_table('kept'), create_activity_table('kept_refusing'), create_activity_table('kept_cancelling');
END
$$;
ALTER TABLE kept_refusing ADD CHECK (agent_id <> '1042');
CREATE FUNCTION cancel() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    PERFORM pg_cancel_backend(pg_backend_pid());
    RETURN NEW;
END
$$;
CREATE TRIGGER cancel BEFORE INSERT ON kept_cancelling FOR EACH ROW EXECUTE FUNCTION cancel();

-- Bytes in PostgreSQL's memory contexts, and of the process's own memory. The latter is
-- known on Linux only.
CREATE FUNCTION memory(OUT contexts bigint, OUT process bigint)
    LANGUAGE plpgsql AS
$$
BEGIN
    SELECT sum(total_bytes) INTO contexts FROM pg_backend_memory_contexts;
    process := substring(pg_read_file('/proc/self/smaps_rollup', 0, 10000, true)
                         FROM 'Anonymous: *(\d+) kB')::bigint * 1024;
END
$$;

CREATE FUNCTION growth(what text, times integer, OUT failed integer, OUT code text,
                       OUT contexts bigint, OUT process bigint)
    LANGUAGE plpgsql AS
$$
DECLARE
    before record;
    after record;
BEGIN
    PERFORM leaks.repeat(what, 500); -- what is allocated only once
    -- a context may take its next block, of 128 kB, at any time, but not each time
    FOR try IN 1 .. 2 LOOP
        before := memory();
        SELECT * INTO failed, code FROM leaks.repeat(what, times);
        after := memory();
        contexts := after.contexts - before.contexts;
        process := after.process - before.process;
        EXIT WHEN contexts < 100000 AND coalesce(process, 0) < 1000000;
    END LOOP;
END
$$;

-- A leak of 100 bytes each time is shown, and of 10 in PostgreSQL's contexts: json-c's
-- parser has 1,000, and what it makes of an item here 10,000.
CREATE FUNCTION shown(growth bigint, bound bigint) RETURNS text
    LANGUAGE sql
BEGIN ATOMIC
    SELECT CASE WHEN growth < bound THEN 'no' ELSE growth || ' bytes' END;
END;

SELECT what, failed, code, shown(contexts, 100000) AS contexts_grow,
       shown(coalesce(process, 0), 1000000) AS process_grows
  FROM unnest(ARRAY['all of it', 'LIMIT', 'error, json rows', 'error, json values',
                    'error, jsonb rows', 'error, jsonb values', 'error, no text',
                    'bad upTo, json', 'bad upTo, jsonb', 'no page, json', 'no page, jsonb',
                    'cancel, json values', 'cancel, jsonb values', 'cancel at once, json',
                    'cancel at once, jsonb', 'activity_errors', 'cancel, activity_errors',
                    'activity_page', 'cancel, activity_page', 'planning', 'aggregates',
                    'error, aggregates', 'error, participation', 'error, sums',
                    'error, moving frame', 'slices']) AS what,
       growth(what, 10000);
SELECT what, failed, code, shown(contexts, 100000) AS contexts_grow,
       shown(coalesce(process, 0), 1000000) AS process_grows
  FROM unnest(ARRAY['load', 'error, load', 'error, load in the middle', 'cancel, load in the middle']) AS what,
       growth(what, 5000);
-- loads of what is new, in a transaction each: what PostgreSQL keeps of one that inserts and updates goes with it
CREATE PROCEDURE load_new()
    LANGUAGE plpgsql AS
$$
BEGIN
    DELETE FROM kept;
    DELETE FROM kept_participation;
    PERFORM load_activities('kept', ARRAY[a::public.activity]) FROM activity AS a WHERE agent_id = '20';
END
$$;
CREATE TABLE memory_before (contexts bigint, process bigint);
\set ECHO none
SELECT 'CALL load_new()' FROM generate_series(1, 500) \gexec
\set ECHO all
INSERT INTO memory_before SELECT * FROM memory();
\set ECHO none
SELECT 'CALL load_new()' FROM generate_series(1, 5000) \gexec
\set ECHO all
SELECT count(*) AS loaded FROM kept_participation;
SELECT shown(now.contexts - before.contexts, 100000) AS contexts_grow,
       shown(coalesce(now.process - before.process, 0), 1000000) AS process_grows
  FROM memory() AS now, memory_before AS before;

--
-- Cancelled in the middle of an item: json-c has 16 MB of one at hand here. Twenty times
-- that would show: the C library keeps up to 64 MB that were freed
--
CREATE TABLE large (page json);
ALTER TABLE large ALTER page SET STORAGE EXTERNAL; -- so that the time goes into reading it
INSERT INTO large
    SELECT concat('[', repeat(concat('{"type": "\u0057orkload", "calls": [{}', repeat(', {}', 20000),
                                     ']}, '), 400), '{}]')::json;
TRUNCATE memory_before;
SET statement_timeout = '100ms';
SELECT count(*) FROM large, activities(page);
SELECT count(*) FROM large, activity_errors(page);
SET statement_timeout = 0;
INSERT INTO memory_before SELECT * FROM memory();
SET statement_timeout = '100ms';
SELECT format('SELECT count(*) FROM large, %s(page)', function)
  FROM unnest(ARRAY['activities', 'activity_errors']) AS function, generate_series(1, 10) \gexec
SET statement_timeout = 0;
SELECT shown(now.contexts - before.contexts, 100000) AS contexts_grow,
       shown(coalesce(now.process - before.process, 0), 100000000) AS process_grows
  FROM memory() AS now, memory_before AS before;

--
-- Nor does one query grow that reads 2,500 pages: measured while it runs
--
CREATE FUNCTION growth_within(query text, OUT pages bigint, OUT contexts bigint, OUT process bigint)
    LANGUAGE plpgsql AS
$$
DECLARE
    before record;
    after record;
    number bigint;
BEGIN
    FOR number IN EXECUTE query LOOP
        IF number = 500 THEN
            before := leaks.memory();
        ELSIF number = 3000 THEN
            after := leaks.memory();
            contexts := after.contexts - before.contexts;
            process := after.process - before.process;
        END IF;
        pages := number - 500;
    END LOOP;
END
$$;
CREATE VIEW page_3000 AS
    SELECT number, numbered::json AS page, numbered::jsonb AS page_b
      FROM generate_series(1, 3000) AS number, document,
           replace(page, '12345678901234567890', '1234567890123456' || number) AS numbered
     WHERE name = 'bad in the middle';
CREATE VIEW moving_frame AS
    SELECT number, handle_time(a) OVER (ORDER BY number ROWS 9 PRECEDING)
      FROM page_3000, activities(page, 'ignore') AS a;
CREATE VIEW by_group AS
    SELECT number, average_handle_time(a), busy_time(a)
      FROM page_3000, activities(page, 'ignore') AS a
     GROUP BY number;
-- what it remembers would be taken for growth
SET enable_memoize = off;
\pset format unaligned
SELECT query, pages, shown(contexts, 100000) AS contexts_grow,
       shown(coalesce(process, 0), 1000000) AS process_grows
  FROM unnest(ARRAY[
           'SELECT number FROM page_3000, activities(page, ''ignore'')',
           'SELECT number FROM page_3000, activities(page_b, ''ignore'')',
           'SELECT number FROM (SELECT number, activities(page, ''ignore'') FROM page_3000) AS a',
           'SELECT number FROM (SELECT number, activities(page_b, ''ignore'') FROM page_3000) AS a',
           'SELECT number FROM page_3000, activities(page, ''ignore'') AS a, activity_slices(a, ''100 ms'')',
           'SELECT number FROM page_3000, activity_errors(page)',
           'SELECT number FROM page_3000, activity_errors(page_b)',
           'SELECT number FROM page_3000 WHERE (activity_page(page)).items = 4',
           'SELECT number FROM page_3000 WHERE (activity_page(page_b)).items = 4',
           'SELECT number FROM moving_frame WHERE handle_time > 0',
           'SELECT number FROM by_group WHERE average_handle_time > 0 ORDER BY number']) AS query,
       growth_within(query);
RESET enable_memoize;
\pset format aligned

-- While a document of 4 MB is read, of 300,000 keys with an escape, the process grows by a few times its size.
CREATE TABLE many_keys AS
    SELECT ('{' || string_agg('"\u0000": 1', ', ') || ', "agentId": 1}')::json AS page
      FROM generate_series(1, 300000);
CREATE FUNCTION peak() RETURNS bigint
    LANGUAGE sql
    RETURN substring(pg_read_file('/proc/self/status') FROM 'VmHWM:\s*(\d+)')::bigint * 1024;
COPY (SELECT 5) TO '/proc/self/clear_refs';
SELECT peak() AS before \gset
SELECT count(*) FROM many_keys, activities(page, 'ignore');
SELECT count(*) FROM many_keys, activity_errors(page);
SELECT shown(peak() - :before, 30000000) AS grows;
