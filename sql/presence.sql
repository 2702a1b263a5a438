-- Presences: which items they are, their attributes and errors, and when each
-- was in force: the tables of answers for the sample pages, to the digit.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA presence;
SET search_path = presence, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/loads.sql'
\set page `cat "$PG_ABS_SRCDIR/sql/data/page-presence.json"`
\set next `cat "$PG_ABS_SRCDIR/sql/data/page-presence-next.json"`
\set version_2 `cat "$PG_ABS_SRCDIR/sql/data/page-version-2.json"`
\set mixed `cat "$PG_ABS_SRCDIR/sql/data/page-mixed.json"`
\set ECHO none
\i :include
\set ECHO all
CREATE TABLE page (nr integer, body text);
INSERT INTO page VALUES (1, :'page'), (2, :'next'), (3, :'version_2'), (4, :'mixed');
\pset null -

--
-- The sample pages, as json, as jsonb and through json-c
--
SELECT nr, p.* FROM page, presences(body::json) AS p;
SELECT count(*) AS pages, bool_and(presences = as_jsonb AND presences = as_json_c) AS agree, sum(cardinality(errors)) AS errors
  FROM page, expand(body),
       LATERAL (SELECT array_agg(p) FROM presences(body::jsonb) AS p) AS b (as_jsonb),
       LATERAL (SELECT array_agg(p) FROM presences(left_to_json_c(body)::json) AS p) AS c (as_json_c);
-- version 2 has interaction.type for medium
SELECT state, duration_ms, medium, channel_guid, status, medium_manager, direction FROM activities(:'version_2'::json);
-- in the select list, one row at a time
SELECT (presences(:'next'::json)).*;
SELECT presence_end(p) FROM presences(:'next'::json) AS p;

--
-- Which items are presences
--
SELECT what, activities, presences, errors
  FROM (VALUES
        (1, 'state and name', presence_item()),
        (2, 'type Presence', presence_item(more := '"type":"Presence"')),
        (3, 'type null', presence_item(more := '"type":null')),
        (4, 'category', presence_item(state := '"category":"Away"')),
        (5, 'category where state is null', presence_item(state := '"state":null,"category":"Away"')),
        (6, 'state before category', presence_item(state := '"state":"LoggedOut","category":"Away"')),
        (7, 'interaction null', presence_item(more := '"interaction":null')),
        (8, 'name null', presence_item(name := '"name":null', eligible := '"y":0')),
        (9, 'only eligibleForRouting', presence_item(name := '"y":0', eligible := '"eligibleForRouting":null')),
        (10, 'type Presence, neither key', presence_item(name := '"y":0', eligible := '"z":0', more := '"type":"Presence"')),
        (11, 'type Presence, with an interaction', presence_item(more := '"type":"Presence","interaction":{"guid":"x"}')),
        (12, 'no type, neither key', presence_item(name := '"y":0', eligible := '"z":0')),
        (13, 'no type, with an interaction', presence_item(more := '"interaction":{"guid":"7c1e0a10-0001-4a00-8000-0000000000a1"}')),
        (14, 'no type, a state of activities', presence_item(state := '"state":"Wrap"')),
        (15, 'no type, an unknown state', presence_item(state := '"state":"Break"')),
        (16, 'no type, a state of another kind', presence_item(state := '"state":1')),
        (17, 'no type, no state', presence_item(state := '"y":0')),
        (18, 'type Workload', presence_item(more := '"type":"Workload"')),
        (19, 'type Interaction', presence_item(more := '"type":"Interaction"')),
        (20, 'type of another name', presence_item(more := '"type":"presence"'))
       ) AS v (nr, what, document),
       LATERAL (SELECT cardinality(rows), cardinality(presences), errors FROM expand(document)) AS e (activities, presences, errors)
 ORDER BY nr;
-- states of /wfm/agent-states mean something else: an error that says so, not wrong ready time
\set wfm '[{"agentId":"301","state":"Ready","start":"2026-07-14T08:00:00Z","duration":60000}]'
SELECT * FROM raised(format('SELECT activities(%L::json)', :'wfm'));
SELECT create_activity_table('wfm');
SELECT code, message FROM raised(format('SELECT load_activities(''wfm'', %L::json)', :'wfm'));

