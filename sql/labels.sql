-- A label added to an enum works at once, without a rebuild and in the same session: in
-- pages, in what errors say is allowed. One that was added in the still open
-- transaction is not stored. Aggregates count an unknown state nowhere.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;

\set page `cat "$PG_ABS_SRCDIR/sql/data/page-interactions.json"`
\set first_database :DBNAME
SET client_min_messages = warning;
DROP DATABASE IF EXISTS activity_labels;
RESET client_min_messages;
CREATE DATABASE activity_labels TEMPLATE template0;
\c activity_labels
SET lc_messages = 'C';
-- labels of the transaction that created the extension can be used in it, and are
-- forgotten with it
BEGIN;
CREATE EXTENSION activity;
SELECT count(*), handle_time(a) FROM activities(:'page'::json) AS a;
ROLLBACK;
CREATE EXTENSION activity;
SELECT count(*), handle_time(a) FROM activities(:'page'::json) AS a;

-- pages of one item each, of an agent who has no other
CREATE FUNCTION page_of(item json) RETURNS json
    LANGUAGE sql IMMUTABLE
BEGIN ATOMIC
    SELECT (jsonb '{"agentId": "consultant", "start": "2026-03-28T23:40:26Z",
                    "duration": 90000, "state": "Connected",
                    "interaction": {"guid": "7c1e0a10-0001-4a00-8000-0000000000a1"}}'
            || item::jsonb)::json;
END;
SELECT page_of('{"state": "Consulting"}') AS consulting,
       page_of('{"state": "Connected", "reason": "Bored"}') AS bored \gset
\set VERBOSITY default

--
-- An unknown state and an unknown reason
--
SELECT activities(:'consulting'::json);
SELECT activities(:'consulting'::jsonb);
SELECT activities(:'bored'::json);
SELECT activities(:'bored'::jsonb);
SELECT key, code, message FROM activity_errors(:'consulting'::json);

--
-- Once they are added they are read, and shown in their place in the order
--
ALTER TYPE interaction_state ADD VALUE 'Consulting' AFTER 'Connected';
SELECT agent_id, state, reason FROM activities(:'consulting'::json);
SELECT agent_id, state, reason FROM activities(:'consulting'::jsonb);
SELECT key, code, message FROM activity_errors(:'consulting'::json);
SELECT activities(:'bored'::json);
ALTER TYPE activity_reason ADD VALUE 'Bored' BEFORE 'Monitor';
SELECT agent_id, state, reason FROM activities(:'bored'::json);
SELECT agent_id, state, reason FROM activities(:'bored'::jsonb);
SELECT activities(page_of('{"state": "consulting"}'));
SELECT activities(page_of('{"reason": "bored"}'));
-- the vendor documents no reason for a state that it does not have
SELECT count(*) AS reasons, count(*) FILTER (WHERE reason_is_documented('Consulting', reason))
       AS of_consulting, count(*) FILTER (WHERE reason_is_documented('Connected', reason))
       AS of_connected
  FROM unnest(enum_range(NULL::activity_reason)) AS reason;

--
-- Several enums at once
--
SELECT page_of('{"state": "Transferring", "status": "Archived", "reason": "Tired",
                 "interaction": {"guid": "7c1e0a10-0001-4a00-8000-0000000000a1",
                                 "direction": "Sideways"}}') AS all_new \gset
SELECT key, message FROM activity_errors(:'all_new'::json);
ALTER TYPE interaction_state ADD VALUE 'Transferring';
SELECT key, message FROM activity_errors(:'all_new'::json);
ALTER TYPE interaction_status ADD VALUE 'Archived';
SELECT key, message FROM activity_errors(:'all_new'::jsonb);
ALTER TYPE activity_reason ADD VALUE 'Tired';
SELECT key, message FROM activity_errors(:'all_new'::jsonb);
ALTER TYPE interaction_direction ADD VALUE 'Sideways';
SELECT state, status, reason, direction FROM activities(:'all_new'::json);
SELECT state, status, reason, direction FROM activities(:'all_new'::jsonb);

