# A throw-away PostgreSQL with the extension in it, for script/demo and script/test, which source this file.
#
# Everything stands in one temporary directory, $work, and is gone at exit, also after an error and Ctrl-C:
#   $work/source   a copy of the project, built there
#   $work/root     what the server runs from: its programs, links to its other files, and the extension
#   $work/data     the database cluster
#   $work/socket   the one way to connect: no TCP
# The system's own PostgreSQL is left as it is: nothing is installed into its directories.
# shellcheck shell=bash
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
program=script/$(basename "$0")
work=
server_pid=
as_server=()
server_command=() # what the server is started by, if anything
server_locale=C   # of the cluster that is made

say() {
	printf '%s\n' "$*" >&2
}

die() {
	say "$program: $*"
	exit 1
}

# die_with_log FILE MESSAGE: shows the end of a step's output first.
die_with_log() {
	tail -n 100 "$1" >&2
	die "$2"
}

# shellcheck source=script/requirements.sh
. "$project/script/requirements.sh"

# Stops the server, if one runs.
stop_server() {
	[[ $server_pid ]] || return 0
	kill -QUIT "$server_pid" 2>/dev/null || true
	wait "$server_pid" 2>/dev/null || true
	server_pid=
}

# Stops the server, lets the script say its last word (at_exit, if it has one), and removes the directory.
clean_up() {
	local status=$?
	trap '' HUP INT QUIT PIPE TERM
	set +e
	stop_server
	cd /
	[[ $(type -t at_exit) != function ]] || at_exit "$status"
	[[ ! $work ]] || rm -rf "$work"
	exit "$status"
}

# Makes $work: where programs can be run, where another user can go, and short enough for a socket's path (107 bytes).
make_work() {
	local parent as_other=()
	trap clean_up EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 131' QUIT
	trap 'exit 141' PIPE
	trap 'exit 143' TERM
	((EUID)) || as_other=(setpriv --reuid=65534 --regid=65534 --clear-groups --)
	for parent in "${TMPDIR:-/tmp}" /tmp /var/tmp; do
		work=$(mktemp -d "$(realpath "$parent")/activity.XXXXXX") || continue
		chmod 711 "$work"
		printf '#!/bin/sh\n' >"$work/probe"
		chmod 755 "$work/probe"
		if ((${#work} <= 80)) && "${as_other[@]}" "$work/probe" 2>/dev/null; then
			return
		fi
		rm -rf "$work"
	done
	work=
	die "neither TMPDIR nor /tmp nor /var/tmp can be used: programs must be allowed to run there"
}

# Copies the project without its history and build products.
copy_source() {
	mkdir "$work/source"
	tar -C "$project" --exclude=./.git --exclude='*.o' --exclude='*.so' --exclude='*.bc' --exclude=./results \
		--exclude='./output_iso' --exclude='./regression.*' -cf - . | tar -C "$work/source" --no-same-owner -xf -
}

# make in the copy, for the PostgreSQL that was found.
make_source() {
	make -s -C "$work/source" -j "$(nproc)" PG_CONFIG="$pg_config" with_llvm=no "$@" </dev/null
}

# Puts the PostgreSQL that was found under $work/root. A server looks for its files relative to where its own program
# is, past symbolic links: so the programs are copies, all else is links. An installed copy of this extension is left
# out, and so is bitcode that cannot be read, which only JIT uses, to inline functions.
relocate() {
	local directory libraries shared directories
	libraries=$("$pg_config" --pkglibdir)
	shared=$("$pg_config" --sharedir)
	directories=("$libraries" "$shared" "$shared/extension")
	[[ ! -r $libraries/bitcode || ! -x $libraries/bitcode ]] || directories+=("$libraries/bitcode")
	for directory in "${directories[@]}"; do
		mkdir -p "$root$directory"
		find "$directory" -mindepth 1 -maxdepth 1 ! -name 'activity.*' ! -name 'activity--*' \
			! -path "$libraries/bitcode" ! -path "$shared/extension" -exec ln -s -t "$root$directory" {} +
	done
	directory=$("$pg_config" --localedir)
	if [[ -d $directory && ! -e $root$directory ]]; then
		mkdir -p "$root${directory%/*}"
		ln -s "$directory" "$root$directory"
	fi
	mkdir -p "$root$bindir"
	cp "$bindir"/{initdb,postgres,pg_ctl} "$root$bindir"
}

# Sets up everything but the server. Arguments go to make.
build() {
	umask 022
	bindir=$("$pg_config" --bindir)
	root=$work/root
	copy_source
	say "Building for $("$pg_config" --version)"
	make_source "$@" >"$work/build.log" 2>&1 || die_with_log "$work/build.log" "the build failed"
	relocate
	make_source "$@" DESTDIR="$root" install >"$work/build.log" 2>&1 || die_with_log "$work/build.log" "make install failed"
}

# Starts the server. As root it runs as another user, since PostgreSQL refuses to run as root. The caller's programs
# find it through PGHOST, PGPORT and PGUSER, and their own like through PATH. Arguments are more settings of the server,
# NAME=VALUE. A cluster of before, whose server was stopped, is removed.
start_server() {
	local user option options=()
	if ((EUID == 0)); then
		for user in postgres nobody; do
			! id "$user" >/dev/null 2>&1 || break
		done
		as_server=(setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups --)
	fi
	rm -rf "$work/data" "$work/socket"
	mkdir -m 700 "$work/data" "$work/socket"
	((EUID)) || chown "$user:" "$work/data" "$work/socket"
	export PATH="$root$bindir:$bindir:$PATH" PG_CONFIG="$pg_config"
	export PGHOST=$work/socket PGPORT=5432 PGUSER=postgres PGDATABASE=postgres

	cd "$work"
	"${as_server[@]}" "$root$bindir/initdb" -D data -U postgres -A trust --locale="$server_locale" -E UTF8 --no-sync </dev/null \
		>initdb.log 2>&1 || die_with_log initdb.log "initdb failed"
	for option in listen_addresses= unix_socket_directories="$work/socket" port=5432 timezone=UTC log_timezone=UTC \
		fsync=off synchronous_commit=off full_page_writes=off max_wal_size=4GB "$@"; do
		options+=(-c "$option")
	done
	(umask 077 && : >>server.log) # it may quote the user's data
	setsid "${as_server[@]}" "${server_command[@]}" "$root$bindir/postgres" -D "$work/data" "${options[@]}" </dev/null >>server.log 2>&1 &
	server_pid=$!
	until pg_isready -q; do
		kill -0 "$server_pid" 2>/dev/null || die_with_log server.log "the server did not start"
		sleep 0.1
	done
}

# Says how to connect to the server and how to end it, and leaves it running.
keep_server() {
	cat >"$work/stop" <<-END
		#!/bin/sh
		# Stops this PostgreSQL and removes its directory.
		kill -QUIT $server_pid
		while kill -0 $server_pid 2>/dev/null; do sleep 0.1; done
		rm -rf $work
	END
	say "The server is still running. To connect to it:
    $bindir/psql -h $PGHOST -U $PGUSER ${1:-$PGDATABASE}
To stop it and remove all that it has:
    sh $work/stop"
	server_pid=
	work=
}

# The caller's own settings must not change what is built or where psql connects to.
for variable in "${!PG@}"; do
	[[ $variable == PG_CONFIG ]] || unset "$variable"
done
unset variable MAKEFLAGS MFLAGS MAKELEVEL
export LC_ALL=C PSQLRC=/dev/null
