/*
 * distinct_set.h
 *	  A set of distinct participations, and what is known of each.
 */
#ifndef ACTIVITY_DISTINCT_SET_H
#define ACTIVITY_DISTINCT_SET_H

#include "utils/uuid.h"

#include "metric_rules.h"
#include "row.h"
#include "slot_table.h"

/*
 * Which part of its key is null; its guid is all zeros then. With the IS_ flags
 * these are one byte.
 */
#define NO_INTERACTION 0x40
#define NO_CHANNEL 0x80
#define NULL_FLAGS 0xC0

/* One participation, keyed by agent, guids and which of them are null. */
typedef struct DistinctParticipation
{
	pg_uuid_t interaction_guid;
	pg_uuid_t channel_guid;
	uint32 agent; /* number of the agent in the set */
	uint32 flags; /* IS_HANDLED, ... of metric_rules.h, and the null ones */
} DistinctParticipation;

/*
 * The reason that a participation is Unexpected for: of several the latest by
 * start, and of those the last in the enum's order. Whether it is the reason
 * that is asked for is the participation's flag IS_UNEXPECTED.
 */
typedef struct LatestReason
{
	TimestampTz start;
	float4 order; /* in the enum */
} LatestReason;

/* An agent's id, kept once however many participations it has. */
typedef struct Agent
{
	const char *id; /* not terminated; "" where it is null */
	int length;
	bool is_null;
} Agent;

/* how many have room in the set itself: the set takes 256 bytes then */
#define OWN_AGENTS 1
#define OWN_PARTICIPATIONS 3

/*
 * The entries are in the order in which they came, without gaps. After them there
 * may be a pending one, which distinct_set_settle looks for among them: until then
 * the processor fetches its slot from memory.
 */
typedef struct DistinctSet
{
	MemoryContext context;
	int64 handle_ms; /* of all participations together */
	Agent *agents;
	DistinctParticipation *participations;
	LatestReason *reasons; /* of each; NULL if any reason will do */
	SlotTable agent_table;
	SlotTable table;
	uint32 agent_count;
	uint32 agent_room;
	uint32 last_agent; /* found last: the next row often has the same */
	uint32 count;
	uint32 room;
	uint32 last; /* the participation looked for last */
	bool is_pending;
	uint32 pending_hash; /* where there are slots */
	uint32 handled;		 /* how many participations have the flag */
	uint32 offered;
	uint32 answered;
	uint32 unexpected;
	Agent own_agents[OWN_AGENTS];
	DistinctParticipation own_participations[OWN_PARTICIPATIONS];
} DistinctSet;

extern DistinctSet *distinct_set_create(MemoryContext context, bool by_reason);
extern uint32 distinct_set_agent(DistinctSet *set, const Agent *agent);
extern uint32 distinct_set_agent_of_row(DistinctSet *set, const Row *row);
extern uint32 distinct_set_add(DistinctSet *set,
							   const DistinctParticipation *participation,
							   const LatestReason *reason);
extern uint32 distinct_set_add_row(DistinctSet *set, const Row *row,
								   uint32 known, const LatestReason *reason);
extern void distinct_set_add_row_later(DistinctSet *set, const Row *row,
									   uint32 known);
extern void distinct_set_settle(DistinctSet *set);
extern void distinct_set_merge(DistinctSet *set, const DistinctSet *other,
							   uint32 *numbers);
extern uint64 distinct_set_written_size(const DistinctSet *set);
extern void distinct_set_write(const DistinctSet *set, StringInfo out);
extern DistinctSet *distinct_set_read(StringInfo in, MemoryContext context);

#endif /* ACTIVITY_DISTINCT_SET_H */
