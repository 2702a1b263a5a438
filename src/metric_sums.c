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

/*
 * Return the totals in a state; an error if it is not one. A state that a later version
 * of the library made, in a parallel worker, has more sums after them.
 */
static Totals *
totals_of_state(ArrayType *state)
{
	if (ARR_NDIM(state) != 1 || ARR_DIMS(state)[0] < TOTALS_COUNT ||
		ARR_HASNULL(state) || ARR_ELEMTYPE(state) != INT8OID)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the state of an activity aggregate must be "
							   "an array of at least %d bigint",
							   TOTALS_COUNT)));
	return (Totals *) ARR_DATA_PTR(state);
}

/*
 * Return the state to change, argument 0: the aggregate's own, a copy if the function
 * is called by hand, or zeros before the first row.
 */
static ArrayType *
changeable_state(FunctionCallInfo fcinfo)
{
	if (PG_ARGISNULL(0))
	{
		Datum zeros[TOTALS_COUNT];

		for (int i = 0; i < TOTALS_COUNT; i++)
			zeros[i] = Int64GetDatum(0);
		return construct_array(zeros, TOTALS_COUNT, INT8OID, sizeof(int64),
							   FLOAT8PASSBYVAL, TYPALIGN_DOUBLE);
	}
	return AggCheckCallContext(fcinfo, NULL) ? PG_GETARG_ARRAYTYPE_P(0)
											 : PG_GETARG_ARRAYTYPE_P_COPY(0);
}

/* Add an activity to a state, or take it out again if sign is -1. */
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

/*
 * Add or take out an activity that is given as a row. A null one is skipped, but
 * even then a moving aggregate needs a state.
 */
static Datum
add_row_to_sums(FunctionCallInfo fcinfo, int sign)
{
	Row row;
	int counts_as;

	if (PG_ARGISNULL(1))
		PG_RETURN_ARRAYTYPE_P(changeable_state(fcinfo));
	counts_as = read_activity(PG_GETARG_HEAPTUPLEHEADER(1), &row,
							  ACTIVITY_METRIC_ATTRIBUTES);

	return add_activity_to_sums(fcinfo, sign, &row, counts_as);
}

/* Add or take out an activity given as columns state, reason, duration_ms. */
static Datum
add_columns_to_sums(FunctionCallInfo fcinfo, int sign)
{
	Row row;
	int counts_as = begin_columns(fcinfo, &row);

	return add_activity_to_sums(fcinfo, sign, &row, counts_as);
}

/*
 * Add a participation to a state, or take it out again if sign is -1. With a
 * reason asked for, it is Unexpected for that reason only.
 */
static Datum
add_participation_to_sums(FunctionCallInfo fcinfo, int sign, const Row *row,
						  const Oid *asked)
{
	ArrayType *state = changeable_state(fcinfo);
	Totals *totals = totals_of_state(state);

	add_to_sum(&totals->rows, sign);
	add_to_sum(&totals->handle_ms,
			   sign * row_milliseconds(row, PARTICIPATION_HANDLE_MS));
	add_to_sum(&totals->talk_ms,
			   sign * row_milliseconds(row, PARTICIPATION_TALK_MS));
	add_to_sum(&totals->wrap_ms,
			   sign * row_milliseconds(row, PARTICIPATION_WRAP_MS));
	add_to_sum(&totals->ring_ms,
			   sign * row_milliseconds(row, PARTICIPATION_RING_MS));
	add_to_sum(&totals->parked_ms,
			   sign * row_milliseconds(row, PARTICIPATION_PARKED_MS));
	if (row->attributes[PARTICIPATION_ANSWER_MS] != NULL)
	{
		add_to_sum(&totals->answer_ms,
				   sign * row_milliseconds(row, PARTICIPATION_ANSWER_MS));
		add_to_sum(&totals->answer_times, sign);
	}
	if (row_bool(row, PARTICIPATION_HANDLED))
		add_to_sum(&totals->handled, sign);
	if (row_bool(row, PARTICIPATION_OFFERED))
		add_to_sum(&totals->offered, sign);
	if (row_integer(row, PARTICIPATION_CONNECTIONS) > 0)
		add_to_sum(&totals->answered, sign);
	if (row_outcome(row) == OUTCOME_UNEXPECTED &&
		is_reason_asked(asked, row_oid(row, PARTICIPATION_UNEXPECTED_REASON)))
		add_to_sum(&totals->unexpected, sign);
	PG_RETURN_ARRAYTYPE_P(state);
}

