/*
 * stretches.c
 *	  The stretches family of aggregates: metrics that depend on which handled
 *	  activities of an agent lie over each other in time.
 */
#include "postgres.h"

#include "common/int.h"
#include "miscadmin.h"
#include "utils/timestamp.h"

#include "aggregate.h"
#include "compat.h"
#include "participation_set.h"
#include "rows.h"

#define FIRST_ROOM 4
#define WRITTEN_STRETCH (2 * sizeof(int64) + sizeof(int32))

/* A stretch of handled time. It is not empty: end is after start. */
typedef struct Stretch
{
	TimestampTz start;
	TimestampTz end;
	uint32 participation; /* its number in the set */
} Stretch;

/* The stretches of all participations, in the order in which they came. */
typedef struct Stretches
{
	ParticipationSet *set;
	Stretch *stretches;
	int64 count;
	int64 room;
} Stretches;

static Stretches *
create_stretches(MemoryContext context)
{
	Stretches *state = MemoryContextAllocZero(context, sizeof(Stretches));

	state->set = participation_set_create(context, false);
	state->room = FIRST_ROOM;
	state->stretches =
		MemoryContextAlloc(context, FIRST_ROOM * sizeof(Stretch));
	return state;
}

static void
add_stretch(Stretches *state, TimestampTz start, TimestampTz end,
			uint32 participation)
{
	Stretch *stretch;

	if (state->count == state->room)
	{
		state->room += Max(state->room / 2, FIRST_ROOM);
		state->stretches =
			repalloc_huge(state->stretches, state->room * sizeof(Stretch));
	}
	stretch = &state->stretches[state->count++];
	stretch->start = start;
	stretch->end = end;
	stretch->participation = participation;
}

/* By participation, then by start. */
static int
compare_stretches(const void *a, const void *b)
{
	const Stretch *x = a;
	const Stretch *y = b;

	if (x->participation != y->participation)
		return x->participation < y->participation ? -1 : 1;
	return compare_int64(x->start, y->start);
}

/*
 * A participation's activities made one where they lie over each other, so
 * that it is counted once at any instant. Palloc'd; *count is set.
 */
static Stretch *
merged_stretches(const Stretches *state, int64 *count)
{
	Stretch *merged = palloc_extended(Max(state->count, 1) * sizeof(Stretch),
									  MCXT_ALLOC_HUGE);
	int64 last = -1;

	memcpy(merged, state->stretches, state->count * sizeof(Stretch));
	qsort(merged, state->count, sizeof(Stretch), compare_stretches);
	for (int64 i = 0; i < state->count; i++)
	{
		if (last >= 0 &&
			merged[last].participation == merged[i].participation &&
			merged[last].end >= merged[i].start)
			merged[last].end = Max(merged[last].end, merged[i].end);
		else
			merged[++last] = merged[i];
	}
	*count = last + 1;
	return merged;
}

/* An agent begins to handle a participation, or ends it. */
typedef struct Border
{
	TimestampTz at;
	uint32 agent;
	int step; /* 1 or -1 */
} Border;

/* By agent, then by time; of the same time ends first. */
static int
compare_borders(const void *a, const void *b)
{
	const Border *x = a;
	const Border *y = b;

	if (x->agent != y->agent)
		return x->agent < y->agent ? -1 : 1;
	if (x->at != y->at)
		return compare_int64(x->at, y->at);
	return x->step - y->step;
}

/*
 * Walks through the time of each agent: how long it handled anything, summed
 * over agents, in microseconds, and how much at the most at once.
 */
static void
walk_time(const Stretches *state, int64 *busy, int64 *peak)
{
	int64 count;
	Stretch *merged = merged_stretches(state, &count);
	Border *borders =
		palloc_extended(Max(count, 1) * 2 * sizeof(Border), MCXT_ALLOC_HUGE);
	int64 concurrent = 0;
	TimestampTz busy_since = 0;
	int64 span;

	for (int64 i = 0; i < count; i++)
	{
		uint32 agent =
			state->set->participations[merged[i].participation].agent;

		borders[2 * i] = (Border){merged[i].start, agent, 1};
		borders[2 * i + 1] = (Border){merged[i].end, agent, -1};
	}
	pfree(merged);
	qsort(borders, count * 2, sizeof(Border), compare_borders);

	*busy = 0;
	*peak = 0;
	for (int64 i = 0; i < count * 2; i++)
	{
		if (concurrent == 0)
			busy_since = borders[i].at;
		concurrent += borders[i].step;
		*peak = Max(*peak, concurrent);
		if (concurrent == 0 &&
			(pg_sub_s64_overflow(borders[i].at, busy_since, &span) ||
			 pg_add_s64_overflow(*busy, span, busy)))
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							errmsg("busy time out of range")));
	}
	pfree(borders);
}

