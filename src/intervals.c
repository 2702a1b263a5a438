/*
 * intervals.c
 *	  What activity_intervals() and agent_intervals() share: their arguments,
 *	  and queries over the tables of activities.
 */
#include "postgres.h"

#include "common/int.h"
#include "executor/spi.h"
#include "storage/lmgr.h"
#include "storage/lockdefs.h"
#include "tcop/dest.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "intervals.h"

/* Return a sum; an error if bigint cannot hold it. */
int64
add_checked(int64 sum, int64 value)
{
	int64 result;

	if (pg_add_s64_overflow(sum, value, &result))
		ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
						errmsg("sum of milliseconds out of range")));
	return result;
}

/* Read the width of intervals, in milliseconds. */
static int64
read_width(const Interval *width)
{
	int64 days;
	int64 microseconds;

	if (width->month != 0)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("width must not contain months or years"),
						errdetail("Months and years have no fixed length."),
						errhint("Call the function for each month.")));
	if (pg_mul_s64_overflow(width->day, USECS_PER_DAY, &days) ||
		pg_add_s64_overflow(width->time, days, &microseconds) ||
		microseconds <= 0 || microseconds % USECS_PER_MS != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("width must be whole milliseconds, at least one"),
				 errhint("Pass an interval such as '30 minutes'.")));
	return microseconds / USECS_PER_MS;
}

/*
 * Read the arguments source, from_time, to_time and width, which are 0 to 3.
 * Raises an error if one is null, or the window is not one.
 */
void
read_window(FunctionCallInfo fcinfo, IntervalWindow *window)
{
	static const char *const names[] = {"source", "from_time", "to_time",
										"width"};
	TimestampTz to_time;

	for (Size i = 0; i < lengthof(names); i++)
	{
		if (PG_ARGISNULL(i))
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("%s must not be null", names[i])));
	}
	window->from_time = PG_GETARG_TIMESTAMPTZ(1);
	to_time = PG_GETARG_TIMESTAMPTZ(2);
	if (TIMESTAMP_NOT_FINITE(window->from_time) ||
		TIMESTAMP_NOT_FINITE(to_time))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("from_time and to_time must be finite")));
	if (window->from_time > to_time)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("from_time must not be after to_time")));
	window->width_ms = read_width(PG_GETARG_INTERVAL_P(3));
	window->from_ms = whole_milliseconds(window->from_time);
	window->to_ms = whole_milliseconds(to_time);
	/* one interval is as good as a wider one, whose end may not exist */
	window->width_ms =
		Min(window->width_ms, Max(window->to_ms - window->from_ms, 1));
}

/* Set an argument of a query, from 0; NULL for null. */
void
set_argument(ParamListInfo arguments, int number, Oid type, const Datum *value)
{
	ParamExternData *argument = &arguments->params[number];

	argument->ptype = type;
	argument->pflags = PARAM_FLAG_CONST;
	argument->isnull = value == NULL;
	argument->value = value == NULL ? (Datum) 0 : *value;
}

/* A time of a window as timestamptz. */
Datum
window_time(int64 milliseconds)
{
	return TimestampTzGetDatum(milliseconds * USECS_PER_MS);
}

/* The time an hour before, or before all times. */
Datum
time_of_hour_before(int64 milliseconds)
{
	TimestampTz time = milliseconds * USECS_PER_MS;

	return TimestampTzGetDatum(time >= MIN_TIMESTAMP + USECS_PER_HOUR
								   ? time - USECS_PER_HOUR
								   : DT_NOBEGIN);
}

/*
 * Find the tables of argument 0 and lock them for reading, and prepare for
 * run_query. end_queries ends it.
 */
void
begin_queries(FunctionCallInfo fcinfo, bool with_presences,
			  ActivityTables *tables, int *guc_level)
{
	find_tables(fcinfo, with_presences, tables);
	/*
	 * The names in the queries are then those of the tables. The order is that
	 * of all sessions: see lock_tables.
	 */
	LockRelationOid(tables->participations, AccessShareLock);
	LockRelationOid(tables->activities, AccessShareLock);
	if (with_presences)
		LockRelationOid(tables->presences, AccessShareLock);
	find_tables(fcinfo, with_presences, tables);

	*guc_level = NewGUCNestLevel();
	/* objects in other schemas are not found by name */
	(void) set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
}

/*
 * Raises an error if the queries may have missed rows: the caller's snapshot is
 * older than the locks, those on partitions that the queries took included.
 */
void
end_queries(const ActivityTables *tables, int guc_level)
{
	check_snapshot(tables->participations, GetActiveSnapshot());
	check_snapshot(tables->activities, GetActiveSnapshot());
	if (OidIsValid(tables->presences))
		check_snapshot(tables->presences, GetActiveSnapshot());
	SPI_finish();
	AtEOXact_GUC(true, guc_level);
}

/* A receiver that hands each row on. */
typedef struct RowReceiver
{
	DestReceiver receiver;
	ReceiveRow receive;
	void *arg;
} RowReceiver;

static bool
receive_slot(TupleTableSlot *slot, DestReceiver *self)
{
	RowReceiver *receiver = (RowReceiver *) self;

	slot_getallattrs(slot);
	receiver->receive(receiver->arg, slot);
	return true;
}

static void
start_up(DestReceiver *self pg_attribute_unused(),
		 int operation pg_attribute_unused(),
		 TupleDesc type pg_attribute_unused())
{
}

static void
shut_down(DestReceiver *self pg_attribute_unused())
{
}

/* Return a query with the names that the tables have now, palloc'd. */
static char *
fill_query(const char *query, const ActivityTables *tables)
{
	const char *schema = get_namespace_name(tables->schema);
	const Hole holes[] = {{"activities", qualified_name(tables->activities)},
						  {"participations",
						   qualified_name(tables->participations)},
						  {"presences", OidIsValid(tables->presences)
											? qualified_name(tables->presences)
											: NULL},
						  {"schema",
						   quote_identifier(schema != NULL ? schema : "?")}};

	return fill_statement(query, holes, lengthof(holes));
}

/*
 * Run a query with the rights and the snapshot of the caller, and hand its rows
 * on, one at a time. Raises an error if a table was renamed meanwhile, as
 * another one may have been read then.
 */
void
run_query(const ActivityTables *tables, const char *query,
		  ParamListInfo arguments, ReceiveRow receive, void *arg)
{
	RowReceiver receiver = {.receiver = {.receiveSlot = receive_slot,
										 .rStartup = start_up,
										 .rShutdown = shut_down,
										 .rDestroy = shut_down,
										 .mydest = DestTuplestore},
							.receive = receive,
							.arg = arg};
	SPIExecuteOptions options = {.params = arguments,
								 .read_only = true,
								 .dest = &receiver.receiver};
	char *filled = fill_query(query, tables);
	int result = SPI_execute_extended(filled, &options);

	if (result != SPI_OK_SELECT)
		elog(ERROR, "SPI_execute_extended failed: %s",
			 SPI_result_code_string(result));

	AcceptInvalidationMessages();
	if (strcmp(filled, fill_query(query, tables)) != 0)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("table \"%s\" or one beside it was renamed or "
							   "moved while it was read",
							   qualified_name(tables->activities)),
						errhint("Try again.")));
}
