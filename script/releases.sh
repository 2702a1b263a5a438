# Debian releases in chroots, each with its own PostgreSQL, for script/test, which sources this file.
#
# A release is made by debootstrap under $work, or kept for the next time under $ACTIVITY_RELEASES, if that is set. What
# runs in it has a mount and a process namespace of its own: proc and /dev/shm are all that is mounted, and nothing
# outlives it.
# shellcheck shell=bash
# shellcheck disable=SC2154 # work and project are throwaway.sh's

# The release of Debian that has a PostgreSQL, by its major version. What sid has not yet is taken from experimental.
declare -A release_of=([15]=bookworm [17]=trixie [18]=forky [19]=sid)

# Adds what releases are made with to what is missing.
find_debootstrap() {
	type -P debootstrap unshare >/dev/null || missing+=(debootstrap util-linux)
}

# The mirror that this machine itself is installed from.
debian_mirror() {
	apt-get indextargets --format '$(SITE) $(ORIGIN) $(COMPONENT)' 'Created-By: Packages' |
		sed -n 's/ Debian main$//p' | grep -v security | sort -u | head -n 1
}

# Runs a command in the release at the directory $1.
in_release() {
	local directory=$1
	shift
	# Mounts are not the machine's. In a release / is not a mount, and its mounts are not the machine's already.
	unshare --mount --propagation unchanged --pid --fork --kill-child bash -c '
		set -e
		mount --make-rprivate / 2>/dev/null || [[ -e /complete ]]
		mount -t proc proc "$0/proc"
		mount -t tmpfs tmpfs "$0/dev/shm"
		exec chroot "$0" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C "$@"' "$directory" "$@"
}

# Makes the release $1, if it is not there, and sets directory to where it is.
make_release() {
	local release=$1 mirror try script=/usr/share/debootstrap/scripts/$1
	((EUID == 0)) || die "only root can make a chroot of Debian's $release"
	directory=${ACTIVITY_RELEASES:-$work/releases}/$release
	[[ ! -e $directory/complete ]] || return 0
	rm -rf "$directory"
	mkdir -p "$directory"
	mirror=$(debian_mirror)
	[[ $mirror ]] || { apt-get -q update >"$work/apt.log" 2>&1 && mirror=$(debian_mirror); } || true
	[[ $mirror ]] || die "apt-get knows no mirror of Debian, so there is none to install $release from"
	[[ -e $script ]] || script=/usr/share/debootstrap/scripts/sid
	# it gives up at the first file that a mirror does not send
	for try in 1 2 3; do
		! debootstrap --variant=minbase "$release" "$directory" "$mirror" "$script" >"$work/debootstrap.log" 2>&1 || break
		((try < 3)) || die_with_log "$work/debootstrap.log" "debootstrap failed for $release"
		sleep $((try * 20))
		rm -rf --one-file-system "${directory:?}"
		mkdir -p "$directory"
	done
	# what is not released yet has lists that may be out of date
	echo 'Acquire::Check-Valid-Until "false";' >"$directory/etc/apt/apt.conf.d/activity"
	cp -L /etc/resolv.conf "$directory/etc/resolv.conf"
	# no package starts a server
	printf '#!/bin/sh\nexit 101\n' >"$directory/usr/sbin/policy-rc.d"
	chmod 755 "$directory/usr/sbin/policy-rc.d"
	# a machine that goes down here leaves nothing that is needed
	echo force-unsafe-io >"$directory/etc/dpkg/dpkg.cfg.d/activity"
	# as it is now, for test/package.sh
	tar -C "$directory" -cf "$work/bare.tar" .
	mv "$work/bare.tar" "$directory/bare.tar"
	touch "$directory/complete"
}

# Runs apt-get update in the release at the directory $1.
update_release() {
	local try
	for try in 1 2 3; do
		! in_release "$1" apt-get -q -o APT::Update::Error-Mode=any update >"$work/apt.log" 2>&1 || return 0
		sleep $((try * 20))
	done
	die_with_log "$work/apt.log" "apt-get update failed in $1"
}

# Does the release at the directory $1 know the package $2?
release_has() {
	in_release "$1" apt-cache show "$2" >/dev/null 2>&1
}

# In sid at the directory $1: has PostgreSQL $2, if sid has it not yet, taken from experimental, with the
# postgresql-common that it may need. Everything else stays sid's. False if experimental does not have it either.
find_postgresql_in_sid() {
	local directory=$1 version=$2
	release_has "$directory" "postgresql-$version" || update_release "$directory"
	if ! release_has "$directory" "postgresql-$version"; then
		sed 's/ sid / experimental /' "$directory/etc/apt/sources.list" >"$directory/etc/apt/sources.list.d/experimental.list"
		cat >"$directory/etc/apt/preferences.d/experimental" <<-END
			Package: src:postgresql-$version src:postgresql-common
			Pin: release a=experimental
			Pin-Priority: 500
		END
		update_release "$directory"
	fi
	release_has "$directory" "postgresql-$version"
}

