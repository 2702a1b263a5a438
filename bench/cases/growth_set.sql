-- Handled participations of all activities in one set, over more and more activities.

-- [ours] {n} activities
SELECT handled_participations(state, reason, duration_ms, interaction_guid, channel_guid, agent_id) AS handled
FROM activities_{n}
