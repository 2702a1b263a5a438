-- The same five metrics over participations.

-- [ours] whole row
SELECT {keys} handled_participations(p) AS handled, offered_participations(p) AS offered, unexpected_participations(p) AS unexpected,
	average_handle_time(p) AS average, unexpected_rate(p) AS rate
FROM {participations} AS p {group}

-- [sql] plain columns
SELECT {keys} count(*) FILTER (WHERE handled) AS handled, count(*) FILTER (WHERE offered) AS offered,
	count(*) FILTER (WHERE outcome = 'Unexpected') AS unexpected,
	sum(handle_ms) FILTER (WHERE handled)::float8 / (1000.0 * nullif(count(*) FILTER (WHERE handled), 0)) AS average,
	count(*) FILTER (WHERE outcome = 'Unexpected')::float8 / nullif(count(*) FILTER (WHERE offered), 0) AS rate
FROM {participations} {group}
