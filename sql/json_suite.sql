-- All that a JSON text can have, and what only looks like JSON: each document is taken or refused as RFC 8259 has it, and
-- what type json takes is put wherever a page has a value. There it gives the rows and errors that follow from its value,
-- the same by the fast reader, by json-c and as jsonb.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA json_suite;
SET search_path = json_suite, public;
SET timezone = 'UTC';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/documents.sql'
\set ECHO none
\i :include
\set ECHO all

-- yes: to be taken; no: to be refused; open: the standard leaves it open. As bytes, since not all of them are text.
CREATE TABLE document (kind text, name text PRIMARY KEY, bytes bytea);
CREATE FUNCTION nested(before text, inside text, behind text, depth integer) RETURNS text LANGUAGE sql
    RETURN repeat(before, depth) || inside || repeat(behind, depth);

INSERT INTO document SELECT 'yes', name, convert_to(text, 'UTF8') FROM (VALUES
    -- structure
    ('an empty object', '{}'), ('an empty array', '[]'), ('empty ones in each other', '[{},[],{"a":{},"b":[]}]'),
    ('true', 'true'), ('false', 'false'), ('null', 'null'), ('a null in an array', '[null]'),
    ('one of each', '[null,true,false,0,"",[],{}]'),
    ('an array of 1000 numbers', '[0' || repeat(',1', 999) || ']'),
    ('an object of 1000 keys', (SELECT '{' || string_agg(format('"k%s":%s', i, i), ',') || '}' FROM generate_series(1, 1000) AS i)),
    -- keys
    ('a key', '{"a":1}'), ('an empty key', '{"":0}'), ('an empty key twice', '{"":0,"":1}'),
    ('empty keys in each other', '{"":{"":{"":""}}}'),
    ('a key twice, same value', '{"a":1,"a":1}'), ('a key twice, other value', '{"a":1,"b":2,"a":[]}'),
    ('a key twice, once as an escape', '{"a":1,"\u0061":2}'),
    ('keys that differ by case', '{"a":1,"A":2}'), ('a key that is a number to the eye', '{"1":1,"-0":2,"1e5":3}'),
    ('a key of the words', '{"null":1,"true":2}'),
    ('a key of 5000 characters', '{"' || repeat('k', 5000) || '":1}'), ('a key of all escapes', '{"\"\\\/\b\f\n\r\t\u00e9":1}'),
    ('a key of brackets', '{"}]{[,:":1}'),
    -- white space
    ('blanks around', '  1  '), ('tabs, line feeds and returns', E'\t\n\r[\t\n\r1\t\n\r,\t\n\r2\t\n\r]\t\n\r'),
    ('blanks in an object', ' { "a" : 1 , "b" : 2 } '),
    ('10000 blanks', repeat(' ', 5000) || '[]' || repeat(' ', 5000)), ('a line feed at the end', E'{}\n'),
    -- numbers
    ('zero', '0'), ('minus zero', '-0'), ('zero with decimals', '0.0'), ('minus zero with decimals', '-0.00'),
    ('zero with an exponent', '0e5'), ('zero, to the power of minus zero', '0E-0'),
    ('one', '1'), ('minus one', '-1'), ('many digits', '1234567890'), ('ends in zeros', '1000'), ('whole with decimals', '1.000'),
    ('a fraction', '1.5'), ('less than one', '0.000125'), ('a negative fraction', '-0.5'),
    ('exponent', '12e3'), ('exponent, capital, plus', '12E+03'), ('exponent, minus, whole', '1200e-2'),
    ('exponent, minus, no whole', '1200e-5'), ('fraction and exponent, whole', '1.25e2'), ('fraction and exponent', '-1.25e1'),
    ('exponent of zeros', '7e00000000000000000000'),
    ('2^31 - 1', '2147483647'), ('2^31', '2147483648'), ('-2^31', '-2147483648'), ('2^53 + 1', '9007199254740993'),
    ('2^63 - 1', '9223372036854775807'), ('2^63', '9223372036854775808'), ('-2^63', '-9223372036854775808'),
    ('-2^63 - 1', '-9223372036854775809'),
    ('2^64', '18446744073709551616'), ('2^63 - 1 by exponent', '922337203685477580.7e1'), ('100 digits', repeat('1234567890', 10)),
    ('100 decimals', '0.' || repeat('1234567890', 10)), ('17 digits of a double', '0.10000000000000001'),
    -- strings
    ('an empty string', '""'), ('a letter', '"a"'), ('a blank', '" "'), ('all short escapes', '"\"\\\/\b\f\n\r\t"'),
    ('a solidus, not escaped', '"/"'), ('a reverse solidus before the end', '"\\"'), ('a quotation mark before the end', '"\""'),
    ('an escaped escape', '"\\u0000\\n\\ud83d"'), ('hexadecimal digits of both cases', '"\u00e9\u00E9\uAbCd"'),
    ('an escape and a digit', '"\u00410"'), ('control characters as escapes', '"\u0001\u001f\u007f"'),
    ('an escaped pair', '"\ud83d\ude00"'), ('an escaped pair, cases mixed', '"\uD83d\uDe00"'), ('the last pair', '"\udbff\udfff"'),
    ('the first pair', '"\ud800\udc00"'), ('pairs beside each other', '"\ud83d\ude00\ud83d\ude01x\ud83d\ude00"'),
    ('escaped noncharacters', '"\ufffe\uffff\ufdd0"'), ('beside the surrogates', '"\ud7ff\ue000"'), ('delete', E'"\x7f"'),
    ('two, three and four bytes', '"é€😀"'), ('a noncharacter', U&'"\FFFE"'), ('the last code point', U&'"\+10FFFF"'),
    ('line separators', U&'"\2028\2029"'),
    ('no break, no width', U&'"\00A0\200B\FEFF"'), ('letters and marks', U&'"e\0301 \05D0\202E"'),
    ('70000 characters', '"' || repeat('x', 70000) || '"'), ('70000 escapes', '"' || repeat('\u0041', 70000) || '"'),
    ('brackets', '"}]{[,:"'), ('comments', '"/* */ // #"'), ('a number', '"1"'), ('a word', '"null"'), ('JSON', '"{\"a\":[1]}"'),
    ('single quotes', '"''"'),
    -- depth: json-c by itself stops at 32
    ('arrays, 30 deep', nested('[', '1', ']', 30)), ('arrays, 31 deep', nested('[', '1', ']', 31)),
    ('arrays, 32 deep', nested('[', '1', ']', 32)), ('arrays, 33 deep', nested('[', '1', ']', 33)),
    ('arrays, 100 deep', nested('[', '', ']', 100)),
    ('objects, 30 deep', nested('{"a":', '1', '}', 30)), ('objects, 31 deep', nested('{"a":', '1', '}', 31)),
    ('objects, 32 deep', nested('{"a":', '1', '}', 32)), ('objects, 33 deep', nested('{"a":', '1', '}', 33)),
    ('objects, 100 deep', nested('{"a":', '{}', '}', 100)),
    ('both, 16 times', nested('[{"a":', 'null', '}]', 16))
) AS v (name, text);

