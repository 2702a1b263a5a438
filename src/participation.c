/*
 * participation.c
 *	  The aggregate participation: all activities of one agent's connection to
 *	  one interaction, in one row.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"
#include "utils/uuid.h"

#include "aggregate.h"
#include "compat.h"
#include "rows.h"

#define WRITTEN_VERSION 1

/*
 * A label or text of which, where activities differ, the latest by start
 * stands; of the same start the greatest.
 */
typedef struct Latest
{
	TimestampTz start;
	Oid label;	/* InvalidOid for none, or if it is a text */
	text *text; /* NULL for none */
} Latest;

/* Those that a participation has; the labels first. */
typedef enum LatestOf
{
	LATEST_UNEXPECTED_REASON,
	LATEST_FAILED_REASON,
	LATEST_DIRECTION,
	LATEST_MEDIUM,
	LATEST_MEDIUM_MANAGER,
	LATEST_VALUES /* how many */
} LatestOf;

#define LATEST_LABELS LATEST_MEDIUM

static const ParticipationAttribute latest_attributes[LATEST_VALUES] = {
	[LATEST_UNEXPECTED_REASON] = PARTICIPATION_UNEXPECTED_REASON,
	[LATEST_FAILED_REASON] = PARTICIPATION_FAILED_REASON,
	[LATEST_DIRECTION] = PARTICIPATION_DIRECTION,
	[LATEST_MEDIUM] = PARTICIPATION_MEDIUM,
	[LATEST_MEDIUM_MANAGER] = PARTICIPATION_MEDIUM_MANAGER,
};

/*
 * What is known of a participation from the activities seen so far. Merging
 * two of them takes the sum, the least or the greatest of each part, so that
 * the order of activities never matters. A time that is not known yet is
 * DT_NOBEGIN or DT_NOEND, whichever any other replaces.
 */
typedef struct ParticipationState
{
	text *agent_id; /* the key; NULL, or has_… false, where null */
	bool has_interaction;
	bool has_channel;
	pg_uuid_t interaction_guid;
	pg_uuid_t channel_guid;

	int counts_as; /* COUNTS_AS bits of all activities */
	bool handled;
	int64 ring_ms;
	int64 talk_ms;
	int64 wrap_ms;
	int64 connections;
	TimestampTz first_connected;
	TimestampTz last_connected;
	TimestampTz last_connected_end; /* its start, while it is open */

	TimestampTz started_at;
	TimestampTz last_start; /* of the last activity */
	TimestampTz last_end;	/* of it; DT_NOEND: it has none */
	bool running;			/* it has none yet, but may have one */

	Oid status; /* the best known */
	TimestampTz reported_at;
	Latest latest[LATEST_VALUES];
} ParticipationState;

static ParticipationState *
create_state(MemoryContext context)
{
	ParticipationState *state =
		MemoryContextAllocZero(context, sizeof(ParticipationState));

	state->first_connected = DT_NOEND;
	state->last_connected = DT_NOBEGIN;
	state->last_connected_end = DT_NOBEGIN;
	state->started_at = DT_NOEND;
	state->last_start = DT_NOBEGIN;
	state->last_end = DT_NOBEGIN;
	state->reported_at = DT_NOBEGIN;
	for (int i = 0; i < LATEST_VALUES; i++)
		state->latest[i].start = DT_NOBEGIN;
	return state;
}

static text *
copy_text(const text *value, MemoryContext context)
{
	text *copy = MemoryContextAlloc(context, VARSIZE_ANY(value));

	memcpy(copy, value, VARSIZE_ANY(value));
	return copy;
}

/* Takes a label if it is later than the one that stands. */
static void
take_label(Latest *latest, TimestampTz start, Oid label)
{
	if (!OidIsValid(label) || (OidIsValid(latest->label) &&
							   (start < latest->start ||
								(start == latest->start &&
								 compare_labels(label, latest->label) <= 0))))
		return;
	latest->start = start;
	latest->label = label;
}

