/*
 * page_item.c
 *	  Conversion of items to activities and presences, and all checks of an
 *	  item. Items of json and of jsonb both come here.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "activity_time.h"
#include "catalog.h"
#include "clip_text.h"
#include "compat.h"
#include "page_item.h"

/* The keys as messages and activity_errors show them. */
static const char *const shown_keys[ITEM_KEYS] = {
	[KEY_AGENT_ID] = "agentId",
	[KEY_TYPE] = "type",
	[KEY_STATE] = "state",
	[KEY_CATEGORY] = "category",
	[KEY_START] = "start",
	[KEY_STATUS] = "status",
	[KEY_DURATION] = "duration",
	[KEY_REASON] = "reason",
	[KEY_NAME] = "name",
	[KEY_ELIGIBLE_FOR_ROUTING] = "eligibleForRouting",
	[KEY_INTERACTION] = "interaction",
	[KEY_INTERACTION_GUID] = "interaction.guid",
	[KEY_INTERACTION_TYPE] = "interaction.type",
	[KEY_MEDIUM] = "interaction.medium",
	[KEY_MEDIUM_MANAGER] = "interaction.mediumManager",
	[KEY_DIRECTION] = "interaction.direction",
	[KEY_CHANNEL] = "channel",
	[KEY_CHANNEL_GUID] = "channel.guid",
	[KEY_ITEMS] = "items",
};

/* An item that becomes a row. */
typedef struct Conversion
{
	const PageItem *item;
	NewRow *row;
	int agent_id; /* the attribute of this name, the first of the texts */
	ItemRows *rows;
	ItemError *error;
} Conversion;

/* Whether name, which has the same length as literal, equals it. */
#define IS(literal) (memcmp(name, literal, sizeof(literal) - 1) == 0)

/*
 * Return the key of an item that has this name: in the item itself, or with
 * parent in its object interaction or channel. KEY_UNKNOWN if there is none.
 */
ItemKey
item_key(ItemKey parent, const char *name, int length)
{
	if (parent == KEY_CHANNEL)
		return length == 4 && IS("guid") ? KEY_CHANNEL_GUID : KEY_UNKNOWN;
	if (parent == KEY_INTERACTION)
	{
		switch (length)
		{
			case 4:
				return IS("guid")	? KEY_INTERACTION_GUID
					   : IS("type") ? KEY_INTERACTION_TYPE
									: KEY_UNKNOWN;
			case 6:
				return IS("medium") ? KEY_MEDIUM : KEY_UNKNOWN;
			case 9:
				return IS("direction") ? KEY_DIRECTION : KEY_UNKNOWN;
			case 13:
				return IS("mediumManager") ? KEY_MEDIUM_MANAGER : KEY_UNKNOWN;
			default:
				return KEY_UNKNOWN;
		}
	}
	switch (length)
	{
		case 4:
			return IS("type") ? KEY_TYPE : IS("name") ? KEY_NAME : KEY_UNKNOWN;
		case 5:
			return IS("start")	 ? KEY_START
				   : IS("state") ? KEY_STATE
				   : IS("items") ? KEY_ITEMS
								 : KEY_UNKNOWN;
		case 6:
			return IS("status")	  ? KEY_STATUS
				   : IS("reason") ? KEY_REASON
								  : KEY_UNKNOWN;
		case 7:
			return IS("agentId")   ? KEY_AGENT_ID
				   : IS("channel") ? KEY_CHANNEL
								   : KEY_UNKNOWN;
		case 8:
			return IS("duration")	? KEY_DURATION
				   : IS("category") ? KEY_CATEGORY
									: KEY_UNKNOWN;
		case 11:
			return IS("interaction") ? KEY_INTERACTION : KEY_UNKNOWN;
		case 18:
			return IS("eligibleForRouting") ? KEY_ELIGIBLE_FOR_ROUTING
											: KEY_UNKNOWN;
		default:
			return KEY_UNKNOWN;
	}
}

static bool
is_present(const JsonField *field)
{
	return field->kind != JSON_ABSENT && field->kind != JSON_NULL;
}

