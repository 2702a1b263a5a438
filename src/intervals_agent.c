/*
 * intervals_agent.c
 *	  agent_intervals(): how long each agent was busy, logged in, ready and
 *	  away in each interval.
 *
 * Activities and presences come in one query, by agent and start. A sweep over
 * them keeps what goes on at an instant, and adds up an interval at a time.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "compat.h"
#include "intervals.h"
#include "row.h"

/* What a row of the query is: as the queries number it. */
typedef enum SpanKind
{
	SPAN_WORK,
	SPAN_RING,
	SPAN_READY,
	SPAN_AWAY,
	SPAN_LOGGED_OUT,
	SPAN_OTHER_PRESENCE /* a category that was added to the enum */
} SpanKind;

/* The attributes of agent_interval. */
typedef enum AgentIntervalAttribute
{
	AGENT_INTERVAL_START,
	AGENT_INTERVAL_AGENT_ID,
	AGENT_INTERVAL_BUSY_MS,
	AGENT_INTERVAL_LOGIN_MS,
	AGENT_INTERVAL_READY_MS,
	AGENT_INTERVAL_AWAY_MS,
	AGENT_INTERVAL_BUSY_READY_MS,
	AGENT_INTERVAL_RING_READY_MS,
	AGENT_INTERVAL_ROUTABLE_MS,
	AGENT_INTERVAL_OCCUPANCY,
	AGENT_INTERVAL_ATTRIBUTES /* how many */
} AgentIntervalAttribute;

/*
 * $1 and $2 are the window up to as_of, $3 is an hour before it, $4 the media.
 * Activities: agent, start, duration, no next presence, kind, not eligible.
 */
#define ACTIVITY_COLUMNS                                                 \
	"SELECT a.agent_id, a.start, a.duration_ms, NULL::timestamptz, "     \
	"CASE a.state WHEN 'Ringing'::{schema}.interaction_state THEN 1 "    \
	"ELSE 0 END, false FROM {activities} AS a "                          \
	"WHERE a.state IN ('Ringing'::{schema}.interaction_state, "          \
	"'Connected'::{schema}.interaction_state, "                          \
	"'Wrap'::{schema}.interaction_state) "                               \
	"AND a.reason IS DISTINCT FROM 'Monitor'::{schema}.activity_reason " \
	"AND ($4 IS NULL OR a.medium = ANY ($4)) "

/* short ones, and long ones, which have an index of their own */
static const char finished_query[] =
	"SELECT * FROM (" ACTIVITY_COLUMNS "AND a.start >= $3 AND a.start < $2 "
	"AND a.duration_ms > 0 AND a.duration_ms <= 3600000 "
	"UNION ALL " ACTIVITY_COLUMNS "AND a.duration_ms > 3600000 "
	"AND tstzrange(a.start, {schema}.activity_end(a.start, "
	"a.duration_ms)) && tstzrange($1, $2) ";

/* with as_of: those that go on then */
static const char open_query[] =
	"UNION ALL " ACTIVITY_COLUMNS
	"AND a.duration_ms IS NULL AND a.start < $2 AND a.status "
	"IS DISTINCT FROM 'InternalError'::{schema}.interaction_status ";

/*
 * Presences: of each agent, which are found one by one in the key, those of the
 * latest start at or before the window, and those that start in it. The next
 * one after the window, appended without as_of, ends an open one.
 */
#define PRESENCE_COLUMNS                                      \
	"SELECT p.agent_id, p.start, p.duration_ms, p.category, " \
	"p.eligible_for_routing FROM {presences} AS p "           \
	"WHERE p.agent_id = agent.agent_id "

static const char presence_query[] =
	"UNION ALL (WITH RECURSIVE agent AS ("
	"(SELECT p.agent_id FROM {presences} AS p ORDER BY p.agent_id LIMIT 1) "
	"UNION ALL "
	"SELECT (SELECT p.agent_id FROM {presences} AS p "
	"WHERE p.agent_id > agent.agent_id ORDER BY p.agent_id LIMIT 1) "
	"FROM agent WHERE agent.agent_id IS NOT NULL) "
	"SELECT known.agent_id, known.start, known.duration_ms, "
	"lead(known.start) OVER (PARTITION BY known.agent_id "
	"ORDER BY known.start, CASE WHEN known.duration_ms > 0 THEN 2 "
	"WHEN known.duration_ms IS NULL THEN 1 ELSE 0 END, known.duration_ms, "
	"known.category), "
	"CASE known.category WHEN 'Ready'::{schema}.presence_category THEN 2 "
	"WHEN 'Away'::{schema}.presence_category THEN 3 "
	"WHEN 'ExtendedAway'::{schema}.presence_category THEN 3 "
	"WHEN 'LoggedOut'::{schema}.presence_category THEN 4 ELSE 5 END, "
	"known.eligible_for_routing IS NOT FALSE "
	"FROM agent, LATERAL (" PRESENCE_COLUMNS "AND p.start < $2 "
	"AND p.start >= coalesce((SELECT q.start FROM {presences} AS q "
	"WHERE q.agent_id = agent.agent_id AND q.start <= $1 "
	"ORDER BY q.start DESC LIMIT 1), $1) ";
