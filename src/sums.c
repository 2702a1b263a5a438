/*
 * sums.c
 *	  The sums family of aggregates: times over activities, and all metrics
 *	  over participations.
 *
 * The state is a bigint[] of fixed length. Being of a plain SQL type it needs
 * no serialisation, and being whole milliseconds it can be combined and taken
 * apart again in any order with the same result.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/array.h"

#include "activity.h"
#include "compat.h"
#include "rows.h"

typedef enum Sum
{
	SUM_ROWS, /* not null, whatever they count as */
	SUM_HANDLE_MS,
	SUM_TALK_MS,
	SUM_WRAP_MS,
	SUM_RING_MS,
	SUM_HANDLED, /* this and what follows: participations only */
	SUM_OFFERED,
	SUM_UNEXPECTED,
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

/*
 * The state to change: the aggregate's own, else a copy. Functions that are
 * not strict can be called, by hand, without one.
 */
static ArrayType *
changeable_state(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("the state of an activity aggregate must not "
							   "be null")));
	return AggCheckCallContext(fcinfo, NULL) ? PG_GETARG_ARRAYTYPE_P(0)
											 : PG_GETARG_ARRAYTYPE_P_COPY(0);
}

/* Adds an activity to a state, or takes it out again if sign is -1. */
static Datum
accumulate_activity(FunctionCallInfo fcinfo, int sign, const Row *row,
					int counts_as)
{
	ArrayType *state = changeable_state(fcinfo);
	int64 *sums = sums_of(state);
	int64 amount = sign * row_milliseconds(row, ACTIVITY_DURATION_MS);

	add_to_sum(&sums[SUM_ROWS], sign);
	if ((counts_as & COUNTS_AS_HANDLE_TIME) != 0)
		add_to_sum(&sums[SUM_HANDLE_MS], amount);
	if (counts_as == COUNTS_AS_CONNECTED)
		add_to_sum(&sums[SUM_TALK_MS], amount);
	else if (counts_as == COUNTS_AS_WRAP)
		add_to_sum(&sums[SUM_WRAP_MS], amount);
	else if (counts_as == COUNTS_AS_RINGING)
		add_to_sum(&sums[SUM_RING_MS], amount);
	PG_RETURN_ARRAYTYPE_P(state);
}

/* The same with the activity given as a row. */
static Datum
accumulate_row(FunctionCallInfo fcinfo, int sign)
{
	Row row;
	int counts_as = read_activity(PG_GETARG_HEAPTUPLEHEADER(1), &row,
								  ACTIVITY_METRIC_ATTRIBUTES);

	return accumulate_activity(fcinfo, sign, &row, counts_as);
}

/* The same with the activity given as columns: state, reason, duration_ms. */
static Datum
accumulate_columns(FunctionCallInfo fcinfo, int sign)
{
	static const ActivityAttribute arguments[] = {ACTIVITY_STATE,
												  ACTIVITY_REASON,
												  ACTIVITY_DURATION_MS};
	Row row;
	int counts_as = read_columns(fcinfo, arguments, lengthof(arguments), &row);

	return accumulate_activity(fcinfo, sign, &row, counts_as);
}

/*
 * Adds a participation to a state, or takes it out again if sign is -1. With
 * a reason, it is Unexpected for that one only.
 */
static Datum
accumulate_participation(FunctionCallInfo fcinfo, int sign, const Oid *asked)
{
	ArrayType *state = changeable_state(fcinfo);
	int64 *sums = sums_of(state);
	Row row;

	read_participation(PG_GETARG_HEAPTUPLEHEADER(1), &row);
	add_to_sum(&sums[SUM_ROWS], sign);
	add_to_sum(&sums[SUM_HANDLE_MS],
			   sign * row_milliseconds(&row, PARTICIPATION_HANDLE_MS));
	add_to_sum(&sums[SUM_TALK_MS],
			   sign * row_milliseconds(&row, PARTICIPATION_TALK_MS));
	add_to_sum(&sums[SUM_WRAP_MS],
			   sign * row_milliseconds(&row, PARTICIPATION_WRAP_MS));
	add_to_sum(&sums[SUM_RING_MS],
			   sign * row_milliseconds(&row, PARTICIPATION_RING_MS));
	if (row_bool(&row, PARTICIPATION_HANDLED))
		add_to_sum(&sums[SUM_HANDLED], sign);
	if (row_bool(&row, PARTICIPATION_OFFERED))
		add_to_sum(&sums[SUM_OFFERED], sign);
	if (has_unexpected_outcome(&row) &&
		(asked == NULL ||
		 *asked == row_oid(&row, PARTICIPATION_UNEXPECTED_REASON)))
		add_to_sum(&sums[SUM_UNEXPECTED], sign);
	PG_RETURN_ARRAYTYPE_P(state);
}

