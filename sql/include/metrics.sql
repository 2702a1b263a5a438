-- Every metric, with its forms and the same in plain SQL; tests loop over this table. A new metric is a new row.
--
--   name            of its aggregates
--   levels          the types that it is over: activity, participation, or both
--   asked           the reason that the rate by reason asks for, else null
--   columns         the arguments of the form over columns of activities, null: there is none
--   p_columns       the arguments of the form over columns of participations, null: there is none
--   p_short         the arguments of its short form over columns of participations, null: there is none
--   plain           the metric as a scalar query over "activities", or over "participations" if it is over these only
--
-- activities and participations have the attributes of the rows of a group, null rows left out; activities also has works
-- (it is not Monitor) and participation (its key). Milliseconds are summed as integers, and divided once.
CREATE TABLE metric (name text, levels text[], asked activity_reason, columns text, p_columns text, p_short text, plain text);
\set activity_columns 'state, reason, duration_ms, interaction_guid, channel_guid, agent_id'
\set participation_columns 'ring_ms, talk_ms, parked_ms, wrap_ms, handle_ms, connections, outcome, offered, handled, answer_ms'
INSERT INTO metric VALUES
    ('handle_time', '{activity, participation}', NULL, 'state, reason, duration_ms', :'participation_columns', NULL,
     $$SELECT CASE WHEN count(*) > 0 THEN coalesce(sum(duration_ms) FILTER (WHERE works AND state IN ('Connected', 'Wrap')), 0)::bigint / 1000.0::float8 END
         FROM activities$$),
    ('talk_time', '{activity, participation}', NULL, 'state, reason, duration_ms', :'participation_columns', NULL,
     $$SELECT CASE WHEN count(*) > 0 THEN coalesce(sum(duration_ms) FILTER (WHERE works AND state = 'Connected'), 0)::bigint / 1000.0::float8 END
         FROM activities$$),
    ('wrap_time', '{activity, participation}', NULL, 'state, reason, duration_ms', :'participation_columns', NULL,
     $$SELECT CASE WHEN count(*) > 0 THEN coalesce(sum(duration_ms) FILTER (WHERE works AND state = 'Wrap'), 0)::bigint / 1000.0::float8 END
         FROM activities$$),
    ('ring_time', '{activity, participation}', NULL, 'state, reason, duration_ms', :'participation_columns', NULL,
     $$SELECT CASE WHEN count(*) > 0 THEN coalesce(sum(duration_ms) FILTER (WHERE works AND state = 'Ringing'), 0)::bigint / 1000.0::float8 END
         FROM activities$$),
    ('handled_participations', '{activity, participation}', NULL, :'activity_columns', :'participation_columns', NULL,
     $$SELECT count(DISTINCT participation) FILTER (WHERE works AND state IN ('Connected', 'Wrap') AND duration_ms IS NOT NULL) FROM activities$$),
    ('offered_participations', '{activity, participation}', NULL, :'activity_columns', :'participation_columns', NULL,
     $$SELECT count(DISTINCT participation) FILTER (WHERE works AND state IN ('Ringing', 'Connected', 'Unexpected', 'Failed')) FROM activities$$),
    ('answered_participations', '{activity, participation}', NULL, :'activity_columns', :'participation_columns', NULL,
     $$SELECT count(DISTINCT participation) FILTER (WHERE works AND state = 'Connected') FROM activities$$),
    ('unexpected_participations', '{activity, participation}', NULL, :'activity_columns', :'participation_columns', NULL,
     $$SELECT count(DISTINCT participation) FILTER (WHERE works AND state = 'Unexpected') FROM activities$$),
    ('average_handle_time', '{activity, participation}', NULL, :'activity_columns', :'participation_columns', 'handle_ms, handled',
     $$SELECT sum(duration_ms)::bigint / (1000.0::float8 * count(DISTINCT participation))
         FROM activities WHERE works AND state IN ('Connected', 'Wrap') AND duration_ms IS NOT NULL HAVING count(*) > 0$$),
    ('unexpected_rate', '{activity, participation}', NULL, :'activity_columns', :'participation_columns', 'outcome, offered',
     $$SELECT count(DISTINCT participation) FILTER (WHERE state = 'Unexpected')::float8 / nullif(count(DISTINCT participation), 0)
         FROM activities WHERE works AND state IN ('Ringing', 'Connected', 'Unexpected', 'Failed')$$);
