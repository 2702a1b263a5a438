/*
 * expand.c
 *	  The SQL functions that read pages: activities, activity_errors,
 *	  activity_page.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pg_list.h"
#include "nodes/supportnodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"

#include "activity.h"
#include "compat.h"
#include "rows.h"

typedef PageReader *(*OpenPage)(Datum page, bool hasty);

/*
 * So many items of a page are made in the page's own memory, before there is a
 * context for items: for pages of one that would cost more than it spares.
 */
#define FIRST_ITEMS 2

/* A page on its way to becoming activities. */
typedef struct Expansion
{
	PageReader *reader;
	bool ignore;				/* bad items, rather than stop there */
	int number;					/* of the item read last, from 1 */
	int64 rejected;				/* how much was bad so far */
	MemoryContext context;		/* owns all of it */
	MemoryContext item_context; /* reset before each item; NULL at first */
	TupleDesc activity_type;
	Datum *values; /* of the activity made last */
	bool *nulls;
	NullableDatum up_to;
	bool mistaken; /* a hasty reader was */
	ActivityBuffers buffers;
} Expansion;

/* Raises what is wrong with a page or one of its items. */
pg_noreturn static void
raise_error(const ItemError *error)
{
	const char *detail = error->detail;

	if (OidIsValid(error->allowed))
		detail = psprintf("Allowed are %s.", enum_labels(error->allowed));
	ereport(ERROR,
			(errcode(error->code), errmsg_internal("%s", error->message),
			 detail ? errdetail_internal("%s", detail) : 0,
			 errhint("Pass on_error => 'ignore' to leave out what is bad; "
					 "activity_errors(page) lists it.")));
}

/*
 * Reads the argument on_error into *ignore; an error if it is neither 'stop'
 * nor 'ignore'.
 */
static void
read_on_error(FunctionCallInfo fcinfo, int argument, bool *ignore)
{
	text *on_error;
	const char *word;
	int length;

	if (PG_ARGISNULL(argument))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("on_error must not be null"),
						errhint("Allowed are 'stop' and 'ignore'.")));
	on_error = PG_GETARG_TEXT_PP(argument);
	word = VARDATA_ANY(on_error);
	length = VARSIZE_ANY_EXHDR(on_error);
	*ignore = length == 6 && pg_strncasecmp(word, "ignore", length) == 0;
	if (!*ignore && (length != 4 || pg_strncasecmp(word, "stop", length) != 0))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid on_error: \"%s\"", text_to_cstring(on_error)),
				 errhint("Allowed are 'stop' and 'ignore'.")));
}

/*
 * Opens a page in the current memory context, which owns all of it. An error
 * if the attributes of type activity are not those that are made here.
 */
static Expansion *
begin_expansion(OpenPage open_page, Datum page, bool hasty, bool ignore,
				TupleDesc type)
{
	Expansion *expansion = palloc(sizeof(Expansion));

	check_activity_layout(type);
	memset(expansion, 0, offsetof(Expansion, buffers));
	expansion->reader = open_page(page, hasty);
	expansion->ignore = ignore;
	expansion->context = CurrentMemoryContext;
	expansion->activity_type = type;
	expansion->values = palloc0(sizeof(Datum) * type->natts);
	expansion->nulls = palloc(sizeof(bool) * type->natts);
	memset(expansion->nulls, true, sizeof(bool) * type->natts);
	return expansion;
}

/* The memory of the next item, emptied. */
static MemoryContext
next_item_context(Expansion *expansion)
{
	if (expansion->number < FIRST_ITEMS)
		return expansion->context;
	if (expansion->item_context == NULL)
		expansion->item_context =
			AllocSetContextCreate(expansion->context, "activity item",
								  ALLOCSET_DEFAULT_SIZES);
	MemoryContextReset(expansion->item_context);
	return expansion->item_context;
}

/*
 * Reads the next item and makes its activity in values and nulls. False at
 * the end of the page. All of it, and the error's texts, live till the next
 * call.
 */
