-- What triggers, constraints, policies and indexed expressions see of a load: its
-- settings, loads within it, and tables that are gone meanwhile. What a trigger
-- makes of rows is kept, and participations are computed from it.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA load_triggers;
SET search_path = load_triggers, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/loads.sql'
\set ECHO none
\i :include
\set ECHO all

CREATE ROLE regress_activity_loader;
GRANT USAGE ON SCHEMA load_triggers TO regress_activity_loader;

-- what a trigger makes of rows is kept, inserted or updated, and participations are computed from it
SELECT create_activity_table('triggered');
CREATE FUNCTION in_seconds() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.duration_ms := NEW.duration_ms / 1000 * 1000;
    RETURN NEW;
END
$$;
CREATE TRIGGER in_seconds BEFORE INSERT OR UPDATE ON triggered FOR EACH ROW EXECUTE FUNCTION in_seconds();
CREATE FUNCTION not_from_2() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER not_from_2 BEFORE UPDATE ON triggered FOR EACH ROW WHEN (NEW.agent_id = '2') EXECUTE FUNCTION not_from_2();
SELECT nr, l
FROM (VALUES (1, '"1"', '1234'), (2, '"1"', '5678'), (3, '"1"', '5678'), (4, '"2"', '1234'), (5, '"2"', '5678')) AS d (nr, agent_id, duration),
     load_activities('triggered', page(item(agent_id := agent_id, duration := duration))::json) AS l;
SELECT agent_id, duration_ms, talk_ms, out_of_step('triggered')
FROM triggered JOIN triggered_participation USING (agent_id, interaction_guid) ORDER BY agent_id;

-- a participation that the load inserts is computed from what the table has: all of the given activities, some,
-- none, or also others
CREATE FUNCTION drop_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER drop_some BEFORE INSERT ON triggered FOR EACH ROW
    WHEN (NEW.agent_id = '5' AND NEW.state = 'Wrap' OR NEW.agent_id = '6') EXECUTE FUNCTION drop_row();
INSERT INTO triggered
SELECT * FROM activities(page(item(agent_id := '"7"', start := '"2026-03-28T23:00:00Z"', duration := '3000'))::json);
SELECT agent_id, l
FROM (VALUES ('"4"'), ('"5"'), ('"6"'), ('"7"')) AS d (agent_id),
     load_activities('triggered', page(item(agent_id := agent_id, state := '"Connected"', duration := '2000') || ',' ||
                                       item(agent_id := agent_id, state := '"Wrap"', duration := '1000'))::json) AS l;
SELECT agent_id, started_at, talk_ms, wrap_ms, handled, outcome FROM triggered_participation WHERE agent_id > '3' ORDER BY agent_id;
DROP TRIGGER drop_some ON triggered;
SELECT l FROM load_activities('triggered', page(item(agent_id := '"6"', state := '"Wrap"', duration := '1000'))::json) AS l;
SELECT agent_id, started_at, talk_ms, wrap_ms, handled, outcome, out_of_step('triggered') FROM triggered_participation WHERE agent_id = '6';

-- under what settings they run
CREATE FUNCTION settings_of_load() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE NOTICE '%', (SELECT json_object_agg(name, setting ORDER BY name) FROM pg_catalog.pg_settings
                       WHERE name IN ('search_path', 'jit') OR name LIKE 'enable%' AND setting <> boot_val);
    RETURN NULL;
END
$$;
CREATE TRIGGER settings_of_load AFTER INSERT ON triggered FOR EACH STATEMENT EXECUTE FUNCTION settings_of_load();
SELECT * FROM load_activities('triggered', page(item(agent_id := '"3"'))::json);
-- and under what settings CHECK constraints, policies and indexed expressions call functions
CREATE FUNCTION reveal_settings(agent_id text) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RAISE EXCEPTION '%', (SELECT json_object_agg(name, setting ORDER BY name) FROM pg_catalog.pg_settings
                          WHERE name IN ('search_path', 'jit') OR name LIKE 'enable%' AND setting <> boot_val);
END
$$;
SELECT create_activity_table('revealing');
\pset format unaligned
\pset tuples_only on
ALTER TABLE revealing ADD CONSTRAINT reveal CHECK (reveal_settings(agent_id));
SELECT refusal(format('SELECT load_activities(''revealing'', %L::json)', page(item())));
ALTER TABLE revealing DROP CONSTRAINT reveal;
CREATE INDEX reveal ON revealing (reveal_settings(agent_id));
SELECT refusal(format('SELECT load_activities(''revealing'', %L::json)', page(item())));
DROP INDEX reveal;
GRANT ALL ON revealing, revealing_participation TO regress_activity_loader;
ALTER TABLE revealing ENABLE ROW LEVEL SECURITY;
CREATE POLICY reveal ON revealing USING (true) WITH CHECK (reveal_settings(agent_id));
SET ROLE regress_activity_loader;
SELECT refusal(format('SELECT load_activities(''revealing'', %L::json)', page(item())));
RESET ROLE;
-- unless the function sets its own
ALTER FUNCTION reveal_settings SET search_path = load_triggers, public;
ALTER FUNCTION reveal_settings SET enable_seqscan = on;
SET ROLE regress_activity_loader;
SELECT refusal(format('SELECT load_activities(''revealing'', %L::json)', page(item())));
RESET ROLE;
\pset tuples_only off
\pset format aligned

-- a trigger for UPDATE alone sees each row once, also if another one is dropped: the counts say so
SELECT create_activity_table('updated');
CREATE FUNCTION note_update() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE NOTICE 'update of %', NEW.state;
    NEW.duration_ms := OLD.duration_ms;
    RETURN CASE WHEN NEW.state = 'Wrap' THEN NULL ELSE NEW END;
