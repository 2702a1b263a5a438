# Pages that overlap, loads of them one by one and from four sessions at once, and comparisons of the tables: for tests that
# load tables of other kinds. Sourced after servers.bash, or a file with a function "on" of its own.
# shellcheck shell=bash
# shellcheck disable=SC2154 # project is the test's

# make_deliveries NODE: the table deliveries: pages of the samples, and generated ones in which each activity comes three
# times, open, ended, and with another status.
make_deliveries() {
	local file
	on "$1" -v generator="$project/bench/generate.sql" >/dev/null <<-'SQL'
		CREATE EXTENSION activity;
		\i :generator
		CREATE TABLE deliveries (nr integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body json NOT NULL);
	SQL
	for file in "$project"/sql/data/page-*.json "$project"/examples/pages/*.json*; do
		if [[ $file == *.jsonl ]]; then cat "$file"; else tr -d '\n' <"$file" && echo; fi
	done | on "$1" -c "\copy deliveries (body) FROM pstdin WITH (FORMAT csv, DELIMITER E'\x01', QUOTE E'\x02')"
	on "$1" <<-'SQL'
		INSERT INTO deliveries (body)
		    SELECT jsonb_build_object('upTo', max(up_to), 'items', jsonb_agg(item))
		    FROM (SELECT (row_number() OVER (ORDER BY md5(item::text || delivery)) - 1) / 250 AS page,
		              timestamp '2026-02-01' + delivery * interval '1 hour' AS up_to,
		              CASE delivery WHEN 1 THEN item || '{"duration": null, "status": "Ongoing"}' WHEN 2 THEN item || '{"status": "Ongoing"}' ELSE item END AS item
		          FROM generate_pages(300, 20, 3, 100) AS p, jsonb_array_elements(p::jsonb -> 'items') AS item, generate_series(1, 3) AS delivery) AS d
		    GROUP BY page ORDER BY page;
		INSERT INTO deliveries (body)
		    SELECT jsonb_build_object('upTo', timestamp '2026-02-01' + nr * interval '1 hour', 'items', jsonb_agg(jsonb_build_object(
		               'type', 'Presence', 'agentId', agent, 'start', timestamp '2026-01-05' + i * interval '1 hour', 'category', CASE i % 3 WHEN 0 THEN 'Away' ELSE 'Ready' END,
		               'name', CASE i % 2 WHEN 0 THEN 'Break' END, 'eligibleForRouting', i % 3 > 0, 'duration', CASE WHEN (i + nr) % 4 > 0 THEN 3000000 + nr END)))
		    FROM generate_series(1, 3) AS nr, generate_series(1, 12) AS i, generate_series(1, 10) AS agent GROUP BY nr;
	SQL
}

# rows NODE TABLE: all rows of the table and those beside it, column by column as the types have them, in order.
rows() {
	local node=$1 table=$2 type columns
	for type in activity participation presence; do
		columns=$(on "$node" -c "SELECT string_agg(attname, ', ' ORDER BY attnum) FROM pg_attribute
			WHERE attrelid = 'public.$type'::regclass AND attnum > 0")
		echo "$type"
		on "$node" -c "SELECT ROW($columns) FROM $table$([[ $type == activity ]] || echo "_$type")" | LC_ALL=C sort
	done
}

# load NODE TABLE: loads the pages one by one, json and jsonb in turn, then every seventh once more as an array of
# activities. Prints the counts of each.
load() {
	on "$1" -v table="$2" 2>&1 <<-'SQL' || true
		\set ON_ERROR_STOP on
		SELECT format('SELECT %s, l.* FROM load_activities(%L, (SELECT body%s FROM deliveries WHERE nr = %s), ''ignore'') AS l', nr, :'table',
		    CASE nr % 2 WHEN 0 THEN '::jsonb' END, nr) FROM deliveries ORDER BY nr \gexec
		SELECT format('SELECT %s, l.* FROM load_activities(%L, ARRAY(SELECT a::activity FROM deliveries, activities(body, ''ignore'') AS a WHERE nr = %s)) AS l', nr, :'table', nr)
		FROM deliveries WHERE nr % 7 = 0 ORDER BY nr \gexec
	SQL
}

# same WHAT EXPECTED FOUND: files; shows the first error in the second, or a few lines of the difference.
same() {
	expect "$1" "" "$(cmp -s "$2" "$3" || grep -m 1 -A 1 ERROR "$3" || diff "$2" "$3" | head -n 6 | cut -c 1-300)"
}

# load_at_once TABLE NODE…: loads from a session on each of the nodes at once, each with all pages in an order of its own.
# Expects no error, the rows of the file rows.alone, and participations as computed afresh.
load_at_once() {
	local table=$1 node session=0 sessions=()
	shift
	for node in "$@"; do
		((session += 1))
		on "$node" -c "SELECT format('SELECT load_activities(%L, (SELECT body FROM deliveries WHERE nr = %s), ''ignore'');', '$table', nr)
			FROM deliveries ORDER BY md5(nr || 'session $session')" >"at_once.$session.sql"
		on "$node" -f "at_once.$session.sql" >/dev/null 2>"at_once.$session.log" &
		sessions+=($!)
	done
	wait "${sessions[@]}" || true
	expect "$table, $# sessions at once: errors" "" "$(cat at_once.?.log | grep -m 3 ERROR)"
	rows "$1" "$table" >"rows.$table"
	same "$table, $# sessions at once: rows" rows.alone "rows.$table"
	on "$1" -c "SELECT participation(row(a.*)::activity) FROM $table AS a GROUP BY agent_id, interaction_guid, channel_guid" |
		LC_ALL=C sort >afresh
	sed '1,/^participation$/d; /^presence$/,$d' "rows.$table" >kept
	same "$table, $# sessions at once: participations as computed afresh" afresh kept
}

# run_document NODE KIND: runs the blocks of SQL in doc/scale.md that begin with "```sql KIND", in one session, and prints
# their output.
run_document() {
	awk -v first="\`\`\`sql $2" '$0 == first { inside = 1; next } /^```$/ { inside = 0 } inside' "$project/doc/scale.md" >"document.$2"
	[[ -s document.$2 ]]
	on "$1" -f "document.$2" 2>&1
}