static const char *
kind_name(JsonKind kind)
{
	switch (kind)
	{
		case JSON_ABSENT:
			return "missing";
		case JSON_NULL:
			return "null";
		case JSON_BOOLEAN:
			return "a boolean";
		case JSON_INTEGER:
		case JSON_DECIMAL:
			return "a number";
		case JSON_STRING:
		case JSON_UNSTORABLE:
			return "a string";
		case JSON_ARRAY:
			return "an array";
		case JSON_OBJECT:
			return "an object";
	}
	return NULL; /* keep the compiler quiet */
}

/* Return a value as messages show it: clipped, strings in quotes; palloc'd. */
static char *
shown_value(const JsonField *field)
{
	switch (field->kind)
	{
		case JSON_BOOLEAN:
			return pstrdup(field->integer ? "true" : "false");
		case JSON_INTEGER:
			return psprintf(INT64_FORMAT, field->integer);
		case JSON_DECIMAL:
		case JSON_STRING:
		case JSON_UNSTORABLE:
			return psprintf(field->kind != JSON_DECIMAL ? "\"%s\"" : "%s",
							clip_text(field->text, field->length));
		default:
			return pstrdup(kind_name(field->kind));
	}
}

/*
 * Fill an error, and return false for the caller to return. The message is
 * prefixed with the item's number, or with "page" for a key of the page.
 */
static bool
fail(ItemError *error, const char *key, int code, const char *detail,
	 char *message)
{
	error->key = key;
	error->code = code;
	error->detail = detail;
	error->hint = NULL;
	error->allowed = InvalidOid;
	error->kept = false;
	if (error->item > 0)
		error->message = psprintf("item %d: %s", error->item, message);
	else if (key != NULL)
		error->message = psprintf("page: %s", message);
	else
		error->message = message;
	return false;
}

/* Fill an error: the value has the right kind, but is not valid. */
static bool
fail_value(ItemError *error, const char *key, const JsonField *field, int code,
		   const char *detail)
{
	return fail(error, key, code, detail,
				psprintf("invalid \"%s\": %s", key, shown_value(field)));
}

/* Fill an error: the value has another kind than the key requires. */
static bool
fail_kind(ItemError *error, const char *key, JsonKind kind, int code,
		  const char *expected, const char *detail)
{
	return fail(error, key, code, detail,
				psprintf("\"%s\" must be %s, not %s", key, expected,
						 kind_name(kind)));
}

/* Fill an error: a label that its enum type lacks. */
static bool
fail_label(ItemError *error, const char *key, const JsonField *field, Oid type)
{
	fail_value(error, key, field, ERRCODE_INVALID_TEXT_REPRESENTATION, NULL);
	error->allowed = type;
	return false;
}

/* Return the SQLSTATE for a value of the wrong kind instead of a scalar. */
static int
wrong_scalar(JsonKind kind)
{
	return kind == JSON_ARRAY || kind == JSON_OBJECT
			   ? ERRCODE_SQL_JSON_SCALAR_REQUIRED
			   : ERRCODE_SQL_JSON_ITEM_CANNOT_BE_CAST_TO_TARGET_TYPE;
}

/*
 * Check that a value is a string that the database can store; detail says
 * which values are valid. Returns false with the error filled if it is not.
 */
static bool
check_string(ItemError *error, const char *key, const JsonField *field,
			 const char *detail)
{
	if (field->kind == JSON_STRING)
		return true;
	if (field->kind == JSON_UNSTORABLE)
		return fail(error, key, ERRCODE_UNTRANSLATABLE_CHARACTER,
					"The database cannot store \\u0000, half a surrogate "
					"pair, or a character that its encoding lacks.",
					psprintf("\"%s\" has an escape that cannot be stored",
							 key));
	return fail_kind(error, key, field->kind, wrong_scalar(field->kind),
					 "a string", detail);
}

/*
 * Each convert function sets one attribute from one key. A missing value is
 * null. It returns false, with the error filled, if the value is bad.
 */

static const char *const agent_id_detail =
	"Expected a string of at most 2000 bytes, or an integer.";

static bool
is_presence(const Conversion *to)
{
	return to->agent_id == PRESENCE_AGENT_ID;
}

