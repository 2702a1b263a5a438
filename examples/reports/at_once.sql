-- How many agents had something to do, ringing included, and how many interactions were with agents, at the same moment?
-- Every hour on the hour, up to the latest page. What began more than a month before is not looked at.
-- Level: activities.
\ir ../day.sql
SELECT to_char(moment AT TIME ZONE 'UTC', 'HH24:MI') AS moment,
	count(DISTINCT agent_id) AS agents,
	count(DISTINCT interaction_guid) AS interactions,
	count(DISTINCT interaction_guid) FILTER (WHERE medium = 'Phone') AS calls,
	count(DISTINCT interaction_guid) FILTER (WHERE medium = 'Phone' AND state = 'Ringing') AS ringing
FROM generate_series(:'from_time'::timestamptz, :'to_time'::timestamptz - '1 hour'::interval, '1 hour') AS moment
	JOIN agent_activity AS a ON activity_open_at(a::activity, moment)
WHERE moment <= nullif(:'as_of', '')::timestamptz
	AND start >= :'from_time'::timestamptz - '31 days'::interval AND start < :'to_time'
	AND reason IS DISTINCT FROM 'Monitor'
GROUP BY moment
ORDER BY moment;
