#!/usr/bin/env bash
# Metrics over tables of other servers, through postgres_fdw, give the answers of one table, and are sent as doc/scale.md
# says: column forms by the partition key and conditions with OR whole, rows not, IN over an enum from PostgreSQL 17 on.
# Skipped where postgres_fdw is not installed.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [[ ! -f $("${PG_CONFIG:-pg_config}" --sharedir)/extension/postgres_fdw.control ]]; then
	echo "postgres_fdw is not installed"
	exit 78
fi
# shellcheck source=test/expect.bash
. "$project/test/expect.bash"
databases=(activity_fdw activity_fdw_east activity_fdw_west)
drop_databases() {
	local database
	for database in "${databases[@]}"; do dropdb --if-exists --force "$database" 2>/dev/null || true; done
}
trap drop_databases EXIT
drop_databases
for database in "${databases[@]}"; do createdb "$database"; done
run() {
	psql -X -q -At -v ON_ERROR_STOP=1 -d "$@"
}

# the servers "east" and "west", with the agents of odd and even numbers
for site in east west; do
	run "activity_fdw_$site" -v site="$site" -v generator="$project/bench/generate.sql" >/dev/null <<'SQL'
CREATE EXTENSION activity;
\i :generator
CREATE TABLE calls (LIKE activity, account text NOT NULL, UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid, start, state));
INSERT INTO calls SELECT a.*, :'site' FROM generate_activities(2000) AS a WHERE (agent_id ~ '[02468]$') = (:'site' = 'east');
SQL
done

# doc/scale.md, with this server in the place of the two that it names
awk '/^```sql fdw$/ { inside = 1; next } /^```$/ { inside = 0 } inside' "$project/doc/scale.md" >document.sql
[[ -s document.sql ]]
sed -E "s|host '(east\|west)\.[^']*', dbname '[^']*'|host '$PGHOST', port '${PGPORT:-5432}', dbname 'activity_fdw_\1'|" document.sql >here.sql
expect "doc/scale.md" "" "$(run activity_fdw -f here.sql 2>&1 | grep -E 'ERROR|WARNING' || true)"
run activity_fdw >/dev/null <<'SQL'
CREATE TABLE one_table AS TABLE calls;
ALTER DATABASE activity_fdw SET enable_partitionwise_aggregate = on;
SQL

# same WHAT QUERY: the query of the table NAME gives the same rows of the foreign tables as of one table.
same() {
	local expected
	expected=$(run activity_fdw -c "${2//NAME/one_table}")
	[[ $expected ]]
	expect "$1: rows" "" "$(diff <(echo "$expected") <(run activity_fdw -c "${2//NAME/calls}") | head -n 4)"
}
# remote QUERY: the statements that are sent for it.
remote() {
	run activity_fdw -c "EXPLAIN (VERBOSE, COSTS OFF) ${1//NAME/calls}" | sed -n 's/^ *Remote SQL: //p'
}
by_agent='SELECT account, agent_id, average_handle_time(state, reason, duration_ms, interaction_guid, channel_guid, agent_id),
	unexpected_rate(state, reason, duration_ms, interaction_guid, channel_guid, agent_id), busy_time(state, reason, duration_ms, agent_id, start)
	FROM NAME GROUP BY account, agent_id ORDER BY account COLLATE "C", agent_id COLLATE "C"'
same "column forms" "$by_agent"
expect "column forms: sent whole" 2 "$(remote "$by_agent" | grep -c '^SELECT .*average_handle_time(.*unexpected_rate(.*busy_time(.* GROUP BY' || true)"
expect "column forms: at the same time" 2 "$(run activity_fdw -c "EXPLAIN ${by_agent//NAME/calls}" | grep -c 'Async Foreign Scan' || true)"

of_rows='SELECT account, count(*), average_handle_time(row(start, duration_ms, state, status, direction, interaction_guid, channel_guid, reason, agent_id,
	medium, medium_manager, reported_at)::activity) FROM NAME GROUP BY account ORDER BY account COLLATE "C"'
same "rows" "$of_rows"
# from PostgreSQL 19 on they are sent as column forms
expect "rows: not sent before PostgreSQL 19" "$(run activity_fdw -c "SELECT CASE WHEN current_setting('server_version_num')::integer < 190000 THEN 0 ELSE 2 END")" \
	"$(remote "$of_rows" | grep -c 'average_handle_time(' || true)"

finished="SELECT count(*), sum(duration_ms) FROM NAME WHERE (state = 'Connected' OR state = 'Wrap')"
same "OR" "$finished"
expect "OR: sent" 2 "$(remote "$finished" | grep -c ' WHERE .*Connected.* OR .*Wrap' || true)"
in_list="SELECT count(*), sum(duration_ms) FROM NAME WHERE state IN ('Connected', 'Wrap')"
same "IN" "$in_list"
expect "IN: sent from PostgreSQL 17 on" "$(run activity_fdw -c "SELECT CASE WHEN current_setting('server_version_num')::integer < 170000 THEN 0 ELSE 2 END")" \
	"$(remote "$in_list" | grep -c ' WHERE ' || true)"
((failed == 0))
