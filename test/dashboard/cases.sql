-- The tables of the cases of test/dashboard.sh besides the sample: none, one (agent), many (500 agents) and year. The data
-- is bench/generate.sql's, with a now within the last day, work that was reported an hour after it ended, and presences
-- on all days but none on the first.
\set ON_ERROR_STOP on
CREATE EXTENSION activity;
\ir ../../bench/generate.sql

CREATE PROCEDURE make_case(name text, participations bigint, agents integer) LANGUAGE plpgsql AS $$
DECLARE
	days CONSTANT integer := participations / (agents * 40);
BEGIN
	PERFORM create_activity_table(name);
	CREATE TEMPORARY TABLE made OF activity;
	INSERT INTO made SELECT * FROM generate_activities(participations, agents);
	UPDATE made SET reported_at = least(reported_at - '30 hours'::interval,
		start + coalesce(duration_ms, 0) * '1 millisecond'::interval + '1 hour'::interval);
	PERFORM load_activities(name::regclass, coalesce(array_agg(m::activity), ARRAY[]::activity[])) FROM made AS m;
	EXECUTE format($sql$
		INSERT INTO %I (start, duration_ms, category, eligible_for_routing, agent_id, name)
		SELECT '2026-01-05 00:00Z'::timestamptz + day * '1 day'::interval + at, minutes * 60000, category::presence_category,
			category = 'Ready', agent_id, category
		FROM (SELECT DISTINCT agent_id FROM made) AS agent, generate_series(1, %s - 1) AS day,
			(VALUES ('07:30'::interval, 270, 'Ready'), ('12:00', 45, 'Away'), ('12:45', NULL, 'Ready')) AS p (at, minutes, category)
		UNION ALL
		SELECT '2026-01-05 19:00Z'::timestamptz + day * '1 day'::interval, NULL, 'LoggedOut', false, agent_id, 'LoggedOut'
		FROM (SELECT DISTINCT agent_id FROM made) AS agent, generate_series(1, %s - 2) AS day$sql$,
		name || '_presence', days, days);
	DROP TABLE made;
END
$$;
CALL make_case('none', 0, 1);
CALL make_case('one', 400, 1);
CALL make_case('many', 40000, 500);
CALL make_case('year', 29200, 2);
VACUUM ANALYZE;
