-- What nobody should do with the functions that aggregates are made of, and anyone can: calls by hand, with states made
-- up. None ends in a crash. What is no state, or one that no rows have, is an error. (States that only PostgreSQL hands
-- over: sql/forged_states.sql.)
CREATE SCHEMA hand_made_states;
SET search_path = hand_made_states, public;
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
\set VERBOSITY terse
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/callable.sql'
\set ECHO none
\i :include
\set ECHO all

-- every function, with nulls
SELECT prokind, count(*) FROM callable GROUP BY prokind ORDER BY prokind;
SELECT signature, call(format('SELECT f::text FROM %s(%s) AS f', proname,
           (SELECT string_agg('NULL::' || type::regtype, ', ' ORDER BY n) FROM unnest(types) WITH ORDINALITY AS t (type, n))))
  FROM callable WHERE prokind = 'f' ORDER BY signature COLLATE "C";
SELECT signature, call(format('SELECT %s(%s)::text FROM generate_series(1, 3)', proname,
           (SELECT string_agg('NULL::' || type::regtype, ', ' ORDER BY n) FROM unnest(types) WITH ORDINALITY AS t (type, n))))
  FROM callable WHERE prokind = 'a' ORDER BY signature COLLATE "C";

-- the functions of internal states cannot be called at all; in what way depends on PostgreSQL's minor release
SELECT count(*) AS functions, count(*) FILTER (WHERE call(format('SELECT %s(%s)', proname,
           (SELECT string_agg('NULL', ', ') FROM unnest(proargtypes::oid[]))))
       !~ '^(0A000 an aggregate''s support function was called outside an aggregate|0A000 cannot accept a value of type internal|42725 |42883 |42P13 |null)') AS others
  FROM pg_proc AS p JOIN pg_depend ON classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e'
   AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'activity')
 WHERE 'internal'::regtype = ANY (proargtypes::oid[]) AND proname NOT IN ('activities_support', 'activity_metric_support');

-- States of the sums family are plain arrays, which begin with rows, ms of handle, talk, wrap and ring time, and handled,
-- offered and unexpected participations. Every function that takes one rejects what is not one, as either of two.
CREATE FUNCTION state(beginning bigint[], others bigint DEFAULT 0) RETURNS text LANGUAGE sql
    RETURN (beginning || array_fill(others, ARRAY[cardinality(activity_sums_accum(NULL::bigint[], NULL::activity)) - cardinality(beginning)]))::text;
CREATE FUNCTION sample(type oid) RETURNS text LANGUAGE sql
    RETURN CASE type::regtype WHEN 'bigint[]'::regtype THEN state('{9,90,50,40,30,5,6,3}') WHEN 'activity_reason'::regtype THEN 'NoAnswer'
                              WHEN 'interaction_state'::regtype THEN 'Connected' WHEN 'bigint'::regtype THEN '1000'
                              WHEN 'boolean'::regtype THEN 'true' WHEN 'participation_outcome'::regtype THEN 'Unexpected'
                              WHEN 'activity'::regtype THEN '("2026-01-01 00:00Z",1000,Connected,,,,,,,,,)'
                              WHEN 'participation'::regtype THEN '(,,,,60,30,50,70,40,90,,1,,Unexpected,NoAnswer,,t,t,,,,,,,,,,)' END;
-- the function's result for samples, but of what is given as its argument number n
CREATE FUNCTION call_with(function name, types oid[], n bigint, given text) RETURNS text LANGUAGE sql
    RETURN call(format('SELECT %s(%s)::text', function,
                       (SELECT string_agg(format('%L::%s', CASE WHEN i = n THEN given ELSE sample(type) END, type::regtype), ', ' ORDER BY i)
                          FROM unnest(types) WITH ORDINALITY AS t (type, i))));
CREATE VIEW of_sums AS
SELECT proname, types, signature, n FROM callable, unnest(types) WITH ORDINALITY AS t (type, n)
 WHERE prokind = 'f' AND type = 'bigint[]'::regtype;
