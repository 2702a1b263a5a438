-- In databases of other encodings escapes become characters of that encoding;
-- what it lacks is an error where it would be kept.
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/documents.sql'
SET client_min_messages = warning;
SELECT current_database() AS regression \gset
CREATE DATABASE activity_latin1 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
CREATE DATABASE activity_eucjp ENCODING 'EUC_JP' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;
CREATE DATABASE activity_sqlascii ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0;

\connect activity_latin1
SET client_encoding = 'UTF8';
CREATE EXTENSION activity;
\set ECHO none
\i :include
\set ECHO all
\pset format unaligned
SHOW server_encoding;
-- raw and escaped, json and jsonb: the same text, of one byte a character
SELECT string, (rows[1]).medium, octet_length((rows[1]).medium), (rows[1]).agent_id = (rows[1]).medium AS same, errors, only_json
FROM (VALUES ('"café"'), ('"caf\u00e9"'), ('"\u00c9\u00ff\u0080é"'), ('"\u20ac"'), ('"é\ud83d\ude00"'), ('"\ud83d"'), ('"\u0000"'), ('"\\u20ac"')) AS v (string),
    expand(item(agent_id := string, medium := string));
SELECT string, (presences[1]).name, octet_length((presences[1]).name), errors
FROM (VALUES ('"caf\u00e9 déjà"'), ('"\u20ac"')) AS v (string), expand(presence_item(name := '"name":' || string));
-- elsewhere it does not matter, and no key is taken for another
SELECT (rows[1]).agent_id, errors, only_json
FROM expand(replace(item(), '{"agentId"', '{"\u20ac":"\u20ac","agentI\u0064":"\ud83d\ude00","agentId"'));
SELECT (rows[1]).agent_id, errors, only_json
FROM expand(replace(item(), '"start"', '"agentId\u00e9":"1","\u0061gentId":"caf\u00e9","start"'));
SELECT raised FROM expand(item(state := '"caf\u00e9é"'));
SELECT raised FROM expand('{"message":"d\u00e9bit dépassé"}');
SELECT up_to, (rows[1]).reported_at IS NOT NULL, errors
FROM (VALUES ('"2026-03-28T23:58:30\u005a"'), ('"\u00e9"')) AS v (up_to), expand(format('{"upTo":%s,"items":[%s]}', up_to, item()));

\connect activity_eucjp
SET client_encoding = 'UTF8';
CREATE EXTENSION activity;
\set ECHO none
\i :include
\set ECHO all
SHOW server_encoding;
SELECT string, (rows[1]).medium, octet_length((rows[1]).medium), errors, only_json
FROM (VALUES ('"電話"'), ('"\u96fb\u8a71"'), ('"電\u8a71 x"'), ('"\u00e9"'), ('"\uffff"')) AS v (string),
    expand(item(medium := string));

\connect activity_sqlascii
SET client_encoding = 'SQL_ASCII';
CREATE EXTENSION activity;
\set ECHO none
\i :include
\set ECHO all
SHOW server_encoding;
SELECT string, (rows[1]).medium, octet_length((rows[1]).medium), errors, only_json
FROM (VALUES ('"é"'), ('"\u0041"'), ('"\u00e9"')) AS v (string), expand(item(medium := string));
\pset format aligned

\connect :regression
SET client_min_messages = warning;
DROP DATABASE activity_latin1;
DROP DATABASE activity_eucjp;
DROP DATABASE activity_sqlascii;
