-- Which items were rejected, and why? Nothing is lost: activity_errors() also returns the item itself.
SELECT source, item, key, message
FROM pages, activity_errors(body)
ORDER BY page_id, item NULLS FIRST
LIMIT 20;
