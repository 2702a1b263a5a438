#!/usr/bin/env bash
# Shows that the answers of doc/reports.md are right: answers.py computes them from the raw pages alone, in a database
# without the extension.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=test/sample_pages.bash
. test/sample_pages.bash
export LC_ALL=C
database=activity_answers
trap 'dropdb --if-exists --force "$database" 2>/dev/null || true' EXIT

dropdb --if-exists --force "$database" 2>/dev/null
createdb "$database"
load_sample_pages "$database"
psql -X -At -v ON_ERROR_STOP=1 -d "$database" -c 'SELECT json_agg(p ORDER BY page_id) FROM pages AS p' |
	python3 -B test/answers.py doc/reports.md
