-- Prints the table that doc/performance.md begins with: what users ask first, of what was measured.
\pset format unaligned
\pset tuples_only on
\pset recordsep '\n'

CREATE TEMP TABLE question (place serial, case_name text, label text, server text, question text, than text);
INSERT INTO question (case_name, label, server, question, than) VALUES
	('json-100', 'activities(json)', NULL, 'Read the activities of JSON pages', 'sql'),
	('load-new', 'load_activities', NULL, 'Load new pages, participations kept', 'sql'),
	('load-new', 'load_pages', NULL, 'Load a table of new pages by `load_pages`, participations kept', 'sql'),
	('load-again', 'load_activities', NULL, 'Load pages that are known', 'sql'),
	('average-agent', 'whole row', NULL, '`average_handle_time(a)` of each agent, before PostgreSQL 19', 'sql'),
	('average-agent', 'whole row', '19', '`average_handle_time(a)` of each agent, PostgreSQL 19', 'sql'),
	('average-agent', 'columns', NULL, '`average_handle_time(state, …)` of each agent', 'sql'),
	('five-agent', 'columns', NULL, 'Five metrics of each agent, over columns of activities', 'sql'),
	('report-five', 'whole row', '19', 'Five metrics of each agent, over whole participations, PostgreSQL 19', 'sql'),
	('busy-agent', 'columns', NULL, 'Busy time of each agent', 'sql'),
	('intervals-spent-week', 'activity_intervals', NULL, 'A week in half hours, by agent and medium', 'sql');

\echo '| question | ns an activity | plain SQL | times as fast |'
\echo '|---|---:|---:|---:|'
SELECT format('| %s | %s | %s | %s |', question, to_char(ours.ms * 1e6 / ours.activities, 'FM999999990'),
		to_char(peer.ms * 1e6 / peer.activities, 'FM999999990'), to_char(peer.ms / ours.ms, 'FM990.0'))
FROM question AS q
JOIN result AS ours USING (case_name, label)
JOIN LATERAL (SELECT ms, activities FROM result AS r
	WHERE r.case_name = q.case_name AND kind = q.than AND r.server IS NOT DISTINCT FROM q.server ORDER BY ms LIMIT 1) AS peer ON true
WHERE ours.server IS NOT DISTINCT FROM q.server
ORDER BY q.place;
\echo
\echo 'Medians of one run; "plain SQL" is the fastest of the formulations below, on the same server.'
