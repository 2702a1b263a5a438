/* activity--1.0.sql */

-- complain if the script is sourced in psql, rather than via CREATE EXTENSION
\echo Use "CREATE EXTENSION activity" to load this file. \quit

-- Every script, those that update too, begins with the version that it makes:
-- an error if the library is older.
CREATE FUNCTION activity_library_version(needed text DEFAULT '0') RETURNS text
    LANGUAGE C STABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_library_version(text) IS
    'internal: version of the library that is loaded; an error if it is before the one that is needed';
DO $$ BEGIN PERFORM activity_library_version('1.0'); END $$;

--
-- Types
--

CREATE TYPE interaction_state AS ENUM
    ('Ringing', 'Connected', 'Wrap', 'Unexpected', 'Failed');
COMMENT ON TYPE interaction_state IS
    'what an agent did in an interaction: Ringing (it was offered), Connected (the agent worked on it, ordinary hold included), Wrap (after-call work), Unexpected (the agent did not take it), Failed (a fault cut it off)';

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
    'the reason of an activity; Monitor means that a supervisor listened in; see reason_is_documented()';

-- Fixed widths first and the mostly-null reason after them: an aggregate that
-- reads a whole row reads these, at offsets known without walking the row.
-- The C code relies on this order (src/row.c); only append to it.
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
    'the time that one agent spent in one state of one interaction';
COMMENT ON COLUMN activity.start IS
    'when the activity started';
COMMENT ON COLUMN activity.duration_ms IS
    'how long it lasted, in milliseconds; null while it is open, and for good if status is InternalError';
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
    'the reason, if the vendor gives one; Monitor means that a supervisor listened in';
COMMENT ON COLUMN activity.agent_id IS
    'the agent; leading zeros count: 002 and 2 are two agents';
COMMENT ON COLUMN activity.medium IS
    'the medium, such as Phone, Case or Chat; an open set';
COMMENT ON COLUMN activity.medium_manager IS
    'the application that the interaction came from, such as VCC or Salesforce; an open set';
COMMENT ON COLUMN activity.reported_at IS
    'when the page that reported the activity was requested (its upTo); null where the document has none';

CREATE TYPE participation_outcome AS ENUM
    ('Answered', 'Unanswered', 'Unexpected', 'Failed', 'Monitored');
COMMENT ON TYPE participation_outcome IS
    'what became of a participation: Unexpected or Failed (it has such an activity), else Answered (the agent was connected), Unanswered (it rang, nothing followed), Monitored (a supervisor listened in)';

-- Fixed widths first, as above; src/row.c relies on the order of what the
-- metrics read.
CREATE TYPE participation AS (
    started_at          timestamptz,
    answered_at         timestamptz,
    disconnected_at     timestamptz,
    ended_at            timestamptz,
    answer_ms           bigint,
    ring_ms             bigint,
    talk_ms             bigint,
    parked_ms           bigint,
    wrap_ms             bigint,
    handle_ms           bigint,
    monitor_ms          bigint,
    connections         integer,
    unexpected_attempts integer,
    outcome             participation_outcome,
    unexpected_reason   activity_reason,
    failed_reason       activity_reason,
    offered             boolean,
    handled             boolean,
    open                boolean,
    has_monitor         boolean,
    status              interaction_status,
    direction           interaction_direction,
    interaction_guid    uuid,
    channel_guid        uuid,
    agent_id            text,
    medium              text,
    medium_manager      text,
    reported_at         timestamptz
);
COMMENT ON TYPE participation IS
    'one agent''s connection to one interaction: all activities of the same agent_id, interaction_guid and channel_guid';
COMMENT ON COLUMN participation.started_at IS
    'when its first activity started; Monitor activities count only where it has no others';
COMMENT ON COLUMN participation.answered_at IS
    'when its first Connected started, whether that has ended or not; null if it was not answered';
COMMENT ON COLUMN participation.disconnected_at IS
    'when the Connected that started last ended; null while that is open';
COMMENT ON COLUMN participation.ended_at IS
    'the latest end of its activities; null if one of those that started last has none; Monitor activities count only where it has no others';
COMMENT ON COLUMN participation.answer_ms IS
    'how long it rang before it was answered, in milliseconds: from the last Ringing before the first Connected; null without one, or if an Unexpected or Failed came between';
COMMENT ON COLUMN participation.ring_ms IS
    'finished Ringing, in milliseconds';
COMMENT ON COLUMN participation.talk_ms IS
    'finished Connected, in milliseconds';
COMMENT ON COLUMN participation.parked_ms IS
    'time between Connected activities: from the start of the first to the end of the last (its start, while it is open), less talk_ms, in milliseconds';
COMMENT ON COLUMN participation.wrap_ms IS
    'finished Wrap, in milliseconds';
COMMENT ON COLUMN participation.handle_ms IS
    'talk_ms + wrap_ms, in milliseconds';
COMMENT ON COLUMN participation.monitor_ms IS
    'finished Connected and Wrap that are Monitor, in milliseconds: how long a supervisor listened in';
COMMENT ON COLUMN participation.connections IS
    'how many Connected activities it has';
COMMENT ON COLUMN participation.unexpected_attempts IS
    'number of Unexpected activities: each time that it was offered and not taken';
COMMENT ON COLUMN participation.outcome IS
    'what became of it';
COMMENT ON COLUMN participation.unexpected_reason IS
    'the reason of its Unexpected activity; of several the latest';
COMMENT ON COLUMN participation.failed_reason IS
    'the reason of its Failed activity; of several the latest';
COMMENT ON COLUMN participation.offered IS
    'whether it was offered: it has a Ringing, Connected, Unexpected or Failed activity';
COMMENT ON COLUMN participation.handled IS
    'whether it was handled: it has finished Connected or Wrap time';
COMMENT ON COLUMN participation.open IS
    'whether one of the activities that started last is still going on; Monitor activities count only where it has no others';
COMMENT ON COLUMN participation.has_monitor IS
    'whether it has Monitor activities: a supervisor listened in; started_at and ended_at count them only where it has no others';
COMMENT ON COLUMN participation.status IS
    'how far the processing of the interaction had come: the best known';
COMMENT ON COLUMN participation.direction IS
    'who called whom';
COMMENT ON COLUMN participation.interaction_guid IS
    'the interaction: the call, case, chat or email';
COMMENT ON COLUMN participation.channel_guid IS
    'the agent''s connection to the interaction; may be null';
COMMENT ON COLUMN participation.agent_id IS
    'the agent; leading zeros count: 002 and 2 are two agents';
COMMENT ON COLUMN participation.medium IS
    'the medium, such as Phone, Case or Chat; an open set';
COMMENT ON COLUMN participation.medium_manager IS
    'the application that the interaction came from, such as VCC or Salesforce; an open set';
COMMENT ON COLUMN participation.reported_at IS
    'when the latest page that reported one of its activities was requested';

-- Fixed widths first, as above.
CREATE TYPE interaction AS (
    started_at          timestamptz,
    answered_at         timestamptz,
    disconnected_at     timestamptz,
    ended_at            timestamptz,
    answer_ms           bigint,
    length_ms           bigint,
    ring_ms             bigint,
    talk_ms             bigint,
    parked_ms           bigint,
    wrap_ms             bigint,
    handle_ms           bigint,
    monitor_ms          bigint,
    participations      integer,
    agents              integer,
    offered             integer,
    answered            integer,
    handled             integer,
    unexpected          integer,
    failed              integer,
    monitored           integer,
    unexpected_attempts integer,
    transfers           integer,
    consults            integer,
    outcome             participation_outcome,
    open                boolean,
    status              interaction_status,
    direction           interaction_direction,
    interaction_guid    uuid,
    first_agent_id      text,
    last_agent_id       text,
    medium              text,
    medium_manager      text,
    reported_at         timestamptz
);
COMMENT ON TYPE interaction IS
    'one interaction (call, case, chat or email) with all of its agents: all participations of the same interaction_guid';
COMMENT ON COLUMN interaction.started_at IS
    'when its first participation started; Monitored participations count only where it has no others';
COMMENT ON COLUMN interaction.answered_at IS
    'when its first answered participation was answered; null if none was';
COMMENT ON COLUMN interaction.disconnected_at IS
    'when the last of its answered participations was disconnected; null if one of them is not, or it is not known';
COMMENT ON COLUMN interaction.ended_at IS
    'when its last participation ended, wrap included; null if one of them has not, or it is not known; Monitored participations count only where it has no others';
COMMENT ON COLUMN interaction.answer_ms IS
    'from its start, the first offer to an agent, to the first answer, in milliseconds (time in a queue is not known); null if it was not answered, or did not ring';
COMMENT ON COLUMN interaction.length_ms IS
    'from its start to its end, in milliseconds; null if one of them is not known';
COMMENT ON COLUMN interaction.ring_ms IS
    'finished Ringing of all participations, in milliseconds';
COMMENT ON COLUMN interaction.talk_ms IS
    'finished Connected of all participations, in milliseconds';
COMMENT ON COLUMN interaction.parked_ms IS
    'parked time of all participations, in milliseconds';
COMMENT ON COLUMN interaction.wrap_ms IS
    'finished Wrap of all participations, in milliseconds';
COMMENT ON COLUMN interaction.handle_ms IS
    'talk_ms + wrap_ms, in milliseconds';
COMMENT ON COLUMN interaction.monitor_ms IS
    'how long supervisors listened in, all participations together, in milliseconds';
COMMENT ON COLUMN interaction.participations IS
    'number of its participations, Monitored ones included';
COMMENT ON COLUMN interaction.agents IS
    'number of agents who answered';
COMMENT ON COLUMN interaction.offered IS
    'number of its participations that were offered';
COMMENT ON COLUMN interaction.answered IS
    'number of its participations that were answered';
COMMENT ON COLUMN interaction.handled IS
    'number of its participations that were handled';
COMMENT ON COLUMN interaction.unexpected IS
    'number of its participations with the outcome Unexpected';
COMMENT ON COLUMN interaction.failed IS
    'number of its participations with the outcome Failed';
COMMENT ON COLUMN interaction.monitored IS
    'number of its participations with the outcome Monitored';
COMMENT ON COLUMN interaction.unexpected_attempts IS
    'number of Unexpected activities of all participations';
COMMENT ON COLUMN interaction.transfers IS
    'how often it passed from one agent to another who stayed longer; consults do not count';
COMMENT ON COLUMN interaction.consults IS
    'number of answered participations that ended before, or as, one of another agent did that was answered earlier';
COMMENT ON COLUMN interaction.outcome IS
    'what became of it: Answered if an agent answered it, else Unexpected, Failed or Unanswered if it was offered, else Monitored';
COMMENT ON COLUMN interaction.open IS
    'whether one of its participations is still going on; Monitored participations count only where it has no others';
COMMENT ON COLUMN interaction.status IS
    'how far the processing of the interaction had come: the best known';
COMMENT ON COLUMN interaction.direction IS
    'who called whom, by its first participation';
COMMENT ON COLUMN interaction.interaction_guid IS
    'the interaction: the call, case, chat or email';
COMMENT ON COLUMN interaction.first_agent_id IS
    'the agent who answered it first';
COMMENT ON COLUMN interaction.last_agent_id IS
    'the agent who answered it last, consults not counted';
COMMENT ON COLUMN interaction.medium IS
    'the medium, such as Phone, Case or Chat, by its first participation; an open set';
COMMENT ON COLUMN interaction.medium_manager IS
    'the application that the interaction came from, such as VCC or Salesforce, by its first participation; an open set';
COMMENT ON COLUMN interaction.reported_at IS
    'when the latest page that reported one of its activities was requested';

CREATE TYPE presence_category AS ENUM
    ('Ready', 'Away', 'ExtendedAway', 'LoggedOut');
COMMENT ON TYPE presence_category IS
    'whether an agent was there to work: Ready (also while the agent works), Away, ExtendedAway, LoggedOut';

-- Fixed widths first, as above.
CREATE TYPE presence AS (
    start                timestamptz,
    duration_ms          bigint,
    category             presence_category,
    eligible_for_routing boolean,
    agent_id             text,
    name                 text,
    reported_at          timestamptz
);
COMMENT ON TYPE presence IS
    'the time that one agent was Ready, Away, ExtendedAway or LoggedOut, as reported; the agent''s next presence ends it, whatever its duration';
COMMENT ON COLUMN presence.start IS
    'when the presence started';
COMMENT ON COLUMN presence.duration_ms IS
    'how long it lasted as reported, in milliseconds; null while it lasts; not to be summed: see NAME_presence_report for the time in force';
COMMENT ON COLUMN presence.category IS
    'whether the agent was there to work';
COMMENT ON COLUMN presence.eligible_for_routing IS
    'whether new interactions were routed to the agent; null where the API does not say (version 2)';
COMMENT ON COLUMN presence.agent_id IS
    'the agent; leading zeros count: 002 and 2 are two agents';
COMMENT ON COLUMN presence.name IS
    'the account''s own label, such as Ready (Outbound), Break or Lunch';
COMMENT ON COLUMN presence.reported_at IS
    'when the page that reported the presence was requested (its upTo); null where the document has none';

CREATE TYPE activity_interval AS (
    interval_start      timestamptz,
    agent_id            text,
    medium              text,
    direction           interaction_direction,
    participations      bigint,
    offered             bigint,
    answered            bigint,
    handled             bigint,
    unexpected          bigint,
    failed              bigint,
    unexpected_attempts bigint,
    rang                bigint,
    ring_ms             bigint,
    answer_ms           bigint,
    talk_ms             bigint,
    parked_ms           bigint,
    wrap_ms             bigint,
    handle_ms           bigint,
    spent_talk_ms       bigint,
    spent_wrap_ms       bigint,
    spent_handle_ms     bigint
);
COMMENT ON TYPE activity_interval IS
    'what activity_intervals() returns: the participations that started in an interval, each with all of its time, and the time spent in the interval, whatever it belongs to; every figure may be summed';
COMMENT ON COLUMN activity_interval.interval_start IS
    'when the interval begins';
COMMENT ON COLUMN activity_interval.agent_id IS
    'the agent';
COMMENT ON COLUMN activity_interval.medium IS
    'the medium: of the participations, or for the time spent of the activities';
COMMENT ON COLUMN activity_interval.direction IS
    'who called whom: of the participations, or for the time spent of the activities';
