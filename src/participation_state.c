/*
 * participation_state.c
 *	  What is known of one participation, while its activities are added up.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "catalog.h"
#include "compat.h"
#include "metric_rules.h"
#include "participation_state.h"
#include "row.h"

/* most participations ring once or twice */
#define FIRST_OFFERS 2

static const Span empty_span = {.start = DT_NOEND,
								.end = DT_NOBEGIN,
								.last_start = DT_NOBEGIN};

/* Make the state of no activity in a memory context. */
ParticipationState *
participation_state_create(MemoryContext context)
{
	ParticipationState *state =
		MemoryContextAllocZero(context, sizeof(ParticipationState));

	state->real = empty_span;
	state->monitor = empty_span;
	state->first_connected = DT_NOEND;
	state->last_connected = empty_span;
	state->reported_at = DT_NOBEGIN;
	for (int i = 0; i < LATEST_VALUES; i++)
		state->latest[i].start = DT_NOBEGIN;
	return state;
}

/* Keep a label if it is later than the one so far. */
static void
keep_label(Latest *latest, TimestampTz start, Oid label)
{
	if (!OidIsValid(label) || (OidIsValid(latest->label) &&
							   (start < latest->start ||
								(start == latest->start &&
								 compare_labels(label, latest->label) <= 0))))
		return;
	latest->start = start;
	latest->label = label;
}

