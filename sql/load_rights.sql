-- load_activities works with the rights of its caller on both tables and under
-- their row security. What it may not update is an error, also of one row.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA load_rights;
SET search_path = load_rights, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/loads.sql'
\set ECHO none
\i :include
\set ECHO all

CREATE ROLE regress_activity_loader;
SELECT create_activity_table('guarded');
SELECT * FROM load_activities('guarded', page(item())::json);
CREATE FUNCTION refusal_with(of_table text, of_participations text, document text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
BEGIN
    REVOKE ALL ON guarded, guarded_participation FROM regress_activity_loader;
    IF of_table <> '' THEN
        EXECUTE format('GRANT %s ON guarded TO regress_activity_loader', of_table);
    END IF;
    IF of_participations <> '' THEN
        EXECUTE format('GRANT %s ON guarded_participation TO regress_activity_loader', of_participations);
    END IF;
    SET LOCAL ROLE regress_activity_loader;
    said := refusal(format('SELECT load_activities(''load_rights.guarded'', %L::json)', document));
    RESET ROLE;
    RETURN said;
END
$$;
-- the schema, whether it is named or not
SELECT 'guarded'::regclass::oid AS guarded \gset
GRANT ALL ON guarded, guarded_participation TO regress_activity_loader;
SELECT page(item(duration := '77777')) AS news \gset
SET ROLE regress_activity_loader;
\set VERBOSITY sqlstate
SELECT public.load_activities('load_rights.guarded', :'news'::json);
SELECT public.load_activities(:guarded, :'news'::json);
\set VERBOSITY default
RESET ROLE;
GRANT USAGE ON SCHEMA load_rights TO regress_activity_loader;
SELECT t AS of_table, p AS of_participations, refusal_with(t, p, :'news')
FROM (VALUES (1, 'SELECT, INSERT', 'SELECT, INSERT, UPDATE'), (2, 'SELECT, UPDATE', 'SELECT, INSERT, UPDATE'),
             (3, 'INSERT, UPDATE', 'SELECT, INSERT, UPDATE'), (4, '', 'SELECT, INSERT, UPDATE'),
             (5, 'SELECT, INSERT, UPDATE', 'SELECT, INSERT'), (6, 'SELECT, INSERT, UPDATE', 'SELECT, UPDATE'),
             (7, 'SELECT, INSERT, UPDATE', 'INSERT, UPDATE'), (8, 'SELECT, INSERT, UPDATE', '')
     ) AS g (nr, t, p)
ORDER BY nr;
-- nothing has been loaded till here
SELECT duration_ms FROM guarded;
SELECT talk_ms FROM guarded_participation;
SELECT refusal_with('SELECT, INSERT, UPDATE', 'SELECT, INSERT, UPDATE', :'news');
SELECT duration_ms, out_of_step('guarded') FROM guarded;
-- even what would change nothing needs the rights
SELECT refusal_with('SELECT', 'SELECT', :'news');
DROP FUNCTION refusal_with(text, text, text);
-- row security holds for the caller
GRANT ALL ON guarded, guarded_participation TO regress_activity_loader;
ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON guarded USING (agent_id = '1') WITH CHECK (agent_id = '1');
SET ROLE regress_activity_loader;
SELECT refusal(format('SELECT load_activities(''guarded'', %L::json)', page(item(agent_id := '"2"'))));
SELECT * FROM load_activities('guarded', page(item(agent_id := '"1"'))::json);
RESET ROLE;
SELECT agent_id, out_of_step('guarded') FROM guarded ORDER BY agent_id;
-- news of what may be seen and inserted, but not updated, are refused rather than passed over
CREATE POLICY see ON guarded FOR SELECT USING (true);
CREATE POLICY insert ON guarded FOR INSERT WITH CHECK (true);
SET ROLE regress_activity_loader;
SELECT * FROM load_activities('guarded', page(item(agent_id := '"2"'))::json);
SELECT * FROM load_activities('guarded', page(item(agent_id := '"2"'))::json);
SELECT refusal(format('SELECT load_activities(''guarded'', %L::json)', page(item(agent_id := '"2"', duration := '77778'))));
RESET ROLE;
SELECT agent_id, duration_ms, out_of_step('guarded') FROM guarded ORDER BY agent_id;

-- the same of participations; a new one is inserted, which is all it needs
ALTER TABLE guarded DISABLE ROW LEVEL SECURITY;
ALTER TABLE guarded_participation ENABLE ROW LEVEL SECURITY;
CREATE POLICY see ON guarded_participation FOR SELECT USING (true);
CREATE POLICY insert ON guarded_participation FOR INSERT WITH CHECK (true);
CREATE POLICY own ON guarded_participation FOR UPDATE USING (agent_id = '1');
SET ROLE regress_activity_loader;
SELECT * FROM load_activities('guarded', page(item(agent_id := '"1"', duration := '77779'))::json);
SELECT refusal(format('SELECT load_activities(''guarded'', %L::json)', page(item(agent_id := '"2"', duration := '77779'))));
SELECT refusal(format('SELECT load_activities(''guarded'', %L::json)', page(item(agent_id := '"3"'))));
RESET ROLE;
SELECT agent_id, duration_ms, out_of_step('guarded') FROM guarded ORDER BY agent_id;

SET client_min_messages = warning;
DROP SCHEMA load_rights CASCADE;
DROP ROLE regress_activity_loader;
