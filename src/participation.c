/*
 * participation.c
 *	  The aggregate participation: all activities of one agent's connection to
 *	  one interaction, in one row.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "common/int.h"
#include "funcapi.h"
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
#include "metric_rules.h"
#include "participation_state.h"
#include "row.h"
#include "written_state.h"

#define WRITTEN_VERSION 1
#define WRITTEN_OFFER (sizeof(int64) + 1)

static const ParticipationAttribute latest_attributes[LATEST_VALUES] = {
	[LATEST_UNEXPECTED_REASON] = PARTICIPATION_UNEXPECTED_REASON,
	[LATEST_FAILED_REASON] = PARTICIPATION_FAILED_REASON,
	[LATEST_DIRECTION] = PARTICIPATION_DIRECTION,
	[LATEST_MEDIUM] = PARTICIPATION_MEDIUM,
	[LATEST_MEDIUM_MANAGER] = PARTICIPATION_MEDIUM_MANAGER,
};

static void
send_span(StringInfo out, const Span *span)
{
	pq_sendint64(out, span->start);
	pq_sendint64(out, span->end);
	pq_sendint64(out, span->last_start);
	pq_sendbyte(out, span->has_no_end);
	pq_sendbyte(out, span->is_open);
}

static void
receive_span(StringInfo in, Span *span)
{
	span->start = receive_time(in);
	span->end = receive_time(in);
	span->last_start = receive_time(in);
	span->has_no_end = pq_getmsgbyte(in) != 0;
	span->is_open = pq_getmsgbyte(in) != 0;
}

/* By start; of the same start, Ringing first. */
static int
compare_offers(const void *a, const void *b,
			   void *unused pg_attribute_unused())
{
	const Offer *x = a;
	const Offer *y = b;

	if (x->start != y->start)
		return pg_cmp_s64(x->start, y->start);
	return x->is_refused - y->is_refused;
}

/* Write a state, of which only the order of its offers is changed. */
static bytea *
write_state(ParticipationState *state)
{
	StringInfoData out;

	/* the same participation is always written as the same bytes */
	participation_state_prune_offers(state);
	qsort_interruptible(state->offers, state->offer_count, sizeof(Offer),
						compare_offers, NULL);
	begin_writing(&out, state->offer_count * WRITTEN_OFFER);
	pq_sendbyte(&out, WRITTEN_VERSION);
	send_text(&out, state->agent_id);
	send_guid(&out, state->has_interaction, &state->interaction_guid);
	send_guid(&out, state->has_channel, &state->channel_guid);
	pq_sendint32(&out, state->counts_as);
	pq_sendbyte(&out, (state->flags & IS_HANDLED) != 0);
	pq_sendint64(&out, state->totals.ring_ms);
	pq_sendint64(&out, state->totals.talk_ms);
	pq_sendint64(&out, state->totals.wrap_ms);
	pq_sendint64(&out, state->monitor_ms);
	pq_sendint64(&out, state->connections);
	pq_sendint64(&out, state->unexpected_attempts);
	send_span(&out, &state->real);
	send_span(&out, &state->monitor);
	pq_sendint64(&out, state->first_connected);
	send_span(&out, &state->last_connected);
	pq_sendint64(&out, state->offer_count);
	for (int64 i = 0; i < state->offer_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		pq_sendint64(&out, state->offers[i].start);
		pq_sendbyte(&out, state->offers[i].is_refused);
	}
	send_label(&out, state->status);
	pq_sendint64(&out, state->reported_at);
	for (int i = 0; i < LATEST_VALUES; i++)
	{
		pq_sendint64(&out, state->latest[i].start);
		if (i < LATEST_LABELS)
			send_label(&out, state->latest[i].label);
		else
			send_text(&out, state->latest[i].text);
	}
	return pq_endtypsend(&out);
}

