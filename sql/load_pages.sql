-- load_pages loads a table of pages in batches and ends in the tables that loading
-- page by page ends in, whatever the pages are read from and the tables are like.
-- It commits each batch, so an error keeps the batches before it.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
CREATE SCHEMA load_pages;
SET search_path = load_pages, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/loads.sql'
\set generator :srcdir '/bench/generate.sql'
\set presences `cat "$PG_ABS_SRCDIR/sql/data/page-presence.json"`
\set mixed `cat "$PG_ABS_SRCDIR/sql/data/page-mixed.json"`
\set ECHO none
\i :include
\i :generator
\set ECHO all

-- 300 participations, delivered three times: open, ended, completed; participations and deliveries are on several pages.
-- They are in the same blocks on all releases, as what a batch has changes the counts of updated and unchanged.
SET default_toast_compression = pglz;
CREATE TABLE pages (page_id integer PRIMARY KEY, "Body" json, body jsonb);
INSERT INTO pages
    SELECT row_number() OVER (ORDER BY md5(page::text)), page, page
    FROM (
        SELECT jsonb_build_object('upTo', timestamp '2026-02-01' + delivery * interval '1 hour', 'items', jsonb_agg(item ORDER BY item)) AS page
        FROM (SELECT delivery, (row_number() OVER (PARTITION BY delivery ORDER BY md5(item::text)) - 1) / 10 AS number,
                  CASE delivery WHEN 1 THEN item || '{"duration": null, "status": "Ongoing"}' WHEN 2 THEN item || '{"status": "Ongoing"}' ELSE item END AS item
              FROM generate_pages(300, 20, 3, 100) AS p, jsonb_array_elements(p::jsonb -> 'items') AS item, generate_series(1, 3) AS delivery) AS d
        GROUP BY delivery, number
        UNION ALL SELECT :'presences'
        UNION ALL SELECT :'mixed'
        UNION ALL SELECT NULL) AS v
    ORDER BY 1;
-- as they are loaded one by one
SELECT create_activity_table('single');
SELECT sum(inserted) AS inserted, sum(updated) AS updated, sum(unchanged) AS unchanged
FROM (SELECT body FROM pages ORDER BY page_id) AS p, load_activities('single', body) AS l;
SELECT count(*), out_of_step('single') FROM single;
SELECT count(*) FROM single_presence;
CREATE FUNCTION differences(target regclass) RETURNS bigint
BEGIN ATOMIC
    SELECT sum(difference((target || suffix)::regclass, ('single' || suffix)::regclass)) FROM unnest(ARRAY['', '_participation', '_presence']) AS suffix;
END;

-- in batches of all sizes, json and jsonb; what is loaded already is unchanged
SELECT create_activity_table('kept'), create_activity_table('by_one'), create_activity_table('by_seven');
CALL load_pages('kept', 'pages', 'body');
CALL load_pages('kept', 'pages', 'body');
SELECT differences('kept');
CALL load_pages('by_one', 'pages', 'Body', batch => 1);
SELECT differences('by_one');
CALL load_pages(target => 'by_seven', pages => 'pages', page_column => 'body', batch => 7, on_error => 'ignore');
SELECT differences('by_seven');

-- beside what the tables have already: half of the pages, an activity whose participation somebody removed, and one of a
-- participation without the others
SELECT create_activity_table('begun');
SELECT count(*) FROM (SELECT load_activities('begun', body) FROM pages WHERE page_id % 2 = 0) AS l;
DELETE FROM begun_participation WHERE agent_id COLLATE "C" < '05';
DELETE FROM begun WHERE agent_id COLLATE "C" > '05' AND state = 'Ringing';
CALL load_pages('begun', 'pages', 'body', 20);
SELECT differences('begun'), out_of_step('begun');
-- also with activities of other times, in a partitioned table; with one that is new
CREATE TABLE days (page json);
INSERT INTO days SELECT page(item(agent_id := '"1"', start := to_json(start)::text))::json
    FROM unnest(ARRAY['2026-01-04T10:00:00Z', '2026-01-06T10:00:00Z']) AS start;
