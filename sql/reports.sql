-- The example reports, over pages of one kind and over nothing: no error, 0
-- where nothing is counted, a dash (null) where there is nothing to divide by.
-- Each page is followed by what all reports of examples/demo.sql print for it.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA reports;
SET search_path = reports, public;
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/documents.sql'
\set reports :srcdir '/examples/demo.sql'
\set ECHO none
\i :include
CREATE TABLE pages (page_id bigint GENERATED ALWAYS AS IDENTITY, source text, body json);

-- Makes these pages the only ones, loaded nowhere yet.
CREATE PROCEDURE deliver(VARIADIC bodies text[]) LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL client_min_messages = warning;
    DROP TABLE IF EXISTS agent_activity, agent_activity_participation, agent_activity_presence;
    TRUNCATE pages;
    INSERT INTO pages (source, body) SELECT 'test', body::json FROM unnest(bodies) AS body;
END
$$;

\echo '#### no page'
CALL deliver(VARIADIC '{}');
\i :reports

\echo '#### a page without items'
CALL deliver('{"items":[]}');
\i :reports

\echo '#### the body of an error'
CALL deliver('{"message":"Endpoint request timed out"}');
\i :reports

\echo '#### no interaction activities'
CALL deliver('{"items":[{"agentId":"1","type":"Presence","category":"Ready","start":"2026-03-28T23:30:00Z"},{"agentId":"1","type":"Workload"}],"upTo":"2026-03-29T00:00:00Z"}');
\i :reports

\echo '#### only a monitor'
CALL deliver(format('{"items":[%s,%s,%s],"upTo":"2026-03-29T00:00:00Z"}',
    item(state := '"Ringing"', reason := '"Monitor"'),
    item(state := '"Connected"', reason := '"Monitor"'),
    item(state := '"Wrap"', reason := '"Monitor"')));
\i :reports

\echo '#### only open activities: two that go on, and one whose end nobody will ever know'
CALL deliver(format('{"items":[%s,%s,%s],"upTo":"2026-03-29T00:00:00Z"}',
    item(agent_id := '"1"', state := '"Ringing"', status := '"Ongoing"', duration := 'null'),
    item(agent_id := '"2"', state := '"Connected"', status := '"Ongoing"', duration := 'null'),
    item(agent_id := '"3"', state := '"Connected"', status := '"InternalError"', duration := 'null')));
\i :reports

\echo '#### only Unexpected, one without a reason'
CALL deliver(format('{"items":[%s,%s],"upTo":"2026-03-29T00:00:00Z"}',
    item(agent_id := '"1"', state := '"Unexpected"'),
    item(agent_id := '"2"', state := '"Unexpected"', reason := '"NoAnswer"')));
\i :reports

\echo '#### only unanswered and failed'
CALL deliver(format('{"items":[%s,%s],"upTo":"2026-03-29T00:00:00Z"}',
    item(agent_id := '"1"', state := '"Ringing"'),
    item(agent_id := '"2"', state := '"Failed"', reason := '"CallFailed"')));
\i :reports

\echo '#### handled, but not offered: only Wrap'
CALL deliver(format('{"items":[%s],"upTo":"2026-03-29T00:00:00Z"}', item(state := '"Wrap"')));
\i :reports

\echo '#### handled in no time'
CALL deliver(format('{"items":[%s],"upTo":"2026-03-29T00:00:00Z"}', item(duration := '0')));
\i :reports

\echo '#### only outbound'
CALL deliver(format('{"items":[%s],"upTo":"2026-03-29T00:00:00Z"}', item(direction := '"Outbound"')));
\i :reports

\echo '#### a single item without upTo, direction, medium, channel or status'
CALL deliver(item(direction := 'null', medium := 'null', manager := 'null', channel := 'null', status := 'null'));
\i :reports

\echo '#### nulls for direction and medium beside values; parked on one channel, not on none'
CALL deliver(format('[%s,%s,%s]', item(direction := 'null', medium := 'null', channel := 'null'),
    item(start := '"2026-03-28T23:50:00Z"'), item(start := '"2026-03-28T23:55:00Z"', duration := '40000', reason := '"Unparked"')));
\i :reports

\echo '#### nothing but bad items'
CALL deliver('[{"agentId":"1"},17]', '{"items":[],"upTo":"yesterday"}');
\i :reports

\pset title
SET client_min_messages = warning;
DROP SCHEMA reports CASCADE;
