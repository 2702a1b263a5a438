#!/usr/bin/env bash
# Shows that four sessions that load overlapping, re-delivered pages in random order, 10,000 loads in all, never
# deadlock, and end in the tables that one session ends in: the best delivery of each activity and presence, and
# participations in step. The same pages, each once, end in the same tables where these are partitioned by month or by
# hash, or untyped with other columns in another order.
set -euo pipefail

database=activity_load_concurrently
loads=10000
sessions=4
export PGOPTIONS="-c client_min_messages=warning"
trap 'dropdb --if-exists --force "$database" 2>/dev/null || true' EXIT
dropdb --if-exists --force "$database"
createdb "$database"

run_psql() {
	psql -X -q -At -v ON_ERROR_STOP=1 -d "$database" "$@"
}

# Pages of up to twenty activities, drawn at random from some 800, and up to twelve presences, drawn from 200: of the
# same ones other pages tell something else, at another time. A quarter as many as loads: each is loaded four times.
run_psql -v loads="$loads" -v generator="$(cd "$(dirname "$0")/.." && pwd)/bench/generate.sql" <<'SQL'
CREATE EXTENSION activity;
\i :generator
SELECT setseed(0.5);
CREATE TABLE item AS
    SELECT row_number() OVER () AS nr, i AS item
    FROM generate_pages(300, 30, 5, 10000) AS p, jsonb_array_elements(p::jsonb -> 'items') AS i;
ALTER TABLE item ADD PRIMARY KEY (nr);
CREATE TABLE activities_of_page AS
    SELECT p, jsonb_agg(jsonb_set(jsonb_set(jsonb_set(item,
                   '{duration}', CASE floor(random() * 3) WHEN 0 THEN 'null' WHEN 1 THEN to_jsonb(floor(random() * 5)) ELSE item -> 'duration' END),
                   '{status}', (ARRAY['"Ongoing"', '"InternalError"', '"Completed"']::jsonb[])[1 + floor(random() * 3)]),
                   '{reason}', (ARRAY['"NumberBusy"', 'null', item -> 'reason'])[1 + floor(random() * 3)])) AS items
    FROM (SELECT p, 1 + floor(random() * (SELECT count(*) FROM item))::bigint AS nr
          FROM generate_series(1, :loads / 4) AS p, generate_series(1, p % 21)) AS drawn
        JOIN item USING (nr)
    GROUP BY p;
CREATE TABLE presences_of_page AS
    SELECT p, jsonb_agg(jsonb_build_object(
                  'type', 'Presence', 'agentId', nr % 10, 'start', timestamp '2026-02-01' + nr / 10 % 5 * interval '1 minute',
                  'category', (enum_range(NULL::presence_category))[1 + nr / 50],
                  'duration', CASE WHEN random() < 0.7 THEN floor(random() * 5) * 30000 END,
                  'name', (ARRAY['Break', 'Lunch', NULL])[1 + floor(random() * 3)], 'eligibleForRouting', random() < 0.5)) AS items
    FROM (SELECT p, floor(random() * 200)::integer AS nr
          FROM generate_series(1, :loads / 4) AS p, generate_series(1, p % 13)) AS drawn
    GROUP BY p;
CREATE TABLE page AS
    SELECT p, jsonb_build_object('upTo', timestamp '2026-02-01' + p % 100 * interval '1 minute',
                                 'items', coalesce(a.items, '[]') || coalesce(b.items, '[]')) AS page
    FROM generate_series(1, :loads / 4) AS p
        LEFT JOIN activities_of_page AS a USING (p)
        LEFT JOIN presences_of_page AS b USING (p);
CREATE TABLE delivery AS
    SELECT row_number() OVER (ORDER BY random()) AS turn, page FROM page, generate_series(1, 4);
ALTER TABLE delivery ADD PRIMARY KEY (turn);
CREATE SEQUENCE turn;
CREATE TABLE once AS SELECT row_number() OVER (ORDER BY random()) AS turn, page FROM page;
ALTER TABLE once ADD PRIMARY KEY (turn);
VACUUM ANALYZE;
DO $$ BEGIN
    PERFORM create_activity_table('concurrent'), create_activity_table('sequential');
    IF (SELECT count(*) FROM delivery) <> 10000 THEN RAISE 'not as many deliveries as loads'; END IF;
