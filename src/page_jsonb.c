/*
 * page_jsonb.c
 *	  Finds and reads the items of a jsonb document.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
#include "utils/numeric.h"

#include "compat.h"
#include "page_reader.h"

typedef struct JsonbPage
{
	PageReader reader;
	Jsonb *document;
	JsonbContainer *items; /* an array, or a single item */
	JsonbValue item;	   /* the last one */
	int next;			   /* number of items read */
	uint32 next_offset;	   /* of the next element's data */
} JsonbPage;

/* Describe a number; the text of one that is not an integer is palloc'd. */
static void
describe_number(Numeric number, JsonField *field)
{
	Datum datum = NumericGetDatum(number);
	char *text;
	int32 small;

	/* most are short integers, which need no text */
	if (DatumGetInt32(DirectFunctionCall1(numeric_scale, datum)) == 0 &&
		numeric_fits_int4(number, &small))
	{
		field->kind = JSON_INTEGER;
		field->integer = small;
		return;
	}
	text = DatumGetCString(DirectFunctionCall1(numeric_out, datum));
	read_number(field, text, strlen(text));
}

/* Describe a value; its text is in the document, or is palloc'd. */
static void
describe_jsonb_value(const JsonbValue *value, JsonField *field)
{
	memset(field, 0, sizeof(JsonField));
	switch (value->type)
	{
		case jbvNull:
			field->kind = JSON_NULL;
			break;
		case jbvBool:
			field->kind = JSON_BOOLEAN;
			field->integer = value->val.boolean;
			break;
		case jbvNumeric:
			describe_number(value->val.numeric, field);
			break;
		case jbvString:
			field->kind = JSON_STRING;
			field->text = value->val.string.val;
			field->length = value->val.string.len;
			break;
		case jbvBinary:
			field->kind = JsonContainerIsObject(value->val.binary.data)
							  ? JSON_OBJECT
							  : JSON_ARRAY;
			break;
		default:
			elog(ERROR, "unexpected jsonb value type %d", (int) value->type);
	}
}

/*
 * A walk over the members of an object, keys and values side by side. jsonb's
 * own iterator handles any nesting, and allocates memory for it.
 */
typedef struct MemberWalk
{
	JsonbContainer *object;
	char *data;
	int count;
	int next;
	uint32 key_offset;
	uint32 value_offset;
} MemberWalk;

/* Return the end of the entry that starts at an offset. */
static inline uint32
entry_end(JEntry entry, uint32 offset)
{
	return JBE_HAS_OFF(entry) ? JBE_OFFLENFLD(entry)
							  : offset + JBE_OFFLENFLD(entry);
}

static void
begin_walk(MemberWalk *walk, JsonbContainer *object)
{
	walk->object = object;
	walk->count = JsonContainerSize(object);
	walk->data = (char *) &object->children[walk->count * 2];
	walk->next = 0;
	walk->key_offset = 0;
	walk->value_offset =
		walk->count > 0 ? getJsonbOffset(object, walk->count) : 0;
}

/* Read the value whose data is from offset to end. */
static inline void
read_value(JEntry entry, char *data, uint32 offset, uint32 end,
		   JsonbValue *value)
{
	if (JBE_ISSTRING(entry))
	{
		value->type = jbvString;
		value->val.string.val = data + offset;
		value->val.string.len = end - offset;
	}
	else if (JBE_ISNUMERIC(entry))
	{
		value->type = jbvNumeric;
		value->val.numeric = (Numeric) (data + INTALIGN(offset));
	}
	else if (JBE_ISBOOL(entry))
	{
		value->type = jbvBool;
		value->val.boolean = JBE_ISBOOL_TRUE(entry);
	}
	else if (JBE_ISNULL(entry))
		value->type = jbvNull;
	else
	{
		value->type = jbvBinary;
		value->val.binary.data = (JsonbContainer *) (data + INTALIGN(offset));
		value->val.binary.len = end - INTALIGN(offset);
	}
}

