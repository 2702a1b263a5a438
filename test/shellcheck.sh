#!/usr/bin/env bash
# No shell script makes shellcheck complain, with .shellcheckrc.
set -euo pipefail
cd "$(dirname "$0")/.."
mapfile -t scripts < <(grep -rIlE '^(#!/.*sh|# shellcheck shell=bash)$' .ci bench examples fuzz script test | sort)
echo "${#scripts[@]} scripts"
shellcheck "${scripts[@]}"
