# What test/dashboard.sh needs besides the extension. Sourced by script/test, when that test is to be run.
# shellcheck shell=bash

# Adds to missing the packages that are not there. A node that is not Debian's has npm.
find_missing_for_dashboard() {
	type -P chromium >/dev/null || missing+=(chromium)
	type -P node >/dev/null || missing+=(nodejs)
	type -P npm >/dev/null || missing+=(npm)
}