/* Move to the next member; false after the last one. */
static inline bool
next_jsonb_member(MemberWalk *walk, const char **name, int *length,
				  JsonbValue *value)
{
	JEntry key;
	JEntry entry;
	uint32 end;

	if (walk->next == walk->count)
		return false;
	key = walk->object->children[walk->next];
	entry = walk->object->children[walk->count + walk->next];
	walk->next++;

	end = entry_end(key, walk->key_offset);
	*name = walk->data + walk->key_offset;
	*length = end - walk->key_offset;
	walk->key_offset = end;

	end = entry_end(entry, walk->value_offset);
	read_value(entry, walk->data, walk->value_offset, end, value);
	walk->value_offset = end;
	return true;
}

/* Fill an item's fields from the item itself, or from its object parent. */
static void
read_members(JsonbContainer *object, ItemKey parent, PageItem *item)
{
	MemberWalk walk;
	const char *name;
	int length;
	JsonbValue value;

	begin_walk(&walk, object);
	while (next_jsonb_member(&walk, &name, &length, &value))
	{
		ItemKey key = item_key(parent, name, length);

		if (key == KEY_UNKNOWN)
			continue;
		describe_jsonb_value(&value, &item->fields[key]);
		if (item->fields[key].kind == JSON_OBJECT &&
			(key == KEY_INTERACTION || key == KEY_CHANNEL))
			read_members(value.val.binary.data, key, item);
	}
}

static int64
count_jsonb_items(PageReader *reader)
{
	JsonbPage *page = (JsonbPage *) reader;

	switch (reader->head.shape)
	{
		case NO_PAGE:
			return 0;
		case SINGLE_ITEM:
			return 1;
		default:
			return JsonContainerSize(page->items);
	}
}

/* Move to the next element of the array of items. */
static void
next_jsonb_element(JsonbPage *page)
{
	JsonbContainer *array = page->items;
	JEntry entry = array->children[page->next];
	uint32 end = entry_end(entry, page->next_offset);

	read_value(entry, (char *) &array->children[JsonContainerSize(array)],
			   page->next_offset, end, &page->item);
	page->next_offset = end;
}

static bool
next_jsonb_item(PageReader *reader, PageItem *item)
{
	JsonbPage *page = (JsonbPage *) reader;
	JsonField described;

	if (page->next == count_jsonb_items(reader))
		return false;
	if (reader->head.shape == SINGLE_ITEM)
	{
		page->item.type = jbvBinary;
		page->item.val.binary.data = page->items;
		page->item.val.binary.len = VARSIZE(page->document) - VARHDRSZ;
	}
	else
		next_jsonb_element(page);
	page->next++;

	describe_jsonb_value(&page->item, &described);
	item->kind = described.kind;
	if (item->kind == JSON_OBJECT)
	{
		memset(item->fields, 0, sizeof(item->fields));
		read_members(page->item.val.binary.data, KEY_NO_PARENT, item);
	}
	return true;
}

static char *
value_text(JsonbValue *value)
{
	Jsonb *jsonb = JsonbValueToJsonb(value);

	return JsonbToCString(NULL, &jsonb->root, VARSIZE(jsonb));
}

static char *
jsonb_item_text(PageReader *reader)
{
	return value_text(&((JsonbPage *) reader)->item);
}

static char *
jsonb_document_text(PageReader *reader)
{
	Jsonb *document = ((JsonbPage *) reader)->document;

	return JsonbToCString(NULL, &document->root, VARSIZE(document));
}

/* Find the value of a key in an object; false if there is none. */
static bool
find_member(JsonbContainer *object, const char *name, JsonbValue *value)
{
	return getKeyJsonValueFromContainer(object, name, strlen(name), value) !=
		   NULL;
}

static void
read_member(JsonbContainer *object, const char *name, JsonField *field)
{
	JsonbValue value;

	if (find_member(object, name, &value))
		describe_jsonb_value(&value, field);
}

static void
read_jsonb_meta(PageReader *reader, PageMeta *meta)
{
	JsonbPage *page = (JsonbPage *) reader;
	JsonbContainer *object;
	JsonbValue value;

	memset(meta, 0, sizeof(PageMeta));
	if (reader->head.shape != ENVELOPE ||
		!find_member(&page->document->root, "meta", &value) ||
		value.type != jbvBinary ||
		!JsonContainerIsObject(value.val.binary.data))
		return;
	object = value.val.binary.data;
	read_member(object, "page", &meta->page);
	read_member(object, "count", &meta->count);
	read_member(object, "pageCount", &meta->page_count);
	read_member(object, "totalCount", &meta->total_count);
}

