#!/usr/bin/env bash
# Shows that the views for BI tools are plain to the drivers that such tools use: through psqlODBC, pgJDBC, psycopg and
# node-postgres, numbers come as numbers, labels as text, moments and dates as such, every value is the server's, the
# natural formulas over the columns have the metrics' values, local columns are the same in every time zone, and the
# right to read the views is enough.
#
# For each driver there is a small program in test/drivers, called with a query, and to compute formulas, also with a
# column to group by and the formulas. It prints the driver's version, and then lines in any order:
#   column NAME TYPE           what the driver takes the column for
#   row VALUE<tab>…            the values, as the program got them in types of its own language
#   value FORMULA GROUP VALUE  the formula's value, which it computed from these, for each group and for "all"
# A formula is sum(A), avg(A), which skips nulls, or sum(A)/sum(B), which is null without anything to divide by. With
# --defaults the program prints the columns only, as they are before the settings that it makes.
#
# The types must be those in test/drivers/columns, the formulas' values those in test/drivers/formulas, when the program
# computes them and when the server does, by the SQL that a tool sends, and the rows those that the server prints. The
# activities in test/drivers/night-*.json, when the clocks change, must have the local columns in test/drivers/nights.
# The programs read all this as a role that may only read the views, and the rows in several time zones: in one the
# clocks change when they do in the views', in one they skip an hour that the views have, in one it is another day.
set -euo pipefail
programs=$(cd "$(dirname "$0")/drivers" && pwd)
scratch=$(mktemp -d "$PWD/drivers.XXXXXX")
trap 'drop_all || true; rm -rf "$scratch"' EXIT

# shellcheck source=test/drivers/requirements.sh
. "$programs/requirements.sh"

export LC_ALL=C.UTF-8 PGDATABASE=activity_drivers PGDATESTYLE=ISO
unset PGTZ PGOPTIONS # the session's settings are the reader's
export NODE_PATH=$scratch/node_modules:$node_modules
reader=activity_drivers
zones=(Europe/Berlin Asia/Beirut Pacific/Marquesas)
views=(sample_report sample_participation_report sample_interaction_report sample_presence_report)
declare -A names=([odbc]=psqlODBC [jdbc]=pgJDBC [psycopg]=psycopg [node]=node-postgres)

# psql as all of this script calls it.
sql() {
	psql -X -q -A -t -F ' ' -P null='\N' -v ON_ERROR_STOP=1 "$@"
}

drop_all() {
	local -x PGOPTIONS='-c client_min_messages=warning'
	dropdb --if-exists --force "$PGDATABASE" && dropuser --if-exists "$reader"
}

create_views() {
	local data=$programs/../../sql/data
	drop_all
	createdb "$PGDATABASE"
	sql -v page="$(<"$data/page-interactions.json")" -v presences="$(<"$data/page-presence.json")" \
		-v march="$(<"$programs/night-march.json")" -v october="$(<"$programs/night-october.json")" \
		-v reader="$reader" >/dev/null <<-'END'
		CREATE EXTENSION activity;
		SELECT create_activity_table('sample'), create_activity_table('nights');
		SELECT * FROM load_activities('sample', :'page'::json);
		SELECT * FROM load_activities('sample', jsonb_set(:'presences', '{items}',
			jsonb_path_query_array(:'presences', '$.items[*] ? (@.type == "Presence")')));
		SELECT * FROM load_activities('nights', :'march'::json);
		SELECT * FROM load_activities('nights', :'october'::json);
		SELECT create_activity_views('sample', 'Europe/Paris'), create_activity_views('nights', 'Europe/Paris');
		CREATE ROLE :reader LOGIN;
		ALTER ROLE :reader SET datestyle = 'ISO';
		GRANT SELECT ON sample_report, sample_participation_report, sample_interaction_report, sample_presence_report,
			nights_report TO :reader;
	END
}

prepare_programs() {
	local compiler
	read -ra compiler < <("${PG_CONFIG:-pg_config}" --cc)
	# shellcheck disable=SC2046
	"${compiler[@]}" -Wall -Wextra -Werror "$programs/odbc.c" -o "$scratch/odbc" $(pkg-config --cflags --libs odbc)
	java --module jdk.compiler/com.sun.tools.javac.Main -d "$scratch" "$programs/Jdbc.java"
	if ! node_finds_pg; then
		cp "$programs"/package*.json "$scratch"
		npm ci --prefix "$scratch" --ignore-scripts --no-audit --no-fund --prefer-offline || unset 'names[node]'
	fi
}

