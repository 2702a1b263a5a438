/*
 * activity_time.c
 *	  Activities in time: their ends, their state at an instant, and slices;
 *	  the ends of presences.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "common/int.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"

#include "activity_time.h"
#include "compat.h"
#include "row.h"

/* more slices of one activity mean a wrong width or a wrong duration */
#define MOST_SLICES 10000000

PG_FUNCTION_INFO_V1(activity_end);
/* activity_end(activity): start + duration, null while open. */
Datum
activity_end(PG_FUNCTION_ARGS)
{
	Row row;

	(void) read_activity(PG_GETARG_HEAPTUPLEHEADER(0), &row,
						 ACTIVITY_METRIC_ATTRIBUTES);
	if (row.attributes[ACTIVITY_START] == NULL ||
		row.attributes[ACTIVITY_DURATION_MS] == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(row_end(&row));
}

PG_FUNCTION_INFO_V1(activity_end_columns);
/* activity_end(start, duration_ms): start + duration. */
Datum
activity_end_columns(PG_FUNCTION_ARGS)
{
	TimestampTz start = PG_GETARG_TIMESTAMPTZ(0);
	int64 duration_ms = PG_GETARG_INT64(1);
	Row row = {
		.attributes = {[ACTIVITY_START] = (const char *) &start,
					   [ACTIVITY_DURATION_MS] = (const char *) &duration_ms}};

	PG_RETURN_TIMESTAMPTZ(row_end(&row));
}

PG_FUNCTION_INFO_V1(presence_end);
/* presence_end(presence): start + duration, null while it lasts. */
Datum
presence_end(PG_FUNCTION_ARGS)
{
	Row row;

	read_presence(PG_GETARG_HEAPTUPLEHEADER(0), &row);
	if (row.attributes[PRESENCE_START] == NULL ||
		row.attributes[PRESENCE_DURATION_MS] == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(row_end(&row));
}

/* Return a copy of an activity with another start and duration. */
static HeapTuple
with_time(HeapTupleHeader activity, TupleDesc type, TimestampTz start,
		  int64 duration_ms)
{
	HeapTupleData tuple = {.t_len = HeapTupleHeaderGetDatumLength(activity),
						   .t_data = activity};
	int attributes[] = {ACTIVITY_START + 1, ACTIVITY_DURATION_MS + 1};
	Datum values[] = {TimestampTzGetDatum(start), Int64GetDatum(duration_ms)};
	bool nulls[] = {false, false};

	ItemPointerSetInvalid(&tuple.t_self);
	return heap_modify_tuple_by_cols(&tuple, type, lengthof(attributes),
									 attributes, values, nulls);
}

/*
 * Whether an activity that starts at or before an instant has ended by then.
 * Its end may be beyond timestamptz.
 */
static bool
has_ended(TimestampTz start, int64 duration_ms, TimestampTz instant)
{
	TimestampTz end;

	if (TIMESTAMP_NOT_FINITE(instant))
		return true;
	return add_milliseconds(start, duration_ms, &end) && end <= instant;
}

PG_FUNCTION_INFO_V1(activity_as_of);
/*
 * activity_as_of(activity, timestamptz): the activity as of that instant, null
 * if it had not started.
 */
Datum
activity_as_of(PG_FUNCTION_ARGS)
{
	HeapTupleHeader activity = PG_GETARG_HEAPTUPLEHEADER(0);
	TimestampTz instant = PG_GETARG_TIMESTAMPTZ(1);
	TupleDesc type;
	TimestampTz start;
	int64 elapsed;
	Row row;
	bool finished;
	HeapTuple result;

	(void) read_activity(activity, &row, ACTIVITY_METRIC_ATTRIBUTES);
	start = row_time(&row, ACTIVITY_START);
	finished = row.attributes[ACTIVITY_DURATION_MS] != NULL;
	if (row.attributes[ACTIVITY_START] == NULL || start > instant)
		PG_RETURN_NULL();
	if (finished
			? has_ended(start, row_milliseconds(&row, ACTIVITY_DURATION_MS),
						instant)
			: is_cut_short(&row))
		PG_RETURN_DATUM(PG_GETARG_DATUM(0));

	if (TIMESTAMP_NOT_FINITE(start) || TIMESTAMP_NOT_FINITE(instant))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("an open activity has no duration as of "
							   "infinity"),
						errdetail_row(&row)));
	if (pg_sub_s64_overflow(instant, start, &elapsed))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("interval out of range"), errdetail_row(&row)));
	type = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(activity),
								  HeapTupleHeaderGetTypMod(activity));
	result = with_time(activity, type, start, elapsed / USECS_PER_MS);
	ReleaseTupleDesc(type);
	PG_RETURN_DATUM(HeapTupleGetDatum(result));
}

