/*
 * page.h
 *	  A page, json or jsonb: its activities, presences and errors, one at a
 *	  time.
 */
#ifndef ACTIVITY_PAGE_H
#define ACTIVITY_PAGE_H

#include "access/tupdesc.h"

#include "compat.h"
#include "page_item.h"
#include "page_reader.h"

/* The type of the document. */
typedef enum PageType
{
	PAGE_JSON,
	PAGE_JSONB
} PageType;

/* What becomes of bad items: the values of on_error, and one more. */
typedef enum OnError
{
	ON_ERROR_STOP,	   /* raise the first error */
	ON_ERROR_IGNORE,   /* one error for each item that is left out */
	ON_ERROR_SET_NULL, /* the same, with null for unknown optional labels */
	ON_ERROR_LIST	   /* all errors: one for each unknown optional label */
} OnError;

/* What page_next found. */
typedef enum PageEvent
{
	PAGE_ACTIVITY, /* rows.activity has it */
	PAGE_PRESENCE, /* rows.presence has it */
	PAGE_ERROR,	   /* error has it */
	PAGE_RESTART,  /* discard all events so far: the page starts over */
	PAGE_END
} PageEvent;

/* A page's own description of itself. */
typedef struct PageDescription
{
	bool is_page; /* if not, the rest is empty */
	PageMeta meta;
	TimestampTz up_to; /* DT_NOBEGIN if missing or bad */
	int64 items;	   /* its actual number */
} PageDescription;

/* What page_next reads next. */
typedef enum PageStage
{
	STAGE_DOCUMENT, /* the document's shape and its upTo */
	STAGE_ITEMS,
	STAGE_END
} PageStage;

/* A page being read; it and its reader live in the context of page_open. */
typedef struct ActivityPage
{
	/* for the caller to read, valid until the next call of page_next */
	ItemRows rows;
	ItemError error; /* the last one */

	/* page.c's own */
	Datum document;
	PageType type;
	PageReader *reader;
	OnError on_error;
	PageStage stage;
	PageItem item;				/* the last one */
	int number;					/* its number, from 1 */
	TimestampTz up_to;			/* DT_NOBEGIN if none */
	MemoryContext context;		/* of page_open */
	MemoryContext item_context; /* reset before each item */
} ActivityPage;

extern ActivityPage *page_open(Datum document, PageType type, Oid function,
							   OnError on_error, bool may_restart);
extern void page_want_activities(ActivityPage *page, TupleDesc type);
extern void page_want_presences(ActivityPage *page, TupleDesc type);
extern PageEvent page_next(ActivityPage *page);
extern char *page_error_text(ActivityPage *page);
extern void page_close(ActivityPage *page);
extern void page_describe(Datum document, PageType type,
						  PageDescription *description);

extern OnError read_on_error(const text *on_error);

#endif /* ACTIVITY_PAGE_H */