/* Adds an activity to the state, argument 0, made with the first one. */
static Datum
accumulate(FunctionCallInfo fcinfo, const Row *row, int counts_as)
{
	MemoryContext context = aggregate_context(fcinfo);
	Stretches *state = state_argument(fcinfo, 0);
	TimestampTz start;
	TimestampTz end;

	if (state == NULL)
		state = create_stretches(context);
	if ((counts_as & COUNTS_AS_HANDLE_TIME) == 0)
		PG_RETURN_POINTER(state);
	start = row_time(row, ACTIVITY_START);
	end = end_of_stretch(start, row_milliseconds(row, ACTIVITY_DURATION_MS));
	if (start < end)
		add_stretch(state, start, end,
					participation_set_add_row(state->set, row, 0, NULL));
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(activity_stretches_accum);
Datum
activity_stretches_accum(PG_FUNCTION_ARGS)
{
	Row row;
	int counts_as;

	if (PG_ARGISNULL(1))
		return unchanged_state(fcinfo);
	counts_as = read_activity(PG_GETARG_HEAPTUPLEHEADER(1), &row,
							  ACTIVITY_METRIC_ATTRIBUTES);
	return accumulate(fcinfo, &row, counts_as);
}

PG_FUNCTION_INFO_V1(activity_stretches_accum_columns);
/*
 * Columns state, reason, duration_ms, interaction_guid, channel_guid, agent_id,
 * start.
 */
Datum
activity_stretches_accum_columns(PG_FUNCTION_ARGS)
{
	static const ActivityAttribute arguments[] = {ACTIVITY_STATE,
												  ACTIVITY_REASON,
												  ACTIVITY_DURATION_MS,
												  ACTIVITY_INTERACTION_GUID,
												  ACTIVITY_CHANNEL_GUID,
												  ACTIVITY_AGENT_ID,
												  ACTIVITY_START};
	Columns columns;
	Row row;
	int counts_as =
		read_columns(fcinfo, arguments, lengthof(arguments), &columns, &row);

	return accumulate(fcinfo, &row, counts_as);
}

PG_FUNCTION_INFO_V1(activity_stretches_combine);
Datum
activity_stretches_combine(PG_FUNCTION_ARGS)
{
	MemoryContext context = aggregate_context(fcinfo);
	Stretches *state = state_argument(fcinfo, 0);
	Stretches *other = state_argument(fcinfo, 1);
	uint32 *numbers;

	if (other == NULL)
		return unchanged_state(fcinfo);
	if (state == NULL)
		state = create_stretches(context);
	numbers = palloc_extended(sizeof(uint32) * ((Size) other->set->count + 1),
							  MCXT_ALLOC_HUGE);
	participation_set_merge(state->set, other->set, numbers);
	for (int64 i = 0; i < other->count; i++)
		add_stretch(state, other->stretches[i].start, other->stretches[i].end,
					numbers[other->stretches[i].participation]);
	pfree(numbers);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(activity_stretches_serialize);
Datum
activity_stretches_serialize(PG_FUNCTION_ARGS)
{
	Stretches *state = state_argument(fcinfo, 0);
	StringInfoData out;

	begin_writing(&out, participation_set_written_size(state->set) +
							sizeof(int64) + state->count * WRITTEN_STRETCH);
	participation_set_write(state->set, &out);
	pq_sendint64(&out, state->count);
	for (int64 i = 0; i < state->count; i++)
	{
		pq_sendint64(&out, state->stretches[i].start);
		pq_sendint64(&out, state->stretches[i].end);
		pq_sendint32(&out, state->stretches[i].participation);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

PG_FUNCTION_INFO_V1(activity_stretches_deserialize);
Datum
activity_stretches_deserialize(PG_FUNCTION_ARGS)
{
	Stretches *state;
	StringInfoData in;
	int64 count;

	(void) aggregate_context(fcinfo);
	begin_reading(&in, PG_GETARG_BYTEA_PP(0));
	state = create_stretches(CurrentMemoryContext);
	state->set = participation_set_read(&in, CurrentMemoryContext);
	count = pq_getmsgint64(&in);
	for (int64 i = 0; i < count; i++)
	{
		TimestampTz start = pq_getmsgint64(&in);
		TimestampTz end = pq_getmsgint64(&in);
		uint32 participation = pq_getmsgint(&in, sizeof(int32));

		if (participation >= state->set->count || start >= end ||
			!IS_VALID_TIMESTAMP(start) || !IS_VALID_TIMESTAMP(end))
			ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
							errmsg("invalid stretches of handled time")));
		add_stretch(state, start, end, participation);
	}
	pq_getmsgend(&in);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(activity_stretches_busy_time);
Datum
activity_stretches_busy_time(PG_FUNCTION_ARGS)
{
	Stretches *state = state_argument(fcinfo, 0);
	int64 busy;
	int64 peak;

	if (state == NULL)
		PG_RETURN_NULL();
	walk_time(state, &busy, &peak);
	PG_RETURN_FLOAT8(busy / (double) USECS_PER_SEC);
}

PG_FUNCTION_INFO_V1(activity_stretches_peak_concurrency);
Datum
activity_stretches_peak_concurrency(PG_FUNCTION_ARGS)
{
	Stretches *state = state_argument(fcinfo, 0);
	int64 busy;
	int64 peak = 0;

	if (state != NULL)
		walk_time(state, &busy, &peak);
	PG_RETURN_INT64(peak);
}
