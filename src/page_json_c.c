/*
 * page_json_c.c
 *	  Reads values with json-c.
 *
 * The only file that includes json-c, whose typedef json_object collides with
 * a prototype in fmgrprotos.h. json-c's input has been validated by the type
 * json, and page_json_text.c respells the values that json-c reads differently
 * from PostgreSQL. So json-c need not be strict, and must not be: in strict
 * mode 0.17 and 0.18 reject strings with any byte above 127.
 */
#include "postgres.h"

#include <json-c/json.h>
#include <locale.h>

#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/palloc.h"

#include "compat.h"
#include "page_reader.h"

/*
 * The most memory that json-c takes, in releases 0.16 to 0.19: for a value,
 * with its share of a growing array; for a byte of a string, while its buffer
 * grows; and for any input.
 */
#define RESERVE_FOR_VALUE 512
#define RESERVE_FOR_BYTE 4
#define LEAST_RESERVE 65536

/* Bytes that json-c parses at a time; between them a query can be canceled. */
#ifndef CHUNK_SIZE
#define CHUNK_SIZE 65536
#endif

/*
 * A tokener and the last object that it made. Both are malloc'd, so a reset
 * callback of the memory context frees them, also after an error or a LIMIT.
 */
struct JsonCReader
{
	json_tokener *tokener;
	json_object *object;
	MemoryContextCallback release;
};

static void
release_reader(void *arg)
{
	JsonCReader *reader = arg;

	json_object_put(reader->object);
	if (reader->tokener != NULL)
		json_tokener_free(reader->tokener);
}

pg_noreturn static void
out_of_memory(void)
{
	ereport(ERROR, (errcode(ERRCODE_OUT_OF_MEMORY), errmsg("out of memory"),
					errdetail("Failed while json-c was reading an item.")));
}

/* Create a reader; the current memory context releases it. */
JsonCReader *
json_c_reader_create(void)
{
	JsonCReader *reader = palloc0(sizeof(JsonCReader));

	reader->release.func = release_reader;
	reader->release.arg = reader;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, &reader->release);

	reader->tokener = json_tokener_new_ex(JSON_TOKENER_DEFAULT_DEPTH);
	if (reader->tokener == NULL)
		out_of_memory();
	return reader;
}

/*
 * Make sure that json-c can allocate the memory that it needs. If malloc fails
 * within json-c, some of its releases crash and others drop a key.
 */
static void
reserve_memory(int length, int count)
{
	size_t size = LEAST_RESERVE + (size_t) length * RESERVE_FOR_BYTE +
				  (size_t) count * RESERVE_FOR_VALUE;
	/* volatile, or compilers remove a malloc whose result is only freed */
	void *volatile reserve;

	reserve = malloc(size);
	if (reserve == NULL)
		out_of_memory();
	free(reserve);
}

/*
 * Call json_tokener_parse_ex in the locale "C". In any other locale json-c
 * copies the locale to read numbers, and with glibc it leaks a part of the
 * copy at each call.
 */
static json_object *
parse_chunk(json_tokener *tokener, const char *text, int length)
{
	locale_t caller = uselocale(newlocale(LC_ALL_MASK, "C", (locale_t) 0));
	json_object *object = json_tokener_parse_ex(tokener, text, length);

	uselocale(caller);
	return object;
}

/* Parse an array of count values into reader->object. */
static void
parse(JsonCReader *reader, const char *text, int length, int count)
{
	enum json_tokener_error error;
	int given = 0;

	json_object_put(reader->object);
	reader->object = NULL;
	reserve_memory(length, count);
	json_tokener_reset(reader->tokener);
	do
	{
		int chunk = Min(length - given, CHUNK_SIZE);

		CHECK_FOR_INTERRUPTS();
		reader->object = parse_chunk(reader->tokener, text + given, chunk);
		error = json_tokener_get_error(reader->tokener);
		given += chunk;
	} while (error == json_tokener_continue && given < length);
	if (error != json_tokener_success ||
		!json_object_is_type(reader->object, json_type_array) ||
		json_object_array_length(reader->object) != (size_t) count)
		elog(ERROR, "json-c cannot read a value that type json accepts: %s",
			 json_tokener_error_desc(error));
}

/* Describe a value; json-c owns its text. */
static void
describe_json_c_value(json_object *value, JsonField *field)
{
	switch (json_object_get_type(value))
	{
		case json_type_null:
			field->kind = JSON_NULL;
			break;
		case json_type_boolean:
			field->kind = JSON_BOOLEAN;
			field->integer = json_object_get_boolean(value);
			break;
		case json_type_int:
			field->kind = JSON_INTEGER;
			field->integer = json_object_get_int64(value);
			break;
		case json_type_double:
		{
			/* json-c returns the number as it was spelled */
			const char *text = json_object_get_string(value);

			if (text == NULL)
				out_of_memory();
			read_number(field, text, strlen(text));
		}
		break;
		case json_type_string:
			field->text = json_object_get_string(value);
			field->length = json_object_get_string_len(value);
			field->kind = memchr(field->text, '\0', field->length) == NULL
							  ? JSON_STRING
							  : JSON_UNSTORABLE;
			break;
		case json_type_array:
			field->kind = JSON_ARRAY;
			break;
		case json_type_object:
			field->kind = JSON_OBJECT;
			break;
	}
}

/*
 * Read the values in the text of an array into fields. The reader owns the
 * fields' texts, until the next call.
 */
void
json_c_read(JsonCReader *reader, const char *text, int length,
			JsonField *const *fields, int count)
{
	parse(reader, text, length, count);
	for (int i = 0; i < count; i++)
	{
		memset(fields[i], 0, sizeof(JsonField));
		describe_json_c_value(json_object_array_get_idx(reader->object, i),
							  fields[i]);
	}
}