static bool
next_item(Expansion *expansion, ItemResult *result, ItemError *error)
{
	MemoryContext caller;
	PageItem item;
	bool found;

	CHECK_FOR_INTERRUPTS();
	caller = MemoryContextSwitchTo(next_item_context(expansion));
	found = expansion->reader->next_item(expansion->reader, &item);
	if (found)
		*result = make_activity(&item, ++expansion->number,
								&expansion->buffers, expansion->activity_type,
								expansion->values, expansion->nulls, error);
	MemoryContextSwitchTo(caller);
	return found;
}

/* Whether a hasty reader was mistaken: then nothing it said counts. */
static bool
is_mistaken(Expansion *expansion)
{
	PageReader *reader = expansion->reader;

	if (reader->confirm != NULL && !reader->confirm(reader))
		expansion->mistaken = true;
	reader->confirm = NULL;
	return expansion->mistaken;
}

/*
 * Counts what is bad, or raises its error where bad items are to stop us.
 * False if the reader was mistaken about it.
 */
static bool
reject(Expansion *expansion, const ItemError *error)
{
	if (is_mistaken(expansion))
		return false;
	if (!expansion->ignore)
		raise_error(error);
	expansion->rejected++;
	return true;
}

/*
 * Checks the document itself, and reads its upTo. False if it is no page, and
 * so has no activities, where that is ignored.
 */
static bool
check_document(Expansion *expansion)
{
	const PageHead *head = &expansion->reader->head;
	ItemError error;

	if (!check_page(head, &error))
	{
		(void) reject(expansion, &error);
		return false;
	}
	return read_up_to(head, &expansion->up_to, &error) ||
		   reject(expansion, &error);
}

/*
 * Makes the next activity in values and nulls. False at the end of the page,
 * or if the reader turned out to be mistaken.
 */
static bool
next_activity(Expansion *expansion)
{
	ItemResult result;
	ItemError error;

	while (next_item(expansion, &result, &error))
	{
		if (result == ITEM_ACTIVITY)
		{
			expansion->values[ACTIVITY_REPORTED_AT] = expansion->up_to.value;
			expansion->nulls[ACTIVITY_REPORTED_AT] = expansion->up_to.isnull;
			return true;
		}
		if (result == ITEM_BAD && !reject(expansion, &error))
			return false;
	}
	(void) is_mistaken(expansion);
	return false;
}

/*
 * Has the beginning of a page brought from memory, while all else is set up. A
 * page of an item or two would else be waited for piece by piece. What lies
 * behind a shorter one is not read, only fetched.
 */
static inline void
prefetch_page(Datum page)
{
#ifdef __GNUC__
	for (int at = 0; at < 512; at += 64)
		__builtin_prefetch((char *) DatumGetPointer(page) + at);
#endif
}

/*
 * Puts all activities of a page into the caller's tuplestore. They are of the
 * row type that the caller expects: the function's own. So the caller is given
 * none to compare it with, which would cost as much as reading an item. Memory
 * is the call's own, which the caller resets.
 */
static Datum
store_activities(FunctionCallInfo fcinfo, OpenPage open_page, bool ignore)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	TupleDesc type = rsinfo->expectedDesc;
	MemoryContext call_context =
		MemoryContextSwitchTo(rsinfo->econtext->ecxt_per_query_memory);
	bool random = (rsinfo->allowedModes & SFRM_Materialize_Random) != 0;
	Expansion *expansion;
	bool hasty = true;

	prefetch_page(PG_GETARG_DATUM(0));
	rsinfo->returnMode = SFRM_Materialize;
	rsinfo->setResult = tuplestore_begin_heap(random, false, work_mem);
	MemoryContextSwitchTo(call_context);
	for (;;)
	{
		expansion = begin_expansion(open_page, PG_GETARG_DATUM(0), hasty,
									ignore, type);
		if (check_document(expansion))
		{
			while (next_activity(expansion))
				tuplestore_putvalues(rsinfo->setResult, type,
									 expansion->values, expansion->nulls);
		}
		if (!expansion->mistaken)
			return (Datum) 0;
		hasty = false;
		tuplestore_clear(rsinfo->setResult);
	}
}

