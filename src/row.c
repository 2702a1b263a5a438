/*
 * row.c
 *	  Values of type activity, participation and presence, read attribute by
 *	  attribute in place; rows that the library makes.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/tupdesc.h"
#include "access/tupmacs.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"
#include "utils/uuid.h"

#include "activity_time.h"
#include "catalog.h"
#include "clip_text.h"
#include "compat.h"
#include "row.h"

/* How an attribute is stored: as CREATE TYPE has it. */
typedef struct StoredAttribute
{
	Oid type; /* InvalidOid for an enum of the extension */
	int16 length;
	char align;
	uint8 boundary;			/* in bytes: what align means */
	const char *later_name; /* NULL for the attributes of version 1.0 */
} StoredAttribute;

#define STORED(oid, bytes, how, to) \
	.type = oid, .length = bytes, .align = how, .boundary = to
#define TIME_STORED STORED(TIMESTAMPTZOID, 8, TYPALIGN_DOUBLE, ALIGNOF_DOUBLE)
#define BIGINT_STORED STORED(INT8OID, 8, TYPALIGN_DOUBLE, ALIGNOF_DOUBLE)
#define INTEGER_STORED STORED(INT4OID, 4, TYPALIGN_INT, ALIGNOF_INT)
#define ENUM_STORED STORED(InvalidOid, 4, TYPALIGN_INT, ALIGNOF_INT)
#define BOOLEAN_STORED STORED(BOOLOID, 1, TYPALIGN_CHAR, 1)
#define UUID_STORED STORED(UUIDOID, UUID_LEN, TYPALIGN_CHAR, 1)
#define TEXT_STORED STORED(TEXTOID, -1, TYPALIGN_INT, ALIGNOF_INT)

static const StoredAttribute activity_layout[ACTIVITY_ATTRIBUTES] = {
	[ACTIVITY_START] = {TIME_STORED},
	[ACTIVITY_DURATION_MS] = {BIGINT_STORED},
	[ACTIVITY_STATE] = {ENUM_STORED},
	[ACTIVITY_STATUS] = {ENUM_STORED},
	[ACTIVITY_DIRECTION] = {ENUM_STORED},
	[ACTIVITY_INTERACTION_GUID] = {UUID_STORED},
	[ACTIVITY_CHANNEL_GUID] = {UUID_STORED},
	[ACTIVITY_REASON] = {ENUM_STORED},
	[ACTIVITY_AGENT_ID] = {TEXT_STORED},
	[ACTIVITY_MEDIUM] = {TEXT_STORED},
	[ACTIVITY_MEDIUM_MANAGER] = {TEXT_STORED},
	[ACTIVITY_REPORTED_AT] = {TIME_STORED},
};

static const StoredAttribute participation_layout[PARTICIPATION_ATTRIBUTES] = {
	[PARTICIPATION_STARTED_AT] = {TIME_STORED},
	[PARTICIPATION_ANSWERED_AT] = {TIME_STORED},
	[PARTICIPATION_DISCONNECTED_AT] = {TIME_STORED},
	[PARTICIPATION_ENDED_AT] = {TIME_STORED},
	[PARTICIPATION_ANSWER_MS] = {BIGINT_STORED},
	[PARTICIPATION_RING_MS] = {BIGINT_STORED},
	[PARTICIPATION_TALK_MS] = {BIGINT_STORED},
	[PARTICIPATION_PARKED_MS] = {BIGINT_STORED},
	[PARTICIPATION_WRAP_MS] = {BIGINT_STORED},
	[PARTICIPATION_HANDLE_MS] = {BIGINT_STORED},
	[PARTICIPATION_MONITOR_MS] = {BIGINT_STORED},
	[PARTICIPATION_CONNECTIONS] = {INTEGER_STORED},
	[PARTICIPATION_UNEXPECTED_ATTEMPTS] = {INTEGER_STORED},
	[PARTICIPATION_OUTCOME] = {ENUM_STORED},
	[PARTICIPATION_UNEXPECTED_REASON] = {ENUM_STORED},
	[PARTICIPATION_FAILED_REASON] = {ENUM_STORED},
	[PARTICIPATION_OFFERED] = {BOOLEAN_STORED},
	[PARTICIPATION_HANDLED] = {BOOLEAN_STORED},
	[PARTICIPATION_OPEN] = {BOOLEAN_STORED},
	[PARTICIPATION_HAS_MONITOR] = {BOOLEAN_STORED},
	[PARTICIPATION_STATUS] = {ENUM_STORED},
	[PARTICIPATION_DIRECTION] = {ENUM_STORED},
	[PARTICIPATION_INTERACTION_GUID] = {UUID_STORED},
	[PARTICIPATION_CHANNEL_GUID] = {UUID_STORED},
	[PARTICIPATION_AGENT_ID] = {TEXT_STORED},
	[PARTICIPATION_MEDIUM] = {TEXT_STORED},
	[PARTICIPATION_MEDIUM_MANAGER] = {TEXT_STORED},
	[PARTICIPATION_REPORTED_AT] = {TIME_STORED},
};

