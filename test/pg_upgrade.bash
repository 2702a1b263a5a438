#!/usr/bin/env bash
# pg_upgrade takes a cluster that uses the extension to a later PostgreSQL, and from there to the next: contents, results,
# definitions stay, also labels that users have added, and it goes on from there.
#
# Usage: test/pg_upgrade.bash BINDIR…, where the programs of each PostgreSQL are, the earliest first. All need the
# extension. script/test --all runs it; it may not run as root.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
source=postgres
export PGHOST=$work PGUSER=postgres PGDATABASE=postgres PSQLRC=/dev/null PGTZ=UTC PGDATESTYLE=ISO
export PGOPTIONS="-c client_min_messages=warning"
bindir= # of the PostgreSQL that the cluster data.new is of
running=
psql=${!#}/psql # the latest, which prints the same of all

clean_up() {
	local status=$?
	trap '' HUP INT TERM
	[[ ! $running ]] || "$bindir/pg_ctl" -D "$work/data.new" -m immediate stop >/dev/null
	((status == 0)) || tail -n 40 "$work"/*.log
	rm -rf "$work"
	exit "$status"
}
trap clean_up EXIT
cd "$work"

sql() {
	"$psql" -X -q -v ON_ERROR_STOP=1 "$@"
}
# shellcheck source=test/contents.bash
. "$project/test/contents.bash"

start() {
	"$bindir/pg_ctl" -D data.new -w -l server.log -o "-c listen_addresses= -c unix_socket_directories=$work -c timezone=UTC -c fsync=off" start >/dev/null
	running=yes
}

stop() {
	"$bindir/pg_ctl" -D data.new -w -m fast stop >/dev/null
	running=
}

# pg_get_viewdef spells some things otherwise in other releases; what views return is compared. NOT NULL is a constraint
# since PostgreSQL 18.
comparable() {
	contents "$source" | sed '/^== views/,/^== comments/d; /^ *REFERENCES /d; /|NOT NULL /d; /^([0-9]* rows*)$/d'
}

# initdb_with BINDIR: makes the cluster data.new, without checksums, which PostgreSQL 18 and later turn on: a cluster of
# before has none.
initdb_with() {
	local checksums=()
	if [[ $("$1/initdb" --help) == *--no-data-checksums* ]]; then checksums=(--no-data-checksums); fi
	"$1/initdb" -D data.new -U postgres -A trust --no-locale -E UTF8 --no-sync "${checksums[@]}" >>init.log
}

# Loads a page that is known, and one that is not, of an agent named $1.
go_on() {
	sql -At -c "SELECT inserted, updated, unchanged FROM page, load_activities('kept', page, 'ignore') WHERE number = 1" |
		diff - <(echo '0|0|21')
	sql -At -c "SELECT inserted FROM load_activities('kept', '[{\"agentId\": \"$1\", \"start\": \"2026-03-29T00:00:00Z\",
		\"state\": \"Wrap\", \"duration\": 1000, \"reason\": \"Whisper\", \"interaction\": {\"guid\": \"3f2504e0-4f89-11d3-9a0c-0305e82c3301\"}}]'::jsonb)" | diff - <(echo 1)
	sql -At -c "SELECT handle_time(p), max(wrap_s) FROM kept_participation AS p JOIN kept_participation_report USING (agent_id) WHERE agent_id = '$1'" | diff - <(echo '1|1')
}

bindir=$1
shift
initdb_with "$bindir"
start
fill public
sql -c "ALTER TYPE activity_reason ADD VALUE 'Whisper' AFTER 'Monitor'"
sql -c "INSERT INTO typed (state, reason) VALUES ('Ringing', 'Whisper')" \
	-c "UPDATE worked SET reasons = reasons || 'Whisper'::activity_reason, participation.failed_reason = 'Whisper'" -c "REFRESH MATERIALIZED VIEW participations"
comparable >before
grep -q Whisper before
grep -q 'all|23|856|806|50|' before
go_on "of $(sql -At -c "SHOW server_version_num")"

for new_bindir; do
	comparable >before
	sql -At -f "$project/test/members.sql" >members.before
	stop
	mv data.new data.old
	initdb_with "$new_bindir"
	"$new_bindir/pg_upgrade" -b "$bindir" -B "$new_bindir" -d data.old -D data.new -s "$work" -U postgres >upgrade.log 2>&1
	rm -r data.old
	bindir=$new_bindir
	start
	comparable >after
	diff before after
	sql -At -f "$project/test/members.sql" >members.after
	diff members.before members.after
	go_on "of $(sql -At -c "SHOW server_version_num")"
	sql -At -c "SELECT 'is now PostgreSQL ' || current_setting('server_version')"
done
stop
echo "the same"
