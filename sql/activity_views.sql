-- The views of create_activity_views have plain types only and a comment on
-- every column; their values are those of plain SQL, their sums the metrics,
-- their dates those of the time zone; they belong to their maker, and whoever
-- may read them needs no more.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA activity_views;
SET search_path = activity_views, public;
SET timezone = 'America/Los_Angeles';
SET datestyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/errors.sql'
\set generator :srcdir '/bench/generate.sql'
\set page `cat "$PG_ABS_SRCDIR/sql/data/page-interactions.json"`
\set ECHO none
\i :include
\i :generator
\set ECHO all

--
-- What they are
--
SELECT create_activity_table('kept');
SELECT * FROM create_activity_views('kept', 'europe/BERLIN') AS v ORDER BY v::text COLLATE "C";
\pset format unaligned
-- all but the local columns, and those of one moment
CREATE VIEW described AS
    SELECT attrelid::regclass AS view, attnum, attname, format_type(atttypid, atttypmod) AS type, col_description(attrelid, attnum) AS comment,
           attname ~ '_(local|date|week|weekday|hour|half_hour)$' AS is_local
    FROM pg_attribute
    WHERE attrelid IN ('kept_report'::regclass, 'kept_participation_report'::regclass, 'kept_interaction_report'::regclass, 'kept_presence_report'::regclass)
        AND attnum > 0;
SELECT attname, type, comment FROM described WHERE view = 'kept_report'::regclass AND NOT is_local ORDER BY attnum;
SELECT attname, type, comment FROM described WHERE view = 'kept_participation_report'::regclass AND NOT is_local ORDER BY attnum;
SELECT attname, type, comment FROM described WHERE view = 'kept_interaction_report'::regclass AND NOT is_local ORDER BY attnum;
SELECT attname, type, comment FROM described WHERE view = 'kept_presence_report'::regclass AND NOT is_local ORDER BY attnum;
SELECT attname, type, comment FROM described WHERE view = 'kept_report'::regclass AND is_local AND attname LIKE 'ended%' ORDER BY attnum;
\pset format aligned
-- every moment has them, and they have one type and comment each
SELECT view, string_agg(attname, ' ' ORDER BY attnum) AS moments,
       bool_and((SELECT count(*) FROM described AS l WHERE l.view = d.view AND l.is_local AND l.attname LIKE replace(d.attname, '_at', '') || '%') = 6) AS all_six
FROM described AS d WHERE attname LIKE '%\_at' GROUP BY view ORDER BY view::text COLLATE "C";
SELECT substring(attname FROM '(_.*)$') AS column, type, replace(comment, split_part(attname, '_', 1), '…') AS comment, count(*)
FROM described WHERE is_local GROUP BY 1, 2, 3 ORDER BY 1 COLLATE "C";
SELECT c.relname, c.relkind, pg_get_userbyid(c.relowner) = current_user AS mine, obj_description(c.oid, 'pg_class')
FROM pg_class AS c WHERE c.relname LIKE 'kept%_report' ORDER BY c.relname COLLATE "C";
-- no other types; no column without a comment, and all say how they are aggregated; one meaning for a name
SELECT count(*) FILTER (WHERE type NOT IN ('text', 'smallint', 'bigint', 'double precision', 'boolean', 'timestamp with time zone', 'timestamp without time zone', 'date')
                        OR comment !~ '\. (Sum|Average|Group by) it; do not (sum or average|sum|average) it\.$' OR comment IS NULL) AS others,
       count(*) FILTER (WHERE attname LIKE '%\_count' AND type <> 'double precision') AS counts_of_other_types,
       count(*) FILTER (WHERE attname LIKE '%\_ms' AND type <> 'bigint') AS milliseconds_of_other_types
FROM described;
SELECT attname, count(DISTINCT type) AS types FROM described GROUP BY attname HAVING count(DISTINCT type) > 1;

-- of no rows; of a row with nothing in it but its key; of what is loaded later
SELECT (SELECT count(*) FROM kept_report) AS activities, (SELECT count(*) FROM kept_participation_report) AS participations,
       (SELECT count(*) FROM kept_interaction_report) AS interactions, (SELECT count(*) FROM kept_presence_report) AS presences;
SELECT * FROM load_activities('kept', '{"agentId": "002", "start": "2026-03-28T23:30:00Z", "state": "Wrap", "interaction": {"guid": "7c1e0a10-0001-4a00-8000-0000000000ff"}}'::json);
SET timezone = 'UTC';
\x on
SELECT * FROM kept_report;
SELECT * FROM kept_participation_report;
SELECT * FROM kept_interaction_report;
\x off
SELECT * FROM load_activities('kept', :'page'::json);
SELECT agent_id, started_at, started_date, state, state_sort, reason, reason_sort, monitor_count, open_count, duration_s, handle_ms, ended_date
FROM kept_report ORDER BY started_at, agent_id, state_sort;
SELECT agent_id, started_date, outcome, outcome_sort, unexpected_reason, offered_count, handled_count, unexpected_count, open_count, talk_s, parked_s
FROM kept_participation_report ORDER BY started_at, agent_id;
SELECT started_date, first_agent_id, last_agent_id, outcome, participation_count, offered_count, answered_count, transfer_count, length_s, handle_s, handle_s_of_handled, transferred_of_answered
FROM kept_interaction_report ORDER BY started_at, interaction_guid;

