#!/usr/bin/env bash
# Shows that kept tables and their views survive pg_dump and restore, plain and custom, with their comments, rights and
# results, in schemas of any name, and can be loaded afterwards; and that a label added to an enum appears in the views.
set -euo pipefail

original=activity_views_dump
copies=(activity_views_dump_plain activity_views_dump_custom)
reader=activity_views_dump_reader
pages=$(cd "$(dirname "$0")/.." && pwd)/sql/data
export PGOPTIONS="-c client_min_messages=warning"

drop_all() {
	local database
	for database in "$original" "${copies[@]}"; do
		dropdb --if-exists --force "$database"
	done
	psql -X -q -d postgres -c "DROP ROLE IF EXISTS $reader"
}
trap drop_all EXIT
drop_all
createdb "$original"

run_psql() {
	local database=$1
	shift
	psql -X -q -At -v ON_ERROR_STOP=1 -d "$database" "$@"
}

# expect WHAT TEXT: the standard input is this text.
expect() {
	diff <(printf '%s\n' "$2") - || {
		echo "(above: what was expected of $1, and what came)"
		exit 1
	}
}

run_psql "$original" -v page="$(cat "$pages/page-interactions.json")" -v mixed="$(cat "$pages/page-mixed.json")" \
	-v reader="$reader" <<'SQL'
CREATE SCHEMA "Vendor's 1.0";
CREATE SCHEMA "Contact-Centre";
CREATE EXTENSION activity SCHEMA "Vendor's 1.0";
CREATE ROLE :reader;
SET search_path = "Vendor's 1.0";
DO $$ BEGIN
    PERFORM create_activity_table('"Contact-Centre"."Agent.Activity"');
    PERFORM create_activity_views('"Contact-Centre"."Agent.Activity"', 'Europe/Berlin');
    PERFORM create_activity_table('public.plain');
    PERFORM create_activity_views('public.plain');
END $$;
GRANT USAGE ON SCHEMA "Contact-Centre" TO :reader;
GRANT SELECT ON "Contact-Centre"."Agent.Activity_report", "Contact-Centre"."Agent.Activity_participation_report" TO :reader;
-- a view of the user's own upon them
CREATE VIEW "Contact-Centre".daily AS
    SELECT started_date, sum(handle_ms) AS handle_ms, sum(handled_count) AS handled
    FROM "Contact-Centre"."Agent.Activity_participation_report" GROUP BY started_date;
SELECT FROM load_activities('"Contact-Centre"."Agent.Activity"', :'page'::json);
SELECT FROM load_activities('public.plain', :'mixed'::jsonb);
SQL

# All that is to survive: definitions, comments, rights, keys and rows.
cat >facts.sql <<'SQL'
SET search_path = '';
SET timezone = 'America/New_York';
SELECT c.oid::regclass, c.relkind, c.reloftype::regtype, pg_catalog.obj_description(c.oid, 'pg_class'), c.relacl
FROM pg_catalog.pg_class AS c
WHERE c.relnamespace IN ('public'::regnamespace, '"Contact-Centre"'::regnamespace) AND c.relkind IN ('r', 'v') ORDER BY c.oid::regclass::text COLLATE "C";
SELECT c.oid::regclass, a.attname, a.atttypid::regtype, a.attnotnull, pg_catalog.col_description(c.oid, a.attnum)
FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace IN ('public'::regnamespace, '"Contact-Centre"'::regnamespace) AND c.relkind IN ('r', 'v') ORDER BY c.oid::regclass::text COLLATE "C", a.attnum;
SELECT conrelid::regclass, conname, pg_catalog.pg_get_constraintdef(oid) FROM pg_catalog.pg_constraint
WHERE contype IN ('p', 'u') AND connamespace IN ('public'::regnamespace, '"Contact-Centre"'::regnamespace) ORDER BY conrelid::regclass::text COLLATE "C";
SELECT oid::regclass, pg_catalog.pg_get_viewdef(oid) FROM pg_catalog.pg_class
WHERE relkind = 'v' AND relnamespace IN ('public'::regnamespace, '"Contact-Centre"'::regnamespace) ORDER BY oid::regclass::text COLLATE "C";
SELECT * FROM "Contact-Centre"."Agent.Activity" AS a ORDER BY a;
SELECT * FROM "Contact-Centre"."Agent.Activity_participation" AS p ORDER BY p;
SELECT * FROM "Contact-Centre"."Agent.Activity_presence" AS p ORDER BY p;
SELECT * FROM "Contact-Centre"."Agent.Activity_report" AS a ORDER BY a;
SELECT * FROM "Contact-Centre"."Agent.Activity_participation_report" AS p ORDER BY p;
SELECT * FROM "Contact-Centre"."Agent.Activity_interaction_report" AS i ORDER BY i;
SELECT * FROM "Contact-Centre"."Agent.Activity_presence_report" AS p ORDER BY p;
SELECT * FROM "Contact-Centre".daily ORDER BY started_date;
SELECT * FROM public.plain_report;
SELECT * FROM public.plain_participation_report;
SELECT * FROM public.plain_interaction_report;
SELECT * FROM public.plain_presence_report;
SELECT "Vendor's 1.0".average_handle_time(a), "Vendor's 1.0".unexpected_rate(a) FROM "Contact-Centre"."Agent.Activity" AS a;
SELECT "Vendor's 1.0".average_handle_time(p), "Vendor's 1.0".unexpected_rate(p) FROM "Contact-Centre"."Agent.Activity_participation" AS p;
SQL
run_psql "$original" -f facts.sql >original.facts
# the facts are there: rows, comments on all columns but those of the user's own view
grep -q '^2026-03-29|856000|5$' original.facts
run_psql "$original" -c "
	SELECT count(*) FILTER (WHERE col_description(attrelid, attnum) IS NULL) || ' of ' || count(*)
	FROM pg_class AS c JOIN pg_attribute ON attrelid = c.oid AND attnum > 0
	WHERE relname ~* 'plain|activity' AND relkind IN ('r', 'v') AND relnamespace::regnamespace::text ~ 'public|Contact'" |
	expect "columns without a comment" "0 of 612"

