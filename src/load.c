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

static void
set_option(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
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

/* Return a column of the single row of the last result. */
static NullableDatum
result_column(int column)
{
	NullableDatum result;

	result.value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
								 column, &result.isnull);
	return result;
}

/* The counts of a load. */
typedef struct LoadCounts
{
	int64 given;
	int64 inserted;
	int64 updated;
	int64 rejected;
	int64 outdated;
} LoadCounts;

/*
 * Raise an error if the names in the statements are not those of the tables
 * any more. A lock on a table does not keep another session from renaming its
 * schema while a statement waits, and another table may then have the name.
 * Triggers can rename, too.
 */
static void
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
 * array of those that were stored.
 */
static NullableDatum
store(const LoadPlans *plans, const Deliveries *deliveries, LoadCounts *counts)
{
	NullableDatum arguments[] = {{PointerGetDatum(deliveries->array), false},
								 {TimestampTzGetDatum(deliveries->first),
								  false},
								 {TimestampTzGetDatum(deliveries->last),
								  false}};
	int64 inserted;
	int64 same;

	execute(plans->store, SPI_OK_SELECT, arguments);
	inserted = DatumGetInt64(result_column(1).value);
	same = DatumGetInt64(result_column(2).value);
	counts->inserted += inserted;
	counts->updated += DatumGetInt64(result_column(3).value) - inserted - same;
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

/* Load an array of activities. */
static void
store_activities(const ActivityTables *tables, Oid function,
				 ArrayType *activities, LoadCounts *counts)
{
	NullableDatum participations = {.isnull = false};
	/* stored activities, added participations, when these may have started */
	NullableDatum touched[4] = {[2] = {TimestampTzGetDatum(DT_NOBEGIN), false},
								[3] = {TimestampTzGetDatum(DT_NOEND), false}};
	Deliveries given;
	LoadNames names;
	LoadPlans *plans;

	if (!read_current_deliveries(tables, activities,
								 sibling_row_type(function, "participation"),
								 &given, counts))
		return;
	participations.value = PointerGetDatum(given.participations);
	plans = activity_plans(tables, function, given.given, loads_running > 1,
						   &names);
	if (names.is_distributed)
		lock_distributed_table(names.table_names[1]);
	execute(plans->lock, SPI_OK_SELECT, &participations);
	touched[1] = result_column(1);
	check_not_renamed(tables, &names);
	touched[0] = store(plans, &given, counts);
	check_not_renamed(tables, &names);
	if (names.is_partitioned)
	{
		touched[2].value = TimestampTzGetDatum(given.first);
		touched[3].value = TimestampTzGetDatum(given.last);
	}
	if (!touched[0].isnull || !touched[1].isnull)
		execute(plans->compute, SPI_OK_INSERT, touched);
}

/* Load an array of presences. */
static void
store_presences(const ActivityTables *tables, Oid function,
				ArrayType *presences, LoadCounts *counts)
{
	Deliveries given;
	LoadNames names;
	LoadPlans *plans;

	if (!read_current_deliveries(tables, presences, NULL, &given, counts))
		return;
	plans = presence_plans(tables, function, given.given, loads_running > 1,
						   &names);
	if (names.is_distributed)
		lock_distributed_table(names.table_names[0]);
	(void) store(plans, &given, counts);
	check_not_renamed(tables, &names);
}

/*
 * Load arrays of activities and of presences, either of which may be NULL, into
 * the table that is argument 0. Changes settings for the duration of the load.
 */
static void
load_arrays(FunctionCallInfo fcinfo, ArrayType *activities,
			ArrayType *presences, LoadCounts *counts)
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
	set_option("search_path", "pg_catalog, pg_temp");
	/* always use an index, also before the first ANALYZE */
	set_option("enable_seqscan", "off");
	set_option("enable_hashjoin", "off");
	set_option("enable_mergejoin", "off");
	set_option("enable_bitmapscan", "off");
	set_option("enable_nestloop", "on");
	set_option("enable_indexscan", "on");
	/* with these, a plan may look so expensive that JIT would start */
	set_option("jit", "off");
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
		if (activities != NULL)
			store_activities(&tables, function, activities, counts);
		if (presences != NULL)
			store_presences(&tables, function, presences, counts);
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

/* The rows of a page that are of one type. */
typedef struct RowArray
{
	Oid type;
	ArrayBuildState *elements; /* NULL if there are none */
} RowArray;

/* Append a row to an array. */
static void
append_row(RowArray *array, NewRow *row)
{
	HeapTuple tuple = form_row(row);

	array->elements =
		accumArrayResult(array->elements, HeapTupleGetDatum(tuple), false,
						 array->type, CurrentMemoryContext);
	heap_freetuple(tuple);
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
 * Load the page that is argument 1. A bad item raises its error or counts as
 * rejected.
 */
static void
read_and_load(FunctionCallInfo fcinfo, PageType type, OnError on_error,
			  LoadCounts *counts)
{
	Oid function = fcinfo->flinfo->fn_oid;
	TupleDesc activity = sibling_row_type(function, "activity");
	TupleDesc presence = sibling_row_type(function, "presence");
	RowArray activities = {activity->tdtypeid, NULL};
	RowArray presences = {presence->tdtypeid, NULL};
	ActivityPage *page =
		page_open(PG_GETARG_DATUM(1), type, function, on_error, false);
	PageEvent event;

	page_want_activities(page, activity);
	page_want_presences(page, presence);
	while ((event = page_next(page)) != PAGE_END)
	{
		if (event == PAGE_ACTIVITY)
			append_row(&activities, &page->rows.activity);
		else if (event == PAGE_PRESENCE)
			append_row(&presences, &page->rows.presence);
		else
			counts->rejected++;
	}
	page_close(page);
	load_arrays(fcinfo,
				activities.elements == NULL && presences.elements == NULL
					? construct_empty_array(activities.type)
					: finish_array(&activities),
				finish_array(&presences), counts);
}

/* Return the result of load_activities; arrays have no rejected. */
static Datum
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

	if (PG_ARGISNULL(1))
		load_arrays(fcinfo, NULL, NULL, &counts);
	else
		read_and_load(fcinfo, type, on_error, &counts);
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
				NULL, &counts);
	return load_result(fcinfo, &counts);
}
