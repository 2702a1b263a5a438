-- What examples/poll needs in the database: the extension, the table of raw pages with a view of
-- its polls, and the tables that the pages are loaded into.
-- Run it once, as the role that polls:
--
--     psql -f examples/poll.sql

SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;

CREATE TABLE pages (
	page_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	body json COMPRESSION lz4 NOT NULL,
	endpoint text,
	requested_start timestamptz,
	requested_end timestamptz,
	page integer,
	fetched_at timestamptz DEFAULT now(),
	-- no page of a poll twice; also finds the last poll of an endpoint
	UNIQUE (endpoint, requested_end, requested_start, page)
);
COMMENT ON TABLE pages IS 'response bodies as the API sent them, one a row, each with the request for it';
COMMENT ON COLUMN pages.page_id IS 'the order in which the pages were stored';
COMMENT ON COLUMN pages.body IS 'the response body to the letter';
COMMENT ON COLUMN pages.endpoint IS 'interactions or presence, the end of /agent-activities/…; null if not known';
COMMENT ON COLUMN pages.requested_start IS 'parameter start of the request; null if not known';
COMMENT ON COLUMN pages.requested_end IS 'parameter end of the request; null if not known';
COMMENT ON COLUMN pages.page IS 'parameter page of the request, from 1; null if not known';
COMMENT ON COLUMN pages.fetched_at IS 'when the response came';

\ir polls.sql

SELECT create_activity_table('agent_activity') \g /dev/null
