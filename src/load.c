/*
 * load.c
 *	  load_activities(): loads activities and presences into tables, and keeps
 *	  the participations in step.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "tcop/utility.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"

#include "catalog.h"
#include "compat.h"
#include "load.h"
#include "page.h"
#include "row.h"

/*
 * Number of loads in progress: more than one if, say, a trigger starts another
 * load.
 */
static int loads_running = 0;

/*
 * Set an option: with GUC_ACTION_SAVE until AtEOXact_GUC, with GUC_ACTION_LOCAL
 * until the transaction ends.
 */
void
set_option(const char *name, const char *value, GucAction action)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION, action,
							 true, 0, false);
}

/*
 * Have statements look up rows by the keys, whatever the statistics say and also
 * before the first ANALYZE, until AtEOXact_GUC.
 */
void
use_keys(void)
{
	set_option("enable_seqscan", "off", GUC_ACTION_SAVE);
	set_option("enable_hashjoin", "off", GUC_ACTION_SAVE);
	set_option("enable_mergejoin", "off", GUC_ACTION_SAVE);
	set_option("enable_bitmapscan", "off", GUC_ACTION_SAVE);
	set_option("enable_nestloop", "on", GUC_ACTION_SAVE);
	set_option("enable_indexscan", "on", GUC_ACTION_SAVE);
	set_option("enable_tidscan", "on", GUC_ACTION_SAVE);
	/* with these, a plan may look so expensive that JIT would start */
	set_option("jit", "off", GUC_ACTION_SAVE);
}

/*
 * Let the transaction that a procedure has begun be READ COMMITTED: it sees what
 * others have committed, also while it waited for a lock.
 */
void
begin_read_committed(void)
{
	set_option("transaction_isolation", "read committed", GUC_ACTION_LOCAL);
}

/*
 * Raise an error if a call of a procedure may not commit: in a transaction block,
 * or in a function.
 */
void
check_may_commit(FunctionCallInfo fcinfo, const char *procedure)
{
	if (fcinfo->context == NULL || !IsA(fcinfo->context, CallContext) ||
		castNode(CallContext, fcinfo->context)->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_TRANSACTION_TERMINATION),
				 errmsg("%s cannot run inside a transaction block", procedure),
				 errdetail("It commits after each batch.")));
}

/*
 * Execute a plan, whose SPI result must be kind, with parameters, some of which
 * may be null.
 */
static void
execute(SPIPlanPtr plan, int kind, const NullableDatum *arguments)
{
	Datum values[4];
	char nulls[4];
	int result;

	for (int i = 0; i < SPI_getargcount(plan); i++)
	{
		values[i] = arguments[i].value;
		nulls[i] = arguments[i].isnull ? 'n' : ' ';
	}
	result = SPI_execute_plan(plan, values, nulls, false, 0);
	if (result != kind)
		elog(ERROR, "SPI_execute_plan failed: %s",
			 SPI_result_code_string(result));
}

/* Return a column of a row. */
static NullableDatum
row_column(const SPITupleTable *rows, uint64 row, int column)
{
	NullableDatum result;

	result.value =
		SPI_getbinval(rows->vals[row], rows->tupdesc, column, &result.isnull);
	return result;
}

/* Return a column of the single row of the last result. */
static NullableDatum
result_column(int column)
{
	return row_column(SPI_tuptable, 0, column);
}

/*
 * Raise an error if the names in the statements are not those of the tables
 * any more. A lock on a table does not keep another session from renaming its
 * schema while a statement waits, and another table may then have the name.
 * Triggers can rename, too.
 */
void
check_not_renamed(const ActivityTables *tables, const LoadNames *names)
{
	const char *schema;
	bool same;

	AcceptInvalidationMessages();
	schema = get_namespace_name(tables->schema);
	same =
		schema != NULL && strcmp(quote_identifier(schema), names->schema) == 0;
	for (Size i = 0; i < lengthof(names->tables); i++)
		same = same && (!OidIsValid(names->tables[i]) ||
						strcmp(qualified_name(names->tables[i]),
							   names->table_names[i]) == 0);
	if (!same)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 OidIsValid(names->tables[1])
					 ? errmsg("table \"%s\" or its participation table was "
							  "renamed, moved, or dropped during the load",
							  names->table_names[0])
					 : errmsg("table \"%s\" was renamed, moved, or dropped "
							  "during the load",
							  names->table_names[0]),
				 errhint("Load again.")));
}

/*
 * Let one session at a time load into a table of Citus. It locks rows on several
 * nodes in no certain order, so that sessions on different nodes deadlocked in
 * half of the loads. Readers do not wait.
 */