/* Returns the activities of a page one a call. */
static Datum
stream_activities(FunctionCallInfo fcinfo, OpenPage open_page, bool ignore)
{
	FuncCallContext *call;
	Expansion *expansion;

	if (SRF_IS_FIRSTCALL())
	{
		MemoryContext caller;

		call = SRF_FIRSTCALL_INIT();
		caller = MemoryContextSwitchTo(call->multi_call_memory_ctx);
		expansion = begin_expansion(open_page, PG_GETARG_DATUM(0), false,
									ignore, result_type(fcinfo));
		call->user_fctx = check_document(expansion) ? expansion : NULL;
		MemoryContextSwitchTo(caller);
	}
	call = SRF_PERCALL_SETUP();
	expansion = call->user_fctx;
	if (expansion == NULL || !next_activity(expansion))
		SRF_RETURN_DONE(call);
	SRF_RETURN_NEXT(call,
					HeapTupleGetDatum(heap_form_tuple(expansion->activity_type,
													  expansion->values,
													  expansion->nulls)));
}

/* activities: arguments page, on_error; a null page has none. */
static Datum
activities(FunctionCallInfo fcinfo, OpenPage open_page)
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
		read_on_error(fcinfo, 1, &ignore);
		if (PG_ARGISNULL(0))
		{
			rsinfo->isDone = ExprEndResult;
			PG_RETURN_NULL();
		}
	}
	return store ? store_activities(fcinfo, open_page, ignore)
				 : stream_activities(fcinfo, open_page, ignore);
}

/*
 * Puts a row of activity_errors into the caller's tuplestore, with the text of
 * what is wrong.
 */
static void
store_error(ReturnSetInfo *rsinfo, const ItemError *error, PageReader *reader,
			char *(*text_of)(PageReader *reader))
{
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
	values[4] = CStringGetTextDatum(text_of(reader));
	tuplestore_putvalues(rsinfo->setResult, rsinfo->setDesc, values, nulls);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(row_context);
}

/* activity_errors: argument page. */
static Datum
activity_errors(FunctionCallInfo fcinfo, OpenPage open_page)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext page_context;
	MemoryContext caller;
	Expansion *expansion;
	PageReader *reader;
	ItemResult result;
	ItemError error;

	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	page_context = AllocSetContextCreate(CurrentMemoryContext, "activity page",
										 ALLOCSET_DEFAULT_SIZES);
	caller = MemoryContextSwitchTo(page_context);
	expansion =
		begin_expansion(open_page, PG_GETARG_DATUM(0), false, true,
						lookup_rowtype_tupdesc_copy(sibling_type(fcinfo->flinfo
																	 ->fn_oid,
																 "activity"),
													-1));
	reader = expansion->reader;
	if (!check_page(&reader->head, &error))
		store_error(rsinfo, &error, reader, reader->document_text);
	else
	{
		if (!read_up_to(&reader->head, &expansion->up_to, &error))
			store_error(rsinfo, &error, reader, reader->up_to_text);
		while (next_item(expansion, &result, &error))
		{
			if (result == ITEM_BAD)
				store_error(rsinfo, &error, reader, reader->item_text);
		}
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(page_context);
	return (Datum) 0;
}

/*
 * read_activities: arguments page, on_error. Returns the activities of a page
 * as an array, and how many rows activity_errors has for it.
 */
static Datum
read_activities(FunctionCallInfo fcinfo, OpenPage open_page)
{
	TupleDesc type = result_type(fcinfo);
	Oid element = get_element_type(TupleDescAttr(type, 0)->atttypid);
	Expansion *expansion;
	ArrayBuildState *activities;
	Datum values[2];
	bool nulls[2] = {false, false};
	bool ignore;

	read_on_error(fcinfo, 1, &ignore);
	activities = initArrayResult(element, CurrentMemoryContext, false);
	if (!PG_ARGISNULL(0))
	{
		expansion =
			begin_expansion(open_page, PG_GETARG_DATUM(0), false, ignore,
							lookup_rowtype_tupdesc_copy(element, -1));
		if (check_document(expansion))
		{
			while (next_activity(expansion))
			{
				HeapTuple activity =
					heap_form_tuple(expansion->activity_type,
									expansion->values, expansion->nulls);

				activities =
					accumArrayResult(activities, HeapTupleGetDatum(activity),
									 false, element, CurrentMemoryContext);
				heap_freetuple(activity);
			}
		}
		values[1] = Int64GetDatum(expansion->rejected);
	}
	else
		values[1] = Int64GetDatum(0);
	values[0] = makeArrayResult(activities, CurrentMemoryContext);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(type, values, nulls)));
}

