-- Participations offered, handled and unexpected, and their handle time, by the half hour in which they started. Monitor
-- activities do not count.

-- [ours] participation table, plain columns
SELECT date_bin('30 minutes', started_at, '2000-01-01Z') AS half_hour, count(*) FILTER (WHERE offered) AS offered,
	count(*) FILTER (WHERE handled) AS handled, count(*) FILTER (WHERE outcome = 'Unexpected') AS unexpected,
	sum(handle_ms)::float8 / 1000 AS seconds
FROM {participations} WHERE outcome <> 'Monitored' GROUP BY half_hour

-- [ours] participation table, metrics over whole rows
SELECT date_bin('30 minutes', started_at, '2000-01-01Z') AS half_hour, offered_participations(p) AS offered,
	handled_participations(p) AS handled, unexpected_participations(p) AS unexpected, handle_time(p) AS seconds
FROM {participations} AS p WHERE outcome <> 'Monitored' GROUP BY half_hour

-- [sql] over activities, two GROUP BY
SELECT date_bin('30 minutes', started_at, '2000-01-01Z') AS half_hour, count(*) FILTER (WHERE offered) AS offered,
	count(*) FILTER (WHERE handled) AS handled, count(*) FILTER (WHERE unexpected) AS unexpected,
	coalesce(sum(ms), 0)::float8 / 1000 AS seconds
FROM (SELECT min(start) FILTER (WHERE reason IS DISTINCT FROM 'Monitor') AS started_at,
		(sum(duration_ms) FILTER (WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor'))::bigint AS ms,
		bool_or(state IN ('Connected', 'Wrap') AND duration_ms IS NOT NULL
			AND reason IS DISTINCT FROM 'Monitor') AS handled,
		bool_or(state = 'Unexpected' AND reason IS DISTINCT FROM 'Monitor') AS unexpected,
		bool_or(state <> 'Wrap' AND reason IS DISTINCT FROM 'Monitor') AS offered
	FROM {activities}
	GROUP BY interaction_guid, channel_guid, agent_id
	HAVING bool_or(reason IS DISTINCT FROM 'Monitor')) AS participation
GROUP BY half_hour

-- [duckdb] DuckDB over activities, two GROUP BY
SELECT date_bin('30 minutes', started_at, '2000-01-01Z') AS half_hour, count(*) FILTER (WHERE offered) AS offered,
	count(*) FILTER (WHERE handled) AS handled, count(*) FILTER (WHERE unexpected) AS unexpected,
	coalesce(sum(ms), 0)::DOUBLE / 1000 AS seconds
FROM (SELECT min(start) FILTER (WHERE reason IS DISTINCT FROM 'Monitor') AS started_at,
		(sum(duration_ms) FILTER (WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor'))::BIGINT AS ms,
		bool_or(state IN ('Connected', 'Wrap') AND duration_ms IS NOT NULL
			AND reason IS DISTINCT FROM 'Monitor') AS handled,
		bool_or(state = 'Unexpected' AND reason IS DISTINCT FROM 'Monitor') AS unexpected,
		bool_or(state <> 'Wrap' AND reason IS DISTINCT FROM 'Monitor') AS offered
	FROM {activities}
	GROUP BY interaction_guid, channel_guid, agent_id
	HAVING bool_or(reason IS DISTINCT FROM 'Monitor')) AS participation
GROUP BY half_hour
