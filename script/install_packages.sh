#!/usr/bin/env bash
# Installs the Debian packages that are its arguments. The one part of script/demo and script/test that runs as root.
#
# A PostgreSQL server's package makes and starts a database cluster, "main". The user did not ask for one, so while the
# packages are installed postgresql-common is told not to; what tells it is removed again, also after Ctrl-C.
set -euo pipefail

export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1

directory=/etc/postgresql-common/createcluster.d
setting=$directory/activity-throw-away.conf
made=()

clean_up() {
	local status=$?
	trap '' HUP INT TERM
	rm -f "$setting"
	((${#made[@]} == 0)) || rmdir --ignore-fail-on-non-empty "${made[@]}" || true
	exit "$status"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

for parent in "$directory" "${directory%/*}"; do
	[[ -d $parent ]] || made+=("$parent")
done
mkdir -p "$directory"
echo 'create_main_cluster = false' >"$setting"

install() {
	apt-get -q -y -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 install --no-install-recommends "$@"
}

# A list of packages that has grown old names files that are gone: fetch it anew and try once more.
install "$@" || { apt-get -q update || true; install "$@"; }