static void
lock_distributed_table(const char *name)
{
	int result = SPI_execute(psprintf("LOCK TABLE %s IN SHARE UPDATE "
									  "EXCLUSIVE MODE",
									  name),
							 false, 0);

	if (result != SPI_OK_UTILITY)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(result));
}

/*
 * Execute the statement that stores deliveries, and count them. Returns the
 * array of those that were stored, and sets is_all to whether it was all news.
 */
static NullableDatum
store(SPIPlanPtr plan, const Deliveries *deliveries, LoadCounts *counts,
	  bool *is_all)
{
	NullableDatum arguments[] = {{PointerGetDatum(deliveries->array), false},
								 {TimestampTzGetDatum(deliveries->first),
								  false},
								 {TimestampTzGetDatum(deliveries->last),
								  false}};
	int64 inserted;
	int64 same;

	execute(plan, SPI_OK_SELECT, arguments);
	inserted = DatumGetInt64(result_column(1).value);
	same = DatumGetInt64(result_column(2).value);
	counts->inserted += inserted;
	counts->updated += DatumGetInt64(result_column(3).value) - inserted - same;
	*is_all = DatumGetBool(result_column(5).value);
	return result_column(4);
}

/*
 * Read the deliveries of an array, as read_deliveries does, but without those of
 * what forget_activities() has removed. Returns false if these were all.
 */
static bool
read_current_deliveries(const ActivityTables *tables, ArrayType *array,
						TupleDesc participation, Deliveries *deliveries,
						LoadCounts *counts)
{
	read_deliveries(array, participation, deliveries);
	if (deliveries->given > 0 && deliveries->first < tables->forgotten_before)
	{
		int64 given = deliveries->given;

		array = current_deliveries(tables, array, participation == NULL);
		if (array == NULL)
			deliveries->given = 0;
		else
			read_deliveries(array, participation, deliveries);
		counts->outdated += given - deliveries->given;
	}
	counts->given += deliveries->given;
	return array != NULL;
}

/*
 * Insert the activities of added participations, and remove these from added
 * and given. Leaves those that must be computed, as the table has activities of
 * theirs. Returns false if it cannot.
 */
static bool
insert_new(const ActivityTables *tables, const LoadNames *names,
		   Deliveries *given, NullableDatum *added, LoadCounts *counts)
{
	int64 inserted;
	ArrayType *others;

	if (added->isnull || !stores_as_given(names, false))
		return false;
	others =
		insert_new_activities(tables, names, given,
							  DatumGetArrayTypeP(added->value), &inserted);
	counts->inserted += inserted;
	added->value = PointerGetDatum(others);
	added->isnull = others == NULL;
	return true;
}

/*
 * Compute the participations of stored activities and those that were added, as
 * compute_statement says; both are arrays, or null.
 */
static void
compute(const LoadPlans *plans, NullableDatum stored, NullableDatum added,
		TimestampTz first, TimestampTz last)
{
	NullableDatum arguments[] = {stored,
								 added,
								 {TimestampTzGetDatum(first), false},
								 {TimestampTzGetDatum(last), false}};

	if (!stored.isnull || !added.isnull)
		execute(plans->compute, SPI_OK_INSERT, arguments);
}

/*
 * The same for a table that has_spans: see spans_statement. More sets than
 * MOST_SPANS are computed together, from the first start to the last.
 */
#define MOST_SPANS 16
static void
compute_by_spans(const LoadPlans *plans, NullableDatum stored,
				 NullableDatum added)
{
	ArrayType *known = NULL;
	NullableDatum arguments[3] = {stored, added};
	TimestampTz least = DT_NOEND;
	TimestampTz greatest = DT_NOBEGIN;
	SPITupleTable *spans;
	uint64 count;

	if (stored.isnull && added.isnull)
		return;
	if (!stored.isnull)
		known =
			one_of_each_other(DatumGetArrayTypeP(stored.value),
							  added.isnull ? NULL
										   : DatumGetArrayTypeP(added.value));
	arguments[2] = (NullableDatum){PointerGetDatum(known), known == NULL};
	execute(plans->spans, SPI_OK_SELECT, arguments);
	spans = SPI_tuptable;
	count = SPI_processed;
	for (uint64 i = 0; i < count; i++)
	{
		TimestampTz first = DatumGetTimestampTz(row_column(spans, i, 3).value);
		TimestampTz last = DatumGetTimestampTz(row_column(spans, i, 4).value);

		least = Min(least, first);
		greatest = Max(greatest, last);
		if (count <= MOST_SPANS)
			compute(plans, row_column(spans, i, 1), row_column(spans, i, 2),
					first, last);
	}
	if (count > MOST_SPANS)
		compute(plans, stored, added, least, greatest);
	SPI_freetuptable(spans);
}

