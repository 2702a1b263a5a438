/*
 * activity_time.h
 *	  Arithmetic of times.
 */
#ifndef ACTIVITY_TIME_H
#define ACTIVITY_TIME_H

#include "datatype/timestamp.h"

#define USECS_PER_MS INT64CONST(1000)

/*
 * Compute start plus milliseconds, which must not be negative; false if the
 * sum is beyond timestamptz. Infinity plus a duration is infinity.
 */
static inline bool
add_milliseconds(TimestampTz start, int64 milliseconds, TimestampTz *end)
{
	/* unsigned, as the range of timestamptz does not fit int64 */
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
 * Return the time between two finite times in milliseconds, rounded to the
 * nearest; negative if the second is earlier.
 */
static inline int64
milliseconds_between(TimestampTz from, TimestampTz to)
{
	/* unsigned, as the range of timestamptz does not fit int64 */
	if (to < from)
		return -(int64) (((uint64) from - (uint64) to + USECS_PER_MS / 2) /
						 USECS_PER_MS);
	return (int64) (((uint64) to - (uint64) from + USECS_PER_MS / 2) /
					USECS_PER_MS);
}

#endif /* ACTIVITY_TIME_H */