/* Check that a required value is neither missing nor null. */
static bool
check_present(Conversion *to, ItemKey key)
{
	JsonKind kind = to->item->fields[key].kind;

	if (is_present(&to->item->fields[key]))
		return true;
	return fail(to->error, shown_keys[key],
				kind == JSON_NULL ? ERRCODE_NULL_VALUE_NOT_ALLOWED
								  : ERRCODE_SQL_JSON_MEMBER_NOT_FOUND,
				is_presence(to)
					? "A presence must have agentId, start, and state or "
					  "category."
					: "An activity must have agentId, start, state (or "
					  "category) and interaction.guid.",
				psprintf("\"%s\" is %s", shown_keys[key], kind_name(kind)));
}

/* Make a text, in the attribute's buffer if it fits there, else palloc'd. */
static Datum
make_text(Conversion *to, int attribute, const char *text, int length)
{
	char *buffer = to->rows->buffers.texts[attribute - to->agent_id];
	int size = length + VARHDRSZ_SHORT;

	if (size > (int) sizeof(to->rows->buffers.texts[0]) - 1)
		return PointerGetDatum(cstring_to_text_with_len(text, length));
	SET_VARSIZE_SHORT(buffer, size);
	memcpy(buffer + VARHDRSZ_SHORT, text, length);
	return PointerGetDatum(buffer);
}

static bool
convert_text(Conversion *to, ItemKey key, int attribute)
{
	const JsonField *field = &to->item->fields[key];

	if (!is_present(field))
		return true;
	if (!check_string(to->error, shown_keys[key], field,
					  "Expected a string or null."))
		return false;
	set_attribute(to->row, attribute,
				  make_text(to, attribute, field->text, field->length));
	return true;
}

/*
 * Convert a label. One that the enum type lacks, of an optional key, is null,
 * and its key is remembered in rows->unknown_labels.
 */
static bool
convert_label(Conversion *to, ItemKey key, int attribute, bool is_optional)
{
	const JsonField *field = &to->item->fields[key];
	Oid type = TupleDescAttr(to->row->type, attribute)->atttypid;
	Oid label;

	if (!is_present(field))
		return true;
	if (!check_string(to->error, shown_keys[key], field, NULL))
	{
		if (to->error->detail == NULL)
			to->error->allowed = type;
		return false;
	}
	if (enum_label(type, field->text, field->length, &label))
		set_attribute(to->row, attribute, ObjectIdGetDatum(label));
	else if (is_optional)
		to->rows->unknown_labels |= 1U << key;
	else
		return fail_label(to->error, shown_keys[key], field, type);
	return true;
}

/* Read 32 hex digits grouped 8-4-4-4-12 by hyphens; false if it is not. */
static bool
read_guid(const char *text, int length, pg_uuid_t *guid)
{
	/* 16 + the value of those characters that are digits */
	static const uint8 digits[256] =
		{['0'] = 16, ['1'] = 17, ['2'] = 18, ['3'] = 19, ['4'] = 20,
		 ['5'] = 21, ['6'] = 22, ['7'] = 23, ['8'] = 24, ['9'] = 25,
		 ['a'] = 26, ['b'] = 27, ['c'] = 28, ['d'] = 29, ['e'] = 30,
		 ['f'] = 31, ['A'] = 26, ['B'] = 27, ['C'] = 28, ['D'] = 29,
		 ['E'] = 30, ['F'] = 31};
	static const uint8 places[UUID_LEN] = {0,  2,  4,  6,  9,  11, 14, 16,
										   19, 21, 24, 26, 28, 30, 32, 34};
	int all_digits = 16;

	if (length != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' ||
		text[23] != '-')
		return false;
	for (int i = 0; i < UUID_LEN; i++)
	{
		int high = digits[(unsigned char) text[places[i]]];
		int low = digits[(unsigned char) text[places[i] + 1]];

		all_digits &= high & low;
		guid->data[i] = (uint8) (high << 4 | (low & 0x0F));
	}
	return all_digits != 0;
}

