-- indexes.sql: what indexes cost a load and save a query; bench/indexes runs it.
--
-- Expects the variables loaded and stored (participations), rounds and page_size.
\set ON_ERROR_STOP on
\set QUIET on
\pset footer off
SET client_min_messages = error;
CREATE EXTENSION IF NOT EXISTS activity;
DROP SCHEMA IF EXISTS indexes_bench CASCADE;
CREATE SCHEMA indexes_bench;
SET search_path = indexes_bench, public;
SET TimeZone = 'UTC';
SET jit = off;
SET max_parallel_workers_per_gather = 0;
\ir generate.sql

-- The indexes that create_activity_table makes beside the keys, and three more. %s is the table.
CREATE TABLE index_of (nr integer GENERATED ALWAYS AS IDENTITY, name text, by_default boolean, statement text);
INSERT INTO index_of (name, by_default, statement) VALUES
	('activities: brin (start)', true,
		'CREATE INDEX ON %s USING brin (start timestamptz_minmax_multi_ops) WITH (pages_per_range = 32, autosummarize = on)'),
	('activities: gist (time) of long ones', true,
		'CREATE INDEX ON %s USING gist (tstzrange(start, activity_end(start, duration_ms))) WHERE duration_ms > 3600000'),
	('activities: btree (start) of open ones', true, 'CREATE INDEX ON %s (start) WHERE duration_ms IS NULL'),
	('participations: brin (started_at)', true,
		'CREATE INDEX ON %s_participation USING brin (started_at timestamptz_minmax_multi_ops) WITH (pages_per_range = 32, autosummarize = on)'),
	('participations: btree (started_at)', false, 'CREATE INDEX ON %s_participation (started_at)'),
	('activities: btree (interaction_guid)', false, 'CREATE INDEX ON %s (interaction_guid)'),
	('participations: btree (interaction_guid)', false, 'CREATE INDEX ON %s_participation (interaction_guid)');

-- Does the index belong to the set? A set is one of the indexes, "all by default", or "the keys alone".
CREATE FUNCTION is_in_set(index index_of, set_name text) RETURNS boolean IMMUTABLE
	RETURN index.name = set_name OR (index.by_default AND set_name = 'all by default');

-- What holds the tables. Citus is there to try, or not.
CREATE TABLE kind AS
	SELECT nr, name FROM unnest('{plain,partitions,distributed}'::text[]) WITH ORDINALITY AS k (name, nr)
	WHERE name <> 'distributed' OR EXISTS (SELECT FROM pg_extension WHERE extname = 'citus');

CREATE FUNCTION add_indexes(name text, set_name text) RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
	index index_of;
BEGIN
	FOR index IN SELECT i.* FROM index_of AS i WHERE is_in_set(i, set_name) LOOP
		EXECUTE format(index.statement, name);
	END LOOP;
END
$$;

-- Drops all indexes of the tables "name" but the keys.
CREATE FUNCTION drop_indexes(name text) RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
	index regclass;
BEGIN
	FOR index IN SELECT indexrelid FROM pg_index
			WHERE indrelid IN (name::regclass, (name || '_participation')::regclass) AND NOT indisunique LOOP
		EXECUTE format('DROP INDEX %s', index);
	END LOOP;
END
$$;

-- Makes the tables "name" with their keys alone.
CREATE FUNCTION make(name text, kind text) RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
	first CONSTANT timestamptz := '2025-11-01Z';
	width CONSTANT interval := ('2026-01-25Z'::timestamptz - first) / 12;
