-- Plants, as a role that may create in the extension's schema and owns the tables: overloads of all functions, aggregates
-- and operators of trap.used, in the extension's schema and in the one that is first in the caller's search_path; casts
-- from and to the tables' row types; types and relations. All of it raises an error as soon as it is run or looked into.
SET SESSION AUTHORIZATION :"planter";
SET search_path = pg_catalog;
SET jit = off; -- it would compile each of the thousand statements

CREATE FUNCTION trap.spring(what text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'planted: %', what;
END
$$;

-- what fits where a type is expected
CREATE TABLE trap.fitting (type regtype, alternative text);
CREATE SEQUENCE trap.numbers;
CREATE TABLE trap.planted (kind text, what text);

-- Runs a statement that plants something; false if there is such a thing already, or PostgreSQL does not allow it.
CREATE FUNCTION trap.try_to(plant text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE plant;
    RETURN true;
EXCEPTION WHEN duplicate_function OR duplicate_object OR invalid_function_definition OR datatype_mismatch OR syntax_error
        OR invalid_object_definition OR feature_not_supported OR wrong_object_type OR undefined_function OR undefined_object THEN
    RETURN false;
END
$$;

-- Plants a function or an aggregate.
CREATE FUNCTION trap.plant(kind text, schema text, name text, arguments text[], result text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    list text := array_to_string(arguments, ', ');
    what text := format('%s %I.%I(%s)', kind, schema, name, list);
    body text := format('BEGIN PERFORM trap.spring(%L); RETURN%s; END', what, CASE WHEN result NOT LIKE 'SETOF %' THEN ' NULL' END);
    step text := 'step_' || nextval('trap.numbers');
    done boolean;
BEGIN
    IF kind = 'aggregate' THEN
        done := trap.try_to(format('CREATE FUNCTION trap.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L', step,
                    concat_ws(', ', result, nullif(list, '')), result, body))
            AND trap.try_to(format('CREATE AGGREGATE %I.%I(%s) (SFUNC = trap.%I, STYPE = %s)', schema, name,
                    coalesce(nullif(list, ''), '*'), step, result));
    ELSE
        done := trap.try_to(format('CREATE FUNCTION %I.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L', schema, name, list, result, body));
    END IF;
    IF done THEN
        INSERT INTO trap.planted VALUES (kind, what);
    END IF;
END
$$;

-- Relations
DO $$
DECLARE
    used record;
BEGIN
    FOR used IN
        SELECT DISTINCT relname, schema
          FROM pg_class JOIN trap.used USING (oid), unnest(ARRAY['public', 'before']) AS schema
         WHERE kind = 'relation' AND relkind IN ('r', 'v')
    LOOP
        IF to_regclass(format('%I.%I', used.schema, used.relname)) IS NULL THEN
            EXECUTE format('CREATE VIEW %I.%I AS SELECT trap.spring(%L)', used.schema, used.relname, 'relation ' || used.relname);
            INSERT INTO trap.planted VALUES ('relation', format('%I.%I', used.schema, used.relname));
        END IF;
    END LOOP;
END
$$;
-- Types: itself, a domain over it, the row types that are coerced to it, what a polymorphic one can be
DO $$
DECLARE
    used record;
    schema text;
BEGIN
    FOR used IN
        SELECT DISTINCT t.oid::regtype AS type, t.oid, t.typname
          FROM pg_type AS t
         WHERE t.typtype IN ('b', 'c', 'e') AND t.typname <> 'planted'
           AND (t.oid IN (SELECT oid FROM trap.used WHERE kind = 'type')
                OR t.oid IN (SELECT unnest(proargtypes::oid[]) FROM pg_proc JOIN trap.used AS u USING (oid) WHERE u.kind = 'function')
                OR t.oid IN (SELECT unnest(ARRAY[oprleft, oprright]) FROM pg_operator JOIN trap.used AS u USING (oid) WHERE u.kind = 'operator')
                OR t.oid IN ('public.calls'::regtype, 'public.calls_participation'::regtype, 'public.calls_presence'::regtype))
    LOOP
        INSERT INTO trap.fitting VALUES (used.type, used.type::text);
        IF trap.try_to(format('CREATE DOMAIN before.%I AS %s', 'domain_' || used.oid, used.type)) THEN
            INSERT INTO trap.fitting VALUES (used.type, format('before.%I', 'domain_' || used.oid));
        END IF;
        -- its own name, as something else
        FOREACH schema IN ARRAY ARRAY['public', 'before'] LOOP
            IF trap.try_to(format('CREATE TYPE %I.%I AS ENUM (''planted'')', schema, used.typname)) THEN
                INSERT INTO trap.planted VALUES ('type', format('%I.%I', schema, used.typname));
            END IF;
        END LOOP;
    END LOOP;
END
$$;
INSERT INTO trap.fitting
SELECT kind.type, f.alternative
  FROM (VALUES ('public.activity'::regtype, 'public.calls'::regtype), ('public.participation', 'public.calls_participation'),
               ('public.presence', 'public.calls_presence'), ('public.activity[]', 'public.calls[]'),
               ('public.presence[]', 'public.calls_presence[]')) AS kind (type, row_type)
  JOIN trap.fitting AS f ON f.type = kind.row_type
UNION SELECT 'public.activity[]', 'public.calls[]'
UNION SELECT 'public.presence[]', 'public.calls_presence[]'
UNION SELECT 'anyenum', f.alternative FROM trap.fitting AS f JOIN pg_type AS t ON t.oid = f.type WHERE t.typtype = 'e'
UNION SELECT any_type::regtype, f.alternative
  FROM unnest(ARRAY['anyelement', 'anynonarray', 'anycompatible', '"any"', 'record']) AS any_type, trap.fitting AS f JOIN pg_type AS t ON t.oid = f.type
 WHERE t.typtype IN ('c', 'e') OR t.oid = ANY ('{text,name,int4,int8}'::regtype[])
UNION SELECT any_type::regtype, t.typarray::regtype::text
  FROM unnest('{anyarray,anycompatiblearray}'::text[]) AS any_type, pg_type AS t
 WHERE t.oid IN (SELECT type FROM trap.fitting) AND t.typarray <> 0 AND (t.typtype IN ('c', 'e') OR t.oid = ANY ('{text,name}'::regtype[]));

-- Functions and aggregates: all that fits for one argument, of the extension's own for the next one besides
DO $$
DECLARE
    used record;
    fits record;
    schema text;
    result text;
    repeated integer;
BEGIN
    FOR used IN
        SELECT p.oid, pronamespace::regnamespace::text AS schema, proname, proretset, prokind, pronargdefaults, provariadic,
               ARRAY(SELECT a.type::regtype FROM unnest(proargtypes::oid[]) WITH ORDINALITY AS a (type, n) ORDER BY n) AS arguments,
               CASE WHEN t.typtype = 'p' AND t.typname <> 'void' THEN 'text' ELSE format_type(t.oid, NULL) END AS result
          FROM pg_proc AS p JOIN pg_type AS t ON t.oid = prorettype
         WHERE p.oid IN (SELECT oid FROM trap.used WHERE kind = 'function') AND NOT 'internal'::regtype = ANY (proargtypes::oid[])
    LOOP
        result := CASE WHEN used.proretset THEN 'SETOF ' ELSE '' END || used.result;
        FOREACH schema IN ARRAY ARRAY['public', 'before'] LOOP
            FOR fits IN
                SELECT DISTINCT ARRAY(SELECT coalesce(CASE n WHEN i THEN x.alternative WHEN j THEN y.alternative END,
                                    (SELECT f.alternative FROM trap.fitting AS f WHERE f.type = a.type ORDER BY f.alternative <> f.type::text, 1 LIMIT 1),
                                    a.type::text)
                               FROM unnest(used.arguments) WITH ORDINALITY AS a (type, n) ORDER BY n) AS arguments
                  FROM generate_series(1, greatest(cardinality(used.arguments), 1)) AS i
                 CROSS JOIN generate_series(i + 1, greatest(i + 1, CASE used.schema WHEN 'public' THEN 2 ELSE 0 END)) AS j
                  LEFT JOIN trap.fitting AS x ON x.type = used.arguments[i]
                  LEFT JOIN trap.fitting AS y ON y.type = used.arguments[j]
            LOOP
                PERFORM trap.plant(CASE used.prokind WHEN 'a' THEN 'aggregate' ELSE 'function' END, schema, used.proname, fits.arguments, result);
            END LOOP;
            -- with an argument more that has a default (in one schema with the other it makes calls ambiguous: see below),
            -- without those that have one, and with some for VARIADIC
            IF schema <> used.schema THEN
                PERFORM trap.plant('function', schema, used.proname,
                            ARRAY(SELECT a::text FROM unnest(used.arguments) AS a) || 'integer DEFAULT 0'::text, result);
            END IF;
            FOR missing IN 1 .. used.pronargdefaults LOOP
                PERFORM trap.plant('function', schema, used.proname,
                            ARRAY(SELECT a::text FROM unnest(used.arguments[:cardinality(used.arguments) - missing]) AS a), result);
            END LOOP;
            IF used.provariadic <> 0 THEN
                FOR repeated IN 1 .. 5 LOOP
                    PERFORM trap.plant('function', schema, used.proname,
                                ARRAY(SELECT a::text FROM unnest(used.arguments[:cardinality(used.arguments) - 1]) AS a)
                                    || array_fill(t, ARRAY[repeated]), result)
                       FROM unnest('{text,name,integer,regclass,regtype}'::text[]) AS t;
                END LOOP;
            END IF;
        END LOOP;
    END LOOP;
END
$$;

-- Operators, for whatever fits on either side
DO $$
DECLARE
    used record;
    function text;
    arguments text;
    what text;
BEGIN
    FOR used IN
        SELECT DISTINCT o.oprname, x.alternative AS left_type, y.alternative AS right_type, schema,
               CASE WHEN t.typtype = 'p' THEN 'text' ELSE format_type(t.oid, NULL) END AS result
          FROM pg_operator AS o JOIN pg_type AS t ON t.oid = o.oprresult
          LEFT JOIN trap.fitting AS x ON x.type = o.oprleft LEFT JOIN trap.fitting AS y ON y.type = o.oprright,
               unnest(ARRAY['public', 'before']) AS schema
         WHERE o.oid IN (SELECT oid FROM trap.used WHERE kind = 'operator')
           AND (x.alternative = y.alternative OR x.alternative = x.type::text OR y.alternative = y.type::text)
    LOOP
        function := 'operator_' || nextval('trap.numbers');
        arguments := concat_ws(', ', used.left_type, used.right_type);
        what := format('operator %I.%s (%s)', used.schema, used.oprname, arguments);
        IF trap.try_to(format('CREATE FUNCTION trap.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L', function, arguments, used.result,
                              format('BEGIN PERFORM trap.spring(%L); RETURN NULL; END', what)))
            AND trap.try_to(format('CREATE OPERATOR %I.%s (%s)', used.schema, used.oprname,
                    concat_ws(', ', 'FUNCTION = trap.' || function, 'LEFTARG = ' || used.left_type, 'RIGHTARG = ' || used.right_type))) THEN
            INSERT INTO trap.planted VALUES ('operator', what);
        END IF;
    END LOOP;
END
$$;

-- Casts, from a row type to each type and back, as the owner of the row types may make them
DO $$
DECLARE
    wanted record;
    function text;
    what text;
BEGIN
    FOR wanted IN
        SELECT x.type AS from_type, y.type AS to_type
          FROM (SELECT DISTINCT type FROM trap.fitting) AS x, (SELECT DISTINCT type FROM trap.fitting) AS y
         WHERE x.type <> y.type AND (x.type IN ('public.calls'::regtype, 'public.calls_participation', 'public.calls[]', 'public.calls_presence', 'public.calls_presence[]')
                                     OR y.type IN ('public.calls'::regtype, 'public.calls_participation', 'public.calls[]', 'public.calls_presence', 'public.calls_presence[]'))
    LOOP
        function := 'cast_' || nextval('trap.numbers');
        what := format('cast (%s AS %s)', wanted.from_type, wanted.to_type);
        IF trap.try_to(format('CREATE FUNCTION trap.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L', function, wanted.from_type, wanted.to_type,
                              format('BEGIN PERFORM trap.spring(%L); RETURN NULL; END', what)))
            AND trap.try_to(format('CREATE CAST (%s AS %s) WITH FUNCTION trap.%I(%1$s) AS IMPLICIT',
                    wanted.from_type, wanted.to_type, function)) THEN
            INSERT INTO trap.planted VALUES ('cast', what);
        END IF;
    END LOOP;
END
$$;

RESET SESSION AUTHORIZATION;
SELECT kind, count(*) AS planted FROM trap.planted GROUP BY kind ORDER BY kind;
SELECT count(*) FILTER (WHERE kind = 'function') AS functions, count(*) FILTER (WHERE kind = 'operator') AS operators,
       count(*) FILTER (WHERE kind = 'type') AS types, count(*) FILTER (WHERE kind = 'relation') AS relations
  FROM trap.used;
