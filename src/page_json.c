/*
 * page_json.c
 *	  Finds the items of a json document. The fast reader (page_json_scan.c)
 *	  reads an item, or else json-c (page_json_c.c).
 */
#include "postgres.h"

#include "miscadmin.h"

#include "compat.h"
#include "page_json_text.h"
#include "page_reader.h"

typedef struct JsonPage
{
	PageReader reader;
	MemoryContext context; /* owns all of it */
	JsonCReader *json_c;   /* NULL until it is needed */
	Slice document;
	Slice up_to;
	Slice meta;
	Slice items;		   /* an array, or a single item */
	Slice item;			   /* the last one */
	const char *next;	   /* where to look for the next one */
	const char *items_end; /* the end of the array, once it is found */
} JsonPage;

/*
 * Move to the next element of an array, from after its bracket or after an
 * element; false at the array's end.
 */
static bool
next_json_element(const char **at, const char *end)
{
	char c = peek_json(at, end);

	if (c == ']')
		return false;
	if (c == ',')
		(*at)++;
	return true;
}

/* Return the page's json-c reader; the first call creates it. */
static JsonCReader *
json_c_of(JsonPage *page)
{
	if (page->json_c == NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(page->context);

		page->json_c = json_c_reader_create();
		MemoryContextSwitchTo(caller);
	}
	return page->json_c;
}

static JsonKind
kind_of(Slice value)
{
	switch (value.text == NULL ? '\0' : *value.text)
	{
		case '\0':
			return JSON_ABSENT;
		case '{':
			return JSON_OBJECT;
		case '[':
			return JSON_ARRAY;
		case '"':
			return JSON_STRING;
		case 't':
		case 'f':
			return JSON_BOOLEAN;
		case 'n':
			return JSON_NULL;
		default:
			return JSON_DECIMAL;
	}
}

/* Read values that are neither objects nor arrays, with json-c. */
static void
read_scalars(JsonPage *page, const Slice *values, JsonField *const *fields,
			 int count)
{
	StringInfoData array;

	initStringInfo(&array);
	for (int i = 0; i < count; i++)
	{
		appendStringInfoChar(&array, i == 0 ? '[' : ',');
		append_for_json_c(&array, values[i]);
	}
	appendStringInfoChar(&array, ']');
	json_c_read(json_c_of(page), array.data, array.len, fields, count);
	pfree(array.data);
}

/*
 * Read a value into a field, JSON_ABSENT if there is none. The text does not
 * depend on json-c, which reuses its memory.
 */
static void
read_field(JsonPage *page, Slice value, JsonField *field)
{
	memset(field, 0, sizeof(JsonField));
	field->kind = kind_of(value);
	if (field->kind == JSON_ABSENT || field->kind == JSON_OBJECT ||
		field->kind == JSON_ARRAY)
		return;
	if (field->kind == JSON_STRING &&
		memchr(value.text, '\\', value.length) == NULL)
	{
		field->text = value.text + 1;
		field->length = value.length - 2;
		return;
	}
	read_scalars(page, &value, &field, 1);
	if (field->text != NULL)
	{
		char *copy = palloc(field->length); /* may contain null bytes */

		field->text = memcpy(copy, field->text, field->length);
	}
}

/*
 * Move to the next member of an object, from after its brace or after a
 * member; false at the object's end.
 */
static bool
next_json_member(const char **at, const char *end, Slice *key, Slice *value)
{
	CHECK_FOR_INTERRUPTS();
	if (peek_json(at, end) == '}')
		return false;
	if (**at == ',')
		(*at)++;
	if (peek_json(at, end) != '"')
		malformed_json();
	*key = take_json_value(at, end);
	if (peek_json(at, end) != ':')
		malformed_json();
	(*at)++;
	*value = take_json_value(at, end);
	return true;
}

/*
 * Find the values of some names in an object. The last one of a repeated key
 * counts, as in jsonb.
 */
static void
find_members(Slice object, const char *const *names, int count, Slice *values)
{
	const char *at = object.text + 1;
	const char *end = object.text + object.length;
	Slice key;
	Slice value;

	memset(values, 0, sizeof(Slice) * count);
	while (next_json_member(&at, end, &key, &value))
	{
		for (int i = 0; i < count; i++)
		{
			if (is_json_key(key, names[i]))
				values[i] = value;
		}
	}
}

