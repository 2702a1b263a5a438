#!/usr/bin/env bash
# Faults: a backend that gets no more memory, no more time, no more disk. Each is a clear error, the tables are as before,
# the session and all others go on, and nothing of it stays in memory. (What ends a backend: test/load_interrupted.sh.)
set -euo pipefail

# In namespaces of its own, so that not even kill -9 leaves a server or a mounted file system behind. (In a chroot the
# propagation of mounts cannot be changed; script/releases.sh has done so outside of it.)
if [[ ! ${IN_NAMESPACES:-} ]]; then
	namespaces=(--pid --fork --kill-child --mount-proc)
	((EUID == 0)) || namespaces+=(--map-current-user --keep-caps)
	for propagation in private unchanged; do
		if unshare --mount --propagation "$propagation" "${namespaces[@]}" true 2>/dev/null; then
			IN_NAMESPACES=t exec unshare --mount --propagation "$propagation" "${namespaces[@]}" "${BASH_SOURCE[0]}"
		fi
	done
fi
project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=test/servers.bash
. "$project/test/servers.bash"

bystander=
before_clean_up() {
	# TERM: what a script starts in the background ignores QUIT
	[[ ! $bystander ]] || { kill -TERM "$bystander" && wait "$bystander"; } 2>/dev/null
	[[ ${disk:-} ]] || return 0
	for name in "${!server_pids[@]}"; do kill -QUIT "${server_pids[$name]}" && wait "${server_pids[$name]}"; done 2>/dev/null
	umount "$disk"
}

# The disk that gets full: a file system of 24 MB, mounted where only this test sees it.
if [[ ${IN_NAMESPACES:-} ]]; then
	disk=$directory/disk
	mkdir "$disk"
	mount -t tmpfs -o size=24m,mode=700 tmpfs "$disk" || {
		echo "a file system of 24 MB could not be mounted"
		exit 1
	}
	((EUID)) || chown "$user:" "$disk"
fi

make_cluster main
# what is freed goes back to the system at once, so that what a process still has is what it keeps
export MALLOC_TRIM_THRESHOLD_=131072 MALLOC_MMAP_THRESHOLD_=131072
start_cluster main max_wal_size=64MB autovacuum=off jit=off max_parallel_workers_per_gather=0
on main -v generator="$project/bench/generate.sql" >/dev/null <<'SQL'
CREATE EXTENSION activity;
\i :generator
CREATE TABLE pages AS SELECT n, p.page AS json, p.page::jsonb AS jsonb,
        -- of these every item goes to json-c: an escape in what is kept
        replace(p.page::text, '"medium":"', '"medium":"\u0041')::json AS escaped
    FROM generate_pages(15000, page_size => 40000) WITH ORDINALITY AS p (page, n);
CREATE TABLE small AS SELECT n, p.page::jsonb AS page, (SELECT count(*) FROM activities(p.page)) AS activities
    FROM generate_pages(2000, page_size => 500) WITH ORDINALITY AS p (page, n);
-- an item with a value for which json-c is given a hundred megabytes, and one with an unknown key of which it would make a
-- tree of hundreds, but which it does not get to see
CREATE TABLE long AS SELECT ('[{"agentId": "1", "start": "2026-01-01T00:00:00Z", "state": "Wrap", "interaction":
    {"guid": "7c1e0a10-0001-4a00-8000-0000000000a1", "medium": "' || repeat('\u0031', 4000000) || '"}}]')::json AS page;
CREATE TABLE tree AS SELECT ('[{"agentId": "\u0031", "start": "2026-01-01T00:00:00Z", "state": "Wrap", "interaction":
    {"guid": "7c1e0a10-0001-4a00-8000-0000000000a1"}, "other": [' || repeat('{},', 200000) || '1]}]')::json AS page;
CREATE TABLE many OF activity;
INSERT INTO many SELECT a.* FROM pages, activities(json) AS a;
-- as many again of nine others for each agent
CREATE TABLE plenty OF activity;
INSERT INTO plenty SELECT start, duration_ms, state, status, direction, interaction_guid, channel_guid, reason, agent_id || n
    FROM many, generate_series(0, 9) AS n;
ANALYZE plenty;
SELECT create_activity_table('loaded');
CREATE SEQUENCE queries;
CREATE TABLE others (n integer);
CREATE FUNCTION memory(name text) RETURNS bigint LANGUAGE sql
    RETURN substring(pg_read_file('/proc/self/status') FROM name || E':\\s*(\\d+)')::bigint;
