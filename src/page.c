/*
 * page.c
 *	  A page, json or jsonb: its activities and errors, one at a time.
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
#include "utils/timestamp.h"

#include "catalog.h"
#include "compat.h"
#include "page.h"
#include "row.h"

/* Open the document at its beginning. */
static void
open_reader(ActivityPage *page, bool speculative)
{
	page->reader = page->type == PAGE_JSONB
					   ? open_jsonb_page(page->document)
					   : open_json_page(page->document, speculative);
	page->stage = STAGE_DOCUMENT;
	page->number = 0;
}

/*
 * Open a page in the current memory context, which owns it. The document must
 * outlive the page. With may_restart the caller accepts PAGE_RESTART, which
 * makes json faster. activity_type is the row type of the activities, or NULL
 * if the caller reads none.
 */
ActivityPage *
page_open(Datum document, PageType type, TupleDesc activity_type,
		  bool may_restart)
{
	ActivityPage *page = palloc(sizeof(ActivityPage));

	memset(page, 0, offsetof(ActivityPage, buffers));
	page->document = document;
	page->type = type;
	page->activity_type = activity_type;
	if (activity_type != NULL)
	{
		int count = Max(activity_type->natts, ACTIVITY_ATTRIBUTES);

		page->attributes = activity_attributes(activity_type);
		page->values = palloc0(sizeof(Datum) * count);
		page->nulls = palloc(sizeof(bool) * count);
		memset(page->nulls, true, sizeof(bool) * count);
	}
	page->context = CurrentMemoryContext;
	page->item_context =
		AllocSetContextCreate(CurrentMemoryContext, "activity item",
							  ALLOCSET_DEFAULT_SIZES);
	open_reader(page, may_restart);
	return page;
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

/* Read items up to the next activity or error. */
static PageEvent
next_item_event(ActivityPage *page)
{
	PageItem item;

	for (;;)
	{
		CHECK_FOR_INTERRUPTS();
		MemoryContextReset(page->item_context);
		if (!page->reader->next_item(page->reader, &item))
		{
			page->stage = STAGE_END;
			return confirmed(page, PAGE_END);
		}
		switch (make_activity(&item, ++page->number, &page->buffers,
							  page->activity_type, page->values, page->nulls,
							  &page->error))
		{
			case ITEM_ACTIVITY:
				page->values[ACTIVITY_REPORTED_AT] =
					TimestampTzGetDatum(page->up_to);
				page->nulls[ACTIVITY_REPORTED_AT] = page->up_to == DT_NOBEGIN;
				/* attributes that a user added after the extension's */
				for (int i = page->attributes; i < page->activity_type->natts;
					 i++)
					page->nulls[i] = true;
				return PAGE_ACTIVITY;
			case ITEM_SKIPPED:
				break;
			case ITEM_BAD:
				return confirmed(page, PAGE_ERROR);
		}
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
		event = confirmed(page, PAGE_ERROR);
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
	ActivityPage *page = page_open(document, type, NULL, false);
	PageReader *reader = page->reader;
	ItemError error;

	description->is_page = reader->head.shape != NO_PAGE;
	reader->read_meta(reader, &description->meta);
	(void) read_up_to(&reader->head, &description->up_to, &error);
	description->items = reader->count_items(reader);
	page_close(page);
}

/*
 * Return true if on_error is 'ignore' and false if it is 'stop', in any case
 * of letters. Raises an error for any other value and for NULL.
 */
bool
ignores_errors(const text *on_error)
{
	const char *word;
	int length;

	if (on_error == NULL)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("on_error must not be null"),
						errhint("Valid values are 'stop' and 'ignore'.")));
	word = VARDATA_ANY(on_error);
	length = VARSIZE_ANY_EXHDR(on_error);
	if (length == 6 && pg_strncasecmp(word, "ignore", length) == 0)
		return true;
	if (length != 4 || pg_strncasecmp(word, "stop", length) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid on_error: \"%s\"", text_to_cstring(on_error)),
				 errhint("Valid values are 'stop' and 'ignore'.")));
	return false;
}

/* Raise the last error. */
void
page_raise_error(const ActivityPage *page)
{
	const ItemError *error = &page->error;
	const char *detail = error->detail;

	if (OidIsValid(error->allowed))
		detail = psprintf("Valid values are %s.", enum_labels(error->allowed));
	ereport(ERROR,
			(errcode(error->code), errmsg_internal("%s", error->message),
			 detail ? errdetail_internal("%s", detail) : 0,
			 error->hint
				 ? errhint("%s", error->hint)
				 : errhint("Pass on_error => 'ignore' to continue without bad "
						   "items; activity_errors(page) lists them.")));
}
