-- intervals.sql: what windows of time cost; bench/intervals runs it.
--
-- Expects the variables activities (about how many) and rounds.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
DROP SCHEMA IF EXISTS intervals_bench CASCADE;
CREATE SCHEMA intervals_bench;
SET search_path = intervals_bench, public;
SET TimeZone = 'UTC';
SET jit = off;
SET work_mem = '256MB';
SET max_parallel_workers_per_gather = 0;
\ir generate.sql

-- As phone and chat centres have them, and with cases and e-mails; agents are Ready for twelve hours, with a break an hour.
SELECT create_activity_table('calls'), create_activity_table('cases') \g /dev/null
INSERT INTO cases SELECT * FROM generate_activities(:activities / 26 * 10) ORDER BY start;
INSERT INTO calls SELECT * FROM cases WHERE medium NOT IN ('Case', 'Email');
INSERT INTO calls_participation
	SELECT (participation(a)).* FROM calls AS a GROUP BY agent_id, interaction_guid, channel_guid ORDER BY min(start);
INSERT INTO cases_participation
	SELECT (participation(a)).* FROM cases AS a GROUP BY agent_id, interaction_guid, channel_guid ORDER BY min(start);
INSERT INTO calls_presence
	SELECT day + hour * '1 hour'::interval + part * '50 minutes'::interval, CASE WHEN hour < 11 OR part = 0 THEN 3000000 - 2400000 * part END,
		(CASE WHEN hour = 11 AND part = 1 THEN 'LoggedOut' WHEN part = 1 THEN 'Away' ELSE 'Ready' END)::presence_category, true, agent_id, NULL, NULL
	FROM (SELECT DISTINCT agent_id, date_trunc('day', started_at) + '7 hours'::interval AS day FROM calls_participation
			WHERE started_at >= '2026-01-05') AS d, generate_series(0, 11) AS hour, generate_series(0, 1) AS part;
INSERT INTO cases_presence SELECT * FROM calls_presence;
VACUUM ANALYZE calls, calls_participation, calls_presence, cases, cases_participation, cases_presence;

CREATE TABLE window_of (span text, from_time timestamptz, to_time timestamptz);
INSERT INTO window_of
	SELECT span, middle, middle + length
	FROM (VALUES ('day', '1 day'::interval), ('week', '7 days')) AS s (span, length),
		(SELECT date_trunc('day', percentile_disc(0.4) WITHIN GROUP (ORDER BY start)) AS middle FROM calls) AS m;

