/*
 * participation_set.c
 *	  A set of distinct participations, and what is known of each.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "common/int.h"
#include "libpq/pqformat.h"
#include "miscadmin.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#include "compat.h"
#include "participation_set.h"

#define FIRST_ROOM 4
#define MOST_WITHOUT_SLOTS 8
#define MOST_ENTRIES ((uint32) 1 << 30)

/* the layout that participation_set_write writes */
#define WRITTEN_VERSION 1
#define WRITTEN_PARTICIPATION (2 * UUID_LEN + sizeof(int32) + 1)

/*
 * A number that nobody outside the backend knows, so that no data can be made
 * up whose hashes all collide. Results do not depend on it.
 */
static uint64
hash_seed(void)
{
	static uint64 seed = 0;

	while (seed == 0)
	{
		if (!pg_strong_random(&seed, sizeof(seed)))
			ereport(ERROR, (errcode(ERRCODE_INTERNAL_ERROR),
							errmsg("could not generate random values")));
	}
	return seed;
}

static uint32
hash_agent(const Agent *agent)
{
	return (uint32) hash_bytes_extended((const unsigned char *) agent->id,
										agent->length, hash_seed());
}

static uint32
hash_participation(const Participation *participation)
{
	return (uint32) hash_bytes_extended((const unsigned char *) participation,
										offsetof(Participation, flags),
										hash_seed());
}

static bool
same_agent(const Agent *a, const Agent *b)
{
	return a->length == b->length && a->is_null == b->is_null &&
		   memcmp(a->id, b->id, a->length) == 0;
}

static bool
same_participation(const Participation *a, const Participation *b)
{
	return memcmp(a, b, offsetof(Participation, flags)) == 0 &&
		   ((a->flags ^ b->flags) & PARTICIPATION_NULLS) == 0;
}

/*
 * Makes room for count entries in an array of them. Grows it by half, so that
 * a large set does not need twice its size.
 */
static void *
make_room(void *entries, Size entry_size, uint64 count, uint32 *room)
{
	uint64 new_room = *room;

	if (count <= *room)
		return entries;
	if (count > MOST_ENTRIES)
		ereport(ERROR, (errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
						errmsg("more than %u participations in one group",
							   MOST_ENTRIES)));
	while (new_room < count)
		new_room += Max(new_room / 2, FIRST_ROOM);
	*room = Min(new_room, MOST_ENTRIES);
	return repalloc_huge(entries, *room * entry_size);
}

/*
 * Gives a table enough slots for count entries, at most three quarters full.
 * True if they are new: then all entries have to be entered again.
 */
