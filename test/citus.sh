#!/usr/bin/env bash
# Loads and reports on Citus, a coordinator and two workers on this machine, give the same counts, tables and answers as
# one node: in tables distributed by agent and by interaction, in reference tables and in a distributed schema, from every
# node, and by four sessions at once. Skipped where Citus is not installed.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [[ ! -f $("${PG_CONFIG:-pg_config}" --sharedir)/extension/citus.control ]]; then
	echo "Citus is not installed"
	exit 78
fi
# shellcheck source=test/servers.bash
. "$project/test/servers.bash"
# shellcheck source=test/deliveries.bash
. "$project/test/deliveries.bash"

nodes=(coordinator worker1 worker2)
declare -A ports=()

# Nodes of Citus reach each other by TCP only.
free_port() {
	local port
	while port=$((20000 + RANDOM % 12000)); (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
	echo "$port"
}

# on NODE: psql there; "alone" is the coordinator's other database, which knows nothing of Citus.
on() {
	local node=$1 name=$1 database=postgres
	shift
	[[ $node != alone ]] || name=coordinator database=alone
	PGHOST=$directory/$name PGPORT=${ports[$name]} psql -X -q -At -v ON_ERROR_STOP=1 -d "$database" "$@"
}

for node in "${nodes[@]}"; do
	ports[$node]=$(free_port)
	make_cluster "$node"
	start_cluster "$node" shared_preload_libraries=citus listen_addresses=127.0.0.1 port="${ports[$node]}" wal_level=logical \
		citus.node_conninfo=sslmode=disable citus.shard_count=4 citus.max_cached_conns_per_worker=8 citus.enable_statistics_collection=off \
		synchronous_commit=off
	on "$node" -c "CREATE EXTENSION citus"
done
on coordinator -c "SELECT citus_set_coordinator_host('127.0.0.1', ${ports[coordinator]})" \
	-c "SELECT citus_add_node('127.0.0.1', ${ports[worker1]}), citus_add_node('127.0.0.1', ${ports[worker2]})" \
	-c "CREATE EXTENSION activity" -c "CREATE DATABASE alone" >/dev/null 2>&1

# the pages, in a local table of every node
make_deliveries alone
on alone -c "\copy deliveries (body) TO '$directory/deliveries' WITH (FORMAT csv)"
for node in "${nodes[@]}"; do
	on "$node" -c "SET citus.enable_metadata_sync = off" -c "SET citus.enable_ddl_propagation = off" \
		-c "CREATE TABLE deliveries (nr integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body json NOT NULL)" \
		-c "\copy deliveries (body) FROM '$directory/deliveries' WITH (FORMAT csv)"
done

on alone -c "SELECT create_activity_table('calls')" >/dev/null
load alone calls >loads.alone
rows alone calls >rows.alone
expect "one node loads" "$(on alone -c "SELECT count(*) + count(*) / 7 FROM deliveries")" "$(grep -cE '^[0-9]+(\|[0-9]+){4,5}$' loads.alone)"

#
# Loading
#
# make_own TABLE: tables of one's own, with more columns, in another order, and not typed: a distributed schema refuses types.
make_own() {
	on alone -v name="$1" <<'SQL' | on coordinator
SELECT format('CREATE TABLE %s (loaded_at timestamptz DEFAULT now(), %s, account text DEFAULT ''mine'', UNIQUE NULLS NOT DISTINCT (%s));', :'name' || suffix,
    (SELECT string_agg(format('%I %s%s', attname, format_type(atttypid, atttypmod), CASE WHEN attname = ANY (string_to_array(key, ', ')) AND attname <> 'channel_guid' THEN ' NOT NULL' END),
                       ', ' ORDER BY attnum DESC)
     FROM pg_attribute WHERE attrelid = type::regclass AND attnum > 0), key)
FROM (VALUES ('activity', '', 'agent_id, interaction_guid, channel_guid, start, state'),
    ('participation', '_participation', 'agent_id, interaction_guid, channel_guid'),
    ('presence', '_presence', 'agent_id, start, category')) AS v (type, suffix, key);
SQL
}
# distribute TABLE COLUMN
distribute() {
	on coordinator -c "SELECT create_distributed_table('$1', '$2'),
		create_distributed_table('$1_participation', '$2', colocate_with => '$1'),
		create_distributed_table('$1_presence', 'agent_id', colocate_with => '$([[ $2 == agent_id ]] && echo "$1" || echo none)')" >/dev/null
}
on coordinator -c "SELECT create_activity_table(name) FROM unnest('{by_agent,by_agent_from_worker,by_interaction,reference,at_once,at_once_reference,agent_activity}'::text[]) AS name" >/dev/null
for table in by_agent by_agent_from_worker at_once agent_activity; do distribute "$table" agent_id; done
distribute by_interaction interaction_guid
on coordinator -c "SELECT create_reference_table(name || suffix) FROM unnest('{reference,at_once_reference}'::text[]) AS name,
	unnest('{\"\",_participation,_presence}'::text[]) AS suffix" >/dev/null
make_own own
distribute own agent_id
on coordinator -c "CREATE SCHEMA tenant" -c "SELECT citus_schema_distribute('tenant')" >/dev/null
make_own tenant.own

while read -r table node; do
	load "$node" "$table" >"loads.$table"
	same "$table, loaded from $node: counts" loads.alone "loads.$table"
	rows coordinator "$table" >"rows.$table"
	same "$table, loaded from $node: rows" rows.alone "rows.$table"
done <<-END
	by_agent coordinator
	by_agent_from_worker worker1
	by_interaction worker2
	reference worker1
	own coordinator
	tenant.own worker2
END

for table in at_once at_once_reference; do load_at_once "$table" coordinator coordinator worker1 worker2; done

# refused: a distribution column whose hash depends on OIDs
make_own by_state
on coordinator -c "SELECT create_distributed_table('by_state', 'state'), create_distributed_table('by_state_participation', 'agent_id')" >/dev/null
expect_error "distributed by an enum" "is distributed by column" \
	on coordinator -c "SELECT load_activities('by_state', ARRAY(SELECT a::activity FROM deliveries, activities(body, 'ignore') AS a))"

#
# load_pages: pages of a distributed table are expanded on the workers.
#
for node in alone coordinator; do
	on "$node" -c "CREATE TABLE spread (nr integer PRIMARY KEY, body json, as_jsonb jsonb)"
	[[ $node == alone ]] || on "$node" -c "SELECT create_distributed_table('spread', 'nr')" >/dev/null
	on "$node" -c "INSERT INTO spread SELECT nr, body, body FROM deliveries" -c "INSERT INTO spread VALUES (0)"
done
on alone -c "SELECT create_activity_table(name) FROM unnest('{ignored,set_null}'::text[]) AS name" >/dev/null
on coordinator -c "SELECT create_activity_table(name)
	FROM unnest('{all_at_once,in_batches,local_pages,set_null,reference_pages,from_worker,beside,moved}'::text[]) AS name" >/dev/null
for table in all_at_once in_batches local_pages from_worker beside moved; do distribute "$table" agent_id; done
# a name of the most bytes
longest=table_whose_name_has_as_many_bytes_as_it_may_have
on coordinator -c "SELECT create_activity_table('$longest')" >/dev/null
distribute "$longest" agent_id
distribute set_null interaction_guid
on coordinator -c "SELECT create_reference_table('reference_pages' || suffix) FROM unnest('{\"\",_participation,_presence}'::text[]) AS suffix" >/dev/null
make_own own_pages
distribute own_pages agent_id

# load_all NODE TABLE PAGES COLUMN BATCH ON_ERROR: how many are inserted, given, outdated and rejected. How many are
# updated depends on how the pages come together in batches.
load_all() {
	on "$1" -c "CALL load_pages('$2', '$3', '$4', $5, '$6')" | awk -F '|' '{ print $1, $1 + $2 + $3, $5, $4 }'
}
counts=$(load_all alone ignored spread body 1000 ignore)
rows alone ignored >rows.ignored
same "one node: load_pages loads the same" rows.alone rows.ignored
expect "one node: load_pages rejects" t "$(on alone -c "SELECT ${counts##* } > 0")"
while read -r node table pages batch; do
	expect "$table: counts of load_pages" "$counts" "$(load_all "$node" "$table" "$pages" body "$batch" ignore)"
	rows coordinator "$table" >"rows.$table"
	same "$table: rows of load_pages" rows.alone "rows.$table"
done <<-END
	coordinator all_at_once spread 1000
	coordinator in_batches spread 30
	coordinator $longest spread 300
	coordinator local_pages deliveries 40
	coordinator own_pages spread 50
	coordinator reference_pages spread 60
	worker1 from_worker spread 60
END
counts=$(load_all alone set_null spread as_jsonb 1000 set_null)
expect "set_null: counts of load_pages" "$counts" "$(load_all coordinator set_null spread as_jsonb 25 set_null)"
rows alone set_null >rows.alone.set_null
rows coordinator set_null >rows.set_null
same "set_null: rows of load_pages" rows.alone.set_null rows.set_null

# again, with participations that somebody has removed
on coordinator -c "DELETE FROM all_at_once_participation WHERE medium = 'Phone'"
expect "all again: inserted and updated" "0|0" "$(on coordinator -c "CALL load_pages('all_at_once', 'spread', 'body', 40, 'ignore')" | cut -d '|' -f 1,2)"
rows coordinator all_at_once >rows.all_at_once
same "all again: rows" rows.alone rows.all_at_once
# whatever the session has set; "nothing is left" below looks for tables on the workers
on coordinator -c "CREATE EXTENSION IF NOT EXISTS citus_columnar"
for setting in "citus.enable_ddl_propagation = off" "session_replication_role = replica" "default_table_access_method = columnar"; do
	expect "$setting: inserted and updated" "0|0" \
		"$(on coordinator -c "SET $setting" -c "CALL load_pages('all_at_once', 'spread', 'body', 1000, 'ignore')" | cut -d '|' -f 1,2)"
done
# Of one batch, also the number of those that are updated is the same.
on coordinator -c "DELETE FROM in_batches" -c "DELETE FROM in_batches_participation" -c "DELETE FROM in_batches_presence"
on alone -c "TRUNCATE ignored, ignored_participation, ignored_presence"
for node in alone coordinator; do
	table=$([[ $node == alone ]] && echo ignored || echo in_batches)
	for pages in "nr % 3 = 0" true; do
		on "$node" -c "CREATE TABLE chosen AS SELECT nr, body FROM spread WHERE $pages"
		[[ $node == alone ]] || on "$node" -c "SELECT create_distributed_table('chosen', 'nr')" >/dev/null 2>&1
		on "$node" -c "CALL load_pages('$table', 'chosen', 'body', 1000, 'ignore')" -c "DROP TABLE chosen"
	done >"calls.$node"
done
same "a third, then all: counts" calls.alone calls.coordinator

# The pages do not come here.
PGOPTIONS='-c client_min_messages=notice' on coordinator -c "SET citus.log_remote_commands = on" \
	-c "CALL load_pages('all_at_once', 'spread', 'body', 1000, 'ignore')" >/dev/null 2>remote
expect "pages are expanded on the workers" t "$(grep -q 'worker_partition_query_result.*public.activities(' remote && echo t)"
expect "pages are not read here" "" "$(grep -E 'SELECT (pages\.)?body' remote | head -n 1)"

# a bad page
expect_error "load_pages stops" "activity_errors(page) lists them" on coordinator -c "CALL load_pages('all_at_once', 'spread', 'body', 20)"

# two calls beside other loads
loads=()
for pages in spread deliveries; do
	on coordinator -c "CALL load_pages('beside', '$pages', 'body', 15, 'ignore')" >"beside.$pages" 2>&1 &
	loads+=($!)
done
load_at_once beside coordinator worker1
wait "${loads[@]}" || true
expect "beside other loads: errors" "" "$(grep -h ERROR beside.spread beside.deliveries)"
rows coordinator beside >rows.beside
same "beside other loads: rows" rows.alone rows.beside

# Places of pages change when their shard moves.
on coordinator -c "CALL load_pages('moved', 'spread', 'body', 1, 'ignore')" >called.moved 2>&1 &
loads=($!)
await "load_pages has begun" t on coordinator -c "SELECT count(*) > 0 FROM moved"
on coordinator >/dev/null <<'SQL'
SELECT shardid, s.nodename, s.nodeport, t.nodeport AS target
FROM citus_shards AS s JOIN pg_dist_node AS t ON t.nodeport <> s.nodeport AND t.groupid > 0
WHERE table_name = 'spread'::regclass ORDER BY shardid LIMIT 1 \gset
SELECT citus_move_shard_placement(:shardid, :'nodename', :nodeport, :'nodename', :target, 'force_logical');
SQL
wait "${loads[@]}" || true
expect "a moved shard of pages" "ERROR:  shards of \"public.spread\" were moved during the load" "$(grep ERROR called.moved)"
on coordinator -c "CALL load_pages('moved', 'spread', 'body', 1000, 'ignore')" >/dev/null
rows coordinator moved >rows.moved
same "a moved shard of pages, loaded again: rows" rows.alone rows.moved

for node in "${nodes[@]}"; do
	expect "$node: nothing is left" 0 "$(on "$node" -c "SELECT count(*) FROM pg_class WHERE relname ~ '_(given|news)'")"
done

#
# Reading. The tables are filled without load_activities.
#
(
	cd "$project"
	# shellcheck source=test/sample_pages.bash
	. test/sample_pages.bash
	export PGHOST=$directory/coordinator PGPORT=${ports[coordinator]}
	load_sample_pages alone
)
on alone -c "SELECT create_activity_table('agent_activity')" -c "SELECT load_activities('agent_activity', body, 'ignore') FROM pages" >/dev/null
for table in agent_activity agent_activity_participation agent_activity_presence; do
	on alone -c "COPY $table TO STDOUT" | on coordinator -c "COPY $table FROM STDIN"
done
on coordinator -c "CREATE TABLE pages (page_id bigint PRIMARY KEY, source text, body json)" -c "SELECT create_distributed_table('pages', 'page_id')" >/dev/null
on alone -c "COPY (SELECT page_id, source, body FROM pages) TO STDOUT" | on coordinator -c "COPY pages FROM STDIN"

# answers WHAT: compares what question.alone prints on one node with what question.citus prints on Citus.
answers() {
	local what=$1
	on alone -f question.alone >answer.alone 2>&1 || true
	on coordinator -f question.citus >answer.citus 2>&1 || true
	if grep -q ERROR answer.alone || [[ ! -s answer.alone ]]; then expect "$what: one node's answer" "rows" "$(head -n 3 answer.alone)"; fi
	same "$what" answer.alone answer.citus
}

# same_answers WHAT: the same for one question, from standard input.
same_answers() {
	tee question.alone >question.citus
	answers "$1"
}

# for_citus FILE: a report as it must be written for Citus: with rows made of the columns, as a shard's rows do not pass for
# the types.
for_citus() {
	sed -E 's/\(p(, '\''|\))/(row(p.*)::participation\1/g
		s/(_time|_concurrency|_participations|activity_end)\((a|s)\)/\1(row(\2.*)::activity)/g
		s/([(, ])a::activity/\1row(a.*)::activity/; s/activity_slices\(a,/activity_slices(row(a.*)::activity,/; s/p::presence/row(p.*)::presence/
		s|\\ir \.\./|\\i '"$project"'/examples/|' "$1"
}
for file in "$project"/examples/reports/*.sql; do
	name=$(basename "$file" .sql)
	[[ $name != load ]] || continue # the last case here is its
	sed "s|\\\\ir \.\./|\\\\i $project/examples/|" "$file" >question.alone
	for_citus "$file" >question.citus
	answers "report $name"
done
same_answers "totals by a second query" <<'SQL'
SELECT medium, offered_participations(row(p.*)::participation), average_handle_time(row(p.*)::participation), unexpected_rate(row(p.*)::participation)
FROM agent_activity_participation AS p GROUP BY medium ORDER BY medium;
SELECT offered_participations(row(p.*)::participation), average_handle_time(row(p.*)::participation), unexpected_rate(row(p.*)::participation)
FROM agent_activity_participation AS p;
SQL

same_answers "metrics of columns" <<'SQL'
SELECT agent_id, handle_time(state, reason, duration_ms), handled_participations(state, reason, duration_ms, interaction_guid, channel_guid, agent_id),
    unexpected_rate(state, reason, duration_ms, interaction_guid, channel_guid, agent_id), busy_time(state, reason, duration_ms, agent_id, start),
    peak_concurrency(state, reason, duration_ms, interaction_guid, channel_guid, agent_id, start)
FROM agent_activity GROUP BY agent_id ORDER BY agent_id;
SELECT medium, handle_time(state, reason, duration_ms), handled_participations(state, reason, duration_ms, interaction_guid, channel_guid, agent_id),
    busy_time(state, reason, duration_ms, agent_id, start), count(*)
FROM agent_activity GROUP BY medium ORDER BY medium;
SQL
same_answers "metrics of row(a.*)::activity" <<'SQL'
SELECT agent_id, average_handle_time(row(a.*)::activity), unexpected_rate(row(a.*)::activity, 'NoAnswer'), busy_time(row(a.*)::activity)
FROM agent_activity AS a GROUP BY agent_id ORDER BY agent_id;
SELECT average_handle_time(row(a.*)::activity), unexpected_rate(row(a.*)::activity), peak_concurrency(row(a.*)::activity) FROM agent_activity AS a;
SELECT medium, average_handle_time(row(p.*)::participation), unexpected_rate(row(p.*)::participation) FROM agent_activity_participation AS p GROUP BY medium ORDER BY medium;
SQL
same_answers "two steps" <<'SQL'
SELECT medium, sum(handled), sum(handle_ms), sum(handle_ms) / nullif(1000.0 * sum(handled), 0)
FROM (SELECT agent_id, medium, handled_participations(row(p.*)::participation) AS handled, sum(handle_ms)::bigint AS handle_ms
    FROM agent_activity_participation AS p GROUP BY agent_id, medium) AS by_agent
GROUP BY medium ORDER BY medium;
SQL
same_answers "participations afresh" <<'SQL'
SELECT count(*) FROM (SELECT participation(row(a.*)::activity) AS p FROM agent_activity AS a GROUP BY agent_id, interaction_guid, channel_guid) AS afresh
WHERE (p).talk_ms >= 0;
SELECT p FROM (SELECT participation(row(a.*)::activity) AS p FROM agent_activity AS a GROUP BY agent_id, interaction_guid, channel_guid) AS afresh ORDER BY p::text COLLATE "C";
SQL
same_answers "intervals" <<'SQL'
SELECT * FROM activity_intervals('agent_activity', '2026-10-14Z', '2026-10-15Z', '1 hour') AS i ORDER BY i::text COLLATE "C";
SELECT * FROM agent_intervals('agent_activity', '2026-10-14Z', '2026-10-15Z', '1 hour') AS i ORDER BY i::text COLLATE "C";
SELECT * FROM agent_intervals('agent_activity', '2026-10-14Z', '2026-10-15Z', '1 hour', as_of => '2026-10-14 12:00Z') AS i ORDER BY i::text COLLATE "C";
SQL
same_answers "views" <<'SQL'
SELECT create_activity_views('agent_activity', 'Europe/Berlin');
SQL
for view in report participation_report interaction_report presence_report; do
	same_answers "agent_activity_$view" <<-SQL
		SELECT v::text FROM agent_activity_$view AS v ORDER BY v::text COLLATE "C";
	SQL
done

# raw pages that are distributed, a few of them: load_activities must run here, not where the pages are
for node in alone coordinator; do
	on "$node" -c "TRUNCATE agent_activity, agent_activity_participation, agent_activity_presence" -c "DELETE FROM pages WHERE page_id % 8 > 0"
done
same_answers "distributed pages" <<'SQL'
WITH raw AS MATERIALIZED (SELECT page_id, source, body FROM pages ORDER BY page_id)
SELECT source, sum(inserted), sum(updated), sum(unchanged), sum(rejected)
FROM raw, load_activities('agent_activity', body, 'ignore')
GROUP BY source ORDER BY min(page_id);
SQL
rows alone agent_activity >rows.alone
rows coordinator agent_activity >rows.citus
same "distributed pages: rows" rows.alone rows.citus

# doc/scale.md loads the distributed pages, too
expect "doc/scale.md" "" "$(run_document coordinator citus | grep -A 2 ERROR)"
rows coordinator calls >rows.citus
same "doc/scale.md: rows" rows.alone rows.citus

# a shard moves to the other worker, online
on coordinator >/dev/null <<'SQL'
SELECT shardid, s.nodename, s.nodeport, t.nodeport AS target
FROM citus_shards AS s JOIN pg_dist_node AS t ON t.nodeport <> s.nodeport AND t.groupid > 0
WHERE table_name = 'calls'::regclass ORDER BY shardid LIMIT 1 \gset
SELECT citus_move_shard_placement(:shardid, :'nodename', :nodeport, :'nodename', :target, 'force_logical');
SQL
rows coordinator calls >rows.citus
same "a moved shard: rows" rows.alone rows.citus
load coordinator calls >loads.moved
expect "a moved shard: loads" 0 "$(grep -c ERROR loads.moved || true)"

# a month in columns, beside one that is loaded
load_month() {
	on coordinator -c "SELECT load_activities('monthly', ARRAY(SELECT a::activity FROM deliveries, activities(body, 'ignore') AS a
		WHERE start >= '$1-01Z' AND start < timestamptz '$1-01Z' + interval '1 month'))"
}
convert_january() {
	on coordinator -c "SELECT alter_table_set_access_method('monthly_2026_01', '$1')" >/dev/null 2>&1
}
expect_error "a month in columns is not loaded" columnar load_month 2026-01
convert_january heap
load_month 2026-01 >/dev/null
convert_january columnar
load_month 2026-03 >/dev/null
figures="SELECT count(*), handle_time(state, reason, duration_ms), busy_time(state, reason, duration_ms, agent_id, start)"
expect "a month in columns, another loaded" \
	"$(on alone -c "$figures FROM calls WHERE (start >= '2026-01-01Z' AND start < '2026-02-01Z') OR (start >= '2026-03-01Z' AND start < '2026-04-01Z')")" \
	"$(on coordinator -c "$figures FROM monthly")"
((failed == 0))
