#!/usr/bin/env bash
# Loads into a hypertable of TimescaleDB, also from four sessions at once, end in a plain table's rows; metrics, intervals
# and views of the two are equal; chunks can be dropped, and an activity that is loaded later makes its chunk anew. Skipped
# where TimescaleDB is not installed.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [[ ! -f $("${PG_CONFIG:-pg_config}" --sharedir)/extension/timescaledb.control ]]; then
	echo "TimescaleDB is not installed"
	exit 78
fi
# shellcheck source=test/servers.bash
. "$project/test/servers.bash"
# shellcheck source=test/deliveries.bash
. "$project/test/deliveries.bash"

make_cluster alone
start_cluster alone shared_preload_libraries=timescaledb timescaledb.telemetry_level=off synchronous_commit=off
on alone -c "CREATE EXTENSION timescaledb"
make_deliveries alone
on alone >/dev/null <<'SQL'
SELECT create_activity_table(name) FROM unnest('{plain,one,four}'::text[]) AS name;
SELECT create_hypertable(name, by_range('start', interval '7 days')) FROM unnest('{one,four}'::regclass[]) AS name;
SQL

load alone plain >loads.alone
rows alone plain >rows.alone
load alone one >loads.one
same "a hypertable: counts" loads.alone loads.one
rows alone one >rows.one
same "a hypertable: rows" rows.alone rows.one
expect "a hypertable: it has chunks" t "$(on alone -c "SELECT count(*) > 3 FROM show_chunks('one')")"
load_at_once four alone alone alone alone

# same_answers WHAT: the same question, from standard input, with the hypertable and with the plain table for NAME.
same_answers() {
	cat >question
	sed "s/NAME/plain/g" question | on alone >answer.plain 2>&1 || true
	sed "s/NAME/four/g" question | on alone >answer.four 2>&1 || true
	if grep -q ERROR answer.plain || [[ ! -s answer.plain ]]; then expect "$1: the plain table's answer" "rows" "$(head -n 3 answer.plain)"; fi
	same "$1" answer.plain answer.four
}
same_answers "metrics" <<'SQL'
SELECT medium, average_handle_time(a), unexpected_rate(a), busy_time(a), peak_concurrency(a) FROM NAME AS a GROUP BY ROLLUP (medium) ORDER BY medium COLLATE "C";
SELECT date_bin('7 days', start, '2026-01-01Z') AS week, handle_time(state, reason, duration_ms), handled_participations(a)
FROM NAME AS a GROUP BY week ORDER BY week;
SQL
same_answers "intervals" <<'SQL'
SELECT * FROM activity_intervals('NAME', '2026-01-05Z', '2026-01-07Z', '1 hour') AS i ORDER BY i::text COLLATE "C";
SELECT * FROM agent_intervals('NAME', '2026-01-05Z', '2026-01-07Z', '1 hour', as_of => '2026-01-06Z') AS i ORDER BY i::text COLLATE "C";
SQL
for view in report participation_report interaction_report presence_report; do
	same_answers "the view $view" <<-SQL
		SELECT count(*) FROM create_activity_views('NAME', 'Europe/Berlin', replace => true);
		SELECT v::text FROM NAME_$view AS v ORDER BY v::text COLLATE "C";
	SQL
done

# Of what is older than the chunks that are left, participations still have their figures.
on alone -c "SELECT drop_chunks('four', older_than => timestamptz '2026-01-15Z')" >/dev/null
on alone >left <<'SQL'
SELECT min(range_start) AS border FROM timescaledb_information.chunks WHERE hypertable_name = 'four' \gset
SELECT count(*) > 0, bool_and(start >= :'border') FROM four;
SELECT count(*) FROM ((TABLE four EXCEPT ALL SELECT * FROM plain WHERE start >= :'border')
    UNION ALL (SELECT * FROM plain WHERE start >= :'border' EXCEPT ALL TABLE four)) AS d;
SELECT count(*) > 0 FROM plain WHERE start < :'border';
SELECT count(*) FROM (TABLE four_participation EXCEPT ALL TABLE plain_participation) AS d;
SQL
expect "old chunks are dropped, participations kept" $'t|t\n0\nt\n0' "$(cat left)"
load alone four >loads.four
on alone >late -c "SELECT count(*) FROM ((TABLE four EXCEPT ALL TABLE plain) UNION ALL (TABLE plain EXCEPT ALL TABLE four)) AS d"
expect "what is loaded again has its chunks again" 0 "$(cat late)"

expect "doc/scale.md" "" "$(run_document alone timescaledb | grep ERROR)"
((failed == 0))
