/*
 * metric_overlap.c
 *	  The overlap family of aggregates: metrics that depend on which handled
 *	  activities of an agent lie over each other in time.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/int.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/multirangetypes.h"
#include "utils/rangetypes.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "aggregate.h"
#include "compat.h"
#include "distinct_set.h"
#include "metric_rules.h"
#include "row.h"

#define FIRST_ROOM 4
#define WRITTEN_RANGE (2 * sizeof(int64) + sizeof(int32))

/* Whose time the ranges are: the peak has to tell participations apart. */
typedef enum Owners
{
	OWNED_BY_AGENTS,
	OWNED_BY_PARTICIPATIONS
} Owners;

/* A range of handled time. It is not empty: end is after start. */
typedef struct BusyRange
{
	TimestampTz start;
	TimestampTz end;
	uint32 owner; /* number in the set */
} BusyRange;

/*
 * The ranges of all owners, about in the order in which they came. The set
 * has the agents, and the participations only if they are the owners.
 */
typedef struct BusyRanges
{
	Owners owners;
	DistinctSet *set;
	BusyRange *ranges;
	int64 count;
	int64 room;
} BusyRanges;

static BusyRanges *
create_busy_ranges(MemoryContext context, Owners owners)
{
	BusyRanges *state = MemoryContextAllocZero(context, sizeof(BusyRanges));

	state->owners = owners;
	state->set = distinct_set_create(context, false);
	state->room = FIRST_ROOM;
	state->ranges =
		MemoryContextAlloc(context, FIRST_ROOM * sizeof(BusyRange));
	return state;
}

/* Raise an error unless a state has the owners that an aggregate needs. */
static void
check_owners(const BusyRanges *state, Owners owners)
{
	if (state->owners != owners)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("the state of busy_time() and that of "
							   "peak_concurrency() cannot be mixed")));
}

/*
 * Join a range to another one that does not start later, if there is no gap
 * between them. Return whether they were joined.
 */
static inline bool
join_range(BusyRange *earlier, TimestampTz start, TimestampTz end,
		   uint32 owner)
{
	if (earlier->owner != owner || start < earlier->start ||
		start > earlier->end)
		return false;
	earlier->end = Max(earlier->end, end);
	return true;
}

static void
add_range(BusyRanges *state, TimestampTz start, TimestampTz end, uint32 owner)
{
	if (state->count > 0 &&
		join_range(&state->ranges[state->count - 1], start, end, owner))
		return;
	if (state->count == state->room)
	{
		state->room += Max(state->room / 2, FIRST_ROOM);
		state->ranges =
			repalloc_huge(state->ranges, state->room * sizeof(BusyRange));
	}
	state->ranges[state->count++] = (BusyRange){start, end, owner};
}

/* By owner, then by start. */
static int
compare_ranges(const void *a, const void *b,
			   void *unused pg_attribute_unused())
{
	const BusyRange *x = a;
	const BusyRange *y = b;

	if (x->owner != y->owner)
		return x->owner < y->owner ? -1 : 1;
	return pg_cmp_s64(x->start, y->start);
}

/*
 * Return the ranges in order, those of an owner that overlap or touch joined, so
 * that no instant counts twice for it. Palloc'd; sets *count.
 */
static BusyRange *
joined_ranges(const BusyRanges *state, int64 *count)
{
	BusyRange *joined =
		palloc_extended(Max(state->count, 1) * sizeof(BusyRange),
						MCXT_ALLOC_HUGE);
	int64 last = 0;

	memcpy(joined, state->ranges, state->count * sizeof(BusyRange));
	qsort_interruptible(joined, state->count, sizeof(BusyRange),
						compare_ranges, NULL);
	for (int64 i = 1; i < state->count; i++)
	{
		if (!join_range(&joined[last], joined[i].start, joined[i].end,
						joined[i].owner))
			joined[++last] = joined[i];
	}
	*count = state->count == 0 ? 0 : last + 1;
	return joined;
}

