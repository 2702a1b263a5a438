-- A session that loads into a thousand tables keeps the plans for those few that it loaded
-- last, and never frees those that a load around it executes.
SET client_min_messages = warning;
SELECT current_database() AS regression \gset
CREATE DATABASE activity_load_many_tables;
\c activity_load_many_tables
SET client_min_messages = warning;
CREATE EXTENSION activity;

CREATE FUNCTION name(number integer) RETURNS text
    LANGUAGE sql
    RETURN 'public.kept_' || lpad(number::text, 4, '0');
CREATE FUNCTION load_into(number integer) RETURNS bigint
    LANGUAGE sql
BEGIN ATOMIC
    SELECT inserted + updated + unchanged
      FROM load_activities(name(number), json '{"agentId": "1042", "start": "2026-03-28T23:40:00Z", "state": "Wrap",
               "duration": 5, "interaction": {"guid": "7c1e0a10-0001-4a00-8000-0000000000a1"}}');
END;
-- a transaction for each: there are not so many locks
CREATE PROCEDURE load_into_new(first integer, last integer)
    LANGUAGE plpgsql AS
$$
BEGIN
    FOR number IN first .. last LOOP
        PERFORM create_activity_table(name(number));
        PERFORM load_into(number);
        COMMIT;
    END LOOP;
END
$$;

CREATE FUNCTION plans(OUT bytes numeric, OUT tables text)
    LANGUAGE sql
BEGIN ATOMIC
    SELECT sum(total_bytes), string_agg(DISTINCT substring(ident FROM 'kept_(\d{4})'), ' ')
      FROM pg_backend_memory_contexts
     WHERE name LIKE 'CachedPlan%';
END;

CALL load_into_new(1, 100);
SELECT tables FROM plans();
SELECT bytes AS bytes_100 FROM plans() \gset
CALL load_into_new(101, 1000);
SELECT tables FROM plans();
-- plans of the same statements differ a little in size
SELECT bytes <= :bytes_100 * 1.1 AS not_more, bytes <= 16 * 1024 * 1024 AS at_most_16_mb FROM plans();

-- those go that have not been used for longest
SELECT load_into(985), load_into(1);
SELECT tables FROM plans();

-- plans made in a load within another one go with it
CREATE FUNCTION load_more() RETURNS trigger
    LANGUAGE plpgsql AS
$$
BEGIN
    PERFORM public.load_into(number) FROM generate_series(961, 1000) AS number;
    RETURN NULL;
END
$$;
CREATE TRIGGER load_more AFTER INSERT ON kept_0002_participation FOR EACH STATEMENT EXECUTE FUNCTION load_more();
DELETE FROM kept_0002;
DELETE FROM kept_0002_participation;
SELECT load_into(2);
SELECT count(*) AS activities, (SELECT count(*) FROM kept_0002_participation) AS participations FROM kept_0002;
SELECT tables FROM plans();

\c :regression
DROP DATABASE activity_load_many_tables;