/* Takes a text likewise, as a copy in a memory context. */
static void
take_text(Latest *latest, TimestampTz start, const text *value,
		  MemoryContext context)
{
	int order = compare_texts(value, latest->text);

	if (value == NULL ||
		(latest->text != NULL &&
		 (start < latest->start || (start == latest->start && order < 0))))
		return;
	latest->start = start;
	if (order == 0)
		return;
	if (latest->text != NULL)
		pfree(latest->text);
	latest->text = copy_text(value, context);
}

/* Takes a last activity, if it is later than the one that stands. */
static void
take_last(ParticipationState *state, TimestampTz start, TimestampTz end,
		  bool running)
{
	if (start < state->last_start)
		return;
	if (start > state->last_start)
	{
		state->last_start = start;
		state->last_end = end;
		state->running = running;
		return;
	}
	state->last_end = Max(state->last_end, end);
	state->running = state->running || running;
}

static void
take_connected(ParticipationState *state, TimestampTz first, TimestampTz last,
			   TimestampTz end)
{
	state->first_connected = Min(state->first_connected, first);
	if (last > state->last_connected)
	{
		state->last_connected = last;
		state->last_connected_end = end;
	}
	else if (last == state->last_connected)
		state->last_connected_end = Max(state->last_connected_end, end);
}

static bool
same_key(const ParticipationState *a, const ParticipationState *b)
{
	return compare_texts(a->agent_id, b->agent_id) == 0 &&
		   a->has_interaction == b->has_interaction &&
		   a->has_channel == b->has_channel &&
		   memcmp(&a->interaction_guid, &b->interaction_guid, UUID_LEN) == 0 &&
		   memcmp(&a->channel_guid, &b->channel_guid, UUID_LEN) == 0;
}

static char *
guid_text(bool has_guid, const pg_uuid_t *guid)
{
	if (!has_guid)
		return "null";
	return DatumGetCString(DirectFunctionCall1(uuid_out, UUIDPGetDatum(guid)));
}

static char *
key_text(const ParticipationState *state)
{
	return psprintf("(%s, %s, %s)",
					state->agent_id ? text_to_cstring(state->agent_id)
									: "null",
					guid_text(state->has_interaction,
							  &state->interaction_guid),
					guid_text(state->has_channel, &state->channel_guid));
}

/* An error unless two states are of the same participation. */
static void
check_same_key(const ParticipationState *a, const ParticipationState *b)
{
	const char *first;
	const char *second;

	if (same_key(a, b))
		return;
	first = key_text(a);
	second = key_text(b);
	ereport(ERROR,
			(errcode(ERRCODE_CARDINALITY_VIOLATION),
			 errmsg("activities of more than one participation in a group"),
			 errdetail("Their agent_id, interaction_guid and channel_guid are "
					   "%s and %s.",
					   strcmp(first, second) < 0 ? first : second,
					   strcmp(first, second) < 0 ? second : first),
			 errhint("GROUP BY agent_id, interaction_guid, channel_guid.")));
}

/* Reads the key of an activity; its text stays where it is. */
static void
read_key(const Row *row, ParticipationState *key)
{
	const char *interaction = row->attributes[ACTIVITY_INTERACTION_GUID];
	const char *channel = row->attributes[ACTIVITY_CHANNEL_GUID];

	memset(key, 0, sizeof(ParticipationState));
	key->agent_id = row_text(row, ACTIVITY_AGENT_ID);
	key->has_interaction = interaction != NULL;
	if (interaction != NULL)
		memcpy(&key->interaction_guid, interaction, UUID_LEN);
	key->has_channel = channel != NULL;
	if (channel != NULL)
		memcpy(&key->channel_guid, channel, UUID_LEN);
}

/* Makes a state with the key of another, copied into a memory context. */
static ParticipationState *
create_state_like(const ParticipationState *key, MemoryContext context)
{
	ParticipationState *state = create_state(context);

	state->has_interaction = key->has_interaction;
	state->has_channel = key->has_channel;
	state->interaction_guid = key->interaction_guid;
	state->channel_guid = key->channel_guid;
	if (key->agent_id != NULL)
		state->agent_id = copy_text(key->agent_id, context);
	return state;
}

