/*
 * load_partitions.c
 *	  What loads have to know of a table and its partitions.
 *
 * With 120 partitions, finding them and looking at each one for triggers took 6 %
 * of the instructions of loading pages of 100. So what was found is kept, for the
 * tables looked at last, until any relation changes.
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type_d.h"
#include "storage/lmgr.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "catalog.h"
#include "load.h"

/* A table with its partitions, or the tables that inherit from it. */
typedef struct KnownTable
{
	Oid table;
	uint64 generation; /* known in this one only; 0: the slot is empty */
	Oid *tables; /* as find_all_inheritors orders them, to lock them so */
	int count;
	bool changes_inserted; /* see may_change_rows */
	bool changes_updated;
} KnownTable;

#define KNOWN_TABLES 32
static KnownTable known_tables[KNOWN_TABLES];

/*
 * Whether a table has a trigger for INSERT, or with updates one for UPDATE, before
 * or after it, other than those of foreign keys.
 */
static bool
has_trigger(const TriggerDesc *triggers, bool with_updates)
{
	if (triggers == NULL)
		return false;
	for (int i = 0; i < triggers->numtriggers; i++)
	{
		const Trigger *trigger = &triggers->triggers[i];

		if (!trigger->tgisinternal &&
			(TRIGGER_FOR_INSERT(trigger->tgtype) ||
			 (with_updates && TRIGGER_FOR_UPDATE(trigger->tgtype))))
			return true;
	}
	return triggers->trig_insert_before_row;
}

/* Whether a column of a table rounds times, as a timestamptz(0) does. */
static bool
rounds_times(TupleDesc columns)
{
	for (int i = 0; i < columns->natts; i++)
	{
		Form_pg_attribute column = TupleDescAttr(columns, i);

		if (column->atttypid == TIMESTAMPTZOID && column->atttypmod >= 0)
			return true;
	}
	return false;
}

/* Return the slot of a table, NULL if it has none. */
static KnownTable *
find_slot(Oid table)
{
	for (int i = 0; i < KNOWN_TABLES; i++)
	{
		if (known_tables[i].table == table)
			return &known_tables[i];
	}
	return NULL;
}

/* Return what is known of a table; NULL if nothing is, or it may have changed. */
static const KnownTable *
find_known(Oid table)
{
	const KnownTable *slot = find_slot(table);

	if (slot == NULL || slot->generation != catalog_generation())
		return NULL;
	return slot;
}

/*
 * Look at a table, which the caller has locked, and its partitions, which are
 * locked in this mode, and keep what was found. Changes meanwhile are found next
 * time.
 */
static const KnownTable *
look_at(Oid table, LOCKMODE mode)
{
	static int next = 0; /* the slot for a table that has none */
	uint64 generation = catalog_generation();
	List *tables = find_all_inheritors(table, mode, NULL);
	KnownTable found = {.table = table, .generation = generation};
	KnownTable *slot;
	ListCell *cell;

	foreach (cell, tables)
	{
		Relation relation = table_open(lfirst_oid(cell), NoLock);
		bool changes_rows = relation->rd_rules != NULL ||
							rounds_times(RelationGetDescr(relation));

		found.changes_inserted = found.changes_inserted || changes_rows ||
								 has_trigger(relation->trigdesc, false);
		found.changes_updated = found.changes_updated || changes_rows ||
								has_trigger(relation->trigdesc, true);
		table_close(relation, NoLock);
	}
	found.tables = MemoryContextAlloc(TopMemoryContext,
									  sizeof(Oid) * list_length(tables));
	foreach (cell, tables)
		found.tables[found.count++] = lfirst_oid(cell);
	list_free(tables);

	slot = find_slot(table);
	if (slot == NULL)
	{
		slot = &known_tables[next];
		next = (next + 1) % KNOWN_TABLES;
	}
	if (slot->tables != NULL)
		pfree(slot->tables);
	*slot = found;
	return slot;
}

/*
 * Lock the partitions of a locked table, if it has any, as INSERT locks those
 * that it stores into.
 */
void
lock_partitions(Oid table)
{
	const KnownTable *known;

	if (get_rel_relkind(table) != RELKIND_PARTITIONED_TABLE)
		return;
	AcceptInvalidationMessages();
	known = find_known(table);
	if (known != NULL)
	{
		for (int i = 0; i < known->count; i++)
			LockRelationOid(known->tables[i], RowExclusiveLock);
		known = find_known(table); /* unless they changed before a lock */
	}
	if (known == NULL)
		(void) look_at(table, RowExclusiveLock);
}

/*
 * Whether a rule, a trigger or a column may change rows that are inserted, or
 * with updates also updated, in a table or one of its partitions. Participations
 * must then be computed from what was stored.
 */
bool
may_change_rows(Oid table, bool with_updates)
{
	const KnownTable *known = find_known(table);

	if (known == NULL)
		known = look_at(table, AccessShareLock);
	return with_updates ? known->changes_updated : known->changes_inserted;
}
