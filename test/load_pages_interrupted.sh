#!/usr/bin/env bash
# Shows that load_pages, which is ended at random moments (pg_terminate_backend, kill -9 of the backend) and called again
# beside four sessions that load the same pages one by one, never deadlocks and ends in the tables that one session ends in;
# that participations are in step at every moment; and what it reports of its progress.
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=test/servers.bash
. "$project/test/servers.bash"

bystanders=
before_clean_up() {
	# TERM: what a script starts in the background ignores QUIT
	[[ ! $bystanders ]] || { kill -TERM "$bystanders" 2>/dev/null && wait "$bystanders" 2>/dev/null; }
}

make_cluster server
start_cluster server autovacuum_naptime=1s
# Pages of 20 items: each activity comes three times, open, ended and completed, each presence twice, on pages at random.
on server -v generator="$project/bench/generate.sql" <<'SQL'
CREATE EXTENSION activity;
\i :generator
CREATE TABLE pages (nr integer PRIMARY KEY, page json NOT NULL);
INSERT INTO pages
    SELECT page, json_build_object('upTo', timestamp '2026-02-01' + page % 100 * interval '1 minute', 'items', json_agg(item))
    FROM (SELECT (row_number() OVER (ORDER BY md5(item::text)) - 1) / 20 AS page, item
          FROM (SELECT CASE delivery WHEN 1 THEN item || '{"duration": null, "status": "Ongoing"}' WHEN 2 THEN item || '{"status": "Ongoing"}' ELSE item END AS item
                FROM generate_pages(1500, 20, 5, 100000) AS p, jsonb_array_elements(p::jsonb -> 'items') AS item, generate_series(1, 3) AS delivery
                UNION ALL
                SELECT jsonb_build_object('type', 'Presence', 'agentId', nr % 10, 'start', timestamp '2026-02-01' + nr / 10 * interval '1 minute',
                    'category', (enum_range(NULL::presence_category))[1 + nr % 4], 'duration', CASE delivery WHEN 2 THEN 30000 END)
                FROM generate_series(1, 400) AS nr, generate_series(1, 2) AS delivery) AS items) AS numbered
    GROUP BY page;
DO $$ BEGIN
    PERFORM create_activity_table('kept'), create_activity_table('single');
    PERFORM load_activities('single', page) FROM pages;
END $$;
-- participations that are not those of the activities, in the snapshot of one statement
CREATE VIEW broken AS
    WITH afresh AS (SELECT (p).* FROM (SELECT participation(a) AS p FROM kept AS a GROUP BY agent_id, interaction_guid, channel_guid) AS v)
    SELECT 'not kept: ' || p AS what FROM (TABLE afresh EXCEPT ALL TABLE kept_participation) AS p
    UNION ALL SELECT 'not afresh: ' || p FROM (TABLE kept_participation EXCEPT ALL TABLE afresh) AS p;
CREATE VIEW different AS
    SELECT 'not loaded: ' || a AS what FROM (TABLE single EXCEPT ALL TABLE kept) AS a
    UNION ALL SELECT 'not of the pages: ' || a FROM (TABLE kept EXCEPT ALL TABLE single) AS a
    UNION ALL SELECT 'not loaded: ' || p FROM (TABLE single_participation EXCEPT ALL TABLE kept_participation) AS p
    UNION ALL SELECT 'not of the pages: ' || p FROM (TABLE kept_participation EXCEPT ALL TABLE single_participation) AS p
    UNION ALL SELECT 'not loaded: ' || p FROM (TABLE single_presence EXCEPT ALL TABLE kept_presence) AS p
    UNION ALL SELECT 'not of the pages: ' || p FROM (TABLE kept_presence EXCEPT ALL TABLE single_presence) AS p;
VACUUM ANALYZE;
SQL
pages=$(on server -c "SELECT count(*) FROM pages")

