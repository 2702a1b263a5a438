/*
 * activity_row.c
 *	  Reading a value of type activity, for the aggregates.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/tupdesc.h"
#include "access/tupmacs.h"
#include "catalog/pg_type.h"
#include "utils/typcache.h"

#include "activity.h"
#include "compat.h"

/* as CREATE TYPE activity has them, up to the last one that metrics need */
static const struct
{
	int16 length;
	char align;
} layout[METRIC_ATTRIBUTES] = {
	[ACTIVITY_START] = {8, TYPALIGN_DOUBLE},
	[ACTIVITY_DURATION_MS] = {8, TYPALIGN_DOUBLE},
	[ACTIVITY_STATE] = {4, TYPALIGN_INT},
	[ACTIVITY_STATUS] = {4, TYPALIGN_INT},
	[ACTIVITY_DIRECTION] = {4, TYPALIGN_INT},
	[ACTIVITY_INTERACTION_GUID] = {UUID_LEN, TYPALIGN_CHAR},
	[ACTIVITY_CHANNEL_GUID] = {UUID_LEN, TYPALIGN_CHAR},
	[ACTIVITY_REASON] = {4, TYPALIGN_INT},
	[ACTIVITY_AGENT_ID] = {-1, TYPALIGN_INT},
};

/* What the catalogue says of type activity and its enums. */
typedef struct ActivityType
{
	Oid type;
	uint64 as_of; /* catalogue_changes() */
	Oid ringing;
	Oid connected;
	Oid wrap;
	Oid unexpected;
	Oid failed;
	Oid monitor;
} ActivityType;

static ActivityType activity_type;

/*
 * Makes activity_type the given one. An error if its attributes do not lie as
 * this file reads them.
 */
static void
look_up_activity_type(Oid type, int32 typmod)
{
	ActivityType found = {.type = type, .as_of = catalogue_changes()};
	TupleDesc desc = lookup_rowtype_tupdesc_copy(type, typmod);
	Oid state;
	Oid reason;

	for (int i = 0; i < METRIC_ATTRIBUTES; i++)
	{
		Form_pg_attribute attribute =
			i < desc->natts ? TupleDescAttr(desc, i) : NULL;

		if (attribute == NULL || attribute->attisdropped ||
			attribute->attlen != layout[i].length ||
			attribute->attalign != layout[i].align)
			ereport(ERROR,
					(errcode(ERRCODE_DATATYPE_MISMATCH),
					 errmsg("attribute %d of type activity is not the one "
							"that the extension created",
							i + 1),
					 errhint("Attributes may only be added to the type, at "
							 "its end.")));
	}
	state = TupleDescAttr(desc, ACTIVITY_STATE)->atttypid;
	reason = TupleDescAttr(desc, ACTIVITY_REASON)->atttypid;
	FreeTupleDesc(desc);

	found.ringing = enum_label_or_fail(state, "Ringing");
	found.connected = enum_label_or_fail(state, "Connected");
	found.wrap = enum_label_or_fail(state, "Wrap");
	found.unexpected = enum_label_or_fail(state, "Unexpected");
	found.failed = enum_label_or_fail(state, "Failed");
	found.monitor = enum_label_or_fail(reason, "Monitor");
	activity_type = found;
}

static Oid
oid_attribute(const ActivityRow *row, ActivityAttribute attribute)
{
	if (row->attributes[attribute] == NULL)
		return InvalidOid;
	return *(const Oid *) row->attributes[attribute];
}

/* The reason, InvalidOid where there is none. */
Oid
activity_reason(const ActivityRow *row)
{
	return oid_attribute(row, ACTIVITY_REASON);
}

/*
 * The duration of a finished activity; false if it is open. An error if it is
 * negative: it cannot come from a page, and no sum would mean anything.
 */
bool
activity_duration(const ActivityRow *row, int64 *duration_ms)
{
	if (row->attributes[ACTIVITY_DURATION_MS] == NULL)
		return false;
	*duration_ms = *(const int64 *) row->attributes[ACTIVITY_DURATION_MS];
	if (*duration_ms < 0)
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("duration_ms of an activity must not be "
							   "negative: " INT64_FORMAT,
							   *duration_ms)));
	return true;
}

/*
 * Finds the attributes of an activity where they lie in the tuple, and tells
 * what it counts as: one COUNTS_AS bit, or 0.
 */
int
read_activity(HeapTupleHeader tuple, ActivityRow *row)
{
	const uint8 *nulls =
		(tuple->t_infomask & HEAP_HASNULL) != 0 ? tuple->t_bits : NULL;
	const char *data = (const char *) tuple + tuple->t_hoff;
	int stored = HeapTupleHeaderGetNatts(tuple);
	Size offset = 0;
	Oid state;

	if (activity_type.type != HeapTupleHeaderGetTypeId(tuple) ||
		activity_type.as_of != catalogue_changes())
		look_up_activity_type(HeapTupleHeaderGetTypeId(tuple),
							  HeapTupleHeaderGetTypMod(tuple));

	for (int i = 0; i < METRIC_ATTRIBUTES; i++)
	{
		if (i >= stored || (nulls != NULL && att_isnull(i, nulls)))
		{
			row->attributes[i] = NULL;
			continue;
		}
		offset = att_align_pointer(offset, layout[i].align, layout[i].length,
								   data + offset);
		row->attributes[i] = data + offset;
		offset += Max(layout[i].length, 0); /* only the last one varies */
	}

	state = oid_attribute(row, ACTIVITY_STATE);
	if (!OidIsValid(state) || activity_reason(row) == activity_type.monitor)
		return 0;
	if (state == activity_type.connected)
		return COUNTS_AS_CONNECTED;
	if (state == activity_type.ringing)
		return COUNTS_AS_RINGING;
	if (state == activity_type.wrap)
		return COUNTS_AS_WRAP;
	if (state == activity_type.unexpected)
		return COUNTS_AS_UNEXPECTED;
	if (state == activity_type.failed)
		return COUNTS_AS_FAILED;
	return 0;
}