--
-- Values
--
SELECT inserted > 10000 AS loaded
FROM load_activities('kept', (SELECT array_agg(a) FROM generate_activities(5000, 40, 3) AS a));
-- what a duration can be at most, or not at all; no reason where there should be one
SELECT * FROM load_activities('kept', ARRAY[
    ROW('2026-01-01 00:00Z', 9000000000000, 'Connected', NULL, NULL, '7c1e0a10-0001-4a00-8000-0000000000f1', NULL, NULL, 'long', NULL, NULL, NULL),
    ROW('2026-01-01 00:00Z', NULL, 'Connected', 'InternalError', 'Internal', '7c1e0a10-0001-4a00-8000-0000000000f2', NULL, 'Resumed', '', '', '', NULL),
    ROW('2026-01-01 00:00Z', 0, 'Unexpected', NULL, NULL, '7c1e0a10-0001-4a00-8000-0000000000f3', NULL, NULL, 'none', NULL, NULL, NULL),
    ROW('2026-01-01 00:00Z', 0, 'Failed', NULL, NULL, '7c1e0a10-0001-4a00-8000-0000000000f4', NULL, NULL, 'none', NULL, NULL, NULL),
    ROW('2026-01-01 00:00Z', 0, 'Failed', NULL, NULL, '7c1e0a10-0001-4a00-8000-0000000000f5', NULL, NULL, 'none', NULL, NULL, NULL),
    ROW('2026-01-01 00:01Z', 0, 'Unexpected', NULL, NULL, '7c1e0a10-0001-4a00-8000-0000000000f5', NULL, 'NoAnswer', 'none', NULL, NULL, NULL)]::activity[]);
SELECT l.* FROM load_activities('kept', (
    SELECT json_agg(json_build_object('agentId', n % 40, 'type', 'Presence', 'category', (enum_range(NULL::presence_category))[1 + n * 7 % 4],
                                      'start', '2026-01-05 07:00Z'::timestamptz + n * 1117 * '1 second'::interval, 'name', n::text,
                                      'eligibleForRouting', CASE n % 3 WHEN 0 THEN NULL ELSE n % 3 = 1 END,
                                      'duration', CASE WHEN n % 5 > 0 THEN n * 13007 % 90000000 END))
    FROM generate_series(1, 1000) AS n)) AS l;

CREATE FUNCTION place(label anyenum) RETURNS smallint LANGUAGE sql STABLE STRICT AS $$
    SELECT count(*)::smallint FROM pg_enum
    WHERE enumtypid = pg_typeof(label) AND enumsortorder <= (
        SELECT enumsortorder FROM pg_enum WHERE enumtypid = pg_typeof(label) AND enumlabel = label::text)
$$;
-- compares the rows of a query, as JSON objects, with those of a view, but for its local columns
CREATE FUNCTION differ(view regclass, query text, OUT rows bigint, OUT columns integer, OUT differ bigint) LANGUAGE plpgsql AS $$
DECLARE
    kept CONSTANT text := (SELECT string_agg(quote_ident(attname), ', ') FROM described AS d WHERE d.view = differ.view AND NOT is_local);
BEGIN
    EXECUTE format('WITH found AS (SELECT to_jsonb(v) AS row FROM (SELECT %s FROM %s) AS v), wanted AS (SELECT to_jsonb(w) AS row FROM (%s) AS w)
        SELECT (SELECT count(*) FROM found),
            (SELECT count(*) FROM jsonb_object_keys((SELECT row FROM found LIMIT 1))),
            (SELECT count(*) FROM (TABLE found EXCEPT ALL TABLE wanted) AS d) + (SELECT count(*) FROM (TABLE wanted EXCEPT ALL TABLE found) AS d)',
        kept, view, query) INTO rows, columns, differ;
END
$$;
SELECT * FROM differ('kept_report', $$
    SELECT concat(interaction_guid, '/', channel_guid, '/', agent_id) AS participation_id, interaction_guid::text, channel_guid::text, agent_id, medium, medium_manager,
           direction::text, place(direction) AS direction_sort, state::text, place(state) AS state_sort,
           coalesce(reason::text, nothing) AS reason, CASE WHEN nothing IS NULL THEN place(reason) ELSE 32767 END AS reason_sort,
           status::text, place(status) AS status_sort,
           start AS started_at, start + duration_ms * '1 ms'::interval AS ended_at, reported_at,
           coalesce(reason::text, '') = 'Monitor' AS monitor, CASE WHEN reason = 'Monitor' THEN 1 ELSE 0 END AS monitor_count,
           duration_ms IS NULL AND coalesce(status::text, '') <> 'InternalError' AS open,
           CASE WHEN duration_ms IS NOT NULL OR status = 'InternalError' THEN 0 ELSE 1 END AS open_count, 1 AS activity_count,
           duration_ms, duration_ms / 1000::float8 AS duration_s,
           CASE WHEN counted = 'Ringing' THEN ms ELSE 0 END AS ring_ms, CASE WHEN counted = 'Ringing' THEN ms ELSE 0 END / 1000::float8 AS ring_s,
           CASE WHEN counted = 'Connected' THEN ms ELSE 0 END AS talk_ms, CASE WHEN counted = 'Connected' THEN ms ELSE 0 END / 1000::float8 AS talk_s,
           CASE WHEN counted = 'Wrap' THEN ms ELSE 0 END AS wrap_ms, CASE WHEN counted = 'Wrap' THEN ms ELSE 0 END / 1000::float8 AS wrap_s,
           CASE WHEN counted IN ('Connected', 'Wrap') THEN ms ELSE 0 END AS handle_ms, CASE WHEN counted IN ('Connected', 'Wrap') THEN ms ELSE 0 END / 1000::float8 AS handle_s,
           CASE WHEN counted = 'listened' THEN ms ELSE 0 END AS monitor_ms, CASE WHEN counted = 'listened' THEN ms ELSE 0 END / 1000::float8 AS monitor_s
    FROM kept, LATERAL (SELECT coalesce(duration_ms, 0),
            CASE WHEN reason = 'Monitor' AND state IN ('Connected', 'Wrap') THEN 'listened' WHEN reason = 'Monitor' THEN '' ELSE state::text END,
            CASE WHEN reason IS NULL AND state IN ('Unexpected', 'Failed') THEN 'None given' END) AS v (ms, counted, nothing)$$);