/* Adds an activity of the participation. */
static void
add_activity(ParticipationState *state, const Row *row, int counts_as,
			 MemoryContext context)
{
	bool finished = row->attributes[ACTIVITY_DURATION_MS] != NULL;
	int64 duration_ms = row_milliseconds(row, ACTIVITY_DURATION_MS);
	TimestampTz start = row_time(row, ACTIVITY_START);
	TimestampTz end = end_of_stretch(start, duration_ms);
	Latest *latest = state->latest;

	state->counts_as |= counts_as;
	if (counts_as == COUNTS_AS_RINGING)
		add_to_sum(&state->ring_ms, duration_ms);
	else if (counts_as == COUNTS_AS_WRAP)
		add_to_sum(&state->wrap_ms, duration_ms);
	else if (counts_as == COUNTS_AS_CONNECTED)
	{
		add_to_sum(&state->talk_ms, duration_ms);
		add_to_sum(&state->connections, 1);
		take_connected(state, start, start, end);
	}
	else if (counts_as == COUNTS_AS_UNEXPECTED)
		take_label(&latest[LATEST_UNEXPECTED_REASON], start,
				   row_oid(row, ACTIVITY_REASON));
	else if (counts_as == COUNTS_AS_FAILED)
		take_label(&latest[LATEST_FAILED_REASON], start,
				   row_oid(row, ACTIVITY_REASON));
	if (finished && (counts_as & COUNTS_AS_HANDLE_TIME) != 0)
		state->handled = true;

	if (row->attributes[ACTIVITY_START] != NULL)
	{
		state->started_at = Min(state->started_at, start);
		take_last(state, start, finished ? end : DT_NOEND,
				  !finished && !is_cut_short(row));
	}
	if (compare_labels(row_oid(row, ACTIVITY_STATUS), state->status) > 0)
		state->status = row_oid(row, ACTIVITY_STATUS);
	state->reported_at =
		Max(state->reported_at, row_time(row, ACTIVITY_REPORTED_AT));
	take_label(&latest[LATEST_DIRECTION], start,
			   row_oid(row, ACTIVITY_DIRECTION));
	take_text(&latest[LATEST_MEDIUM], start, row_text(row, ACTIVITY_MEDIUM),
			  context);
	take_text(&latest[LATEST_MEDIUM_MANAGER], start,
			  row_text(row, ACTIVITY_MEDIUM_MANAGER), context);
}

/* Adds what another state of the same participation knows. */
static void
add_state(ParticipationState *state, const ParticipationState *other,
		  MemoryContext context)
{
	state->counts_as |= other->counts_as;
	state->handled = state->handled || other->handled;
	add_to_sum(&state->ring_ms, other->ring_ms);
	add_to_sum(&state->talk_ms, other->talk_ms);
	add_to_sum(&state->wrap_ms, other->wrap_ms);
	add_to_sum(&state->connections, other->connections);
	take_connected(state, other->first_connected, other->last_connected,
				   other->last_connected_end);
	state->started_at = Min(state->started_at, other->started_at);
	take_last(state, other->last_start, other->last_end, other->running);
	if (compare_labels(other->status, state->status) > 0)
		state->status = other->status;
	state->reported_at = Max(state->reported_at, other->reported_at);
	for (int i = 0; i < LATEST_VALUES; i++)
	{
		take_label(&state->latest[i], other->latest[i].start,
				   other->latest[i].label);
		take_text(&state->latest[i], other->latest[i].start,
				  other->latest[i].text, context);
	}
}

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
	pq_sendbyte(&out, state->handled);
	pq_sendint64(&out, state->ring_ms);
	pq_sendint64(&out, state->talk_ms);
	pq_sendint64(&out, state->wrap_ms);
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
	ParticipationState *state = create_state(context);
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
	state->handled = pq_getmsgbyte(&in) != 0;
	state->ring_ms = pq_getmsgint64(&in);
	state->talk_ms = pq_getmsgint64(&in);
	state->wrap_ms = pq_getmsgint64(&in);
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
	pq_getmsgend(&in);
	if (state->ring_ms < 0 || state->talk_ms < 0 || state->wrap_ms < 0 ||
		state->connections < 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
						errmsg("invalid participation state: negative sum")));
	return state;
}