/* A number of a page's meta, if it is an integer. */
static void
set_meta(const JsonField *field, Datum *value, bool *null)
{
	*null = field->kind != JSON_INTEGER || field->integer < PG_INT32_MIN ||
			field->integer > PG_INT32_MAX;
	if (!*null)
		*value = Int32GetDatum((int32) field->integer);
}

/* activity_page: argument page. */
static Datum
activity_page(FunctionCallInfo fcinfo, OpenPage open_page)
{
	TupleDesc type = result_type(fcinfo);
	PageReader *reader = open_page(PG_GETARG_DATUM(0), false);
	PageMeta meta;
	NullableDatum up_to;
	ItemError error;
	Datum values[6] = {0};
	bool nulls[6];

	reader->read_meta(reader, &meta);
	set_meta(&meta.page, &values[0], &nulls[0]);
	set_meta(&meta.count, &values[1], &nulls[1]);
	set_meta(&meta.page_count, &values[2], &nulls[2]);
	set_meta(&meta.total_count, &values[3], &nulls[3]);
	(void) read_up_to(&reader->head, &up_to, &error); /* null if it is bad */
	values[4] = up_to.value;
	nulls[4] = up_to.isnull;
	values[5] = Int32GetDatum((int32) reader->count_items(reader));
	nulls[5] = reader->head.shape == NO_PAGE;
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(type, values, nulls)));
}

PG_FUNCTION_INFO_V1(activities_support);
/*
 * Tells the planner how many rows activities() makes of a page that it knows
 * already: one an item, as if none were bad or passed over.
 */
Datum
activities_support(PG_FUNCTION_ARGS)
{
	Node *request = (Node *) PG_GETARG_POINTER(0);
	SupportRequestRows *rows;
	Const *page;
	MemoryContext context;
	MemoryContext caller;
	PageReader *reader;

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
	reader = page->consttype == JSONBOID
				 ? open_jsonb_page(page->constvalue, false)
				 : open_json_page(page->constvalue, false);
	rows->rows = reader->count_items(reader);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
	PG_RETURN_POINTER(request);
}

PG_FUNCTION_INFO_V1(activities_json);
Datum
activities_json(PG_FUNCTION_ARGS)
{
	return activities(fcinfo, open_json_page);
}

PG_FUNCTION_INFO_V1(activities_jsonb);
Datum
activities_jsonb(PG_FUNCTION_ARGS)
{
	return activities(fcinfo, open_jsonb_page);
}

PG_FUNCTION_INFO_V1(activity_errors_json);
Datum
activity_errors_json(PG_FUNCTION_ARGS)
{
	return activity_errors(fcinfo, open_json_page);
}

PG_FUNCTION_INFO_V1(activity_errors_jsonb);
Datum
activity_errors_jsonb(PG_FUNCTION_ARGS)
{
	return activity_errors(fcinfo, open_jsonb_page);
}

PG_FUNCTION_INFO_V1(activity_page_json);
Datum
activity_page_json(PG_FUNCTION_ARGS)
{
	return activity_page(fcinfo, open_json_page);
}

PG_FUNCTION_INFO_V1(activity_page_jsonb);
Datum
activity_page_jsonb(PG_FUNCTION_ARGS)
{
	return activity_page(fcinfo, open_jsonb_page);
}

PG_FUNCTION_INFO_V1(read_activities_json);
Datum
read_activities_json(PG_FUNCTION_ARGS)
{
	return read_activities(fcinfo, open_json_page);
}

PG_FUNCTION_INFO_V1(read_activities_jsonb);
Datum
read_activities_jsonb(PG_FUNCTION_ARGS)
{
	return read_activities(fcinfo, open_jsonb_page);
}
