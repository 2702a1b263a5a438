/*
 * activity_time.c
 *	  Activities in time: where they end, what was known of them at an instant,
 *	  and their slices.
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

#include "compat.h"
#include "rows.h"

#define USECS_PER_MS INT64CONST(1000)

/* The end of a stretch of time; an error if it is beyond timestamptz. */
TimestampTz
end_of_stretch(TimestampTz start, int64 duration_ms)
{
	int64 microseconds;
	TimestampTz end;

	if (TIMESTAMP_NOT_FINITE(start))
		return start;
	if (pg_mul_s64_overflow(duration_ms, USECS_PER_MS, &microseconds) ||
		pg_add_s64_overflow(start, microseconds, &end) ||
		!IS_VALID_TIMESTAMP(end))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("end of activity out of range")));
	return end;
}

PG_FUNCTION_INFO_V1(activity_end);
/* activity_end(activity): start + duration, null while it is open. */
Datum
activity_end(PG_FUNCTION_ARGS)
{
	Row row;

	(void) read_activity(PG_GETARG_HEAPTUPLEHEADER(0), &row,
						 ACTIVITY_METRIC_ATTRIBUTES);
	if (row.attributes[ACTIVITY_START] == NULL ||
		row.attributes[ACTIVITY_DURATION_MS] == NULL)
		PG_RETURN_NULL();
	PG_RETURN_TIMESTAMPTZ(
		end_of_stretch(row_time(&row, ACTIVITY_START),
					   row_milliseconds(&row, ACTIVITY_DURATION_MS)));
}

/* A copy of an activity with another start and duration. */
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

/* Whole milliseconds from one time to a later one, what is left over cut. */
static int64
milliseconds_between(TimestampTz from, TimestampTz to)
{
	int64 microseconds;

	if (pg_sub_s64_overflow(to, from, &microseconds))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("interval out of range")));
	return microseconds / USECS_PER_MS;
}

/*
 * Whether a stretch of a duration that starts no later than an instant has
 * ended by then. Its end may be beyond all times.
 */
static bool
has_ended(TimestampTz start, int64 duration_ms, TimestampTz instant)
{
	int64 duration;
	int64 elapsed;

	if (TIMESTAMP_NOT_FINITE(start) || TIMESTAMP_NOT_FINITE(instant))
		return true;
	if (pg_mul_s64_overflow(duration_ms, USECS_PER_MS, &duration))
		return false;
	return pg_sub_s64_overflow(instant, start, &elapsed) ||
		   duration <= elapsed;
}

PG_FUNCTION_INFO_V1(activity_as_of);
/*
 * activity_as_of(activity, timestamptz): the activity as it was known at that
 * instant, null if it had not started.
 */
Datum
activity_as_of(PG_FUNCTION_ARGS)
{
	HeapTupleHeader activity = PG_GETARG_HEAPTUPLEHEADER(0);
	TimestampTz instant = PG_GETARG_TIMESTAMPTZ(1);
	TupleDesc type;
	TimestampTz start;
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
							   "infinity")));
	type = lookup_rowtype_tupdesc(HeapTupleHeaderGetTypeId(activity),
								  HeapTupleHeaderGetTypMod(activity));
	result =
		with_time(activity, type, start, milliseconds_between(start, instant));
	ReleaseTupleDesc(type);
	PG_RETURN_DATUM(HeapTupleGetDatum(result));
}

/*
 * The microseconds of a bucket's width, of which days have 24 hours each. An
 * error if it is not positive, or has months, which are of no fixed length.
 */
static int64
bucket_width(const Interval *width)
{
	int64 days;
	int64 result;

	if (width->month != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("width must not have months or years"),
				 errdetail("They are of no fixed length."),
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

/* The first border of a bucket after a time. */
static TimestampTz
next_border(TimestampTz time, int64 width, TimestampTz origin)
{
	int64 since;
	int64 behind;
	TimestampTz border;

	if (pg_sub_s64_overflow(time, origin, &since))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("origin is out of range")));
	behind = since % width;
	if (behind < 0)
		behind += width;
	/* beyond all times, it lies behind any end */
	if (pg_add_s64_overflow(time, width - behind, &border))
		return DT_NOEND;
	return border;
}

PG_FUNCTION_INFO_V1(activity_slices);
/*
 * activity_slices(activity, width, origin): the activity cut at the borders
 * of buckets. The borders' distances from the start are cut to milliseconds,
 * so that the slices' durations add up to the activity's.
 */
Datum
activity_slices(PG_FUNCTION_ARGS)
{
	HeapTupleHeader activity = PG_GETARG_HEAPTUPLEHEADER(0);
	int64 width = bucket_width(PG_GETARG_INTERVAL_P(1));
	TimestampTz origin = PG_GETARG_TIMESTAMPTZ(2);
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext slice_context;
	MemoryContext caller;
	TimestampTz start;
	TimestampTz end;
	TimestampTz at;
	int64 duration_ms;
	int64 sliced_ms = 0;
	Row row;

	if (TIMESTAMP_NOT_FINITE(origin))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("origin must be finite")));
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	(void) read_activity(activity, &row, ACTIVITY_METRIC_ATTRIBUTES);
	start = row_time(&row, ACTIVITY_START);
	duration_ms = row_milliseconds(&row, ACTIVITY_DURATION_MS);
	end = end_of_stretch(start, duration_ms);

	slice_context =
		AllocSetContextCreate(CurrentMemoryContext, "activity slice",
							  ALLOCSET_SMALL_SIZES);
	caller = MemoryContextSwitchTo(slice_context);
	if (start == end || TIMESTAMP_NOT_FINITE(start))
	{
		/* open, empty or endless: nothing to cut */
		HeapTupleData tuple = {.t_len =
								   HeapTupleHeaderGetDatumLength(activity),
							   .t_data = activity};

		tuplestore_puttuple(rsinfo->setResult, &tuple);
	}
	else
	{
		for (at = start; at < end;)
		{
			TimestampTz border = next_border(at, width, origin);
			int64 until_ms = border < end ? milliseconds_between(start, border)
										  : duration_ms;

			CHECK_FOR_INTERRUPTS();
			tuplestore_puttuple(rsinfo->setResult,
								with_time(activity, rsinfo->setDesc, at,
										  until_ms - sliced_ms));
			sliced_ms = until_ms;
			at = border;
			MemoryContextReset(slice_context);
		}
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(slice_context);
	return (Datum) 0;
}
