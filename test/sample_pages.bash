# The sample's pages, without the extension. Sourced by tests.
# shellcheck shell=bash

# Makes the table pages of the sample day and four weeks before in the database $1.
load_sample_pages() {
	local file
	for file in examples/pages/*.json*; do
		printf '%s\t%s\n' "$(printf %s "${file##*/}" | base64 -w 0)" "$(base64 -w 0 <"$file")"
	done | psql -X -q -v ON_ERROR_STOP=1 -d "$1" -f script/load_pages.sql
	psql -X -q -v ON_ERROR_STOP=1 -d "$1" -f examples/history.sql
}