static const char next_presence_query[] =
	"UNION ALL (" PRESENCE_COLUMNS "AND p.start >= $2 "
	"ORDER BY p.start LIMIT 1)";
static const char end_of_query[] =
	") AS known WHERE agent.agent_id IS NOT NULL)) "
	"AS span (agent_id, start, duration_ms, next_start, kind, is_eligible) "
	"ORDER BY span.agent_id COLLATE \"C\", span.start";

/* The sweep over what an agent did. All times are whole milliseconds. */
typedef struct Sweep
{
	IntervalWindow window;
	int64 until; /* the end of the window, or as_of if that is earlier */
	bool counts_open;
	ReturnSetInfo *rsinfo;
	NewRow row;
	MemoryContext context; /* of agent_id */
	text *agent_id;		   /* NULL before the first agent */

	/* what goes on at now, and until when: not after now if it does not */
	int64 now;
	int64 busy_until;
	int64 ring_until;
	int64 presence_until;
	SpanKind presence;
	bool is_eligible;

	/* the interval of now, and its figures */
	int64 interval;
	int64 figures[AGENT_INTERVAL_ATTRIBUTES];
} Sweep;

/* Store the row of the interval that the sweep is in, and go to another. */
static void
finish_interval(Sweep *sweep, int64 next)
{
	int64 *figures = sweep->figures;
	int64 idle_and_busy = figures[AGENT_INTERVAL_READY_MS] -
						  figures[AGENT_INTERVAL_RING_READY_MS];

	CHECK_FOR_INTERRUPTS();
	if (figures[AGENT_INTERVAL_BUSY_MS] != 0 ||
		figures[AGENT_INTERVAL_LOGIN_MS] != 0)
	{
		NewRow *row = &sweep->row;

		set_attribute(row, AGENT_INTERVAL_START,
					  TimestampTzGetDatum(
						  interval_start(&sweep->window, sweep->interval)));
		set_text(row, AGENT_INTERVAL_AGENT_ID, sweep->agent_id);
		for (int i = AGENT_INTERVAL_BUSY_MS; i <= AGENT_INTERVAL_ROUTABLE_MS;
			 i++)
			set_attribute(row, i, Int64GetDatum(figures[i]));
		row->nulls[AGENT_INTERVAL_OCCUPANCY] = true;
		if (idle_and_busy != 0)
			set_attribute(row, AGENT_INTERVAL_OCCUPANCY,
						  Float8GetDatum(
							  (double) figures[AGENT_INTERVAL_BUSY_READY_MS] /
							  (double) idle_and_busy));
		tuplestore_putvalues(sweep->rsinfo->setResult, row->type, row->values,
							 row->nulls);
	}
	memset(figures, 0, sizeof(sweep->figures));
	sweep->interval = next;
}

/* Add what goes on at now, which stays the same for so long. */
static void
add_up(Sweep *sweep, int64 milliseconds)
{
	int64 *figures = sweep->figures;
	bool is_busy = sweep->busy_until > sweep->now;
	bool is_present = sweep->presence_until > sweep->now;
	bool is_ready = is_present && sweep->presence == SPAN_READY;

	if (is_busy)
		figures[AGENT_INTERVAL_BUSY_MS] += milliseconds;
	if (is_present && sweep->presence != SPAN_LOGGED_OUT)
		figures[AGENT_INTERVAL_LOGIN_MS] += milliseconds;
	if (is_present && sweep->presence == SPAN_AWAY)
		figures[AGENT_INTERVAL_AWAY_MS] += milliseconds;
	if (!is_ready)
		return;
	figures[AGENT_INTERVAL_READY_MS] += milliseconds;
	if (sweep->is_eligible)
		figures[AGENT_INTERVAL_ROUTABLE_MS] += milliseconds;
	if (is_busy)
		figures[AGENT_INTERVAL_BUSY_READY_MS] += milliseconds;
	else if (sweep->ring_until > sweep->now)
		figures[AGENT_INTERVAL_RING_READY_MS] += milliseconds;
}

/* Move on to an instant, and add up the time until then. */
static void
advance(Sweep *sweep, int64 instant)
{
	while (sweep->now < instant)
	{
		const int64 changes[] = {sweep->busy_until, sweep->ring_until,
								 sweep->presence_until};
		int64 next = instant;
		bool goes_on = false;
		int64 end;

		for (Size i = 0; i < lengthof(changes); i++)
		{
			if (changes[i] > sweep->now)
			{
				goes_on = true;
				next = Min(next, changes[i]);
			}
		}
		if (!goes_on)
		{
			/* nothing to add up */
			sweep->now = instant;
			if (interval_at(&sweep->window, instant) != sweep->interval)
				finish_interval(sweep, interval_at(&sweep->window, instant));
			return;
		}
		end = interval_end_ms(&sweep->window, sweep->interval);
		next = Min(next, end);
		add_up(sweep, next - sweep->now);
		sweep->now = next;
		if (next == end)
			finish_interval(sweep, sweep->interval + 1);
	}
}

