-- Every member of the extension is listed here and has a comment, and none lacks a property that
-- its users rely on: a look at the catalogue, not at the script. test/reference.sh shows that those
-- that are not internal are in doc/reference.md.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA catalogue;
SET search_path = catalogue, public;
-- for the default values that are shown
SET TimeZone = 'UTC';
SET DateStyle = 'ISO';

-- without the array types, which belong to their element types; since 17 they are members too
CREATE VIEW member AS
    SELECT classid, objid
      FROM pg_depend
     WHERE deptype = 'e' AND refclassid = 'pg_extension'::regclass AND
           refobjid = (SELECT oid FROM pg_extension WHERE extname = 'activity') AND
           NOT (classid = 'pg_type'::regclass AND objid IN (SELECT typarray FROM pg_type));
CREATE VIEW type AS
    SELECT pg_type.*
      FROM pg_type JOIN member ON classid = 'pg_type'::regclass AND objid = oid;
CREATE VIEW function AS
    SELECT proname || '(' || pg_get_function_arguments(oid) || ')' AS signature, pg_proc.*,
           obj_description(oid, 'pg_proc') AS comment
      FROM pg_proc JOIN member ON classid = 'pg_proc'::regclass AND objid = oid;
CREATE VIEW aggregate AS
    SELECT function.signature, pg_aggregate.*
      FROM pg_aggregate JOIN function ON oid = aggfnoid;

--
-- The members
--
\pset format unaligned
\echo enums
SELECT typname AS type, string_agg(enumlabel, ', ' ORDER BY enumsortorder) AS labels
  FROM type
  JOIN pg_enum ON enumtypid = type.oid
 GROUP BY typname
 ORDER BY typname COLLATE "C";
\echo composite types
SELECT typname AS type, attname AS attribute, format_type(atttypid, atttypmod) AS of_type
  FROM type
  JOIN pg_attribute ON attrelid = typrelid
 WHERE attnum > 0
 ORDER BY typname COLLATE "C", attnum;
\echo functions
SELECT signature, pg_get_function_result(oid) AS result, procost AS cost, prorows AS rows
  FROM function
 WHERE prokind = 'f' AND comment NOT LIKE 'internal: %'
 ORDER BY signature COLLATE "C";
\echo procedures
SELECT signature
  FROM function
 WHERE prokind = 'p'
 ORDER BY signature COLLATE "C";
\echo aggregates
SELECT signature, pg_get_function_result(oid) AS result
  FROM function
 WHERE prokind = 'a'
 ORDER BY signature COLLATE "C";
\echo internal functions
SELECT signature, pg_get_function_result(oid) AS result
  FROM function
 WHERE prokind = 'f' AND comment LIKE 'internal: %'
 ORDER BY signature COLLATE "C";
\echo others: none
SELECT pg_describe_object(classid, objid, 0)
  FROM member
 WHERE classid NOT IN ('pg_type'::regclass, 'pg_proc'::regclass) OR
       objid IN (SELECT oid FROM type WHERE typtype NOT IN ('e', 'c')) OR
       objid IN (SELECT oid FROM function WHERE prokind NOT IN ('f', 'a', 'p'));

--
-- What must hold of them: each query looks for what breaks a rule, and finds none
--
\pset format aligned
-- a body uses what is PostgreSQL's own (which is not noted) or the extension's: nothing that stood in the schema before
SELECT signature, pg_describe_object(refclassid, refobjid, 0) AS uses
  FROM function
  JOIN pg_depend ON pg_depend.classid = 'pg_proc'::regclass AND pg_depend.objid = function.oid
 WHERE deptype = 'n' AND refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass) AND
       (refclassid, refobjid) NOT IN (SELECT classid, objid FROM member);
-- a comment on each, and on each attribute of a composite type
SELECT pg_describe_object(classid, objid, 0) AS member_without_comment
  FROM member
 WHERE coalesce(obj_description(objid, classid::regclass::name), '') = '';
SELECT typname, attname AS attribute_without_comment
  FROM type
  JOIN pg_attribute ON attrelid = typrelid
 WHERE attnum > 0 AND coalesce(col_description(attrelid, attnum), '') = '';