static bool
make_slots(SlotTable *table, uint64 count, MemoryContext context)
{
	uint64 slots;

	if (count <= MOST_WITHOUT_SLOTS ||
		(table->slots != NULL && count <= table->mask / 4 * (uint64) 3))
		return false;
	slots = pg_nextpower2_64(Max(count * 4 / 3 + 4, 32));
	if (table->slots != NULL)
		pfree(table->slots);
	table->slots =
		MemoryContextAllocExtended(context, slots * sizeof(uint32),
								   MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	table->mask = slots - 1;
	return true;
}

/* Enters an entry that is not yet in the table. */
static void
enter(SlotTable *table, uint32 hash, uint32 number)
{
	uint32 slot = hash & table->mask;

	while (table->slots[slot] != 0)
		slot = (slot + 1) & table->mask;
	table->slots[slot] = number + 1;
}

/* Makes an empty set in a memory context. */
ParticipationSet *
participation_set_create(MemoryContext context)
{
	ParticipationSet *set =
		MemoryContextAllocZero(context, sizeof(ParticipationSet));

	set->context = context;
	set->agent_room = 1;
	set->agents = MemoryContextAlloc(context, sizeof(Agent));
	set->room = FIRST_ROOM;
	set->participations =
		MemoryContextAlloc(context, FIRST_ROOM * sizeof(Participation));
	return set;
}

static void
reserve_agents(ParticipationSet *set, uint64 count)
{
	set->agents =
		make_room(set->agents, sizeof(Agent), count, &set->agent_room);
	if (!make_slots(&set->agent_table, count, set->context))
		return;
	for (uint32 i = 0; i < set->agent_count; i++)
		enter(&set->agent_table, hash_agent(&set->agents[i]), i);
}

static void
reserve_participations(ParticipationSet *set, uint64 count)
{
	set->participations = make_room(set->participations, sizeof(Participation),
									count, &set->room);
	if (!make_slots(&set->table, count, set->context))
		return;
	for (uint32 i = 0; i < set->count; i++)
		enter(&set->table, hash_participation(&set->participations[i]), i);
}

/* The number of an agent in the set, which copies it if it is new. */
uint32
participation_set_agent(ParticipationSet *set, const Agent *agent)
{
	uint32 hash = 0;
	char *id;

	if (set->agent_table.slots == NULL)
	{
		for (uint32 i = 0; i < set->agent_count; i++)
		{
			if (same_agent(&set->agents[i], agent))
				return i;
		}
	}
	else
	{
		hash = hash_agent(agent);
		for (uint32 slot = hash & set->agent_table.mask;
			 set->agent_table.slots[slot] != 0;
			 slot = (slot + 1) & set->agent_table.mask)
		{
			uint32 number = set->agent_table.slots[slot] - 1;

			if (same_agent(&set->agents[number], agent))
				return number;
		}
	}

	reserve_agents(set, (uint64) set->agent_count + 1);
	id = MemoryContextAlloc(set->context, agent->length + 1);
	memcpy(id, agent->id, agent->length);
	set->agents[set->agent_count] = *agent;
	set->agents[set->agent_count].id = id;
	if (set->agent_table.slots != NULL)
		enter(&set->agent_table, hash_agent(agent), set->agent_count);
	return set->agent_count++;
}

/*
 * Adds a participation, or what is newly known of one that is there. Its
 * agent is a number of this set.
 */
void
participation_set_add(ParticipationSet *set,
					  const Participation *participation)
{
	if (set->table.slots == NULL)
	{
		for (uint32 i = 0; i < set->count; i++)
		{
			if (same_participation(&set->participations[i], participation))
			{
				set->participations[i].flags |= participation->flags;
				return;
			}
		}
	}
	else
	{
		for (uint32 slot = hash_participation(participation) & set->table.mask;
			 set->table.slots[slot] != 0; slot = (slot + 1) & set->table.mask)
		{
			Participation *known =
				&set->participations[set->table.slots[slot] - 1];

			if (same_participation(known, participation))
			{
				known->flags |= participation->flags;
				return;
			}
		}
	}

	reserve_participations(set, (uint64) set->count + 1);
	set->participations[set->count] = *participation;
	if (set->table.slots != NULL)
		enter(&set->table, hash_participation(participation), set->count);
	set->count++;
}

/* Adds handle time; overflow is an error, never a wrong number. */
void
participation_set_add_handle_ms(ParticipationSet *set, int64 handle_ms)
{
	if (pg_add_s64_overflow(set->handle_ms, handle_ms, &set->handle_ms))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("sum of milliseconds out of range")));
}

/* Adds all of another set, which stays as it is. */
void
participation_set_merge(ParticipationSet *set, const ParticipationSet *other)
{
	uint32 *agents;

	participation_set_add_handle_ms(set, other->handle_ms);

	agents = palloc_extended(sizeof(uint32) * ((Size) other->agent_count + 1),
							 MCXT_ALLOC_HUGE);
	for (uint32 i = 0; i < other->agent_count; i++)
		agents[i] = participation_set_agent(set, &other->agents[i]);

	for (uint32 i = 0; i < other->count; i++)
	{
		Participation participation = other->participations[i];

		CHECK_FOR_INTERRUPTS();
		participation.agent = agents[participation.agent];
		participation_set_add(set, &participation);
	}
	pfree(agents);
}

