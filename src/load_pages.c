/*
 * load_pages.c
 *	  load_pages(): loads a table of pages, in batches that it commits.
 *
 * A table is read in the order of its blocks, each batch by a query of its own
 * that begins after the last page. Other sources of pages (views, partitioned
 * and foreign tables, reference tables of Citus) are read by one query, whose
 * other pages the first commit copies to a temporary file.
 *
 * If both the pages and the target are distributed by Citus, the workers read the
 * pages: see distributed_pages.c. Rows for a distributed target are stored in
 * another way: see load_staged.c.
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/tableam.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/bufmgr.h"
#include "storage/itemptr.h"
#include "storage/lmgr.h"
#include "tcop/pquery.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/rel.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "compat.h"
#include "load.h"
#include "page.h"

/*
 * A batch ends early when its rows take this many bytes, so that memory does not
 * follow the size of pages.
 */
#define LARGEST_BATCH ((Size) 16 * 1024 * 1024)

/* Where pages come from, and how many were read. */
typedef struct PageSource
{
	Oid relation;
	const char *name; /* in messages */
	const char *column;
	PageType type;
	bool has_places; /* read by ctid, up to the block that was the last */
	BlockNumber blocks;
	ItemPointerData place; /* of the last page */
	Portal portal;		   /* NULL if it is not open */
	int64 pages;
	int64 held_from; /* how many pages were read before the first commit */
	DistributedPages *distributed; /* NULL if they are read here */
} PageSource;

static void
check_not_null(FunctionCallInfo fcinfo, int argument, const char *name)
{
	if (PG_ARGISNULL(argument))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("%s must not be null", name)));
}

/* Return the type of documents in a column; an error if it is not json. */
static PageType
column_type(Oid relation, const char *column)
{
	AttrNumber number = get_attnum(relation, column);
	Oid type;

	if (number <= 0)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_COLUMN),
						errmsg("column \"%s\" of relation \"%s\" does not "
							   "exist",
							   column, qualified_name(relation))));
	type = get_atttype(relation, number);
	if (type != JSONOID && type != JSONBOID)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("column \"%s\" of relation \"%s\" is of type %s, but "
						"pages are of type json or jsonb",
						column, qualified_name(relation),
						format_type_be(type))));
	return type == JSONOID ? PAGE_JSON : PAGE_JSONB;
}

/*
 * Find out how to read the pages of a relation; is_staged if the target is
 * distributed.
 */
static void
begin_source(PageSource *source, Oid oid, const char *column, bool is_staged)
{
	Relation relation = relation_open(oid, AccessShareLock);
	bool may_read_places;

	memset(source, 0, sizeof(PageSource));
	source->relation = oid;
	source->name = qualified_name(oid);
	source->column = column;
	source->type = column_type(oid, column);
	may_read_places =
		RELKIND_HAS_TABLE_AM(relation->rd_rel->relkind) &&
		relation->rd_tableam->scan_set_tidrange != NULL &&
		!has_subclass(oid) &&
		/* a right on the column is not one on ctid */
		pg_class_aclcheck(oid, GetUserId(), ACL_SELECT) == ACLCHECK_OK;
	source->has_places = may_read_places && !is_citus_table(oid);
	source->distributed = may_read_places && is_staged
							  ? find_distributed_pages(oid, column)
							  : NULL;
	ItemPointerSet(&source->place, 0, 0);
	if (source->has_places)
		source->blocks = RelationGetNumberOfBlocks(relation);
	relation_close(relation, NoLock);
}

/*
 * Open the query that reads the next pages. It runs with the caller's settings,
 * but must not be planned as a scan that begins elsewhere.
 */
static void
open_query(PageSource *source)
{
	const char *column = quote_identifier(source->column);
	const char *relation = qualified_name(source->relation);
	Oid types[] = {TIDOID, TIDOID};
	Datum places[2];
	ItemPointerData end;
	int level;

	if (!source->has_places)
	{
		source->portal =
			SPI_cursor_open_with_args(NULL,
									  psprintf("SELECT pages.%s FROM %s AS "
											   "pages",
											   column, relation),
									  0, NULL, NULL, NULL, false,
									  CURSOR_OPT_NO_SCROLL);
		/* a commit keeps pinned portals */
		PinPortal(source->portal);
		return;
	}
	ItemPointerSet(&end, source->blocks, 0);
	places[0] = PointerGetDatum(&source->place);
	places[1] = PointerGetDatum(&end);
	level = NewGUCNestLevel();
	set_option("enable_tidscan", "on", GUC_ACTION_SAVE);
	set_option("enable_seqscan", "off", GUC_ACTION_SAVE);
	source->portal =
		SPI_cursor_open_with_args(NULL,
								  psprintf("SELECT pages.%s, pages.ctid "
										   "FROM %s AS pages "
										   "WHERE pages.ctid "
										   "OPERATOR(pg_catalog.>) $1 "
										   "AND pages.ctid "
										   "OPERATOR(pg_catalog.<) $2",
										   column, relation),
								  lengthof(types), types, places, NULL, false,
								  CURSOR_OPT_NO_SCROLL);
	AtEOXact_GUC(true, level);
}

