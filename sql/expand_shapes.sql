-- Every shape of document that holds activities is expanded, in document
-- order, alike from json and jsonb; what is no page says so.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA expand_shapes;
SET search_path = expand_shapes, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/documents.sql'
\set ECHO none
\i :include
\set ECHO all
\set page `cat "$PG_ABS_SRCDIR/sql/data/page-interactions.json"`
\set mixed `cat "$PG_ABS_SRCDIR/sql/data/page-mixed.json"`

-- a page of interactions, every attribute
\x
SELECT * FROM activities(:'page'::json) LIMIT 2;
\x
SELECT start, agent_id, state, reason, duration_ms, status FROM activities(:'page'::jsonb);
-- both types, and the items one by one in the document's order
SELECT array_length(rows, 1), errors, only_json FROM expand(:'page');
SELECT count(*), bool_and(a = b)
FROM ROWS FROM (activities(:'page'::json), json_array_elements(:'page'::json -> 'items'))
        AS pair (a, d, s, st, di, i, c, r, ag, m, mm, rep, item)
    CROSS JOIN LATERAL (SELECT (item ->> 'start')::timestamptz) AS expected (b);

-- a mixed page: Presence and Workload are passed over, category is the state
SELECT agent_id, state, start, duration_ms, reported_at FROM activities(:'mixed'::json);
SELECT array_length(rows, 1), errors FROM expand(:'mixed');

-- shapes
\pset format unaligned
SELECT name, array_length(rows, 1) AS rows, errors, page
FROM (VALUES
        ('single item', item()),
        ('single item without agentId', '{"interaction":{"guid":"7c1e0a10-0001-4a00-8000-0000000000a1"}}'),
        ('single Presence item', '{"agentId":"1","type":"Presence","category":"Ready"}'),
        ('bare array', format('[%s,%s]', item(), item())),
        ('empty array', '[]'),
        ('empty items', '{"items":[]}'),
        ('empty items, with upTo', '{"meta":{"page":1,"count":0,"pageCount":0,"totalCount":0},"items":[],"upTo":"2026-03-28T23:40:00Z"}'),
        ('envelope', format('{"items":[%s]}', item())),
        ('unknown keys', format('{"a":{"items":[1]},"items":[%s],"b":[[{}]],"":null}', item())),
        ('white space', E' \n{\t"items" :\r[ ' || item() || E' ,\n' || item() || E' ] , "upTo" : null } \n'),
        ('array in array', format('[[%s]]', item())),
        ('items of all kinds', '[null,true,1,-1.5e3,"x",[],{}]')
    ) AS d (name, document),
    expand(document),
    LATERAL (SELECT page FROM said(document, 'json')) AS s;

-- mixed pages: type and category
SELECT name, rows[1].state, errors
FROM (VALUES
        ('category', replace(item(), '"state"', '"category"')),
        ('state before category', replace(item(), '{"agentId"', '{"category":"Lunch","agentId"')),
        ('category where state is null', replace(item(state := 'null'), '{"agentId"', '{"category":"Wrap","agentId"')),
        ('bad category', replace(item(state := '"Lunch"'), '"state"', '"category"')),
        ('neither', replace(item(), '"state"', '"stat"')),
        ('category null, no state', replace(item(state := 'null'), '"state"', '"category"')),
        ('type Interaction', replace(item(), '{"agentId"', '{"type":"Interaction","agentId"')),
        ('type null', replace(item(), '{"agentId"', '{"type":null,"agentId"')),
        ('type Presence', replace(item(), '{"agentId"', '{"type":"Presence","agentId"')),
        ('type Workload', replace(item(), '{"agentId"', '{"type":"Workload","agentId"')),
        ('type presence', replace(item(), '{"agentId"', '{"type":"presence","agentId"')),
        ('type of another kind', replace(item(), '{"agentId"', '{"type":["Presence"],"agentId"')),
        ('type of another kind', replace(item(), '{"agentId"', '{"type":1,"agentId"'))
    ) AS d (name, document), expand(document);

