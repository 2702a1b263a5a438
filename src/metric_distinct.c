/*
 * metric_distinct.c
 *	  The distinct family of aggregates: metrics that count distinct participations
 *	  among activities.
 */
#include "postgres.h"

#include "access/htup_details.h"

#include "aggregate.h"
#include "catalog.h"
#include "compat.h"
#include "distinct_set.h"
#include "metric_rules.h"
#include "row.h"

/* Return an argument that is a set, with nothing pending; NULL for none. */
static DistinctSet *
set_argument(FunctionCallInfo fcinfo, int argument)
{
	DistinctSet *set = state_argument(fcinfo, argument);

	if (set != NULL)
		distinct_set_settle(set);
	return set;
}

/*
 * Add an activity to the state, argument 0, which the first one makes. With a
 * reason asked for, a participation is Unexpected for that reason only.
 */
static Datum
add_to_set(FunctionCallInfo fcinfo, const Row *row, int counts_as,
		   const Oid *asked)
{
	DistinctSet *set = state_argument(fcinfo, 0);
	uint32 flags =
		participation_flags(counts_as,
							row->attributes[ACTIVITY_DURATION_MS] != NULL);
	LatestReason latest;
	bool has_reason = false;

	if (set == NULL)
		set = distinct_set_create(aggregate_context(fcinfo), asked != NULL);

	if ((flags & IS_HANDLED) != 0)
		add_to_sum(&set->handle_ms,
				   row_milliseconds(row, ACTIVITY_DURATION_MS));
	if ((flags & IS_UNEXPECTED) != 0 && asked != NULL)
	{
		Oid reason = row_oid(row, ACTIVITY_REASON);

		if (!is_reason_asked(asked, reason))
			flags &= ~IS_UNEXPECTED;
		has_reason = OidIsValid(reason);
		if (has_reason)
		{
			latest.start = row_time(row, ACTIVITY_START);
			latest.order = enum_sort_order(reason);
		}
	}
	if (flags != 0 && asked == NULL)
		distinct_set_add_row_later(set, row, flags);
	else if (flags != 0)
		(void) distinct_set_add_row(set, row, flags,
									has_reason ? &latest : NULL);
	PG_RETURN_POINTER(set);
}

PG_FUNCTION_INFO_V1(activity_distinct_accum);
Datum
activity_distinct_accum(PG_FUNCTION_ARGS)
{
	Row row;
	int counts_as;

	if (PG_ARGISNULL(1))
		return unchanged_state(fcinfo);
	counts_as = read_activity(PG_GETARG_HEAPTUPLEHEADER(1), &row,
							  ACTIVITY_METRIC_ATTRIBUTES);
	return add_to_set(fcinfo, &row, counts_as, NULL);
}

PG_FUNCTION_INFO_V1(activity_distinct_accum_reason);
Datum
activity_distinct_accum_reason(PG_FUNCTION_ARGS)
{
	Row row;
	int counts_as;
	Oid asked;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return unchanged_state(fcinfo);
	asked = PG_GETARG_OID(2);
	counts_as = read_activity(PG_GETARG_HEAPTUPLEHEADER(1), &row,
							  ACTIVITY_METRIC_ATTRIBUTES);
	return add_to_set(fcinfo, &row, counts_as, &asked);
}

/*
 * Read an activity given as columns state, reason, duration_ms, interaction_guid,
 * channel_guid, agent_id; return what it counts as.
 */
static int
read_columns(FunctionCallInfo fcinfo, Row *row)
{
	int counts_as = begin_columns(fcinfo, row);

	row->attributes[ACTIVITY_INTERACTION_GUID] = uuid_argument(fcinfo, 4);
	row->attributes[ACTIVITY_CHANNEL_GUID] = uuid_argument(fcinfo, 5);
	row->attributes[ACTIVITY_AGENT_ID] = text_argument(fcinfo, 6);
	return counts_as;
}

PG_FUNCTION_INFO_V1(activity_distinct_accum_columns);
Datum
activity_distinct_accum_columns(PG_FUNCTION_ARGS)
{
	Row row;
	int counts_as = read_columns(fcinfo, &row);

	return add_to_set(fcinfo, &row, counts_as, NULL);
}

PG_FUNCTION_INFO_V1(activity_distinct_accum_columns_reason);
/* The same columns, then start and the reason asked for. */
Datum
activity_distinct_accum_columns_reason(PG_FUNCTION_ARGS)
{
	Row row;
	int counts_as;
	Oid asked;

	if (PG_ARGISNULL(8))
		return unchanged_state(fcinfo);
	asked = PG_GETARG_OID(8);
	counts_as = read_columns(fcinfo, &row);
	row.attributes[ACTIVITY_START] = time_argument(fcinfo, 7);
	return add_to_set(fcinfo, &row, counts_as, &asked);
}

PG_FUNCTION_INFO_V1(activity_distinct_combine);
Datum
activity_distinct_combine(PG_FUNCTION_ARGS)
{
	DistinctSet *set = set_argument(fcinfo, 0);
	DistinctSet *other = set_argument(fcinfo, 1);

	if (other == NULL)
		return unchanged_state(fcinfo);
	if (set == NULL)
		set = distinct_set_create(aggregate_context(fcinfo),
								  other->reasons != NULL);
	distinct_set_merge(set, other, NULL);
	PG_RETURN_POINTER(set);
}

PG_FUNCTION_INFO_V1(activity_distinct_serialize);
Datum
activity_distinct_serialize(PG_FUNCTION_ARGS)
{
	DistinctSet *set = set_argument(fcinfo, 0);
	StringInfoData out;

	begin_writing(&out, distinct_set_written_size(set));
	distinct_set_write(set, &out);
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

PG_FUNCTION_INFO_V1(activity_distinct_deserialize);
Datum
activity_distinct_deserialize(PG_FUNCTION_ARGS)
{
	DistinctSet *set;
	StringInfoData in;

	(void) aggregate_context(fcinfo);
	begin_reading(&in, PG_GETARG_BYTEA_PP(0));
	set = distinct_set_read(&in, CurrentMemoryContext);
	PG_RETURN_POINTER(set);
}

/* Return the result of a final function; argument 0 is the set. */
static Datum
set_result(FunctionCallInfo fcinfo, Metric metric)
{
	const DistinctSet *set = set_argument(fcinfo, 0);
	Totals totals = {0};

	if (set != NULL)
	{
		totals.handle_ms = set->handle_ms;
		totals.handled = set->handled;
		totals.offered = set->offered;
		totals.answered = set->answered;
		totals.unexpected = set->unexpected;
	}
	return metric_result(fcinfo, &totals, metric);
}

FINAL_FUNCTION(activity_distinct_handled_participations, set_result,
			   HANDLED_PARTICIPATIONS)
FINAL_FUNCTION(activity_distinct_offered_participations, set_result,
			   OFFERED_PARTICIPATIONS)
FINAL_FUNCTION(activity_distinct_answered_participations, set_result,
			   ANSWERED_PARTICIPATIONS)
FINAL_FUNCTION(activity_distinct_unexpected_participations, set_result,
			   UNEXPECTED_PARTICIPATIONS)
FINAL_FUNCTION(activity_distinct_average_handle_time, set_result,
			   AVERAGE_HANDLE_TIME)
FINAL_FUNCTION(activity_distinct_unexpected_rate, set_result, UNEXPECTED_RATE)
