#!/usr/bin/env bash
# The Debian package in a Debian that has nothing else: apt-get installs it with all that it needs, README's lines print
# what README shows, the package is upgraded to a later version and the extension after it, and nothing of the package is
# left once it is removed.
#
# script/package makes the package, and test/versions/1.1.patch the later version. The bare Debian is a chroot of
# this machine's release: the copy that a release of script/releases.sh has of itself, or else a new one. Needs root.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=test/expect.bash
. test/expect.bash

# Makes the packages of the two versions, in the directories $work/1.0 and $work/1.1: the later one is the earlier one with
# other files.
make_packages() {
	mkdir "$work"/{1.0,1.1,later}
	script/package "$work/1.0"
	tar --exclude='*.o' --exclude='*.so' -cf - . | tar -C "$work/later" -xf -
	patch -s -p1 -d "$work/later" <test/versions/1.1.patch
	dpkg-deb --raw-extract "$work"/1.0/*.deb "$work/package"
	sed -i 's/^Version: .*/Version: 1.1-1/' "$work/package/DEBIAN/control"
	make -s -j "$(nproc)" -C "$work/later" with_llvm=no PG_CONFIG="$pg_config" DESTDIR="$work/package" DOCUMENTS= install
	dpkg-deb --build "$work/package" "$work/1.1"
}

# Makes a Debian in the directory $bare, with the project and the packages in /activity.
make_bare_debian() {
	if [[ -e /bare.tar ]]; then
		bare=$work/bare
		mkdir "$bare"
		tar -C "$bare" -xf /bare.tar
	else
		ACTIVITY_RELEASES='' make_release "$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)"
		bare=$directory
	fi
	copy_to_release "$bare"
	cp -r "$work"/1.[01] "$bare/activity"
}

as_postgres() {
	setpriv --reuid=postgres --regid=postgres --init-groups -- "$@"
}

sql() {
	as_postgres psql -X -q -At -v ON_ERROR_STOP=1 "$@"
}

apt() {
	apt-get -q -y --no-install-recommends "$@" >apt.log 2>&1 </dev/null || { cat apt.log && exit 1; }
}

# In the bare Debian: all that is done with the packages.
use_packages() {
	local package version before
	local results="SELECT agent_id, handle_time(k), unexpected_rate(k) FROM kept AS k GROUP BY agent_id ORDER BY agent_id"
	local load="SELECT inserted, updated, unchanged FROM page, load_activities('kept', body)"
	export DEBIAN_FRONTEND=noninteractive
	apt update
	apt install ./1.0/*.deb
	package=$(dpkg-deb --field 1.0/*.deb Package)
	version=${package//[^0-9]/}
	expect "the package has the version of the extension" "$(sed -n "s/^default_version = '\(.*\)'/\1-1/p" activity.control)" \
		"$(dpkg-query -W -f '${Version}' "$package")"
	pg_conftool "$version" main set listen_addresses ''
	pg_ctlcluster "$version" main start

	expect "the documents' lines print what they show" "" "$(as_postgres bash test/documents.sh 2>&1)"
	expect "README is installed with the pages that its lines read" "" \
		"$(for file in README.md sql/data; do diff -r $file "/usr/share/doc/$package/$file"; done)"

	as_postgres createdb used
	export PGDATABASE=used
	expect "a page is loaded" "21|0|0" "$(sql -c "CREATE EXTENSION activity" -c "CREATE TABLE page (body json)" \
		-c "\\copy page FROM PROGRAM 'tr -d ''\\n'' <sql/data/page-interactions.json' (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')" \
		-c "SELECT create_activity_table('kept')" -c "$load" | tail -n 1)"
	before=$(sql -c "$results")
	expect "there are results" 3 "$(wc -l <<<"$before")"

	apt install ./1.1/*.deb
	expect "the later library serves the earlier SQL" "1.1|1.0" \
		"$(sql -c "SELECT activity_library_version('1.0'), extversion FROM pg_extension WHERE extname = 'activity'")"
	expect "with the same results" "$before" "$(sql -c "$results")"
	sql -c "ALTER EXTENSION activity UPDATE"
	expect "the extension is updated" 1.1 "$(sql -c "SELECT extversion FROM pg_extension WHERE extname = 'activity'")"
	expect "with the same results again" "$before" "$(sql -c "$results")"
	expect "and the page is known" "0|0|21" "$(sql -c "$load")"

	dpkg-query -L "$package" | while read -r file; do [[ -d $file ]] || echo "$file"; done >files
	expect "the package has files" t "$([[ $(wc -l <files) -gt 50 ]] && echo t)"
	apt purge "$package"
	expect "no file of it is left" "" "$(while read -r file; do [[ ! -e $file ]] || echo "$file"; done <files)"
	expect "nor anything of its name" "" \
		"$(find /usr /var \( -path /var/cache/apt -o -path /var/lib/postgresql -o -path '*/bitcode/postgres' \) -prune -o -name '*activity*' -print)"
	pg_ctlcluster "$version" main stop -m immediate
	((failed == 0))
}

if [[ ${1-} == --bare ]]; then
	use_packages
	exit
fi
((EUID == 0)) || {
	echo "only root can make a chroot"
	exit 77
}
# shellcheck source=script/throwaway.sh
. script/throwaway.sh
# shellcheck source=script/releases.sh
. script/releases.sh
make_work
find_postgresql
make_packages
make_bare_debian
in_release "$bare" bash -c 'cd /activity && test/package.sh --bare'