PG_FUNCTION_INFO_V1(activity_open_at);
/*
 * activity_open_at(activity, timestamptz): whether the activity had started and
 * not ended at that instant; false if its end will never be known, null if its
 * start is not.
 */
Datum
activity_open_at(PG_FUNCTION_ARGS)
{
	TimestampTz instant = PG_GETARG_TIMESTAMPTZ(1);
	TimestampTz start;
	Row row;

	(void) read_activity(PG_GETARG_HEAPTUPLEHEADER(0), &row,
						 ACTIVITY_METRIC_ATTRIBUTES);
	if (row.attributes[ACTIVITY_START] == NULL)
		PG_RETURN_NULL();
	start = row_time(&row, ACTIVITY_START);
	if (start > instant)
		PG_RETURN_BOOL(false);
	if (row.attributes[ACTIVITY_DURATION_MS] == NULL)
		PG_RETURN_BOOL(!is_cut_short(&row));
	PG_RETURN_BOOL(!has_ended(start,
							  row_milliseconds(&row, ACTIVITY_DURATION_MS),
							  instant));
}

/*
 * Return a bucket's width in microseconds, with days of 24 hours. Raises an
 * error if it is not positive, or contains months.
 */
static int64
bucket_width(const Interval *width)
{
	int64 days;
	int64 result;

	if (width->month != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("width must not contain months or years"),
				 errdetail("Months and years have no fixed length."),
				 errhint("Cut at the borders of months with generate_series "
						 "and activity_as_of, or slice by days and group by "
						 "month.")));
	if (pg_mul_s64_overflow(width->day, USECS_PER_DAY, &days) ||
		pg_add_s64_overflow(width->time, days, &result) || result <= 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("width must be greater than 0 and finite"),
						errhint("Pass an interval such as '30 minutes'.")));
	return result;
}

/* Return the first border of a bucket after the start of an activity. */
static TimestampTz
first_border(const Row *activity, int64 width, TimestampTz origin)
{
	TimestampTz start = row_time(activity, ACTIVITY_START);
	int64 since;
	int64 into_bucket;
	TimestampTz border;

	if (pg_sub_s64_overflow(start, origin, &since))
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
				 errmsg("origin is out of range"), errdetail_row(activity)));
	into_bucket = since % width;
	if (into_bucket < 0)
		into_bucket += width;
	/* a border beyond timestamptz is after any end */
	if (pg_add_s64_overflow(start, width - into_bucket, &border))
		return DT_NOEND;
	return border;
}

/*
 * An activity being cut into slices, one per call. Slices begin and end whole
 * milliseconds after its start.
 */
typedef struct Slicing
{
	HeapTupleHeader activity;
	int start_at;		/* offset of start in the activity, in bytes */
	int duration_at;	/* offset of duration_ms */
	TimestampTz start;	/* of the next slice */
	int64 left_ms;		/* from start to the end of the activity */
	TimestampTz end;	/* of the activity */
	int64 width;		/* of a bucket, at least 1 ms */
	TimestampTz border; /* the first one after start */
} Slicing;

/* Raise an error if there are more than MOST_SLICES. */
static void
check_slices(const Slicing *slicing, const Row *activity)
{
	/* the last slice begins at least 1 ms before the end */
	TimestampTz last = slicing->end - USECS_PER_MS;
	uint64 slices = 1;

	if (slicing->border <= last)
		slices += ((uint64) last - (uint64) slicing->border) /
					  (uint64) slicing->width +
				  1;
	if (slices > MOST_SLICES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("activity has more than %d slices: " UINT64_FORMAT,
						MOST_SLICES, slices),
				 errdetail_row(activity),
				 errhint("Use a greater width, or exclude activities of such "
						 "a duration.")));
}

