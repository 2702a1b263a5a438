-- The error that a statement ends in. Included into a schema of the test's own.

-- In its parts, without where it was raised; nulls if there was none.
CREATE FUNCTION raised(statement text, OUT code text, OUT message text, OUT detail text, OUT hint text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE statement;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT,
        detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
END
$$;

-- As one line; 'none' if there was none.
CREATE FUNCTION refusal(statement text) RETURNS text
BEGIN ATOMIC
    SELECT CASE WHEN code IS NULL THEN 'none' ELSE concat_ws(' | ', code, message, nullif(detail, ''), nullif(hint, '')) END
      FROM raised(statement);
END;
