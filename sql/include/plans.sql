-- What the planner makes of a query. Included into a schema of the test's own.

-- The plan, as it is before the query is executed.
CREATE FUNCTION plan_of(query text) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (VERBOSE, FORMAT JSON) ' || query INTO plan;
    RETURN plan;
END
$$;

-- Whether it aggregates parts and then combines them.
CREATE FUNCTION is_partial(query text) RETURNS boolean
    RETURN plan_of(query) @? '$.** ? (@."Partial Mode" == "Partial")';

-- Whether it has workers.
CREATE FUNCTION has_gather(query text) RETURNS boolean
    RETURN plan_of(query) @? '$.** ? (@."Node Type" starts with "Gather")';

-- What the executed plan does: aggregate parts, aggregate each partition by
-- itself, have workers take tables by turns; and whether workers really took
-- part. Should other sessions have taken all workers, it tries again.
CREATE FUNCTION plan(query text, OUT partial boolean, OUT partition_wise boolean,
        OUT parallel_append boolean, OUT workers boolean)
    LANGUAGE plpgsql AS
$$
DECLARE
    plan jsonb;
BEGIN
    FOR try IN 1 .. 100 LOOP
        EXECUTE 'EXPLAIN (ANALYZE, COSTS off, TIMING off, FORMAT JSON) ' || query INTO plan;
        workers := plan @? '$.** ? (@."Workers Launched" > 0)';
        EXIT WHEN workers OR NOT plan @? '$.**."Workers Planned"';
        PERFORM pg_sleep(0.1);
    END LOOP;
    partial := plan @? '$.** ? (@."Partial Mode" == "Partial")';
    partition_wise := plan @? '$.** ? (@."Node Type" like_regex "Append").Plans[*] ? (@."Node Type" == "Aggregate")';
    parallel_append := plan @? '$.** ? (@."Node Type" == "Append" && @."Parallel Aware" == true)';
END
$$;