/* The same for any table. */
static void
compute_touched(const LoadPlans *plans, NullableDatum stored,
				NullableDatum added)
{
	if (plans->spans != NULL)
		compute_by_spans(plans, stored, added);
	else
		compute(plans, stored, added, DT_NOBEGIN, DT_NOEND);
}

/*
 * Store given activities, which this changes. Whether most are expected to be
 * new changes the speed only.
 */
static void
store_activities(const ActivityTables *tables, Oid function, Deliveries *given,
				 bool expects_new, LoadCounts *counts)
{
	NullableDatum participations = {.isnull = false};
	const NullableDatum none = {.isnull = true};
	NullableDatum added;
	NullableDatum stored;
	bool is_all;
	LoadNames names;
	LoadPlans *plans;

	participations.value = PointerGetDatum(given->participations);
	plans = activity_plans(tables, function, given->given, loads_running > 1,
						   &names);
	if (names.is_distributed)
		lock_distributed_table(names.table_names[1]);
	execute(plans->lock, SPI_OK_SELECT, &participations);
	added = result_column(1);
	check_not_renamed(tables, &names);
	if (expects_new && insert_new(tables, &names, given, &added, counts))
	{
		/* those that are left have activities, perhaps of any time */
		compute(plans, none, added, DT_NOBEGIN, DT_NOEND);
		added = none;
	}
	stored = store(plans->store, given, counts, &is_all);
	check_not_renamed(tables, &names);
	compute_touched(plans, stored, added);
	if (!is_all && names.has_places)
	{
		stored = store(plan_store_again(&names), given, counts, &is_all);
		check_not_renamed(tables, &names);
		compute_touched(plans, stored, none);
	}
}

/* Store given presences. */
static void
store_presences(const ActivityTables *tables, Oid function,
				const Deliveries *given, LoadCounts *counts)
{
	LoadNames names;
	LoadPlans *plans;
	bool is_all;

	plans = presence_plans(tables, function, given->given, loads_running > 1,
						   &names);
	if (names.is_distributed)
		lock_distributed_table(names.table_names[0]);
	(void) store(plans->store, given, counts, &is_all);
	check_not_renamed(tables, &names);
}

/*
 * Load arrays of activities and of presences, either of which may be NULL, into
 * the table that is argument 0; expects_new as for store_activities. Changes
 * settings for the duration of the load.
 */
static void
load_arrays(FunctionCallInfo fcinfo, ArrayType *activities,
			ArrayType *presences, bool expects_new, LoadCounts *counts)
{
	Oid function = fcinfo->flinfo->fn_oid;
	ErrorContextCallback callback = {.callback = hint_at_partitions};
	ActivityTables tables;
	int level;

	find_tables(fcinfo, presences != NULL, &tables);
	/* only the statements check that the caller may lock the tables */
	if (activities == NULL && presences == NULL)
		return;
	PreventCommandIfReadOnly("load_activities()");
	lock_tables(fcinfo, activities != NULL, presences != NULL, &tables);

	level = NewGUCNestLevel();
	/* objects in other schemas are not found by name */
	set_option("search_path", "pg_catalog, pg_temp", GUC_ACTION_SAVE);
	use_keys();
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	if (lacks_default_partition(tables.activities))
	{
		callback.previous = error_context_stack;
		error_context_stack = &callback;
	}
	loads_running++;
	PG_TRY();
	{
		Deliveries given_activities;
		Deliveries given_presences;
		bool has_activities =
			activities != NULL &&
			read_current_deliveries(&tables, activities,
									sibling_row_type(function,
													 "participation"),
									&given_activities, counts);
		/* before any row is locked: it may wait for forget_activities() */
		bool has_presences = presences != NULL &&
							 read_current_deliveries(&tables, presences, NULL,
													 &given_presences, counts);

		if (has_activities)
			store_activities(&tables, function, &given_activities, expects_new,
							 counts);
		if (has_presences)
			store_presences(&tables, function, &given_presences, counts);
	}
	PG_FINALLY();
	{
		loads_running--;
	}
	PG_END_TRY();
	if (error_context_stack == &callback)
		error_context_stack = callback.previous;
	SPI_finish();
	AtEOXact_GUC(true, level);
}