-- what is no page
SELECT document, cardinality(rows) AS rows, errors, raised
FROM (VALUES
        ('{"message":"Rate limit exceeded"}'),
        ('{"message":"' || repeat('too long ', 20) || '"}'),
        ('{"message":{"text":"x"}}'),
        ('{"statusCode":500}'),
        ('{}'),
        ('{"items":{}}'), ('{"items":null}'), ('{"items":"[]"}'), ('{"items":3}'),
        ('{"agentId":"1","items":false}'),
        ('null'), ('true'), ('"[]"'), ('12'), ('1e3'), ('""')
    ) AS d (document), expand(document);

-- API error bodies of several kinds: what they say is named
SELECT document, errors
FROM (VALUES
        ('{"Message":"Authorization has been denied for this request."}'), ('{"Message":"a","message":"b"}'), ('{"message":null,"error":"no"}'),
        ('{"error":"invalid_token","error_description":"x"}'), ('{"error":{"code":401,"message":"Unauthorized"}}'), ('{"error":{"code":401}}'),
        ('{"error":503}'), ('{"error":true}'), ('{"error":null}'), ('{"error":{}}'), ('{"error":{"message":17,"title":"seventeen"}}'),
        ('{"errors":["one","two"]}'), ('{"errors":[{"message":"one"},{"message":"two"}]}'), ('{"errors":[]}'), ('{"errors":[[]]}'),
        ('{"errors":[null,"two"]}'), ('{"errors":[{"code":1}]}'), ('{"errors":{"agentId":["unknown"]}}'),
        ('{"fault":{"faultstring":"Rate limit quota violation","detail":{"errorcode":"x"}}}'), ('{"fault":"down"}'),
        ('{"error":{"message":{"text":"x"},"description":"y"}}'), ('{"err\u006fr":"by escape"}'), ('{"error":{"mess\u0061ge":"\u0041n escape"}}'),
        ('{"error":"one","error":"two"}'), ('{"error":"' || repeat('é', 200) || '"}'), ('{"error":"no","items":null}'), ('{"error":"no","items":[]}'),
        ('{"error":"no","agentId":"1"}'), ('{"error":" {\"a\": 1}"}')
    ) AS d (document), expand(document);

-- Pages in an array, and JSON that was encoded once more, say so. An item is taken for a page if it has items, and
-- neither agentId nor interaction; the key may be anywhere, and comes twice.
SELECT document, cardinality(rows) AS rows, errors, raised
FROM (VALUES ('[{"items":[]}]'), ('[{"meta":{"page":1},"items":[%s],"upTo":null},{"upTo":null,"it\u0065ms":[]}]'), ('[%s,{"items":[%s]}]'),
        ('{"items":[{"items":[%s]}]}'), ('[{"items":null,"items":[]}]'), ('[{"items":[],"items":null}]'), ('[{"items":{}}]'), ('[{"items":[],"agentId":null}]'),
        ('[{"agentId":"1","items":[]}]'), ('[{"items":[],"interaction":{}}]'), ('[{"items":[],"type":"Presence"}]')
    ) AS d (document), expand(replace(document, '%s', item()));
SELECT document, raised
FROM (VALUES (to_json(item())), (to_json('[]'::text)), (to_json(E' \t\r\n {"items":[]}'::text)), ('" \u0009\u005b"'), ('"\u007b"'), ('"x {"'), ('"\\n{"'), ('"\"{"'),
        ('"   "'), ('"\ud83d\ude00{"'), (to_json('"[]"'::text))) AS d (document), expand(document::text);
