# What script/fuzz needs besides. Sourced by script/fuzz and, for its round in test/fuzz.sh, by script/test.
# shellcheck shell=bash

# Can clang link a fuzzer with its sanitizers?
builds_fuzzers() {
	clang -fsanitize=fuzzer,address,undefined -x c - -o "$work/probe" 2>/dev/null <<-END
		#include <stddef.h>
		#include <stdint.h>
		int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return data != NULL && size > 0 ? 0 : 0; }
	END
}

find_fuzzer() {
	# shellcheck disable=SC2154 # find_missing's
	builds_fuzzers || missing+=(clang libclang-rt-dev)
}
