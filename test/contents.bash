# A database that uses the extension in every way that outlives a session, and all that it contains. Sourced by tests
# that bring one elsewhere; they have sql, which runs psql, $project, $work (a directory) and $source (a database).
# shellcheck shell=bash
# shellcheck disable=SC2154 # see above

# Fills the database $source with all that can be dumped, with the extension in schema $1.
fill() {
	sql -d "$source" -v schema="$1" -v page="$(<"$project/sql/data/page-interactions.json")" \
		-v mixed="$(<"$project/sql/data/page-mixed.json")" \
		-v presences="$(<"$project/sql/data/page-presence.json")" <<'SQL'
CREATE SCHEMA IF NOT EXISTS :"schema";
CREATE EXTENSION activity SCHEMA :"schema";
SET search_path = public, :"schema";

CREATE TABLE page (
    number   integer PRIMARY KEY,
    page     json CHECK ((activity_page(page)).items >= 0),
    page_b   jsonb
);
INSERT INTO page VALUES (1, :'page', :'page'), (2, :'mixed', :'mixed'),
    (3, '[{"agentId": "1", "start": "now"}]', '{"message": "Too Many Requests"}');

-- type activity as a table, in a column, in an array
CREATE TABLE typed OF activity;
INSERT INTO typed SELECT a.* FROM page, activities(page, 'ignore') AS a;
CREATE INDEX ON typed (state);
CREATE INDEX ON typed (agent_id) WHERE reason = 'Monitor';
CREATE INDEX ON typed (reason_is_documented(state, reason), activity_end(typed.*::activity));
CREATE TABLE composite (
    number     serial,
    activity   activity NOT NULL,
    activities activity[]
);
INSERT INTO composite (activity, activities)
    SELECT a, ARRAY[a, NULL, a] FROM page, activities(page_b, 'ignore') AS a;

-- each enum in a column, with all that can hang on it
CREATE TABLE label (
    state      interaction_state DEFAULT 'Ringing' CHECK (state <= 'Failed'),
    status     interaction_status DEFAULT 'Ongoing',
    direction  interaction_direction,
    reason     activity_reason,
    outcome    participation_outcome,
    documented boolean GENERATED ALWAYS AS (reason_is_documented(state, reason)) STORED,
    UNIQUE (state, status, direction, reason, outcome)
);
INSERT INTO label
    SELECT state, status, direction, reason, outcome
      FROM unnest(enum_range(NULL::interaction_state)) AS state,
           unnest(enum_range(NULL::interaction_status)) AS status,
           unnest(enum_range(NULL::interaction_direction)) AS direction,
           unnest(enum_range(NULL::activity_reason)) AS reason,
           unnest(enum_range(NULL::participation_outcome)) AS outcome;
INSERT INTO label DEFAULT VALUES;
CREATE INDEX ON label (reason);

-- type participation in a column, in an array; arrays of each enum
CREATE TABLE worked (
    participation  participation NOT NULL CHECK ((participation).handle_ms >= 0),
    participations participation[],
    states         interaction_state[] CHECK (NOT states <@ ARRAY['Failed'::interaction_state]),
    statuses       interaction_status[],
    directions     interaction_direction[] DEFAULT '{Inbound,NULL,Internal}',
    reasons        activity_reason[],
    outcomes       participation_outcome[] DEFAULT enum_range(NULL::participation_outcome)
);
INSERT INTO worked (participation, participations, states, statuses, reasons)
    SELECT participation(t), ARRAY[participation(t), NULL], array_agg(state ORDER BY start, state),
           array_agg(DISTINCT status), array_agg(reason ORDER BY start, state)
      FROM typed AS t
     GROUP BY agent_id, interaction_guid, channel_guid;
CREATE INDEX ON worked (((participation).outcome));
CREATE INDEX ON worked USING gin (states);
CREATE INDEX ON worked (participation);

-- type interaction as a table, in a column, in an array
CREATE TABLE contact OF interaction;
INSERT INTO contact SELECT (interaction(participation)).* FROM worked GROUP BY (participation).interaction_guid;
CREATE TABLE contacts (
    interaction  interaction NOT NULL CHECK ((interaction).agents >= 0),
    interactions interaction[]
);
INSERT INTO contacts SELECT c::interaction, ARRAY[c::interaction, NULL] FROM contact AS c;
CREATE INDEX ON contacts (((interaction).outcome));

-- type presence as a table, in a column, in an array; its enum likewise
CREATE TABLE present OF presence;
INSERT INTO present SELECT p.* FROM presences(:'presences'::json) AS p;
CREATE TABLE presence_of_agent (
    presence   presence NOT NULL CHECK (presence_end(presence) > '2000-01-01'),
    presences  presence[],
    category   presence_category DEFAULT 'Ready',
    categories presence_category[] DEFAULT '{Away,NULL}'
);
INSERT INTO presence_of_agent (presence, presences, category)
    SELECT best_known(p::presence), array_agg(p::presence ORDER BY duration_ms), max(category) FROM present AS p GROUP BY agent_id, start;
CREATE INDEX ON presence_of_agent (((presence).category));
CREATE INDEX ON presence_of_agent USING gin (categories);

-- intervals as tables and in arrays
CREATE TABLE half_hour (activities activity_interval, agents agent_interval, activities_of_day activity_interval[], agents_of_day agent_interval[]);

-- the metrics, of both levels
CREATE VIEW metric AS
    SELECT coalesce(agent_id, 'all') AS agent, count(*) AS activities,
           handle_time(t), talk_time(t), wrap_time(t), ring_time(t),
           handled_participations(t), offered_participations(t),
           unexpected_participations(t), average_handle_time(t), unexpected_rate(t),
           unexpected_rate(t, 'NoAnswer') AS no_answer_rate, busy_time(t),
           peak_concurrency(t)
      FROM typed AS t
     GROUP BY GROUPING SETS ((), (agent_id));
CREATE VIEW moving AS
    SELECT agent_id, start, state, handle_time(t) OVER last AS handled
      FROM typed AS t
    WINDOW last AS (PARTITION BY agent_id ORDER BY start, state, reported_at
                    ROWS 3 PRECEDING);
CREATE VIEW metric_of_column AS
    SELECT average_handle_time(activity), unexpected_rate(activity, 'NumberBusy')
      FROM composite;
CREATE MATERIALIZED VIEW participations AS
    SELECT (participation(t)).*
      FROM typed AS t
     GROUP BY agent_id, interaction_guid, channel_guid;
CREATE VIEW participation_metric AS
    SELECT medium, handle_time(p), average_handle_time(p), parked_time(p), average_answer_time(p), answered_participations(p),
           unexpected_rate(p, 'NoAnswer') AS no_answer_rate
      FROM (SELECT medium, participation(t) AS p
              FROM typed AS t
             GROUP BY agent_id, interaction_guid, channel_guid, medium) AS p
     GROUP BY medium;
CREATE VIEW expanded AS
    SELECT number, s.*
      FROM page, activities(page, 'ignore') AS a, activity_slices(a, '1 hour') AS s;
CREATE VIEW rejected AS
    SELECT number, e.item, e.key, e.code, e.message, e.document::text
      FROM page, activity_errors(page_b) AS e;
CREATE FUNCTION handled(agent text) RETURNS bigint
    LANGUAGE sql
BEGIN ATOMIC
    SELECT handled_participations(t) FROM typed AS t WHERE agent_id = agent;
END;

-- and what the extension keeps itself
SELECT create_activity_table('kept') \g /dev/null
SELECT load_activities('kept', page, 'ignore') FROM page ORDER BY number \g /dev/null
SELECT create_activity_views('kept', 'Europe/Paris') \g /dev/null
SELECT create_activity_table('retained', 'month') \g /dev/null
SELECT load_activities('retained', page, 'ignore') FROM page ORDER BY number \g /dev/null
SELECT add_activity_partitions('retained', '2026-04-01') \g /dev/null
CALL forget_activities('retained', '2026-03-28 23:50Z') \g /dev/null
INSERT INTO half_hour
    SELECT i, j, ARRAY[i, NULL], ARRAY[j]
      FROM activity_intervals('kept', '2026-03-28 23:30Z', '2026-03-29 00:00Z') AS i, agent_intervals('kept', '2026-03-28 23:30Z', '2026-03-29 00:00Z') AS j;

-- there is data of every type that the extension has, of its array type, and of every label
DO $$
DECLARE
    type record;
    relation record;
    present bigint;
BEGIN
    FOR type IN
        SELECT oid, (SELECT count(*) FROM pg_enum WHERE enumtypid = pg_type.oid) AS labels
          FROM pg_type
         WHERE oid IN (SELECT unnest(ARRAY[t.oid, typarray])
                         FROM pg_depend JOIN pg_type AS t ON classid = 'pg_type'::regclass AND objid = t.oid
                        WHERE deptype = 'e' AND typtype IN ('c', 'e') AND
                              refobjid = (SELECT oid FROM pg_extension WHERE extname = 'activity'))
    LOOP
        present := 0;
        FOR relation IN
            SELECT attrelid::regclass AS name, attname FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid
             WHERE atttypid = type.oid AND relkind = 'r' AND NOT attisdropped
        LOOP
            EXECUTE format('SELECT greatest($1, count(DISTINCT %I)) FROM %s', relation.attname, relation.name)
                INTO present USING present;
        END LOOP;
        IF present < greatest(type.labels, 1) THEN
            RAISE 'there is too little of type %', type.oid::regtype;
        END IF;
    END LOOP;
END
$$;
SQL
}

