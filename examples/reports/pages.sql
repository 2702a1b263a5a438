-- What is in the pages? Workload items are skipped, items that cannot be read are rejected.
SELECT source,
	count(*) AS pages,
	sum(items) AS items,
	sum(taken) AS activities,
	sum(found) AS presences,
	sum(items - taken - found - unreadable) AS skipped,
	sum(rejected) AS rejected,
	to_char(max(up_to) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI"Z"') AS last_up_to
FROM pages,
	activity_page(body),
	LATERAL (SELECT count(*) AS taken FROM activities(body, 'ignore')) AS a,
	LATERAL (SELECT count(*) AS found FROM presences(body, 'ignore')) AS p,
	LATERAL (SELECT count(*) AS rejected, count(item) AS unreadable FROM activity_errors(body)) AS e
GROUP BY source
ORDER BY min(page_id);
