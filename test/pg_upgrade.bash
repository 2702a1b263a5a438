#!/usr/bin/env bash
# pg_upgrade takes a cluster that uses the extension to a later PostgreSQL: contents, results, definitions stay, also
# labels that users have added, and it goes on from there.
#
# Needs both PostgreSQLs with the extension: OLD_BINDIR and NEW_BINDIR are where their programs are. script/test --all
# runs it; it may not run as root.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d)
source=postgres
export PGHOST=$work PGUSER=postgres PGDATABASE=postgres PSQLRC=/dev/null PGTZ=UTC PGDATESTYLE=ISO
export PGOPTIONS="-c client_min_messages=warning"
running=

clean_up() {
	local status=$?
	trap '' HUP INT TERM
	[[ ! $running ]] || "$running/pg_ctl" -D "$work/data.$([[ $running == "$OLD_BINDIR" ]] && echo old || echo new)" -m immediate stop >/dev/null
	((status == 0)) || tail -n 40 "$work"/*.log
	rm -rf "$work"
	exit "$status"
}
trap clean_up EXIT
cd "$work"

sql() {
	"$NEW_BINDIR/psql" -X -q -v ON_ERROR_STOP=1 "$@"
}
# shellcheck source=test/contents.bash
. "$project/test/contents.bash"

# start old|new
start() {
	local bindir=$OLD_BINDIR
	[[ $1 == old ]] || bindir=$NEW_BINDIR
	"$bindir/pg_ctl" -D "data.$1" -w -l "$1.log" -o "-c listen_addresses= -c unix_socket_directories=$work -c timezone=UTC -c fsync=off" start >/dev/null
	running=$bindir
}

stop() {
	"$running/pg_ctl" -D "data.$1" -w -m fast stop >/dev/null
	running=
}

# pg_get_viewdef spells some things otherwise in other releases; what views return is compared.
comparable() {
	contents "$source" | sed '/^== views/,/^== comments/d; /^ *REFERENCES /d'
}

"$OLD_BINDIR/initdb" -D data.old -U postgres -A trust --no-locale -E UTF8 --no-sync >init.log
# without checksums, which PostgreSQL 18 and later turn on: the old cluster has none
checksums=()
if "$NEW_BINDIR/initdb" --help | grep -q no-data-checksums; then checksums=(--no-data-checksums); fi
"$NEW_BINDIR/initdb" -D data.new -U postgres -A trust --no-locale -E UTF8 --no-sync "${checksums[@]}" >>init.log

start old
fill public
sql -c "ALTER TYPE activity_reason ADD VALUE 'Whisper' AFTER 'Monitor'"
sql -c "INSERT INTO typed (state, reason) VALUES ('Ringing', 'Whisper')" \
	-c "UPDATE worked SET reasons = reasons || 'Whisper'::activity_reason, participation.failed_reason = 'Whisper'" -c "REFRESH MATERIALIZED VIEW participations"
comparable >before
grep -q Whisper before
grep -q 'all|23|856|806|50|' before
sql -At -f "$project/test/members.sql" >members.before
stop old

"$NEW_BINDIR/pg_upgrade" -b "$OLD_BINDIR" -B "$NEW_BINDIR" -d data.old -D data.new -s "$work" -U postgres >upgrade.log 2>&1
start new
comparable >after
diff before after
sql -At -f "$project/test/members.sql" >members.after
diff members.before members.after
sql -At -c "SELECT 'is now PostgreSQL ' || current_setting('server_version')"

# and goes on
sql -At -c "SELECT inserted, updated, unchanged FROM page, load_activities('kept', page, 'ignore') WHERE number = 1" |
	diff - <(echo '0|0|21')
sql -At -c "SELECT inserted FROM load_activities('kept', '[{\"agentId\": \"new\", \"start\": \"2026-03-29T00:00:00Z\",
	\"state\": \"Wrap\", \"duration\": 1000, \"reason\": \"Whisper\", \"interaction\": {\"guid\": \"3f2504e0-4f89-11d3-9a0c-0305e82c3301\"}}]'::jsonb)" | diff - <(echo 1)
sql -At -c "SELECT handle_time(p), max(wrap_s) FROM kept_participation AS p JOIN kept_participation_report USING (agent_id) WHERE agent_id = 'new'" | diff - <(echo '1|1')
stop new
echo "the same"
