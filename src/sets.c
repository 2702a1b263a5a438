/*
 * sets.c
 *	  The sets family of aggregates: metrics that count distinct participations
 *	  among activities.
 */
#include "postgres.h"

#include "access/htup_details.h"

#include "activity.h"
#include "aggregate.h"
#include "compat.h"
#include "participation_set.h"
#include "rows.h"

/*
 * Adds an activity to the state, argument 0, which is made with the first
 * one. Of what it tells of its participation only what is wanted is kept. If
 * asked for a reason, participations are Unexpected for that one only.
 */
static Datum
accumulate(FunctionCallInfo fcinfo, const Row *row, int counts_as,
		   uint32 wanted, const Oid *asked)
{
	ParticipationSet *set = state_argument(fcinfo, 0);
	LatestReason latest;
	uint32 known = 0;
	bool has_reason = false;

	if (set == NULL)
		set =
			participation_set_create(aggregate_context(fcinfo), asked != NULL);

	if ((counts_as & COUNTS_AS_HANDLE_TIME) != 0 &&
		row->attributes[ACTIVITY_DURATION_MS] != NULL)
	{
		add_to_sum(&set->handle_ms,
				   row_milliseconds(row, ACTIVITY_DURATION_MS));
		known |= KNOWN_HANDLED;
	}
	if ((counts_as & COUNTS_AS_OFFERED) != 0)
		known |= KNOWN_OFFERED;
	if (counts_as == COUNTS_AS_UNEXPECTED && asked == NULL)
		known |= KNOWN_UNEXPECTED;
	else if (counts_as == COUNTS_AS_UNEXPECTED)
	{
		Oid reason = row_oid(row, ACTIVITY_REASON);

		has_reason = OidIsValid(reason);
		if (has_reason)
		{
			latest.start = row_time(row, ACTIVITY_START);
			latest.order = enum_sort_order(reason);
			known |= reason == *asked ? KNOWN_UNEXPECTED : 0;
		}
	}
	known &= wanted;
	if (known != 0)
		(void) participation_set_add_row(set, row, known,
										 has_reason ? &latest : NULL);
	PG_RETURN_POINTER(set);
}

PG_FUNCTION_INFO_V1(activity_sets_accum);
Datum
activity_sets_accum(PG_FUNCTION_ARGS)
{
	Row row;
	int counts_as;

	if (PG_ARGISNULL(1))
		return unchanged_state(fcinfo);
	counts_as = read_activity(PG_GETARG_HEAPTUPLEHEADER(1), &row,
							  ACTIVITY_METRIC_ATTRIBUTES);
	return accumulate(fcinfo, &row, counts_as, KNOWN_FLAGS, NULL);
}

PG_FUNCTION_INFO_V1(activity_sets_accum_reason);
Datum
activity_sets_accum_reason(PG_FUNCTION_ARGS)
{
	Row row;
	int counts_as;
	Oid asked;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return unchanged_state(fcinfo);
	asked = PG_GETARG_OID(2);
	counts_as = read_activity(PG_GETARG_HEAPTUPLEHEADER(1), &row,
							  ACTIVITY_METRIC_ATTRIBUTES);
	return accumulate(fcinfo, &row, counts_as, KNOWN_FLAGS, &asked);
}

PG_FUNCTION_INFO_V1(activity_sets_accum_handled);
/* Columns state, reason, duration_ms, interaction_guid, channel_guid, agent_id. */
Datum
activity_sets_accum_handled(PG_FUNCTION_ARGS)
{
	static const ActivityAttribute arguments[] = {ACTIVITY_STATE,
												  ACTIVITY_REASON,
												  ACTIVITY_DURATION_MS,
												  ACTIVITY_INTERACTION_GUID,
												  ACTIVITY_CHANNEL_GUID,
												  ACTIVITY_AGENT_ID};
	Row row;
	int counts_as = read_columns(fcinfo, arguments, lengthof(arguments), &row);

	return accumulate(fcinfo, &row, counts_as, KNOWN_HANDLED, NULL);
}

