-- What the cases need besides their data: run once, in the throw-away server.
CREATE EXTENSION activity;
\ir generate.sql

-- How much is in each table of data.
CREATE TABLE data_size (name text PRIMARY KEY, activities bigint, bytes bigint,
	handled bigint);

-- The items of a page as a composite type, for json_populate_recordset and its like.
CREATE TYPE item_interaction AS (guid uuid, medium text, "mediumManager" text, direction interaction_direction);
CREATE TYPE item_channel AS (guid uuid);
CREATE TYPE item AS ("agentId" text, start timestamptz, status interaction_status, duration bigint,
	state interaction_state, reason activity_reason, interaction item_interaction, channel item_channel);

-- The tables to load into, and load_activities written by hand: by the rules of doc/operations.md, with the same keys and indexes.
-- Of participations the hand-written one keeps less: not when they were answered and disconnected, nor how long that took,
-- Monitor time and attempts; and it takes simpler rules for their end, direction and medium.
SELECT create_activity_table('kept');

CREATE FUNCTION hand_load(page jsonb) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
	changed integer;
BEGIN
	INSERT INTO kept AS t
	SELECT DISTINCT ON ("agentId", (interaction).guid, (channel).guid, start, state)
		start, duration, state, status, (interaction).direction, (interaction).guid, (channel).guid, reason, "agentId",
		(interaction).medium, (interaction)."mediumManager", (page ->> 'upTo')::timestamptz
	FROM jsonb_to_recordset(page -> 'items') AS i ("agentId" text, start timestamptz, status interaction_status,
		duration bigint, state interaction_state, reason activity_reason, interaction item_interaction,
		channel item_channel)
	ORDER BY "agentId", (interaction).guid, (channel).guid, start, state,
		duration IS NULL, status DESC NULLS LAST, duration DESC, reason DESC NULLS LAST
	ON CONFLICT (agent_id, interaction_guid, channel_guid, start, state) DO UPDATE
	SET duration_ms = EXCLUDED.duration_ms, status = EXCLUDED.status, direction = EXCLUDED.direction,
		reason = EXCLUDED.reason, medium = EXCLUDED.medium, medium_manager = EXCLUDED.medium_manager,
		reported_at = EXCLUDED.reported_at
	WHERE (EXCLUDED.duration_ms IS NOT NULL, EXCLUDED.status, EXCLUDED.reported_at, coalesce(EXCLUDED.duration_ms, -1))
		> (t.duration_ms IS NOT NULL, t.status, t.reported_at, coalesce(t.duration_ms, -1));
	GET DIAGNOSTICS changed = ROW_COUNT;
	RETURN changed;
END
$$;

CREATE FUNCTION hand_load_with_participations(page jsonb) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
	changed integer := hand_load(page);
