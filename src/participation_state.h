/*
 * participation_state.h
 *	  What is known of one participation, while its activities are added up.
 */
#ifndef PARTICIPATION_STATE_H
#define PARTICIPATION_STATE_H

#include "utils/uuid.h"

#include "metric_rules.h"
#include "row.h"

/*
 * A label or text. Where activities differ, it is that of the latest by start;
 * of the same start the greatest.
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

/*
 * When activities of one kind started and ended. Those without a start, or with
 * an infinite one, are in no span.
 */
typedef struct Span
{
	TimestampTz start;		/* the least; DT_NOEND: there are none */
	TimestampTz end;		/* the greatest; DT_NOBEGIN: none has one */
	TimestampTz last_start; /* the greatest; DT_NOBEGIN: there are none */
	/* of the activities that started last, whether one */
	bool has_no_end;
	bool is_open; /* has no end, but may get one */
} Span;

/* A Ringing, or an Unexpected or Failed, which refuses what rang before. */
typedef struct Offer
{
	TimestampTz start;
	bool is_refused;
} Offer;

/*
 * What is known of a participation from the activities seen so far. Merging
 * two of them takes the sum, the least or the greatest of each part, so that
 * the order of activities never matters.
 */
typedef struct ParticipationState
{
	text *agent_id; /* the key; NULL, or has_… false, where null */
	bool has_interaction;
	bool has_channel;
	pg_uuid_t interaction_guid;
	pg_uuid_t channel_guid;

	int counts_as; /* COUNTS_AS bits of all activities */
	uint32 flags;  /* IS_HANDLED, ... */
	Totals totals; /* times only */
	int64 monitor_ms;
	int64 connections;
	int64 unexpected_attempts;
	Span real; /* of the activities that are not Monitor */
	Span monitor;
	TimestampTz first_connected; /* start; DT_NOEND: there is none */
	Span last_connected;		 /* of the Connected that started last */

	Offer *offers; /* in any order, some after the first Connected */
	int64 offer_count;
	int64 offer_room;

	Oid status; /* the best known */
	TimestampTz reported_at;
	Latest latest[LATEST_VALUES];
} ParticipationState;

extern ParticipationState *participation_state_create(MemoryContext context);
extern ParticipationState *participation_state_add(ParticipationState *state,
												   const Row *row,
												   int counts_as,
												   MemoryContext context);
extern ParticipationState *
participation_state_merge(ParticipationState *state,
						  const ParticipationState *other,
						  MemoryContext context);

extern void participation_state_add_offer(ParticipationState *state,
										  TimestampTz start, bool is_refused,
										  MemoryContext context);

extern void participation_state_prune_offers(ParticipationState *state);

extern HeapTuple make_participation(const ParticipationState *state,
									TupleDesc type);

#endif /* PARTICIPATION_STATE_H */
