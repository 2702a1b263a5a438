/*
 * activities.c
 *	  The SQL functions that read pages: activities, activity_errors,
 *	  activity_page.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"

#include "catalog.h"
#include "compat.h"
#include "page.h"
#include "row.h"

/*
 * Put all activities of a page into the caller's tuplestore. They have the row
 * type that the caller expects, the function's own. So setDesc is not set: to
 * compare it would cost the caller as much as reading an item. Memory comes
 * from the call's context, which the caller resets.
 */
static Datum
store_activities(FunctionCallInfo fcinfo, PageType type, bool ignore)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	TupleDesc row_type = rsinfo->expectedDesc;
	MemoryContext call_context =
		MemoryContextSwitchTo(rsinfo->econtext->ecxt_per_query_memory);
	bool random = (rsinfo->allowedModes & SFRM_Materialize_Random) != 0;
	ActivityPage *page;

	rsinfo->returnMode = SFRM_Materialize;
	rsinfo->setResult = tuplestore_begin_heap(random, false, work_mem);
	MemoryContextSwitchTo(call_context);

	page = page_open(PG_GETARG_DATUM(0), type, row_type, true);
	for (;;)
	{
		switch (page_next(page))
		{
			case PAGE_ACTIVITY:
				tuplestore_putvalues(rsinfo->setResult, row_type, page->values,
									 page->nulls);
				break;
			case PAGE_ERROR:
				if (!ignore)
					page_raise_error(page);
				break;
			case PAGE_RESTART:
				tuplestore_clear(rsinfo->setResult);
				break;
			case PAGE_END:
				page_close(page);
				return (Datum) 0;
		}
	}
}

/* A page whose activities are returned one per call. */
typedef struct ActivityStream
{
	ActivityPage *page;
	bool ignore; /* reject bad items rather than stop */
} ActivityStream;

/* Return the activities of a page, one per call; the first call sets ignore. */
static Datum
stream_activities(FunctionCallInfo fcinfo, PageType type, bool ignore)
{
	FuncCallContext *call;
	ActivityStream *stream;
	ActivityPage *page;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext caller;
		TupleDesc row_type;

		call = SRF_FIRSTCALL_INIT();
		caller = MemoryContextSwitchTo(call->multi_call_memory_ctx);
		row_type = result_type(fcinfo);
		stream = palloc(sizeof(ActivityStream));
		stream->page = page_open(PG_GETARG_DATUM(0), type, row_type, false);
		stream->ignore = ignore;
		call->user_fctx = stream;
		MemoryContextSwitchTo(caller);
	}
	call = SRF_PERCALL_SETUP();
	stream = call->user_fctx;
	page = stream->page;
	for (;;)
	{
		PageEvent event = page_next(page);

		if (event == PAGE_ACTIVITY)
			SRF_RETURN_NEXT(call,
							HeapTupleGetDatum(
								heap_form_tuple(page->activity_type,
												page->values, page->nulls)));
		if (event == PAGE_END)
			SRF_RETURN_DONE(call);
		if (!stream->ignore)
			page_raise_error(page);
	}
}

/* activities(page, on_error); a null page returns no rows. */
static Datum
activities(FunctionCallInfo fcinfo, PageType type)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	bool ignore = false;
	bool store;

	if (rsinfo == NULL || !IsA(rsinfo, ReturnSetInfo))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("set-valued function called in context that cannot "
						"accept a set")));
	store = (rsinfo->allowedModes & SFRM_Materialize_Preferred) != 0;
	if (store || SRF_IS_FIRSTCALL())
	{
		ignore = ignores_errors(PG_ARGISNULL(1) ? NULL : PG_GETARG_TEXT_PP(1));
		if (PG_ARGISNULL(0))
		{
			rsinfo->isDone = ExprEndResult;
			PG_RETURN_NULL();
		}
	}
	return store ? store_activities(fcinfo, type, ignore)
				 : stream_activities(fcinfo, type, ignore);
}