/* Add or take out a participation given as a row; a null one is skipped. */
static Datum
add_participation_row_to_sums(FunctionCallInfo fcinfo, int sign)
{
	Row row;

	if (PG_ARGISNULL(1))
		PG_RETURN_ARRAYTYPE_P(changeable_state(fcinfo));
	read_participation(PG_GETARG_HEAPTUPLEHEADER(1), &row,
					   PARTICIPATION_METRIC_ATTRIBUTES);
	return add_participation_to_sums(fcinfo, sign, &row, NULL);
}

/* As above, with a reason asked for; a row without one is skipped, too. */
static Datum
add_participation_by_reason_to_sums(FunctionCallInfo fcinfo, int sign)
{
	Row row;
	Oid asked;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		PG_RETURN_ARRAYTYPE_P(changeable_state(fcinfo));
	read_participation(PG_GETARG_HEAPTUPLEHEADER(1), &row,
					   PARTICIPATION_METRIC_ATTRIBUTES);
	asked = PG_GETARG_OID(2);
	return add_participation_to_sums(fcinfo, sign, &row, &asked);
}

/* Read the columns that the column forms of all metrics over participations have. */
static void
read_participation_columns(FunctionCallInfo fcinfo, Row *row)
{
	begin_participation_columns(fcinfo, row);
	row->attributes[PARTICIPATION_RING_MS] = bigint_argument(fcinfo, 1);
	row->attributes[PARTICIPATION_TALK_MS] = bigint_argument(fcinfo, 2);
	row->attributes[PARTICIPATION_PARKED_MS] = bigint_argument(fcinfo, 3);
	row->attributes[PARTICIPATION_WRAP_MS] = bigint_argument(fcinfo, 4);
	row->attributes[PARTICIPATION_HANDLE_MS] = bigint_argument(fcinfo, 5);
	row->attributes[PARTICIPATION_CONNECTIONS] = integer_argument(fcinfo, 6);
	row->attributes[PARTICIPATION_OUTCOME] = enum_argument(fcinfo, 7);
	row->attributes[PARTICIPATION_OFFERED] = boolean_argument(fcinfo, 8);
	row->attributes[PARTICIPATION_HANDLED] = boolean_argument(fcinfo, 9);
	row->attributes[PARTICIPATION_ANSWER_MS] = bigint_argument(fcinfo, 10);
}

/* Add or take out a participation given as columns. */
static Datum
add_participation_columns_to_sums(FunctionCallInfo fcinfo, int sign)
{
	Row row;

	read_participation_columns(fcinfo, &row);
	return add_participation_to_sums(fcinfo, sign, &row, NULL);
}

/* As above, with unexpected_reason and a reason asked for. */
static Datum
add_participation_columns_by_reason_to_sums(FunctionCallInfo fcinfo, int sign)
{
	Row row;
	Oid asked;

	if (PG_ARGISNULL(12))
		PG_RETURN_ARRAYTYPE_P(changeable_state(fcinfo));
	asked = PG_GETARG_OID(12);
	read_participation_columns(fcinfo, &row);
	row.attributes[PARTICIPATION_UNEXPECTED_REASON] =
		enum_argument(fcinfo, 11);
	return add_participation_to_sums(fcinfo, sign, &row, &asked);
}

/* Add or take out a participation given as columns handle_ms, handled. */
static Datum
add_handled_columns_to_sums(FunctionCallInfo fcinfo, int sign)
{
	Row row;

	begin_participation_columns(fcinfo, &row);
	row.attributes[PARTICIPATION_HANDLE_MS] = bigint_argument(fcinfo, 1);
	row.attributes[PARTICIPATION_HANDLED] = boolean_argument(fcinfo, 2);
	return add_participation_to_sums(fcinfo, sign, &row, NULL);
}