-- functions are parallel safe and immutable, but what creates or writes tables, or looks one up
SELECT signature, proparallel, provolatile
  FROM function
  LEFT JOIN (VALUES ('create_activity_table', 'u', 'v'),
                    ('activity_create_tables', 'u', 'v'),
                    ('create_activity_views', 'u', 'v'),
                    ('add_metric_support',    'u', 'v'),
                    ('load_activities',       'u', 'v'),
                    ('activity_add_partition', 'u', 'v'),
                    ('add_activity_partitions', 'u', 'v'),
                    ('activity_drop_partitions', 'u', 'v'),
                    ('activity_partitions',   's', 's'),
                    ('forget_activities',     'u', 'v'),
                    ('repair_participations', 'u', 'v'),
                    ('activity_intervals',    'r', 's'),
                    ('agent_intervals',       'r', 's'),
                    ('activity_tables',       's', 's'),
                    ('activity_library_version', 's', 's')) AS exception (name, parallel, volatile)
       ON name = proname
 WHERE prokind <> 'p' AND
       (proparallel <> coalesce(parallel, 's') OR provolatile <> coalesce(volatile, 'i'));

-- run with the caller's rights and settings; none hidden from anyone; SQL bodies are bound to
-- what they name, and only the plpgsql functions, which are not, have a search_path (and settings of times)
SELECT signature, lanname, prosecdef, proleakproof, proconfig, proacl
  FROM function
  JOIN pg_language AS language ON language.oid = prolang
 WHERE prosecdef OR proleakproof OR proacl IS NOT NULL OR
       (lanname = 'sql' AND prosqlbody IS NULL) OR
       (lanname = 'plpgsql') <> (proconfig IS NOT NULL) OR
       proconfig[1] <> 'search_path=pg_catalog, pg_temp' OR NOT proconfig[2:] <@ '{DateStyle=ISO,TimeZone=UTC}' OR
       (prokind = 'f' AND lanname NOT IN ('c', 'sql', 'plpgsql'));

-- cost and rows that someone thought of: CREATE FUNCTION's defaults are 1 and 1000, which fits intervals;
-- what reads a document costs as much as a thousand operators or more
SELECT signature, procost, prorows
  FROM function
 WHERE (proretset AND prorows NOT BETWEEN 1 AND 100 AND prorettype NOT IN ('activity_interval'::regtype, 'agent_interval'::regtype)) OR
       (prokind = 'f' AND procost < 1000 AND
        proargtypes[0] IN ('json'::regtype, 'jsonb'::regtype));

-- those in C are strict, but where a null has a meaning: a null on_error is not taken for
-- 'stop' nor a null table for none, a state is null before the first row
SELECT signature
  FROM function
  JOIN pg_language AS language ON language.oid = prolang
 WHERE lanname = 'c' AND NOT proisstrict AND prokind <> 'p' AND
       proargtypes[0] NOT IN ('internal'::regtype, 'bigint[]'::regtype) AND
       proname NOT IN ('activities', 'presences', 'load_activities', 'activity_intervals', 'agent_intervals', 'activity_tables', 'forget_activities', 'repair_participations');

--
-- Aggregates
--
-- the families: one pass for all of a family, as they share a transition function,
-- a type and no initial value, whose width a later version would change
\pset format unaligned
SELECT aggtransfn::regprocedure, format_type(aggtranstype, NULL) AS state, agginitval AS initially,
       aggtransspace AS space, count(*) AS aggregates
  FROM aggregate
 GROUP BY 1, 2, 3, 4
 ORDER BY aggtransfn::regprocedure::text COLLATE "C";
\pset format aligned

-- all can be computed in parts, a state in memory goes from process to process and has
-- a size that the planner knows
SELECT signature AS not_in_parts
  FROM aggregate
 WHERE aggcombinefn = 0 OR
       (aggtranstype = 'internal'::regtype) <> (aggserialfn <> 0) OR
       (aggtranstype = 'internal'::regtype) <> (aggdeserialfn <> 0) OR
       (aggtranstype = 'internal'::regtype) <> (aggtransspace <> 0);

-- sums, in an array, take rows out again for moving frames, in the same state with the same result
SELECT signature AS not_moving
  FROM aggregate
 WHERE aggtranstype = 'bigint[]'::regtype AND
       (aggmtransfn <> aggtransfn OR aggminvtransfn = 0 OR aggmtranstype <> aggtranstype OR
        aggmfinalfn <> aggfinalfn OR aggminitval IS DISTINCT FROM agginitval);

-- a final function leaves the state as it is, so that windows go on with it
SELECT signature AS changes_its_state
  FROM aggregate
 WHERE aggkind <> 'n' OR aggfinalmodify <> 'r' OR aggmfinalmodify <> 'r';

