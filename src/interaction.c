/*
 * interaction.c
 *	  The aggregate interaction: all participations of one interaction, in one
 *	  row.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"
#include "utils/uuid.h"

#include "activity_time.h"
#include "aggregate.h"
#include "attributes.h"
#include "catalog.h"
#include "compat.h"
#include "interaction_state.h"
#include "metric_rules.h"
#include "row.h"
#include "written_state.h"

#define WRITTEN_VERSION 1
#define WRITTEN_LEG (2 * sizeof(int64) + 1 + sizeof(int32))

static const InteractionAttribute first_attributes[FIRST_VALUES] = {
	[FIRST_DIRECTION] = INTERACTION_DIRECTION,
	[FIRST_MEDIUM] = INTERACTION_MEDIUM,
	[FIRST_MEDIUM_MANAGER] = INTERACTION_MEDIUM_MANAGER,
};

static void
send_lifetime(StringInfo out, const Lifetime *lifetime)
{
	pq_sendint64(out, lifetime->started_at);
	pq_sendint64(out, lifetime->ended_at);
	pq_sendbyte(out, lifetime->has_no_end);
	pq_sendbyte(out, lifetime->is_open);
}

static void
receive_lifetime(StringInfo in, Lifetime *lifetime)
{
	lifetime->started_at = receive_time(in);
	lifetime->ended_at = receive_time(in);
	lifetime->has_no_end = pq_getmsgbyte(in) != 0;
	lifetime->is_open = pq_getmsgbyte(in) != 0;
}

/* The sums of a state, in the order in which they are written. */
#define STATE_SUMS(state)                                                    \
	{                                                                        \
		&(state)->offered, &(state)->handled, &(state)->unexpected_attempts, \
			&(state)->ring_ms, &(state)->talk_ms, &(state)->parked_ms,       \
			&(state)->wrap_ms, &(state)->handle_ms, &(state)->monitor_ms     \
	}

/* Write a state, of which only the order of its legs is changed. */
static bytea *
write_state(InteractionState *state)
{
	int64 *const sums[] = STATE_SUMS(state);
	uint64 size = 0;
	StringInfoData out;

	sort_legs(state);
	for (int64 i = 0; i < state->leg_count; i++)
		size +=
			WRITTEN_LEG + (state->legs[i].agent_id == NULL
							   ? 0
							   : VARSIZE_ANY_EXHDR(state->legs[i].agent_id));
	begin_writing(&out, size);
	pq_sendbyte(&out, WRITTEN_VERSION);
	send_guid(&out, state->has_guid, &state->guid);
	send_lifetime(&out, &state->others);
	send_lifetime(&out, &state->monitored);
	for (int i = 0; i < OUTCOMES; i++)
		pq_sendint64(&out, state->outcomes[i]);
	for (int i = 0; i < (int) lengthof(sums); i++)
		pq_sendint64(&out, *sums[i]);
	pq_sendint64(&out, state->leg_count);
	for (int64 i = 0; i < state->leg_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		pq_sendint64(&out, state->legs[i].answered_at);
		pq_sendint64(&out, state->legs[i].disconnected_at);
		pq_sendbyte(&out, state->legs[i].has_answer_ms);
		send_text(&out, state->legs[i].agent_id);
	}
	send_label(&out, state->status);
	pq_sendint64(&out, state->reported_at);
	for (int i = 0; i < FIRST_VALUES; i++)
	{
		pq_sendbyte(&out, state->first[i].is_monitored);
		pq_sendint64(&out, state->first[i].started_at);
		if (i < FIRST_LABELS)
			send_label(&out, state->first[i].label);
		else
			send_text(&out, state->first[i].text);
	}
	return pq_endtypsend(&out);
}