# Runs the program of the driver $1, as the reader.
run_program() {
	local -x PGUSER=$reader
	local quick_start=(-XX:TieredStopAtLevel=1 -XX:+UseSerialGC)
	case $1 in
		odbc) "$scratch/odbc" "${@:2}" ;;
		jdbc) java "${quick_start[@]}" -Duser.timezone="$TZ" -cp "$jdbc_driver:$scratch" Jdbc "${@:2}" ;;
		psycopg) "$python" "$programs/python.py" "${@:2}" ;;
		node) node "$programs/node.js" "${@:2}" ;;
	esac
}

# The columns of a view, "NAME TYPE" each.
columns_of() {
	awk -v view="$1" '
		$1 == "local" && !inside { for (i = 2; i <= NF; i++) local[i] = $i; parts = NF }
		$1 == "view" { inside = $2 == view; next }
		inside {
			for (i = 1; i < NF; i += 2)
				if (sub(/\*$/, "", $i))
					for (j = 2; j < parts; j += 2) print $i local[j], local[j + 1]
				else
					print $i, $(i + 1)
		}' "$programs/columns"
}

# expected_columns DRIVER [by_default]: what the driver makes of the columns of the input, "NAME TYPE" each.
expected_columns() {
	awk -v driver="$1" -v by_default="${2-}" '
		NR != FNR { print "column", $1, types[$2]; next }
		$1 == "type" { for (i = 2; i <= NF; i++) if ($i == driver) field = i; next }
		$1 == "by_default" { if (by_default && $3 == driver) types[$2] = $4; next }
		$1 == "local" { nextfile }
		NF >= field { types[$1] = $field }' "$programs/columns" -
}

# The server's own texts of a view's values.
expected_rows() {
	local column type expressions=
	while read -r column type; do
		case $type in
			float8) column="round($column::numeric, 3)" ;;
			timestamptz) column="to_char($column AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')" ;;
			timestamp) column="to_char($column, 'YYYY-MM-DD\"T\"HH24:MI:SS.MS')" ;;
			bool) column="$column::text" ;;
		esac
		expressions+="${expressions:+, }$column"
	done < <(columns_of "$1")
	sql -F $'\t' -c "SELECT $expressions FROM $1" | sed 's/^/row /'
}

# The column that a view's formulas are grouped by, and the formulas.
formulas_of() {
	awk -v view="$1" '
		$1 == "view" { inside = $2 == view; if (inside) print $3; next }
		inside && NF { print $1 }' "$programs/formulas"
}

# The formulas' values for a view, "value FORMULA GROUP VALUE" each, and the metric's name, where one is named.
expected_values() {
	awk -v view="$1" '
		$1 == "view" { inside = $2 == view; last = NF; for (i = 4; i <= last; i++) group[i] = $i; next }
		inside && NF { for (i = 4; i <= last; i++) print "value", $1, group[i], $(i - 2), $(last - 1) }
	' "$programs/formulas"
}

# The query that a BI tool sends for a view's formulas.
query_of_tool() {
	local group_by formula expressions=
	{
		read -r group_by
		while read -r formula; do
			expressions+=", ${formula/\/sum(*)/ / nullif(${formula#*/}, 0)} AS \"$formula\""
		done
	} < <(formulas_of "$1")
	echo "SELECT coalesce($group_by, 'all') AS $group_by$expressions FROM $1 GROUP BY ROLLUP ($group_by)"
}

# The columns of that query, "NAME TYPE" each. A sum of milliseconds is numeric, which node-postgres passes as text: sums
# of counts and seconds are numbers everywhere.
columns_of_tool() {
	formulas_of "$1" | awk '{ print $1, NR == 1 ? "text" : /^sum\(.*_ms\)$/ ? "numeric" : "float8" }'
}

# The rows of that query, by the values that the formulas have.
rows_of_tool() {
	expected_values "$1" | awk '
		!($3 in row) { row[$3] = "row " $3 }
		{ row[$3] = row[$3] "\t" $4 }
		END { for (group in row) print row[group] }'
}

# same EXPECTED GOT: compares the lines of two files, but for the version in the second.
same() {
	diff -U 0 --label expected --label got <(sort "$1") <(sed 1d "$2" | sort)
}

# Checks all that a driver makes of a view.
check_view() {
	local driver=$1 view=$2 formulas
	mapfile -t formulas < <(formulas_of "$view")
	run_program "$driver" "SELECT * FROM $view" "${formulas[@]}" >"$scratch/$driver.$view" || return
	{
		columns_of "$view" | expected_columns "$driver"
		cat "$scratch/rows.$view"
		expected_values "$view" | cut -d ' ' -f -4
	} >"$scratch/expected"
	same "$scratch/expected" "$scratch/$driver.$view"
}

