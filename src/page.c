/*
 * page.c
 *	  A page, json or jsonb: its activities, presences and errors, one at a
 *	  time.
 *
 * The reader of json is speculative if the caller allows it: it assumes that
 * the items are in their usual place, without scanning the whole document
 * first. A wrong guess is detected at the first error or at the end. The page
 * is then read again without speculation, and the caller must discard the
 * events that it got.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "catalog.h"
#include "compat.h"
#include "page.h"

/* Open the document at its beginning. */
static void
open_reader(ActivityPage *page, bool speculative)
{
	page->reader = page->type == PAGE_JSONB
					   ? open_jsonb_page(page->document)
					   : open_json_page(page->document, speculative);
	page->stage = STAGE_DOCUMENT;
	page->number = 0;
	page->rows.unknown_labels = 0;
}

/*
 * Open a page in the current memory context, which owns it. The document must
 * outlive the page. function is one of the extension's. With may_restart the
 * caller accepts PAGE_RESTART, which makes json faster.
 *
 * Activities and presences are skipped until page_want_activities and
 * page_want_presences ask for them.
 */
ActivityPage *
page_open(Datum document, PageType type, Oid function, OnError on_error,
		  bool may_restart)
{
	ActivityPage *page = palloc(sizeof(ActivityPage));

	memset(page, 0, offsetof(ActivityPage, item));
	page->document = document;
	page->type = type;
	page->rows.function = function;
	page->on_error = on_error;
	page->context = CurrentMemoryContext;
	page->item_context =
		AllocSetContextCreate(CurrentMemoryContext, "activity item",
							  ALLOCSET_DEFAULT_SIZES);
	open_reader(page, may_restart);
	return page;
}

/* Have a page return activities, as rows of this type. */
void
page_want_activities(ActivityPage *page, TupleDesc type)
{
	begin_row(&page->rows.activity, type, activity_attributes(type),
			  ACTIVITY_ATTRIBUTES);
}

/* Have a page return presences, as rows of this type. */
void
page_want_presences(ActivityPage *page, TupleDesc type)
{
	begin_row(&page->rows.presence, type, presence_attributes(type),
			  PRESENCE_ATTRIBUTES);
}

/* Free the memory of the last item; the page's context owns the rest. */
void
page_close(ActivityPage *page)
{
	MemoryContextDelete(page->item_context);
	page->item_context = NULL;
}

/*
 * Return the event, or PAGE_RESTART if the speculative reader guessed wrong;
 * the page then starts over without speculation.
 */
static PageEvent
confirmed(ActivityPage *page, PageEvent event)
{
	PageReader *reader = page->reader;
	MemoryContext caller;
	bool wrong_guess = reader->confirm != NULL && !reader->confirm(reader);

	reader->confirm = NULL;
	if (!wrong_guess)
		return event;
	caller = MemoryContextSwitchTo(page->context);
	open_reader(page, false);
	MemoryContextSwitchTo(caller);
	return PAGE_RESTART;
}

/* Raise the last error. */
pg_noreturn static void
raise_error(const ItemError *error)
{
	const char *detail = error->detail;

	if (OidIsValid(error->allowed))
		detail = psprintf("Valid values are %s.", enum_labels(error->allowed));
	ereport(ERROR,
			(errcode(error->code), errmsg_internal("%s", error->message),
			 detail ? errdetail_internal("%s", detail) : 0,
			 error->hint ? errhint("%s", error->hint)
			 : error->kept
				 ? errhint("Pass on_error => 'set_null' to read such labels "
						   "as null; activity_errors(page) lists them.")
				 : errhint("Pass on_error => 'ignore' to continue without bad "
						   "items; activity_errors(page) lists them.")));
}

/* Return the last error as an event, or raise it. */
static PageEvent
error_event(ActivityPage *page)
{
	PageEvent event = confirmed(page, PAGE_ERROR);

	if (event == PAGE_ERROR && page->on_error == ON_ERROR_STOP)
		raise_error(&page->error);
	return event;
}