SELECT * FROM differ('kept_participation_report', $$
    SELECT concat(interaction_guid, '/', channel_guid, '/', agent_id) AS participation_id, interaction_guid::text, channel_guid::text, agent_id, medium, medium_manager,
           direction::text, place(direction) AS direction_sort, outcome::text, place(outcome) AS outcome_sort,
           coalesce(unexpected_reason::text, nothing_unexpected) AS unexpected_reason, coalesce(place(unexpected_reason), 32767 + 0 * length(nothing_unexpected)) AS unexpected_reason_sort,
           coalesce(failed_reason::text, nothing_failed) AS failed_reason, coalesce(place(failed_reason), 32767 + 0 * length(nothing_failed)) AS failed_reason_sort,
           status::text, place(status) AS status_sort, started_at, answered_at, disconnected_at, ended_at, reported_at,
           offered, CASE WHEN offered THEN 1 ELSE 0 END AS offered_count,
           answered, CASE WHEN answered THEN 1 ELSE 0 END AS answered_count,
           handled, CASE WHEN handled THEN 1 ELSE 0 END AS handled_count,
           outcome = 'Unexpected' AS unexpected, CASE WHEN outcome = 'Unexpected' THEN 1 ELSE 0 END AS unexpected_count,
           outcome = 'Failed' AS failed, CASE WHEN outcome = 'Failed' THEN 1 ELSE 0 END AS failed_count,
           outcome = 'Monitored' AS monitored, CASE WHEN outcome = 'Monitored' THEN 1 ELSE 0 END AS monitored_count,
           open, CASE WHEN open THEN 1 ELSE 0 END AS open_count, 1 AS participation_count,
           unexpected_attempts AS unexpected_attempt_count, connections AS connection_count,
           answer_ms, answer_ms / 1000::float8 AS answer_s, ring_ms, ring_ms / 1000::float8 AS ring_s, talk_ms, talk_ms / 1000::float8 AS talk_s,
           parked_ms, parked_ms / 1000::float8 AS parked_s, wrap_ms, wrap_ms / 1000::float8 AS wrap_s,
           handle_ms, handle_ms / 1000::float8 AS handle_s, monitor_ms, monitor_ms / 1000::float8 AS monitor_s,
           CASE handled WHEN true THEN handle_ms / 1000::float8 END AS handle_s_of_handled,
           CASE handled WHEN true THEN talk_ms / 1000::float8 END AS talk_s_of_handled,
           CASE handled WHEN true THEN wrap_ms / 1000::float8 END AS wrap_s_of_handled,
           CASE handled WHEN true THEN parked_ms / 1000::float8 END AS parked_s_of_handled,
           CASE WHEN offered AND answered THEN 1 WHEN offered THEN 0 END AS answered_of_offered,
           CASE WHEN offered AND outcome = 'Unexpected' THEN 1 WHEN offered THEN 0 END AS unexpected_of_offered,
           CASE WHEN offered AND outcome = 'Failed' THEN 1 WHEN offered THEN 0 END AS failed_of_offered
    FROM kept_participation, LATERAL (SELECT coalesce(connections, 0) > 0,
            CASE WHEN unexpected_reason IS NULL AND outcome = 'Unexpected' THEN 'None given' END,
            CASE WHEN failed_reason IS NULL AND outcome = 'Failed' THEN 'None given' END) AS v (answered, nothing_unexpected, nothing_failed)$$);
SELECT * FROM differ('kept_interaction_report', $$
    SELECT i.interaction_guid::text, i.first_agent_id, i.last_agent_id, i.medium, i.medium_manager,
           i.direction::text, place(i.direction) AS direction_sort, i.outcome::text, place(i.outcome) AS outcome_sort, i.status::text, place(i.status) AS status_sort,
           i.started_at, i.answered_at, i.disconnected_at, i.ended_at, i.reported_at,
           i.answered > 0 AS answered, i.transfers > 0 AS transferred, i.open, CASE WHEN i.open THEN 1 ELSE 0 END AS open_count, 1 AS interaction_count,
           i.participations AS participation_count, i.agents AS agent_count, i.offered AS offered_count, i.answered AS answered_count, i.handled AS handled_count,
           i.unexpected AS unexpected_count, i.failed AS failed_count, i.monitored AS monitored_count, i.unexpected_attempts AS unexpected_attempt_count,
           i.transfers AS transfer_count, i.consults AS consult_count,
           i.length_ms, i.length_ms / 1000::float8 AS length_s, i.answer_ms, i.answer_ms / 1000::float8 AS answer_s, i.ring_ms, i.ring_ms / 1000::float8 AS ring_s,
           i.talk_ms, i.talk_ms / 1000::float8 AS talk_s, i.parked_ms, i.parked_ms / 1000::float8 AS parked_s, i.wrap_ms, i.wrap_ms / 1000::float8 AS wrap_s,
           i.handle_ms, i.handle_ms / 1000::float8 AS handle_s, i.monitor_ms, i.monitor_ms / 1000::float8 AS monitor_s,
           CASE WHEN i.handled > 0 THEN i.handle_ms / 1000::float8 END AS handle_s_of_handled,
           CASE WHEN i.offered > 0 AND i.answered > 0 THEN 1 WHEN i.offered > 0 THEN 0 END AS answered_of_offered,
           CASE WHEN i.answered > 0 AND i.transfers > 0 THEN 1 WHEN i.answered > 0 THEN 0 END AS transferred_of_answered,
           CASE WHEN i.answered > 0 AND i.consults > 0 THEN 1 WHEN i.answered > 0 THEN 0 END AS consulted_of_answered
    FROM (SELECT (interaction(p)).* FROM kept_participation AS p GROUP BY interaction_guid) AS i$$);