CREATE FUNCTION plan(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    plan json;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON) ' || statement INTO plan;
    RETURN plan;
END
$$;
CREATE FUNCTION contexts() RETURNS bigint LANGUAGE sql
    RETURN (SELECT sum(total_bytes) / 1024 FROM pg_backend_memory_contexts);
SQL
expect "a page is large" t "$(on main -c "SELECT max(octet_length(json::text)) > 8000000 FROM pages")"

# What is to fail, each by its name.
names=(json jsonb json_c json_c_long errors sets stretches participations)
declare -A statements=(
	[json]="SELECT count(*) FROM pages, activities(json)"
	[jsonb]="SELECT count(*) FROM pages, activities(jsonb)"
	[json_c]="SELECT count(*) FROM pages, activities(escaped)"
	[json_c_long]="SELECT count(*), max(length(medium)) FROM long, activities(page)"
	[errors]="SELECT count(*) FROM pages, activity_errors(replace(json::text, '\"agentId\"', '\"agent\"')::json)"
	[sets]="SELECT average_handle_time(m), unexpected_rate(m, 'NoAnswer') FROM many AS m"
	[stretches]="SELECT busy_time(m), peak_concurrency(m) FROM many AS m"
	[participations]="SELECT count(p), sum((p).handle_ms) FROM (SELECT participation(m) AS p FROM many AS m
		GROUP BY agent_id, interaction_guid, channel_guid) AS made"
)
# What is to be stopped besides.
more=(slices sums_window sets_window sets_parallel stretches_parallel participations_parallel)
statements+=(
	[slices]="SELECT count(*), sum(s.duration_ms) FROM many AS m, activity_slices(m, '5 minutes') AS s"
	[sums_window]="SELECT sum(h) FROM (SELECT handle_time(m) OVER (ORDER BY start ROWS 1000 PRECEDING) AS h FROM many AS m) AS w"
	[sets_window]="SELECT sum(h) FROM (SELECT handled_participations(m) OVER (ORDER BY start ROWS 50 PRECEDING) AS h FROM many AS m) AS w"
	[sets_parallel]="SELECT average_handle_time(p), unexpected_rate(p, 'NoAnswer') FROM plenty AS p"
	[stretches_parallel]="SELECT busy_time(p), peak_concurrency(p) FROM plenty AS p"
	[participations_parallel]="SELECT count(p), sum((p).handle_ms) FROM (SELECT participation(p) AS p FROM plenty AS p
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

# prepare NAME: has the session make a plan with workers, or without.
prepare() {
	case $1 in
		*_parallel) ask "SET max_parallel_workers_per_gather = 2" ;;
		*) ask "SET max_parallel_workers_per_gather = 0" ;;
	esac
}

# So long each takes, in ms, and this is its answer.
declare -A answers=() takes=()
ask "SET work_mem = '1GB'; SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0"
for name in "${names[@]}" "${more[@]}"; do
	prepare "$name"
	for _ in 1 2; do
		began=$(date +%s%N)
		ask "${statements[$name]}"
		took=$((($(date +%s%N) - began) / 1000000 + 1))
		((took >= ${takes[$name]:-$took + 1})) || takes[$name]=$took
	done
	answers[$name]=$answer
	[[ $answer == *[0-9]* && $answer != *ERROR* ]] || expect "$name" "an answer" "$answer"
	[[ $name != *_parallel ]] || {
		ask "SELECT plan(\$\$${statements[$name]}\$\$) ~ '\"Workers Planned\": 2'"
		expect "$name has workers" t "$answer"
	}
done

# A bystander reads pages, over and over; a wrong answer is a division by zero, and ends it.
cat >bystander.sql <<'SQL'
\set n random(1, 4)
SELECT 1 / (count(*) = max(activities))::integer FROM small, activities(page) WHERE n = :n;
SELECT nextval('queries');
SQL
PGHOST=$directory/main pgbench -n -c 1 -R 20 -T 3600 -f bystander.sql postgres >bystander.log 2>&1 &
bystander=$!

