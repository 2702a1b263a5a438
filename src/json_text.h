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

static inline const char *
skip_space(const char *at, const char *end)
{
	while (at < end &&
		   (*at == ' ' || *at == '\n' || *at == '\t' || *at == '\r'))
		at++;
	return at;
}

/* The character at a place after white space; an error at the end. */
static inline char
peek_json(const char **at, const char *end)
{
	*at = skip_space(*at, end);
	if (*at >= end)
		malformed_json();
	return **at;
}

extern const char *skip_json_value(const char *at, const char *end);
extern Slice take_json_value(const char **at, const char *end, bool *plain);
extern Slice for_json_c(Slice value, bool plain);

#endif /* ACTIVITY_JSON_TEXT_H */
