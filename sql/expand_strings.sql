-- Escapes, surrogates, repeated keys, and keys that look like others: strings
-- are what PostgreSQL reads in them. Alike from json and jsonb.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA expand_strings;
SET search_path = expand_strings, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/documents.sql'
\set ECHO none
\i :include
\set ECHO all

\pset format unaligned
-- every kept string, by way of every kind of escape; ->> is the independent answer
SELECT left(string, 40) AS string, left((rows[1]).medium, 40) AS taken,
    (rows[1]).medium = (document::json -> 'interaction' ->> 'medium')
        AND (rows[1]).medium_manager = (rows[1]).medium AND (rows[1]).agent_id = (rows[1]).medium AS as_postgresql
FROM (VALUES ('""'), ('"Phone"'), ('"Phone Callback"'), ('"\"\\\/"'), ('"a\tb"'), ('"\b\f\n\r"'),
        ('"\u0041\u00e9\u20AC"'), ('"\u00E9t\u00e9"'), ('"é€😀"'), ('"\uD83D\uDE00"'), ('"\ud83d\ude00x\ud83d\ude01"'),
        ('"\u0001\u001f"'), ('"\u007f"'), ('"\uffff\uFFFE\ufffd"'), ('"\\u0000"'), ('"\\\\u0000\u0020"'),
        ('"items"'), ('"}]\"{["'), ('"/* */ // NaN"'), ('"' || repeat('x', 2000) || '"')
    ) AS v (string), LATERAL (SELECT item(agent_id := string, medium := string, manager := string)) AS i (document), expand(document);
-- an escape in a label, a guid, a time
SELECT rows[1] = (SELECT rows[1] FROM expand(item())) AS same, errors
FROM expand(item(start := '"\u0032026-03-28T23:40:00.000\u005A"', status := '"\u0043ompleted"', state := '"Conn\u0065cted"', direction := '"Inboun\u0064"',
    guid := '"7c1e0a10\u002d0001-4a00-8000-0000000000a1"', channel := '"\u0037c1e0a10-0011-4a00-8000-0000000000c0"', agent_id := '"10\u00342"'));

-- an escape that is no character: an error in a kept string, nothing elsewhere
SELECT string, key, e.errors, e.only_json
FROM (VALUES ('"a\u0000b"'), ('"\ud83d"'), ('"\ude00"'), ('"\ud83d\u0041"'), ('"\ud83dx"'), ('"\ude00\ud83d"'), ('"\ud83d\ud83d\ude00"')) AS v (string),
    LATERAL (VALUES ('agentId', item(agent_id := string)), ('start', item(start := string)), ('status', item(status := string)),
        ('state', item(state := string)), ('reason', item(reason := string)), ('guid', item(guid := string)),
        ('medium', item(medium := string)), ('mediumManager', item(manager := string)), ('direction', item(direction := string)),
        ('channel', item(channel := string)), ('duration', item(duration := string)),
        ('unknown', replace(item(), '{"agentId"', '{"x":' || string || ',"agentId"')),
        ('skipped', '[{"type":"Workload","agentId":' || string || '}]'),
        ('upTo', format('{"items":[],"upTo":%s}', string)),
        ('message', format('{"message":%s}', string)),
        ('overwritten', replace(item(), '{"agentId"', '{"agentId":' || string || ',"agentId"'))
    ) AS d (key, document), expand(document) AS e
WHERE string = '"a\u0000b"' OR key IN ('medium', 'unknown');
-- what was rejected is there as it was
SELECT item, key, document = item(medium := '"\u0000\ud83d"')::text AS as_it_was
FROM (SELECT item, key, document::text FROM activity_errors(item(medium := '"\u0000\ud83d"')::json)) AS e;