static const StoredAttribute interaction_layout[INTERACTION_ATTRIBUTES] = {
	[INTERACTION_STARTED_AT] = {TIME_STORED},
	[INTERACTION_ANSWERED_AT] = {TIME_STORED},
	[INTERACTION_DISCONNECTED_AT] = {TIME_STORED},
	[INTERACTION_ENDED_AT] = {TIME_STORED},
	[INTERACTION_ANSWER_MS] = {BIGINT_STORED},
	[INTERACTION_LENGTH_MS] = {BIGINT_STORED},
	[INTERACTION_RING_MS] = {BIGINT_STORED},
	[INTERACTION_TALK_MS] = {BIGINT_STORED},
	[INTERACTION_PARKED_MS] = {BIGINT_STORED},
	[INTERACTION_WRAP_MS] = {BIGINT_STORED},
	[INTERACTION_HANDLE_MS] = {BIGINT_STORED},
	[INTERACTION_MONITOR_MS] = {BIGINT_STORED},
	[INTERACTION_PARTICIPATIONS] = {INTEGER_STORED},
	[INTERACTION_AGENTS] = {INTEGER_STORED},
	[INTERACTION_OFFERED] = {INTEGER_STORED},
	[INTERACTION_ANSWERED] = {INTEGER_STORED},
	[INTERACTION_HANDLED] = {INTEGER_STORED},
	[INTERACTION_UNEXPECTED] = {INTEGER_STORED},
	[INTERACTION_FAILED] = {INTEGER_STORED},
	[INTERACTION_MONITORED] = {INTEGER_STORED},
	[INTERACTION_UNEXPECTED_ATTEMPTS] = {INTEGER_STORED},
	[INTERACTION_TRANSFERS] = {INTEGER_STORED},
	[INTERACTION_CONSULTS] = {INTEGER_STORED},
	[INTERACTION_OUTCOME] = {ENUM_STORED},
	[INTERACTION_OPEN] = {BOOLEAN_STORED},
	[INTERACTION_STATUS] = {ENUM_STORED},
	[INTERACTION_DIRECTION] = {ENUM_STORED},
	[INTERACTION_GUID] = {UUID_STORED},
	[INTERACTION_FIRST_AGENT_ID] = {TEXT_STORED},
	[INTERACTION_LAST_AGENT_ID] = {TEXT_STORED},
	[INTERACTION_MEDIUM] = {TEXT_STORED},
	[INTERACTION_MEDIUM_MANAGER] = {TEXT_STORED},
	[INTERACTION_REPORTED_AT] = {TIME_STORED},
};

static const StoredAttribute presence_layout[PRESENCE_ATTRIBUTES] = {
	[PRESENCE_START] = {TIME_STORED},
	[PRESENCE_DURATION_MS] = {BIGINT_STORED},
	[PRESENCE_CATEGORY] = {ENUM_STORED},
	[PRESENCE_ELIGIBLE_FOR_ROUTING] = {BOOLEAN_STORED},
	[PRESENCE_AGENT_ID] = {TEXT_STORED},
	[PRESENCE_NAME] = {TEXT_STORED},
	[PRESENCE_REPORTED_AT] = {TIME_STORED},
};

/*
 * Cached catalog data of the types. It is not in fn_extra, which is empty on
 * every row inside Citus' worker aggregates.
 */
static struct
{
	Oid type;
	uint64 as_of;	/* catalog_generation() */
	int attributes; /* how many of the library's it has */
	ActivityLabels labels;
	Oid internal_error;
} activity_type;

