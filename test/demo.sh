#!/usr/bin/env bash
# Shows that script/demo prints what examples/demo.out shows, with all reports, and also works for a page without items
# (sql/reports.sql shows what the reports print then); and that every report runs as it stands, by itself.
set -euo pipefail
cd "$(dirname "$0")/.."
./script/demo >demo.out
diff -u examples/demo.out demo.out
diff -u <(ls examples/reports) <(sed -n 's/^\\ir reports\///p' examples/demo.sql | sort)
echo '{"items":[]}' >empty.json
./script/demo empty.json >/dev/null
rm demo.out empty.json

trap 'dropdb --if-exists --force activity_reports 2>/dev/null || true' EXIT
dropdb --if-exists activity_reports 2>/dev/null
createdb activity_reports
run() { psql -X -q -v ON_ERROR_STOP=1 -d activity_reports -o /dev/null "$@"; }
run -c 'CREATE TABLE pages (page_id bigint GENERATED ALWAYS AS IDENTITY, source text, body json)'
run <<'SQL'
\set body `cat sql/data/page-interactions.json`
INSERT INTO pages (source, body) VALUES ('page-interactions.json', :'body');
SQL
run -f examples/reports/load.sql
for report in examples/reports/*.sql; do
	run -f "$report"
done
