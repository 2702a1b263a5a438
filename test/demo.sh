#!/usr/bin/env bash
# Shows that script/demo prints what examples/demo.out shows, with all reports, and also works for a page without items
# (sql/reports.sql shows what the reports print then); and that every report runs as it stands, by itself, also without
# pages, and for another day than the last.
set -euo pipefail
cd "$(dirname "$0")/.."
./script/demo >demo.out
diff -u examples/demo.out demo.out
diff -u <(ls examples/reports) <(sed -n 's/^\\ir reports\///p' examples/demo.sql | sort)
echo '{"items":[]}' >empty.json
./script/demo empty.json >/dev/null
rm demo.out empty.json

trap 'dropdb --if-exists --force activity_reports 2>/dev/null || true' EXIT
run() { psql -X -q -v ON_ERROR_STOP=1 -d activity_reports "$@"; }

# Runs each report by itself over the pages that standard input inserts, and prints what the reports print.
run_reports() {
	dropdb --if-exists activity_reports 2>/dev/null
	createdb activity_reports
	run -c 'CREATE TABLE pages (page_id bigint GENERATED ALWAYS AS IDENTITY, source text, body json)'
	run
	run -At -f examples/reports/load.sql
	local report
	for report in examples/reports/*.sql; do
		run -At -f "$report"
	done
}

run_reports >/dev/null <<'SQL'
\set body `cat sql/data/page-interactions.json`
INSERT INTO pages (source, body) VALUES ('page-interactions.json', :'body');
SQL

# The last day is reported if no other is asked for.
agents_of() { run -At -v from_time="$1" -v to_time="$2" -f examples/reports/agents.sql; }
last_day=$(run -At -f examples/reports/agents.sql)
same_day=$(agents_of '2026-03-28 00:00Z' '2026-03-29 00:00Z')
day_before=$(agents_of '2026-03-27 00:00Z' '2026-03-28 00:00Z')
[[ $last_day == *'Phone|all|6|3|2|436|145.3|33.3' ]]
[[ $same_day == "$last_day" ]]
[[ $day_before == '' ]]

# Without pages the reports have no rows.
run_reports </dev/null >reports.out
diff -u /dev/null reports.out
rm reports.out