/* Add up the rest of the last agent's time. */
static void
finish_agent(Sweep *sweep)
{
	if (sweep->agent_id == NULL)
		return;
	advance(sweep, sweep->until);
	finish_interval(sweep, 0);
	pfree(sweep->agent_id);
	sweep->agent_id = NULL;
}

static void
begin_agent(Sweep *sweep, const text *agent_id)
{
	sweep->agent_id = copy_text(agent_id, sweep->context);
	sweep->now = sweep->window.from_ms;
	sweep->busy_until = sweep->now;
	sweep->ring_until = sweep->now;
	sweep->presence_until = sweep->now;
	sweep->interval = 0;
	memset(sweep->figures, 0, sizeof(sweep->figures));
}

/* Add a row of the query. */
static void
add_span(void *arg, TupleTableSlot *slot)
{
	Sweep *sweep = arg;
	text *agent_id = DatumGetTextPP(slot->tts_values[0]);
	int64 start = whole_milliseconds(DatumGetTimestampTz(slot->tts_values[1]));
	SpanKind kind = DatumGetInt32(slot->tts_values[4]);
	bool is_open = slot->tts_isnull[2];
	int64 end = sweep->until;

	if (sweep->agent_id == NULL || compare_texts(sweep->agent_id, agent_id))
	{
		finish_agent(sweep);
		begin_agent(sweep, agent_id);
	}
	/* the sum need not fit bigint */
	if (!is_open && DatumGetInt64(slot->tts_values[2]) < end - start)
		end = start + DatumGetInt64(slot->tts_values[2]);
	if (!slot->tts_isnull[3])
		end =
			Min(end,
				whole_milliseconds(DatumGetTimestampTz(slot->tts_values[3])));
	else if (is_open && !sweep->counts_open)
		return;
	start = Max(start, sweep->window.from_ms);
	if (start >= end)
		return;

	advance(sweep, start);
	switch (kind)
	{
		case SPAN_WORK:
			sweep->busy_until = Max(sweep->busy_until, end);
			break;
		case SPAN_RING:
			sweep->ring_until = Max(sweep->ring_until, end);
			break;
		default:
			sweep->presence = kind;
			sweep->is_eligible = DatumGetBool(slot->tts_values[5]);
			sweep->presence_until = end;
	}
}

PG_FUNCTION_INFO_V1(agent_intervals);
/* agent_intervals(source, from_time, to_time, width, as_of, media). */
Datum
agent_intervals(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Sweep sweep = {.rsinfo = rsinfo, .counts_open = !PG_ARGISNULL(4)};
	ActivityTables tables;
	ParamListInfo arguments = makeParamList(4);
	Datum media = PG_ARGISNULL(5) ? (Datum) 0 : PG_GETARG_DATUM(5);
	Datum from;
	Datum until;
	Datum hour_before;
	StringInfoData query;
	int guc_level;

	read_window(fcinfo, &sweep.window);
	sweep.until = sweep.window.to_ms;
	if (sweep.counts_open)
	{
		TimestampTz as_of = PG_GETARG_TIMESTAMPTZ(4);

		if (TIMESTAMP_NOT_FINITE(as_of))
			ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
							errmsg("as_of must be finite")));
		sweep.until = Min(sweep.until, whole_milliseconds(as_of));
	}
	InitMaterializedSRF(fcinfo, 0);
	find_tables(fcinfo, true, &tables);
	if (sweep.until <= sweep.window.from_ms)
		return (Datum) 0;
	begin_row(&sweep.row, rsinfo->setDesc, AGENT_INTERVAL_ATTRIBUTES,
			  AGENT_INTERVAL_ATTRIBUTES);
	sweep.context = CurrentMemoryContext;
	from = window_time(sweep.window.from_ms);
	until = window_time(sweep.until);
	hour_before = time_of_hour_before(sweep.window.from_ms);
	set_argument(arguments, 0, TIMESTAMPTZOID, &from);
	set_argument(arguments, 1, TIMESTAMPTZOID, &until);
	set_argument(arguments, 2, TIMESTAMPTZOID, &hour_before);
	set_argument(arguments, 3, TEXTARRAYOID, PG_ARGISNULL(5) ? NULL : &media);

	begin_queries(fcinfo, true, &tables, &guc_level);
	initStringInfo(&query);
	appendStringInfoString(&query, finished_query);
	if (sweep.counts_open)
		appendStringInfoString(&query, open_query);
	appendStringInfoString(&query, presence_query);
	if (!sweep.counts_open)
		appendStringInfoString(&query, next_presence_query);
	appendStringInfoString(&query, end_of_query);
	run_query(&tables, query.data, arguments, add_span, &sweep);
	finish_agent(&sweep);
	end_queries(guc_level);
	return (Datum) 0;
}
