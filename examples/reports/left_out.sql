-- What was left out of the pages, and why? Nothing is lost: activity_errors() returns the item itself, too.
SELECT source, item, key, message
FROM pages, activity_errors(body)
ORDER BY page_id, item NULLS FIRST
LIMIT 20;
