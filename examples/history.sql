-- Four weeks before the sample day: adds to the table pages, which script/load_pages.sql has made of examples/pages, raw
-- pages of the working days from 16 September to 13 October 2026. Running it again replaces them. Load them then as all
-- pages are loaded.
--
-- A day has the polls and activities of the sample day, Wednesday 14 October, at the same times of day and with guids of
-- its own. Its items are changed as text, so that the pages are what the API would have sent. Nothing is random: which
-- interactions a day lacks follows from a hash of day and guid.
--   - The weekdays differ, Monday being the busiest; before October there was less to do.
--   - 0208 is on holiday from 28 September to 2 October, and 0017 does not work on Fridays.
--   - The headset of 1042 is bad since 12 October: before, nothing is ConnectionUnavailable.
--   - From 5 October, NoAnswer is the reason where a call Failed as CallFailed, which the vendor does not document.
--   - The case that is open since 8 September is the same one every day.
--   - A poll at 08:00 of the next working day brings what was still open at 18:00, ended by then, and who logged out.
-- And what goes wrong with polls, for the questions on the quality of data:
--   - 24 September: page 2 of the poll of interactions at 12:00 is missing.
--   - 30 September: the poll of interactions at 16:00 was made the next morning.
--   - 6 October: the poll of interactions at 14:00 was never made.

BEGIN;

DELETE FROM pages WHERE source LIKE '% by history.sql';

CREATE OR REPLACE FUNCTION pg_temp.new_guid(day text, guid text) RETURNS text LANGUAGE sql
RETURN md5(day || guid)::uuid;

-- The item on another day, with guids of that day.
CREATE OR REPLACE FUNCTION pg_temp.moved(item text, day text, interaction text, channel text) RETURNS text LANGUAGE sql
RETURN replace(replace(replace(item, '2026-10-14', day),
	interaction, pg_temp.new_guid(day, interaction)), channel, pg_temp.new_guid(day, channel));

-- 0 to 99
CREATE OR REPLACE FUNCTION pg_temp.chance(day text, guid text) RETURNS integer LANGUAGE sql
RETURN get_byte(decode(md5(guid || day), 'hex'), 0) * 100 / 256;

-- The working days, each with the next one and the percentage of the sample's interactions that it has.
CREATE TEMPORARY TABLE days ON COMMIT DROP AS
SELECT to_char(day, 'YYYY-MM-DD') AS day,
	lead(to_char(day, 'YYYY-MM-DD'), 1, '2026-10-14') OVER (ORDER BY day) AS next_day,
	(ARRAY[97, 86, 92, 83, 72])[extract(isodow FROM day)] - CASE WHEN day < '2026-10-01' THEN 8 ELSE 0 END AS share
FROM generate_series('2026-09-16'::timestamp, '2026-10-13', '1 day') AS day
WHERE extract(isodow FROM day) <= 5;

-- The items of the sample's polls; a guid that is not there is ''.
CREATE TEMPORARY TABLE sample ON COMMIT DROP AS
SELECT endpoint, to_char(requested_end AT TIME ZONE 'UTC', 'HH24:MI') AS polled, body ->> 'upTo' AS up_to,
	item::text AS item, row_number() OVER (ORDER BY page_id, number) AS number,
	item ->> 'agentId' AS agent_id, item ->> 'start' AS start, item ->> 'duration' IS NULL AS open, item ->> 'reason' AS reason,
	coalesce(item -> 'interaction' ->> 'guid', '') AS interaction, coalesce(item -> 'channel' ->> 'guid', '') AS channel
FROM pages, json_array_elements(body -> 'items') WITH ORDINALITY AS i (item, number)
WHERE requested_start >= '2026-10-14 08:00Z' AND requested_end <= '2026-10-14 18:00Z';

