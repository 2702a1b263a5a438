-- For tests with generated rows: values that are drawn, the same every time,
-- and a text that stands for many rows. Included into a schema of the test's own.

-- The nr-th number that is drawn for a key, from 0 to below what is given.
CREATE FUNCTION draw(key bigint, nr bigint, below bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (hashint8extended(key, nr) & x'7fffffffffffffff'::bigint) % below;
CREATE FUNCTION one_of(key bigint, nr bigint, elements anyarray) RETURNS anyelement
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS 'SELECT elements[1 + draw(key, nr, cardinality(elements))]';

-- Stands for the text of all rows of a query, in any order.
CREATE FUNCTION fingerprint(query text) RETURNS text
    LANGUAGE plpgsql AS
$$
DECLARE
    result text;
BEGIN
    EXECUTE format('SELECT md5(string_agg(v::text, '';'' ORDER BY v::text COLLATE "C")) FROM (%s) AS v', query)
       INTO result;
    RETURN result;
END
$$;