COMMENT ON COLUMN activity_interval.participations IS
    'number of participations that started in the interval';
COMMENT ON COLUMN activity_interval.offered IS
    'number of those that were offered';
COMMENT ON COLUMN activity_interval.answered IS
    'number of those that were answered';
COMMENT ON COLUMN activity_interval.handled IS
    'number of those that were handled';
COMMENT ON COLUMN activity_interval.unexpected IS
    'number of those with the outcome Unexpected';
COMMENT ON COLUMN activity_interval.failed IS
    'number of those with the outcome Failed';
COMMENT ON COLUMN activity_interval.unexpected_attempts IS
    'number of their Unexpected activities';
COMMENT ON COLUMN activity_interval.rang IS
    'number of those that have an answer_ms: average answer time is sum(answer_ms) / nullif(sum(rang), 0)';
COMMENT ON COLUMN activity_interval.ring_ms IS
    'their ring time, in milliseconds';
COMMENT ON COLUMN activity_interval.answer_ms IS
    'their answer times added up, in milliseconds';
COMMENT ON COLUMN activity_interval.talk_ms IS
    'their talk time, in milliseconds';
COMMENT ON COLUMN activity_interval.parked_ms IS
    'their parked time, in milliseconds';
COMMENT ON COLUMN activity_interval.wrap_ms IS
    'their wrap time, in milliseconds';
COMMENT ON COLUMN activity_interval.handle_ms IS
    'their handle time, in milliseconds: average handle time is sum(handle_ms) / nullif(sum(handled), 0)';
COMMENT ON COLUMN activity_interval.spent_talk_ms IS
    'talk time spent in the interval, in milliseconds';
COMMENT ON COLUMN activity_interval.spent_wrap_ms IS
    'wrap time spent in the interval, in milliseconds';
COMMENT ON COLUMN activity_interval.spent_handle_ms IS
    'handle time spent in the interval, in milliseconds';

CREATE TYPE agent_interval AS (
    interval_start timestamptz,
    agent_id       text,
    busy_ms        bigint,
    login_ms       bigint,
    ready_ms       bigint,
    away_ms        bigint,
    busy_ready_ms  bigint,
    ring_ready_ms  bigint,
    routable_ms    bigint,
    occupancy      double precision
);
COMMENT ON TYPE agent_interval IS
    'what agent_intervals() returns: how long an agent was busy, logged in, ready and away in an interval; every figure but occupancy may be summed over intervals and agents';
COMMENT ON COLUMN agent_interval.interval_start IS
    'when the interval begins';
COMMENT ON COLUMN agent_interval.agent_id IS
    'the agent';
COMMENT ON COLUMN agent_interval.busy_ms IS
    'handled time, overlaps counted once, in milliseconds';
COMMENT ON COLUMN agent_interval.login_ms IS
    'time in a presence other than LoggedOut, in milliseconds';
COMMENT ON COLUMN agent_interval.ready_ms IS
    'time in Ready, which goes on while the agent works, in milliseconds';
COMMENT ON COLUMN agent_interval.away_ms IS
    'time in Away or ExtendedAway, in milliseconds';
COMMENT ON COLUMN agent_interval.busy_ready_ms IS
    'time both busy and Ready, in milliseconds';
COMMENT ON COLUMN agent_interval.ring_ready_ms IS
    'time in Ready while it rang and the agent was not busy, in milliseconds';
COMMENT ON COLUMN agent_interval.routable_ms IS
    'time in Ready unless not eligible for routing, in milliseconds';
COMMENT ON COLUMN agent_interval.occupancy IS
    'busy_ready_ms / (ready_ms - ring_ready_ms), from 0 to 1, null where that is 0; not to be averaged: sum its parts, then divide';

--
-- Expanding pages
--

