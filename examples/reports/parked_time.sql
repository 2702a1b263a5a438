-- How long was work put aside? In a parked call a customer waits; a case is parked when its agent turns to something else,
-- with nobody on the line. That time is in no activity, and not in the handle time. Of handled participations.
-- Level: participations.
\ir ../day.sql
SELECT medium,
	count(*) FILTER (WHERE parked_ms > 0) AS parked,
	round(100.0 * count(*) FILTER (WHERE parked_ms > 0) / nullif(count(*), 0), 1) AS "parked_%",
	round(sum(parked_ms) / 1000.0) AS parked_s,
	round(avg(parked_ms) FILTER (WHERE parked_ms > 0) / 1000.0, 1) AS average_parked_s,
	round(max(parked_ms) / 1000.0) AS longest_s
FROM agent_activity_participation
WHERE handled AND started_at >= :'from_time' AND started_at < :'to_time'
GROUP BY medium
ORDER BY sum(parked_ms) DESC, medium;
