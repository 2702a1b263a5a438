/*
 * distributed_pages.c
 *	  Pages of a table that Citus distributes, for load_pages().
 *
 * They are read by ranges of places (ctid), each range on all shards at once.
 * Only places come here: load_staged.c has the workers expand the pages.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "load.h"

/*
 * Execute a query that returns a number and a place, and no row or one row. Sets
 * the place, (0,0) if it is null, and the number. Returns whether there is a row.
 */
static bool
query_places(const char *query, int64 *number, ItemPointer place)
{
	MemoryContext caller = CurrentMemoryContext;
	int level = NewGUCNestLevel();
	bool is_null;
	Datum value;
	int result;
	bool found;

	/* objects in other schemas are not found by name */
	set_option("search_path", "pg_catalog, pg_temp", GUC_ACTION_SAVE);
	result = SPI_execute(query, true, 0);
	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(result));
	AtEOXact_GUC(true, level);
	found = SPI_processed > 0;
	ItemPointerSet(place, 0, 0);
	if (found)
	{
		HeapTuple row = SPI_tuptable->vals[0];

		*number = DatumGetInt64(
			SPI_getbinval(row, SPI_tuptable->tupdesc, 1, &is_null));
		value = SPI_getbinval(row, SPI_tuptable->tupdesc, 2, &is_null);
		if (!is_null)
			*place = *(ItemPointer) DatumGetPointer(value);
	}
	SPI_freetuptable(SPI_tuptable);
	MemoryContextSwitchTo(caller);
	return found;
}

/*
 * Return the newest placement of the shards of a table, which changes when a
 * shard moves or is split; 0 if the rows are not in shards.
 */
static int64
newest_placement(Oid relation)
{
	int64 placement = 0;
	ItemPointerData none;

	(void) query_places(psprintf("SELECT max(placementid), NULL::tid "
								 "FROM pg_dist_partition JOIN pg_dist_shard "
								 "USING (logicalrelid) JOIN pg_dist_placement "
								 "USING (shardid) WHERE logicalrelid = %u "
								 "AND partmethod <> 'n' GROUP BY logicalrelid",
								 relation),
						&placement, &none);
	return placement;
}

/*
 * Find out how many pages a table has, and where they end. Returns NULL if Citus
 * does not distribute it by a column. The caller is connected to SPI.
 */
DistributedPages *
find_distributed_pages(Oid relation, const char *column)
{
	DistributedPages *pages;

	if (!is_citus_table(relation))
		return NULL;
	pages = palloc0(sizeof(DistributedPages));
	pages->placement = newest_placement(relation);
	if (pages->placement == 0)
		return NULL;
	pages->oid = relation;
	pages->relation = qualified_name(relation);
	pages->column = column;
	ItemPointerSet(&pages->last, 0, 0);
	(void) query_places(psprintf("SELECT count(*), max(ctid) FROM %s",
								 pages->relation),
						&pages->total, &pages->end);
	return pages;
}

/*
 * Raise an error if a shard of the pages has moved or was split since the load
 * began: its pages have other places now, and some may have been missed.
 */
void
check_not_moved(const DistributedPages *pages)
{
	if (newest_placement(pages->oid) != pages->placement)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("shards of \"%s\" were moved during the load",
							   pages->relation),
						errhint("Load again.")));
}

/*
 * Go to the next range, of as many pages as a batch has, and a few more if pages
 * of several shards have the same place. Returns whether there are more. The
 * range is looked for in twice the blocks that it takes on the average.
 */
bool
next_distributed_pages(DistributedPages *pages, int64 batch)
{
	BlockNumber end = ItemPointerGetBlockNumberNoCheck(&pages->end);
	double last = ItemPointerGetBlockNumberNoCheck(&pages->last) + 1 +
				  2.0 * batch * (end + 1) / Max(pages->total, 1);
	ItemPointerData until = pages->end;

	pages->after = pages->last;
	if (last < end)
		ItemPointerSet(&until, (BlockNumber) last, 0);
	(void) query_places(
		psprintf("SELECT count(*), max(place) FROM ("
				 "SELECT ctid AS place FROM %s "
				 "WHERE ctid > '(%u,%u)' AND ctid <= '(%u,%u)' ORDER BY ctid "
				 "FETCH FIRST " INT64_FORMAT " ROWS WITH TIES) AS next",
				 pages->relation,
				 ItemPointerGetBlockNumberNoCheck(&pages->after),
				 ItemPointerGetOffsetNumberNoCheck(&pages->after),
				 ItemPointerGetBlockNumberNoCheck(&until),
				 ItemPointerGetOffsetNumberNoCheck(&until), batch),
		&pages->pages, &pages->last);
	if (pages->pages < batch)
		pages->last = until;
	return ItemPointerCompare(&pages->last, &pages->end) < 0;
}
