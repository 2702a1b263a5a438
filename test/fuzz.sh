#!/usr/bin/env bash
# A short round of always the same fuzzing, without findings: what was found once is not found again.
#
# Needs no server, but clang with its sanitizers (fuzz/requirements.sh).
set -euo pipefail
exec "$(dirname "${BASH_SOURCE[0]}")/../script/fuzz" 0