-- of several reasons the latest
INSERT INTO metric
    SELECT 'unexpected_rate', '{activity, participation}', asked, :'activity_columns' || ', start', :'participation_columns' || ', unexpected_reason', NULL, format(
        $$SELECT (SELECT count(*) FROM (SELECT DISTINCT ON (participation) reason FROM activities WHERE works AND state = 'Unexpected' AND reason IS NOT NULL
                                         ORDER BY participation, coalesce(start, '-infinity') DESC, reason DESC) AS latest WHERE reason = %L)::float8
                 / nullif(count(DISTINCT participation), 0)
            FROM activities WHERE works AND state IN ('Ringing', 'Connected', 'Unexpected', 'Failed')$$, asked)
      FROM unnest('{NoAnswer, CallRejected}'::activity_reason[]) AS asked;
-- over participations only
INSERT INTO metric VALUES
    ('parked_time', '{participation}', NULL, NULL, :'participation_columns', NULL,
     'SELECT CASE WHEN count(*) > 0 THEN coalesce(sum(parked_ms), 0)::bigint / 1000.0::float8 END FROM participations'),
    ('average_answer_time', '{participation}', NULL, NULL, :'participation_columns', NULL,
     'SELECT sum(answer_ms)::bigint / (1000.0::float8 * count(answer_ms)) FROM participations HAVING count(answer_ms) > 0');
INSERT INTO metric VALUES
    ('busy_time', '{activity}', NULL, 'state, reason, duration_ms, agent_id, start', NULL, NULL,
     $$SELECT CASE WHEN EXISTS (TABLE activities) THEN coalesce(sum(extract(epoch FROM upper(busy) - lower(busy)) * 1000000)::bigint, 0) / 1000000::float8 END
         FROM (SELECT unnest(range_agg(tstzrange(start, start + duration_ms * '1 ms'::interval))) AS busy FROM activities
                WHERE works AND state IN ('Connected', 'Wrap') AND duration_ms IS NOT NULL AND isfinite(start) GROUP BY agent_id) AS handled$$),
    ('peak_concurrency', '{activity}', NULL, :'activity_columns' || ', start', NULL, NULL,
     $$SELECT coalesce(max(concurrent), 0)
         FROM (SELECT sum(step) OVER (PARTITION BY agent_id ORDER BY at, step ROWS UNBOUNDED PRECEDING) AS concurrent
                 FROM (SELECT agent_id, unnest(range_agg(tstzrange(start, start + duration_ms * '1 ms'::interval))) AS busy FROM activities
                        WHERE works AND state IN ('Connected', 'Wrap') AND duration_ms IS NOT NULL AND isfinite(start)
                        GROUP BY agent_id, participation) AS handled,
                      LATERAL (VALUES (lower(busy), 1), (upper(busy), -1)) AS border (at, step)) AS borders$$);


