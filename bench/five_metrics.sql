-- five_metrics.sql: what five metrics over activities cost in one query; bench/five_metrics runs it.
--
-- Expects the variables participations (of which activities are generated) and rounds.
\set ON_ERROR_STOP on
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
DROP SCHEMA IF EXISTS five_metrics CASCADE;
CREATE SCHEMA five_metrics;
SET search_path = five_metrics, public;
SET jit = off;
SET work_mem = '1GB';
SET max_parallel_workers_per_gather = 0;
\ir generate.sql

CREATE TABLE activities OF activity;
INSERT INTO activities SELECT * FROM generate_activities(:participations);
VACUUM ANALYZE activities;

CREATE TABLE metric (name text);
INSERT INTO metric VALUES ('handled_participations'), ('offered_participations'), ('unexpected_participations'),
	('average_handle_time'), ('unexpected_rate');
-- Each metric alone, and all of them, for each form and grouping.
CREATE TABLE contender AS
	SELECT form, per, name, format('SELECT %s FROM activities AS a%s',
			string_agg(format('%s(%s)', metric, arguments), ', ' ORDER BY metric), ' GROUP BY ' || nullif(per, 'all')) AS query
	FROM (VALUES ('rows', 'a::activity'),
			('columns', 'state, reason, duration_ms, interaction_guid, channel_guid, agent_id')) AS f (form, arguments),
		(VALUES ('all'), ('agent_id')) AS g (per),
		LATERAL (SELECT name, name AS metric FROM metric UNION ALL SELECT 'all five', name FROM metric) AS m
	GROUP BY form, per, name;
CREATE TABLE result (form text, per text, name text, round integer, ms double precision);

-- Measures every contender, by turns, rounds times over, and once before that.
CREATE FUNCTION measure(rounds integer) RETURNS void LANGUAGE plpgsql AS
$$
DECLARE
	one contender;
	begun timestamptz;
BEGIN
	FOR round IN 0 .. rounds LOOP
		FOR one IN TABLE contender LOOP
			begun := clock_timestamp();
			EXECUTE format('SELECT count(q) FROM (%s OFFSET 0) AS q', one.query);
			INSERT INTO result VALUES (one.form, one.per, one.name, round,
				extract(epoch FROM clock_timestamp() - begun) * 1000);
		END LOOP;
	END LOOP;
END
$$;
SELECT measure(:rounds) \g /dev/null

SELECT count(*) AS activities FROM activities;
SELECT form, per, max(ms) FILTER (WHERE name <> 'all five')::numeric(9, 1) AS dearest_alone_ms,
	max(ms) FILTER (WHERE name = 'all five')::numeric(9, 1) AS all_five_ms,
	(max(ms) FILTER (WHERE name = 'all five') / max(ms) FILTER (WHERE name <> 'all five'))::numeric(4, 2) AS times
FROM (SELECT form, per, name, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS ms
		FROM result WHERE round > 0 GROUP BY form, per, name) AS m
GROUP BY form, per
ORDER BY form, per;
DROP SCHEMA five_metrics CASCADE;