static struct
{
	Oid type;
	uint64 as_of;
	int attributes;
	Oid outcomes[OUTCOME_LABELS];
} participation_type;

static struct
{
	Oid type;
	uint64 as_of;
	int attributes;
} presence_type;

/*
 * Return how many attributes of a layout a row type has, from the first on: all
 * of version 1.0, and those of later versions that are in their places. A type
 * that an earlier version created lacks some, and a user may have added others
 * there. An error if an attribute is not as this file reads it.
 */
static int
known_attributes(TupleDesc type, const StoredAttribute *layout, int count)
{
	for (int i = 0; i < count; i++)
	{
		Form_pg_attribute attribute =
			i < type->natts ? TupleDescAttr(type, i) : NULL;

		if (layout[i].later_name != NULL &&
			(attribute == NULL ||
			 strcmp(NameStr(attribute->attname), layout[i].later_name) != 0))
			return i;
		if (attribute == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("type %s has %d attributes, but must have at "
							"least %d",
							format_type_be(type->tdtypeid), type->natts,
							count),
					 errdetail("It was created before version 1.0 of the "
							   "extension was released."),
					 errhint("Drop the extension and create it again, then "
							 "create its tables and load your pages again.")));
		if (attribute->attisdropped ||
			(OidIsValid(layout[i].type)
				 ? attribute->atttypid != layout[i].type
				 : attribute->attlen != layout[i].length ||
					   attribute->attalign != layout[i].align))
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("attribute %d of type %s is not the one that the "
							"extension created",
							i + 1, format_type_be(type->tdtypeid)),
					 errhint("Attributes may only be added to the type, at "
							 "its end.")));
	}
	return count;
}

/* Return the same for type activity. */
int
activity_attributes(TupleDesc type)
{
	return known_attributes(type, activity_layout, lengthof(activity_layout));
}

static void
look_up_activity_type(Oid type, int32 typmod)
{
	uint64 as_of = catalog_generation();
	TupleDesc desc = lookup_rowtype_tupdesc_copy(type, typmod);
	int attributes = activity_attributes(desc);
	Oid state = TupleDescAttr(desc, ACTIVITY_STATE)->atttypid;
	Oid status = TupleDescAttr(desc, ACTIVITY_STATUS)->atttypid;
	Oid reason = TupleDescAttr(desc, ACTIVITY_REASON)->atttypid;

	FreeTupleDesc(desc);
	activity_type.type = InvalidOid; /* until all of it is known */
	activity_type.attributes = attributes;
	activity_type.labels.ringing = enum_label_or_fail(state, "Ringing");
	activity_type.labels.connected = enum_label_or_fail(state, "Connected");
	activity_type.labels.wrap = enum_label_or_fail(state, "Wrap");
	activity_type.labels.unexpected = enum_label_or_fail(state, "Unexpected");
	activity_type.labels.failed = enum_label_or_fail(state, "Failed");
	activity_type.internal_error = enum_label_or_fail(status, "InternalError");
	activity_type.labels.monitor = enum_label_or_fail(reason, "Monitor");
	activity_type.as_of = as_of;
	activity_type.type = type;
}

static void
look_up_participation_type(Oid type, int32 typmod)
{
	uint64 as_of = catalog_generation();
	TupleDesc desc = lookup_rowtype_tupdesc_copy(type, typmod);
	int attributes = known_attributes(desc, participation_layout,
									  lengthof(participation_layout));
	Oid outcome = TupleDescAttr(desc, PARTICIPATION_OUTCOME)->atttypid;

	FreeTupleDesc(desc);
	participation_type.type = InvalidOid;
	participation_type.attributes = attributes;
	for (int i = 0; i < OUTCOME_LABELS; i++)
		participation_type.outcomes[i] =
			enum_label_or_fail(outcome, outcome_labels[i]);
	participation_type.as_of = as_of;
	participation_type.type = type;
}

/*
 * Find the first count attributes of a tuple. Its type has the first known of
 * them; the others are null.
 */
