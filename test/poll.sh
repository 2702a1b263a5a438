#!/usr/bin/env bash
# Shows that examples/poll brings everything that the API has into the tables, and leaves no gap: poll_api.py is a mock of
# the API, whose items move between pages while they are fetched, and which expires tokens and fails. If it is killed at
# any moment, or loses its session in any statement, and is run again, it ends in the same tables, with each page once. No
# secret is shown in a list of processes. Gaps and missing pages are found, and can be fetched again.
set -euo pipefail
project=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d "$PWD/poll.XXXXXX")
api_pid=
clean_up() {
	local status=$?
	[[ ! $api_pid ]] || kill "$api_pid"
	dropdb --if-exists --force activity_poll 2>/dev/null
	((status == 0)) || tail -n 40 "$scratch/log"
	rm -rf "$scratch"
	exit "$status"
}
trap clean_up EXIT
# shellcheck source=test/expect.bash
. "$project/test/expect.bash"

unset PGTZ PGOPTIONS
export PGDATABASE=activity_poll
export ACTIVITY_CLIENT_ID='id&1' ACTIVITY_CLIENT_SECRET='s3cr+t =%&"\ß' ACTIVITY_SINCE='2026-11-02 08:00Z'
export ACTIVITY_WINDOW='40 minutes' ACTIVITY_LIMIT=25 ACTIVITY_RETRY_SECONDS=0
python3 -B "$project/test/poll_api.py" >"$scratch/port" &
api_pid=$!
until [[ -s $scratch/port ]]; do
	kill -0 "$api_pid"
	sleep 0.1
done
api=http://127.0.0.1:$(<"$scratch/port")
export ACTIVITY_API=$api/stats ACTIVITY_TOKEN_URL=$api/token

sql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }
control() { curl --silent --show-error --fail "$api/control/$1"; }

# Makes a database in which now() is as many seconds after 08:00 as clock.moment has. A session whose setting clock.dies_in
# is the name of a table is terminated when it stores a row there.
make_database() {
	dropdb --if-exists --force activity_poll 2>/dev/null
	createdb activity_poll
	sql -f "$project/examples/poll.sql"
	sql <<-'SQL'
		CREATE SCHEMA clock;
		CREATE TABLE clock.moment AS SELECT 0.0 AS seconds;
		CREATE FUNCTION clock.now() RETURNS timestamptz
		    RETURN (SELECT timestamptz '2026-11-02 08:00Z' + seconds * interval '1 second' FROM clock.moment);
		CREATE FUNCTION clock.die() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
		    IF TG_TABLE_NAME = current_setting('clock.dies_in', true) THEN
		        PERFORM pg_terminate_backend(pg_backend_pid());
		    END IF;
		    RETURN NULL;
		END
		$$;
		SELECT format('CREATE TRIGGER die AFTER INSERT OR UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION clock.die()', relname)
		FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' \gexec
	SQL
}

# set_clocks SECONDS [SECONDS]: sets the clock of the API, and that of the server, to the same time unless both are given.
set_clocks() {
	control "clock?now=$1"
	sql -c "UPDATE clock.moment SET seconds = ${2-$1}"
}

# poll [TABLE [FROM TO]]: runs examples/poll, with its temporary files in $scratch/work. Its session is terminated when it
# stores a row in TABLE.
mkdir "$scratch/work"
poll() {
	TMPDIR=$scratch/work PGOPTIONS="-c search_path=clock,public,pg_catalog -c clock.dies_in=${1-}" \
		"$project/examples/poll" "${@:2}" >>"$scratch/log" 2>&1
}

# poll_killed_after NUMBER: runs it, and kills it when it has sent that number of requests.
poll_killed_after() {
	local status=0
	(control "kill?pid=$BASHPID&after=$1" &&
		TMPDIR=$scratch/work PGOPTIONS='-c search_path=clock,public,pg_catalog' exec "$project/examples/poll") \
		>>"$scratch/log" 2>&1 || status=$?
	expect "killed after $1 requests" 137 "$status"
}

# Runs it until it succeeds: the session of a killed one may still be in its last statement.
poll_again() {
	local _
	for _ in {1..50}; do
		! poll || return 0
		sleep 0.2
	done
	return 1
}

