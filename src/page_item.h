/*
 * page_item.h
 *	  Items become activities and presences.
 */
#ifndef ACTIVITY_PAGE_ITEM_H
#define ACTIVITY_PAGE_ITEM_H

#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "compat.h"
#include "page_reader.h"
#include "row.h"

/* An error of an item, or of the page if item is 0. */
typedef struct ItemError
{
	int item;
	const char *key; /* NULL for the item as a whole */
	int code;		 /* SQLSTATE */
	char *message;
	const char *detail;
	const char *hint; /* NULL for the hint about on_error */
	Oid allowed;	  /* enum type whose labels the detail lists, or 0 */
	bool kept;		  /* on_error 'set_null' keeps the item */
} ItemError;

typedef enum ItemResult
{
	ITEM_ACTIVITY,
	ITEM_PRESENCE,
	ITEM_SKIPPED, /* Workload, or of a kind that nobody asked for */
	ITEM_BAD
} ItemResult;

/* Space for the attributes of a row; longer texts are palloc'd. */
typedef struct ItemBuffers
{
	pg_uuid_t interaction_guid;
	pg_uuid_t channel_guid;
	char texts[3][128];
} ItemBuffers;

/* What the items of a page become. */
typedef struct ItemRows
{
	NewRow activity; /* its type is NULL if activities are skipped */
	NewRow presence; /* its type is NULL if presences are skipped */
	Oid function;	 /* one of the extension's */
	Oid category; /* type presence_category, InvalidOid until it is needed */
	uint32 unknown_labels; /* keys of the last item, as bits: see make_row */
	ItemBuffers buffers;
} ItemRows;

extern ItemResult make_row(const PageItem *item, int number, ItemRows *rows,
						   ItemError *error);
extern bool next_unknown_label(const PageItem *item, int number,
							   ItemRows *rows, ItemError *error);
extern bool check_page(const PageHead *head, ItemError *error);
extern bool read_up_to(const PageHead *head, TimestampTz *up_to,
					   ItemError *error);

#endif /* ACTIVITY_PAGE_ITEM_H */
