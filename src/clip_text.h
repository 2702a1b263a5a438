/*
 * clip_text.h
 *	  User data in messages.
 */
#ifndef ACTIVITY_CLIP_TEXT_H
#define ACTIVITY_CLIP_TEXT_H

#include "mb/pg_wchar.h"

/* bytes of a value that a message shows */
#define SHOWN_BYTES 100

/* Return the first bytes of a text, with "..." if it is longer; palloc'd. */
static inline char *
clip_text(const char *text, int length)
{
	int shown = pg_mbcliplen(text, length, SHOWN_BYTES);

	return psprintf("%.*s%s", shown, text, shown < length ? "..." : "");
}

#endif /* ACTIVITY_CLIP_TEXT_H */