/* Return the next slice, palloc'd. */
static HeapTupleHeader
next_slice(Slicing *slicing)
{
	uint32 size = HeapTupleHeaderGetDatumLength(slicing->activity);
	char *slice = palloc(size);
	int64 duration_ms = slicing->left_ms;

	if (slicing->border < slicing->end)
	{
		int64 microseconds = slicing->border - slicing->start;

		/* to the border, or less than 1 ms past it */
		duration_ms =
			microseconds / USECS_PER_MS + (microseconds % USECS_PER_MS != 0);
		if (pg_add_s64_overflow(slicing->border, slicing->width,
								&slicing->border))
			slicing->border = DT_NOEND;
	}
	/* neither is null, so the offsets are those of the activity */
	memcpy(slice, slicing->activity, size);
	*(TimestampTz *) (slice + slicing->start_at) = slicing->start;
	*(int64 *) (slice + slicing->duration_at) = duration_ms;
	(void) add_milliseconds(slicing->start, duration_ms, &slicing->start);
	slicing->left_ms -= duration_ms;
	return (HeapTupleHeader) slice;
}

/*
 * Start to slice an activity, in the current memory context. NULL if it has
 * only one slice, itself: an open activity, one of 0 ms, or one that starts at
 * infinity.
 */
static Slicing *
begin_slices(HeapTupleHeader activity, int64 width, TimestampTz origin)
{
	Slicing *slicing = palloc(sizeof(Slicing));
	Row row;

	if (TIMESTAMP_NOT_FINITE(origin))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("origin must be finite")));
	(void) read_activity(activity, &row, ACTIVITY_METRIC_ATTRIBUTES);
	slicing->start = row_time(&row, ACTIVITY_START);
	slicing->end = row_end(&row);
	if (slicing->start == slicing->end)
		return NULL;

	slicing->activity = activity;
	slicing->start_at =
		row.attributes[ACTIVITY_START] - (const char *) activity;
	slicing->duration_at =
		row.attributes[ACTIVITY_DURATION_MS] - (const char *) activity;
	slicing->left_ms = row_milliseconds(&row, ACTIVITY_DURATION_MS);
	/* slices have at least 1 ms, so narrower buckets are as good as 1 ms */
	slicing->width = Max(width, USECS_PER_MS);
	slicing->border = width < USECS_PER_MS ? slicing->start + USECS_PER_MS
										   : first_border(&row, width, origin);
	check_slices(slicing, &row);
	return slicing;
}

PG_FUNCTION_INFO_V1(activity_slices);
/*
 * activity_slices(activity, width, origin): the activity cut at the borders of
 * buckets, one slice per call. A slice begins whole milliseconds after the
 * activity's start, at a border or less than 1 ms after it. So slices neither
 * overlap nor leave gaps, and their durations add up to the activity's.
 */
Datum
activity_slices(PG_FUNCTION_ARGS)
{
	FuncCallContext *call;
	Slicing *slicing;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext caller;

		call = SRF_FIRSTCALL_INIT();
		/* a detoasted activity must outlive this call */
		caller = MemoryContextSwitchTo(call->multi_call_memory_ctx);
		call->user_fctx = begin_slices(PG_GETARG_HEAPTUPLEHEADER(0),
									   bucket_width(PG_GETARG_INTERVAL_P(1)),
									   PG_GETARG_TIMESTAMPTZ(2));
		MemoryContextSwitchTo(caller);
	}
	call = SRF_PERCALL_SETUP();
	slicing = call->user_fctx;
	if (slicing == NULL ? call->call_cntr > 0 : slicing->left_ms == 0)
		SRF_RETURN_DONE(call);
	SRF_RETURN_NEXT(call, slicing == NULL
							  ? PG_GETARG_DATUM(0)
							  : HeapTupleHeaderGetDatum(next_slice(slicing)));
}
