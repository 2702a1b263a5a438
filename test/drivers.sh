#!/usr/bin/env bash
# Shows that the views for BI tools are plain to the drivers that such tools use: through psqlODBC, pgJDBC, psycopg and
# node-postgres, numbers come as numbers, labels as text, moments and dates as such, and every value is the server's.
#
# For each driver there is a small program in test/drivers, called with a view and the names of columns to sum. It
# prints the driver's version, and then lines in any order:
#   column NAME TYPE   what the driver takes the column for
#   row VALUE<tab>…    the values, as the program got them in types of its own language
#   sum AGENT SUM…     the sums that it made itself, for each agent and for "all"
# With --defaults it prints the columns only, as they are before the settings that it makes.
#
# The types must be those in test/drivers/columns, the sums those in test/drivers/sums, the rows those that the server
# prints. In the time zone that the programs run in it is another day than at UTC and in the views' dates.
set -euo pipefail
programs=$(cd "$(dirname "$0")/drivers" && pwd)
scratch=$(mktemp -d "$PWD/drivers.XXXXXX")
trap 'dropdb --if-exists --force activity_drivers 2>/dev/null || true; rm -rf "$scratch"' EXIT

# shellcheck source=test/drivers/requirements.sh
. "$programs/requirements.sh"

export LC_ALL=C.UTF-8 TZ=Pacific/Marquesas PGTZ=Pacific/Marquesas PGDATABASE=activity_drivers
export NODE_PATH=$scratch/node_modules:$node_modules
views=(sample_report sample_participation_report)
declare -A names=([odbc]=psqlODBC [jdbc]=pgJDBC [psycopg]=psycopg [node]=node-postgres)

create_views() {
	dropdb --if-exists activity_drivers 2>/dev/null
	createdb activity_drivers
	psql -X -q -v ON_ERROR_STOP=1 -v page="$(<"$programs/../../sql/data/page-interactions.json")" >/dev/null <<-'END'
		CREATE EXTENSION activity;
		SELECT create_activity_table('sample');
		SELECT * FROM load_activities('sample', :'page'::json);
		SELECT * FROM create_activity_views('sample', 'Europe/Paris');
	END
}

prepare_programs() {
	local compiler
	read -ra compiler < <("${PG_CONFIG:-pg_config}" --cc)
	# shellcheck disable=SC2046
	"${compiler[@]}" -Wall -Wextra -Werror "$programs/odbc.c" -o "$scratch/odbc" $(pkg-config --cflags --libs odbc)
	if ! node_finds_pg; then
		cp "$programs"/package*.json "$scratch"
		npm ci --prefix "$scratch" --ignore-scripts --no-audit --no-fund --prefer-offline || unset 'names[node]'
	fi
}

# Runs the program of the driver $1.
run_program() {
	case $1 in
		odbc) "$scratch/odbc" "${@:2}" ;;
		jdbc) java -cp "$jdbc_driver" "$programs/Jdbc.java" "${@:2}" ;;
		psycopg) "$python" "$programs/python.py" "${@:2}" ;;
		node) node "$programs/node.js" "${@:2}" ;;
	esac
}

# expected_columns DRIVER VIEW [by_default]
expected_columns() {
	awk -v driver="$1" -v view="$2" -v by_default="${3-}" '
		$1 == "type" { for (i = 2; i <= NF; i++) if ($i == driver) field = i; next }
		$1 == "by_default" { if (by_default && $3 == driver) types[$2] = $4; next }
		$1 == view { print "column", $2, types[$3]; next }
		NF >= field { types[$1] = $field }' "$programs/columns"
}

# The server's own texts of a view's values.
expected_rows() {
	local view column type expressions=
	while read -r view column type; do
		[[ $view == "$1" ]] || continue
		case $type in
			float8) column="round($column::numeric, 3)" ;;
			timestamptz) column="to_char($column AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')" ;;
			bool) column="$column::text" ;;
		esac
		expressions+="${expressions:+, }$column"
	done <"$programs/columns"
	PGDATESTYLE=ISO psql -X -A -t -F $'\t' -P null='\N' -c "SELECT $expressions FROM $1" | sed 's/^/row /'
}

# The names of the columns to sum.
summed() {
	awk -v view="$1" '$1 == view && $2 == "agent" { for (i = 3; i <= NF; i++) print $i }' "$programs/sums"
}

expected_sums() {
	awk -v view="$1" '$1 == view && $2 != "agent" { $1 = "sum"; print }' "$programs/sums"
}

# same EXPECTED GOT: compares the lines of two files, but for the version in the second.
same() {
	diff -U 0 --label expected --label got <(sort "$1") <(sed 1d "$2" | sort)
}

# Checks all that a driver makes of a view.
check_view() {
	local driver=$1 view=$2 columns
	mapfile -t columns < <(summed "$view")
	run_program "$driver" "$view" "${columns[@]}" >"$scratch/$driver.$view" || return
	{
		expected_columns "$driver" "$view" && expected_rows "$view" && expected_sums "$view"
	} >"$scratch/expected" || return
	same "$scratch/expected" "$scratch/$driver.$view" || return
	if grep -q "^by_default .* $driver " "$programs/columns"; then
		run_program "$driver" --defaults "$view" >"$scratch/got" || return
		expected_columns "$driver" "$view" by_default >"$scratch/expected"
		same "$scratch/expected" "$scratch/got" || return
	fi
}

# The one line on a driver, from what its program printed of the views.
report() {
	awk -v driver="${names[$1]}" -v summed="$(summed "${views[1]}" | xargs)" '
		FNR == 1 { version = $0; view++ }
		/^column / { columns[view]++ }
		/^row / { rows[view]++ }
		/^sum all / { split($0, sums) }
		END {
			printf "%s %s: %d and %d columns, %d and %d rows:", driver, version, columns[1], columns[2], rows[1], rows[2]
			count = split(summed, names)
			for (i = 1; i <= count; i++)
				printf " %s %s%s", names[i], sums[i + 2], i < count ? "," : "\n"
		}' "${views[@]/#/"$scratch/$1."}"
}

create_views
prepare_programs
failed=
for driver in odbc jdbc psycopg node; do
	[[ ${names[$driver]-} ]] || continue
	if check_view "$driver" "${views[0]}" && check_view "$driver" "${views[1]}"; then
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
