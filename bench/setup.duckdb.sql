-- The types of the extension in DuckDB, and its name for date_bin.
CREATE TYPE interaction_state AS ENUM ('Ringing', 'Connected', 'Wrap', 'Unexpected', 'Failed');
CREATE TYPE interaction_status AS ENUM ('Ongoing', 'InternalError', 'Completed');
CREATE TYPE interaction_direction AS ENUM ('Inbound', 'Outbound', 'Internal');
CREATE TYPE activity_reason AS ENUM ('Monitor', 'Resumed', 'Unparked', 'NumberBusy', 'NoAnswer', 'NumberUnobtainable',
	'CallRejected', 'CallFailed', 'ConnectionUnavailable');
CREATE MACRO date_bin(width, moment, origin) AS time_bucket(CAST(width AS INTERVAL), moment);
