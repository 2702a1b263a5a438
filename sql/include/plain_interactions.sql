-- What interaction() makes of the participations in a table, in plain SQL. Included into a schema of the test's own, with
-- the types of the extension on the search_path.
--
-- The contract leaves open rows that no participation() makes. Here one without started_at is after all others where the
-- first is looked for, no agent is an agent of its own, before all others, and an unknown outcome is not Monitored.
CREATE FUNCTION plain_interactions(source regclass) RETURNS SETOF interaction
    LANGUAGE plpgsql AS
$$
BEGIN
    RETURN QUERY EXECUTE format($query$
        WITH part AS (
            SELECT *,
                   dense_rank() OVER (ORDER BY interaction_guid) AS nr,
                   outcome IS NOT DISTINCT FROM 'Monitored' AS listened
              FROM %s
        ),
        leg AS (
            SELECT nr, agent_id, answered_at, disconnected_at, answer_ms,
                   CASE WHEN disconnected_at IS NOT NULL THEN disconnected_at
                        WHEN open THEN 'infinity'
                   END AS until,
                   answered_at = min(answered_at) OVER (PARTITION BY nr) AS is_first,
                   row_number() OVER (PARTITION BY nr ORDER BY answered_at, agent_id COLLATE "C" NULLS FIRST) AS place
              FROM part
             WHERE answered_at IS NOT NULL
        ),
        consult AS (
            SELECT nr, place
              FROM leg
             WHERE EXISTS (SELECT
                             FROM leg AS holder
                            WHERE holder.nr = leg.nr AND holder.place < leg.place
                                  AND holder.agent_id IS DISTINCT FROM leg.agent_id
                                  AND holder.until >= leg.until)
        ),
        -- the others, in their order
        hold AS (
            SELECT nr, agent_id,
                   row_number() OVER (PARTITION BY nr ORDER BY place) AS from_first,
                   row_number() OVER (PARTITION BY nr ORDER BY place DESC) AS from_last
              FROM leg
             WHERE (nr, place) NOT IN (TABLE consult)
        ),
        transfer AS (
            SELECT nr, count(*)::integer AS transfers
              FROM hold AS one
              JOIN hold AS next USING (nr)
             WHERE next.from_first = one.from_first + 1 AND next.agent_id IS DISTINCT FROM one.agent_id
             GROUP BY nr
        ),
        consults AS (
            SELECT nr, count(*)::integer AS consults
              FROM consult
             GROUP BY nr
        ),
        legs AS (
            SELECT nr, min(answered_at) AS answered_at,
                   bool_or(is_first AND answer_ms IS NOT NULL) AS first_rang,
                   CASE WHEN bool_and(disconnected_at IS NOT NULL) THEN max(disconnected_at) END AS disconnected_at,
                   count(*)::integer AS answered,
                   (count(DISTINCT agent_id) + max((agent_id IS NULL)::integer))::integer AS agents
              FROM leg
             GROUP BY nr
        ),
        summed AS (
            SELECT nr, interaction_guid,
                   min(started_at) FILTER (WHERE gives_times) AS started_at,
                   CASE WHEN bool_and(ended_at IS NOT NULL) FILTER (WHERE gives_times)
                        THEN max(ended_at) FILTER (WHERE gives_times)
                   END AS ended_at,
                   coalesce(bool_or(open) FILTER (WHERE gives_times), false) AS open,
                   coalesce(sum(ring_ms), 0)::bigint AS ring_ms,
                   coalesce(sum(talk_ms), 0)::bigint AS talk_ms,
                   coalesce(sum(parked_ms), 0)::bigint AS parked_ms,
                   coalesce(sum(wrap_ms), 0)::bigint AS wrap_ms,
                   coalesce(sum(handle_ms), 0)::bigint AS handle_ms,
                   coalesce(sum(monitor_ms), 0)::bigint AS monitor_ms,
                   count(*)::integer AS participations,
                   count(*) FILTER (WHERE offered)::integer AS offered,
                   count(*) FILTER (WHERE handled)::integer AS handled,
                   count(*) FILTER (WHERE outcome = 'Unexpected')::integer AS unexpected,
                   count(*) FILTER (WHERE outcome = 'Failed')::integer AS failed,
                   count(*) FILTER (WHERE outcome = 'Monitored')::integer AS monitored,
                   coalesce(sum(unexpected_attempts), 0)::integer AS unexpected_attempts,
                   CASE WHEN bool_or(answered_at IS NOT NULL OR outcome IS NOT DISTINCT FROM 'Answered') THEN 'Answered'
                        WHEN bool_or(outcome = 'Unexpected') THEN 'Unexpected'
                        WHEN bool_or(outcome = 'Failed') THEN 'Failed'
                        WHEN bool_or(outcome = 'Unanswered') THEN 'Unanswered'
                        WHEN bool_and(listened) THEN 'Monitored'
                   END::participation_outcome AS outcome,
                   max(status) AS status,
                   (array_agg(direction ORDER BY listened, started_at, direction)
                    FILTER (WHERE direction IS NOT NULL))[1] AS direction,
                   (array_agg(medium ORDER BY listened, started_at, medium COLLATE "C")
                    FILTER (WHERE medium IS NOT NULL))[1] AS medium,
                   (array_agg(medium_manager ORDER BY listened, started_at, medium_manager COLLATE "C")
                    FILTER (WHERE medium_manager IS NOT NULL))[1] AS medium_manager,
                   max(reported_at) AS reported_at
              FROM (SELECT *, NOT listened OR bool_and(listened) OVER (PARTITION BY nr) AS gives_times FROM part) AS part
             GROUP BY nr, interaction_guid
        )
        SELECT started_at, answered_at, disconnected_at, ended_at,
               CASE WHEN answered_at IS DISTINCT FROM started_at
                    THEN round((extract(epoch FROM answered_at) - extract(epoch FROM started_at)) * 1000)::bigint
                    WHEN first_rang THEN 0
               END,
               round((extract(epoch FROM ended_at) - extract(epoch FROM started_at)) * 1000)::bigint,
               ring_ms, talk_ms, parked_ms, wrap_ms, handle_ms, monitor_ms, participations, coalesce(agents, 0),
               offered, coalesce(answered, 0), handled, unexpected, failed, monitored, unexpected_attempts,
               coalesce(transfers, 0), coalesce(consults, 0),
               outcome, open, status, direction, interaction_guid, first.agent_id, last.agent_id, medium, medium_manager,
               reported_at
          FROM summed
          LEFT JOIN legs USING (nr)
          LEFT JOIN transfer USING (nr)
          LEFT JOIN consults USING (nr)
          LEFT JOIN hold AS first ON first.nr = summed.nr AND first.from_first = 1
          LEFT JOIN hold AS last ON last.nr = summed.nr AND last.from_last = 1
        $query$, source);
END
$$;
