-- Pages of 100 loaded into tables that {state}: one after the other, or by load_pages, 1,000 at a time.

-- [before]
SET client_min_messages = warning;
TRUNCATE kept, kept_participation;
INSERT INTO kept SELECT * FROM {kept};
INSERT INTO kept_participation SELECT * FROM {kept}_participation;

-- [check] both tables, as far as the hand-written load keeps participations
SELECT 'activity' AS of, hash_record_extended(a, 0) AS hash FROM kept AS a
UNION ALL
SELECT 'participation', hash_record_extended(ROW(started_at, ring_ms, talk_ms, parked_ms, wrap_ms, handle_ms, connections, outcome,
	offered, handled, has_monitor, status, interaction_guid, channel_guid, agent_id, reported_at), 0)
FROM kept_participation

-- [ours] load_activities
SELECT sum(inserted), sum(updated), sum(unchanged) FROM {pages}, load_activities('kept', page)

-- [ours] load_pages
CALL load_pages('kept', '{pages}', 'page')

-- [sql] by hand, with the participations
SELECT count(hand_load_with_participations(page)) FROM {pages}

-- [other] by hand, without the participations
SELECT count(hand_load(page)) FROM {pages}
