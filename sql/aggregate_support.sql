-- From PostgreSQL 19 on a metric over whole rows becomes the same metric over columns, where that has the same result,
-- and only there; on earlier releases it never does. Every shape of a row has the same results in the two ways, on every
-- release to the last bit.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA aggregate_support;
SET search_path = aggregate_support, public;
\getenv srcdir PG_ABS_SRCDIR
\set generate :srcdir '/bench/generate.sql'
\set plans :srcdir '/sql/include/plans.sql'
\set metrics :srcdir '/sql/include/metrics.sql'
\set ECHO none
\i :generate
\i :plans
\i :metrics
\set ECHO all
SET max_parallel_workers_per_gather = 0;

-- The calls of metrics in the plan of a query that has each of them cast to text.
CREATE FUNCTION calls(query text) RETURNS SETOF text LANGUAGE sql
    RETURN jsonb_path_query(plan_of(query), '$.** ? (@."Node Type" like_regex "Agg").Output[*] ? (@ like_regex "_(time|rate|participations|concurrency)\\(")') #>> '{}';
-- Whether they are over columns, or over rows: of a table, made of columns, or one column. On a server before 19 "as expected" if
-- they are over rows, as they can only be there.
CREATE FUNCTION are_over(query text, expected text) RETURNS text LANGUAGE sql
    RETURN (SELECT CASE WHEN NOT bool_or(is_row) THEN 'columns' WHEN NOT bool_and(is_row) THEN 'both'
                        WHEN current_setting('server_version_num')::integer < 190000 THEN expected ELSE 'rows' END
              FROM (SELECT call ~ '\.\*|ROW\(|^\([\w.]+\((DISTINCT )?[^,]*(, ''\w+''::[\w.]*activity_reason)?( ORDER BY [^,]*)?\)( .*)?\)::text$' AS is_row
                      FROM calls(query) AS call) AS c);
-- metrics() as a list
CREATE FUNCTION metrics_list(level text, a text, before text DEFAULT '', after text DEFAULT '', over text DEFAULT '') RETURNS text LANGUAGE sql
    RETURN trim('ARRAY[]' FROM metrics(level, a, before, after, over));

--
-- Tables of every kind that activities are in
--
CREATE TABLE typed OF activity;
INSERT INTO typed SELECT * FROM generate_activities(2000, agents => 20);
-- rows that no page makes: every attribute null in turn, and all of them
INSERT INTO typed
SELECT start, CASE WHEN i % 7 <> 1 THEN duration_ms END, CASE WHEN i % 7 <> 2 THEN state END, status, direction,
    CASE WHEN i % 7 <> 3 THEN interaction_guid END, CASE WHEN i % 7 <> 4 THEN channel_guid END,
    CASE WHEN i % 7 <> 5 THEN reason END, CASE WHEN i % 7 <> 6 THEN agent_id END, medium, medium_manager, reported_at
FROM (SELECT row_number() OVER () AS i, g.* FROM generate_activities(300, agents => 20, seed => 7) AS g) AS s;
INSERT INTO typed (start) SELECT NULL FROM generate_series(1, 5);
-- long texts are stored compressed, or outside of their rows
INSERT INTO typed (start, duration_ms, state, agent_id, medium, interaction_guid)
SELECT '2026-03-28Z', 1000, 'Connected', repeat('long', 500), (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 500) AS n), md5(i::text)::uuid
FROM generate_series(1, 5) AS i;
ANALYZE typed;
-- the same activities: with other columns between, in another order, and one dropped
CREATE TABLE untyped (note text, dropped integer, medium_manager text, agent_id text, reported_at timestamptz, reason activity_reason, medium text,
    interaction_guid uuid, channel_guid uuid, direction interaction_direction, state interaction_state, start timestamptz, status interaction_status, duration_ms bigint);