# check NAME: checks the tables, after the last poll has fetched everything.
check() {
	sql -v truth="$(control truth)" >"$scratch/found" <<-'SQL'
		\set columns 'agent_id, interaction_guid, channel_guid, start, state, status, duration_ms, reason, medium, direction'
		\set presence_columns 'agent_id, start, category, duration_ms, name, eligible_for_routing'
		CREATE TEMPORARY TABLE truth AS SELECT :'truth'::json AS page;
		SELECT 'activities', count(*) > 300, count(duration_ms) < count(*) FROM agent_activity;
		SELECT 'presences', count(*) > 20 FROM agent_activity_presence;
		SELECT 'activities that differ', count(*) FROM (
		    (SELECT :columns FROM agent_activity EXCEPT ALL SELECT :columns FROM truth, activities(page)) UNION ALL
		    (SELECT :columns FROM truth, activities(page) EXCEPT ALL SELECT :columns FROM agent_activity)) AS d;
		SELECT 'presences that differ', count(*) FROM (
		    (SELECT :presence_columns FROM agent_activity_presence EXCEPT ALL SELECT :presence_columns FROM truth, presences(page)) UNION ALL
		    (SELECT :presence_columns FROM truth, presences(page) EXCEPT ALL SELECT :presence_columns FROM agent_activity_presence)) AS d;
		-- the tables are what the pages make
		SELECT create_activity_table('again') \g /dev/null
		SELECT load_activities('again', body) FROM pages \g /dev/null
		SELECT 'activities not of the pages', count(*) FROM (
		    (TABLE agent_activity EXCEPT ALL TABLE again) UNION ALL (TABLE again EXCEPT ALL TABLE agent_activity)) AS d;
		SELECT 'participations not of the pages', count(*) FROM (
		    (TABLE agent_activity_participation EXCEPT ALL TABLE again_participation) UNION ALL
		    (TABLE again_participation EXCEPT ALL TABLE agent_activity_participation)) AS d;
		SELECT 'presences not of the pages', count(*) FROM (
		    (TABLE agent_activity_presence EXCEPT ALL TABLE again_presence) UNION ALL
		    (TABLE again_presence EXCEPT ALL TABLE agent_activity_presence)) AS d;
		DROP TABLE again, again_participation, again_presence;
		SELECT 'endpoint', endpoint, count(*) > 3, max(pages) > 1, min(requested_start) AT TIME ZONE 'UTC', count(missing),
		    count(*) FILTER (WHERE requested_end - requested_start > interval '40 minutes')
		FROM polls GROUP BY endpoint ORDER BY endpoint;
		SELECT 'gaps', count(*)
		FROM (SELECT lead(requested_start) OVER polls > max(known_until) OVER polls AS gap
		      FROM polls WINDOW polls AS (PARTITION BY endpoint ORDER BY requested_start, requested_end)) AS p
		WHERE gap;
		SELECT 'error bodies', count(*) FROM pages, activity_errors(body);
	SQL
	expect "$1: all that the API has is in the tables" 'activities|t|t
presences|t
activities that differ|0
presences that differ|0
activities not of the pages|0
participations not of the pages|0
presences not of the pages|0
endpoint|interactions|t|t|2026-11-02 08:00:00|0|0
endpoint|presence|t|f|2026-11-02 08:00:00|0|0
gaps|0
error bodies|0' "$(<"$scratch/found")"
}

# ---- Undisturbed, but for the API ----

make_database
ACTIVITY_SINCE='' expect_error "the first poll needs a beginning" "set ACTIVITY_SINCE" bash -c '"$1"' bash "$project/examples/poll"
ACTIVITY_CLIENT_ID=other expect_error "credentials that are refused" "responded with 400" "$project/examples/poll"
set_clocks 1500
poll
set_clocks 3000 3100 # the server's clock is ahead: upTo is before the requested end
poll
set_clocks 6800 # two windows
poll
set_clocks 10500
poll
check "failing API"
expect "nothing is left in the temporary directory" '' "$(ls "$scratch/work")"
expect "every fault has occurred" '' "$(control faults)"
expect "a token could not be had at once" t "$( (($(control 'count?of=503%20for%20a%20token'))) && echo t)"
expect "pages that do not fit together were fetched once more" t "$(grep -q 'do not fit together; once more' "$scratch/log" && echo t)"
for fault in refused too%20early a%20process%20shows%20a%20secret; do
	expect "${fault//%20/ }" 0 "$(control "count?of=$fault")"
done

# ---- Gaps ----

# Prints FROM and TO of everything that must be fetched again: polls with missing pages, and times between polls.
gaps() {
	sql -F ' ' <<-'SQL'
		SET TIME ZONE 'UTC';
		SELECT to_char(gap_start, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), to_char(gap_end, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
		FROM (SELECT requested_start AS gap_start, requested_end AS gap_end
		      FROM polls WHERE endpoint = 'interactions' AND missing IS NOT NULL
		      UNION ALL
		      SELECT max(known_until) OVER polls, lead(requested_start) OVER polls
		      FROM polls WHERE endpoint = 'interactions' WINDOW polls AS (ORDER BY requested_start, requested_end)) AS p
		WHERE gap_end > gap_start ORDER BY gap_start;
	SQL
}
sql <<-'SQL'
	DELETE FROM pages WHERE (requested_start, page) = (SELECT min(requested_start), 2 FROM polls WHERE pages > 1);
	DELETE FROM pages WHERE (endpoint, requested_end) = (SELECT 'interactions', max(requested_end) FROM polls WHERE pages > 1);
SQL
expect "a missing page and a missing poll" 2 "$(gaps | wc -l)"
while read -r from to; do
	ACTIVITY_ENDPOINTS=interactions poll '' "$from" "$to"
done < <(gaps)
expect "fetched again" '' "$(gaps)"
expect "the page is stored with its poll" 0 "$(sql -c 'SELECT count(missing) FROM polls')"
ACTIVITY_ENDPOINTS=interactions poll '' 2026-11-02T10:50Z 2027-11-02T10:50Z
expect "nothing is asked of the future" '2026-11-02 10:54:50' "$(sql -c "SELECT max(requested_end) AT TIME ZONE 'UTC' FROM pages")"

# ---- One at a time ----

control hold
set_clocks 11000
poll &
waiting=$!
until [[ $(control 'count?of=waiting') == 1 ]]; do
	kill -0 "$waiting"
	sleep 0.1
done
expect_error "a second one" "another poll is under way" env PGOPTIONS= "$project/examples/poll"
control go
wait "$waiting"

# ---- Killed ----

control reset
make_database
for moment in 1500 10500; do
	set_clocks "$moment"
	for after in 1 4; do
		poll_killed_after "$after" 2>/dev/null
	done
	for table in agent_activity agent_activity_participation agent_activity_presence pages; do
		! poll "$table" || expect "stored into $table" "an error" "none"
	done
	poll_again
done
check "killed"
((failed == 0))
