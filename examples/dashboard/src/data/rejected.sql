-- Items that could not be loaded, of the pages of the last 28 days and of those whose request is not known.
SELECT message, count(*) AS items
FROM :pages_health, unnest(rejected) AS message
WHERE requested_end IS NULL OR requested_end >= :'heat_from' AND requested_end <= :'now'
GROUP BY message
ORDER BY items DESC, message COLLATE "C";