INSERT INTO untyped SELECT 'note', 7, medium_manager, agent_id, reported_at, reason, medium, interaction_guid, channel_guid, direction, state, start, status, duration_ms FROM typed;
ALTER TABLE untyped DROP COLUMN dropped;
-- with children, whose columns are in another order
CREATE TABLE parent (LIKE typed);
CREATE TABLE child (duration_ms bigint, agent_id text, more integer, state interaction_state) INHERITS (parent);
INSERT INTO parent SELECT * FROM typed WHERE agent_id < 'agent' OR agent_id IS NULL;
INSERT INTO child (start, duration_ms, state, status, direction, interaction_guid, channel_guid, reason, agent_id, medium, medium_manager, reported_at)
SELECT * FROM typed WHERE NOT agent_id < 'agent';
-- partitions of a typed table, one with its columns in another order
CREATE TABLE parted OF activity PARTITION BY RANGE (start);
CREATE TABLE early PARTITION OF parted FOR VALUES FROM (MINVALUE) TO ('2026-01-07Z');
CREATE TABLE late (reported_at timestamptz, medium_manager text, medium text, agent_id text, reason activity_reason, channel_guid uuid, interaction_guid uuid,
    direction interaction_direction, status interaction_status, state interaction_state, duration_ms bigint, start timestamptz);
ALTER TABLE parted ATTACH PARTITION late FOR VALUES FROM ('2026-01-07Z') TO (MAXVALUE);
INSERT INTO parted SELECT * FROM typed WHERE start IS NOT NULL;
-- views: with a row, with a barrier, of the columns
CREATE VIEW with_row AS SELECT agent_id, note, ROW(start, duration_ms, state, status, direction, interaction_guid, channel_guid, reason, agent_id, medium, medium_manager, reported_at)::activity AS activity FROM untyped;
CREATE VIEW barrier WITH (security_barrier) AS SELECT * FROM typed WHERE agent_id IS NOT NULL;
-- policies
CREATE TABLE guarded OF activity;
INSERT INTO guarded TABLE typed;
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
ALTER TABLE guarded FORCE ROW LEVEL SECURITY;
CREATE POLICY of_some ON guarded USING (state <> 'Wrap');
-- functions
CREATE TABLE pages AS SELECT page FROM generate_pages(400, page_size => 50) AS page;
CREATE FUNCTION inlined() RETURNS SETOF activity LANGUAGE sql STABLE AS 'SELECT * FROM typed WHERE duration_ms > 1000';
CREATE FUNCTION not_inlined() RETURNS SETOF activity LANGUAGE plpgsql STABLE AS 'BEGIN RETURN QUERY SELECT * FROM typed; RETURN NEXT NULL; END';
CREATE TABLE team AS SELECT DISTINCT agent_id, 'team ' || length(agent_id) AS name FROM typed WHERE agent_id IS NOT NULL;
INSERT INTO team VALUES ('nobody', 'team of nobody');
CREATE TABLE participations OF participation;
INSERT INTO participations SELECT (p).* FROM (SELECT participation(t) AS p FROM typed AS t GROUP BY agent_id, interaction_guid, channel_guid OFFSET 0) AS v;
INSERT INTO participations (agent_id) VALUES (NULL), ('null');
ANALYZE participations;
CREATE TABLE unparticipations AS SELECT p.unexpected_attempts, p.agent_id, 'note' AS note, p.handled, p.offered, p.outcome, p.handle_ms, p.talk_ms, p.wrap_ms, p.ring_ms,
    p.parked_ms, p.connections, p.answer_ms, p.unexpected_reason FROM participations AS p;

