-- Handled participations, average handle time and unexpected rate of each agent.

-- [ours] participation table, plain columns
SELECT agent_id, count(*) FILTER (WHERE handled) AS handled,
	sum(handle_ms)::float8 / (1000.0 * nullif(count(*) FILTER (WHERE handled), 0)) AS average,
	count(*) FILTER (WHERE outcome = 'Unexpected')::float8 / nullif(count(*) FILTER (WHERE offered), 0) AS rate
FROM {participations} GROUP BY agent_id

-- [ours] participation table, metrics over whole rows
SELECT agent_id, handled_participations(p) AS handled, average_handle_time(p) AS average, unexpected_rate(p) AS rate
FROM {participations} AS p GROUP BY agent_id

-- [sql] over activities, two GROUP BY
SELECT agent_id, count(*) FILTER (WHERE handled) AS handled,
	sum(ms)::float8 / (1000.0 * nullif(count(*) FILTER (WHERE handled), 0)) AS average,
	count(*) FILTER (WHERE unexpected)::float8 / nullif(count(*) FILTER (WHERE offered), 0) AS rate
FROM (SELECT agent_id,
		(sum(duration_ms) FILTER (WHERE state IN ('Connected', 'Wrap')))::bigint AS ms,
		bool_or(state IN ('Connected', 'Wrap') AND duration_ms IS NOT NULL) AS handled,
		bool_or(state = 'Unexpected') AS unexpected,
		bool_or(state <> 'Wrap') AS offered
	FROM {activities}
	WHERE reason IS DISTINCT FROM 'Monitor'
	GROUP BY interaction_guid, channel_guid, agent_id) AS participation
GROUP BY agent_id

-- [sql] over activities, count(DISTINCT)
SELECT agent_id,
	count(DISTINCT (interaction_guid, channel_guid))
		FILTER (WHERE state IN ('Connected', 'Wrap') AND duration_ms IS NOT NULL) AS handled,
	(sum(duration_ms) FILTER (WHERE state IN ('Connected', 'Wrap')))::float8
		/ (1000.0 * nullif(count(DISTINCT (interaction_guid, channel_guid))
			FILTER (WHERE state IN ('Connected', 'Wrap') AND duration_ms IS NOT NULL), 0)) AS average,
	count(DISTINCT (interaction_guid, channel_guid)) FILTER (WHERE state = 'Unexpected')::float8
		/ nullif(count(DISTINCT (interaction_guid, channel_guid)) FILTER (WHERE state <> 'Wrap'), 0) AS rate
FROM {activities}
WHERE reason IS DISTINCT FROM 'Monitor'
GROUP BY agent_id

-- [duckdb] DuckDB over activities, two GROUP BY
SELECT agent_id, count(*) FILTER (WHERE handled) AS handled,
	sum(ms)::DOUBLE / (1000.0 * nullif(count(*) FILTER (WHERE handled), 0)) AS average,
	count(*) FILTER (WHERE unexpected)::DOUBLE / nullif(count(*) FILTER (WHERE offered), 0) AS rate
FROM (SELECT agent_id,
		(sum(duration_ms) FILTER (WHERE state IN ('Connected', 'Wrap')))::BIGINT AS ms,
		bool_or(state IN ('Connected', 'Wrap') AND duration_ms IS NOT NULL) AS handled,
		bool_or(state = 'Unexpected') AS unexpected,
		bool_or(state <> 'Wrap') AS offered
	FROM {activities}
	WHERE reason IS DISTINCT FROM 'Monitor'
	GROUP BY interaction_guid, channel_guid, agent_id) AS participation
GROUP BY agent_id
