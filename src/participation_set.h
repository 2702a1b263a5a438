/*
 * participation_set.h
 *	  A set of distinct participations, and what is known of each.
 */
#ifndef PARTICIPATION_SET_H
#define PARTICIPATION_SET_H

#include "rows.h"
#include "slot_table.h"

/* What is known of a participation. */
#define KNOWN_HANDLED 0x01
#define KNOWN_OFFERED 0x02
#define KNOWN_UNEXPECTED 0x04
#define KNOWN_FLAGS 0x07

/* A part of its key that is null; its guid is all zeros then. */
#define NO_INTERACTION 0x08
#define NO_CHANNEL 0x10
#define NULL_FLAGS 0x18

/* One participation, keyed by agent, guids and which of them are null. */
typedef struct Participation
{
	pg_uuid_t interaction_guid;
	pg_uuid_t channel_guid;
	uint32 agent; /* number of the agent in the set */
	uint32 flags;
} Participation;

/*
 * The reason that a participation is Unexpected for: of several the latest by
 * start, and of those the last in the enum's order. Whether it is the reason
 * that is asked for is the participation's flag KNOWN_UNEXPECTED.
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

/* how many there is room for in the set itself: it is 256 bytes then */
#define OWN_AGENTS 1
#define OWN_PARTICIPATIONS 3

/* Entries lie densely in the order in which they came. */
typedef struct ParticipationSet
{
	MemoryContext context;
	int64 handle_ms; /* of all participations together */
	Agent *agents;
	Participation *participations;
	LatestReason *reasons; /* of each; NULL if any reason will do */
	SlotTable agent_table;
	SlotTable table;
	uint32 agent_count;
	uint32 agent_room;
	uint32 last_agent; /* the one looked for last */
	uint32 count;
	uint32 room;
	uint32 last;	/* the participation looked for last */
	uint32 handled; /* how many participations have the flag */
	uint32 offered;
	uint32 unexpected;
	Agent own_agents[OWN_AGENTS];
	Participation own_participations[OWN_PARTICIPATIONS];
} ParticipationSet;

extern ParticipationSet *participation_set_create(MemoryContext context,
												  bool by_reason);
extern uint32 participation_set_agent(ParticipationSet *set,
									  const Agent *agent);
extern uint32 participation_set_agent_of_row(ParticipationSet *set,
											 const Row *row);
extern uint32 participation_set_add(ParticipationSet *set,
									const Participation *participation,
									const LatestReason *reason);
extern uint32 participation_set_add_row(ParticipationSet *set, const Row *row,
										uint32 known,
										const LatestReason *reason);
extern void participation_set_merge(ParticipationSet *set,
									const ParticipationSet *other,
									uint32 *numbers);
extern uint64 participation_set_written_size(const ParticipationSet *set);
extern void participation_set_write(const ParticipationSet *set,
									StringInfo out);
extern ParticipationSet *participation_set_read(StringInfo in,
												MemoryContext context);

#endif /* PARTICIPATION_SET_H */
