/*
 * shim.c
 *	  A stand-in for the PostgreSQL server: as much of it as the readers, the
 *	  row builder and the aggregates call.
 *
 * Every palloc is a malloc of its own, so that AddressSanitizer sees the exact
 * bounds, and each belongs to a memory context, so that what outlives its
 * statement is a leak. An error is a longjmp out of the statement. Beyond that
 * PostgreSQL's own libpgcommon and libpgport serve.
 */
#include "postgres.h"

#include <setjmp.h>

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/datetime.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"
#include "utils/uuid.h"

#include "../src/catalog.h"
#include "../src/compat.h"
#include "../src/page_item.h"
#include "../src/row.h"
#include "shim.h"

/*
 * Memory
 */

typedef struct Chunk
{
	struct Chunk *next;
	struct Chunk *previous;
	Size size;
	Size padding; /* what follows stays aligned */
} Chunk;

/* A context is a list of chunks, and of the contexts in it. */
typedef struct ShimContext
{
	MemoryContextData base;
	Chunk chunks; /* head of the ring */
} ShimContext;

MemoryContext CurrentMemoryContext = NULL;
MemoryContext TopMemoryContext = NULL;

void
shim_fail(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fputc('\n', stderr);
	abort();
}

static MemoryContext
create_context(void)
{
	ShimContext *context = calloc(1, sizeof(ShimContext));

	context->chunks.next = context->chunks.previous = &context->chunks;
	return &context->base;
}

MemoryContext
AllocSetContextCreateInternal(MemoryContext parent,
							  const char *name pg_attribute_unused(),
							  Size least pg_attribute_unused(),
							  Size first pg_attribute_unused(),
							  Size most pg_attribute_unused())
{
	MemoryContext context = create_context();

	context->parent = parent;
	context->nextchild = parent->firstchild;
	parent->firstchild = context;
	return context;
}

void
MemoryContextReset(MemoryContext context)
{
	ShimContext *shim = (ShimContext *) context;

	while (context->firstchild != NULL)
		MemoryContextDelete(context->firstchild);
	while (context->reset_cbs != NULL)
	{
		MemoryContextCallback *callback = context->reset_cbs;

		context->reset_cbs = callback->next;
		callback->func(callback->arg);
	}
	while (shim->chunks.next != &shim->chunks)
		pfree(shim->chunks.next + 1);
}

void
MemoryContextDelete(MemoryContext context)
{
	MemoryContextReset(context);
	if (context->parent != NULL)
	{
		MemoryContext *child = &context->parent->firstchild;

		while (*child != context)
			child = &(*child)->nextchild;
		*child = context->nextchild;
	}
	free(context);
}

void
MemoryContextRegisterResetCallback(MemoryContext context,
								   MemoryContextCallback *callback)
{
	callback->next = context->reset_cbs;
	context->reset_cbs = callback;
}

static void
enter_chunk(Chunk *chunk, Chunk *ring)
{
	chunk->next = ring->next;
	chunk->previous = ring;
	chunk->next->previous = chunk;
	ring->next = chunk;
}

void *
MemoryContextAllocExtended(MemoryContext context, Size size, int flags)
{
	Chunk *chunk;

	if (size > ((flags & MCXT_ALLOC_HUGE) ? MaxAllocHugeSize : MaxAllocSize))
		shim_fail("invalid memory alloc request size %zu", size);
	chunk = malloc(sizeof(Chunk) + size);
	chunk->size = size;
	enter_chunk(chunk, &((ShimContext *) context)->chunks);
	memset(chunk + 1, (flags & MCXT_ALLOC_ZERO) ? 0 : 0x7F, size);
	return chunk + 1;
}

void
pfree(void *pointer)
{
	Chunk *chunk = (Chunk *) pointer - 1;

	chunk->next->previous = chunk->previous;
	chunk->previous->next = chunk->next;
	free(chunk);
}

void *
repalloc_huge(void *pointer, Size size)
{
	Chunk *old = (Chunk *) pointer - 1;
	Chunk *chunk = malloc(sizeof(Chunk) + size);

	chunk->size = size;
	enter_chunk(chunk, old);
	memset(chunk + 1, 0x7F, size);
	memcpy(chunk + 1, pointer, Min(size, old->size));
	pfree(pointer);
	return chunk + 1;
}