-- the end in force is that of a plain search for the next start
SELECT * FROM differ('kept_presence_report', $$
    SELECT agent_id, category::text, place(category) AS category_sort, name, start AS started_at, until AS ended_at, reported_at, eligible_for_routing,
           ms AS presence_ms, ms / 1000::float8 AS presence_s,
           CASE WHEN category IN ('Ready', 'Away', 'ExtendedAway') THEN ms ELSE 0 END AS login_ms, CASE WHEN category IN ('Ready', 'Away', 'ExtendedAway') THEN ms ELSE 0 END / 1000::float8 AS login_s,
           CASE WHEN category = 'Ready' THEN ms ELSE 0 END AS ready_ms, CASE WHEN category = 'Ready' THEN ms ELSE 0 END / 1000::float8 AS ready_s,
           CASE WHEN category = 'Ready' AND coalesce(eligible_for_routing, true) THEN ms ELSE 0 END AS routable_ms,
           CASE WHEN category = 'Ready' AND coalesce(eligible_for_routing, true) THEN ms ELSE 0 END / 1000::float8 AS routable_s,
           CASE WHEN category IN ('Away', 'ExtendedAway') THEN ms ELSE 0 END AS away_ms, CASE WHEN category IN ('Away', 'ExtendedAway') THEN ms ELSE 0 END / 1000::float8 AS away_s
    FROM kept_presence AS p,
        LATERAL (SELECT least(p.start + p.duration_ms * '1 ms'::interval, (SELECT min(q.start) FROM kept_presence AS q WHERE q.agent_id = p.agent_id AND q.start > p.start))) AS e (until),
        LATERAL (SELECT (extract(epoch FROM until - start) * 1000)::bigint) AS v (ms)$$);
-- all labels were there, and reasons that were not given
SELECT count(DISTINCT state) AS states, count(DISTINCT status) AS statuses, count(DISTINCT direction) AS directions, count(DISTINCT reason) AS reasons,
       count(*) FILTER (WHERE reason = 'None given') > 0 AS none_given FROM kept_report;
SELECT array_agg(DISTINCT outcome ORDER BY outcome), count(DISTINCT failed_reason) AS failed_reasons FROM kept_participation_report;
SELECT outcome, unexpected_reason, unexpected_reason_sort, failed_reason, failed_reason_sort FROM kept_participation_report WHERE agent_id = 'none' ORDER BY interaction_guid;
SELECT count(*) FILTER (WHERE transferred) > 0 AS transferred, count(*) FILTER (WHERE consult_count > 0) > 0 AS consulted, count(DISTINCT outcome) AS outcomes FROM kept_interaction_report;
SELECT count(DISTINCT category) AS categories, count(*) FILTER (WHERE ended_at IS NULL) > 0 AS open, count(*) FILTER (WHERE routable_ms < ready_ms) > 0 AS not_routable FROM kept_presence_report;
-- a sort column sorts as its enum does
SELECT array_agg(DISTINCT ARRAY[state_sort::text, state]) AS state, array_agg(DISTINCT ARRAY[status_sort::text, status]) AS status FROM kept_report;
SELECT string_agg(state, ',' ORDER BY state_sort, started_at, agent_id, interaction_guid) = (SELECT string_agg(state::text, ',' ORDER BY state, start, agent_id, interaction_guid) FROM kept) AS sorted
FROM kept_report;

-- the ids join the views, null channels included
SELECT count(*) = (SELECT count(*) FROM kept) AS each_activity_once, count(*) FILTER (WHERE p.channel_guid IS NULL) > 0 AS null_channels,
       bool_and((p.agent_id, p.interaction_guid) = (a.agent_id, a.interaction_guid) AND p.channel_guid IS NOT DISTINCT FROM a.channel_guid) AS right_ones
FROM kept_report AS a JOIN kept_participation_report AS p USING (participation_id);
SELECT count(*) = (SELECT count(*) FROM kept_participation) AS each_participation_once
FROM kept_participation_report AS p JOIN kept_interaction_report AS i USING (interaction_guid);
SELECT count(DISTINCT participation_id) = count(*) AS unique FROM kept_participation_report;
-- the counts of interactions are those of their participations
SELECT count(*) > 1000 AS interactions,
       count(*) FILTER (WHERE (i.participation_count, i.offered_count, i.answered_count, i.handled_count, i.unexpected_count, i.failed_count, i.monitored_count, i.unexpected_attempt_count, i.handle_ms, i.monitor_ms)
                              IS DISTINCT FROM (p.participations, p.offered, p.answered, p.handled, p.unexpected, p.failed, p.monitored, p.attempts, p.handle, p.monitor)) AS differ
FROM kept_interaction_report AS i
    JOIN (SELECT interaction_guid, sum(participation_count), sum(offered_count), sum(answered_count), sum(handled_count), sum(unexpected_count), sum(failed_count), sum(monitored_count), sum(unexpected_attempt_count),
                 sum(handle_ms), sum(monitor_ms)
          FROM kept_participation_report GROUP BY interaction_guid)
        AS p (interaction_guid, participations, offered, answered, handled, unexpected, failed, monitored, attempts, handle, monitor) USING (interaction_guid);

