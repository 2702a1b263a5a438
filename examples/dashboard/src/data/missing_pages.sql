-- Polls of the last 28 days of which pages are missing: each page says how many there are.
SELECT endpoint, to_char(requested_end AT TIME ZONE :'zone', 'FMDD Mon HH24:MI') AS poll, array_to_string(missing, ', ') AS pages,
	cardinality(missing) AS number
FROM (SELECT endpoint, requested_end,
		(SELECT array_agg(n ORDER BY n) FROM generate_series(1, max(p.page_count)) AS n
		 WHERE n <> ALL (array_agg(p.page))) AS missing
      FROM :pages_health AS p
      WHERE requested_end >= :'heat_from' AND requested_end <= :'now'
      GROUP BY endpoint, requested_start, requested_end) AS polls
WHERE missing IS NOT NULL
ORDER BY requested_end, endpoint;
