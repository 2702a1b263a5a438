#!/usr/bin/env bash
# Faults: a backend that gets no more memory, no more time, no more disk. Each is a clear error, the tables are as before,
# the session and all others go on, and nothing of it stays in memory. (What ends a backend: test/load_interrupted.sh.)
set -euo pipefail
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=test/servers.bash
. "$project/test/servers.bash"

# The disk that gets full: a file system of 24 MB, mounted where only this test sees it.
if ((EUID == 0)); then
	disk=$directory/disk
	mkdir "$disk"
	mount -t tmpfs -o size=24m,mode=700 tmpfs "$disk" || {
		echo "a file system of 24 MB could not be mounted"
		exit 1
	}
	before_clean_up() {
		for name in "${!server_pids[@]}"; do kill -QUIT "${server_pids[$name]}" && wait "${server_pids[$name]}"; done 2>/dev/null
		umount "$disk"
	}
	chown "$user:" "$disk"
fi

make_cluster main
start_cluster main max_wal_size=64MB autovacuum=off jit=off max_parallel_workers_per_gather=0
on main -v generator="$project/bench/generate.sql" >/dev/null <<'SQL'
CREATE EXTENSION activity;
\i :generator
CREATE TABLE pages AS SELECT n, p.page AS json, p.page::jsonb AS jsonb,
        -- of these every item goes to json-c: an escape in what is kept
        replace(p.page::text, '"medium":"', '"medium":"\u0041')::json AS escaped
    FROM generate_pages(15000, page_size => 40000) WITH ORDINALITY AS p (page, n);
CREATE TABLE small AS SELECT n, p.page::jsonb AS page FROM generate_pages(2000, page_size => 500) WITH ORDINALITY AS p (page, n);
-- an item of which json-c makes a tree of hundreds of megabytes
CREATE TABLE tree AS SELECT ('[{"agentId": "\u0031", "start": "2026-01-01T00:00:00Z", "state": "Wrap", "interaction":
    {"guid": "7c1e0a10-0001-4a00-8000-0000000000a1"}, "other": [' || repeat('{},', 200000) || '1]}]')::json AS page;
CREATE TABLE many OF activity;
INSERT INTO many SELECT a.* FROM pages, activities(json) AS a;
CREATE TABLE others (n integer);
CREATE FUNCTION memory(name text) RETURNS bigint LANGUAGE sql
    RETURN substring(pg_read_file('/proc/self/status') FROM name || E':\\s*(\\d+)')::bigint;
CREATE FUNCTION contexts() RETURNS bigint LANGUAGE sql
    RETURN (SELECT sum(total_bytes) / 1024 FROM pg_backend_memory_contexts);
SQL
expect "a page is large" t "$(on main -c "SELECT max(octet_length(json::text)) > 8000000 FROM pages")"

# What is to fail, each by its name.
names=(json jsonb json_c json_c_tree errors sets stretches participations)
declare -A statements=(
	[json]="SELECT count(*) FROM pages, activities(json)"
	[jsonb]="SELECT count(*) FROM pages, activities(jsonb)"
	[json_c]="SELECT count(*) FROM pages, activities(escaped)"
	[json_c_tree]="SELECT count(*), max(agent_id) FROM tree, activities(page)"
	[errors]="SELECT count(*) FROM pages, activity_errors(replace(json::text, '\"agentId\"', '\"agent\"')::json)"
	[sets]="SELECT average_handle_time(m), unexpected_rate(m, 'NoAnswer') FROM many AS m"
	[stretches]="SELECT busy_time(m), peak_concurrency(m) FROM many AS m"
	[participations]="SELECT count(p), sum((p).handle_ms) FROM (SELECT participation(m) AS p FROM many AS m
		GROUP BY agent_id, interaction_guid, channel_guid) AS made"
)

# A session that goes on through all of it, to which statements are written, and what it answers.
coproc session { PGHOST=$directory/main exec psql -X -q -At -v ON_ERROR_STOP=0 -v VERBOSITY=sqlstate 2>&1; }
exec {to_session}>&"${session[1]}" {from_session}<&"${session[0]}"

