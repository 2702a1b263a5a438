-- Prints what was measured, as Markdown.
\pset format unaligned
\pset tuples_only on
\pset recordsep '\n'

\echo
\echo Times are medians over the rounds, in which the contenders take turns. Every time is of a statement in a backend of its
\echo own, by the client, over data in shared buffers. Its result is skipped by OFFSET once all columns are computed:
\echo nothing is printed or stored. "ns" are nanoseconds an activity. Memory is the peak of the backend (VmHWM) beyond what
\echo it had when idle, in MB, without shared buffers. Before anything is measured the results of a case are compared: all
\echo rows and columns are the same, but for groups in which nothing was handled, for the case that loads no
\echo participations, and for the floors, which are no more than the GROUP BY. A peer that took twice the time of the fastest is not run again after the first round.
\echo

-- The goals: whose time or memory, of which case, against whom, and what is wanted.
CREATE TEMP VIEW best_sql AS
SELECT DISTINCT ON (case_name) case_name, label, ms FROM result WHERE kind = 'sql' AND server IS NULL ORDER BY case_name, ms;

CREATE TEMP TABLE goal (place serial, case_pattern text, label text, against text, factor numeric);
INSERT INTO goal (case_pattern, label, against, factor) VALUES
	('json-1', 'activities(json)', 'sql', 5),
	('json-100', 'activities(json)', 'sql', 6),
	('json-5000', 'activities(json)', 'sql', 6),
	('json-1', 'activities(json)', 'duckdb', 1.54),
	('json-100', 'activities(json)', 'duckdb', 1.54),
	('json-5000', 'activities(json)', 'duckdb', 1.54),
	('jsonb-1', 'activities(jsonb)', 'sql', 1.8),
	('jsonb-100', 'activities(jsonb)', 'sql', 2.5),
	('jsonb-5000', 'activities(jsonb)', 'sql', 2.5),
	('average-all', 'columns', 'sql', 2),
	('average-agent', 'columns', 'sql', 2),
	('average-hour', 'columns', 'sql', 2),
	('average-all', 'columns, WHERE', 'sql', 2),
	('average-agent', 'columns, WHERE', 'sql', 2),
	('average-hour', 'columns, WHERE', 'sql', 2),
	('average-many-all-2', 'columns', 'sql', 2.5),
	('average-many-agent-2', 'columns', 'sql', 2.5),
	('average-many-hour-2', 'columns', 'sql', 2.5),
	('average-all', 'whole row', 'sql', 0.7),
	('average-agent', 'whole row', 'sql', 0.9),
	('average-hour', 'whole row', 'sql', 1.2),
	('average-all', 'whole row, WHERE', 'sql', 0.7),
	('average-agent', 'whole row, WHERE', 'sql', 0.9),
	('average-hour', 'whole row, WHERE', 'sql', 1.2),
	('report-agents', 'participation table, plain columns', 'sql', 6),
	('report-half-hours', 'participation table, plain columns', 'sql', 6),
	('report-agents', 'participation table, plain columns', 'duckdb', 1),
	('report-half-hours', 'participation table, plain columns', 'duckdb', 1),
	('busy-agent', 'columns', 'sql', 5),
	('busy-agent', 'columns, WHERE', 'sql', 5),
	('load-new', 'load_activities', 'sql', 1.5),
	('load-again', 'load_activities', 'sql', 1.5),
	('load-news', 'load_activities', 'sql', 1.5);

\echo '## Goals'
\echo
\echo '| case | ours | against | times as fast | goal | |'
\echo '|---|---|---|---:|---:|---|'
SELECT format('| %s | %s | %s | %s | %s | %s |', case_name, label, against, to_char(found, 'FM990.00'),
		to_char(factor, 'FM990.00'), CASE WHEN found >= factor THEN 'reached' ELSE '**missed**' END)
FROM (SELECT g.place, g.case_pattern AS case_name, g.label, g.factor, peer.label AS against,
		(peer.ms / ours.ms)::numeric AS found
	FROM goal AS g
	JOIN result AS ours ON ours.case_name = g.case_pattern AND ours.kind = 'ours' AND ours.label = g.label AND ours.server IS NULL
	JOIN LATERAL (SELECT label, ms FROM result
		WHERE case_name = g.case_pattern AND kind = g.against AND server IS NULL ORDER BY ms LIMIT 1) AS peer ON true) AS f
ORDER BY place;

-- what must not take longer than something else on the same server: a whole row on 19 than its columns and than plain
-- columns, and a column form than the floor, which is the same GROUP BY with nothing of ours
SELECT format('| %s | %s | %s | %s times the time | at most %s | %s |', case_name, concat_ws(', PostgreSQL ', ours.label, ours.server), peer.label,
		to_char(ours.ms / peer.ms, 'FM990.00'), to_char(most, 'FM990.00'), CASE WHEN ours.ms / peer.ms <= most THEN 'reached' ELSE '**missed**' END)
