-- Handled, offered and unexpected participations, average handle time and unexpected rate, in one query over activities.

-- [ours] columns
SELECT {keys} handled_participations(state, reason, duration_ms, interaction_guid, channel_guid, agent_id) AS handled,
	offered_participations(state, reason, duration_ms, interaction_guid, channel_guid, agent_id) AS offered,
	unexpected_participations(state, reason, duration_ms, interaction_guid, channel_guid, agent_id) AS unexpected,
	average_handle_time(state, reason, duration_ms, interaction_guid, channel_guid, agent_id) AS average,
	unexpected_rate(state, reason, duration_ms, interaction_guid, channel_guid, agent_id) AS rate
FROM {activities} {group}

-- [ours] whole row
SELECT {keys} handled_participations(a) AS handled, offered_participations(a) AS offered, unexpected_participations(a) AS unexpected,
	average_handle_time(a) AS average, unexpected_rate(a) AS rate
FROM {activities} AS a {group}

-- [sql] two GROUP BY
SELECT {names} count(*) FILTER (WHERE handled) AS handled, count(*) FILTER (WHERE offered) AS offered,
	count(*) FILTER (WHERE unexpected) AS unexpected,
	sum(ms)::float8 / (1000.0 * nullif(count(*) FILTER (WHERE handled), 0)) AS average,
	count(*) FILTER (WHERE unexpected)::float8 / nullif(count(*) FILTER (WHERE offered), 0) AS rate
FROM (SELECT {keys}
		(sum(duration_ms) FILTER (WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor'))::bigint AS ms,
		bool_or(state IN ('Connected', 'Wrap') AND duration_ms IS NOT NULL AND reason IS DISTINCT FROM 'Monitor') AS handled,
		bool_or(state = 'Unexpected' AND reason IS DISTINCT FROM 'Monitor') AS unexpected,
		bool_or(state <> 'Wrap' AND reason IS DISTINCT FROM 'Monitor') AS offered
	FROM {activities}
	GROUP BY {inner}) AS participation {group}