# ask STATEMENT: sets answer to its last line.
ask() {
	local line
	printf '%s;\n\\echo done\n' "$1" >&"$to_session"
	answer=
	while IFS= read -r line <&"$from_session"; do
		[[ $line != "done" ]] || return 0
		answer=$line
	done
	echo "the session ended at: $1"
	exit 1
}

declare -A answers=()
ask "SET work_mem = '1GB'"
for name in "${names[@]}"; do
	ask "${statements[$name]}"
	answers[$name]=$answer
	[[ $answer != *ERROR* ]] || expect "$name" "an answer" "$answer"
done

# Memory: less and less address space, in a session each, which goes on afterwards. Every answer is right, or an error.
export AS_SERVER="${as_server[*]}"
declare -A exhausted=() right=()
for extra in 400000 200000 150000 120000 80000 60000 40000 30000 20000 14000 10000 7000 5000 3000 2000 1000 500 250; do
	for name in "${names[@]}"; do
		{
			echo "SET work_mem = '1GB'; SELECT count(*) FROM activities('[]'::json) AS a, activities('[]'::jsonb) AS b;"
			echo "SELECT count(*) FROM pages WHERE false; SELECT handle_time(m) FROM many AS m WHERE false;"
			echo "SELECT pg_backend_pid() AS pid, (memory('VmSize') + $extra) * 1024 AS bytes \\gset"
			printf '%s\n' '\setenv PID :pid' '\setenv BYTES :bytes' '\! $AS_SERVER prlimit --pid $PID --as=$BYTES:unlimited'
			echo "\\echo the answer"
			echo "${statements[$name]};"
			printf '%s\n' '\! $AS_SERVER prlimit --pid $PID --as=unlimited:unlimited'
			echo "SELECT 'goes on';"
		} >limited.sql
		on main -v ON_ERROR_STOP=0 -v VERBOSITY=sqlstate -f limited.sql >limited.out 2>&1 || true
		answer=$(sed -n '/^the answer$/,$p' limited.out)
		case $answer in
			"the answer"$'\n'"${answers[$name]}"$'\n'"goes on") ((right[$name] += 1)) || true ;;
			"the answer"$'\n'*"ERROR:  53200"$'\n'"goes on") ((exhausted[$name] += 1)) || true ;;
			*) expect "$name with $extra kB" "${answers[$name]}, or ERROR 53200" "$answer$(<limited.out)" ;;
		esac
	done
done
for name in "${names[@]}"; do
	echo "memory, $name: right ${right[$name]:-0} times, out of memory ${exhausted[$name]:-0} times"
done
for name in "${names[@]}"; do
	expect "memory ran out in $name, and sufficed" t "$([[ ${exhausted[$name]:-0} -gt 0 && ${right[$name]:-0} -gt 0 ]] && echo t)"
done

# Time: out of it at many moments, soon, and nothing stays.
stopped=0
slowest=0
for pass in 1 2; do
	for name in "${names[@]}"; do
		for ((ms = 1; ms <= 200; ms += 5 + ms / 4)); do
			ask "SET statement_timeout = $ms"
			began=$(date +%s%N)
			ask "${statements[$name]}"
			took=$((($(date +%s%N) - began) / 1000000 - ms))
			((took <= slowest)) || [[ $answer != *57014* ]] || slowest=$took
			case $answer in
				*57014*) ((stopped += 1)) ;;
				"${answers[$name]}") ;;
				*) expect "$name in $ms ms" "${answers[$name]}, or ERROR 57014" "$answer" ;;
			esac
		done
	done
	ask "SET statement_timeout = 0"
	((pass == 1)) || break
	# what the first pass has left is what the allocator keeps
	ask "SELECT contexts()"
	contexts=$answer
	ask "SELECT memory('RssAnon')"
	resident=$answer
done
expect "statements ran out of time" t "$([[ $stopped -gt 20 ]] && echo t)"
expect "they ended soon, the slowest after $slowest ms" t "$([[ $slowest -lt 3000 ]] && echo t)"
ask "SELECT contexts()"
expect "no memory context grew by $stopped time-outs: $contexts kB, $answer kB" t "$([[ $answer -lt $((contexts + 1024)) ]] && echo t)"
ask "SELECT memory('RssAnon')"
expect "nor did the process: $resident kB, $answer kB" t "$([[ $answer -lt $((resident + 20000)) ]] && echo t)"

