/*
 * sums.c
 *	  The sums family of aggregates: times over activities.
 *
 * The state is a bigint[] of fixed length. Being of a plain SQL type it needs
 * no serialisation, and being whole milliseconds it can be combined and taken
 * apart again in any order with the same result.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "common/int.h"
#include "utils/array.h"

#include "activity.h"
#include "compat.h"

typedef enum Sum
{
	SUM_ROWS, /* not null, whatever they count as */
	SUM_TALK_MS,
	SUM_WRAP_MS,
	SUM_RING_MS,
	SUMS /* how many */
} Sum;

/* The sums in a state; an error if it is none. */
static int64 *
sums_of(ArrayType *state)
{
	if (ARR_NDIM(state) != 1 || ARR_DIMS(state)[0] != SUMS ||
		ARR_HASNULL(state) || ARR_ELEMTYPE(state) != INT8OID)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the state of an activity aggregate must be "
							   "an array of %d bigint",
							   SUMS)));
	return (int64 *) ARR_DATA_PTR(state);
}

/* The state to change: the aggregate's own, else a copy. */
static ArrayType *
changeable_state(FunctionCallInfo fcinfo)
{
	return AggCheckCallContext(fcinfo, NULL) ? PG_GETARG_ARRAYTYPE_P(0)
											 : PG_GETARG_ARRAYTYPE_P_COPY(0);
}

/* Adds to a sum; overflow is an error, never a wrong number. */
static void
add(int64 *sum, int64 amount)
{
	if (pg_add_s64_overflow(*sum, amount, sum))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("sum of milliseconds out of range")));
}

/* Adds an activity to a state, or takes it out again if sign is -1. */
static ArrayType *
accumulate(FunctionCallInfo fcinfo, int sign)
{
	ArrayType *state = changeable_state(fcinfo);
	int64 *sums = sums_of(state);
	ActivityRow row;
	int counts_as = read_activity(PG_GETARG_HEAPTUPLEHEADER(1), &row);
	int64 duration_ms;

	add(&sums[SUM_ROWS], sign);
	if (activity_duration(&row, &duration_ms))
	{
		if (counts_as == COUNTS_AS_CONNECTED)
			add(&sums[SUM_TALK_MS], sign * duration_ms);
		else if (counts_as == COUNTS_AS_WRAP)
			add(&sums[SUM_WRAP_MS], sign * duration_ms);
		else if (counts_as == COUNTS_AS_RINGING)
			add(&sums[SUM_RING_MS], sign * duration_ms);
	}
	return state;
}

PG_FUNCTION_INFO_V1(activity_sums_accum);
Datum
activity_sums_accum(PG_FUNCTION_ARGS)
{
	PG_RETURN_ARRAYTYPE_P(accumulate(fcinfo, 1));
}

PG_FUNCTION_INFO_V1(activity_sums_accum_inv);
Datum
activity_sums_accum_inv(PG_FUNCTION_ARGS)
{
	PG_RETURN_ARRAYTYPE_P(accumulate(fcinfo, -1));
}

PG_FUNCTION_INFO_V1(activity_sums_combine);
Datum
activity_sums_combine(PG_FUNCTION_ARGS)
{
	ArrayType *state = changeable_state(fcinfo);
	int64 *sums = sums_of(state);
	int64 *others = sums_of(PG_GETARG_ARRAYTYPE_P(1));

	for (Sum sum = 0; sum < SUMS; sum++)
		add(&sums[sum], others[sum]);
	PG_RETURN_ARRAYTYPE_P(state);
}

/* Seconds of some milliseconds; null for no rows. */
static Datum
seconds(FunctionCallInfo fcinfo, const int64 *sums, int64 milliseconds)
{
	if (sums[SUM_ROWS] == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(milliseconds / 1000.0);
}

PG_FUNCTION_INFO_V1(activity_sums_handle_time);
Datum
activity_sums_handle_time(PG_FUNCTION_ARGS)
{
	int64 *sums = sums_of(PG_GETARG_ARRAYTYPE_P(0));
	int64 handle_ms = sums[SUM_TALK_MS];

	add(&handle_ms, sums[SUM_WRAP_MS]);
	return seconds(fcinfo, sums, handle_ms);
}

PG_FUNCTION_INFO_V1(activity_sums_talk_time);
Datum
activity_sums_talk_time(PG_FUNCTION_ARGS)
{
	int64 *sums = sums_of(PG_GETARG_ARRAYTYPE_P(0));

	return seconds(fcinfo, sums, sums[SUM_TALK_MS]);
}

PG_FUNCTION_INFO_V1(activity_sums_wrap_time);
Datum
activity_sums_wrap_time(PG_FUNCTION_ARGS)
{
	int64 *sums = sums_of(PG_GETARG_ARRAYTYPE_P(0));

	return seconds(fcinfo, sums, sums[SUM_WRAP_MS]);
}

PG_FUNCTION_INFO_V1(activity_sums_ring_time);
Datum
activity_sums_ring_time(PG_FUNCTION_ARGS)
{
	int64 *sums = sums_of(PG_GETARG_ARRAYTYPE_P(0));

	return seconds(fcinfo, sums, sums[SUM_RING_MS]);
}