-- repeated keys: the last one counts, whatever it is, at every level
SELECT name, (rows[1]).agent_id, (rows[1]).medium, (rows[1]).interaction_guid, (rows[1]).reported_at, cardinality(rows) AS rows, errors
FROM (VALUES
        ('agentId', replace(item(), '{"agentId"', '{"agentId":"1","agentId":[],"agentId"')),
        ('agentId, last bad', replace(item(), '"start"', '"agentId":[],"start"')),
        ('agentId, last null', replace(item(), '"start"', '"agentId":null,"start"')),
        ('agentId, first bad, escaped', replace(item(), '{"agentId"', '{"agentId":[],"\u0061gentId":[],"agent\u0049d"')),
        ('interaction, last whole', replace(item(), '"interaction"', '"interaction":{"guid":"7c1e0a10-0001-4a00-8000-000000000002","medium":"Chat"},"interaction"')),
        ('interaction, last lacks guid', replace(item(), '"channel"', '"interaction":{"medium":"Chat"},"channel"')),
        ('interaction, last no object', replace(item(), '"channel"', '"interaction":7,"channel"')),
        ('guid in interaction', replace(item(), '"interaction":{', '"interaction":{"guid":"7c1e0a10-0001-4a00-8000-000000000002",')),
        ('medium in interaction', replace(item(), '"mediumManager"', '"medium":"Chat","mediumManager"')),
        ('items', format('{"items":[1,2],"items":[%s]}', item())),
        ('items, last bad', format('{"items":[%s],"items":1}', item())),
        ('items, escaped', format('{"items":1,"it\u0065ms":[%s]}', item())),
        ('upTo', format('{"upTo":"2026-03-29T00:00:00Z","items":[%s],"upTo":"2026-03-30T00:00:00Z"}', item())),
        ('upTo, last null', format('{"upTo":"2026-03-29T00:00:00Z","items":[%s],"upTo":null}', item()))
    ) AS d (name, document), expand(document);
SELECT page, count, page_count, total_count, items FROM activity_page('{"meta":{"page":1},"meta":{"page":2,"page":3,"count":"x","p\u0061geCount":4,"totalCount":5.0},"items":[]}'::json);
SELECT page, count, page_count, total_count, items FROM activity_page('{"meta":{"page":1},"meta":{"page":2,"page":3,"count":"x","p\u0061geCount":4,"totalCount":5.0},"items":[]}'::jsonb);
SELECT page, count, page_count, total_count FROM activity_page('{"meta":{"page":2147483647,"count":2147483648,"pageCount":-1,"totalCount":1e2},"items":[]}'::json);
SELECT page, count, page_count, total_count FROM activity_page('{"meta":{"page":2147483647,"count":2147483648,"pageCount":-1,"totalCount":1e2},"items":[]}'::jsonb);
SELECT page, count FROM activity_page('{"meta":[1],"items":[]}'::json);

-- keys that are not the known ones: other case, longer, shorter, empty, cut by \u0000
SELECT name, (rows[1]).agent_id, (rows[1]).medium, errors, only_json
FROM (VALUES
        ('other case', replace(item(), '{"agentId"', '{"AgentId":"1","agentid":"2","agentId"')),
        ('longer, shorter', replace(item(), '"start"', '"agentIdd":"1","agentI":"2","":"3"," agentId":"4","start"')),
        ('cut by \u0000', replace(item(), '"start"', '"agentId\u0000":"1","agentId\u0000x":"2","\u0000":"3","start"')),
        ('cut by \u0000 in interaction', replace(item(), '"mediumManager"', '"medium\u0000":"Chat","mediumManager"')),
        ('surrogate', replace(item(), '"start"', '"agentId\ud800":"1","start"')),
        ('cut by \u0000 at the top', format('{"items":[%s],"items\u0000":[],"upTo\u0000":"x"}', item())),
        ('nested', replace(item(), '{"agentId"', '{"x":{"agentId":"1","start":null},"agentId"')),
        ('guid outside', replace(item(), '{"agentId"', '{"guid":"x","medium":"y","agentId"'))
    ) AS d (name, document), expand(document);
\pset format aligned

SET client_min_messages = warning;
DROP SCHEMA expand_strings CASCADE;