FROM (VALUES ('whole row', 'columns', 1.1, '19'), ('whole row', 'plain columns', 1.3, '19'),
		('participation table, metrics over whole rows', 'participation table, plain columns', 1.3, '19'),
		('columns', 'sum(duration_ms) alone', 1.4, NULL)) AS g (label, against, most, server)
JOIN result AS ours USING (label)
JOIN result AS peer USING (case_name)
WHERE peer.label = g.against AND ours.server IS NOT DISTINCT FROM g.server AND peer.server IS NOT DISTINCT FROM g.server
ORDER BY ours.case_place, ours.place, peer.place;

-- memory
SELECT format('| %s | %s | its size, %s MB | %s in memory | at most 1.60 | %s |', case_name, label,
		round(bytes / 1e6, 1), round(kb * 1024.0 / bytes, 2),
		CASE WHEN kb * 1024.0 / bytes <= 1.6 THEN 'reached' ELSE '**missed**' END)
FROM result WHERE case_name = 'json-largest' AND kind = 'ours';
SELECT format('| %s | %s | | %s bytes a handled participation | at most 64 | %s |', case_name, label,
		round(kb * 1024.0 / handled, 1),
		CASE WHEN kb * 1024.0 / handled <= 64 THEN 'reached' ELSE '**missed**' END)
FROM result WHERE case_name = 'growth-set' AND activities >= 100000 ORDER BY place;

-- growth, from 100 thousand activities and pages of 100: the slowest against the fastest, the memory against the first
CREATE TEMP VIEW growth AS
SELECT case_name, case_place, place, label, ms / activities AS ms,
	kb / CASE WHEN case_name = 'growth-page' THEN substring(label FROM '[0-9]+')::float8 ELSE activities END AS kb
FROM result
WHERE family = 'growth' AND CASE WHEN case_name = 'growth-page' THEN place >= 2 ELSE activities > 90000 END;

SELECT format('| %s | %s to %s | | %s times the time an activity | at most 1.25 | %s |', case_name,
		(array_agg(label ORDER BY place))[1], (array_agg(label ORDER BY place DESC))[1],
		round((max(ms) / min(ms))::numeric, 2), CASE WHEN max(ms) / min(ms) <= 1.25 THEN 'reached' ELSE '**missed**' END)
FROM growth GROUP BY case_name, case_place ORDER BY case_place;
SELECT format('| %s | %s to %s | | %s times the memory an activity | at most 1.25 | %s |', case_name,
		(array_agg(label ORDER BY place))[1], (array_agg(label ORDER BY place DESC))[1],
		round((max(kb) / (array_agg(nullif(kb, 0) ORDER BY place))[1])::numeric, 2),
		CASE WHEN max(kb) <= 1.25 * (array_agg(kb ORDER BY place))[1] THEN 'reached' ELSE '**missed**' END)
FROM growth GROUP BY case_name, case_place ORDER BY case_place;

\echo
\echo '## Cases'
\echo
\echo 'In turn: time in ms; ns an activity; peak memory in MB; and how many times the time of each of ours it is.'
SELECT CASE WHEN c.place IS NULL THEN
		format(E'\n### %s\n\n%s%s\n\n| | ms | ns | MB | ÷ ours |\n|---|---:|---:|---:|---:|', c.case_name, c.title,
			CASE WHEN c.workers > 0 THEN format(' With %s workers (memory: of the leader alone).', c.workers) ELSE '' END)
	ELSE
		format('| %s%s%s | %s | %s | %s | %s |',
			concat_ws(', PostgreSQL ', CASE c.kind WHEN 'ours' THEN format('**%s**', c.label) ELSE c.label END, c.server),
			CASE WHEN c.workers > 0 AND NOT c.parallel THEN ' (serial plan)' END,
			CASE WHEN c.rounds < (SELECT max(rounds) FROM result) THEN CASE c.rounds WHEN 1 THEN ' (once)' ELSE format(' (%s rounds)', c.rounds) END END,
			CASE WHEN c.ms < 10 THEN to_char(c.ms, 'FM0.00') ELSE to_char(c.ms, 'FM9999990') END,
			to_char(c.ms * 1e6 / c.activities, 'FM999999990'),
			coalesce(to_char(c.kb / 1024.0, 'FM999990.0'), '–'),
			(SELECT string_agg(to_char(c.ms / o.ms, 'FM990.00'), ' / ' ORDER BY o.place) FROM result AS o
			WHERE o.case_name = c.case_name AND o.kind = 'ours' AND o.family <> 'growth' AND o.server IS NOT DISTINCT FROM c.server))
	END
FROM (SELECT case_place, place, case_name, family, workers, title, kind, label, parallel, rounds, ms, kb, activities, server
	FROM result
	UNION ALL
	SELECT DISTINCT case_place, NULL::integer, case_name, family, workers, title, NULL, NULL, NULL::boolean,
		NULL::bigint, NULL::float8, NULL::bigint, NULL::bigint, NULL
	FROM result) AS c
ORDER BY c.case_place, c.place NULLS FIRST;
