/*
 * activity_time.h
 *	  Arithmetic of times.
 */
#ifndef ACTIVITY_TIME_H
#define ACTIVITY_TIME_H

#include "datatype/timestamp.h"

#define USECS_PER_MS INT64CONST(1000)

/*
 * The end of what starts then and lasts so long, which is not negative; false
 * if timestamptz has no such time. What starts at no finite time ends there.
 */
static inline bool
add_milliseconds(TimestampTz start, int64 milliseconds, TimestampTz *end)
{
	/* all of time fits an unsigned number of microseconds only */
	uint64 most =
		((uint64) (END_TIMESTAMP - 1) - (uint64) start) / USECS_PER_MS;

	if (unlikely(TIMESTAMP_NOT_FINITE(start)))
	{
		*end = start;
		return true;
	}
	if (unlikely((uint64) milliseconds > most))
		return false;
	*end =
		(TimestampTz) ((uint64) start + (uint64) milliseconds * USECS_PER_MS);
	return true;
}

/*
 * The nearest number of whole milliseconds from one finite time to another;
 * negative if the other one is earlier.
 */
static inline int64
milliseconds_between(TimestampTz from, TimestampTz to)
{
	/* all of time fits an unsigned number of microseconds only */
	if (to < from)
		return -(int64) (((uint64) from - (uint64) to + USECS_PER_MS / 2) /
						 USECS_PER_MS);
	return (int64) (((uint64) to - (uint64) from + USECS_PER_MS / 2) /
					USECS_PER_MS);
}

#endif /* ACTIVITY_TIME_H */
