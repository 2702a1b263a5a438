-- Plants, for each function and aggregate of the extension that the statements use, one with an argument more that has a
-- default: PostgreSQL cannot choose between the two then.
SET SESSION AUTHORIZATION :"planter";
SET search_path = pg_catalog;
SELECT trap.plant('function', 'public', proname, ARRAY(SELECT a::regtype::text FROM unnest(proargtypes::oid[]) AS a) || 'integer DEFAULT 0'::text,
                  format_type(prorettype, NULL)) IS NOT NULL
  FROM pg_proc
 WHERE oid IN (SELECT oid FROM trap.used WHERE kind = 'function') AND pronamespace = 'public'::regnamespace
   AND proname IN ('activity_is_better_known', 'best_known', 'participation') \g /dev/null
