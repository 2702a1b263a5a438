/*
 * metric_rules.c
 *	  What became of a participation, and the formula of each metric.
 */
#include "postgres.h"

#include "compat.h"
#include "metric_rules.h"

/* Raise that a sum of milliseconds does not fit. */
void
sum_out_of_range(void)
{
	ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
					errmsg("sum of milliseconds out of range")));
}

const char *const outcome_labels[OUTCOME_LABELS] = {
	[OUTCOME_ANSWERED] = "Answered",	 [OUTCOME_UNANSWERED] = "Unanswered",
	[OUTCOME_UNEXPECTED] = "Unexpected", [OUTCOME_FAILED] = "Failed",
	[OUTCOME_MONITORED] = "Monitored",
};

/* Return the outcome of a participation whose activities count as this. */
Outcome
participation_outcome(int counts_as)
{
	if ((counts_as & COUNTS_AS_UNEXPECTED) != 0)
		return OUTCOME_UNEXPECTED;
	if ((counts_as & COUNTS_AS_FAILED) != 0)
		return OUTCOME_FAILED;
	if (is_work(counts_as))
		return OUTCOME_ANSWERED;
	if ((counts_as & COUNTS_AS_RINGING) != 0)
		return OUTCOME_UNANSWERED;
	if (counts_as == COUNTS_AS_MONITOR)
		return OUTCOME_MONITORED;
	return OUTCOME_UNKNOWN;
}

/*
 * Return the outcome of an interaction, given how many of its participations
 * have which outcome, and whether one is answered: an interaction that somebody
 * took is Answered, whoever else did not.
 */
Outcome
interaction_outcome(const int64 *outcomes, bool is_answered)
{
	if (is_answered || outcomes[OUTCOME_ANSWERED] > 0)
		return OUTCOME_ANSWERED;
	if (outcomes[OUTCOME_UNEXPECTED] > 0)
		return OUTCOME_UNEXPECTED;
	if (outcomes[OUTCOME_FAILED] > 0)
		return OUTCOME_FAILED;
	if (outcomes[OUTCOME_UNANSWERED] > 0)
		return OUTCOME_UNANSWERED;
	if (outcomes[OUTCOME_MONITORED] > 0 && outcomes[OUTCOME_UNKNOWN] == 0)
		return OUTCOME_MONITORED;
	return OUTCOME_UNKNOWN;
}

/* Return a sum of milliseconds in seconds; null for no rows. */
static Datum
seconds(FunctionCallInfo fcinfo, const Totals *totals, int64 milliseconds)
{
	if (totals->rows == 0)
		PG_RETURN_NULL();
	PG_RETURN_FLOAT8(milliseconds / 1000.0);
}

/*
 * Return a quotient, null if the divisor is 0. Both numbers are rounded to double
 * precision first, then divided once: PostgreSQL's own operators give the same,
 * on every machine.
 */
static Datum
quotient(FunctionCallInfo fcinfo, int64 dividend, double factor, int64 count)
{
	/* volatile: i386 would go on with more digits than a double has */
	volatile double rounded = (double) dividend;
	volatile double divisor = (double) count;

	if (count == 0)
		PG_RETURN_NULL();
	divisor *= factor;
	PG_RETURN_FLOAT8(rounded / divisor);
}

/* Return the result of a final function: the value of a metric, or null. */
Datum
metric_result(FunctionCallInfo fcinfo, const Totals *totals, Metric metric)
{
	switch (metric)
	{
		case HANDLE_TIME:
			return seconds(fcinfo, totals, totals->handle_ms);
		case TALK_TIME:
			return seconds(fcinfo, totals, totals->talk_ms);
		case WRAP_TIME:
			return seconds(fcinfo, totals, totals->wrap_ms);
		case RING_TIME:
			return seconds(fcinfo, totals, totals->ring_ms);
		case PARKED_TIME:
			return seconds(fcinfo, totals, totals->parked_ms);
		case AVERAGE_ANSWER_TIME:
			return quotient(fcinfo, totals->answer_ms, 1000.0,
							totals->answer_times);
		case HANDLED_PARTICIPATIONS:
			PG_RETURN_INT64(totals->handled);
		case OFFERED_PARTICIPATIONS:
			PG_RETURN_INT64(totals->offered);
		case ANSWERED_PARTICIPATIONS:
			PG_RETURN_INT64(totals->answered);
		case UNEXPECTED_PARTICIPATIONS:
			PG_RETURN_INT64(totals->unexpected);
		case AVERAGE_HANDLE_TIME:
			return quotient(fcinfo, totals->handle_ms, 1000.0,
							totals->handled);
		case UNEXPECTED_RATE:
			return quotient(fcinfo, totals->unexpected, 1.0, totals->offered);
	}
	elog(ERROR, "unknown metric: %d", (int) metric);
}
