#!/usr/bin/env bash
# Shows that the library exports the functions that SQL calls, and nothing else: of two modules that a backend has loaded,
# one is called for the other's function of the same name otherwise (Citus has an is_distributed_table, too).
set -euo pipefail
library=$(cd "$(dirname "$0")/.." && pwd)/activity.so

# The functions, and of each the one that says how it is called.
nm --dynamic --defined-only "$library" | awk '{ print $3 }' | sort >exported
sed -n 's/^pg_finfo_//p' exported | sort >functions
[[ $(wc -l <functions) -gt 50 ]]
sort -m functions <(sed 's/^/pg_finfo_/' functions) | sort - <(echo Pg_magic_func) | diff - exported