/* Read what write_state wrote; an error if it is anything else. */
static ParticipationState *
read_state(bytea *written, TupleDesc type, MemoryContext context)
{
	ParticipationState *state = participation_state_create(context);
	StringInfoData in;
	int64 count;

	begin_reading(&in, written);
	if (pq_getmsgbyte(&in) != WRITTEN_VERSION)
		bad_state("of another version");
	state->agent_id = receive_text(&in, context);
	receive_guid(&in, &state->has_interaction, &state->interaction_guid);
	receive_guid(&in, &state->has_channel, &state->channel_guid);
	state->counts_as = pq_getmsgint(&in, sizeof(int32));
	state->flags =
		participation_flags(state->counts_as, pq_getmsgbyte(&in) != 0);
	state->totals.ring_ms = receive_sum(&in);
	state->totals.talk_ms = receive_sum(&in);
	state->totals.wrap_ms = receive_sum(&in);
	state->monitor_ms = receive_sum(&in);
	state->connections = receive_sum(&in);
	state->unexpected_attempts = receive_sum(&in);
	receive_span(&in, &state->real);
	receive_span(&in, &state->monitor);
	state->first_connected = receive_time(&in);
	receive_span(&in, &state->last_connected);
	count = receive_count(&in, WRITTEN_OFFER);
	for (int64 i = 0; i < count; i++)
	{
		TimestampTz start = receive_time(&in);

		CHECK_FOR_INTERRUPTS();
		participation_state_add_offer(state, start, pq_getmsgbyte(&in) != 0,
									  context);
	}
	state->status =
		receive_label(&in,
					  TupleDescAttr(type, PARTICIPATION_STATUS)->atttypid);
	state->reported_at = receive_time(&in);
	for (int i = 0; i < LATEST_VALUES; i++)
	{
		state->latest[i].start = receive_time(&in);
		if (i < LATEST_LABELS)
			state->latest[i].label =
				receive_label(&in, TupleDescAttr(type, latest_attributes[i])
									   ->atttypid);
		else
			state->latest[i].text = receive_text(&in, context);
	}
	state->totals.handle_ms = state->totals.talk_ms;
	add_to_sum(&state->totals.handle_ms, state->totals.wrap_ms);
	return state;
}

/*
 * Return the time from the first Connected's start to the last one's end, or
 * its start while it is open, less their durations.
 */
static int64
parked_ms(const ParticipationState *state)
{
	const Span *last = &state->last_connected;
	TimestampTz end = Max(last->last_start, last->end);

	if (TIMESTAMP_NOT_FINITE(state->first_connected) ||
		TIMESTAMP_NOT_FINITE(end))
		return 0;
	return Max(milliseconds_between(state->first_connected, end) -
				   state->totals.talk_ms,
			   0);
}

/*
 * Find how long it rang before the first Connected: from the last Ringing that
 * started at or before it. False without one, or if it was refused between.
 */
static bool
find_answer_ms(const ParticipationState *state, int64 *answer_ms)
{
	TimestampTz answered_at = state->first_connected;
	TimestampTz rang_at = DT_NOBEGIN;

	if (answered_at == DT_NOEND)
		return false;
	for (int64 i = 0; i < state->offer_count; i++)
	{
		const Offer *offer = &state->offers[i];

		if (!offer->is_refused && offer->start <= answered_at)
			rang_at = Max(rang_at, offer->start);
	}
	if (TIMESTAMP_NOT_FINITE(rang_at) || TIMESTAMP_NOT_FINITE(answered_at))
		return false;
	for (int64 i = 0; i < state->offer_count; i++)
	{
		const Offer *offer = &state->offers[i];

		if (offer->is_refused && offer->start >= rang_at &&
			offer->start < answered_at)
			return false;
	}
	*answer_ms = milliseconds_between(rang_at, answered_at);
	return true;
}