-- Of each shape: how the metrics are called on a server that can replace them; where its rows are; the row; the level.
CREATE TABLE shape (nr integer GENERATED ALWAYS AS IDENTITY, name text, expected text, source text, a text, level text DEFAULT 'activity');
INSERT INTO shape (name, expected, source, a) VALUES
    ('a typed table', 'columns', 'typed AS a', 'a'),
    ('a typed table, cast', 'columns', 'typed AS a', 'a::activity'),
    ('a partitioned typed table', 'columns', 'parted AS a', 'a'),
    ('one of its partitions', 'columns', 'late AS a', 'a::parted'),
    ('a table with policies', 'columns', 'guarded AS a', 'a'),
    ('an inner join', 'columns', 'typed AS a JOIN team USING (agent_id)', 'a'),
    ('the outer side of an outer join', 'columns', 'typed AS a LEFT JOIN team USING (agent_id)', 'a'),
    ('the nullable side of an outer join', 'rows', 'team LEFT JOIN typed AS a USING (agent_id)', 'a'),
    ('a full join', 'rows', 'typed AS a FULL JOIN team USING (agent_id)', 'a'),
    ('a row made above an outer join', 'columns', 'team LEFT JOIN typed AS a USING (agent_id)', 'ROW(a.*)::activity'),
    ('activities of pages', 'columns', 'pages, activities(page) AS a', 'a'),
    ('activities of pages that may have none', 'rows', 'pages LEFT JOIN activities(page) AS a ON a.state = ''Wrap''', 'a'),
    ('a function of one row, or null', 'columns', '(SELECT t FROM typed AS t OFFSET 0) AS q, activity_as_of(q.t, ''2026-01-06 12:00Z'') AS a', 'a'),
    ('a set-returning function that is inlined', 'columns', 'inlined() AS a', 'a'),
    ('a set-returning function that is not', 'columns', 'not_inlined() AS a', 'a'),
    ('a function with numbers', 'columns', 'ROWS FROM (not_inlined()) WITH ORDINALITY AS a',
        'ROW(a.start, a.duration_ms, a.state, a.status, a.direction, a.interaction_guid, a.channel_guid, a.reason, a.agent_id, a.medium, a.medium_manager, a.reported_at)::activity'),
    ('a row of an untyped table''s columns', 'columns', 'untyped AS a',
        'ROW(a.start, a.duration_ms, a.state, a.status, a.direction, a.interaction_guid, a.channel_guid, a.reason, a.agent_id, a.medium, a.medium_manager, a.reported_at)::activity'),
    ('a row of a table with children', 'columns', 'parent AS a', 'ROW(a.*)::activity'),
    ('a view with a row', 'columns', 'with_row AS a', 'a.activity'),
    ('a view with a row, joined to', 'rows', 'team LEFT JOIN with_row AS a USING (agent_id)', 'a.activity'),
    ('a view with a row, in two outer joins', 'rows', 'team LEFT JOIN (team AS u LEFT JOIN with_row AS v USING (agent_id)) AS a USING (agent_id)', 'a.activity'),
    ('a view with a barrier', 'columns', 'barrier AS a', 'ROW(a.*)::activity'),
    ('a subquery that is pulled up', 'columns', '(SELECT t AS activity, t.agent_id FROM typed AS t WHERE duration_ms > 0) AS a', 'a.activity'),
    ('the columns of a subquery that is pulled up', 'columns', '(SELECT * FROM typed WHERE duration_ms > 0) AS a', 'a::activity'),
    ('the columns of a subquery that is not', 'columns', '(SELECT * FROM typed OFFSET 2) AS a', 'a::activity'),
    ('a row of a subquery that is not', 'rows', '(SELECT t AS activity, t.agent_id FROM typed AS t OFFSET 2) AS a', 'a.activity'),
    ('the columns of a CTE', 'columns', '(WITH c AS MATERIALIZED (TABLE typed) SELECT * FROM c) AS a', 'a::activity'),
    ('a union', 'columns', '(SELECT * FROM typed UNION ALL SELECT * FROM parted) AS a', 'a::activity'),
    ('a union of rows and nulls', 'rows', '(SELECT t AS activity, t.agent_id FROM typed AS t UNION ALL SELECT NULL, agent_id FROM team) AS a', 'a.activity'),
    ('a row that may be null', 'rows', 'typed AS a', 'CASE WHEN state <> ''Wrap'' THEN a END'),
    ('columns that are computed', 'columns', 'typed AS a',
        'ROW(a.start, greatest(a.duration_ms, 1000), CASE a.state WHEN ''Wrap'' THEN ''Connected'' ELSE a.state END, NULL, NULL, a.interaction_guid, NULL, (SELECT CASE WHEN team.name < ''team 3'' THEN a.reason END FROM team WHERE team.agent_id = a.agent_id), upper(a.agent_id), NULL, NULL, NULL)::activity'),
    ('a column that is volatile', 'rows', 'typed AS a',
        'ROW(a.start, a.duration_ms, a.state, NULL, NULL, a.interaction_guid, a.channel_guid, a.reason, a.agent_id, NULL, clock_timestamp()::text, NULL)::activity'),
    ('an activity as of an instant', 'rows', 'typed AS a', 'activity_as_of(a, ''2026-01-06 12:00Z'')'),
    ('a null', 'rows', 'typed AS a', 'NULL::activity');