/* Set reported_at in a row, and null in attributes that a user added. */
static void
complete_row(const ActivityPage *page, NewRow *row, int reported_at)
{
	row->values[reported_at] = TimestampTzGetDatum(page->up_to);
	row->nulls[reported_at] = page->up_to == DT_NOBEGIN;
	for (int i = row->known; i < row->type->natts; i++)
		row->nulls[i] = true;
}

/* Read items up to the next row or error. */
static PageEvent
next_item_event(ActivityPage *page)
{
	ItemRows *rows = &page->rows;

	/* the last item may have more errors */
	if (page->on_error == ON_ERROR_LIST &&
		next_unknown_label(&page->item, page->number, rows, &page->error))
		return error_event(page);

	for (;;)
	{
		ItemResult result;

		CHECK_FOR_INTERRUPTS();
		MemoryContextReset(page->item_context);
		if (!page->reader->next_item(page->reader, &page->item))
		{
			page->stage = STAGE_END;
			return confirmed(page, PAGE_END);
		}
		result = make_row(&page->item, ++page->number, rows, &page->error);
		if (result == ITEM_SKIPPED)
			continue;
		if (result == ITEM_BAD)
			return error_event(page);
		if (rows->unknown_labels != 0 && page->on_error != ON_ERROR_SET_NULL &&
			next_unknown_label(&page->item, page->number, rows, &page->error))
			return error_event(page);
		if (result == ITEM_PRESENCE)
		{
			complete_row(page, &rows->presence, PRESENCE_REPORTED_AT);
			return PAGE_PRESENCE;
		}
		complete_row(page, &rows->activity, ACTIVITY_REPORTED_AT);
		return PAGE_ACTIVITY;
	}
}

/* Return the next event. After PAGE_END it is PAGE_END again. */
PageEvent
page_next(ActivityPage *page)
{
	MemoryContext caller = MemoryContextSwitchTo(page->item_context);
	PageEvent event = PAGE_END;
	bool is_bad = false;

	if (page->stage == STAGE_DOCUMENT)
	{
		const PageHead *head = &page->reader->head;
		bool is_page = check_page(head, &page->error);

		page->stage = is_page ? STAGE_ITEMS : STAGE_END;
		is_bad = !is_page || !read_up_to(head, &page->up_to, &page->error);
	}
	if (is_bad)
		event = error_event(page);
	else if (page->stage == STAGE_ITEMS)
		event = next_item_event(page);
	MemoryContextSwitchTo(caller);
	return event;
}

/*
 * Return the part of the document that the last error is about, as palloc'd
 * JSON text.
 */
char *
page_error_text(ActivityPage *page)
{
	PageReader *reader = page->reader;

	if (page->error.item > 0)
		return reader->item_text(reader);
	return page->stage == STAGE_ITEMS ? reader->up_to_text(reader)
									  : reader->document_text(reader);
}

/* Read a page's description of itself, in the current memory context. */
void
page_describe(Datum document, PageType type, PageDescription *description)
{
	ActivityPage *page =
		page_open(document, type, InvalidOid, ON_ERROR_IGNORE, false);
	PageReader *reader = page->reader;
	ItemError error;

	description->is_page = reader->head.shape != NO_PAGE;
	reader->read_meta(reader, &description->meta);
	(void) read_up_to(&reader->head, &description->up_to, &error);
	description->items = reader->count_items(reader);
	page_close(page);
}

/*
 * Read a value of on_error, in any case of letters. Raises an error for any
 * other value and for NULL.
 */
OnError
read_on_error(const text *on_error)
{
	static const char *const words[] = {[ON_ERROR_STOP] = "stop",
										[ON_ERROR_IGNORE] = "ignore",
										[ON_ERROR_SET_NULL] = "set_null"};
	static const char *const hint =
		"Valid values are 'stop', 'ignore' and 'set_null'.";

	if (on_error == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
				 errmsg("on_error must not be null"), errhint("%s", hint)));
	for (Size i = 0; i < lengthof(words); i++)
	{
		if (VARSIZE_ANY_EXHDR(on_error) == strlen(words[i]) &&
			pg_strncasecmp(VARDATA_ANY(on_error), words[i],
						   strlen(words[i])) == 0)
			return (OnError) i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid on_error: \"%s\"", text_to_cstring(on_error)),
			 errhint("%s", hint)));
}
