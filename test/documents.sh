#!/usr/bin/env bash
# Shows that the SQL of README and of all documents in doc/ prints what they show: runs every ```sql block of a document,
# in order and in one session, in a database of its own, and compares the output with the ``` block right after it. The
# database is empty, but for the sample pages and their history where a document says that "script/demo --keep" leaves
# them. Blocks that need Citus are ```sql citus, and not run here. With --update, puts the output into the documents
# instead.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=test/sample_pages.bash
. test/sample_pages.bash
export LC_ALL=C
mapfile -t documents < <(grep -l '^```sql$' README.md doc/*.md)
[[ ${documents[0]} == README.md ]]
database=activity_document
scratch=$(mktemp -d)
trap 'dropdb --if-exists --force "$database" 2>/dev/null || true; rm -rf "$scratch"' EXIT

# Prints the document $1 with the output of its SQL in the place of that which it has.
with_output() {
	# Every block, and after it a line that says where its output ends.
	awk '/^```sql$/ { inside = 1; next }
		/^```$/ && inside { inside = 0; print "\\echo @@"; next }
		inside' "$1" >"$scratch/blocks.sql"
	# in a time zone of its own, so that a document sets the one that it needs
	PGTZ=Asia/Kolkata psql -X -q -v SHOW_CONTEXT=never -d "$database" <"$scratch/blocks.sql" >"$scratch/output" 2>&1

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
		/^```$/ && inside { inside = 0; ended = 1 }' "$1"
}

# What is shown to be copied divides by no sum or count that may be 0.
if grep -nE '/ *\(? *(sum|count|[a-z_]+_(time|participations))\(' README.md doc/*.md examples/*.sql examples/reports/*.sql activity--1.0.sql |
	grep -v 'nullif('; then
	echo "(above: a division by a sum without nullif)"
	exit 1
fi

# A front page.
(($(wc -l <README.md) <= 300))

status=0
diff <(sed -n 's/^### //p' doc/reports.md) <(sed -n 's/^- \[\(.*\)\](#.*/\1/p' doc/reports.md) # its list of contents
for document in "${documents[@]}"; do
	dropdb --if-exists --force "$database" 2>/dev/null
	createdb "$database"
	! grep -qF 'script/demo --keep' "$document" || load_sample_pages "$database"
	with_output "$document" >"$scratch/document"
	if [[ ${1-} == --update ]]; then
		cp "$scratch/document" "$document"
	else
		diff -u "$document" "$scratch/document" || status=1
	fi
done
exit "$status"