END $$;
SQL

# One load in twenty is not committed at once, so that others find its participations locked.
cat >load.sql <<'SQL'
SELECT nextval('turn') AS turn \gset
\if :turn % 20 = 0
BEGIN;
\endif
SELECT load_activities('concurrent', page) FROM delivery WHERE turn = :turn;
\if :turn % 20 = 0
\sleep 5 ms
COMMIT;
\endif
SQL
# run_sessions LOADS ARGUMENTS…: pgbench; its log tells of any error.
run_sessions() {
	if ! pgbench -n -c "$sessions" -j 2 -t $(($1 / sessions)) "${@:2}" "$database" >pgbench.log 2>&1 ||
		grep -iE 'error|abort|fail.*[1-9]' pgbench.log ||
		! grep -qF "number of transactions actually processed: $1/$1" pgbench.log; then
		cat pgbench.log
		return 1
	fi
}

started=$(date +%s.%N)
run_sessions "$loads" -f load.sql &
pgbench=$!
# how often a session was seen to wait for another: the pages do overlap
waits=0
while kill -0 "$pgbench" 2>/dev/null; do
	((waits += $(run_psql -c "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"))) || true
done
wait "$pgbench"
seconds=$(awk -v started="$started" -v ended="$(date +%s.%N)" 'BEGIN { printf "%.1f", ended - started }')
echo "$loads loads by $sessions sessions in $seconds s, $(awk "BEGIN { printf \"%.0f\", $loads / $seconds }") loads/s; seen to wait $waits times"

