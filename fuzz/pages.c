/*
 * pages.c
 *	  Reading a document as activities() and activity_errors() do.
 */
#include "postgres.h"

#include "common/jsonapi.h"
#include "mb/pg_wchar.h"
#include "utils/uuid.h"

#include "../src/activity.h"
#include "../src/compat.h"
#include "pages.h"

/* page_json.c once more, with a fast reader that leaves every item to json-c */
extern PageReader *open_json_page_by_json_c(Datum page, bool hasty);

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
	fprintf(out, "%d %s %d %s %s %u\n", error->item,
			error->key ? error->key : "-", error->code, error->message,
			error->detail ? error->detail : "-", error->allowed);
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
	for (int i = 0; i < ACTIVITY_REPORTED_AT; i++)
	{
		if (nulls[i])
			fputs(" null", out);
		else if (i == ACTIVITY_INTERACTION_GUID || i == ACTIVITY_CHANNEL_GUID)
			tell_bytes(out, (char *) DatumGetUUIDP(values[i])->data, UUID_LEN);
		else if (i >= ACTIVITY_AGENT_ID)
			tell_bytes(out, VARDATA_ANY(DatumGetPointer(values[i])),
					   VARSIZE_ANY_EXHDR(DatumGetPointer(values[i])));
		else
			fprintf(out, " " INT64_FORMAT, (int64) values[i]);
	}
	fputc('\n', out);
}

/* Forgets what was told: the reader was mistaken. */
static void
tell_anew(Telling *telling)
{
	fclose(telling->out);
	free(telling->text);
	telling->out = open_memstream(&telling->text, &telling->text_length);
}

/* Reads and tells; false if a hasty reader was mistaken. */
static bool
read_and_tell(Telling *telling, bool hasty)
{
	text *document = palloc(VARHDRSZ + telling->length);
	PageReader *reader;
	PageItem item;
	ActivityBuffers buffers;
	Datum values[ACTIVITY_ATTRIBUTES];
	bool nulls[ACTIVITY_ATTRIBUTES];
	ItemError error;
	NullableDatum up_to;
	int number = 0;

	SET_VARSIZE(document, VARHDRSZ + telling->length);
	memcpy(VARDATA(document), telling->document, telling->length);
	reader = telling->way == BY_JSON_C
				 ? open_json_page_by_json_c(PointerGetDatum(document), hasty)
				 : open_json_page(PointerGetDatum(document), hasty);
	if (!check_page(&reader->head, &error))
	{
		if (reader->confirm != NULL && !reader->confirm(reader))
			return false;
		tell_error(telling->out, &error);
		tell_bytes(telling->out, reader->document_text(reader),
				   strlen(reader->document_text(reader)));
		return true;
	}
	if (!read_up_to(&reader->head, &up_to, &error))
	{
		tell_error(telling->out, &error);
		(void) reader->up_to_text(reader);
	}
	else if (!up_to.isnull)
		fprintf(telling->out, "upTo " INT64_FORMAT "\n", (int64) up_to.value);
	if (!hasty)
		(void) reader->count_items(reader);

	while (reader->next_item(reader, &item))
	{
		switch (make_activity(&item, ++number, &buffers, shim_activity_type(),
							  values, nulls, &error))
		{
			case ITEM_ACTIVITY:
				fprintf(telling->out, "%d", number);
				tell_activity(telling->out, values, nulls);
				break;
			case ITEM_PASSED_OVER:
				fprintf(telling->out, "%d passed over\n", number);
				break;
			case ITEM_BAD:
				tell_error(telling->out, &error);
				tell_bytes(telling->out, reader->item_text(reader),
						   strlen(reader->item_text(reader)));
		}
	}
	if (reader->confirm != NULL && !reader->confirm(reader))
		return false;
	if (!hasty && number != reader->count_items(reader))
		shim_fail("%d items read, " INT64_FORMAT " counted", number,
				  reader->count_items(reader));
	if (telling->way == THOROUGHLY)
	{
		/* activity_page alone reads these: there is no other reading */
		PageMeta meta;
		char *told;
		size_t length;
		FILE *nowhere;

		reader->read_meta(reader, &meta);
		nowhere = open_memstream(&told, &length);
		tell_field(nowhere, "page", &meta.page);
		tell_field(nowhere, "count", &meta.count);
		tell_field(nowhere, "pageCount", &meta.page_count);
		tell_field(nowhere, "totalCount", &meta.total_count);
		fclose(nowhere);
		free(told);
	}
	return true;
}

static void
tell(void *arg)
{
	Telling *telling = arg;

	if (telling->way == HASTILY)
	{
		if (read_and_tell(telling, true))
			return;
		tell_anew(telling);
	}
	if (!read_and_tell(telling, false))
		shim_fail("a thorough reader was mistaken");
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
