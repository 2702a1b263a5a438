-- Participations that started in each half hour of a {span} and time spent in it, by agent, medium and direction, of phone
-- and chat activities.

-- [ours] activity_intervals
SELECT interval_start, agent_id, medium, direction, participations, offered, answered, handled, unexpected, failed,
	unexpected_attempts, ring_ms, talk_ms, wrap_ms, handle_ms, spent_talk_ms, spent_wrap_ms, spent_handle_ms
FROM activity_intervals('{calls}', '{from}Z', '{to}Z')

-- [duckdb] DuckDB over activities
WITH participation AS (
	SELECT coalesce(min(start) FILTER (WHERE worked), min(start)) AS started_at, agent_id, any_value(medium) AS medium, any_value(direction) AS direction,
		bool_or(worked AND state <> 'Wrap') AS offered, bool_or(worked AND state = 'Connected') AS answered,
		bool_or(worked AND state IN ('Connected', 'Wrap') AND duration_ms IS NOT NULL) AS handled,
		bool_or(worked AND state = 'Unexpected') AS unexpected, bool_or(worked AND state = 'Failed') AS failed,
		count(*) FILTER (WHERE worked AND state = 'Unexpected') AS attempts,
		sum(duration_ms) FILTER (WHERE worked AND state = 'Ringing') AS ring_ms,
		sum(duration_ms) FILTER (WHERE worked AND state = 'Connected') AS talk_ms,
		sum(duration_ms) FILTER (WHERE worked AND state = 'Wrap') AS wrap_ms
	FROM (SELECT *, reason IS DISTINCT FROM 'Monitor' AS worked FROM {calls}) AS a
	GROUP BY agent_id, interaction_guid, channel_guid
	HAVING started_at >= '{from}' AND started_at < '{to}'),
figure AS (
	SELECT time_bucket(INTERVAL 30 MINUTES, started_at) AS half_hour, agent_id, medium, direction, 1 AS participations,
		offered, answered, handled, unexpected, failed AND NOT unexpected AS failed, attempts, ring_ms, talk_ms, wrap_ms,
		0 AS spent_talk_ms, 0 AS spent_wrap_ms
	FROM participation
	UNION ALL
	SELECT half_hour, agent_id, medium, direction, 0, false, false, false, false, false, 0, 0, 0, 0,
		CASE state WHEN 'Connected' THEN ms ELSE 0 END, CASE state WHEN 'Wrap' THEN ms ELSE 0 END
	FROM (SELECT *, epoch_ms(least(ends, half_hour + INTERVAL 30 MINUTES)) - epoch_ms(greatest(start, half_hour)) AS ms
		FROM (SELECT *, unnest(range(time_bucket(INTERVAL 30 MINUTES, greatest(start, TIMESTAMP '{from}')),
				least(ends, TIMESTAMP '{to}'), INTERVAL 30 MINUTES)) AS half_hour
			FROM (SELECT start, start + to_milliseconds(duration_ms) AS ends, agent_id, medium, direction, state FROM {calls}
				WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms > 0
					AND start < '{to}' AND start + to_milliseconds(duration_ms) > '{from}') AS a) AS h) AS s)
SELECT half_hour AS interval_start, agent_id, medium, direction, sum(participations)::BIGINT, count(*) FILTER (WHERE offered),
	count(*) FILTER (WHERE answered), count(*) FILTER (WHERE handled), count(*) FILTER (WHERE unexpected),
	count(*) FILTER (WHERE failed), sum(attempts)::BIGINT, coalesce(sum(ring_ms), 0)::BIGINT, coalesce(sum(talk_ms), 0)::BIGINT,
	coalesce(sum(wrap_ms), 0)::BIGINT, (coalesce(sum(talk_ms), 0) + coalesce(sum(wrap_ms), 0))::BIGINT,
	sum(spent_talk_ms)::BIGINT, sum(spent_wrap_ms)::BIGINT, sum(spent_talk_ms + spent_wrap_ms)::BIGINT
FROM figure GROUP BY half_hour, agent_id, medium, direction