PG_FUNCTION_INFO_V1(activity_sets_accum_offered);
/* Columns state, reason, interaction_guid, channel_guid, agent_id. */
Datum
activity_sets_accum_offered(PG_FUNCTION_ARGS)
{
	static const ActivityAttribute arguments[] = {ACTIVITY_STATE,
												  ACTIVITY_REASON,
												  ACTIVITY_INTERACTION_GUID,
												  ACTIVITY_CHANNEL_GUID,
												  ACTIVITY_AGENT_ID};
	Row row;
	int counts_as = read_columns(fcinfo, arguments, lengthof(arguments), &row);

	return accumulate(fcinfo, &row, counts_as,
					  KNOWN_OFFERED | KNOWN_UNEXPECTED, NULL);
}

PG_FUNCTION_INFO_V1(activity_sets_accum_offered_reason);
/* As above, then start and the reason that is asked for. */
Datum
activity_sets_accum_offered_reason(PG_FUNCTION_ARGS)
{
	static const ActivityAttribute arguments[] = {ACTIVITY_STATE,
												  ACTIVITY_REASON,
												  ACTIVITY_INTERACTION_GUID,
												  ACTIVITY_CHANNEL_GUID,
												  ACTIVITY_AGENT_ID,
												  ACTIVITY_START};
	Row row;
	int counts_as;
	Oid asked;

	if (PG_ARGISNULL(lengthof(arguments) + 1))
		return unchanged_state(fcinfo);
	asked = PG_GETARG_OID(lengthof(arguments) + 1);
	counts_as = read_columns(fcinfo, arguments, lengthof(arguments), &row);
	return accumulate(fcinfo, &row, counts_as,
					  KNOWN_OFFERED | KNOWN_UNEXPECTED, &asked);
}

PG_FUNCTION_INFO_V1(activity_sets_combine);
Datum
activity_sets_combine(PG_FUNCTION_ARGS)
{
	ParticipationSet *set = state_argument(fcinfo, 0);
	ParticipationSet *other = state_argument(fcinfo, 1);

	if (other == NULL)
		return unchanged_state(fcinfo);
	if (set == NULL)
		set = participation_set_create(aggregate_context(fcinfo),
									   other->reasons != NULL);
	participation_set_merge(set, other, NULL);
	PG_RETURN_POINTER(set);
}

PG_FUNCTION_INFO_V1(activity_sets_serialize);
Datum
activity_sets_serialize(PG_FUNCTION_ARGS)
{
	ParticipationSet *set = state_argument(fcinfo, 0);
	StringInfoData out;

	begin_writing(&out, participation_set_written_size(set));
	participation_set_write(set, &out);
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

PG_FUNCTION_INFO_V1(activity_sets_deserialize);
Datum
activity_sets_deserialize(PG_FUNCTION_ARGS)
{
	ParticipationSet *set;
	StringInfoData in;

	(void) aggregate_context(fcinfo);
	begin_reading(&in, PG_GETARG_BYTEA_PP(0));
	set = participation_set_read(&in, CurrentMemoryContext);
	pq_getmsgend(&in);
	PG_RETURN_POINTER(set);
}

/* The state, argument 0 of a final function; an empty set for no rows. */
static const ParticipationSet *
final_set(FunctionCallInfo fcinfo)
{
	static const ParticipationSet empty;
	const ParticipationSet *set = state_argument(fcinfo, 0);

	return set == NULL ? &empty : set;
}

PG_FUNCTION_INFO_V1(activity_sets_handled_participations);
Datum
activity_sets_handled_participations(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(final_set(fcinfo)->handled);
}

PG_FUNCTION_INFO_V1(activity_sets_offered_participations);
Datum
activity_sets_offered_participations(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(final_set(fcinfo)->offered);
}

PG_FUNCTION_INFO_V1(activity_sets_unexpected_participations);
Datum
activity_sets_unexpected_participations(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(final_set(fcinfo)->unexpected);
}

PG_FUNCTION_INFO_V1(activity_sets_average_handle_time);
Datum
activity_sets_average_handle_time(PG_FUNCTION_ARGS)
{
	const ParticipationSet *set = final_set(fcinfo);

	if (set->handled == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(average_seconds(set->handle_ms, set->handled));
}

PG_FUNCTION_INFO_V1(activity_sets_unexpected_rate);
Datum
activity_sets_unexpected_rate(PG_FUNCTION_ARGS)
{
	const ParticipationSet *set = final_set(fcinfo);

	if (set->offered == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((double) set->unexpected / set->offered);
}