# All of a database's contents and the results of its views, and what is defined there.
contents() {
	sql -d "$1" -A -t >"$work/relations.sql" <<'SQL'
SELECT format('\echo == %1$s
SELECT * FROM %1$I AS r ORDER BY r::text COLLATE "C";', relname)
  FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm')
 ORDER BY relname COLLATE "C";
SQL
	sql -d "$1" -A -f "$work/relations.sql"
	sql -d "$1" -A <<'SQL'
\echo == the function
SELECT handled('0071'), handled('1042');
\echo == late deliveries
BEGIN;
SELECT extnamespace::regnamespace AS schema FROM pg_extension WHERE extname = 'activity' \gset
SET LOCAL search_path = public, :schema;
SELECT l.* FROM page, load_activities('retained', page, 'ignore') AS l ORDER BY number;
ROLLBACK;
\echo == partitions
SELECT inhparent::regclass, relname, pg_get_expr(relpartbound, oid) FROM pg_inherits JOIN pg_class ON oid = inhrelid
 WHERE relkind = 'r' ORDER BY relname COLLATE "C";
\echo == the extension
SELECT extname, extversion, extnamespace::regnamespace FROM pg_extension ORDER BY extname COLLATE "C";
\echo == tables of types
SELECT relname, reloftype::regtype FROM pg_class WHERE reloftype <> 0 ORDER BY relname COLLATE "C";
\echo == indexes
SELECT pg_get_indexdef(indexrelid), indisvalid FROM pg_index JOIN pg_class ON oid = indrelid
 WHERE relnamespace = 'public'::regnamespace
 ORDER BY pg_get_indexdef(indexrelid) COLLATE "C";
\echo == constraints
SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE connamespace = 'public'::regnamespace
 ORDER BY conrelid::regclass::text COLLATE "C", conname COLLATE "C";
\echo == views
SELECT oid::regclass, pg_get_viewdef(oid) FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm') ORDER BY relname COLLATE "C";
\echo == comments
SELECT objoid::regclass, objsubid, description FROM pg_description JOIN pg_class ON oid = objoid
 WHERE classoid = 'pg_class'::regclass AND relnamespace = 'public'::regnamespace
 ORDER BY relname COLLATE "C", objsubid;
SQL
}
