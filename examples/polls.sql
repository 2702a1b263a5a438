-- A view with a row for each poll in the table pages: which of its pages are missing, and up to when it is complete. Pages
-- that were stored without their request are not in it. doc/fetching.md uses it.

CREATE VIEW polls AS
SELECT endpoint, requested_start, requested_end,
	least(requested_end, min(m.up_to)) AS known_until,
	max(fetched_at) AS fetched_at,
	count(DISTINCT p.page) AS pages,
	(SELECT array_agg(n ORDER BY n) FROM generate_series(1, max(m.page_count)) AS n
	 WHERE n <> ALL (array_agg(p.page))) AS missing
FROM pages AS p, activity_page(body) AS m
WHERE requested_start IS NOT NULL AND requested_end IS NOT NULL
GROUP BY endpoint, requested_start, requested_end;
COMMENT ON VIEW polls IS 'the polls whose pages are in the table pages';
COMMENT ON COLUMN polls.endpoint IS 'interactions or presence, the end of /agent-activities/…';
COMMENT ON COLUMN polls.requested_start IS 'parameter start of the requests';
COMMENT ON COLUMN polls.requested_end IS 'parameter end of the requests';
COMMENT ON COLUMN polls.known_until IS 'where the next poll is to start: requested_end, or the first upTo if that is earlier';
COMMENT ON COLUMN polls.fetched_at IS 'when the last of its pages came';
COMMENT ON COLUMN polls.pages IS 'number of its pages that are stored';
COMMENT ON COLUMN polls.missing IS 'its pages that are not stored; null if all are';