# limited EXTRA LINE…: does what the lines say in a session, of which \i limit takes away what address space it does not
# have yet but EXTRA kB, and \i lift gives it back. Sets answer to what it printed.
export AS_SERVER="${as_server[*]}"
printf '%s\n' '\! $AS_SERVER prlimit --pid $PID --as=$BYTES:unlimited' >limit
printf '%s\n' '\! $AS_SERVER prlimit --pid $PID --as=unlimited:unlimited' >lift
limited() {
	local extra=$1
	shift
	{
		echo "SET work_mem = '1GB'; SELECT count(*) FROM activities('[]'::json) AS a, activities('[]'::jsonb) AS b;"
		echo "SELECT count(*) FROM pages WHERE false; SELECT handle_time(m) FROM many AS m WHERE false;"
		echo "SELECT load_activities('loaded', '[]'::jsonb), load_activities('loaded', '[]'::json);"
		echo "SELECT pg_backend_pid() AS pid, (memory('VmSize') + $extra) * 1024 AS bytes \\gset"
		printf '%s\n' '\setenv PID :pid' '\setenv BYTES :bytes' '\echo the answer' "$@" "SELECT 'goes on';"
	} >limited.sql
	on main -v ON_ERROR_STOP=0 -v VERBOSITY=sqlstate -f limited.sql >limited.out 2>&1 || true
	answer=$(sed '1,/^the answer$/d; s/^psql:.*ERROR:/ERROR:/' limited.out)
}

# Memory: less and less address space, in a session each, which goes on afterwards. Every answer is right, or an error.
declare -A exhausted=() right=() fails_with=()
extras=(400000 200000 150000 120000 80000 60000 40000 30000 20000 14000 10000 7000 5000 3000 2000 1000 500 250)
for extra in "${extras[@]}"; do
	for name in "${names[@]}"; do
		limited "$extra" '\i limit' "${statements[$name]};" '\i lift'
		case $answer in
			"${answers[$name]}"$'\n'"goes on") ((right[$name] += 1)) || true ;;
			"ERROR:  53200"$'\n'"goes on")
				((exhausted[$name] += 1)) || true
				: "${fails_with[$name]:=$extra}"
				;;
			*) expect "$name with $extra kB" "${answers[$name]}, or ERROR 53200" "$answer$(<limited.out)" ;;
		esac
	done
done
for name in "${names[@]}"; do
	echo "memory, $name: right ${right[$name]:-0} times, out of memory ${exhausted[$name]:-0} times, first with ${fails_with[$name]:-0} kB"
	expect "memory ran out in $name, and sufficed" t "$([[ ${exhausted[$name]:-0} -gt 0 && ${right[$name]:-0} -gt 0 ]] && echo t)"
done

# An unknown key takes no memory for a tree that is thrown away.
limited 20000 '\i limit' "SELECT count(*), max(agent_id) FROM tree, activities(page);" '\i lift'
expect "an item with a large unknown key, with 20000 kB" "1|1"$'\n'"goes on" "$answer"

# Loads: what runs out of memory has loaded nothing.
loaded="SELECT (SELECT count(*) || ' ' || coalesce(sum(hashtext(l::text)), 0) FROM loaded AS l) || ', ' ||
	(SELECT count(*) || ' ' || coalesce(sum(hashtext(l::text)), 0) FROM loaded_participation AS l)"
again="TRUNCATE loaded, loaded_participation"
for type in json jsonb; do
	load="SELECT inserted FROM pages, load_activities('loaded', $type)"
	whole=$(on main -c "$load" -c "$loaded" -c "$again")
	complete=0
	nothing=0
	for extra in "${extras[@]}"; do
		limited "$extra" '\i limit' "$load;" '\i lift' "$loaded; $again;"
		case $answer in
			"$whole"$'\n'"goes on") ((complete += 1)) ;;
			"ERROR:  53200"$'\n'"0 0, 0 0"$'\n'"goes on") ((nothing += 1)) ;;
			*) expect "a load of $type with $extra kB" "$whole, or ERROR 53200 and nothing" "$answer$(<limited.out)" ;;
		esac
	done
	expect "loads of $type: all of it $complete times, nothing $nothing times" t "$([[ $complete -gt 0 && $nothing -gt 0 ]] && echo t)"
done