static void
close_query(PageSource *source)
{
	SPI_freetuptable(SPI_tuptable);
	if (!source->has_places)
		UnpinPortal(source->portal);
	SPI_cursor_close(source->portal);
	source->portal = NULL;
}

/*
 * Read the next page, which may be null, until the next call; return false if
 * there is none.
 */
static bool
next_page(PageSource *source, Datum *page, bool *is_null)
{
	HeapTuple row;
	TupleDesc type;
	ItemPointer place;

	SPI_freetuptable(SPI_tuptable);
	SPI_cursor_fetch(source->portal, true, 1);
	if (SPI_processed == 0)
		return false;
	source->pages++;
	row = SPI_tuptable->vals[0];
	type = SPI_tuptable->tupdesc;
	*page = SPI_getbinval(row, type, 1, is_null);
	if (source->has_places)
	{
		bool no_place;

		place = (ItemPointer) DatumGetPointer(
			SPI_getbinval(row, type, 2, &no_place));
		if (ItemPointerCompare(place, &source->place) <= 0)
			elog(ERROR, "pages of \"%s\" were not read in order",
				 source->name);
		source->place = *place;
	}
	return true;
}

/* Say in an error which page it is about: an error context callback. */
static void
name_page(void *arg)
{
	PageSource *source = arg;

	if (source->has_places)
		errcontext("page at ctid (%u,%u) of table \"%s\"",
				   ItemPointerGetBlockNumberNoCheck(&source->place),
				   ItemPointerGetOffsetNumberNoCheck(&source->place),
				   source->name);
	else
		errcontext("page " INT64_FORMAT " of relation \"%s\"", source->pages,
				   source->name);
}

/*
 * Read the rows of a batch into the current memory context; return whether there
 * may be more. (SPI functions leave another context as the current one.)
 */
static bool
read_batch(PageSource *source, int64 batch, OnError on_error, Oid function,
		   PageRows *rows, LoadCounts *counts)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context =
		AllocSetContextCreate(caller, "activity page", ALLOCSET_DEFAULT_SIZES);
	ErrorContextCallback callback = {.callback = name_page, .arg = source};
	Datum page;
	bool is_null;
	bool has_more = true;

	begin_rows(rows, function);
	for (; batch > 0 && rows->size < LARGEST_BATCH; batch--)
	{
		CHECK_FOR_INTERRUPTS();
		has_more = next_page(source, &page, &is_null);
		if (!has_more)
			break;
		if (is_null)
			continue;
		callback.previous = error_context_stack;
		error_context_stack = &callback;
		MemoryContextSwitchTo(context);
		read_rows(rows, page, source->type, function, on_error, counts);
		MemoryContextReset(context);
		error_context_stack = callback.previous;
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	return has_more;
}

/* Return how many pages there are, as far as is known; 0 if nothing is. */
static int64
expected_pages(const PageSource *source)
{
	if (source->distributed != NULL)
		return Max(source->distributed->total, source->pages);
	if (source->has_places)
		return (double) source->pages * source->blocks /
			   (ItemPointerGetBlockNumberNoCheck(&source->place) + 1);
	if (source->portal != NULL && source->portal->holdStore != NULL)
		return source->held_from +
			   tuplestore_tuple_count(source->portal->holdStore);
	return 0;
}

/* Return a number of seconds as h:mm:ss, palloc'd. */
static char *
duration_text(double seconds)
{
	int64 whole = seconds;

	return psprintf(INT64_FORMAT ":%02d:%02d", whole / 3600,
					(int) (whole / 60 % 60), (int) (whole % 60));
}

