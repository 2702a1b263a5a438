-- reason_is_documented() is the vendor's table of reasons by state, for every pair of a
-- state and a reason, and null where one of them is null.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA reason_is_documented;
SET search_path = reason_is_documented, public;

-- the vendor's description of the field "reason", line by line
CREATE TABLE documented (state interaction_state, reason activity_reason);
INSERT INTO documented VALUES
    ('Ringing',    'Monitor'),
    ('Connected',  'Resumed'),
    ('Connected',  'Unparked'),
    ('Connected',  'Monitor'),
    ('Wrap',       'Monitor'),
    ('Unexpected', 'NumberBusy'),
    ('Unexpected', 'NoAnswer'),
    ('Unexpected', 'NumberUnobtainable'),
    ('Unexpected', 'CallRejected'),
    ('Unexpected', 'CallFailed'),
    ('Unexpected', 'ConnectionUnavailable'),
    ('Failed',     'NumberUnobtainable'),
    ('Failed',     'CallRejected'),
    ('Failed',     'CallFailed');

CREATE VIEW pair AS
    SELECT state, reason, reason_is_documented(state, reason) AS answer,
           (state, reason) IN (TABLE documented) AS expected
      FROM unnest(enum_range(NULL::interaction_state)) AS state,
           unnest(enum_range(NULL::activity_reason)) AS reason;
SELECT count(*) AS pairs, count(answer) AS answers, count(*) FILTER (WHERE answer) AS documented,
       count(*) FILTER (WHERE answer IS DISTINCT FROM expected) AS wrong
  FROM pair;
SELECT reason, state, answer FROM pair ORDER BY reason, state
\crosstabview reason state answer

SELECT reason_is_documented(NULL, 'Monitor') AS no_state,
       reason_is_documented('Wrap', NULL) AS no_reason,
       reason_is_documented(NULL, NULL) AS neither;

-- of columns as of constants, and by the names of the arguments
PREPARE is_documented (interaction_state, activity_reason) AS
    SELECT reason_is_documented(reason => $2, state => $1);
EXECUTE is_documented('Failed', 'CallFailed');
EXECUTE is_documented('Failed', 'NoAnswer');
EXECUTE is_documented('Failed', NULL);
EXECUTE is_documented(NULL, 'CallFailed');
DEALLOCATE is_documented;
SELECT reason_is_documented('Failed', 'Busy');