/* Read what write_state wrote; an error if it is anything else. */
static InteractionState *
read_state(bytea *written, TupleDesc type, MemoryContext context)
{
	InteractionState *state = interaction_state_create(context);
	int64 *const sums[] = STATE_SUMS(state);
	StringInfoData in;
	int64 count;

	begin_reading(&in, written);
	if (pq_getmsgbyte(&in) != WRITTEN_VERSION)
		bad_state("of another version");
	receive_guid(&in, &state->has_guid, &state->guid);
	receive_lifetime(&in, &state->others);
	receive_lifetime(&in, &state->monitored);
	for (int i = 0; i < OUTCOMES; i++)
		state->outcomes[i] = receive_sum(&in);
	for (int i = 0; i < (int) lengthof(sums); i++)
		*sums[i] = receive_sum(&in);
	count = receive_count(&in, WRITTEN_LEG);
	for (int64 i = 0; i < count; i++)
	{
		Leg leg;

		CHECK_FOR_INTERRUPTS();
		leg.answered_at = receive_time(&in);
		leg.disconnected_at = receive_time(&in);
		leg.has_answer_ms = pq_getmsgbyte(&in) != 0;
		leg.agent_id = receive_text(&in, context);
		if (TIMESTAMP_NOT_FINITE(leg.answered_at))
			bad_state("leg that is not answered");
		interaction_state_add_leg(state, &leg, context);
	}
	state->status =
		receive_label(&in, TupleDescAttr(type, INTERACTION_STATUS)->atttypid);
	state->reported_at = receive_time(&in);
	for (int i = 0; i < FIRST_VALUES; i++)
	{
		state->first[i].is_monitored = pq_getmsgbyte(&in) != 0;
		state->first[i].started_at = receive_time(&in);
		if (i < FIRST_LABELS)
			state->first[i].label =
				receive_label(&in, TupleDescAttr(type, first_attributes[i])
									   ->atttypid);
		else
			state->first[i].text = receive_text(&in, context);
	}
	return state;
}

/* Set the times of an interaction, and from when to when they are. */
static void
set_times(NewRow *row, const InteractionState *state,
		  const LegSummary *summary, int64 participations)
{
	bool is_monitored = state->outcomes[OUTCOME_MONITORED] == participations;
	const Lifetime *lifetime =
		is_monitored ? &state->monitored : &state->others;
	TimestampTz started_at = lifetime->started_at;
	TimestampTz ended_at =
		lifetime->has_no_end ? DT_NOBEGIN : lifetime->ended_at;

	set_time(row, INTERACTION_STARTED_AT, started_at, DT_NOEND);
	set_time(row, INTERACTION_ENDED_AT, ended_at, DT_NOBEGIN);
	set_attribute(row, INTERACTION_OPEN, BoolGetDatum(lifetime->is_open));
	set_time(row, INTERACTION_ANSWERED_AT, summary->answered_at, DT_NOEND);
	set_time(row, INTERACTION_DISCONNECTED_AT, summary->disconnected_at,
			 DT_NOBEGIN);
	if (!TIMESTAMP_NOT_FINITE(started_at) && !TIMESTAMP_NOT_FINITE(ended_at))
		set_attribute(row, INTERACTION_LENGTH_MS,
					  Int64GetDatum(
						  milliseconds_between(started_at, ended_at)));
	/* answered as it started, it did not ring, or nobody knows how long */
	if (!TIMESTAMP_NOT_FINITE(started_at) &&
		summary->answered_at != DT_NOEND &&
		(summary->answered_at != started_at || summary->has_answer_ms))
		set_attribute(row, INTERACTION_ANSWER_MS,
					  Int64GetDatum(
						  milliseconds_between(started_at,
											   summary->answered_at)));
}

