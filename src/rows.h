/*
 * rows.h
 *	  Values of type activity and participation, read attribute by attribute
 *	  where they lie.
 */
#ifndef ACTIVITY_ROWS_H
#define ACTIVITY_ROWS_H

#include "common/int.h"
#include "utils/timestamp.h"

#include "activity.h"
#include "compat.h"

typedef enum ParticipationAttribute
{
	PARTICIPATION_STARTED_AT,
	PARTICIPATION_ENDED_AT,
	PARTICIPATION_RING_MS,
	PARTICIPATION_TALK_MS,
	PARTICIPATION_PARKED_MS,
	PARTICIPATION_WRAP_MS,
	PARTICIPATION_HANDLE_MS,
	PARTICIPATION_CONNECTIONS,
	PARTICIPATION_OUTCOME,
	PARTICIPATION_UNEXPECTED_REASON,
	PARTICIPATION_FAILED_REASON,
	PARTICIPATION_OFFERED,
	PARTICIPATION_HANDLED,
	PARTICIPATION_OPEN,
	PARTICIPATION_STATUS,
	PARTICIPATION_DIRECTION,
	PARTICIPATION_INTERACTION_GUID,
	PARTICIPATION_CHANNEL_GUID,
	PARTICIPATION_AGENT_ID,
	PARTICIPATION_MEDIUM,
	PARTICIPATION_MEDIUM_MANAGER,
	PARTICIPATION_REPORTED_AT,
	PARTICIPATION_ATTRIBUTES /* how many */
} ParticipationAttribute;

/* how many attributes, from the first, the metrics need */
#define ACTIVITY_METRIC_ATTRIBUTES (ACTIVITY_AGENT_ID + 1)
#define PARTICIPATION_METRIC_ATTRIBUTES (PARTICIPATION_HANDLED + 1)

/* Where the attributes of a row lie; NULL for one that is null. */
typedef struct Row
{
	HeapTupleHeader participation; /* NULL for an activity */
	const char *attributes[PARTICIPATION_ATTRIBUTES];
} Row;

/* What an activity counts as: one of these. */
#define COUNTS_AS_RINGING 0x01
#define COUNTS_AS_CONNECTED 0x02
#define COUNTS_AS_WRAP 0x04
#define COUNTS_AS_UNEXPECTED 0x08
#define COUNTS_AS_FAILED 0x10
#define COUNTS_AS_MONITOR 0x20 /* whatever its state is */
#define COUNTS_AS_NOTHING 0x40 /* no state, or one that was added */

/* What each metric is of. */
#define COUNTS_AS_HANDLE_TIME (COUNTS_AS_CONNECTED | COUNTS_AS_WRAP)
#define COUNTS_AS_OFFERED                                             \
	(COUNTS_AS_RINGING | COUNTS_AS_CONNECTED | COUNTS_AS_UNEXPECTED | \
	 COUNTS_AS_FAILED)

extern void check_activity_layout(TupleDesc type);
extern int read_activity(HeapTupleHeader tuple, Row *row, int attributes);
extern int read_columns(FunctionCallInfo fcinfo,
						const ActivityAttribute *arguments, int count,
						Row *row);
extern void read_participation(HeapTupleHeader tuple, Row *row);
extern bool has_unexpected_outcome(const Row *participation);
extern bool is_cut_short(const Row *activity);

extern int compare_labels(Oid a, Oid b);
extern int compare_texts(const text *a, const text *b);
extern TimestampTz row_end(const Row *activity);
extern int errdetail_row(const Row *row);
pg_noreturn extern void negative_milliseconds(const Row *row,
											  int64 milliseconds);
pg_noreturn extern void sum_out_of_range(void);

/* Adds to a sum; overflow is an error, never a wrong number. */
static inline void
add_to_sum(int64 *sum, int64 amount)
{
	if (unlikely(pg_add_s64_overflow(*sum, amount, sum)))
		sum_out_of_range();
}

/*
 * The seconds of milliseconds, divided by a count that is not 0. Divides once:
 * the count's product is exact, so the quotient is the double nearest to the
 * average, whoever computes it.
 */
static inline float8
average_seconds(int64 milliseconds, int64 count)
{
	return milliseconds / (1000.0 * count);
}

/*
 * Attributes by their type; one that is null is what stands for none: false,
 * InvalidOid, NULL, the time before all others.
 */

static inline bool
row_bool(const Row *row, int attribute)
{
	return row->attributes[attribute] != NULL && *row->attributes[attribute];
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

/* Milliseconds that add to a sum, 0 for null. An error if they are negative. */
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

#endif /* ACTIVITY_ROWS_H */
