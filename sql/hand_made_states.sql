-- What nobody should do with the functions that aggregates are made of, and anyone can: calls by hand, with states made
-- up. Each ends in an error or in a null, none in a crash or in a wrong number.
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

-- the functions of internal states cannot be called at all
SELECT count(*) AS functions, count(*) FILTER (WHERE call(format('SELECT %s(%s)', proname,
           (SELECT string_agg('NULL', ', ') FROM unnest(proargtypes::oid[]))))
       !~ '^(0A000 an aggregate''s support function was called outside an aggregate|42725 |42883 |42P13 |null)') AS others
  FROM pg_proc AS p JOIN pg_depend ON classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e'
   AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'activity')
 WHERE 'internal'::regtype = ANY (proargtypes::oid[]) AND proname <> 'activities_support';
SELECT call('SELECT activity_sets_handled_participations(NULL)');

-- states of the sums family, which are plain arrays
SELECT state, call(format('SELECT activity_sums_handle_time(%L)', state)) AS handle_time,
       call(format('SELECT activity_sums_unexpected_rate(%L)', state)) AS unexpected_rate,
       call(format('SELECT activity_sums_combine(%L, ''{1,2,3,4,5,6,7,8}'')', state)) AS combined,
       call(format('SELECT activity_sums_accum(%L, ''Connected'', NULL, 1000)', state)) AS accumulated
  FROM (VALUES ('{}'), ('{1}'), ('{1,2,3,4,5,6,7}'), ('{1,2,3,4,5,6,7,8,9}'), ('{1,2,3,4,5,6,7,NULL}'),
               ('{{1,2,3,4},{5,6,7,8}}'), ('[5:12]={1,2,3,4,5,6,7,8}'), ('{1,2,3,4,5,6,7,8}'),
               ('{9223372036854775807,9223372036854775807,0,0,0,0,0,0}'),
               ('{-9223372036854775808,-9223372036854775808,0,0,0,0,0,-1}'), (NULL)) AS v (state);

-- rows that are no activities of the extension
CREATE TYPE other AS (start timestamptz);
SELECT call('SELECT handle_time(ROW(now())::other::activity)'),
       call('SELECT handle_time(r) FROM (SELECT NULL::activity) AS r (r)'),
       call('SELECT handle_time(ROW(NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL)::activity)'),
       call('SELECT handle_time((NULL, -5, ''Connected'', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::activity)'),
       call('SELECT busy_time((''infinity'', 5, ''Connected'', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::activity)'),
       call('SELECT busy_time((''-infinity'', 9223372036854775807, ''Wrap'', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)::activity)');
DROP SCHEMA hand_made_states CASCADE;
