-- What is in the pages? Items that are no interaction activities (Presence, Workload) are passed over, items that
-- cannot be read are left out.
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