static bool
convert_guid(Conversion *to, ItemKey key, ActivityAttribute attribute)
{
	const JsonField *field = &to->item->fields[key];
	const char *detail =
		"Expected 32 hexadecimal digits, grouped 8-4-4-4-12 by hyphens.";
	pg_uuid_t *guid = attribute == ACTIVITY_CHANNEL_GUID
						  ? &to->rows->buffers.channel_guid
						  : &to->rows->buffers.interaction_guid;

	if (!is_present(field))
		return true;
	if (!check_string(to->error, shown_keys[key], field, detail))
		return false;
	if (!read_guid(field->text, field->length, guid))
		return fail_value(to->error, shown_keys[key], field,
						  ERRCODE_INVALID_TEXT_REPRESENTATION, detail);
	set_attribute(to->row, attribute, UUIDPGetDatum(guid));
	return true;
}

static bool
convert_time(ItemError *error, const char *key, const JsonField *field,
			 TimestampTz *time)
{
	const char *detail =
		"Expected ISO 8601, such as 2026-03-28T23:40:00.000Z. "
		"A time without a zone is UTC.";

	if (!check_string(error, key, field, detail))
		return false;
	switch (read_iso8601(field->text, field->length, time))
	{
		case ISO8601_VALID:
			return true;
		case ISO8601_SYNTAX:
			return fail_value(error, key, field,
							  ERRCODE_INVALID_DATETIME_FORMAT, detail);
		case ISO8601_RANGE:
			return fail_value(error, key, field,
							  ERRCODE_DATETIME_FIELD_OVERFLOW,
							  "The time does not exist: years are 0001 to "
							  "9999, times of day up to 24:00:00, offsets up "
							  "to 15:59.");
	}
	return false; /* keep the compiler quiet */
}

/* Whether a number has no decimals, however many digits it has. */
static bool
is_integer(const JsonField *field)
{
	for (int i = 0; i < field->length; i++)
	{
		if (field->text[i] != '-' &&
			(field->text[i] < '0' || field->text[i] > '9'))
			return false;
	}
	return true;
}

static bool
convert_agent_id(Conversion *to)
{
	const JsonField *field = &to->item->fields[KEY_AGENT_ID];
	const char *key = shown_keys[KEY_AGENT_ID];
	char *digits;

	switch (field->kind)
	{
		case JSON_ABSENT:
		case JSON_NULL:
			return check_present(to, KEY_AGENT_ID);
		case JSON_INTEGER:
			digits = psprintf(INT64_FORMAT, field->integer);
			set_attribute(to->row, to->agent_id,
						  make_text(to, to->agent_id, digits, strlen(digits)));
			return true;
		case JSON_STRING:
		case JSON_UNSTORABLE:
			if (!check_string(to->error, key, field, agent_id_detail))
				return false;
			break;
		case JSON_DECIMAL:
			if (!is_integer(field))
				return fail_value(to->error, key, field,
								  ERRCODE_INVALID_TEXT_REPRESENTATION,
								  agent_id_detail);
			break;
		default:
			return fail_kind(to->error, key, field->kind,
							 wrong_scalar(field->kind),
							 "a string or an integer", agent_id_detail);
	}
	if (field->length > LONGEST_AGENT_ID)
		return fail_value(to->error, key, field,
						  ERRCODE_STRING_DATA_RIGHT_TRUNCATION,
						  agent_id_detail);
	set_attribute(to->row, to->agent_id,
				  make_text(to, to->agent_id, field->text, field->length));
	return true;
}

/* Convert the required start, to start as well. */
static bool
convert_start(Conversion *to, int attribute, TimestampTz *start)
{
	if (!check_present(to, KEY_START) ||
		!convert_time(to->error, shown_keys[KEY_START],
					  &to->item->fields[KEY_START], start))
		return false;
	set_attribute(to->row, attribute, TimestampTzGetDatum(*start));
	return true;
}

/* Convert the duration of what starts at start. */
static bool
convert_duration(Conversion *to, int attribute, TimestampTz start)
{
	const JsonField *field = &to->item->fields[KEY_DURATION];
	const char *key = shown_keys[KEY_DURATION];
	int64 duration_ms = 0;
	TimestampTz end;
	bool out_of_range = false;
	bool whole;
	const char *detail =
		"Expected null or a whole number of milliseconds, 0 or greater, with "
		"an end by the year 294276.";

	if (!is_present(field))
		return true;
	if (field->kind != JSON_INTEGER && field->kind != JSON_DECIMAL)
		return fail_kind(to->error, key, field->kind,
						 ERRCODE_SQL_JSON_NUMBER_NOT_FOUND, "a number",
						 detail);
	whole = read_whole_number(field, &duration_ms, &out_of_range);
	if (!whole || duration_ms < 0)
		return fail_value(to->error, key, field,
						  whole || out_of_range
							  ? ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE
							  : ERRCODE_INVALID_TEXT_REPRESENTATION,
						  detail);
	if (!add_milliseconds(start, duration_ms, &end))
		return fail_value(to->error, key, field,
						  ERRCODE_DATETIME_VALUE_OUT_OF_RANGE, detail);
	set_attribute(to->row, attribute, Int64GetDatum(duration_ms));
	return true;
}