-- an internal function is only there for an aggregate or a function that uses it (the support of metrics
-- from PostgreSQL 19 on), or for load_activities, create_activity_views, what keeps partitions, and the scripts
SELECT signature AS unused
  FROM function
 WHERE comment LIKE 'internal: %' AND
       proname NOT IN ('activity_is_better_known', 'presence_is_better_known', 'activity_library_version', 'activity_report_columns', 'activity_tables',
                       'activity_partitions', 'activity_add_partition', 'activity_drop_partitions', 'activity_metric_support') AND
       NOT EXISTS (SELECT FROM aggregate
                    WHERE oid IN (aggtransfn, aggcombinefn, aggserialfn, aggdeserialfn,
                                  aggfinalfn, aggmtransfn, aggminvtransfn, aggmfinalfn)) AND
       NOT EXISTS (SELECT FROM pg_proc WHERE prosupport = function.oid) AND
       NOT EXISTS (SELECT FROM pg_depend WHERE refclassid = 'pg_proc'::regclass AND refobjid = function.oid
                                               AND classid = 'pg_proc'::regclass);

--
-- The control file
--
SELECT versions.name, trusted, relocatable, schema, requires
  FROM pg_available_extension_versions AS versions
  JOIN pg_available_extensions AS extensions
       ON extensions.name = versions.name AND default_version = version
 WHERE versions.name = 'activity';

-- trusted: who owns a database, or may create in it, needs no superuser
\set first_database :DBNAME
SET client_min_messages = warning;
DROP DATABASE IF EXISTS activity_trusted;
DROP ROLE IF EXISTS regress_activity_owner, regress_activity_user;
RESET client_min_messages;
CREATE ROLE regress_activity_owner;
CREATE ROLE regress_activity_user;
CREATE DATABASE activity_trusted TEMPLATE template0 OWNER regress_activity_owner;
\c activity_trusted
SET lc_messages = 'C';
SET SESSION AUTHORIZATION regress_activity_user;
CREATE EXTENSION activity;
SET SESSION AUTHORIZATION regress_activity_owner;
CREATE EXTENSION activity;
SELECT create_activity_table('activities');
SELECT inserted
  FROM load_activities('activities', '{"agentId": "1042", "start": "2026-03-28T23:40:26Z", "state": "Wrap",
      "duration": 1500, "reason": "Monitor",
      "interaction": {"guid": "7c1e0a10-0001-4a00-8000-0000000000a1"}}'::json);
SELECT create_activity_views('activities');
-- and everybody may use it
GRANT SELECT ON activities TO PUBLIC;
SET SESSION AUTHORIZATION regress_activity_user;
SELECT agent_id, handle_time(a), handled_participations(a), unexpected_rate(a), busy_time(a),
       (participation(a)).outcome, bool_and(reason_is_documented(state, reason)) AS documented
  FROM activities AS a
 GROUP BY agent_id;
SELECT key, code FROM activity_errors('[{"agentId": true}]'::jsonb);
SELECT items FROM activity_page('[1, 2]'::jsonb);
-- labels: the types belong to the superuser as whom the script ran, so that only such a one can add some; the owner's
-- pages are then read with them, and no metric counts them
SET SESSION AUTHORIZATION regress_activity_owner;
\set consulting '{"agentId": "1042", "start": "2026-03-28T23:50:00Z", "state": "Consulting", "duration": 9000, "interaction": {"guid": "7c1e0a10-0002-4a00-8000-0000000000a1"}}'
CREATE VIEW metrics AS
    SELECT count(*) AS activities, handle_time(a), talk_time(a), wrap_time(a), ring_time(a), handled_participations(a) AS handled,
           offered_participations(a) AS offered, unexpected_participations(a) AS unexpected, busy_time(a), peak_concurrency(a) AS peak
      FROM activities AS a;
SELECT key, code FROM activity_errors(:'consulting'::json);
ALTER TYPE interaction_state ADD VALUE 'Consulting';
RESET SESSION AUTHORIZATION;
ALTER TYPE interaction_state ADD VALUE 'Consulting';
SET SESSION AUTHORIZATION regress_activity_owner;
SELECT inserted FROM load_activities('activities', '{"agentId": "1042", "start": "2026-03-28T23:45:00Z", "state": "Connected",
    "duration": 5000, "interaction": {"guid": "7c1e0a10-0001-4a00-8000-0000000000a1"}}'::jsonb);
TABLE metrics;
SELECT inserted FROM load_activities('activities', :'consulting'::json);
TABLE metrics;
SELECT state, state_sort, duration_s, handle_s FROM activities_report ORDER BY state_sort;
SELECT outcome, handle_ms, offered, handled FROM activities_participation ORDER BY outcome;
SET client_min_messages = warning;
DROP TABLE activities, activities_participation, activities_presence CASCADE;
DROP EXTENSION activity;
\c :"first_database"
DROP DATABASE activity_trusted;
DROP ROLE regress_activity_owner, regress_activity_user;