/* Make the row of a participation, palloc'd. */
HeapTuple
make_participation(const ParticipationState *state, TupleDesc type)
{
	const Totals *totals = &state->totals;
	const Span *span = (state->counts_as & ~COUNTS_AS_MONITOR) != 0
						   ? &state->real
						   : &state->monitor;
	int64 answer_ms;
	NewRow row;

	begin_row(&row, type, participation_attributes(type),
			  PARTICIPATION_ATTRIBUTES);
	set_time(&row, PARTICIPATION_STARTED_AT, span->start, DT_NOEND);
	set_time(&row, PARTICIPATION_ANSWERED_AT, state->first_connected,
			 DT_NOEND);
	if (!state->last_connected.has_no_end)
		set_time(&row, PARTICIPATION_DISCONNECTED_AT,
				 state->last_connected.end, DT_NOBEGIN);
	if (!span->has_no_end)
		set_time(&row, PARTICIPATION_ENDED_AT, span->end, DT_NOBEGIN);
	if (find_answer_ms(state, &answer_ms))
		set_attribute(&row, PARTICIPATION_ANSWER_MS, Int64GetDatum(answer_ms));
	set_attribute(&row, PARTICIPATION_RING_MS, Int64GetDatum(totals->ring_ms));
	set_attribute(&row, PARTICIPATION_TALK_MS, Int64GetDatum(totals->talk_ms));
	set_attribute(&row, PARTICIPATION_PARKED_MS,
				  Int64GetDatum(parked_ms(state)));
	set_attribute(&row, PARTICIPATION_WRAP_MS, Int64GetDatum(totals->wrap_ms));
	set_attribute(&row, PARTICIPATION_HANDLE_MS,
				  Int64GetDatum(totals->handle_ms));
	set_attribute(&row, PARTICIPATION_MONITOR_MS,
				  Int64GetDatum(state->monitor_ms));
	set_count(&row, PARTICIPATION_CONNECTIONS, state->connections);
	set_count(&row, PARTICIPATION_UNEXPECTED_ATTEMPTS,
			  state->unexpected_attempts);
	set_outcome(&row, PARTICIPATION_OUTCOME,
				participation_outcome(state->counts_as));
	set_attribute(&row, PARTICIPATION_OFFERED,
				  BoolGetDatum((state->flags & IS_OFFERED) != 0));
	set_attribute(&row, PARTICIPATION_HANDLED,
				  BoolGetDatum((state->flags & IS_HANDLED) != 0));
	set_attribute(&row, PARTICIPATION_OPEN, BoolGetDatum(span->is_open));
	set_attribute(&row, PARTICIPATION_HAS_MONITOR,
				  BoolGetDatum((state->counts_as & COUNTS_AS_MONITOR) != 0));
	set_label(&row, PARTICIPATION_STATUS, state->status);
	if (state->has_interaction)
		set_attribute(&row, PARTICIPATION_INTERACTION_GUID,
					  UUIDPGetDatum(&state->interaction_guid));
	if (state->has_channel)
		set_attribute(&row, PARTICIPATION_CHANNEL_GUID,
					  UUIDPGetDatum(&state->channel_guid));
	set_text(&row, PARTICIPATION_AGENT_ID, state->agent_id);
	for (int i = 0; i < LATEST_VALUES; i++)
	{
		set_label(&row, latest_attributes[i], state->latest[i].label);
		set_text(&row, latest_attributes[i], state->latest[i].text);
	}
	set_time(&row, PARTICIPATION_REPORTED_AT, state->reported_at, DT_NOBEGIN);
	return form_row(&row);
}

PG_FUNCTION_INFO_V1(participation_accum);
Datum
participation_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	ParticipationState *state = state_argument(fcinfo, 0);
	Row row;
	int counts_as;

	if (PG_ARGISNULL(1))
		return unchanged_state(fcinfo);
	counts_as =
		read_activity(PG_GETARG_HEAPTUPLEHEADER(1), &row, ACTIVITY_ATTRIBUTES);
	PG_RETURN_POINTER(
		participation_state_add(state, &row, counts_as, context));
}

PG_FUNCTION_INFO_V1(participation_combine);
Datum
participation_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	ParticipationState *state = state_argument(fcinfo, 0);
	ParticipationState *other = state_argument(fcinfo, 1);

	if (other == NULL)
		return unchanged_state(fcinfo);
	PG_RETURN_POINTER(participation_state_merge(state, other, context));
}

PG_FUNCTION_INFO_V1(participation_serialize);
Datum
participation_serialize(PG_FUNCTION_ARGS)
{
	PG_RETURN_BYTEA_P(write_state(state_argument(fcinfo, 0)));
}

PG_FUNCTION_INFO_V1(participation_deserialize);
Datum
participation_deserialize(PG_FUNCTION_ARGS)
{
	TupleDesc type;
	ParticipationState *state;

	(void) aggregate_context(fcinfo);
	type = lookup_rowtype_tupdesc(sibling_type(fcinfo->flinfo->fn_oid,
											   "participation"),
								  -1);
	state = read_state(PG_GETARG_BYTEA_PP(0), type, CurrentMemoryContext);
	ReleaseTupleDesc(type);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(participation_final);
Datum
participation_final(PG_FUNCTION_ARGS)
{
	ParticipationState *state = state_argument(fcinfo, 0);
	TupleDesc type;
	HeapTuple participation;

	if (state == NULL)
		PG_RETURN_NULL();
	type =
		lookup_rowtype_tupdesc(get_func_rettype(fcinfo->flinfo->fn_oid), -1);
	participation = make_participation(state, type);
	ReleaseTupleDesc(type);
	PG_RETURN_DATUM(HeapTupleGetDatum(participation));
}
