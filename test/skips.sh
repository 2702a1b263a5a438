#!/usr/bin/env bash
# Shows that script/test runs the rest where packages that a test needs cannot be installed, counts that test as skipped
# and names the packages; and that in CI it fails.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=test/expect.bash
. test/expect.bash
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Programs for a machine that lacks clang, on which nothing can be installed.
printf '#!/bin/sh\nexit 100\n' >"$scratch/clang"
chmod 755 "$scratch/clang"
cp "$scratch/clang" "$scratch/apt-get"
cp "$scratch/clang" "$scratch/sudo"

# Print the line of the test and the last line, with CI set to $1.
outcome() {
	# shellcheck disable=SC2266 # it is not the command "test"
	CI=$1 PATH="$scratch:$PATH" ./script/test fuzz reason_is_documented 2>/dev/null | sed -n '/^test.fuzz/p; $p'
}
expect "without clang" "test/fuzz.sh ... skipped: these packages cannot be installed: clang libclang-rt-dev
2 passed, 0 failed, 1 skipped" "$(outcome '')"
expect "without clang, in CI" "test/fuzz.sh ... FAILED: nothing is skipped in CI: these packages cannot be installed: clang libclang-rt-dev
2 passed, 1 failed" "$(outcome true || true)"
((failed == 0))