BEGIN
	EXECUTE format('DROP TABLE IF EXISTS %1$s, %1$s_participation, %1$s_presence', name);
	PERFORM create_activity_table(name);
	PERFORM drop_indexes(name);
	IF kind = 'partitions' THEN
		EXECUTE format('DROP TABLE %s', name);
		EXECUTE format('CREATE TABLE %s (LIKE activity,
			UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid, start, state)) PARTITION BY RANGE (start)', name);
		FOR i IN 1 .. 12 LOOP
			EXECUTE format('CREATE TABLE %1$s_%2$s PARTITION OF %1$s FOR VALUES FROM (%3$s) TO (%4$s)', name, i,
				CASE WHEN i = 1 THEN 'MINVALUE' ELSE quote_literal(first + width * (i - 1)) END,
				CASE WHEN i = 12 THEN 'MAXVALUE' ELSE quote_literal(first + width * i) END);
		END LOOP;
	ELSIF kind = 'distributed' THEN
		EXECUTE format('SELECT create_distributed_table(%1$L, ''agent_id''),
			create_distributed_table(%1$L || ''_participation'', ''agent_id'', colocate_with => %1$L),
			create_distributed_table(%1$L || ''_presence'', ''agent_id'', colocate_with => %1$L)', name);
	END IF;
END
$$;

-- The time in milliseconds that this session has been on a processor (Linux), or, where the workers of Citus compute, the
-- time on the clock.
CREATE FUNCTION time_of(kind text) RETURNS double precision
	RETURN CASE kind WHEN 'distributed' THEN extract(epoch FROM clock_timestamp()) * 1000
		ELSE split_part(pg_read_file('/proc/self/schedstat'), ' ', 1)::double precision / 1000000 END;

--
-- Loads
--
CREATE TABLE page AS
	SELECT page, regexp_replace(page::text, '"duration": ?[0-9]+', '"duration": null', 'g')::json AS open_page
	FROM generate_pages(:loaded, page_size => :page_size) AS page;
CREATE TABLE load_result (kind text, set_name text, round integer,
	new_ms double precision, new_blocks numeric, new_wal numeric, ended_ms double precision, ended_blocks numeric, ended_wal numeric);

-- Loads the pages of the column, and returns the time and, on one node, the blocks that were looked at and the bytes of WAL.
CREATE FUNCTION load(kind text, "column" text, OUT ms double precision, OUT blocks numeric, OUT wal numeric) LANGUAGE plpgsql AS
$$
DECLARE
	begun CONSTANT double precision := time_of(kind);
	explained json;
BEGIN
	EXECUTE format('EXPLAIN (ANALYZE, BUFFERS, WAL, TIMING OFF, FORMAT JSON) SELECT load_activities(''loaded'', %I) FROM page', "column")
		INTO explained;
	ms := time_of(kind) - begun;
	IF kind <> 'distributed' THEN
		blocks := (explained -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::numeric + (explained -> 0 -> 'Plan' ->> 'Shared Read Blocks')::numeric;
		wal := (explained -> 0 -> 'Plan' ->> 'WAL Bytes')::numeric;
	END IF;
END
$$;
CREATE PROCEDURE load_all(rounds integer) LANGUAGE plpgsql AS
$$
DECLARE
	one record;
	new record;
	ended record;
BEGIN
	FOR round IN 0 .. rounds LOOP
		FOR one IN
			SELECT kind.name AS kind, s.name AS set_name
			FROM kind, (SELECT 'the keys alone' AS name UNION ALL SELECT name FROM index_of UNION ALL SELECT 'all by default') AS s
		LOOP
			PERFORM make('loaded', one.kind);
			PERFORM add_indexes('loaded', one.set_name);
			COMMIT;
			new := load(one.kind, 'page');
			COMMIT;
			PERFORM make('loaded', one.kind);
			PERFORM add_indexes('loaded', one.set_name);
			COMMIT;
			PERFORM load(one.kind, 'open_page');
			COMMIT;
			ended := load(one.kind, 'page');
			INSERT INTO load_result VALUES (one.kind, one.set_name, round,
				new.ms, new.blocks, new.wal, ended.ms, ended.blocks, ended.wal);
			COMMIT;
		END LOOP;
	END LOOP;
END
$$;
CALL load_all(:rounds);
SELECT count(*) AS pages, (sum(pg_column_size(page))::numeric / sum(json_array_length(page -> 'items')))::numeric(10, 1) AS bytes_per_item
FROM page;
WITH least AS (
	SELECT kind, set_name, min(new_ms) AS new_ms, min(new_blocks) AS new_blocks, min(new_wal) AS new_wal,
		min(ended_ms) AS ended_ms, min(ended_blocks) AS ended_blocks, min(ended_wal) AS ended_wal
	FROM load_result WHERE round > 0 GROUP BY kind, set_name)
SELECT m.kind, m.set_name AS indexes, m.new_ms::numeric(10, 0), (m.new_ms / k.new_ms)::numeric(6, 2) AS new,
	(m.new_blocks / nullif(k.new_blocks, 0))::numeric(6, 2) AS new_blocks, (m.new_wal / nullif(k.new_wal, 0))::numeric(6, 2) AS new_wal,
	(m.ended_ms / k.ended_ms)::numeric(6, 2) AS ended, (m.ended_blocks / nullif(k.ended_blocks, 0))::numeric(6, 2) AS ended_blocks,
	(m.ended_wal / nullif(k.ended_wal, 0))::numeric(6, 2) AS ended_wal
FROM least AS m JOIN (SELECT * FROM least WHERE set_name = 'the keys alone') AS k USING (kind)
	LEFT JOIN index_of AS i ON i.name = m.set_name
ORDER BY (SELECT kind.nr FROM kind WHERE kind.name = m.kind), m.set_name <> 'the keys alone', i.nr NULLS LAST;

--
-- Queries
--
CREATE TABLE stored_activity OF activity;
INSERT INTO stored_activity SELECT * FROM generate_activities(:stored) ORDER BY start;
SELECT make(name, name) FROM kind \g /dev/null
SELECT format('INSERT INTO %s SELECT * FROM stored_activity ORDER BY start', name) FROM kind \gexec
SELECT format('INSERT INTO %s_participation SELECT (participation(a)).* FROM stored_activity AS a
	GROUP BY agent_id, interaction_guid, channel_guid ORDER BY min(start)', name) FROM kind \gexec
SELECT format('VACUUM ANALYZE %1$s, %1$s_participation', name) FROM kind \gexec

SELECT add_indexes('plain', name) FROM index_of \g /dev/null
SELECT t.relname AS "table", coalesce(am.amname || CASE WHEN i.indisunique THEN ', key' ELSE '' END
		|| replace(substring(pg_get_indexdef(i.indexrelid) FROM ' \(.*'), 'indexes_bench.', ''), 'rows') AS what,
	(pg_relation_size(r.oid)::numeric / n)::numeric(10, 1) AS bytes_per_row
FROM pg_class AS t
	JOIN (SELECT 'plain'::regclass AS oid, count(*) AS n FROM plain
		UNION ALL SELECT 'plain_participation'::regclass, count(*) FROM plain_participation) AS counted USING (oid),
	LATERAL (SELECT t.oid UNION ALL SELECT indexrelid FROM pg_index WHERE indrelid = t.oid) AS r
	LEFT JOIN pg_index AS i ON indexrelid = r.oid
	LEFT JOIN pg_class AS c ON c.oid = indexrelid
	LEFT JOIN pg_am AS am ON am.oid = c.relam
ORDER BY t.relname, i.indexrelid NULLS FIRST;
SELECT drop_indexes('plain') \g /dev/null

-- %1$s is the table, %2$L a day in the middle, %3$L an interaction of it.
CREATE TABLE query (nr integer GENERATED ALWAYS AS IDENTITY, name text, text text, set_names text[]);
INSERT INTO query (name, text, set_names) VALUES
	('a day of activities, by agent',
		'SELECT agent_id, average_handle_time(state, reason, duration_ms, interaction_guid, channel_guid, agent_id) FROM %1$s
			WHERE start >= %2$L AND start < %2$L::timestamptz + ''1 day''::interval GROUP BY agent_id',
		'{activities: brin (start)}'),
	('a day of participations, by agent',
		'SELECT agent_id, average_handle_time(handle_ms, handled) FROM %1$s_participation
			WHERE started_at >= %2$L AND started_at < %2$L::timestamptz + ''1 day''::interval GROUP BY agent_id',
		'{participations: brin (started_at),participations: btree (started_at)}'),
	('half an hour of participations, by agent',
		'SELECT agent_id, average_handle_time(handle_ms, handled) FROM %1$s_participation
			WHERE started_at >= %2$L::timestamptz + ''12 hours''::interval
				AND started_at < %2$L::timestamptz + ''12 hours 30 minutes''::interval GROUP BY agent_id',
		'{participations: brin (started_at),participations: btree (started_at)}'),
	('activity_intervals, a day',
		'SELECT * FROM activity_intervals(%1$L, %2$L, %2$L::timestamptz + ''1 day''::interval)',
		'{activities: brin (start),activities: gist (time) of long ones,all by default}'),
	('agent_intervals, a day, as of its end',
		'SELECT * FROM agent_intervals(%1$L, %2$L, %2$L::timestamptz + ''1 day''::interval, as_of => %2$L::timestamptz + ''1 day''::interval)',
		'{activities: btree (start) of open ones,all by default}'),
	('open activities of a day',
		'SELECT agent_id, start, state FROM %1$s WHERE duration_ms IS NULL AND start >= %2$L AND start < %2$L::timestamptz + ''1 day''::interval',
		'{activities: brin (start),activities: btree (start) of open ones}'),
	('the activities of an interaction',
		'SELECT * FROM %1$s WHERE interaction_guid = %3$L',
		'{activities: btree (interaction_guid)}'),
	('the participations of an interaction',
		'SELECT * FROM %1$s_participation WHERE interaction_guid = %3$L',
		'{participations: btree (interaction_guid)}');

CREATE TABLE query_result (kind text, nr integer, set_name text, round integer, ms double precision, blocks bigint);
CREATE PROCEDURE query_all(rounds integer) LANGUAGE plpgsql AS
$$
DECLARE
	day CONSTANT timestamptz := (SELECT date_trunc('day', percentile_disc(0.5) WITHIN GROUP (ORDER BY start)) FROM stored_activity);
	guid CONSTANT uuid := (SELECT interaction_guid FROM stored_activity WHERE start >= day + '12 hours' ORDER BY start LIMIT 1);
	one record;
	begun double precision;
	plan json;
	ms double precision;
BEGIN
	FOR one IN
		SELECT kind.name AS kind, set_name, array_agg(query.nr) AS nrs, array_agg(format(text, kind.name, day, guid)) AS texts
		FROM kind, query, unnest(array_append(set_names, 'the keys alone')) AS set_name
		GROUP BY kind.name, set_name
	LOOP
		PERFORM add_indexes(one.kind, one.set_name);
		COMMIT;
		EXECUTE format('ANALYZE %1$s, %1$s_participation', one.kind);
		COMMIT;
		FOR i IN 1 .. cardinality(one.nrs) LOOP
			FOR round IN 0 .. rounds LOOP
				begun := time_of(one.kind);
				EXECUTE format('SELECT count(q) FROM (%s OFFSET 0) AS q', one.texts[i]);
				ms := time_of(one.kind) - begun;
				EXECUTE 'EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) ' || one.texts[i] INTO plan;
				INSERT INTO query_result VALUES (one.kind, one.nrs[i], one.set_name, round, ms,
					CASE WHEN one.kind <> 'distributed' THEN (plan -> 0 -> 'Plan' ->> 'Shared Hit Blocks')::bigint
						+ (plan -> 0 -> 'Plan' ->> 'Shared Read Blocks')::bigint END);
				COMMIT;
			END LOOP;
		END LOOP;
		PERFORM drop_indexes(one.kind);
		COMMIT;
	END LOOP;
END
$$;
CALL query_all(:rounds);
SELECT (SELECT count(*) FROM stored_activity) AS activities, (SELECT count(DISTINCT start::date) FROM stored_activity WHERE start >= '2026-01-05') AS days;
WITH least AS (
	SELECT kind, nr, set_name, min(ms) AS ms, min(blocks) AS blocks
	FROM query_result WHERE round > 0 GROUP BY kind, nr, set_name)
SELECT m.kind, q.name AS query, m.set_name AS indexes, m.ms::numeric(10, 1), k.ms::numeric(10, 1) AS ms_without,
	m.blocks, k.blocks AS blocks_without
FROM least AS m JOIN query AS q USING (nr) JOIN least AS k ON (k.kind, k.nr) = (m.kind, m.nr) AND k.set_name = 'the keys alone'
WHERE m.set_name <> 'the keys alone'
ORDER BY (SELECT kind.nr FROM kind WHERE kind.name = m.kind), m.nr, m.set_name;
DROP SCHEMA indexes_bench CASCADE;
