#!/usr/bin/env bash
# A later version of the extension: its library serves the earlier SQL, made by an update or anew it is the same, what
# users built on the earlier version stays, and a library that is too old for a script says so.
#
# The later version is made up: test/versions/1.1.patch adds an attribute to each type, a label, a sum and a metric to 1.0.
# Needs a server that has the extension, and whose directories of extensions and of libraries can be written to, as
# script/test arranges it.
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
	[[ ! $directory ]] || rm -f "$directory"/activity--{0.9,1.1,1.0--1.1,1.0--1.1bad,1.0--1.2,1.2}.sql
	exit "$status"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# shellcheck source=test/expect.bash
. "$project/test/expect.bash"

# new_database NAME: an empty one.
new_database() {
	sql -d postgres -c "DROP DATABASE IF EXISTS $1 WITH (FORCE)" -c "CREATE DATABASE $1 TEMPLATE template0"
}

# What users have built on the earlier version: tables, filled from a page, and views.
build_on_it() {
	sql -c "CREATE EXTENSION activity VERSION '1.0'" -c "SELECT create_activity_table('kept')" -c "SELECT create_activity_views('kept')" \
		-c "CREATE VIEW report AS SELECT agent_id, average_handle_time(k), unexpected_rate(k, 'NoAnswer') FROM kept AS k GROUP BY agent_id" \
		-c "CREATE TABLE pages (body jsonb)" >/dev/null
	sql -c "\\copy pages FROM PROGRAM 'tr -d ''\\n'' <$project/sql/data/page-interactions.json' (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')"
	sql -c "SELECT load_activities('kept', body) FROM pages" >/dev/null
}
results="SELECT r FROM report AS r ORDER BY r; SELECT agent_id, started_at, state, reason, handle_s FROM kept_report ORDER BY agent_id, started_at, state;
	SELECT p.agent_id, p.interaction_guid, p.started_at, p.ended_at, p.talk_ms, p.handle_ms, p.outcome, p.failed_reason FROM kept_participation AS p ORDER BY p"

# All that 1.0 has, in one line: every kind of aggregate over rows, columns and participations, in windows, and activities
# of pages.
metrics="SELECT handle_time(k), average_handle_time(k), unexpected_rate(k, 'NoAnswer'), busy_time(k), peak_concurrency(k),
		handle_time(state, reason, duration_ms), unexpected_rate(state, reason, duration_ms, interaction_guid, channel_guid, agent_id),
		busy_time(state, reason, duration_ms, agent_id, start),
		(SELECT row(handle_time(p), offered_participations(p), unexpected_rate(p)) FROM kept_participation AS p),
		(SELECT row(sum(handle_ms), sum(connections)) FROM (SELECT (participation(a)).* FROM kept AS a
			GROUP BY agent_id, interaction_guid, channel_guid) AS m),
		(SELECT sum(t) FROM (SELECT handle_time(a) OVER (ORDER BY start, agent_id, state ROWS 3 PRECEDING) AS t FROM kept AS a) AS w),
		(SELECT row(count(*), sum(a.duration_ms)) FROM pages, activities(body) AS a),
		(SELECT row(count(*), sum((a.a).duration_ms)) FROM pages, LATERAL (SELECT activities(body::json) AS a) AS a)
	FROM kept AS k"
# the same by parallel workers, which load the library that is there when they begin
in_workers="SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0; SET parallel_leader_participation = off;
	SET cpu_operator_cost = 1; SET max_parallel_workers_per_gather = 2; $metrics"

directory=$(sql -d postgres -c "SELECT setting FROM pg_config WHERE name = 'SHAREDIR'")/extension

# the version is in the control file; all else follows it
version=$(sed -n "s/^default_version = '\(.*\)'/\1/p" "$project/activity.control")
expect "META.json has the version" "$version" "$(sed -n 's/^   "version": "\([0-9]*\.[0-9]*\).*/\1/p' "$project/META.json")"
expect "each script checks the library for its version" "" "$(
	for script in "$project"/activity--*.sql; do
		made=${script##*--}
		grep -qF "activity_library_version('${made%.sql}')" "$script" || echo "$script"
	done
)"

