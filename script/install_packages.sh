#!/usr/bin/env bash
# Installs the Debian packages that are its arguments. The one part of script/demo and script/test that runs as root.
# Standard output is the log, standard error is for the user.
#
# A PostgreSQL server's package makes and starts a database cluster, "main". The user did not ask for one, so while the
# packages are installed postgresql-common is told not to; what tells it is removed again, also after Ctrl-C.
set -euo pipefail

export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1

directory=/etc/postgresql-common/createcluster.d
setting=$directory/activity-throw-away.conf
made=()
installer=
stopped=

clean_up() {
	local status=$?
	trap '' HUP INT QUIT PIPE TERM
	rm -f "$setting"
	((${#made[@]} == 0)) || rmdir --ignore-fail-on-non-empty "${made[@]}" || true
	exit "$status"
}

# stop STATUS: at once, or when the packages are installed.
stop() {
	[[ $installer ]] || exit "$1"
	stopped=$1
	echo "Stopping as soon as apt-get has finished" >&2
}

trap clean_up EXIT
trap 'stop 129' HUP
trap 'stop 130' INT
trap 'stop 131' QUIT
trap 'stop 143' TERM

for parent in "$directory" "${directory%/*}"; do
	[[ -d $parent ]] || made+=("$parent")
done
mkdir -p "$directory"
echo 'create_main_cluster = false' >"$setting"

apt_get() {
	exec apt-get -q -y -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 --no-install-recommends "$@" 2>&1 </dev/null
}

# Fetching can be stopped. Installing cannot, or packages would be left half unpacked: it is out of Ctrl-C's reach.
install() {
	local status=0
	(apt_get install --download-only "$@") || return
	export -f apt_get
	setsid bash -c 'apt_get install "$@"' bash "$@" &
	installer=$!
	while kill -0 "$installer" 2>/dev/null; do
		status=0
		wait "$installer" || status=$?
	done
	installer=
	[[ ! $stopped ]] || exit "$stopped"
	return "$status"
}

# A list of packages that has grown old names files that are gone: fetch it anew and try once more.
install "$@" || { (apt_get update) || true; install "$@"; }
