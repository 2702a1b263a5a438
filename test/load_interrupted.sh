#!/usr/bin/env bash
# Shows that loads that are interrupted at random moments (statement_timeout, pg_cancel_backend, pg_terminate_backend,
# kill -9 of the backend) leave both tables as they were before or as they are after, that other sessions go on, and
# that loading again completes the tables.
set -euo pipefail

# In a server of its own, since kill -9 of one of its processes ends all sessions of a server.
generator=$(cd "$(dirname "$0")/.." && pwd)/bench/generate.sql
directory=$(mktemp -d)
server=
bystander=
clean_up() {
	local status=$?
	trap - EXIT
	# TERM for pgbench: what a script starts in the background ignores QUIT
	[[ ! $bystander ]] || { kill -TERM "$bystander" 2>/dev/null && wait "$bystander" 2>/dev/null; }
	[[ ! $server ]] || { kill -QUIT "$server" 2>/dev/null && wait "$server" 2>/dev/null; }
	((status == 0)) || tail -n 30 "$directory/log"
	rm -rf "$directory"
	exit "$status"
}
trap clean_up EXIT

# As root it runs as the user that runs the server of the other tests.
as_server=()
if ((EUID == 0)); then
	user=$(stat -c %U "$PGHOST" 2>/dev/null || true)
	[[ $user && $user != root ]] || user=nobody
	as_server=(setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups --)
	chown "$user:" "$directory"
fi
PATH="$(dirname "$(type -P postgres || echo "$("${PG_CONFIG:-pg_config}" --bindir)/postgres")"):$PATH"
export PGHOST=$directory PGPORT=5432 PGUSER=postgres PGDATABASE=postgres
cd "$directory"
: >log
chmod 666 log
"${as_server[@]}" initdb -D "$directory/data" -U postgres -A trust --no-locale -E UTF8 --no-sync >>log
"${as_server[@]}" postgres -D "$directory/data" -c listen_addresses= -c unix_socket_directories="$directory" \
	-c fsync=off -c max_wal_size=128MB -c autovacuum_naptime=1s >>log 2>&1 &
server=$!

wait_for_server() {
	local _
	for _ in {1..2400}; do
		if psql -X -q -c 'SELECT' >/dev/null 2>&1; then
			return
		fi
		sleep 0.05
	done
	echo "the server does not answer"
	exit 1
}

run_psql() {
	psql -X -q -At -v ON_ERROR_STOP=1 "$@"
}

