-- The tables of doc/reference.md by the catalogue and its comments, for test/reference.sh: a line of Markdown a row, with
-- the name of its table before a tab. In the order of activity--1.0.sql.
SET TIME ZONE 'UTC';
SET datestyle = ISO;
SET intervalstyle = postgres;

CREATE TEMPORARY VIEW member AS
SELECT classid, objid, obj_description(objid, classid::regclass::name) AS comment
FROM pg_depend
WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
	AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'activity');

-- A type as users write it.
CREATE FUNCTION pg_temp.short(type oid) RETURNS text RETURN
	replace(replace(format_type(type, NULL), 'timestamp with time zone', 'timestamptz'), 'timestamp without time zone', 'timestamp');

-- Public functions and aggregates: what is passed and what comes back.
CREATE TEMPORARY VIEW public_function AS
SELECT f.oid, proname, prokind, comment, coalesce(proargtypes[0]::regtype, 0) AS first_type,
	-- defaults without their casts
	regexp_replace(replace(pg_get_function_arguments(f.oid), 'timestamp with time zone', 'timestamptz'),
		'(, )?\m(IN)?OUT .*|\mIN |::[a-z ]+(\[\])?', '', 'g') AS arguments,
	concat(CASE WHEN proretset THEN 'set of ' END, coalesce(
		(SELECT string_agg(concat_ws(' ', '`' || proargnames[n] || '`', pg_temp.short(proallargtypes[n])), ', ' ORDER BY n)
			FROM generate_subscripts(proargmodes, 1) AS n WHERE proargmodes[n] IN ('o', 'b')),
		pg_temp.short(prorettype))) AS result
FROM member JOIN pg_proc AS f ON classid = 'pg_proc'::regclass AND objid = f.oid
WHERE comment IS NULL OR comment NOT LIKE 'internal: %';

-- The views of create_activity_views; its comments name the table, so NAME is what the table is called.
CREATE SCHEMA scratch;
SELECT create_activity_table('scratch."NAME"') \g /dev/null
SELECT create_activity_views('scratch."NAME"') \g /dev/null

\pset format unaligned
\pset tuples_only on
\pset fieldsep '\t'
SELECT name, format('| %s |', row)
FROM (
	SELECT 'labels' AS name, t.oid, 0 AS place, concat_ws(' | ', '`' || typname || '`',
		(SELECT string_agg(enumlabel, ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid), comment) AS row
	FROM member JOIN pg_type AS t ON classid = 'pg_type'::regclass AND objid = t.oid
	WHERE typtype = 'e'
	UNION ALL
	SELECT 'row types', t.oid, 0, concat_ws(' | ', '`' || typname || '`', comment)
	FROM member JOIN pg_type AS t ON classid = 'pg_type'::regclass AND objid = t.oid
	WHERE typtype = 'c'
	UNION ALL
	SELECT typname, t.oid, attnum, concat_ws(' | ', '`' || attname || '`', pg_temp.short(atttypid), col_description(typrelid, attnum))
	FROM member JOIN pg_type AS t ON classid = 'pg_type'::regclass AND objid = t.oid
		JOIN pg_attribute ON attrelid = typrelid AND attnum > 0 AND NOT attisdropped
	WHERE typtype = 'c'
	UNION ALL
	-- the form for json and the one for jsonb in one line
	SELECT 'functions', min(oid), 0, format('`%s(%s)` | %s | %s', proname,
		CASE count(*) WHEN 2 THEN replace(of_json, 'page json', 'page json or jsonb') ELSE min(arguments) END, result,
		(array_agg(comment ORDER BY oid))[1])
	FROM public_function, LATERAL (SELECT replace(arguments, 'page jsonb', 'page json')) AS v (of_json)
	WHERE prokind <> 'a'
	GROUP BY proname, of_json, result
	UNION ALL
	SELECT 'aggregates over ' || pg_temp.short(first_type), f.oid, 0, format('`%s(%s)` | %s | %s', proname, arguments, result, comment)
	FROM public_function AS f JOIN pg_type AS t ON t.oid = first_type
	WHERE prokind = 'a' AND typtype = 'c'
	UNION ALL
	SELECT 'aggregates over columns', min(f.oid), 0, format('%s | `%s`', string_agg('`' || proname || '`', ', ' ORDER BY f.oid), arguments)
	FROM public_function AS f JOIN pg_type AS t ON t.oid = first_type
	WHERE prokind = 'a' AND typtype <> 'c'
	GROUP BY arguments
	UNION ALL
	-- A comment's last sentence says how a column may be aggregated. Without the columns that follow from others by name.
	SELECT relname, c.oid, attnum, concat_ws(' | ', '`' || attname || '`', pg_temp.short(atttypid),
		regexp_replace(col_description(c.oid, attnum), '^(.*)\. (Sum|Average|Group)( by)? it; do not .*$', '\1 | \2\3'))
	FROM pg_class AS c JOIN pg_attribute AS a ON attrelid = c.oid AND attnum > 0
	WHERE relkind = 'v' AND relnamespace = 'scratch'::regnamespace AND attname !~ '_(sort|local|date|week|weekday|hour|half_hour)$'
		AND NOT EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = regexp_replace(a.attname, '_s$', '_ms') AND attnum <> a.attnum)
) AS lines
ORDER BY oid, place;
