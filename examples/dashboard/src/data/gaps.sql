-- Times of the last 28 days that no poll asked for.
SELECT endpoint, to_char(polled_until AT TIME ZONE :'zone', 'FMDD Mon HH24:MI') AS from_time,
	to_char(next_start AT TIME ZONE :'zone', 'FMDD Mon HH24:MI') AS to_time
FROM (SELECT endpoint, max(requested_end) OVER polls AS polled_until, lead(requested_start) OVER polls AS next_start
      FROM (SELECT DISTINCT endpoint, requested_start, requested_end FROM :pages_health
            WHERE requested_end >= :'heat_from' AND requested_end <= :'now') AS polls
      WINDOW polls AS (PARTITION BY endpoint ORDER BY requested_start, requested_end)) AS polls
WHERE next_start > polled_until
ORDER BY polled_until, endpoint;
