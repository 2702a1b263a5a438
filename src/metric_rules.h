/*
 * metric_rules.h
 *	  What an activity counts for, and the formula of each metric. These rules
 *	  are nowhere else.
 *
 * A new metric begins here, with what an activity adds to it, if that is new.
 */
#ifndef ACTIVITY_METRIC_RULES_H
#define ACTIVITY_METRIC_RULES_H

#include "common/int.h"
#include "fmgr.h"

#include "compat.h"

/*
 * What an activity counts as: one of these bits. Several together say which
 * activities a participation has, or which ones a rule is about.
 */
#define COUNTS_AS_RINGING 0x01
#define COUNTS_AS_CONNECTED 0x02
#define COUNTS_AS_WRAP 0x04
#define COUNTS_AS_UNEXPECTED 0x08
#define COUNTS_AS_FAILED 0x10
#define COUNTS_AS_MONITOR 0x20 /* whatever its state is */
#define COUNTS_AS_NOTHING 0x40 /* no state, or one that was added */

/* The labels that say what an activity counts as. */
typedef struct ActivityLabels
{
	Oid ringing; /* of interaction_state */
	Oid connected;
	Oid wrap;
	Oid unexpected;
	Oid failed;
	Oid monitor; /* of activity_reason */
} ActivityLabels;

/* What became of a participation: the labels of participation_outcome. */
typedef enum Outcome
{
	OUTCOME_ANSWERED,
	OUTCOME_UNANSWERED,
	OUTCOME_UNEXPECTED,
	OUTCOME_FAILED,
	OUTCOME_MONITORED,
	OUTCOME_UNKNOWN /* null */
} Outcome;

#define OUTCOME_LABELS OUTCOME_UNKNOWN
#define OUTCOMES (OUTCOME_UNKNOWN + 1)

/* What a participation is, if one of its activities makes it so. */
#define IS_HANDLED 0x01
#define IS_OFFERED 0x02
#define IS_UNEXPECTED 0x04
#define IS_ANSWERED 0x08
#define IS_FLAGS 0x0F

/*
 * What metrics are made of, over any number of activities or participations.
 * Counts of participations are of distinct ones.
 */
typedef struct Totals
{
	int64 rows; /* not null, whatever they count as */
	int64 handle_ms;
	int64 talk_ms;
	int64 wrap_ms;
	int64 ring_ms;
	int64 handled; /* participations, from here on */
	int64 offered;
	int64 unexpected;
	int64 answered;
	int64 parked_ms; /* from here on over participations only */
	int64 answer_ms;
	int64 answer_times; /* participations that have one */
	/* Append here only: processes with libraries of two versions share states. */
} Totals;

/* Totals as an array, which is how they are stored and added up. */
#define TOTALS_COUNT ((int) (sizeof(Totals) / sizeof(int64)))

/* The metrics that are made of totals. */
typedef enum Metric
{
	HANDLE_TIME,
	TALK_TIME,
	WRAP_TIME,
	RING_TIME,
	PARKED_TIME,
	AVERAGE_ANSWER_TIME,
	HANDLED_PARTICIPATIONS,
	OFFERED_PARTICIPATIONS,
	ANSWERED_PARTICIPATIONS,
	UNEXPECTED_PARTICIPATIONS,
	AVERAGE_HANDLE_TIME,
	UNEXPECTED_RATE
} Metric;

/* Return what an activity of this state and reason counts as. */
static inline int
classify_activity(const ActivityLabels *labels, Oid state, Oid reason)
{
	if (reason == labels->monitor)
		return COUNTS_AS_MONITOR;
	if (state == labels->connected)
		return COUNTS_AS_CONNECTED;
	if (state == labels->ringing)
		return COUNTS_AS_RINGING;
	if (state == labels->wrap)
		return COUNTS_AS_WRAP;
	if (state == labels->unexpected)
		return COUNTS_AS_UNEXPECTED;
	if (state == labels->failed)
		return COUNTS_AS_FAILED;
	return COUNTS_AS_NOTHING;
}

/* Whether an activity is work: talk or wrap time, once it has ended. */
static inline bool
is_work(int counts_as)
{
	return (counts_as & (COUNTS_AS_CONNECTED | COUNTS_AS_WRAP)) != 0;
}

/*
 * Return what an activity makes its participation: IS_ flags. Finished work makes
 * it handled, Connected (finished or not) answered, and anything but Wrap offered.
 */
static inline uint32
participation_flags(int counts_as, bool has_ended)
{
	uint32 flags = 0;

	if (has_ended && is_work(counts_as))
		flags |= IS_HANDLED;
	if ((counts_as & (COUNTS_AS_RINGING | COUNTS_AS_CONNECTED |
					  COUNTS_AS_UNEXPECTED | COUNTS_AS_FAILED)) != 0)
		flags |= IS_OFFERED;
	if ((counts_as & COUNTS_AS_CONNECTED) != 0)
		flags |= IS_ANSWERED;
	if ((counts_as & COUNTS_AS_UNEXPECTED) != 0)
		flags |= IS_UNEXPECTED;
	return flags;
}

pg_noreturn extern void sum_out_of_range(void);

/* Add to a sum; overflow is an error. */
static inline void
add_to_sum(int64 *sum, int64 amount)
{
	if (unlikely(pg_add_s64_overflow(*sum, amount, sum)))
		sum_out_of_range();
}

/* Add the totals of others. */
static inline void
add_totals(Totals *totals, const Totals *others)
{
	for (int i = 0; i < TOTALS_COUNT; i++)
		add_to_sum((int64 *) totals + i, ((const int64 *) others)[i]);
}

/*
 * Whether an Unexpected for this reason counts, where a reason is asked for. NULL
 * asks for none: all count.
 */
static inline bool
is_reason_asked(const Oid *asked, Oid reason)
{
	return asked == NULL || *asked == reason;
}

/*
 * Add the duration of an activity to the times that it belongs to; 0 ms for an
 * open one. A negative amount takes it out again.
 */
static inline void
add_time(Totals *totals, int counts_as, int64 milliseconds)
{
	if (is_work(counts_as))
		add_to_sum(&totals->handle_ms, milliseconds);
	if (counts_as == COUNTS_AS_CONNECTED)
		add_to_sum(&totals->talk_ms, milliseconds);
	else if (counts_as == COUNTS_AS_WRAP)
		add_to_sum(&totals->wrap_ms, milliseconds);
	else if (counts_as == COUNTS_AS_RINGING)
		add_to_sum(&totals->ring_ms, milliseconds);
}

extern const char *const outcome_labels[OUTCOME_LABELS];

extern Outcome participation_outcome(int counts_as);
extern Outcome interaction_outcome(const int64 *outcomes, bool is_answered);
extern Datum metric_result(FunctionCallInfo fcinfo, const Totals *totals,
						   Metric metric);

/*
 * Define the final function of a metric for one family of aggregates, whose
 * function result(fcinfo, metric) passes the totals of its state, or zeros for
 * none, to metric_result.
 */
#define FINAL_FUNCTION(name, result, metric) \
	PG_FUNCTION_INFO_V1(name);               \
	Datum name(PG_FUNCTION_ARGS)             \
	{                                        \
		return result(fcinfo, metric);       \
	}

#endif /* ACTIVITY_METRIC_RULES_H */
