#!/usr/bin/env bash
# The archive for PGXN (make dist) is whole: what META.json names is in it, and a build out of its tree, without git,
# installs the same files as a build in the tree of the repository, and runs the tests. Without sources a build fails.
#
# Needs a running server with the extension, as script/test starts it.
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=test/expect.bash
. "$project/test/expect.bash"
make=(make -s with_llvm=no PG_CONFIG="${PG_CONFIG:-pg_config}")

# a repository, since script/test works in a copy without its history
cp -R "$project" repository
cd repository
find . -name '*.o' -delete
rm -rf activity.so results output_iso
git init -q
git add -A
git -c user.name=test -c user.email=test -c commit.gpgsign=false commit -q -m 'as it is'
"${make[@]}" dist
cd ..
version=$(sed -n 's/^   "version": "\(.*\)",/\1/p' "$project/META.json")
unzip -q "repository/activity-$version.zip"
source=$PWD/activity-$version

expect "all but the corpora is in the archive" "fuzz/corpus" \
	"$(git -C repository ls-files | while read -r file; do [[ -e $source/$file ]] || echo "${file%/*/*}"; done | sort -u)"
expect "META.json names what is there" "activity--${version%.*}.sql README.md" "$(python3 - "$source" <<-'END'
	import json, os, sys
	meta = json.load(open(sys.argv[1] + "/META.json"))
	for key in ("name", "version", "abstract", "maintainer", "license", "provides", "meta-spec"):
	    assert meta[key], key
	assert meta["meta-spec"]["version"] == "1.0.0" and len(meta["version"].split(".")) == 3
	assert meta["provides"]["activity"]["version"] == meta["version"]
	files = [meta["provides"]["activity"][key] for key in ("file", "docfile")]
	print(*(file for file in files if os.path.exists(sys.argv[1] + "/" + file)))
	END
)"
expect "fuzzing is skipped" 78 "$("$source/test/fuzz.sh" >/dev/null && echo 0 || echo $?)"

# The files that were installed in the directory $1, and their modes.
files_of() {
	(cd "$1" && find . -type f -printf '%P %m\n' | sort)
}
"${make[@]}" -C "$project" DESTDIR="$PWD/in_tree" install
(cd "$source" && find . | sort) >sources
mkdir build
make+=(-C build -f "$source/Makefile")
"${make[@]}" -j "$(nproc)" DESTDIR="$PWD/out_of_tree" install
expect "the same files are installed" "$(files_of in_tree)" "$(files_of out_of_tree)"
expect "a build out of tree leaves the sources alone" "$(<sources)" "$(cd "$source" && find . | sort)"
expect "tests run out of tree" "All 2 tests passed. All 1 tests passed." \
	"$("${make[@]}" installcheck REGRESS='reason_is_documented load_sample' ISOLATION=load_renamed | grep -oE 'All [0-9]+ tests passed\.' | xargs)"
expect "what is installed can be uninstalled" "" "$("${make[@]}" DESTDIR="$PWD/out_of_tree" uninstall && files_of out_of_tree)"

mkdir without_sources
cp "$source"/{Makefile,activity*} without_sources
expect_error "a build without sources" "there are no sources in " make -C without_sources PG_CONFIG="${PG_CONFIG:-pg_config}"
((failed == 0))