/* Put the last error into the caller's tuplestore. */
static void
store_error(ReturnSetInfo *rsinfo, ActivityPage *page)
{
	const ItemError *error = &page->error;
	MemoryContext row_context =
		AllocSetContextCreate(CurrentMemoryContext, "activity error",
							  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(row_context);
	Datum values[5] = {0};
	bool nulls[5] = {error->item == 0, error->key == NULL};

	values[0] = Int32GetDatum(error->item);
	if (error->key != NULL)
		values[1] = CStringGetTextDatum(error->key);
	values[2] = CStringGetTextDatum(unpack_sql_state(error->code));
	values[3] = CStringGetTextDatum(error->message);
	values[4] = CStringGetTextDatum(page_error_text(page));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(row_context);
}

/* activity_errors(page). */
static Datum
activity_errors(FunctionCallInfo fcinfo, PageType type)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext page_context;
	MemoryContext caller;
	TupleDesc row_type;
	ActivityPage *page;
	PageEvent event;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	page_context = AllocSetContextCreate(CurrentMemoryContext, "activity page",
										 ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(page_context);
	row_type = lookup_rowtype_tupdesc_copy(sibling_type(fcinfo->flinfo->fn_oid,
														"activity"),
										   -1);
	/* an error once stored cannot be taken back: so no speculation */
	page = page_open(PG_GETARG_DATUM(0), type, row_type, false);
	while ((event = page_next(page)) != PAGE_END)
	{
		if (event == PAGE_ERROR)
			store_error(rsinfo, page);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(page_context);
	return (Datum) 0;
}

/* Set a number of a page's meta; null if it is not an int4. */
static void
set_meta(const JsonField *field, Datum *value, bool *null)
{
	int64 number;
	bool out_of_range;

	*null = (field->kind != JSON_INTEGER && field->kind != JSON_DECIMAL) ||
			!read_whole_number(field, &number, &out_of_range) ||
			number < PG_INT32_MIN || number > PG_INT32_MAX;
	if (!*null)
		*value = Int32GetDatum((int32) number);
}

/* activity_page(page). */
static Datum
activity_page(FunctionCallInfo fcinfo, PageType type)
{
	TupleDesc row_type = result_type(fcinfo);
	PageDescription page;
	Datum values[6] = {0};
	bool nulls[6];

	page_describe(PG_GETARG_DATUM(0), type, &page);
	set_meta(&page.meta.page, &values[0], &nulls[0]);
	set_meta(&page.meta.count, &values[1], &nulls[1]);
	set_meta(&page.meta.page_count, &values[2], &nulls[2]);
	set_meta(&page.meta.total_count, &values[3], &nulls[3]);
	values[4] = TimestampTzGetDatum(page.up_to);
	nulls[4] = page.up_to == DT_NOBEGIN;
	values[5] = Int32GetDatum((int32) page.items);
	nulls[5] = !page.is_page;
	PG_RETURN_DATUM(
		HeapTupleGetDatum(heap_form_tuple(row_type, values, nulls)));
}

PG_FUNCTION_INFO_V1(activities_support);
/*
 * Planner support: estimate the rows that activities() returns for a constant
 * page as its number of items, as if none were rejected or skipped.
 */
Datum
activities_support(PG_FUNCTION_ARGS)
{
	Node *request = (Node *) PG_GETARG_POINTER(0);
	SupportRequestRows *rows;
	Const *page;
	MemoryContext context;
	MemoryContext caller;
	PageDescription description;

	if (!IsA(request, SupportRequestRows))
		PG_RETURN_POINTER(NULL);
	rows = (SupportRequestRows *) request;
	if (!is_funcclause(rows->node))
		PG_RETURN_POINTER(NULL);
	page = linitial(((FuncExpr *) rows->node)->args);
	if (!IsA(page, Const))
		PG_RETURN_POINTER(NULL);
	if (page->constisnull)
	{
		rows->rows = 0;
		PG_RETURN_POINTER(request);
	}

	context = AllocSetContextCreate(CurrentMemoryContext, "activity page",
									ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(context);
	page_describe(page->constvalue,
				  page->consttype == JSONBOID ? PAGE_JSONB : PAGE_JSON,
				  &description);
	rows->rows = description.items;
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	PG_RETURN_POINTER(request);
}

PG_FUNCTION_INFO_V1(activities_json);
Datum
activities_json(PG_FUNCTION_ARGS)
{
	return activities(fcinfo, PAGE_JSON);
}

PG_FUNCTION_INFO_V1(activities_jsonb);
Datum
activities_jsonb(PG_FUNCTION_ARGS)
{
	return activities(fcinfo, PAGE_JSONB);
}

PG_FUNCTION_INFO_V1(activity_errors_json);
Datum
activity_errors_json(PG_FUNCTION_ARGS)
{
	return activity_errors(fcinfo, PAGE_JSON);
}

PG_FUNCTION_INFO_V1(activity_errors_jsonb);
Datum
activity_errors_jsonb(PG_FUNCTION_ARGS)
{
	return activity_errors(fcinfo, PAGE_JSONB);
}

PG_FUNCTION_INFO_V1(activity_page_json);
Datum
activity_page_json(PG_FUNCTION_ARGS)
{
	return activity_page(fcinfo, PAGE_JSON);
}

PG_FUNCTION_INFO_V1(activity_page_jsonb);
Datum
activity_page_jsonb(PG_FUNCTION_ARGS)
{
	return activity_page(fcinfo, PAGE_JSONB);
}
