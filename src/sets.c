/*
 * sets.c
 *	  The sets family of aggregates: metrics that count distinct participations
 *	  among activities.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "miscadmin.h"

#include "activity.h"
#include "compat.h"
#include "participation_set.h"

/* The memory context that an aggregate's state lives in. */
static MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("an aggregate's support function was called "
							   "outside an aggregate")));
	return context;
}

static ParticipationSet *
state_argument(FunctionCallInfo fcinfo, int argument)
{
	aggregate_context(fcinfo);
	return PG_ARGISNULL(argument)
			   ? NULL
			   : (ParticipationSet *) PG_GETARG_POINTER(argument);
}

static void
set_guid(const char *attribute, uint32 null_flag, pg_uuid_t *guid,
		 uint32 *flags)
{
	if (attribute != NULL)
		memcpy(guid, attribute, UUID_LEN);
	else
	{
		memset(guid, 0, UUID_LEN);
		*flags |= null_flag;
	}
}

/* Adds the activity's participation, with what the activity tells of it. */
static void
add_participation(ParticipationSet *set, const ActivityRow *row, uint32 known)
{
	Participation participation = {.flags = known};
	Agent agent = {"", 0, true};

	set_guid(row->attributes[ACTIVITY_INTERACTION_GUID],
			 PARTICIPATION_NO_INTERACTION, &participation.interaction_guid,
			 &participation.flags);
	set_guid(row->attributes[ACTIVITY_CHANNEL_GUID], PARTICIPATION_NO_CHANNEL,
			 &participation.channel_guid, &participation.flags);
	if (row->attributes[ACTIVITY_AGENT_ID] != NULL)
	{
		text *id = DatumGetTextPP(
			PointerGetDatum(row->attributes[ACTIVITY_AGENT_ID]));

		agent.id = VARDATA_ANY(id);
		agent.length = VARSIZE_ANY_EXHDR(id);
		agent.is_null = false;
	}
	participation.agent = participation_set_agent(set, &agent);
	participation_set_add(set, &participation);
}

/*
 * Adds an activity to the state, argument 0, which is made with the first
 * one. Unexpected counts only with the given reason, unless that is NULL.
 */
static Datum
accumulate(FunctionCallInfo fcinfo, const Oid *reason)
{
	MemoryContext context = aggregate_context(fcinfo);
	ParticipationSet *set = state_argument(fcinfo, 0);
	ActivityRow row;
	int counts_as;
	uint32 known = 0;
	int64 duration_ms;
	bool finished;

	if (set == NULL)
		set = participation_set_create(context);
	counts_as = read_activity(PG_GETARG_HEAPTUPLEHEADER(1), &row);
	finished = activity_duration(&row, &duration_ms);

	if (finished && (counts_as & COUNTS_AS_HANDLE_TIME) != 0)
	{
		participation_set_add_handle_ms(set, duration_ms);
		known |= PARTICIPATION_HANDLED;
	}
	if ((counts_as & COUNTS_AS_OFFERED) != 0)
		known |= PARTICIPATION_OFFERED;
	if (counts_as == COUNTS_AS_UNEXPECTED &&
		(reason == NULL || *reason == activity_reason(&row)))
		known |= PARTICIPATION_UNEXPECTED;
	if (known != 0)
		add_participation(set, &row, known);
	PG_RETURN_POINTER(set);
}

/* The state as it is, for a row that is skipped. */
static Datum
unchanged(FunctionCallInfo fcinfo)
{
	ParticipationSet *set = state_argument(fcinfo, 0);

	if (set == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(set);
}

PG_FUNCTION_INFO_V1(activity_sets_accum);
Datum
activity_sets_accum(PG_FUNCTION_ARGS)
{
	return PG_ARGISNULL(1) ? unchanged(fcinfo) : accumulate(fcinfo, NULL);
}

PG_FUNCTION_INFO_V1(activity_sets_accum_reason);
Datum
activity_sets_accum_reason(PG_FUNCTION_ARGS)
{
	Oid reason;

	if (PG_ARGISNULL(1) || PG_ARGISNULL(2))
		return unchanged(fcinfo);
	reason = PG_GETARG_OID(2);
	return accumulate(fcinfo, &reason);
}

PG_FUNCTION_INFO_V1(activity_sets_combine);
Datum
activity_sets_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	ParticipationSet *set = state_argument(fcinfo, 0);
	ParticipationSet *other = state_argument(fcinfo, 1);

	if (other == NULL)
		return unchanged(fcinfo);
	if (set == NULL)
		set = participation_set_create(context);
	participation_set_merge(set, other);
	PG_RETURN_POINTER(set);
}

PG_FUNCTION_INFO_V1(activity_sets_serialize);
Datum
activity_sets_serialize(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(participation_set_write(state_argument(fcinfo, 0)));
}

PG_FUNCTION_INFO_V1(activity_sets_deserialize);
Datum
activity_sets_deserialize(PG_FUNCTION_ARGS)
{
	aggregate_context(fcinfo);
	PG_RETURN_POINTER(
		participation_set_read(PG_GETARG_BYTEA_PP(0), CurrentMemoryContext));
}

/* How many participations of the state have a flag; 0 for no rows. */
static int64
count(FunctionCallInfo fcinfo, uint32 flag)
{
	ParticipationSet *set = state_argument(fcinfo, 0);

	return set == NULL ? 0 : participation_set_count(set, flag);
}

PG_FUNCTION_INFO_V1(activity_sets_handled_participations);
Datum
activity_sets_handled_participations(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(count(fcinfo, PARTICIPATION_HANDLED));
}

PG_FUNCTION_INFO_V1(activity_sets_offered_participations);
Datum
activity_sets_offered_participations(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(count(fcinfo, PARTICIPATION_OFFERED));
}

PG_FUNCTION_INFO_V1(activity_sets_unexpected_participations);
Datum
activity_sets_unexpected_participations(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT64(count(fcinfo, PARTICIPATION_UNEXPECTED));
}

PG_FUNCTION_INFO_V1(activity_sets_average_handle_time);
Datum
activity_sets_average_handle_time(PG_FUNCTION_ARGS)
{
	ParticipationSet *set = state_argument(fcinfo, 0);
	int64 handled = count(fcinfo, PARTICIPATION_HANDLED);

	if (handled == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(set->handle_ms / 1000.0 / handled);
}

PG_FUNCTION_INFO_V1(activity_sets_unexpected_rate);
Datum
activity_sets_unexpected_rate(PG_FUNCTION_ARGS)
{
	int64 offered = count(fcinfo, PARTICIPATION_OFFERED);

	if (offered == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8((double) count(fcinfo, PARTICIPATION_UNEXPECTED) /
					 offered);
}
