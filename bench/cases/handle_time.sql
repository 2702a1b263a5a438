-- Handle time alone: a sum, without participations.

-- [ours] columns
SELECT {keys} handle_time(state, reason, duration_ms) AS seconds FROM {activities} {group}

-- [ours] whole row
SELECT {keys} handle_time(a) AS seconds FROM {activities} AS a {group}

-- [sql] sum with FILTER
SELECT {keys} coalesce(sum(duration_ms)
		FILTER (WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor'), 0)::float8 / 1000 AS seconds
FROM {activities} {group}

-- [duckdb] DuckDB, sum with FILTER
SELECT {keys} coalesce(sum(duration_ms)
		FILTER (WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor'), 0)::DOUBLE / 1000 AS seconds
FROM {activities} {group}