static void
find_attributes(HeapTupleHeader tuple, const StoredAttribute *layout,
				int known, int count, Row *row)
{
	const uint8 *nulls =
		(tuple->t_infomask & HEAP_HASNULL) != 0 ? tuple->t_bits : NULL;
	const char *data = (const char *) tuple + tuple->t_hoff;
	int stored = Min((int) HeapTupleHeaderGetNatts(tuple), known);
	Size offset = 0;

	for (int i = 0; i < count; i++)
	{
		if (i >= stored || (nulls != NULL && att_isnull(i, nulls)))
		{
			row->attributes[i] = NULL;
			continue;
		}
		/* a short text is not aligned, and begins with no zero */
		if (layout[i].length >= 0 || data[offset] == 0)
			offset = TYPEALIGN(layout[i].boundary, offset);
		row->attributes[i] = data + offset;
		offset += layout[i].length >= 0 ? (Size) layout[i].length
										: VARSIZE_ANY(data + offset);
	}
}

/* Return what an activity counts as: one of the COUNTS_AS. */
static inline int
classify(const Row *row)
{
	return classify_activity(&activity_type.labels,
							 row_oid(row, ACTIVITY_STATE),
							 row_oid(row, ACTIVITY_REASON));
}

/*
 * Find the first attributes of an activity; return what it counts as, one of the
 * COUNTS_AS.
 */
int
read_activity(HeapTupleHeader tuple, Row *row, int attributes)
{
	Oid type = HeapTupleHeaderGetTypeId(tuple);

	if (activity_type.type != type ||
		activity_type.as_of != catalog_generation())
		look_up_activity_type(type, HeapTupleHeaderGetTypMod(tuple));
	row->kind = ROW_ACTIVITY;
	find_attributes(tuple, activity_layout, activity_type.attributes,
					attributes, row);
	return classify(row);
}

/*
 * Begin to read an activity that is given as columns: the arguments of a function
 * from its second one on. Find state, reason and duration_ms, which all such functions
 * begin with; the caller sets the other attributes that it has, which are null until
 * then. Return what the activity counts as.
 */
int
begin_columns(FunctionCallInfo fcinfo, Row *row)
{
	if (!OidIsValid(activity_type.type) ||
		activity_type.as_of != catalog_generation())
		look_up_activity_type(sibling_type(fcinfo->flinfo->fn_oid, "activity"),
							  -1);

	row->kind = ROW_ACTIVITY;
	memset(row->attributes, 0,
		   sizeof(row->attributes[0]) * ACTIVITY_METRIC_ATTRIBUTES);
	row->attributes[ACTIVITY_STATE] = enum_argument(fcinfo, 1);
	row->attributes[ACTIVITY_REASON] = enum_argument(fcinfo, 2);
	row->attributes[ACTIVITY_DURATION_MS] = bigint_argument(fcinfo, 3);
	return classify(row);
}

/*
 * Return how many attributes of the library's a type participation has: as
 * activity_attributes for the other type.
 */
int
participation_attributes(TupleDesc type)
{
	if (participation_type.type != type->tdtypeid ||
		participation_type.as_of != catalog_generation())
		look_up_participation_type(type->tdtypeid, type->tdtypmod);
	return participation_type.attributes;
}

/* Return the same for type interaction. */
int
interaction_attributes(TupleDesc type)
{
	return known_attributes(type, interaction_layout,
							lengthof(interaction_layout));
}

/* Return the same for type presence. */
int
presence_attributes(TupleDesc type)
{
	return known_attributes(type, presence_layout, lengthof(presence_layout));
}

/* Find the attributes of a presence. */
void
read_presence(HeapTupleHeader tuple, Row *row)
{
	Oid type = HeapTupleHeaderGetTypeId(tuple);

	if (presence_type.type != type ||
		presence_type.as_of != catalog_generation())
	{
		uint64 as_of = catalog_generation();
		TupleDesc desc =
			lookup_rowtype_tupdesc_copy(type, HeapTupleHeaderGetTypMod(tuple));

		presence_type.type = InvalidOid;
		presence_type.attributes = presence_attributes(desc);
		FreeTupleDesc(desc);
		presence_type.as_of = as_of;
		presence_type.type = type;
	}
	row->kind = ROW_PRESENCE;
	find_attributes(tuple, presence_layout, presence_type.attributes,
					lengthof(presence_layout), row);
}

