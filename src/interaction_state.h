/*
 * interaction_state.h
 *	  What is known of one interaction, while its participations are added up.
 */
#ifndef ACTIVITY_INTERACTION_STATE_H
#define ACTIVITY_INTERACTION_STATE_H

#include "utils/uuid.h"

#include "metric_rules.h"
#include "row.h"

/* When participations of one class, Monitored or others, took place. */
typedef struct Lifetime
{
	TimestampTz started_at; /* the least; DT_NOEND: none is known */
	TimestampTz ended_at;	/* the greatest; DT_NOBEGIN: none is known */
	bool has_no_end;		/* one of them has no end */
	bool is_open;			/* one of them is open */
} Lifetime;

/*
 * A label or text of the first participation that has one: Monitored ones after
 * others, then by started_at (DT_NOEND if that is not known), then the least.
 */
typedef struct First
{
	bool is_monitored;
	TimestampTz started_at;
	Oid label;	/* InvalidOid for none, or if it is a text */
	text *text; /* NULL for none */
} First;

/* Those that an interaction has; the label first. */
typedef enum FirstOf
{
	FIRST_DIRECTION,
	FIRST_MEDIUM,
	FIRST_MEDIUM_MANAGER,
	FIRST_VALUES /* how many */
} FirstOf;

#define FIRST_LABELS FIRST_MEDIUM

/* An answered participation. */
typedef struct Leg
{
	TimestampTz answered_at;
	TimestampTz disconnected_at; /* DT_NOEND: open, lasts forever;
								  * DT_NOBEGIN: not known */
	bool has_answer_ms;
	text *agent_id; /* NULL for none */
} Leg;

/*
 * What is known of an interaction from the participations seen so far. Merging
 * two of them takes the sum, the least or the greatest of each part, and all
 * legs of both, so that the order of participations never matters.
 */
typedef struct InteractionState
{
	bool has_guid; /* the key */
	pg_uuid_t guid;

	Lifetime others; /* of the participations that are not Monitored */
	Lifetime monitored;
	int64 outcomes[OUTCOMES]; /* participations by outcome */
	int64 offered;
	int64 handled;
	int64 unexpected_attempts;
	int64 ring_ms;
	int64 talk_ms;
	int64 parked_ms;
	int64 wrap_ms;
	int64 handle_ms;
	int64 monitor_ms;

	Leg *legs; /* in any order */
	int64 leg_count;
	int64 leg_room;

	Oid status; /* the best known */
	TimestampTz reported_at;
	First first[FIRST_VALUES];
} InteractionState;

/* What the legs of an interaction say, once they are in order. */
typedef struct LegSummary
{
	const Leg *first; /* that is not a consult; NULL without legs */
	const Leg *last;
	TimestampTz answered_at;	 /* DT_NOEND: without legs */
	TimestampTz disconnected_at; /* DT_NOBEGIN: one has none */
	bool has_no_end;			 /* one has none */
	bool has_answer_ms;			 /* a leg that was answered first has one */
	int64 agents;
	int64 transfers;
	int64 consults;
} LegSummary;

extern InteractionState *interaction_state_create(MemoryContext context);
extern InteractionState *interaction_state_add(InteractionState *state,
											   const Row *row,
											   MemoryContext context);
extern InteractionState *interaction_state_merge(InteractionState *state,
												 const InteractionState *other,
												 MemoryContext context);
extern void interaction_state_add_leg(InteractionState *state, const Leg *leg,
									  MemoryContext context);
extern void sort_legs(InteractionState *state);
extern void summarize_legs(InteractionState *state, LegSummary *summary);

#endif /* ACTIVITY_INTERACTION_STATE_H */