wait_for_server
# 24 pages of some 100 items each, no participation on two of them. An item's medium tells its page, its report the load.
run_psql -v generator="$generator" <<'SQL'
SET client_min_messages = warning;
CREATE EXTENSION activity;
\i :generator
CREATE TABLE page AS
    SELECT page, count(*) AS count, jsonb_agg(jsonb_set(item, '{interaction,medium}', to_jsonb(page::text))) AS items
    FROM generate_pages(1000, 20, 5, 100000) AS p, jsonb_array_elements(p::jsonb -> 'items') AS item,
         mod(abs(hashtext(concat_ws(' ', item ->> 'agentId', item #>> '{interaction,guid}', item #>> '{channel,guid}'))), 24) AS page
    GROUP BY page;
CREATE SEQUENCE load;
CREATE SEQUENCE bystanders_load;
CREATE FUNCTION next_delivery(page integer) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('items', items, 'upTo', timestamp '2026-02-01' + nextval('load') * interval '1 second')
    FROM page AS p WHERE p.page = next_delivery.page
$$;
DO $$ BEGIN PERFORM create_activity_table('kept'); END $$;
-- so that pages are also loaded for the first time
CREATE FUNCTION forget(page integer) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    LOCK TABLE kept_participation, kept IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM kept_participation WHERE medium = page::text;
    DELETE FROM kept WHERE medium = page::text;
END
$$;
-- what is between before and after, in the snapshot of one statement
CREATE VIEW broken AS
    WITH afresh AS (
        SELECT (p).* FROM (SELECT participation(a) AS p FROM kept AS a
                           GROUP BY agent_id, interaction_guid, channel_guid) AS v)
    SELECT 'page ' || medium || ': ' || count(*) || ' activities of ' || count(DISTINCT reported_at) || ' loads' AS what
    FROM kept GROUP BY medium
    HAVING count(DISTINCT reported_at) <> 1 OR count(*) <> (SELECT count FROM page WHERE page::text = medium)
    UNION ALL SELECT 'not kept: ' || p FROM (TABLE afresh EXCEPT ALL TABLE kept_participation) AS p
    UNION ALL SELECT 'not afresh: ' || p FROM (TABLE kept_participation EXCEPT ALL TABLE afresh) AS p;
VACUUM ANALYZE;
SQL

# What the victims do: load pages at random, now and then one that is new to the tables.
{
	for _ in {1..200}; do
		((RANDOM % 4)) || echo "SELECT forget($((RANDOM % 24)));"
		echo "SELECT load_activities('kept', next_delivery($((RANDOM % 24))));"
	done
} >victim.sql
cat >bystander.sql <<'SQL'
\set page random(0, 23)
SELECT load_activities('kept', next_delivery(:page));
SELECT nextval('bystanders_load');
SQL

check() {
	local try
	# a server that is about to restart may still take a connection, and end it
	for try in 1 2 3; do
		! run_psql -c 'SELECT what FROM broken LIMIT 5' >broken || break
		((try < 3)) || exit 1
		wait_for_server
	done
	if [[ -s broken ]]; then
		echo "after $1 the tables are between before and after:"
		cat broken
		exit 1
	fi
}

# How many loads the server's log says were ended by an error like $1.
loads_ended() {
	awk -v error="$1" '{ process = $4 }
		index($0, error) { ended[process] = 1 }
		/STATEMENT: |Failed process was running: / && ended[process] {
			count += /SELECT load_activities/
			delete ended[process]
		}
		END { print count + 0 }' log
}

# interrupt FUNCTION TIMES MESSAGE: starts a victim and calls the function at a random moment, so many times, and more
# often if too few loads were hit: on a busy machine a victim spends most of its time between them.
interrupt() {
	local turn victim hits=0
	for ((turn = 0; turn < $2 || (hits <= $2 / 5 && turn < 10 * $2); turn++)); do
		PGAPPNAME=victim psql -X -q -At -f victim.sql >/dev/null 2>&1 &
		victim=$!
		until [[ $(run_psql -c "SELECT pg_sleep(random() * 0.02), $1(pid) FROM ($victims) AS v") ]]; do
			kill -0 "$victim" 2>/dev/null || break    # it was faster
		done
		check "$1"
		# one that was cancelled goes on
		psql -X -q -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'victim'" >/dev/null
		wait "$victim" || true
		((turn % 10 < 9)) || hits=$(loads_ended "$3")
	done
	echo "$1: $hits loads"
	((hits > $2 / 5))
}

victims="SELECT pid FROM pg_stat_activity WHERE application_name = 'victim' AND query LIKE '%load_activities%'"
pgbench -n -c 1 -T 600 -f bystander.sql postgres >bystander.log 2>&1 &
bystander=$!

# the faster the machine, the fewer are hit in a turn
for turn in {1..300}; do
	PGOPTIONS="-c statement_timeout=$((1 + turn % 6))" psql -X -q -At -f <(head -n 20 victim.sql) >/dev/null 2>&1 || true
	check statement_timeout
	((turn % 30)) || (($(loads_ended 'canceling statement due to statement timeout') <= 20)) || break
done
hits=$(loads_ended 'canceling statement due to statement timeout')
echo "statement_timeout: $hits loads"
((hits > 20))
interrupt pg_cancel_backend 50 'canceling statement due to user request'
interrupt pg_terminate_backend 50 'terminating connection due to administrator command'

if ! kill -0 "$bystander" 2>/dev/null; then
	echo "another session has ended:"
	cat bystander.log
	exit 1
fi
kill "$bystander"
wait "$bystander" 2>/dev/null || true
bystander=
bystanders_loads=$(run_psql -c 'SELECT last_value FROM bystanders_load')
echo "another session: $bystanders_loads loads meanwhile"
((bystanders_loads > 200))

hits=0
for ((turn = 0; turn < 10 || (hits <= 2 && turn < 50); turn++)); do
	PGAPPNAME=victim psql -X -q -At -f victim.sql >/dev/null 2>&1 &
	victim=$!
	pid=
	until [[ $pid ]] || ! kill -0 "$victim" 2>/dev/null; do
		pid=$(run_psql -c "$victims") || true
	done
	sleep "0.0$((RANDOM % 90 + 10))"
	[[ ! $pid ]] || kill -KILL "$pid" || true
	wait "$victim" || true
	# until the postmaster has noticed
	sleep 0.3
	wait_for_server
	check "kill -9"
	hits=$(loads_ended 'was terminated by signal 9')
done
echo "kill -9: $hits loads"
((hits > 2))

# all pages once more, and the same into new tables
run_psql >differences <<'SQL'
CREATE TABLE last AS SELECT page, next_delivery(page) AS delivery FROM page;
DO $$ BEGIN
    PERFORM load_activities('kept', delivery) FROM last;
    PERFORM create_activity_table('again');
    PERFORM load_activities('again', delivery) FROM last;
END $$;
SELECT * FROM broken;
SELECT 'pages' FROM kept HAVING count(DISTINCT medium) <> 24 OR count(*) <> (SELECT sum(count) FROM page);
SELECT d FROM (TABLE kept EXCEPT ALL TABLE again) AS d;
SELECT d FROM (TABLE again EXCEPT ALL TABLE kept) AS d;
SELECT d FROM (TABLE kept_participation EXCEPT ALL TABLE again_participation) AS d;
SELECT d FROM (TABLE again_participation EXCEPT ALL TABLE kept_participation) AS d;
SELECT deadlocks || ' deadlocks' FROM pg_stat_database WHERE datname = current_database() AND deadlocks > 0;
SQL
if [[ -s differences ]]; then
	echo "loaded again, the tables are not complete:"
	head differences
	exit 1
fi
