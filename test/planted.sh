#!/usr/bin/env bash
# Nothing that another role has planted is ever meant by a statement of the extension's: neither when tables are created
# and loaded, nor when views are created and read.
#
# The statements are those that the server says it has parsed. Of each function, aggregate and operator in their parse
# trees overloads are planted that fit a user's tables better, or as well (test/planted/plant.sql); they, and casts and
# types and relations of the same names, raise an error when they are used. The work is done again, by a superuser, in
# the midst of these: no error, and the same output. test/planted/statements.txt has the statements as they were sent,
# but for comments.
#
# test/planted.sh --update writes that file anew. Needs a running server, as script/test starts it.
set -euo pipefail

project=$(cd "$(dirname "$0")/.." && pwd)
database=activity_planted
planter=regress_activity_planter
work=$(mktemp -d)
export PROJECT=$project PSQLRC=/dev/null PGOPTIONS='-c client_min_messages=warning -c lc_messages=C'

drop_all() {
	dropdb --if-exists --force "$database"
	psql -X -q -d postgres -c "DROP ROLE IF EXISTS $planter"
}
trap 'drop_all; rm -rf "$work"' EXIT

run() {
	psql -X -q -v ON_ERROR_STOP=1 -v planter="$planter" -d "$database" "$@"
}

drop_all
psql -X -q -d postgres -c "CREATE ROLE $planter LOGIN"
createdb -T template0 "$database"
run -f "$project/test/planted/setup.sql" >"$work/setup.out"

# the work, and the server's log of it
PGOPTIONS+=' -c client_min_messages=log -c debug_print_rewritten=on -c debug_pretty_print=off' \
	run -v SHOW_CONTEXT=always -f "$project/test/planted/work.sql" >"$work/clean.out" 2>"$work/trees"
awk '/^CONTEXT:  SQL statement "/ { sub(/^CONTEXT:  SQL statement "/, ""); text = ""; inside = 1 }
	inside { text = text $0 "\n" }
	inside && /"$/ { sub(/"\n$/, "\n", text); if (text !~ /^COMMENT / && !seen[text]++) print text; inside = 0 }' "$work/trees" >"$work/statements"
[[ ${1-} != --update ]] || cp "$work/statements" "$project/test/planted/statements.txt"
diff -u "$project/test/planted/statements.txt" "$work/statements"

# what the statements use: lines of a kind and an OID
grep -oE ':(funcid|aggfnoid|opno|eqop|sortop|relid|(var|const|param|funcresult|opresult|agg|result|row_|array_|element_)type(id)?) [0-9]+' "$work/trees" |
	sed -E 's/^:(funcid|aggfnoid) /function /; s/^:(opno|eqop|sortop) /operator /; s/^:relid /relation /; s/^:[a-z_]+ /type /' |
	sort -u | grep -v ' 0$' >"$work/used"
run -c "\\copy trap.used FROM '$work/used' (DELIMITER ' ')"
run -f "$project/test/planted/plant.sql"
run -f "$project/test/planted/plant_temporary.sql" -f "$project/test/planted/work.sql" >"$work/planted.out"
diff -u "$work/clean.out" "$work/planted.out"
grep -q 1042 "$work/planted.out"

# what is planted works: calls that leave the choice to PostgreSQL fall for it
tried=0
while IFS= read -r statement; do
	if run -c "SET search_path = before, public" -c "$statement" >"$work/fallen" 2>&1; then
		echo "not caught: $statement"
		exit 1
	fi
	grep -q 'planted: ' "$work/fallen" || { cat "$work/fallen"; exit 1; }
	((tried += 1))
done <"$project/test/planted/falls.sql"
echo "$tried statements that fall for what is planted do"

# what PostgreSQL cannot choose from is an error, and nothing is loaded
run -f "$project/test/planted/plant_ambiguous.sql"
if run -f "$project/test/planted/work.sql" >"$work/ambiguous" 2>&1; then
	echo "loaded, although calls are ambiguous"
	exit 1
fi
grep -E 'ERROR:  function public\.[a-z_]+\(.*\) is not unique' "$work/ambiguous"