/* Find the first attributes of a participation. */
void
read_participation(HeapTupleHeader tuple, Row *row, int attributes)
{
	Oid type = HeapTupleHeaderGetTypeId(tuple);

	if (participation_type.type != type ||
		participation_type.as_of != catalog_generation())
		look_up_participation_type(type, HeapTupleHeaderGetTypMod(tuple));
	row->kind = ROW_PARTICIPATION;
	row->tuple = tuple;
	find_attributes(tuple, participation_layout, participation_type.attributes,
					attributes, row);
}

/*
 * Begin to read a participation that is given as columns: the caller sets the
 * attributes that it has, which are null until then.
 */
void
begin_participation_columns(FunctionCallInfo fcinfo, Row *row)
{
	if (!OidIsValid(participation_type.type) ||
		participation_type.as_of != catalog_generation())
		look_up_participation_type(sibling_type(fcinfo->flinfo->fn_oid,
												"participation"),
								   -1);
	row->kind = ROW_PARTICIPATION;
	row->tuple = NULL;
	memset(row->attributes, 0, sizeof(row->attributes));
}

/* Return the outcome of the participation read last. */
Outcome
row_outcome(const Row *participation)
{
	Oid label = row_oid(participation, PARTICIPATION_OUTCOME);
	int outcome = 0;

	while (outcome < OUTCOME_LABELS &&
		   participation_type.outcomes[outcome] != label)
		outcome++;
	return outcome;
}

/* Whether the state of the activity read last is Connected or Wrap. */
bool
is_talk_or_wrap(const Row *activity)
{
	Oid state = row_oid(activity, ACTIVITY_STATE);

	return state == activity_type.labels.connected ||
		   state == activity_type.labels.wrap;
}

/*
 * Whether the duration of the activity read last will never be known, should
 * it have none.
 */
bool
is_cut_short(const Row *activity)
{
	return row_oid(activity, ACTIVITY_STATUS) == activity_type.internal_error;
}

/* Append a time, in UTC and as ISO 8601 whatever the settings are. */
static void
append_time(StringInfo out, TimestampTz time)
{
	char buffer[MAXDATELEN + 1];
	struct pg_tm tm;
	fsec_t microseconds;

	if (TIMESTAMP_NOT_FINITE(time))
		EncodeSpecialTimestamp(time, buffer);
	else if (timestamp2tm(time, NULL, &tm, &microseconds, NULL, NULL) == 0)
	{
		tm.tm_isdst = 0; /* or else it is shown without its zone */
		EncodeDateTime(&tm, microseconds, true, 0, NULL, USE_ISO_DATES,
					   buffer);
	}
	else
		strlcpy(buffer, "out of range", sizeof(buffer));
	appendStringInfoString(out, buffer);
}

/*
 * For ereport: a detail that names the activity, participation or presence of a
 * row, by its agent, start and interaction, as far as they are known.
 */
int
errdetail_row(const Row *row)
{
	static const struct
	{
		const char *name;
		int agent;
		int start;
		int interaction; /* -1 for none */
	} kinds[] = {
		[ROW_ACTIVITY] = {"Activity", ACTIVITY_AGENT_ID, ACTIVITY_START,
						  ACTIVITY_INTERACTION_GUID},
		[ROW_PARTICIPATION] = {"Participation", PARTICIPATION_AGENT_ID,
							   PARTICIPATION_STARTED_AT,
							   PARTICIPATION_INTERACTION_GUID},
		[ROW_PRESENCE] = {"Presence", PRESENCE_AGENT_ID, PRESENCE_START, -1},
	};
	int agent = kinds[row->kind].agent;
	int start = kinds[row->kind].start;
	int interaction = kinds[row->kind].interaction;
	Row named = *row;
	StringInfoData detail;

	if (row->kind == ROW_PARTICIPATION && row->tuple != NULL)
		find_attributes(row->tuple, participation_layout,
						participation_type.attributes,
						lengthof(participation_layout), &named);
	initStringInfo(&detail);
	if (named.attributes[agent] != NULL)
	{
		text *id = row_text(&named, agent);

		appendStringInfo(&detail, " agent \"%s\"",
						 clip_text(VARDATA_ANY(id), VARSIZE_ANY_EXHDR(id)));
	}
	if (named.attributes[start] != NULL)
	{
		appendStringInfo(&detail, "%s start ", detail.len > 0 ? "," : "");
		append_time(&detail, row_time(&named, start));
	}
	if (interaction >= 0 && named.attributes[interaction] != NULL)
	{
		Datum guid = PointerGetDatum(named.attributes[interaction]);

		appendStringInfo(&detail, "%s interaction %s",
						 detail.len > 0 ? "," : "",
						 DatumGetCString(DirectFunctionCall1(uuid_out, guid)));
	}
	if (detail.len == 0)
		return 0;
	return errdetail_internal("%s:%s.", kinds[row->kind].name, detail.data);
}

