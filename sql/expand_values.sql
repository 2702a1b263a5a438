-- Every value that an activity is made of: what is taken, how it is read, and
-- what is said of the rest. Alike from json and jsonb.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA expand_values;
SET search_path = expand_values, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/documents.sql'
\set ECHO none
\i :include
\set ECHO all

-- what must be there, and what may be null or missing
\pset format unaligned
SELECT name, cardinality(rows) AS taken, raised
FROM (VALUES
        ('agentId missing', replace(item(), '"agentId"', '"agent"')),
        ('agentId null', item(agent_id := 'null')),
        ('start missing', replace(item(), '"start"', '"begin"')),
        ('start null', item(start := 'null')),
        ('state null', item(state := 'null')),
        ('interaction missing', replace(item(), '"interaction"', '"call"')),
        ('interaction null', regexp_replace(item(), '"interaction":\{[^}]*\}', '"interaction":null')),
        ('interaction a string', regexp_replace(item(), '"interaction":\{[^}]*\}', '"interaction":"7c1e0a10-0001-4a00-8000-0000000000a1"')),
        ('interaction an array', regexp_replace(item(), '"interaction":\{[^}]*\}', '"interaction":[]')),
        ('interaction.guid null', item(guid := 'null')),
        ('interaction empty', regexp_replace(item(), '"interaction":\{[^}]*\}', '"interaction":{}')),
        ('channel missing', replace(item(), '"channel"', '"chan"')),
        ('channel null', regexp_replace(item(), '"channel":\{[^}]*\}', '"channel":null')),
        ('channel empty', regexp_replace(item(), '"channel":\{[^}]*\}', '"channel":{}')),
        ('channel a string', regexp_replace(item(), '"channel":\{[^}]*\}', '"channel":"x"')),
        ('channel.guid null', item(channel := 'null')),
        ('all that may be null', item(status := 'null', duration := 'null', reason := 'null', medium := 'null', manager := 'null', direction := 'null', channel := 'null')),
        ('only what must be there', '{"agentId":"1","start":"2026-03-28T23:40:00Z","state":"Wrap","interaction":{"guid":"7c1e0a10-0001-4a00-8000-0000000000a1"}}')
    ) AS d (name, document), expand(document);
SELECT rows[1] FROM expand('{"agentId":"1","start":"2026-03-28T23:40:00Z","state":"Wrap","interaction":{"guid":"7c1e0a10-0001-4a00-8000-0000000000a1"}}');

-- every key given a value of every other kind
SELECT split_part(split_part(raised, E'\n', 1), ': ', 1) AS code,
    substr(split_part(raised, E'\n', 1), 8) AS message, split_part(raised, E'\n', 2) AS detail
FROM (VALUES ('true'), ('1.5'), ('-7'), ('""'), ('"?"'), ('[]'), ('{}'), ('{"guid":"1"}')) AS v (value),
    LATERAL (VALUES (1, item(agent_id := value)), (2, item(start := value)), (3, item(status := value)),
        (4, item(duration := value)), (5, item(state := value)), (6, item(reason := value)),
        (7, item(guid := value)), (8, item(medium := value)), (9, item(manager := value)),
        (10, item(direction := value)), (11, item(channel := value))) AS d (key, document),
    expand(document)
WHERE raised IS NOT NULL
ORDER BY key, value COLLATE "C";

-- agentId: a string as it is, an integer digit for digit
SELECT agent_id AS spelled, (rows[1]).agent_id AS taken, errors
FROM (VALUES ('"002"'), ('"2"'), ('2'), ('""'), ('" 2 "'), ('0'), ('-0'), ('-12'),
        ('123456789012345678'), ('1234567890123456789'), ('9223372036854775807'),
        ('9223372036854775808'), ('18446744073709551615'), ('18446744073709551616'),
        ('-9223372036854775808'), ('-9223372036854775809'),
        ('123456789012345678901234567890123456789012345678901234567890'),
        ('1e3'), ('1E+3'), ('12e18'), ('1.5e1'), ('0e10'), ('-0e0'), ('10e-1'), ('2.0'), ('1.50'), ('-1.5e-3'),
        ('0.0'), ('-0.0'), ('100e-2'), ('true'), ('[1]'), ('{"id":1}')
    ) AS v (agent_id), expand(item(agent_id := agent_id));