-- sums are the metrics of level 2 and of level 3
SELECT v.handle = a.handle AND v.handle = p.handle AS handle, v.talk = a.talk AND v.talk = p.talk AS talk,
       v.wrap = a.wrap AND v.wrap = p.wrap AS wrap, v.ring = a.ring AND v.ring = p.ring AS ring, v.handle > 0 AS some
FROM (SELECT sum(handle_ms) / 1000::float8, sum(talk_ms) / 1000::float8, sum(wrap_ms) / 1000::float8, sum(ring_ms) / 1000::float8 FROM kept_report) AS v (handle, talk, wrap, ring),
     (SELECT handle_time(k), talk_time(k), wrap_time(k), ring_time(k) FROM kept AS k) AS a (handle, talk, wrap, ring),
     (SELECT handle_time(k), talk_time(k), wrap_time(k), ring_time(k) FROM kept_participation AS k) AS p (handle, talk, wrap, ring);
SELECT count(*) AS agents, count(*) FILTER (WHERE v = a) AS as_level_2, count(*) FILTER (WHERE v = p) AS as_level_3
FROM (SELECT agent_id, sum(handle_ms) / 1000::float8, sum(talk_ms) / 1000::float8, sum(wrap_ms) / 1000::float8, sum(ring_ms) / 1000::float8,
             sum(handled_count)::bigint, sum(offered_count)::bigint, sum(unexpected_count)::bigint,
             sum(handle_ms) / (1000::float8 * nullif(sum(handled_count), 0)),
             sum(unexpected_count) / nullif(sum(offered_count), 0)
      FROM kept_participation_report GROUP BY agent_id) AS v
    JOIN (SELECT agent_id, handle_time(k), talk_time(k), wrap_time(k), ring_time(k), handled_participations(k), offered_participations(k),
                 unexpected_participations(k), average_handle_time(k), unexpected_rate(k)
          FROM kept AS k GROUP BY agent_id) AS a USING (agent_id)
    JOIN (SELECT agent_id, handle_time(k), talk_time(k), wrap_time(k), ring_time(k), handled_participations(k), offered_participations(k),
                 unexpected_participations(k), average_handle_time(k), unexpected_rate(k)
          FROM kept_participation AS k GROUP BY agent_id) AS p USING (agent_id);

