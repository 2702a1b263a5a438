-- The fast reader of json, json-c and the reader of jsonb agree on every
-- document: generated pages, and thousands of mutations of them.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA readers_agree;
SET search_path = readers_agree, public;
SET timezone = 'UTC';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/documents.sql'
\set generate :srcdir '/bench/generate.sql'
\set ECHO none
\i :include
\i :generate
\set ECHO all

-- Generated pages, whole.
CREATE TABLE pages AS SELECT row_number() OVER () AS nr, page FROM generate_pages(2000, page_size => 50) AS page;
SELECT count(*) > 100 AS pages,
    count(*) FILTER (WHERE fast IS DISTINCT FROM json_c) AS json_c_differs,
    count(*) FILTER (WHERE fast IS DISTINCT FROM jsonb) AS jsonb_differs,
    sum(cardinality(fast)) > 5000 AS activities
FROM pages,
    LATERAL (SELECT (SELECT array_agg(a) FROM activities(page) AS a) AS fast,
        (SELECT array_agg(a) FROM activities(left_to_json_c(page::text)::json) AS a) AS json_c,
        (SELECT array_agg(a) FROM activities(page::jsonb) AS a) AS jsonb) AS r;

-- Mutations: of a page of two items and two presences a piece is cut out,
-- doubled, or replaced.
CREATE FUNCTION mutated(document text, seed bigint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    pieces text[] := ARRAY['', '"', '\', '\u0041', '\u0000', '\ud83d', '{', '}', '[', ']', ',', ':', '0', '1', '-', '.', 'e5', 'null',
        'true', ' ', E'\n', 'T', 'Z', '+01:00', 'x', 'é', '12345678901234567890', '"agentId":7,', '"items":[],', '"upTo":null,', '{}', '[]', '""',
        '"error":"x",', '"errors":[{"message":', '"fault":{"faultstring":', '\u0069', '"it\u0065ms":[', '"start":"2026-01-01",', '"type":"Presence",', '"type":"x",', '"name":"x",', '"name":null,', '"eligibleForRouting":true,', '"category":"Away",', '"type":null,', '"category":"Wrap",', '"interaction":null,', '"guid":"x",', 'Monitor'];
    at integer;
    cut integer;
BEGIN
    FOR i IN 1 .. 1 + abs(hashint8extended(seed, 1) % 3) LOOP
        at := 1 + abs(hashint8extended(seed, 10 + i) % length(document));
        cut := abs(hashint8extended(seed, 20 + i) % 4) * abs(hashint8extended(seed, 30 + i) % 12);
        document := left(document, at - 1)
            || CASE WHEN hashint8extended(seed, 40 + i) % 5 = 0 THEN substr(document, at, cut) || substr(document, at, cut)
                ELSE pieces[1 + abs(hashint8extended(seed, 50 + i) % cardinality(pieces))] END
            || substr(document, at + cut);
    END LOOP;
    RETURN document;
END
$$;
CREATE FUNCTION is_json(document text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    PERFORM document::json;
    RETURN true;
EXCEPTION WHEN OTHERS THEN
    RETURN false;
END
$$;
CREATE TABLE mutations AS
SELECT seed, document
FROM generate_series(1, 30000) AS seed,
    LATERAL (SELECT format('{"meta":{"page":1},"items":[%s,%s,%s,%s],"upTo":"2026-03-28T23:58:30.500Z"}', page -> 'items' -> 0,
            '{"agentId":"301","state":"ExtendedAway","name":"Lunch","eligibleForRouting":false,"start":"2026-03-28T23:40:00Z","duration":1800000}',
            page -> 'items' -> 1,
            '{"agentId":"302","type":"Presence","category":"Ready","name":"Ready (Outbound)","eligibleForRouting":true,"start":"2026-03-28T23:50:00Z","duration":null,"interaction":null}')
        FROM pages WHERE nr = 1 + seed % 50) AS p (whole),
    LATERAL (SELECT mutated(whole, seed)) AS m (document)
WHERE is_json(document);

-- expand() reads with the fast reader and as jsonb, and fails if they differ
SELECT count(*) > 3000 AS documents,
    count(*) FILTER (WHERE fast.errors <> '{}') > 500 AS with_errors,
    count(*) FILTER (WHERE cardinality(fast.rows) > 0) > 500 AS with_rows,
    count(*) FILTER (WHERE cardinality(fast.presences) > 0) > 500 AS with_presences,
    count(*) FILTER (WHERE only_json) > 20 AS that_jsonb_refuses,
    count(*) FILTER (WHERE fast.rows IS DISTINCT FROM json_c.rows OR fast.presences IS DISTINCT FROM json_c.presences OR fast.errors IS DISTINCT FROM json_c.errors
        OR fast.raised IS DISTINCT FROM json_c.raised) AS json_c_differs
FROM mutations, expand(document) AS fast, said(left_to_json_c(document), 'json') AS json_c;

-- What looks like a page's tail and is none, and keys that come again
SELECT document, rows, errors
FROM (VALUES
        ('{"items":[%s],"x":[],"upTo":"2026-03-28T23:58:30Z"}'),
        ('{"items":[%s],"items":[],"upTo":"2026-03-28T23:58:30Z"}'),
        ('{"items":[],"items":[%s],"upTo":"2026-03-28T23:58:30Z"}'),
        ('{"items":[1],"items":[%s]}'),
        ('{"upTo":"2026-03-28T23:58:30Z","items":[%s]}'),
        ('{"upTo":"2026-03-28T23:58:30Z","items":[%s],"upTo":"2026-03-29T00:00:00Z"}'),
        ('{"upTo":"x","items":[%s],"upTo":"2026-03-29T00:00:00Z"}'),
        ('{"items":[%s],"upTo":"x","z":[]}'),
        ('{"items":[%s],"a":"],\"upTo\":\"2026-03-28T23:58:30Z"}'),
        ('{"items":[%s],"a":"]","upTo":"2026-03-28T23:58:30Z"}'),
        ('{"items":[%s],"x\",\"upTo":"2026-03-28T23:58:30Z"}'),
        ('{"items":{"items":[%s]}}'),
        ('{"x":{"items":[%s]}}'),
        ('{"x":[{"items":[1]}],"items":[%s]}'),
        ('{"items":[%s],"x":{"items":[]}}'),
        ('{"items":"[","x":[%s]}'),
        ('{"it\u0065ms":[],"items":[%s]}'),
        ('{"items":[],"it\u0065ms":[%s],"upTo":"2026-03-28T23:58:30Z"}'),
        ('{"agentId":"1","items":[%s]}'),
        ('{"agentId":"1","x":1,"items":[%s],"upTo":"2026-03-28T23:58:30Z"}'),
        ('{"start":"x","message":"no"}'),
        ('{"type":"Presence","message":"no"}'),
        ('{"state":"Wrap","error":["no"]}'),
        ('{"items":[{"items":[%s]}]}'),
        ('[{"x":[],"items":[]}]'),
        ('[{"x":{"agentId":1},"it\u0065ms":[],"\u0061gentId":"1"}]'),
        ('[{"x":{"agentId":1},"it\u0065ms":[],"\u0061gentIds":"1"}]'),
        ('{"type":"Presence","agentId":"1"}'),
        ('{"state":"Wrap","interaction":null}')
    ) AS v (document),
    LATERAL (SELECT cardinality(e.rows), e.errors FROM expand(replace(document, '%s', item())) AS e) AS e (rows, errors);

-- Keys with escapes, keys that come again, keys in other places: what is cut out before json-c sees an item is what no
-- activity is made of, and nothing else.
SELECT count(*) AS documents, count(*) FILTER (WHERE cardinality(fast.rows) = 1) AS taken, count(DISTINCT fast.rows) AS rows,
    count(DISTINCT fast.errors) AS errors,
    count(*) FILTER (WHERE (fast.rows, fast.errors, fast.raised) IS DISTINCT FROM (json_c.rows, json_c.errors, json_c.raised)) AS json_c_differs
FROM unnest(ARRAY['agentId', 'start', 'state', 'duration', 'status', 'interaction', 'guid', 'medium', 'mediumManager', 'direction', 'channel']) AS key,
    unnest(ARRAY['same', 'first', 'last', 'all', 'longer', 'shorter', 'other', 'null']) AS change,
    unnest(ARRAY['before', 'behind', 'both']) AS place,
    unnest(ARRAY['"Ongoing"', '"\u0052inging"', '7', '1.0', '7e0', 'null', 'true', '{"guid":"7c1e0a10-0001-4a00-8000-0000000000a1","medium":"Chat"}', '{"g\u0075id":[{}]}', '[[]]',
        '"2026-03-28T23:40:00Z"', '12345678901234567890']) AS value,
    LATERAL (SELECT '"' || CASE change WHEN 'same' THEN key WHEN 'first' THEN '\u00' || to_hex(ascii(key)) || substr(key, 2)
            WHEN 'last' THEN left(key, -1) || '\u00' || upper(to_hex(ascii(right(key, 1))))
            WHEN 'all' THEN replace(key, 'e', '\u0065') WHEN 'longer' THEN key || '\u0020' WHEN 'shorter' THEN left(key, -1)
            WHEN 'other' THEN '\u0041' || key WHEN 'null' THEN replace(key, 'e', '\u00e9') END || '":' || value) AS m (member),
    LATERAL (SELECT CASE WHEN key IN ('guid', 'medium', 'mediumManager', 'direction')
            THEN CASE place WHEN 'before' THEN replace(item(), '"interaction":{', '"interaction":{' || member || ',')
                WHEN 'behind' THEN replace(item(), '},"channel"', ',' || member || '},"channel"')
                ELSE replace(item(), '"interaction":{', '"interaction":{' || member || '},"interaction":{"x":1,' || member || ',') END
            ELSE CASE place WHEN 'before' THEN '{' || member || ',' || substr(item(), 2) WHEN 'behind' THEN left(item(), -1) || ',' || member || '}'
                ELSE '{' || member || ',' || substr(left(item(), -1), 2) || ',' || member || '}' END END) AS d (document),
    expand(document) AS fast, expand('{"\u0078":0,' || substr(document, 2)) AS json_c;

SET client_min_messages = warning;
DROP SCHEMA readers_agree CASCADE;
