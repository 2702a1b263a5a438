-- The figures of the dashboard as test/dashboard.sh expects them, a line of key and text each, from the tables and with
-- the extension's aggregates: written from the meaning of each figure, and not from the dashboard's queries.
-- Variables: name (the table of activities), zone, pages ('' without), background (media whose work is not busy time).
\set ON_ERROR_STOP on
\pset format unaligned
\pset tuples_only on
\pset fieldsep '\t'
\set participations :name _participation
SET TimeZone = 'UTC';

CREATE FUNCTION pg_temp.whole(n numeric) RETURNS text LANGUAGE sql RETURN coalesce(to_char(n, 'FM999,999,999,990'), '–');
CREATE FUNCTION pg_temp.tenths(n numeric) RETURNS text LANGUAGE sql RETURN to_char(n, 'FM999,999,990.0');
CREATE FUNCTION pg_temp.rate(n float8) RETURNS text LANGUAGE sql RETURN coalesce(pg_temp.tenths(round(100 * n::numeric, 1)) || ' %', '–');
CREATE FUNCTION pg_temp.minutes(s float8) RETURNS text LANGUAGE sql
RETURN coalesce(pg_temp.whole(div(round(s)::numeric, 60)) || ':' || lpad((round(s)::integer % 60)::text, 2, '0'), '–');
CREATE FUNCTION pg_temp.signed(n numeric, text text) RETURNS text LANGUAGE sql
RETURN CASE sign(n) WHEN 1 THEN '+' WHEN -1 THEN '−' WHEN 0 THEN '±' END || text;

SELECT max(reported_at) AS now, max(reported_at) IS NULL AS is_empty FROM :"name" \gset
\if :is_empty
\quit
\endif
SELECT (:'now'::timestamptz AT TIME ZONE :'zone')::date AS today \gset
SELECT (:'today'::date - 6)::timestamp AT TIME ZONE :'zone' AS this_from,
	(:'today'::date - 13)::timestamp AT TIME ZONE :'zone' AS last_from,
	((:'now'::timestamptz AT TIME ZONE :'zone') - '7 days'::interval) AT TIME ZONE :'zone' AS last_to,
	:'today'::date::timestamp AT TIME ZONE :'zone' AS midnight,
	(:'today'::date - 28)::timestamp AT TIME ZONE :'zone' AS four_weeks_ago,
	(SELECT count(DISTINCT date_trunc('week', started_at AT TIME ZONE :'zone')) > 10
	 FROM :"participations" WHERE started_at >= :'now'::timestamptz - '364 days'::interval) AS by_week \gset

CREATE TEMPORARY TABLE p AS
SELECT (p).*, (started_at AT TIME ZONE :'zone') AS local, p AS whole, coalesce(medium, 'none given') AS its_medium,
	CASE WHEN started_at >= :'this_from' THEN 'this' WHEN started_at >= :'last_from' AND started_at <= :'last_to' THEN 'last' END AS week
FROM :"participations" AS p WHERE started_at <= :'now';
SELECT medium AS main FROM p WHERE handled AND started_at >= :'last_from' GROUP BY medium ORDER BY count(*) DESC, medium LIMIT 1 \gset
SELECT array_agg(DISTINCT medium) AS media FROM p WHERE NOT medium = ANY (string_to_array(:'background', ',')) AND started_at >= :'last_from' \gset

-- heading and periods
SELECT key, to_char(:'now'::timestamptz AT TIME ZONE :'zone', 'Dy FMDD FMMonth YYYY, HH24:MI') FROM (VALUES ('as_of'), ('up_to')) AS k (key);
SELECT 'week_from', to_char(:'today'::date - 6, 'FMDD Mon');
SELECT 'heat_from', to_char(:'today'::date - 28, 'FMDD Mon');
SELECT 'heat_to', to_char(:'today'::date - 1, 'FMDD Mon');
SELECT 'today', to_char(:'today'::date, 'FMDD Mon');

-- tiles
CREATE TEMPORARY TABLE tile AS
SELECT week, offered_participations(whole)::numeric AS offered, answered_participations(whole)::numeric AS answered,
	round(average_handle_time(whole) FILTER (WHERE medium = :'main'))::numeric AS handle_s,
	round(100 * unexpected_rate(whole)::numeric, 1) AS unexpected
