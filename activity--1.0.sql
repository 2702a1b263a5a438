/* activity--1.0.sql */

-- complain if the script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION activity" to load this file. \quit

--
-- Types
--

CREATE TYPE interaction_state AS ENUM
    ('Ringing', 'Connected', 'Wrap', 'Unexpected', 'Failed');
COMMENT ON TYPE interaction_state IS
    'what an agent did in an interaction: Ringing (was offered it), Connected (worked on it, ordinary hold included), Wrap (finished it up afterwards), Unexpected (did not take it), Failed (was cut off by a fault)';

CREATE TYPE interaction_status AS ENUM
    ('Ongoing', 'InternalError', 'Completed');
COMMENT ON TYPE interaction_status IS
    'how far the processing of an interaction has come, in order of precedence: max() is the best known';

CREATE TYPE interaction_direction AS ENUM
    ('Inbound', 'Outbound', 'Internal');
COMMENT ON TYPE interaction_direction IS
    'who called: Inbound (a customer), Outbound (an agent called a customer), Internal (an agent called an agent)';

CREATE TYPE activity_reason AS ENUM
    ('Monitor', 'Resumed', 'Unparked', 'NumberBusy', 'NoAnswer',
     'NumberUnobtainable', 'CallRejected', 'CallFailed',
     'ConnectionUnavailable');
COMMENT ON TYPE activity_reason IS
    'why an activity is as it is; Monitor marks a supervisor listening in; see reason_is_documented()';

-- Fixed widths first and the mostly-null reason after them: an aggregate that
-- reads a whole row reads these, at offsets known without walking the row.
-- The C code relies on this order (src/activity_row.c); only append to it.
CREATE TYPE activity AS (
    start            timestamptz,
    duration_ms      bigint,
    state            interaction_state,
    status           interaction_status,
    direction        interaction_direction,
    interaction_guid uuid,
    channel_guid     uuid,
    reason           activity_reason,
    agent_id         text,
    medium           text,
    medium_manager   text,
    reported_at      timestamptz
);
COMMENT ON TYPE activity IS
    'a stretch of time that one agent spent in one state of one interaction';
COMMENT ON COLUMN activity.start IS
    'when the activity started';
COMMENT ON COLUMN activity.duration_ms IS
    'how long it lasted, in milliseconds; null while it is open, or for ever if status is InternalError';
COMMENT ON COLUMN activity.state IS
    'what the agent did';
COMMENT ON COLUMN activity.status IS
    'how far the processing of the interaction (not of the activity) had come';
COMMENT ON COLUMN activity.direction IS
    'who called whom';
COMMENT ON COLUMN activity.interaction_guid IS
    'the interaction: the call, case, chat or email';
COMMENT ON COLUMN activity.channel_guid IS
    'the agent''s connection to the interaction; may be null, may equal interaction_guid';
COMMENT ON COLUMN activity.reason IS
    'why, where the vendor tells; Monitor means that a supervisor listened in';
COMMENT ON COLUMN activity.agent_id IS
    'the agent; leading zeros count: 002 and 2 are two agents';
COMMENT ON COLUMN activity.medium IS
    'the medium, such as Phone, Case or Chat; an open set';
COMMENT ON COLUMN activity.medium_manager IS
    'the application that the interaction came from, such as VCC or Salesforce; an open set';
COMMENT ON COLUMN activity.reported_at IS
    'when the page that reported the activity was requested (its upTo); null where the document has none';

--
-- Expanding pages
--