/* What became of a participation; NULL if no state of it says. */
static const char *
outcome_of(const ParticipationState *state)
{
	if ((state->counts_as & COUNTS_AS_UNEXPECTED) != 0)
		return "Unexpected";
	if ((state->counts_as & COUNTS_AS_FAILED) != 0)
		return "Failed";
	if ((state->counts_as & COUNTS_AS_HANDLE_TIME) != 0)
		return "Answered";
	if ((state->counts_as & COUNTS_AS_RINGING) != 0)
		return "Unanswered";
	if (state->counts_as == COUNTS_AS_MONITOR)
		return "Monitored";
	return NULL;
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
	return Max((int64) ((span + 500) / 1000) - state->talk_ms, 0);
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
	Datum *values = palloc0(sizeof(Datum) * type->natts);
	bool *nulls = palloc(sizeof(bool) * type->natts);
	const char *outcome = outcome_of(state);
	int64 handle_ms = state->talk_ms;

	if (type->natts < PARTICIPATION_ATTRIBUTES)
		ereport(ERROR, (errcode(ERRCODE_DATATYPE_MISMATCH),
						errmsg("type participation has %d attributes, but "
							   "must have at least %d",
							   type->natts, PARTICIPATION_ATTRIBUTES)));
	if (state->connections > PG_INT32_MAX)
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("number of connections out of range")));
	add_to_sum(&handle_ms, state->wrap_ms);

	memset(nulls, true, sizeof(bool) * type->natts);
	set_time(values, nulls, PARTICIPATION_STARTED_AT, state->started_at,
			 DT_NOEND);
	if (state->last_start != DT_NOBEGIN)
		set_time(values, nulls, PARTICIPATION_ENDED_AT, state->last_end,
				 DT_NOEND);
	set_value(values, nulls, PARTICIPATION_RING_MS,
			  Int64GetDatum(state->ring_ms));
	set_value(values, nulls, PARTICIPATION_TALK_MS,
			  Int64GetDatum(state->talk_ms));
	set_value(values, nulls, PARTICIPATION_PARKED_MS,
			  Int64GetDatum(parked_ms(state)));
	set_value(values, nulls, PARTICIPATION_WRAP_MS,
			  Int64GetDatum(state->wrap_ms));
	set_value(values, nulls, PARTICIPATION_HANDLE_MS,
			  Int64GetDatum(handle_ms));
	set_value(values, nulls, PARTICIPATION_CONNECTIONS,
			  Int32GetDatum((int32) state->connections));
	if (outcome != NULL)
		set_label(values, nulls, PARTICIPATION_OUTCOME,
				  enum_label_or_fail(TupleDescAttr(type, PARTICIPATION_OUTCOME)
										 ->atttypid,
									 outcome));
	set_value(values, nulls, PARTICIPATION_OFFERED,
			  BoolGetDatum((state->counts_as & COUNTS_AS_OFFERED) != 0));
	set_value(values, nulls, PARTICIPATION_HANDLED,
			  BoolGetDatum(state->handled));
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
	return heap_form_tuple(type, values, nulls);
}

PG_FUNCTION_INFO_V1(participation_accum);
Datum
participation_accum(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	ParticipationState *state = state_argument(fcinfo, 0);
	ParticipationState key;
	Row row;
	int counts_as;

	if (PG_ARGISNULL(1))
		return unchanged_state(fcinfo);
	counts_as =
		read_activity(PG_GETARG_HEAPTUPLEHEADER(1), &row, ACTIVITY_ATTRIBUTES);
	read_key(&row, &key);
	if (state == NULL)
		state = create_state_like(&key, context);
	else
		check_same_key(state, &key);
	add_activity(state, &row, counts_as, context);
	PG_RETURN_POINTER(state);
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
	if (state == NULL)
		state = create_state_like(other, context);
	else
		check_same_key(state, other);
	add_state(state, other, context);
	PG_RETURN_POINTER(state);
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