/* Check that a value is an object, null, or missing. */
static bool
check_object(Conversion *to, ItemKey key)
{
	const JsonField *field = &to->item->fields[key];

	if (is_present(field) && field->kind != JSON_OBJECT)
		return fail_kind(to->error, shown_keys[key], field->kind,
						 ERRCODE_SQL_JSON_OBJECT_NOT_FOUND, "an object",
						 key == KEY_CHANNEL
							 ? "Expected an object with a guid, or null."
							 : "Expected an object with a guid.");
	return true;
}

static bool
convert_boolean(Conversion *to, ItemKey key, int attribute)
{
	const JsonField *field = &to->item->fields[key];

	if (!is_present(field))
		return true;
	if (field->kind != JSON_BOOLEAN)
		return fail_kind(to->error, shown_keys[key], field->kind,
						 wrong_scalar(field->kind), "a boolean",
						 "Expected true, false or null.");
	set_attribute(to->row, attribute, BoolGetDatum(field->integer != 0));
	return true;
}

/* Return the key of an item's state: version 3's mixed pages have category. */
static ItemKey
state_key(const PageItem *item)
{
	return !is_present(&item->fields[KEY_STATE]) &&
				   is_present(&item->fields[KEY_CATEGORY])
			   ? KEY_CATEGORY
			   : KEY_STATE;
}

/* Whether an item's state is a label of presence_category. */
static bool
has_presence_category(const PageItem *item, ItemRows *rows)
{
	const JsonField *state = &item->fields[state_key(item)];
	Oid label;

	if (state->kind != JSON_STRING)
		return false;
	if (!OidIsValid(rows->category))
		rows->category = sibling_type(rows->function, "presence_category");
	return enum_label(rows->category, state->text, state->length, &label);
}

/* Convert the state of an activity. */
static bool
convert_state(Conversion *to)
{
	ItemKey state = state_key(to->item);

	if (!check_present(to, state))
		return false;
	if (convert_label(to, state, ACTIVITY_STATE, false))
		return true;
	if (!is_present(&to->item->fields[KEY_INTERACTION]) &&
		has_presence_category(to->item, to->rows))
		to->error->hint =
			"A presence has type Presence, or the key name or "
			"eligibleForRouting. This item is of another endpoint, such as "
			"/wfm/agent-states, whose states mean something else.";
	return false;
}

/*
 * Convert an item that is an interaction activity. Optional labels come last:
 * if one is unknown, there is no other error.
 */
static bool
convert_activity(Conversion *to)
{
	/* version 2 of the API has the medium under "type" */
	ItemKey medium = is_present(&to->item->fields[KEY_MEDIUM])
						 ? KEY_MEDIUM
						 : KEY_INTERACTION_TYPE;
	TimestampTz start;

	return convert_agent_id(to) && convert_start(to, ACTIVITY_START, &start) &&
		   convert_state(to) && check_present(to, KEY_INTERACTION) &&
		   check_object(to, KEY_INTERACTION) &&
		   check_present(to, KEY_INTERACTION_GUID) &&
		   convert_guid(to, KEY_INTERACTION_GUID, ACTIVITY_INTERACTION_GUID) &&
		   check_object(to, KEY_CHANNEL) &&
		   convert_guid(to, KEY_CHANNEL_GUID, ACTIVITY_CHANNEL_GUID) &&
		   convert_duration(to, ACTIVITY_DURATION_MS, start) &&
		   convert_text(to, medium, ACTIVITY_MEDIUM) &&
		   convert_text(to, KEY_MEDIUM_MANAGER, ACTIVITY_MEDIUM_MANAGER) &&
		   convert_label(to, KEY_STATUS, ACTIVITY_STATUS, true) &&
		   convert_label(to, KEY_REASON, ACTIVITY_REASON, true) &&
		   convert_label(to, KEY_DIRECTION, ACTIVITY_DIRECTION, true);
}

