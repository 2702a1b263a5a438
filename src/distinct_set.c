/*
 * distinct_set.c
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
#include "distinct_set.h"

/*
 * How many participations ahead a merge has a slot fetched: that is 20 % of the
 * bench's case average-many-all-2 (0.87 s instead of 1.09, with reading sets
 * unhashed).
 */
#define LOOK_AHEAD 16

/* up to this number of entries the room doubles when it is full, then it grows
 * by half: PostgreSQL hands out small pieces of memory in powers of two */
#define MOST_DOUBLED 192
#define MOST_ENTRIES ((uint32) 1 << 30)

/* the layout that distinct_set_write writes, and how many sums are in it */
#define WRITTEN_VERSION 1
#define WRITTEN_SUMS 1
#define WRITTEN_PARTICIPATION (2 * UUID_LEN + sizeof(int32) + 1)
#define WRITTEN_REASON (sizeof(int64) + sizeof(float4))

static const LatestReason no_reason = {DT_NOBEGIN, -INFINITY};

/*
 * Random numbers of this backend, so that nobody can make up data whose hashes
 * all collide. Results do not depend on them.
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
/* Fold the two halves of a product into one. */
static inline uint64
fold(uint64 a, uint64 b)
{
	uint128 product = (uint128) a * b;

	return (uint64) (product >> 64) ^ (uint64) product;
}
#endif

static inline uint32
hash_participation(const DistinctParticipation *participation)
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
										offsetof(DistinctParticipation, flags),
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
same_participation(const DistinctParticipation *a,
				   const DistinctParticipation *b)
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
 * Return how much room to make for count entries, given the present room. A large
 * set grows by half, so that it never needs twice its size.
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

/*
 * Move an array of entries to size bytes. It may be the set's own array, which
 * has own_size bytes.
 */
