-- start and upTo are ISO 8601: every spelling of it is read as PostgreSQL reads
-- it, and nothing else is taken. Alike from json and jsonb.
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS activity;
RESET client_min_messages;
CREATE SCHEMA expand_times;
SET search_path = expand_times, public;
SET timezone = 'UTC';
SET datestyle = 'ISO';
\getenv srcdir PG_ABS_SRCDIR
\set include :srcdir '/sql/include/documents.sql'
\set ECHO none
\i :include
\set ECHO all

-- PostgreSQL's own reading, in UTC, is the independent answer
SELECT start AS spelled, (rows[1]).start AS taken, (rows[1]).start = start::timestamptz AS as_postgresql
FROM (VALUES ('2026-03-28T23:40:00.000Z'), ('2026-03-28T23:40:00Z'), ('2026-03-28T23:40:00.1234567Z'),
        ('2026-03-28T23:40:00'), ('2026-03-28T23:40:00.5'), ('2026-03-28T23:40Z'), ('2026-03-28T23:40'),
        ('2026-03-28 23:40:00Z'), ('2026-03-28t23:40:00z'),
        ('2026-03-28T23:40:00+00:00'), ('2026-03-28T23:40:00-00:00'), ('2026-03-28T23:40:00+02:00'),
        ('2026-03-28T23:40:00-0330'), ('2026-03-28T23:40:00+05'), ('2026-03-28T23:40:00+15:59'), ('2026-03-28T23:40:00-15:59'),
        ('2026-03-28T23:40:60Z'), ('2016-12-31T23:59:60Z'), ('2017-01-01T00:59:60+01:00'), ('2026-03-28T24:00:00Z'), ('2026-12-31T24:00:00.000Z'),
        ('0001-01-01T00:00:00Z'), ('0001-01-01T00:00:00+01:00'), ('9999-12-31T23:59:59.999999Z'), ('9999-12-31T23:59:59.9999999Z'), ('9999-12-31T23:59:59-15:59'),
        ('2000-02-29T00:00:00Z'), ('2024-02-29T12:00:00Z'), ('1900-02-28T00:00:00Z'), ('1970-01-01T00:00:00Z'), ('2000-01-01T00:00:00Z')
    ) AS v (start), expand(item(start := to_json(start)::text));

-- decimals are rounded as PostgreSQL rounds them: 2,000 random ones of 1 to 40
-- digits, and halves
SELECT count(*), count(*) FILTER (WHERE (rows[1]).start IS DISTINCT FROM start::timestamptz) AS different
FROM (SELECT '2026-03-28T23:40:59.' || left(md5_digits, 1 + i % 40) || 'Z'
        FROM generate_series(1, 2000) AS i,
            LATERAL (SELECT translate(md5(i::text) || md5((-i)::text), 'abcdef', '012345')) AS m (md5_digits)
        UNION ALL
        SELECT format('2026-03-28T23:40:00.%s5Z', lpad(i::text, 6, '0')) FROM generate_series(0, 999999, 1237) AS i
    ) AS v (start),
    LATERAL (SELECT array_agg(a) FROM activities(item(start := to_json(start)::text)::json) a) AS e (rows);
SELECT (rows[1]).start FROM expand(item(start := '"2026-03-28T23:40:00.1234565' || repeat('0', 5000) || 'Z"'));
SELECT (rows[1]).start FROM expand(item(start := '"2026-03-28T23:40:00.1234564' || repeat('9', 5000) || 'Z"'));
-- ISO 8601 allows a comma, which PostgreSQL does not
SELECT (rows[1]).start FROM expand(item(start := '"2026-03-28T23:40:00,25Z"'));

-- Around the end of a minute and of a day, in every zone, all of these are read as PostgreSQL reads them, and refused
-- where it refuses them: what goes past 24:00:00 by the clock that it is spelled in.
CREATE FUNCTION as_postgresql(spelled text) RETURNS timestamptz LANGUAGE plpgsql AS $$
BEGIN
    RETURN spelled::timestamptz;
EXCEPTION WHEN datetime_field_overflow OR invalid_datetime_format THEN
    RETURN NULL;
END
$$;
SELECT count(*) AS spellings, count(postgresql) AS taken,
    count(*) FILTER (WHERE start IS DISTINCT FROM postgresql) AS different,
    count(*) FILTER (WHERE code <> '22008') AS of_another_code