INSERT INTO document SELECT 'open', name, convert_to(text, 'UTF8') FROM (VALUES
    -- escapes that are no characters of PostgreSQL's text
    ('null character', '"\u0000"'), ('null character inside', '"a\u0000b"'), ('null character in a key', '{"\u0000":1}'),
    ('null character that cuts a key', '{"agentId\u0000":1}'), ('null character, deep', '[[{"a":["\u0000"]}]]'),
    ('first half alone', '"\ud83d"'), ('second half alone', '"\ude00"'), ('halves in the wrong order', '"\ude00\ud83d"'),
    ('first half twice', '"\ud83d\ud83d"'), ('first half, then a pair', '"\ud83d\ud83d\ude00"'), ('first half, then text', '"\ud83dx"'),
    ('first half, then an escape', '"\ud83d\n"'), ('first half, then an escaped letter', '"\ud83d\u0041"'),
    ('second half after text', '"x\ude00x"'), ('first half in a key', '{"\ud83d":1}'), ('second half in a key', '{"a\ude00":1}'),
    -- numbers beyond a double, a numeric
    ('beyond a double', '1e309'), ('below a double', '1e-400'), ('400 digits', '1' || repeat('0', 400)),
    ('the last power of numeric', '1e131071'), ('beyond numeric', '1e131072'), ('beyond numeric, negative', '-1e1000000'),
    ('beyond numeric, in an array', '[1,1e200000]'), ('beyond numeric, by its digits', '1' || repeat('0', 131072)),
    ('the last decimals of numeric', '1e-16383'), ('below numeric', '1e-16384'), ('far below numeric', '-1.5e-200000'),
    ('below numeric, in an object', '{"a":1e-99999}'), ('an exponent beyond an integer', '1e99999999999'),
    ('an exponent below an integer', '1e-99999999999'), ('zero, an exponent beyond an integer', '0e99999999999'),
    -- depth, and a byte order mark
    ('arrays, 1000 deep', nested('[', '1', ']', 1000)), ('objects, 1000 deep', nested('{"a":', '1', '}', 1000)),
    ('a byte order mark in front', U&'\FEFF{}')
) AS v (name, text);

