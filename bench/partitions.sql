-- partitions.sql: what partitions by start cost a load; bench/partitions runs it.
--
-- Expects the variables participations and rounds.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
DROP SCHEMA IF EXISTS partitions_bench CASCADE;
CREATE SCHEMA partitions_bench;
SET search_path = partitions_bench, public;
SET TimeZone = 'UTC';
\ir generate.sql

CREATE TABLE page AS SELECT page FROM generate_pages(:participations, page_size => 100) AS page;

-- Makes the tables "loaded", of so many partitions of the same length over the time of the pages, cases included; 0: plain.
CREATE FUNCTION make(partitions integer) RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
	first CONSTANT timestamptz := '2025-11-01Z';
	width CONSTANT interval := ('2026-01-25Z'::timestamptz - first) / nullif(partitions, 0);
BEGIN
	DROP TABLE IF EXISTS loaded, loaded_participation, loaded_presence;
	PERFORM create_activity_table('loaded');
	IF partitions = 0 THEN
		RETURN;
	END IF;
	DROP TABLE loaded;
	CREATE TABLE loaded (LIKE activity,
		UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid, start, state)) PARTITION BY RANGE (start);
	FOR i IN 1 .. partitions LOOP
		EXECUTE format('CREATE TABLE loaded_%s PARTITION OF loaded FOR VALUES FROM (%s) TO (%s)', i,
			CASE WHEN i = 1 THEN 'MINVALUE' ELSE quote_literal(first + width * (i - 1)) END,
			CASE WHEN i = partitions THEN 'MAXVALUE' ELSE quote_literal(first + width * i) END);
	END LOOP;
	CREATE INDEX ON loaded USING brin (start timestamptz_minmax_multi_ops) WITH (pages_per_range = 32, autosummarize = on);
	CREATE INDEX ON loaded USING gist (tstzrange(start, activity_end(start, duration_ms))) WHERE duration_ms > 3600000;
	CREATE INDEX ON loaded (start) WHERE duration_ms IS NULL;
END
$$;
CREATE TABLE result (partitions integer, round integer, ms double precision);
CREATE PROCEDURE load_all(rounds integer) LANGUAGE plpgsql AS
$$
DECLARE
	begun timestamptz;
	partitions integer;
BEGIN
	FOR round IN 0 .. rounds LOOP
		FOREACH partitions IN ARRAY '{0,4,12,36,120}'::integer[] LOOP
			PERFORM make(partitions);
			COMMIT;
			begun := clock_timestamp();
			PERFORM load_activities('loaded', page.page) FROM page;
			COMMIT;
			INSERT INTO result VALUES (partitions, round, extract(epoch FROM clock_timestamp() - begun) * 1000);
		END LOOP;
	END LOOP;
END
$$;
CALL load_all(:rounds);
SELECT (SELECT count(*) FROM page) AS pages_of_100, partitions, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms)::numeric(10, 0) AS ms,
	(percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) / (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) FROM result WHERE partitions = 0 AND round > 0))::numeric(6, 2)
		AS times_a_plain_table
FROM result WHERE round > 0 GROUP BY partitions ORDER BY partitions;
DROP SCHEMA partitions_bench CASCADE;
