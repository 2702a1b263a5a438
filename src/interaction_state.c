/*
 * interaction_state.c
 *	  What is known of one interaction, while its participations are added up.
 */
#include "postgres.h"

#include "common/int.h"
#include "miscadmin.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "catalog.h"
#include "compat.h"
#include "interaction_state.h"
#include "metric_rules.h"
#include "row.h"

/* most interactions are answered by one agent, or passed on once */
#define FIRST_LEGS 2

static const Lifetime empty_lifetime = {.started_at = DT_NOEND,
										.ended_at = DT_NOBEGIN};

/* Make the state of no participation in a memory context. */
InteractionState *
interaction_state_create(MemoryContext context)
{
	InteractionState *state =
		MemoryContextAllocZero(context, sizeof(InteractionState));

	state->others = empty_lifetime;
	state->monitored = empty_lifetime;
	state->reported_at = DT_NOBEGIN;
	return state;
}

/* A time of a participation; as if null if it is infinite. */
static TimestampTz
finite_time(const Row *row, ParticipationAttribute attribute, TimestampTz none)
{
	TimestampTz time = row_time(row, attribute);

	return TIMESTAMP_NOT_FINITE(time) ? none : time;
}

/* How often it was Unexpected, 0 for null; an error if that is negative. */
static int32
unexpected_attempts(const Row *row)
{
	int32 attempts = row_integer(row, PARTICIPATION_UNEXPECTED_ATTEMPTS);

	if (attempts < 0)
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("unexpected_attempts must not be negative: %d",
							   attempts),
						errdetail_row(row)));
	return attempts;
}

static void
merge_lifetime(Lifetime *lifetime, const Lifetime *other)
{
	lifetime->started_at = Min(lifetime->started_at, other->started_at);
	lifetime->ended_at = Max(lifetime->ended_at, other->ended_at);
	lifetime->has_no_end = lifetime->has_no_end || other->has_no_end;
	lifetime->is_open = lifetime->is_open || other->is_open;
}

/*
 * Compare the places of two participations: a negative number if a is first, 0 if
 * the values decide.
 */
static int
compare_participations(const First *a, const First *b)
{
	if (a->is_monitored != b->is_monitored)
		return a->is_monitored ? 1 : -1;
	if (a->started_at != b->started_at)
		return a->started_at < b->started_at ? -1 : 1;
	return 0;
}

/* Keep a label if it comes before the one so far. */
static void
keep_label(First *first, const First *other)
{
	int order =
		OidIsValid(first->label) ? compare_participations(other, first) : -1;

	if (!OidIsValid(other->label))
		return;
	if (order == 0)
		order = compare_labels(other->label, first->label);
	if (order < 0)
		*first = *other;
}

/* Keep a copy of a text, in a memory context, if it comes before. */
static void
keep_text(First *first, const First *other, MemoryContext context)
{
	int order =
		first->text != NULL ? compare_participations(other, first) : -1;

	if (other->text == NULL)
		return;
	if (order == 0)
		order = compare_texts(other->text, first->text);
	if (order >= 0)
		return;
	if (first->text != NULL)
		pfree(first->text);
	*first = *other;
	first->text = copy_text(other->text, context);
}

/* Add a leg, whose agent is copied into a memory context. */
void
interaction_state_add_leg(InteractionState *state, const Leg *leg,
						  MemoryContext context)
{
	if (state->leg_count == state->leg_room)
	{
		state->leg_room = Max(state->leg_room * 2, FIRST_LEGS);
		if (state->legs == NULL)
			state->legs =
				MemoryContextAlloc(context, state->leg_room * sizeof(Leg));
		else
			state->legs =
				repalloc_huge(state->legs, state->leg_room * sizeof(Leg));
	}
	state->legs[state->leg_count] = *leg;
	if (leg->agent_id != NULL)
		state->legs[state->leg_count].agent_id =
			copy_text(leg->agent_id, context);
	state->leg_count++;
}

