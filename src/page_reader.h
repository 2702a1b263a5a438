/*
 * page_reader.h
 *	  The interface of the two readers of pages, for json and for jsonb.
 *
 * This header must not include fmgrprotos.h (utils/builtins.h does): json-c's
 * typedef json_object collides with a prototype in there.
 */
#ifndef ACTIVITY_PAGE_READER_H
#define ACTIVITY_PAGE_READER_H

#include "datatype/timestamp.h"
#include "fmgr.h"

/* Whether a text, which is not null-terminated, equals this string. */
static inline bool
is_text(const char *text, int length, const char *string)
{
	return (size_t) length == strlen(string) &&
		   memcmp(text, string, length) == 0;
}

/*
 * Values of a document
 *
 * Both readers, of json and of jsonb, describe values with these types, and
 * all checks work on them alone: so the same document gives the same rows and
 * errors from both.
 */
typedef enum JsonKind
{
	JSON_ABSENT, /* no such key */
	JSON_NULL,
	JSON_BOOLEAN,	 /* integer: 0 or 1 */
	JSON_INTEGER,	 /* integer: the value */
	JSON_DECIMAL,	 /* text: as numeric would write it */
	JSON_STRING,	 /* text: unescaped, in the database's encoding */
	JSON_UNSTORABLE, /* text: a string that type text cannot store */
	JSON_ARRAY,
	JSON_OBJECT
} JsonKind;

typedef struct JsonField
{
	JsonKind kind;
	int length;		  /* of text, in bytes */
	const char *text; /* not terminated; belongs to the reader */
	int64 integer;
} JsonField;

/* The keys of an item that the extension reads. */
typedef enum ItemKey
{
	KEY_AGENT_ID,
	KEY_TYPE,
	KEY_STATE,
	KEY_CATEGORY,
	KEY_START,
	KEY_STATUS,
	KEY_DURATION,
	KEY_REASON,
	KEY_NAME,
	KEY_ELIGIBLE_FOR_ROUTING,
	KEY_INTERACTION,
	KEY_INTERACTION_GUID,
	KEY_INTERACTION_TYPE,
	KEY_MEDIUM,
	KEY_MEDIUM_MANAGER,
	KEY_DIRECTION,
	KEY_CHANNEL,
	KEY_CHANNEL_GUID,
	KEY_ITEMS,	/* only in a page that was mistaken for an item */
	KEY_UNKNOWN /* also the number of known keys */
} ItemKey;

#define ITEM_KEYS KEY_UNKNOWN
#define KEY_NO_PARENT KEY_UNKNOWN

typedef struct PageItem
{
	JsonKind kind;				 /* JSON_OBJECT, or the item is bad */
	JsonField fields[ITEM_KEYS]; /* only if it is an object */
} PageItem;

/*
 * Pages
 */
typedef enum PageShape
{
	NO_PAGE,	/* a scalar, an API error body, … */
	ENVELOPE,	/* {"items": […], …} */
	BARE_ARRAY, /* […] */
	SINGLE_ITEM /* {"agentId": …, …} */
} PageShape;

/* The part of a document outside its items. */
typedef struct PageHead
{
	PageShape shape;
	JsonKind kind;		 /* of the document */
	JsonKind items_kind; /* of "items", JSON_ABSENT if it has none */
	JsonField up_to;
	bool encoded_twice;		 /* it is a string that contains JSON */
	const char *message_key; /* key of an API error's message, or NULL */
	JsonField message;		 /* the message of an API error body */
} PageHead;

/*
 * The keys of the message in an API error body, and the keys of its text if
 * the message is an object. The first key that exists counts.
 */
#define MESSAGE_KEYS "message", "Message", "error", "errors", "fault"
#define TEXT_KEYS "message", "Message", "faultstring", "description", "title"

/* The numbers in an envelope's "meta". */
typedef struct PageMeta
{
	JsonField page;
	JsonField count;
	JsonField page_count;
	JsonField total_count;
} PageMeta;

/*
 * A document being read. The document must outlive the reader, and the reader
 * is released with the memory context it was opened in. A field's text is
 * valid until the next item is read.
 */
typedef struct PageReader PageReader;
struct PageReader
{
	PageHead head;

	/* Read the next item; false after the last one. */
	bool (*next_item)(PageReader *reader, PageItem *item);

	/* Count the document's items; to be called before next_item. */
	int64 (*count_items)(PageReader *reader);

	/* Read meta; missing numbers are JSON_ABSENT. */
	void (*read_meta)(PageReader *reader, PageMeta *meta);

	/*
	 * Check the guess of a speculative reader; NULL if there was no guess, or
	 * it is known to be right.
	 */
	bool (*confirm)(PageReader *reader);

	/* Return the last item as palloc'd JSON text. */
	char *(*item_text)(PageReader *reader);

	/* Return the document, or its upTo, as palloc'd JSON text. */
	char *(*document_text)(PageReader *reader);
	char *(*up_to_text)(PageReader *reader);
};

/*
 * page_json.c and page_jsonb.c. A speculative reader does not scan the whole
 * document before it reads items: it assumes that they are in their usual
 * place. confirm returns whether that was right. If not, all that was read is
 * void, and the document must be opened again without speculation.
 */
extern PageReader *open_json_page(Datum document, bool speculative);
extern PageReader *open_jsonb_page(Datum document);

/* page_json_scan.c */
extern const char *scan_item(const char *at, const char *end, PageItem *item);

/* page_json_c.c */
typedef struct JsonCReader JsonCReader;
extern JsonCReader *json_c_reader_create(void);
extern void json_c_read(JsonCReader *reader, const char *text, int length,
						JsonField *const *fields, int count);

/* page_item.c */
extern ItemKey item_key(ItemKey parent, const char *name, int length);

/* page_number.c */
extern void read_number(JsonField *field, const char *text, int length);
extern bool read_whole_number(const JsonField *field, int64 *result,
							  bool *out_of_range);

/* page_time.c */
typedef enum Iso8601Result
{
	ISO8601_VALID,
	ISO8601_SYNTAX, /* not spelled as ISO 8601 */
	ISO8601_RANGE	/* well-formed, but not an existing time */
} Iso8601Result;
extern Iso8601Result read_iso8601(const char *text, int length,
								  TimestampTz *result);

#endif /* ACTIVITY_PAGE_READER_H */
