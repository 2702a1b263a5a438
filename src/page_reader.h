/*
 * page_reader.h
 *	  What the readers of pages, of json and of jsonb, share with page.c.
 *
 * This header must not include fmgrprotos.h (utils/builtins.h does): json-c's
 * typedef json_object collides with a prototype in there.
 */
#ifndef ACTIVITY_PAGE_READER_H
#define ACTIVITY_PAGE_READER_H

#include "access/tupdesc.h"
#include "datatype/timestamp.h"
#include "fmgr.h"
#include "utils/uuid.h"

#include "attributes.h"

/* Whether a text, which is not terminated, is this string. */
static inline bool
is_text(const char *text, int length, const char *string)
{
	return (size_t) length == strlen(string) &&
		   memcmp(text, string, length) == 0;
}

/*
 * Values of a document
 *
 * The readers of json and of jsonb both describe what they find in these terms.
 * The code after them is the same, so that their results cannot differ.
 */
typedef enum JsonKind
{
	JSON_ABSENT, /* no such key */
	JSON_NULL,
	JSON_BOOLEAN,	 /* integer: 0 or 1 */
	JSON_INTEGER,	 /* integer: the value */
	JSON_DECIMAL,	 /* text: as numeric would write it */
	JSON_STRING,	 /* text: unescaped, in the database's encoding */
	JSON_UNSTORABLE, /* text: unescaped, but no text can hold the string */
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

/* The keys of an item that an activity is made of. */
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
	KEY_INTERACTION,
	KEY_INTERACTION_GUID,
	KEY_MEDIUM,
	KEY_MEDIUM_MANAGER,
	KEY_DIRECTION,
	KEY_CHANNEL,
	KEY_CHANNEL_GUID,
	KEY_ITEMS,	/* which no item has, but a page taken for one */
	KEY_UNKNOWN /* and how many known ones there are */
} ItemKey;

#define ITEM_KEYS KEY_UNKNOWN
#define KEY_NO_PARENT KEY_UNKNOWN

typedef struct PageItem
{
	JsonKind kind;				 /* JSON_OBJECT, or it is not an item */
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

/* The parts of a document outside its items. */
typedef struct PageHead
{
	PageShape shape;
	JsonKind kind;		 /* of the document */
	JsonKind items_kind; /* of "items", JSON_ABSENT if it has none */
	JsonField up_to;
	bool encoded_twice;		 /* it is a string that holds JSON */
	const char *message_key; /* where an API error body has its say, or NULL */
	JsonField message;		 /* what it says there */
} PageHead;

/*
 * The keys of API error bodies that have the message, and those within an object
 * that is found there; the first one that exists counts.
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

	/* Reads the next item; false if there is none. */
	bool (*next_item)(PageReader *reader, PageItem *item);

	/* How many items the document has; to be called before the first is read. */
	int64 (*count_items)(PageReader *reader);

	/* Reads meta; what the document does not have is absent. */
	void (*read_meta)(PageReader *reader, PageMeta *meta);

	/*
	 * Whether the items are where a speculative reader takes them to be; NULL
	 * if there is no doubt.
	 */
	bool (*confirm)(PageReader *reader);

	/* JSON text, palloc'd, of the item read last. */
	char *(*item_text)(PageReader *reader);

	/* JSON text, palloc'd, of the whole document or of its upTo. */
	char *(*document_text)(PageReader *reader);
	char *(*up_to_text)(PageReader *reader);
};

/*
 * page_json.c and page_jsonb.c. A speculative reader does not look through the
 * whole document before it reads items: it takes them to be where pages have
 * them. confirm says whether that guess was right; if not, nothing that was
 * read counts, and the document has to be opened again without speculation.
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

/* page_number.c */
extern void read_number(JsonField *field, const char *text, int length);
extern bool read_whole_number(const JsonField *field, int64 *result,
							  bool *out_of_range);

/* page_time.c */
typedef enum Iso8601Result
{
	ISO8601_VALID,
	ISO8601_SYNTAX, /* not spelled as ISO 8601 */
	ISO8601_RANGE	/* well-formed, but the time does not exist */
} Iso8601Result;
extern Iso8601Result read_iso8601(const char *text, int length,
								  TimestampTz *result);

/*
 * Items become activities
 */
/* What is wrong with an item, or with the page where item is 0. */
typedef struct ItemError
{
	int item;
	const char *key; /* NULL: the item as a whole */
	int code;		 /* SQLSTATE */
	char *message;
	const char *detail;
	const char *hint; /* NULL for the one at on_error */
	Oid allowed;	  /* enum type whose labels the detail lists */
} ItemError;

typedef enum ItemResult
{
	ITEM_ACTIVITY,
	ITEM_SKIPPED, /* Presence, Workload */
	ITEM_BAD
} ItemResult;

/* page_item.c */
extern ItemKey item_key(ItemKey parent, const char *name, int length);
/*
 * Where the attributes of an activity are put together. Texts that do not fit
 * are palloc'd.
 */
typedef struct ActivityBuffers
{
	pg_uuid_t interaction_guid;
	pg_uuid_t channel_guid;
	char texts[3][128];
} ActivityBuffers;

extern ItemResult make_activity(const PageItem *item, int number,
								ActivityBuffers *buffers,
								TupleDesc activity_type, Datum *values,
								bool *nulls, ItemError *error);
extern bool check_page(const PageHead *head, ItemError *error);
extern bool read_up_to(const PageHead *head, TimestampTz *up_to,
					   ItemError *error);

#endif /* ACTIVITY_PAGE_READER_H */
