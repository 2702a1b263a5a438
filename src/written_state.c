/*
 * written_state.c
 *	  The parts of an aggregate's state that is written for another process:
 *	  texts, times, labels and guids.
 *
 * What is read may be anything: whoever may create aggregates can give any bytes
 * to a deserialisation function. Each part that no process writes is an error.
 */
#include "postgres.h"

#include "libpq/pqformat.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "compat.h"
#include "written_state.h"

/* Raise that a state is not one that was written. */
void
bad_state(const char *what)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					errmsg("invalid state of an aggregate: %s", what)));
}

/* Write a text, which may be NULL. */
void
send_text(StringInfo out, const text *value)
{
	pq_sendint32(out, value == NULL ? -1 : (int) VARSIZE_ANY_EXHDR(value));
	if (value != NULL)
		pq_sendbytes(out, VARDATA_ANY(value), VARSIZE_ANY_EXHDR(value));
}

/*
 * Read a text, NULL for none, into a memory context; an error if it is not in
 * the database's encoding.
 */
text *
receive_text(StringInfo in, MemoryContext context)
{
	int length = (int) pq_getmsgint(in, sizeof(int32));
	const char *bytes;
	text *result;

	if (length == -1)
		return NULL;
	bytes = pq_getmsgbytes(in, length);
	(void) pg_verifymbstr(bytes, length, false);
	result = MemoryContextAlloc(context, VARHDRSZ + length);
	SET_VARSIZE(result, VARHDRSZ + length);
	memcpy(VARDATA(result), bytes, length);
	return result;
}

/*
 * Write a label, InvalidOid for none, by its name: its OID is this database's
 * own.
 */
void
send_label(StringInfo out, Oid label)
{
	char *name = "";

	if (OidIsValid(label))
		name = DatumGetCString(
			DirectFunctionCall1(enum_out, ObjectIdGetDatum(label)));
	pq_sendint32(out, strlen(name));
	pq_sendbytes(out, name, strlen(name));
}

/* Read a label of an enum type. */
Oid
receive_label(StringInfo in, Oid enum_type)
{
	int length = (int) pq_getmsgint(in, sizeof(int32));
	const char *name = pq_getmsgbytes(in, length);
	Oid label = InvalidOid;

	if (length > 0 && !enum_label(enum_type, name, length, &label))
		bad_state("unknown label");
	return label;
}

/* Write a guid, or that it is not known. */
void
send_guid(StringInfo out, bool is_known, const pg_uuid_t *guid)
{
	pq_sendbyte(out, is_known);
	pq_sendbytes(out, (const char *) guid, UUID_LEN);
}

/* Read a guid: all zeros if it is not known. */
void
receive_guid(StringInfo in, bool *is_known, pg_uuid_t *guid)
{
	*is_known = pq_getmsgbyte(in) != 0;
	pq_copymsgbytes(in, (char *) guid, UUID_LEN);
	if (!*is_known)
		memset(guid, 0, UUID_LEN);
}

/* Read a time that PostgreSQL has, infinities among them. */
TimestampTz
receive_time(StringInfo in)
{
	TimestampTz time = pq_getmsgint64(in);

	if (!TIMESTAMP_NOT_FINITE(time) && !IS_VALID_TIMESTAMP(time))
		bad_state("time out of range");
	return time;
}

/* Read a sum, which is not negative. */
int64
receive_sum(StringInfo in)
{
	int64 sum = pq_getmsgint64(in);

	if (sum < 0)
		bad_state("negative sum");
	return sum;
}

/* Read a count of parts, each of which takes at least size bytes. */
int64
receive_count(StringInfo in, Size size)
{
	int64 count = pq_getmsgint64(in);

	if (count < 0 || count > (in->len - in->cursor) / (int64) size)
		bad_state("more parts than bytes");
	return count;
}
