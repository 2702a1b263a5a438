#!/usr/bin/env bash
# Shows that ./script/dashboard builds the dashboard of the sample data without a network and serves it; that in Chromium,
# at 1280 and 1920 pixels, it has no error, asks only its own server, and every number on it is what SQL says; that no
# label overlaps another one or leaves its panel, and every text can be read. The same with no data, one agent, 500
# agents and a year. That examples/dashboard/grants.sql is enough for a role, and how little that is. That the licences of
# all packages are listed and kept. And that Ctrl-C leaves nothing behind. Pictures stay in the test's directory until
# script/test ends; $DASHBOARD_PICTURES is another.
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
programs=$project/test/dashboard
pictures=${DASHBOARD_PICTURES:-$PWD}
scratch=$(mktemp -d "$PWD/dashboard.XXXXXX")
chmod 711 "$scratch"
dashboard_pid=
end_dashboard() {
	[[ $dashboard_pid ]] || return 0
	kill -INT -- "-$dashboard_pid" 2>/dev/null || true
	wait "$dashboard_pid" || true
	dashboard_pid=
}
trap 'end_dashboard; dropdb --if-exists --force activity_dashboard 2>/dev/null || true; rm -rf "$scratch"' EXIT
failed=
problem() {
	echo "$*"
	failed=yes
}

# start_dashboard DIRECTORY [ARGUMENT…]: runs script/dashboard with that temporary directory until its address is known,
# in a process group of its own, as a terminal would.
start_dashboard() {
	mkdir "$scratch/$1"
	chmod 711 "$scratch/$1"
	set -m
	TMPDIR=$scratch/$1 NODE_OPTIONS="--require=$programs/no_fetch.cjs" "$project/script/dashboard" "${@:2}" \
		>"$scratch/$1.out" 2>"$scratch/$1.err" </dev/null &
	dashboard_pid=$!
	set +m
	until grep -q '^http' "$scratch/$1.out"; do
		if ! kill -0 "$dashboard_pid" 2>/dev/null; then
			cat "$scratch/$1.err"
			dashboard_pid=
			if grep -q 'npm could not install' "$scratch/$1.err"; then
				echo "npm cannot fetch the packages of examples/dashboard"
				exit 77
			fi
			exit 1
		fi
		sleep 0.2
	done
	address=$(<"$scratch/$1.out")
	directory=$(echo "$scratch/$1"/activity.*/dashboard)
}

# check NAME PAGES BACKGROUND PICTURES: compares the page with SQL over the table NAME of the database that PG… name.
check() {
	psql -X -q -v name="$1" -v pages="$2" -v background="$3" -v zone=Europe/London -f "$programs/figures.sql" >"$scratch/figures"
	echo "$4: $(wc -l <"$scratch/figures") figures by SQL"
	node "$programs/check.mjs" "$directory/browser.js" "$address" "$scratch/figures" "$pictures/$4" || problem "$4: failed"
}

# may ROLE STATEMENT: whether activity_dashboard_ROLE may run it.
may() {
	psql -X -q -v ON_ERROR_STOP=1 -c "SET ROLE activity_dashboard_$1" -c "$2" >/dev/null 2>"$scratch/denied"
}
may_not() {
	if may "$@" || ! grep -q 'permission denied' "$scratch/denied"; then problem "the $1 may: $2 $(<"$scratch/denied")"; fi
}

server=("PGHOST=$PGHOST" "PGPORT=$PGPORT" "PGUSER=$PGUSER" PGDATABASE=activity_dashboard)
unset PGHOST PGPORT PGUSER PGDATABASE
start_dashboard sample
(
	export PGHOST=${directory%/dashboard}/socket PGPORT=5432 PGUSER=postgres PGDATABASE=demo
	check agent_activity pages Case sample
	psql -X -q -v ON_ERROR_STOP=1 -c 'CREATE ROLE activity_dashboard_reader' -c 'CREATE ROLE activity_dashboard_stranger'
	psql -X -q -v role=activity_dashboard_reader -v table=agent_activity -v pages=pages -f "$directory/grants.sql"
	window="now() - '1 day'::interval, now()"
	may reader 'SELECT FROM agent_activity_participation_report' || problem "the role may not read the views: $(<"$scratch/denied")"
	may reader "SELECT agent_activity_agent_intervals($window, '1 day', NULL, NULL)" ||
		problem "the role may not execute the function: $(<"$scratch/denied")"
	for table in agent_activity{,_participation,_presence} pages; do
		may_not reader "SELECT FROM $table"
	done
	may_not reader "SELECT agent_intervals('agent_activity', $window)"
	may_not reader 'DELETE FROM pages_health'
	may_not stranger "SELECT agent_activity_agent_intervals($window, '1 day', NULL, NULL)"
	[[ ! $failed ]]
) || failed=yes
socket=${directory%/dashboard}/socket
(
	cd "$directory"
	by_role=(env "PGHOST=$socket" PGPORT=5432 PGUSER=postgres PGDATABASE=demo PGOPTIONS='-c role=activity_dashboard_reader')
	"${by_role[@]}" node views.js agent_activity '' pages && "${by_role[@]}" ACTIVITY_PAGES=pages node src/data/dashboard.json.js
) >"$scratch/by_role" || problem "the role cannot read the dashboard's data"
cmp "$scratch/by_role" "$directory"/dist/_file/data/dashboard.*.json || problem "the role reads other data"
node "$programs/licences.mjs" "$directory" || problem "licences: failed"
end_dashboard
[[ ! $(ls -A "$scratch/sample") ]] || problem "left behind: $(ls -A "$scratch/sample")"
! node -e 'fetch(process.argv[1]).then(() => process.exit(0), () => process.exit(1))' "$address" || problem "it is still served"

# The other cases, in the server of script/test, by a connection and a name. Only the data differs from one to the next.
export "${server[@]}"
dropdb --if-exists --force activity_dashboard 2>/dev/null
PGDATABASE=postgres createdb activity_dashboard
psql -X -q -f "$programs/cases.sql" >/dev/null
start_dashboard cases --time-zone Europe/London --background Case,Email one
for name in one none many year; do
	(cd "$directory" && node views.js "$name" Europe/London && ACTIVITY_TABLE=$name ACTIVITY_BACKGROUND=Case,Email node src/data/dashboard.json.js) \
		>"$scratch/data" || problem "$name: the data cannot be read"
	cp "$scratch/data" "$directory"/dist/_file/data/dashboard.*.json
	check "$name" '' Case,Email "$name"
done
end_dashboard
[[ ! $(ls -A "$scratch/cases") ]] || problem "left behind: $(ls -A "$scratch/cases")"
[[ ! $failed ]]
