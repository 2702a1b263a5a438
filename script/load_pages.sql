-- Makes the table "pages" from the files that standard input holds: a line for each, its name and its contents in
-- base64, so that files may be anywhere, hold anything and be called anything. A file is one JSON document or one a line.

\ir ../examples/pages.sql
ALTER TABLE pages ADD source text NOT NULL;
COMMENT ON COLUMN pages.source IS 'the file that the page was read from';

CREATE TEMPORARY TABLE files (number integer GENERATED ALWAYS AS IDENTITY, name text, contents text);
\copy files (name, contents) FROM pstdin
CREATE TEMPORARY TABLE documents (number bigint GENERATED ALWAYS AS IDENTITY, source text, body json);

CREATE PROCEDURE pg_temp.load_file(name text, contents bytea)
LANGUAGE plpgsql AS $$
DECLARE
	document text;
	line text;
	number bigint;				-- of the line
	lines_before bigint := 0;	-- that hold a document
	problem text;
	context text;
BEGIN
	BEGIN
		document := ltrim(convert_from(contents, 'UTF8'), U&'\FEFF');
	EXCEPTION WHEN others THEN
		RAISE EXCEPTION 'file "%" is no UTF-8 text: %', name, SQLERRM;
	END;
	IF btrim(document, E' \t\r\n') = '' THEN
		RAISE EXCEPTION 'file "%" is empty', name;
	END IF;

	BEGIN
		INSERT INTO documents (source, body) VALUES (name, document::json);
		RETURN;
	EXCEPTION WHEN others THEN
		GET STACKED DIAGNOSTICS problem = PG_EXCEPTION_DETAIL, context = PG_EXCEPTION_CONTEXT;
		problem := coalesce(nullif(problem, ''), SQLERRM);
	END;

	BEGIN
		FOR line, number IN SELECT * FROM string_to_table(document, E'\n') WITH ORDINALITY LOOP
			CONTINUE WHEN btrim(line, E' \t\r') = '';
			INSERT INTO documents (source, body) VALUES (name, line::json);
			lines_before := lines_before + 1;
		END LOOP;
		RETURN;
	EXCEPTION WHEN others THEN
		-- If not even the first line is a document, the file was meant to be one: then that error tells more.
		IF lines_before > 0 THEN
			GET STACKED DIAGNOSTICS problem = PG_EXCEPTION_DETAIL;
			problem := coalesce(nullif(problem, ''), SQLERRM);
		ELSE
			number := coalesce(substring(context FROM 'JSON data, line (\d+)')::bigint, number);
		END IF;
	END;
	RAISE EXCEPTION 'file "%", line %: not JSON, neither one document nor one a line: %', name, number, problem;
END
$$;

DO $$
DECLARE
	file record;
BEGIN
	FOR file IN SELECT * FROM files ORDER BY number LOOP
		CALL pg_temp.load_file(convert_from(decode(file.name, 'base64'), 'UTF8'), decode(file.contents, 'base64'));
	END LOOP;
END
$$;

-- The files of the sample's polls have the request in their names: the two hours up to HHMM, with include=Processed.
INSERT INTO pages (source, body, endpoint, requested_start, requested_end, page, fetched_at)
SELECT source, body, poll.endpoint, poll.made_at - '2 hours'::interval, poll.made_at, poll.page, coalesce(poll.up_to, now())
FROM documents LEFT JOIN LATERAL (
	SELECT name.part[1] AS endpoint, (name.part[2] || ' ' || name.part[3] || ':00Z')::timestamptz AS made_at,
		(body -> 'meta' ->> 'page')::integer AS page, (body ->> 'upTo')::timestamptz AS up_to
	FROM regexp_match(source, '^(interactions|presence)-(2026-10-14)-(1[02468])00[.]') AS name (part)
	WHERE name.part IS NOT NULL) AS poll ON true
ORDER BY number;

DROP TABLE files, documents;
VACUUM ANALYZE pages;
