-- Handled time, an agent's overlaps counted once.

-- [ours] columns
SELECT agent_id, busy_time(state, reason, duration_ms, agent_id, start) AS seconds
FROM {activities} GROUP BY agent_id

-- [ours] whole row
SELECT agent_id, busy_time(a) AS seconds FROM {activities} AS a GROUP BY agent_id

-- [ours] columns, WHERE
SELECT agent_id, busy_time(state, reason, duration_ms, agent_id, start) AS seconds
FROM {activities}
WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms IS NOT NULL
GROUP BY agent_id

-- [ours] whole row, WHERE
SELECT agent_id, busy_time(a) AS seconds FROM {activities} AS a
WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms IS NOT NULL
GROUP BY agent_id

-- [sql] range_agg
SELECT agent_id, sum(ms)::float8 / 1000 AS seconds
FROM (SELECT agent_id, busy,
		(extract(epoch FROM upper(stretch) - lower(stretch)) * 1000)::bigint AS ms
	FROM (SELECT agent_id,
			range_agg(tstzrange(start, start + duration_ms * '1 ms'::interval)) AS busy
		FROM {activities}
		WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms IS NOT NULL
		GROUP BY agent_id) AS agent, unnest(busy) AS stretch) AS stretches
GROUP BY agent_id

-- [other] gaps and islands with a window
SELECT agent_id, sum(extract(epoch FROM ends - greatest(start, before)) * 1000)::bigint::float8 / 1000 AS seconds
FROM (SELECT agent_id, start, ends, max(ends) OVER (PARTITION BY agent_id ORDER BY start
			ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before
	FROM (SELECT agent_id, start, start + duration_ms * '1 ms'::interval AS ends
		FROM {activities}
		WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms IS NOT NULL) AS a) AS w
WHERE before IS NULL OR ends > before
GROUP BY agent_id
