-- Presences in plain SQL: the presences of a page, the delivery of each that wins, the time that each is in force, and the
-- time of local days. Included into a schema of the test's own, with the types of the extension on the search_path.
--
-- The contract leaves open which keys of an item of type Presence are checked. Here only those are that a presence is made
-- of: neither interaction and channel nor status and reason.

-- The instant of an ISO 8601 text, null for any other value. Times that do not exist are errors here: do not generate any.
CREATE FUNCTION plain_time(value jsonb) RETURNS timestamptz
    LANGUAGE sql STABLE
    RETURN CASE WHEN jsonb_typeof(value) = 'string'
                     AND value #>> '{}' ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$'
                THEN (rtrim(value #>> '{}', 'Z') || CASE WHEN value #>> '{}' !~ '[+-]\d\d:\d\d$' THEN 'Z' ELSE '' END)::timestamptz
           END;

-- Whole milliseconds since 1970, rounded down.
CREATE FUNCTION plain_ms(at timestamptz) RETURNS numeric
    LANGUAGE sql STABLE
    RETURN floor(extract(epoch FROM at) * 1000);

-- The presences of a page under on_error 'ignore', in the document's order.
CREATE FUNCTION plain_presences(page jsonb) RETURNS SETOF presence
    LANGUAGE sql STABLE AS
$$
    WITH item AS (
        SELECT nr, item,
               -- null is the same as an absent key, but for the keys by which an item without a type is a presence
               nullif(item -> 'type', 'null') AS type,
               nullif(item -> 'interaction', 'null') AS interaction,
               coalesce(nullif(item -> 'state', 'null'), nullif(item -> 'category', 'null')) AS category,
               nullif(item -> 'agentId', 'null') AS agent_id,
               plain_time(item -> 'start') AS start,
               nullif(item -> 'duration', 'null') AS duration,
               nullif(item -> 'name', 'null') AS name,
               nullif(item -> 'eligibleForRouting', 'null') AS eligible
          FROM jsonb_array_elements(CASE WHEN jsonb_typeof(page) = 'array' THEN page
                                         WHEN jsonb_typeof(page) = 'object' AND NOT page ? 'items' THEN jsonb_build_array(page)
                                         WHEN jsonb_typeof(page -> 'items') = 'array' THEN page -> 'items'
                                         ELSE '[]'
                                    END) WITH ORDINALITY AS i (item, nr)
         WHERE jsonb_typeof(item) = 'object'
    ),
    with_category AS (
        SELECT *, category IN (SELECT to_jsonb(label) FROM unnest(enum_range(NULL::presence_category)) AS label) AS is_label
          FROM item
    ),
    with_agent AS (
        SELECT *, CASE WHEN jsonb_typeof(agent_id) = 'string' OR agent_id::text ~ '^-?\d+$' THEN agent_id #>> '{}' END AS agent
          FROM with_category
         WHERE type = '"Presence"'
               OR (type IS NULL AND interaction IS NULL AND item ?| '{name,eligibleForRouting}' AND is_label)
    )
    SELECT start, (duration #>> '{}')::numeric::bigint, (category #>> '{}')::presence_category, eligible::boolean, agent,
           name #>> '{}', CASE WHEN jsonb_typeof(page) = 'object' THEN plain_time(page -> 'upTo') END
      FROM with_agent
     WHERE is_label AND octet_length(agent) <= 2000 AND start IS NOT NULL
           AND coalesce(jsonb_typeof(name), 'string') = 'string'
           AND coalesce(jsonb_typeof(eligible), 'boolean') = 'boolean'
           AND CASE WHEN duration IS NULL THEN true
                    WHEN jsonb_typeof(duration) <> 'number' THEN false
                    ELSE duration::numeric >= 0 AND duration::numeric % 1 = 0
                         AND extract(epoch FROM start) * 1000 + duration::numeric
                             <= extract(epoch FROM '294276-12-31 23:59:59.999999+00'::timestamptz) * 1000
               END
     ORDER BY nr
$$;

-- The delivery that wins, of some of the same presence.
CREATE FUNCTION plain_best(deliveries presence[]) RETURNS presence
    LANGUAGE sql IMMUTABLE AS
$$
    SELECT d
      FROM unnest(deliveries) AS d
     ORDER BY d.duration_ms IS NULL, d.reported_at DESC NULLS LAST, d.duration_ms DESC,
              d.eligible_for_routing DESC NULLS LAST, d.name COLLATE "C" DESC NULLS LAST
     LIMIT 1
$$;

-- The delivery that wins of each presence, of a table of deliveries.
CREATE FUNCTION plain_best_presences(source regclass) RETURNS SETOF presence
    LANGUAGE plpgsql AS
$$
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT (plain_best(array_agg(d::presence))).*
          FROM %s AS d
         GROUP BY agent_id, start, category
        $query$, source);
END
$$;

-- Each agent's time, cut at all reported starts and ends and at further instants: the pieces in which a presence is in
-- force, and which presence that is. Between two cuts that cannot change. The last open presence goes on to infinity.
CREATE FUNCTION plain_pieces(source regclass, further timestamptz[] DEFAULT '{}')
    RETURNS TABLE (agent_id text, begun timestamptz, until timestamptz, presence_start timestamptz, category presence_category)
    LANGUAGE plpgsql AS
$$
BEGIN
    RETURN QUERY EXECUTE format($query$
        WITH reported AS MATERIALIZED (
            SELECT agent_id, start, category, duration_ms,
                   CASE WHEN duration_ms IS NULL THEN 'infinity' ELSE start + duration_ms * '1 ms'::interval END AS reported_end
              FROM %s
        ),
        border AS (
            SELECT agent_id, start AS at FROM reported
            UNION
            SELECT agent_id, reported_end FROM reported
            UNION
            SELECT agent_id, unnest($1) FROM reported
        ),
        piece AS (
            SELECT agent_id, at AS begun, lead(at, 1, 'infinity') OVER (PARTITION BY agent_id ORDER BY at) AS until
              FROM border
        )
        SELECT piece.agent_id, begun, until, started_last.start, started_last.category
          FROM piece
         CROSS JOIN LATERAL (SELECT *
                               FROM reported
                              WHERE reported.agent_id = piece.agent_id AND start <= begun
                              ORDER BY start DESC,
                                       CASE WHEN duration_ms > 0 THEN 1 WHEN duration_ms IS NULL THEN 2 ELSE 3 END,
                                       duration_ms DESC, category DESC
                              LIMIT 1) AS started_last
         WHERE begun < reported_end AND begun < until
        $query$, source) USING further;
END
$$;

-- When each presence of a table is in force: from its start to ended_at, or at no time if ended_at is its start.
CREATE FUNCTION plain_in_force(source regclass)
    RETURNS TABLE (agent_id text, name text, started_at timestamptz, ended_at timestamptz, presence_ms bigint, category presence_category)
    LANGUAGE plpgsql AS
$$
BEGIN
    RETURN QUERY EXECUTE format($query$
        SELECT agent_id, name, start,
               nullif(coalesce(max(until), start), 'infinity'),
               CASE WHEN max(until) = 'infinity' THEN NULL
                    ELSE coalesce(sum(plain_ms(until) - plain_ms(begun)), 0)::bigint
               END,
               category
          FROM %1$s AS p
          LEFT JOIN (SELECT agent_id, presence_start AS start, category, begun, until
                       FROM plain_pieces('%1$s')) AS piece USING (agent_id, start, category)
         GROUP BY agent_id, start, category, name
        $query$, source);
END
$$;

-- How long each agent was logged in, ready and away on each local day, where there was any login time. The last open
-- presence adds nothing.
CREATE FUNCTION plain_presence_days(source regclass, time_zone text)
    RETURNS TABLE (agent_id text, day date, login_ms bigint, ready_ms bigint, away_ms bigint)
    LANGUAGE plpgsql AS
$$
DECLARE
    midnights timestamptz[];
BEGIN
    EXECUTE format($query$
        SELECT array_agg(midnight AT TIME ZONE $1)
          FROM (SELECT min(start) AT TIME ZONE $1 AS first,
                       max(start + coalesce(duration_ms, 0) * '1 ms'::interval) AT TIME ZONE $1 AS last
                  FROM %s) AS v,
               generate_series(first::date::timestamp, last, '1 day') AS midnight
        $query$, source)
       INTO midnights
      USING time_zone;
    RETURN QUERY
        SELECT p.agent_id, (p.begun AT TIME ZONE time_zone)::date,
               sum(ms) FILTER (WHERE p.category <> 'LoggedOut')::bigint,
               coalesce(sum(ms) FILTER (WHERE p.category = 'Ready'), 0)::bigint,
               coalesce(sum(ms) FILTER (WHERE p.category IN ('Away', 'ExtendedAway')), 0)::bigint
          FROM (SELECT *, bool_or(piece.until = 'infinity') OVER (PARTITION BY piece.agent_id, piece.presence_start) AS lasts
                  FROM plain_pieces(source, midnights) AS piece) AS p,
               LATERAL (SELECT plain_ms(p.until) - plain_ms(p.begun)) AS v (ms)
         WHERE NOT lasts
         GROUP BY 1, 2
        HAVING sum(ms) FILTER (WHERE p.category <> 'LoggedOut') > 0;
END
$$;
