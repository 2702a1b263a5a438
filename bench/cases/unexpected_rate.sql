-- Unexpected by offered participations.

-- [ours] columns
SELECT {keys} unexpected_rate(state, reason, duration_ms, interaction_guid, channel_guid, agent_id) AS rate
FROM {activities} {group}

-- [ours] whole row
SELECT {keys} unexpected_rate(a) AS rate FROM {activities} AS a {group}

-- [sql] FILTER, count(DISTINCT)
SELECT {keys} count(DISTINCT (interaction_guid, channel_guid {agent}))
		FILTER (WHERE state = 'Unexpected' AND reason IS DISTINCT FROM 'Monitor')::float8
	/ nullif(count(DISTINCT (interaction_guid, channel_guid {agent}))
		FILTER (WHERE state <> 'Wrap' AND reason IS DISTINCT FROM 'Monitor'), 0) AS rate
FROM {activities} {group}

-- [sql] two GROUP BY
SELECT {names} count(*) FILTER (WHERE unexpected)::float8 / nullif(count(*) FILTER (WHERE offered), 0) AS rate
FROM (SELECT {keys}
		bool_or(state = 'Unexpected' AND reason IS DISTINCT FROM 'Monitor') AS unexpected,
		bool_or(state <> 'Wrap' AND reason IS DISTINCT FROM 'Monitor') AS offered
	FROM {activities}
	GROUP BY {inner}) AS participation {group}

-- [duckdb] DuckDB, two GROUP BY
SELECT {names} count(*) FILTER (WHERE unexpected)::DOUBLE / nullif(count(*) FILTER (WHERE offered), 0) AS rate
FROM (SELECT {keys}
		bool_or(state = 'Unexpected' AND reason IS DISTINCT FROM 'Monitor') AS unexpected,
		bool_or(state <> 'Wrap' AND reason IS DISTINCT FROM 'Monitor') AS offered
	FROM {activities}
	GROUP BY {inner}) AS participation {group}