PG_FUNCTION_INFO_V1(activity_sums_accum);
Datum
activity_sums_accum(PG_FUNCTION_ARGS)
{
	return accumulate_row(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(activity_sums_accum_inv);
Datum
activity_sums_accum_inv(PG_FUNCTION_ARGS)
{
	return accumulate_row(fcinfo, -1);
}

PG_FUNCTION_INFO_V1(activity_sums_accum_columns);
Datum
activity_sums_accum_columns(PG_FUNCTION_ARGS)
{
	return accumulate_columns(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(activity_sums_accum_columns_inv);
Datum
activity_sums_accum_columns_inv(PG_FUNCTION_ARGS)
{
	return accumulate_columns(fcinfo, -1);
}

PG_FUNCTION_INFO_V1(participation_sums_accum);
Datum
participation_sums_accum(PG_FUNCTION_ARGS)
{
	return accumulate_participation(fcinfo, 1, NULL);
}

PG_FUNCTION_INFO_V1(participation_sums_accum_inv);
Datum
participation_sums_accum_inv(PG_FUNCTION_ARGS)
{
	return accumulate_participation(fcinfo, -1, NULL);
}

PG_FUNCTION_INFO_V1(participation_sums_accum_reason);
Datum
participation_sums_accum_reason(PG_FUNCTION_ARGS)
{
	Oid reason = PG_GETARG_OID(2);

	return accumulate_participation(fcinfo, 1, &reason);
}

PG_FUNCTION_INFO_V1(participation_sums_accum_reason_inv);
Datum
participation_sums_accum_reason_inv(PG_FUNCTION_ARGS)
{
	Oid reason = PG_GETARG_OID(2);

	return accumulate_participation(fcinfo, -1, &reason);
}

PG_FUNCTION_INFO_V1(activity_sums_combine);
Datum
activity_sums_combine(PG_FUNCTION_ARGS)
{
	ArrayType *state = changeable_state(fcinfo);
	int64 *sums = sums_of(state);
	int64 *others = sums_of(PG_GETARG_ARRAYTYPE_P(1));

	for (Sum sum = 0; sum < SUMS; sum++)
		add_to_sum(&sums[sum], others[sum]);
	PG_RETURN_ARRAYTYPE_P(state);
}

/*
 * The state, argument 0 of a final function; an error if no rows have such
 * sums. Whoever calls the functions by hand can make some.
 */
static const int64 *
final_sums(FunctionCallInfo fcinfo)
{
	const int64 *sums = sums_of(PG_GETARG_ARRAYTYPE_P(0));

	for (Sum sum = 0; sum < SUMS; sum++)
	{
		if (sums[sum] < 0 ||
			(sum >= SUM_HANDLED && sums[sum] > sums[SUM_ROWS]))
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("the state of an activity aggregate has a "
								   "sum that no rows have")));
	}
	return sums;
}

/* A sum of milliseconds in seconds; null for no rows. */
static Datum
seconds(FunctionCallInfo fcinfo, Sum sum)
{
	const int64 *sums = final_sums(fcinfo);

	if (sums[SUM_ROWS] == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(sums[sum] / 1000.0);
}

PG_FUNCTION_INFO_V1(activity_sums_handle_time);
Datum
activity_sums_handle_time(PG_FUNCTION_ARGS)
{
	return seconds(fcinfo, SUM_HANDLE_MS);
}

PG_FUNCTION_INFO_V1(activity_sums_talk_time);
Datum
activity_sums_talk_time(PG_FUNCTION_ARGS)
{
	return seconds(fcinfo, SUM_TALK_MS);
}

PG_FUNCTION_INFO_V1(activity_sums_wrap_time);
Datum
activity_sums_wrap_time(PG_FUNCTION_ARGS)
{
	return seconds(fcinfo, SUM_WRAP_MS);
}

PG_FUNCTION_INFO_V1(activity_sums_ring_time);
Datum
activity_sums_ring_time(PG_FUNCTION_ARGS)
{
	return seconds(fcinfo, SUM_RING_MS);
}

PG_FUNCTION_INFO_V1(activity_sums_handled_participations);
Datum
activity_sums_handled_participations(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(final_sums(fcinfo)[SUM_HANDLED]);
}

PG_FUNCTION_INFO_V1(activity_sums_offered_participations);
Datum
activity_sums_offered_participations(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(final_sums(fcinfo)[SUM_OFFERED]);
}

PG_FUNCTION_INFO_V1(activity_sums_unexpected_participations);
Datum
activity_sums_unexpected_participations(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(final_sums(fcinfo)[SUM_UNEXPECTED]);
}

PG_FUNCTION_INFO_V1(activity_sums_average_handle_time);
Datum
activity_sums_average_handle_time(PG_FUNCTION_ARGS)
{
	const int64 *sums = final_sums(fcinfo);

	if (sums[SUM_HANDLED] == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(average_seconds(sums[SUM_HANDLE_MS], sums[SUM_HANDLED]));
}

PG_FUNCTION_INFO_V1(activity_sums_unexpected_rate);
Datum
activity_sums_unexpected_rate(PG_FUNCTION_ARGS)
{
	const int64 *sums = final_sums(fcinfo);

	if (sums[SUM_OFFERED] == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((double) sums[SUM_UNEXPECTED] / sums[SUM_OFFERED]);
}
