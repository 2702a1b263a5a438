-- Functions to make documents, and to read them as json and as jsonb at once.
-- Included into a schema of the test's own.

-- The text of one item; every argument is JSON text.
CREATE FUNCTION item(
    agent_id text DEFAULT '"1042"',
    start text DEFAULT '"2026-03-28T23:40:00.000Z"',
    status text DEFAULT '"Completed"',
    duration text DEFAULT '20000',
    state text DEFAULT '"Connected"',
    reason text DEFAULT 'null',
    guid text DEFAULT '"7c1e0a10-0001-4a00-8000-0000000000a1"',
    medium text DEFAULT '"Phone"',
    manager text DEFAULT '"VCC"',
    direction text DEFAULT '"Inbound"',
    channel text DEFAULT '"7c1e0a10-0011-4a00-8000-0000000000c0"')
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT format('{"agentId":%s,"start":%s,"status":%s,"duration":%s,"state":%s,"reason":%s,"interaction":{"guid":%s,"medium":%s,"mediumManager":%s,"direction":%s},"channel":{"guid":%s}}',
        agent_id, start, status, duration, state, reason, guid, medium,
        manager, direction, channel)
$$;

-- The same of a presence; state, name, eligible and more are whole members.
CREATE FUNCTION presence_item(
    agent_id text DEFAULT '"301"', start text DEFAULT '"2026-07-14T08:00:00Z"', duration text DEFAULT '60000',
    state text DEFAULT '"state":"Ready"', name text DEFAULT '"name":"Ready"',
    eligible text DEFAULT '"eligibleForRouting":true', more text DEFAULT '"x":0')
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT format('{"agentId":%s,"start":%s,"duration":%s,%s,%s,%s,%s}', agent_id, start, duration, state, name, eligible, more)
$$;

-- A page of these items.
CREATE FUNCTION page(items text, up_to text DEFAULT '2026-03-29T00:00:00Z')
RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT format('{"items":[%s],"upTo":"%s"}', items, up_to)
$$;

-- An unknown key with an escape makes the fast reader leave an item to json-c.
CREATE FUNCTION left_to_json_c(document text) RETURNS text LANGUAGE sql IMMUTABLE
    RETURN replace(document, '{"agentId"', '{"\u0078":0,"agentId"');

-- What 'stop' raises of a document of a type, read by activities or presences.
CREATE FUNCTION stopped(document text, type text, reader text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    message text; detail text; hint text;
BEGIN
    EXECUTE format('SELECT count(*) FROM %s($1::%s)', reader, type)
        USING document;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(E'\n', SQLSTATE || ': ' || message, detail, hint);
END
$$;

-- All that the extension says of a document of a type: rows, errors, page,
-- and what 'stop' raises.
CREATE FUNCTION said(document text, type text, OUT rows activity[],
    OUT presences presence[], OUT with_null activity[],
    OUT errors text[], OUT documents jsonb[], OUT page text, OUT raised text)
LANGUAGE plpgsql AS $$
DECLARE
    only_labels boolean;
BEGIN
    EXECUTE format('SELECT coalesce(array_agg(a), ''{}'') FROM activities($1::%s, ''ignore'') a', type)
        INTO rows USING document;
    EXECUTE format('SELECT coalesce(array_agg(a), ''{}'') FROM activities($1::%s, ''set_null'') a', type)
        INTO with_null USING document;
    EXECUTE format('SELECT coalesce(array_agg(p), ''{}'') FROM presences($1::%s, ''ignore'') p', type)
        INTO presences USING document;
    EXECUTE format('SELECT coalesce(array_agg(concat_ws('' | '', coalesce(item::text, ''-''), coalesce(key, ''-''), code, message, CASE WHEN kept THEN ''kept'' END)), ''{}''), count(DISTINCT item) FILTER (WHERE kept) = $2 FROM activity_errors($1::%s)', type)
        INTO errors, only_labels USING document, cardinality(with_null) - cardinality(rows);
    EXECUTE format('SELECT activity_page($1::%s)::text', type)
        INTO page USING document;
    raised := coalesce(stopped(document, type, 'activities'), stopped(document, type, 'presences'));
    IF (raised IS NULL) <> (errors = '{}') THEN
        RAISE EXCEPTION 'stop and activity_errors differ on %', document;
    ELSIF NOT only_labels THEN
        RAISE EXCEPTION 'set_null and activity_errors differ on %', document;
    END IF;
    -- what was left out can be something that jsonb cannot hold
    BEGIN
        EXECUTE format('SELECT array_agg(document::jsonb) FROM activity_errors($1::%s)', type)
            INTO documents USING document;
    EXCEPTION WHEN untranslatable_character OR numeric_value_out_of_range
        OR invalid_text_representation OR feature_not_supported THEN NULL;
    END;
END
$$;

-- Reads a document as json and as jsonb; an error unless both say the same.
-- Returns what they say; only_json if jsonb does not accept the document.
CREATE FUNCTION expand(document text, OUT rows activity[], OUT errors text[],
    OUT raised text, OUT only_json boolean, OUT presences presence[])
LANGUAGE plpgsql AS $$
DECLARE
    as_json record;
    as_jsonb record;
BEGIN
    SELECT * INTO as_json FROM said(document, 'json');
    rows := as_json.rows;
    errors := as_json.errors;
    raised := as_json.raised;
    presences := as_json.presences;
    only_json := false;
    BEGIN
        PERFORM document::jsonb;
    EXCEPTION WHEN OTHERS THEN
        only_json := true;
        RETURN;
    END;
    SELECT * INTO as_jsonb FROM said(document, 'jsonb');
    IF as_json IS DISTINCT FROM as_jsonb THEN
        RAISE EXCEPTION E'json and jsonb differ on %:\n%\n%', document,
            as_json, as_jsonb;
    END IF;
END
$$;