--
-- Attributes, and errors of each
--
SELECT what, presences[1].*, errors
  FROM (VALUES
        (1, 'all', presence_item()),
        (2, 'nothing that is not required', presence_item(duration := 'null', name := '"name":null', eligible := '"eligibleForRouting":null')),
        (3, 'keys that are missing', '{"type":"Presence","agentId":"301","start":"2026-07-14T08:00:00Z","state":"LoggedOut"}'),
        (4, 'number', presence_item(agent_id := '301000000000000000000000000')),
        (5, 'empty name', presence_item(name := '"name":""')),
        (6, 'long name', presence_item(name := format('"name":"%s"', repeat('é', 100)))),
        (7, 'name with escapes', presence_item(name := '"name":"R\u00e4dy"')),
        (8, 'not eligible', presence_item(eligible := '"eligibleForRouting":false')),
        (9, 'repeated keys', presence_item(more := '"name":"x","eligibleForRouting":false,"state":"Away","name":"y"'))
       ) AS v (nr, what, document), expand(document) AS e
 ORDER BY nr;
\pset tuples_only on
\pset format unaligned
SELECT raised FROM (VALUES
        (1, presence_item(agent_id := 'null')), (2, presence_item(agent_id := 'true')), (3, presence_item(agent_id := '1.5')),
        (4, presence_item(agent_id := format('"%s"', repeat('1', 2001)))),
        (5, presence_item(start := 'null')), (6, presence_item(start := '"now"')), (7, presence_item(start := '7')),
        (8, presence_item(state := '"y":0', more := '"type":"Presence"')), (9, presence_item(state := '"state":"Break"', more := '"type":"Presence"')),
        (10, presence_item(state := '"category":{}', more := '"type":"Presence"')), (11, presence_item(state := '"state":"Wrap"', more := '"type":"Presence"')),
        (12, presence_item(duration := '-1')), (13, presence_item(duration := '1.5')), (14, presence_item(duration := '"1"')),
        (15, presence_item(duration := '9223372036854775807')),
        (16, presence_item(name := '"name":7')), (17, presence_item(name := '"name":["Ready"]')), (18, presence_item(name := '"name":"\u0000"')),
        (19, presence_item(eligible := '"eligibleForRouting":"true"')), (20, presence_item(eligible := '"eligibleForRouting":1')),
        (21, presence_item(eligible := '"eligibleForRouting":{}')), (22, '[{"items":[]}]')
       ) AS v (nr, document), expand(document) ORDER BY nr;
\pset tuples_only off
\pset format aligned
-- each reader raises the errors of its own items; activity_errors lists those of both
\set both '[{"agentId":"1","type":"Presence"}, 7, {"agentId":"1","type":"x"}, {"agentId":"1"}]'
SELECT item, key, code, message, kept FROM activity_errors(:'both'::json);
SELECT message FROM raised(format('SELECT presences(%L::json)', :'both'));
SELECT message FROM raised(format('SELECT activities(%L::json)', :'both'));
SELECT count(*) FROM presences(:'both'::jsonb, 'ignore');
SELECT * FROM raised($$SELECT presences('[]'::json, NULL)$$);
SELECT * FROM raised($$SELECT presences('[]'::json, 'skip')$$);
SELECT count(*) FROM presences(NULL::json);

--
-- set_null: labels that the extension does not know, of keys that may be null
--
CREATE TABLE unknown AS
    SELECT page(concat_ws(',', item(reason := '"Haunted"'), item(status := '"Lost"', reason := '"Haunted"', direction := '"Sideways"'),
        item(reason := '"Haunted"', duration := '-1'), item(reason := '7'), item(state := '"Dreaming"'), item(),
        presence_item(state := '"state":"Wrap"', more := '"type":"Presence"'))) AS body;
