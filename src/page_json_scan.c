/*
 * page_json_scan.c
 *	  The fast reader: reads one item of a json document in a single pass.
 *
 * It reads items in the form that the API sends, and leaves all others to
 * json-c: an item with an escape in a key or in a value that counts, a number
 * that is not a short integer, a repeated key, an object or array where a
 * scalar belongs, or a key "items", which may make it a page. The items that
 * it reads it reads as json-c does; fuzz/readers_agree.c and
 * sql/readers_agree.sql compare the two.
 */
#include "postgres.h"

#include "page_json_text.h"
#include "page_reader.h"

/*
 * Return the closing quote of the string whose first character is at; NULL if
 * the string has an escape.
 */
static inline const char *
string_end(const char *at, const char *end)
{
	at = find_quote_or_escape(at, end);
	return at < end && *at == '"' ? at : NULL;
}

static inline bool
ends_word(const char *at, const char *end)
{
	return at < end && (*at == ',' || *at == '}' || *at == ' ' ||
						*at == '\n' || *at == '\r' || *at == '\t');
}

/* Read a short integer; NULL for any other number. */
static inline const char *
scan_integer(const char *at, const char *end, JsonField *field)
{
	bool negative = *at == '-';
	int64 value = 0;
	int digits = 0;

	for (at += negative; at < end && *at >= '0' && *at <= '9'; at++)
	{
		value = value * 10 + (*at - '0');
		if (++digits > LONGEST_INTEGER)
			return NULL;
	}
	if (digits == 0 || !ends_word(at, end))
		return NULL;
	field->kind = JSON_INTEGER;
	field->integer = negative ? -value : value;
	return at;
}

/* Read true, false or null. */
static inline const char *
scan_word(const char *at, const char *end, JsonField *field)
{
	if (end - at >= 4 && memcmp(at, "null", 4) == 0)
	{
		field->kind = JSON_NULL;
		at += 4;
	}
	else if (end - at >= 4 && memcmp(at, "true", 4) == 0)
	{
		field->kind = JSON_BOOLEAN;
		field->integer = 1;
		at += 4;
	}
	else if (end - at >= 5 && memcmp(at, "false", 5) == 0)
	{
		field->kind = JSON_BOOLEAN;
		field->integer = 0;
		at += 5;
	}
	else
		return NULL;
	return ends_word(at, end) ? at : NULL;
}

/*
 * Read the item, or its object parent. Returns the object's end, or NULL to
 * leave the item to json-c.
 */
static const char *
scan_object(const char *at, const char *end, ItemKey parent, PageItem *item)
{
	at = skip_space(at + 1, end);
	if (at < end && *at == '}')
		return at + 1;
	for (;;)
	{
		const char *name;
		JsonField *field;
		ItemKey key;

		if (at >= end || *at != '"')
			return NULL;
		name = at + 1;
		at = string_end(name, end);
		if (at == NULL)
			return NULL;
		key = item_key(parent, name, at - name);
		at = skip_space(at + 1, end);
		if (at >= end || *at != ':')
			return NULL;
		at = skip_space(at + 1, end);
		if (at >= end)
			return NULL;

		if (key == KEY_UNKNOWN)
			at = skip_json_value(at, end);
		else if (key == KEY_ITEMS)
			return NULL;
		else
		{
			field = &item->fields[key];
			if (field->kind != JSON_ABSENT)
				return NULL;
			switch (*at)
			{
				case '"':
					field->kind = JSON_STRING;
					field->text = at + 1;
					at = string_end(at + 1, end);
					if (at == NULL)
						return NULL;
					field->length = at - field->text;
					at++;
					break;
				case '{':
					if (key != KEY_INTERACTION && key != KEY_CHANNEL)
						return NULL;
					field->kind = JSON_OBJECT;
					at = scan_object(at, end, key, item);
					break;
				case '[':
					return NULL;
				case 't':
				case 'f':
				case 'n':
					at = scan_word(at, end, field);
					break;
				default:
					at = scan_integer(at, end, field);
			}
			if (at == NULL)
				return NULL;
		}

		at = skip_space(at, end);
		if (at >= end)
			return NULL;
		if (*at == '}')
			return at + 1;
		if (*at != ',')
			return NULL;
		at = skip_space(at + 1, end);
	}
}

/*
 * Read the item that starts at at. Returns the item's end, or NULL to leave it
 * to json-c. The fields' texts point into the document.
 */
const char *
scan_item(const char *at, const char *end, PageItem *item)
{
	memset(item->fields, 0, sizeof(item->fields));
	item->kind = JSON_OBJECT;
	return scan_object(at, end, KEY_NO_PARENT, item);
}