/* Add or take out a participation given as columns outcome, offered. */
static Datum
add_offered_columns_to_sums(FunctionCallInfo fcinfo, int sign)
{
	Row row;

	begin_participation_columns(fcinfo, &row);
	row.attributes[PARTICIPATION_OUTCOME] = enum_argument(fcinfo, 1);
	row.attributes[PARTICIPATION_OFFERED] = boolean_argument(fcinfo, 2);
	return add_participation_to_sums(fcinfo, sign, &row, NULL);
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
	return add_participation_row_to_sums(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(participation_sums_accum_inv);
Datum
participation_sums_accum_inv(PG_FUNCTION_ARGS)
{
	return add_participation_row_to_sums(fcinfo, -1);
}

PG_FUNCTION_INFO_V1(participation_sums_accum_reason);
Datum
participation_sums_accum_reason(PG_FUNCTION_ARGS)
{
	return add_participation_by_reason_to_sums(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(participation_sums_accum_reason_inv);
Datum
participation_sums_accum_reason_inv(PG_FUNCTION_ARGS)
{
	return add_participation_by_reason_to_sums(fcinfo, -1);
}

PG_FUNCTION_INFO_V1(participation_sums_accum_columns);
Datum
participation_sums_accum_columns(PG_FUNCTION_ARGS)
{
	return add_participation_columns_to_sums(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(participation_sums_accum_columns_inv);
Datum
participation_sums_accum_columns_inv(PG_FUNCTION_ARGS)
{
	return add_participation_columns_to_sums(fcinfo, -1);
}

PG_FUNCTION_INFO_V1(participation_sums_accum_columns_reason);
Datum
participation_sums_accum_columns_reason(PG_FUNCTION_ARGS)
{
	return add_participation_columns_by_reason_to_sums(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(participation_sums_accum_columns_reason_inv);
Datum
participation_sums_accum_columns_reason_inv(PG_FUNCTION_ARGS)
{
	return add_participation_columns_by_reason_to_sums(fcinfo, -1);
}

PG_FUNCTION_INFO_V1(participation_sums_accum_handled);
Datum
participation_sums_accum_handled(PG_FUNCTION_ARGS)
{
	return add_handled_columns_to_sums(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(participation_sums_accum_handled_inv);
Datum
participation_sums_accum_handled_inv(PG_FUNCTION_ARGS)
{
	return add_handled_columns_to_sums(fcinfo, -1);
}

PG_FUNCTION_INFO_V1(participation_sums_accum_offered);
Datum
participation_sums_accum_offered(PG_FUNCTION_ARGS)
{
	return add_offered_columns_to_sums(fcinfo, 1);
}

PG_FUNCTION_INFO_V1(participation_sums_accum_offered_inv);
Datum
participation_sums_accum_offered_inv(PG_FUNCTION_ARGS)
{
	return add_offered_columns_to_sums(fcinfo, -1);
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
 * Return the result of a final function; an error if the state, argument 0, has
 * totals that no rows have, as a call by hand may give.
 */
static Datum
sums_result(FunctionCallInfo fcinfo, Metric metric)
{
	static const Totals zeros = {0};
	const Totals *totals =
		PG_ARGISNULL(0) ? &zeros : totals_of_state(PG_GETARG_ARRAYTYPE_P(0));
	bool is_possible = totals->handled <= totals->rows &&
					   totals->offered <= totals->rows &&
					   totals->answered <= totals->rows &&
					   totals->unexpected <= totals->rows &&
					   totals->answer_times <= totals->rows;

	for (int i = 0; i < TOTALS_COUNT; i++)
		is_possible = is_possible && ((const int64 *) totals)[i] >= 0;
	if (!is_possible)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the state of an activity aggregate has a sum "
							   "that no rows have")));
	return metric_result(fcinfo, totals, metric);
}

FINAL_FUNCTION(activity_sums_handle_time, sums_result, HANDLE_TIME)
FINAL_FUNCTION(activity_sums_talk_time, sums_result, TALK_TIME)
FINAL_FUNCTION(activity_sums_wrap_time, sums_result, WRAP_TIME)
FINAL_FUNCTION(activity_sums_ring_time, sums_result, RING_TIME)
FINAL_FUNCTION(activity_sums_parked_time, sums_result, PARKED_TIME)
FINAL_FUNCTION(activity_sums_average_answer_time, sums_result,
			   AVERAGE_ANSWER_TIME)
FINAL_FUNCTION(activity_sums_handled_participations, sums_result,
			   HANDLED_PARTICIPATIONS)
FINAL_FUNCTION(activity_sums_offered_participations, sums_result,
			   OFFERED_PARTICIPATIONS)
FINAL_FUNCTION(activity_sums_answered_participations, sums_result,
			   ANSWERED_PARTICIPATIONS)
FINAL_FUNCTION(activity_sums_unexpected_participations, sums_result,
			   UNEXPECTED_PARTICIPATIONS)
FINAL_FUNCTION(activity_sums_average_handle_time, sums_result,
			   AVERAGE_HANDLE_TIME)
FINAL_FUNCTION(activity_sums_unexpected_rate, sums_result, UNEXPECTED_RATE)