# Thirty times without memory, in one session: nothing of it stays. What three times have left is what the allocator keeps;
# a block or two of PostgreSQL's caches come and go with what other sessions do.
for name in "${names[@]}"; do
	thrice=("${statements[$name]};" "${statements[$name]};" "${statements[$name]};")
	tenfold=()
	for _ in {1..10}; do tenfold+=("${thrice[@]}"); done
	limited $((fails_with[$name] / 2)) '\i limit' "${thrice[@]}" '\i lift' "SELECT 'used', memory('RssAnon'), contexts();" \
		'\i limit' "${tenfold[@]}" '\i lift' "SELECT 'used', memory('RssAnon'), contexts();"
	{ IFS='|' read -r _ resident contexts && IFS='|' read -r _ resident_after contexts_after; } < <(grep '^used' <<<"$answer")
	expect "$name without memory, each time" 33 "$(grep -c 'ERROR:  53200' <<<"$answer")"
	expect "it keeps nothing: $resident and $resident_after kB, in contexts $contexts and $contexts_after kB" t \
		"$([[ $answer == *"goes on" && $((resident_after - resident)) -lt 256 && $((contexts_after - contexts)) -lt 32 ]] && echo t)"
done

kill -0 "$bystander" || cat bystander.log
expect "another session goes on meanwhile" t "$(kill -0 "$bystander" && echo t)"
queries=$(on main -c "SELECT last_value FROM queries")
expect "it has done $queries queries" t "$([[ $queries -gt 100 ]] && echo t)"

# Whether the statement $1 was stopped before it could have been half done, in any pass.
stopped_soon() {
	[[ ${stopped[$1]:-0} -ge 4 && ${soonest[$1]} -lt $((takes[$1] / 2)) ]]
}

# Time: out of it at every stage, soon, and nothing stays. What a first pass leaves is what the allocator keeps. It may
# keep more in a later one, where something small has come to lie behind something large; what leaks grows in each. On a
# busy machine a short statement may need more passes to be stopped soon.
declare -A stopped=() soonest=() lates=()
slowest=0
stops=0
settled=
contexts=0
resident=0
for ((pass = 1; pass <= 5 && ${#settled} == 0; pass++)); do
	for name in "${names[@]}" "${more[@]}"; do
		prepare "$name"
		for ((part = 1; part <= 16; part++)); do
			ms=$((takes[$name] * part / 17 + 1))
			ask "SET statement_timeout = $ms"
			began=$(date +%s%N)
			ask "${statements[$name]}"
			took=$((($(date +%s%N) - began) / 1000000))
			case $answer in
				*57014*)
					((stopped[$name] += 1, stops += 1)) || true
					((took >= ${soonest[$name]:-$took + 1})) || soonest[$name]=$took
					late=$((took - ms))
					((late >= ${lates[$name $part]:-$late + 1})) || lates[$name $part]=$late
					;;
				"${answers[$name]}") ;;
				*) expect "$name in $ms ms" "${answers[$name]}, or ERROR 57014" "$answer" ;;
			esac
		done
		ask "SET statement_timeout = 0"
	done
	contexts_before=$contexts
	resident_before=$resident
	ask "SELECT contexts()"
	contexts=$answer
	ask "SELECT memory('RssAnon')"
	resident=$answer
	((pass == 1 || contexts > contexts_before || resident > resident_before + 1024)) || settled=t
	for name in "${names[@]}" "${more[@]}"; do
		stopped_soon "$name" || settled=
	done
done
# of each the soonest in all passes: what asks for interrupts too seldom is late in each of them, a busy machine in one
for key in "${!lates[@]}"; do
	((lates[$key] <= slowest)) || { slowest=${lates[$key]} && slowest_of=${key% *}; }
done
for name in "${names[@]}" "${more[@]}"; do
	expect "$name, of ${takes[$name]} ms, was stopped ${stopped[$name]:-0} times of $((16 * (pass - 1))), once after ${soonest[$name]} ms" t \
		"$(stopped_soon "$name" && echo t)"
done
expect "$stops times it ended soon, the slowest after $slowest ms ($slowest_of)" t "$([[ $slowest -lt 1000 ]] && echo t)"
expect "pass $((pass - 1)) left nothing: $resident_before and $resident kB, in contexts $contexts_before and $contexts kB" t "$settled"
expect "no worker is left" 0 "$(on main -c "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'parallel worker'")"

# Disk: a table of activities fills it up, with other agents in each round.
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
		if ! error=$(on main -c "SELECT sum(inserted) FROM small, load_activities('kept', replace(page::text, '\"agentId\": \"', '\"agentId\": \"$n ')::jsonb)" \
			-c "INSERT INTO others VALUES ($n)" -v VERBOSITY=verbose 2>&1); then
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
	echo "no file system of 24 MB can be mounted here without being seen elsewhere: a full disk is not tested"
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
