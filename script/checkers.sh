# Servers that check memory and undefined behaviour, for script/test, which sources this file.
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154 # shared with throwaway.sh and test

# What the extension is compiled with besides.
checker_flags=

# Has the extension built with sanitizers, and the server started with them loaded. What they find ends the backend and
# is written to $work/findings.
use_sanitizers() {
	local gcc
	gcc=$("$pg_config" --cc | cut -d ' ' -f 1)
	checker_flags='-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer'
	mkdir -m 1777 "$work/findings"
	server_command=(env LD_PRELOAD="$("$gcc" -print-file-name=libasan.so) $("$gcc" -print-file-name=libubsan.so)"
		ASAN_OPTIONS="detect_leaks=0:detect_stack_use_after_return=0:abort_on_error=1:log_path=$work/findings/address"
		UBSAN_OPTIONS="print_stacktrace=1:log_path=$work/findings/undefined")
}

find_valgrind() {
	type -P valgrind >/dev/null || missing+=(valgrind)
}

# Adds what PostgreSQL is built with to what is missing.
find_build_tools() {
	type -P dpkg-source >/dev/null || missing+=(dpkg-dev)
	type -P bison flex perl >/dev/null || missing+=(bison flex perl)
	[[ -e /usr/include/zlib.h ]] || missing+=(zlib1g-dev)
}

# Builds PostgreSQL with assertions and for valgrind, at $1, and has it used: from the source that script/test was given,
# or else from this release's. False if it has none.
build_postgresql() {
	local prefix=$1 sources=/usr/local/src log=$work/postgresql.log
	if [[ ! -x $prefix/bin/pg_config ]]; then
		if ! compgen -G "$sources/postgresql*/configure" >/dev/null; then
			sed 's/^deb /deb-src /' /etc/apt/sources.list >/etc/apt/sources.list.d/sources.list
			(cd "$sources" && apt-get -q update && apt-get -q source "postgresql-$(major_version "$pg_config")") >"$log" 2>&1 || return
		fi
		say "Building PostgreSQL for valgrind"
		(cd "$sources"/postgresql*/ &&
			./configure --prefix="$prefix" --enable-cassert --enable-debug --without-readline --without-icu \
				CPPFLAGS=-DUSE_VALGRIND CFLAGS='-O1 -g -fno-omit-frame-pointer' &&
			make -s -j "$(nproc)" install && make -s -C src/test/isolation install &&
			cp src/tools/valgrind.supp "$prefix") >"$log" 2>&1 || die_with_log "$log" "PostgreSQL could not be built"
	fi
	pg_config=$prefix/bin/pg_config
}

# Has the server started under valgrind: one that marks its memory for it, or else, which is said, the release's own, in
# which valgrind sees what is not set and what lies outside a block, but not outside a palloc within one.
use_valgrind() {
	local prefix=/usr/local/postgresql-valgrind
	mkdir -m 1777 "$work/findings"
	server_command=(valgrind --quiet --trace-children=yes --fullpath-after= --log-file="$work/findings/%p")
	if build_postgresql "$prefix"; then
		server_command+=(--suppressions="$prefix/valgrind.supp")
	else
		say "PostgreSQL's source cannot be fetched: its release runs, without assertions, and without marks on its memory"
	fi
}

# Counts what was found, and shows it. Under valgrind that is what has a function of the extension in it: PostgreSQL's
# own findings are PostgreSQL's.
report_findings() {
	local file
	[[ -d $work/findings ]] || return 0
	for file in "$work"/findings/*; do
		[[ -s $file ]] || continue
		if [[ $mode == --here-valgrind ]] && ! grep -q 'activity\.so\|/src/[a-z_0-9]*\.c' "$file"; then
			continue
		fi
		echo "found in the extension:"
		head -n 100 "$file"
		((failed += 1))
	done
}
