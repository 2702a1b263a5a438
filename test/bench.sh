#!/usr/bin/env bash
# Shows that what script/bench compares has the same results: our functions, and the hand-written SQL beside them. It
# measures nothing.
set -euo pipefail
cd "$(dirname "$0")/.."
./script/bench --compare 2>bench.log || { cat bench.log && exit 1; }
tail -n 1 bench.log
[[ $(tail -n 1 bench.log) == 'The results of '*' cases are the same' ]]
rm bench.log