# Checks a view's formulas when a BI tool has the server compute them.
check_tool() {
	local driver=$1 view=$2
	run_program "$driver" "$(query_of_tool "$view")" >"$scratch/got" || return
	{
		columns_of_tool "$view" | expected_columns "$driver"
		rows_of_tool "$view"
	} >"$scratch/expected"
	same "$scratch/expected" "$scratch/got"
}

# Checks the columns of a view, and of those formulas, as they are before settings of the program's own.
check_defaults() {
	local driver=$1 view=$2
	grep -q "^by_default .* $driver " "$programs/columns" || return 0
	run_program "$driver" --defaults "SELECT * FROM $view" >"$scratch/got" || return
	columns_of "$view" | expected_columns "$driver" by_default >"$scratch/expected"
	same "$scratch/expected" "$scratch/got" || return
	run_program "$driver" --defaults "$(query_of_tool "$view")" >"$scratch/got" || return
	columns_of_tool "$view" | expected_columns "$driver" by_default >"$scratch/expected"
	same "$scratch/expected" "$scratch/got"
}

# Checks the local columns in the nights when the clocks change. The date is read as text, too: node-postgres makes a
# moment of a date, and where a tool does that without a setting against it, the text is safe.
check_nights() {
	local query="SELECT started_local, started_date, started_week, started_weekday, started_hour, started_half_hour,
		started_date::text AS date_text FROM nights_report"
	run_program "$1" "$query" >"$scratch/got" || return
	awk -v OFS='\t' '/^[0-9]/ { print "row " $1, $2, $3, $4, $5, $6, $2 }' "$programs/nights" >"$scratch/expected"
	same "$scratch/expected" <(grep -v '^column ' "$scratch/got")
}

# Checks all that a driver makes of all views.
check_driver() {
	local driver=$1 view
	local -x TZ
	for TZ in "${zones[@]}"; do
		sql -c "ALTER ROLE $reader SET timezone = '$TZ'" || return
		for view in "${views[@]}"; do
			check_view "$driver" "$view" || return
		done
		check_nights "$driver" || return
	done
	for view in "${views[@]}"; do
		check_tool "$driver" "$view" || return
		check_defaults "$driver" "$view" || return
	done
}

# Checks that the extension's metrics have the formulas' values, over the rows that a view shows.
check_metrics() {
	local view=$1 group_by formula metric
	read -r group_by < <(formulas_of "$view")
	expected_values "$view" | awk 'NF == 5' >"$scratch/expected"
	while read -r formula metric; do
		sql -c "SELECT 'value', '$formula', coalesce($group_by, 'all'), round($metric(t)::numeric, 3), '$metric'
			FROM ${view%_report} AS t GROUP BY ROLLUP ($group_by)" </dev/null
	done < <(cut -d ' ' -f 2,5 "$scratch/expected" | sort -u) >"$scratch/got"
	diff -U 0 --label expected --label got <(sort "$scratch/expected") <(sort "$scratch/got")
}

# Checks that the reader may not read the tables.
check_reader() {
	local table error
	for table in sample{,_participation,_presence} nights; do
		if error=$(PGUSER=$reader sql -v VERBOSITY=sqlstate -c "SELECT FROM $table" 2>&1) || [[ $error != *42501 ]]; then
			echo "$table is not refused to the role that reads the views: ${error:-it can be read}"
			return 1
		fi
	done
}

# The one line on a driver, from what its program printed of the views.
report() {
	awk -v driver="${names[$1]}" '
		FNR == 1 { version = $0 }
		/^column / { columns++ }
		/^row / { rows++ }
		/^value / && $3 == "all" { values[$2] = $4 }
		END {
			printf "%s %s: %d columns and %d rows of %d views, average handle time %s s, unexpected rate %s\n",
				driver, version, columns, rows, ARGC - 1, values["avg(handle_s_of_handled)"], values["avg(unexpected_of_offered)"]
		}' "${views[@]/#/"$scratch/$1."}"
}

create_views
prepare_programs
failed=
check_reader || failed=yes
for view in "${views[@]}"; do
	expected_rows "$view" >"$scratch/rows.$view"
	check_metrics "$view" || failed=yes
done
for driver in odbc jdbc psycopg node; do
	[[ ${names[$driver]-} ]] || continue
	if check_driver "$driver"; then
		report "$driver"
	else
		echo "${names[$driver]}: failed"
		failed=yes
	fi
done
[[ ! $failed ]] || exit 1
if [[ ! ${names[node]-} ]]; then
	echo "npm cannot fetch node-postgres; the other drivers were tried"
	exit 77
fi