FROM (SELECT day || 'T' || time || decimals || zone
        FROM unnest(ARRAY['2016-12-31', '2026-03-28', '2024-02-29', '9999-12-31', '0001-01-01']) AS day,
            unnest(ARRAY['00:00:00', '00:00:59', '00:00:60', '12:34:59', '12:34:60', '12:34:61', '22:59:60', '23:58:60', '23:59:00',
                '23:59:59', '23:59:60', '23:59:61', '23:60:00', '24:00:00', '24:00:01', '24:00:60', '24:01:00', '25:00:00']) AS time,
            unnest(ARRAY['', '.0', '.5', '.63', '.000001', '.999999', '.0000001', '.0000004', '.0000005', '.00000050000000001', '.0000006',
                '.9999994', '.9999995', '.9999999', '.99999949999999999999', '.00000000000000000000', '.0000000000000000000001']) AS decimals,
            unnest(ARRAY['', 'Z', '+01:00', '-01:00', '+15:59', '-15:59']) AS zone) AS v (spelled),
    as_postgresql(spelled) AS postgresql,
    LATERAL (SELECT (SELECT start FROM activities(item(start := to_json(spelled)::text)::json, 'ignore')),
            (SELECT code FROM activity_errors(item(start := to_json(spelled)::text)::json))) AS ours (start, code);
SELECT spelled, (rows[1]).start, errors
FROM (VALUES ('2016-12-31T23:59:60Z'), ('2016-12-31T23:59:60.63Z'), ('2016-12-31T22:59:60.63-01:00'), ('2016-12-31T23:59:59.9999999Z'),
        ('2016-12-31T23:59:60.0000001Z'), ('2016-12-31T24:00:00.0000001Z'), ('2016-12-31T24:00:00.000001Z')
    ) AS v (spelled), expand(item(start := to_json(spelled)::text));

-- every day of four centuries
SELECT count(*), count(*) FILTER (WHERE start IS DISTINCT FROM day) AS different
FROM (SELECT day, a.start FROM generate_series('1799-12-30Z'::timestamptz, '2201-01-02Z', '1 day') AS day
            LEFT JOIN LATERAL activities(item(start := to_json(to_char(day, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))::text)::json) AS a ON true) AS s;

-- what is not taken
\pset format unaligned
SELECT start, errors
FROM (VALUES ('now'), ('today'), ('infinity'), ('-infinity'), ('epoch'), ('allballs'), (''), (' '),
        ('2026-03-28'), ('2026-03-28T'), ('2026-03-28T23'), ('2026-03-28T23:40:'), ('2026-03-28T23:40:00.'), ('2026-03-28T23:40:00.Z'),
        ('2026-03-28T23:40:00ZZ'), ('2026-03-28T23:40:00 Z'), (' 2026-03-28T23:40:00Z'), ('2026-03-28T23:40:00Z '),
        ('2026-03-28T23:40:00+'), ('2026-03-28T23:40:00+1'), ('2026-03-28T23:40:00+01:'), ('2026-03-28T23:40:00+01:0'), ('2026-03-28T23:40:00+01:00:00'), ('2026-03-28T23:40:00 UTC'), ('2026-03-28T23:40:00 Europe/Paris'), ('2026-03-28T23:40:00 BC'),
        ('20260328T234000Z'), ('2026-W13-6T23:40:00Z'), ('2026-087T23:40:00Z'), ('28.03.2026 23:40:00'), ('03/28/2026 23:40:00'), ('1774741200'), ('26-03-28T23:40:00Z'), ('+2026-03-28T23:40:00Z'), ('12026-03-28T23:40:00Z'), ('-0001-03-28T23:40:00Z'),
        ('2026-3-28T23:40:00Z'), ('2026-03-28T3:40:00Z'), ('2026-03-28T23:40:0Z'), ('２０26-03-28T23:40:00Z'),
        ('0000-01-01T00:00:00Z'), ('2026-00-28T23:40:00Z'), ('2026-13-28T23:40:00Z'), ('2026-03-00T23:40:00Z'), ('2026-03-32T23:40:00Z'), ('2026-02-29T00:00:00Z'), ('1900-02-29T00:00:00Z'), ('2026-04-31T00:00:00Z'),
        ('2026-03-28T25:00:00Z'), ('2026-03-28T24:00:01Z'), ('2026-03-28T24:00:00.000001Z'), ('2026-03-28T24:01:00Z'), ('2026-03-28T23:60:00Z'), ('2026-03-28T23:40:61Z'), ('2026-03-28T23:40:00+16:00'), ('2026-03-28T23:40:00+01:60')
    ) AS v (start), expand(item(start := to_json(start)::text));
\pset format aligned

SET client_min_messages = warning;
DROP SCHEMA expand_times CASCADE;
