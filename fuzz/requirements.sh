# What script/fuzz needs besides. Sourced by script/fuzz and, for its round in test/fuzz.sh, by script/test.
# shellcheck shell=bash
# shellcheck disable=SC2154 # work is script/throwaway.sh's, missing is script/requirements.sh's

# Can clang link a fuzzer with its sanitizers?
builds_fuzzers() {
	clang -fsanitize=fuzzer,address,undefined -x c - -o "$work/probe" 2>/dev/null <<-END
		#include <stddef.h>
		#include <stdint.h>
		int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) { return data != NULL && size > 0 ? 0 : 0; }
	END
}

find_fuzzer() {
	builds_fuzzers || missing+=(clang libclang-rt-dev)
}
