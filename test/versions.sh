#!/usr/bin/env bash
# A later version of the extension: made by an update or anew it is the same, what users built on the earlier one stays,
# a library that is too old for it says so, and the later library serves the earlier SQL.
#
# The later version is made up here: version 1.0 with a label, a function and an attribute more. Needs a server that has
# the extension, and whose directories of extensions and of libraries can be written to, as script/test arranges it.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export PSQLRC=/dev/null PGOPTIONS='-c client_min_messages=warning'
databases=(activity_updated activity_fresh)
directory=
library=

sql() {
	psql -X -q -At -v ON_ERROR_STOP=1 "$@"
}

clean_up() {
	local status=$? database
	trap '' HUP INT TERM
	for database in "${databases[@]}"; do sql -d postgres -c "DROP DATABASE IF EXISTS $database WITH (FORCE)" || status=1; done
	[[ ! $library || ! -e $library.earlier ]] || mv "$library.earlier" "$library"
	[[ ! $directory ]] || rm -f "$directory"/activity--{1.1,1.0--1.1,1.0--1.1bad,1.0--1.2,1.2}.sql
	exit "$status"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# shellcheck source=test/expect.bash
. "$project/test/expect.bash"

# What users have built on the earlier version, still empty, and the page to fill it with.
build_on_it() {
	sql -c "CREATE EXTENSION activity VERSION '1.0'" -c "SELECT create_activity_table('kept')" -c "SELECT create_activity_views('kept')" \
		-c "CREATE VIEW report AS SELECT agent_id, average_handle_time(k), unexpected_rate(k, 'NoAnswer') FROM kept AS k GROUP BY agent_id" \
		-c "CREATE TABLE pages (body jsonb)" >/dev/null
	sql -c "\\copy pages FROM PROGRAM 'tr -d ''\\n'' <$project/sql/data/page-interactions.json' (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')"
}

directory=$(sql -d postgres -c "SELECT setting FROM pg_config WHERE name = 'SHAREDIR'")/extension

# the version stands in the control file; all else follows it
version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" "$project/activity.control")
expect "META.json has the version" "$version" "$(sed -n 's/^   "version": "\([0-9]*\.[0-9]*\).*/\1/p' "$project/META.json")"
expect "each script checks the library for its version" "" "$(
	for script in "$project"/activity--*.sql; do
		made=${script##*--}
		grep -qF "activity_library_version('${made%.sql}')" "$script" || echo "$script"
	done
)"

# 1.1 is what this library serves, too: its check is for 1.0
cat >"$directory/activity--1.0--1.1.sql" <<'END'
ALTER TYPE activity_reason ADD VALUE 'Whisper' AFTER 'Monitor';
ALTER TYPE activity ADD ATTRIBUTE queue text CASCADE;
COMMENT ON COLUMN activity.queue IS 'the queue that the interaction waited in';
CREATE FUNCTION activity_minutes(activity) RETURNS double precision
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ($1).duration_ms / 60000.0;
COMMENT ON FUNCTION activity_minutes(activity) IS 'duration in minutes';
END
cat "$project/activity--1.0.sql" "$directory/activity--1.0--1.1.sql" >"$directory/activity--1.1.sql"
# what was forgotten here must be seen
grep -v "COMMENT ON FUNCTION activity_minutes" "$directory/activity--1.0--1.1.sql" >"$directory/activity--1.0--1.1bad.sql"
# a label cannot be used where it is added
sed "\$a SELECT 'Whisper'::activity_reason;" "$directory/activity--1.0--1.1.sql" >"$directory/activity--1.0--1.2.sql"
sed "s/activity_library_version('1.0')/activity_library_version('1.2')/" "$project/activity--1.0.sql" >"$directory/activity--1.2.sql"

for database in "${databases[@]}"; do sql -d postgres -c "CREATE DATABASE $database TEMPLATE template0"; done
export PGDATABASE=activity_updated
build_on_it
sql -c "SELECT load_activities('kept', body) FROM pages" >/dev/null
results="SELECT r FROM report AS r ORDER BY r; SELECT agent_id, start, state, reason, handle_s FROM kept_report ORDER BY agent_id, start, state; SELECT p FROM kept_participation AS p ORDER BY p"
before=$(sql -c "$results")
expect "there are results to compare" t "$([[ $(wc -l <<<"$before") -gt 10 ]] && echo t)"

expect_error "a new label in the script that adds it" 'unsafe use of new value "Whisper"' sql -c "ALTER EXTENSION activity UPDATE TO '1.2'"
expect "a failed update changes nothing" 1.0 "$(sql -c "SELECT extversion FROM pg_extension WHERE extname = 'activity'")"

# in one session, with what it has looked up before
expect_error "an update that this library is too old for" 'extension "activity" is of version 1.1, but the library that is loaded is of version 1.0' \
	sql -c "ALTER EXTENSION activity UPDATE TO '1.1'" -c "SELECT handle_time(k) FROM kept AS k"
expect "users' views after the update" "$before" "$(sql -c "UPDATE pg_extension SET extversion = '1.0' WHERE extname = 'activity'" -c "$results")"
expect "the update's label, function and attribute" "Whisper|q|1.5" "$(sql -c "SELECT (a).reason, (a).queue, activity_minutes(a)
	FROM jsonb_populate_record(NULL::activity, '{\"reason\": \"Whisper\", \"duration_ms\": 90000, \"queue\": \"q\"}') AS a")"

updated=$(sql -f "$project/test/members.sql")
fresh=$(PGDATABASE=activity_fresh sql -c "CREATE EXTENSION activity VERSION '1.1'" -f "$project/test/members.sql")
expect "an update makes what a new installation makes" "$fresh" "$updated"
expect "there are members to compare" t "$([[ $(wc -l <<<"$fresh") -gt 100 ]] && echo t)"

sql -d postgres -c "DROP DATABASE activity_updated" -c "CREATE DATABASE activity_updated TEMPLATE template0"
bad=$(sql -c "CREATE EXTENSION activity VERSION '1.0'" -c "ALTER EXTENSION activity UPDATE TO '1.1bad'" -f "$project/test/members.sql")
expect "a comment that the update forgot is seen" different "$([[ $bad == "$fresh" ]] || echo different)"

sql -d postgres -c "DROP DATABASE activity_updated" -c "CREATE DATABASE activity_updated TEMPLATE template0"
expect_error "a script that this library is too old for" 'Install version 1.2 on this machine' sql -c "CREATE EXTENSION activity VERSION '1.2'"

# The later library, put in the place of the earlier one as a new package does it, under sessions that go on.
cp -R "$project/." later
rm -f later/src/module.o later/activity.so
make -s -C later with_llvm=no PG_CONFIG="${PG_CONFIG:-pg_config}" ACTIVITY_VERSION=1.1 >later.log 2>&1 || { cat later.log && exit 1; }
library=$(sql -d postgres -c "SELECT setting FROM pg_config WHERE name = 'PKGLIBDIR'")/activity.so
coproc session { exec psql -X -q -At 2>&1; }
exec {to_session}>&"${session[1]}" {from_session}<&"${session[0]}"
# ask STATEMENT: sets answer to the line that it answers in the session.
ask() {
	echo "$1;" >&"$to_session"
	IFS= read -r answer <&"$from_session"
}
build_on_it
ask "SELECT activity_library_version('1.0')"
expect "a session with the earlier library" 1.0 "$answer"
cp -p "$library" "$library.earlier"
install -m 755 later/activity.so "$library.later"
mv "$library.later" "$library"
expect "a new session has the later library, and the earlier SQL" "1.1|1.0" \
	"$(sql -c "SELECT activity_library_version('1.0'), extversion FROM pg_extension WHERE extname = 'activity'")"
sql -c "SELECT load_activities('kept', body) FROM pages" >/dev/null
expect "which it serves" "$before" "$(sql -c "$results")"
ask "SELECT count(*) FROM report"
expect "the earlier session goes on" "$(sql -c "SELECT count(*) FROM report")" "$answer"
expect "an update under a session's feet" "$before"$'\n'"$before" "$(sql -c "$results" -c "ALTER EXTENSION activity UPDATE TO '1.1'" -c "$results")"
expect "pages are loaded as before" "0|0|t" "$(sql -c "SELECT inserted, updated, unchanged > 10 FROM pages, load_activities('kept', body)")"
expect "the update makes what it made" "$fresh" "$(sql -f "$project/test/members.sql")"
expect_error "a script that the later library is too old for" 'Install version 1.2 on this machine' \
	sql -c "DROP EXTENSION activity CASCADE" -c "CREATE EXTENSION activity VERSION '1.2'"
exec {to_session}>&-
((failed == 0))