/* Begin rows without any; they live in the current memory context. */
void
begin_rows(PageRows *rows, Oid function)
{
	rows->activities.type = sibling_row_type(function, "activity");
	rows->activities.elements = NULL;
	rows->presences.type = sibling_row_type(function, "presence");
	rows->presences.elements = NULL;
	rows->context = CurrentMemoryContext;
	rows->size = 0;
}

/* Append a row to an array. */
static void
append_row(PageRows *rows, RowArray *array, NewRow *row)
{
	HeapTuple tuple = form_row(row);

	array->elements =
		accumArrayResult(array->elements, HeapTupleGetDatum(tuple), false,
						 array->type->tdtypeid, rows->context);
	rows->size += tuple->t_len;
	heap_freetuple(tuple);
}

/*
 * Append the rows of a page. A bad item raises its error or counts as rejected.
 */
void
read_rows(PageRows *rows, Datum document, PageType type, Oid function,
		  OnError on_error, LoadCounts *counts)
{
	ActivityPage *page = page_open(document, type, function, on_error, false);
	PageEvent event;

	page_want_activities(page, rows->activities.type);
	page_want_presences(page, rows->presences.type);
	while ((event = page_next(page)) != PAGE_END)
	{
		if (event == PAGE_ACTIVITY)
			append_row(rows, &rows->activities, &page->rows.activity);
		else if (event == PAGE_PRESENCE)
			append_row(rows, &rows->presences, &page->rows.presence);
		else
			counts->rejected++;
	}
	page_close(page);
}

/* Return an array, palloc'd; NULL if it has no elements. */
static ArrayType *
finish_array(const RowArray *array)
{
	if (array->elements == NULL)
		return NULL;
	return DatumGetArrayTypeP(
		makeArrayResult(array->elements, CurrentMemoryContext));
}

/*
 * Load the rows of pages into the table that is argument 0; expects_new as for
 * store_activities.
 */
void
load_rows(FunctionCallInfo fcinfo, const PageRows *rows, bool expects_new,
		  LoadCounts *counts)
{
	ArrayType *activities = finish_array(&rows->activities);
	ArrayType *presences = finish_array(&rows->presences);

	/* a load of nothing still checks that it may load */
	if (activities == NULL && presences == NULL)
		activities = construct_empty_array(rows->activities.type->tdtypeid);
	load_arrays(fcinfo, activities, presences, expects_new, counts);
}

/* Return the result of load_activities or load_pages. */
Datum
load_result(FunctionCallInfo fcinfo, const LoadCounts *counts)
{
	TupleDesc type = result_type(fcinfo);
	Datum values[5] = {Int64GetDatum(counts->inserted),
					   Int64GetDatum(counts->updated),
					   Int64GetDatum(counts->given - counts->inserted -
									 counts->updated),
					   Int64GetDatum(counts->rejected),
					   Int64GetDatum(counts->outdated)};
	bool nulls[5] = {false};

	if (type->natts < 5)
		values[3] = values[4];
	return HeapTupleGetDatum(heap_form_tuple(type, values, nulls));
}

/* load_activities(target, page, on_error); a null page loads nothing. */
static Datum
load_page(FunctionCallInfo fcinfo, PageType type)
{
	OnError on_error =
		read_on_error(PG_ARGISNULL(2) ? NULL : PG_GETARG_TEXT_PP(2));
	LoadCounts counts = {0};
	PageRows rows;

	if (PG_ARGISNULL(1))
		load_arrays(fcinfo, NULL, NULL, false, &counts);
	else
	{
		begin_rows(&rows, fcinfo->flinfo->fn_oid);
		read_rows(&rows, PG_GETARG_DATUM(1), type, fcinfo->flinfo->fn_oid,
				  on_error, &counts);
		load_rows(fcinfo, &rows, false, &counts);
	}
	return load_result(fcinfo, &counts);
}

PG_FUNCTION_INFO_V1(load_activities_json);
Datum
load_activities_json(PG_FUNCTION_ARGS)
{
	return load_page(fcinfo, PAGE_JSON);
}

PG_FUNCTION_INFO_V1(load_activities_jsonb);
Datum
load_activities_jsonb(PG_FUNCTION_ARGS)
{
	return load_page(fcinfo, PAGE_JSONB);
}

PG_FUNCTION_INFO_V1(load_activities);
/* load_activities(target, activities); a null array loads nothing. */
Datum
load_activities(PG_FUNCTION_ARGS)
{
	LoadCounts counts = {0};

	load_arrays(fcinfo, PG_ARGISNULL(1) ? NULL : PG_GETARG_ARRAYTYPE_P(1),
				NULL, false, &counts);
	return load_result(fcinfo, &counts);
}
