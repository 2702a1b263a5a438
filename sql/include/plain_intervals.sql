-- activity_intervals() and agent_intervals() in plain SQL, written from their definition. Included into a schema of the
-- test's own, with the types of the extension on the search_path. Time is counted in whole milliseconds since 1970,
-- instants rounded down, so that ranges of it are exact.
--
-- The contract leaves open: interval_start is from_time and multiples of the width after it, also where from_time lies
-- between two milliseconds; which presence is in force is decided by the exact starts, before they are rounded and
-- before as_of cuts them; an element of media that is null matches nothing.

-- Whole milliseconds since 1970, rounded down.
CREATE FUNCTION interval_ms(at timestamptz) RETURNS bigint
    LANGUAGE sql STABLE
    RETURN floor(extract(epoch FROM at) * 1000)::bigint;

-- The length of a width in milliseconds: a day has 24 hours.
CREATE FUNCTION width_ms(width interval) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    RETURN extract(epoch FROM width)::numeric * 1000;

-- The intervals of a window. The last one ends where the window does.
CREATE FUNCTION plain_window(from_time timestamptz, to_time timestamptz, width interval)
    RETURNS TABLE (interval_start timestamptz, begun bigint, until bigint)
    LANGUAGE sql STABLE AS
$$
    SELECT (from_time AT TIME ZONE 'UTC' + make_interval(days => (since / 86400000)::integer, secs => since % 86400000 / 1000.0))
               AT TIME ZONE 'UTC',
           interval_ms(from_time) + since,
           least(interval_ms(from_time) + since + width_ms(width), interval_ms(to_time))
      FROM (SELECT generate_series(0, interval_ms(to_time) - interval_ms(from_time) - 1, width_ms(width))) AS v (since)
$$;

-- The name of a source, or of the table beside it.
CREATE FUNCTION plain_table(source regclass, suffix text DEFAULT '') RETURNS text
    LANGUAGE sql STABLE
    RETURN (SELECT format('%I.%I', nspname, relname || suffix)
              FROM pg_class AS c
              JOIN pg_namespace AS n ON n.oid = relnamespace
             WHERE c.oid = source);

CREATE FUNCTION plain_activity_intervals(source regclass, from_time timestamptz, to_time timestamptz, width interval)
    RETURNS SETOF activity_interval
    LANGUAGE plpgsql AS
$$
BEGIN
    RETURN QUERY EXECUTE format($query$
        WITH window_interval AS MATERIALIZED (
            SELECT * FROM plain_window($1, $2, $3)
        ),
        participation AS MATERIALIZED (
            SELECT *, interval_ms(started_at) AS begun
              FROM %2$s
             WHERE interval_ms(started_at) >= interval_ms($1) AND interval_ms(started_at) < interval_ms($2)
        ),
        finished AS MATERIALIZED (
            SELECT agent_id, medium, direction, state, interval_ms(start) AS begun, interval_ms(start) + duration_ms AS until
              FROM %1$s
             WHERE state IN ('Connected', 'Wrap') AND reason IS DISTINCT FROM 'Monitor' AND duration_ms > 0
                   AND interval_ms(start) + duration_ms > interval_ms($1) AND interval_ms(start) < interval_ms($2)
        ),
        cohort AS (
            SELECT interval_start, agent_id, medium, direction,
                   1 AS participations,
                   offered::integer AS offered,
                   (answered_at IS NOT NULL)::integer AS answered,
                   handled::integer AS handled,
                   (outcome = 'Unexpected')::integer AS unexpected,
                   (outcome = 'Failed')::integer AS failed,
                   unexpected_attempts,
                   (answer_ms IS NOT NULL)::integer AS rang,
                   ring_ms, answer_ms, talk_ms, parked_ms, wrap_ms, handle_ms,
                   0 AS spent_talk_ms, 0 AS spent_wrap_ms
              FROM participation AS p
              JOIN window_interval AS i ON p.begun >= i.begun AND p.begun < i.until
        ),
        spent AS (
            SELECT interval_start, agent_id, medium, direction, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                   CASE state WHEN 'Connected' THEN least(f.until, i.until) - greatest(f.begun, i.begun) END,
                   CASE state WHEN 'Wrap' THEN least(f.until, i.until) - greatest(f.begun, i.begun) END
              FROM finished AS f
              JOIN window_interval AS i ON f.begun < i.until AND f.until > i.begun
        )
        SELECT interval_start, agent_id, medium, direction,
               sum(participations), sum(offered), sum(answered), sum(handled), sum(unexpected), sum(failed),
               sum(unexpected_attempts), sum(rang),
               sum(ring_ms)::bigint, coalesce(sum(answer_ms), 0)::bigint, sum(talk_ms)::bigint, sum(parked_ms)::bigint,
               sum(wrap_ms)::bigint, sum(handle_ms)::bigint,
               coalesce(sum(spent_talk_ms), 0)::bigint,
               coalesce(sum(spent_wrap_ms), 0)::bigint,
               (coalesce(sum(spent_talk_ms), 0) + coalesce(sum(spent_wrap_ms), 0))::bigint
          FROM (TABLE cohort UNION ALL TABLE spent) AS v
         GROUP BY interval_start, agent_id, medium, direction
        $query$, plain_table(source), plain_table(source, '_participation'))
      USING from_time, to_time, width;