/* Add a participation of the interaction. */
static void
add_participation(InteractionState *state, const Row *row,
				  MemoryContext context)
{
	Outcome outcome = row_outcome(row);
	bool is_open = row_bool(row, PARTICIPATION_OPEN);
	TimestampTz ended_at =
		finite_time(row, PARTICIPATION_ENDED_AT, DT_NOBEGIN);
	TimestampTz answered_at =
		finite_time(row, PARTICIPATION_ANSWERED_AT, DT_NOEND);
	Lifetime lifetime = {.started_at =
							 finite_time(row, PARTICIPATION_STARTED_AT,
										 DT_NOEND),
						 .ended_at = ended_at,
						 .has_no_end = ended_at == DT_NOBEGIN,
						 .is_open = is_open};
	First first = {.is_monitored = outcome == OUTCOME_MONITORED,
				   .started_at = lifetime.started_at};

	merge_lifetime(outcome == OUTCOME_MONITORED ? &state->monitored
												: &state->others,
				   &lifetime);
	add_to_sum(&state->outcomes[outcome], 1);
	if (row_bool(row, PARTICIPATION_OFFERED))
		add_to_sum(&state->offered, 1);
	if (row_bool(row, PARTICIPATION_HANDLED))
		add_to_sum(&state->handled, 1);
	add_to_sum(&state->unexpected_attempts, unexpected_attempts(row));
	add_to_sum(&state->ring_ms, row_milliseconds(row, PARTICIPATION_RING_MS));
	add_to_sum(&state->talk_ms, row_milliseconds(row, PARTICIPATION_TALK_MS));
	add_to_sum(&state->parked_ms,
			   row_milliseconds(row, PARTICIPATION_PARKED_MS));
	add_to_sum(&state->wrap_ms, row_milliseconds(row, PARTICIPATION_WRAP_MS));
	add_to_sum(&state->handle_ms,
			   row_milliseconds(row, PARTICIPATION_HANDLE_MS));
	add_to_sum(&state->monitor_ms,
			   row_milliseconds(row, PARTICIPATION_MONITOR_MS));
	if (answered_at != DT_NOEND)
	{
		Leg leg = {.answered_at = answered_at,
				   .disconnected_at =
					   finite_time(row, PARTICIPATION_DISCONNECTED_AT,
								   is_open ? DT_NOEND : DT_NOBEGIN),
				   .has_answer_ms =
					   row->attributes[PARTICIPATION_ANSWER_MS] != NULL,
				   .agent_id = row_text(row, PARTICIPATION_AGENT_ID)};

		interaction_state_add_leg(state, &leg, context);
	}
	if (compare_labels(row_oid(row, PARTICIPATION_STATUS), state->status) > 0)
		state->status = row_oid(row, PARTICIPATION_STATUS);
	state->reported_at =
		Max(state->reported_at, row_time(row, PARTICIPATION_REPORTED_AT));

	first.label = row_oid(row, PARTICIPATION_DIRECTION);
	keep_label(&state->first[FIRST_DIRECTION], &first);
	first.label = InvalidOid;
	first.text = row_text(row, PARTICIPATION_MEDIUM);
	keep_text(&state->first[FIRST_MEDIUM], &first, context);
	first.text = row_text(row, PARTICIPATION_MEDIUM_MANAGER);
	keep_text(&state->first[FIRST_MEDIUM_MANAGER], &first, context);
}

/*
 * Return the state, made in a memory context if it is NULL; an error if it is
 * of another interaction.
 */
static InteractionState *
state_of_interaction(InteractionState *state, bool has_guid,
					 const pg_uuid_t *guid, MemoryContext context)
{
	const char *first;
	const char *second;

	if (state == NULL)
	{
		state = interaction_state_create(context);
		state->has_guid = has_guid;
		state->guid = *guid;
		return state;
	}
	if (state->has_guid == has_guid &&
		memcmp(&state->guid, guid, UUID_LEN) == 0)
		return state;
	first = guid_text(state->has_guid, &state->guid);
	second = guid_text(has_guid, guid);
	ereport(ERROR,
			(errcode(ERRCODE_CARDINALITY_VIOLATION),
			 errmsg("participations of more than one interaction in a group"),
			 errdetail("Their interaction_guid is %s and %s.",
					   strcmp(first, second) < 0 ? first : second,
					   strcmp(first, second) < 0 ? second : first),
			 errhint("GROUP BY interaction_guid.")));
}

/*
 * Add a participation to a state, which is made in the memory context if it is
 * NULL; an error if the participation is of another interaction.
 */
InteractionState *
interaction_state_add(InteractionState *state, const Row *row,
					  MemoryContext context)
{
	const char *attribute = row->attributes[PARTICIPATION_INTERACTION_GUID];
	pg_uuid_t guid = {0};

	if (attribute != NULL)
		memcpy(&guid, attribute, UUID_LEN);
	state = state_of_interaction(state, attribute != NULL, &guid, context);
	add_participation(state, row, context);
	return state;
}

/* Add what another state knows, which is left as it is. */
InteractionState *
interaction_state_merge(InteractionState *state, const InteractionState *other,
						MemoryContext context)
{
	state =
		state_of_interaction(state, other->has_guid, &other->guid, context);
	merge_lifetime(&state->others, &other->others);
	merge_lifetime(&state->monitored, &other->monitored);
	for (int i = 0; i < OUTCOMES; i++)
		add_to_sum(&state->outcomes[i], other->outcomes[i]);
	add_to_sum(&state->offered, other->offered);
	add_to_sum(&state->handled, other->handled);
	add_to_sum(&state->unexpected_attempts, other->unexpected_attempts);
	add_to_sum(&state->ring_ms, other->ring_ms);
	add_to_sum(&state->talk_ms, other->talk_ms);
	add_to_sum(&state->parked_ms, other->parked_ms);
	add_to_sum(&state->wrap_ms, other->wrap_ms);
	add_to_sum(&state->handle_ms, other->handle_ms);
	add_to_sum(&state->monitor_ms, other->monitor_ms);
	for (int64 i = 0; i < other->leg_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		interaction_state_add_leg(state, &other->legs[i], context);
	}
	if (compare_labels(other->status, state->status) > 0)
		state->status = other->status;
	state->reported_at = Max(state->reported_at, other->reported_at);
	for (int i = 0; i < FIRST_VALUES; i++)
	{
		keep_label(&state->first[i], &other->first[i]);
		keep_text(&state->first[i], &other->first[i], context);
	}
	return state;
}

