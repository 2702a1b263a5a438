/*
 * pages.c
 *	  Reading a document as activities() and activity_errors() do.
 */
#include "postgres.h"

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
										 TupleDesc activity_type,
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
	fprintf(out, "%d %s %d %s %s %s %u\n", error->item,
			error->key ? error->key : "-", error->code, error->message,
			error->detail ? error->detail : "-",
			error->hint ? error->hint : "-", error->allowed);
}

/* In the place of the one in row.c: the shim's type has all attributes. */
int
activity_attributes(TupleDesc type)
{
	return type->natts;
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
tell_activity(FILE *out, const Datum *values, const bool *nulls)
{
	for (int i = 0; i < ACTIVITY_ATTRIBUTES; i++)
	{
		if (nulls[i])
			fputs(" null", out);
		else if (i == ACTIVITY_INTERACTION_GUID || i == ACTIVITY_CHANNEL_GUID)
			tell_bytes(out, (char *) DatumGetUUIDP(values[i])->data, UUID_LEN);
		else if (i >= ACTIVITY_AGENT_ID && i < ACTIVITY_REPORTED_AT)
			tell_bytes(out, VARDATA_ANY(DatumGetPointer(values[i])),
					   VARSIZE_ANY_EXHDR(DatumGetPointer(values[i])));
		else
			fprintf(out, " " INT64_FORMAT, (int64) values[i]);
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
	page = (by_json_c ? page_open_by_json_c
					  : page_open)(PointerGetDatum(document), PAGE_JSON,
								   shim_activity_type(),
								   telling->way == SPECULATIVELY);
	while (event != PAGE_END)
	{
		event = (by_json_c ? page_next_by_json_c : page_next)(page);
		switch (event)
		{
			case PAGE_ACTIVITY:
				fprintf(telling->out, "%d", page->number);
				tell_activity(telling->out, page->values, page->nulls);
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
