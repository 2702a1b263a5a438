-- Which interactions did more than one agent take, and who passed them on? A transfer is to an agent who stayed longer, a
-- consult is of one who left first. Of the interactions that started on that day, each with all of its participations;
-- those of the month before are read to know which did.
-- Level: interactions, which are made of participations.
\ir ../day.sql
SELECT to_char((i).started_at AT TIME ZONE 'UTC', 'HH24:MI:SS') AS started,
	(i).medium,
	(i).first_agent_id AS first_agent,
	(i).last_agent_id AS last_agent,
	(i).agents,
	(i).transfers,
	(i).consults,
	round((i).answer_ms / 1000.0, 1) AS answer_s,
	round((i).length_ms / 1000.0) AS length_s
FROM (SELECT interaction(p) AS i
	FROM agent_activity_participation AS p
	WHERE started_at >= :'from_time'::timestamptz - '31 days'::interval
		AND interaction_guid IN (SELECT interaction_guid FROM agent_activity_participation
			WHERE started_at >= :'from_time' AND started_at < :'to_time')
	GROUP BY interaction_guid) AS interactions
WHERE ((i).transfers > 0 OR (i).consults > 0)
	AND (i).started_at >= :'from_time' AND (i).started_at < :'to_time'
ORDER BY (i).started_at, (i).interaction_guid;
