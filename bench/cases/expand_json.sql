-- Activities of a json column.

-- [ours] activities(json)
SELECT a.* FROM {pages}, activities(page) AS a

-- [sql] json_array_elements, ->> and casts
SELECT (i ->> 'start')::timestamptz AS start,
	(i ->> 'duration')::bigint AS duration_ms,
	(i ->> 'state')::interaction_state AS state,
	(i ->> 'status')::interaction_status AS status,
	(i -> 'interaction' ->> 'direction')::interaction_direction AS direction,
	(i -> 'interaction' ->> 'guid')::uuid AS interaction_guid,
	(i -> 'channel' ->> 'guid')::uuid AS channel_guid,
	(i ->> 'reason')::activity_reason AS reason,
	i ->> 'agentId' AS agent_id,
	i -> 'interaction' ->> 'medium' AS medium,
	i -> 'interaction' ->> 'mediumManager' AS medium_manager,
	up_to AS reported_at
FROM (SELECT page -> 'items' AS items, (page ->> 'upTo')::timestamptz AS up_to FROM {pages} OFFSET 0) AS p,
	json_array_elements(items) AS i

-- [sql] page::jsonb, jsonb_array_elements, ->> and casts
SELECT (i ->> 'start')::timestamptz AS start,
	(i ->> 'duration')::bigint AS duration_ms,
	(i ->> 'state')::interaction_state AS state,
	(i ->> 'status')::interaction_status AS status,
	(i -> 'interaction' ->> 'direction')::interaction_direction AS direction,
	(i -> 'interaction' ->> 'guid')::uuid AS interaction_guid,
	(i -> 'channel' ->> 'guid')::uuid AS channel_guid,
	(i ->> 'reason')::activity_reason AS reason,
	i ->> 'agentId' AS agent_id,
	i -> 'interaction' ->> 'medium' AS medium,
	i -> 'interaction' ->> 'mediumManager' AS medium_manager,
	up_to AS reported_at
FROM (SELECT page -> 'items' AS items, (page ->> 'upTo')::timestamptz AS up_to
		FROM (SELECT page::jsonb AS page FROM {pages} OFFSET 0) AS b OFFSET 0) AS p,
	jsonb_array_elements(items) AS i

-- [sql] json_populate_recordset
SELECT i.start, i.duration, i.state, i.status, (i.interaction).direction, (i.interaction).guid, (i.channel).guid,
	i.reason, i."agentId", (i.interaction).medium, (i.interaction)."mediumManager", up_to
FROM (SELECT page -> 'items' AS items, (page ->> 'upTo')::timestamptz AS up_to FROM {pages} OFFSET 0) AS p,
	json_populate_recordset(NULL::item, items) AS i

-- [sql 17] JSON_TABLE
SELECT start, duration_ms, state, status, direction, interaction_guid, channel_guid, reason, agent_id, medium,
	medium_manager, reported_at
FROM {pages}, JSON_TABLE(page, '$' COLUMNS (
	reported_at timestamptz PATH '$.upTo',
	NESTED PATH '$.items[*]' COLUMNS (
		start timestamptz PATH '$.start',
		duration_ms bigint PATH '$.duration',
		state interaction_state PATH '$.state',
		status interaction_status PATH '$.status',
		direction interaction_direction PATH '$.interaction.direction',
		interaction_guid uuid PATH '$.interaction.guid',
		channel_guid uuid PATH '$.channel.guid',
		reason activity_reason PATH '$.reason',
		agent_id text PATH '$.agentId',
		medium text PATH '$.interaction.medium',
		medium_manager text PATH '$.interaction.mediumManager'))) AS i

-- [duckdb] DuckDB, read_json of a file into typed columns
SELECT i.start, i.duration, i.state, i.status, i.interaction.direction, i.interaction.guid AS interaction_guid,
	i.channel.guid AS channel_guid, i.reason, i.agentId, i.interaction.medium, i.interaction.mediumManager, upTo
FROM (SELECT unnest(items) AS i, upTo
	FROM read_json('{pages}.json', format = 'newline_delimited', maximum_object_size = 1000000000, columns = {
		items: 'STRUCT(agentId VARCHAR, start TIMESTAMP, status interaction_status, duration BIGINT,
			state interaction_state, reason activity_reason,
			interaction STRUCT(guid UUID, medium VARCHAR, mediumManager VARCHAR, direction interaction_direction),
			channel STRUCT(guid UUID))[]',
		upTo: 'TIMESTAMP'}))
