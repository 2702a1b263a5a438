-- Average handle time per agent, over more and more activities.

-- [ours] {n} activities
SELECT agent_id, average_handle_time(state, reason, duration_ms, interaction_guid, channel_guid, agent_id) AS average
FROM activities_{n} GROUP BY agent_id