SELECT item, key, code, message, kept FROM unknown, activity_errors(body::json);
SELECT state, status, reason, direction, duration_ms FROM unknown, activities(body::json, 'set_null');
SELECT state, status, reason, direction, duration_ms FROM unknown, activities(body::jsonb, 'SET_NULL');
SELECT state, status, reason, direction, duration_ms FROM unknown, activities(body::json, 'ignore');
SELECT * FROM raised((SELECT format('SELECT activities(%L::json)', body) FROM unknown));
SELECT create_activity_table('labels');
SELECT l.* FROM unknown, load_activities('labels', body::json, 'set_null') AS l;
SELECT count(*) AS activities, count(reason), handle_time(l) FROM labels AS l;

--
-- In force, with the pages in either order, twice, and as jsonb
--
SELECT create_activity_table('kept');
SELECT create_activity_table('reversed');
SELECT nr, l.* FROM (SELECT * FROM page ORDER BY nr) AS p, load_activities('kept', body::json) AS l WHERE nr < 3;
SELECT nr, l.* FROM (SELECT * FROM page ORDER BY nr DESC) AS p, load_activities('reversed', body::jsonb) AS l WHERE nr < 3;
SELECT difference('kept_presence', 'reversed_presence'), difference('kept', 'reversed');
SELECT l.* FROM page, load_activities('kept', body::jsonb) AS l WHERE nr < 3;
SELECT difference('kept_presence', 'reversed_presence');
-- the same later: unchanged, but reported_at follows
SELECT l.* FROM load_activities('kept', replace(:'page', '"upTo":"2026-07-14T10:00', '"upTo":"2026-07-15T10:00')::json) AS l;
SELECT reported_at, count(*) FROM kept_presence GROUP BY 1 ORDER BY 1;
SELECT reported_at, count(*) FROM kept GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM create_activity_views('kept', 'Europe/Berlin');
SELECT agent_id, category, name, eligible_for_routing AS eligible, started_at, ended_at, presence_ms, login_s, ready_s, away_s
  FROM kept_presence_report ORDER BY agent_id, started_at, ended_at;
SELECT agent_id, started_date, sum(login_ms) AS login, sum(ready_ms) AS ready, sum(away_ms) AS away
  FROM kept_presence_report GROUP BY 1, 2 ORDER BY 1, 2;