# Copies the project into the release at the directory $1, as the directory $2 there.
copy_to_release() {
	local copy=$1/${2:-activity}
	rm -rf "$copy"
	mkdir "$copy"
	tar -C "$project" --exclude=./.git --exclude='*.o' --exclude='*.so' --exclude='*.bc' -cf - . |
		tar -C "$copy" --no-same-owner -xf -
}

# Copies the source of PostgreSQL at $2 into the release at the directory $1, for checkers.sh.
copy_postgresql_to_release() {
	[[ -e $2/configure ]] || die "$2 is not the source of PostgreSQL: it has no configure"
	mkdir -p "$1/usr/local/src/postgresql"
	tar -C "$2" --exclude=./.git -cf - . | tar -C "$1/usr/local/src/postgresql" --no-same-owner -xf -
}

# In a release: its PostgreSQL must be the one that it was made for. A release that is not out yet moves on.
check_release() {
	local found
	found=$(major_version "$pg_config")
	[[ $found == "${EXPECTED_POSTGRESQL:-$found}" ]] ||
		die "this release has PostgreSQL $found, and not $EXPECTED_POSTGRESQL: see release_of in script/releases.sh"
}

# Adds the counts that another run of script/test has printed as the last line of its output, the file $1. It is $2.
add_counts() {
	local line
	line=$(tail -n 1 "$1")
	if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)?$ ]]; then
		((passed += BASH_REMATCH[1], failed += BASH_REMATCH[2], skipped += BASH_REMATCH[4], ran += BASH_REMATCH[1])) || true
	else
		echo "$2 ended without counting its tests"
		((failed += 1))
	fi
}

# Runs script/test with the rest of the arguments in the Debian release that has PostgreSQL $1, and adds its counts.
test_in_release() {
	local version=$1 directory log=$work/release.log started=$SECONDS
	shift
	say "Making Debian ${release_of[$version]} for PostgreSQL $version"
	make_release "${release_of[$version]}"
	if [[ ${release_of[$version]} == sid ]] && ! find_postgresql_in_sid "$directory" "$version"; then
		echo "Debian has no PostgreSQL $version, neither in sid nor in experimental: see release_of in script/releases.sh"
		((failed += 1))
		return
	fi
	copy_to_release "$directory"
	in_release "$directory" env EXPECTED_POSTGRESQL="$version" CI="${CI-}" /activity/script/test "$@" 2>&1 | tee "$log" || true
	add_counts "$log" "Debian ${release_of[$version]}"
	say "Debian ${release_of[$version]}: $((SECONDS - started)) s"
}

# In a chroot of Debian sid: runs test/pg_upgrade.bash with each PostgreSQL of release_of, the earlier ones from their
# releases.
upgrade_here() {
	local version mirror versions=() bindirs=() log=$work/apt.log
	mapfile -t versions < <(printf '%s\n' "${!release_of[@]}" | sort -n)
	mirror=$(sed -n 's/^deb \([^ ]*\) .*/\1/p' /etc/apt/sources.list | head -n 1)
	install_missing
	check_release
	for version in "${versions[@]}"; do
		[[ -x /usr/lib/postgresql/$version/bin/postgres ]] && continue
		echo "deb $mirror ${release_of[$version]} main" >"/etc/apt/sources.list.d/${release_of[$version]}.list"
		{
			apt-get -q update
			bash "$project/script/install_packages.sh" "postgresql-$version"
			# its headers; what its package depends on is a compiler of that release
			(cd "$work" && apt-get -q download "postgresql-server-dev-$version" && dpkg -x "postgresql-server-dev-${version}"_*.deb /)
		} >"$log" 2>&1 || die_with_log "$log" "PostgreSQL $version could not be installed"
	done
	copy_source
	for version in "${versions[@]}"; do
		pg_config=/usr/lib/postgresql/$version/bin/pg_config
		bindirs+=("${pg_config%/*}")
		{
			make_source clean
			make_source install
		} >"$log" 2>&1 || die_with_log "$log" "the build for PostgreSQL $version failed"
	done
	((ran += 1))
	if setpriv --reuid=postgres --regid=postgres --init-groups -- "$work/source/test/pg_upgrade.bash" "${bindirs[@]}" </dev/null >"$log" 2>&1; then
		echo "test/pg_upgrade.bash ... ok"
		((passed += 1))
	else
		echo "test/pg_upgrade.bash ... FAILED"
		cat "$log"
		((failed += 1))
	fi
}
