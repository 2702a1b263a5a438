-- The planner knows how many rows activities() makes of a page that it sees: one an item.
-- Of any other it assumes 100. A constant that is no page is no error to it.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA planner;
SET search_path = planner, public;
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/plans.sql'
\set generator :srcdir '/bench/generate.sql'
\set ECHO none
\i :include
\i :generator
\set ECHO all

\set page `cat "$PG_ABS_SRCDIR/sql/data/page-interactions.json"`
\set mixed `cat "$PG_ABS_SRCDIR/sql/data/page-mixed.json"`

-- Of a query its rows as the planner estimates them, and those that there are.
CREATE FUNCTION rows_of(query text) RETURNS TABLE (estimate bigint, actual bigint)
    LANGUAGE plpgsql AS
$$
BEGIN
    estimate := plan_of(query) #>> '{0,Plan,Plan Rows}';
    EXECUTE query;
    GET DIAGNOSTICS actual = ROW_COUNT;
    RETURN NEXT;
END
$$;

-- Of a document of json or jsonb the rows of activities(), with it as a constant.
CREATE FUNCTION rows_of_constant(document text)
    RETURNS TABLE (type text, estimate bigint, actual bigint)
    LANGUAGE sql
BEGIN ATOMIC
    SELECT type, rows_of.*
      FROM unnest('{json,jsonb}'::text[]) AS type,
           rows_of(format('SELECT * FROM activities(%L::%s, ''ignore'')', document, type));
END;

--
-- Pages as constants: the envelope, a bare array, a single item, nothing
--
SELECT * FROM rows_of_constant(:'page');
SELECT * FROM rows_of_constant(:'page'::json ->> 'items');
SELECT * FROM rows_of_constant(:'page'::json -> 'items' ->> 0);
SELECT jsonb_build_object('upTo', NULL, 'items', jsonb_agg(item)) AS large
  FROM generate_series(1, 1000), jsonb_array_elements(:'page'::jsonb -> 'items') AS item \gset
SELECT * FROM rows_of_constant(:'large');
-- one for none, as always with the planner
SELECT * FROM rows_of_constant('{"items": []}');
SELECT * FROM rows_of_constant('[]');
SELECT * FROM rows_of_constant(NULL);
-- items that are bad or passed over are taken for activities
SELECT * FROM rows_of_constant(:'mixed');
SELECT * FROM rows_of_constant('{"upTo": "now", "items": [1, {}, {"agentId": []}, null]}');

--
-- No pages: no error while planning, also where running gives one
--
SELECT * FROM rows_of_constant('{"message": "Too Many Requests"}');
SELECT * FROM rows_of_constant('{"items": {"agentId": 1}}');
SELECT * FROM rows_of_constant('{}');
SELECT * FROM rows_of_constant('"page"');
SELECT * FROM rows_of_constant('1e1000');
SELECT * FROM rows_of_constant('null');
SELECT * FROM rows_of_constant(repeat('[', 1000) || repeat(']', 1000));
SELECT plan_of($$SELECT * FROM activities('{"message": "Too Many Requests"}'::json)$$)
       #>> '{0,Plan,Plan Rows}' AS estimate;
SELECT * FROM activities('{"message": "Too Many Requests"}'::json);

--
-- However the call is written
--
SELECT * FROM rows_of(format($$SELECT activities(%L::json)$$, :'page'));
SELECT * FROM rows_of(format($$SELECT * FROM activities(page => %L::jsonb)$$, :'page'));
SELECT * FROM rows_of(format($$SELECT * FROM activities(on_error => 'ignore', page => %L::json)$$,
                             :'page'));
SELECT * FROM rows_of(format($$SELECT * FROM activities((%L || ' ')::json)$$, :'page'));
SELECT * FROM rows_of(format($$SELECT * FROM (VALUES (1), (2)) AS v, activities(%L::json)$$,
                             :'page'));

--
-- A page that is not known when the query is planned
--
CREATE TABLE page (body json, body_b jsonb);
INSERT INTO page SELECT :'page', :'page' FROM generate_series(1, 3);
ANALYZE page;
SELECT * FROM rows_of('SELECT a.* FROM page, activities(body) AS a');
SELECT * FROM rows_of('SELECT a.* FROM page, activities(body_b) AS a');
SELECT * FROM rows_of('SELECT activities(body) FROM page');

-- that of a prepared statement is known if it is planned anew for each execution
PREPARE expand (json) AS SELECT * FROM activities($1);
PREPARE expand_b (jsonb) AS SELECT * FROM activities($1);
SET plan_cache_mode = force_custom_plan;
SELECT * FROM rows_of(format('EXECUTE expand(%L)', :'page'));
SELECT * FROM rows_of(format('EXECUTE expand_b(%L)', :'page'));
SELECT * FROM rows_of('EXECUTE expand(NULL)');
SET plan_cache_mode = force_generic_plan;
SELECT * FROM rows_of(format('EXECUTE expand(%L)', :'page'));
SELECT * FROM rows_of(format('EXECUTE expand_b(%L)', :'page'));
SELECT * FROM rows_of('EXECUTE expand(NULL)');
RESET plan_cache_mode;
DEALLOCATE expand;
DEALLOCATE expand_b;

--
-- The other functions: as few rows as there mostly are, and SQL where SQL is inside
--
SELECT * FROM rows_of($$SELECT * FROM activity_errors('{"items": []}'::json)$$);
SELECT * FROM rows_of($$SELECT * FROM activity_page('{"items": []}'::jsonb)$$);
SELECT strpos(plan_of($$
           SELECT reason_is_documented(state, reason) FROM page, activities(body)
       $$)::text, 'reason_is_documented') = 0 AS is_inlined;

--
-- Groups of an agent and an hour: taken for almost as many as there are rows, unless the planner is told
--
CREATE TABLE agent_activity OF activity;
INSERT INTO agent_activity SELECT * FROM generate_activities(8000, agents => 10);
ANALYZE agent_activity;
\set groups 'SELECT agent_id, date_bin(''1 hour'', start, ''2000-01-01Z''), handle_time(a) FROM agent_activity AS a GROUP BY 1, 2'
SELECT estimate > 5 * actual AS too_many FROM rows_of(:'groups');
CREATE STATISTICS agent_hours ON agent_id, (date_bin('1 hour', start, '2000-01-01Z')) FROM agent_activity;
ANALYZE agent_activity;
SELECT estimate - actual AS difference FROM rows_of(:'groups');