/* Report how far the load is, and how long the rest may take. */
static void
report_progress(const PageSource *source, TimestampTz begun, bool has_ended)
{
	double seconds =
		Max(GetCurrentTimestamp() - begun, 1) / (double) USECS_PER_SEC;
	double rate = source->pages / seconds;
	int64 expected = expected_pages(source);

	if (has_ended)
		ereport(NOTICE, (errmsg(INT64_FORMAT " pages loaded in %s, %.0f per "
											 "second",
								source->pages, duration_text(seconds), rate)));
	else
		ereport(NOTICE,
				(errmsg(INT64_FORMAT " of about " INT64_FORMAT
									 " pages loaded, %.0f per second, about "
									 "%s left",
						source->pages, expected, rate,
						duration_text((expected - source->pages) / rate))));
}

/*
 * Begin the transaction of a batch. pg_stat_activity shows the progress until it
 * ends.
 */
static void
begin_batch(const PageSource *source)
{
	begin_read_committed();
	EnsurePortalSnapshotExists();
	if (source->pages > 0)
		set_option("application_name",
				   psprintf("load_pages: " INT64_FORMAT
							" of about " INT64_FORMAT " pages",
							source->pages, expected_pages(source)),
				   GUC_ACTION_LOCAL);
}

/* Load the next batch, in a memory context; return whether there may be more. */
static bool
load_batch(FunctionCallInfo fcinfo, PageSource *source, bool is_staged,
		   int64 batch, OnError on_error, MemoryContext context,
		   LoadCounts *counts)
{
	PageRows rows;
	bool has_more;

	if (source->distributed != NULL)
	{
		has_more = next_distributed_pages(source->distributed, batch);
		source->pages += source->distributed->pages;
		load_distributed_pages(fcinfo, source->distributed, on_error, counts);
		return has_more;
	}
	if (source->portal == NULL)
		open_query(source);
	MemoryContextSwitchTo(context);
	has_more = read_batch(source, batch, on_error, fcinfo->flinfo->fn_oid,
						  &rows, counts);
	if (source->has_places || !has_more)
		close_query(source);
	MemoryContextSwitchTo(context);
	if (is_staged)
		load_staged_rows(fcinfo, &rows, counts);
	else
		load_rows(fcinfo, &rows, true, counts);
	return has_more;
}

/*
 * Load all pages. A lock for the session keeps a table from being rewritten
 * between two batches, which would give its pages other places; an error
 * releases it.
 */
static void
load_all(FunctionCallInfo fcinfo, PageSource *source, bool is_staged,
		 int64 batch, OnError on_error, LoadCounts *counts)
{
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "activity batch",
							  ALLOCSET_DEFAULT_SIZES);
	LockRelId lock = {.relId = source->relation, .dbId = MyDatabaseId};
	bool keeps_places = source->has_places || source->distributed != NULL;
	TimestampTz begun = GetCurrentTimestamp();
	bool is_first = true;
	bool has_more;

	do
	{
		MemoryContext caller = MemoryContextSwitchTo(context);

		begin_batch(source);
		has_more = load_batch(fcinfo, source, is_staged, batch, on_error,
							  context, counts);
		if (is_first)
		{
			source->held_from = source->pages;
			if (keeps_places)
				LockRelationIdForSession(&lock, AccessShareLock);
			is_first = false;
		}
		SPI_commit();
		report_progress(source, begun, !has_more);
		MemoryContextSwitchTo(caller);
		MemoryContextReset(context);
	} while (has_more);
	if (keeps_places)
		UnlockRelationIdForSession(&lock, AccessShareLock);
}

PG_FUNCTION_INFO_V1(load_pages);
/* load_pages(target, pages, page_column, batch, on_error, the counts) */
Datum
load_pages(PG_FUNCTION_ARGS)
{
	ActivityTables tables;
	OnError on_error;
	PageSource source;
	int32 batch;
	LoadCounts counts = {0};
	bool is_staged;

	check_may_commit(fcinfo, "load_pages()");
	PreventCommandIfReadOnly("load_pages()");
	find_tables(fcinfo, false, &tables);
	check_not_null(fcinfo, 1, "the table of pages");
	check_not_null(fcinfo, 2, "page_column");
	check_not_null(fcinfo, 3, "batch");
	batch = PG_GETARG_INT32(3);
	if (batch < 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("batch must be at least 1: %d", batch)));
	on_error = read_on_error(PG_ARGISNULL(4) ? NULL : PG_GETARG_TEXT_PP(4));

	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect_ext failed");
	is_staged = may_stage(fcinfo);
	begin_source(&source, PG_GETARG_OID(1),
				 pstrdup(NameStr(*PG_GETARG_NAME(2))), is_staged);
	/* so that the first batch is a transaction of its own, too */
	SPI_commit();
	load_all(fcinfo, &source, is_staged, batch, on_error, &counts);
	SPI_finish();
	return load_result(fcinfo, &counts);
}