static void *
move_entries(DistinctSet *set, void *entries, void *own, Size own_size,
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
 * Make an empty set in a memory context. With by_reason, it keeps the reason for
 * which each participation is Unexpected.
 */
DistinctSet *
distinct_set_create(MemoryContext context, bool by_reason)
{
	DistinctSet *set = MemoryContextAllocZero(context, sizeof(DistinctSet));

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
reserve_agents(DistinctSet *set, uint64 count)
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
		insert_slot(&set->agent_table, hash_agent(&set->agents[i]), i);
}

/* Make room for count participations. */
static void
reserve_entries(DistinctSet *set, uint64 count)
{
	if (count <= set->room)
		return;
	set->room = room_for(count, set->room);
	set->participations =
		move_entries(set, set->participations, set->own_participations,
					 sizeof(set->own_participations),
					 set->room * sizeof(DistinctParticipation));
	if (set->reasons != NULL)
		set->reasons =
			repalloc_huge(set->reasons, set->room * sizeof(LatestReason));
}

/* Make room for count participations, and slots for them. */
static void
reserve_participations(DistinctSet *set, uint64 count)
{
	reserve_entries(set, count);
	if (!make_slots(&set->table, count, set->context))
		return;
	for (uint32 i = 0; i < set->count; i++)
		insert_slot(&set->table, hash_participation(&set->participations[i]),
					i);
}

/* Return a negative number, 0 or a positive one: a is earlier, as late, or later. */
static int
compare_reasons(const LatestReason *a, const LatestReason *b)
{
	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* Return the number of an agent in the set; -1 if it is new. */
static int64
find_agent(const DistinctSet *set, const Agent *agent)
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

/* Return the number of an agent in the set, which copies it if it is new. */
uint32
distinct_set_agent(DistinctSet *set, const Agent *agent)
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
		insert_slot(&set->agent_table, hash_agent(agent), number);
	set->agent_count++;
	return number;
}

/* Return the number of an activity's agent in the set, which copies it if it is new. */
uint32
distinct_set_agent_of_row(DistinctSet *set, const Row *row)
{
	Agent agent = {"", 0, true};
	text *id = row_text(row, ACTIVITY_AGENT_ID);

	if (id != NULL)
	{
		agent.id = VARDATA_ANY(id);
		agent.length = VARSIZE_ANY_EXHDR(id);
		agent.is_null = false;
	}
	return distinct_set_agent(set, &agent);
}

/* Change the flags of a participation, and the counts of the set with them. */
static void
set_flags(DistinctSet *set, DistinctParticipation *participation, uint32 flags)
{
	uint32 changed = participation->flags ^ flags;

	participation->flags = flags;
	if ((changed & IS_HANDLED) != 0)
		set->handled += (flags & IS_HANDLED) != 0 ? 1 : -1;
	if ((changed & IS_OFFERED) != 0)
		set->offered += (flags & IS_OFFERED) != 0 ? 1 : -1;
	if ((changed & IS_ANSWERED) != 0)
		set->answered += (flags & IS_ANSWERED) != 0 ? 1 : -1;
	if ((changed & IS_UNEXPECTED) != 0)
		set->unexpected += (flags & IS_UNEXPECTED) != 0 ? 1 : -1;
}

/* Note what is newly known of a participation that the set has. */
static void
note_known(DistinctSet *set, uint32 number, uint32 flags,
		   const LatestReason *reason)
{
	uint32 known = set->participations[number].flags;

	if (set->reasons != NULL)
	{
		int later = compare_reasons(reason, &set->reasons[number]);

		if (later < 0)
			flags &= ~IS_UNEXPECTED;
		else if (later > 0)
		{
			known &= ~IS_UNEXPECTED;
			set->reasons[number] = *reason;
		}
	}
	if ((known | flags) != set->participations[number].flags)
		set_flags(set, &set->participations[number], known | flags);
}

/*
 * Return the number of a participation in the set; -1 if it is new. The hash is
 * used only if the set has slots.
 */
static int64
find_participation(const DistinctSet *set,
				   const DistinctParticipation *participation, uint32 hash)
{
	const SlotTable *table = &set->table;
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
	for (slot = probe(table, hash, hash); table->slots[slot] != 0;
		 slot = probe(table, hash, slot + 1))
	{
		uint32 number = (table->slots[slot] & table->mask) - 1;

		if (same_participation(&set->participations[number], participation))
			return number;
	}
	return -1;
}

/* Have the first slot of a hash fetched from memory. */
static inline void
prefetch_slot(const SlotTable *table, uint32 hash)
{
#ifdef __GNUC__
	__builtin_prefetch(&table->slots[hash & table->mask]);
#endif
}

/* Put a participation after the entries, where distinct_set_settle looks for it. */
static void
make_pending(DistinctSet *set, const DistinctParticipation *participation)
{
	reserve_participations(set, (uint64) set->count + 1);
	set->participations[set->count] = *participation;
	if (set->table.slots != NULL)
	{
		set->pending_hash = hash_participation(participation);
		prefetch_slot(&set->table, set->pending_hash);
	}
	set->is_pending = true;
}

/*
 * Make the pending participation an entry, or note what is newly known of the entry
 * that it is; return its number.
 */
static uint32
settle(DistinctSet *set, const LatestReason *reason)
{
	uint32 number = set->count;
	DistinctParticipation *pending = &set->participations[number];
	uint32 flags = pending->flags;
	int64 found = find_participation(set, pending, set->pending_hash);

	set->is_pending = false;
	if (found >= 0)
	{
		note_known(set, (uint32) found, flags, reason);
		return (uint32) found;
	}
	pending->flags &= NULL_FLAGS;
	set_flags(set, pending, flags);
	if (set->reasons != NULL)
		set->reasons[number] = *reason;
	if (set->table.slots != NULL)
		insert_slot(&set->table, set->pending_hash, number);
	set->count++;
	return number;
}

/* Settle the pending participation, if there is one: before anything reads a set. */
void
distinct_set_settle(DistinctSet *set)
{
	if (set->is_pending)
		(void) settle(set, &no_reason);
}

/*
 * Add a participation, or what is newly known of one that is there; return its
 * number. Its agent is a number of this set. The reason, NULL for none, belongs to
 * its flag IS_UNEXPECTED, where the set is by reason.
 */
uint32
distinct_set_add(DistinctSet *set, const DistinctParticipation *participation,
				 const LatestReason *reason)
{
	distinct_set_settle(set);
	if (reason == NULL)
		reason = &no_reason;
	if (set->last < set->count &&
		same_participation(&set->participations[set->last], participation))
		note_known(set, set->last, participation->flags, reason);
	else
	{
		make_pending(set, participation);
		set->last = settle(set, reason);
	}
	return set->last;
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

/* Return the participation of an activity, with the flags that the activity gives it. */
static inline DistinctParticipation
participation_of_row(DistinctSet *set, const Row *row, uint32 known)
{
	DistinctParticipation participation = {.flags = known};

	set_guid(row->attributes[ACTIVITY_INTERACTION_GUID], NO_INTERACTION,
			 &participation.interaction_guid, &participation.flags);
	set_guid(row->attributes[ACTIVITY_CHANNEL_GUID], NO_CHANNEL,
			 &participation.channel_guid, &participation.flags);
	participation.agent = distinct_set_agent_of_row(set, row);
	return participation;
}

/* Add the participation of an activity; return its number. */
uint32
distinct_set_add_row(DistinctSet *set, const Row *row, uint32 known,
					 const LatestReason *reason)
{
	DistinctParticipation participation =
		participation_of_row(set, row, known);

	return distinct_set_add(set, &participation, reason);
}

/*
 * Add the participation of an activity to a set that is not by reason. It is pending
 * afterwards, unless the set is too small for slots. Activities of the same
 * participation often follow each other, and then it is looked for once.
 */
void
distinct_set_add_row_later(DistinctSet *set, const Row *row, uint32 known)
{
	DistinctParticipation participation =
		participation_of_row(set, row, known);

	if (set->is_pending &&
		same_participation(&set->participations[set->count], &participation))
	{
		set->participations[set->count].flags |= participation.flags;
		return;
	}
	if (set->table.slots == NULL)
	{
		(void) distinct_set_add(set, &participation, NULL);
		return;
	}
	distinct_set_settle(set);
	make_pending(set, &participation);
}

/* Return a participation of another set with the number of its agent in this one. */
static inline DistinctParticipation
translated(const DistinctSet *other, uint32 number, const uint32 *agents)
{
	DistinctParticipation participation = other->participations[number];

	participation.agent = agents[participation.agent];
	return participation;
}

/*
 * Merge another set, which is left as it is, into a set. Store the numbers that
 * its participations have here in numbers, unless that is NULL.
 */
void
distinct_set_merge(DistinctSet *set, const DistinctSet *other, uint32 *numbers)
{
	uint32 *agents;

	add_to_sum(&set->handle_ms, other->handle_ms);

	agents = palloc_extended(sizeof(uint32) * ((Size) other->agent_count + 1),
							 MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < other->agent_count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		agents[i] = distinct_set_agent(set, &other->agents[i]);
	}

	if (set->count == 0)
		reserve_participations(set, other->count);
	for (uint32 i = 0; i < other->count; i++)
	{
		DistinctParticipation participation = translated(other, i, agents);
		uint32 number;

		CHECK_FOR_INTERRUPTS();
		if (set->table.slots != NULL && other->count - i > LOOK_AHEAD)
		{
			DistinctParticipation later =
				translated(other, i + LOOK_AHEAD, agents);

			prefetch_slot(&set->table, hash_participation(&later));
		}
		number = distinct_set_add(set, &participation,
								  other->reasons ? &other->reasons[i] : NULL);
		if (numbers != NULL)
			numbers[i] = number;
	}
	pfree(agents);
}

/* Return how many bytes distinct_set_write needs at most. */
uint64
distinct_set_written_size(const DistinctSet *set)
{
	uint64 size = 64 + (uint64) set->count *
						   (WRITTEN_PARTICIPATION +
							(set->reasons != NULL ? WRITTEN_REASON : 0));

	for (uint32 i = 0; i < set->agent_count; i++)
		size += sizeof(int32) + set->agents[i].length;
	return size;
}

/*
 * Write a set: version, whether it is by reason, sums (how many, handle ms),
 * agents (null or length and bytes), participations (guids, agent, flags,
 * reason). There must be room for distinct_set_written_size bytes.
 */
void
distinct_set_write(const DistinctSet *set, StringInfo out)
{
	pq_sendbyte(out, WRITTEN_VERSION);
	pq_sendbyte(out, set->reasons != NULL);
	pq_sendint32(out, WRITTEN_SUMS);
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
		const DistinctParticipation *participation = &set->participations[i];

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
bad_set(const char *what)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					errmsg("invalid set of participations: %s", what)));
}