/*
 * By answered_at, then by agent. The rest is for the same interaction to be
 * written as the same bytes.
 */
static int
compare_legs(const void *a, const void *b, void *unused pg_attribute_unused())
{
	const Leg *x = a;
	const Leg *y = b;
	int order = pg_cmp_s64(x->answered_at, y->answered_at);

	if (order == 0)
		order = compare_texts(x->agent_id, y->agent_id);
	if (order == 0)
		order = pg_cmp_s64(x->disconnected_at, y->disconnected_at);
	if (order == 0)
		order = x->has_answer_ms - y->has_answer_ms;
	return order;
}

/* Put the legs in the order in which they were answered. */
void
sort_legs(InteractionState *state)
{
	qsort_interruptible(state->legs, state->leg_count, sizeof(Leg),
						compare_legs, NULL);
}

static int
compare_agents(const void *a, const void *b,
			   void *unused pg_attribute_unused())
{
	return compare_texts(((const Leg *) a)->agent_id,
						 ((const Leg *) b)->agent_id);
}

static bool
is_same_agent(const Leg *a, const Leg *b)
{
	return compare_texts(a->agent_id, b->agent_id) == 0;
}

/*
 * The two legs of different agents that last longest, of those seen so far:
 * one of them is another agent's than any leg.
 */
typedef struct Longest
{
	const Leg *first; /* NULL for none */
	const Leg *second;
} Longest;

/*
 * Whether a leg is a consult: it ends before, or as, one of another agent does
 * that was answered before it.
 */
static bool
is_consult(const Longest *longest, const Leg *leg)
{
	const Leg *other = longest->first;

	if (other != NULL && is_same_agent(other, leg))
		other = longest->second;
	return other != NULL && leg->disconnected_at != DT_NOBEGIN &&
		   leg->disconnected_at <= other->disconnected_at;
}

/* Note a leg, if its end is known. */
static void
note_longest(Longest *longest, const Leg *leg)
{
	const Leg *first = longest->first;

	if (leg->disconnected_at == DT_NOBEGIN)
		return;
	if (first == NULL || leg->disconnected_at > first->disconnected_at)
	{
		if (first != NULL && !is_same_agent(first, leg))
			longest->second = first;
		longest->first = leg;
	}
	else if (!is_same_agent(first, leg) &&
			 (longest->second == NULL ||
			  leg->disconnected_at > longest->second->disconnected_at))
		longest->second = leg;
}

/* How many agents the legs are of. */
static int64
count_agents(const InteractionState *state)
{
	int64 count = state->leg_count;
	Leg *legs = palloc_extended(count * sizeof(Leg), MCXT_ALLOC_HUGE);
	int64 agents = 0;

	memcpy(legs, state->legs, count * sizeof(Leg));
	qsort_interruptible(legs, count, sizeof(Leg), compare_agents, NULL);
	for (int64 i = 0; i < count; i++)
	{
		if (i == 0 || !is_same_agent(&legs[i - 1], &legs[i]))
			agents++;
	}
	pfree(legs);
	return agents;
}

/*
 * Find what the legs say: who came after whom, and who was only consulted. Puts
 * them in order; the summary refers to them.
 */
void
summarize_legs(InteractionState *state, LegSummary *summary)
{
	Longest longest = {NULL, NULL};

	memset(summary, 0, sizeof(LegSummary));
	summary->answered_at = DT_NOEND;
	summary->disconnected_at = DT_NOBEGIN;
	if (state->leg_count == 0)
		return;
	summary->agents = count_agents(state);
	sort_legs(state);
	summary->answered_at = state->legs[0].answered_at;
	for (int64 i = 0; i < state->leg_count; i++)
	{
		const Leg *leg = &state->legs[i];

		if (leg->answered_at == summary->answered_at && leg->has_answer_ms)
			summary->has_answer_ms = true;
		if (is_consult(&longest, leg))
			summary->consults++;
		else
		{
			if (summary->last != NULL && !is_same_agent(summary->last, leg))
				summary->transfers++;
			if (summary->first == NULL)
				summary->first = leg;
			summary->last = leg;
		}
		note_longest(&longest, leg);
		if (TIMESTAMP_NOT_FINITE(leg->disconnected_at))
			summary->has_no_end = true;
		summary->disconnected_at =
			Max(summary->disconnected_at, leg->disconnected_at);
	}
	if (summary->has_no_end)
		summary->disconnected_at = DT_NOBEGIN;
}
