/*
 * row.h
 *	  Values of type activity, participation and presence, read attribute by
 *	  attribute in place; rows that the library makes.
 */
#ifndef ACTIVITY_ROW_H
#define ACTIVITY_ROW_H

#include "access/htup.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "attributes.h"
#include "compat.h"
#include "metric_rules.h"

typedef enum RowKind
{
	ROW_ACTIVITY,
	ROW_PARTICIPATION,
	ROW_PRESENCE
} RowKind;

/* Where the attributes of a row are; NULL for one that is null. */
typedef struct Row
{
	RowKind kind;
	HeapTupleHeader tuple; /* of a participation; NULL if given as columns */
	const char *attributes[PARTICIPATION_ATTRIBUTES];
} Row;

extern int activity_attributes(TupleDesc type);
extern int participation_attributes(TupleDesc type);
extern int interaction_attributes(TupleDesc type);
extern int presence_attributes(TupleDesc type);
extern int read_activity(HeapTupleHeader tuple, Row *row, int attributes);
extern int begin_columns(FunctionCallInfo fcinfo, Row *row);
extern void read_participation(HeapTupleHeader tuple, Row *row,
							   int attributes);
extern void begin_participation_columns(FunctionCallInfo fcinfo, Row *row);
extern void read_presence(HeapTupleHeader tuple, Row *row);
extern Outcome row_outcome(const Row *participation);
extern bool is_talk_or_wrap(const Row *activity);
extern bool is_cut_short(const Row *activity);

extern int compare_activities(const Row *a, const Row *b);
extern int compare_presences(const Row *a, const Row *b);
extern int compare_texts(const text *a, const text *b);
extern text *copy_text(const text *value, MemoryContext context);
extern char *guid_text(bool is_known, const pg_uuid_t *guid);
extern TimestampTz row_end(const Row *row);
extern int errdetail_row(const Row *row);
pg_noreturn extern void negative_milliseconds(const Row *row,
											  int64 milliseconds);

/*
 * Return where an argument of a function is, as an attribute of a row; NULL for a
 * null one. A value whose length fits is in the Datum itself; -1 is that of a text.
 */
static inline const char *
argument_place(FunctionCallInfo fcinfo, int argument, int length)
{
	const NullableDatum *place = &fcinfo->args[argument];

	if (place->isnull)
		return NULL;
	if (length < 0 || length > (int) sizeof(Datum))
		return DatumGetPointer(place->value);
#ifdef WORDS_BIGENDIAN
	return (const char *) &place->value + sizeof(Datum) - length;
#else
	return (const char *) &place->value;
#endif
}

#define bigint_argument(fcinfo, n) argument_place(fcinfo, n, sizeof(int64))
#define boolean_argument(fcinfo, n) argument_place(fcinfo, n, sizeof(bool))
#define enum_argument(fcinfo, n) argument_place(fcinfo, n, sizeof(Oid))
#define integer_argument(fcinfo, n) argument_place(fcinfo, n, sizeof(int32))
#define text_argument(fcinfo, n) argument_place(fcinfo, n, -1)
#define time_argument(fcinfo, n) argument_place(fcinfo, n, sizeof(TimestampTz))
#define uuid_argument(fcinfo, n) argument_place(fcinfo, n, UUID_LEN)

/*
 * Attributes by their type. A null one is false, InvalidOid, NULL, or -infinity.
 */

static inline bool
row_bool(const Row *row, int attribute)
{
	return row->attributes[attribute] != NULL && *row->attributes[attribute];
}

/* 0 for null. */
static inline int32
row_integer(const Row *row, int attribute)
{
	if (row->attributes[attribute] == NULL)
		return 0;
	return *(const int32 *) row->attributes[attribute];
}

static inline TimestampTz
row_time(const Row *row, int attribute)
{
	if (row->attributes[attribute] == NULL)
		return DT_NOBEGIN;
	return *(const TimestampTz *) row->attributes[attribute];
}

/* The text may be palloc'd. */
static inline text *
row_text(const Row *row, int attribute)
{
	text *value = (text *) row->attributes[attribute];

	if (value == NULL ||
		(!VARATT_IS_COMPRESSED(value) && !VARATT_IS_EXTERNAL(value)))
		return value;
	return DatumGetTextPP(PointerGetDatum(value));
}

/* Milliseconds, 0 for null; an error if they are negative. */
static inline int64
row_milliseconds(const Row *row, int attribute)
{
	int64 milliseconds = 0;

	if (row->attributes[attribute] != NULL)
		milliseconds = *(const int64 *) row->attributes[attribute];
	if (unlikely(milliseconds < 0))
		negative_milliseconds(row, milliseconds);
	return milliseconds;
}

/* A label. */
static inline Oid
row_oid(const Row *row, int attribute)
{
	if (row->attributes[attribute] == NULL)
		return InvalidOid;
	return *(const Oid *) row->attributes[attribute];
}

/* A row that is made, whose attributes are null until they are set. */
typedef struct NewRow
{
	TupleDesc type;
	int known; /* how many attributes of the library's the type has */
	Datum *values;
	bool *nulls;
} NewRow;

extern void begin_row(NewRow *row, TupleDesc type, int known, int attributes);
extern HeapTuple form_row(NewRow *row);
extern void set_outcome(NewRow *row, int attribute, Outcome outcome);
extern void set_count(NewRow *row, int attribute, int64 count);

static inline void
set_attribute(NewRow *row, int attribute, Datum value)
{
	row->values[attribute] = value;
	row->nulls[attribute] = false;
}

/* Leaves it null if the time is the one that means none. */
static inline void
set_time(NewRow *row, int attribute, TimestampTz time, TimestampTz none)
{
	if (time != none)
		set_attribute(row, attribute, TimestampTzGetDatum(time));
}

static inline void
set_label(NewRow *row, int attribute, Oid label)
{
	if (OidIsValid(label))
		set_attribute(row, attribute, ObjectIdGetDatum(label));
}

static inline void
set_text(NewRow *row, int attribute, const text *value)
{
	if (value != NULL)
		set_attribute(row, attribute, PointerGetDatum(value));
}

#endif /* ACTIVITY_ROW_H */
