# Pages of files as a table in a throw-away server: for script/demo and script/dashboard, which source this file after
# throwaway.sh.
# shellcheck shell=bash
# shellcheck disable=SC2154 # project and work are throwaway.sh's

# What load_pages.sql reads: a line for each of the files, its name and its contents, both in base64. The samples'
# directory is left out of their names, to keep the reports narrow.
files_as_lines() {
	local file
	for file; do
		printf '%s\t' "$(printf %s "${file#"$project/examples/pages/"}" | base64 -w 0)"
		base64 -w 0 <"$file"
		echo
	done
}

# psql in the database of the sample, which is called demo.
run_psql() {
	PGCLIENTENCODING=UTF8 psql -X -q -d demo -v ON_ERROR_STOP=1 -v SHOW_CONTEXT=never "$@"
}

# Makes the database demo with the table pages, from the lines in $work/pages.
load_pages() {
	createdb demo
	run_psql -f "$project/script/load_pages.sql" <"$work/pages" 2>"$work/load.log" ||
		die "$(sed 's/^psql:.* ERROR:  //' "$work/load.log")"
	rm "$work/pages"
}

# Adds the four weeks before the sample day, and loads all pages.
load_history() {
	run_psql -f "$project/examples/history.sql"
	run_psql -o /dev/null -f "$project/examples/reports/load.sql"
}