END
$$;
CREATE TRIGGER note_update BEFORE UPDATE ON updated FOR EACH ROW EXECUTE FUNCTION note_update();
SELECT nr, l
FROM (VALUES (1, 'null'), (2, '5000')) AS d (nr, duration),
     load_activities('updated', page(concat(item(duration := duration), ',', item(state := '"Wrap"', duration := duration)))::json) AS l;
SELECT out_of_step('updated');

-- partitions: participations are computed from all activities if triggers change rows of either table
SELECT create_activity_table('by_day', 'day');
CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.started_at := NEW.started_at + interval '9 hours';
    RETURN NEW;
END
$$;
CREATE TRIGGER later BEFORE INSERT OR UPDATE ON by_day_participation FOR EACH ROW EXECUTE FUNCTION later();
SELECT nr, l
FROM (VALUES (1, '"2026-03-28T23:40:00Z"'), (2, '"2026-03-29T12:00:00Z"')) AS d (nr, start),
     load_activities('by_day', page(item(start := start, state := '"Wrap"', duration := '1000'))::json) AS l;
SELECT started_at, wrap_ms FROM by_day_participation;
DROP TRIGGER later ON by_day_participation;
CREATE FUNCTION is_monitor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE load_triggers.by_day SET reason = 'Monitor' WHERE interaction_guid = NEW.interaction_guid;
    RETURN NULL;
END
$$;
CREATE TRIGGER is_monitor AFTER INSERT ON by_day FOR EACH ROW EXECUTE FUNCTION is_monitor();
SELECT * FROM load_activities('by_day', page(item(guid := '"7c1e0a10-0001-4a00-8000-0000000000a9"'))::json);
SELECT talk_ms, monitor_ms, has_monitor FROM by_day_participation WHERE interaction_guid = '7c1e0a10-0001-4a00-8000-0000000000a9';
-- also a trigger of one partition that is made between two loads, and dropped
DROP TRIGGER is_monitor ON by_day;
BEGIN;
SELECT * FROM load_activities('by_day', page(item(guid := '"7c1e0a10-0001-4a00-8000-0000000000b1"', duration := '1500'))::json);
CREATE TRIGGER in_seconds BEFORE INSERT OR UPDATE ON by_day_default FOR EACH ROW EXECUTE FUNCTION in_seconds();
SELECT * FROM load_activities('by_day', page(item(guid := '"7c1e0a10-0001-4a00-8000-0000000000b2"', duration := '1500'))::json);
DROP TRIGGER in_seconds ON by_day_default;
SELECT * FROM load_activities('by_day', page(item(guid := '"7c1e0a10-0001-4a00-8000-0000000000b3"', duration := '1500'))::json);
COMMIT;
SELECT interaction_guid, talk_ms FROM by_day_participation WHERE interaction_guid >= '7c1e0a10-0001-4a00-8000-0000000000b0' ORDER BY 1;

-- a load within a load, into another table or the same
SELECT create_activity_table('outside'), create_activity_table('inside');
CREATE FUNCTION load_again() RETURNS trigger LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    IF pg_trigger_depth() = 1 THEN
        EXECUTE TG_ARGV[0];
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER load_again AFTER INSERT ON outside_participation FOR EACH STATEMENT EXECUTE FUNCTION
    load_again($$SELECT load_activities('load_triggers.inside', json '{"agentId": "1042", "start": "2026-03-28T23:40:00Z", "state": "Wrap",
        "duration": 5, "interaction": {"guid": "7c1e0a10-0001-4a00-8000-0000000000a1"}}'),
               load_activities('load_triggers.outside', json '{"agentId": "1042", "start": "2026-03-28T23:40:01Z", "state": "Wrap",
        "duration": 6, "interaction": {"guid": "7c1e0a10-0001-4a00-8000-0000000000a2"}}')$$);
SELECT * FROM load_activities('outside', page(item())::json);
SELECT * FROM load_activities('outside', page(item(duration := '20001'))::json);
SELECT state, duration_ms, out_of_step('outside') FROM outside ORDER BY state;
SELECT state, duration_ms, out_of_step('inside') FROM inside ORDER BY state;
-- whatever becomes of the table meanwhile is an error at the most
CREATE FUNCTION refusal_while(command text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    DROP TRIGGER load_again ON outside_participation;
    EXECUTE format('CREATE TRIGGER load_again AFTER INSERT ON outside_participation FOR EACH STATEMENT EXECUTE FUNCTION load_again(%L)', command);
    RETURN refusal(format('SELECT load_activities(''load_triggers.outside'', %L::json)', page(item(duration := '20002'))));
END
$$;
\pset format unaligned
\pset tuples_only on
SELECT refusal_while($$
    ALTER TABLE load_triggers.outside RENAME TO renamed; ALTER TABLE load_triggers.outside_participation RENAME TO renamed_participation;
    SELECT load_activities('load_triggers.renamed', '{}'::activity[])$$);
SELECT refusal_while($$
    ALTER SCHEMA load_triggers RENAME TO elsewhere; SELECT load_activities('elsewhere.outside', '{}'::activity[])$$);
SELECT refusal_while($$
    DROP TABLE load_triggers.outside; SELECT load_activities('load_triggers.inside', '{}'::activity[])$$);
SELECT refusal_while($$SELECT load_activities('load_triggers.nowhere', '{}'::activity[])$$);
\pset tuples_only off
\pset format aligned
SELECT * FROM load_activities('inside', page(item())::json);

SET client_min_messages = warning;
DROP SCHEMA load_triggers CASCADE;
DROP ROLE regress_activity_loader;