static char *
jsonb_up_to_text(PageReader *reader)
{
	JsonbValue value;

	if (!find_member(&((JsonbPage *) reader)->document->root, "upTo", &value))
		elog(ERROR, "document has no upTo");
	return value_text(&value);
}

/*
 * Find the message of an API error body. If it is an array, take its first
 * element; if that is an object, take a text within it.
 */
static void
read_jsonb_message(JsonbContainer *object, PageHead *head)
{
	static const char *const message_keys[] = {MESSAGE_KEYS};
	static const char *const text_keys[] = {TEXT_KEYS};
	JsonbValue value;
	JsonbValue text;

	for (Size i = 0; i < lengthof(message_keys); i++)
	{
		if (find_member(object, message_keys[i], &value) &&
			value.type != jbvNull)
		{
			head->message_key = message_keys[i];
			break;
		}
	}
	if (head->message_key == NULL)
		return;
	describe_jsonb_value(&value, &head->message);
	if (head->message.kind == JSON_ARRAY &&
		JsonContainerSize(value.val.binary.data) > 0)
	{
		value = *getIthJsonbValueFromContainer(value.val.binary.data, 0);
		describe_jsonb_value(&value, &head->message);
	}
	if (head->message.kind != JSON_OBJECT)
		return;
	object = value.val.binary.data;
	for (Size i = 0; i < lengthof(text_keys); i++)
	{
		if (find_member(object, text_keys[i], &text) && text.type == jbvString)
		{
			describe_jsonb_value(&text, &head->message);
			return;
		}
	}
}

/* Fill the head of a document that is an object, and find its items. */
static void
read_jsonb_head(JsonbPage *page)
{
	JsonbContainer *root = &page->document->root;
	PageHead *head = &page->reader.head;
	JsonbValue value;

	if (find_member(root, "items", &value))
	{
		JsonField items;

		describe_jsonb_value(&value, &items);
		head->items_kind = items.kind;
	}
	if (head->items_kind == JSON_ARRAY)
	{
		head->shape = ENVELOPE;
		page->items = value.val.binary.data;
		read_member(root, "upTo", &head->up_to);
	}
	else if (head->items_kind == JSON_ABSENT &&
			 (find_member(root, "agentId", &value) ||
			  find_member(root, "interaction", &value)))
	{
		head->shape = SINGLE_ITEM;
		page->items = root;
	}
	else if (head->items_kind == JSON_ABSENT)
		read_jsonb_message(root, head);
}

/* Whether a string contains JSON, judging by its first characters. */
static bool
string_holds_json(const JsonField *string)
{
	int i = 0;

	while (i < string->length && strchr(" \t\n\r", string->text[i]) != NULL)
		i++;
	return i < string->length &&
		   (string->text[i] == '{' || string->text[i] == '[');
}

/* Open a document of type jsonb. */
PageReader *
open_jsonb_page(Datum document)
{
	JsonbPage *page = palloc0(sizeof(JsonbPage));
	JsonbContainer *root;
	JsonbValue scalar;
	JsonField described;

	page->reader.next_item = next_jsonb_item;
	page->reader.count_items = count_jsonb_items;
	page->reader.read_meta = read_jsonb_meta;
	page->reader.item_text = jsonb_item_text;
	page->reader.document_text = jsonb_document_text;
	page->reader.up_to_text = jsonb_up_to_text;
	page->document = DatumGetJsonbP(document);
	root = &page->document->root;

	if (JsonbExtractScalar(root, &scalar))
	{
		describe_jsonb_value(&scalar, &described);
		page->reader.head.kind = described.kind;
		page->reader.head.encoded_twice =
			described.kind == JSON_STRING && string_holds_json(&described);
	}
	else if (JsonContainerIsObject(root))
	{
		page->reader.head.kind = JSON_OBJECT;
		read_jsonb_head(page);
	}
	else
	{
		page->reader.head.kind = JSON_ARRAY;
		page->reader.head.shape = BARE_ARRAY;
		page->items = root;
	}
	return &page->reader;
}
