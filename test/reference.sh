#!/usr/bin/env bash
# Shows that doc/reference.md has every public type, function, aggregate and column of the extension, as the catalogue
# describes it, and nothing else: after a line <!-- catalogue: NAME --> comes the table of that name of test/reference.sql.
# With --update, puts the catalogue's rows into it instead.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C
database=activity_reference
scratch=$(mktemp -d)
trap 'dropdb --if-exists --force "$database" 2>/dev/null || true; rm -rf "$scratch"' EXIT

dropdb --if-exists --force "$database" 2>/dev/null
createdb "$database"
psql -X -q -v ON_ERROR_STOP=1 -d "$database" -c 'CREATE EXTENSION activity' -f test/reference.sql >"$scratch/rows"

awk -F '\t' '
	FNR == NR { rows[$1] = rows[$1] $2 "\n"; next }
	/^<!-- catalogue: .* -->$/ {
		name = $0
		gsub(/^<!-- catalogue: | -->$/, "", name)
		head = 2
	}
	head && /^\|/ { print; if (--head == 0) { printf "%s", rows[name]; delete rows[name]; in_rows = 1 }; next }
	in_rows && /^\|/ { next }
	{ in_rows = 0; print }
	END { for (name in rows) print "doc/reference.md lacks the table \"" name "\"" >"/dev/stderr" }
' "$scratch/rows" doc/reference.md >"$scratch/reference.md" 2>"$scratch/missing"

if [[ ${1-} == --update ]]; then
	cp "$scratch/reference.md" doc/reference.md
else
	diff -u doc/reference.md "$scratch/reference.md"
fi
if [[ -s $scratch/missing ]]; then
	cat "$scratch/missing"
	exit 1
fi
