/*
 * metric_sums.c
 *	  The sums family of aggregates: times over activities, and all metrics
 *	  over participations.
 *
 * The state is Totals as a bigint[]. Being of a plain SQL type it needs no
 * serialisation, and being whole milliseconds it can be combined and taken
 * apart again in any order with the same result.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "utils/array.h"

#include "compat.h"
#include "metric_rules.h"
#include "row.h"

#define SUMS ((int) (sizeof(Totals) / sizeof(int64)))

/* The totals in a state; an error if it is not one. */
static Totals *
totals_of_state(ArrayType *state)
{
	if (ARR_NDIM(state) != 1 || ARR_DIMS(state)[0] != SUMS ||
		ARR_HASNULL(state) || ARR_ELEMTYPE(state) != INT8OID)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the state of an activity aggregate must be "
							   "an array of %d bigint",
							   SUMS)));
	return (Totals *) ARR_DATA_PTR(state);
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
add_activity_to_sums(FunctionCallInfo fcinfo, int sign, const Row *row,
					 int counts_as)
{
	ArrayType *state = changeable_state(fcinfo);
	Totals *totals = totals_of_state(state);

	add_to_sum(&totals->rows, sign);
	add_time(totals, counts_as,
			 sign * row_milliseconds(row, ACTIVITY_DURATION_MS));
	PG_RETURN_ARRAYTYPE_P(state);
}

/* The same with the activity given as a row. */
static Datum
add_row_to_sums(FunctionCallInfo fcinfo, int sign)
{
	Row row;
	int counts_as = read_activity(PG_GETARG_HEAPTUPLEHEADER(1), &row,
								  ACTIVITY_METRIC_ATTRIBUTES);

	return add_activity_to_sums(fcinfo, sign, &row, counts_as);
}

/* The same with the activity given as columns: state, reason, duration_ms. */
static Datum
add_columns_to_sums(FunctionCallInfo fcinfo, int sign)
{
	static const ActivityAttribute arguments[] = {ACTIVITY_STATE,
												  ACTIVITY_REASON,
												  ACTIVITY_DURATION_MS};
	Row row;
	int counts_as = read_columns(fcinfo, arguments, lengthof(arguments), &row);

	return add_activity_to_sums(fcinfo, sign, &row, counts_as);
}

/*
 * Adds a participation to a state, or takes it out again if sign is -1. With
 * a reason, it is Unexpected for that one only.
 */
static Datum
add_participation_to_sums(FunctionCallInfo fcinfo, int sign, const Oid *asked)
{
	ArrayType *state = changeable_state(fcinfo);
	Totals *totals = totals_of_state(state);
	Row row;

	read_participation(PG_GETARG_HEAPTUPLEHEADER(1), &row);
	add_to_sum(&totals->rows, sign);
	add_to_sum(&totals->handle_ms,
			   sign * row_milliseconds(&row, PARTICIPATION_HANDLE_MS));
	add_to_sum(&totals->talk_ms,
			   sign * row_milliseconds(&row, PARTICIPATION_TALK_MS));
	add_to_sum(&totals->wrap_ms,
			   sign * row_milliseconds(&row, PARTICIPATION_WRAP_MS));
	add_to_sum(&totals->ring_ms,
			   sign * row_milliseconds(&row, PARTICIPATION_RING_MS));
	if (row_bool(&row, PARTICIPATION_HANDLED))
		add_to_sum(&totals->handled, sign);
	if (row_bool(&row, PARTICIPATION_OFFERED))
		add_to_sum(&totals->offered, sign);
	if (has_unexpected_outcome(&row) &&
		is_reason_asked(asked, row_oid(&row, PARTICIPATION_UNEXPECTED_REASON)))
		add_to_sum(&totals->unexpected, sign);
	PG_RETURN_ARRAYTYPE_P(state);
}

