-- Every function and aggregate of the extension that can be called in a query, and a call of each. Included into a schema of
-- the test's own; what runs later finds nothing by search_path, so that nothing can be planted for it.

-- What a statement returns, or the error in which it ends.
CREATE FUNCTION call(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result pg_catalog.text;
BEGIN
    EXECUTE statement INTO result;
    RETURN coalesce(result, 'null');
EXCEPTION WHEN OTHERS THEN
    RETURN pg_catalog.concat_ws(' ', SQLSTATE, SQLERRM);
END
$$;

CREATE VIEW callable AS
SELECT p.oid, pronamespace::regnamespace::text AS schema, proname, prokind, proargtypes::oid[] AS types, proargnames AS names,
       format('%s(%s)', proname, pg_get_function_identity_arguments(p.oid)) AS signature
  FROM pg_proc AS p
  JOIN pg_depend ON classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e'
   AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'activity')
 WHERE NOT 'internal'::regtype = ANY (proargtypes::oid[]) AND prokind <> 'p';

-- A value of each type that is an argument: an activity, in a page, as a row, as columns, and its participation; and a
-- presence.
CREATE TABLE sample (type text, value text);
INSERT INTO sample VALUES
    ('json', '{"upTo": "2026-03-29T00:00:00Z", "items": [7, {"agentId": "1042", "start": "2026-03-28T23:40:05Z", "duration": 60000,
        "state": "Connected", "interaction": {"guid": "7c1e0a10-0001-4a00-8000-0000000000a1"}},
        {"agentId": "1042", "type": "Presence", "category": "Ready", "start": "2026-03-28T23:30:00Z", "duration": null, "name": "Ready"}]}'),
    ('presence', '("2026-03-28 23:30:00+00",600000,Ready,t,1042,Ready,"2026-03-29 00:00:00+00")'),
    ('activity', '("2026-03-28 23:40:05+00",60000,Connected,,,7c1e0a10-0001-4a00-8000-0000000000a1,,,1042,,,"2026-03-29 00:00:00+00")'),
    ('participation',
        '("2026-03-28 23:40:05+00","2026-03-28 23:40:05+00","2026-03-28 23:41:05+00","2026-03-28 23:41:05+00",,0,60000,0,0,60000,0,1,0,Answered,,,t,t,f,f,'
        ',,7c1e0a10-0001-4a00-8000-0000000000a1,,1042,,,"2026-03-29 00:00:00+00")'),
    ('interaction_state', 'Connected'), ('activity_reason', 'NoAnswer'), ('int8', '60000'), ('timestamptz', '2026-03-28 23:40:25Z'),
    ('uuid', '7c1e0a10-0001-4a00-8000-0000000000a1'), ('text', '1042'), ('interval', '30 seconds'), ('bool', 'true'),
    ('_int8', '{1,60000,60000,0,0,1,1,0}'); -- a state of sums
INSERT INTO sample SELECT 'jsonb', value FROM sample WHERE type = 'json';
INSERT INTO sample SELECT '_activity', ARRAY[value]::text FROM sample WHERE type = 'activity';

-- The calls, in the order in which they can be made: tables "called" and "called_too" are created, then used.
CREATE VIEW sample_call AS
SELECT oid, signature, array_position('{create_activity_table,load_activities}', proname::text) AS step,
       format(CASE prokind WHEN 'a' THEN 'SELECT %s.%I(%s)::pg_catalog.text FROM pg_catalog.generate_series(1, 2)'
                           ELSE 'SELECT pg_catalog.string_agg(f::pg_catalog.text, '' '') FROM %s.%I(%s) AS f' END, schema, proname,
           (SELECT string_agg(format('%L::%I.%I',
                       nullif(coalesce(CASE name
                           WHEN 'target' THEN 'called'
                           WHEN 'source' THEN 'called'
                           WHEN 'name' THEN 'called'
                           WHEN 'qualified_name' THEN '{called_too}'
                           WHEN 'default_schema' THEN current_schema()::text
                           WHEN 'on_error' THEN 'ignore'
                           WHEN 'needed' THEN '1.0'
                           WHEN 'partition_by' THEN 'none'
                           WHEN 'time_zone' THEN 'UTC' END, value), 'none'),
                       nspname, typname), ', ' ORDER BY n)
              FROM unnest(types, names[1:cardinality(types)]) WITH ORDINALITY AS a (type, name, n)
              JOIN pg_type AS t ON t.oid = a.type JOIN pg_namespace AS s ON s.oid = typnamespace
              LEFT JOIN sample ON sample.type = typname)) AS statement
  FROM callable
 ORDER BY step, signature COLLATE "C";
