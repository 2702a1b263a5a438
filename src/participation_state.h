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
	uint32 flags;  /* IS_HANDLED, ... */
	Totals totals; /* times only */
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

extern ParticipationState *participation_state_create(MemoryContext context);
extern ParticipationState *participation_state_add(ParticipationState *state,
												   const Row *row,
												   int counts_as,
												   MemoryContext context);
extern ParticipationState *
participation_state_merge(ParticipationState *state,
						  const ParticipationState *other,
						  MemoryContext context);

#endif /* PARTICIPATION_STATE_H */