FROM p WHERE week IS NOT NULL GROUP BY week;
INSERT INTO tile (week, offered, answered)
SELECT week, 0, 0 FROM (VALUES ('this'), ('last')) AS v (week) WHERE week NOT IN (SELECT week FROM tile);
CREATE TEMPORARY TABLE occupied AS
SELECT 'this' AS week, sum(busy_ready_ms) AS busy, sum(ready_ms) - sum(ring_ready_ms) AS ready
FROM agent_intervals(:'name', :'this_from', :'now', '1 hour', NULL, :'media')
UNION ALL
SELECT 'last', sum(busy_ready_ms), sum(ready_ms) - sum(ring_ready_ms)
FROM agent_intervals(:'name', :'last_from', :'last_to', '1 hour', NULL, :'media');
SELECT f.key || suffix, text FROM (
	SELECT 'tile.' || key AS key, this, last,
		CASE key WHEN 'handle_s' THEN pg_temp.minutes(this::float8) WHEN 'offered' THEN pg_temp.whole(this)
			WHEN 'answered' THEN pg_temp.whole(this) ELSE pg_temp.tenths(this) || ' %' END AS this_text,
		CASE key WHEN 'handle_s' THEN pg_temp.minutes(last::float8) WHEN 'offered' THEN pg_temp.whole(last)
			WHEN 'answered' THEN pg_temp.whole(last) ELSE pg_temp.tenths(last) || ' %' END AS last_text,
		pg_temp.signed(this - last, CASE key WHEN 'handle_s' THEN pg_temp.minutes(abs(this - last)::float8)
			WHEN 'offered' THEN pg_temp.whole(abs(this - last)) WHEN 'answered' THEN pg_temp.whole(abs(this - last))
			ELSE pg_temp.tenths(abs(this - last)) END) AS change_text
	FROM (
		SELECT key, max(n) FILTER (WHERE week = 'this') AS this, max(n) FILTER (WHERE week = 'last') AS last
		FROM (SELECT week, key, n FROM tile,
				LATERAL (VALUES ('offered', offered), ('answered', answered), ('handle_s', handle_s), ('unexpected', unexpected)) AS v (key, n)
			UNION ALL SELECT week, 'occupancy', round(100 * busy / nullif(ready, 0), 1) FROM occupied) AS n
		GROUP BY key) AS weeks) AS f,
	LATERAL (VALUES ('', CASE WHEN this IS NOT NULL THEN this_text END), ('.before', CASE WHEN this IS NOT NULL AND last IS NOT NULL THEN last_text END), ('.change', change_text)) AS t (suffix, text)
WHERE text IS NOT NULL;

-- media, this week and the one before
SELECT format('media.%s.%s', its_medium, key), text
FROM (SELECT its_medium, offered_participations(whole) FILTER (WHERE week = 'this') AS offered,
		answered_participations(whole) FILTER (WHERE week = 'this') AS answered,
		handled_participations(whole) FILTER (WHERE week = 'this') AS handled,
		average_handle_time(whole) FILTER (WHERE week = 'this') AS this_s, average_handle_time(whole) FILTER (WHERE week = 'last') AS last_s,
		unexpected_rate(whole) FILTER (WHERE week = 'this') AS this_rate, unexpected_rate(whole) FILTER (WHERE week = 'last') AS last_rate
	FROM p WHERE week IS NOT NULL GROUP BY its_medium) AS m,
	LATERAL (VALUES ('offered', pg_temp.whole(offered)), ('answered', pg_temp.whole(answered)), ('handle_s', pg_temp.minutes(this_s)),
		('handle_s_before', pg_temp.minutes(last_s)), ('unexpected', pg_temp.rate(this_rate)), ('unexpected_before', pg_temp.rate(last_rate))) AS t (key, text)
WHERE offered > 0 OR handled > 0;