/* Make the row of an interaction. */
static HeapTuple
make_interaction(InteractionState *state, TupleDesc type)
{
	int64 participations = 0;
	LegSummary summary;
	NewRow row;

	for (int i = 0; i < OUTCOMES; i++)
		add_to_sum(&participations, state->outcomes[i]);
	summarize_legs(state, &summary);
	begin_row(&row, type, interaction_attributes(type),
			  INTERACTION_ATTRIBUTES);
	set_times(&row, state, &summary, participations);
	set_attribute(&row, INTERACTION_RING_MS, Int64GetDatum(state->ring_ms));
	set_attribute(&row, INTERACTION_TALK_MS, Int64GetDatum(state->talk_ms));
	set_attribute(&row, INTERACTION_PARKED_MS,
				  Int64GetDatum(state->parked_ms));
	set_attribute(&row, INTERACTION_WRAP_MS, Int64GetDatum(state->wrap_ms));
	set_attribute(&row, INTERACTION_HANDLE_MS,
				  Int64GetDatum(state->handle_ms));
	set_attribute(&row, INTERACTION_MONITOR_MS,
				  Int64GetDatum(state->monitor_ms));
	set_count(&row, INTERACTION_PARTICIPATIONS, participations);
	set_count(&row, INTERACTION_AGENTS, summary.agents);
	set_count(&row, INTERACTION_OFFERED, state->offered);
	set_count(&row, INTERACTION_ANSWERED, state->leg_count);
	set_count(&row, INTERACTION_HANDLED, state->handled);
	set_count(&row, INTERACTION_UNEXPECTED,
			  state->outcomes[OUTCOME_UNEXPECTED]);
	set_count(&row, INTERACTION_FAILED, state->outcomes[OUTCOME_FAILED]);
	set_count(&row, INTERACTION_MONITORED, state->outcomes[OUTCOME_MONITORED]);
	set_count(&row, INTERACTION_UNEXPECTED_ATTEMPTS,
			  state->unexpected_attempts);
	set_count(&row, INTERACTION_TRANSFERS, summary.transfers);
	set_count(&row, INTERACTION_CONSULTS, summary.consults);
	set_outcome(&row, INTERACTION_OUTCOME,
				interaction_outcome(state->outcomes, state->leg_count > 0));
	set_label(&row, INTERACTION_STATUS, state->status);
	if (state->has_guid)
		set_attribute(&row, INTERACTION_GUID, UUIDPGetDatum(&state->guid));
	if (summary.first != NULL)
	{
		set_text(&row, INTERACTION_FIRST_AGENT_ID, summary.first->agent_id);
		set_text(&row, INTERACTION_LAST_AGENT_ID, summary.last->agent_id);
	}
	for (int i = 0; i < FIRST_VALUES; i++)
	{
		set_label(&row, first_attributes[i], state->first[i].label);
		set_text(&row, first_attributes[i], state->first[i].text);
	}
	set_time(&row, INTERACTION_REPORTED_AT, state->reported_at, DT_NOBEGIN);
	return form_row(&row);
}

PG_FUNCTION_INFO_V1(interaction_accum);
Datum
interaction_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	InteractionState *state = state_argument(fcinfo, 0);
	Row row;

	if (PG_ARGISNULL(1))
		return unchanged_state(fcinfo);
	read_participation(PG_GETARG_HEAPTUPLEHEADER(1), &row,
					   PARTICIPATION_ATTRIBUTES);
	PG_RETURN_POINTER(interaction_state_add(state, &row, context));
}

PG_FUNCTION_INFO_V1(interaction_combine);
Datum
interaction_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	InteractionState *state = state_argument(fcinfo, 0);
	InteractionState *other = state_argument(fcinfo, 1);

	if (other == NULL)
		return unchanged_state(fcinfo);
	PG_RETURN_POINTER(interaction_state_merge(state, other, context));
}

PG_FUNCTION_INFO_V1(interaction_serialize);
Datum
interaction_serialize(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(write_state(state_argument(fcinfo, 0)));
}

PG_FUNCTION_INFO_V1(interaction_deserialize);
Datum
interaction_deserialize(PG_FUNCTION_ARGS)
{
	TupleDesc type;
	InteractionState *state;

	(void) aggregate_context(fcinfo);
	type = lookup_rowtype_tupdesc(sibling_type(fcinfo->flinfo->fn_oid,
											   "interaction"),
								  -1);
	state = read_state(PG_GETARG_BYTEA_PP(0), type, CurrentMemoryContext);
	ReleaseTupleDesc(type);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(interaction_final);
Datum
interaction_final(PG_FUNCTION_ARGS)
{
	InteractionState *state = state_argument(fcinfo, 0);
	TupleDesc type;
	HeapTuple interaction;

	if (state == NULL)
		PG_RETURN_NULL();
	type =
		lookup_rowtype_tupdesc(get_func_rettype(fcinfo->flinfo->fn_oid), -1);
	interaction = make_interaction(state, type);
	ReleaseTupleDesc(type);
	PG_RETURN_DATUM(HeapTupleGetDatum(interaction));
}