CREATE TABLE one_new (page json);
INSERT INTO one_new SELECT page(item(agent_id := '"1"', start := '"2026-01-06T10:00:00Z"') || ',' || item(agent_id := '"1"', start := '"2026-01-06T11:00:00Z"'))::json;
SELECT create_activity_table('daily', 'day');
CALL load_pages('daily', 'days', 'page');
DELETE FROM daily_participation;
SELECT l.* FROM days, load_activities('daily', page) AS l;
SELECT out_of_step('daily');
DELETE FROM daily_participation;
CALL load_pages('daily', 'days', 'page', 1);
SELECT out_of_step('daily');
DELETE FROM daily_participation;
CALL load_pages('daily', 'one_new', 'page');
SELECT out_of_step('daily');

-- what pages are read from: views, partitioned tables and their parts, temporary and empty tables, materialized views
CREATE VIEW a_view AS SELECT body AS page FROM pages ORDER BY page_id DESC;
CREATE TABLE parts (page_id integer, page json) PARTITION BY RANGE (page_id);
CREATE TABLE first_part PARTITION OF parts FOR VALUES FROM (MINVALUE) TO (100);
CREATE TABLE second_part PARTITION OF parts FOR VALUES FROM (100) TO (MAXVALUE);
INSERT INTO parts SELECT page_id, "Body" FROM pages;
CREATE TABLE parent (page jsonb);
CREATE TABLE child () INHERITS (parent);
INSERT INTO parent SELECT body FROM pages WHERE page_id <= 100;
INSERT INTO child SELECT body FROM pages WHERE page_id > 100;
CREATE MATERIALIZED VIEW materialized AS SELECT body AS page FROM pages;
CREATE TEMPORARY TABLE temporary AS SELECT body AS page FROM pages;
-- with rows that are gone, and in several blocks
CREATE TABLE with_gaps AS SELECT body AS page, page_id, repeat('x', 500) AS filler FROM pages, generate_series(1, 2) ORDER BY page_id;
DELETE FROM with_gaps WHERE ctid IN (SELECT max(ctid) FROM with_gaps GROUP BY page_id);
CREATE PROCEDURE load_from(relation text, target text) LANGUAGE plpgsql AS $$
DECLARE
    inserted bigint; updated bigint; unchanged bigint; rejected bigint; outdated bigint;
BEGIN
    PERFORM create_activity_table(target);
    COMMIT;
    CALL load_pages(target, relation, 'page', 9, 'stop', inserted, updated, unchanged, rejected, outdated);
    RAISE WARNING '%: % inserted, % updated, % unchanged, % differences', relation, inserted, updated, unchanged, differences(target);
END
$$;
CALL load_from('a_view', 'from_view');
CALL load_from('parts', 'from_parts');
CALL load_from('parent', 'from_parent');
CALL load_from('materialized', 'from_materialized');
CALL load_from('temporary', 'from_temporary');
CALL load_from('with_gaps', 'from_gaps');
CREATE TABLE no_pages (page json);
SELECT create_activity_table('empty');
CALL load_pages('empty', 'no_pages', 'page');
CREATE VIEW no_rows AS TABLE no_pages;
CALL load_pages('empty', 'no_rows', 'page');

-- into partitioned tables, and tables of one's own with more columns
CREATE TABLE monthly OF activity (UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid, start, state)) PARTITION BY RANGE (start);
CREATE TABLE monthly_old PARTITION OF monthly FOR VALUES FROM (MINVALUE) TO ('2026-01-05 12:00Z');
CREATE TABLE monthly_new PARTITION OF monthly FOR VALUES FROM ('2026-01-05 12:00Z') TO (MAXVALUE);
CREATE TABLE monthly_participation OF participation (UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid)) PARTITION BY HASH (agent_id);
CREATE TABLE monthly_participation_0 PARTITION OF monthly_participation FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE monthly_presence OF presence (PRIMARY KEY (agent_id, start, category));
CALL load_pages('monthly', 'pages', 'body', 30);
SELECT differences('monthly');
CREATE TABLE own (account text DEFAULT 'mine', LIKE activity, UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid, start, state));
CREATE TABLE own_participation (LIKE participation, account text DEFAULT 'mine', UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid));
CREATE TABLE own_presence OF presence (PRIMARY KEY (agent_id, start, category));
CALL load_pages('own', 'pages', 'body');
SELECT count(*), count(*) FILTER (WHERE account = 'mine'), out_of_step('own') FROM own;
-- whose column of times rounds them
CREATE TABLE rounded (LIKE activity, UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid, start, state));
ALTER TABLE rounded ALTER start TYPE timestamptz(0);
CREATE TABLE rounded_participation OF participation (UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid));
CREATE TABLE fraction (page json);
INSERT INTO fraction SELECT page(item(start := '"2026-01-04T10:00:00.4Z"'))::json;
CALL load_pages('rounded', 'fraction', 'page');
SELECT a.start, p.started_at, out_of_step('rounded') FROM rounded AS a, rounded_participation AS p;

