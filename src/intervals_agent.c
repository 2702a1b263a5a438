/*
 * intervals_agent.c
 *	  agent_intervals(): how long each agent was busy, logged in, ready and
 *	  away in each interval.
 *
 * Activities and presences come in one query, by start. A sweep of each agent
 * over them keeps what goes on at an instant, and adds up an interval at a time.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
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
 * Presences: of each agent, those of the latest start at or before the window,
 * and those that start in it. The next one after the window, appended without
 * as_of, ends an open one.
 */
#define SPANS_OF_KNOWN                                                      \
	"SELECT known.agent_id, known.start, known.duration_ms, "               \
	"lead(known.start) OVER (PARTITION BY known.agent_id "                  \
	"ORDER BY known.start, CASE WHEN known.duration_ms > 0 THEN 2 "         \
	"WHEN known.duration_ms IS NULL THEN 1 ELSE 0 END, known.duration_ms, " \
	"known.category), "                                                     \
	"CASE known.category WHEN 'Ready'::{schema}.presence_category THEN 2 "  \
	"WHEN 'Away'::{schema}.presence_category THEN 3 "                       \
	"WHEN 'ExtendedAway'::{schema}.presence_category THEN 3 "               \
	"WHEN 'LoggedOut'::{schema}.presence_category THEN 4 ELSE 5 END, "      \
	"known.eligible_for_routing IS NOT FALSE "

/* agents are found one by one in the key */
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
	"FROM agent WHERE agent.agent_id IS NOT NULL) " SPANS_OF_KNOWN
	"FROM agent, LATERAL (" PRESENCE_COLUMNS "AND p.start < $2 "
	"AND p.start >= coalesce((SELECT q.start FROM {presences} AS q "
	"WHERE q.agent_id = agent.agent_id AND q.start <= $1 "
	"ORDER BY q.start DESC LIMIT 1), $1) ";
static const char next_presence_query[] =
	"UNION ALL (" PRESENCE_COLUMNS "AND p.start >= $2 "
	"ORDER BY p.start LIMIT 1)";
static const char end_of_presence_query[] =
	") AS known WHERE agent.agent_id IS NOT NULL) ";

/* in a table of Citus, which has no such recursion, all presences are read */
static const char distributed_presence_query[] =
	"UNION ALL (" SPANS_OF_KNOWN "FROM ("
	"SELECT p.agent_id, p.start, p.duration_ms, p.category, "
	"p.eligible_for_routing FROM {presences} AS p JOIN ("
	"SELECT q.agent_id, "
	"coalesce(max(q.start) FILTER (WHERE q.start <= $1), $1) AS since, "
	"min(q.start) FILTER (WHERE q.start >= $2) AS next_start "
	"FROM {presences} AS q GROUP BY q.agent_id) AS agent "
	"ON agent.agent_id = p.agent_id "
	"WHERE p.start >= agent.since AND (p.start < $2 ";
static const char distributed_next_presence_query[] =
	"OR p.start = agent.next_start ";
static const char end_of_distributed_presence_query[] = ")) AS known) ";

static const char end_of_query[] =
	") AS span (agent_id, start, duration_ms, next_start, kind, is_eligible) "
	"ORDER BY span.start";

/* A row of the result. */
typedef struct AgentRow
{
	const text *agent_id;
	int64 interval;
	int64 figures[AGENT_INTERVAL_ATTRIBUTES]; /* of busy_ms to routable_ms */
} AgentRow;

/* The sweep over what one agent did. All times are whole milliseconds. */
typedef struct AgentSweep
{
	const text *agent_id;
	uint32 hash; /* of agent_id */

	/* what goes on at now, and until when: not after now if it does not */
	int64 now;
	int64 busy_until;
	int64 ring_until;
	int64 presence_until;
	SpanKind presence;
	bool is_eligible;

	AgentRow row; /* of the interval of now */
} AgentSweep;

/* The hash table of agents: its elements are pointers, which do not move. */
typedef struct AgentSlot
{
	AgentSweep *agent;
	char status;
} AgentSlot;

#define SH_PREFIX agents
#define SH_ELEMENT_TYPE AgentSlot
#define SH_KEY_TYPE const AgentSweep *
#define SH_KEY agent
#define SH_HASH_KEY(table, key) (key)->hash
#define SH_EQUAL(table, a, b) \
	(compare_texts((a)->agent_id, (b)->agent_id) == 0)
#define SH_STORE_HASH
#define SH_GET_HASH(table, slot) (slot)->agent->hash
#define SH_SCOPE static inline
#define SH_DEFINE
#define SH_DECLARE
#include "lib/simplehash.h"