/* How many participations have a flag. */
int64
participation_set_count(const ParticipationSet *set, uint32 flag)
{
	int64 count = 0;

	for (uint32 i = 0; i < set->count; i++)
		count += (set->participations[i].flags & flag) != 0;
	return count;
}

/*
 * Writes a set, palloc'd: version, handle ms, agents (null or length and
 * bytes), participations (guids, agent, flags).
 */
bytea *
participation_set_write(const ParticipationSet *set)
{
	StringInfoData out;
	uint64 size = 64 + (uint64) set->count * WRITTEN_PARTICIPATION;

	for (uint32 i = 0; i < set->agent_count; i++)
		size += sizeof(int32) + set->agents[i].length;
	if (size > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many distinct participations to send from one "
						"process to another: %u",
						set->count),
				 errhint("Group by more, or set "
						 "max_parallel_workers_per_gather to 0.")));

	pq_begintypsend(&out);
	enlargeStringInfo(&out, (int) size);
	pq_sendbyte(&out, WRITTEN_VERSION);
	pq_sendint64(&out, set->handle_ms);
	pq_sendint32(&out, set->agent_count);
	for (uint32 i = 0; i < set->agent_count; i++)
	{
		const Agent *agent = &set->agents[i];

		pq_sendint32(&out, agent->is_null ? -1 : agent->length);
		pq_sendbytes(&out, agent->id, agent->length);
	}
	pq_sendint32(&out, set->count);
	for (uint32 i = 0; i < set->count; i++)
	{
		const Participation *participation = &set->participations[i];

		pq_sendbytes(&out, (const char *) &participation->interaction_guid,
					 UUID_LEN);
		pq_sendbytes(&out, (const char *) &participation->channel_guid,
					 UUID_LEN);
		pq_sendint32(&out, participation->agent);
		pq_sendbyte(&out, participation->flags);
	}
	return pq_endtypsend(&out);
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

/* Reads what participation_set_write wrote; an error if it is anything else. */
ParticipationSet *
participation_set_read(bytea *written, MemoryContext context)
{
	ParticipationSet *set = participation_set_create(context);
	StringInfoData in;
	uint32 count;

	initStringInfo(&in);
	appendBinaryStringInfo(&in, VARDATA_ANY(written),
						   VARSIZE_ANY_EXHDR(written));

	if (pq_getmsgbyte(&in) != WRITTEN_VERSION)
		bad_writing("of another version");
	set->handle_ms = pq_getmsgint64(&in);
	if (set->handle_ms < 0)
		bad_writing("negative handle time");

	count = read_count(&in, sizeof(int32), "number of agents");
	for (uint32 i = 0; i < count; i++)
	{
		int32 length = (int32) pq_getmsgint(&in, sizeof(int32));
		Agent agent = {"", 0, length == -1};

		if (!agent.is_null)
		{
			agent.length = length;
			agent.id = pq_getmsgbytes(&in, length);
		}
		if (participation_set_agent(set, &agent) != i)
			bad_writing("repeated agent");
	}

	count = read_count(&in, WRITTEN_PARTICIPATION, "number of participations");
	reserve_participations(set, count);
	for (uint32 i = 0; i < count; i++)
	{
		Participation participation;

		memcpy(&participation.interaction_guid, pq_getmsgbytes(&in, UUID_LEN),
			   UUID_LEN);
		memcpy(&participation.channel_guid, pq_getmsgbytes(&in, UUID_LEN),
			   UUID_LEN);
		participation.agent = pq_getmsgint(&in, sizeof(int32));
		participation.flags = pq_getmsgbyte(&in);
		if (participation.agent >= set->agent_count)
			bad_writing("unknown agent");
		if ((participation.flags &
			 ~(PARTICIPATION_KNOWN | PARTICIPATION_NULLS)) != 0)
			bad_writing("unknown flags");
		participation_set_add(set, &participation);
		if (set->count != i + 1)
			bad_writing("repeated participation");
	}
	pq_getmsgend(&in);
	pfree(in.data);
	return set;
}
