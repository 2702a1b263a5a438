#!/usr/bin/env bash
# Shows that forget_activities(), terminated at random moments, beside four sessions that load random pages, old ones
# among them, and beside add_activity_partitions(), leaves no participation that is not that of its activities; that of a
# batch all is removed or nothing; that in the end what ended before is gone, however often it is delivered again, and
# what is later is as known best; and that nothing deadlocks.
set -euo pipefail

database=activity_forget_activities
loads=1200
scratch=$(mktemp -d)
cd "$scratch"
export PSQLRC=/dev/null PGOPTIONS="-c client_min_messages=error -c timezone=UTC"
loaders=()
clean_up() {
	local status=$? pid
	for pid in "${loaders[@]}"; do kill -TERM "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
	dropdb --if-exists --force "$database" 2>/dev/null || true
	rm -rf "$scratch"
	exit "$status"
}
trap clean_up EXIT
dropdb --if-exists --force "$database"
createdb "$database"
export PGDATABASE=$database

run_psql() {
	psql -X -q -At -v ON_ERROR_STOP=1 "$@"
}

# 500 participations of a quarter, some of which last for weeks, some for ever; and 400 presences. Pages tell of some
# of their activities, of each also while it is open.
run_psql -v loads="$loads" <<'SQL'
CREATE EXTENSION activity;
SELECT setseed(0.5);
CREATE TABLE activity_of AS
    SELECT row_number() OVER () AS nr, p % 7 AS agent, md5((p / 2)::text)::uuid AS interaction,
           CASE WHEN p % 3 > 0 THEN md5(p::text)::uuid END AS channel,
           date_trunc('second', begun + i * CASE WHEN p % 5 = 0 THEN interval '9 days' ELSE interval '5 minutes' END) AS start,
           (ARRAY['Ringing', 'Connected', 'Wrap', 'Connected'])[i + 1] AS state, CASE WHEN p % 20 = 9 AND i = 2 THEN 'Monitor' END AS reason,
           CASE WHEN p % 20 > 1 THEN 1000 * floor(random() * 100) END AS duration,
           CASE WHEN p % 20 > 0 THEN 'Completed' ELSE 'InternalError' END AS status
    FROM (SELECT p, timestamp '2026-01-01' + random() * interval '90 days' AS begun FROM generate_series(1, 500) AS p) AS v,
        generate_series(0, 3) AS i
    WHERE i < 1 + p % 4;
CREATE TABLE presence_of AS
    SELECT row_number() OVER () AS nr, p % 7 AS agent, date_trunc('second', timestamp '2026-01-01' + random() * interval '90 days') AS start,
           (enum_range(NULL::presence_category))[1 + p % 4] AS category, 60000 * floor(random() * 600) AS duration
    FROM generate_series(1, 400) AS p;
CREATE TABLE page AS
    SELECT p, jsonb_build_object('upTo', timestamp '2026-04-01' + p * interval '1 second', 'items', jsonb_agg(item)) AS page
    FROM (
        SELECT d.p, jsonb_build_object('type', 'Interaction', 'agentId', agent::text, 'start', start, 'category', state, 'reason', reason,
                   'duration', CASE WHEN NOT d.is_open THEN duration END, 'status', CASE WHEN d.is_open THEN 'Ongoing' ELSE status END,
                   'interaction', jsonb_build_object('guid', interaction), 'channel', jsonb_build_object('guid', channel)) AS item
        FROM (SELECT p, 1 + floor(random() * (SELECT count(*) FROM activity_of))::bigint AS nr, random() < 0.3 AS is_open
              FROM generate_series(1, :loads / 3) AS p, generate_series(0, p % 9)
              -- each at least once as it ended
              UNION ALL SELECT 1 + nr % (:loads / 3), nr, false FROM activity_of) AS d
            JOIN activity_of USING (nr)
        UNION ALL
        SELECT d.p, jsonb_build_object('type', 'Presence', 'agentId', agent::text, 'start', start, 'category', category,
                   'duration', CASE WHEN NOT d.is_open THEN duration END)
        FROM (SELECT p, 1 + floor(random() * 400)::bigint AS nr, random() < 0.3 AS is_open
              FROM generate_series(1, :loads / 3) AS p, generate_series(1, p % 4)
              UNION ALL SELECT 1 + nr % (:loads / 3), nr, false FROM presence_of) AS d
            JOIN presence_of USING (nr)) AS items
    GROUP BY p;
CREATE TABLE delivery AS SELECT row_number() OVER (ORDER BY random()) AS turn, page FROM page, generate_series(1, 3);
ALTER TABLE delivery ADD PRIMARY KEY (turn);
CREATE SEQUENCE turn;
DO $$ BEGIN
    PERFORM create_activity_table('kept', 'week'), create_activity_table('quiet', 'month');
    PERFORM load_activities('quiet', page) FROM page;
    PERFORM add_activity_partitions('quiet', '2026-03-01Z');
