-- Handled time, an agent's overlaps counted once. Formulations with WHERE have no row for a group in which nothing was
-- handled; the others have 0 or null there.
-- [where] seconds > 0

-- [ours] columns
SELECT {keys} busy_time(state, reason, duration_ms, agent_id, start) AS seconds
FROM {activities} {group}

-- [ours] whole row
SELECT {keys} busy_time(a) AS seconds FROM {activities} AS a {group}

-- [ours] columns, WHERE
SELECT {keys} busy_time(state, reason, duration_ms, agent_id, start) AS seconds
FROM {activities}
WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms IS NOT NULL {group}

-- [ours] whole row, WHERE
SELECT {keys} busy_time(a) AS seconds FROM {activities} AS a
WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms IS NOT NULL {group}

-- [floor] count(*) alone
SELECT {keys} count(*) AS activities FROM {activities} {group}

-- [floor] sum(duration_ms) alone
SELECT {keys} sum(duration_ms) AS ms FROM {activities} {group}

-- [sql] range_agg
SELECT {names} sum(ms)::float8 / 1000 AS seconds
FROM (SELECT {names} (extract(epoch FROM upper(stretch) - lower(stretch)) * 1000)::bigint AS ms
	FROM (SELECT {keys} range_agg(tstzrange(start, start + duration_ms * '1 ms'::interval)) AS busy
		FROM {activities}
		WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms IS NOT NULL {group}) AS agent,
		unnest(busy) AS stretch) AS stretches
{group}

-- [other] gaps and islands with a window
SELECT {names} sum(extract(epoch FROM ends - greatest(start, before)) * 1000)::bigint::float8 / 1000 AS seconds
FROM (SELECT {names} start, ends, max(ends) OVER (PARTITION BY {names} 1 ORDER BY start
			ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
	FROM (SELECT {keys} start, start + duration_ms * '1 ms'::interval AS ends
		FROM {activities}
		WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms IS NOT NULL) AS a) AS w
WHERE before IS NULL OR ends > before
{group}