SELECT signature, call_with(proname, types, 0, NULL) FROM of_sums WHERE n = 1 ORDER BY signature COLLATE "C";
SELECT how, count(*) AS calls, call_with(proname, types, n, CASE how
           WHEN 'empty' THEN '{}'
           WHEN 'one sum less' THEN (state::bigint[])[:cardinality(state::bigint[]) - 1]::text
           WHEN 'without a number' THEN array_replace(state::bigint[], 9, NULL)::text
           WHEN 'two dimensions' THEN ARRAY[state::bigint[], state::bigint[]]::text
           WHEN 'three dimensions' THEN ARRAY[ARRAY[state::bigint[]]]::text END) AS result
  FROM of_sums, state('{9,90,50,40,30,5,6,3}') AS state,
       unnest(ARRAY['empty', 'one sum less', 'without a number', 'two dimensions', 'three dimensions']) AS how
 GROUP BY how, result ORDER BY how COLLATE "C", result;
-- a later version's state, which is longer, is taken, and where an array begins does not matter
SELECT how, count(*) AS calls, count(*) FILTER (WHERE regexp_replace(call_with(proname, types, n, given), '^\[5:\d+\]=', '')
       IS DISTINCT FROM CASE WHEN n = 1 AND how = 'longer' THEN regexp_replace(call_with(proname, types, 0, NULL), '}$', ',7}')
                             ELSE call_with(proname, types, 0, NULL) END) AS others
  FROM of_sums, state('{9,90,50,40,30,5,6,3}') AS state,
       (VALUES ('longer'), ('from 5')) AS h (how),
       LATERAL (SELECT CASE how WHEN 'longer' THEN (state::bigint[] || 7::bigint)::text
                                ELSE format('[5:%s]=%s', 4 + cardinality(state::bigint[]), state) END) AS g (given)
 GROUP BY how ORDER BY how COLLATE "C";
-- Sums that no rows have are an error as well where there would be a number: less than nothing, more participations than rows.
SELECT first, count(*) AS calls, call_with(proname, types, 1, state(first::bigint[])) AS result
  FROM of_sums, unnest(ARRAY['{-1,0,0,0,0,0,0,0}', '{9,-1,50,40,30,5,6,3}', '{9,90,-1,40,30,5,6,3}', '{9,90,50,-1,30,5,6,3}', '{9,90,50,40,-1,5,6,3}',
                             '{9,90,50,40,30,-1,6,3}', '{9,90,50,40,30,5,-1,3}', '{9,90,50,40,30,5,6,-1}', '{9,90,50,40,30,10,6,3}',
                             '{9,90,50,40,30,5,10,3}', '{9,90,50,40,30,5,6,10}']) AS first
 WHERE cardinality(types) = 1
 GROUP BY first, result ORDER BY first COLLATE "C", result;
-- neither more than the greatest number, nor, for what is taken out, less than the least
SELECT signature, n, call_with(proname, types, n, state('{}', CASE WHEN proname ~ '_inv$' THEN -9223372036854775808
                                                                   ELSE 9223372036854775807 END))
  FROM of_sums WHERE cardinality(types) > 1 ORDER BY signature COLLATE "C", n;

-- called by hand they change none of their arguments
SELECT activity_sums_combine(s, s) = s AS combined, participation_sums_accum(s, p) = s AS added, participation_sums_accum_inv(s, p) = s AS taken_out,
       s = state('{9,90,50,40,30,5,6,3}')::bigint[] AS unchanged
  FROM (SELECT sample('bigint[]'::regtype)::bigint[] AS s, sample('participation'::regtype)::participation AS p OFFSET 0) AS v;

-- rows that are no activities of the extension
CREATE TYPE other AS (start timestamptz);
SELECT call('SELECT handle_time(ROW(now())::other::activity)'),
       call('SELECT handle_time(r) FROM (SELECT NULL::activity) AS r (r)'),
       call('SELECT handle_time(ROW(NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL)::activity)'),
       call('SELECT handle_time((NULL, -5, ''Connected'', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::activity)'),
       call('SELECT busy_time((''infinity'', 5, ''Connected'', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::activity)'),
       call('SELECT busy_time((''-infinity'', 9223372036854775807, ''Wrap'', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::activity)');
DROP SCHEMA hand_made_states CASCADE;
