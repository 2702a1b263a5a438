-- For tests of load_activities: documents to load, errors, and comparisons of
-- tables. Included into a schema of the test's own.
\ir documents.sql
\ir errors.sql

-- How many participations of a table are not those computed from its activities.
CREATE FUNCTION out_of_step(target regclass) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    result bigint;
BEGIN
    EXECUTE format($sql$
        WITH afresh AS (
            SELECT (p).* FROM (SELECT participation(ROW(%3$s)::activity) AS p FROM %1$s AS a
                               GROUP BY agent_id, interaction_guid, channel_guid) AS v),
        stored AS (
            SELECT %4$s FROM %2$s)
        SELECT count(*) FROM (
            (TABLE afresh EXCEPT ALL TABLE stored)
            UNION ALL (TABLE stored EXCEPT ALL TABLE afresh)) AS different
        $sql$, target,
        (SELECT format('%I.%I', nspname, relname || '_participation')
         FROM pg_catalog.pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace WHERE c.oid = target),
        (SELECT string_agg(format('a.%I', attname), ', ' ORDER BY attnum)
         FROM pg_attribute WHERE attrelid = (SELECT typrelid FROM pg_type WHERE oid = 'activity'::regtype) AND attnum > 0),
        (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)
         FROM pg_attribute WHERE attrelid = (SELECT typrelid FROM pg_type WHERE oid = 'participation'::regtype) AND attnum > 0))
        INTO result;
    RETURN result;
END
$$;

-- How many rows are in one of two tables only.
CREATE FUNCTION difference(a regclass, b regclass) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    result bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM ((TABLE %1$s EXCEPT ALL TABLE %2$s) UNION ALL (TABLE %2$s EXCEPT ALL TABLE %1$s)) AS d', a, b)
        INTO result;
    RETURN result;
END
$$;

-- Where the rows of a table and its participations lie, and who wrote them.
CREATE FUNCTION versions(target regclass) RETURNS TABLE (kept regclass, key text, version text) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format(
        'SELECT tableoid::regclass, concat_ws('' '', agent_id, interaction_guid, channel_guid, start, state), concat_ws('' '', ctid, xmin) FROM %1$s
         UNION ALL
         SELECT tableoid::regclass, concat_ws('' '', agent_id, interaction_guid, channel_guid), concat_ws('' '', ctid, xmin) FROM %1$s_participation', target);
END
$$;