END $$;
-- in the snapshot of one statement: participations that are not those of their activities
CREATE FUNCTION wrong(target regclass) RETURNS TABLE (what text) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE format('
        WITH afresh AS (
            SELECT (p).* FROM (SELECT participation(ROW(a.*)::activity) AS p FROM %1$s AS a
                               GROUP BY agent_id, interaction_guid, channel_guid) AS v)
        SELECT ''not stored: '' || p FROM (TABLE afresh EXCEPT ALL TABLE %1$s_participation) AS p
        UNION ALL SELECT ''not computed: '' || p FROM (TABLE %1$s_participation EXCEPT ALL TABLE afresh) AS p', target);
END
$$;
VACUUM ANALYZE;
SQL

# terminated TABLE TIME BATCH: forgets what ended before the time, and is terminated at a random moment; false if it was
# faster.
terminated() {
	PGAPPNAME=forgetter psql -X -q -At -c "CALL forget_activities('$1', '$2', $3)" >/dev/null 2>forgetter.err &
	local forgetter=$!
	until [[ $(run_psql -c "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'forgetter' AND query LIKE 'CALL%' AND pg_sleep(random() * $4) IS NOT NULL") ]]; do
		kill -0 "$forgetter" 2>/dev/null || break
	done
	if ! wait "$forgetter"; then
		grep -qF 'terminating connection due to administrator command' forgetter.err || { cat forgetter.err; exit 1; }
		return 0
	fi
	return 1
}
check() {
	run_psql -c "SELECT what FROM wrong('$1') LIMIT 5" >wrong
	if [[ -s wrong ]]; then
		echo "after $2:"
		cat wrong
		exit 1
	fi
}

# With nothing beside it: what is left and what is noted as removed are always all there was.
all_of_it="SELECT (SELECT count(*) FROM quiet) + coalesce(sum(activities), 0), (SELECT count(*) FROM quiet_participation) + coalesce(sum(participations), 0), (SELECT count(*) FROM quiet_presence) + coalesce(sum(presences), 0) FROM"
# a participation takes some milliseconds, on whatever machine
run_psql <<'SQL'
CREATE FUNCTION take_time() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.003); RETURN OLD; END $$;
CREATE TRIGGER take_time BEFORE DELETE ON quiet_participation FOR EACH ROW EXECUTE FUNCTION take_time();
SQL
before=$(run_psql -c "$all_of_it (VALUES (0, 0, 0)) AS v (activities, participations, presences)")
hits=0
for turn in {1..8}; do
	! terminated quiet "2026-02-15 00:00Z" 2 0.1 || ((hits += 1))
	after=$(run_psql -c "$all_of_it quiet_forgotten" 2>/dev/null || echo "$before") # it may not exist yet
	if [[ $after != "$before" ]]; then
		echo "there were $before activities, participations and presences; left or removed are $after"
		exit 1
	fi
	check quiet "interruption $turn"
done
echo "terminated $hits times with nothing beside it, after $(run_psql -c "SELECT participations FROM quiet_forgotten") participations"
((hits >= 4))

# Beside loads: three sessions, of whose loads one in twenty is not committed at once, and one of repeatable read.
cat >load.sql <<SQL
SELECT nextval('turn') AS turn \\gset
\if :turn % 20 = 0
BEGIN;
\endif
SELECT load_activities('kept', page) FROM delivery WHERE turn = 1 + :turn % $loads;
\if :turn % 20 = 0
\sleep 5 ms
COMMIT;
\endif
SQL
pgbench -n -c 3 -T 600 -f load.sql "$database" >loads.log 2>&1 &
loaders+=($!)
PGOPTIONS+=' -c default_transaction_isolation=repeatable\ read' pgbench -n -c 1 -T 600 --max-tries=1000 -f load.sql "$database" >repeatable.log 2>&1 &
loaders+=($!)
hits=0
partitions=0
for ((turn = 1; turn <= 15 || (hits < 6 && turn <= 100); turn++)); do
	day=$((turn < 15 ? 3 * turn : 45))
	! terminated kept "$(date -u -d "2026-01-01 +$day days" +%F) 00:00Z" 3 0.1 || ((hits += 1))
	check kept "call $turn beside loads"
	((turn % 4)) || ((partitions += $(run_psql -c "SELECT count(*) FROM add_activity_partitions('kept', '2026-01-01Z'::timestamptz + $turn * interval '4 days')")))
done
for pid in "${loaders[@]}"; do kill -TERM "$pid"; wait "$pid" || true; done
loaders=()
if grep -iE 'error|abort' loads.log repeatable.log; then
	exit 1
fi
echo "terminated $hits of $((turn - 1)) times beside $(run_psql -c "SELECT last_value FROM turn") loads; $partitions partitions added"
((hits >= 4 && partitions >= 2))