for copy in "${copies[@]}"; do
	createdb "$copy"
done
pg_dump -f plain.sql "$original"
run_psql activity_views_dump_plain -f plain.sql >/dev/null
pg_dump -Fc -f custom.dump "$original"
pg_restore --exit-on-error -d activity_views_dump_custom custom.dump

for copy in "${copies[@]}"; do
	run_psql "$copy" -f facts.sql >copy.facts
	diff -u original.facts copy.facts
	# it is read with the views' rights only, and loaded on
	run_psql "$copy" -c "SET ROLE $reader" -c "SELECT sum(handle_ms) FROM \"Contact-Centre\".\"Agent.Activity_report\"" |
		expect "a reader" 856000
	if run_psql "$copy" -c "SET ROLE $reader" -c "SELECT FROM \"Contact-Centre\".\"Agent.Activity\"" 2>refused; then
		echo "$reader reads the table"
		exit 1
	fi
	grep -q 'permission denied for table Agent.Activity' refused
	run_psql "$copy" -v page="$(cat "$pages/page-interactions.json")" <<-'SQL' |
		SELECT l FROM "Vendor's 1.0".load_activities('"Contact-Centre"."Agent.Activity"', :'page'::json) AS l;
		SELECT l FROM "Vendor's 1.0".load_activities('"Contact-Centre"."Agent.Activity"', replace(:'page', '"duration":161000', '"duration":162000')::jsonb) AS l;
		SELECT l FROM "Vendor's 1.0".load_activities('plain', :'page'::json) AS l;
		SELECT sum(handle_ms) FROM "Contact-Centre"."Agent.Activity_participation_report";
	SQL
		expect "loading" $'(0,0,21,0,0)\n(0,1,20,0,0)\n(20,0,1,0,0)\n857000'
done

# A second dump is the same: nothing was lost that only a dump shows.
pg_dump -f again.sql activity_views_dump_plain
pg_dump -f original.sql "$original"
diff <(sed '/^COPY /,/^\\\.$/d; /^\\\(un\)\{0,1\}restrict /d' original.sql) <(sed '/^COPY /,/^\\\.$/d; /^\\\(un\)\{0,1\}restrict /d' again.sql)

# A label added to an enum, between others, appears in the views that are there, in its place.
run_psql "$original" <<-'SQL' |
	ALTER TYPE "Vendor's 1.0".interaction_state ADD VALUE 'Held' AFTER 'Connected';
	ALTER TYPE "Vendor's 1.0".activity_reason ADD VALUE 'Listening' BEFORE 'Monitor';
	SELECT l FROM "Vendor's 1.0".load_activities('public.plain', '{"agentId": "7", "start": "2026-03-29T12:00:00Z", "duration": 500, "state": "Held", "reason": "Listening", "interaction": {"guid": "7c1e0a10-0001-4a00-8000-0000000000ff"}}'::json) AS l;
	SELECT state, state_sort, reason, reason_sort, duration_ms, handle_ms FROM plain_report WHERE agent_id = '7';
	SELECT outcome, outcome_sort, handle_ms FROM plain_participation_report WHERE agent_id = '7';
	SELECT DISTINCT state_sort, state FROM "Contact-Centre"."Agent.Activity_report" ORDER BY 1;
	SELECT DISTINCT reason_sort, reason FROM "Contact-Centre"."Agent.Activity_report" WHERE reason = 'Monitor';
SQL
	expect "added labels" $'(1,0,0,0,0)\nHeld|3|Listening|1|500|0\n||0\n1|Ringing\n2|Connected\n4|Wrap\n5|Unexpected\n6|Failed\n2|Monitor'