-- What is compared, for each table and window: %1 is the table, %2 and %3 the window, %4 its name. The floor reads the
-- columns of the activities that overlap the window, with the same indexes. What a function returns is read from a table
-- as well.
CREATE TABLE contender (name text, query text);
INSERT INTO contender VALUES
	('activity_intervals', 'SELECT * FROM activity_intervals(%1$L, %2$L, %3$L)'),
	('agent_intervals', 'SELECT * FROM agent_intervals(%1$L, %2$L, %3$L)'),
	('floor', 'SELECT start, agent_id, medium, direction, duration_ms, state, reason FROM %1$I
		WHERE start >= %2$L::timestamptz - ''1 hour''::interval AND start < %3$L AND duration_ms <= 3600000
		UNION ALL SELECT start, agent_id, medium, direction, duration_ms, state, reason FROM %1$I
		WHERE duration_ms > 3600000 AND tstzrange(start, activity_end(start, duration_ms)) && tstzrange(%2$L, %3$L)'),
	('plain SQL, spent alone', 'SELECT half_hour, agent_id, medium, direction,
			sum(extract(epoch FROM least(start + duration_ms * ''1 ms''::interval, half_hour + ''30 minutes''::interval)
				- greatest(start, half_hour))) AS seconds
		FROM generate_series(%2$L::timestamptz, %3$L::timestamptz - ''30 minutes''::interval, ''30 minutes'') AS half_hour
			JOIN %1$I ON start < half_hour + ''30 minutes''::interval AND start + duration_ms * ''1 ms''::interval > half_hour
		WHERE state IN (''Connected'', ''Wrap'') AND reason IS DISTINCT FROM ''Monitor''
			AND start < %3$L AND start + duration_ms * ''1 ms''::interval > %2$L
		GROUP BY half_hour, agent_id, medium, direction');
SELECT format('CREATE TABLE %s_%s_%s AS %s', name, source, span, format(query, source, from_time, to_time))
FROM unnest('{calls,cases}'::text[]) AS source, window_of, contender WHERE name LIKE '%intervals' \gexec
INSERT INTO contender
	SELECT name || ', from a table', 'SELECT * FROM ' || name || '_%1$s_%4$s' FROM contender WHERE name LIKE '%intervals';
CREATE TABLE result (source text, span text, name text, round integer, rows bigint, ms double precision);

-- Measures every contender, by turns, rounds times over, and once before that; plain SQL twice in all.
CREATE FUNCTION measure(rounds integer) RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
	one record;
	begun timestamptz;
	count bigint;
BEGIN
	FOR round IN 0 .. rounds LOOP
		FOR one IN
			SELECT source, span, name, format(query, source, from_time, to_time, span) AS query
			FROM unnest('{calls,cases}'::text[]) AS source, window_of, contender
			WHERE round <= 1 OR name NOT LIKE 'plain%'
		LOOP
			begun := clock_timestamp();
			EXECUTE format('SELECT count(q) FROM (%s OFFSET 0) AS q', one.query) INTO count;
			INSERT INTO result VALUES (one.source, one.span, one.name, round, count,
				extract(epoch FROM clock_timestamp() - begun) * 1000);
		END LOOP;
	END LOOP;
END
$$;
SELECT measure(:rounds) \g /dev/null

SELECT (SELECT count(*) FROM calls) AS calls, (SELECT count(*) FROM cases) AS cases;
WITH r AS (
	SELECT source, span, name, max(rows) AS rows, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS ms
	FROM result WHERE round > 0 GROUP BY source, span, name)
SELECT r.source, r.span, r.name, r.rows, r.ms::numeric(10, 1), (r.ms / f.ms)::numeric(6, 2) AS times_the_floor,
	(r.ms / (f.ms + t.ms))::numeric(6, 2) AS times_floor_and_table
FROM r JOIN r AS f ON (f.source, f.span, f.name) = (r.source, r.span, 'floor')
	LEFT JOIN r AS t ON (t.source, t.span, t.name) = (r.source, r.span, r.name || ', from a table')
ORDER BY r.source, r.span, r.name;

-- Loads with and without the indexes for windows, by turns: pages of 100, all new.
CREATE TABLE page AS SELECT page FROM generate_pages(:activities / 130, page_size => 100) AS page;
CREATE TABLE load_result (with_indexes boolean, round integer, ms double precision);
CREATE PROCEDURE load_all(rounds integer) LANGUAGE plpgsql AS
$$
DECLARE
	begun timestamptz;
	extra record;
BEGIN
	FOR round IN 0 .. rounds LOOP
		FOR with_indexes IN 0 .. 1 LOOP
			PERFORM create_activity_table('loaded');
			IF with_indexes = 0 THEN
				FOR extra IN SELECT indexrelid::regclass AS name FROM pg_index
						WHERE indrelid IN ('loaded'::regclass, 'loaded_participation'::regclass) AND NOT indisunique LOOP
					EXECUTE format('DROP INDEX %s', extra.name);
				END LOOP;
			END IF;
			begun := clock_timestamp();
			PERFORM load_activities('loaded', page.page) FROM page;
			COMMIT;
			INSERT INTO load_result VALUES (with_indexes = 1, round, extract(epoch FROM clock_timestamp() - begun) * 1000);
			DROP TABLE loaded, loaded_participation, loaded_presence;
			COMMIT;
		END LOOP;
	END LOOP;
END
$$;
CALL load_all(:rounds);
SELECT (SELECT count(*) FROM page) AS pages_of_100,
	(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE with_indexes)
		/ percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FILTER (WHERE NOT with_indexes))::numeric(4, 2) AS times_without_indexes
FROM load_result WHERE round > 0;
DROP SCHEMA intervals_bench CASCADE;
