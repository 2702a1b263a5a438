-- Activities of one very large json page.

-- [ours] activities(json)
SELECT a.* FROM {pages}, activities(page) AS a

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