/*
 * Find the values of an item's keys, in the item or in its object parent. The
 * last one of a repeated key counts here, too.
 */
static void
find_item_members(Slice object, ItemKey parent, Slice *values)
{
	const char *at = object.text + 1;
	const char *end = object.text + object.length;
	Slice key;
	Slice value;

	while (next_json_member(&at, end, &key, &value))
	{
		ItemKey item_key = item_key_of(parent, key);

		if (item_key != KEY_UNKNOWN)
			values[item_key] = value;
	}
}

/*
 * Read the item at page->item, an object. json-c gets only the values that
 * count, so an item cannot make it take more memory: no unknown keys, no
 * repeated keys, no object or array where a scalar belongs.
 */
static void
read_item(JsonPage *page, PageItem *item)
{
	Slice values[ITEM_KEYS] = {0};
	Slice scalars[ITEM_KEYS];
	JsonField *fields[ITEM_KEYS];
	int count = 0;

	find_item_members(page->item, KEY_NO_PARENT, values);
	if (kind_of(values[KEY_INTERACTION]) == JSON_OBJECT)
		find_item_members(values[KEY_INTERACTION], KEY_INTERACTION, values);
	if (kind_of(values[KEY_CHANNEL]) == JSON_OBJECT)
		find_item_members(values[KEY_CHANNEL], KEY_CHANNEL, values);

	memset(item, 0, sizeof(PageItem));
	item->kind = JSON_OBJECT;
	for (ItemKey key = 0; key < ITEM_KEYS; key++)
	{
		JsonField *field = &item->fields[key];

		field->kind = kind_of(values[key]);
		if (field->kind != JSON_ABSENT && field->kind != JSON_OBJECT &&
			field->kind != JSON_ARRAY)
		{
			scalars[count] = values[key];
			fields[count++] = field;
		}
	}
	if (count > 0)
		read_scalars(page, scalars, fields, count);
}

static bool
next_json_item(PageReader *reader, PageItem *item)
{
	JsonPage *page = (JsonPage *) reader;
	const char *end = page->items.text + page->items.length;
	const char *item_end = NULL;

	if (page->next == NULL)
		return false;
	if (reader->head.shape != SINGLE_ITEM &&
		!next_json_element(&page->next, end))
	{
		page->items_end = page->next + 1;
		page->next = NULL;
		return false;
	}
	if (peek_json(&page->next, end) == '{')
		item_end = scan_item(page->next, end, item);
	if (item_end != NULL)
	{
		if (reader->head.shape == SINGLE_ITEM &&
			(item->fields[KEY_AGENT_ID].kind != JSON_ABSENT ||
			 item->fields[KEY_INTERACTION].kind != JSON_ABSENT))
			reader->confirm = NULL; /* scan_item accepts no key "items" */
		page->item.text = page->next;
		page->item.length = item_end - page->next;
		page->next = item_end;
	}
	else
	{
		page->item = take_json_value(&page->next, end);
		item->kind = kind_of(page->item);
		if (item->kind == JSON_OBJECT)
			read_item(page, item);
	}
	if (reader->head.shape == SINGLE_ITEM)
		page->next = NULL;
	return true;
}

static int64
count_json_items(PageReader *reader)
{
	JsonPage *page = (JsonPage *) reader;
	const char *at = page->items.text;
	const char *end = at + page->items.length;
	int64 count = 0;

	if (reader->head.shape == NO_PAGE || reader->head.shape == SINGLE_ITEM)
		return reader->head.shape == SINGLE_ITEM;
	at++;
	while (next_json_element(&at, end))
	{
		take_json_value(&at, end);
		count++;
	}
	return count;
}

static void
read_json_meta(PageReader *reader, PageMeta *meta)
{
	static const char *const names[] = {"page", "count", "pageCount",
										"totalCount"};
	JsonPage *page = (JsonPage *) reader;
	Slice values[lengthof(names)] = {0};

	if (kind_of(page->meta) == JSON_OBJECT)
		find_members(page->meta, names, lengthof(names), values);
	read_field(page, values[0], &meta->page);
	read_field(page, values[1], &meta->count);
	read_field(page, values[2], &meta->page_count);
	read_field(page, values[3], &meta->total_count);
}

static char *
copy_slice(Slice slice)
{
	return pnstrdup(slice.text, slice.length);
}

static char *
json_item_text(PageReader *reader)
{
	return copy_slice(((JsonPage *) reader)->item);
}

