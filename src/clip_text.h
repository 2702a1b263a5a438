/*
 * clip_text.h
 *	  Values of users as messages show them.
 */
#ifndef ACTIVITY_CLIP_TEXT_H
#define ACTIVITY_CLIP_TEXT_H

#include "mb/pg_wchar.h"

/* a message shows this many bytes of a value */
#define SHOWN_BYTES 100

/* Return the beginning of a text, palloc'd, with "..." if it is longer. */
static inline char *
clip_text(const char *text, int length)
{
	int shown = pg_mbcliplen(text, length, SHOWN_BYTES);

	return psprintf("%.*s%s", shown, text, shown < length ? "..." : "");
}

#endif /* ACTIVITY_CLIP_TEXT_H */