/* The sweeps of all agents, and the rows that they have made. */
typedef struct Sweep
{
	IntervalWindow window;
	int64 until; /* the end of the window, or as_of if that is earlier */
	bool counts_open;
	MemoryContext context; /* of the agents and the rows */
	agents_hash *agents;
	AgentRow *rows;
	int64 row_count;
	int64 row_room;
} Sweep;

/* Keep the row of the interval that an agent is in, and go to another one. */
static void
finish_interval(Sweep *sweep, AgentSweep *agent, int64 next)
{
	AgentRow *row = &agent->row;

	CHECK_FOR_INTERRUPTS();
	if (row->figures[AGENT_INTERVAL_BUSY_MS] != 0 ||
		row->figures[AGENT_INTERVAL_LOGIN_MS] != 0)
	{
		if (sweep->row_count == sweep->row_room)
		{
			sweep->row_room *= 2;
			sweep->rows =
				repalloc_huge(sweep->rows, sizeof(AgentRow) * sweep->row_room);
		}
		sweep->rows[sweep->row_count++] = *row;
	}
	memset(row->figures, 0, sizeof(row->figures));
	row->interval = next;
}

/* Add what goes on at now, which stays the same for so long. */
static void
add_up(AgentSweep *agent, int64 milliseconds)
{
	int64 *figures = agent->row.figures;
	bool is_busy = agent->busy_until > agent->now;
	bool is_present = agent->presence_until > agent->now;
	bool is_ready = is_present && agent->presence == SPAN_READY;

	if (is_busy)
		figures[AGENT_INTERVAL_BUSY_MS] += milliseconds;
	if (is_present && agent->presence != SPAN_LOGGED_OUT)
		figures[AGENT_INTERVAL_LOGIN_MS] += milliseconds;
	if (is_present && agent->presence == SPAN_AWAY)
		figures[AGENT_INTERVAL_AWAY_MS] += milliseconds;
	if (!is_ready)
		return;
	figures[AGENT_INTERVAL_READY_MS] += milliseconds;
	if (agent->is_eligible)
		figures[AGENT_INTERVAL_ROUTABLE_MS] += milliseconds;
	if (is_busy)
		figures[AGENT_INTERVAL_BUSY_READY_MS] += milliseconds;
	else if (agent->ring_until > agent->now)
		figures[AGENT_INTERVAL_RING_READY_MS] += milliseconds;
}

/* Move an agent on to an instant, and add up the time until then. */
static void
advance(Sweep *sweep, AgentSweep *agent, int64 instant)
{
	while (agent->now < instant)
	{
		const int64 changes[] = {agent->busy_until, agent->ring_until,
								 agent->presence_until};
		int64 next = instant;
		bool goes_on = false;
		int64 end;

		for (Size i = 0; i < lengthof(changes); i++)
		{
			if (changes[i] > agent->now)
			{
				goes_on = true;
				next = Min(next, changes[i]);
			}
		}
		if (!goes_on)
		{
			int64 interval = interval_at(&sweep->window, instant);

			/* nothing to add up */
			agent->now = instant;
			if (interval != agent->row.interval)
				finish_interval(sweep, agent, interval);
			return;
		}
		end = interval_end_ms(&sweep->window, agent->row.interval);
		next = Min(next, end);
		add_up(agent, next - agent->now);
		agent->now = next;
		if (next == end)
			finish_interval(sweep, agent, agent->row.interval + 1);
	}
}

/* Return the sweep of an agent; the first call begins it. */
static AgentSweep *
find_agent(Sweep *sweep, const text *agent_id)
{
	AgentSweep key = {
		.agent_id = agent_id,
		.hash = hash_bytes((const unsigned char *) VARDATA_ANY(agent_id),
						   VARSIZE_ANY_EXHDR(agent_id)),
	};
	bool exists;
	AgentSlot *found = agents_insert(sweep->agents, &key, &exists);

	if (!exists)
	{
		AgentSweep *agent =
			MemoryContextAlloc(sweep->context, sizeof(AgentSweep));

		*agent = key;
		agent->agent_id = copy_text(agent_id, sweep->context);
		agent->row.agent_id = agent->agent_id;
		agent->now = sweep->window.from_ms;
		agent->busy_until = agent->now;
		agent->ring_until = agent->now;
		agent->presence_until = agent->now;
		found->agent = agent;
	}
	return found->agent;
}

