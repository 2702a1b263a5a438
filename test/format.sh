#!/usr/bin/env bash
# Every C file is as clang-format 14 writes it with .clang-format. Other versions of it write some lines differently.
set -euo pipefail
cd "$(dirname "$0")/.."
clang-format-14 --dry-run --Werror src/*.[ch] fuzz/*.[ch] test/drivers/*.c
