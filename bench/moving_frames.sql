-- moving_frames.sql: what a row of a moving frame costs, by the width of the frame; bench/moving_frames runs it.
--
-- Expects the variables participations (how many rows there are) and rounds.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
DROP SCHEMA IF EXISTS moving_frames CASCADE;
CREATE SCHEMA moving_frames;
SET search_path = moving_frames, public;
SET jit = off;
SET work_mem = '256MB';
\ir generate.sql

CREATE TABLE participations OF participation;
INSERT INTO participations
	SELECT (p).*
	  FROM (SELECT participation(a) AS p
	          FROM generate_activities(:participations) AS a
	         GROUP BY agent_id, interaction_guid, channel_guid OFFSET 0) AS v
	 ORDER BY (p).started_at;
VACUUM ANALYZE participations;

-- The same aggregate without its inverse: PostgreSQL computes each frame anew. Fewer rows do for that.
CREATE AGGREGATE handle_time_anew(participation) (
	SFUNC = participation_sums_accum,
	STYPE = bigint[],
	FINALFUNC = activity_sums_handle_time
);
CREATE TABLE few_participations OF participation;
INSERT INTO few_participations TABLE participations LIMIT 5000;
VACUUM ANALYZE few_participations;

CREATE TABLE contender (place serial, name text, aggregate text, source regclass, widest integer);
INSERT INTO contender (name, aggregate, source, widest) VALUES
	('inverse', 'handle_time(p)', 'participations', 10000),
	('sum', 'sum(handle_ms)', 'participations', 10000),
	('anew', 'handle_time_anew(p)', 'few_participations', 1000);
CREATE TABLE result (name text, width integer, round integer, ns double precision);

-- Measures every contender at every width, by turns, rounds times over.
CREATE FUNCTION measure(rounds integer) RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
	contender record;
	begun timestamptz;
	rows bigint;
	ignored bigint;
BEGIN
	FOR round IN 0 .. rounds LOOP -- the first, number 0, warms up
		FOR contender IN
			SELECT * FROM contender, unnest('{10, 100, 1000, 10000}'::integer[]) AS width
			 WHERE width <= widest
			 ORDER BY width, place
		LOOP
			begun := clock_timestamp();
			EXECUTE format('SELECT count(*), count(value)
			                  FROM (SELECT %s OVER (ORDER BY started_at, channel_guid ROWS %s PRECEDING) AS value
			                          FROM %s AS p OFFSET 0) AS v',
			               contender.aggregate, contender.width - 1, contender.source)
				INTO rows, ignored;
			INSERT INTO result
				VALUES (contender.name, contender.width, round,
				        extract(epoch FROM clock_timestamp() - begun) * 1e9 / rows);
		END LOOP;
	END LOOP;
END
$$;
SELECT measure(:rounds) \g /dev/null

\pset format unaligned
\pset tuples_only on
SELECT format('Nanoseconds a row, medians of %s rounds, over %s participations:', :rounds, count(*)) FROM participations;
\echo
\echo '| frame | handle_time(participation) | sum(handle_ms) | handle_time without its inverse |'
\echo '|---:|---:|---:|---:|'
SELECT format('| %s rows | %s | %s | %s |', to_char(width, 'FM99,999'),
              to_char(max(ns) FILTER (WHERE name = 'inverse'), 'FM999,999,999'),
              to_char(max(ns) FILTER (WHERE name = 'sum'), 'FM999,999,999'),
              coalesce(to_char(max(ns) FILTER (WHERE name = 'anew'), 'FM999,999,999'), 'not measured'))
  FROM (SELECT width, name, percentile_cont(0.5) WITHIN GROUP (ORDER BY ns) AS ns
          FROM result
         WHERE round > 0
         GROUP BY width, name) AS median
 GROUP BY width
 ORDER BY width;
DROP SCHEMA moving_frames CASCADE;