CREATE FUNCTION activities_support(internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activities_support(internal) IS
    'planner support: how many rows activities() makes of a constant page';

-- Not STRICT: a null on_error is an error, not an empty result.
CREATE FUNCTION activities(page json, on_error text DEFAULT 'stop')
    RETURNS SETOF activity
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5000 ROWS 100
    SUPPORT activities_support
    AS 'MODULE_PATHNAME', 'activities_json';
COMMENT ON FUNCTION activities(json, text) IS
    'the activities of a page, an array of items or a single item, in document order; on_error: ''stop'' raises an error at a bad item, ''ignore'' leaves it out (activity_errors() lists it)';

CREATE FUNCTION activities(page jsonb, on_error text DEFAULT 'stop')
    RETURNS SETOF activity
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5000 ROWS 100
    SUPPORT activities_support
    AS 'MODULE_PATHNAME', 'activities_jsonb';
COMMENT ON FUNCTION activities(jsonb, text) IS
    'the activities of a page, an array of items or a single item, in document order; on_error: ''stop'' raises an error at a bad item, ''ignore'' leaves it out (activity_errors() lists it)';

CREATE FUNCTION activity_errors(page json,
        OUT item integer, OUT key text, OUT code text, OUT message text,
        OUT document json)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5000 ROWS 1
    AS 'MODULE_PATHNAME', 'activity_errors_json';
COMMENT ON FUNCTION activity_errors(json) IS
    'what activities(page, ''ignore'') leaves out: number of the item from 1 (null: the document itself), key at fault, SQLSTATE, message, and the part left out as it stands in the page';

CREATE FUNCTION activity_errors(page jsonb,
        OUT item integer, OUT key text, OUT code text, OUT message text,
        OUT document json)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5000 ROWS 1
    AS 'MODULE_PATHNAME', 'activity_errors_jsonb';
COMMENT ON FUNCTION activity_errors(jsonb) IS
    'what activities(page, ''ignore'') leaves out: number of the item from 1 (null: the document itself), key at fault, SQLSTATE, message, and the part left out as jsonb writes it';

CREATE FUNCTION activity_page(page json,
        OUT page integer, OUT count integer, OUT page_count integer,
        OUT total_count integer, OUT up_to timestamptz, OUT items integer)
    RETURNS record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
    AS 'MODULE_PATHNAME', 'activity_page_json';
COMMENT ON FUNCTION activity_page(json) IS
    'what a page says of itself: page, count, pageCount and totalCount of its meta, upTo, and the number of items really in it; null for what it does not say, all null for a document that is no page';

CREATE FUNCTION activity_page(page jsonb,
        OUT page integer, OUT count integer, OUT page_count integer,
        OUT total_count integer, OUT up_to timestamptz, OUT items integer)
    RETURNS record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
    AS 'MODULE_PATHNAME', 'activity_page_jsonb';
COMMENT ON FUNCTION activity_page(jsonb) IS
    'what a page says of itself: page, count, pageCount and totalCount of its meta, upTo, and the number of items really in it; null for what it does not say, all null for a document that is no page';

CREATE FUNCTION reason_is_documented(state interaction_state,
        reason activity_reason)
    RETURNS boolean
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE COST 5
BEGIN ATOMIC
    SELECT CASE state
        WHEN 'Ringing' THEN reason IN ('Monitor')
        WHEN 'Connected' THEN reason IN ('Resumed', 'Unparked', 'Monitor')
        WHEN 'Wrap' THEN reason IN ('Monitor')
        WHEN 'Unexpected' THEN reason IN
            ('NumberBusy', 'NoAnswer', 'NumberUnobtainable', 'CallRejected',
             'CallFailed', 'ConnectionUnavailable')
        WHEN 'Failed' THEN reason IN
            ('NumberUnobtainable', 'CallRejected', 'CallFailed')
        ELSE false
    END;
END;
COMMENT ON FUNCTION reason_is_documented(interaction_state, activity_reason) IS
    'whether the vendor documents this reason for this state; null where one of them is null';

--
-- Sums: the times, in a bigint[] of {rows, talk, wrap, ring} milliseconds
--

CREATE FUNCTION activity_sums_accum(bigint[], activity) RETURNS bigint[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_accum(bigint[], activity) IS
    'aggregate support: adds an activity to {rows, talk ms, wrap ms, ring ms}';

CREATE FUNCTION activity_sums_accum_inv(bigint[], activity) RETURNS bigint[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_accum_inv(bigint[], activity) IS
    'aggregate support: takes an activity out of {rows, talk ms, wrap ms, ring ms} again';

CREATE FUNCTION activity_sums_combine(bigint[], bigint[]) RETURNS bigint[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_combine(bigint[], bigint[]) IS
    'aggregate support: adds two states of {rows, talk ms, wrap ms, ring ms}';

CREATE FUNCTION activity_sums_handle_time(bigint[]) RETURNS double precision
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_handle_time(bigint[]) IS
    'aggregate support: talk and wrap time in seconds, null for no rows';

CREATE FUNCTION activity_sums_talk_time(bigint[]) RETURNS double precision
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_talk_time(bigint[]) IS
    'aggregate support: talk time in seconds, null for no rows';

CREATE FUNCTION activity_sums_wrap_time(bigint[]) RETURNS double precision
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_wrap_time(bigint[]) IS
    'aggregate support: wrap time in seconds, null for no rows';

CREATE FUNCTION activity_sums_ring_time(bigint[]) RETURNS double precision
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_ring_time(bigint[]) IS
    'aggregate support: ring time in seconds, null for no rows';

--
-- Sets: the distinct participations, in an internal state
--

CREATE FUNCTION activity_sets_accum(internal, activity) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sets_accum(internal, activity) IS
    'aggregate support: adds an activity to a set of participations';

CREATE FUNCTION activity_sets_accum(internal, activity, activity_reason)
    RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'activity_sets_accum_reason';
COMMENT ON FUNCTION activity_sets_accum(internal, activity, activity_reason) IS
    'aggregate support: adds an activity to a set of participations, in which only this reason makes one unexpected';

CREATE FUNCTION activity_sets_combine(internal, internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sets_combine(internal, internal) IS
    'aggregate support: unites two sets of participations';

CREATE FUNCTION activity_sets_serialize(internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sets_serialize(internal) IS
    'aggregate support: writes a set of participations for another process';

CREATE FUNCTION activity_sets_deserialize(bytea, internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sets_deserialize(bytea, internal) IS
    'aggregate support: reads a set of participations of another process';

CREATE FUNCTION activity_sets_handled_participations(internal) RETURNS bigint
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sets_handled_participations(internal) IS
    'aggregate support: how many participations of the set were handled';

CREATE FUNCTION activity_sets_offered_participations(internal) RETURNS bigint
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sets_offered_participations(internal) IS
    'aggregate support: how many participations of the set were offered';

CREATE FUNCTION activity_sets_unexpected_participations(internal)
    RETURNS bigint
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sets_unexpected_participations(internal) IS
    'aggregate support: how many participations of the set had an unexpected outcome';

CREATE FUNCTION activity_sets_average_handle_time(internal)
    RETURNS double precision
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sets_average_handle_time(internal) IS
    'aggregate support: handle time in seconds per handled participation, null if none was handled';

CREATE FUNCTION activity_sets_unexpected_rate(internal)
    RETURNS double precision
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sets_unexpected_rate(internal) IS
    'aggregate support: unexpected by offered participations, null if none was offered';

--
-- Metrics over activities
--
CREATE AGGREGATE handle_time(activity) (
    SFUNC = activity_sums_accum,
    STYPE = bigint[],
    INITCOND = '{0,0,0,0}',
    FINALFUNC = activity_sums_handle_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = activity_sums_accum,
    MINVFUNC = activity_sums_accum_inv,
    MSTYPE = bigint[],
    MINITCOND = '{0,0,0,0}',
    MFINALFUNC = activity_sums_handle_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE handle_time(activity) IS
    'handle time in seconds: finished Connected and Wrap activities that are not Monitor; parked time is not in it; null for no rows';

CREATE AGGREGATE talk_time(activity) (
    SFUNC = activity_sums_accum,
    STYPE = bigint[],
    INITCOND = '{0,0,0,0}',
    FINALFUNC = activity_sums_talk_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = activity_sums_accum,
    MINVFUNC = activity_sums_accum_inv,
    MSTYPE = bigint[],
    MINITCOND = '{0,0,0,0}',
    MFINALFUNC = activity_sums_talk_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE talk_time(activity) IS
    'talk time in seconds: finished Connected activities that are not Monitor; null for no rows';

CREATE AGGREGATE wrap_time(activity) (
    SFUNC = activity_sums_accum,
    STYPE = bigint[],
    INITCOND = '{0,0,0,0}',
    FINALFUNC = activity_sums_wrap_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = activity_sums_accum,
    MINVFUNC = activity_sums_accum_inv,
    MSTYPE = bigint[],
    MINITCOND = '{0,0,0,0}',
    MFINALFUNC = activity_sums_wrap_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE wrap_time(activity) IS
    'wrap time in seconds: finished Wrap activities that are not Monitor; null for no rows';

CREATE AGGREGATE ring_time(activity) (
    SFUNC = activity_sums_accum,
    STYPE = bigint[],
    INITCOND = '{0,0,0,0}',
    FINALFUNC = activity_sums_ring_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = activity_sums_accum,
    MINVFUNC = activity_sums_accum_inv,
    MSTYPE = bigint[],
    MINITCOND = '{0,0,0,0}',
    MFINALFUNC = activity_sums_ring_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE ring_time(activity) IS
    'ring time in seconds: finished Ringing activities that are not Monitor; null for no rows';

CREATE AGGREGATE handled_participations(activity) (
    SFUNC = activity_sets_accum,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = activity_sets_handled_participations,
    COMBINEFUNC = activity_sets_combine,
    SERIALFUNC = activity_sets_serialize,
    DESERIALFUNC = activity_sets_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE handled_participations(activity) IS
    'how many participations have finished Connected or Wrap time that is not Monitor; 0 for no rows';

CREATE AGGREGATE offered_participations(activity) (
    SFUNC = activity_sets_accum,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = activity_sets_offered_participations,
    COMBINEFUNC = activity_sets_combine,
    SERIALFUNC = activity_sets_serialize,
    DESERIALFUNC = activity_sets_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE offered_participations(activity) IS
    'how many participations have a Ringing, Connected, Unexpected or Failed activity that is not Monitor; 0 for no rows';

CREATE AGGREGATE unexpected_participations(activity) (
    SFUNC = activity_sets_accum,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = activity_sets_unexpected_participations,
    COMBINEFUNC = activity_sets_combine,
    SERIALFUNC = activity_sets_serialize,
    DESERIALFUNC = activity_sets_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE unexpected_participations(activity) IS
    'how many participations have an Unexpected activity; 0 for no rows';

CREATE AGGREGATE average_handle_time(activity) (
    SFUNC = activity_sets_accum,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = activity_sets_average_handle_time,
    COMBINEFUNC = activity_sets_combine,
    SERIALFUNC = activity_sets_serialize,
    DESERIALFUNC = activity_sets_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE average_handle_time(activity) IS
    'handle time in seconds by handled participations; null if none was handled';

CREATE AGGREGATE unexpected_rate(activity) (
    SFUNC = activity_sets_accum,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = activity_sets_unexpected_rate,
    COMBINEFUNC = activity_sets_combine,
    SERIALFUNC = activity_sets_serialize,
    DESERIALFUNC = activity_sets_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE unexpected_rate(activity) IS
    'unexpected by offered participations, from 0 to 1; null if none was offered';

CREATE AGGREGATE unexpected_rate(activity, activity_reason) (
    SFUNC = activity_sets_accum,
    STYPE = internal,
    SSPACE = 4096,
    FINALFUNC = activity_sets_unexpected_rate,
    COMBINEFUNC = activity_sets_combine,
    SERIALFUNC = activity_sets_serialize,
    DESERIALFUNC = activity_sets_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE unexpected_rate(activity, activity_reason) IS
    'participations with an Unexpected activity of this reason by offered participations, from 0 to 1; null if none was offered; rows with a null reason argument are skipped';