-- and undone as the hint says they are read
SELECT count(*) FROM (SELECT to_json(:'page'::text) AS body) AS pages, activities((body #>> '{}')::json);
SELECT count(*) FROM (SELECT to_jsonb(:'page'::text) AS body) AS pages, activities((body #>> '{}')::jsonb);
SELECT count(*) FROM (SELECT json_build_array(:'page'::json, :'mixed'::json) AS body) AS pages, json_array_elements(body) AS page, activities(page);

-- upTo
SELECT up_to, rows[1].reported_at, errors, raised
FROM (VALUES ('"2026-03-28T23:58:30.500Z"'), ('"2026-03-29T01:58:30.5+02:00"'),
        ('null'), ('""'), ('"yesterday"'), ('17'), ('"2026-02-30T00:00:00Z"'), ('{}'),
        ('"\u0032026-03-28T23:58:30Z"')
    ) AS d (up_to), expand(format('{"items":[%s],"upTo":%s}', item(), up_to));
\pset format aligned
-- the rejected part is upTo itself
SELECT item, key, code, document FROM activity_errors('{"upTo":"yesterday","items":[]}'::json);
SELECT item, key, code, document FROM activity_errors('{"upTo":"yesterday","items":[]}'::jsonb);

-- numbers of meta: whole ones that fit an integer, however they are spelled
SELECT number, j.page AS of_json, b.page AS of_jsonb
FROM (VALUES ('25'), ('25.0'), ('2.5e1'), ('250e-1'), ('25.000000000000000000000000000'), ('25.5'), ('2.55e1'), ('0'), ('-0.0'), ('-7.0'), ('2147483647.0'),
        ('2147483648'), ('2147483648.0'), ('-2147483648.0'), ('-2147483649'), ('21474836470e-1'), ('1e9'), ('1e10'), ('1e300'), ('1e-300'), ('"25"'), ('null'), ('true'), ('[25]'),
        ('{}')) AS v (number),
    LATERAL (SELECT format('{"meta":{"page":%s},"items":[]}', number)) AS d (document), activity_page(document::json) AS j, activity_page(document::jsonb) AS b;

-- what was rejected is there, as the page has it
SELECT item, document FROM activity_errors('[{"agentId" : "1"},  [1, 2],"\u0041"]'::json);
SELECT item, document FROM activity_errors('[{"agentId" : "1"},  [1, 2],"\u0041"]'::jsonb);
SELECT item, document FROM activity_errors(' {"message" : "no"} '::json);

-- a page that is null, and on_error
SELECT count(*) FROM activities(NULL::json);
SELECT count(*) FROM activities(NULL::jsonb, 'ignore');
SELECT activities(NULL::json);
SELECT * FROM activity_errors(NULL::json);
SELECT activity_page(NULL::jsonb);
SELECT count(*) FROM activities('[1]'::json, 'IGNORE');
SELECT count(*) FROM activities('[1]'::json, on_error => 'Stop');
SELECT count(*) FROM activities('[]'::json, 'skip');
SELECT count(*) FROM activities('[]'::jsonb, NULL);
SELECT activities('[]'::json, '');

-- called in FROM, in the SELECT list, joined to a table, with a limit
CREATE TABLE pages (id int, body json);
INSERT INTO pages VALUES (1, :'page'), (2, NULL), (3, :'mixed'), (4, '[]');
SELECT id, count(*) FROM pages, activities(body) GROUP BY id ORDER BY id;
SELECT id, count(*) FROM (SELECT id, activities(body) FROM pages) AS s GROUP BY id ORDER BY id;
SELECT id, count(a) FROM pages LEFT JOIN LATERAL activities(body) AS a ON true GROUP BY id ORDER BY id;
SELECT (activities(body)).agent_id FROM pages WHERE id = 1 LIMIT 3;
SELECT count(*) FROM (SELECT * FROM pages, activities(body::jsonb) LIMIT 5) AS s;
SELECT id, p.* FROM pages, activity_page(body) AS p ORDER BY id;
-- rescans, backwards too
BEGIN;
DECLARE c SCROLL CURSOR FOR SELECT a.start, a.state FROM pages, activities(body) AS a WHERE id = 1;
FETCH 2 FROM c;
FETCH LAST FROM c;
FETCH PRIOR FROM c;
COMMIT;

SET client_min_messages = warning;
DROP SCHEMA expand_shapes CASCADE;
