#!/usr/bin/env bash
# Shows that every source file and header includes what it uses: each compiles alone, a header after postgres.h and
# nothing else, without a warning.
set -euo pipefail
cd "$(dirname "$0")/.."
pg_config=${PG_CONFIG:-pg_config}
read -ra compiler < <("$pg_config" --cc)
read -ra json_c < <("${PKG_CONFIG:-pkg-config}" --cflags json-c)
failed=
for file in src/*.h src/*.c fuzz/*.h fuzz/*.c; do
	case $file in
		*.h) printf '#include "postgres.h"\n#include "%s"\n' "$file" ;;
		*.c) printf '#include "%s"\n' "$file" ;;
	esac |
		"${compiler[@]}" -x c -fsyntax-only -Wall -Wextra -Werror -Wno-unused-parameter -DACTIVITY_VERSION='""' \
			-I. -Isrc -isystem "$("$pg_config" --includedir-server)" "${json_c[@]}" - ||
		{ echo "$file does not compile alone" && failed=yes; }
done
[[ ! $failed ]]