-- participations are computed from what triggers make of activities
SELECT create_activity_table('triggered');
CREATE FUNCTION in_seconds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.duration_ms := NEW.duration_ms / 1000 * 1000;
    RETURN NEW;
END
$$;
CREATE TRIGGER in_seconds BEFORE INSERT OR UPDATE ON triggered FOR EACH ROW EXECUTE FUNCTION in_seconds();
CALL load_pages('triggered', 'pages', 'body');
SELECT count(*) FILTER (WHERE duration_ms % 1000 <> 0), out_of_step('triggered') FROM triggered;
-- also after they were inserted
SELECT create_activity_table('cleaned');
CREATE FUNCTION in_lower_case() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE load_pages.cleaned SET medium = lower(medium) WHERE medium <> lower(medium);
    RETURN NULL;
END
$$;
CREATE TRIGGER in_lower_case AFTER INSERT ON cleaned FOR EACH STATEMENT EXECUTE FUNCTION in_lower_case();
CALL load_pages('cleaned', 'pages', 'body');
SELECT count(*) > 0 AS loaded, count(*) FILTER (WHERE medium <> lower(medium)), out_of_step('cleaned') FROM cleaned;

-- the progress, which is that of the transaction: the caller's settings come back
SELECT create_activity_table('watched');
CREATE TABLE progress (application_name text, isolation text);
CREATE FUNCTION note_progress() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO load_pages.progress VALUES (current_setting('application_name'), current_setting('transaction_isolation'));
    RETURN NULL;
END
$$;
CREATE TRIGGER note_progress AFTER INSERT ON watched_participation FOR EACH STATEMENT EXECUTE FUNCTION note_progress();
SET application_name = 'mine';
SET default_transaction_isolation = 'serializable';
SET enable_tidscan = off;
SET enable_seqscan = on;
CALL load_pages('watched', 'a_view', 'page', 40);
SELECT application_name, isolation FROM progress GROUP BY application_name, isolation ORDER BY application_name COLLATE "C";
SELECT name, setting FROM pg_settings WHERE name IN ('application_name', 'transaction_isolation', 'enable_tidscan', 'enable_seqscan', 'search_path') ORDER BY name COLLATE "C";
CALL load_pages('watched', 'pages', 'body', 40);
SELECT differences('watched');
RESET default_transaction_isolation;
RESET enable_tidscan;
RESET enable_seqscan;

-- bad pages: an error names the page and keeps the batches before it
CREATE TABLE with_bad (page json);
INSERT INTO with_bad
    SELECT CASE nr WHEN 5 THEN page(item(start := '"soon"') || ',' || item(agent_id := '"5"'))
                   WHEN 6 THEN '{"message": "Too Many Requests"}'
                   WHEN 7 THEN page(item(agent_id := '"7"', reason := '"Lunch"'))
                   ELSE page(item(agent_id := to_json(nr::text)::text)) END::json
    FROM generate_series(1, 8) AS nr;
CREATE VIEW view_with_bad AS TABLE with_bad;
SELECT create_activity_table('strict'), create_activity_table('lenient'), create_activity_table('more_lenient');
CALL load_pages('strict', 'with_bad', 'page', 2);
SELECT string_agg(agent_id, ' ' ORDER BY agent_id COLLATE "C"), out_of_step('strict') FROM strict;
CALL load_pages('strict', 'view_with_bad', 'page', 3);
SELECT string_agg(agent_id, ' ' ORDER BY agent_id COLLATE "C"), out_of_step('strict') FROM strict;
CALL load_pages('lenient', 'with_bad', 'page', 2, 'ignore');
CALL load_pages('more_lenient', 'view_with_bad', 'page', 2, 'set_null');
SELECT string_agg(agent_id, ' ' ORDER BY agent_id COLLATE "C") FROM lenient;
SELECT string_agg(agent_id, ' ' ORDER BY agent_id COLLATE "C") FROM more_lenient;

