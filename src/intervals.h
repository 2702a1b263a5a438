/*
 * intervals.h
 *	  Windows of time, cut into intervals.
 *
 * Instants count in whole milliseconds, rounded down, so that the parts of a
 * time add up to it.
 */
#ifndef ACTIVITY_INTERVALS_H
#define ACTIVITY_INTERVALS_H

#include "datatype/timestamp.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "nodes/params.h"
#include "utils/timestamp.h"

#include "activity_time.h"
#include "compat.h"
#include "load.h"

/* A window, and its intervals. Milliseconds are since the epoch of timestamptz. */
typedef struct IntervalWindow
{
	TimestampTz from_time; /* as given: borders are counted from it */
	int64 from_ms;
	int64 to_ms;
	int64 width_ms; /* the last interval may be shorter */
} IntervalWindow;

/* A time in whole milliseconds, rounded down. */
static inline int64
whole_milliseconds(TimestampTz time)
{
	return time / USECS_PER_MS - (time % USECS_PER_MS < 0);
}

/* The number of the interval that has an instant of the window, from 0. */
static inline int64
interval_at(const IntervalWindow *window, int64 instant_ms)
{
	return (instant_ms - window->from_ms) / window->width_ms;
}

/* When an interval begins. */
static inline TimestampTz
interval_start(const IntervalWindow *window, int64 number)
{
	/* unsigned, as the range of timestamptz does not fit int64 */
	return (TimestampTz) ((uint64) window->from_time +
						  (uint64) number * window->width_ms * USECS_PER_MS);
}

/* Where an interval ends, in milliseconds. */
static inline int64
interval_end_ms(const IntervalWindow *window, int64 number)
{
	return Min(window->to_ms,
			   window->from_ms + (number + 1) * window->width_ms);
}

/* Called with each row of a query. */
typedef void (*ReceiveRow)(void *arg, TupleTableSlot *row);

extern void read_window(FunctionCallInfo fcinfo, IntervalWindow *window);
extern void begin_queries(FunctionCallInfo fcinfo, bool with_presences,
						  ActivityTables *tables, int *guc_level);
extern void run_query(const ActivityTables *tables, const char *query,
					  ParamListInfo arguments, ReceiveRow receive, void *arg);
extern void end_queries(const ActivityTables *tables, int guc_level);
extern int64 add_checked(int64 sum, int64 value);
extern void set_argument(ParamListInfo arguments, int number, Oid type,
						 const Datum *value);
extern Datum window_time(int64 milliseconds);
extern Datum time_of_hour_before(int64 milliseconds);

#endif /* ACTIVITY_INTERVALS_H */
