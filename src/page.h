/*
 * page.h
 *	  A page, json or jsonb: its activities and its errors, one after the
 *	  other.
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

/* What page_next has found. */
typedef enum PageEvent
{
	PAGE_ACTIVITY, /* values and nulls have it */
	PAGE_ERROR,	   /* error has it */
	PAGE_RESTART,  /* forget all events so far: the page begins again */
	PAGE_END
} PageEvent;

/* The meta data of a page. */
typedef struct PageDescription
{
	bool is_page; /* if not, it has none */
	PageMeta meta;
	TimestampTz up_to; /* DT_NOBEGIN: it is missing or bad */
	int64 items;	   /* how many it really has */
} PageDescription;

/* What page_next looks at next. */
typedef enum PageStage
{
	STAGE_DOCUMENT, /* and its upTo */
	STAGE_ITEMS,
	STAGE_END
} PageStage;

/* A page being read. It and its reader live in the context it was opened in. */
typedef struct ActivityPage
{
	/* for the caller to read, valid until the next call of page_next */
	TupleDesc activity_type;
	Datum *values; /* of the activity found last, one for each attribute */
	bool *nulls;
	ItemError error; /* found last */

	/* page.c's own */
	Datum document;
	PageType type;
	PageReader *reader;
	int attributes; /* how many of the library's the type has */
	PageStage stage;
	int number;					/* of the item read last, from 1 */
	TimestampTz up_to;			/* DT_NOBEGIN: none */
	MemoryContext context;		/* that it was opened in */
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
