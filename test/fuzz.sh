#!/usr/bin/env bash
# A short round of always the same fuzzing, without findings: what was found once is not found again.
#
# Needs no server, but clang with its sanitizers (fuzz/requirements.sh).
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# the dictionary has every label of an enum, and every key that an error may name
labels=$(sed -n '/^CREATE TYPE .* AS ENUM/,/;/p' "$project/activity--1.0.sql" | grep -o "'[^']*'" | tr -d "'")
keys=$(sed -n '/shown_keys/,/};/s/.*= "\(.*\.\)\?\(.*\)",/\2/p' "$project/src/item.c")
[[ $(wc -l <<<"$labels") -ge 25 && $(wc -l <<<"$keys") -eq 15 ]]
for word in $labels $keys; do
	grep -qF "\"\\\"$word\\\"" "$project/fuzz/dictionary" || {
		echo "fuzz/dictionary lacks $word"
		exit 1
	}
done
exec "$project/script/fuzz" 0
