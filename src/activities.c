/*
 * activities.c
 *	  The SQL functions that read pages: activities, presences,
 *	  activity_errors, activity_page.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/supportnodes.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"

#include "catalog.h"
#include "compat.h"
#include "page.h"

/* What a function returns the rows of. */
typedef enum ExpandedKind
{
	EXPAND_ACTIVITIES,
	EXPAND_PRESENCES
} ExpandedKind;

/*
 * Open the page that is argument 0, of rows of this type. Returns the page;
 * *row is where its rows are.
 */
static ActivityPage *
open_argument(FunctionCallInfo fcinfo, PageType type, ExpandedKind kind,
			  TupleDesc row_type, OnError on_error, bool may_restart,
			  NewRow **row)
{
	ActivityPage *page =
		page_open(PG_GETARG_DATUM(0), type, fcinfo->flinfo->fn_oid, on_error,
				  may_restart);

	if (kind == EXPAND_PRESENCES)
	{
		page_want_presences(page, row_type);
		*row = &page->rows.presence;
	}
	else
	{
		page_want_activities(page, row_type);
		*row = &page->rows.activity;
	}
	return page;
}

/*
 * Put all rows of a page into the caller's tuplestore. They have the row type
 * that the caller expects, the function's own. So setDesc is not set: to
 * compare it would cost the caller as much as reading an item. Memory comes
 * from the call's context, which the caller resets.
 */
static Datum
store_rows(FunctionCallInfo fcinfo, PageType type, ExpandedKind kind,
		   OnError on_error)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	TupleDesc row_type = rsinfo->expectedDesc;
	MemoryContext call_context =
		MemoryContextSwitchTo(rsinfo->econtext->ecxt_per_query_memory);
	bool random = (rsinfo->allowedModes & SFRM_Materialize_Random) != 0;
	ActivityPage *page;
	NewRow *row;

	rsinfo->returnMode = SFRM_Materialize;
	rsinfo->setResult = tuplestore_begin_heap(random, false, work_mem);
	MemoryContextSwitchTo(call_context);

	page = open_argument(fcinfo, type, kind, row_type, on_error, true, &row);
	for (;;)
	{
		switch (page_next(page))
		{
			case PAGE_ACTIVITY:
			case PAGE_PRESENCE:
				tuplestore_putvalues(rsinfo->setResult, row_type, row->values,
									 row->nulls);
				break;
			case PAGE_ERROR:
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

/* A page whose rows are returned one per call. */
typedef struct RowStream
{
	ActivityPage *page;
	NewRow *row;
} RowStream;

/* Return the rows of a page, one per call; the first call sets on_error. */
static Datum
stream_rows(FunctionCallInfo fcinfo, PageType type, ExpandedKind kind,
			OnError on_error)
{
	FuncCallContext *call;
	RowStream *stream;
	PageEvent event;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext caller;

		call = SRF_FIRSTCALL_INIT();
		caller = MemoryContextSwitchTo(call->multi_call_memory_ctx);
		stream = palloc(sizeof(RowStream));
		stream->page = open_argument(fcinfo, type, kind, result_type(fcinfo),
									 on_error, false, &stream->row);
		call->user_fctx = stream;
		MemoryContextSwitchTo(caller);
	}
	call = SRF_PERCALL_SETUP();
	stream = call->user_fctx;
	do
		event = page_next(stream->page);
	while (event == PAGE_ERROR);
	if (event == PAGE_END)
		SRF_RETURN_DONE(call);
	SRF_RETURN_NEXT(call, HeapTupleGetDatum(form_row(stream->row)));
}

/* activities(page, on_error) or presences; a null page returns no rows. */
static Datum
expand(FunctionCallInfo fcinfo, PageType type, ExpandedKind kind)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	OnError on_error = ON_ERROR_STOP;
	bool store;

	if (rsinfo == NULL || !IsA(rsinfo, ReturnSetInfo))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("set-valued function called in context that cannot "
						"accept a set")));
	store = (rsinfo->allowedModes & SFRM_Materialize_Preferred) != 0;
	if (store || SRF_IS_FIRSTCALL())
	{
		on_error =
			read_on_error(PG_ARGISNULL(1) ? NULL : PG_GETARG_TEXT_PP(1));
		if (PG_ARGISNULL(0))
		{
			rsinfo->isDone = ExprEndResult;
			PG_RETURN_NULL();
		}
	}
	return store ? store_rows(fcinfo, type, kind, on_error)
				 : stream_rows(fcinfo, type, kind, on_error);
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
	Datum values[6] = {0};
	bool nulls[6] = {error->item == 0, error->key == NULL};

	values[0] = Int32GetDatum(error->item);
	if (error->key != NULL)
		values[1] = CStringGetTextDatum(error->key);
	values[2] = CStringGetTextDatum(unpack_sql_state(error->code));
	values[3] = CStringGetTextDatum(error->message);
	values[4] = CStringGetTextDatum(page_error_text(page));
	values[5] = BoolGetDatum(error->kept);
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(row_context);
}

/* activity_errors(page). */
static Datum
activity_errors(FunctionCallInfo fcinfo, PageType type)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Oid function = fcinfo->flinfo->fn_oid;
	MemoryContext page_context;
	MemoryContext caller;
	ActivityPage *page;
	PageEvent event;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	page_context = AllocSetContextCreate(CurrentMemoryContext, "activity page",
										 ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(page_context);
	/* an error once stored cannot be taken back: so no speculation */
	page = page_open(PG_GETARG_DATUM(0), type, function, ON_ERROR_LIST, false);
	page_want_activities(page, sibling_row_type(function, "activity"));
	page_want_presences(page, sibling_row_type(function, "presence"));
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
 * Planner support: estimate the rows that activities() and presences() return
 * for a constant page as its number of items, as if none were rejected or skipped.
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
	return expand(fcinfo, PAGE_JSON, EXPAND_ACTIVITIES);
}

PG_FUNCTION_INFO_V1(activities_jsonb);
Datum
activities_jsonb(PG_FUNCTION_ARGS)
{
	return expand(fcinfo, PAGE_JSONB, EXPAND_ACTIVITIES);
}

PG_FUNCTION_INFO_V1(presences_json);
Datum
presences_json(PG_FUNCTION_ARGS)
{
	return expand(fcinfo, PAGE_JSON, EXPAND_PRESENCES);
}

PG_FUNCTION_INFO_V1(presences_jsonb);
Datum
presences_jsonb(PG_FUNCTION_ARGS)
{
	return expand(fcinfo, PAGE_JSONB, EXPAND_PRESENCES);
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
