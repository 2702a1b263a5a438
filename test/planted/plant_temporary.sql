-- In the session's own temporary schema: relations and types with the names of those that the statements use.
SELECT pg_catalog.format('CREATE TEMPORARY VIEW %I AS SELECT trap.spring(%L)', c.relname, 'temporary relation')
  FROM trap.used AS u JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) u.oid
 WHERE u.kind OPERATOR(pg_catalog.=) 'relation' \gexec
SELECT pg_catalog.format('CREATE TYPE pg_temp.%I AS ENUM (''planted'')', t.typname)
  FROM trap.used AS u JOIN pg_catalog.pg_type AS t ON t.oid OPERATOR(pg_catalog.=) u.oid
 WHERE u.kind OPERATOR(pg_catalog.=) 'type'
   AND t.typname OPERATOR(pg_catalog.<>) ALL (SELECT c.relname FROM trap.used AS r JOIN pg_catalog.pg_class AS c ON c.oid OPERATOR(pg_catalog.=) r.oid
                                                WHERE r.kind OPERATOR(pg_catalog.=) 'relation') \gexec