-- handle time by medium and day, or week
CREATE TEMPORARY TABLE handling AS
SELECT its_medium, handled_participations(whole) AS handled, average_handle_time(whole) AS handle_s,
	CASE WHEN :'by_week' THEN date_trunc('week', local)::date ELSE local::date END AS bucket
FROM p
WHERE handled AND local >= CASE WHEN :'by_week' THEN date_trunc('week', :'today'::date::timestamp) - '357 days'::interval
	ELSE :'today'::date::timestamp - '27 days'::interval END
GROUP BY its_medium, bucket;
DELETE FROM handling WHERE its_medium NOT IN (SELECT its_medium FROM handling GROUP BY its_medium ORDER BY sum(handled) DESC, its_medium LIMIT 6);
SELECT format('%s.%s.%s', key, its_medium, bucket), text
FROM handling, LATERAL (VALUES ('handled', pg_temp.whole(handled)), ('handle_time', pg_temp.minutes(handle_s))) AS t (key, text);
SELECT 'handle_time.' || its_medium, pg_temp.minutes(average_handle_time(whole))
FROM p WHERE week = 'this' AND its_medium IN (SELECT its_medium FROM handling)
GROUP BY its_medium HAVING handled_participations(whole) > 0;

-- offers by weekday and hour
SELECT format('heat.%s.%s', extract(isodow FROM local), extract(hour FROM local)), pg_temp.whole(offered_participations(whole))
FROM p WHERE started_at >= :'four_weeks_ago' AND started_at < :'midnight'
GROUP BY extract(isodow FROM local), extract(hour FROM local) HAVING offered_participations(whole) > 0;

-- half hours of today
CREATE TEMPORARY TABLE half_hour AS
SELECT h AS half_hour, to_char(h AT TIME ZONE :'zone', 'HH24:MI') AS name,
	coalesce(there.logged_in, 0) / 1800000.0 AS logged_in, coalesce(there.ready, 0) / 1800000.0 AS ready,
	coalesce((SELECT sum(busy_ms) FROM agent_intervals(:'name', h, h + '30 minutes'::interval, media => :'media')), 0) / 1800000.0 AS busy
FROM generate_series(:'midnight'::timestamptz, :'now'::timestamptz - '1 microsecond'::interval, '30 minutes') AS h,
	LATERAL (SELECT sum(login_ms) AS logged_in, sum(ready_ms) AS ready
		FROM agent_intervals(:'name', h, h + '30 minutes'::interval, as_of => :'now')) AS there;
SELECT format('half_hour.%s.%s', name, key), pg_temp.tenths(round(n, 1))
FROM half_hour, LATERAL (VALUES ('logged_in', logged_in), ('ready', ready), ('busy', busy)) AS t (key, n)
WHERE half_hour BETWEEN (SELECT min(half_hour) FROM half_hour WHERE round(logged_in, 1) > 0 OR round(busy, 1) > 0)
	AND (SELECT max(half_hour) FROM half_hour WHERE round(logged_in, 1) > 0 OR round(busy, 1) > 0);

-- agents: all, or of more than 40 the 20 first and the 20 last
SELECT format('agent.%s.%s', agent_id, key), text
FROM (SELECT *, row_number() OVER (ORDER BY unexpected DESC, offered DESC, agent_id COLLATE "C") AS place, count(*) OVER () AS agents
	FROM (SELECT agent_id, offered_participations(whole) AS offered, handled_participations(whole) AS handled,
			average_handle_time(whole) AS handle_s, unexpected_rate(whole) AS unexpected
		FROM p WHERE week = 'this' AND medium = :'main' GROUP BY agent_id HAVING offered_participations(whole) > 0) AS a) AS a,
	LATERAL (VALUES ('offered', pg_temp.whole(offered)), ('handled', pg_temp.whole(handled)), ('handle_s', pg_temp.minutes(handle_s)),
		('unexpected', pg_temp.rate(unexpected))) AS t (key, text)
WHERE agents <= 40 OR place <= 20 OR place > agents - 20;

-- reasons
SELECT format('reason.%s.%s', coalesce(unexpected_reason::text, 'None given'), date_trunc('week', local)::date),
	pg_temp.whole(unexpected_participations(whole))