/* Return how long each agent handled anything, summed over agents, in us. */
static int64
busy_time(const BusyRanges *state)
{
	int64 count;
	BusyRange *joined = joined_ranges(state, &count);
	int64 busy = 0;
	int64 span;

	for (int64 i = 0; i < count; i++)
	{
		if (pg_sub_s64_overflow(joined[i].end, joined[i].start, &span) ||
			pg_add_s64_overflow(busy, span, &busy))
			ereport(ERROR, (errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
							errmsg("busy time out of range")));
	}
	pfree(joined);
	return busy;
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
compare_borders(const void *a, const void *b,
				void *unused pg_attribute_unused())
{
	const Border *x = a;
	const Border *y = b;

	if (x->agent != y->agent)
		return x->agent < y->agent ? -1 : 1;
	if (x->at != y->at)
		return pg_cmp_s64(x->at, y->at);
	return x->step - y->step;
}

/* Return the most participations that an agent handled at the same instant. */
static int64
peak_concurrency(const BusyRanges *state)
{
	int64 count;
	BusyRange *joined = joined_ranges(state, &count);
	Border *borders =
		palloc_extended(Max(count, 1) * 2 * sizeof(Border), MCXT_ALLOC_HUGE);
	int64 concurrent = 0;
	int64 peak = 0;

	for (int64 i = 0; i < count; i++)
	{
		uint32 agent = state->set->participations[joined[i].owner].agent;

		borders[2 * i] = (Border){joined[i].start, agent, 1};
		borders[2 * i + 1] = (Border){joined[i].end, agent, -1};
	}
	pfree(joined);
	qsort_interruptible(borders, count * 2, sizeof(Border), compare_borders,
						NULL);
	for (int64 i = 0; i < count * 2; i++)
	{
		concurrent += borders[i].step;
		peak = Max(peak, concurrent);
	}
	pfree(borders);
	return peak;
}

/* Add an activity to the state, argument 0, which the first one makes. */
static Datum
add_to_busy_ranges(FunctionCallInfo fcinfo, Owners owners, const Row *row,
				   int counts_as)
{
	BusyRanges *state = state_argument(fcinfo, 0);
	TimestampTz start;
	TimestampTz end;

	if (state == NULL)
		state = create_busy_ranges(aggregate_context(fcinfo), owners);
	if (!is_work(counts_as))
		PG_RETURN_POINTER(state);
	start = row_time(row, ACTIVITY_START);
	end = row_end(row);
	if (start < end)
		add_range(state, start, end,
				  state->owners == OWNED_BY_AGENTS
					  ? distinct_set_agent_of_row(state->set, row)
					  : distinct_set_add_row(state->set, row, 0, NULL));
	PG_RETURN_POINTER(state);
}

/* Add an activity that is given as a row. */
static Datum
add_row_to_busy_ranges(FunctionCallInfo fcinfo, Owners owners)
{
	Row row;
	int counts_as;

	if (PG_ARGISNULL(1))
		return unchanged_state(fcinfo);
	counts_as = read_activity(PG_GETARG_HEAPTUPLEHEADER(1), &row,
							  ACTIVITY_METRIC_ATTRIBUTES);
	return add_to_busy_ranges(fcinfo, owners, &row, counts_as);
}

PG_FUNCTION_INFO_V1(activity_overlap_accum_agents);
Datum
activity_overlap_accum_agents(PG_FUNCTION_ARGS)
{
	return add_row_to_busy_ranges(fcinfo, OWNED_BY_AGENTS);
}

PG_FUNCTION_INFO_V1(activity_overlap_accum_agents_columns);
/* Columns state, reason, duration_ms, agent_id, start. */
Datum
activity_overlap_accum_agents_columns(PG_FUNCTION_ARGS)
{
	Row row;
	int counts_as = begin_columns(fcinfo, &row);

	row.attributes[ACTIVITY_AGENT_ID] = text_argument(fcinfo, 4);
	row.attributes[ACTIVITY_START] = time_argument(fcinfo, 5);
	return add_to_busy_ranges(fcinfo, OWNED_BY_AGENTS, &row, counts_as);
}

PG_FUNCTION_INFO_V1(activity_overlap_accum);
Datum
activity_overlap_accum(PG_FUNCTION_ARGS)
{
	return add_row_to_busy_ranges(fcinfo, OWNED_BY_PARTICIPATIONS);
}

PG_FUNCTION_INFO_V1(activity_overlap_accum_columns);
/*
 * Columns state, reason, duration_ms, interaction_guid, channel_guid, agent_id,
 * start.
 */
Datum
activity_overlap_accum_columns(PG_FUNCTION_ARGS)
{
	Row row;
	int counts_as = begin_columns(fcinfo, &row);

	row.attributes[ACTIVITY_INTERACTION_GUID] = uuid_argument(fcinfo, 4);
	row.attributes[ACTIVITY_CHANNEL_GUID] = uuid_argument(fcinfo, 5);
	row.attributes[ACTIVITY_AGENT_ID] = text_argument(fcinfo, 6);
	row.attributes[ACTIVITY_START] = time_argument(fcinfo, 7);
	return add_to_busy_ranges(fcinfo, OWNED_BY_PARTICIPATIONS, &row,
							  counts_as);
}

/* Merge the owners in one state into another; return their numbers there, palloc'd. */
static uint32 *
merge_owners(BusyRanges *state, const BusyRanges *other)
{
	const DistinctSet *set = other->set;
	uint32 count =
		other->owners == OWNED_BY_AGENTS ? set->agent_count : set->count;
	uint32 *numbers =
		palloc_extended(sizeof(uint32) * ((Size) count + 1), MCXT_ALLOC_HUGE);

	if (other->owners == OWNED_BY_PARTICIPATIONS)
		distinct_set_merge(state->set, set, numbers);
	else
	{
		for (uint32 i = 0; i < count; i++)
		{
			CHECK_FOR_INTERRUPTS();
			numbers[i] = distinct_set_agent(state->set, &set->agents[i]);
		}
	}
	return numbers;
}

PG_FUNCTION_INFO_V1(activity_overlap_combine);
Datum
activity_overlap_combine(PG_FUNCTION_ARGS)
{
	BusyRanges *state = state_argument(fcinfo, 0);
	BusyRanges *other = state_argument(fcinfo, 1);
	uint32 *numbers;

	if (other == NULL)
		return unchanged_state(fcinfo);
	if (state == NULL)
		state = create_busy_ranges(aggregate_context(fcinfo), other->owners);
	check_owners(other, state->owners);
	numbers = merge_owners(state, other);
	for (int64 i = 0; i < other->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		add_range(state, other->ranges[i].start, other->ranges[i].end,
				  numbers[other->ranges[i].owner]);
	}
	pfree(numbers);
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(activity_overlap_serialize);
Datum
activity_overlap_serialize(PG_FUNCTION_ARGS)
{
	BusyRanges *state = state_argument(fcinfo, 0);
	StringInfoData out;

	begin_writing(&out, 1 + distinct_set_written_size(state->set) +
							sizeof(int64) + state->count * WRITTEN_RANGE);
	pq_sendbyte(&out, state->owners);
	distinct_set_write(state->set, &out);
	pq_sendint64(&out, state->count);
	for (int64 i = 0; i < state->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		pq_sendint64(&out, state->ranges[i].start);
		pq_sendint64(&out, state->ranges[i].end);
		pq_sendint32(&out, state->ranges[i].owner);
	}
	PG_RETURN_BYTEA_P(pq_endtypsend(&out));
}

/* Raise that a state is not one that activity_overlap_serialize has written. */
pg_noreturn static void
bad_ranges(const char *what)
{
	ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
					errmsg("invalid ranges of handled time: %s", what)));
}

