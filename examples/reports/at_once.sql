-- How many agents worked, and on how many calls, at the same moment? Every hour on the hour.
-- Level: activities.
SELECT to_char(moment AT TIME ZONE 'UTC', 'HH24:MI') AS moment,
	count(DISTINCT agent_id) AS agents,
	count(DISTINCT interaction_guid) AS interactions,
	count(DISTINCT interaction_guid) FILTER (WHERE medium = 'Phone') AS calls,
	count(DISTINCT interaction_guid) FILTER (WHERE medium = 'Phone' AND state = 'Ringing') AS ringing
FROM (SELECT generate_series(date_trunc('hour', min(started_at)), max(reported_at), '1 hour') AS moment
	FROM agent_activity_participation WHERE medium = 'Phone') AS moments
	JOIN agent_activity AS a ON activity_open_at(a::activity, moment)
WHERE reason IS DISTINCT FROM 'Monitor'
GROUP BY moment
ORDER BY moment;