/* Read a count of parts, each of which takes at least size bytes. */
static uint32
read_count(StringInfo in, Size size, const char *what)
{
	uint32 count = pq_getmsgint(in, sizeof(int32));

	if (count > (in->len - in->cursor) / size)
		bad_set(what);
	return count;
}

/*
 * Read what distinct_set_write wrote; an error if it is anything else. If a
 * later version of the library did, in a parallel worker, there may be more sums
 * and flags, which are ignored: aggregates of this version do not use them. The
 * set is for merging into another one, where a participation that was
 * written twice is one: so its participations are not hashed here.
 */
DistinctSet *
distinct_set_read(StringInfo in, MemoryContext context)
{
	DistinctSet *set;
	int by_reason;
	uint32 count;

	if (pq_getmsgbyte(in) != WRITTEN_VERSION)
		bad_set("of another version");
	by_reason = pq_getmsgbyte(in);
	if (by_reason != 0 && by_reason != 1)
		bad_set("by reason or not");
	set = distinct_set_create(context, by_reason);
	count = read_count(in, sizeof(int64), "number of sums");
	if (count < WRITTEN_SUMS)
		bad_set("number of sums");
	set->handle_ms = pq_getmsgint64(in);
	if (set->handle_ms < 0)
		bad_set("negative handle time");
	(void) pq_getmsgbytes(in, (count - WRITTEN_SUMS) * (int) sizeof(int64));

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
		if (distinct_set_agent(set, &agent) != i)
			bad_set("repeated agent");
	}

	count = read_count(in, WRITTEN_PARTICIPATION, "number of participations");
	reserve_entries(set, count);
	for (; set->count < count; set->count++)
	{
		const char *written = pq_getmsgbytes(in, WRITTEN_PARTICIPATION);
		DistinctParticipation *participation =
			&set->participations[set->count];
		uint32 agent;
		uint8 flags;

		CHECK_FOR_INTERRUPTS();
		memcpy(participation, written, 2 * UUID_LEN);
		memcpy(&agent, written + 2 * UUID_LEN, sizeof(agent));
		participation->agent = pg_ntoh32(agent);
		flags = written[WRITTEN_PARTICIPATION - 1] & (IS_FLAGS | NULL_FLAGS);
		if (participation->agent >= set->agent_count)
			bad_set("unknown agent");
		if ((flags & IS_UNEXPECTED) != 0 && (flags & IS_OFFERED) == 0)
			bad_set("unexpected, but not offered");
		participation->flags = flags & NULL_FLAGS;
		set_flags(set, participation, flags);
		if (by_reason)
		{
			LatestReason *reason = &set->reasons[set->count];

			reason->start = pq_getmsgint64(in);
			reason->order = pq_getmsgfloat4(in);
			if (isnan(reason->order))
				bad_set("order of a reason");
		}
	}
	return set;
}
