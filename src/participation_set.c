/*
 * participation_set.c
 *	  A set of distinct participations, and what is known of each.
 */
#include "postgres.h"

#include <math.h>

#include "common/hashfn.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "participation_set.h"

/* from so many participations ahead a merge has their slots fetched */
#define LOOK_AHEAD 16

/* so many entries take twice the room when it is full, more take half as much */
#define MOST_DOUBLED 192
#define MOST_ENTRIES ((uint32) 1 << 30)

/* the layout that participation_set_write writes */
#define WRITTEN_VERSION 1
#define WRITTEN_PARTICIPATION (2 * UUID_LEN + sizeof(int32) + 1)
#define WRITTEN_REASON (sizeof(int64) + sizeof(float4))

static const LatestReason no_reason = {DT_NOBEGIN, -INFINITY};

/*
 * Numbers that nobody outside the backend knows, so that no data can be made
 * up whose hashes all collide. Results do not depend on them.
 */
static uint64 seeds[4];

static void
make_seeds(void)
{
	while (seeds[0] == 0)
	{
		if (!pg_strong_random(seeds, sizeof(seeds)))
			ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
							errmsg("could not generate random values")));
	}
}

static uint32
hash_agent(const Agent *agent)
{
	return (uint32) hash_bytes_extended((const unsigned char *) agent->id,
										agent->length, seeds[0]);
}

#ifdef HAVE_INT128
/* The two halves of a product, folded into one. */
static inline uint64
fold(uint64 a, uint64 b)
{
	uint128 product = (uint128) a * b;

	return (uint64) (product >> 64) ^ (uint64) product;
}
#endif

static inline uint32
hash_participation(const Participation *participation)
{
#ifdef HAVE_INT128
	uint64 words[4];
	uint64 hash;

	memcpy(words, participation, sizeof(words));
	hash =
		fold(words[0] ^ seeds[0], words[1] ^ seeds[1]) ^
		fold(words[2] ^ seeds[2], words[3] ^ participation->agent ^ seeds[3]);
	return (uint32) (hash ^ hash >> 32);
#else
	return (uint32) hash_bytes_extended((const unsigned char *) participation,
										offsetof(Participation, flags),
										seeds[0]);
#endif
}

static inline bool
same_agent(const Agent *a, const Agent *b)
{
	return a->length == b->length && a->is_null == b->is_null &&
		   memcmp(a->id, b->id, a->length) == 0;
}

static inline bool
same_participation(const Participation *a, const Participation *b)
{
	uint64 x[4];
	uint64 y[4];

	memcpy(x, a, sizeof(x));
	memcpy(y, b, sizeof(y));
	return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3])) ==
			   0 &&
		   a->agent == b->agent && ((a->flags ^ b->flags) & NULL_FLAGS) == 0;
}

/*
 * The room for count entries where there is some already. A large set grows by
 * half, so that it does not need twice its size; a small one doubles, since
 * memory is handed out in powers of two there.
 */
static uint32
room_for(uint64 count, uint32 room)
{
	uint64 new_room = room;

	if (count > MOST_ENTRIES)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("more than %u participations in one group",
							   MOST_ENTRIES)));
	while (new_room < count)
		new_room += new_room < MOST_DOUBLED ? new_room : new_room / 2;
	return Min(new_room, MOST_ENTRIES);
}

/* Moves an array to room bytes; it may be the set's own, of own bytes. */
static void *
move_entries(ParticipationSet *set, void *entries, void *own, Size own_size,
			 Size size)
{
	void *moved;

	if (entries != own)
		return repalloc_huge(entries, size);
	moved = MemoryContextAllocHuge(set->context, size);
	memcpy(moved, own, own_size);
	return moved;
}

/*
 * Makes an empty set in a memory context; by_reason if it is to know for which
 * reason each participation is Unexpected.
 */
ParticipationSet *
participation_set_create(MemoryContext context, bool by_reason)
{
	ParticipationSet *set =
		MemoryContextAllocZero(context, sizeof(ParticipationSet));

	make_seeds();
	set->context = context;
	set->agents = set->own_agents;
	set->agent_room = OWN_AGENTS;
	set->participations = set->own_participations;
	set->room = OWN_PARTICIPATIONS;
	if (by_reason)
		set->reasons =
			MemoryContextAlloc(context, set->room * sizeof(LatestReason));
	return set;
}

static void
reserve_agents(ParticipationSet *set, uint64 count)
{
	if (count > set->agent_room)
	{
		set->agent_room = room_for(count, set->agent_room);
		set->agents = move_entries(set, set->agents, set->own_agents,
								   sizeof(set->own_agents),
								   set->agent_room * sizeof(Agent));
	}
	if (!make_slots(&set->agent_table, count, set->context))
		return;
	for (uint32 i = 0; i < set->agent_count; i++)
		enter(&set->agent_table, hash_agent(&set->agents[i]), i);
}