cat >bystander.sql <<SQL
\set nr random(0, $((pages - 1)))
SELECT load_activities('kept', page) FROM pages WHERE nr = :nr;
SQL
begin_bystanders() {
	PGHOST=$directory/server pgbench -n -c 4 -j 2 -T 600 -f bystander.sql postgres >bystander.log 2>&1 &
	bystanders=$!
}
end_bystanders() {
	if ! kill -0 "$bystanders" 2>/dev/null || grep -E 'ERROR|FATAL' bystander.log; then
		echo "a session that loads pages failed:"
		cat bystander.log
		exit 1
	fi
	kill "$bystanders"
	wait "$bystanders" 2>/dev/null || true
	bystanders=
}

# call_and_end BATCH HOW: calls load_pages and ends its backend after a moment. Adds to ended whether that was in time.
ended=0
call_and_end() {
	local caller pid=
	PGAPPNAME=victim on server -c "CALL load_pages('kept', 'pages', 'page', $1)" >/dev/null 2>&1 &
	caller=$!
	until [[ $pid ]] || ! kill -0 "$caller" 2>/dev/null; do
		pid=$(on server -c "SELECT pid FROM pg_stat_activity WHERE query LIKE 'CALL load_pages%' AND state = 'active'" || true)
	done
	sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
	if [[ ! $pid ]]; then
		:
	elif [[ $2 == terminate ]]; then
		on server -c "SELECT pg_terminate_backend($pid)" >/dev/null
	else
		kill -KILL "$pid" 2>/dev/null || true
	fi
	wait "$caller" || ((ended += 1))
}

begin_bystanders
for turn in {1..12}; do
	# new to the tables, all of it or some of it
	((turn % 3 == 0)) || on server -c "TRUNCATE kept_participation, kept, kept_presence"
	call_and_end $((turn % 5 * 20 + 5)) terminate
	expect "ended in turn $turn: out of step" "0|" "$(on server -c "SELECT count(*), left(min(what), 200) FROM broken")"
done
on server -c "TRUNCATE kept_participation, kept, kept_presence"
PGOPTIONS='-c client_min_messages=notice' on server -c "CALL load_pages('kept', 'pages', 'page', 100)" >called 2>notices
expect "called to the end beside other sessions: differences" "0|" "$(on server -c "SELECT count(*), left(min(what), 200) FROM different")"
end_bystanders
echo "ended in the middle: $ended of 12"
((ended >= 3))

# The progress, of batches and in the end.
expect "reports of batches" "$(((pages - 1) / 100))" \
	"$(grep -cE '^NOTICE:  [0-9]+00 of about [0-9]+ pages loaded, [0-9]+ per second, about [0-9]+:[0-9]{2}:[0-9]{2} left$' notices)"
expect "the last report" 1 "$(grep -cE "^NOTICE:  $pages pages loaded in [0-9]+:[0-9]{2}:[0-9]{2}, [0-9]+ per second\$" notices)"
expect "the counts" "$(on server -c "SELECT sum((activity_page(page)).items) FROM pages")" \
	"$(awk -F '|' '{ print $1 + $2 + $3 }' called)"

ended=0
for turn in 1 2 3; do
	on server -c "TRUNCATE kept_participation, kept, kept_presence"
	call_and_end 20 kill
	# until the postmaster has noticed
	sleep 0.3
	await "the server has recovered" t on server -c "SELECT true"
	expect "kill -9 in turn $turn: out of step" "0|" "$(on server -c "SELECT count(*), left(min(what), 200) FROM broken")"
done
echo "kill -9: $ended of 3"
((ended >= 1))
on server -c "CALL load_pages('kept', 'pages', 'page', 100)" >/dev/null
expect "called to the end after that: differences" "0|" "$(on server -c "SELECT count(*), left(min(what), 200) FROM different")"
expect "deadlocks" 0 "$(grep -c 'deadlock detected' server.log || true)"
((failed == 0))