INSERT INTO shape (level, name, expected, source, a) VALUES
    ('participation', 'participations', 'columns', 'participations AS a', 'a'),
    ('participation', 'participations, joined to', 'rows', 'team LEFT JOIN participations AS a USING (agent_id)', 'a'),
    ('participation', 'a row of participations'' columns', 'columns', 'unparticipations AS a',
        'ROW(NULL, NULL, NULL, NULL, answer_ms, ring_ms, talk_ms, parked_ms, wrap_ms, handle_ms, NULL, connections, NULL, outcome, unexpected_reason, NULL, offered, handled, NULL, NULL, NULL, NULL, NULL, NULL, agent_id, NULL, NULL, NULL)::participation'),
    ('participation', 'participations that are computed', 'rows',
        '(SELECT participation(t) AS p, agent_id FROM typed AS t GROUP BY agent_id, interaction_guid, channel_guid) AS a', 'a.p');

CREATE ROLE regress_activity_analyst;
GRANT USAGE ON SCHEMA aggregate_support TO regress_activity_analyst;
GRANT SELECT ON ALL TABLES IN SCHEMA aggregate_support TO regress_activity_analyst;
SET ROLE regress_activity_analyst;
-- Groups whose metrics differ from those of rows that are made first, in a subquery, which nothing replaces.
CREATE FUNCTION pg_temp.compare(source text, a text, level text, per text, OUT groups bigint, OUT differences bigint) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('WITH m AS MATERIALIZED (SELECT %1$s, %2$s FROM %3$s GROUP BY %1$s),
            n AS MATERIALIZED (SELECT %1$s, %4$s FROM (SELECT agent_id, %5$s AS kept FROM %3$s OFFSET 0) AS made GROUP BY %1$s)
        SELECT (SELECT count(*) FROM m), (SELECT count(*) FROM (TABLE m EXCEPT ALL TABLE n UNION ALL (TABLE n EXCEPT ALL TABLE m)) AS d)',
        per, metrics(level, a), source, metrics(level, 'kept'), a) INTO groups, differences;
END
$$;
SELECT name, are_over(format('SELECT %s FROM %s', metrics_list(level, a), source), expected) = expected AS as_expected,
       in_all.differences AS in_all, by_agent.groups > 15 AS groups, by_agent.differences AS by_agent
  FROM shape, pg_temp.compare(source, a, level, 'upper(''all'')') AS in_all, pg_temp.compare(source, a, level, 'agent_id') AS by_agent
 ORDER BY nr;
RESET ROLE;

--
-- Calls
--
CREATE TABLE call (nr integer GENERATED ALWAYS AS IDENTITY, name text, expected text, query text);
INSERT INTO call (name, expected, query) VALUES
    ('FILTER', 'columns', format('SELECT %s FROM typed AS a', metrics_list('activity', 'a', over => 'FILTER (WHERE medium = ''Phone'' AND a.duration_ms > 5000)'))),
    ('DISTINCT', 'rows', format('SELECT %s FROM typed AS a', metrics_list('both', 'a', before => 'DISTINCT'))),
    ('ORDER BY', 'rows', format('SELECT %s FROM typed AS a', metrics_list('activity', 'a', after => 'ORDER BY a.agent_id'))),
    ('window', 'rows', format('SELECT %s FROM typed AS a', metrics_list('activity', 'a', over => 'OVER ()'))),
    ('GROUP BY', 'columns', format('SELECT %s FROM typed AS a GROUP BY agent_id', metrics_list('activity', 'a'))),
    ('ROLLUP', 'columns', format('SELECT %s FROM typed AS a GROUP BY ROLLUP (agent_id, medium)', metrics_list('activity', 'a'))),
    ('ROLLUP of a view', 'columns', format('SELECT %s FROM with_row AS a GROUP BY ROLLUP (agent_id)', metrics_list('activity', 'a.activity'))),
    ('HAVING, ORDER BY', 'columns', format('SELECT %s FROM typed AS a GROUP BY agent_id HAVING handle_time(a) > 100 ORDER BY average_handle_time(a), agent_id', metrics_list('activity', 'a'))),
    ('in a subquery', 'columns', format('SELECT (SELECT handle_time(a)::text FROM typed AS a WHERE a.agent_id = team.agent_id) FROM team')),
    ('of an outer query', 'rows', 'SELECT (SELECT handle_time(a)::text) FROM typed AS a'),
    ('of an outer query''s columns', 'columns', 'SELECT (SELECT handle_time(made.a)::text
        FROM (SELECT ROW(t.start, t.duration_ms, t.state, NULL, NULL, NULL, NULL, t.reason, team.agent_id, NULL, NULL, NULL)::activity AS a FROM team) AS made) FROM typed AS t');
