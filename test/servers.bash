# Servers of a test's own, for tests that stop, limit or copy one. Sourced; it makes $directory and removes it at exit.
#
# Each server NAME has its data in $directory/NAME.data, its socket in $directory/NAME and its log in $directory/NAME.log.
# shellcheck shell=bash
# shellcheck disable=SC2164 # the tests that source this set -e

directory=$(mktemp -d)
declare -A server_pids=()

clean_up() {
	local status=$? name
	trap '' HUP INT TERM
	set +e
	[[ $(type -t before_clean_up) != function ]] || before_clean_up
	for name in "${!server_pids[@]}"; do
		kill -QUIT "${server_pids[$name]}" 2>/dev/null
		wait "${server_pids[$name]}" 2>/dev/null
	done
	((status == 0)) || tail -n 20 "$directory"/*.log
	rm -rf "$directory"
	exit "$status"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# As root they run as the user that runs the server of the other tests.
as_server=()
if ((EUID == 0)); then
	user=$(stat -c %U "${PGHOST:-}" 2>/dev/null || true)
	[[ $user && $user != root ]] || user=nobody
	as_server=(setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups --)
	chown "$user:" "$directory"
fi
PATH="$(dirname "$(type -P postgres || echo "$("${PG_CONFIG:-pg_config}" --bindir)/postgres")"):$PATH"
unset PGHOST
export PGPORT=5432 PGUSER=postgres PGDATABASE=postgres PSQLRC=/dev/null PGOPTIONS='-c client_min_messages=warning'
cd "$directory"

# make_cluster NAME
make_cluster() {
	"${as_server[@]}" initdb -D "$directory/$1.data" -U postgres -A trust --no-locale -E UTF8 --no-sync >"$1.log" 2>&1
}

# on NAME: psql there, with what else is given.
on() {
	local name=$1
	shift
	PGHOST=$directory/$name psql -X -q -At -v ON_ERROR_STOP=1 "$@"
}

# start_cluster NAME SETTING=VALUE…
start_cluster() {
	local name=$1 setting options=() _
	shift
	for setting in "$@"; do options+=(-c "$setting"); done
	: >>"$name.log"
	"${as_server[@]}" mkdir -p "$directory/$name"
	"${as_server[@]}" postgres -D "$directory/$name.data" -c listen_addresses= -c unix_socket_directories="$directory/$name" \
		-c timezone=UTC -c fsync=off "${options[@]}" >>"$name.log" 2>&1 &
	server_pids[$name]=$!
	await "$name answers" t on "$name" -c "SELECT true"
}

# await WHAT EXPECTED COMMAND…: until the command prints what is expected, for a minute at the most.
await() {
	local what=$1 expected=$2 _
	shift 2
	for _ in {1..600}; do
		[[ $("$@" 2>/dev/null) != "$expected" ]] || return 0
		sleep 0.1
	done
	echo "$what: waited in vain; now: $("$@" 2>&1)"
	exit 1
}

# shellcheck source=test/expect.bash
. "$(dirname "${BASH_SOURCE[0]}")/expect.bash"
