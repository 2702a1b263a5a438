#!/usr/bin/env bash
# pg_dump and restore, in every format, give back a database that uses the extension: contents, results, definitions.
#
# Needs a server that has the extension: PGHOST, PGPORT and PGUSER name it, and its programs come first on PATH, as
# script/test arranges it. The last line is "the same" or "N differences".
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
source=activity_dump_source
target=activity_dump_target
export PGDATABASE=postgres PSQLRC=/dev/null PGTZ=UTC PGDATESTYLE=ISO PGOPTIONS="-c client_min_messages=warning"
differences=0

clean_up() {
	local status=$?
	trap '' HUP INT TERM
	drop "$source" || status=1
	drop "$target" || status=1
	rm -rf "$work"
	exit "$status"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# shellcheck source=test/contents.bash
. "$project/test/contents.bash"

sql() {
	psql -X -q -v ON_ERROR_STOP=1 "$@"
}

drop() {
	sql -c "DROP DATABASE IF EXISTS $1"
}

create() {
	drop "$1"
	sql -c "CREATE DATABASE $1 TEMPLATE template0"
}

# A database with the extension in schema $1.
create_source() {
	create "$source"
	fill "$1"
}

# A plain dump, without the key that some releases make up for each.
plain_dump() {
	pg_dump "$1" | sed -E '/^\\(un)?restrict /d'
}

# compare NAME: whether the target is now as the source is.
compare() {
	contents "$target" >"$work/contents" || echo "cannot be read" >>"$work/contents"
	plain_dump "$target" >"$work/dump"
	if diff "$work/source.contents" "$work/contents" && diff "$work/source.dump" "$work/dump"; then
		echo "$1: the same"
	else
		echo "$1: differs, see above (<: as it was, >: as restored)"
		((differences += 1))
	fi
}

# restored NAME COMMAND…: creates the target anew, runs the command to fill it, and compares.
restored() {
	local name=$1
	shift
	create "$target"
	if "$@"; then
		compare "$name"
	else
		echo "$name: cannot be restored"
		((differences += 1))
	fi
}

in_two_parts() {
	sql -d "$target" -o /dev/null -f "$work/schema.sql" &&
		sql -d "$target" -o /dev/null -f "$work/data.sql" -c "REFRESH MATERIALIZED VIEW public.participations"
}

in_three_sections() {
	local section
	for section in pre-data data post-data; do
		pg_restore -e --section="$section" -d "$target" "$work/custom" || return
	done
}

for schema in public "Contact-Centre"; do
	create_source "$schema"
	contents "$source" >"$work/source.contents"
	plain_dump "$source" >"$work/source.dump"
	grep -q '^all|22|856|806|50|' "$work/source.contents" # what is compared has the metrics, and they are right
	grep -qE '^0\|0\|[1-9][0-9]*\|0\|[1-9]' "$work/source.contents" # and outdated deliveries
	pg_dump -f "$work/plain.sql" "$source"
	pg_dump -f "$work/inserts.sql" --column-inserts "$source"
	pg_dump -f "$work/schema.sql" --schema-only "$source"
	pg_dump -f "$work/data.sql" --data-only "$source"
	pg_dump -f "$work/custom" -F custom "$source"
	pg_dump -f "$work/directory" -F directory -j 2 "$source"

	restored "extension in $schema, plain" sql -d "$target" -o /dev/null -f "$work/plain.sql"
	restored "extension in $schema, inserts" sql -d "$target" -o /dev/null -f "$work/inserts.sql"
	restored "extension in $schema, custom" pg_restore -e -d "$target" "$work/custom"
	restored "extension in $schema, directory, two jobs" pg_restore -e -j 2 -d "$target" "$work/directory"
	restored "extension in $schema, first the schema, then the data" in_two_parts
	restored "extension in $schema, in three sections" in_three_sections
	rm -r "$work/directory"
done

# A label that a user added to an enum is no part of a dump: it is the extension's. It is added before the restore.
with_label() {
	sql -d "$target" -c "CREATE EXTENSION activity" -c "ALTER TYPE interaction_state ADD VALUE 'Consulting'" &&
		pg_restore -e -d "$target" "$work/custom"
}
create_source public
sql -d "$source" -c "ALTER TYPE interaction_state ADD VALUE 'Consulting'"
sql -d "$source" -c "INSERT INTO typed (state) VALUES ('Consulting')" \
	-c "REFRESH MATERIALIZED VIEW public.participations"
contents "$source" >"$work/source.contents"
plain_dump "$source" >"$work/source.dump"
pg_dump -f "$work/custom" -F custom "$source"
restored "a label added" with_label

if ((differences)); then
	echo "$differences differences"
	exit 1
fi
echo "the same"