/* Makes room for count participations. */
static void
reserve_entries(ParticipationSet *set, uint64 count)
{
	if (count <= set->room)
		return;
	set->room = room_for(count, set->room);
	set->participations =
		move_entries(set, set->participations, set->own_participations,
					 sizeof(set->own_participations),
					 set->room * sizeof(Participation));
	if (set->reasons != NULL)
		set->reasons =
			repalloc_huge(set->reasons, set->room * sizeof(LatestReason));
}

/* The same, and slots for them. */
static void
reserve_participations(ParticipationSet *set, uint64 count)
{
	reserve_entries(set, count);
	if (!make_slots(&set->table, count, set->context))
		return;
	for (uint32 i = 0; i < set->count; i++)
		enter(&set->table, hash_participation(&set->participations[i]), i);
}

/* Negative, 0 or positive: as one reason is earlier, the same or later. */
static int
compare_reasons(const LatestReason *a, const LatestReason *b)
{
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* The number of an agent in the set; -1 if it is new. */
static int64
find_agent(const ParticipationSet *set, const Agent *agent)
{
	const SlotTable *table = &set->agent_table;
	uint32 hash;
	uint32 slot;

	if (table->slots == NULL)
	{
		for (uint32 i = 0; i < set->agent_count; i++)
		{
			if (same_agent(&set->agents[i], agent))
				return i;
		}
		return -1;
	}
	hash = hash_agent(agent);
	for (slot = probe(table, hash, hash); table->slots[slot] != 0;
		 slot = probe(table, hash, slot + 1))
	{
		uint32 number = (table->slots[slot] & table->mask) - 1;

		if (same_agent(&set->agents[number], agent))
			return number;
	}
	return -1;
}

/* The number of an agent in the set, which copies it if it is new. */
uint32
participation_set_agent(ParticipationSet *set, const Agent *agent)
{
	int64 found;
	uint32 number = set->agent_count;
	char *id;

	if (set->last_agent < number &&
		same_agent(&set->agents[set->last_agent], agent))
		return set->last_agent;
	found = find_agent(set, agent);
	set->last_agent = found >= 0 ? (uint32) found : number;
	if (found >= 0)
		return set->last_agent;
	reserve_agents(set, (uint64) number + 1);
	id = MemoryContextAlloc(set->context, agent->length + 1);
	memcpy(id, agent->id, agent->length);
	set->agents[number] = *agent;
	set->agents[number].id = id;
	if (set->agent_table.slots != NULL)
		enter(&set->agent_table, hash_agent(agent), number);
	set->agent_count++;
	return number;
}

/* The same for the agent of an activity. */
uint32
participation_set_agent_of_row(ParticipationSet *set, const Row *row)
{
	Agent agent = {"", 0, true};
	text *id = row_text(row, ACTIVITY_AGENT_ID);

	if (id != NULL)
	{
		agent.id = VARDATA_ANY(id);
		agent.length = VARSIZE_ANY_EXHDR(id);
		agent.is_null = false;
	}
	return participation_set_agent(set, &agent);
}

/* Changes what is known of a participation, and the counts with it. */
static void
set_flags(ParticipationSet *set, Participation *participation, uint32 flags)
{
	uint32 changed = participation->flags ^ flags;

	participation->flags = flags;
	if ((changed & KNOWN_HANDLED) != 0)
		set->handled += (flags & KNOWN_HANDLED) != 0 ? 1 : -1;
	if ((changed & KNOWN_OFFERED) != 0)
		set->offered += (flags & KNOWN_OFFERED) != 0 ? 1 : -1;
	if ((changed & KNOWN_UNEXPECTED) != 0)
		set->unexpected += (flags & KNOWN_UNEXPECTED) != 0 ? 1 : -1;
}

/* Notes what is newly known of a participation that the set has. */
static void
learn(ParticipationSet *set, uint32 number, uint32 flags,
	  const LatestReason *reason)
{
	uint32 known = set->participations[number].flags;

	if (set->reasons != NULL)
	{
		int later = compare_reasons(reason, &set->reasons[number]);

		if (later < 0)
			flags &= ~KNOWN_UNEXPECTED;
		else if (later > 0)
		{
			known &= ~KNOWN_UNEXPECTED;
			set->reasons[number] = *reason;
		}
	}
	if ((known | flags) != set->participations[number].flags)
		set_flags(set, &set->participations[number], known | flags);
}

/* The number of a participation in the set; -1 if it is new. */
static int64
find_participation(const ParticipationSet *set,
				   const Participation *participation)
{
	const SlotTable *table = &set->table;
	uint32 hash;
	uint32 slot;

	if (table->slots == NULL)
	{
		for (uint32 i = 0; i < set->count; i++)
		{
			if (same_participation(&set->participations[i], participation))
				return i;
		}
		return -1;
	}
	hash = hash_participation(participation);
	for (slot = probe(table, hash, hash); table->slots[slot] != 0;
		 slot = probe(table, hash, slot + 1))
	{
		uint32 number = (table->slots[slot] & table->mask) - 1;

		if (same_participation(&set->participations[number], participation))
			return number;
	}
	return -1;
}

/*
 * Adds a participation, or what is newly known of one that is there; returns
 * its number. Its agent is a number of this set. The reason, NULL for none, is
 * that of its flag KNOWN_UNEXPECTED, where the set is by reason.
 */
uint32
participation_set_add(ParticipationSet *set,
					  const Participation *participation,
					  const LatestReason *reason)
{
	int64 found;
	uint32 number = set->count;

	if (reason == NULL)
		reason = &no_reason;
	if (set->last < number &&
		same_participation(&set->participations[set->last], participation))
		found = set->last;
	else
		found = find_participation(set, participation);
	set->last = found >= 0 ? (uint32) found : number;
	if (found >= 0)
	{
		learn(set, (uint32) found, participation->flags, reason);
		return (uint32) found;
	}
	reserve_participations(set, (uint64) number + 1);
	set->participations[number] = *participation;
	set->participations[number].flags &= NULL_FLAGS;
	set_flags(set, &set->participations[number], participation->flags);
	if (set->reasons != NULL)
		set->reasons[number] = *reason;
	if (set->table.slots != NULL)
		enter(&set->table, hash_participation(participation), number);
	set->count++;
	return number;
}

static void
set_guid(const char *attribute, uint32 null_flag, pg_uuid_t *guid,
		 uint32 *flags)
{
	if (attribute != NULL)
		memcpy(guid, attribute, UUID_LEN);
	else
	{
		memset(guid, 0, UUID_LEN);
		*flags |= null_flag;
	}
}

/*
 * Adds the participation of an activity, with what the activity tells of it;
 * returns its number.
 */
uint32
participation_set_add_row(ParticipationSet *set, const Row *row, uint32 known,
						  const LatestReason *reason)
{
	Participation participation = {.flags = known};

	set_guid(row->attributes[ACTIVITY_INTERACTION_GUID], NO_INTERACTION,
			 &participation.interaction_guid, &participation.flags);
	set_guid(row->attributes[ACTIVITY_CHANNEL_GUID], NO_CHANNEL,
			 &participation.channel_guid, &participation.flags);
	participation.agent = participation_set_agent_of_row(set, row);
	return participation_set_add(set, &participation, reason);
}

/* A participation of another set, with its agent's number in this one. */
static inline Participation
translated(const ParticipationSet *other, uint32 number, const uint32 *agents)
{
	Participation participation = other->participations[number];

	participation.agent = agents[participation.agent];
	return participation;
}

/* Has the slot in which a participation is looked for first fetched from memory. */
static inline void
prefetch_slot(const SlotTable *table, Participation participation)
{
#ifdef __GNUC__
	__builtin_prefetch(
		&table->slots[hash_participation(&participation) & table->mask]);
#endif
}

/*
 * Adds all of another set, which stays as it is. Puts the numbers that its
 * participations have in this one into numbers, unless that is NULL.
 */
void
participation_set_merge(ParticipationSet *set, const ParticipationSet *other,
						uint32 *numbers)
{
	uint32 *agents;

	add_to_sum(&set->handle_ms, other->handle_ms);

	agents = palloc_extended(sizeof(uint32) * ((Size) other->agent_count + 1),
							 MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < other->agent_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		agents[i] = participation_set_agent(set, &other->agents[i]);
	}

	if (set->count == 0)
		reserve_participations(set, other->count);
	for (uint32 i = 0; i < other->count; i++)
	{
		Participation participation = translated(other, i, agents);
		uint32 number;

		CHECK_FOR_INTERRUPTS();
		if (set->table.slots != NULL && other->count - i > LOOK_AHEAD)
			prefetch_slot(&set->table,
						  translated(other, i + LOOK_AHEAD, agents));
		number =
			participation_set_add(set, &participation,
								  other->reasons ? &other->reasons[i] : NULL);
		if (numbers != NULL)
			numbers[i] = number;
	}
	pfree(agents);
}

/* How many bytes participation_set_write needs at most. */
uint64
participation_set_written_size(const ParticipationSet *set)
{
	uint64 size = 64 + (uint64) set->count *
						   (WRITTEN_PARTICIPATION +
							(set->reasons != NULL ? WRITTEN_REASON : 0));

	for (uint32 i = 0; i < set->agent_count; i++)
		size += sizeof(int32) + set->agents[i].length;
	return size;
}

/*
 * Writes a set: version, whether it is by reason, handle ms, agents (null or
 * length and bytes), participations (guids, agent, flags, reason). There must
 * be room for participation_set_written_size bytes.
 */
void
participation_set_write(const ParticipationSet *set, StringInfo out)
{
	pq_sendbyte(out, WRITTEN_VERSION);
	pq_sendbyte(out, set->reasons != NULL);
	pq_sendint64(out, set->handle_ms);
	pq_sendint32(out, set->agent_count);
	for (uint32 i = 0; i < set->agent_count; i++)
	{
		const Agent *agent = &set->agents[i];

		CHECK_FOR_INTERRUPTS();
		pq_sendint32(out, agent->is_null ? -1 : agent->length);
		pq_sendbytes(out, agent->id, agent->length);
	}
	pq_sendint32(out, set->count);
	for (uint32 i = 0; i < set->count; i++)
	{
		const Participation *participation = &set->participations[i];

		CHECK_FOR_INTERRUPTS();
		memcpy(out->data + out->len, participation, 2 * UUID_LEN);
		out->len += 2 * UUID_LEN;
		pq_writeint32(out, participation->agent);
		pq_writeint8(out, participation->flags);
		if (set->reasons != NULL)
		{
			pq_writeint64(out, set->reasons[i].start);
			pq_sendfloat4(out, set->reasons[i].order);
		}
	}
}

pg_noreturn static void
bad_writing(const char *what)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					errmsg("invalid set of participations: %s", what)));
}

