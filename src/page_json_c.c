/*
 * page_json_c.c
 *	  json-c's side: reading the values of one item, or a single one.
 *
 * The only file that includes json-c, whose typedef json_object collides with
 * a prototype in fmgrprotos.h. What json-c is given has been validated by the
 * type json, and page_json_text.c has respelled it where json-c reads it in
 * another way than PostgreSQL. So json-c need not be strict, and must not be: in
 * strict mode 0.17 and 0.18 reject strings with any byte above 127.
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
 * What json-c takes at the most, in any of its releases: for a value, with its
 * share of an array that grows; for a byte of a string, while the buffer that
 * it is put together in grows; and in any case.
 */
#define RESERVE_FOR_VALUE 512
#define RESERVE_FOR_BYTE 4
#define LEAST_RESERVE 65536

/* json-c gets this many bytes at a time, so that it can be interrupted */
#ifndef CHUNK_SIZE
#define CHUNK_SIZE 65536
#endif

/*
 * A tokener and the object it made last. Both are malloc'd, so a reset
 * callback of the memory context owns them: whatever ends the use of the
 * reader, an error or a LIMIT too, releases them.
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
					errdetail("There is none for json-c to read an item.")));
}

/* Make a reader that is released with the current memory context. */
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
 * Make sure that json-c will get the memory that it needs. Without it, some of
 * its releases crash, and others lose a key.
 */
static void
reserve_memory(int length, int count)
{
	size_t size = LEAST_RESERVE + (size_t) length * RESERVE_FOR_BYTE +
				  (size_t) count * RESERVE_FOR_VALUE;
	/* volatile, or compilers drop an allocation that is only freed again */
	void *volatile reserve;

	reserve = malloc(size);
	if (reserve == NULL)
		out_of_memory();
	free(reserve);
}

/*
 * json_tokener_parse_ex, in the locale "C". To read numbers as in "C" json-c
 * copies the locale that it finds, and with glibc it leaks a part of the copy
 * at each call, if that is another one.
 */
static json_object *
parse_chunk(json_tokener *tokener, const char *text, int length)
{
	locale_t caller = uselocale(newlocale(LC_ALL_MASK, "C", (locale_t) 0));
	json_object *object = json_tokener_parse_ex(tokener, text, length);

	uselocale(caller);
	return object;
}

/* Read an array of count values into reader->object. */
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
		elog(ERROR, "json-c does not read what type json has accepted: %s",
			 json_tokener_error_desc(error));
}

/* Describe a value; text stays json-c's. */
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
			/* json-c keeps the spelling */
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
 * Read values, given as the text of an array of them, each into the field at
 * its place. The fields' texts are the reader's till the next call.
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
