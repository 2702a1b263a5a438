/*
 * page_json_text.h
 *	  The text of a json document.
 */
#ifndef ACTIVITY_JSON_TEXT_H
#define ACTIVITY_JSON_TEXT_H

#include "port/pg_bitutils.h"

#include "compat.h"
#include "page_reader.h"

/* every integer of this many digits fits bigint */
#define LONGEST_INTEGER 18

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

/* Skip white space, and return the next character; an error at the end. */
static inline char
peek_json(const char **at, const char *end)
{
	*at = skip_space(*at, end);
	if (*at >= end)
		malformed_json();
	return **at;
}

#define EACH_BYTE(c) (UINT64CONST(0x0101010101010101) * (unsigned char) (c))
/* set the high bit of the lowest zero byte, and perhaps of higher bytes */
#define ZERO_BYTES(word) (((word) -EACH_BYTE(1)) & ~(word) &EACH_BYTE(0x80))

/* Return the first quote or backslash; end if there is none. */
static inline const char *
find_quote_or_escape(const char *at, const char *end)
{
#ifndef WORDS_BIGENDIAN
	while (end - at >= (int) sizeof(uint64))
	{
		uint64 word;
		uint64 found;

		memcpy(&word, at, sizeof(word));
		found = ZERO_BYTES(word ^ EACH_BYTE('"')) |
				ZERO_BYTES(word ^ EACH_BYTE('\\'));
		if (found != 0)
			return at + pg_rightmost_one_pos64(found) / 8;
		at += sizeof(word);
	}
#endif
	while (at < end && *at != '"' && *at != '\\')
		at++;
	return at;
}

extern bool is_json_key(Slice key, const char *name);
extern ItemKey item_key_of(ItemKey parent, Slice key);
extern bool holds_json(Slice string);
extern const char *skip_json_value(const char *at, const char *end);
extern Slice take_json_value(const char **at, const char *end);
extern void append_for_json_c(StringInfo out, Slice value);

#endif /* ACTIVITY_JSON_TEXT_H */
