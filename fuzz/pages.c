/*
 * pages.c
 *	  Reading a document as activities(), presences() and activity_errors() do.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/jsonapi.h"
#include "mb/pg_wchar.h"
#include "utils/uuid.h"

#include "../src/compat.h"
#include "../src/page.h"
#include "../src/row.h"
#include "pages.h"

/*
 * page.c and page_json.c once more, with a fast reader that leaves every item
 * to json-c: see script/fuzz.
 */
extern ActivityPage *page_open_by_json_c(Datum document, PageType type,
										 Oid function, OnError on_error,
										 bool may_restart);
extern PageEvent page_next_by_json_c(ActivityPage *page);
extern char *page_error_text_by_json_c(ActivityPage *page);

const char *
scan_no_item(const char *at pg_attribute_unused(),
			 const char *end pg_attribute_unused(),
			 PageItem *item pg_attribute_unused())
{
	return NULL;
}

/* A document being read, and what was told of it. */
typedef struct Telling
{
	const char *document;
	size_t length;
	Way way;
	FILE *out;
	char *text;
	size_t text_length;
} Telling;

static void
tell_bytes(FILE *out, const char *bytes, size_t length)
{
	fputc('<', out);
	fwrite(bytes, 1, length, out);
	fputc('>', out);
}

static void
tell_error(FILE *out, const ItemError *error)
{
	fprintf(out, "%d %s %d %s %s %s %u %d\n", error->item,
			error->key ? error->key : "-", error->code, error->message,
			error->detail ? error->detail : "-",
			error->hint ? error->hint : "-", error->allowed, error->kept);
}

static void
tell_field(FILE *out, const char *name, const JsonField *field)
{
	fprintf(out, "%s %d", name, field->kind);
	if (field->kind == JSON_BOOLEAN || field->kind == JSON_INTEGER)
		fprintf(out, " " INT64_FORMAT, field->integer);
	else if (field->kind == JSON_DECIMAL || field->kind == JSON_STRING)
		tell_bytes(out, field->text, field->length);
	fputc('\n', out);
}

static void
tell_row(FILE *out, int number, const NewRow *row)
{
	fprintf(out, "%d", number);
	for (int i = 0; i < row->type->natts; i++)
	{
		Datum value = row->values[i];

		if (row->nulls[i])
			fputs(" null", out);
		else if (TupleDescAttr(row->type, i)->atttypid == UUIDOID)
			tell_bytes(out, (char *) DatumGetUUIDP(value)->data, UUID_LEN);
		else if (TupleDescAttr(row->type, i)->atttypid == TEXTOID)
			tell_bytes(out, VARDATA_ANY(DatumGetPointer(value)),
					   VARSIZE_ANY_EXHDR(DatumGetPointer(value)));
		else
			fprintf(out, " " INT64_FORMAT, (int64) value);
	}
	fputc('\n', out);
}

/* Forgets what was told: the page begins again. */
static void
tell_anew(Telling *telling)
{
	fclose(telling->out);
	free(telling->text);
	telling->out = open_memstream(&telling->text, &telling->text_length);
}

/* What only activity_page reads: there is no other reading to compare. */
static void
describe_page(Datum document)
{
	PageDescription description;
	char *told;
	size_t length;
	FILE *nowhere;

	page_describe(document, PAGE_JSON, &description);
	nowhere = open_memstream(&told, &length);
	tell_field(nowhere, "page", &description.meta.page);
	tell_field(nowhere, "count", &description.meta.count);
	tell_field(nowhere, "pageCount", &description.meta.page_count);
	tell_field(nowhere, "totalCount", &description.meta.total_count);
	fclose(nowhere);
	free(told);
}

static void
tell(void *arg)
{
	Telling *telling = arg;
	bool by_json_c = telling->way == BY_JSON_C;
	text *document = palloc(VARHDRSZ + telling->length);
	ActivityPage *page;
	PageEvent event = PAGE_RESTART;
	char *about;

	SET_VARSIZE(document, VARHDRSZ + telling->length);
	memcpy(VARDATA(document), telling->document, telling->length);
	/* of each document all errors, or all rows that can be made */
	page = (by_json_c
				? page_open_by_json_c
				: page_open)(PointerGetDatum(document), PAGE_JSON, InvalidOid,
							 telling->length % 2 == 0 ? ON_ERROR_LIST
													  : ON_ERROR_SET_NULL,
							 telling->way == SPECULATIVELY);
	page_want_activities(page, shim_activity_type());
	page_want_presences(page, shim_presence_type());
	while (event != PAGE_END)
	{
		event = (by_json_c ? page_next_by_json_c : page_next)(page);
		switch (event)
		{
			case PAGE_ACTIVITY:
				tell_row(telling->out, page->number, &page->rows.activity);
				break;
			case PAGE_PRESENCE:
				tell_row(telling->out, page->number, &page->rows.presence);
				break;
			case PAGE_ERROR:
				tell_error(telling->out, &page->error);
				about = (by_json_c ? page_error_text_by_json_c
								   : page_error_text)(page);
				tell_bytes(telling->out, about, strlen(about));
				break;
			case PAGE_RESTART:
				if (telling->way != SPECULATIVELY)
					shim_fail("a page restarts that must not");
				tell_anew(telling);
				break;
			case PAGE_END:
				break;
		}
	}
	page_close(page);
	if (telling->way == THOROUGHLY)
		describe_page(PointerGetDatum(document));
}

char *
tell_page(const char *document, size_t length, Way way)
{
	Telling telling = {document, length, way, NULL, NULL, 0};
	const char *error;
	int code;

	telling.out = open_memstream(&telling.text, &telling.text_length);
	error = shim_run(tell, &telling, &code);
	if (error != NULL)
	{
		tell_anew(&telling);
		fprintf(telling.out, "error %d %s\n", code, error);
	}
	fclose(telling.out);
	return telling.text;
}

typedef struct Text
{
	const char *text;
	size_t length;
	bool is_json;
} Text;

static void
parse(void *arg)
{
	Text *text = arg;
	char *copy = pnstrdup(text->text, text->length);
	JsonLexContext *lex =
#if PG_VERSION_NUM < 170000
		makeJsonLexContextCstringLen(copy, text->length, PG_UTF8, false);
#else
		makeJsonLexContextCstringLen(NULL, copy, text->length, PG_UTF8, false);
#endif

	text->is_json = pg_parse_json(lex, &nullSemAction) == JSON_SUCCESS;
}

/* By PostgreSQL's own parser. */
bool
is_json(const char *text, size_t length)
{
	Text document = {text, length, false};
	int code;

	if (memchr(text, '\0', length) != NULL ||
		pg_encoding_verifymbstr(PG_UTF8, text, length) != (int) length)
		return false;
	shim_run(parse, &document, &code);
	return document.is_json;
}
