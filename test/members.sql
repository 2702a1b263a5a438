-- What an extension has in a database: every member by its definition, comment and privileges, and the labels of its
-- enums in their order. Two versions of it that have come about in different ways must tell the same.
SELECT pg_describe_object(classid, objid, 0) AS object,
	CASE classid
		WHEN 'pg_proc'::regclass THEN
			(SELECT concat_ws(' ', CASE WHEN prokind = 'a' THEN
					(SELECT row_to_json(a)::text FROM (SELECT aggtransfn::text, aggfinalfn::text, aggcombinefn::text,
							aggserialfn::text, aggdeserialfn::text, aggmtransfn::text, aggminvtransfn::text,
							aggmfinalfn::text, aggtranstype::regtype, aggtransspace, agginitval, aggminitval,
							aggmtranstype::regtype FROM pg_aggregate WHERE aggfnoid = p.oid) AS a)
				ELSE pg_get_functiondef(p.oid) END,
				pg_get_function_arguments(p.oid), prosupport, procost, prorows, provolatile, proparallel, proisstrict,
				proacl)
			FROM pg_proc AS p WHERE p.oid = objid)
		WHEN 'pg_type'::regclass THEN
			(SELECT concat_ws(' ', typtype,
				(SELECT string_agg(enumlabel, ', ' ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid),
				(SELECT string_agg(format('%s %s %s', attname, format_type(atttypid, atttypmod),
						col_description(attrelid, attnum)), ', ' ORDER BY attnum)
					FROM pg_attribute WHERE attrelid = typrelid AND attnum > 0 AND NOT attisdropped),
				typacl)
			FROM pg_type AS t WHERE t.oid = objid)
		ELSE classid::regclass::text
	END AS definition,
	obj_description(objid, classid::regclass::name) AS comment
FROM pg_depend
WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'
	AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'activity')
	-- array types are members in some releases only
	AND NOT (classid = 'pg_type'::regclass AND objid IN (SELECT typarray FROM pg_type))
ORDER BY pg_describe_object(classid, objid, 0) COLLATE "C";
