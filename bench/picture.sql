-- Prints the picture of doc/performance.md as SVG: a bar for each way to the average handle time of each agent.
\pset format unaligned
\pset tuples_only on

WITH bar AS (
	SELECT row_number() OVER (ORDER BY place) - 1 AS nr, concat_ws(', PostgreSQL ', name, coalesce(server, own)) AS label, colour,
		ms / first_value(ms) OVER (ORDER BY label <> 'columns', server IS NOT NULL) AS times
	FROM result
	JOIN (VALUES ('whole row', 'whole row', '#1f6f8b'), ('columns', 'columns', '#1f6f8b'),
			('WHERE, two GROUP BY', 'fastest SQL', '#8a8a8a'), ('FILTER, count(DISTINCT)', 'count(DISTINCT)', '#8a8a8a'),
			('count(*) alone', 'count(*) alone', '#c8c8c8')) AS shown (label, name, colour) USING (label),
		(VALUES (split_part(current_setting('server_version'), '.', 1))) AS v (own)
	WHERE case_name = 'average-agent'
), scale AS (SELECT max(times) AS longest, count(*) AS bars FROM bar)
SELECT format('<svg xmlns="http://www.w3.org/2000/svg" width="760" height="%1$s" viewBox="0 0 760 %1$s" font-family="sans-serif" font-size="14" role="img">
<title>Average handle time of each agent: time taken</title>
<rect width="760" height="%1$s" fill="white"/>
<text x="16" y="28" font-size="16" font-weight="bold">Average handle time of each agent: time taken, columns = 1, less is better</text>
%2$s
</svg>', 52 + 30 * bars, (SELECT string_agg(format('<text x="290" y="%s" text-anchor="end">%s</text><rect x="300" y="%s" width="%s" height="20" fill="%s"/><text x="%s" y="%s">%s</text>',
			59 + 30 * nr, label, 44 + 30 * nr, round((times / longest * 390)::numeric, 1), colour, round((308 + times / longest * 390)::numeric, 1), 59 + 30 * nr, round(times::numeric, 2)), E'\n' ORDER BY nr)
		FROM bar, scale))
FROM scale;
