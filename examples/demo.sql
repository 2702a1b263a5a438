-- From raw pages to reports. script/demo runs this in a database whose table pages(page_id, source, body json) holds
-- response bodies of the API, one a row, as they came. Each report is a file of its own.

\pset pager off
\pset footer off
\pset null -
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;

\pset title 'Pages'
\ir reports/pages.sql
\pset title 'Rejected items (the first 20)'
\ir reports/rejected.sql
\pset title 'Loaded'
\ir reports/load.sql
\unset from_time
\unset as_of
\ir day.sql
\pset title 'Reported from here on: the last day'
SELECT to_char(max(started_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, count(*) AS participations,
	(SELECT count(*) FROM agent_activity_participation) AS of_all
FROM agent_activity_participation
WHERE started_at >= :'from_time' AND started_at < :'to_time';

\pset title 'Agents'
\ir reports/agents.sql
\pset title 'Agents who left the largest part of their offers'
\ir reports/no_answer.sql
\pset title 'Answer times of calls by agent'
\ir reports/answer_time.sql
\pset title 'Interactions with transfers or consults'
\ir reports/interactions.sql
\pset title 'Unexpected outcomes by reason'
\ir reports/unexpected_reasons.sql
\pset title 'Handle time by medium and direction'
\ir reports/handle_time.sql
\pset title 'Half hours, by the end of participations in calls'
\ir reports/intervals_by_end.sql
\pset title 'Half hours, sliced'
\ir reports/intervals_sliced.sql
\pset title 'Parked time'
\ir reports/parked_time.sql
\pset title 'Concurrency'
\ir reports/concurrency.sql
\pset title 'Who was there when'
\ir reports/presences.sql
\pset title 'Login, ready and away time'
\ir reports/presence_days.sql
\pset title 'Staff by the half hour'
\ir reports/staff.sql
\pset title 'At once'
\ir reports/at_once.sql