/* Convert an item that is a presence. */
static bool
convert_presence(Conversion *to)
{
	ItemKey state = state_key(to->item);
	TimestampTz start;

	return convert_agent_id(to) && convert_start(to, PRESENCE_START, &start) &&
		   check_present(to, state) &&
		   convert_label(to, state, PRESENCE_CATEGORY, false) &&
		   convert_duration(to, PRESENCE_DURATION_MS, start) &&
		   convert_text(to, KEY_NAME, PRESENCE_NAME) &&
		   convert_boolean(to, KEY_ELIGIBLE_FOR_ROUTING,
						   PRESENCE_ELIGIBLE_FOR_ROUTING);
}

/*
 * Determine the kind of an item that is an object. ITEM_BAD, with the error
 * filled, if its type is invalid.
 */
static ItemResult
item_kind(const PageItem *item, ItemRows *rows, ItemError *error)
{
	static const char *const detail =
		"Valid values are Interaction, Presence, Workload.";
	const JsonField *type = &item->fields[KEY_TYPE];

	if (!is_present(type))
		return !is_present(&item->fields[KEY_INTERACTION]) &&
					   (item->fields[KEY_NAME].kind != JSON_ABSENT ||
						item->fields[KEY_ELIGIBLE_FOR_ROUTING].kind !=
							JSON_ABSENT) &&
					   has_presence_category(item, rows)
				   ? ITEM_PRESENCE
				   : ITEM_ACTIVITY;
	if (!check_string(error, shown_keys[KEY_TYPE], type, detail))
		return ITEM_BAD;
	if (is_text(type->text, type->length, "Interaction"))
		return ITEM_ACTIVITY;
	if (is_text(type->text, type->length, "Presence"))
		return ITEM_PRESENCE;
	if (is_text(type->text, type->length, "Workload"))
		return ITEM_SKIPPED;
	fail_value(error, shown_keys[KEY_TYPE], type,
			   ERRCODE_INVALID_TEXT_REPRESENTATION, detail);
	return ITEM_BAD;
}

/*
 * Make a row from an item, all attributes but reported_at, which is the
 * page's. The result says which of the rows it is. Its values point into the
 * buffers; texts too long for them, and the error's texts, are palloc'd. If
 * labels of optional keys are unknown, the row has null there, and
 * next_unknown_label fills the errors.
 */
ItemResult
make_row(const PageItem *item, int number, ItemRows *rows, ItemError *error)
{
	bool wants_activities = rows->activity.type != NULL;
	Conversion to = {item, NULL, 0, rows, error};

	rows->unknown_labels = 0;
	error->item = number;
	if (item->kind != JSON_OBJECT)
	{
		fail(error, NULL, ERRCODE_SQL_JSON_OBJECT_NOT_FOUND,
			 "Expected an object with the keys of an activity.",
			 psprintf("must be an object, not %s", kind_name(item->kind)));
		return wants_activities ? ITEM_BAD : ITEM_SKIPPED;
	}
	if (item->fields[KEY_ITEMS].kind == JSON_ARRAY &&
		item->fields[KEY_AGENT_ID].kind == JSON_ABSENT &&
		item->fields[KEY_INTERACTION].kind == JSON_ABSENT)
	{
		fail(error, NULL, ERRCODE_SQL_JSON_MEMBER_NOT_FOUND,
			 "Expected an object with the keys of an activity.", "");
		error->message = psprintf("item %d is a page itself: expand the array "
								  "first",
								  number);
		error->hint = "Call the function for each element of "
					  "json_array_elements(body) or "
					  "jsonb_array_elements(body).";
		return ITEM_BAD;
	}
	switch (item_kind(item, rows, error))
	{
		case ITEM_ACTIVITY:
			if (!wants_activities)
				return ITEM_SKIPPED;
			to.row = &rows->activity;
			to.agent_id = ACTIVITY_AGENT_ID;
			memset(to.row->nulls, true, sizeof(bool) * ACTIVITY_ATTRIBUTES);
			return convert_activity(&to) ? ITEM_ACTIVITY : ITEM_BAD;
		case ITEM_PRESENCE:
			if (rows->presence.type == NULL)
				return ITEM_SKIPPED;
			to.row = &rows->presence;
			to.agent_id = PRESENCE_AGENT_ID;
			memset(to.row->nulls, true, sizeof(bool) * PRESENCE_ATTRIBUTES);
			return convert_presence(&to) ? ITEM_PRESENCE : ITEM_BAD;
		case ITEM_BAD:
			return wants_activities ? ITEM_BAD : ITEM_SKIPPED;
		case ITEM_SKIPPED:
			break;
	}
	return ITEM_SKIPPED;
}