-- of at most 2,000 bytes in the database's encoding, so that a table can hold it; an integer, too, its sign included
SELECT name, octet_length((rows[1]).agent_id) AS bytes, (rows[1]).agent_id = CASE json_typeof(a) WHEN 'number' THEN a::text::numeric::text ELSE a #>> '{}' END AS same, errors
FROM (VALUES ('2000', to_json(repeat('x', 2000))), ('2001', to_json(repeat('x', 2001))),
        ('1000 of two bytes', to_json(repeat('é', 1000))), ('1000 of two bytes and one', to_json(repeat('é', 1000) || 'x')),
        ('2000 escapes', ('"' || repeat('\u0041', 2000) || '"')::json), ('2001 escapes', ('"' || repeat('\u0041', 2001) || '"')::json),
        ('1001 escapes of two bytes', ('"' || repeat('\u00e9', 1001) || '"')::json),
        ('2000 digits', repeat('1', 2000)::json), ('2001 digits', repeat('1', 2001)::json), ('minus and 1999 digits', ('-' || repeat('1', 1999))::json),
        ('minus and 2000 digits', ('-' || repeat('1', 2000))::json), ('by exponent', '1e1999'), ('by exponent, too long', '1e2000')
    ) AS v (name, a), expand(item(agent_id := a::text));
SELECT raised FROM expand(item(agent_id := '1e131071'));

-- duration: a whole number from 0 that fits bigint, however it is spelled
SELECT duration AS spelled, (rows[1]).duration_ms AS taken, errors
FROM (VALUES ('0'), ('-0'), ('1'), ('2147483648'), ('3100237544'), ('999999999999999999'), ('1000000000000000000'),
        ('9223372036854775807'), ('9223372036854775808'), ('18446744073709551615'), ('18446744073709551616'),
        ('1e3'), ('1.5e3'), ('15e-1'), ('150e-1'), ('20000.0'), ('20000.000'), ('0.0'), ('-0.0'), ('1.5'), ('0.1'), ('1e-5'),
        ('9.223372036854775807e18'), ('9223372036854775807.0'), ('9.2233720368547758071e18'), ('1e19'), ('1e400'),
        ('-1'), ('-1.0'), ('-1e400'), ('-0.5'), ('1e16383'), ('1e-400'), ('"20000"'), ('true'), ('[]'), ('null')
    ) AS v (duration), expand(item(duration := duration));
-- beyond numeric, which jsonb does not accept
SELECT duration AS spelled, (rows[1]).duration_ms AS taken, errors, only_json
FROM (VALUES ('1e999999999'), ('-1e999999999999999999999'), ('1e-999999999'), ('20000.0e999999999'), ('0e999999999'), ('20000e0000000000000000000000000')
    ) AS v (duration), expand(item(duration := duration));
SELECT errors, only_json FROM expand(item(agent_id := '1e999999999'));

-- a duration after which timestamptz has no end is none: the last end is a microsecond before the year 294277
SELECT start, duration, activity_end(rows[1]) AS "end", errors
FROM (VALUES ('2026-03-28T23:40:00Z', '9223372036854775807'), ('2026-03-28T23:40:00Z', '9223372036854775'), ('2026-03-28T23:40:00Z', '9223372036854776'),
        ('2026-03-28T23:40:00Z', '9000000000000000'), ('9999-12-31T23:59:59.999999Z', '0'), ('9999-12-31T23:59:59.999999-15:59', '0')
    ) AS v (start, duration), expand(item(start := to_json(start)::text, duration := duration));