CREATE TEMPORARY TABLE items ON COMMIT DROP AS
-- the day's polls
SELECT day, day AS polled_on, endpoint, polled, replace(up_to, '2026-10-14', day) AS up_to, number,
	CASE WHEN start < '2026-10-01' THEN item ELSE pg_temp.moved(item, day, interaction, channel) END AS item,
	agent_id, interaction, channel, start
FROM days, sample
WHERE start >= '2026-10-14' OR endpoint = 'interactions'
UNION ALL
-- the next morning's: what was open at 18:00 ended within minutes
SELECT day, next_day, endpoint, '08:00', next_day || 'T08:00:01.250Z', number,
	replace(replace(pg_temp.moved(item, day, interaction, channel), '"status":"Ongoing"', '"status":"Completed"'),
		'"duration":null', format('"duration":%s',
			(1000 * extract(epoch FROM up_to::timestamptz - start::timestamptz))::bigint
			+ 20000 + 5000 * pg_temp.chance(day, interaction))),
	agent_id, interaction, channel, start
FROM days, sample
WHERE endpoint = 'interactions' AND polled = '18:00' AND open AND start >= '2026-10-14'
UNION ALL
-- and who logged out in the evening, of which the sample's first poll has an example of the evening before
SELECT day, next_day, endpoint, '08:00', next_day || 'T08:00:01.250Z', number,
	regexp_replace(replace(item, '2026-10-13', day), '"duration":\d+', '"duration":null'),
	agent_id, interaction, channel, start
FROM days, sample
WHERE endpoint = 'presence' AND start < '2026-10-14';

-- What the days lack.
DELETE FROM items AS i USING days
WHERE i.day = days.day AND start >= '2026-10-01' AND (
	interaction <> '' AND pg_temp.chance(i.day, interaction) >= share
	OR agent_id = '0208' AND i.day BETWEEN '2026-09-28' AND '2026-10-02'
	OR agent_id = '0017' AND extract(isodow FROM i.day::date) = 5
	OR i.day < '2026-10-12' AND channel IN (SELECT channel FROM sample WHERE reason = 'ConnectionUnavailable'));

UPDATE items SET item = replace(item, '"state":"Failed","reason":"CallFailed"', '"state":"Failed","reason":"NoAnswer"')
WHERE day >= '2026-10-05';

UPDATE items SET up_to = '2026-10-01T09:30:04.118Z'
WHERE endpoint = 'interactions' AND polled_on = '2026-09-30' AND polled = '16:00';

-- Pages of at most 100 items.
INSERT INTO pages (source, body, endpoint, requested_start, requested_end, page, fetched_at)
SELECT format('%s-%s-%s by history.sql', endpoint, polled_on, translate(polled, ':', '')),
	format('{"meta":{"page":%s,"count":%s,"pageCount":%s,"totalCount":%s},"items":[%s],"upTo":"%s"}',
		page, count(*), (total + 99) / 100, total, string_agg(item, ',' ORDER BY number), up_to)::json,
	endpoint,
	CASE polled WHEN '08:00' THEN (day || ' 18:00Z')::timestamptz
		ELSE (polled_on || ' ' || polled || 'Z')::timestamptz - '2 hours'::interval END,
	(polled_on || ' ' || polled || 'Z')::timestamptz, page, up_to::timestamptz
FROM (SELECT *, count(*) OVER poll AS total,
		(row_number() OVER (poll ORDER BY number) + 99) / 100 AS page
	FROM items WINDOW poll AS (PARTITION BY endpoint, polled_on, polled)) AS numbered
WHERE NOT (endpoint = 'interactions' AND polled_on = '2026-09-24' AND polled = '12:00' AND page = 2)
	AND NOT (endpoint = 'interactions' AND polled_on = '2026-10-06' AND polled = '14:00')
GROUP BY endpoint, day, polled_on, polled, up_to, page, total
ORDER BY polled_on, polled, endpoint, page;

COMMIT;
VACUUM ANALYZE pages;
