/*
 * best_known.c
 *	  Compares two deliveries of the same activity, or of the same presence.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "common/int.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "compat.h"
#include "row.h"

/*
 * Return a negative number, 0 or a positive number if the first delivery is
 * known worse than the second, equally well, or better. A known duration beats
 * none, then the greater status, then the later report. All other values break
 * ties, so that the order of arrival never matters.
 */
int
compare_activities(const Row *a, const Row *b)
{
	int order;

	order = (a->attributes[ACTIVITY_DURATION_MS] != NULL) -
			(b->attributes[ACTIVITY_DURATION_MS] != NULL);
	if (order == 0)
		order = compare_labels(row_oid(a, ACTIVITY_STATUS),
							   row_oid(b, ACTIVITY_STATUS));
	if (order == 0)
		order = pg_cmp_s64(row_time(a, ACTIVITY_REPORTED_AT),
						   row_time(b, ACTIVITY_REPORTED_AT));
	if (order == 0)
		order = pg_cmp_s64(row_milliseconds(a, ACTIVITY_DURATION_MS),
						   row_milliseconds(b, ACTIVITY_DURATION_MS));
	if (order == 0)
		order = compare_labels(row_oid(a, ACTIVITY_REASON),
							   row_oid(b, ACTIVITY_REASON));
	if (order == 0)
		order = compare_labels(row_oid(a, ACTIVITY_DIRECTION),
							   row_oid(b, ACTIVITY_DIRECTION));
	if (order == 0)
		order = compare_texts(row_text(a, ACTIVITY_MEDIUM),
							  row_text(b, ACTIVITY_MEDIUM));
	if (order == 0)
		order = compare_texts(row_text(a, ACTIVITY_MEDIUM_MANAGER),
							  row_text(b, ACTIVITY_MEDIUM_MANAGER));
	return order;
}

/* Return 1 for true, 0 for false, -1 for null. */
static int
boolean_order(const Row *row, int attribute)
{
	return row->attributes[attribute] == NULL ? -1 : row_bool(row, attribute);
}

/*
 * Return the same for two deliveries of a presence. A known duration beats none,
 * then the later report. All other values break ties.
 */
int
compare_presences(const Row *a, const Row *b)
{
	int order;

	order = (a->attributes[PRESENCE_DURATION_MS] != NULL) -
			(b->attributes[PRESENCE_DURATION_MS] != NULL);
	if (order == 0)
		order = pg_cmp_s64(row_time(a, PRESENCE_REPORTED_AT),
						   row_time(b, PRESENCE_REPORTED_AT));
	if (order == 0)
		order = pg_cmp_s64(row_milliseconds(a, PRESENCE_DURATION_MS),
						   row_milliseconds(b, PRESENCE_DURATION_MS));
	if (order == 0)
		order = boolean_order(a, PRESENCE_ELIGIBLE_FOR_ROUTING) -
				boolean_order(b, PRESENCE_ELIGIBLE_FOR_ROUTING);
	if (order == 0)
		order = compare_texts(row_text(a, PRESENCE_NAME),
							  row_text(b, PRESENCE_NAME));
	return order;
}

/* Compare the two activities that are the function's arguments. */
static int
compare_activity_arguments(FunctionCallInfo fcinfo)
{
	Row first;
	Row second;

	(void) read_activity(PG_GETARG_HEAPTUPLEHEADER(0), &first,
						 ACTIVITY_ATTRIBUTES);
	(void) read_activity(PG_GETARG_HEAPTUPLEHEADER(1), &second,
						 ACTIVITY_ATTRIBUTES);
	return compare_activities(&first, &second);
}

/* Compare the two presences that are the function's arguments. */
static int
compare_presence_arguments(FunctionCallInfo fcinfo)
{
	Row first;
	Row second;

	read_presence(PG_GETARG_HEAPTUPLEHEADER(0), &first);
	read_presence(PG_GETARG_HEAPTUPLEHEADER(1), &second);
	return compare_presences(&first, &second);
}

PG_FUNCTION_INFO_V1(activity_best_known);
/* activity_best_known(activity, activity): the better known one. */
Datum
activity_best_known(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(compare_activity_arguments(fcinfo) >= 0
						? PG_GETARG_DATUM(0)
						: PG_GETARG_DATUM(1));
}

PG_FUNCTION_INFO_V1(activity_is_better_known);
/* activity_is_better_known(activity, activity): whether the first one is. */
Datum
activity_is_better_known(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_activity_arguments(fcinfo) > 0);
}

PG_FUNCTION_INFO_V1(presence_best_known);
/* presence_best_known(presence, presence): the better known one. */
Datum
presence_best_known(PG_FUNCTION_ARGS)
{
	PG_RETURN_DATUM(compare_presence_arguments(fcinfo) >= 0
						? PG_GETARG_DATUM(0)
						: PG_GETARG_DATUM(1));
}

PG_FUNCTION_INFO_V1(presence_is_better_known);
/* presence_is_better_known(presence, presence): whether the first one is. */
Datum
presence_is_better_known(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(compare_presence_arguments(fcinfo) > 0);
}
