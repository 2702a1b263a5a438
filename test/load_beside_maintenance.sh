#!/usr/bin/env bash
# Shows that two sessions that load overlapping pages, into a plain and a partitioned table, never deadlock with one that
# maintains these tables by every command there is, in turn: no load and no command fails, and the tables are right.
set -euo pipefail

database=activity_load_beside_maintenance
rounds=6
export PGOPTIONS="-c client_min_messages=warning"
trap 'touch finished; wait; dropdb --if-exists --force "$database" 2>/dev/null || true' EXIT
dropdb --if-exists --force "$database"
createdb "$database"

run_psql() {
	psql -X -q -At -v ON_ERROR_STOP=1 -d "$database" "$@"
}

run_psql -v generator="$(cd "$(dirname "$0")/.." && pwd)/bench/generate.sql" <<'SQL'
CREATE EXTENSION activity;
\i :generator
CREATE TABLE page AS SELECT row_number() OVER () AS nr, page::json FROM generate_pages(400, 30, 5, 10) AS page;
ALTER TABLE page ADD PRIMARY KEY (nr);
DO $$ BEGIN PERFORM create_activity_table('plain'), create_activity_table('sequential'); END $$;
CREATE TABLE parted OF activity (UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid, start, state))
    PARTITION BY HASH (agent_id);
CREATE TABLE parted_participation OF participation (UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid))
    PARTITION BY HASH (agent_id);
SELECT format('CREATE TABLE %1$s_%2$s PARTITION OF %1$s FOR VALUES WITH (MODULUS 2, REMAINDER %2$s)', parent, remainder)
FROM unnest('{parted,parted_participation}'::text[]) AS parent, generate_series(0, 1) AS remainder \gexec
CREATE MATERIALIZED VIEW talked AS
    SELECT agent_id, a.talked, sum(p.talk_ms) AS participations
    FROM (SELECT agent_id, talk_time(t) AS talked FROM plain AS t GROUP BY agent_id) AS a
        JOIN plain_participation AS p USING (agent_id)
    GROUP BY agent_id, a.talked;
CREATE UNIQUE INDEX ON talked (agent_id);
-- one page, by its number modulo that of all
CREATE FUNCTION page(number bigint) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT page FROM page WHERE nr = 1 + number % (SELECT count(*) FROM page)
$$;
CREATE SEQUENCE loaded;
SQL

# Prints what can be done to one table: of a partitioned one as a whole PostgreSQL does some of it only in its partitions.
# There the key is not reindexed concurrently: INSERT … ON CONFLICT into the partitioned table, whoever sends it, can fail
# meanwhile with "invalid arbiter index list". Before PostgreSQL 19 neither is that of a plain one: two such INSERTs can go
# by different ones of the two indexes, and one fails with "duplicate key".
commands_on() {
	local table=$1
	cat <<-SQL
		ANALYZE $table
		VACUUM $table
		VACUUM FULL $table
		REINDEX TABLE $table
		CREATE INDEX maintained ON $table (medium)
		REINDEX INDEX maintained
		CLUSTER $table USING maintained
		DROP INDEX maintained
		ALTER TABLE $table ADD CONSTRAINT checked CHECK (agent_id <> '') NOT VALID
		ALTER TABLE $table VALIDATE CONSTRAINT checked
		ALTER TABLE $table DROP CONSTRAINT checked
	SQL
	[[ $table != parted && $table != parted_participation ]] || return 0
	cat <<-SQL
		CREATE INDEX CONCURRENTLY maintained ON $table (medium)
		REINDEX INDEX CONCURRENTLY maintained
		DROP INDEX CONCURRENTLY maintained
		ALTER TABLE $table SET (fillfactor = 70)
		ALTER TABLE $table RESET (fillfactor)
	SQL
	[[ $table == plain* && $(run_psql -c "SHOW server_version_num") -ge 190000 ]] || return 0
	echo "REINDEX TABLE CONCURRENTLY $table"
}

{
	for table in plain{,_participation} parted{,_0,_1} parted_participation{,_0,_1}; do
		commands_on "$table"
	done
	cat <<-'SQL'
		REFRESH MATERIALIZED VIEW talked
		REFRESH MATERIALIZED VIEW CONCURRENTLY talked
		TRUNCATE plain_participation, plain
		TRUNCATE parted_participation, parted
	SQL
} | sed 's/$/;/' >commands.sql

# Loads as long as there is no file named finished: a page each time into both tables, every tenth time within one transaction.
cat >load.sql <<'SQL'
SELECT nextval('loaded') AS number \gset
SELECT 'BEGIN' WHERE :number % 10 = 0 \gexec
SELECT load_activities('plain', page(:number)) \g /dev/null
SELECT load_activities('parted', page(:number)) \g /dev/null
SELECT 'COMMIT' WHERE :number % 10 = 0 \gexec
SQL
for _ in {1..100}; do cat load.sql; done >loads.sql
keep_loading() {
	until [[ -e finished ]]; do
		run_psql -f loads.sql || return
	done
}
keep_loading >loader_1.log 2>&1 &
loaders=($!)
keep_loading >loader_2.log 2>&1 &
loaders+=($!)

status=0
for ((round = 0; round < rounds; round++)); do
	run_psql -f commands.sql || status=1
done
meanwhile=$(run_psql -c "SELECT last_value FROM loaded")
touch finished
for loader in "${loaders[@]}"; do
	wait "$loader" || status=1
done
cat loader_?.log
echo "$meanwhile pages loaded beside $((rounds * $(wc -l <commands.sql))) commands"
if ((meanwhile < 100)); then
	echo "too few: nothing is shown"
	status=1
fi

# What the tables have is right, and after all pages it is what one session loads.
run_psql >differences <<'SQL'
CREATE FUNCTION difference(a text, b text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    result bigint;
BEGIN
    EXECUTE format('SELECT count(*) FROM ((%1$s EXCEPT ALL %2$s) UNION ALL (%2$s EXCEPT ALL %1$s)) AS d', a, b)
        INTO result;
    RETURN result;
END
$$;
CREATE FUNCTION out_of_step(target text) RETURNS bigint LANGUAGE sql
RETURN difference('TABLE ' || target || '_participation',
    format('SELECT (p).* FROM (SELECT participation(row(a.*)::activity) AS p FROM %I AS a
                               GROUP BY agent_id, interaction_guid, channel_guid) AS v', target));
SELECT count(load_activities('sequential', page)) FROM page \g /dev/null
SELECT 'activities in no page: ' || count(*) FROM (TABLE plain EXCEPT ALL TABLE sequential) AS d HAVING count(*) > 0;
SELECT 'activities in no page: ' || count(*) FROM (TABLE parted EXCEPT ALL TABLE sequential) AS d HAVING count(*) > 0;
SELECT target || ' is out of step: ' || d FROM unnest('{plain,parted}'::text[]) AS target, out_of_step(target) AS d WHERE d > 0;
SELECT count(load_activities('plain', page)), count(load_activities('parted', page)) FROM page \g /dev/null
SELECT target || ' is not complete: ' || d
FROM unnest('{plain,parted}'::text[]) AS target, difference('TABLE ' || target, 'TABLE sequential') AS d WHERE d > 0;
SELECT target || ' is out of step, complete: ' || d FROM unnest('{plain,parted}'::text[]) AS target, out_of_step(target) AS d WHERE d > 0;
SELECT 'deadlocks: ' || deadlocks FROM pg_stat_database WHERE datname = current_database() AND deadlocks > 0;
SQL
if [[ -s differences ]]; then
	cat differences
	status=1
fi
exit "$status"
