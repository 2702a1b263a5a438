-- Over generated pages with items of all shapes: presences() returns the same
-- presences as plain SQL; loads in any order, any number of times, keep the
-- delivery of each that wins; and the time in force, in all and by local day, is
-- what the definition gives for each instant.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA presence_generated;
SET search_path = presence_generated, public;
SET TimeZone = 'UTC';
SET jit = off;

\getenv srcdir PG_ABS_SRCDIR
\set generated :srcdir '/sql/include/generated.sql'
\set plain_presences :srcdir '/sql/include/plain_presences.sql'
\set ECHO none
\i :generated
\i :plain_presences
\set ECHO all

-- Presences of nine agents over two weekends with a clock change. Some start
-- together, some between two whole milliseconds. The first agent has a start
-- every quarter of an hour, the last one a day.
CREATE TABLE drawn AS
    SELECT a * 100000 + w * 10000 + j * 10 + c AS k, agent_id, category,
           weekend + j * '15 min'::interval + one_of(a * 1000 + j, 1, '{0, 0, 0, 1 ms, 250 us, 999999 us}'::interval[]) AS start
      FROM unnest('{A, a, 2, 002, é, B, Ä, 0, ""}'::text[]) WITH ORDINALITY AS agent (agent_id, a),
           unnest('{2026-03-27 12:00+00, 2026-10-23 12:00+00}'::timestamptz[]) WITH ORDINALITY AS weekend (weekend, w),
           generate_series(1, 320) AS j,
           unnest(enum_range(NULL::presence_category)) WITH ORDINALITY AS category (category, c)
     WHERE draw(a * 1000 + j, w, a * a) = 0 AND draw(a * 1000 + j, w * 10 + c, 5) < 2;

-- Members that replace a presence's own, without a value where the key is
-- absent. Most make a bad item, or one that is not a presence.
CREATE TABLE oddity AS
    SELECT row_number() OVER () AS nr, name, value
      FROM (VALUES ('agentId', NULL), ('agentId', 'null'), ('agentId', 'true'), ('agentId', '2.5'), ('agentId', '["A"]'), ('agentId', '2'),
                   ('agentId', '12345678901234567890'), ('agentId', to_json(repeat('x', 2000))::text),
                   ('agentId', to_json(repeat('x', 2001))::text), ('agentId', to_json(repeat('é', 1001))::text),
                   ('start', NULL), ('start', 'null'), ('start', '"yesterday"'), ('start', '"infinity"'), ('start', '""'), ('start', '20260328'),
                   ('start', '["2026-03-28T12:00:00Z"]'),
                   ('state', NULL), ('state', 'null'), ('state', '"Break"'), ('state', '"ready"'), ('state', '""'), ('state', '"Connected"'),
                   ('state', '1'), ('state', 'false'), ('state', '["Ready"]'), ('state', '{"state":"Ready"}'), ('state', '"LoggedOut"'),
                   ('category', NULL), ('category', 'null'), ('category', '"Lunch"'), ('category', '7'), ('category', '"ExtendedAway"'),
                   ('name', '7'), ('name', 'false'), ('name', '{}'), ('name', '["Ready"]'), ('name', '""'), ('name', NULL),
                   ('eligibleForRouting', '"true"'), ('eligibleForRouting', '0'), ('eligibleForRouting', '{}'),
                   ('eligibleForRouting', '[true]'), ('eligibleForRouting', '""'), ('eligibleForRouting', NULL),
                   ('duration', '"1000"'), ('duration', '-1'), ('duration', '1.5'), ('duration', 'true'), ('duration', '{}'), ('duration', '[1]'),
                   ('duration', '0.0'), ('duration', '1000.0'), ('duration', '1e3'), ('duration', '-0'), ('duration', NULL),
                   ('duration', '9223372036854775808'), ('duration', '1e30'), ('duration', '9300000000000000'),
                   ('type', NULL), ('type', 'null'), ('type', '""'), ('type', '"presence"'), ('type', '"Interaction"'), ('type', '"Workload"'),
                   ('type', '"Break"'), ('type', '7'), ('type', 'true'), ('type', '["Presence"]'),
                   ('interaction', '{}'), ('interaction', '{"guid":"7c1e0a10-0001-4a00-8000-0000000000a1"}'), ('interaction', '"x"'),
                   ('interaction', 'false'), ('interaction', '[]'), ('interaction', NULL), ('interaction', 'null'),
                   ('status', '"Break"'), ('reason', '5'), ('channel', '"x"'), ('x', '{"type":"Workload"}')) AS v (name, value);