/*
 * Fill the error of the next unknown label of the item read last, which is an
 * activity; false if there are no more.
 */
bool
next_unknown_label(const PageItem *item, int number, ItemRows *rows,
				   ItemError *error)
{
	static const struct
	{
		ItemKey key;
		ActivityAttribute attribute;
	} optional[] = {{KEY_STATUS, ACTIVITY_STATUS},
					{KEY_REASON, ACTIVITY_REASON},
					{KEY_DIRECTION, ACTIVITY_DIRECTION}};

	for (Size i = 0; i < lengthof(optional); i++)
	{
		ItemKey key = optional[i].key;

		if ((rows->unknown_labels & 1U << key) == 0)
			continue;
		rows->unknown_labels &= ~(1U << key);
		error->item = number;
		fail_label(error, shown_keys[key], &item->fields[key],
				   TupleDescAttr(rows->activity.type, optional[i].attribute)
					   ->atttypid);
		error->kept = true;
		return true;
	}
	return false;
}

/* Check that a document is a page; false with the error filled if not. */
bool
check_page(const PageHead *head, ItemError *error)
{
	const char *expected =
		"Expected an object with an array \"items\", an array of items, or a "
		"single item.";

	error->item = 0;
	if (head->shape != NO_PAGE)
		return true;
	if (head->encoded_twice)
	{
		fail(error, NULL, ERRCODE_SQL_JSON_ARRAY_NOT_FOUND, expected,
			 pstrdup("document is not a page of activities: it is a string "
					 "that contains JSON"));
		error->hint = "It was encoded twice. Pass (body #>> '{}')::json or "
					  "(body #>> '{}')::jsonb instead of body.";
		return false;
	}
	if (head->kind != JSON_OBJECT)
		return fail(error, NULL, ERRCODE_SQL_JSON_ARRAY_NOT_FOUND, expected,
					psprintf("document is not a page of activities: it is %s",
							 kind_name(head->kind)));
	if (head->items_kind != JSON_ABSENT)
		return fail_kind(error, "items", head->items_kind,
						 ERRCODE_SQL_JSON_ARRAY_NOT_FOUND, "an array",
						 expected);
	if (head->message_key == NULL)
		return fail(error, NULL, ERRCODE_SQL_JSON_MEMBER_NOT_FOUND, expected,
					pstrdup("document is not a page of activities: it is an "
							"object without \"items\""));
	if (head->message.kind == JSON_ARRAY || head->message.kind == JSON_OBJECT)
		return fail(error, NULL, ERRCODE_SQL_JSON_MEMBER_NOT_FOUND, expected,
					psprintf("document is not a page of activities: it has "
							 "the key \"%s\"",
							 head->message_key));
	return fail(error, NULL, ERRCODE_SQL_JSON_MEMBER_NOT_FOUND, expected,
				psprintf("document is not a page of activities: it has the "
						 "%s %s",
						 head->message_key, shown_value(&head->message)));
}

/*
 * Read a page's upTo, DT_NOBEGIN if it has none; false with the error filled
 * if it is bad.
 */
bool
read_up_to(const PageHead *head, TimestampTz *up_to, ItemError *error)
{
	TimestampTz time;

	error->item = 0;
	*up_to = DT_NOBEGIN;
	if (!is_present(&head->up_to))
		return true;
	if (!convert_time(error, "upTo", &head->up_to, &time))
		return false;
	*up_to = time;
	return true;
}