END
$$;

CREATE FUNCTION plain_agent_intervals(source regclass, from_time timestamptz, to_time timestamptz, width interval,
        as_of timestamptz DEFAULT NULL, media text[] DEFAULT NULL)
    RETURNS SETOF agent_interval
    LANGUAGE plpgsql AS
$$
BEGIN
    RETURN QUERY EXECUTE format($query$
        WITH window_interval AS MATERIALIZED (
            SELECT * FROM plain_window($1, $2, $3)
        ),
        -- least() skips nulls: without as_of, what is open has no end and nothing is cut
        activity AS (
            SELECT agent_id,
                   CASE WHEN state IN ('Connected', 'Wrap') THEN 'busy' ELSE 'ring' END AS kind,
                   interval_ms(start) AS begun,
                   CASE WHEN duration_ms IS NULL AND status = 'InternalError' THEN NULL
                        ELSE least(interval_ms(start) + duration_ms, interval_ms($4))
                   END AS until,
                   NULL::boolean AS routed
              FROM %1$s
             WHERE state IN ('Connected', 'Wrap', 'Ringing') AND reason IS DISTINCT FROM 'Monitor'
                   AND ($5 IS NULL OR medium = ANY ($5))
        ),
        -- one presence of those that start together: the longest finished one, but an open one before those of 0 ms
        started AS (
            SELECT DISTINCT ON (agent_id, start) *
              FROM %2$s
             ORDER BY agent_id, start,
                      CASE WHEN duration_ms > 0 THEN 1 WHEN duration_ms IS NULL THEN 2 ELSE 3 END,
                      duration_ms DESC, category DESC
        ),
        in_force AS (
            SELECT agent_id,
                   category::text AS kind,
                   interval_ms(start) AS begun,
                   least(interval_ms(start) + duration_ms,
                         interval_ms(lead(start) OVER (PARTITION BY agent_id ORDER BY start)),
                         interval_ms($4)) AS until,
                   eligible_for_routing IS DISTINCT FROM false AS routed
              FROM started
        ),
        spell AS MATERIALIZED (
            SELECT *
              FROM (TABLE activity UNION ALL TABLE in_force) AS v
             WHERE begun < until AND until > interval_ms($1) AND begun < interval_ms($2)
        ),
        cut AS (
            SELECT interval_start, agent_id, kind, routed, int8range(s.begun, s.until) * int8range(i.begun, i.until) AS ms
              FROM spell AS s
              JOIN window_interval AS i ON s.begun < i.until AND s.until > i.begun
        ),
        joined AS (
            SELECT interval_start, agent_id,
                   coalesce(range_agg(ms) FILTER (WHERE kind = 'busy'), '{}') AS busy,
                   coalesce(range_agg(ms) FILTER (WHERE kind = 'ring'), '{}') AS ring,
                   coalesce(range_agg(ms) FILTER (WHERE kind IN ('Ready', 'Away', 'ExtendedAway')), '{}') AS login,
                   coalesce(range_agg(ms) FILTER (WHERE kind = 'Ready'), '{}') AS ready,
                   coalesce(range_agg(ms) FILTER (WHERE kind IN ('Away', 'ExtendedAway')), '{}') AS away,
                   coalesce(range_agg(ms) FILTER (WHERE kind = 'Ready' AND routed), '{}') AS routable
              FROM cut
             GROUP BY interval_start, agent_id
        ),
        lengths AS (
            SELECT interval_start, agent_id, column_name, sum(upper(r) - lower(r))::bigint AS ms
              FROM joined,
                   LATERAL (VALUES ('busy', busy), ('login', login), ('ready', ready), ('away', away), ('routable', routable),
                                   ('busy_ready', busy * ready), ('ring_ready', ring * ready - busy)) AS v (column_name, ranges),
                   unnest(ranges) AS r
             GROUP BY interval_start, agent_id, column_name
        ),
        measured AS (
            SELECT interval_start, agent_id,
                   coalesce(max(ms) FILTER (WHERE column_name = 'busy'), 0) AS busy_ms,
                   coalesce(max(ms) FILTER (WHERE column_name = 'login'), 0) AS login_ms,
                   coalesce(max(ms) FILTER (WHERE column_name = 'ready'), 0) AS ready_ms,
                   coalesce(max(ms) FILTER (WHERE column_name = 'away'), 0) AS away_ms,
                   coalesce(max(ms) FILTER (WHERE column_name = 'busy_ready'), 0) AS busy_ready_ms,
                   coalesce(max(ms) FILTER (WHERE column_name = 'ring_ready'), 0) AS ring_ready_ms,
                   coalesce(max(ms) FILTER (WHERE column_name = 'routable'), 0) AS routable_ms
              FROM lengths
             GROUP BY interval_start, agent_id
        )
        SELECT *, busy_ready_ms / nullif(ready_ms - ring_ready_ms, 0)::double precision
          FROM measured
         WHERE busy_ms > 0 OR login_ms > 0
        $query$, plain_table(source), plain_table(source, '_presence'))
      USING from_time, to_time, width, as_of, media;
END
$$;
