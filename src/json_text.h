/*
 * json_text.h
 *	  The text of a json document.
 */
#ifndef ACTIVITY_JSON_TEXT_H
#define ACTIVITY_JSON_TEXT_H

#include "activity.h"
#include "compat.h"

/* A piece of the document; text is NULL for none. */
typedef struct Slice
{
	const char *text;
	int length;
} Slice;

pg_noreturn extern void malformed_json(void);
extern char peek_json(const char **at, const char *end);
extern const char *skip_json_value(const char *at, const char *end);
extern Slice take_json_value(const char **at, const char *end, bool *plain);
extern Slice for_json_c(Slice value, bool plain);

#endif /* ACTIVITY_JSON_TEXT_H */