# The later version
cp -R "$project/." later
rm -f later/src/*.o later/activity.so
patch -s -p1 -d later <"$project/test/versions/1.1.patch"
make -s -C later with_llvm=no PG_CONFIG="${PG_CONFIG:-pg_config}" >later.log 2>&1 || { cat later.log && exit 1; }
cp later/activity--1.0--1.1.sql "$directory"
# the script of a new installation
cat "$project/activity--1.0.sql" "$directory/activity--1.0--1.1.sql" >"$directory/activity--1.1.sql"
# what was forgotten here must be seen
grep -v "'internal: number of Failed activities'" later/activity--1.0--1.1.sql |
	sed "s/^COMMENT ON FUNCTION activity_sums_failures(bigint\[\]) IS/-- &/" >"$directory/activity--1.0--1.1bad.sql"
# a label cannot be used where it is added
printf '%s\n' "ALTER TYPE activity_reason ADD VALUE 'Whisper' AFTER 'Monitor';" "SELECT 'Whisper'::activity_reason;" >"$directory/activity--1.0--1.2.sql"
# before 1.0 the types had fewer attributes
perl -0pe 's/(CREATE TYPE participation AS \([^;]*),\n    reported_at .*\n/$1\n/; s/COMMENT ON COLUMN participation\.reported_at IS\n.*\n//' \
	"$project/activity--1.0.sql" >"$directory/activity--0.9.sql"
sed "s/activity_library_version('1.0')/activity_library_version('1.2')/" "$project/activity--1.0.sql" >"$directory/activity--1.2.sql"

# With the earlier library
for database in "${databases[@]}"; do new_database "$database"; done
export PGDATABASE=activity_updated
build_on_it
before=$(sql -c "$results" -c "$metrics")
expect "there are results to compare" t "$([[ $(wc -l <<<"$before") -gt 10 ]] && echo t)"
expect "the same by parallel workers" "$(sql -c "$metrics")" "$(sql -c "$in_workers")"
expect "there are parallel workers" t "$([[ $(sql -c "${in_workers/SELECT/EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) SELECT}" | grep -c 'Workers Launched: 2') -ge 1 ]] && echo t)"
expect_error "a new label in the script that adds it" 'unsafe use of new value "Whisper"' sql -c "ALTER EXTENSION activity UPDATE TO '1.2'"
expect_error "an update that this library is too old for" 'Install version 1.1 on this machine' sql -c "ALTER EXTENSION activity UPDATE TO '1.1'"
expect "a failed update changes nothing" 1.0 "$(sql -c "SELECT extversion FROM pg_extension WHERE extname = 'activity'")"
expect_error "an extension that this library is too old for" 'extension "activity" has version 1.1, but the loaded library has version 1.0' \
	sql -c "UPDATE pg_extension SET extversion = '1.1' WHERE extname = 'activity'" -c "SELECT handle_time(k) FROM kept AS k"
sql -c "UPDATE pg_extension SET extversion = '1.0' WHERE extname = 'activity'"
expect_error "a script that this library is too old for" 'Install version 1.2 on this machine' \
	env PGDATABASE=activity_fresh psql -X -q -c "CREATE EXTENSION activity VERSION '1.2'"

expect_error "a type of before 1.0" 'type participation has 27 attributes, but must have at least 28' \
	env PGDATABASE=activity_fresh psql -X -q -v ON_ERROR_STOP=1 -c "CREATE EXTENSION activity VERSION '0.9'" \
	-c "SELECT handle_time(jsonb_populate_record(NULL::participation, '{}'))"
sql -d activity_fresh -c "DROP EXTENSION activity"

# The later library, put in the place of the earlier one as a new package does it, under a session that goes on
coproc session { exec psql -X -q -At 2>&1; }
exec {to_session}>&"${session[1]}" {from_session}<&"${session[0]}"
# ask STATEMENT: sets answer to the line that it answers in the session.
ask() {
	echo "$1;" >&"$to_session"
	IFS= read -r answer <&"$from_session"
}
ask "SELECT activity_library_version('1.0')"
expect "a session with the earlier library" 1.0 "$answer"
library=$(sql -d postgres -c "SELECT setting FROM pg_config WHERE name = 'PKGLIBDIR'")/activity.so
cp -p "$library" "$library.earlier"
install -m 755 later/activity.so "$library.later"
mv "$library.later" "$library"
expect "a new session has the later library, and the earlier SQL" "1.1|1.0" \
	"$(sql -c "SELECT activity_library_version('1.0'), extversion FROM pg_extension WHERE extname = 'activity'")"
expect "which it serves" "$before" "$(sql -c "$results" -c "$metrics")"
expect "in parallel workers, too" "$(sql -c "$metrics")" "$(sql -c "$in_workers")"
expect "pages are loaded as before" "0|0|t" "$(sql -c "SELECT inserted, updated, unchanged > 10 FROM pages, load_activities('kept', body)")"
ask "$in_workers"
expect "the earlier session goes on, with parallel workers of the later library" "$(sql -c "$metrics")" "$answer"

# a user's own attributes, where the later version has its own
sql -c "CREATE EXTENSION activity VERSION '1.0'" -d activity_fresh
expect "users' attributes in the places of later ones stay theirs" "mine|mine|mine|21" "$(sql -d activity_fresh \
	-c "ALTER TYPE activity ADD ATTRIBUTE note text CASCADE" -c "ALTER TYPE participation ADD ATTRIBUTE note text CASCADE" \
	-c "SELECT create_activity_table('kept')" \
	-c "CREATE TABLE pages AS SELECT '$(tr -d '\n' <"$project/sql/data/page-interactions.json")'::json AS body" \
	-c "SELECT load_activities('kept', body) FROM pages" -c "UPDATE kept SET note = 'mine', status = 'Ongoing'" -c "UPDATE kept_participation SET note = 'mine'" \
	-c "SELECT load_activities('kept', (ARRAY(SELECT k::activity FROM kept AS k))[1:1])" -c "SELECT load_activities('kept', body) FROM pages" \
	-c "SELECT min(k.note), (SELECT min(note) FROM kept_participation), (SELECT max((a.activity).note) FROM (SELECT k::activity AS activity FROM kept AS k) AS a),
		(SELECT count(*) FILTER (WHERE a.note IS NULL) FROM pages, activities(body) AS a) FROM kept AS k" | tail -n 1)"

# The update
expect "an update under a session's feet" "$before"$'\n'"$before" \
	"$(sql -c "$results" -c "$metrics" -c "ALTER EXTENSION activity UPDATE TO '1.1'" -c "$results" -c "$metrics")"
ask "$in_workers"
expect "the earlier session goes on after the update" "$(sql -c "$metrics")" "$answer"
exec {to_session}>&-
expect "the update's label" Whisper "$(sql -c "SELECT 'Whisper'::activity_reason")"
new_database activity_fresh
fresh=$(PGDATABASE=activity_fresh sql -c "CREATE EXTENSION activity VERSION '1.1'" -f "$project/test/members.sql")
expect "an update makes what a new installation makes" "$fresh" "$(sql -f "$project/test/members.sql")"
expect "there are members to compare" t "$([[ $(wc -l <<<"$fresh") -gt 100 ]] && echo t)"
# its attributes and its metric
expect "an attribute is read" "1|$(sql -c "SELECT count(*) FROM pages, activities(body)")" \
	"$(sql -c "SELECT min(a.item), count(a.item) FROM pages, activities(body) AS a")"
sql -c "SELECT create_activity_table('later')" -c "SELECT load_activities('later', body) FROM pages" >/dev/null
failed_activities=$(sql -c "SELECT count(*) FROM later WHERE state = 'Failed' AND reason IS DISTINCT FROM 'Monitor'")
expect "there are Failed activities" t "$([[ $failed_activities -gt 0 ]] && echo t)"
expect "the metric, over activities and participations" "$failed_activities|$failed_activities" \
	"$(sql -c "SELECT (SELECT failures(l) FROM later AS l), (SELECT failures(p) FROM later_participation AS p)")"
expect "tables of before the update have the attributes" "$failed_activities|0" \
	"$(sql -c "SELECT (SELECT failures(k) FROM kept AS k), (SELECT failures(p) FROM kept_participation AS p)")"
sql -c "UPDATE kept SET status = NULL" -c "SELECT load_activities('kept', body) FROM pages" >/dev/null
expect "and are filled by the next load" "$failed_activities|t" \
	"$(sql -c "SELECT (SELECT failures(p) FROM kept_participation AS p), (SELECT count(item) > 10 FROM kept)")"

new_database activity_updated
bad=$(sql -c "CREATE EXTENSION activity VERSION '1.0'" -c "ALTER EXTENSION activity UPDATE TO '1.1bad'" -f "$project/test/members.sql")
expect "a comment that the update forgot is seen" different "$([[ $bad == "$fresh" ]] || echo different)"
expect_error "a script that the later library is too old for" 'Install version 1.2 on this machine' \
	sql -c "DROP EXTENSION activity CASCADE" -c "CREATE EXTENSION activity VERSION '1.2'"
((failed == 0))
