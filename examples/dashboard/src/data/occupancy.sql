-- Busy and Ready, of the time in Ready in which it did not just ring, in the weeks of tiles.sql. Media that are
-- open for days beside other work do not count. Only finished time counts: open work whose end was never delivered would be busy up to now.
SELECT week.name AS period,
	round(100 * sum(busy_ready_ms) / nullif(sum(ready_ms - ring_ready_ms), 0), 1) AS occupancy
FROM (VALUES ('this', :'week_from'::timestamptz, :'now'::timestamptz),
             ('before', :'before_from'::timestamptz, :'before_to'::timestamptz)) AS week (name, from_time, to_time)
CROSS JOIN (SELECT coalesce(array_agg(DISTINCT medium), '{}') AS names FROM :participation_report
            WHERE medium <> ALL (:'background') AND started_at >= :'before_from' AND started_at <= :'now') AS media
CROSS JOIN LATERAL :agent_intervals(from_time, to_time, '7 days'::interval, NULL, media.names)
GROUP BY week.name;