PG_FUNCTION_INFO_V1(activity_sums_accum);
Datum
activity_sums_accum(PG_FUNCTION_ARGS)
{
	return add_row_to_sums(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(activity_sums_accum_inv);
Datum
activity_sums_accum_inv(PG_FUNCTION_ARGS)
{
	return add_row_to_sums(fcinfo, -1);
}

PG_FUNCTION_INFO_V1(activity_sums_accum_columns);
Datum
activity_sums_accum_columns(PG_FUNCTION_ARGS)
{
	return add_columns_to_sums(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(activity_sums_accum_columns_inv);
Datum
activity_sums_accum_columns_inv(PG_FUNCTION_ARGS)
{
	return add_columns_to_sums(fcinfo, -1);
}

PG_FUNCTION_INFO_V1(participation_sums_accum);
Datum
participation_sums_accum(PG_FUNCTION_ARGS)
{
	return add_participation_to_sums(fcinfo, 1, NULL);
}

PG_FUNCTION_INFO_V1(participation_sums_accum_inv);
Datum
participation_sums_accum_inv(PG_FUNCTION_ARGS)
{
	return add_participation_to_sums(fcinfo, -1, NULL);
}

PG_FUNCTION_INFO_V1(participation_sums_accum_reason);
Datum
participation_sums_accum_reason(PG_FUNCTION_ARGS)
{
	Oid reason = PG_GETARG_OID(2);

	return add_participation_to_sums(fcinfo, 1, &reason);
}

PG_FUNCTION_INFO_V1(participation_sums_accum_reason_inv);
Datum
participation_sums_accum_reason_inv(PG_FUNCTION_ARGS)
{
	Oid reason = PG_GETARG_OID(2);

	return add_participation_to_sums(fcinfo, -1, &reason);
}

PG_FUNCTION_INFO_V1(activity_sums_combine);
Datum
activity_sums_combine(PG_FUNCTION_ARGS)
{
	ArrayType *state = changeable_state(fcinfo);

	add_totals(totals_of_state(state),
			   totals_of_state(PG_GETARG_ARRAYTYPE_P(1)));
	PG_RETURN_ARRAYTYPE_P(state);
}

/*
 * The result of a final function; an error if the state, argument 0, has
 * totals that no rows have. Whoever calls the functions by hand can make some.
 */
static Datum
sums_result(FunctionCallInfo fcinfo, Metric metric)
{
	const Totals *totals = totals_of_state(PG_GETARG_ARRAYTYPE_P(0));

	if (totals->rows < 0 || totals->handle_ms < 0 || totals->talk_ms < 0 ||
		totals->wrap_ms < 0 || totals->ring_ms < 0 || totals->handled < 0 ||
		totals->offered < 0 || totals->unexpected < 0 ||
		totals->handled > totals->rows || totals->offered > totals->rows ||
		totals->unexpected > totals->rows)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the state of an activity aggregate has a sum "
							   "that no rows have")));
	return metric_result(fcinfo, totals, metric);
}

PG_FUNCTION_INFO_V1(activity_sums_handle_time);
Datum
activity_sums_handle_time(PG_FUNCTION_ARGS)
{
	return sums_result(fcinfo, HANDLE_TIME);
}

PG_FUNCTION_INFO_V1(activity_sums_talk_time);
Datum
activity_sums_talk_time(PG_FUNCTION_ARGS)
{
	return sums_result(fcinfo, TALK_TIME);
}

PG_FUNCTION_INFO_V1(activity_sums_wrap_time);
Datum
activity_sums_wrap_time(PG_FUNCTION_ARGS)
{
	return sums_result(fcinfo, WRAP_TIME);
}

PG_FUNCTION_INFO_V1(activity_sums_ring_time);
Datum
activity_sums_ring_time(PG_FUNCTION_ARGS)
{
	return sums_result(fcinfo, RING_TIME);
}

PG_FUNCTION_INFO_V1(activity_sums_handled_participations);
Datum
activity_sums_handled_participations(PG_FUNCTION_ARGS)
{
	return sums_result(fcinfo, HANDLED_PARTICIPATIONS);
}

PG_FUNCTION_INFO_V1(activity_sums_offered_participations);
Datum
activity_sums_offered_participations(PG_FUNCTION_ARGS)
{
	return sums_result(fcinfo, OFFERED_PARTICIPATIONS);
}

PG_FUNCTION_INFO_V1(activity_sums_unexpected_participations);
Datum
activity_sums_unexpected_participations(PG_FUNCTION_ARGS)
{
	return sums_result(fcinfo, UNEXPECTED_PARTICIPATIONS);
}

PG_FUNCTION_INFO_V1(activity_sums_average_handle_time);
Datum
activity_sums_average_handle_time(PG_FUNCTION_ARGS)
{
	return sums_result(fcinfo, AVERAGE_HANDLE_TIME);
}

PG_FUNCTION_INFO_V1(activity_sums_unexpected_rate);
Datum
activity_sums_unexpected_rate(PG_FUNCTION_ARGS)
{
	return sums_result(fcinfo, UNEXPECTED_RATE);
}
