#!/usr/bin/env bash
# A physical and a logical replica of tables made by create_activity_table give the same answers as their source.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=test/servers.bash
. "$project/test/servers.bash"

make_cluster source
start_cluster source wal_level=logical
on source -v generator="$project/bench/generate.sql" >/dev/null <<'SQL'
CREATE EXTENSION activity;
\i :generator
SELECT create_activity_table('kept');
SELECT create_activity_views('kept');
CREATE TABLE pages AS SELECT p.page::jsonb AS page FROM generate_pages(400, page_size => 100) AS p (page);
CREATE TABLE results (agent_id text, whole activity, of participation, states interaction_state[]);
SELECT load_activities('kept', page) FROM pages WHERE ctid < (SELECT max(ctid) FROM pages);
SELECT min(started_at) + (max(started_at) - min(started_at)) / 4 AS before FROM kept_participation \gset
CALL forget_activities('kept', :'before');
INSERT INTO results SELECT k.agent_id, k, p, ARRAY[k.state, 'Failed'] FROM kept AS k
    JOIN kept_participation AS p USING (agent_id, interaction_guid) LIMIT 500;
SQL

# a physical replica
PGHOST=$directory/source "${as_server[@]}" "$(type -P pg_basebackup)" -D "$directory/physical.data" -c fast -R -X stream --no-sync >physical.log 2>&1
start_cluster physical
# a logical one, with an extension of its own: nothing but rows goes there
make_cluster logical
start_cluster logical wal_level=logical
on logical -v generator="$project/bench/generate.sql" >/dev/null <<'SQL'
CREATE TYPE apart AS ENUM ('so that OIDs differ');
CREATE EXTENSION activity;
SELECT create_activity_table('kept');
SELECT create_activity_views('kept');
CALL forget_activities('kept', '2000-01-01Z');
CREATE TABLE results (agent_id text, whole activity, of participation, states interaction_state[]);
SQL
on source -c "CREATE PUBLICATION all_of_it FOR TABLE kept, kept_participation, kept_forgotten, results"
# the keys allow a null channel_guid, and so are no replica identity
for table in kept kept_participation results; do on source -c "ALTER TABLE $table REPLICA IDENTITY FULL"; done
on logical -c "CREATE SUBSCRIPTION of_source CONNECTION 'host=$directory/source user=postgres dbname=postgres' PUBLICATION all_of_it" >/dev/null

# inserts, updates and deletes while they are connected
on source >/dev/null <<'SQL'
SELECT before + interval '1 hour' AS before FROM kept_forgotten \gset
CALL forget_activities('kept', :'before');
SELECT load_activities('kept', page) FROM pages WHERE ctid = (SELECT max(ctid) FROM pages);
SELECT load_activities('kept', '{"upTo": "2030-01-01T00:00:00Z", "items": [
    {"agentId": "replica", "start": "2029-01-01T00:00:00Z", "state": "Connected", "status": "Ongoing",
     "interaction": {"guid": "3f2504e0-4f89-11d3-9a0c-0305e82c3301"}}]}'::jsonb);
SELECT load_activities('kept', '{"upTo": "2030-01-02T00:00:00Z", "items": [
    {"agentId": "replica", "start": "2029-01-01T00:00:00Z", "state": "Connected", "status": "Completed", "duration": 5000,
     "interaction": {"guid": "3f2504e0-4f89-11d3-9a0c-0305e82c3301"}}]}'::jsonb);
DELETE FROM results WHERE agent_id = (SELECT min(agent_id) FROM results);
SQL

answers="
SELECT agent_id, handle_time(k), average_handle_time(k), unexpected_rate(k), unexpected_rate(k, 'NoAnswer'), busy_time(k),
    peak_concurrency(k) FROM kept AS k GROUP BY agent_id ORDER BY agent_id;
SELECT agent_id, count(*), handle_time(p), average_handle_time(p), unexpected_rate(p) FROM kept_participation AS p
    GROUP BY agent_id ORDER BY agent_id;
SELECT count(*), sum(hashtext(r::text)) FROM kept_report AS r;
SELECT count(*), sum(hashtext(r::text)) FROM kept_participation_report AS r;
SELECT count(*), sum(hashtext(r::text)), average_handle_time(whole), handle_time(of), max((whole).state), max(states)
    FROM results AS r;
SELECT max(before), max(participations) FROM kept_forgotten;
SELECT count(*), sum(hashtext(s::text)) FROM kept AS k, activity_slices(k, '15 minutes') AS s WHERE k.duration_ms IS NOT NULL"
expected=$(on source -c "$answers")
expect "there are answers to compare" t "$([[ $(wc -l <<<"$expected") -gt 30 ]] && echo t)"
expect "an update is among what is replicated" "replica|5" "$(on source -c "SELECT agent_id, handle_time(k) FROM kept AS k WHERE agent_id = 'replica' GROUP BY agent_id")"

# it may be further, as a server also writes WAL of its own accord
await "the physical replica has all" t \
	on physical -c "SELECT pg_last_wal_replay_lsn() >= '$(on source -c "SELECT pg_current_wal_lsn()")'"
expect "the physical replica answers the same" "$expected" "$(on physical -c "$answers")"
expect "it is one" t "$(on physical -c "SELECT pg_is_in_recovery()")"
expect "pages are read there" "$(on source -c "SELECT count(*), sum(hashtext(a::text)) FROM pages, activities(page) AS a")" \
	"$(on physical -c "SELECT count(*), sum(hashtext(a::text)) FROM pages, activities(page) AS a")"
expect_error "pages are not loaded there" 'cannot execute load_activities() in a read-only transaction' \
	on physical -c "SELECT load_activities('kept', page) FROM pages LIMIT 1"

await "the logical replica answers the same" "$expected" on logical -c "$answers"
echo "the logical replica answers the same ... ok"
expect "its types have other OIDs" t "$([[ $(on source -c "SELECT 'interaction_state'::regtype::oid") != "$(on logical -c "SELECT 'interaction_state'::regtype::oid")" ]] && echo t)"
for name in source physical logical; do
	expect "no process of $name crashed" 0 "$(grep -c 'terminated by signal\|PANIC\|TRAP' $name.log || true)"
done
((failed == 0))
