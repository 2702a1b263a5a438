# What a test expects, said one by one. Sourced; ends with ((failed == 0)).
# shellcheck shell=bash
# shellcheck disable=SC2034 # the test reads failed
failed=0

# expect WHAT EXPECTED FOUND
expect() {
	if [[ $2 == "$3" ]]; then
		echo "$1 ... ok"
	else
		echo "$1: expected"$'\n'"$2"$'\n'"found"$'\n'"$3"
		failed=1
	fi
}

# expect_error WHAT PATTERN COMMAND…
expect_error() {
	local what=$1 pattern=$2 output
	shift 2
	if output=$("$@" 2>&1); then
		expect "$what" "an error: $pattern" "none: $output"
	elif [[ $output == *$pattern* ]]; then
		echo "$what ... ok"
	else
		expect "$what" "$pattern" "$output"
	fi
}