--
-- In the transaction that adds a label the label cannot be stored yet: an error, also
-- where bad items are ignored, since nothing is wrong with the item
--
SELECT page_of('{"state": "Dreaming"}') AS dreaming \gset
CREATE TABLE stored OF activity;
BEGIN;
ALTER TYPE interaction_state ADD VALUE 'Dreaming' AFTER 'Wrap';
SAVEPOINT added;
INSERT INTO stored SELECT * FROM activities(:'dreaming'::json);
ROLLBACK TO added;
INSERT INTO stored SELECT * FROM activities(:'dreaming'::jsonb, 'ignore');
ROLLBACK TO added;
SELECT activities(:'dreaming'::json, 'ignore');
ROLLBACK TO added;
SELECT * FROM activity_errors(:'dreaming'::json);
ROLLBACK TO added;
-- the others can
INSERT INTO stored SELECT * FROM activities(:'consulting'::json);
-- rolled back, the label is gone, and the error does not list it
ROLLBACK;
INSERT INTO stored SELECT * FROM activities(:'dreaming'::json);
BEGIN;
ALTER TYPE interaction_state ADD VALUE 'Dreaming' AFTER 'Wrap';
COMMIT;
INSERT INTO stored SELECT * FROM activities(:'dreaming'::json);
SELECT state FROM stored;

--
-- A label of the user's that is renamed
--
ALTER TYPE interaction_state RENAME VALUE 'Dreaming' TO 'Thinking';
SELECT state FROM stored;
SELECT activities(:'dreaming'::json);
SELECT state FROM activities(page_of('{"state": "Thinking"}'));
BEGIN;
ALTER TYPE interaction_state RENAME VALUE 'Thinking' TO 'Pondering';
SELECT state FROM activities(page_of('{"state": "Pondering"}'));
SELECT state FROM activities(page_of('{"state": "Thinking"}')::jsonb, 'ignore');
ROLLBACK;
SELECT state FROM activities(page_of('{"state": "Thinking"}'));
SELECT state FROM activities(page_of('{"state": "Pondering"}')::jsonb, 'ignore');

--
-- Aggregates count the new states nowhere: neither their time nor their participations
--
TRUNCATE stored;
INSERT INTO stored SELECT * FROM activities(:'page'::json);
CREATE VIEW metrics AS
    SELECT handle_time(a), talk_time(a), wrap_time(a), ring_time(a),
           handled_participations(a) AS handled, offered_participations(a) AS offered,
           unexpected_participations(a) AS unexpected, average_handle_time(a) AS average,
           unexpected_rate(a), unexpected_rate(a, 'NoAnswer') AS no_answer_rate,
           busy_time(a), peak_concurrency(a)
      FROM stored AS a;
TABLE metrics;
INSERT INTO stored
    SELECT a.*
      FROM unnest('{Consulting,Transferring,Thinking}'::interaction_state[]) AS state,
           unnest('{NULL,NoAnswer,Tired}'::activity_reason[]) AS reason,
           activities(page_of(json_build_object('state', state, 'reason', reason))) AS a;
SELECT count(*) AS activities, count(DISTINCT state) AS states FROM stored;
TABLE metrics;
-- alone: rows, but none that qualifies
DELETE FROM stored WHERE agent_id <> 'consultant';
SELECT count(*) AS activities FROM stored;
TABLE metrics;
-- a new reason of a state that counts takes nothing away: only Monitor does
DELETE FROM stored;
INSERT INTO stored SELECT * FROM activities(page_of('{"reason": "Tired"}'));
TABLE metrics;

--
-- A label of the extension's that is renamed: pages go by the new name, and the metrics,
-- which would count it nowhere, say that they miss the old one
--
ALTER TYPE interaction_state RENAME VALUE 'Wrap' TO 'Afterwork';
SELECT state FROM activities(page_of('{"state": "Afterwork"}'));
SELECT reason_is_documented('Afterwork', 'Monitor');
SELECT handle_time(a) FROM stored AS a;
SELECT average_handle_time(a) FROM stored AS a;
ALTER TYPE interaction_state RENAME VALUE 'Afterwork' TO 'Wrap';
TABLE metrics;
ALTER TYPE activity_reason RENAME VALUE 'Monitor' TO 'Listening';
SELECT talk_time(a) FROM stored AS a;
ALTER TYPE activity_reason RENAME VALUE 'Listening' TO 'Monitor';
TABLE metrics;

\c :"first_database"
DROP DATABASE activity_labels;