void *
repalloc(void *pointer, Size size)
{
	return repalloc_huge(pointer, size);
}

void *
MemoryContextAlloc(MemoryContext context, Size size)
{
	return MemoryContextAllocExtended(context, size, 0);
}

void *
MemoryContextAllocZero(MemoryContext context, Size size)
{
	return MemoryContextAllocExtended(context, size, MCXT_ALLOC_ZERO);
}

void *
MemoryContextAllocHuge(MemoryContext context, Size size)
{
	return MemoryContextAllocExtended(context, size, MCXT_ALLOC_HUGE);
}

void *
palloc(Size size)
{
	return MemoryContextAllocExtended(CurrentMemoryContext, size, 0);
}

void *
palloc0(Size size)
{
	return MemoryContextAllocExtended(CurrentMemoryContext, size,
									  MCXT_ALLOC_ZERO);
}

void *
palloc_extended(Size size, int flags)
{
	return MemoryContextAllocExtended(CurrentMemoryContext, size, flags);
}

char *
pnstrdup(const char *text, Size length)
{
	char *copy = palloc(strnlen(text, length) + 1);

	length = strnlen(text, length);
	memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

char *
pstrdup(const char *text)
{
	return pnstrdup(text, strlen(text));
}

/*
 * Errors
 */

static jmp_buf out_of_statement;
static int error_code;
static char error_message[1000];

bool
errstart(int level, const char *domain pg_attribute_unused())
{
	error_code = ERRCODE_INTERNAL_ERROR;
	return level >= ERROR;
}

bool
errstart_cold(int level, const char *domain)
{
	return errstart(level, domain);
}

int
errcode(int code)
{
	error_code = code;
	return 0;
}

#define FORMAT_INTO(buffer)                                     \
	do                                                          \
	{                                                           \
		va_list arguments;                                      \
		va_start(arguments, format);                            \
		vsnprintf((buffer), sizeof(buffer), format, arguments); \
		va_end(arguments);                                      \
	} while (0)

int
errmsg(const char *format, ...)
{
	FORMAT_INTO(error_message);
	return 0;
}

int
errmsg_internal(const char *format, ...)
{
	FORMAT_INTO(error_message);
	return 0;
}

int
errdetail(const char *format, ...)
{
	char detail[1000];

	FORMAT_INTO(detail);
	return 0;
}

int
errhint(const char *format, ...)
{
	char hint[1000];

	FORMAT_INTO(hint);
	return 0;
}

void
errfinish(const char *file pg_attribute_unused(),
		  int line pg_attribute_unused(),
		  const char *function pg_attribute_unused())
{
	longjmp(out_of_statement, 1);
}

const char *
shim_run(FuzzWork work, void *arg, int *code)
{
	volatile bool failed = true;
	MemoryContext context = create_context();

	if (TopMemoryContext == NULL)
		TopMemoryContext = create_context();
	CurrentMemoryContext = context;
	if (setjmp(out_of_statement) == 0)
	{
		work(arg);
		failed = false;
	}
	MemoryContextDelete(context);
	CurrentMemoryContext = NULL;
	*code = failed ? error_code : 0;
	return failed ? error_message : NULL;
}

/*
 * Types. The OID of an enum is its number times 100, that of a label is it and
 * the label's place, from 1.
 */

static const char *const enums[][16] = {
	{NULL},
	{"Ringing", "Connected", "Wrap", "Unexpected", "Failed"},
	{"Ongoing", "InternalError", "Completed"},
	{"Inbound", "Outbound", "Internal"},
	{"Monitor", "Resumed", "Unparked", "NumberBusy", "NoAnswer",
	 "NumberUnobtainable", "CallRejected", "CallFailed",
	 "ConnectionUnavailable"},
	{"Answered", "Unanswered", "Unexpected", "Failed", "Monitored"},
	{"Ready", "Away", "ExtendedAway", "LoggedOut"},
};

typedef enum EnumNumber
{
	STATE = 1,
	STATUS,
	DIRECTION,
	REASON,
	OUTCOME,
	CATEGORY
} EnumNumber;

TupleDesc (*shim_row_type)(void) = shim_participation_type;

/*
 * Creates a row type. Its attributes are stored as the characters of layout
 * say: T timestamptz, B bigint, I integer, E an enum, O boolean, U uuid, X text.
 */
static TupleDesc
create_type(const char *layout)
{
	static Oid types = 0;
	int attributes = strlen(layout);
	/* more than any release needs */
	TupleDesc type =
		calloc(1, sizeof(struct TupleDescData) +
					  attributes * (sizeof(FormData_pg_attribute) + 64));

	type->natts = attributes;
	type->tdtypeid = ++types;
	type->tdrefcount = -1;
	for (int i = 0; i < attributes; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(type, i);

		switch (layout[i])
		{
			case 'T':
				attribute->atttypid = TIMESTAMPTZOID;
				break;
			case 'B':
				attribute->atttypid = INT8OID;
				break;
			case 'I':
				attribute->atttypid = INT4OID;
				break;
			case 'E':
				attribute->attlen = sizeof(Oid);
				attribute->attalign = TYPALIGN_INT;
				break;
			case 'O':
				attribute->atttypid = BOOLOID;
				break;
			case 'U':
				attribute->atttypid = UUIDOID;
				break;
			case 'X':
				attribute->atttypid = TEXTOID;
				break;
		}
	}
	return type;
}

static void
set_enum(TupleDesc type, int attribute, EnumNumber number)
{
	TupleDescAttr(type, attribute)->atttypid = number * 100;
}

TupleDesc
shim_activity_type(void)
{
	static TupleDesc type = NULL;

	if (type == NULL)
	{
		type = create_type("TBEEEUUEXXXT");
		set_enum(type, ACTIVITY_STATE, STATE);
		set_enum(type, ACTIVITY_STATUS, STATUS);
		set_enum(type, ACTIVITY_DIRECTION, DIRECTION);
		set_enum(type, ACTIVITY_REASON, REASON);
	}
	return type;
}

TupleDesc
shim_participation_type(void)
{
	static TupleDesc type = NULL;

	if (type == NULL)
	{
		type = create_type("TTTTBBBBBBBIIEEEOOOOEEUUXXXT");
		set_enum(type, PARTICIPATION_OUTCOME, OUTCOME);
		set_enum(type, PARTICIPATION_UNEXPECTED_REASON, REASON);
		set_enum(type, PARTICIPATION_FAILED_REASON, REASON);
		set_enum(type, PARTICIPATION_STATUS, STATUS);
		set_enum(type, PARTICIPATION_DIRECTION, DIRECTION);
	}
	return type;
}

TupleDesc
shim_interaction_type(void)
{
	static TupleDesc type = NULL;

	if (type == NULL)
	{
		type = create_type("TTTTBBBBBBBBIIIIIIIIIIIEOEEUXXXXT");
		set_enum(type, INTERACTION_OUTCOME, OUTCOME);
		set_enum(type, INTERACTION_STATUS, STATUS);
		set_enum(type, INTERACTION_DIRECTION, DIRECTION);
	}
	return type;
}

TupleDesc
shim_presence_type(void)
{
	static TupleDesc type = NULL;

	if (type == NULL)
	{
		type = create_type("TBEOXXT");
		set_enum(type, PRESENCE_CATEGORY, CATEGORY);
	}
	return type;
}

bool
enum_label(Oid enum_type, const char *label, int length, Oid *result)
{
	const char *const *labels = enums[enum_type / 100];

	for (int i = 0; labels[i] != NULL; i++)
	{
		if (is_text(label, length, labels[i]))
		{
			*result = enum_type + i + 1;
			return true;
		}
	}
	return false;
}

Oid
enum_label_or_fail(Oid enum_type, const char *label)
{
	Oid result;

	if (!enum_label(enum_type, label, strlen(label), &result))
		shim_fail("no label %s", label);
	return result;
}

float4
enum_sort_order(Oid label)
{
	return label % 100;
}

Datum
enum_out(PG_FUNCTION_ARGS)
{
	Oid label = PG_GETARG_OID(0);

	PG_RETURN_CSTRING(pstrdup(enums[label / 100][label % 100 - 1]));
}

Oid
sibling_type(Oid function pg_attribute_unused(), const char *name)
{
	return strcmp(name, "presence_category") == 0 ? CATEGORY * 100
												  : InvalidOid;
}

Oid
get_func_rettype(Oid function pg_attribute_unused())
{
	return InvalidOid;
}

uint64
catalog_generation(void)
{
	return 1;
}

char *
format_type_be(Oid type pg_attribute_unused())
{
	return pstrdup("type");
}

TupleDesc
lookup_rowtype_tupdesc(Oid type pg_attribute_unused(),
					   int32 typmod pg_attribute_unused())
{
	return shim_row_type();
}

TupleDesc
lookup_rowtype_tupdesc_copy(Oid type pg_attribute_unused(),
							int32 typmod pg_attribute_unused())
{
	return shim_row_type();
}

void
FreeTupleDesc(TupleDesc type pg_attribute_unused())
{
}

void
DecrTupleDescRefCount(TupleDesc type pg_attribute_unused())
{
}

/* Reads every attribute, as a row that is made does. */
HeapTuple
#if PG_VERSION_NUM < 170000
heap_form_tuple(TupleDesc type, Datum *values, bool *nulls)
#else
heap_form_tuple(TupleDesc type, const Datum *values, const bool *nulls)
#endif
{
	HeapTuple tuple = palloc0(HEAPTUPLESIZE + SizeofHeapTupleHeader);
	uint64 sum = 0;

	for (int i = 0; i < type->natts; i++)
		sum += nulls[i] ? 0 : values[i];
	tuple->t_len = sum % 2;
	tuple->t_data = (HeapTupleHeader) ((char *) tuple + HEAPTUPLESIZE);
	return tuple;
}

Datum
HeapTupleHeaderGetDatum(HeapTupleHeader tuple)
{
	return PointerGetDatum(tuple);
}

/*
 * Functions and values
 */

Datum
shim_call(PGFunction function, void *first, void *second)
{
	LOCAL_FCINFO(fcinfo, 2);
	FmgrInfo info = {.fn_addr = function, .fn_nargs = 2};

	InitFunctionCallInfoData(*fcinfo, &info, 2, InvalidOid, NULL, NULL);
	fcinfo->args[0].value = PointerGetDatum(first);
	fcinfo->args[0].isnull = first == NULL;
	fcinfo->args[1].value = PointerGetDatum(second);
	fcinfo->args[1].isnull = second == NULL;
	return function(fcinfo);
}

int
AggCheckCallContext(FunctionCallInfo fcinfo pg_attribute_unused(),
					MemoryContext *context)
{
	*context = CurrentMemoryContext;
	return AGG_CONTEXT_AGGREGATE;
}

Datum
DirectFunctionCall1Coll(PGFunction function,
						Oid collation pg_attribute_unused(), Datum argument)
{
	return shim_call(function, DatumGetPointer(argument), NULL);
}

Datum
uuid_out(PG_FUNCTION_ARGS)
{
	pg_uuid_t *guid = PG_GETARG_UUID_P(0);
	char *result = palloc(2 * UUID_LEN + 1);

	for (int i = 0; i < UUID_LEN; i++)
		sprintf(result + 2 * i, "%02x", guid->data[i]);
	PG_RETURN_CSTRING(result);
}

struct varlena *
pg_detoast_datum(struct varlena *datum)
{
	return datum;
}

struct varlena *
pg_detoast_datum_packed(struct varlena *datum)
{
	return datum;
}

text *
cstring_to_text_with_len(const char *string, int length)
{
	text *result = palloc(length + VARHDRSZ);

	SET_VARSIZE(result, length + VARHDRSZ);
	memcpy(VARDATA(result), string, length);
	return result;
}

char *
text_to_cstring(const text *value)
{
	return pnstrdup(VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

volatile sig_atomic_t InterruptPending = false;

void
ProcessInterrupts(void)
{
}

void
qsort_interruptible(void *base, size_t count, size_t size,
					qsort_arg_comparator compare, void *argument)
{
	qsort_arg(base, count, size, compare, argument);
}

/*
 * Text
 */

int
GetDatabaseEncoding(void)
{
	return PG_UTF8;
}

bool
pg_verifymbstr(const char *text, int length, bool no_error)
{
	bool valid = pg_encoding_verifymbstr(PG_UTF8, text, length) == length;

	if (!valid && !no_error)
		ereport(ERROR, (errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
						errmsg("invalid byte sequence")));
	return valid;
}

Oid
FindDefaultConversionProc(int32 from pg_attribute_unused(),
						  int32 to pg_attribute_unused())
{
	return InvalidOid;
}

int
pg_do_encoding_conversion_buf(Oid conversion pg_attribute_unused(),
							  int from pg_attribute_unused(),
							  int to pg_attribute_unused(),
							  unsigned char *source pg_attribute_unused(),
							  int source_length pg_attribute_unused(),
							  unsigned char *target pg_attribute_unused(),
							  int target_length pg_attribute_unused(),
							  bool no_error pg_attribute_unused())
{
	return 0;
}

int
pg_mbcliplen(const char *text, int length, int limit)
{
	int clipped = 0;

	while (clipped < length)
	{
		int next =
			clipped + pg_utf_mblen((const unsigned char *) text + clipped);

		if (next > length || next > limit)
			break;
		clipped = next;
	}
	return clipped;
}

/*
 * Times
 */

const int day_tab[2][13] = {{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31,
							 0},
							{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31,
							 0}};

/* The Julian day, counted from 1 March of the year 0. */
int
date2j(int year, int month, int day)
{
	int months = (month + 9) % 12;
	int years = year - (month <= 2);

	return 1721120 + 365 * years + years / 4 - years / 100 + years / 400 +
		   (153 * months + 2) / 5 + day - 1;
}

/*
 * Messages, as pqformat has them
 */

static const char *
take(StringInfo in, int length)
{
	const char *at = in->data + in->cursor;

	if (length < 0 || length > in->len - in->cursor)
		ereport(ERROR, (errcode(ERRCODE_PROTOCOL_VIOLATION),
						errmsg("insufficient data left in message")));
	in->cursor += length;
	return at;
}

int
pq_getmsgbyte(StringInfo in)
{
	return (unsigned char) *take(in, 1);
}

unsigned int
pq_getmsgint(StringInfo in, int size pg_attribute_unused())
{
	uint32 value;

	memcpy(&value, take(in, sizeof(value)), sizeof(value));
	return pg_ntoh32(value);
}

int64
pq_getmsgint64(StringInfo in)
{
	uint64 value;

	memcpy(&value, take(in, sizeof(value)), sizeof(value));
	return (int64) pg_ntoh64(value);
}

float4
pq_getmsgfloat4(StringInfo in)
{
	uint32 bits = pq_getmsgint(in, sizeof(bits));
	float4 value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

const char *
pq_getmsgbytes(StringInfo in, int length)
{
	return take(in, length);
}

void
#if PG_VERSION_NUM < 180000
pq_copymsgbytes(StringInfo in, char *to, int length)
#else
pq_copymsgbytes(StringInfo in, void *to, int length)
#endif
{
	memcpy(to, take(in, length), length);
}

void
pq_getmsgend(StringInfo in)
{
	if (in->cursor != in->len)
		ereport(ERROR, (errcode(ERRCODE_PROTOCOL_VIOLATION),
						errmsg("invalid message format")));
}

#if PG_VERSION_NUM < 160000
void
pq_sendbytes(StringInfo out, const char *bytes, int length)
#else
void
pq_sendbytes(StringInfo out, const void *bytes, int length)
#endif
{
	appendBinaryStringInfo(out, bytes, length);
}

void
pq_sendfloat4(StringInfo out, float4 value)
{
	uint32 bits;

	memcpy(&bits, &value, sizeof(bits));
	pq_sendint32(out, bits);
}

void
pq_begintypsend(StringInfo out)
{
	initStringInfo(out);
	appendBinaryStringInfo(out, "\0\0\0\0", VARHDRSZ);
}

bytea *
pq_endtypsend(StringInfo out)
{
	SET_VARSIZE(out->data, out->len);
	return (bytea *) out->data;
}