PG_FUNCTION_INFO_V1(activity_overlap_deserialize);
Datum
activity_overlap_deserialize(PG_FUNCTION_ARGS)
{
	BusyRanges *state;
	StringInfoData in;
	int owned_by;
	uint32 owners;
	int64 count;

	(void) aggregate_context(fcinfo);
	begin_reading(&in, PG_GETARG_BYTEA_PP(0));
	owned_by = pq_getmsgbyte(&in);
	if (owned_by != OWNED_BY_AGENTS && owned_by != OWNED_BY_PARTICIPATIONS)
		bad_ranges("kind of owners");
	state = create_busy_ranges(CurrentMemoryContext, owned_by);
	state->set = distinct_set_read(&in, CurrentMemoryContext);
	owners = state->owners == OWNED_BY_AGENTS ? state->set->agent_count
											  : state->set->count;
	count = pq_getmsgint64(&in);
	if (count < 0 || count > (in.len - in.cursor) / (int64) WRITTEN_RANGE)
		bad_ranges("number");
	for (int64 i = 0; i < count; i++)
	{
		TimestampTz start = pq_getmsgint64(&in);
		TimestampTz end = pq_getmsgint64(&in);
		uint32 owner = pq_getmsgint(&in, sizeof(int32));

		CHECK_FOR_INTERRUPTS();
		if (owner >= owners || start >= end || !IS_VALID_TIMESTAMP(start) ||
			!IS_VALID_TIMESTAMP(end))
			bad_ranges("owner or times");
		add_range(state, start, end, owner);
	}
	PG_RETURN_POINTER(state);
}