-- of several that start together
CREATE FUNCTION in_force(VARIADIC presences text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    TRUNCATE kept_presence;
    PERFORM load_activities('kept', format('[%s]', array_to_string(presences, ','))::json);
    SELECT string_agg(format('%s %s-%s', category, to_char(started_at, 'HH24:MI:SS'), to_char(ended_at, 'HH24:MI:SS')), ', '
                      ORDER BY started_at, ended_at)
      INTO result FROM kept_presence_report WHERE presence_ms IS DISTINCT FROM 0;
    RETURN result;
END
$$;
\set ready_60 'presence_item(duration := ''60000'')'
SELECT in_force(presence_item(state := '"state":"Away"', duration := '30000'), :ready_60) AS the_longest,
       in_force(presence_item(state := '"state":"Away"', duration := 'null'), :ready_60) AS a_finished_one,
       in_force(presence_item(state := '"state":"Away"', duration := 'null'), presence_item(duration := '0')) AS an_open_one,
       in_force(presence_item(state := '"state":"Away"', duration := '60000'), :ready_60) AS the_later_category,
       in_force(presence_item(state := '"state":"Away"', duration := 'null'), presence_item(duration := 'null')) AS the_later_open;
-- nothing comes back into force; a gap stays one
SELECT in_force(presence_item(duration := '600000'), presence_item(start := '"2026-07-14T08:02:00Z"', state := '"state":"Away"', duration := '60000'))
       AS not_back,
       in_force(presence_item(duration := '600000'), presence_item(start := '"2026-07-14T08:02:00Z"', state := '"state":"Away"', duration := '0'))
       AS not_even_here;

--
-- The table: needed for presences only, found by its name, of the same owner
--
SELECT create_activity_table('lacking');
DROP TABLE lacking_presence;
SELECT l.* FROM load_activities('lacking', page(item())::json) AS l;
SELECT * FROM raised(format('SELECT load_activities(''lacking'', %L::json)', presence_item()));
SELECT count(*) FROM lacking;
CREATE TABLE lacking_presence (LIKE presence);
SELECT code, message FROM raised(format('SELECT load_activities(''lacking'', %L::json)', presence_item()));
DROP TABLE lacking_presence;
CREATE TABLE lacking_presence OF public.presence;
SELECT code, message, detail FROM raised(format('SELECT load_activities(''lacking'', %L::json)', presence_item()));
CREATE UNIQUE INDEX ON lacking_presence (agent_id, start, category) NULLS NOT DISTINCT;
SELECT l.* FROM load_activities('lacking', presence_item()::json) AS l;
CREATE ROLE regress_activity_other;
ALTER TABLE lacking_presence OWNER TO regress_activity_other;
SELECT code, message FROM raised(format('SELECT load_activities(''lacking'', %L::json)', presence_item()));
SELECT code, message FROM raised('SELECT create_activity_views(''lacking'')');
ALTER TABLE lacking_presence OWNER TO CURRENT_USER;
-- rights: on what is stored into alone
GRANT USAGE ON SCHEMA presence TO regress_activity_other;
GRANT SELECT, INSERT, UPDATE ON kept_presence TO regress_activity_other;
SET ROLE regress_activity_other;
SELECT l.* FROM load_activities('kept', presence_item(agent_id := '"999"')::json) AS l;
SELECT code, message FROM raised(format('SELECT load_activities(''kept'', %L::json)', page(item())));
SELECT code, message FROM raised(format('SELECT load_activities(''reversed'', %L::json)', presence_item()));
RESET ROLE;
-- a trigger that renames the table
CREATE FUNCTION rename() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN ALTER TABLE presence.reversed_presence RENAME TO was; RETURN NULL; END$$;
CREATE TRIGGER rename BEFORE INSERT ON reversed_presence FOR EACH STATEMENT EXECUTE FUNCTION rename();
SELECT * FROM raised(format('SELECT load_activities(''reversed'', %L::json)', presence_item()));
DROP TRIGGER rename ON reversed_presence;

--
-- presence_end, and best_known of deliveries
--
SELECT code, message, detail FROM raised($$SELECT presence_end('("2026-07-14 08:00Z",-1,Ready,,301,,)')$$);
SELECT code, message, detail FROM raised($$SELECT presence_end('("294276-12-31 23:00Z",9223372036854775807,Ready,,301,,)')$$);
SELECT presence_end('("2026-07-14 08:00Z",,Ready,,301,,)'), presence_end('(,5,Ready,,301,,)'), presence_end(NULL);
SELECT presence_end('(infinity,5,Ready,,301,,)'::presence);
-- each is better known than the one before, in either order
CREATE TABLE told (nr integer, p presence);
INSERT INTO told VALUES
    (1, '("2026-07-14 08:00Z",,Ready,,301,,)'),
    (2, '("2026-07-14 08:00Z",,Ready,,301,"",)'),
    (3, '("2026-07-14 08:00Z",,Ready,,301,Break,)'),
    (4, '("2026-07-14 08:00Z",,Ready,,301,break,)'),
    (5, '("2026-07-14 08:00Z",,Ready,f,301,,)'),
    (6, '("2026-07-14 08:00Z",,Ready,t,301,,)'),
    (7, '("2026-07-14 08:00Z",,Ready,,301,,"2026-07-14 09:00Z")'),
    (8, '("2026-07-14 08:00Z",0,Ready,,301,,)'),
    (9, '("2026-07-14 08:00Z",1,Ready,,301,,)'),
    (10, '("2026-07-14 08:00Z",0,Ready,,301,,"2026-07-14 09:00Z")');
SELECT count(*) AS pairs, bool_and((SELECT best_known(p) FROM (VALUES (a.p), (b.p)) AS v (p)) = b.p
                                   AND (SELECT best_known(p) FROM (VALUES (b.p), (a.p)) AS v (p)) = b.p) AS better
  FROM told AS a JOIN told AS b ON b.nr > a.nr;

RESET ALL;
SET client_min_messages = warning;
DROP SCHEMA presence CASCADE;
DROP ROLE regress_activity_other;
