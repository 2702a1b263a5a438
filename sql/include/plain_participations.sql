-- What participation() makes of the activities in a table, in plain SQL. Included into a schema of the test's own, with
-- the types of the extension on the search_path.
--
-- The contract leaves open rows that no page makes. Here one without a start, or with an infinite one, counts for all but
-- the times; where the latest by start is looked for, one without a start counts as the earliest.
CREATE FUNCTION plain_participations(source regclass) RETURNS SETOF participation
    LANGUAGE plpgsql AS
$$
BEGIN
    RETURN QUERY EXECUTE format($query$
        WITH activity AS (
            SELECT *,
                   reason IS DISTINCT FROM 'Monitor' AS is_real,
                   reason IS DISTINCT FROM 'Monitor' AND coalesce(state = 'Connected', false) AS is_connected,
                   CASE WHEN isfinite(start) THEN start END AS begun,
                   CASE WHEN isfinite(start) THEN start + duration_ms * '1 ms'::interval END AS ended,
                   coalesce(start, '-infinity') AS since
              FROM %s
        ),
        -- the times are of real activities, or of all where none is real
        with_connected AS (
            SELECT *,
                   is_real OR NOT bool_or(is_real) OVER k AS gives_times,
                   min(begun) FILTER (WHERE is_connected) OVER k AS first_connected,
                   max(begun) FILTER (WHERE is_connected) OVER k AS last_connected
              FROM activity
            WINDOW k AS (PARTITION BY agent_id, interaction_guid, channel_guid)
        ),
        with_last AS (
            SELECT *,
                   begun = max(begun) FILTER (WHERE gives_times) OVER k AND gives_times AS is_last,
                   begun = last_connected AND is_connected AS is_last_connected,
                   max(begun) FILTER (WHERE is_real AND state = 'Ringing' AND begun <= first_connected) OVER k AS last_ring
              FROM with_connected
            WINDOW k AS (PARTITION BY agent_id, interaction_guid, channel_guid)
        ),
        summed AS (
            SELECT agent_id, interaction_guid, channel_guid, first_connected, last_ring,
                   min(begun) FILTER (WHERE gives_times) AS started_at,
                   max(ended) FILTER (WHERE gives_times) AS greatest_end,
                   count(*) FILTER (WHERE is_last AND duration_ms IS NULL) AS last_without_end,
                   count(*) FILTER (WHERE is_last AND duration_ms IS NULL
                                          AND status IS DISTINCT FROM 'InternalError') AS last_running,
                   max(ended) FILTER (WHERE is_last_connected) AS connected_end,
                   max(coalesce(ended, begun)) FILTER (WHERE is_last_connected) AS connected_until,
                   count(*) FILTER (WHERE is_last_connected AND duration_ms IS NULL) AS connected_without_end,
                   coalesce(sum(duration_ms) FILTER (WHERE is_real AND state = 'Ringing'), 0)::bigint AS ring_ms,
                   coalesce(sum(duration_ms) FILTER (WHERE is_connected), 0)::bigint AS talk_ms,
                   coalesce(sum(duration_ms) FILTER (WHERE is_real AND state = 'Wrap'), 0)::bigint AS wrap_ms,
                   coalesce(sum(duration_ms) FILTER (WHERE NOT is_real AND state IN ('Connected', 'Wrap')), 0)::bigint AS monitor_ms,
                   count(*) FILTER (WHERE is_connected)::integer AS connections,
                   count(*) FILTER (WHERE is_real) AS real_activities,
                   count(*) FILTER (WHERE reason = 'Monitor') AS monitor_activities,
                   count(*) FILTER (WHERE is_real AND state = 'Ringing') AS ringing,
                   count(*) FILTER (WHERE is_real AND state = 'Wrap') AS wrap,
                   count(*) FILTER (WHERE is_real AND state = 'Unexpected')::integer AS unexpected,
                   count(*) FILTER (WHERE is_real AND state = 'Failed') AS failed,
                   count(*) FILTER (WHERE is_real AND state IN ('Connected', 'Wrap') AND duration_ms IS NOT NULL) AS handled,
                   count(*) FILTER (WHERE is_real AND state IN ('Unexpected', 'Failed')
                                          AND begun >= last_ring AND begun < first_connected) AS refused,
                   (array_agg(reason ORDER BY since DESC, reason DESC)
                    FILTER (WHERE is_real AND state = 'Unexpected' AND reason IS NOT NULL))[1] AS unexpected_reason,
                   (array_agg(reason ORDER BY since DESC, reason DESC)
                    FILTER (WHERE is_real AND state = 'Failed' AND reason IS NOT NULL))[1] AS failed_reason,
                   max(status) AS status,
                   (array_agg(direction ORDER BY since DESC, direction DESC)
                    FILTER (WHERE direction IS NOT NULL))[1] AS direction,
                   (array_agg(medium ORDER BY since DESC, medium COLLATE "C" DESC)
                    FILTER (WHERE medium IS NOT NULL))[1] AS medium,
                   (array_agg(medium_manager ORDER BY since DESC, medium_manager COLLATE "C" DESC)
                    FILTER (WHERE medium_manager IS NOT NULL))[1] AS medium_manager,
                   max(reported_at) AS reported_at
              FROM with_last
             GROUP BY agent_id, interaction_guid, channel_guid, first_connected, last_ring
        )
        SELECT started_at,
               first_connected,
               CASE WHEN connected_without_end = 0 THEN connected_end END,
               CASE WHEN last_without_end = 0 THEN greatest_end END,
               CASE WHEN refused = 0
                    THEN round((extract(epoch FROM first_connected) - extract(epoch FROM last_ring)) * 1000)::bigint
               END,
               ring_ms, talk_ms,
               CASE WHEN first_connected IS NULL THEN 0
                    ELSE greatest(0, round((extract(epoch FROM connected_until) - extract(epoch FROM first_connected)) * 1000)::bigint
                                     - talk_ms)
               END,
               wrap_ms, talk_ms + wrap_ms, monitor_ms, connections, unexpected,
               CASE WHEN unexpected > 0 THEN 'Unexpected'
                    WHEN failed > 0 THEN 'Failed'
                    WHEN connections > 0 OR wrap > 0 THEN 'Answered'
                    WHEN ringing > 0 THEN 'Unanswered'
                    WHEN real_activities = 0 THEN 'Monitored'
               END::participation_outcome,
               unexpected_reason, failed_reason,
               ringing + connections + unexpected + failed > 0,
               handled > 0,
               last_running > 0,
               monitor_activities > 0,
               status, direction, interaction_guid, channel_guid, agent_id, medium, medium_manager, reported_at
          FROM summed
        $query$, source);
END
$$;