# Disk: a table of activities fills it up, page by page.
if [[ ${disk:-} ]]; then
	on main -c "CREATE TABLESPACE small LOCATION '$disk'"
	on main >/dev/null <<-SQL
		SET default_tablespace = small;
		SELECT create_activity_table('kept');
	SQL
	state="SELECT (SELECT count(*) || ' ' || coalesce(sum(hashtext(k::text)), 0) FROM kept AS k),
		(SELECT count(*) || ' ' || coalesce(sum(hashtext(p::text)), 0) FROM kept_participation AS p)"
	full=
	for ((n = 1; n <= 200; n++)); do
		before=$(on main -c "$state")
		if ! error=$(on main -c "SELECT inserted FROM small, load_activities('kept', page) WHERE n = ($n - 1) % 10 + 1" \
			-c "INSERT INTO others VALUES ($n)" -c "UPDATE kept SET reported_at = reported_at" -v VERBOSITY=verbose 2>&1); then
			full=$n
			break
		fi
	done
	expect "the disk got full" t "$([[ $full ]] && echo t)"
	expect "with an error of PostgreSQL's" t "$([[ $error == *53100* || $error == *'No space left on device'* ]] && echo t)"
	# make sure that it is a load that finds it full
	before=$(on main -c "$state")
	dd if=/dev/zero of="$disk/filler" bs=4k 2>/dev/null || true
	loads=0
	for ((n = 1; n <= 10; n++)); do
		on main -v VERBOSITY=sqlstate -c "SELECT inserted FROM small, load_activities('kept', jsonb_set(page, '{items}', (SELECT jsonb_agg(i || '{\"agentId\": \"late$n\"}')
			FROM jsonb_array_elements(page -> 'items') AS i))) WHERE n = $n" >load.out 2>&1 || ! grep -q '53100' load.out || ((loads += 1))
	done
	expect "loads found the disk full" t "$([[ $loads -gt 5 ]] && echo t)"
	expect "the tables are as before" "$before" "$(on main -c "$state")"
	expect "other tables can be written" 1 "$(on main -c "INSERT INTO others VALUES (0) RETURNING 1")"
	ask "${statements[json]}"
	expect "other sessions go on" "${answers[json]}" "$answer"
	rm "$disk/filler"
	on main -c "ALTER TABLE kept SET TABLESPACE pg_default" -c "ALTER TABLE kept_participation SET TABLESPACE pg_default"
	for index in $(on main -c "SELECT indexrelid::regclass FROM pg_index WHERE indrelid IN ('kept'::regclass, 'kept_participation'::regclass)"); do
		on main -c "ALTER INDEX $index SET TABLESPACE pg_default"
	done
	on main -c "SELECT sum(inserted) > 0 FROM small, load_activities('kept', jsonb_set(page, '{items}', (SELECT jsonb_agg(i || '{\"agentId\": \"late1\"}')
		FROM jsonb_array_elements(page -> 'items') AS i))) WHERE n = 1" >load.out
	expect "with room again the load succeeds" t "$(<load.out)"
	expect "and participations are in step" 0 "$(on main -c "SELECT count(*) FROM (
		SELECT (participation(k)).* FROM kept AS k GROUP BY agent_id, interaction_guid, channel_guid
		EXCEPT SELECT * FROM kept_participation) AS differences")"
else
	echo "a disk cannot be filled without root: not tested"
	failed=1
fi

# Temporary files: a limit on them is an error, too.
ask "SET work_mem = '64kB'"
ask "SET temp_file_limit = '1MB'"
ask "${statements[json]}"
expect "temporary files have a limit" 53400 "$(grep -o 53400 <<<"$answer")"
ask "RESET temp_file_limit"
ask "${statements[json]}"
expect "without it it works" "${answers[json]}" "$answer"
expect "no backend crashed" 0 "$(grep -c 'terminated by signal\|PANIC' main.log || true)"
((failed == 0))