CREATE FUNCTION activities_support(internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activities_support(internal) IS
    'internal: planner support of activities() and presences(), which estimates the rows of a constant page';

-- Not STRICT: a null on_error is an error, not an empty result.
CREATE FUNCTION activities(page json, on_error text DEFAULT 'stop')
    RETURNS SETOF activity
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5000 ROWS 100
    SUPPORT activities_support
    AS 'MODULE_PATHNAME', 'activities_json';
COMMENT ON FUNCTION activities(json, text) IS
    'the activities of a page, an array of items or a single item, in document order; presences are skipped; on_error: ''stop'' raises an error at a bad item, ''ignore'' rejects it, ''set_null'' does too but reads unknown labels of status, reason and direction as null (activity_errors() lists all of them)';

CREATE FUNCTION activities(page jsonb, on_error text DEFAULT 'stop')
    RETURNS SETOF activity
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5000 ROWS 100
    SUPPORT activities_support
    AS 'MODULE_PATHNAME', 'activities_jsonb';
COMMENT ON FUNCTION activities(jsonb, text) IS
    'the activities of a page, an array of items or a single item, in document order; presences are skipped; on_error: ''stop'' raises an error at a bad item, ''ignore'' rejects it, ''set_null'' does too but reads unknown labels of status, reason and direction as null (activity_errors() lists all of them)';

CREATE FUNCTION presences(page json, on_error text DEFAULT 'stop')
    RETURNS SETOF presence
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5000 ROWS 100
    SUPPORT activities_support
    AS 'MODULE_PATHNAME', 'presences_json';
COMMENT ON FUNCTION presences(json, text) IS
    'the presences of a page, an array of items or a single item, in document order; other items are skipped; on_error: ''stop'' raises an error at a bad presence, ''ignore'' and ''set_null'' reject it (activity_errors() lists it)';

CREATE FUNCTION presences(page jsonb, on_error text DEFAULT 'stop')
    RETURNS SETOF presence
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 5000 ROWS 100
    SUPPORT activities_support
    AS 'MODULE_PATHNAME', 'presences_jsonb';
COMMENT ON FUNCTION presences(jsonb, text) IS
    'the presences of a page, an array of items or a single item, in document order; other items are skipped; on_error: ''stop'' raises an error at a bad presence, ''ignore'' and ''set_null'' reject it (activity_errors() lists it)';

CREATE FUNCTION activity_errors(page json,
        OUT item integer, OUT key text, OUT code text, OUT message text,
        OUT document json, OUT kept boolean)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5000 ROWS 1
    AS 'MODULE_PATHNAME', 'activity_errors_json';
COMMENT ON FUNCTION activity_errors(json) IS
    'the items that activities() and presences() reject with ''ignore'': number of the item from 1 (null: the document itself), key at fault, SQLSTATE, message, the item as the page has it, and whether ''set_null'' keeps it (then a row for each key that it reads as null)';

CREATE FUNCTION activity_errors(page jsonb,
        OUT item integer, OUT key text, OUT code text, OUT message text,
        OUT document json, OUT kept boolean)
    RETURNS SETOF record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5000 ROWS 1
    AS 'MODULE_PATHNAME', 'activity_errors_jsonb';
COMMENT ON FUNCTION activity_errors(jsonb) IS
    'the items that activities() and presences() reject with ''ignore'': number of the item from 1 (null: the document itself), key at fault, SQLSTATE, message, the item as jsonb writes it, and whether ''set_null'' keeps it (then a row for each key that it reads as null)';

CREATE FUNCTION activity_page(page json,
        OUT page integer, OUT count integer, OUT page_count integer,
        OUT total_count integer, OUT up_to timestamptz, OUT items integer)
    RETURNS record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
    AS 'MODULE_PATHNAME', 'activity_page_json';
COMMENT ON FUNCTION activity_page(json) IS
    'the meta data of a page: page, count, pageCount, totalCount and upTo, and the number of items that are really in it; null if the page does not have them, all null if the document is not a page';

CREATE FUNCTION activity_page(page jsonb,
        OUT page integer, OUT count integer, OUT page_count integer,
        OUT total_count integer, OUT up_to timestamptz, OUT items integer)
    RETURNS record
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1000
    AS 'MODULE_PATHNAME', 'activity_page_jsonb';
COMMENT ON FUNCTION activity_page(jsonb) IS
    'the meta data of a page: page, count, pageCount, totalCount and upTo, and the number of items that are really in it; null if the page does not have them, all null if the document is not a page';

-- Not STRICT, so that it can be inlined. Operators are qualified: the schema of
-- the extension may have others that fit better than PostgreSQL's own.
CREATE FUNCTION reason_is_documented(state interaction_state,
        reason activity_reason)
    RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 5
BEGIN ATOMIC
    SELECT CASE
        WHEN state IS NULL OR reason IS NULL THEN NULL
        WHEN state OPERATOR(pg_catalog.=) ANY
                ('{Ringing, Wrap}'::interaction_state[]) THEN
            reason OPERATOR(pg_catalog.=) 'Monitor'::activity_reason
        WHEN state OPERATOR(pg_catalog.=) 'Connected'::interaction_state THEN
            reason OPERATOR(pg_catalog.=) ANY
                ('{Resumed, Unparked, Monitor}'::activity_reason[])
        WHEN state OPERATOR(pg_catalog.=) 'Unexpected'::interaction_state THEN
            reason OPERATOR(pg_catalog.=) ANY
                ('{NumberBusy, NoAnswer, NumberUnobtainable, CallRejected,
                   CallFailed, ConnectionUnavailable}'::activity_reason[])
        WHEN state OPERATOR(pg_catalog.=) 'Failed'::interaction_state THEN
            reason OPERATOR(pg_catalog.=) ANY
                ('{NumberUnobtainable, CallRejected, CallFailed}'::activity_reason[])
        ELSE false
    END;
END;
COMMENT ON FUNCTION reason_is_documented(interaction_state, activity_reason) IS
    'whether the vendor documents this reason for this state; null where one of them is null';

--
-- Participations, from their activities
--

CREATE FUNCTION participation_accum(internal, activity) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION participation_accum(internal, activity) IS
    'internal: adds an activity to the state of a participation';

CREATE FUNCTION participation_combine(internal, internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION participation_combine(internal, internal) IS
    'internal: merges two states of the same participation';

CREATE FUNCTION participation_serialize(internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION participation_serialize(internal) IS
    'internal: writes the state of a participation for another process';

CREATE FUNCTION participation_deserialize(bytea, internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION participation_deserialize(bytea, internal) IS
    'internal: reads the state of a participation from another process';

CREATE FUNCTION participation_final(internal) RETURNS participation
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION participation_final(internal) IS
    'internal: makes the row of a participation';

CREATE AGGREGATE participation(activity) (
    SFUNC = participation_accum,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = participation_final,
    COMBINEFUNC = participation_combine,
    SERIALFUNC = participation_serialize,
    DESERIALFUNC = participation_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE participation(activity) IS
    'the participation of these activities; an error if they are of more than one: GROUP BY agent_id, interaction_guid, channel_guid';

--
-- Interactions, from their participations
--

CREATE FUNCTION interaction_accum(internal, participation) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION interaction_accum(internal, participation) IS
    'internal: adds a participation to the state of an interaction';

CREATE FUNCTION interaction_combine(internal, internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION interaction_combine(internal, internal) IS
    'internal: merges two states of the same interaction';

CREATE FUNCTION interaction_serialize(internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION interaction_serialize(internal) IS
    'internal: writes the state of an interaction for another process';

CREATE FUNCTION interaction_deserialize(bytea, internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION interaction_deserialize(bytea, internal) IS
    'internal: reads the state of an interaction from another process';

CREATE FUNCTION interaction_final(internal) RETURNS interaction
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION interaction_final(internal) IS
    'internal: makes the row of an interaction';

CREATE AGGREGATE interaction(participation) (
    SFUNC = interaction_accum,
    STYPE = internal,
    SSPACE = 768,
    FINALFUNC = interaction_final,
    COMBINEFUNC = interaction_combine,
    SERIALFUNC = interaction_serialize,
    DESERIALFUNC = interaction_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE interaction(participation) IS
    'the interaction of these participations; an error if they are of more than one: GROUP BY interaction_guid';

--
-- Deliveries of the same activity, or of the same presence
--

CREATE FUNCTION activity_best_known(activity, activity) RETURNS activity
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_best_known(activity, activity) IS
    'internal: of two deliveries of the same activity, returns the better known one: with a duration, then of the greater status, then of the later report, then by the values';

CREATE FUNCTION activity_is_better_known(activity, activity) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_is_better_known(activity, activity) IS
    'internal: whether the first of two deliveries of the same activity is the better known one';

CREATE AGGREGATE best_known(activity) (
    SFUNC = activity_best_known,
    STYPE = activity,
    COMBINEFUNC = activity_best_known,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE best_known(activity) IS
    'of the deliveries of an activity the best known one: with a duration, then of the greater status, then of the later report, then by the values; GROUP BY agent_id, interaction_guid, channel_guid, start, state';

CREATE FUNCTION presence_best_known(presence, presence) RETURNS presence
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION presence_best_known(presence, presence) IS
    'internal: of two deliveries of the same presence, returns the better known one: with a duration, then of the later report, then by the values';

CREATE FUNCTION presence_is_better_known(presence, presence) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION presence_is_better_known(presence, presence) IS
    'internal: whether the first of two deliveries of the same presence is the better known one';

CREATE AGGREGATE best_known(presence) (
    SFUNC = presence_best_known,
    STYPE = presence,
    COMBINEFUNC = presence_best_known,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE best_known(presence) IS
    'of the deliveries of a presence the best known one: with a duration, then of the later report, then by the values; GROUP BY agent_id, start, category';

--
-- States of the metrics. Aggregates that share a transition function and its
-- arguments share one state and one pass. The first row makes the state.
--

-- Sums: a bigint[] of the members of Totals in src/metric_rules.h, of activities
-- or of participations.

CREATE FUNCTION activity_sums_accum(bigint[], activity) RETURNS bigint[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_accum(bigint[], activity) IS
    'internal: adds an activity to a state of sums';

CREATE FUNCTION activity_sums_accum_inv(bigint[], activity) RETURNS bigint[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_accum_inv(bigint[], activity) IS
    'internal: takes an activity out of a state of sums';

CREATE FUNCTION activity_sums_accum(bigint[], interaction_state, activity_reason, bigint)
    RETURNS bigint[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'activity_sums_accum_columns';
COMMENT ON FUNCTION activity_sums_accum(bigint[], interaction_state, activity_reason, bigint) IS
    'internal: adds an activity, given as columns, to a state of sums';

CREATE FUNCTION activity_sums_accum_inv(bigint[], interaction_state, activity_reason, bigint)
    RETURNS bigint[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'activity_sums_accum_columns_inv';
COMMENT ON FUNCTION activity_sums_accum_inv(bigint[], interaction_state, activity_reason, bigint) IS
    'internal: takes an activity, given as columns, out of a state of sums';

CREATE FUNCTION participation_sums_accum(bigint[], participation)
    RETURNS bigint[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION participation_sums_accum(bigint[], participation) IS
    'internal: adds a participation to a state of sums';

CREATE FUNCTION participation_sums_accum_inv(bigint[], participation)
    RETURNS bigint[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION participation_sums_accum_inv(bigint[], participation) IS
    'internal: takes a participation out of a state of sums';

CREATE FUNCTION participation_sums_accum(bigint[], participation, activity_reason)
    RETURNS bigint[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'participation_sums_accum_reason';
COMMENT ON FUNCTION participation_sums_accum(bigint[], participation, activity_reason) IS
    'internal: adds a participation to a state of sums in which only this reason makes one unexpected';

CREATE FUNCTION participation_sums_accum_inv(bigint[], participation, activity_reason)
    RETURNS bigint[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'participation_sums_accum_reason_inv';
COMMENT ON FUNCTION participation_sums_accum_inv(bigint[], participation, activity_reason) IS
    'internal: takes a participation out of a state of sums in which only this reason makes one unexpected';

CREATE FUNCTION participation_sums_accum(bigint[], bigint, boolean)
    RETURNS bigint[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'participation_sums_accum_handled';
COMMENT ON FUNCTION participation_sums_accum(bigint[], bigint, boolean) IS
    'internal: adds handle_ms and handled of a participation to a state of sums';

CREATE FUNCTION participation_sums_accum_inv(bigint[], bigint, boolean)
    RETURNS bigint[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'participation_sums_accum_handled_inv';
COMMENT ON FUNCTION participation_sums_accum_inv(bigint[], bigint, boolean) IS
    'internal: takes handle_ms and handled of a participation out of a state of sums';

CREATE FUNCTION participation_sums_accum(bigint[], participation_outcome, boolean)
    RETURNS bigint[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'participation_sums_accum_offered';
COMMENT ON FUNCTION participation_sums_accum(bigint[], participation_outcome, boolean) IS
    'internal: adds outcome and offered of a participation to a state of sums';

CREATE FUNCTION participation_sums_accum_inv(bigint[], participation_outcome, boolean)
    RETURNS bigint[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'participation_sums_accum_offered_inv';
COMMENT ON FUNCTION participation_sums_accum_inv(bigint[], participation_outcome, boolean) IS
    'internal: takes outcome and offered of a participation out of a state of sums';

CREATE FUNCTION participation_sums_accum(bigint[], bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint)
    RETURNS bigint[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'participation_sums_accum_columns';
COMMENT ON FUNCTION participation_sums_accum(bigint[], bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint) IS
    'internal: adds a participation, given as columns, to a state of sums';

CREATE FUNCTION participation_sums_accum_inv(bigint[], bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint)
    RETURNS bigint[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'participation_sums_accum_columns_inv';
COMMENT ON FUNCTION participation_sums_accum_inv(bigint[], bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint) IS
    'internal: takes a participation, given as columns, out of a state of sums';

CREATE FUNCTION participation_sums_accum(bigint[], bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint, activity_reason, activity_reason)
    RETURNS bigint[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'participation_sums_accum_columns_reason';
COMMENT ON FUNCTION participation_sums_accum(bigint[], bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint, activity_reason, activity_reason) IS
    'internal: adds a participation, given as columns, to a state of sums in which only the reason asked for makes one unexpected';

CREATE FUNCTION participation_sums_accum_inv(bigint[], bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint, activity_reason, activity_reason)
    RETURNS bigint[]
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'participation_sums_accum_columns_reason_inv';
COMMENT ON FUNCTION participation_sums_accum_inv(bigint[], bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint, activity_reason, activity_reason) IS
    'internal: takes a participation, given as columns, out of a state of sums in which only the reason asked for makes one unexpected';

CREATE FUNCTION activity_sums_combine(bigint[], bigint[]) RETURNS bigint[]
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_combine(bigint[], bigint[]) IS
    'internal: adds two states of sums';

-- Distinct: the set of participations. For rows, SSPACE is 128 less than for
-- columns: the planner adds the width of the input rows, which the state does not
-- keep, and would sort groups that fit in memory.

CREATE FUNCTION activity_distinct_accum(internal, activity) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_distinct_accum(internal, activity) IS
    'internal: adds an activity to a set of participations';

CREATE FUNCTION activity_distinct_accum(internal, activity, activity_reason)
    RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'activity_distinct_accum_reason';
COMMENT ON FUNCTION activity_distinct_accum(internal, activity, activity_reason) IS
    'internal: adds an activity to a set of participations in which only this reason makes one unexpected';

CREATE FUNCTION activity_distinct_accum(internal, interaction_state, activity_reason, bigint, uuid, uuid, text)
    RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'activity_distinct_accum_columns';
COMMENT ON FUNCTION activity_distinct_accum(internal, interaction_state, activity_reason, bigint, uuid, uuid, text) IS
    'internal: adds an activity, given as columns, to a set of participations';

CREATE FUNCTION activity_distinct_accum(internal, interaction_state, activity_reason, bigint, uuid, uuid, text, timestamptz, activity_reason)
    RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'activity_distinct_accum_columns_reason';
COMMENT ON FUNCTION activity_distinct_accum(internal, interaction_state, activity_reason, bigint, uuid, uuid, text, timestamptz, activity_reason) IS
    'internal: adds an activity, given as columns, to a set of participations in which only this reason makes one unexpected';

CREATE FUNCTION activity_distinct_combine(internal, internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_distinct_combine(internal, internal) IS
    'internal: merges two sets of participations';

CREATE FUNCTION activity_distinct_serialize(internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_distinct_serialize(internal) IS
    'internal: writes a set of participations for another process';

CREATE FUNCTION activity_distinct_deserialize(bytea, internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_distinct_deserialize(bytea, internal) IS
    'internal: reads a set of participations from another process';

-- Overlap: the ranges of handled time of each agent or participation.

CREATE FUNCTION activity_overlap_accum(internal, activity) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_overlap_accum(internal, activity) IS
    'internal: adds an activity to the ranges of handled time of participations';

CREATE FUNCTION activity_overlap_accum(internal, interaction_state, activity_reason, bigint, uuid, uuid, text, timestamptz)
    RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'activity_overlap_accum_columns';
COMMENT ON FUNCTION activity_overlap_accum(internal, interaction_state, activity_reason, bigint, uuid, uuid, text, timestamptz) IS
    'internal: adds an activity, given as columns, to the ranges of handled time of participations';

CREATE FUNCTION activity_overlap_accum_agents(internal, activity)
    RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_overlap_accum_agents(internal, activity) IS
    'internal: adds an activity to the ranges of handled time of agents';

CREATE FUNCTION activity_overlap_accum_agents(internal, interaction_state, activity_reason, bigint, text, timestamptz)
    RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'activity_overlap_accum_agents_columns';
COMMENT ON FUNCTION activity_overlap_accum_agents(internal, interaction_state, activity_reason, bigint, text, timestamptz) IS
    'internal: adds an activity, given as columns, to the ranges of handled time of agents';

CREATE FUNCTION activity_overlap_combine(internal, internal) RETURNS internal
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_overlap_combine(internal, internal) IS
    'internal: merges two states of ranges';

CREATE FUNCTION activity_overlap_serialize(internal) RETURNS bytea
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_overlap_serialize(internal) IS
    'internal: writes ranges of handled time for another process';

CREATE FUNCTION activity_overlap_deserialize(bytea, internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_overlap_deserialize(bytea, internal) IS
    'internal: reads ranges of handled time from another process';

--
-- handle_time
--

CREATE FUNCTION activity_sums_handle_time(bigint[]) RETURNS double precision
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_handle_time(bigint[]) IS
    'internal: handle time in seconds, null for no rows';

CREATE AGGREGATE handle_time(activity) (
    SFUNC = activity_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_handle_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = activity_sums_accum,
    MINVFUNC = activity_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_handle_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE handle_time(activity) IS
    'handle time in seconds: finished Connected and Wrap activities that are not Monitor; parked time does not count; null for no rows';

CREATE AGGREGATE handle_time(state interaction_state, reason activity_reason,
        duration_ms bigint) (
    SFUNC = activity_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_handle_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = activity_sums_accum,
    MINVFUNC = activity_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_handle_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE handle_time(interaction_state, activity_reason, bigint) IS
    'handle time in seconds, of activities given as columns; null for no rows';

CREATE AGGREGATE handle_time(participation) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_handle_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_handle_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE handle_time(participation) IS
    'handle time in seconds, of participations; null for no rows';

CREATE AGGREGATE handle_time(ring_ms bigint, talk_ms bigint, parked_ms bigint,
        wrap_ms bigint, handle_ms bigint, connections integer,
        outcome participation_outcome, offered boolean, handled boolean,
        answer_ms bigint) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_handle_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_handle_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE handle_time(bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint) IS
    'handle time in seconds, of participations given as columns; null for no rows';

--
-- talk_time
--

CREATE FUNCTION activity_sums_talk_time(bigint[]) RETURNS double precision
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_talk_time(bigint[]) IS
    'internal: talk time in seconds, null for no rows';

CREATE AGGREGATE talk_time(activity) (
    SFUNC = activity_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_talk_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = activity_sums_accum,
    MINVFUNC = activity_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_talk_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE talk_time(activity) IS
    'talk time in seconds: finished Connected activities that are not Monitor; null for no rows';

CREATE AGGREGATE talk_time(state interaction_state, reason activity_reason,
        duration_ms bigint) (
    SFUNC = activity_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_talk_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = activity_sums_accum,
    MINVFUNC = activity_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_talk_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE talk_time(interaction_state, activity_reason, bigint) IS
    'talk time in seconds, of activities given as columns; null for no rows';

CREATE AGGREGATE talk_time(participation) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_talk_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_talk_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE talk_time(participation) IS
    'talk time in seconds, of participations; null for no rows';

CREATE AGGREGATE talk_time(ring_ms bigint, talk_ms bigint, parked_ms bigint,
        wrap_ms bigint, handle_ms bigint, connections integer,
        outcome participation_outcome, offered boolean, handled boolean,
        answer_ms bigint) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_talk_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_talk_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE talk_time(bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint) IS
    'talk time in seconds, of participations given as columns; null for no rows';

--
-- wrap_time
--

CREATE FUNCTION activity_sums_wrap_time(bigint[]) RETURNS double precision
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_wrap_time(bigint[]) IS
    'internal: wrap time in seconds, null for no rows';

CREATE AGGREGATE wrap_time(activity) (
    SFUNC = activity_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_wrap_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = activity_sums_accum,
    MINVFUNC = activity_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_wrap_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE wrap_time(activity) IS
    'wrap time in seconds: finished Wrap activities that are not Monitor; null for no rows';

CREATE AGGREGATE wrap_time(state interaction_state, reason activity_reason,
        duration_ms bigint) (
    SFUNC = activity_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_wrap_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = activity_sums_accum,
    MINVFUNC = activity_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_wrap_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE wrap_time(interaction_state, activity_reason, bigint) IS
    'wrap time in seconds, of activities given as columns; null for no rows';

CREATE AGGREGATE wrap_time(participation) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_wrap_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_wrap_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE wrap_time(participation) IS
    'wrap time in seconds, of participations; null for no rows';

CREATE AGGREGATE wrap_time(ring_ms bigint, talk_ms bigint, parked_ms bigint,
        wrap_ms bigint, handle_ms bigint, connections integer,
        outcome participation_outcome, offered boolean, handled boolean,
        answer_ms bigint) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_wrap_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_wrap_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE wrap_time(bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint) IS
    'wrap time in seconds, of participations given as columns; null for no rows';

--
-- ring_time
--

CREATE FUNCTION activity_sums_ring_time(bigint[]) RETURNS double precision
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_ring_time(bigint[]) IS
    'internal: ring time in seconds, null for no rows';

CREATE AGGREGATE ring_time(activity) (
    SFUNC = activity_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_ring_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = activity_sums_accum,
    MINVFUNC = activity_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_ring_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE ring_time(activity) IS
    'ring time in seconds: finished Ringing activities that are not Monitor; null for no rows';

CREATE AGGREGATE ring_time(state interaction_state, reason activity_reason,
        duration_ms bigint) (
    SFUNC = activity_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_ring_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = activity_sums_accum,
    MINVFUNC = activity_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_ring_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE ring_time(interaction_state, activity_reason, bigint) IS
    'ring time in seconds, of activities given as columns; null for no rows';

CREATE AGGREGATE ring_time(participation) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_ring_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_ring_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE ring_time(participation) IS
    'ring time in seconds, of participations; null for no rows';

CREATE AGGREGATE ring_time(ring_ms bigint, talk_ms bigint, parked_ms bigint,
        wrap_ms bigint, handle_ms bigint, connections integer,
        outcome participation_outcome, offered boolean, handled boolean,
        answer_ms bigint) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_ring_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_ring_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE ring_time(bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint) IS
    'ring time in seconds, of participations given as columns; null for no rows';

--
-- parked_time
--

CREATE FUNCTION activity_sums_parked_time(bigint[]) RETURNS double precision
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_parked_time(bigint[]) IS
    'internal: parked time in seconds, null for no rows';

CREATE AGGREGATE parked_time(participation) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_parked_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_parked_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE parked_time(participation) IS
    'parked time in seconds: between the Connected activities of each participation; null for no rows';

CREATE AGGREGATE parked_time(ring_ms bigint, talk_ms bigint, parked_ms bigint,
        wrap_ms bigint, handle_ms bigint, connections integer,
        outcome participation_outcome, offered boolean, handled boolean,
        answer_ms bigint) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_parked_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_parked_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE parked_time(bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint) IS
    'parked time in seconds: between the Connected activities of each participation, given as columns; null for no rows';

--
-- average_answer_time
--

CREATE FUNCTION activity_sums_average_answer_time(bigint[])
    RETURNS double precision
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_average_answer_time(bigint[]) IS
    'internal: answer time in seconds divided by the participations that have one, null if none has';

CREATE AGGREGATE average_answer_time(participation) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_average_answer_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_average_answer_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE average_answer_time(participation) IS
    'time from Ringing to Connected in seconds, divided by the number of participations that have one; null if none has';

CREATE AGGREGATE average_answer_time(ring_ms bigint, talk_ms bigint, parked_ms bigint,
        wrap_ms bigint, handle_ms bigint, connections integer,
        outcome participation_outcome, offered boolean, handled boolean,
        answer_ms bigint) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_average_answer_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_average_answer_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE average_answer_time(bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint) IS
    'time from Ringing to Connected in seconds, divided by the number of participations, given as columns, that have one; null if none has';

--
-- handled_participations
--

CREATE FUNCTION activity_sums_handled_participations(bigint[]) RETURNS bigint
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_handled_participations(bigint[]) IS
    'internal: number of handled participations';

CREATE FUNCTION activity_distinct_handled_participations(internal)
    RETURNS bigint
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_distinct_handled_participations(internal) IS
    'internal: number of handled participations';

CREATE AGGREGATE handled_participations(activity) (
    SFUNC = activity_distinct_accum,
    STYPE = internal,
    SSPACE = 128,
    FINALFUNC = activity_distinct_handled_participations,
    COMBINEFUNC = activity_distinct_combine,
    SERIALFUNC = activity_distinct_serialize,
    DESERIALFUNC = activity_distinct_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE handled_participations(activity) IS
    'number of distinct participations that were handled: they have finished Connected or Wrap time that is not Monitor; 0 for no rows';

CREATE AGGREGATE handled_participations(state interaction_state,
        reason activity_reason, duration_ms bigint, interaction_guid uuid,
        channel_guid uuid, agent_id text) (
    SFUNC = activity_distinct_accum,
    STYPE = internal,
    SSPACE = 256,
    FINALFUNC = activity_distinct_handled_participations,
    COMBINEFUNC = activity_distinct_combine,
    SERIALFUNC = activity_distinct_serialize,
    DESERIALFUNC = activity_distinct_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE handled_participations(interaction_state, activity_reason, bigint, uuid, uuid, text) IS
    'number of distinct handled participations, of activities given as columns; 0 for no rows';

CREATE AGGREGATE handled_participations(participation) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_handled_participations,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_handled_participations,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE handled_participations(participation) IS
    'number of participations that are handled; 0 for no rows';

CREATE AGGREGATE handled_participations(ring_ms bigint, talk_ms bigint, parked_ms bigint,
        wrap_ms bigint, handle_ms bigint, connections integer,
        outcome participation_outcome, offered boolean, handled boolean,
        answer_ms bigint) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_handled_participations,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_handled_participations,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE handled_participations(bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint) IS
    'number of participations, given as columns, that are handled; 0 for no rows';

--
-- offered_participations
--

CREATE FUNCTION activity_sums_offered_participations(bigint[]) RETURNS bigint
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_offered_participations(bigint[]) IS
    'internal: number of offered participations';

CREATE FUNCTION activity_distinct_offered_participations(internal)
    RETURNS bigint
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_distinct_offered_participations(internal) IS
    'internal: number of offered participations';

CREATE AGGREGATE offered_participations(activity) (
    SFUNC = activity_distinct_accum,
    STYPE = internal,
    SSPACE = 128,
    FINALFUNC = activity_distinct_offered_participations,
    COMBINEFUNC = activity_distinct_combine,
    SERIALFUNC = activity_distinct_serialize,
    DESERIALFUNC = activity_distinct_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE offered_participations(activity) IS
    'number of distinct participations that were offered: they have a Ringing, Connected, Unexpected or Failed activity that is not Monitor; 0 for no rows';

CREATE AGGREGATE offered_participations(state interaction_state,
        reason activity_reason, duration_ms bigint, interaction_guid uuid,
        channel_guid uuid, agent_id text) (
    SFUNC = activity_distinct_accum,
    STYPE = internal,
    SSPACE = 256,
    FINALFUNC = activity_distinct_offered_participations,
    COMBINEFUNC = activity_distinct_combine,
    SERIALFUNC = activity_distinct_serialize,
    DESERIALFUNC = activity_distinct_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE offered_participations(interaction_state, activity_reason, bigint, uuid, uuid, text) IS
    'number of distinct offered participations, of activities given as columns; 0 for no rows';

CREATE AGGREGATE offered_participations(participation) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_offered_participations,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_offered_participations,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE offered_participations(participation) IS
    'number of participations that are offered; 0 for no rows';

CREATE AGGREGATE offered_participations(ring_ms bigint, talk_ms bigint, parked_ms bigint,
        wrap_ms bigint, handle_ms bigint, connections integer,
        outcome participation_outcome, offered boolean, handled boolean,
        answer_ms bigint) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_offered_participations,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_offered_participations,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE offered_participations(bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint) IS
    'number of participations, given as columns, that are offered; 0 for no rows';

--
-- answered_participations
--

CREATE FUNCTION activity_sums_answered_participations(bigint[]) RETURNS bigint
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_answered_participations(bigint[]) IS
    'internal: number of answered participations';

CREATE FUNCTION activity_distinct_answered_participations(internal)
    RETURNS bigint
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_distinct_answered_participations(internal) IS
    'internal: number of answered participations';

CREATE AGGREGATE answered_participations(activity) (
    SFUNC = activity_distinct_accum,
    STYPE = internal,
    SSPACE = 128,
    FINALFUNC = activity_distinct_answered_participations,
    COMBINEFUNC = activity_distinct_combine,
    SERIALFUNC = activity_distinct_serialize,
    DESERIALFUNC = activity_distinct_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE answered_participations(activity) IS
    'number of distinct participations that were answered: they have a Connected activity that is not Monitor, finished or not; 0 for no rows';

CREATE AGGREGATE answered_participations(state interaction_state,
        reason activity_reason, duration_ms bigint, interaction_guid uuid,
        channel_guid uuid, agent_id text) (
    SFUNC = activity_distinct_accum,
    STYPE = internal,
    SSPACE = 256,
    FINALFUNC = activity_distinct_answered_participations,
    COMBINEFUNC = activity_distinct_combine,
    SERIALFUNC = activity_distinct_serialize,
    DESERIALFUNC = activity_distinct_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE answered_participations(interaction_state, activity_reason, bigint, uuid, uuid, text) IS
    'number of distinct answered participations, of activities given as columns; 0 for no rows';

CREATE AGGREGATE answered_participations(participation) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_answered_participations,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_answered_participations,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE answered_participations(participation) IS
    'number of participations that are answered; 0 for no rows';

CREATE AGGREGATE answered_participations(ring_ms bigint, talk_ms bigint, parked_ms bigint,
        wrap_ms bigint, handle_ms bigint, connections integer,
        outcome participation_outcome, offered boolean, handled boolean,
        answer_ms bigint) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_answered_participations,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_answered_participations,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE answered_participations(bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint) IS
    'number of participations, given as columns, that are answered; 0 for no rows';

--
-- unexpected_participations
--

CREATE FUNCTION activity_sums_unexpected_participations(bigint[])
    RETURNS bigint
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_unexpected_participations(bigint[]) IS
    'internal: number of unexpected participations';

CREATE FUNCTION activity_distinct_unexpected_participations(internal)
    RETURNS bigint
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_distinct_unexpected_participations(internal) IS
    'internal: number of unexpected participations';

CREATE AGGREGATE unexpected_participations(activity) (
    SFUNC = activity_distinct_accum,
    STYPE = internal,
    SSPACE = 128,
    FINALFUNC = activity_distinct_unexpected_participations,
    COMBINEFUNC = activity_distinct_combine,
    SERIALFUNC = activity_distinct_serialize,
    DESERIALFUNC = activity_distinct_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE unexpected_participations(activity) IS
    'number of distinct participations with an Unexpected activity that is not Monitor; 0 for no rows';

CREATE AGGREGATE unexpected_participations(state interaction_state,
        reason activity_reason, duration_ms bigint, interaction_guid uuid,
        channel_guid uuid, agent_id text) (
    SFUNC = activity_distinct_accum,
    STYPE = internal,
    SSPACE = 256,
    FINALFUNC = activity_distinct_unexpected_participations,
    COMBINEFUNC = activity_distinct_combine,
    SERIALFUNC = activity_distinct_serialize,
    DESERIALFUNC = activity_distinct_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE unexpected_participations(interaction_state, activity_reason, bigint, uuid, uuid, text) IS
    'number of distinct unexpected participations, of activities given as columns; 0 for no rows';

CREATE AGGREGATE unexpected_participations(participation) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_unexpected_participations,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_unexpected_participations,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE unexpected_participations(participation) IS
    'number of participations whose outcome is Unexpected; sum unexpected_attempts to count attempts; 0 for no rows';

CREATE AGGREGATE unexpected_participations(ring_ms bigint, talk_ms bigint, parked_ms bigint,
        wrap_ms bigint, handle_ms bigint, connections integer,
        outcome participation_outcome, offered boolean, handled boolean,
        answer_ms bigint) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_unexpected_participations,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_unexpected_participations,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE unexpected_participations(bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint) IS
    'number of participations, given as columns, whose outcome is Unexpected; sum unexpected_attempts to count attempts; 0 for no rows';

--
-- average_handle_time
--

CREATE FUNCTION activity_sums_average_handle_time(bigint[])
    RETURNS double precision
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_average_handle_time(bigint[]) IS
    'internal: handle time in seconds divided by handled participations, null if none was handled';

CREATE FUNCTION activity_distinct_average_handle_time(internal)
    RETURNS double precision
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_distinct_average_handle_time(internal) IS
    'internal: handle time in seconds divided by handled participations, null if none was handled';

CREATE AGGREGATE average_handle_time(activity) (
    SFUNC = activity_distinct_accum,
    STYPE = internal,
    SSPACE = 128,
    FINALFUNC = activity_distinct_average_handle_time,
    COMBINEFUNC = activity_distinct_combine,
    SERIALFUNC = activity_distinct_serialize,
    DESERIALFUNC = activity_distinct_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE average_handle_time(activity) IS
    'handle time in seconds divided by the number of distinct handled participations; null if none was handled';

CREATE AGGREGATE average_handle_time(state interaction_state,
        reason activity_reason, duration_ms bigint, interaction_guid uuid,
        channel_guid uuid, agent_id text) (
    SFUNC = activity_distinct_accum,
    STYPE = internal,
    SSPACE = 256,
    FINALFUNC = activity_distinct_average_handle_time,
    COMBINEFUNC = activity_distinct_combine,
    SERIALFUNC = activity_distinct_serialize,
    DESERIALFUNC = activity_distinct_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE average_handle_time(interaction_state, activity_reason, bigint, uuid, uuid, text) IS
    'handle time in seconds divided by the number of distinct handled participations, of activities given as columns; null if none was handled';

CREATE AGGREGATE average_handle_time(participation) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_average_handle_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_average_handle_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE average_handle_time(participation) IS
    'handle time in seconds divided by the number of handled participations; null if none was handled';

CREATE AGGREGATE average_handle_time(ring_ms bigint, talk_ms bigint, parked_ms bigint,
        wrap_ms bigint, handle_ms bigint, connections integer,
        outcome participation_outcome, offered boolean, handled boolean,
        answer_ms bigint) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_average_handle_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_average_handle_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE average_handle_time(bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint) IS
    'handle time in seconds divided by the number of handled participations, of participations given as columns; null if none was handled';

CREATE AGGREGATE average_handle_time(handle_ms bigint, handled boolean) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_average_handle_time,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_average_handle_time,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE average_handle_time(bigint, boolean) IS
    'handle time in seconds divided by the number of handled participations, of participations given as columns; null if none was handled';

--
-- unexpected_rate
--

CREATE FUNCTION activity_sums_unexpected_rate(bigint[])
    RETURNS double precision
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_sums_unexpected_rate(bigint[]) IS
    'internal: unexpected divided by offered participations, null if none was offered';

CREATE FUNCTION activity_distinct_unexpected_rate(internal)
    RETURNS double precision
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_distinct_unexpected_rate(internal) IS
    'internal: unexpected divided by offered participations, null if none was offered';

CREATE AGGREGATE unexpected_rate(activity) (
    SFUNC = activity_distinct_accum,
    STYPE = internal,
    SSPACE = 128,
    FINALFUNC = activity_distinct_unexpected_rate,
    COMBINEFUNC = activity_distinct_combine,
    SERIALFUNC = activity_distinct_serialize,
    DESERIALFUNC = activity_distinct_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE unexpected_rate(activity) IS
    'unexpected divided by offered participations, from 0 to 1; null if none was offered';

CREATE AGGREGATE unexpected_rate(state interaction_state,
        reason activity_reason, duration_ms bigint, interaction_guid uuid,
        channel_guid uuid, agent_id text) (
    SFUNC = activity_distinct_accum,
    STYPE = internal,
    SSPACE = 256,
    FINALFUNC = activity_distinct_unexpected_rate,
    COMBINEFUNC = activity_distinct_combine,
    SERIALFUNC = activity_distinct_serialize,
    DESERIALFUNC = activity_distinct_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE unexpected_rate(interaction_state, activity_reason, bigint, uuid, uuid, text) IS
    'unexpected divided by offered participations, from 0 to 1, of activities given as columns; null if none was offered';

CREATE AGGREGATE unexpected_rate(participation) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_unexpected_rate,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_unexpected_rate,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE unexpected_rate(participation) IS
    'unexpected divided by offered participations, from 0 to 1; null if none was offered';

CREATE AGGREGATE unexpected_rate(ring_ms bigint, talk_ms bigint, parked_ms bigint,
        wrap_ms bigint, handle_ms bigint, connections integer,
        outcome participation_outcome, offered boolean, handled boolean,
        answer_ms bigint) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_unexpected_rate,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_unexpected_rate,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE unexpected_rate(bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint) IS
    'unexpected divided by offered participations, from 0 to 1, of participations given as columns; null if none was offered';

CREATE AGGREGATE unexpected_rate(outcome participation_outcome,
        offered boolean) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_unexpected_rate,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_unexpected_rate,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE unexpected_rate(participation_outcome, boolean) IS
    'unexpected divided by offered participations, from 0 to 1, of participations given as columns; null if none was offered';

--
-- unexpected_rate for one reason
--

CREATE AGGREGATE unexpected_rate(activity, activity_reason) (
    SFUNC = activity_distinct_accum,
    STYPE = internal,
    SSPACE = 128,
    FINALFUNC = activity_distinct_unexpected_rate,
    COMBINEFUNC = activity_distinct_combine,
    SERIALFUNC = activity_distinct_serialize,
    DESERIALFUNC = activity_distinct_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE unexpected_rate(activity, activity_reason) IS
    'participations that are Unexpected for this reason (of several reasons the latest) divided by offered participations, from 0 to 1; null if none was offered; rows without a reason to ask for are skipped';

CREATE AGGREGATE unexpected_rate(state interaction_state,
        reason activity_reason, duration_ms bigint, interaction_guid uuid,
        channel_guid uuid, agent_id text, start timestamptz,
        asked activity_reason) (
    SFUNC = activity_distinct_accum,
    STYPE = internal,
    SSPACE = 256,
    FINALFUNC = activity_distinct_unexpected_rate,
    COMBINEFUNC = activity_distinct_combine,
    SERIALFUNC = activity_distinct_serialize,
    DESERIALFUNC = activity_distinct_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE unexpected_rate(interaction_state, activity_reason, bigint, uuid, uuid, text, timestamptz, activity_reason) IS
    'participations that are Unexpected for the reason asked for (of several reasons the latest) divided by offered participations, from 0 to 1, of activities given as columns; null if none was offered; rows without a reason to ask for are skipped';

CREATE AGGREGATE unexpected_rate(participation, activity_reason) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_unexpected_rate,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_unexpected_rate,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE unexpected_rate(participation, activity_reason) IS
    'participations that are Unexpected for this reason divided by offered participations, from 0 to 1; null if none was offered; rows without a reason to ask for are skipped';

CREATE AGGREGATE unexpected_rate(ring_ms bigint, talk_ms bigint, parked_ms bigint,
        wrap_ms bigint, handle_ms bigint, connections integer,
        outcome participation_outcome, offered boolean, handled boolean,
        answer_ms bigint,
        unexpected_reason activity_reason, asked activity_reason) (
    SFUNC = participation_sums_accum,
    STYPE = bigint[],
    FINALFUNC = activity_sums_unexpected_rate,
    COMBINEFUNC = activity_sums_combine,
    MSFUNC = participation_sums_accum,
    MINVFUNC = participation_sums_accum_inv,
    MSTYPE = bigint[],
    MFINALFUNC = activity_sums_unexpected_rate,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE unexpected_rate(bigint, bigint, bigint, bigint, bigint, integer, participation_outcome, boolean, boolean, bigint, activity_reason, activity_reason) IS
    'participations that are Unexpected for the reason asked for divided by offered participations, from 0 to 1, of participations given as columns; null if none was offered; rows without a reason to ask for are skipped';

--
-- busy_time
--

CREATE FUNCTION activity_overlap_busy_time(internal) RETURNS double precision
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_overlap_busy_time(internal) IS
    'internal: handled time in seconds, where time that overlaps counts once for each agent';

CREATE AGGREGATE busy_time(activity) (
    SFUNC = activity_overlap_accum_agents,
    STYPE = internal,
    SSPACE = 384,
    FINALFUNC = activity_overlap_busy_time,
    COMBINEFUNC = activity_overlap_combine,
    SERIALFUNC = activity_overlap_serialize,
    DESERIALFUNC = activity_overlap_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE busy_time(activity) IS
    'handled time in seconds, where time that overlaps counts once for each agent, summed over agents; null for no rows';

CREATE AGGREGATE busy_time(state interaction_state, reason activity_reason,
        duration_ms bigint, agent_id text, start timestamptz) (
    SFUNC = activity_overlap_accum_agents,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = activity_overlap_busy_time,
    COMBINEFUNC = activity_overlap_combine,
    SERIALFUNC = activity_overlap_serialize,
    DESERIALFUNC = activity_overlap_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE busy_time(interaction_state, activity_reason, bigint, text, timestamptz) IS
    'handled time in seconds, where time that overlaps counts once for each agent, summed over agents, of activities given as columns; null for no rows';

--
-- busy_ranges
--

CREATE FUNCTION activity_overlap_busy_ranges(internal) RETURNS tstzmultirange
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_overlap_busy_ranges(internal) IS
    'internal: handled time as ranges that do not overlap';

CREATE AGGREGATE busy_ranges(activity) (
    SFUNC = activity_overlap_accum_agents,
    STYPE = internal,
    SSPACE = 384,
    FINALFUNC = activity_overlap_busy_ranges,
    COMBINEFUNC = activity_overlap_combine,
    SERIALFUNC = activity_overlap_serialize,
    DESERIALFUNC = activity_overlap_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE busy_ranges(activity) IS
    'when anything was handled, as ranges of time that do not overlap; group by agent for the ranges of one; null for no rows';

CREATE AGGREGATE busy_ranges(state interaction_state, reason activity_reason,
        duration_ms bigint, agent_id text, start timestamptz) (
    SFUNC = activity_overlap_accum_agents,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = activity_overlap_busy_ranges,
    COMBINEFUNC = activity_overlap_combine,
    SERIALFUNC = activity_overlap_serialize,
    DESERIALFUNC = activity_overlap_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE busy_ranges(interaction_state, activity_reason, bigint, text, timestamptz) IS
    'when anything was handled, by activities given as columns, as ranges of time that do not overlap; group by agent for the ranges of one; null for no rows';

--
-- peak_concurrency
--

CREATE FUNCTION activity_overlap_peak_concurrency(internal) RETURNS bigint
    LANGUAGE C IMMUTABLE PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_overlap_peak_concurrency(internal) IS
    'internal: the most participations that one agent handled at the same instant';

CREATE AGGREGATE peak_concurrency(activity) (
    SFUNC = activity_overlap_accum,
    STYPE = internal,
    SSPACE = 384,
    FINALFUNC = activity_overlap_peak_concurrency,
    COMBINEFUNC = activity_overlap_combine,
    SERIALFUNC = activity_overlap_serialize,
    DESERIALFUNC = activity_overlap_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE peak_concurrency(activity) IS
    'the most participations that any one agent handled at the same instant, not all agents together; 0 for no rows';

CREATE AGGREGATE peak_concurrency(state interaction_state,
        reason activity_reason, duration_ms bigint, interaction_guid uuid,
        channel_guid uuid, agent_id text, start timestamptz) (
    SFUNC = activity_overlap_accum,
    STYPE = internal,
    SSPACE = 512,
    FINALFUNC = activity_overlap_peak_concurrency,
    COMBINEFUNC = activity_overlap_combine,
    SERIALFUNC = activity_overlap_serialize,
    DESERIALFUNC = activity_overlap_deserialize,
    PARALLEL = SAFE
);
COMMENT ON AGGREGATE peak_concurrency(interaction_state, activity_reason, bigint, uuid, uuid, text, timestamptz) IS
    'the most participations that any one agent handled at the same instant, not all agents together, of activities given as columns; 0 for no rows';

--
-- Metrics over rows become metrics over columns, from PostgreSQL 19 on
--

CREATE FUNCTION activity_metric_support(internal) RETURNS internal
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_metric_support(internal) IS
    'internal: planner support of the metrics over rows, which replaces them by the same metrics over columns';

-- Earlier releases do not know SUPPORT, and pg_upgrade brings their aggregates
-- as they were. So the aggregates are created without it, and made anew from
-- the catalogue.
CREATE FUNCTION add_metric_support() RETURNS void
    LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE COST 10000
    SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    statement text;
BEGIN
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        RAISE insufficient_privilege USING MESSAGE = 'must be superuser to add support functions';
    END IF;
    IF current_setting('server_version_num')::integer < 190000 THEN
        RETURN;
    END IF;
    FOR statement IN
        WITH member AS (
            SELECT p.oid, proname, prokind, typtype = 'c' AS takes_row
              FROM pg_extension AS e
              JOIN pg_depend ON refclassid = 'pg_extension'::regclass AND refobjid = e.oid AND deptype = 'e'
              JOIN pg_proc AS p ON classid = 'pg_proc'::regclass AND objid = p.oid
              JOIN pg_type ON pg_type.oid = proargtypes[0]
             WHERE extname = 'activity'
        )
        SELECT format('CREATE OR REPLACE AGGREGATE %s (PARALLEL = SAFE, SUPPORT = %s%s)', m.oid::regprocedure, s.oid::regproc,
                      (SELECT string_agg(format(', %s = %s', key, value), '')
                         FROM (VALUES ('SFUNC', aggtransfn::text), ('STYPE', format_type(aggtranstype, NULL)),
                                      ('SSPACE', aggtransspace::text), ('FINALFUNC', aggfinalfn::text),
                                      ('COMBINEFUNC', aggcombinefn::text), ('SERIALFUNC', aggserialfn::text),
                                      ('DESERIALFUNC', aggdeserialfn::text), ('MSFUNC', aggmtransfn::text),
                                      ('MINVFUNC', aggminvtransfn::text), ('MFINALFUNC', aggmfinalfn::text),
                                      ('MSTYPE', CASE WHEN aggmtranstype <> 0 THEN format_type(aggmtranstype, NULL) END)) AS option (key, value)
                        WHERE value NOT IN ('-', '0')))
          FROM member AS m
          JOIN pg_aggregate ON aggfnoid = m.oid
          JOIN member AS s ON s.proname = 'activity_metric_support'
         WHERE m.takes_row AND EXISTS (SELECT FROM member AS columns
                                        WHERE columns.proname = m.proname AND columns.prokind = 'a' AND NOT columns.takes_row)
    LOOP
        EXECUTE statement;
    END LOOP;
END
$$;
COMMENT ON FUNCTION add_metric_support() IS
    'from PostgreSQL 19 on, has the planner replace metrics over rows by the same metrics over columns; CREATE EXTENSION does so, too; call it as a superuser after pg_upgrade from an earlier release; does nothing before PostgreSQL 19';
DO $$ BEGIN PERFORM add_metric_support(); END $$;

--
-- Time
--

CREATE FUNCTION activity_end(activity) RETURNS timestamptz
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_end(activity) IS
    'when the activity ended: start + duration; null while it is open';

CREATE FUNCTION activity_end(start timestamptz, duration_ms bigint)
    RETURNS timestamptz
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME', 'activity_end_columns';
COMMENT ON FUNCTION activity_end(timestamptz, bigint) IS
    'when an activity of this start and duration in milliseconds ended; null while it is open; for indexes, which take no timestamptz + interval';

CREATE FUNCTION presence_end(presence) RETURNS timestamptz
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION presence_end(presence) IS
    'when the presence ended, as reported: start + duration; null while it lasts; the agent''s next presence may have ended it before';

CREATE FUNCTION activity_as_of(activity, timestamptz) RETURNS activity
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 5
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_as_of(activity, timestamptz) IS
    'the activity as it was known at that instant: cut there, or, if it is open, with the duration it had by then, however old it is; null if it had not started: test with IS NULL, as a row IS NOT NULL only if no attribute is null';

CREATE FUNCTION activity_open_at(activity, timestamptz) RETURNS boolean
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 1
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_open_at(activity, timestamptz) IS
    'whether the activity had started and not ended at that instant; false if its end will never be known (InternalError)';

CREATE FUNCTION activity_slices(activity, width interval,
        origin timestamptz DEFAULT '2000-01-01 00:00Z')
    RETURNS SETOF activity
    LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10 ROWS 2
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_slices(activity, interval, timestamptz) IS
    'the activity cut at the borders of buckets of this width (no months; a day has 24 hours), counted from origin; the durations of the slices add up to its own; an open activity is one slice; more than 10,000,000 slices are an error';

--
-- Keeping tables
--

-- It has a search_path of its own, so it is passed the caller's schema.
CREATE FUNCTION activity_create_tables(qualified_name text[],
        default_schema name, partition_by text)
    RETURNS regclass
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    longest CONSTANT integer := 63 - length('_participation');
    types name;    -- the schema of the extension
    made record;
    commented record;
BEGIN
    IF qualified_name IS NULL THEN
        RAISE null_value_not_allowed USING
            MESSAGE = 'the name of the table must not be null';
    ELSIF cardinality(qualified_name) > 2 THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('invalid table name: "%s"',
                             array_to_string(qualified_name, '.')),
            DETAIL = 'Expected a name, or a schema and a name.';
    ELSIF cardinality(qualified_name) = 1 THEN
        IF default_schema IS NULL THEN
            RAISE invalid_schema_name USING
                MESSAGE = 'no schema has been selected to create in';
        END IF;
        qualified_name := ARRAY[default_schema::text, qualified_name[1]];
    END IF;
    IF octet_length(qualified_name[2]) > longest THEN
        RAISE name_too_long USING
            MESSAGE = format('table name "%s" is too long',
                             qualified_name[2]),
            DETAIL = format('It may have at most %s bytes, so that '
                            '"_participation" can be appended.', longest);
    END IF;
    IF partition_by NOT IN ('month', 'week', 'day') THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('invalid partition_by: "%s"', partition_by),
            HINT = 'Pass month, week, or day.';
    END IF;

    SELECT nspname INTO STRICT types
    FROM pg_extension JOIN pg_namespace AS n ON n.oid = extnamespace
    WHERE extname = 'activity';

    -- Room is left in each block: a row that is updated soon stays in its block,
    -- and needs no new entries in the indexes.
    EXECUTE format(
        'CREATE TABLE %I.%I OF %I.activity (
            agent_id WITH OPTIONS NOT NULL,
            interaction_guid WITH OPTIONS NOT NULL,
            start WITH OPTIONS NOT NULL,
            state WITH OPTIONS NOT NULL,
            UNIQUE NULLS NOT DISTINCT
                (agent_id, interaction_guid, channel_guid, start, state))%s',
        qualified_name[1], qualified_name[2], types,
        CASE WHEN partition_by IS NULL THEN ' WITH (fillfactor = 90)'
             ELSE ' PARTITION BY RANGE (start)' END);
    EXECUTE format(
        'CREATE TABLE %I.%I OF %I.participation (
            agent_id WITH OPTIONS NOT NULL,
            interaction_guid WITH OPTIONS NOT NULL,
            UNIQUE NULLS NOT DISTINCT
                (agent_id, interaction_guid, channel_guid))
            WITH (fillfactor = 90)',
        qualified_name[1], qualified_name[2] || '_participation', types);
    EXECUTE format(
        'CREATE TABLE %I.%I OF %I.presence (
            PRIMARY KEY (agent_id, start, category))',
        qualified_name[1], qualified_name[2] || '_presence', types);

    -- for activity_intervals() and agent_intervals(): activities of up to an
    -- hour by their start, longer ones by their time, and open ones. One long
    -- case would spoil the default BRIN operators, which keep one range of a
    -- block's values.
    EXECUTE format(
        'CREATE INDEX ON %I.%I
            USING brin (start timestamptz_minmax_multi_ops)
            WITH (pages_per_range = 32, autosummarize = on)',
        qualified_name[1], qualified_name[2]);
    EXECUTE format(
        'CREATE INDEX ON %1$I.%2$I
            USING gist (tstzrange(start, %3$I.activity_end(start, duration_ms)))
            WHERE duration_ms > 3600000',
        qualified_name[1], qualified_name[2], types);
    EXECUTE format(
        'CREATE INDEX ON %I.%I (start) WHERE duration_ms IS NULL',
        qualified_name[1], qualified_name[2]);
    EXECUTE format(
        'CREATE INDEX ON %I.%I
            USING brin (started_at timestamptz_minmax_multi_ops)
            WITH (pages_per_range = 32, autosummarize = on)',
        qualified_name[1], qualified_name[2] || '_participation');

    -- the comments are those of the types
    FOR made IN
        SELECT c.oid, c.oid::regclass AS name, t.typrelid
        FROM pg_class AS c JOIN pg_type AS t ON t.oid = c.reloftype
        WHERE c.oid IN (
            format('%I.%I', qualified_name[1], qualified_name[2])::regclass,
            format('%I.%I', qualified_name[1],
                   qualified_name[2] || '_participation')::regclass,
            format('%I.%I', qualified_name[1],
                   qualified_name[2] || '_presence')::regclass)
    LOOP
        FOR commented IN
            SELECT attname, col_description(made.typrelid, attnum) AS comment
            FROM pg_attribute
            WHERE attrelid = made.typrelid AND attnum > 0 AND NOT attisdropped
        LOOP
            EXECUTE format('COMMENT ON COLUMN %s.%I IS %L',
                           made.name, commented.attname, commented.comment);
        END LOOP;
    END LOOP;
    EXECUTE format('COMMENT ON TABLE %I.%I IS %L',
        qualified_name[1], qualified_name[2],
        'activities of agents, one row each, as they are best known; kept by load_activities()');
    EXECUTE format('COMMENT ON TABLE %I.%I IS %L',
        qualified_name[1], qualified_name[2] || '_participation',
        format('participations, one row for each agent''s connection to an interaction, made from %s; kept by load_activities()',
               qualified_name[2]));
    EXECUTE format('COMMENT ON TABLE %I.%I IS %L',
        qualified_name[1], qualified_name[2] || '_presence',
        'presences of agents, one row each, as they are best known; kept by load_activities()');
    IF partition_by IS NOT NULL THEN
        EXECUTE format('CREATE TABLE %1$I.%3$I PARTITION OF %1$I.%2$I DEFAULT WITH (fillfactor = 90)',
            qualified_name[1], qualified_name[2], qualified_name[2] || '_default');
        EXECUTE format('COMMENT ON TABLE %I.%I IS %L',
            qualified_name[1], qualified_name[2] || '_default',
            format('activities of %s that no other partition is for; add_activity_partitions() moves them',
                   qualified_name[2]));
        EXECUTE format('SELECT %I.activity_add_partition($1, $2, $3)', types)
        USING format('%I.%I', qualified_name[1], qualified_name[2])::regclass,
            partition_by, now();
    END IF;
    RETURN format('%I.%I', qualified_name[1], qualified_name[2])::regclass;
END
$$;
COMMENT ON FUNCTION activity_create_tables(text[], name, text) IS
    'internal: creates the tables of create_activity_table(), given the parts of the name, the schema for a name without one, and how to partition the table';

CREATE FUNCTION create_activity_table(name text,
        partition_by text DEFAULT NULL) RETURNS regclass
    LANGUAGE sql VOLATILE PARALLEL UNSAFE COST 10000
BEGIN ATOMIC
    SELECT activity_create_tables(pg_catalog.parse_ident(name),
                                  pg_catalog.current_schema(), partition_by);
END;
COMMENT ON FUNCTION create_activity_table(text, text) IS
    'creates a table of activities with this name, which may be qualified by a schema, and tables of their participations, NAME_participation, and of presences, NAME_presence, with unique keys and comments; with partition_by month, week or day, the table of activities is partitioned by start, with a default partition and the current one';

CREATE FUNCTION load_activities(target regclass, activities activity[],
        OUT inserted bigint, OUT updated bigint, OUT unchanged bigint,
        OUT outdated bigint)
    RETURNS record
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION load_activities(regclass, activity[]) IS
    'loads activities into a table made by create_activity_table(), keeping the best known of each, and brings their participations up to date; returns how many were inserted, updated, unchanged (but for reported_at), and outdated (see forget_activities())';

CREATE FUNCTION load_activities(target regclass, page json,
        on_error text DEFAULT 'stop',
        OUT inserted bigint, OUT updated bigint, OUT unchanged bigint,
        OUT rejected bigint, OUT outdated bigint)
    RETURNS record
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'load_activities_json';
COMMENT ON FUNCTION load_activities(regclass, json, text) IS
    'loads a page into the tables made by create_activity_table(), keeping the best known of each activity and presence, and brings the participations up to date; returns how many were inserted, updated, unchanged (but for reported_at), rejected (with on_error ''ignore'' or ''set_null''), and outdated (see forget_activities())';

CREATE FUNCTION load_activities(target regclass, page jsonb,
        on_error text DEFAULT 'stop',
        OUT inserted bigint, OUT updated bigint, OUT unchanged bigint,
        OUT rejected bigint, OUT outdated bigint)
    RETURNS record
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME', 'load_activities_jsonb';
COMMENT ON FUNCTION load_activities(regclass, jsonb, text) IS
    'loads a page into the tables made by create_activity_table(), keeping the best known of each activity and presence, and brings the participations up to date; returns how many were inserted, updated, unchanged (but for reported_at), rejected (with on_error ''ignore'' or ''set_null''), and outdated (see forget_activities())';

--
-- Retention
--

CREATE FUNCTION activity_partitions(target regclass, OUT partition regclass,
        OUT from_time timestamptz, OUT to_time timestamptz)
    RETURNS SETOF record
    LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000 ROWS 40
    -- for bounds, which are texts
    SET search_path = pg_catalog, pg_temp
    SET DateStyle = 'ISO'
    SET TimeZone = 'UTC'
AS $$
BEGIN
    RETURN QUERY
    SELECT i.inhrelid::regclass, bounds[1]::timestamptz, bounds[2]::timestamptz
    FROM pg_partitioned_table AS p
        JOIN pg_attribute AS a ON a.attrelid = p.partrelid AND a.attnum = p.partattrs[0]
        JOIN pg_inherits AS i ON i.inhparent = p.partrelid
        JOIN pg_class AS c ON c.oid = i.inhrelid
        CROSS JOIN regexp_match(pg_get_expr(c.relpartbound, c.oid),
            '^FOR VALUES FROM \(''([^'']*)''\) TO \(''([^'']*)''\)$') AS bounds
    WHERE p.partrelid = target AND p.partstrat = 'r' AND p.partnatts = 1
        AND a.attname = 'start' AND bounds IS NOT NULL;
END
$$;
COMMENT ON FUNCTION activity_partitions(regclass) IS
    'internal: the partitions of a table partitioned by range of start, from_time included, to_time not; without the default partition and those without a bound on one side';

CREATE FUNCTION activity_add_partition(target regclass, partition_by text,
        at_time timestamptz)
    RETURNS regclass
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
    SET search_path = pg_catalog, pg_temp
    SET DateStyle = 'ISO'
    SET TimeZone = 'UTC'
AS $$
DECLARE
    from_time CONSTANT timestamptz := date_trunc(partition_by, at_time);
    to_time CONSTANT timestamptz := from_time + ('1 ' || partition_by)::interval;
    parent record;
    partition text;
    columns text;
BEGIN
    SELECT nspname, relname, pg_get_userbyid(relowner) AS owner,
        relreplident = 'f' AS is_replicated_in_full,
        nullif(partdefid, 0)::regclass AS default_partition
    INTO STRICT parent
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace
        JOIN pg_partitioned_table ON partrelid = c.oid
    WHERE c.oid = target;
    partition := format('%I.%I', parent.nspname, parent.relname ||
        to_char(from_time, CASE partition_by WHEN 'month' THEN '"_p"YYYY_MM'
                           ELSE '"_p"YYYY_MM_DD' END));

    -- Loads and reports wait for the table from here on, before they lock any
    -- row. A query that waited for the default partition alone would have been
    -- planned without the new one, and miss the rows that move.
    IF parent.default_partition IS NOT NULL THEN
        EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', target);
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE',
                       parent.default_partition);
    END IF;
    -- Rows go to the new table before it is a partition: PostgreSQL does not
    -- make one whose rows the default partition has.
    EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING DEFAULTS
            INCLUDING CONSTRAINTS INCLUDING GENERATED INCLUDING STORAGE
            INCLUDING COMPRESSION INCLUDING COMMENTS)
            WITH (fillfactor = 90)', partition, target);
    IF parent.owner <> current_user THEN
        EXECUTE format('ALTER TABLE %s OWNER TO %I', partition, parent.owner);
    END IF;
    IF parent.is_replicated_in_full THEN
        EXECUTE format('ALTER TABLE %s REPLICA IDENTITY FULL', partition);
    END IF;
    IF parent.default_partition IS NOT NULL THEN
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum)
        INTO STRICT columns
        FROM pg_attribute
        WHERE attrelid = target AND attnum > 0 AND NOT attisdropped
            AND attgenerated = '';
        EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM %s WHERE start >= $1 AND start < $2',
                       partition, columns, columns, parent.default_partition)
        USING from_time, to_time;
        EXECUTE format('DELETE FROM %s WHERE start >= $1 AND start < $2',
                       parent.default_partition)
        USING from_time, to_time;
    END IF;
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
                   target, partition, from_time, to_time);
    EXECUTE format('COMMENT ON TABLE %s IS %L', partition,
                   format('activities of %s that started in the %s from %s on',
                          parent.relname, partition_by, from_time));
    RETURN partition::regclass;
END
$$;
COMMENT ON FUNCTION activity_add_partition(regclass, text, timestamptz) IS
    'internal: adds the partition for the month, week or day (in UTC) of this time, and moves into it what the default partition has of it';

CREATE FUNCTION add_activity_partitions(target regclass, until timestamptz)
    RETURNS SETOF regclass
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 10
    SET search_path = pg_catalog, pg_temp
    SET DateStyle = 'ISO'
    SET TimeZone = 'UTC'
AS $$
DECLARE
    types CONSTANT name := (    -- the schema of the extension
        SELECT nspname FROM pg_extension JOIN pg_namespace AS n
            ON n.oid = extnamespace
        WHERE extname = 'activity');
    last record;
    partition_by text;
    default_partition regclass;
    to_add timestamptz[];
    at_time timestamptz;
    made regclass;
BEGIN
    IF target IS NULL OR until IS NULL THEN
        RAISE null_value_not_allowed USING
            MESSAGE = format('%s must not be null',
                             CASE WHEN target IS NULL THEN 'target' ELSE 'until' END);
    ELSIF NOT isfinite(until) THEN
        RAISE invalid_parameter_value USING MESSAGE = 'until must be finite';
    END IF;
    SELECT nullif(partdefid, 0) INTO default_partition
    FROM pg_partitioned_table WHERE partrelid = target;
    IF NOT FOUND THEN
        RAISE wrong_object_type USING
            MESSAGE = format('"%s" is not a partitioned table', target),
            HINT = 'Create one with create_activity_table(name, partition_by).';
    END IF;

    -- one session at a time
    EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', target);
    EXECUTE format('SELECT from_time, to_time FROM %I.activity_partitions($1) ORDER BY to_time DESC LIMIT 1', types)
    INTO last USING target;
    SELECT u INTO partition_by
    FROM unnest('{month,week,day}'::text[]) AS u
    WHERE last.from_time = date_trunc(u, last.from_time)
        AND last.to_time = last.from_time + ('1 ' || u)::interval;
    IF partition_by IS NULL THEN
        RAISE object_not_in_prerequisite_state USING
            MESSAGE = format('the last partition of "%s" is not a month, week, or day of start in UTC', target),
            HINT = 'Add partitions with CREATE TABLE ... PARTITION OF.';
    END IF;

    SELECT array_agg(s) INTO to_add
    FROM generate_series(last.to_time, until, ('1 ' || partition_by)::interval) AS s
    WHERE s < until;
    IF default_partition IS NOT NULL THEN
        EXECUTE format('SELECT $1 || array_agg(DISTINCT date_trunc($2, start)) FROM %s WHERE start < $3 AND isfinite(start)',
                       default_partition)
        INTO to_add USING to_add, partition_by, until;
    END IF;
    FOR at_time IN SELECT DISTINCT a FROM unnest(to_add) AS a ORDER BY a LOOP
        EXECUTE format('SELECT %I.activity_add_partition($1, $2, $3)', types)
        INTO made USING target, partition_by, at_time;
        RETURN NEXT made;
    END LOOP;
END
$$;
COMMENT ON FUNCTION add_activity_partitions(regclass, timestamptz) IS
    'adds to a partitioned table of activities the partitions that start before this time: those after the last one, each as long as that (a month, week or day in UTC), and those of activities in the default partition, which it moves; returns the partitions';

CREATE FUNCTION activity_drop_partitions(target regclass, before timestamptz)
    RETURNS bigint
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    types CONSTANT name := (    -- the schema of the extension
        SELECT nspname FROM pg_extension JOIN pg_namespace AS n
            ON n.oid = extnamespace
        WHERE extname = 'activity');
    partition regclass;
    is_used boolean;
    is_locked boolean := false;
    dropped bigint := 0;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_partitioned_table WHERE partrelid = target) THEN
        RETURN 0;
    END IF;
    -- one session at a time
    EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', target);
    -- The last one stays: add_activity_partitions() goes on from it.
    FOR partition IN EXECUTE format(
        'SELECT p.partition FROM %1$I.activity_partitions($1) AS p
         WHERE p.to_time <= $2 AND p.to_time <
             (SELECT max(l.to_time) FROM %1$I.activity_partitions($1) AS l)
         ORDER BY p.to_time', types)
    USING target, before LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', partition) INTO is_used;
        CONTINUE WHEN is_used;
        IF NOT is_locked THEN
            -- before the partitions, as loads and reports do
            EXECUTE format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', target);
            is_locked := true;
        END IF;
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', partition);
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', partition) INTO is_used;
        IF NOT is_used THEN
            EXECUTE format('DROP TABLE %s', partition);
            dropped := dropped + 1;
        END IF;
    END LOOP;
    RETURN dropped;
END
$$;
COMMENT ON FUNCTION activity_drop_partitions(regclass, timestamptz) IS
    'internal: drops the empty partitions of a table partitioned by range of start that end by this time, but never the last one; returns how many';

CREATE PROCEDURE forget_activities(target regclass, before timestamptz,
        batch integer DEFAULT 10000,
        INOUT participations bigint DEFAULT NULL,
        INOUT activities bigint DEFAULT NULL,
        INOUT presences bigint DEFAULT NULL,
        INOUT partitions bigint DEFAULT NULL)
    LANGUAGE C
    AS 'MODULE_PATHNAME';
COMMENT ON PROCEDURE forget_activities(regclass, timestamptz, integer, bigint, bigint, bigint, bigint) IS
    'removes participations that ended before this time, with their activities, and presences that ended before it, in transactions of up to batch participations, then drops partitions that are empty; returns how many it removed; load_activities() counts what arrives of them later as outdated';

CREATE FUNCTION repair_participations(target regclass,
        OUT computed bigint, OUT deleted bigint)
    RETURNS record
    LANGUAGE C VOLATILE PARALLEL UNSAFE COST 10000
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION repair_participations(regclass) IS
    'computes those participations anew that are not those of the activities in the table, and deletes those without activities; returns how many; loads wait meanwhile';

CREATE PROCEDURE load_pages(target regclass, pages regclass, page_column name,
        batch integer DEFAULT 1000, on_error text DEFAULT 'stop',
        INOUT inserted bigint DEFAULT NULL, INOUT updated bigint DEFAULT NULL,
        INOUT unchanged bigint DEFAULT NULL, INOUT rejected bigint DEFAULT NULL,
        INOUT outdated bigint DEFAULT NULL)
    LANGUAGE C
    AS 'MODULE_PATHNAME';
COMMENT ON PROCEDURE load_pages(regclass, regclass, name, integer, text, bigint, bigint, bigint, bigint, bigint) IS
    'loads all pages of a table, or of another relation, into the tables made by create_activity_table(), as load_activities() does; commits after each batch of so many pages, and reports the progress; returns the counts of load_activities()';

--
-- Intervals
--

CREATE FUNCTION activity_intervals(source regclass, from_time timestamptz,
        to_time timestamptz, width interval DEFAULT '30 minutes')
    RETURNS SETOF activity_interval
    LANGUAGE C STABLE PARALLEL RESTRICTED COST 10000 ROWS 1000
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_intervals(regclass, timestamptz, timestamptz, interval) IS
    'of a table made by create_activity_table(): a row for each interval of this width from from_time to to_time, agent, medium and direction in which a participation started or time was spent; finished time only';

CREATE FUNCTION agent_intervals(source regclass, from_time timestamptz,
        to_time timestamptz, width interval DEFAULT '30 minutes',
        as_of timestamptz DEFAULT NULL, media text[] DEFAULT NULL)
    RETURNS SETOF agent_interval
    LANGUAGE C STABLE PARALLEL RESTRICTED COST 10000 ROWS 1000
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION agent_intervals(regclass, timestamptz, timestamptz, interval, timestamptz, text[]) IS
    'of a table made by create_activity_table(): a row for each interval of this width from from_time to to_time and agent who was busy or logged in; with as_of what is open then lasts up to it, without it adds no time; with media only activities of these count';

CREATE FUNCTION activity_tables(source regclass,
        OUT participations regclass, OUT presences regclass)
    RETURNS record
    LANGUAGE C STABLE PARALLEL SAFE COST 100
    AS 'MODULE_PATHNAME';
COMMENT ON FUNCTION activity_tables(regclass) IS
    'internal: the tables of participations and of presences beside a table of activities; an error if one is missing or does not fit';

CREATE FUNCTION activity_report_columns(OUT views text, OUT kind text,
        OUT name text, OUT expression text, OUT comment text)
    RETURNS SETOF record
    LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 100 ROWS 80
BEGIN ATOMIC
    VALUES
        ('ap', 'value', 'participation_id', 't.interaction_guid::text || ''/'' || coalesce(t.channel_guid::text, '''') || ''/'' || t.agent_id', 'the participation: joins activities and participations'),
        ('api', 'value', 'interaction_guid', 't.interaction_guid::text', 'the interaction, a call, case, chat or email: joins activities, participations and interactions'),
        ('ap', 'value', 'channel_guid', 't.channel_guid::text', 'the agent''s connection to the interaction'),
        ('apr', 'value', 'agent_id', 't.agent_id', 'the agent'),
        ('i', 'value', 'first_agent_id', 't.first_agent_id', 'the first agent who answered and was not consulted'),
        ('i', 'value', 'last_agent_id', 't.last_agent_id', 'the last agent who answered and was not consulted'),
        ('api', 'value', 'medium', 't.medium', 'the medium, such as Phone, Case or Chat'),
        ('api', 'value', 'medium_manager', 't.medium_manager', 'the application that the interaction came from'),
        ('api', 'label', 'direction', 't.direction', 'who called: Inbound (a customer), Outbound (an agent called a customer), Internal (an agent called an agent)'),
        ('a', 'label', 'state', 't.state', 'what the agent did: Ringing, Connected, Wrap, Unexpected, Failed'),
        ('a', 'label', 'reason', 't.reason', 'the reason that the vendor gives; None given if an Unexpected or Failed activity has none'),
        ('pi', 'label', 'outcome', 't.outcome', 'the outcome: Answered, Unanswered, Unexpected, Failed, Monitored'),
        ('p', 'label', 'unexpected_reason', 't.unexpected_reason', 'why the outcome is Unexpected; None given if no reason is known'),
        ('p', 'label', 'failed_reason', 't.failed_reason', 'why it has Failed; None given if the outcome is Failed and no reason is known'),
        ('r', 'label', 'category', 't.category', 'whether the agent was there to work: Ready, Away, ExtendedAway, LoggedOut'),
        ('r', 'value', 'name', 't.name', 'the account''s own label, such as Break or Lunch'),
        ('api', 'label', 'status', 't.status', 'how far the processing of the interaction had come: Ongoing, InternalError, Completed'),

        ('a', 'moment', 'started', 't.started_at', 'when the activity started'),
        ('r', 'moment', 'started', 't.started_at', 'when the presence started'),
        ('pi', 'moment', 'started', 't.started_at', 'when the first activity that is not Monitor started'),
        ('pi', 'moment', 'answered', 't.answered_at', 'when the first agent''s Connected started; null if nobody answered'),
        ('pi', 'moment', 'disconnected', 't.disconnected_at', 'when the last Connected ended; null while that is open, or if it is not known'),
        ('a', 'moment', 'ended', 't.ended_at', 'when the activity ended; null while it is open, or if it is not known'),
        ('pi', 'moment', 'ended', 't.ended_at', 'when the last activity ended; null while that is open, or if it is not known'),
        ('r', 'moment', 'ended', 't.ended_at', 'when the presence ended: at its reported end, or before it when the agent''s next one started; null for an agent''s last one while it lasts'),
        ('apir', 'moment', 'reported', 't.reported_at', 'when the latest page that reported it was requested'),

        ('a', 'flag', 'monitor', 't.reason IS NOT DISTINCT FROM ''Monitor''', 'whether a supervisor listened in: ring, talk, wrap and handle time are 0 then'),
        ('p', 'flag', 'offered', 't.offered', 'whether the participation was offered to the agent'),
        ('p', 'flag', 'answered', 't.answered_at IS NOT NULL', 'whether the agent answered: there is a Connected, finished or not'),
        ('p', 'flag', 'handled', 't.handled', 'whether the agent handled it: there is finished talk or wrap time'),
        ('p', 'flag', 'unexpected', 't.outcome IS NOT DISTINCT FROM ''Unexpected''', 'whether the outcome is Unexpected'),
        ('p', 'flag', 'failed', 't.outcome IS NOT DISTINCT FROM ''Failed''', 'whether the outcome is Failed'),
        ('p', 'flag', 'monitored', 't.outcome IS NOT DISTINCT FROM ''Monitored''', 'whether the agent only listened in'),
        ('i', 'value', 'answered', 't.answered_at IS NOT NULL', 'whether an agent answered'),
        ('i', 'value', 'transferred', 't.transfers > 0', 'whether it was transferred from an agent to another'),
        ('a', 'flag', 'open', 't.duration_ms IS NULL AND t.status IS DISTINCT FROM ''InternalError''', 'whether the activity is still going on'),
        ('pi', 'flag', 'open', 't.open', 'whether its last activity is still going on'),
        ('r', 'value', 'eligible_for_routing', 't.eligible_for_routing', 'whether new interactions were routed to the agent; null where the API does not say'),

        ('a', 'count', 'activity', '1', 'activities: 1'),
        ('i', 'count', 'interaction', '1', 'interactions: 1'),
        ('p', 'count', 'participation', '1', 'participations: 1'),
        ('i', 'count', 'participation', 't.participations', 'participations'),
        ('i', 'average count', 'agent', 't.agents', 'agents who answered'),
        ('i', 'count', 'offered', 't.offered', 'participations that were offered to an agent'),
        ('i', 'count', 'answered', 't.answered', 'participations that were answered'),
        ('i', 'count', 'handled', 't.handled', 'participations that were handled'),
        ('i', 'count', 'unexpected', 't.unexpected', 'participations whose outcome is Unexpected'),
        ('i', 'count', 'failed', 't.failed', 'participations whose outcome is Failed'),
        ('i', 'count', 'monitored', 't.monitored', 'participations in which the agent only listened in'),
        ('pi', 'count', 'unexpected_attempt', 't.unexpected_attempts', 'Unexpected activities: an agent who lets the same call ring out twice counts twice'),
        ('p', 'count', 'connection', 't.connections', 'Connected activities'),
        ('i', 'count', 'transfer', 't.transfers', 'transfers: how often the agent changed, without consults'),
        ('i', 'count', 'consult', 't.consults', 'consults: agents who joined a talk and did not stay longer than one who was there before'),

        ('a', 'time', 'duration', 't.duration_ms', 'how long the activity lasted, whatever its state; null if it has not finished'),
        ('i', 'average time', 'length', 't.length_ms', 'time from the start to the end; null if it has not ended'),
        ('p', 'average time', 'answer', 't.answer_ms', 'answer time, from the start of the last Ringing to Connected; null without both'),
        ('i', 'average time', 'answer', 't.answer_ms', 'time from the first offer to the first answer, without time in a queue; null without both'),
        ('a', 'time', 'ring', 'CASE t.worked_state WHEN ''Ringing'' THEN t.finished_ms ELSE 0 END', 'ring time'),
        ('a', 'time', 'talk', 'CASE t.worked_state WHEN ''Connected'' THEN t.finished_ms ELSE 0 END', 'talk time'),
        ('a', 'time', 'wrap', 'CASE t.worked_state WHEN ''Wrap'' THEN t.finished_ms ELSE 0 END', 'wrap time'),
        ('a', 'time', 'handle', 'CASE WHEN t.worked_state IN (''Connected'', ''Wrap'') THEN t.finished_ms ELSE 0 END', 'handle time (talk and wrap time)'),
        ('a', 'time', 'monitor', 'CASE WHEN t.worked_state IS NULL AND t.state IN (''Connected'', ''Wrap'') THEN t.finished_ms ELSE 0 END', 'monitor time, in which a supervisor listened in'),
        ('pi', 'time', 'ring', 't.ring_ms', 'ring time'),
        ('pi', 'time', 'talk', 't.talk_ms', 'talk time'),
        ('pi', 'time', 'parked', 't.parked_ms', 'parked time'),
        ('pi', 'time', 'wrap', 't.wrap_ms', 'wrap time'),
        ('pi', 'time', 'handle', 't.handle_ms', 'handle time (talk and wrap time)'),
        ('pi', 'time', 'monitor', 't.monitor_ms', 'monitor time, in which a supervisor listened in'),
        ('r', 'time', 'presence', 't.in_force_ms', 'time in force; null for an agent''s last one while it lasts'),
        ('r', 'time', 'login', 'CASE WHEN t.category <> ''LoggedOut'' THEN t.in_force_ms ELSE 0 END', 'login time: in force, and not LoggedOut'),
        ('r', 'time', 'ready', 'CASE WHEN t.category = ''Ready'' THEN t.in_force_ms ELSE 0 END', 'ready time: in force, and Ready; it goes on while the agent works'),
        ('r', 'time', 'routable', 'CASE WHEN t.category = ''Ready'' AND t.eligible_for_routing IS NOT FALSE THEN t.in_force_ms ELSE 0 END', 'routable time: in force, Ready, and eligible for routing unless the API says otherwise'),
        ('r', 'time', 'away', 'CASE WHEN t.category IN (''Away'', ''ExtendedAway'') THEN t.in_force_ms ELSE 0 END', 'away time: in force, and Away or ExtendedAway'),

        ('p', 'average figure', 'handle_s_of_handled', 'CASE WHEN t.handled THEN t.handle_ms / 1000.0::double precision END', 'handle time in seconds, null if it was not handled: its average is the average handle time'),
        ('p', 'average figure', 'talk_s_of_handled', 'CASE WHEN t.handled THEN t.talk_ms / 1000.0::double precision END', 'talk time in seconds, null if it was not handled'),
        ('p', 'average figure', 'wrap_s_of_handled', 'CASE WHEN t.handled THEN t.wrap_ms / 1000.0::double precision END', 'wrap time in seconds, null if it was not handled'),
        ('p', 'average figure', 'parked_s_of_handled', 'CASE WHEN t.handled THEN t.parked_ms / 1000.0::double precision END', 'parked time in seconds, null if it was not handled'),
        ('p', 'average figure', 'answered_of_offered', 'CASE WHEN t.offered THEN (t.answered_at IS NOT NULL)::integer END', '1 if it was answered, else 0; null if it was not offered: its average is the share answered'),
        ('p', 'average figure', 'unexpected_of_offered', 'CASE WHEN t.offered THEN (t.outcome IS NOT DISTINCT FROM ''Unexpected'')::integer END', '1 if the outcome is Unexpected, else 0; null if it was not offered: its average is the unexpected rate'),
        ('p', 'average figure', 'failed_of_offered', 'CASE WHEN t.offered THEN (t.outcome IS NOT DISTINCT FROM ''Failed'')::integer END', '1 if the outcome is Failed, else 0; null if it was not offered: its average is the share that failed'),
        ('i', 'average figure', 'handle_s_of_handled', 'CASE WHEN t.handled > 0 THEN t.handle_ms / 1000.0::double precision END', 'handle time of all agents in seconds, null if nobody handled it: its average is that of an interaction, not of a participation'),
        ('i', 'average figure', 'answered_of_offered', 'CASE WHEN t.offered > 0 THEN (t.answered_at IS NOT NULL)::integer END', '1 if an agent answered, else 0; null if it was offered to nobody: its average is the share answered'),
        ('i', 'average figure', 'transferred_of_answered', 'CASE WHEN t.answered_at IS NOT NULL THEN (t.transfers > 0)::integer END', '1 if it was transferred, else 0; null if nobody answered: its average is the share transferred'),
        ('i', 'average figure', 'consulted_of_answered', 'CASE WHEN t.answered_at IS NOT NULL THEN (t.consults > 0)::integer END', '1 if an agent was consulted, else 0; null if nobody answered: its average is the share with a consult');
END;
COMMENT ON FUNCTION activity_report_columns() IS
    'internal: the columns of the views of create_activity_views(): those of activities (a), participations (p), interactions (i), presences (r) that have it, its kind (what is averaged begins with average), name, expression over the row t, and meaning';

CREATE FUNCTION create_activity_views(source regclass,
        time_zone text DEFAULT 'UTC', replace boolean DEFAULT false)
    RETURNS SETOF regclass
    LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE COST 10000 ROWS 4
    SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    types CONSTANT name := (    -- the schema of the extension
        SELECT nspname FROM pg_extension JOIN pg_namespace AS n
            ON n.oid = extnamespace
        WHERE extname = 'activity');
    participations regclass;
    presences regclass;
    zone text;
    longest CONSTANT integer := 63 - length('_participation_report');
    -- What each view reads, as t. Nothing but PostgreSQL's own and what the
    -- types determine, so that a dump of the view restores whatever else is
    -- in the extension's schema.
    activity_rows CONSTANT text := $sql$(
        SELECT a.interaction_guid, a.channel_guid, a.agent_id, a.medium,
            a.medium_manager, a.direction, a.state, a.reason, a.status,
            a.duration_ms, a.reported_at, a.start AS started_at,
            -- exact for all durations
            a.start + a.duration_ms / 3600000 * '1 hour'::interval
                + a.duration_ms %% 3600000 * '1 millisecond'::interval
                AS ended_at,
            CASE WHEN a.reason IS DISTINCT FROM 'Monitor' THEN a.state END
                AS worked_state,
            coalesce(a.duration_ms, 0) AS finished_ms
        FROM %s AS a)$sql$;
    interaction_rows text;
    -- The presence in force is the agent's one that started last: the next
    -- start ends it. Of those that start together, it is the last in this
    -- order; the start of the next one leaves no time to the others.
    presence_rows CONSTANT text := $sql$(
        SELECT f.*,
            (floor(extract(epoch FROM f.ended_at) * 1000)
             - floor(extract(epoch FROM f.started_at) * 1000))::bigint AS in_force_ms
        FROM (
            SELECT p.agent_id, p.category, p.name, p.eligible_for_routing,
                p.reported_at, p.start AS started_at,
                least(p.start + p.duration_ms / 3600000 * '1 hour'::interval
                      + p.duration_ms %% 3600000 * '1 millisecond'::interval,
                      lead(p.start) OVER (
                          PARTITION BY p.agent_id
                          ORDER BY p.start,
                              CASE WHEN p.duration_ms > 0 THEN 2
                                   WHEN p.duration_ms IS NULL THEN 1
                                   ELSE 0 END,
                              p.duration_ms, p.category)) AS ended_at
            FROM %s AS p) AS f)$sql$;
    group_by CONSTANT text := '. Group by it; do not sum or average it.';
    sum_up CONSTANT text := '. Sum it; do not average it.';
    average CONSTANT text := '. Average it; do not sum it.';
    made record;
    col record;
    local text;         -- a moment in the time zone
    given text;         -- a label, or else what there is without one
    sum_or_average text;
    list text[];        -- of each column of the view: name, expression, comment
    options text;
BEGIN
    EXECUTE format('SELECT * FROM %I.activity_tables($1)', types)
    INTO participations, presences USING source;
    IF replace IS NULL OR time_zone IS NULL THEN
        RAISE null_value_not_allowed USING
            MESSAGE = format('%s must not be null',
                             CASE WHEN time_zone IS NULL THEN 'the time zone'
                             ELSE 'replace' END);
    END IF;
    -- in any case, but not by the database's rules: I need not be the capital of i
    SELECT name INTO zone FROM pg_timezone_names
    WHERE lower(name COLLATE "C") = lower(time_zone COLLATE "C") AND
        (name = 'UTC' OR
         name LIKE '%/%' AND name !~ '^(Etc|posix|right|SystemV)/');
    IF zone IS NULL THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('time zone "%s" is not that of a place', time_zone),
            DETAIL = 'It must be UTC, or a name of pg_timezone_names with a slash that does not begin with Etc/, posix/ or right/: abbreviations and offsets do not have summer time.',
            HINT = 'Pass a name such as Europe/Berlin.';
    END IF;

    SELECT format('(SELECT %s FROM (SELECT p.interaction_guid, '
                  '%I.interaction(ROW(%s)::%I.participation) AS made '
                  'FROM %s AS p GROUP BY p.interaction_guid) AS i)',
                  -- the guid is that of GROUP BY, which conditions on it reach
                  string_agg(CASE attname WHEN 'interaction_guid' THEN 'i.'
                             ELSE '(i.made).' END || quote_ident(attname),
                             ', ' ORDER BY attnum) FILTER (WHERE typname = 'interaction'),
                  types,
                  string_agg('p.' || quote_ident(attname),
                             ', ' ORDER BY attnum) FILTER (WHERE typname = 'participation'),
                  types, participations)
    INTO interaction_rows
    FROM pg_type AS y JOIN pg_attribute ON attrelid = typrelid
    WHERE y.oid IN (format('%I.interaction', types)::regtype,
                    format('%I.participation', types)::regtype)
        AND attnum > 0 AND NOT attisdropped;

    FOR made IN
        SELECT v.*, relname, format('%I.%I', nspname, relname || suffix) AS name,
            (SELECT typrelid FROM pg_type
             WHERE oid = format('%I.%I', types, v.type)::regtype) AS attributes
        FROM (VALUES
                (1, 'a', 'activity', source, format(activity_rows, source), '_report', 'activities, one row each'),
                (2, 'p', 'participation', participations, participations::text, '_participation_report', 'participations, one row each'),
                (3, 'i', 'interaction', participations, interaction_rows, '_interaction_report', 'interactions, one row each'),
                (4, 'r', 'presence', presences, format(presence_rows, presences), '_presence_report', 'presences, one row each, with the time that each was in force')
            ) AS v (number, letter, type, relation, rows, suffix, comment)
            CROSS JOIN pg_class AS c
            JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.oid = source
        ORDER BY number
    LOOP
        IF octet_length(made.relname) > longest THEN
            RAISE name_too_long USING
                MESSAGE = format('table name "%s" is too long', source),
                DETAIL = format('It may have at most %s bytes, so that '
                                '"_participation_report" can be appended.',
                                longest);
        END IF;
        list := '{}';
        FOR col IN EXECUTE format(
            'SELECT * FROM %I.activity_report_columns() WHERE strpos(views, $1) > 0',
            types) USING made.letter
        LOOP
            local := format('(%s AT TIME ZONE %L)', col.expression, zone);
            given := CASE col.name
                WHEN 'reason' THEN 'CASE WHEN t.reason IS NULL AND t.state IN (''Unexpected'', ''Failed'') THEN %2$s ELSE %1$s END'
                WHEN 'unexpected_reason' THEN 'CASE WHEN t.unexpected_reason IS NULL AND t.outcome = ''Unexpected'' THEN %2$s ELSE %1$s END'
                WHEN 'failed_reason' THEN 'CASE WHEN t.failed_reason IS NULL AND t.outcome = ''Failed'' THEN %2$s ELSE %1$s END'
                ELSE '%1$s' END;
            sum_or_average := CASE WHEN col.kind LIKE 'average %' THEN average ELSE sum_up END;
            list := list || CASE regexp_replace(col.kind, '^average ', '')
                WHEN 'value' THEN ARRAY[
                    [col.name, col.expression, col.comment || group_by]]
                WHEN 'label' THEN ARRAY[
                    [col.name, format(given, col.expression || '::text', '''None given'''),
                        col.comment || group_by],
                    [col.name || '_sort',
                        format('(' || given || ')::smallint',
                            format('array_position((SELECT enum_range(NULL::%s)), %s)',
                                (SELECT atttypid::regtype FROM pg_attribute
                                 WHERE attrelid = made.attributes AND attname = col.name),
                                col.expression),
                            32767),
                        format('the place of %s among its labels, to sort by%s', col.name, group_by)]]
                WHEN 'moment' THEN ARRAY[
                    [col.name || '_at', col.expression, col.comment || group_by],
                    [col.name || '_local', local,
                        format('%s_at in time zone %s%s', col.name, zone, group_by)],
                    [col.name || '_date', local || '::date',
                        format('the date of %s_at in time zone %s%s', col.name, zone, group_by)],
                    [col.name || '_week', format('date_trunc(''week'', %s)::date', local),
                        format('the Monday of the week of %s_at in time zone %s%s', col.name, zone, group_by)],
                    [col.name || '_weekday', format('extract(isodow FROM %s)::smallint', local),
                        format('the day of the week of %s_at in time zone %s, from 1 (Monday) to 7%s', col.name, zone, group_by)],
                    [col.name || '_hour', format('extract(hour FROM %s)::smallint', local),
                        format('the hour of %s_at in time zone %s, from 0 to 23%s', col.name, zone, group_by)],
                    [col.name || '_half_hour',
                        format('to_char(date_bin(''30 minutes'', %s, ''2000-01-01''), ''HH24:MI'')', local),
                        format('when the half hour of %s_at began, in time zone %s, such as 08:30; in the night when clocks are set back it names two%s', col.name, zone, group_by)]]
                WHEN 'flag' THEN ARRAY[
                    [col.name, col.expression, col.comment || group_by],
                    [col.name || '_count', format('(%s)::integer::double precision', col.expression),
                        format('1 if %s is true, else 0%s', col.name, sum_up)]]
                WHEN 'count' THEN ARRAY[
                    [col.name || '_count', format('(%s)::double precision', col.expression),
                        'number of ' || col.comment || sum_or_average]]
                WHEN 'time' THEN ARRAY[
                    [col.name || '_ms', col.expression,
                        regexp_replace(col.comment, '([,;:]|$)', ' in milliseconds\1') || sum_or_average],
                    [col.name || '_s', format('(%s) / 1000.0::double precision', col.expression),
                        regexp_replace(col.comment, '([,;:]|$)', ' in seconds\1') || sum_or_average]]
                WHEN 'figure' THEN ARRAY[
                    [col.name, format('(%s)::double precision', col.expression), col.comment || sum_or_average]]
            END;
        END LOOP;

        options := '';
        IF replace THEN
            -- kept, as grants are
            SELECT format('WITH (%s)', string_agg(format('%I = %L', option_name, option_value), ', '))
            INTO options
            FROM pg_class, pg_options_to_table(reloptions)
            WHERE oid = to_regclass(made.name) HAVING count(*) > 0;
        END IF;
        EXECUTE format('CREATE %s VIEW %s %s AS SELECT %s FROM %s AS t',
            CASE WHEN replace THEN 'OR REPLACE' END, made.name, options,
            (SELECT string_agg(format('%s AS %I', list[i][2], list[i][1]),
                               ', ' ORDER BY i)
             FROM generate_subscripts(list, 1) AS i),
            made.rows);
        -- a schema may have been renamed while the view was made
        IF NOT EXISTS (
                SELECT FROM pg_depend AS d JOIN pg_rewrite AS r ON r.oid = d.objid
                WHERE d.classid = 'pg_rewrite'::regclass AND
                    r.ev_class = made.name::regclass AND
                    d.refclassid = 'pg_class'::regclass AND
                    d.refobjid = made.relation) THEN
            RAISE object_not_in_prerequisite_state USING
                MESSAGE = format('a schema was renamed while the view %s was created',
                                 made.name),
                HINT = 'Try again.';
        END IF;
        -- another owner could change what a view shows
        IF NOT EXISTS (
                SELECT FROM pg_class AS v, pg_class AS s
                WHERE v.oid = made.name::regclass AND s.oid = source AND
                    (v.relowner = s.relowner OR
                     pg_get_userbyid(v.relowner) = current_user)) THEN
            RAISE insufficient_privilege USING
                MESSAGE = format('view "%s" belongs neither to you nor to the owner of "%s"',
                                 made.name, source),
                HINT = 'Drop it, or give it another owner with ALTER VIEW ... OWNER TO.';
        END IF;
        EXECUTE format('COMMENT ON VIEW %s IS %L', made.name,
                       made.comment || ', in plain types for BI tools');
        FOR i IN 1 .. array_length(list, 1) LOOP
            EXECUTE format('COMMENT ON COLUMN %s.%I IS %L',
                           made.name, list[i][1], list[i][3]);
        END LOOP;
        RETURN NEXT made.name::regclass;
    END LOOP;
END
$$;
COMMENT ON FUNCTION create_activity_views(regclass, text, boolean) IS
    'creates views over the tables made by create_activity_table(), NAME_report, NAME_participation_report, NAME_interaction_report and NAME_presence_report, in plain types for BI tools, with local times in this time zone; with replace, replaces those of an earlier call in place';
