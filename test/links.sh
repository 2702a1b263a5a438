#!/usr/bin/env bash
# Shows that the links of all documents lead somewhere: to a file that is here, and to a heading that it has. Addresses
# elsewhere are not followed. Prints those that lead nowhere.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C

# The anchors of the headings of document $1, as GitHub makes them.
anchors() {
	awk '
		/^```/ { fenced = !fenced }
		!fenced && /^#+ / {
			anchor = tolower($0)
			sub(/^#+ +/, "", anchor)
			gsub(/[^a-z0-9_ -]/, "", anchor)
			gsub(/ /, "-", anchor)
			print anchor (seen[anchor]++ ? "-" seen[anchor] - 1 : "")
		}' "$1"
}

# The targets of the links and pictures of document $1, one a line.
links() {
	awk '/^```/ { fenced = !fenced } !fenced && !/^    /' "$1" | sed 's/`[^`]*`//g' |
		grep -oE '\]\([^) ]+\)|(src|href)="[^"]+"' | sed -E 's/^\]\((.*)\)$/\1/; s/^[a-z]+="(.*)"$/\1/'
}

status=0
checked=0
while read -r document; do
	while read -r link; do
		[[ $link != *://* && $link != mailto:* ]] || continue
		checked=$((checked + 1))
		target=${link%%#*}
		target=${target:+$(dirname "$document")/$target}
		target=${target:-$document}
		if [[ ! -e $target ]]; then
			echo "$document: there is no file $link"
			status=1
		elif [[ $link == *'#'* ]] && ! grep -Fxq -e "${link#*#}" <(anchors "$target"); then
			echo "$document: there is no heading $link"
			status=1
		fi
	done < <(links "$document")
# bench/report.md becomes doc/performance.md
done < <(find . -name node_modules -prune -o -path ./bench/report.md -prune -o -name '*.md' -print | sort)
((checked > 100)) # or the links were not found
exit "$status"
