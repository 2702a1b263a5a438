# What the extension needs to be built and run: finds it, and installs what is missing on Debian and Ubuntu.
# Sourced by throwaway.sh. When all is there, install_missing says nothing and needs neither root nor a network.
# shellcheck shell=bash
# shellcheck disable=SC2154 # work and project are throwaway.sh's

oldest_postgresql=15
oldest_json_c=0.16

# The pg_config of the PostgreSQL to use, once install_missing has returned.
pg_config=

# The major version of the PostgreSQL that the pg_config $1 belongs to: 17 for "PostgreSQL 17beta1 (Debian …)".
major_version() {
	"$1" --version | sed -E 's/^PostgreSQL ([0-9]+).*/\1/'
}

# Says what keeps the PostgreSQL of the pg_config $1 from being used; nothing when it can be used.
shortcoming() {
	local version
	if ! version=$(major_version "$1" 2>/dev/null) || [[ ! $version =~ ^[0-9]+$ ]]; then
		echo "it is no pg_config"
	elif ((version < oldest_postgresql)); then
		echo "its PostgreSQL is $version, needed is $oldest_postgresql or later"
	elif [[ ! -x $("$1" --bindir)/initdb || ! -x $("$1" --bindir)/postgres ]]; then
		echo "there is no server (initdb, postgres) in $("$1" --bindir)"
	elif [[ ! -f $("$1" --includedir-server)/postgres.h || ! -f $("$1" --pgxs) ]]; then
		echo "the server's headers are missing ($("$1" --includedir-server)/postgres.h, $("$1" --pgxs))"
	fi
}

# Sets pg_config: $PG_CONFIG, or else the one on PATH, or else Debian's newest that can be used.
find_postgresql() {
	local candidate problem
	if [[ ${PG_CONFIG:-} ]]; then
		candidate=$(type -P "$PG_CONFIG") || die "PG_CONFIG=$PG_CONFIG is no program"
		problem=$(shortcoming "$candidate")
		[[ ! $problem ]] || die "PG_CONFIG=$PG_CONFIG cannot be used: $problem"
		pg_config=$(realpath -s "$candidate")
		return
	fi
	while read -r candidate; do
		if [[ -x $candidate && ! $(shortcoming "$candidate") ]]; then
			pg_config=$(realpath -s "$candidate")
			return
		fi
	done < <(type -P pg_config || true; printf '%s\n' /usr/lib/postgresql/*/bin/pg_config | sort -rV)
	return 1
}

# Is there a C compiler that finds the C library's headers and links? The one that PostgreSQL was built with, if known.
compiles() {
	local compiler
	compiler=$([[ ! $pg_config ]] || "$pg_config" --cc)
	read -ra compiler <<<"${compiler:-gcc}"
	"${compiler[@]}" -x c - -o "$work/probe" 2>/dev/null <<-END
		#include <stdlib.h>
		int main(void) { return EXIT_SUCCESS; }
	END
}

# What test/format.sh and test/shellcheck.sh need. Another version of clang-format would want other spaces.
find_clang_format() {
	type -P clang-format-14 >/dev/null || missing+=(clang-format-14)
}

find_shellcheck() {
	type -P shellcheck >/dev/null || missing+=(shellcheck)
}

# What test/answers.sh needs.
find_python() {
	type -P python3 >/dev/null || missing+=(python3)
}

# What test/poll.sh needs.
find_missing_for_poll() {
	local program
	for program in curl jq python3; do
		type -P "$program" >/dev/null || missing+=("$program")
	done
}

# What test/versions.sh needs.
find_patch() {
	type -P patch >/dev/null || missing+=(patch)
}

# Functions that add to missing what else is needed and not there.
further_requirements=()

# Sets missing to the Debian packages that are needed and not there; "postgresql" stands for the server with its headers.
find_missing() {
	missing=()
	find_postgresql || missing+=(postgresql)
	compiles || missing+=(gcc libc6-dev)
	type -P make >/dev/null || missing+=(make)
	type -P pkg-config >/dev/null || missing+=(pkg-config)
	pkg-config --atleast-version="$oldest_json_c" json-c 2>/dev/null || missing+=(libjson-c-dev)
	local find_further
	for find_further in "${further_requirements[@]}"; do "$find_further"; done
}

as_root() {
	if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

# The version of the package $1 that apt-get would install; nothing if it knows none.
candidate_version() {
	apt-cache policy "$1" | sed -n 's/^  Candidate: \([^(]\)/\1/p'
}

# The major version of an installed server that lacks its headers, or else the one that is expected, or else the one that
# the distribution has.
debian_postgresql() {
	local installed
	installed=$(printf '%s\n' /usr/lib/postgresql/*/bin/postgres | sort -V | tail -n 1 | cut -d / -f 5)
	if [[ $installed =~ ^[0-9]+$ ]] && ((installed >= oldest_postgresql)); then
		echo "$installed"
	elif [[ ${EXPECTED_POSTGRESQL:-} && $(candidate_version "postgresql-$EXPECTED_POSTGRESQL") ]]; then
		echo "$EXPECTED_POSTGRESQL"
	else
		apt-cache depends postgresql | sed -n 's/^ *Depends: postgresql-\([0-9]*\)$/\1/p'
	fi
}

# Replaces "postgresql" in missing by the packages of one version, and checks that the versions are new enough.
choose_versions() {
	local package version chosen=()
	for package in "${missing[@]}"; do
		case $package in
			postgresql)
				version=$(debian_postgresql)
				((${version:-0} >= oldest_postgresql)) ||
					die "PostgreSQL $oldest_postgresql or later is needed, this distribution has ${version:-none}"
				[[ -x /usr/lib/postgresql/$version/bin/postgres ]] || chosen+=("postgresql-$version")
				chosen+=("postgresql-server-dev-$version")
				;;
			libjson-c-dev)
				version=$(candidate_version "$package")
				dpkg --compare-versions "${version:-0}" ge "$oldest_json_c" ||
					die "json-c $oldest_json_c or later is needed, this distribution has ${version:-none}"
				chosen+=("$package")
				;;
			*)
				chosen+=("$package")
				;;
		esac
	done
	missing=("${chosen[@]}")
}

# Finds what is needed; installs what is missing with apt-get, and says so first.
install_missing() {
	local missing package
	find_missing
	((${#missing[@]})) || return 0

	local needed="${missing[*]}"
	needed="needed: ${needed/#postgresql/postgresql ($oldest_postgresql or later, with its server headers)}"
	type -P apt-get dpkg >/dev/null || die "only Debian and Ubuntu are set up by this script; $needed (Debian's names)"
	((EUID == 0)) || type -P sudo >/dev/null || die "neither root nor sudo, so nothing can be installed; $needed"

	for package in "${missing[@]}"; do
		if [[ ! $(candidate_version "$package") ]]; then
			say "Fetching apt-get's list of packages"
			as_root apt-get -q update </dev/null >"$work/apt.log" 2>&1 || true
			[[ $(candidate_version "$package") ]] || die_with_log "$work/apt.log" "apt-get knows no package $package"
			break
		fi
	done
	choose_versions
	say "Installing with apt-get: ${missing[*]}"
	apt-get -q install --no-install-recommends --assume-no "${missing[@]}" 2>&1 | grep -E '^(Need to get|After this)' >&2 || true
	as_root bash "$project/script/install_packages.sh" "${missing[@]}" </dev/null >"$work/apt.log" ||
		die_with_log "$work/apt.log" "the installation failed"

	hash -r
	find_missing
	((${#missing[@]} == 0)) || die "installed, and still not found: ${missing[*]}"
}
