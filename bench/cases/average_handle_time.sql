-- Handle time by handled participations. Formulations with WHERE skip half of the activities, and have no row for a
-- group in which nothing was handled; the others have a null there.
-- [where] average IS NOT NULL

-- [ours] columns
SELECT {keys} average_handle_time(state, reason, duration_ms, interaction_guid, channel_guid, agent_id) AS average
FROM {activities} {group}

-- [ours] whole row
SELECT {keys} average_handle_time(a) AS average FROM {activities} AS a {group}

-- [ours] columns, WHERE
SELECT {keys} average_handle_time(state, reason, duration_ms, interaction_guid, channel_guid, agent_id) AS average
FROM {activities}
WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms IS NOT NULL {group}

-- [ours] whole row, WHERE
SELECT {keys} average_handle_time(a) AS average FROM {activities} AS a
WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms IS NOT NULL {group}

-- [floor] count(*) alone
SELECT {keys} count(*) AS activities FROM {activities} {group}

-- [floor] sum(duration_ms) alone
SELECT {keys} sum(duration_ms) AS ms FROM {activities} {group}

-- [sql] FILTER, count(DISTINCT)
SELECT {keys} (sum(duration_ms) FILTER (WHERE worked))::float8
		/ (1000.0 * nullif(count(DISTINCT (interaction_guid, channel_guid {agent})) FILTER (WHERE worked), 0)) AS average
FROM (SELECT *, state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms IS NOT NULL AS worked
	FROM {activities}) AS a {group}

-- [sql] WHERE, count(DISTINCT)
SELECT {keys} sum(duration_ms)::float8 / (1000.0 * count(DISTINCT (interaction_guid, channel_guid {agent}))) AS average
FROM {activities}
WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms IS NOT NULL {group}

-- [sql also parallel] WHERE, two GROUP BY
SELECT {names} sum(ms)::float8 / (1000.0 * count(*)) AS average
FROM (SELECT {keys} sum(duration_ms)::bigint AS ms
	FROM {activities}
	WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms IS NOT NULL
	GROUP BY {inner}) AS participation {group}

-- [duckdb] DuckDB, WHERE, two GROUP BY
SELECT {names} sum(ms)::DOUBLE / (1000.0 * count(*)) AS average
FROM (SELECT {keys} sum(duration_ms)::BIGINT AS ms
	FROM {activities}
	WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms IS NOT NULL
	GROUP BY {inner}) AS participation {group}
