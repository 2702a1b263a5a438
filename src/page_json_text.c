/*
 * page_json_text.c
 *	  The text of a json document: where a value ends, and how to spell it for
 *	  json-c.
 *
 * The type json has validated the text, so its syntax is not checked again.
 * Memory safety does not rely on that.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "compat.h"
#include "page_json_text.h"

#define LONGEST_KEY 13 /* bytes of the longest key of an item */

/* Raise an error: the text is not JSON, and so not of type json. */
void
malformed_json(void)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
					errmsg("document is not valid JSON")));
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Return the value of four hex digits, or -1 if they are not. */
static int
hex4(const char *at, const char *end)
{
	int value = 0;

	if (end - at < 4)
		return -1;
	for (int i = 0; i < 4; i++)
	{
		char c = at[i];

		if (is_digit(c))
			value = value * 16 + (c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value * 16 + (c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			value = value * 16 + (c - 'A' + 10);
		else
			return -1;
	}
	return value;
}

static bool
is_surrogate(int code)
{
	return code >= 0xD800 && code <= 0xDFFF;
}

/* Whether json-c and PostgreSQL convert a \u escape to the same character. */
static bool
is_plain_escape(int code)
{
	return code > 0 && !is_surrogate(code) &&
		   (code < 0x80 || GetDatabaseEncoding() == PG_UTF8);
}

/* Return the end of the string whose opening quote is at. */
static const char *
skip_string(const char *at, const char *end)
{
	while ((at = find_quote_or_escape(at + 1, end)) < end)
	{
		if (*at == '"')
			return at + 1;
		if (++at == end)
			break;
	}
	malformed_json();
}

/* Return the end of a number, true, false or null. */
static const char *
skip_word(const char *at, const char *end)
{
	while (at < end && *at != ',' && *at != ']' && *at != '}' && *at != ' ' &&
		   *at != '\n' && *at != '\t' && *at != '\r')
		at++;
	return at;
}

/* Whether a number is an integer of so many digits that bigint may overflow. */
static bool
is_long_integer(const char *at, const char *end)
{
	if (at < end && *at == '-')
		at++;
	if (end - at <= LONGEST_INTEGER)
		return false;
	while (at < end && is_digit(*at))
		at++;
	return at == end;
}

/* Return the end of the value that starts at at. */
const char *
skip_json_value(const char *at, const char *end)
{
	int depth = 0;

	do
	{
		const char *start;

		switch (peek_json(&at, end))
		{
			case '{':
			case '[':
				depth++;
				at++;
				break;
			case '}':
			case ']':
				depth--;
				at++;
				break;
			case ',':
				CHECK_FOR_INTERRUPTS();
				at++;
				break;
			case ':':
				at++;
				break;
			case '"':
				at = skip_string(at, end);
				break;
			default:
				start = at;
				at = skip_word(at, end);
				if (at == start)
					malformed_json();
		}
	} while (depth > 0);
	if (depth < 0)
		malformed_json();
	return at;
}

/*
 * Append a character in the database's encoding; false if the encoding lacks
 * it.
 */
static bool
append_character(StringInfo out, pg_wchar code)
{
	unsigned char utf8[MAX_MULTIBYTE_CHAR_LEN + 1];
	unsigned char
		converted[MAX_CONVERSION_GROWTH * MAX_MULTIBYTE_CHAR_LEN + 1];
	int length;
	Oid conversion;

	conversion = FindDefaultConversionProc(PG_UTF8, GetDatabaseEncoding());
	if (!OidIsValid(conversion))
		return false;
	unicode_to_utf8(code, utf8);
	length = pg_utf_mblen(utf8);
	utf8[length] = '\0';
	if (pg_do_encoding_conversion_buf(conversion, PG_UTF8,
									  GetDatabaseEncoding(), utf8, length,
									  converted, sizeof(converted),
									  true) != length)
		return false;
	appendStringInfoString(out, (char *) converted);
	return true;
}

/*
 * Append the string from at to end, with its quotes, spelled for json-c. An
 * escape that is not a character of the database's encoding becomes \u0000: in
 * a value that counts, that is an error.
 */
static void
append_string(StringInfo out, const char *at, const char *end)
{
	while (at < end)
	{
		const char *start = at;
		int code;

		at = memchr(at, '\\', end - at);
		if (at == NULL)
			at = end;
		appendBinaryStringInfo(out, start, at - start);
		if (at == end)
			break;
		start = at;
		if (at[1] != 'u')
		{
			appendBinaryStringInfo(out, at, 2);
			at += 2;
			continue;
		}
		code = hex4(at + 2, end);
		if (code < 0)
			malformed_json();
		at += 6;
		if (is_plain_escape(code))
		{
			appendBinaryStringInfo(out, start, at - start);
			continue;
		}
		if (is_utf16_surrogate_first(code) && end - at >= 6 && at[0] == '\\' &&
			at[1] == 'u' && is_utf16_surrogate_second(hex4(at + 2, end)))
		{
			code = surrogate_pair_to_codepoint(code, hex4(at + 2, end));
			at += 6;
			if (GetDatabaseEncoding() == PG_UTF8)
			{
				appendBinaryStringInfo(out, start, at - start);
				continue;
			}
		}
		if (code == 0 || is_surrogate(code) || !append_character(out, code))
			appendStringInfoString(out, "\\u0000");
	}
}

/*
 * Append a value that is neither object nor array, spelled so that json-c
 * reads it as PostgreSQL does. A long integer gets an exponent, so that json-c
 * keeps its digits.
 */
void
append_for_json_c(StringInfo out, Slice value)
{
	const char *end = value.text + value.length;

	if (*value.text == '"')
	{
		append_string(out, value.text, end);
		return;
	}
	appendBinaryStringInfo(out, value.text, value.length);
	if (is_long_integer(value.text, end))
		appendStringInfoString(out, "e0");
}

/*
 * Read one character of a string, an escape or a byte, and move *at past it.
 * Returns a value above 127 for anything but ASCII, and -1 for a bad escape.
 */
static int
read_character(const char **at, const char *end)
{
	const char *start = *at;

	*at = start + 1;
	if (*start != '\\' || end - start < 2)
		return (unsigned char) *start;
	*at = start + 2;
	switch (start[1])
	{
		case 'b':
			return '\b';
		case 'f':
			return '\f';
		case 'n':
			return '\n';
		case 'r':
			return '\r';
		case 't':
			return '\t';
		case 'u':
			*at = Min(start + 6, end);
			return hex4(start + 2, end);
		default:
			return (unsigned char) start[1];
	}
}

/* Whether a key, given with its quotes and escapes, has this name. */
bool
is_json_key(Slice key, const char *name)
{
	const char *at = key.text + 1;
	const char *end = key.text + key.length - 1;

	while (at < end && *name != '\0')
	{
		if (read_character(&at, end) != *name++)
			return false;
	}
	return at == end && *name == '\0';
}

/* As item_key, for a key given with its quotes and escapes. */
ItemKey
item_key_of(ItemKey parent, Slice key)
{
	const char *at = key.text + 1;
	const char *end = key.text + key.length - 1;
	char name[LONGEST_KEY];
	int length = 0;

	if (memchr(at, '\\', end - at) == NULL)
		return item_key(parent, at, end - at);
	while (at < end)
	{
		int character = read_character(&at, end);

		if (length == LONGEST_KEY || character <= 0 || character > 127)
			return KEY_UNKNOWN;
		name[length++] = (char) character;
	}
	return item_key(parent, name, length);
}

/*
 * Whether a string, given with its quotes and escapes, contains an object or
 * array, judging by its first characters.
 */
bool
holds_json(Slice string)
{
	const char *at = string.text + 1;
	const char *end = string.text + string.length - 1;

	while (at < end)
	{
		switch (read_character(&at, end))
		{
			case ' ':
			case '\t':
			case '\n':
			case '\r':
				break;
			case '{':
			case '[':
				return true;
			default:
				return false;
		}
	}
	return false;
}

/* Return the value that starts at *at, and move *at past it. */
Slice
take_json_value(const char **at, const char *end)
{
	Slice value;

	peek_json(at, end);
	value.text = *at;
	*at = skip_json_value(*at, end);
	value.length = *at - value.text;
	return value;
}