-- Aggregates without a row above, and rows whose aggregate there is not: a test fails if there are any.
CREATE VIEW metric_mismatch AS
    WITH form AS (
        SELECT name, level || CASE WHEN asked IS NULL THEN '' ELSE ', activity_reason' END AS arguments
          FROM metric, unnest(levels) AS level
        UNION
        SELECT name, (SELECT string_agg(format_type(atttypid, NULL), ', ' ORDER BY n)
                        FROM unnest(string_to_array(columns, ', ')) WITH ORDINALITY AS c (name, n)
                        JOIN pg_attribute ON attrelid = (SELECT typrelid FROM pg_type WHERE pg_type.oid = type) AND attname = c.name)
                     || CASE WHEN asked IS NULL THEN '' ELSE ', activity_reason' END
          FROM (SELECT name, asked, columns, 'activity'::regtype AS type FROM metric
                UNION ALL
                SELECT name, asked, unnest(ARRAY[p_columns, p_short]), 'participation'::regtype FROM metric) AS m
         WHERE columns IS NOT NULL
    ), member AS (
        SELECT proname::text AS name, (SELECT string_agg(format_type(type, NULL), ', ' ORDER BY n)
                                         FROM unnest(proargtypes::oid[]) WITH ORDINALITY AS a (type, n)) AS arguments
          FROM pg_proc JOIN pg_depend ON classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e'
         WHERE refclassid = 'pg_extension'::regclass AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'activity')
           AND prokind = 'a' AND proname NOT IN ('participation', 'interaction', 'best_known', 'busy_ranges')
    )
    SELECT name, arguments, CASE WHEN form IS NULL THEN 'is not in the table' ELSE 'does not exist' END AS problem
      FROM form FULL JOIN member USING (name, arguments)
     WHERE form IS NULL OR member IS NULL;

-- All metrics of a level, those of both, or "only" those over participations only, as an expression: an array of texts, which have all bits of the numbers. They are over the rows a,
-- after what is before them (DISTINCT), before what is after them (ORDER BY), and over a window or with a FILTER.
CREATE FUNCTION metrics(level text, a text, before text DEFAULT '', after text DEFAULT '', over text DEFAULT '') RETURNS text
    LANGUAGE sql STABLE
    RETURN (SELECT format('ARRAY[%s]', string_agg(format('(%s(%s %s%s %s) %s)::text', name, before, a, ', ' || quote_literal(asked), after, over),
                                                  ', ' ORDER BY name COLLATE "C", asked))
              FROM metric WHERE CASE level WHEN 'both' THEN cardinality(levels) = 2 WHEN 'only' THEN levels = '{participation}' ELSE level = ANY (levels) END);
-- the same over columns of activities
CREATE FUNCTION metrics_of_columns() RETURNS text LANGUAGE sql STABLE
    RETURN (SELECT format('ARRAY[%s]', string_agg(format('%s(%s%s)::text', name, columns, ', ' || quote_literal(asked)), ', ' ORDER BY name COLLATE "C", asked))
              FROM metric WHERE 'activity' = ANY (levels));
-- the same over columns of participations, with all of the metrics over them
CREATE FUNCTION metrics_of_participation_columns() RETURNS text LANGUAGE sql STABLE
    RETURN (SELECT format('ARRAY[%s]', string_agg(format('%s(%s%s)::text', name, p_columns, ', ' || quote_literal(asked)), ', ' ORDER BY name COLLATE "C", asked))
              FROM metric WHERE 'participation' = ANY (levels));
-- the same in plain SQL, over an array of activities without null ones
CREATE FUNCTION plain_metrics(rows text) RETURNS text LANGUAGE sql STABLE
    RETURN (SELECT format('(WITH activities AS MATERIALIZED (SELECT r.*, reason IS DISTINCT FROM ''Monitor'' AS works,
                                    ROW(agent_id, interaction_guid, channel_guid) AS participation FROM unnest(%s) AS r)
                            SELECT ARRAY[%s])', rows, string_agg(format('(%s)::text', plain), ', ' ORDER BY name COLLATE "C", asked))
              FROM metric WHERE 'activity' = ANY (levels));
-- in plain SQL those over participations only, over an array of participations without null ones
CREATE FUNCTION plain_metrics_of_participations(rows text) RETURNS text LANGUAGE sql STABLE
    RETURN (SELECT format('(WITH participations AS MATERIALIZED (SELECT * FROM unnest(%s))
                            SELECT ARRAY[%s])', rows, string_agg(format('(%s)::text', plain), ', ' ORDER BY name COLLATE "C", asked))
              FROM metric WHERE levels = '{participation}');