-- Up to five deliveries of each presence, on random pages. They differ in
-- name, eligibleForRouting and duration, and in where the category is and how the
-- start is spelled. One in six has an oddity. The last ones never end.
CREATE TABLE delivery AS
    SELECT d, CASE WHEN draw(d, 1, 5) = 0 THEN draw(k, 2, 240) ELSE (draw(k, 2, 240) + draw(d, 3, 8) * 17) % 240 END AS page,
           ARRAY['agentId', to_json(agent_id)::text,
                 'type', CASE WHEN shape < 4 THEN '"Presence"' WHEN shape < 6 THEN 'null' END,
                 'state', CASE place WHEN 0 THEN to_json(category)::text WHEN 1 THEN to_json(category)::text WHEN 2 THEN 'null' END,
                 'category', CASE place WHEN 0 THEN one_of(d, 7, '{"\"Away\"", "\"Break\"", "null"}'::text[])
                                        WHEN 1 THEN NULL ELSE to_json(category)::text
                             END,
                 'name', one_of(teller, 8, ARRAY['"a"', '"B"', '"\u00e9"', to_json(category)::text, 'null', NULL]),
                 'eligibleForRouting', one_of(teller, 9, '{true, false, null, NULL}'::text[]),
                 'start', to_json(one_of(d, 10, ARRAY[
                     to_char(start, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                     to_char(start, 'YYYY-MM-DD"T"HH24:MI:SS.US'),
                     to_char(start, 'YYYY-MM-DD"T"HH24:MI:SS.US"4Z"'),
                     to_char(start - '1 us'::interval, 'YYYY-MM-DD"T"HH24:MI:SS.US"6+00:00"'),
                     to_char(start + '02:00'::interval, 'YYYY-MM-DD"T"HH24:MI:SS.US"+02:00"'),
                     CASE WHEN start = date_trunc('second', start) THEN to_char(start, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
                          ELSE to_char(start - '03:30'::interval, 'YYYY-MM-DD"T"HH24:MI:SS.US"-03:30"')
                     END]))::text,
                 'duration', CASE WHEN draw(k, 11, 3) = 0 OR start > '2026-10-26 12:00+00' THEN NULL
                                  ELSE one_of(teller, 12, ARRAY['null', duration::text, duration::text, (duration + 1000)::text])
                             END,
                 'interaction', CASE WHEN draw(d, 13, 2) = 0 THEN 'null' END,
                 'workload', 'null'] AS members,
           CASE WHEN draw(d, 14, 6) = 0 THEN 1 + draw(d, 15, (SELECT count(*) FROM oddity)) END AS oddity
      FROM drawn,
           LATERAL generate_series(k * 8, k * 8 + draw(k, 16, 5)) AS d,
           LATERAL (VALUES (draw(d, 5, 8), draw(d, 6, 4), CASE WHEN draw(k, 17, 3) = 0 THEN k ELSE d END,
                            one_of(k, 24, '{0, 0, 0, 1, 900000, 900000, 3600000, 10800000, 144000000, 144000000, 4924800000}'::bigint[])))
               AS v (shape, place, teller, duration);
-- Their items, some with other orders of keys or with keys that come twice.
CREATE TABLE item AS
    SELECT d AS nr, page,
           '{' || CASE WHEN d % 29 = 0 THEN '"name":7,"eligibleForRouting":"x",' ELSE '' END
           || (SELECT string_agg(format('%s:%s', to_json(m.name), m.value), ','
                                 ORDER BY CASE WHEN d % 3 = 0 THEN draw(d, 100 + place, 1000) END, place)
                 FROM (SELECT place, members[2 * place - 1],
                              CASE WHEN members[2 * place - 1] = o.name THEN o.value ELSE members[2 * place] END
                         FROM generate_series(1, cardinality(members) / 2) AS place
                        UNION ALL
                       SELECT 0, o.name, o.value
                        WHERE o.name IS NOT NULL AND o.name <> ALL (members)) AS m (place, name, value)
                WHERE m.value IS NOT NULL)
           || '}' AS item
      FROM delivery
      LEFT JOIN oddity AS o ON o.nr = oddity
    UNION ALL
    -- interactions and workload, each on two pages
    SELECT -n, draw(n, p, 240),
           CASE WHEN n % 4 = 0
                THEN '{"agentId":"A","type":"Workload","category":null,"name":null,"start":"2026-03-28T12:00:00Z","duration":7,"workload":{"calls":1}}'
                ELSE format('{"agentId":"A",%s:"Connected","name":null,"eligibleForRouting":null,"start":"2026-03-28T12:00:00Z",'
                            '"duration":1000,"interaction":{"guid":"%s"}}',
                            CASE n % 4 WHEN 1 THEN '"state"' ELSE '"type":"Interaction","category"' END, lpad(n::text, 32, '0')::uuid)
           END
      FROM generate_series(1, 300) AS n, generate_series(1, 2) AS p
    UNION ALL
    SELECT -300 - n, n % 240, item
      FROM unnest('{null, true, 3, "\"Presence\"", "[]", "[\"name\"]", "{}", "{\"type\":\"Presence\"}", "{\"items\":[]}"}'::text[])
               WITH ORDINALITY AS i (item, n);

-- Pages with and without upTo, before and after the items; arrays; single items;
-- and documents that are not pages.
CREATE TABLE page AS
    SELECT page AS nr,
           CASE draw(page, 2, 6) WHEN 0 THEN format('[%s]', items)
                                 WHEN 1 THEN format('{"upTo":%s,"items":[%s]}', up_to, items)
                                 WHEN 2 THEN format('{"items":[%s]}', items)
                                 ELSE format('{"meta":{"page":1},"items":[%s],"upTo":%s}', items, up_to)
           END AS body
      FROM (SELECT page, string_agg(item, ',' ORDER BY draw(nr, 3, 1000), item COLLATE "C") AS items,
                   one_of(page, 1, '{"\"2026-11-01T00:00:00.000Z\"", "\"2026-11-01T01:00:00+01:00\"", "\"2026-11-01T01:00:00\"",
                                     "\"2026-11-01T02:00:00.0000001Z\"", "\"2026-11-01T02:00:00.000001Z\"", "null", "\"soon\"", "5"}'::text[]) AS up_to
              FROM item
             GROUP BY page) AS v
    UNION ALL
    SELECT 1000 + nr, item FROM item WHERE nr > 0 AND draw(nr, 6, 80) = 0
    UNION ALL
    SELECT -nr, body
      FROM unnest('{null, 3, "\"[]\"", "[]", "{}", "{\"items\":[]}", "{\"items\":null}", "{\"items\":{}}", "{\"message\":\"no\"}"}'::text[])
               WITH ORDINALITY AS v (body, nr);

--
-- Each page, item by item
--
CREATE TABLE read AS
    SELECT nr,
           (SELECT array_agg(p) FROM presences(body::json, 'ignore') AS p) AS of_json,
           (SELECT array_agg(p) FROM presences(body::jsonb, 'ignore') AS p) AS of_jsonb,
           (SELECT array_agg(p) FROM plain_presences(body::jsonb) AS p) AS plain,
           (SELECT count(*) FROM activities(body::jsonb, 'ignore')) AS activities,
           (SELECT count(*) FROM activity_errors(body::jsonb)) AS errors,
           (SELECT count(DISTINCT item) FROM activity_errors(body::jsonb)) AS bad_items,
           jsonb_array_length(items) AS items,
           (SELECT count(*) FROM jsonb_array_elements(items) AS i WHERE i -> 'type' = '"Workload"') AS workload
      FROM page,
           LATERAL (SELECT CASE WHEN jsonb_typeof(body::jsonb -> 'items') = 'array' THEN body::jsonb -> 'items'
                                WHEN jsonb_typeof(body::jsonb) = 'array' THEN body::jsonb
                           END) AS v (items);
SELECT count(*) AS pages, sum(cardinality(plain)) AS presences, sum(activities) AS activities, sum(errors) AS errors,
       count(*) FILTER (WHERE of_json IS DISTINCT FROM plain) AS differ,
       count(*) FILTER (WHERE of_jsonb IS DISTINCT FROM plain) AS differ_in_jsonb
  FROM read;
-- each item is exactly one of these: a presence, an activity, bad, workload
SELECT sum(items) AS items,
       count(*) FILTER (WHERE coalesce(cardinality(of_jsonb), 0) + activities + bad_items + workload <> items) AS differ
  FROM read;

--
-- The table, after loads in several orders
--
CREATE TABLE delivered (nr bigint, p presence);
INSERT INTO delivered SELECT nr, p FROM read, unnest(plain) AS p;
CREATE TABLE deliveries OF presence;
INSERT INTO deliveries SELECT (p).* FROM delivered;
CREATE TABLE plain OF presence;
INSERT INTO plain SELECT * FROM plain_best_presences('deliveries');

-- Loads pages in the order given. Uncounted are the presences, activities and
-- errors of the pages less all that the loads counted.
CREATE FUNCTION load_pages(target regclass, nrs bigint[], OUT inserted bigint, OUT updated bigint, OUT uncounted bigint)
    LANGUAGE plpgsql AS
$$
DECLARE
    page_nr bigint;
    document text;
    counts record;
BEGIN
    inserted := 0;
    updated := 0;
    uncounted := 0;
    FOREACH page_nr IN ARRAY nrs LOOP
        SELECT body INTO document FROM page WHERE nr = page_nr;
        IF page_nr % 2 = 0 THEN
            SELECT * INTO counts FROM load_activities(target, document::json, 'ignore');
        ELSE
            SELECT * INTO counts FROM load_activities(target, document::jsonb, 'ignore');
        END IF;
        inserted := inserted + counts.inserted;
        updated := updated + counts.updated;
        uncounted := uncounted - counts.inserted - counts.updated - counts.unchanged - counts.rejected - counts.outdated
                     + (SELECT coalesce(cardinality(plain), 0) + activities + errors FROM read WHERE nr = page_nr);
    END LOOP;
END
$$;
CREATE FUNCTION count_different(name text) RETURNS bigint
    LANGUAGE plpgsql AS
$$
DECLARE
    result bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM ((TABLE %1$I EXCEPT ALL TABLE plain) UNION ALL (TABLE plain EXCEPT ALL TABLE %1$I)) AS d',
                   name || '_presence')
       INTO result;
    RETURN result;
END
$$;
-- Loads all pages into a new table, twice, and compares each time.
CREATE FUNCTION compare_loads(name text, nrs bigint[], OUT inserted bigint, OUT updated bigint, OUT uncounted bigint,
        OUT presences bigint, OUT differ bigint, OUT inserted_again bigint, OUT updated_again bigint, OUT uncounted_again bigint,
        OUT differ_again bigint)
    LANGUAGE plpgsql AS
$$
BEGIN
    PERFORM create_activity_table(name);
    SELECT l.* INTO inserted, updated, uncounted FROM load_pages(name::regclass, nrs) AS l;
    differ := count_different(name);
    SELECT l.* INTO inserted_again, updated_again, uncounted_again FROM load_pages(name::regclass, nrs) AS l;
    differ_again := count_different(name);
    EXECUTE format('SELECT count(*) FROM %I', name || '_presence') INTO presences;
END
$$;
CREATE TABLE outcome AS
    SELECT name, cardinality(nrs) AS loads, c.*
      FROM (SELECT 'in_order', array_agg(nr ORDER BY nr) FROM page UNION ALL
            SELECT 'reversed', array_agg(nr ORDER BY nr DESC) FROM page UNION ALL
            SELECT 'shuffled', array_agg(nr ORDER BY draw(nr * 4 + copy, 4, 1000), nr)
              FROM page, LATERAL generate_series(0, draw(nr, 5, 3)) AS copy) AS o (name, nrs),
           LATERAL compare_loads(name, nrs) AS c;
\x on
SELECT name, loads, presences, differ, inserted - presences AS activities, uncounted,
       differ_again, inserted_again, updated_again, uncounted_again
  FROM outcome
 ORDER BY name COLLATE "C";
\x off
-- A load updates a presence if the delivery that wins then differs from the one
-- that won before, and not only by a later upTo. Interactions are never updated:
-- their deliveries have no other difference.
CREATE TABLE step AS
    SELECT before IS NULL AS is_first,
           ((before).duration_ms, (before).eligible_for_routing, (before).name)
           IS DISTINCT FROM ((after).duration_ms, (after).eligible_for_routing, (after).name) AS is_other,
           (before).reported_at IS DISTINCT FROM (after).reported_at AS is_later
      FROM (SELECT DISTINCT nr, (p).agent_id, (p).start, (p).category,
                   plain_best(array_agg(p) OVER (key GROUPS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) AS before,
                   plain_best(array_agg(p) OVER (key GROUPS UNBOUNDED PRECEDING)) AS after
              FROM delivered
            WINDOW key AS (PARTITION BY (p).agent_id, (p).start, (p).category ORDER BY nr)) AS v;
SELECT count(*) FILTER (WHERE NOT is_first AND is_other) AS updated,
       count(*) FILTER (WHERE NOT is_first AND is_other) - max(outcome.updated) AS differ,
       count(*) FILTER (WHERE NOT is_first AND NOT is_other AND is_later) > 100 AS only_later
  FROM step, outcome
 WHERE name = 'in_order';

--
-- Time in force, and that of local days
--
SELECT count(*) > 0 AS views FROM create_activity_views('shuffled');
CREATE TABLE in_force AS
    SELECT agent_id, name, started_at, ended_at, presence_ms, category::text FROM plain_in_force('shuffled_presence');
CREATE TABLE report AS
    SELECT agent_id, name, started_at, ended_at, presence_ms, category FROM shuffled_presence_report;
SELECT (SELECT count(*) FROM report) AS presences,
       (SELECT count(*) FROM (TABLE report EXCEPT ALL TABLE in_force) AS d) AS differ,
       (SELECT count(*) FROM (TABLE in_force EXCEPT ALL TABLE report) AS d) AS plain_differ;

-- the report, cut at local midnights
CREATE TABLE report_day AS
    SELECT agent_id, day::date AS day, sum(ms)::bigint AS login_ms,
           coalesce(sum(ms) FILTER (WHERE category = 'Ready'), 0)::bigint AS ready_ms,
           coalesce(sum(ms) FILTER (WHERE category IN ('Away', 'ExtendedAway')), 0)::bigint AS away_ms
      FROM report,
           LATERAL generate_series(date_trunc('day', started_at AT TIME ZONE 'Europe/Berlin'),
                                   ended_at AT TIME ZONE 'Europe/Berlin', '1 day') AS day,
           LATERAL (SELECT greatest(started_at, day AT TIME ZONE 'Europe/Berlin'),
                           least(ended_at, (day + '1 day'::interval) AT TIME ZONE 'Europe/Berlin')) AS cut (begin, until),
           LATERAL (SELECT floor(extract(epoch FROM until) * 1000) - floor(extract(epoch FROM begin) * 1000)) AS v (ms)
     WHERE category <> 'LoggedOut'
     GROUP BY agent_id, day
    HAVING sum(ms) > 0;
CREATE TABLE plain_day AS
    SELECT * FROM plain_presence_days('shuffled_presence', 'Europe/Berlin');
SELECT (SELECT count(*) FROM report_day) AS days,
       (SELECT count(*) FROM (TABLE report_day EXCEPT ALL TABLE plain_day) AS d) AS differ,
       (SELECT count(*) FROM (TABLE plain_day EXCEPT ALL TABLE report_day) AS d) AS plain_differ;

--
-- The data has the cases that the rules are about
--
\x on
-- items
SELECT count(*) FILTER (WHERE type = 'null' AND interaction AND is_label) > 10 AS no_type_but_interaction,
       count(*) FILTER (WHERE type = 'null' AND NOT interaction AND NOT named AND is_label) > 10 AS no_type_nor_name,
       count(*) FILTER (WHERE type = 'null' AND NOT interaction AND named AND NOT is_label) > 10 AS no_type_nor_label,
       count(*) FILTER (WHERE type = 'null' AND NOT interaction AND i ? 'name' AND NOT i ? 'eligibleForRouting') > 10 AS name_alone,
       count(*) FILTER (WHERE type = 'null' AND NOT interaction AND NOT i ? 'name' AND i ? 'eligibleForRouting') > 10 AS eligible_alone,
       count(*) FILTER (WHERE type = '"Presence"' AND interaction) > 10 AS type_and_interaction,
       count(*) FILTER (WHERE type = '"Presence"' AND NOT is_label) > 10 AS type_but_no_label,
       count(*) FILTER (WHERE type = '"Presence"' AND NOT named) > 10 AS type_but_no_name,
       count(*) FILTER (WHERE type NOT IN ('null', '"Presence"', '"Interaction"', '"Workload"')) > 10 AS unknown_type,
       count(*) FILTER (WHERE i ->> 'state' <> i ->> 'category') > 100 AS state_before_category
  FROM page,
       jsonb_path_query(body::jsonb, '$.items[*] ? (@.type() == "object")') AS i,
       LATERAL (SELECT coalesce(i -> 'type', 'null'), coalesce(i -> 'interaction', 'null') <> 'null', i ?| '{name,eligibleForRouting}',
                       coalesce(i ->> 'state', i ->> 'category', '') = ANY (enum_range(NULL::presence_category)::text[]))
           AS v (type, interaction, named, is_label);
-- deliveries: the rule that decides between the one that wins and another
SELECT count(*) FILTER (WHERE winner.duration_ms IS NOT NULL AND d.duration_ms IS NULL
                              AND d.reported_at > winner.reported_at) > 10 AS known_beats_later,
       count(*) FILTER (WHERE both_known AND winner.reported_at > d.reported_at AND d.duration_ms > winner.duration_ms) > 10 AS later_beats_longer,
       count(*) FILTER (WHERE winner.duration_ms IS NULL AND winner.reported_at > d.reported_at) > 10 AS later,
       count(*) FILTER (WHERE both_known AND winner.reported_at IS NOT NULL AND d.reported_at IS NULL) > 10 AS up_to_beats_none,
       count(*) FILTER (WHERE both_known AND same_report AND winner.duration_ms > d.duration_ms) > 10 AS longer,
       count(*) FILTER (WHERE same_duration AND winner.eligible_for_routing AND NOT d.eligible_for_routing) > 10 AS eligible,
       count(*) FILTER (WHERE same_duration AND NOT winner.eligible_for_routing AND d.eligible_for_routing IS NULL) > 10 AS not_eligible,
       count(*) FILTER (WHERE same_eligible AND winner.name COLLATE "C" > d.name) > 10 AS name,
       count(*) FILTER (WHERE same_eligible AND winner.name = 'a' AND d.name = 'B') > 0 AS name_by_bytes,
       count(*) FILTER (WHERE same_eligible AND d.name IS NULL AND winner.name IS NOT NULL) > 10 AS name_beats_none,
       count(*) FILTER (WHERE agent_id IN ('', 'a', '002')) > 100 AS odd_agents
  FROM plain AS winner
  JOIN deliveries AS d USING (agent_id, start, category),
       LATERAL (SELECT winner.duration_ms IS NOT NULL AND d.duration_ms IS NOT NULL,
                       winner.reported_at IS NOT DISTINCT FROM d.reported_at) AS v (both_known, same_report),
       LATERAL (SELECT same_report AND winner.duration_ms IS NOT DISTINCT FROM d.duration_ms) AS w (same_duration),
       LATERAL (SELECT same_duration AND winner.eligible_for_routing IS NOT DISTINCT FROM d.eligible_for_routing) AS x (same_eligible);
-- time in force
SELECT count(*) FILTER (WHERE presence_ms > 0 AND duration_ms > second_longest) > 10 AS longest_of_several,
       count(*) FILTER (WHERE presence_ms > 0 AND opens > 0 AND duration_ms > 0) > 10 AS finished_beats_open,
       count(*) FILTER (WHERE presence_ms > 0 AND duration_ms IS NULL AND opens < together) > 10 AS open_beats_zero,
       count(*) FILTER (WHERE presence_ms > 0 AND duration_ms IS NULL AND opens > 1) > 10 AS later_category_of_open,
       count(*) FILTER (WHERE presence_ms > 0 AND duration_ms = second_longest) > 10 AS later_category_of_equal,
       count(*) FILTER (WHERE presence_ms < duration_ms AND presence_ms > 0) > 10 AS cut,
       count(*) FILTER (WHERE presence_ms > 0 AND duration_ms IS NULL) > 10 AS open_but_followed,
       count(*) FILTER (WHERE presence_ms = duration_ms AND ended_at < next_start) > 10 AS followed_by_gap,
       count(*) FILTER (WHERE presence_ms = duration_ms AND ended_at = next_start AND duration_ms > 0) > 10 AS touching,
       count(*) FILTER (WHERE duration_ms = 0) > 100 AS zero,
       count(*) FILTER (WHERE ended_at IS NULL AND category <> 'LoggedOut') > 2 AS last_open,
       count(*) FILTER (WHERE ended_at = started_at AND duration_ms IS NULL) > 10 AS never_though_open,
       count(*) FILTER (WHERE started_at <> date_trunc('milliseconds', started_at)) > 100 AS parts_of_ms
  FROM (SELECT *, count(*) OVER s AS together, count(*) FILTER (WHERE duration_ms IS NULL) OVER s AS opens,
               nth_value(duration_ms, 2) OVER (s ORDER BY duration_ms DESC NULLS LAST
                                               ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS second_longest,
               min(started_at) OVER (PARTITION BY agent_id ORDER BY started_at
                                     RANGE BETWEEN '1 us' FOLLOWING AND UNBOUNDED FOLLOWING) AS next_start
          FROM in_force
          JOIN (SELECT agent_id, start AS started_at, category::text, duration_ms FROM shuffled_presence) AS p
               USING (agent_id, started_at, category)
        WINDOW s AS (PARTITION BY agent_id, started_at)) AS v;
-- days
SELECT count(*) FILTER (WHERE login_ms = 24 * 3600000) > 10 AS of_24_hours,
       count(*) FILTER (WHERE login_ms = 23 * 3600000) > 0 AS of_23_hours,
       count(*) FILTER (WHERE login_ms = 25 * 3600000) > 0 AS of_25_hours,
       count(*) FILTER (WHERE login_ms NOT IN (ready_ms, away_ms)) > 10 AS of_several,
       bool_and(login_ms = ready_ms + away_ms) AS adds_up
  FROM plain_day;
\x off

SET client_min_messages = warning;
DROP SCHEMA presence_generated CASCADE;
