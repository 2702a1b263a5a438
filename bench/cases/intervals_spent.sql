-- Time spent in each half hour of a {span}, by agent, medium and direction, of phone and chat activities.

-- [ours] activity_intervals
SELECT interval_start, agent_id, medium, direction, spent_handle_ms
FROM activity_intervals('{calls}', '{from}Z', '{to}Z') WHERE spent_handle_ms > 0

-- [sql] generate_series and overlap
SELECT half_hour AS interval_start, agent_id, medium, direction,
	(sum(extract(epoch FROM least(start + duration_ms * '1 ms'::interval, half_hour + '30 minutes'::interval)
		- greatest(start, half_hour))) * 1000)::bigint AS spent_handle_ms
FROM generate_series('{from}Z'::timestamptz, '{to}Z'::timestamptz - '30 minutes'::interval, '30 minutes') AS half_hour
	JOIN {calls} ON start < half_hour + '30 minutes'::interval AND start + duration_ms * '1 ms'::interval > half_hour
WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms > 0
	AND start < '{to}Z' AND start + duration_ms * '1 ms'::interval > '{from}Z'
GROUP BY half_hour, agent_id, medium, direction

-- [sql] the half hours of each activity
SELECT half_hour AS interval_start, agent_id, medium, direction,
	(sum(extract(epoch FROM least(ends, half_hour + '30 minutes'::interval) - greatest(start, half_hour))) * 1000)::bigint
		AS spent_handle_ms
FROM (SELECT start, start + duration_ms * '1 ms'::interval AS ends, agent_id, medium, direction FROM {calls}
	WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms > 0
		AND start < '{to}Z' AND start + duration_ms * '1 ms'::interval > '{from}Z') AS a,
	generate_series(date_bin('30 minutes', greatest(start, '{from}Z'), '{from}Z'),
		least(ends, '{to}Z') - '1 ms'::interval, '30 minutes') AS half_hour
GROUP BY half_hour, agent_id, medium, direction

-- [duckdb] DuckDB over activities, the half hours of each activity
SELECT half_hour AS interval_start, agent_id, medium, direction,
	sum(epoch_ms(least(ends, half_hour + INTERVAL 30 MINUTES)) - epoch_ms(greatest(start, half_hour)))::BIGINT AS spent_handle_ms
FROM (SELECT *, unnest(range(time_bucket(INTERVAL 30 MINUTES, greatest(start, TIMESTAMP '{from}'), TIMESTAMP '{from}'),
		least(ends, TIMESTAMP '{to}'), INTERVAL 30 MINUTES)) AS half_hour
	FROM (SELECT start, start + to_milliseconds(duration_ms) AS ends, agent_id, medium, direction FROM {calls}
		WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms > 0
			AND start < '{to}' AND start + to_milliseconds(duration_ms) > '{from}') AS a) AS h
GROUP BY half_hour, agent_id, medium, direction
