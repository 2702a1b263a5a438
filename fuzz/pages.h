/*
 * pages.h
 *	  Reading a document as activities(), presences() and activity_errors() do.
 */
#ifndef FUZZ_PAGES_H
#define FUZZ_PAGES_H

#include "shim.h"

/* How a document is read. All ways come to the same. */
typedef enum Way
{
	SPECULATIVELY, /* as activities() does */
	THOROUGHLY,	   /* as activity_errors() does */
	BY_JSON_C	   /* every item */
} Way;

/*
 * Reads a document and tells all that was found: its head, every activity,
 * presence and error. The text is malloc'd.
 */
extern char *tell_page(const char *document, size_t length, Way way);

/* Whether type json accepts a text. */
extern bool is_json(const char *text, size_t length);

#endif /* FUZZ_PAGES_H */