PG_FUNCTION_INFO_V1(activity_overlap_busy_time);
Datum
activity_overlap_busy_time(PG_FUNCTION_ARGS)
{
	BusyRanges *state = state_argument(fcinfo, 0);

	if (state == NULL)
		PG_RETURN_NULL();
	check_owners(state, OWNED_BY_AGENTS);
	PG_RETURN_FLOAT8(busy_time(state) / (double) USECS_PER_SEC);
}

PG_FUNCTION_INFO_V1(activity_overlap_busy_ranges);
/* The ranges as tstzmultirange, those of all agents joined. */
Datum
activity_overlap_busy_ranges(PG_FUNCTION_ARGS)
{
	BusyRanges *state = state_argument(fcinfo, 0);
	TypeCacheEntry *multirange =
		lookup_type_cache(TSTZMULTIRANGEOID, TYPECACHE_MULTIRANGE_INFO);
	BusyRange *joined;
	RangeType **ranges;
	int64 count;

	if (state == NULL)
		PG_RETURN_NULL();
	check_owners(state, OWNED_BY_AGENTS);
	joined = joined_ranges(state, &count);
	if (count > (int64) (MaxAllocSize / sizeof(RangeType *)))
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("too many ranges of handled time: " INT64_FORMAT,
						count),
				 errhint("Group by agent, or by a shorter time.")));
	ranges = palloc(sizeof(RangeType *) * Max(count, 1));
	for (int64 i = 0; i < count; i++)
	{
		RangeBound start = {.val = TimestampTzGetDatum(joined[i].start),
							.inclusive = true,
							.lower = true};
		RangeBound end = {.val = TimestampTzGetDatum(joined[i].end)};

		CHECK_FOR_INTERRUPTS();
		ranges[i] = make_simple_range(multirange->rngtype, &start, &end);
	}
	PG_RETURN_MULTIRANGE_P(make_multirange(TSTZMULTIRANGEOID,
										   multirange->rngtype, (int32) count,
										   ranges));
}

PG_FUNCTION_INFO_V1(activity_overlap_peak_concurrency);
Datum
activity_overlap_peak_concurrency(PG_FUNCTION_ARGS)
{
	BusyRanges *state = state_argument(fcinfo, 0);

	if (state == NULL)
		PG_RETURN_INT64(0);
	check_owners(state, OWNED_BY_PARTICIPATIONS);
	PG_RETURN_INT64(peak_concurrency(state));
}
