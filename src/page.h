/*
 * page.h
 *	  A page, json or jsonb: its activities and errors, one at a time.
 */
#ifndef ACTIVITY_PAGE_H
#define ACTIVITY_PAGE_H

#include "access/tupdesc.h"

#include "compat.h"
#include "page_reader.h"

/* The type of the document. */
typedef enum PageType
{
	PAGE_JSON,
	PAGE_JSONB
} PageType;

/* What page_next found. */
typedef enum PageEvent
{
	PAGE_ACTIVITY, /* values and nulls have it */
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
	TupleDesc activity_type;
	Datum *values; /* of the last activity, one for each attribute */
	bool *nulls;
	ItemError error; /* the last one */

	/* page.c's own */
	Datum document;
	PageType type;
	PageReader *reader;
	int attributes; /* how many of the known ones the type has */
	PageStage stage;
	int number;					/* of the last item, from 1 */
	TimestampTz up_to;			/* DT_NOBEGIN if none */
	MemoryContext context;		/* of page_open */
	MemoryContext item_context; /* reset before each item */
	ActivityBuffers buffers;
} ActivityPage;

extern ActivityPage *page_open(Datum document, PageType type,
							   TupleDesc activity_type, bool may_restart);
extern PageEvent page_next(ActivityPage *page);
extern char *page_error_text(ActivityPage *page);
extern void page_close(ActivityPage *page);
extern void page_describe(Datum document, PageType type,
						  PageDescription *description);

extern bool ignores_errors(const text *on_error);
pg_noreturn extern void page_raise_error(const ActivityPage *page);

#endif /* ACTIVITY_PAGE_H */
