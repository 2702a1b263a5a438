-- load_pages.sql: what load_pages takes, compared with loading page by page; bench/load_pages runs it.
--
-- Expects the variables participations and batch.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
DROP SCHEMA IF EXISTS load_pages_bench CASCADE;
CREATE SCHEMA load_pages_bench;
SET search_path = load_pages_bench, public;
SET TimeZone = 'UTC';
\ir generate.sql

CREATE TABLE pages_json AS SELECT page FROM generate_pages(:participations, page_size => 100) AS page;
CREATE TABLE pages_jsonb AS SELECT page::jsonb FROM pages_json;
-- each page twice, its activities first as they were while they lasted
CREATE TABLE pages_shuffled AS
	SELECT page FROM (
		SELECT page FROM pages_json
		UNION ALL
		SELECT json_build_object('upTo', '2026-01-06T00:00:00Z', 'items', (
			SELECT json_agg(item || '{"status": "Ongoing", "duration": null}') FROM jsonb_array_elements(page -> 'items') AS item))
		FROM pages_jsonb) AS delivery
	ORDER BY md5(page::text);
VACUUM ANALYZE pages_json, pages_jsonb, pages_shuffled;
SELECT count(*) AS pages, sum((activity_page(page)).items) AS activities FROM pages_json;

-- Milliseconds on a processor: the time that other sessions take does not count.
CREATE FUNCTION on_cpu() RETURNS double precision LANGUAGE sql AS
$$SELECT split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::double precision / 1000000$$;
CREATE FUNCTION most_memory() RETURNS text LANGUAGE sql AS
$$SELECT substring(pg_read_file('/proc/self/status') FROM 'VmHWM:\s*(\d+ kB)')$$;
CREATE PROCEDURE load_one_by_one(target regclass, pages regclass) LANGUAGE plpgsql AS
$$
DECLARE
	place tid;
BEGIN
	FOR place IN EXECUTE format('SELECT ctid FROM %s', pages) LOOP
		EXECUTE format('SELECT load_activities($1, page) FROM %s WHERE ctid = $2', pages) USING target, place;
		COMMIT;
	END LOOP;
END
$$;
CREATE FUNCTION difference(a regclass, b regclass) RETURNS bigint LANGUAGE plpgsql AS
$$
DECLARE
	result bigint;
BEGIN
	EXECUTE format('SELECT count(*) FROM ((TABLE %1$s EXCEPT ALL TABLE %2$s) UNION ALL (TABLE %2$s EXCEPT ALL TABLE %1$s)) AS d', a, b) INTO result;
	RETURN result;
END
$$;
CREATE TABLE result (number integer GENERATED ALWAYS AS IDENTITY, pages text, load text, in_batches double precision, one_by_one double precision,
	different bigint, most_memory text);
CREATE PROCEDURE measure(pages regclass, load text, batch integer) LANGUAGE plpgsql AS
$$
DECLARE
	begun double precision;
	in_batches double precision;
	memory text;
	inserted bigint; updated bigint; unchanged bigint; rejected bigint; outdated bigint;
BEGIN
	IF load = 'new' THEN
		DROP TABLE IF EXISTS batches, batches_participation, batches_presence, single, single_participation, single_presence;
		PERFORM create_activity_table('batches'), create_activity_table('single');
		COMMIT;
	END IF;
	begun := on_cpu();
	CALL load_pages('batches', pages, 'page', batch, 'stop', inserted, updated, unchanged, rejected, outdated);
	in_batches := on_cpu() - begun;
	memory := most_memory();
	begun := on_cpu();
	CALL load_one_by_one('single', pages);
	INSERT INTO result (pages, load, in_batches, one_by_one, different, most_memory)
	VALUES (pages, load, in_batches, on_cpu() - begun,
		difference('batches', 'single') + difference('batches_participation', 'single_participation'), memory);
	COMMIT;
END
$$;
-- each in a session of its own, as memory is not given back
\connect
SET client_min_messages = warning;
SET search_path = load_pages_bench, public;
CALL measure('pages_json', 'new', :batch);
CALL measure('pages_json', 'again', :batch);
\connect
SET client_min_messages = warning;
SET search_path = load_pages_bench, public;
CALL measure('pages_jsonb', 'new', :batch);
\connect
SET client_min_messages = warning;
SET search_path = load_pages_bench, public;
CALL measure('pages_shuffled', 'new', :batch);
SELECT pages, load, (in_batches / one_by_one)::numeric(6, 2) AS times_one_by_one, most_memory, different AS different_rows FROM result ORDER BY number;
DROP SCHEMA load_pages_bench CASCADE;