# In the end: all pages once more before and after the last call.
run_psql >differences <<'SQL'
SELECT count(load_activities('kept', page)) > 0 FROM page;
CALL forget_activities('kept', '2026-02-15 00:00Z');
CREATE TABLE last AS SELECT (load_activities('kept', page)).* FROM page;
CREATE TABLE winner OF activity;
INSERT INTO winner
    SELECT DISTINCT ON (agent_id, interaction_guid, channel_guid, start, state) a.*
    FROM page, activities(page) AS a
    ORDER BY agent_id, interaction_guid, channel_guid, start, state,
             duration_ms IS NULL, status DESC, reported_at DESC, duration_ms DESC, reason DESC NULLS LAST;
CREATE VIEW of_participation AS
    SELECT agent_id, interaction_guid, channel_guid, min(start) AS first_start,
        bool_and(start < '2026-02-15 00:00Z' AND coalesce(activity_end(w) < '2026-02-15 00:00Z', status = 'InternalError')) AS is_over
    FROM winner AS w GROUP BY agent_id, interaction_guid, channel_guid;
SELECT 'too few kinds: ' || c::text
FROM (SELECT count(*) FILTER (WHERE is_over) AS is_over, count(*) FILTER (WHERE first_start >= '2026-02-15 00:00Z') AS later,
             count(*) FILTER (WHERE NOT is_over AND first_start < '2026-02-15 00:00Z') AS others FROM of_participation) AS c
WHERE least(is_over, later, others) < 10;
SELECT 'is back: ' || k FROM kept_participation AS k JOIN of_participation AS p
    ON k.agent_id = p.agent_id AND k.interaction_guid = p.interaction_guid AND k.channel_guid IS NOT DISTINCT FROM p.channel_guid
    WHERE is_over;
WITH later AS (
    SELECT w.* FROM winner AS w JOIN of_participation AS p
        ON w.agent_id = p.agent_id AND w.interaction_guid = p.interaction_guid AND w.channel_guid IS NOT DISTINCT FROM p.channel_guid
    WHERE first_start >= '2026-02-15 00:00Z'),
kept_later AS (
    SELECT w.* FROM kept AS w JOIN of_participation AS p
        ON w.agent_id = p.agent_id AND w.interaction_guid = p.interaction_guid AND w.channel_guid IS NOT DISTINCT FROM p.channel_guid
    WHERE first_start >= '2026-02-15 00:00Z')
SELECT 'not as known best: ' || d FROM ((TABLE later EXCEPT ALL TABLE kept_later) UNION ALL (TABLE kept_later EXCEPT ALL TABLE later)) AS d;
SELECT 'made up: ' || k FROM (TABLE kept EXCEPT TABLE winner) AS k;
CREATE TABLE presence_winner OF presence;
INSERT INTO presence_winner
    SELECT DISTINCT ON (agent_id, start, category) p.*
    FROM page, presences(page) AS p
    ORDER BY agent_id, start, category, duration_ms IS NULL, reported_at DESC, duration_ms DESC;
DELETE FROM presence_winner AS p WHERE start < (SELECT max(start) FROM presence_winner AS l WHERE l.agent_id = p.agent_id AND start <= '2026-02-15 00:00Z');
SELECT 'presences: ' || d FROM ((TABLE presence_winner EXCEPT ALL TABLE kept_presence) UNION ALL (TABLE kept_presence EXCEPT ALL TABLE presence_winner)) AS d;
SELECT 'not outdated: ' || l FROM (SELECT sum(inserted) AS inserted, sum(updated) AS updated, sum(outdated) AS outdated FROM last) AS l WHERE updated > 0 OR outdated < 100;
SELECT 'levels differ: ' || a || ' ' || p || ' ' || i
FROM (SELECT concat_ws(' ', handle_time(k), wrap_time(k), ring_time(k), handled_participations(k), offered_participations(k), average_handle_time(k)) AS a FROM kept AS k) AS a,
    (SELECT concat_ws(' ', handle_time(p), wrap_time(p), ring_time(p), handled_participations(p), offered_participations(p), average_handle_time(p)) AS p FROM kept_participation AS p) AS p,
    (SELECT concat_ws(' ', sum(handle_ms) / 1000.0::float8, sum(wrap_ms) / 1000.0::float8, sum(ring_ms) / 1000.0::float8, sum(handled), sum(offered), sum(handle_ms) / (1000.0::float8 * sum(handled))) AS i
     FROM (SELECT (interaction(p)).* FROM kept_participation AS p GROUP BY interaction_guid) AS i) AS i
WHERE a <> p OR p <> i;
SELECT deadlocks || ' deadlocks' FROM pg_stat_database WHERE datname = current_database() AND deadlocks > 0;
SQL
sed -i 1,2d differences
check kept "all of it"
if [[ -s differences ]]; then
	head differences
	exit 1
fi