FROM p
WHERE outcome = 'Unexpected'
	AND local >= date_trunc('week', :'today'::date::timestamp) - CASE WHEN :'by_week' THEN 51 ELSE 4 END * '7 days'::interval
GROUP BY unexpected_reason, date_trunc('week', local);

-- open work
CREATE TEMPORARY TABLE open AS
SELECT coalesce(medium, 'none given') AS its_medium, reported_at < :'now'::timestamptz - '1 day'::interval AS stale,
	extract(epoch FROM :'now'::timestamptz - start) / 3600 AS hours
FROM :"name" AS a
WHERE duration_ms IS NULL AND status IS DISTINCT FROM 'InternalError' AND reason IS DISTINCT FROM 'Monitor';
SELECT format('open.%s.%s', its_medium, key), pg_temp.whole(n)
FROM (SELECT its_medium, count(*) FILTER (WHERE stale) AS stale, count(*) FILTER (WHERE NOT stale AND hours < 1) AS hour,
		count(*) FILTER (WHERE NOT stale AND hours >= 1 AND hours < 24) AS day,
		count(*) FILTER (WHERE NOT stale AND hours >= 24 AND hours < 168) AS week,
		count(*) FILTER (WHERE NOT stale AND hours >= 168) AS older
	FROM open GROUP BY its_medium) AS o,
	LATERAL (VALUES ('stale', stale), ('hour', hour), ('day', day), ('week', week), ('older', older)) AS t (key, n);
SELECT 'health.stale', pg_temp.whole(count(*)) FROM open WHERE stale;
SELECT 'stale.' || its_medium, its_medium || ': ' || pg_temp.whole(count(*)) FROM open WHERE stale GROUP BY its_medium;

-- the health of the pages
SELECT :'pages' <> '' AS has_pages \gset
\if :has_pages
CREATE TEMPORARY TABLE poll AS
SELECT endpoint, requested_start, requested_end, array_agg(page ORDER BY page) AS pages, max((body -> 'meta' ->> 'pageCount')::integer) AS page_count
FROM :"pages" WHERE requested_end BETWEEN :'four_weeks_ago' AND :'now' GROUP BY endpoint, requested_start, requested_end;
CREATE TEMPORARY TABLE missing AS
SELECT endpoint, requested_end, string_agg(n::text, ', ' ORDER BY n) AS pages, count(*) AS number
FROM poll, generate_series(1, page_count) AS n WHERE NOT n = ANY (pages) GROUP BY endpoint, requested_end;
SELECT 'health.missing_pages', pg_temp.whole(coalesce(sum(number), 0)) FROM missing;
SELECT 'missing.' || row_number() OVER (ORDER BY requested_end, endpoint) - 1,
	format('%s, poll of %s: page %s', endpoint, to_char(requested_end AT TIME ZONE :'zone', 'FMDD Mon HH24:MI'), pages) FROM missing;
CREATE TEMPORARY TABLE gap AS
SELECT endpoint, requested_end AS gap_from,
	(SELECT min(requested_start) FROM poll AS b WHERE b.endpoint = a.endpoint AND b.requested_start > a.requested_start) AS gap_to
FROM poll AS a;
DELETE FROM gap WHERE gap_to <= gap_from OR gap_to IS NULL;
SELECT 'health.gaps', pg_temp.whole(count(*)) FROM gap;
SELECT 'gap.' || row_number() OVER (ORDER BY gap_from, endpoint) - 1, format('%s: %s to %s', endpoint,
	to_char(gap_from AT TIME ZONE :'zone', 'FMDD Mon HH24:MI'), to_char(gap_to AT TIME ZONE :'zone', 'FMDD Mon HH24:MI')) FROM gap;
CREATE TEMPORARY TABLE bad AS
SELECT e.message FROM :"pages", activity_errors(body) AS e
WHERE NOT e.kept AND (requested_end IS NULL OR requested_end BETWEEN :'four_weeks_ago' AND :'now');
SELECT 'health.rejected', pg_temp.whole(count(*)) FROM bad;
SELECT 'rejected.' || message, pg_temp.whole(count(*)) || ' × ' || message FROM bad GROUP BY message;
\endif
