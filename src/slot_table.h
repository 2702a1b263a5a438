/*
 * slot_table.h
 *	  Finds entries of an array by their hashes.
 */
#ifndef SLOT_TABLE_H
#define SLOT_TABLE_H

#include "port/pg_bitutils.h"

/* up to this number, entries are searched one by one, without slots */
#define MOST_WITHOUT_SLOTS 8

/*
 * Open addressing over entries that are elsewhere: a slot holds, in the bits
 * of the mask, the number of an entry from 1, and in the others what they are
 * in the entry's hash, so that other entries are seldom looked at. 0 is a free
 * slot. Sets of a few entries have no slots and are searched through, so that
 * a query with very many small groups stays small.
 */
typedef struct SlotTable
{
	uint32 *slots; /* NULL for few entries */
	uint32 mask;   /* number of slots, less 1 */
} SlotTable;

/*
 * Give a table enough slots for count entries, at most three quarters full.
 * Return whether they are new: then all entries must be inserted again.
 */
static inline bool
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

/* Insert an entry that is not yet in the table. */
static inline void
insert_slot(SlotTable *table, uint32 hash, uint32 number)
{
	uint32 slot = hash & table->mask;

	while (table->slots[slot] != 0)
		slot = (slot + 1) & table->mask;
	table->slots[slot] = (hash & ~table->mask) | (number + 1);
}

/*
 * Return the first slot, from the given one on, with an entry that may have the
 * hash, or an empty one.
 */
static inline uint32
probe(const SlotTable *table, uint32 hash, uint32 slot)
{
	for (;; slot++)
	{
		uint32 entry = table->slots[slot & table->mask];

		if (entry == 0 || ((entry ^ hash) & ~table->mask) == 0)
			return slot & table->mask;
	}
}

#endif /* SLOT_TABLE_H */
