-- The table of raw pages: what examples/poll stores, and what script/demo makes of files.

CREATE TABLE pages (
	page_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	body json COMPRESSION lz4 NOT NULL,
	endpoint text,
	requested_start timestamptz,
	requested_end timestamptz,
	page integer,
	fetched_at timestamptz DEFAULT now()
);
COMMENT ON TABLE pages IS 'response bodies as the API sent them, one a row, each with the request for it';
COMMENT ON COLUMN pages.page_id IS 'the order in which the pages were stored';
COMMENT ON COLUMN pages.body IS 'the response body to the letter';
COMMENT ON COLUMN pages.endpoint IS 'interactions or presence, the end of /agent-activities/…; null if not known';
COMMENT ON COLUMN pages.requested_start IS 'parameter start of the request; null if not known';
COMMENT ON COLUMN pages.requested_end IS 'parameter end of the request; null if not known';
COMMENT ON COLUMN pages.page IS 'parameter page of the request, from 1; null if not known';
COMMENT ON COLUMN pages.fetched_at IS 'when the response came';