-- nothing is left of a load that failed: the table may be changed
SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND relation = 'with_bad'::regclass;
SELECT count(*) FROM pg_cursors WHERE name <> '';

-- where a load cannot commit
BEGIN;
CALL load_pages('kept', 'pages', 'body');
ROLLBACK;
DO $$
DECLARE
    inserted bigint; updated bigint; unchanged bigint; rejected bigint; outdated bigint;
BEGIN
    CALL load_pages('kept', 'pages', 'body', 1000, 'stop', inserted, updated, unchanged, rejected, outdated);
EXCEPTION WHEN invalid_transaction_termination THEN
    RAISE WARNING '%', SQLERRM;
END
$$;

-- bad arguments
CREATE DOMAIN page_domain AS json;
CREATE TABLE bad_column (page text, of_domain page_domain);
CALL load_pages('pages', 'pages', 'body');
CALL load_pages(NULL, 'pages', 'body');
CALL load_pages('kept', NULL, 'body');
CALL load_pages('kept', 'pages', NULL);
CALL load_pages('kept', 'pages', 'body', NULL);
CALL load_pages('kept', 'pages', 'body', 0);
CALL load_pages('kept', 'pages', 'body', 10, NULL);
CALL load_pages('kept', 'pages', 'body', 10, 'skip');
CALL load_pages('kept', 'pages', 'BODY');
CALL load_pages('kept', 'pages', 'ctid');
CALL load_pages('kept', 'bad_column', 'page');
CALL load_pages('kept', 'bad_column', 'of_domain');
SET default_transaction_read_only = on;
CALL load_pages('kept', 'pages', 'body');
RESET default_transaction_read_only;

-- the caller's rights, and row security, on the pages and on the tables
\set SHOW_CONTEXT never
CREATE ROLE regress_activity_loader;
GRANT USAGE ON SCHEMA load_pages TO regress_activity_loader;
SELECT create_activity_table('guarded');
GRANT SELECT, INSERT, UPDATE ON guarded, guarded_participation, guarded_presence TO regress_activity_loader;
SET ROLE regress_activity_loader;
CALL load_pages('guarded', 'pages', 'body');
RESET ROLE;
GRANT SELECT (body) ON pages TO regress_activity_loader;
SET ROLE regress_activity_loader;
CALL load_pages('guarded', 'pages', 'Body');
CALL load_pages('guarded', 'pages', 'body');
RESET ROLE;
TRUNCATE guarded, guarded_participation, guarded_presence;
GRANT SELECT ON pages TO regress_activity_loader;
ALTER TABLE pages ENABLE ROW LEVEL SECURITY;
CREATE POLICY few ON pages USING (page_id < 20);
REVOKE UPDATE ON guarded FROM regress_activity_loader;
SET ROLE regress_activity_loader;
CALL load_pages('guarded', 'pages', 'body', 10);
RESET ROLE;
GRANT UPDATE ON guarded TO regress_activity_loader;
SET ROLE regress_activity_loader;
CALL load_pages('guarded', 'pages', 'body', 10);
RESET ROLE;
SELECT (SELECT count(*) FROM guarded) = (SELECT count(DISTINCT (agent_id, interaction_guid, channel_guid, start, state)) FROM pages, activities(body) WHERE page_id < 20),
    out_of_step('guarded');
-- nor may it store what it may not see
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON guarded FOR SELECT USING (agent_id <> '1042');
CREATE POLICY stored ON guarded FOR INSERT WITH CHECK (true);
CREATE POLICY changed ON guarded FOR UPDATE USING (true);
CREATE TABLE of_another AS SELECT page(item(guid := '"7c1e0a10-0001-4a00-8000-0000000000a9"'))::json AS page;
GRANT SELECT ON of_another TO regress_activity_loader;
SET ROLE regress_activity_loader;
CALL load_pages('guarded', 'of_another', 'page');
RESET ROLE;

SET client_min_messages = warning;
DROP SCHEMA load_pages CASCADE;
DROP ROLE regress_activity_loader;