/* Reads a count of things of which each takes at least size bytes. */
static uint32
read_count(StringInfo in, Size size, const char *what)
{
	uint32 count = pq_getmsgint(in, sizeof(int32));

	if (count > (in->len - in->cursor) / size)
		bad_writing(what);
	return count;
}

/*
 * Reads what participation_set_write wrote; an error if it is anything else.
 * The set is for merging into another one, where a participation that was
 * written twice is one: so its participations are not hashed here.
 */
ParticipationSet *
participation_set_read(StringInfo in, MemoryContext context)
{
	ParticipationSet *set;
	int by_reason;
	uint32 count;

	if (pq_getmsgbyte(in) != WRITTEN_VERSION)
		bad_writing("of another version");
	by_reason = pq_getmsgbyte(in);
	if (by_reason != 0 && by_reason != 1)
		bad_writing("by reason or not");
	set = participation_set_create(context, by_reason);
	set->handle_ms = pq_getmsgint64(in);
	if (set->handle_ms < 0)
		bad_writing("negative handle time");

	count = read_count(in, sizeof(int32), "number of agents");
	for (uint32 i = 0; i < count; i++)
	{
		int32 length = (int32) pq_getmsgint(in, sizeof(int32));
		Agent agent = {"", 0, length == -1};

		CHECK_FOR_INTERRUPTS();
		if (!agent.is_null)
		{
			agent.length = length;
			agent.id = pq_getmsgbytes(in, length);
		}
		if (participation_set_agent(set, &agent) != i)
			bad_writing("repeated agent");
	}

	count = read_count(in, WRITTEN_PARTICIPATION, "number of participations");
	reserve_entries(set, count);
	for (; set->count < count; set->count++)
	{
		const char *written = pq_getmsgbytes(in, WRITTEN_PARTICIPATION);
		Participation *participation = &set->participations[set->count];
		uint32 agent;
		uint8 flags;

		CHECK_FOR_INTERRUPTS();
		memcpy(participation, written, 2 * UUID_LEN);
		memcpy(&agent, written + 2 * UUID_LEN, sizeof(agent));
		participation->agent = pg_ntoh32(agent);
		flags = written[WRITTEN_PARTICIPATION - 1];
		if (participation->agent >= set->agent_count)
			bad_writing("unknown agent");
		if ((flags & ~(KNOWN_FLAGS | NULL_FLAGS)) != 0)
			bad_writing("unknown flags");
		if ((flags & KNOWN_UNEXPECTED) != 0 && (flags & KNOWN_OFFERED) == 0)
			bad_writing("unexpected, but not offered");
		participation->flags = flags & NULL_FLAGS;
		set_flags(set, participation, flags);
		if (by_reason)
		{
			LatestReason *reason = &set->reasons[set->count];

			reason->start = pq_getmsgint64(in);
			reason->order = pq_getmsgfloat4(in);
			if (isnan(reason->order))
				bad_writing("order of a reason");
		}
	}
	return set;
}
