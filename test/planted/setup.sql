-- The extension in public, where everybody may create; tables of another role's; and that role's trap.
CREATE EXTENSION activity SCHEMA public;
GRANT CREATE ON SCHEMA public TO PUBLIC;
CREATE SCHEMA before AUTHORIZATION :"planter";
GRANT USAGE ON SCHEMA before TO PUBLIC;
GRANT CREATE ON DATABASE :"DBNAME" TO :"planter";
CREATE SCHEMA trap AUTHORIZATION :"planter";
GRANT USAGE ON SCHEMA trap TO PUBLIC;
SET SESSION AUTHORIZATION :"planter";
CREATE TABLE trap.used (kind text, oid oid);
SELECT public.create_activity_table('public.calls');
SELECT public.load_activities('public.calls', '{"agentId": "1042", "start": "2026-03-28T22:00:00Z", "state": "Wrap",
    "interaction": {"guid": "7c1e0a10-0009-4a00-8000-0000000000a1"}}'::json);
SELECT public.create_activity_table('public.old');
CREATE TABLE public.months OF public.activity (agent_id WITH OPTIONS NOT NULL, interaction_guid WITH OPTIONS NOT NULL,
    UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid, start, state)) PARTITION BY RANGE (start);
CREATE TABLE public.months_default PARTITION OF public.months DEFAULT;
CREATE TABLE public.months_january PARTITION OF public.months FOR VALUES FROM ('2026-01-01Z') TO ('2026-02-01Z');
CREATE TABLE public.months_participation OF public.participation (UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid));
SELECT public.load_activities('public.months', '{"agentId": "1042", "start": "2026-03-28T22:00:00Z", "state": "Wrap",
    "interaction": {"guid": "7c1e0a10-0009-4a00-8000-0000000000a1"}}'::json);
SELECT public.create_activity_table('public.in_batches');
CREATE TABLE public.pages (body json);
CREATE VIEW public.shown AS TABLE public.pages;
RESET SESSION AUTHORIZATION;
