/*
 * participation.c
 *	  The aggregate participation: all activities of one agent's connection to
 *	  one interaction, in one row.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "funcapi.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"
#include "utils/uuid.h"

#include "aggregate.h"
#include "attributes.h"
#include "catalog.h"
#include "compat.h"
#include "metric_rules.h"
#include "participation_state.h"
#include "row.h"

#define WRITTEN_VERSION 1

static const ParticipationAttribute latest_attributes[LATEST_VALUES] = {
	[LATEST_UNEXPECTED_REASON] = PARTICIPATION_UNEXPECTED_REASON,
	[LATEST_FAILED_REASON] = PARTICIPATION_FAILED_REASON,
	[LATEST_DIRECTION] = PARTICIPATION_DIRECTION,
	[LATEST_MEDIUM] = PARTICIPATION_MEDIUM,
	[LATEST_MEDIUM_MANAGER] = PARTICIPATION_MEDIUM_MANAGER,
};

/*
 * Writing and reading a state, for another process. Labels are written by
 * name, since their OIDs are this database's own.
 */

static void
send_text(StringInfo out, const text *value)
{
	pq_sendint32(out, value == NULL ? -1 : (int) VARSIZE_ANY_EXHDR(value));
	if (value != NULL)
		pq_sendbytes(out, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

/* A text is in the database's encoding, or an error. */
static text *
receive_text(StringInfo in, MemoryContext context)
{
	int length = (int) pq_getmsgint(in, sizeof(int32));
	const char *bytes;
	text *result;

	if (length == -1)
		return NULL;
	bytes = pq_getmsgbytes(in, length);
	(void) pg_verifymbstr(bytes, length, false);
	result = MemoryContextAlloc(context, VARHDRSZ + length);
	SET_VARSIZE(result, VARHDRSZ + length);
	memcpy(VARDATA(result), bytes, length);
	return result;
}

/* A time is one that PostgreSQL has, infinities among them, or an error. */
static TimestampTz
receive_time(StringInfo in)
{
	TimestampTz time = pq_getmsgint64(in);

	if (!TIMESTAMP_NOT_FINITE(time) && !IS_VALID_TIMESTAMP(time))
		ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
						errmsg("invalid participation state: no such time")));
	return time;
}

static void
send_label(StringInfo out, Oid label)
{
	char *name = "";

	if (OidIsValid(label))
		name = DatumGetCString(
			DirectFunctionCall1(enum_out, ObjectIdGetDatum(label)));
	pq_sendint32(out, strlen(name));
	pq_sendbytes(out, name, strlen(name));
}

static Oid
receive_label(StringInfo in, TupleDesc type, ParticipationAttribute attribute)
{
	int length = (int) pq_getmsgint(in, sizeof(int32));
	const char *name = pq_getmsgbytes(in, length);
	Oid label = InvalidOid;

	if (length > 0 && !enum_label(TupleDescAttr(type, attribute)->atttypid,
								  name, length, &label))
		ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
						errmsg("invalid participation state: unknown label")));
	return label;
}

static bytea *
write_state(const ParticipationState *state)
{
	StringInfoData out;

	pq_begintypsend(&out);
	pq_sendbyte(&out, WRITTEN_VERSION);
	send_text(&out, state->agent_id);
	pq_sendbyte(&out, state->has_interaction);
	pq_sendbyte(&out, state->has_channel);
	pq_sendbytes(&out, (const char *) &state->interaction_guid, UUID_LEN);
	pq_sendbytes(&out, (const char *) &state->channel_guid, UUID_LEN);
	pq_sendint32(&out, state->counts_as);
	pq_sendbyte(&out, (state->flags & IS_HANDLED) != 0);
	pq_sendint64(&out, state->totals.ring_ms);
	pq_sendint64(&out, state->totals.talk_ms);
	pq_sendint64(&out, state->totals.wrap_ms);
	pq_sendint64(&out, state->connections);
	pq_sendint64(&out, state->first_connected);
	pq_sendint64(&out, state->last_connected);
	pq_sendint64(&out, state->last_connected_end);
	pq_sendint64(&out, state->started_at);
	pq_sendint64(&out, state->last_start);
	pq_sendint64(&out, state->last_end);
	pq_sendbyte(&out, state->running);
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

/* Reads what write_state wrote; an error if it is anything else. */
static ParticipationState *
read_state(bytea *written, TupleDesc type, MemoryContext context)
{
	ParticipationState *state = participation_state_create(context);
	StringInfoData in;

	begin_reading(&in, written);
	if (pq_getmsgbyte(&in) != WRITTEN_VERSION)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid participation state: of another version")));
	state->agent_id = receive_text(&in, context);
	state->has_interaction = pq_getmsgbyte(&in) != 0;
	state->has_channel = pq_getmsgbyte(&in) != 0;
	pq_copymsgbytes(&in, (char *) &state->interaction_guid, UUID_LEN);
	pq_copymsgbytes(&in, (char *) &state->channel_guid, UUID_LEN);
	state->counts_as = pq_getmsgint(&in, sizeof(int32));
	state->flags =
		participation_flags(state->counts_as, pq_getmsgbyte(&in) != 0);
	state->totals.ring_ms = pq_getmsgint64(&in);
	state->totals.talk_ms = pq_getmsgint64(&in);
	state->totals.wrap_ms = pq_getmsgint64(&in);
	state->connections = pq_getmsgint64(&in);
	state->first_connected = receive_time(&in);
	state->last_connected = receive_time(&in);
	state->last_connected_end = receive_time(&in);
	state->started_at = receive_time(&in);
	state->last_start = receive_time(&in);
	state->last_end = receive_time(&in);
	state->running = pq_getmsgbyte(&in) != 0;
	state->status = receive_label(&in, type, PARTICIPATION_STATUS);
	state->reported_at = receive_time(&in);
	for (int i = 0; i < LATEST_VALUES; i++)
	{
		state->latest[i].start = receive_time(&in);
		if (i < LATEST_LABELS)
			state->latest[i].label =
				receive_label(&in, type, latest_attributes[i]);
		else
			state->latest[i].text = receive_text(&in, context);
	}
	if (state->totals.ring_ms < 0 || state->totals.talk_ms < 0 ||
		state->totals.wrap_ms < 0 || state->connections < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
						errmsg("invalid participation state: negative sum")));
	state->totals.handle_ms = state->totals.talk_ms;
	add_to_sum(&state->totals.handle_ms, state->totals.wrap_ms);
	return state;
}