-- from the first start to the last, the greatest duration is taken and one more ms is not
SELECT start, most, activity_end(taken.rows[1]) AS "end", refused.errors
FROM (VALUES ('0001-01-01T00:00:00Z'), ('0001-01-01T00:00:00+15:59'), ('1999-12-31T23:59:59.999999Z'), ('2000-01-01T00:00:00Z'), ('2026-03-28T23:40:00.0005Z'),
        ('9999-12-31T23:59:60-15:59')) AS v (start),
    LATERAL (SELECT trunc((9223371331199999999 - 1000000 * extract(epoch FROM start::timestamptz - '2000-01-01 00:00:00Z')) / 1000)) AS m (most),
    expand(item(start := to_json(start)::text, duration := most::text)) AS taken,
    expand(item(start := to_json(start)::text, duration := (most + 1)::text)) AS refused;

-- guid: 8-4-4-4-12 hexadecimal digits in either case
SELECT guid AS spelled, (rows[1]).interaction_guid AS interaction, (rows[1]).channel_guid AS channel, errors
FROM (VALUES ('7c1e0a10-0001-4a00-8000-0000000000a1'), ('7C1E0A10-ABCD-EF00-8000-0000000000A1'),
        ('00000000-0000-0000-0000-000000000000'), ('ffffffff-ffff-ffff-ffff-ffffffffffff'),
        ('7c1e0a1000014a0080000000000000a1'), ('{7c1e0a10-0001-4a00-8000-0000000000a1}'),
        ('7c1e0a10-00014a00-8000-0000000000a1'), ('7c1e-0a10-0001-4a00-8000-0000000000a1'),
        ('7c1e0a10-0001-4a00-8000-0000000000a'), ('7c1e0a10-0001-4a00-8000-0000000000a11'),
        ('7c1e0a10-0001-4a00-8000-0000000000g1'), ('7c1e0a10_0001-4a00-8000-0000000000a1'),
        (' 7c1e0a10-0001-4a00-8000-0000000000a1'), ('7c1e0a10-0001-4a00-8000-0000000000a1 '),
        ('7c1e0a1-00001-4a00-8000-0000000000a1'), ('')
    ) AS v (guid), expand(item(guid := to_json(guid)::text, channel := to_json(guid)::text));
SELECT errors FROM expand(item(channel := '"nil"'));
SELECT (rows[1]).interaction_guid = (rows[1]).channel_guid FROM expand(item(channel := '"7c1e0a10-0001-4a00-8000-0000000000a1"'));

-- labels are taken to the letter, and every label is taken
SELECT state, (rows[1]).state, errors FROM (VALUES ('Connected'), ('connected'), ('Connected '), (''), ('Lunch'), (repeat('x', 63)), (repeat('x', 64)), (repeat('é', 200))) AS v (state), expand(item(state := to_json(state)::text));
SELECT count(*), count(*) FILTER (WHERE (rows[1]).state::text = s AND (rows[1]).status::text = st AND (rows[1]).direction::text = d AND (rows[1]).reason::text = r) AS taken
FROM unnest(enum_range(NULL::interaction_state)::text[]) AS s, unnest(enum_range(NULL::interaction_status)::text[]) AS st,
    unnest(enum_range(NULL::interaction_direction)::text[]) AS d, unnest(enum_range(NULL::activity_reason)::text[]) AS r,
    expand(item(state := to_json(s)::text, status := to_json(st)::text, direction := to_json(d)::text, reason := to_json(r)::text));

-- of several faults the first in a fixed order is told, one line an item
SELECT errors FROM expand(format('[%s,%s,%s]', item(start := '"x"', state := '"x"', duration := '-1'), item(), item(agent_id := '[]', guid := '1')));
\pset format aligned

SET client_min_messages = warning;
DROP SCHEMA expand_values CASCADE;