/* row_end reads both with the same attributes */
StaticAssertDecl((int) PRESENCE_START == (int) ACTIVITY_START &&
					 (int) PRESENCE_DURATION_MS == (int) ACTIVITY_DURATION_MS,
				 "an activity and a presence begin alike");

/*
 * Return the end of an activity or a presence, or its start while it has no
 * duration; an error if timestamptz has no such time.
 */
TimestampTz
row_end(const Row *row)
{
	TimestampTz end;

	if (!add_milliseconds(row_time(row, ACTIVITY_START),
						  row_milliseconds(row, ACTIVITY_DURATION_MS), &end))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						row->kind == ROW_PRESENCE
							? errmsg("end of presence out of range")
							: errmsg("end of activity out of range"),
						errdetail_row(row)));
	return end;
}

/*
 * Raise that milliseconds are negative: no page has such a row, and no sum with
 * it would mean anything.
 */
void
negative_milliseconds(const Row *row, int64 milliseconds)
{
	ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					errmsg("milliseconds must not be negative: " INT64_FORMAT,
						   milliseconds),
					errdetail_row(row)));
}

/* Compare texts by their bytes; NULL is before all others. */
int
compare_texts(const text *a, const text *b)
{
	int a_length;
	int b_length;
	int order;

	if (a == NULL || b == NULL)
		return (a != NULL) - (b != NULL);
	a_length = VARSIZE_ANY_EXHDR(a);
	b_length = VARSIZE_ANY_EXHDR(b);
	order = memcmp(VARDATA_ANY(a), VARDATA_ANY(b), Min(a_length, b_length));
	return order != 0 ? order : a_length - b_length;
}

/*
 * Begin a row of a type, which has the first known attributes of those that the
 * library has. It is palloc'd.
 */
void
begin_row(NewRow *row, TupleDesc type, int known, int attributes)
{
	int count = Max(type->natts, attributes);

	row->type = type;
	row->known = known;
	row->values = palloc0(sizeof(Datum) * count);
	row->nulls = palloc(sizeof(bool) * count);
	memset(row->nulls, true, sizeof(bool) * count);
}

/*
 * Make the tuple of a row. Attributes that a user added, where a later version has
 * others, stay null.
 */
HeapTuple
form_row(NewRow *row)
{
	for (int i = row->known; i < row->type->natts; i++)
		row->nulls[i] = true;
	return heap_form_tuple(row->type, row->values, row->nulls);
}

/* Set an attribute to the label of an outcome. */
void
set_outcome(NewRow *row, int attribute, Outcome outcome)
{
	if (outcome != OUTCOME_UNKNOWN)
		set_label(row, attribute,
				  enum_label_or_fail(TupleDescAttr(row->type, attribute)
										 ->atttypid,
									 outcome_labels[outcome]));
}

/* Set an attribute of type integer to a count; an error if it does not fit. */
void
set_count(NewRow *row, int attribute, int64 count)
{
	if (count > PG_INT32_MAX)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s out of range: " INT64_FORMAT,
						NameStr(TupleDescAttr(row->type, attribute)->attname),
						count)));
	set_attribute(row, attribute, Int32GetDatum((int32) count));
}

/* Copy a text into a memory context. */
text *
copy_text(const text *value, MemoryContext context)
{
	text *copy = MemoryContextAlloc(context, VARSIZE_ANY(value));

	memcpy(copy, value, VARSIZE_ANY(value));
	return copy;
}

/* A guid for a message; it may be palloc'd. */
char *
guid_text(bool is_known, const pg_uuid_t *guid)
{
	if (!is_known)
		return "null";
	return DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(guid)));
}