/*
 * The time from the first Connected's start to the last one's end less their
 * durations; 0 if the two times are not known.
 */
static int64
parked_ms(const ParticipationState *state)
{
	uint64 span;

	if (TIMESTAMP_NOT_FINITE(state->first_connected) ||
		TIMESTAMP_NOT_FINITE(state->last_connected_end))
		return 0;
	/* all of time fits an unsigned number of microseconds */
	span =
		(uint64) state->last_connected_end - (uint64) state->first_connected;
	return Max((int64) ((span + 500) / 1000) - state->totals.talk_ms, 0);
}

static void
set_value(Datum *values, bool *nulls, ParticipationAttribute attribute,
		  Datum value)
{
	values[attribute] = value;
	nulls[attribute] = false;
}

static void
set_time(Datum *values, bool *nulls, ParticipationAttribute attribute,
		 TimestampTz time, TimestampTz none)
{
	if (time != none)
		set_value(values, nulls, attribute, TimestampTzGetDatum(time));
}

static void
set_label(Datum *values, bool *nulls, ParticipationAttribute attribute,
		  Oid label)
{
	if (OidIsValid(label))
		set_value(values, nulls, attribute, ObjectIdGetDatum(label));
}

/* Makes the row of a participation. */
static HeapTuple
make_participation(ParticipationState *state, TupleDesc type)
{
	int attributes = participation_attributes(type);
	int count = Max(type->natts, PARTICIPATION_ATTRIBUTES);
	Datum *values = palloc0(sizeof(Datum) * count);
	bool *nulls = palloc(sizeof(bool) * count);
	const char *outcome = participation_outcome(state->counts_as);
	const Totals *totals = &state->totals;

	if (state->connections > PG_INT32_MAX)
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("number of connections out of range")));
	memset(nulls, true, sizeof(bool) * count);
	set_time(values, nulls, PARTICIPATION_STARTED_AT, state->started_at,
			 DT_NOEND);
	if (state->last_start != DT_NOBEGIN)
		set_time(values, nulls, PARTICIPATION_ENDED_AT, state->last_end,
				 DT_NOEND);
	set_value(values, nulls, PARTICIPATION_RING_MS,
			  Int64GetDatum(totals->ring_ms));
	set_value(values, nulls, PARTICIPATION_TALK_MS,
			  Int64GetDatum(totals->talk_ms));
	set_value(values, nulls, PARTICIPATION_PARKED_MS,
			  Int64GetDatum(parked_ms(state)));
	set_value(values, nulls, PARTICIPATION_WRAP_MS,
			  Int64GetDatum(totals->wrap_ms));
	set_value(values, nulls, PARTICIPATION_HANDLE_MS,
			  Int64GetDatum(totals->handle_ms));
	set_value(values, nulls, PARTICIPATION_CONNECTIONS,
			  Int32GetDatum((int32) state->connections));
	if (outcome != NULL)
		set_label(values, nulls, PARTICIPATION_OUTCOME,
				  enum_label_or_fail(TupleDescAttr(type, PARTICIPATION_OUTCOME)
										 ->atttypid,
									 outcome));
	set_value(values, nulls, PARTICIPATION_OFFERED,
			  BoolGetDatum((state->flags & IS_OFFERED) != 0));
	set_value(values, nulls, PARTICIPATION_HANDLED,
			  BoolGetDatum((state->flags & IS_HANDLED) != 0));
	set_value(values, nulls, PARTICIPATION_OPEN, BoolGetDatum(state->running));
	set_label(values, nulls, PARTICIPATION_STATUS, state->status);
	if (state->has_interaction)
		set_value(values, nulls, PARTICIPATION_INTERACTION_GUID,
				  UUIDPGetDatum(&state->interaction_guid));
	if (state->has_channel)
		set_value(values, nulls, PARTICIPATION_CHANNEL_GUID,
				  UUIDPGetDatum(&state->channel_guid));
	if (state->agent_id != NULL)
		set_value(values, nulls, PARTICIPATION_AGENT_ID,
				  PointerGetDatum(state->agent_id));
	for (int i = 0; i < LATEST_VALUES; i++)
	{
		set_label(values, nulls, latest_attributes[i], state->latest[i].label);
		if (state->latest[i].text != NULL)
			set_value(values, nulls, latest_attributes[i],
					  PointerGetDatum(state->latest[i].text));
	}
	set_time(values, nulls, PARTICIPATION_REPORTED_AT, state->reported_at,
			 DT_NOBEGIN);
	/* what a user added where a later version has attributes stays null */
	for (int i = attributes; i < type->natts; i++)
		nulls[i] = true;
	return heap_form_tuple(type, values, nulls);
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
