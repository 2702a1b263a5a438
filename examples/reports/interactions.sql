-- Which interactions did more than one agent take, and who passed them on? A transfer is to an agent who stayed longer, a
-- consult is of one who left first. Over interactions, which are made of participations.
SELECT to_char((i).started_at AT TIME ZONE 'UTC', 'HH24:MI:SS') AS started,
	(i).medium,
	(i).first_agent_id AS first_agent,
	(i).last_agent_id AS last_agent,
	(i).agents,
	(i).transfers,
	(i).consults,
	round((i).answer_ms / 1000.0, 1) AS answer_s,
	round((i).length_ms / 1000.0) AS length_s
FROM (SELECT interaction(p) AS i FROM agent_activity_participation AS p GROUP BY interaction_guid) AS interactions
WHERE (i).transfers > 0 OR (i).consults > 0
ORDER BY (i).started_at;
