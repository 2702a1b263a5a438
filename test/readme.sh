#!/usr/bin/env bash
# Shows that README.md's SQL prints what README.md shows: runs every ```sql block, in order and in one session, and
# compares the output with the ``` block right behind it. With --update, puts the output there instead.
set -euo pipefail
cd "$(dirname "$0")/.."
document=README.md
scratch=$(mktemp -d)
trap 'dropdb --if-exists --force activity_readme 2>/dev/null || true; rm -rf "$scratch"' EXIT

dropdb --if-exists activity_readme 2>/dev/null
createdb activity_readme

# Every block, and behind it a line that tells where its output ends.
awk '/^```sql$/ { inside = 1; next }
	/^```$/ && inside { inside = 0; print "\\echo @@"; next }
	inside' "$document" >"$scratch/blocks.sql"
PGTZ=UTC PGDATESTYLE=ISO psql -X -q -d activity_readme <"$scratch/blocks.sql" >"$scratch/output" 2>&1

# The document, with these outputs in the place of those that it has.
awk -v output="$scratch/output" '
	function print_output(line) {
		while ((getline line < output) > 0 && line != "@@")
			text = text line "\n"
		sub(/\n+$/, "\n", text)
		if (text != "")
			printf "```\n%s```\n", text
		text = ""
	}
	replacing { if (/^```$/) replacing = 0; next }
	ended { ended = 0; print_output(); if (/^```$/) { replacing = 1; next } }
	{ print }
	/^```sql$/ { inside = 1 }
	/^```$/ && inside { inside = 0; ended = 1 }' "$document" >"$scratch/document"

if [[ ${1-} == --update ]]; then
	cp "$scratch/document" "$document"
else
	diff -u "$document" "$scratch/document"
fi