# Tables of other kinds.
run_psql <<'SQL'
CREATE FUNCTION create_parts(parent text, clause text, parts text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. cardinality(parts) LOOP
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES %s', parent || '_' || i, parent, format(clause, VARIADIC string_to_array(parts[i], '|')));
    END LOOP;
END
$$;
CREATE TABLE month (LIKE activity, UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid, start, state)) PARTITION BY RANGE (start);
SELECT create_parts('month', 'FROM (%L) TO (%L)', ARRAY['2000-01-01Z|2025-12-01Z', '2025-12-01Z|2026-01-01Z', '2026-01-01Z|2026-02-01Z', '2026-02-01Z|2030-01-01Z']) \g /dev/null
CREATE TABLE month_participation (LIKE participation, UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid)) PARTITION BY RANGE (interaction_guid);
SELECT create_parts('month_participation', 'FROM (%s) TO (%s)', ARRAY['MINVALUE|''80000000-0000-0000-0000-000000000000''', '''80000000-0000-0000-0000-000000000000''|MAXVALUE']) \g /dev/null
CREATE TABLE month_presence (LIKE presence, UNIQUE NULLS NOT DISTINCT (agent_id, start, category)) PARTITION BY RANGE (start);
SELECT create_parts('month_presence', 'FROM (%L) TO (%L)', ARRAY['2000-01-01Z|2026-02-01 00:02Z', '2026-02-01 00:02Z|2030-01-01Z']) \g /dev/null
CREATE TABLE hash OF activity (UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid, start, state)) PARTITION BY HASH (agent_id);
SELECT create_parts('hash', 'WITH (MODULUS 3, REMAINDER %s)', '{0,1,2}') \g /dev/null
CREATE TABLE hash_participation OF participation (UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid)) PARTITION BY HASH (agent_id);
SELECT create_parts('hash_participation', 'WITH (MODULUS 3, REMAINDER %s)', '{0,1,2}') \g /dev/null
CREATE TABLE hash_presence OF presence (UNIQUE NULLS NOT DISTINCT (agent_id, start, category)) PARTITION BY HASH (agent_id);
SELECT create_parts('hash_presence', 'WITH (MODULUS 3, REMAINDER %s)', '{0,1,2}') \g /dev/null
CREATE TABLE wide (account text DEFAULT 'acme', agent_id text COLLATE "C", medium text, medium_manager text, reported_at timestamptz, channel_guid uuid, interaction_guid uuid,
    loaded_at timestamptz DEFAULT now(), state interaction_state, status interaction_status, reason activity_reason, direction interaction_direction, duration_ms bigint, start timestamptz,
    UNIQUE NULLS NOT DISTINCT (state, agent_id, interaction_guid, start, channel_guid));
CREATE TABLE wide_participation (account text DEFAULT 'acme', LIKE participation, UNIQUE NULLS NOT DISTINCT (agent_id, interaction_guid, channel_guid));
CREATE TABLE wide_presence (account text DEFAULT 'acme', LIKE presence, UNIQUE NULLS NOT DISTINCT (agent_id, start, category));
SQL
for target in month hash wide; do
	run_psql -c "ALTER SEQUENCE turn RESTART"
	cat >load_once.sql <<-SQL
		SELECT nextval('turn') AS turn \gset
		SELECT load_activities('$target', page) FROM once WHERE turn = :turn;
	SQL
	run_sessions $((loads / 4)) -f load_once.sql
done

# The same pages, each once, by one session; and the best deliveries in plain SQL.
run_psql >differences <<'SQL'
SELECT count(load_activities('sequential', page)) > 0 FROM page;
CREATE TABLE winner OF activity;
INSERT INTO winner
    SELECT DISTINCT ON (agent_id, interaction_guid, channel_guid, start, state) a.*
    FROM page, activities(page) AS a
    ORDER BY agent_id, interaction_guid, channel_guid, start, state,
             duration_ms IS NULL, status DESC, reported_at DESC, duration_ms DESC, reason DESC NULLS LAST;
CREATE TABLE presence_winner OF presence;
INSERT INTO presence_winner
    SELECT DISTINCT ON (agent_id, start, category) p.*
    FROM page, presences(page) AS p
    ORDER BY agent_id, start, category, duration_ms IS NULL, reported_at DESC, duration_ms DESC,
             eligible_for_routing DESC, name COLLATE "C" DESC NULLS LAST;
CREATE FUNCTION difference(a regclass, b regclass) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    result bigint;
BEGIN
    EXECUTE format('WITH a AS (SELECT %3$s FROM %1$s) SELECT count(*) FROM ((TABLE a EXCEPT ALL TABLE %2$s) UNION ALL (TABLE %2$s EXCEPT ALL TABLE a)) AS d',
                   a, b, (SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = b AND attnum > 0 AND NOT attisdropped))
        INTO result;
    RETURN result;
END
$$;
CREATE TABLE afresh OF participation;
INSERT INTO afresh SELECT (p).* FROM (SELECT participation(a) AS p FROM concurrent AS a
                                      GROUP BY agent_id, interaction_guid, channel_guid) AS v;
SELECT 'activities in the wrong number: ' || count(*) FROM concurrent HAVING count(*) <> (SELECT count(*) FROM item) OR count(*) < 500;
SELECT 'of one session: ' || d FROM difference('concurrent', 'sequential') AS d WHERE d > 0;
SELECT 'participations of one session: ' || d FROM difference('concurrent_participation', 'sequential_participation') AS d WHERE d > 0;
SELECT 'the best deliveries: ' || d FROM difference('concurrent', 'winner') AS d WHERE d > 0;
SELECT 'presences in the wrong number: ' || count(*) FROM concurrent_presence HAVING count(*) <> 200;
SELECT 'presences of one session: ' || d FROM difference('concurrent_presence', 'sequential_presence') AS d WHERE d > 0;
SELECT 'the best deliveries of presences: ' || d FROM difference('concurrent_presence', 'presence_winner') AS d WHERE d > 0;
SELECT format('%s%s: %s', target, suffix, d)
FROM unnest('{month,hash,wide}'::text[]) AS target, unnest('{"",_participation,_presence}'::text[]) AS suffix,
    difference((target || suffix)::regclass, ('sequential' || suffix)::regclass) AS d WHERE d > 0;
SELECT 'participations computed afresh: ' || d FROM difference('concurrent_participation', 'afresh') AS d WHERE d > 0;
SQL
sed -i 1d differences
if [[ -s differences ]]; then
	echo "the tables differ from:"
	cat differences
	exit 1
fi
if ((waits == 0)); then
	echo "no session was seen to wait: nothing is shown"
	exit 1
fi
deadlocks=$(run_psql -c "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
if ((deadlocks)); then
	echo "$deadlocks deadlocks"
	exit 1
fi