BEGIN
	IF changed = 0 THEN
		RETURN changed;
	END IF;
	INSERT INTO kept_participation AS t (started_at, ended_at, ring_ms, talk_ms, parked_ms, wrap_ms, handle_ms, connections,
		outcome, unexpected_reason, failed_reason, offered, handled, open, has_monitor, status, direction, interaction_guid,
		channel_guid, agent_id, medium, medium_manager, reported_at)
	SELECT coalesce(min(start) FILTER (WHERE counts), min(start)),
		(array_agg(start + duration_ms * '1 ms'::interval ORDER BY start DESC, state DESC))[1],
		coalesce(sum(duration_ms) FILTER (WHERE counts AND state = 'Ringing'), 0),
		coalesce(sum(duration_ms) FILTER (WHERE counts AND state = 'Connected'), 0),
		greatest(extract(epoch FROM max(coalesce(start + duration_ms * '1 ms'::interval, start))
					FILTER (WHERE counts AND state = 'Connected')
				- min(start) FILTER (WHERE counts AND state = 'Connected')) * 1000
			- coalesce(sum(duration_ms) FILTER (WHERE counts AND state = 'Connected'), 0), 0),
		coalesce(sum(duration_ms) FILTER (WHERE counts AND state = 'Wrap'), 0),
		coalesce(sum(duration_ms) FILTER (WHERE counts AND state IN ('Connected', 'Wrap')), 0),
		count(*) FILTER (WHERE counts AND state = 'Connected'),
		CASE
			WHEN bool_or(counts AND state = 'Unexpected') THEN 'Unexpected'
			WHEN bool_or(counts AND state = 'Failed') THEN 'Failed'
			WHEN bool_or(counts AND state IN ('Connected', 'Wrap')) THEN 'Answered'
			WHEN bool_or(counts) THEN 'Unanswered'
			ELSE 'Monitored'
		END::participation_outcome,
		(array_agg(reason ORDER BY start DESC)
			FILTER (WHERE counts AND state = 'Unexpected' AND reason IS NOT NULL))[1],
		(array_agg(reason ORDER BY start DESC)
			FILTER (WHERE counts AND state = 'Failed' AND reason IS NOT NULL))[1],
		bool_or(counts AND state <> 'Wrap'),
		bool_or(counts AND state IN ('Connected', 'Wrap') AND duration_ms IS NOT NULL),
		(array_agg(duration_ms IS NULL AND status <> 'InternalError' ORDER BY start DESC, state DESC))[1],
		bool_or(NOT counts),
		max(status), max(direction), interaction_guid, channel_guid, agent_id, max(medium), max(medium_manager),
		max(reported_at)
	FROM (SELECT a.*, a.reason IS DISTINCT FROM 'Monitor' AS counts
		FROM (SELECT DISTINCT "agentId" AS agent_id, (interaction).guid AS interaction_guid,
				(channel).guid AS channel_guid
			FROM jsonb_to_recordset(page -> 'items')
				AS i ("agentId" text, interaction item_interaction, channel item_channel)) AS k
		JOIN kept AS a ON a.agent_id = k.agent_id AND a.interaction_guid = k.interaction_guid
			AND (a.channel_guid = k.channel_guid OR a.channel_guid IS NULL AND k.channel_guid IS NULL)) AS touched
	GROUP BY agent_id, interaction_guid, channel_guid
	ON CONFLICT (agent_id, interaction_guid, channel_guid) DO UPDATE
	SET started_at = EXCLUDED.started_at, ended_at = EXCLUDED.ended_at, ring_ms = EXCLUDED.ring_ms,
		talk_ms = EXCLUDED.talk_ms, parked_ms = EXCLUDED.parked_ms, wrap_ms = EXCLUDED.wrap_ms,
		handle_ms = EXCLUDED.handle_ms, connections = EXCLUDED.connections, outcome = EXCLUDED.outcome,
		unexpected_reason = EXCLUDED.unexpected_reason, failed_reason = EXCLUDED.failed_reason,
		offered = EXCLUDED.offered, handled = EXCLUDED.handled, open = EXCLUDED.open,
		has_monitor = EXCLUDED.has_monitor, status = EXCLUDED.status, direction = EXCLUDED.direction,
		medium = EXCLUDED.medium, medium_manager = EXCLUDED.medium_manager, reported_at = EXCLUDED.reported_at
	WHERE t IS DISTINCT FROM EXCLUDED;
	RETURN changed;
END
$$;

-- What /proc says of this backend's memory, in kB; 'VmHWM' is the most that it ever had.
CREATE FUNCTION memory(name text) RETURNS bigint LANGUAGE sql
	RETURN substring(pg_read_file('/proc/self/status') FROM name || E':\\s*(\\d+)')::bigint;

-- What was measured.
CREATE TABLE contender (case_place integer, place integer, case_name text, family text, workers integer, title text,
	kind text, label text, data text, parallel boolean, server text, PRIMARY KEY (case_name, place));
CREATE TABLE measured (case_name text, place integer, round integer, ms float8, kb bigint);

-- The medians, and of memory the most.
CREATE VIEW result AS
SELECT c.*, m.ms, m.kb, m.rounds, s.activities, s.bytes, s.handled
FROM contender AS c
JOIN (SELECT case_name, place, percentile_cont(0.5) WITHIN GROUP (ORDER BY ms) AS ms, max(kb) AS kb, count(*) AS rounds
	FROM measured GROUP BY case_name, place) AS m USING (case_name, place)
LEFT JOIN data_size AS s ON s.name = c.data;
