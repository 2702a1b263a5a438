/*
 * participation_state.c
 *	  What is known of one participation, while its activities are added up.
 */
#include "postgres.h"

#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "catalog.h"
#include "compat.h"
#include "metric_rules.h"
#include "participation_state.h"
#include "row.h"

/* Makes the state of no activity in a memory context. */
ParticipationState *
participation_state_create(MemoryContext context)
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
has_same_key(const ParticipationState *a, const ParticipationState *b)
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

	if (has_same_key(a, b))
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
	ParticipationState *state = participation_state_create(context);

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
	TimestampTz end = row_end(row);
	Latest *latest = state->latest;

	state->counts_as |= counts_as;
	state->flags |= participation_flags(counts_as, finished);
	add_time(&state->totals, counts_as, duration_ms);
	if (counts_as == COUNTS_AS_CONNECTED)
	{
		add_to_sum(&state->connections, 1);
		take_connected(state, start, start, end);
	}
	else if (counts_as == COUNTS_AS_UNEXPECTED)
		take_label(&latest[LATEST_UNEXPECTED_REASON], start,
				   row_oid(row, ACTIVITY_REASON));
	else if (counts_as == COUNTS_AS_FAILED)
		take_label(&latest[LATEST_FAILED_REASON], start,
				   row_oid(row, ACTIVITY_REASON));

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
	state->flags |= other->flags;
	add_totals(&state->totals, &other->totals);
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
 * Adds an activity to a state, which is made in the memory context if it is
 * NULL; an error if the activity is of another participation.
 */
ParticipationState *
participation_state_add(ParticipationState *state, const Row *row,
						int counts_as, MemoryContext context)
{
	ParticipationState key;

	read_key(row, &key);
	if (state == NULL)
		state = create_state_like(&key, context);
	else
		check_same_key(state, &key);
	add_activity(state, row, counts_as, context);
	return state;
}

/* Adds what another state knows likewise; that stays as it is. */
ParticipationState *
participation_state_merge(ParticipationState *state,
						  const ParticipationState *other,
						  MemoryContext context)
{
	if (state == NULL)
		state = create_state_like(other, context);
	else
		check_same_key(state, other);
	add_state(state, other, context);
	return state;
}