static char *
json_document_text(PageReader *reader)
{
	return copy_slice(((JsonPage *) reader)->document);
}

static char *
json_up_to_text(PageReader *reader)
{
	return copy_slice(((JsonPage *) reader)->up_to);
}

/*
 * Whether the array of items ends where guess_head assumed. Then it is the
 * last member apart from upTo, and no later key "items" replaces it.
 */
static bool
confirm_json_items(PageReader *reader)
{
	JsonPage *page = (JsonPage *) reader;
	const char *end = page->items.text + page->items.length;
	const char *at = page->next;

	if (at == NULL)
		return page->items_end == end;
	while (next_json_element(&at, end))
		at = skip_json_value(at, end);
	return at + 1 == end;
}

/*
 * Find the message of an API error body. If it is an array, take its first
 * element; if that is an object, take a text within it.
 */
static void
read_json_message(JsonPage *page)
{
	static const char *const message_keys[] = {MESSAGE_KEYS};
	static const char *const text_keys[] = {TEXT_KEYS};
	PageHead *head = &page->reader.head;
	Slice values[lengthof(message_keys)];
	Slice texts[lengthof(text_keys)];
	Slice value = {0};

	find_members(page->document, message_keys, lengthof(message_keys), values);
	for (Size i = 0; i < lengthof(message_keys) && value.text == NULL; i++)
	{
		if (kind_of(values[i]) != JSON_ABSENT &&
			kind_of(values[i]) != JSON_NULL)
		{
			head->message_key = message_keys[i];
			value = values[i];
		}
	}
	if (kind_of(value) == JSON_ARRAY)
	{
		const char *at = value.text + 1;
		const char *end = value.text + value.length;

		if (peek_json(&at, end) != ']')
			value = take_json_value(&at, end);
	}
	if (kind_of(value) == JSON_OBJECT)
	{
		find_members(value, text_keys, lengthof(text_keys), texts);
		for (Size i = 0; i < lengthof(text_keys) && *value.text == '{'; i++)
		{
			if (kind_of(texts[i]) == JSON_STRING)
				value = texts[i];
		}
	}
	read_field(page, value, &head->message);
}

/* Fill the head of a document that is an object, and find its items. */
static void
read_json_head(JsonPage *page)
{
	static const char *const names[] = {"items", "upTo", "meta", "agentId",
										"interaction"};
	Slice values[lengthof(names)];
	PageHead *head = &page->reader.head;

	find_members(page->document, names, lengthof(names), values);
	head->items_kind = kind_of(values[0]);
	if (head->items_kind == JSON_ARRAY)
	{
		head->shape = ENVELOPE;
		page->items = values[0];
		page->up_to = values[1];
		page->meta = values[2];
		read_field(page, page->up_to, &head->up_to);
	}
	else if (head->items_kind == JSON_ABSENT &&
			 (values[3].text != NULL || values[4].text != NULL))
	{
		head->shape = SINGLE_ITEM;
		page->items = page->document;
	}
	else if (head->items_kind == JSON_ABSENT)
		read_json_message(page);
}

/* Return the last character before at that is not white space, or NULL. */
static const char *
last_before(const char *start, const char *at)
{
	while (at > start)
	{
		at--;
		if (*at != ' ' && *at != '\n' && *at != '\t' && *at != '\r')
			return at;
	}
	return NULL;
}

static bool
is_char(const char *at, char c)
{
	return at != NULL && *at == c;
}

/*
 * Look at a document from its end: whether it is an object whose last member,
 * apart from upTo, is an array. If so, set *array_end to the array's closing
 * bracket, and *up_to to the value of an upTo after it, if there is one. The
 * bracket cannot be part of a string, which would end in a quote; and the
 * quote found before upTo's value begins it, as no quote within a string is
 * without a backslash.
 */
static bool
find_tail(Slice document, const char **array_end, Slice *up_to)
{
	const char *start = document.text;
	const char *at = last_before(start, document.text + document.length);
	const char *quote;

	up_to->text = NULL;
	at = is_char(at, '}') ? last_before(start, at) : NULL;
	if (is_char(at, '"'))
	{
		for (quote = at - 1; quote > start && *quote != '"'; quote--)
		{
			if (*quote == '\\')
				return false;
		}
		up_to->text = quote;
		up_to->length = at - quote + 1;
		at = last_before(start, quote);
		at = is_char(at, ':') ? last_before(start, at) : NULL;
		if (at == NULL || at - start < 6 || memcmp(at - 5, "\"upTo\"", 6) != 0)
			return false;
		at = last_before(start, at - 5);
		at = is_char(at, ',') ? last_before(start, at) : NULL;
	}
	*array_end = at;
	return is_char(at, ']');
}

