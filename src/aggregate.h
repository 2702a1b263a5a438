/*
 * aggregate.h
 *	  What aggregates with an internal state share.
 */
#ifndef ACTIVITY_AGGREGATE_H
#define ACTIVITY_AGGREGATE_H

#include "lib/stringinfo.h"
#include "libpq/pqformat.h"
#include "utils/memutils.h"

#include "compat.h"

/* Return the memory context of an aggregate's state; an error outside one. */
static inline MemoryContext
aggregate_context(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		ereport(ERROR, (errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
						errmsg("an aggregate's support function was called "
							   "outside an aggregate")));
	return context;
}

/*
 * Return an argument that is a state; NULL for none, which is an error outside an
 * aggregate. Only an aggregate can pass a state, as nothing else has values of type
 * internal.
 */
static inline void *
state_argument(FunctionCallInfo fcinfo, int argument)
{
	if (!PG_ARGISNULL(argument))
		return PG_GETARG_POINTER(argument);
	(void) aggregate_context(fcinfo);
	return NULL;
}

/* Return the state unchanged, for a row that is skipped. */
static inline Datum
unchanged_state(FunctionCallInfo fcinfo)
{
	void *state = state_argument(fcinfo, 0);

	if (state == NULL)
		PG_RETURN_NULL();
	PG_RETURN_POINTER(state);
}

/*
 * Begin to write a state of at most size bytes; an error if it is too large to
 * be sent from one process to another.
 */
static inline void
begin_writing(StringInfo out, uint64 size)
{
	if (size > MaxAllocSize - VARHDRSZ)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("state of an aggregate is too large to be sent from "
						"one process to another: " UINT64_FORMAT " bytes",
						size),
				 errhint("Group by more, or set "
						 "max_parallel_workers_per_gather to 0.")));
	pq_begintypsend(out);
	enlargeStringInfo(out, (int) size);
}

/*
 * Begin to read a state that was written, where it is. A later version of the
 * library, which parallel workers may have loaded already, may write more after
 * what this version knows: that is ignored.
 */
static inline void
begin_reading(StringInfo in, bytea *written)
{
	memset(in, 0, sizeof(*in));
	in->data = VARDATA_ANY(written);
	in->len = VARSIZE_ANY_EXHDR(written);
}

#endif /* ACTIVITY_AGGREGATE_H */