/* Add a row of the query. */
static void
add_span(void *arg, TupleTableSlot *slot)
{
	Sweep *sweep = arg;
	AgentSweep *agent = find_agent(sweep, DatumGetTextPP(slot->tts_values[0]));
	int64 start = whole_milliseconds(DatumGetTimestampTz(slot->tts_values[1]));
	SpanKind kind = DatumGetInt32(slot->tts_values[4]);
	bool is_open = slot->tts_isnull[2];
	int64 end = sweep->until;

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

	advance(sweep, agent, start);
	switch (kind)
	{
		case SPAN_WORK:
			agent->busy_until = Max(agent->busy_until, end);
			break;
		case SPAN_RING:
			agent->ring_until = Max(agent->ring_until, end);
			break;
		default:
			agent->presence = kind;
			agent->is_eligible = DatumGetBool(slot->tts_values[5]);
			agent->presence_until = end;
	}
}

/* Add up the rest of every agent's time. */
static void
finish_agents(Sweep *sweep)
{
	agents_iterator iterator;
	AgentSlot *slot;

	agents_start_iterate(sweep->agents, &iterator);
	while ((slot = agents_iterate(sweep->agents, &iterator)) != NULL)
	{
		advance(sweep, slot->agent, sweep->until);
		finish_interval(sweep, slot->agent, 0);
	}
}

/* By interval and agent. */
static int
compare_rows(const void *a, const void *b, void *unused pg_attribute_unused())
{
	const AgentRow *x = a;
	const AgentRow *y = b;
	int order = (x->interval > y->interval) - (x->interval < y->interval);

	return order != 0 ? order : compare_texts(x->agent_id, y->agent_id);
}

/* Put the rows into the caller's tuplestore, in order. */
static void
store_rows(const Sweep *sweep, ReturnSetInfo *rsinfo)
{
	NewRow result;

	begin_row(&result, rsinfo->setDesc, AGENT_INTERVAL_ATTRIBUTES,
			  AGENT_INTERVAL_ATTRIBUTES);
	qsort_interruptible(sweep->rows, sweep->row_count, sizeof(AgentRow),
						compare_rows, NULL);
	for (int64 i = 0; i < sweep->row_count; i++)
	{
		const AgentRow *row = &sweep->rows[i];
		const int64 *figures = row->figures;
		int64 idle_and_busy = figures[AGENT_INTERVAL_READY_MS] -
							  figures[AGENT_INTERVAL_RING_READY_MS];

		set_attribute(&result, AGENT_INTERVAL_START,
					  TimestampTzGetDatum(
						  interval_start(&sweep->window, row->interval)));
		set_text(&result, AGENT_INTERVAL_AGENT_ID, row->agent_id);
		for (int figure = AGENT_INTERVAL_BUSY_MS;
			 figure <= AGENT_INTERVAL_ROUTABLE_MS; figure++)
			set_attribute(&result, figure, Int64GetDatum(figures[figure]));
		result.nulls[AGENT_INTERVAL_OCCUPANCY] = true;
		if (idle_and_busy != 0)
			set_attribute(&result, AGENT_INTERVAL_OCCUPANCY,
						  Float8GetDatum(
							  (double) figures[AGENT_INTERVAL_BUSY_READY_MS] /
							  (double) idle_and_busy));
		tuplestore_putvalues(rsinfo->setResult, result.type, result.values,
							 result.nulls);
	}
}

PG_FUNCTION_INFO_V1(agent_intervals);
/* agent_intervals(source, from_time, to_time, width, as_of, media). */
Datum
agent_intervals(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	Sweep sweep = {.counts_open = !PG_ARGISNULL(4), .row_room = 256};
	ActivityTables tables;
	ParamListInfo arguments = makeParamList(4);
	Datum media = PG_ARGISNULL(5) ? (Datum) 0 : PG_GETARG_DATUM(5);
	Datum from;
	Datum until;
	Datum hour_before;
	StringInfoData query;
	bool is_distributed;
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
	sweep.context =
		AllocSetContextCreate(CurrentMemoryContext, "agent intervals",
							  ALLOCSET_DEFAULT_SIZES);
	sweep.agents = agents_create(sweep.context, 64, NULL);
	sweep.rows =
		MemoryContextAlloc(sweep.context, sizeof(AgentRow) * sweep.row_room);
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
	is_distributed = is_citus_table(tables.presences);
	appendStringInfoString(&query, is_distributed ? distributed_presence_query
												  : presence_query);
	if (!sweep.counts_open)
		appendStringInfoString(&query, is_distributed
										   ? distributed_next_presence_query
										   : next_presence_query);
	appendStringInfoString(&query, is_distributed
									   ? end_of_distributed_presence_query
									   : end_of_presence_query);
	appendStringInfoString(&query, end_of_query);
	run_query(&tables, query.data, arguments, add_span, &sweep);
	end_queries(&tables, guc_level);

	finish_agents(&sweep);
	store_rows(&sweep, rsinfo);
	MemoryContextDelete(sweep.context);
	return (Datum) 0;
}