/* Keep a copy of a text, in a memory context, if it is later. */
static void
keep_text(Latest *latest, TimestampTz start, const text *value,
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

/* Merge what is known of the activities of a span that started last. */
static void
merge_last(Span *span, const Span *other)
{
	if (other->last_start < span->last_start)
		return;
	if (other->last_start > span->last_start)
	{
		span->last_start = other->last_start;
		span->has_no_end = false;
		span->is_open = false;
	}
	span->has_no_end = span->has_no_end || other->has_no_end;
	span->is_open = span->is_open || other->is_open;
}

/* Merge a span into another one. */
static void
merge_span(Span *span, const Span *other)
{
	span->start = Min(span->start, other->start);
	span->end = Max(span->end, other->end);
	merge_last(span, other);
}

/* Forget the offers that started after the first Connected. */
void
participation_state_prune_offers(ParticipationState *state)
{
	int64 kept = 0;

	for (int64 i = 0; i < state->offer_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (state->offers[i].start <= state->first_connected)
			state->offers[kept++] = state->offers[i];
	}
	state->offer_count = kept;
}

/*
 * Note an offer, unless it is after the first Connected. Offers that are found
 * to be after it later on are pruned only before the array would grow: pruned
 * each time, they could take quadratic time.
 */
void
participation_state_add_offer(ParticipationState *state, TimestampTz start,
							  bool is_refused, MemoryContext context)
{
	if (start > state->first_connected)
		return;
	if (state->offers == NULL)
	{
		state->offer_room = FIRST_OFFERS;
		state->offers =
			MemoryContextAlloc(context, state->offer_room * sizeof(Offer));
	}
	else if (state->offer_count == state->offer_room)
	{
		participation_state_prune_offers(state);
		if (state->offer_count > state->offer_room / 2)
		{
			state->offer_room *= 2;
			state->offers = repalloc_huge(state->offers,
										  state->offer_room * sizeof(Offer));
		}
	}
	state->offers[state->offer_count++] = (Offer){start, is_refused};
}

/*
 * Merge what is known of Connected: when the first one started, and the span of
 * those that started last.
 */
static void
merge_connected(ParticipationState *state, TimestampTz first, const Span *last)
{
	state->first_connected = Min(state->first_connected, first);
	if (last->last_start > state->last_connected.last_start)
		state->last_connected = *last;
	else if (last->last_start == state->last_connected.last_start)
		merge_span(&state->last_connected, last);
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
key_text(const ParticipationState *state)
{
	return psprintf("(%s, %s, %s)",
					state->agent_id ? text_to_cstring(state->agent_id)
									: "null",
					guid_text(state->has_interaction,
							  &state->interaction_guid),
					guid_text(state->has_channel, &state->channel_guid));
}

/* Raise an error unless two states are of the same participation. */
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

/* Read the key of an activity; its text is not copied. */
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

/* Make a state with the key of another, copied into a memory context. */
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

/* Add the times of an activity, which has a finite start. */
static void
add_times(ParticipationState *state, const Row *row, int counts_as,
		  MemoryContext context)
{
	bool has_ended = row->attributes[ACTIVITY_DURATION_MS] != NULL;
	TimestampTz start = row_time(row, ACTIVITY_START);
	Span span = {.start = start,
				 .end = has_ended ? row_end(row) : DT_NOBEGIN,
				 .last_start = start,
				 .has_no_end = !has_ended,
				 .is_open = !has_ended && !is_cut_short(row)};

	merge_span(counts_as == COUNTS_AS_MONITOR ? &state->monitor : &state->real,
			   &span);
	if (counts_as == COUNTS_AS_CONNECTED)
		merge_connected(state, start, &span);
	else if (counts_as == COUNTS_AS_RINGING)
		participation_state_add_offer(state, start, false, context);
	else if (counts_as == COUNTS_AS_UNEXPECTED ||
			 counts_as == COUNTS_AS_FAILED)
		participation_state_add_offer(state, start, true, context);
}

/* Add an activity of the participation. */
static void
add_activity(ParticipationState *state, const Row *row, int counts_as,
			 MemoryContext context)
{
	bool has_ended = row->attributes[ACTIVITY_DURATION_MS] != NULL;
	int64 duration_ms = row_milliseconds(row, ACTIVITY_DURATION_MS);
	TimestampTz start = row_time(row, ACTIVITY_START);
	Latest *latest = state->latest;

	state->counts_as |= counts_as;
	state->flags |= participation_flags(counts_as, has_ended);
	add_time(&state->totals, counts_as, duration_ms);
	if (counts_as == COUNTS_AS_MONITOR && is_talk_or_wrap(row))
		add_to_sum(&state->monitor_ms, duration_ms);
	else if (counts_as == COUNTS_AS_CONNECTED)
		add_to_sum(&state->connections, 1);
	else if (counts_as == COUNTS_AS_UNEXPECTED)
	{
		add_to_sum(&state->unexpected_attempts, 1);
		keep_label(&latest[LATEST_UNEXPECTED_REASON], start,
				   row_oid(row, ACTIVITY_REASON));
	}
	else if (counts_as == COUNTS_AS_FAILED)
		keep_label(&latest[LATEST_FAILED_REASON], start,
				   row_oid(row, ACTIVITY_REASON));
	if (!TIMESTAMP_NOT_FINITE(start))
		add_times(state, row, counts_as, context);

	if (compare_labels(row_oid(row, ACTIVITY_STATUS), state->status) > 0)
		state->status = row_oid(row, ACTIVITY_STATUS);
	state->reported_at =
		Max(state->reported_at, row_time(row, ACTIVITY_REPORTED_AT));
	keep_label(&latest[LATEST_DIRECTION], start,
			   row_oid(row, ACTIVITY_DIRECTION));
	keep_text(&latest[LATEST_MEDIUM], start, row_text(row, ACTIVITY_MEDIUM),
			  context);
	keep_text(&latest[LATEST_MEDIUM_MANAGER], start,
			  row_text(row, ACTIVITY_MEDIUM_MANAGER), context);
}

/* Add what another state of the same participation knows. */
static void
add_state(ParticipationState *state, const ParticipationState *other,
		  MemoryContext context)
{
	state->counts_as |= other->counts_as;
	state->flags |= other->flags;
	add_totals(&state->totals, &other->totals);
	add_to_sum(&state->monitor_ms, other->monitor_ms);
	add_to_sum(&state->connections, other->connections);
	add_to_sum(&state->unexpected_attempts, other->unexpected_attempts);
	merge_span(&state->real, &other->real);
	merge_span(&state->monitor, &other->monitor);
	merge_connected(state, other->first_connected, &other->last_connected);
	for (int64 i = 0; i < other->offer_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		participation_state_add_offer(state, other->offers[i].start,
									  other->offers[i].is_refused, context);
	}
	if (compare_labels(other->status, state->status) > 0)
		state->status = other->status;
	state->reported_at = Max(state->reported_at, other->reported_at);
	for (int i = 0; i < LATEST_VALUES; i++)
	{
		keep_label(&state->latest[i], other->latest[i].start,
				   other->latest[i].label);
		keep_text(&state->latest[i], other->latest[i].start,
				  other->latest[i].text, context);
	}
}

/*
 * Add an activity to a state, which is made in the memory context if it is
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

/* Add what another state knows, which is left as it is. */
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