-- a look-up by the text of a guid takes an index on it, in the view of interactions too
CREATE FUNCTION plan(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
    plan text := '';
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (COSTS off) ' || query LOOP
        plan := plan || line || E'\n';
    END LOOP;
    RETURN plan;
END
$$;
CREATE INDEX guid_text ON kept_participation ((interaction_guid::text));
ANALYZE kept_participation;
SELECT plan(format('SELECT * FROM %s WHERE interaction_guid = ''7c1e0a10-0001-4a00-8000-0000000000f5''', view)) LIKE '%guid_text%' AS takes_it
FROM unnest('{kept_participation_report,kept_interaction_report}'::regclass[]) AS view;

--
-- Dates
--
SELECT create_activity_table('dated');
-- the last and the first instant of local days, and the day, looked up by hand
CREATE TABLE local_day (zone text, instant timestamptz, day date);
INSERT INTO local_day VALUES
    ('UTC', '2026-03-28 23:59:59.999Z', '2026-03-28'), ('UTC', '2026-03-29 00:00Z', '2026-03-29'),
    -- summer time from 2026-03-29 01:00Z, till 2026-10-25 01:00Z
    ('Europe/Berlin', '2026-03-28 22:59:59.999Z', '2026-03-28'), ('Europe/Berlin', '2026-03-28 23:00Z', '2026-03-29'),
    ('Europe/Berlin', '2026-03-29 21:59:59.999Z', '2026-03-29'), ('Europe/Berlin', '2026-03-29 22:00Z', '2026-03-30'),
    ('Europe/Berlin', '2026-10-24 21:59:59.999Z', '2026-10-24'), ('Europe/Berlin', '2026-10-24 22:00Z', '2026-10-25'),
    ('Europe/Berlin', '2026-10-25 22:59:59.999Z', '2026-10-25'), ('Europe/Berlin', '2026-10-25 23:00Z', '2026-10-26'),
    -- from 2026-03-08 07:00Z
    ('America/New_York', '2026-03-08 04:59:59.999Z', '2026-03-07'), ('America/New_York', '2026-03-08 05:00Z', '2026-03-08'),
    ('America/New_York', '2026-03-09 03:59:59.999Z', '2026-03-08'), ('America/New_York', '2026-03-09 04:00Z', '2026-03-09'),
    -- half an hour, till 2026-04-04 15:00Z
    ('Australia/Lord_Howe', '2026-04-04 12:59:59.999Z', '2026-04-04'), ('Australia/Lord_Howe', '2026-04-04 13:00Z', '2026-04-05'),
    ('Australia/Lord_Howe', '2026-04-05 13:29:59.999Z', '2026-04-05'), ('Australia/Lord_Howe', '2026-04-05 13:30Z', '2026-04-06'),
    ('Asia/Kathmandu', '2026-01-01 18:14:59.999Z', '2026-01-01'), ('Asia/Kathmandu', '2026-01-01 18:15Z', '2026-01-02'),
    -- on both sides of the date line, and the day that Samoa left out
    ('Pacific/Kiritimati', '2026-01-01 09:59:59.999Z', '2026-01-01'), ('Pacific/Kiritimati', '2026-01-01 10:00Z', '2026-01-02'),
    ('Pacific/Pago_Pago', '2026-01-01 10:59:59.999Z', '2025-12-31'), ('Pacific/Pago_Pago', '2026-01-01 11:00Z', '2026-01-01'),
    ('Pacific/Apia', '2011-12-30 09:59:59.999Z', '2011-12-29'), ('Pacific/Apia', '2011-12-30 10:00Z', '2011-12-31'),
    -- in any case
    ('europe/LONDON', '2026-07-01 22:59:59.999Z', '2026-07-01'), ('europe/LONDON', '2026-07-01 23:00Z', '2026-07-02');
-- each instant is the start of one activity, the end and the report of another
SELECT inserted FROM load_activities('dated', (
    SELECT array_agg(ROW(start, duration, 'Connected', 'Completed', NULL, '7c1e0a10-0001-4a00-8000-0000000000f1', NULL, NULL,
                         extract(epoch FROM instant)::text, NULL, NULL, instant)::activity)
    FROM (SELECT DISTINCT instant FROM local_day) AS i,
         LATERAL (VALUES (instant, 0), (instant - interval '1 hour', 3600000)) AS a (start, duration)));
CREATE FUNCTION days_differ(zone text, OUT zone_of_comments text, OUT rows bigint, OUT differ bigint) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM create_activity_views('dated', zone, replace => true);
    SELECT count(*), count(*) FILTER (WHERE (day, day, day) IS DISTINCT FROM (started_date, ended_date, reported_date))
        INTO rows, differ
    FROM local_day AS l JOIN dated_report AS r ON r.started_at = l.instant AND r.agent_id = extract(epoch FROM l.instant)::text
    WHERE l.zone = days_differ.zone;
    SELECT rows + count(*), differ + count(*) FILTER (WHERE (day, day) IS DISTINCT FROM (ended_date, reported_date))
        INTO rows, differ
    FROM local_day AS l JOIN dated_report AS r ON r.ended_at = l.instant AND r.agent_id = extract(epoch FROM l.instant)::text AND r.duration_ms > 0
    WHERE l.zone = days_differ.zone;
    SELECT rows + count(*), differ + count(*) FILTER (WHERE (day, day) IS DISTINCT FROM (ended_date, reported_date))
        INTO rows, differ
    FROM local_day AS l JOIN dated_participation_report AS r ON r.agent_id = extract(epoch FROM l.instant)::text
    WHERE l.zone = days_differ.zone;
    SELECT string_agg(DISTINCT substring(col_description(attrelid, attnum) FROM 'time zone ([^,.]*)'), ', ')
        INTO zone_of_comments
    FROM pg_attribute
    WHERE attrelid IN ('dated_report'::regclass, 'dated_participation_report'::regclass, 'dated_interaction_report'::regclass, 'dated_presence_report'::regclass)
        AND attname ~ '_(local|date|week|weekday|hour|half_hour)$';
END
$$;
SELECT zone, d.* FROM (SELECT DISTINCT zone FROM local_day) AS z, days_differ(zone) AS d ORDER BY zone COLLATE "C";
SET timezone = 'Pacific/Kiritimati';
SELECT count(*) AS zones, sum(differ) FROM (SELECT DISTINCT zone FROM local_day) AS z, days_differ(zone) AS d;
SET timezone = 'UTC';
DROP VIEW dated_report, dated_participation_report, dated_interaction_report, dated_presence_report;
-- UTC unless it is named
SELECT count(*) AS views FROM create_activity_views('dated');
SELECT bool_and(started_date = date(started_at) AND started_local = started_at AT TIME ZONE 'UTC') FROM dated_report;
DROP VIEW dated_report, dated_participation_report, dated_interaction_report, dated_presence_report;

-- all local columns of all moments, as to_char has them, in any zone of the session; both nights of Berlin have activities
SELECT inserted FROM load_activities('kept', (
    SELECT array_agg(ROW(night + n * '7 minutes'::interval, n * 100000, 'Connected', 'Completed', 'Inbound', gen_random_uuid(), NULL, NULL, 'night', 'Phone', NULL, night)::activity)
    FROM unnest('{2026-03-28 23:30Z,2026-10-24 22:30Z}'::timestamptz[]) AS night, generate_series(0, 50) AS n));
CREATE FUNCTION local_columns(moment timestamptz, zone text) RETURNS record LANGUAGE sql STABLE AS $$
    SELECT ROW(local, to_char(local, 'YYYY-MM-DD')::date, to_char(local, 'YYYY-MM-DD')::date - to_char(local, 'ID')::integer + 1, to_char(local, 'ID')::smallint,
               to_char(local, 'HH24')::smallint, to_char(local, 'HH24:') || CASE WHEN to_char(local, 'MI') < '30' THEN '00' ELSE '30' END)
    FROM timezone(zone, moment) AS local
$$;
CREATE FUNCTION local_differ(OUT columns bigint, OUT compared bigint, OUT differ bigint) LANGUAGE plpgsql AS $$
DECLARE
    moment record;
    found record;
BEGIN
    columns := 0; compared := 0; differ := 0;
    FOR moment IN SELECT view, replace(attname, '_at', '') AS name FROM described WHERE attname LIKE '%\_at' LOOP
        EXECUTE format('SELECT count(*) AS compared, count(*) FILTER (WHERE ROW(%1$s_local, %1$s_date, %1$s_week, %1$s_weekday, %1$s_hour, %1$s_half_hour)
                            IS DISTINCT FROM local_columns(%1$s_at, ''Europe/Berlin'')) AS differ FROM %2$s WHERE %1$s_at IS NOT NULL', moment.name, moment.view) INTO found;
        columns := columns + 6; compared := compared + found.compared; differ := differ + found.differ;
    END LOOP;
END
$$;
SELECT * FROM local_differ();
SET timezone = 'Asia/Kolkata';
SELECT columns, differ FROM local_differ();
SET timezone = 'UTC';
-- a null is null in all of them
SELECT count(*) FILTER (WHERE ended_at IS NULL) > 0 AS some,
       count(*) FILTER (WHERE ended_at IS NULL AND num_nonnulls(ended_local, ended_date, ended_week, ended_weekday, ended_hour, ended_half_hour) > 0) AS not_null FROM kept_report;
-- an hour that comes twice, and one that does not come
SELECT started_hour, count(*), min(started_at), max(started_at) FROM kept_report WHERE agent_id = 'night' AND started_hour BETWEEN 1 AND 3 GROUP BY started_date, started_hour ORDER BY started_date, started_hour;

--
-- Names
--
CREATE SCHEMA "Contact-Centre.1";
CREATE TABLE named AS
    SELECT create_activity_table(name) AS made
    FROM unnest(ARRAY['"Contact-Centre.1"."Agent.%s %I ''Activity''"', '"select"', 'a$$']) AS name;
SELECT v FROM named, create_activity_views(made, 'Asia/Tokyo') AS v ORDER BY v::text COLLATE "C";
SELECT * FROM load_activities('"Contact-Centre.1"."Agent.%s %I ''Activity''"', :'page'::json);
SELECT sum(handle_ms), count(*) FROM "Contact-Centre.1"."Agent.%s %I 'Activity'_report";
SELECT sum(handle_ms), count(*) FROM "Contact-Centre.1"."Agent.%s %I 'Activity'_participation_report";
SELECT obj_description(oid, 'pg_class') FROM pg_class WHERE relname = 'Agent.%s %I ''Activity''_report';
-- 42 bytes is the longest
SELECT create_activity_table(repeat('n', n)) IS NOT NULL AS created FROM generate_series(42, 49) AS n;
SELECT length(v::text) FROM create_activity_views(repeat('n', 42)::regclass) AS v ORDER BY 1;
\pset format unaligned
\pset tuples_only on
SELECT refusal(format('SELECT create_activity_views(%L)', repeat('n', 43)));
SELECT refusal(format('SELECT create_activity_views(%L)', repeat('n', 49)));
SELECT getdatabaseencoding() <> 'UTF8'
       OR (refusal('SELECT create_activity_table(''"'' || repeat(U&''\00e9'', 21) || ''"'')') = 'none'
           AND refusal('SELECT create_activity_table(''"'' || repeat(U&''\00e9'', 22) || ''"'')') = 'none'
           AND refusal('SELECT create_activity_views(repeat(U&''\00e9'', 21)::regclass)') = 'none'
           AND refusal('SELECT create_activity_views(repeat(U&''\00e9'', 22)::regclass)') LIKE '42622 | %')
       AS characters_of_two_bytes;
SELECT count(*) FROM pg_class WHERE relname LIKE '%nnn%_report';
-- taken, by either of the two: nothing is made
SELECT refusal('SELECT create_activity_views(''kept'', ''UTC'')');
CREATE TABLE dated_report (a integer);
SELECT refusal('SELECT create_activity_views(''dated'')');
DROP TABLE dated_report;
CREATE TYPE dated_participation_report AS (a integer);
SELECT refusal('SELECT create_activity_views(''dated'')');
DROP TYPE dated_participation_report;
SELECT count(*) FROM pg_class WHERE relname LIKE 'dated%_report';

--
-- What it cannot be made of
--
CREATE TABLE not_typed (a integer);
CREATE TABLE alone OF activity;
SELECT refusal(format('SELECT create_activity_views(%L)', name))
FROM unnest(ARRAY['not_typed', 'alone', 'kept_participation', 'kept_report', 'activity', 'nowhere', '0']) AS name;
SELECT refusal('SELECT create_activity_views(NULL)');
SELECT refusal('SELECT create_activity_views(''dated'', NULL)');
SELECT refusal(format('SELECT create_activity_views(''dated'', %L)', zone))
FROM unnest(ARRAY['Mars/Olympus', '', 'Europe', E'x\'; DROP TABLE kept; --', '%I', 'CET', 'EST', 'GMT', 'UTC+2', '<+03>-3', 'Etc/GMT-2', 'etc/utc', 'posix/Europe/Berlin', 'right/Europe/Berlin']) AS zone;
SELECT refusal('SELECT create_activity_views(''dated'', ''UTC'', NULL)');
SELECT count(*) FROM pg_class WHERE relname LIKE 'dated%_report';
\pset tuples_only off
\pset format aligned

--
-- In place of those of an earlier call: another zone, the same columns, with what others have made of them
--
SELECT create_activity_table('placed');
CREATE ROLE regress_activity_reader;
-- also where there are none yet
SELECT count(*) AS views FROM create_activity_views('placed', 'UTC', replace => true);
GRANT SELECT ON placed_interaction_report TO regress_activity_reader;
ALTER VIEW placed_report SET (security_barrier = true);
CREATE VIEW upon AS SELECT started_local, started_hour FROM placed_participation_report;
SELECT inserted FROM load_activities('placed', ARRAY[ROW('2026-07-01 22:30Z', 1, 'Connected', NULL, NULL, '7c1e0a10-0001-4a00-8000-0000000000f1', NULL, NULL, 'a', NULL, NULL, NULL)]::activity[]);
TABLE upon;
SELECT * FROM create_activity_views('placed', 'Asia/Kathmandu', replace => true) AS v ORDER BY v::text COLLATE "C";
TABLE upon;
SELECT relname, reloptions, has_table_privilege('regress_activity_reader', oid, 'SELECT') AS granted, col_description(oid, (SELECT attnum FROM pg_attribute WHERE attrelid = c.oid AND attname = 'started_local')) AS comment
FROM pg_class AS c WHERE relname LIKE 'placed%_report' ORDER BY relname COLLATE "C";
-- only views, of the same columns, of the table's owner or the caller's own
\pset format unaligned
\pset tuples_only on
DROP VIEW placed_presence_report;
CREATE VIEW placed_presence_report AS SELECT 1 AS other;
SELECT refusal('SELECT create_activity_views(''placed'', ''UTC'', true)');
DROP VIEW placed_presence_report;
CREATE TABLE placed_presence_report (a integer);
SELECT refusal('SELECT create_activity_views(''placed'', ''UTC'', true)');
DROP TABLE placed_presence_report;
SELECT count(*) AS views FROM create_activity_views('placed', 'UTC', replace => true);
ALTER VIEW placed_interaction_report OWNER TO regress_activity_reader;
SELECT refusal('SELECT create_activity_views(''placed'', ''UTC'', true)');
\pset tuples_only off
\pset format aligned
-- nothing was replaced
SELECT started_local FROM upon;
ALTER VIEW placed_interaction_report OWNER TO CURRENT_USER;

--
-- Who may
--
CREATE ROLE regress_activity_maker;
GRANT USAGE ON SCHEMA activity_views TO regress_activity_maker, regress_activity_reader;
SET ROLE regress_activity_maker;
SELECT refusal('SELECT create_activity_views(''dated'')');
RESET ROLE;
GRANT CREATE ON SCHEMA activity_views TO regress_activity_maker;
SET ROLE regress_activity_maker;
SELECT create_activity_table('makers');
SELECT * FROM load_activities('makers', :'page'::json);
SELECT count(*) AS views FROM create_activity_views('makers', 'Europe/Berlin');
SELECT relname, pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relname LIKE 'makers%_report' ORDER BY relname;
-- a role whose name must be quoted makes and replaces its own over another's tables
RESET ROLE;
CREATE ROLE "regress_activity Maker" IN ROLE regress_activity_maker;
SET ROLE "regress_activity Maker";
SELECT count(*) AS views FROM create_activity_views('dated');
SELECT count(*) AS views FROM create_activity_views('dated', replace => true);
DROP VIEW dated_report, dated_participation_report, dated_interaction_report, dated_presence_report;
SET ROLE regress_activity_maker;
-- the views of a table that the maker may not read say so when they are read
SELECT count(*) AS views FROM create_activity_views('dated');
SELECT refusal('SELECT * FROM dated_report');
DROP VIEW dated_report, dated_participation_report, dated_interaction_report, dated_presence_report;
GRANT SELECT ON makers_report, makers_participation_report, makers_interaction_report, makers_presence_report TO regress_activity_reader;
SET ROLE regress_activity_reader;
SELECT refusal('SELECT * FROM makers'), refusal('SELECT * FROM makers_participation');
SELECT count(*), sum(handle_ms), max(ended_at), max(state_sort), max(started_date) FROM makers_report;
SELECT count(*), sum(handle_ms), max(ended_at), max(outcome_sort), max(started_date) FROM makers_participation_report;
SELECT count(*), sum(handle_ms), max(ended_at), max(outcome_sort), max(started_date) FROM makers_interaction_report;
SELECT count(*) FROM makers_presence_report;
SELECT refusal('SELECT create_activity_views(''makers'')');
RESET ROLE;
-- a superuser replaces them, and they go on belonging to their maker
SELECT count(*) AS views FROM create_activity_views('makers', 'Asia/Tokyo', replace => true);
SELECT DISTINCT pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relname LIKE 'makers%_report';

--
-- search_path, and the extension in another schema
--
BEGIN;
CREATE SCHEMA planted;
CREATE FUNCTION planted.timezone(text, timestamptz) RETURNS timestamp LANGUAGE sql AS $$SELECT 'infinity'::timestamp$$;
CREATE FUNCTION planted.format(text, text, text) RETURNS text LANGUAGE sql AS $$SELECT (1 / 0)::text$$;
CREATE FUNCTION planted.enum_range(anyenum) RETURNS anyarray LANGUAGE sql AS $$SELECT NULL::text[]$$;
CREATE FUNCTION planted.array_position(anycompatiblearray, anycompatible) RETURNS integer LANGUAGE sql AS $$SELECT 99$$;
CREATE FUNCTION planted.activity_end(public.activity) RETURNS timestamptz LANGUAGE sql AS $$SELECT 'infinity'::timestamptz$$;
CREATE TYPE planted.interaction_state AS ENUM ('Wrap');
CREATE TYPE planted.activity_reason AS ENUM ('Monitor');
SET LOCAL search_path = planted, pg_catalog, activity_views, public;
SELECT count(*) AS views FROM public.create_activity_views('activity_views.dated', 'UTC');
SELECT max(state_sort), bool_and(isfinite(started_date) AND isfinite(ended_at) AND isfinite(ended_date)) AS finite FROM activity_views.dated_report;
ROLLBACK;
BEGIN;
CREATE SCHEMA "Ext.%s""1";
ALTER EXTENSION activity SET SCHEMA "Ext.%s""1";
SET LOCAL search_path = '';
SELECT count(*) AS views FROM "Ext.%s""1".create_activity_views('activity_views.dated', 'Asia/Tokyo');
SELECT count(*), max(state_sort), max(ended_at) FROM activity_views.dated_report;
-- those made before go on
SELECT count(*), max(state_sort) FROM activity_views.kept_report;
ROLLBACK;
SELECT count(*), max(state_sort) FROM kept_report;

SET client_min_messages = warning;
DROP SCHEMA activity_views, "Contact-Centre.1" CASCADE;
DROP ROLE "regress_activity Maker", regress_activity_maker, regress_activity_reader;