INSERT INTO document SELECT 'no', name, convert_to(text, 'UTF8') FROM (VALUES
    -- structure
    ('nothing', ''), ('blanks only', E' \n'), ('an array not closed', '[1'), ('an array not closed, comma', '[1,'), ('only opened', '['),
    ('only closed', ']'), ('an object not closed', '{"a":1'), ('an object not closed, comma', '{"a":1,'),
    ('an object not closed, key', '{"a"'), ('an object not closed, colon', '{"a":'), ('an object only opened', '{'),
    ('closed by the other', '[}'), ('closed by the other, full', '{"a":1]'), ('closed twice', '[1]]'), ('an object closed twice', '{}}'),
    ('closed crosswise', '[{"a":1]}'), ('1000 opened', repeat('[', 1000)), ('1000 objects opened', repeat('{"a":', 1000)),
    ('a trailing comma', '[1,]'), ('a trailing comma in an object', '{"a":1,}'), ('a leading comma', '[,1]'),
    ('a leading comma in an object', '{,"a":1}'), ('two commas', '[1,,2]'), ('two commas in an object', '{"a":1,,"b":2}'),
    ('only a comma', '[,]'), ('no comma', '[1 2]'), ('no comma in an object', '{"a":1 "b":2}'), ('a semicolon', '[1;2]'),
    ('no colon', '{"a" 1}'), ('two colons', '{"a"::1}'), ('a comma for a colon', '{"a",1}'), ('an equals sign for a colon', '{"a"=1}'),
    ('a key without a value', '{"a":}'), ('a value without a key', '{:1}'), ('values without keys', '{1,2}'),
    ('a colon in an array', '["a":1]'),
    ('a key that is a number', '{1:1}'), ('a key that is null', '{null:1}'), ('a key that is an array', '{[]:1}'),
    ('a key without quotes', '{a:1}'), ('a key in single quotes', '{''a'':1}'),
    ('text behind', '{} x'), ('a second document', '[] []'), ('a second number', '1 2'), ('a second string', '"a" "b"'),
    ('a comma behind', '1,'), ('a comment behind', '1 // x'), ('a comment in front', '/* x */ 1'), ('a comment inside', '[1 /* x */]'),
    ('a comment of a shell', E'# x\n1'),
    -- words
    ('a word cut short', 'tru'), ('a word with more', 'nulls'), ('a word in capitals', 'TRUE'), ('a word with a capital', 'Null'),
    ('undefined', 'undefined'), ('NaN', 'NaN'), ('minus NaN', '[-NaN]'), ('Infinity', 'Infinity'), ('minus Infinity', '-Infinity'),
    ('inf', '[inf]'), ('words without a blank', 'truefalse'), ('a bare word', 'phone'), ('HTML', '<p>503</p>'),
    ('full-width letters', U&'\FF4E\FF55\FF4C\FF4C'),
    -- numbers
    ('a leading zero', '01'), ('a leading zero, negative', '-01'), ('two zeros', '00'), ('a leading zero before a point', '00.5'),
    ('a plus sign', '+1'), ('two minus signs', '--1'), ('only a minus sign', '-'), ('a blank behind the minus sign', '- 1'),
    ('no digit before the point', '.5'), ('no digit before the point, negative', '-.5'), ('no digit behind the point', '5.'),
    ('no digit between point and exponent', '1.e5'),
    ('no digit in the exponent', '1e'), ('no digit in the exponent, plus', '1e+'), ('no digit in the exponent, minus', '1E-'),
    ('two exponents', '1e5e5'), ('a fraction for an exponent', '1e1.5'), ('two points', '1.2.3'), ('only an exponent', 'e5'),
    ('hexadecimal', '0x1F'), ('binary', '0b1'), ('an underscore', '1_000'), ('a comma for a point', '[1,5'), ('a letter behind', '1a'),
    ('a blank inside', '1 000'), ('full-width digits', U&'\FF11'), ('Arabic digits', U&'\0661'), ('a unit', '5ms'),
    -- strings
    ('only a quotation mark', '"'), ('a string not closed', '"a'), ('a string that ends in an escape', '"\'),
    ('a string whose end is escaped', '"\"'), ('in single quotes', '''a'''), ('in backquotes', '`a`'),
    ('in typographic quotes', U&'\201Ca\201D'), ('closed by the other quote', '"a'''), ('strings beside each other', '["a""b"]'),
    ('an unknown escape', '"\a"'), ('an octal escape', '"\0"'), ('a hexadecimal escape', '"\x41"'), ('an escaped single quote', '"\''"'),
    ('an escape in capitals', '"\U0041"'), ('an escape in braces', '"\u{41}"'), ('an escaped line feed', E'"\\\n"'),
    ('an escape of a character', '"\é"'), ('an escape outside a string', '\n1'), ('an escaped quote outside', '\"a\"'),
    ('no hexadecimal digits', '"\u"'), ('one hexadecimal digit', '"\u0"'), ('three hexadecimal digits', '"\u004"'),
    ('no hexadecimal digit', '"\u00g1"'), ('half a pair, then a short escape', '"\ud83d\ude0"'),
    ('half a pair, then no escape', '"\ud83d\u"'), ('three digits in a key', '{"\u006":1}'),
    ('a line feed', E'"a\nb"'), ('a return', E'"a\rb"'), ('a tab', E'"a\tb"'), ('the first control character', E'"\x01"'),
    ('escape', E'"\x1b[0m"'), ('the last control character', E'"\x1f"'), ('a tab in a key', E'{"a\tb":1}'),
    -- white space that is none of JSON's
    ('a form feed', E'[\f1]'), ('a vertical tab', E'[\x0b1]'), ('a no-break space', U&'[\00A01]'), ('a line separator', U&'[\20281]'),
    ('an ideographic space', U&'[\30001]'), ('a byte order mark inside', U&'[\FEFF1]'), ('a delete', E'[\x7f1]'),
    ('an escaped line feed for white space', '[\n1]')
) AS v (name, text);

-- bytes that are no UTF-8
INSERT INTO document SELECT 'no', name, bytes::bytea FROM (VALUES
    ('a byte that UTF-8 does not have', '\x22ff22'), ('a byte in the middle alone', '\x228022'), ('a first byte alone', '\x22c322'),
    ('three bytes, the last missing', '\x22e28222'), ('four bytes, the last missing', '\x22f09f9822'), ('LATIN1', '\x22e922'),
    ('a solidus in two bytes', '\x22c0af22'), ('a null character in two bytes', '\x22c08022'), ('a solidus in three bytes', '\x22e080af22'),
    ('a surrogate in UTF-8', '\x22eda0bd22'), ('a pair in UTF-8', '\x22eda0bdedb88022'), ('beyond the last code point', '\x22f490808022'),
    ('five bytes', '\x22f88880808022'),
    ('bad bytes in a key', '\x7b22ff223a317d'), ('bad bytes outside a string', '\x5bff5d'), ('a null byte in a string', '\x22610022'),
    ('a null byte behind', '\x5b5d00'), ('UTF-16', '\xfffe5b005d00'), ('UTF-16, the other way', '\xfeff005b005d')
) AS v (name, bytes);

-- the SQLSTATE by which a type refuses a document; null if it takes it
CREATE FUNCTION refused(bytes bytea, type text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SELECT convert_from($1, ''UTF8'')::%s', type) USING bytes;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE;
END
$$;
CREATE TABLE tried AS
SELECT kind, name, refused(bytes, 'json') AS by_json, refused(bytes, 'jsonb') AS by_jsonb, bytes FROM document;
SELECT kind, count(*) AS documents, count(*) FILTER (WHERE by_json IS NULL) AS taken_by_json,
    count(*) FILTER (WHERE by_jsonb IS NULL) AS taken_by_jsonb
FROM tried GROUP BY kind ORDER BY kind DESC;
-- with the right error, and none that only jsonb takes
SELECT name, by_json, by_jsonb FROM tried WHERE by_json NOT IN ('22P02', '22021') OR (by_json IS NOT NULL AND by_jsonb IS NULL);
-- of what the standard leaves open, what type json refuses
SELECT name, by_json FROM tried WHERE kind = 'open' AND by_json IS NOT NULL;

-- all that type json takes and jsonb refuses
SELECT name, by_jsonb FROM tried WHERE by_json IS NULL AND by_jsonb IS NOT NULL ORDER BY by_jsonb, name COLLATE "C";

-- What a document is worth, by PostgreSQL's own functions: text is null for what is no string that it can hold, and number
-- for what is none that numeric can.
CREATE FUNCTION worth(document json, OUT kind text, OUT text text, OUT number numeric, OUT elements integer) LANGUAGE plpgsql AS $$
BEGIN
    kind := json_typeof(document);
    elements := CASE WHEN kind = 'array' THEN json_array_length(document) END;
    IF kind = 'string' THEN
        text := document #>> '{}';
    ELSIF kind = 'number' THEN
        number := document::text::numeric;
    END IF;
EXCEPTION WHEN untranslatable_character OR invalid_text_representation OR numeric_value_out_of_range THEN NULL;
END
$$;
CREATE TABLE taken AS
SELECT name, d AS document, by_jsonb IS NOT NULL AS only_json, w.*
FROM tried, convert_from(bytes, 'UTF8') AS d, worth(d::json) AS w WHERE by_json IS NULL;

-- Each in each place; beside it how many rows, errors and items there should be. The items around it are good.
CREATE TABLE placed AS
SELECT t.*, digits, milliseconds, p.*
FROM taken AS t,
    LATERAL (SELECT substring(number::text FROM '^-?[0-9]+$') AS digits,
        CASE WHEN number = trunc(number) AND number BETWEEN 0 AND 1000 * extract(epoch FROM
            '294276-12-31 23:59:59.999999Z'::timestamptz - '2026-03-28 23:40:00Z') THEN number::bigint END AS milliseconds) AS n,
    LATERAL (SELECT (t.kind = 'null')::integer AS null_alone, (t.kind IN ('null', 'object'))::integer AS null_or_object,
        (t.kind = 'null' OR text IS NOT NULL)::integer AS null_or_text,
        (t.kind = 'null' OR milliseconds IS NOT NULL)::integer AS null_or_milliseconds,
        (t.kind IN ('null', 'boolean'))::integer AS null_or_boolean,
        (coalesce(octet_length(coalesce(text, digits)), 2001) <= 2000)::integer AS text_or_digits) AS may_be,
    LATERAL (VALUES
        ('the document', document, 0, coalesce(elements, 1), elements),
        ('an item', format('[%s,%s]', document, item()), 1, 1, 2),
        ('the last item', format('{"items":[%s,%s],"upTo":null}', item(), document), 1, 1, 2),
        ('items', format('{"items":%s}', document), 0, coalesce(elements, 1), elements),
        ('upTo', format('{"items":[%s],"upTo":%s}', item(), document), 1, 1 - null_alone, 1),
        ('upTo in front', format('{"upTo":%s,"items":[%s]}', document, item()), 1, 1 - null_alone, 1),
        ('meta', format('{"meta":%s,"items":[%s]}', document, item()), 1, 0, 1),
        ('meta.page', format('{"meta":{"page":%s},"items":[%s]}', document, item()), 1, 0, 1),
        ('message', format('{"message":%s}', document), 0, 1, NULL),
        ('unknown in a page', format('{"x":%1$s,"items":[%2$s],"y":%1$s}', document, item()), 1, 0, 1),
        ('unknown in an item', replace(item(), '{"agentId"', format('{"x":%s,"agentId"', document)), 1, 0, 1),
        ('unknown in interaction and channel', replace(item(), '"guid"', format('"x":%s,"guid"', document)), 1, 0, 1),
        ('in an item that is skipped', format('[{"type":"Workload","agentId":%s},%s]', document, item()), 1, 0, 2),
        ('overwritten', replace(item(), '{"agentId"', format('{"agentId":%s,"agentId"', document)), 1, 0, 1),
        ('agentId', item(agent_id := document), text_or_digits, 1 - text_or_digits, 1),
        ('duration', item(duration := document), null_or_milliseconds, 1 - null_or_milliseconds, 1),
        ('medium', item(medium := document), null_or_text, 1 - null_or_text, 1),
        ('start', item(start := document), 0, 1, 1),
        ('state', item(state := document), 0, 1, 1),
        ('reason', item(reason := document), null_alone, 1 - null_alone, 1),
        ('interaction.guid', item(guid := document), 0, 1, 1),
        ('interaction', replace(item(), '"interaction":{', format('"interaction":%s,"x":{', document)), 0, 1, 1),
        ('channel', replace(item(), '"channel":{', format('"channel":%s,"x":{', document)), null_or_object, 1 - null_or_object, 1),
        ('name', presence_item(name := '"name":' || document), 0, 1 - null_or_text, 1),
        ('eligibleForRouting', presence_item(eligible := '"eligibleForRouting":' || document), 0, 1 - null_or_boolean, 1),
        ('unknown in a presence', presence_item(more := '"x":' || document), 0, 0, 1),
        ('a key of an item', CASE WHEN t.kind = 'string' THEN replace(item(), '{"agentId"', format('{%s:1,"agentId"', document)) END,
            1, 0, 1)
    ) AS p (place, page, rows, errors, items)
WHERE page IS NOT NULL;
-- with what becomes of the value, and what activity_page() tells
CREATE TABLE wanted AS
SELECT name, place, p.page AS document, only_json, p.errors AS error_count,
    CASE WHEN p.rows = 0 THEN '{}' ELSE ARRAY[('2026-03-28 23:40:00Z', CASE place WHEN 'duration' THEN milliseconds ELSE 20000 END,
        'Connected', 'Completed', 'Inbound', '7c1e0a10-0001-4a00-8000-0000000000a1',
        CASE WHEN place <> 'channel' THEN '7c1e0a10-0011-4a00-8000-0000000000c0' END::uuid, NULL,
        CASE place WHEN 'agentId' THEN coalesce(text, digits) ELSE '1042' END, CASE place WHEN 'medium' THEN text ELSE 'Phone' END,
        'VCC', NULL)::activity] END AS rows,
    CASE WHEN place IN ('name', 'eligibleForRouting', 'unknown in a presence') AND p.errors = 0
        THEN ARRAY[('2026-07-14 08:00:00Z', 60000, 'Ready', CASE WHEN place <> 'eligibleForRouting' THEN true
                WHEN kind = 'boolean' THEN btrim(p.document, E' \t\r\n')::boolean END,
            '301', CASE place WHEN 'name' THEN text ELSE 'Ready' END, NULL)::presence] ELSE '{}' END AS presences,
    format('(%s,,,,,%s)', CASE WHEN place = 'meta.page' AND number = trunc(number) AND number BETWEEN -2147483648 AND 2147483647
        THEN number::integer END, items) AS page
FROM placed AS p;
SELECT count(*) AS documents, count(DISTINCT name) AS of, count(DISTINCT place) AS places, sum(cardinality(rows)) AS rows,
    sum(error_count) AS errors, count(*) FILTER (WHERE only_json) AS only_json,
    count(*) FILTER (WHERE only_json <> (refused(convert_to(document, 'UTF8'), 'jsonb') IS NOT NULL)) AS not_so_in_its_place
FROM wanted;

-- what each reader says: as wanted, with 'stop' the first error of those that activity_errors() lists
CREATE TABLE answer AS
SELECT name, place, reader, s.*
FROM wanted AS w,
    LATERAL (VALUES ('fast', document, 'json'), ('json-c', left_to_json_c(document), 'json'),
        ('jsonb', CASE WHEN NOT only_json THEN document END, 'jsonb')) AS r (reader, given, type),
    said(given, type) AS s
WHERE given IS NOT NULL;
SELECT reader, count(*) AS documents, count(*) FILTER (WHERE a.rows IS DISTINCT FROM w.rows) AS other_rows,
    count(*) FILTER (WHERE a.presences IS DISTINCT FROM w.presences) AS other_presences,
    count(*) FILTER (WHERE cardinality(errors) IS DISTINCT FROM error_count) AS other_errors,
    count(*) FILTER (WHERE a.page IS DISTINCT FROM w.page) AS other_page,
    count(*) FILTER (WHERE left(raised, 5) IS DISTINCT FROM split_part(errors[1], ' | ', 3)) AS other_raised
FROM answer AS a JOIN wanted AS w USING (name, place) GROUP BY reader ORDER BY reader COLLATE "C";
-- and the readers among each other, to the letter of every message and, but for the key that leaves an item to json-c, of
-- what was rejected
SELECT count(*) AS documents,
    count(*) FILTER (WHERE (fast.rows, fast.presences, fast.with_null, fast.errors, fast.page, fast.raised)
        IS DISTINCT FROM (json_c.rows, json_c.presences, json_c.with_null, json_c.errors, json_c.page, json_c.raised)) AS json_c_differs,
    count(jsonb.reader) AS as_jsonb,
    count(*) FILTER (WHERE jsonb.reader IS NOT NULL AND (fast.rows, fast.presences, fast.with_null, fast.errors, fast.page, fast.raised, fast.documents)
        IS DISTINCT FROM (jsonb.rows, jsonb.presences, jsonb.with_null, jsonb.errors, jsonb.page, jsonb.raised, jsonb.documents)) AS jsonb_differs
FROM answer AS fast JOIN answer AS json_c USING (name, place)
    LEFT JOIN answer AS jsonb ON jsonb.name = fast.name AND jsonb.place = fast.place AND jsonb.reader = 'jsonb'
WHERE fast.reader = 'fast' AND json_c.reader = 'json-c';
-- where nothing is wrong, 'stop' gives what 'ignore' gives
SELECT count(*) AS documents, count(*) FILTER (WHERE w.rows <> as_json) AS json_differs, count(*) FILTER (WHERE NOT only_json) AS of_jsonb,
    count(*) FILTER (WHERE NOT only_json AND w.rows <> as_jsonb) AS jsonb_differs
FROM wanted AS w,
    LATERAL (SELECT coalesce(array_agg(a), '{}') FROM activities(document::json) AS a) AS json (as_json),
    LATERAL (SELECT coalesce(array_agg(a), '{}') FROM activities(CASE WHEN NOT only_json THEN document END::jsonb) AS a) AS jsonb (as_jsonb)
WHERE error_count = 0;
-- Others are only these: whole numbers that numeric refuses, and jsonb with it. As json they are what they say.
SELECT name, place, count(DISTINCT reader) AS readers, left((a.rows[1]).agent_id, 10) AS agent_id, length((a.rows[1]).agent_id),
    (a.rows[1]).duration_ms, a.page
FROM answer AS a JOIN wanted AS w USING (name, place)
WHERE a.rows IS DISTINCT FROM w.rows OR cardinality(errors) IS DISTINCT FROM error_count OR a.page IS DISTINCT FROM w.page
GROUP BY name, place, a.rows, a.page ORDER BY name COLLATE "C", place COLLATE "C";
-- every error is one of those that doc/reference.md lists, and none of PostgreSQL's own
SELECT left(raised, 5) AS sqlstate, count(*) FROM answer WHERE raised IS NOT NULL GROUP BY 1 ORDER BY 1;

SET client_min_messages = warning;
DROP SCHEMA json_suite CASCADE;