/*
 * Find the items of an envelope without scanning them: they start at the first
 * key "items", and are assumed to be the array that find_tail finds. False if
 * the document does not have this form. Does not look for meta.
 */
static bool
guess_head(JsonPage *page)
{
	const char *at = page->document.text + 1;
	const char *end = page->document.text + page->document.length;
	const char *array_end;
	Slice tail;
	Slice value;
	Slice up_to = {NULL, 0};

	if (!find_tail(page->document, &array_end, &tail))
		return false;
	while (peek_json(&at, end) == '"')
	{
		const char *name = at + 1;
		int length;

		at = find_quote_or_escape(name, end);
		length = at - name;
		if (at == end || *at++ != '"' || peek_json(&at, end) != ':')
			return false;
		at++;
		value.text = at = skip_space(at, end);
		if (is_text(name, length, "items"))
		{
			if (at > array_end || *at != '[')
				return false;
			page->items.text = at;
			page->items.length = array_end + 1 - at;
			page->up_to = tail.text != NULL ? tail : up_to;
			page->reader.head.shape = ENVELOPE;
			page->reader.head.items_kind = JSON_ARRAY;
			page->reader.confirm = confirm_json_items;
			read_field(page, page->up_to, &page->reader.head.up_to);
			return true;
		}
		at = skip_json_value(at, end);
		value.length = at - value.text;
		if (is_text(name, length, "upTo"))
			up_to = value;
		if (peek_json(&at, end) != ',')
			return false;
		at++;
	}
	return false;
}

/* Whether a document that was assumed to be a single item is one. */
static bool
confirm_single_item(PageReader *reader)
{
	JsonPage *page = (JsonPage *) reader;

	reader->head.shape = NO_PAGE;
	read_json_head(page);
	return reader->head.shape == SINGLE_ITEM;
}

/* Assume that a document is a single item if its first key is an item's. */
static bool
guess_single_item(JsonPage *page)
{
	const char *at = page->document.text + 1;
	const char *end = page->document.text + page->document.length;
	const char *quote;
	ItemKey key;

	if (peek_json(&at, end) != '"')
		return false;
	quote = memchr(at + 1, '"', end - at - 1);
	if (quote == NULL)
		return false;
	key = item_key(KEY_NO_PARENT, at + 1, quote - at - 1);
	if (key == KEY_UNKNOWN || key == KEY_ITEMS)
		return false;
	page->items = page->document;
	page->reader.head.shape = SINGLE_ITEM;
	page->reader.confirm = confirm_single_item;
	return true;
}

/* Open a document of type json. */
PageReader *
open_json_page(Datum document_datum, bool speculative)
{
	text *document = DatumGetTextPP(document_datum);
	JsonPage *page = palloc0(sizeof(JsonPage));
	const char *end = VARDATA_ANY(document) + VARSIZE_ANY_EXHDR(document);
	const char *at = VARDATA_ANY(document);
	PageHead *head = &page->reader.head;

	page->reader.next_item = next_json_item;
	page->reader.count_items = count_json_items;
	page->reader.read_meta = read_json_meta;
	page->reader.item_text = json_item_text;
	page->reader.document_text = json_document_text;
	page->reader.up_to_text = json_up_to_text;
	page->context = CurrentMemoryContext;

	(void) peek_json(&at, end);
	page->document.text = at;
	page->document.length = end - at;
	head->kind = kind_of(page->document);
	if (head->kind == JSON_ARRAY)
	{
		head->shape = BARE_ARRAY;
		page->items = page->document;
	}
	else if (head->kind != JSON_OBJECT || !speculative ||
			 (!guess_single_item(page) && !guess_head(page)))
	{
		page->document = take_json_value(&at, end);
		if (head->kind == JSON_OBJECT)
			read_json_head(page);
		head->encoded_twice =
			head->kind == JSON_STRING && holds_json(page->document);
	}

	if (head->shape == SINGLE_ITEM)
		page->next = page->items.text;
	else if (head->shape != NO_PAGE)
		page->next = page->items.text + 1;
	return &page->reader;
}
