-- From raw pages to handle times and unexpected-outcome rates. script/demo runs this in a database whose table
-- pages(page_id, source, body json) holds response bodies of the API, one a row, as they came.

\pset pager off
\pset footer off
\pset null -

CREATE EXTENSION activity;

-- What is in the pages? Items that are no interaction activities (Presence, Workload) are passed over, items that
-- cannot be read are left out.
\pset title 'Pages'
SELECT source,
	count(*) AS pages,
	sum(items) AS items,
	sum(taken) AS activities,
	sum(items - taken - unreadable) AS passed_over,
	sum(left_out) AS left_out,
	to_char(max(up_to) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI"Z"') AS last_up_to
FROM pages,
	activity_page(body),
	LATERAL (SELECT count(*) AS taken FROM activities(body, 'ignore')) AS a,
	LATERAL (SELECT count(*) AS left_out, count(item) AS unreadable FROM activity_errors(body)) AS e
GROUP BY source
ORDER BY min(page_id);

-- What was left out, and why? Nothing is lost: activity_errors() returns the item itself, too.
\pset title 'Left out of them (the first 20)'
SELECT source, item, key, message
FROM pages, activity_errors(body)
ORDER BY page_id, item NULLS FIRST
LIMIT 20;

-- Polling delivers an activity again when there is news of it. Keep the best known row of each: a known duration beats
-- none, a completed interaction a running one, a later report an earlier one.
CREATE TABLE agent_activity OF activity;
INSERT INTO agent_activity
SELECT DISTINCT ON (agent_id, interaction_guid, channel_guid, start, state) a.*
FROM pages, activities(body, 'ignore') AS a
ORDER BY agent_id, interaction_guid, channel_guid, start, state,
	duration_ms IS NULL,
	status DESC NULLS LAST,
	reported_at DESC NULLS LAST,
	duration_ms DESC NULLS LAST,
	reason DESC NULLS LAST;

-- What is there to report on?
\pset title 'Activities'
SELECT (SELECT count(*) FROM pages, activities(body, 'ignore')) AS delivered,
	count(*) AS distinct,
	count(*) FILTER (WHERE duration_ms IS NULL) AS still_open,
	count(DISTINCT agent_id) AS agents,
	count(DISTINCT interaction_guid) AS interactions,
	to_char(min(start) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI"Z"') AS first_start,
	to_char(max(start) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI"Z"') AS last_start
FROM agent_activity;

-- How does each agent do? Times are in seconds; "-" means that there is nothing to divide by.
\pset title 'Agents'
SELECT coalesce(agent_id, 'all') AS agent,
	offered_participations(a) AS offered,
	handled_participations(a) AS handled,
	unexpected_participations(a) AS unexpected,
	round(handle_time(a)::numeric) AS handle_s,
	round(average_handle_time(a)::numeric, 1) AS average_handle_s,
	round(100 * unexpected_rate(a)::numeric, 1) AS "unexpected_%"
FROM agent_activity AS a
GROUP BY ROLLUP (agent_id)
ORDER BY agent_id NULLS LAST;

-- Why were offers not taken? The rates are of all that was offered, not of what was not taken.
\pset title 'Unexpected outcomes by reason'
WITH by_reason AS (
	SELECT r.reason,
		unexpected_participations(a) FILTER (WHERE a.reason = r.reason) AS participations,
		unexpected_rate(a, r.reason) AS rate
	FROM agent_activity AS a, unnest(enum_range(NULL::activity_reason)) AS r (reason)
	GROUP BY r.reason
	UNION ALL
	SELECT NULL, unexpected_participations(a), unexpected_rate(a)
	FROM agent_activity AS a
)
SELECT coalesce(reason::text, 'any or none') AS reason, participations, round(100 * rate::numeric, 1) AS "unexpected_%"
FROM by_reason
WHERE participations > 0 OR by_reason.reason IS NULL
ORDER BY by_reason.reason IS NULL, participations DESC, by_reason.reason;

-- Where does the time go? Seconds; talk and wrap make up the handle time.
\pset title 'Handle time by medium and direction'
SELECT medium, direction,
	handled_participations(a) AS handled,
	round(talk_time(a)::numeric) AS talk_s,
	round(wrap_time(a)::numeric) AS wrap_s,
	round(handle_time(a)::numeric) AS handle_s,
	round(average_handle_time(a)::numeric, 1) AS average_handle_s
FROM agent_activity AS a
GROUP BY medium, direction
ORDER BY handle_time(a) DESC, medium, direction;
