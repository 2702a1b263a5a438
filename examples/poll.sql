-- What examples/poll needs in the database: the extension, the table of raw pages with a view of
-- its polls, and the tables that the pages are loaded into.
-- Run it once, as the role that polls:
--
--     psql -f examples/poll.sql

SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;

\ir pages.sql
-- no page of a poll twice; also finds the last poll of an endpoint
ALTER TABLE pages ADD UNIQUE (endpoint, requested_end, requested_start, page);
\ir polls.sql

SELECT create_activity_table('agent_activity') \g /dev/null