CREATE FUNCTION answers(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    EXECUTE format('SELECT md5(string_agg(q::text, E''\n'' ORDER BY q::text COLLATE "C")) FROM (%s) AS q', query) INTO result;
    RETURN result;
END
$$;
SELECT name, are_over(query, expected) = expected AS as_expected, answers(query) FROM call ORDER BY nr;

-- the same answers on every release: ungrouped, by agent, and by agent and hour
SELECT level, per, answers(format('SELECT %s %s FROM %s AS a %s', per || ',', metrics(level, 'a'), source, 'GROUP BY ' || per))
  FROM (VALUES ('activity', 'typed', 'start'), ('participation', 'participations', 'started_at')) AS l (level, source, at),
       LATERAL (VALUES (NULL), ('agent_id'), (format('agent_id, extract(epoch FROM date_bin(''1 hour'', %s, ''2000-01-01Z''))::bigint', at))) AS g (per);

-- one state for metrics of the same columns: they share a transition function (sql/catalogue.sql), and the arguments
SELECT level, count(*) AS metrics,
       CASE WHEN current_setting('server_version_num')::integer < 190000 THEN max(states) ELSE count(DISTINCT regexp_replace(call, '^\(\w+', '')) END AS states
  FROM (VALUES ('activity', 'typed', 5), ('participation', 'participations', 2)) AS l (level, source, states),
       calls(format('SELECT %s FROM %s AS a', metrics_list(level, 'a'), source)) AS call
 WHERE call !~ 'CallRejected'
 GROUP BY level ORDER BY level COLLATE "C";

-- a kept plan of each kind, and one in parallel
PREPARE by_reason (activity_reason) AS SELECT handle_time(a), unexpected_rate(a, $1) FROM typed AS a;
SET plan_cache_mode = force_generic_plan;
EXECUTE by_reason ('NoAnswer');
SET plan_cache_mode = force_custom_plan;
EXECUTE by_reason ('NoAnswer');
EXECUTE by_reason (NULL);
RESET plan_cache_mode;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
SET max_parallel_workers_per_gather = 2;
SELECT is_partial('SELECT handle_time(a)::text, busy_time(a)::text FROM typed AS a') AS in_parts,
       are_over('SELECT handle_time(a)::text, busy_time(a)::text FROM typed AS a', 'columns');
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
SET max_parallel_workers_per_gather = 0;

--
-- Only the extension's own aggregates, and only for who may call them
--
-- nothing that is found first by search_path
CREATE FUNCTION planted(bigint, interaction_state, activity_reason, bigint) RETURNS bigint LANGUAGE sql AS 'SELECT -1::bigint';
CREATE AGGREGATE handle_time(interaction_state, activity_reason, bigint) (SFUNC = planted, STYPE = bigint, INITCOND = '-1');
SELECT handle_time(a) > 0 AS own, are_over('SELECT public.handle_time(a)::text FROM typed AS a', 'columns') FROM typed AS a;
-- nothing in the extension's schema that does not belong to it, nor if it were of another result; a kept plan does without
BEGIN;
PREPARE own AS SELECT handle_time(a) > 0 AS own FROM typed AS a;
EXECUTE own;
ALTER EXTENSION activity DROP AGGREGATE public.handle_time(interaction_state, activity_reason, bigint);
SELECT handle_time(a) > 0 AS own, are_over('SELECT handle_time(a)::text FROM typed AS a', 'rows') FROM typed AS a;
DROP AGGREGATE public.handle_time(interaction_state, activity_reason, bigint);
EXECUTE own;
ROLLBACK;
-- nor where the column form does not find the type
BEGIN;
ALTER TYPE activity RENAME TO renamed;
SELECT handle_time(a) > 0 AS own, are_over('SELECT handle_time(a)::text FROM typed AS a', 'rows') FROM typed AS a;
ROLLBACK;
BEGIN;
ALTER TYPE participation SET SCHEMA aggregate_support;
SELECT handle_time(a) > 0 AS own, are_over('SELECT handle_time(a)::text FROM participations AS a', 'rows') FROM participations AS a;
ROLLBACK;
-- privileges
CREATE FUNCTION may_call() RETURNS text LANGUAGE plpgsql SET role = regress_activity_analyst AS $$
BEGIN
    PERFORM handle_time(a) FROM typed AS a;
    RETURN 'may';
EXCEPTION WHEN insufficient_privilege THEN
    RETURN SQLERRM;
END
$$;
BEGIN;
SELECT may_call(); -- its plan is kept
REVOKE EXECUTE ON FUNCTION handle_time(activity) FROM PUBLIC;
SELECT may_call();
ROLLBACK;
BEGIN;
REVOKE EXECUTE ON FUNCTION public.handle_time(interaction_state, activity_reason, bigint) FROM PUBLIC;
SELECT may_call();
SELECT are_over('SELECT handle_time(a)::text FROM typed AS a', 'rows');
REVOKE EXECUTE ON FUNCTION handle_time(activity) FROM PUBLIC;
SELECT may_call();
SELECT are_over('SELECT handle_time(a)::text FROM typed AS a', 'columns');
ROLLBACK;

--
-- add_metric_support(), after an upgrade from a release that does not have it
--
SET ROLE regress_activity_analyst;
SELECT add_metric_support();
RESET ROLE;
CREATE TABLE members AS SELECT a.*, obj_description(aggfnoid, 'pg_proc'), proacl, proowner, proparallel, provolatile, prosupport <> 0 AS has_support
  FROM pg_aggregate AS a JOIN pg_proc ON pg_proc.oid = aggfnoid JOIN pg_depend ON objid = aggfnoid AND classid = 'pg_proc'::regclass AND deptype = 'e'
 WHERE refobjid = (SELECT oid FROM pg_extension WHERE extname = 'activity');
SELECT count(*) AS aggregates, count(*) FILTER (WHERE has_support) = CASE WHEN current_setting('server_version_num')::integer < 190000 THEN 0 ELSE 27 END AS some_have_support FROM members;
BEGIN;
CREATE OR REPLACE AGGREGATE public.handle_time(activity) (SFUNC = activity_sums_accum, STYPE = bigint[], FINALFUNC = activity_sums_handle_time,
    COMBINEFUNC = activity_sums_combine, MSFUNC = activity_sums_accum, MINVFUNC = activity_sums_accum_inv, MSTYPE = bigint[],
    MFINALFUNC = activity_sums_handle_time, PARALLEL = SAFE);
SELECT are_over('SELECT handle_time(a)::text FROM typed AS a', 'rows');
SELECT add_metric_support();
SELECT are_over('SELECT handle_time(a)::text FROM typed AS a', 'columns');
-- nothing else has changed
SELECT a.*, obj_description(aggfnoid, 'pg_proc'), proacl, proowner, proparallel, provolatile, prosupport <> 0 AS has_support
  FROM pg_aggregate AS a JOIN pg_proc ON pg_proc.oid = aggfnoid JOIN pg_depend ON objid = aggfnoid AND classid = 'pg_proc'::regclass AND deptype = 'e'
 WHERE refobjid = (SELECT oid FROM pg_extension WHERE extname = 'activity')
EXCEPT TABLE members;
ROLLBACK;

SET client_min_messages = warning;
DROP SCHEMA aggregate_support CASCADE;
DROP OWNED BY regress_activity_analyst;
DROP ROLE regress_activity_analyst;
