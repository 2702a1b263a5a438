/*
 * intervals_activity.c
 *	  activity_intervals(): what started in each interval, and the time spent
 *	  in it, by agent, medium and direction.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"
#include "utils/tuplestore.h"

#include "catalog.h"
#include "compat.h"
#include "intervals.h"
#include "row.h"

/* The figures of a row, in the order of the attributes of activity_interval. */
typedef enum Figure
{
	FIGURE_PARTICIPATIONS,
	FIGURE_OFFERED,
	FIGURE_ANSWERED,
	FIGURE_HANDLED,
	FIGURE_UNEXPECTED,
	FIGURE_FAILED,
	FIGURE_UNEXPECTED_ATTEMPTS,
	FIGURE_RANG,
	FIGURE_RING_MS,
	FIGURE_ANSWER_MS,
	FIGURE_TALK_MS,
	FIGURE_PARKED_MS,
	FIGURE_WRAP_MS,
	FIGURE_HANDLE_MS,
	FIGURE_SPENT_TALK_MS,
	FIGURE_SPENT_WRAP_MS,
	FIGURE_SPENT_HANDLE_MS,
	FIGURES /* how many */
} Figure;

/* interval_start, agent_id, medium and direction come first */
#define FIRST_FIGURE 4

/*
 * The participations that started in the window: when, of whom, and their
 * figures from FIGURE_OFFERED on.
 */
static const char cohort_query[] =
	"SELECT p.started_at, p.agent_id, p.medium, p.direction, "
	"p.offered::integer::bigint, (p.answered_at IS NOT "
	"NULL)::integer::bigint, "
	"p.handled::integer::bigint, "
	"(p.outcome = 'Unexpected'::{schema}.participation_outcome)"
	"::integer::bigint, "
	"(p.outcome = 'Failed'::{schema}.participation_outcome)::integer::bigint, "
	"p.unexpected_attempts::bigint, "
	"(p.answer_ms IS NOT NULL)::integer::bigint, "
	"p.ring_ms, p.answer_ms, p.talk_ms, p.parked_ms, p.wrap_ms, p.handle_ms "
	"FROM {participations} AS p "
	"WHERE p.started_at >= $1 AND p.started_at < $2";

/*
 * The finished work that overlaps the window: when, of whom, how long, and
 * whether it is talk. $3 is an hour before the window: longer activities have an
 * index of their own.
 */
static const char spent_query[] =
	"SELECT a.start, a.agent_id, a.medium, a.direction, a.duration_ms, "
	"a.state = 'Connected'::{schema}.interaction_state "
	"FROM {activities} AS a "
	"WHERE a.start >= $3 AND a.start < $2 AND a.duration_ms > 0 "
	"AND a.duration_ms <= 3600000 "
	"AND a.state IN ('Connected'::{schema}.interaction_state, "
	"'Wrap'::{schema}.interaction_state) "
	"AND a.reason IS DISTINCT FROM 'Monitor'::{schema}.activity_reason "
	"UNION ALL "
	"SELECT a.start, a.agent_id, a.medium, a.direction, a.duration_ms, "
	"a.state = 'Connected'::{schema}.interaction_state "
	"FROM {activities} AS a "
	"WHERE a.duration_ms > 3600000 "
	"AND tstzrange(a.start, {schema}.activity_end(a.start, a.duration_ms)) "
	"&& tstzrange($1, $2) "
	"AND a.state IN ('Connected'::{schema}.interaction_state, "
	"'Wrap'::{schema}.interaction_state) "
	"AND a.reason IS DISTINCT FROM 'Monitor'::{schema}.activity_reason";

/* A row of the result. Its texts are NULL where they are null. */
typedef struct IntervalRow
{
	uint32 hash;
	char status; /* of simplehash */
	Oid direction;
	int64 interval;
	const text *agent_id;
	const text *medium;
	int64 figures[FIGURES];
} IntervalRow;

static bool
same_text(const text *a, const text *b)
{
	return a == b || (a != NULL && b != NULL && compare_texts(a, b) == 0);
}

static uint32
hash_row(const IntervalRow *row)
{
	uint32 hash =
		murmurhash32((uint32) row->interval ^ (uint32) (row->interval >> 32));

	if (row->agent_id != NULL)
		hash =
			hash_combine(hash, hash_bytes((const unsigned char *) VARDATA_ANY(
											  row->agent_id),
										  VARSIZE_ANY_EXHDR(row->agent_id)));
	if (row->medium != NULL)
		hash =
			hash_combine(hash, hash_bytes((const unsigned char *) VARDATA_ANY(
											  row->medium),
										  VARSIZE_ANY_EXHDR(row->medium)));
	return hash_combine(hash, murmurhash32(row->direction));
}

static bool
same_row(const IntervalRow *a, const IntervalRow *b)
{
	return a->interval == b->interval && a->direction == b->direction &&
		   same_text(a->agent_id, b->agent_id) &&
		   same_text(a->medium, b->medium);
}

/* The hash table: its elements are pointers, which do not move. */
typedef struct RowSlot
{
	IntervalRow *row;
	char status;
} RowSlot;

#define SH_PREFIX rows
#define SH_ELEMENT_TYPE RowSlot
#define SH_KEY_TYPE IntervalRow *
#define SH_KEY row
#define SH_HASH_KEY(table, key) (key)->hash
#define SH_EQUAL(table, a, b) same_row(a, b)
#define SH_STORE_HASH
#define SH_GET_HASH(table, slot) (slot)->row->hash
#define SH_SCOPE static inline
#define SH_DEFINE
#define SH_DECLARE
#include "lib/simplehash.h"

/* The rows being made. */
typedef struct IntervalRows
{
	IntervalWindow window;
	MemoryContext context; /* of the rows */
	rows_hash *table;
	/* the last row that was found, often the next one too */
	IntervalRow *last;
} IntervalRows;

/*
 * Return the row of an interval for the agent, medium and direction that are
 * columns 2 to 4; the first call for them makes it.
 */
static IntervalRow *
find_row(IntervalRows *rows, int64 interval, TupleTableSlot *slot)
{
	IntervalRow key = {.interval = interval};
	IntervalRow *row;
	RowSlot *found;
	bool exists;

	if (!slot->tts_isnull[1])
		key.agent_id = DatumGetTextPP(slot->tts_values[1]);
	if (!slot->tts_isnull[2])
		key.medium = DatumGetTextPP(slot->tts_values[2]);
	if (!slot->tts_isnull[3])
		key.direction = DatumGetObjectId(slot->tts_values[3]);
	if (rows->last != NULL && same_row(rows->last, &key))
		return rows->last;

	key.hash = hash_row(&key);
	found = rows_insert(rows->table, &key, &exists);
	if (!exists)
	{
		row = MemoryContextAlloc(rows->context, sizeof(IntervalRow));
		*row = key;
		if (key.agent_id != NULL)
			row->agent_id = copy_text(key.agent_id, rows->context);
		if (key.medium != NULL)
			row->medium = copy_text(key.medium, rows->context);
		found->row = row;
	}
	return rows->last = found->row;
}

static void
add_figure(IntervalRow *row, Figure figure, int64 value)
{
	row->figures[figure] = add_checked(row->figures[figure], value);
}

/* Add a row of cohort_query. */
static void
add_participation(void *arg, TupleTableSlot *slot)
{
	IntervalRows *rows = arg;
	int64 started =
		whole_milliseconds(DatumGetTimestampTz(slot->tts_values[0]));
	IntervalRow *row =
		find_row(rows, interval_at(&rows->window, started), slot);

	add_figure(row, FIGURE_PARTICIPATIONS, 1);
	for (int i = FIGURE_OFFERED; i <= FIGURE_HANDLE_MS; i++)
	{
		int column = 4 + i - FIGURE_OFFERED;

		if (!slot->tts_isnull[column])
			add_figure(row, i, DatumGetInt64(slot->tts_values[column]));
	}
}

/* Add a row of spent_query to the intervals that it overlaps. */
static void
add_activity(void *arg, TupleTableSlot *slot)
{
	IntervalRows *rows = arg;
	const IntervalWindow *window = &rows->window;
	int64 start = whole_milliseconds(DatumGetTimestampTz(slot->tts_values[0]));
	int64 end = start + DatumGetInt64(slot->tts_values[4]);
	bool is_talk = DatumGetBool(slot->tts_values[5]);

	start = Max(start, window->from_ms);
	end = Min(end, window->to_ms);
	while (start < end)
	{
		int64 interval = interval_at(window, start);
		int64 until = Min(end, interval_end_ms(window, interval));
		IntervalRow *row = find_row(rows, interval, slot);

		CHECK_FOR_INTERRUPTS();
		add_figure(row, is_talk ? FIGURE_SPENT_TALK_MS : FIGURE_SPENT_WRAP_MS,
				   until - start);
		add_figure(row, FIGURE_SPENT_HANDLE_MS, until - start);
		start = until;
	}
}

/* By interval, agent, medium and direction; nulls last, texts by bytes. */
static int
compare_rows(const void *a, const void *b, void *unused pg_attribute_unused())
{
	const IntervalRow *x = *(IntervalRow *const *) a;
	const IntervalRow *y = *(IntervalRow *const *) b;
	int order = (x->interval > y->interval) - (x->interval < y->interval);

	if (order == 0)
		order = compare_texts(x->agent_id, y->agent_id);
	if (order == 0)
		order = (x->medium == NULL) - (y->medium == NULL);
	if (order == 0)
		order = compare_texts(x->medium, y->medium);
	if (order == 0)
		order = OidIsValid(x->direction) && OidIsValid(y->direction)
					? compare_labels(x->direction, y->direction)
					: OidIsValid(y->direction) - OidIsValid(x->direction);
	return order;
}

/* Put the rows into the caller's tuplestore, in order. */
static void
store_rows(const IntervalRows *rows, ReturnSetInfo *rsinfo)
{
	int64 count = rows->table->members;
	IntervalRow **sorted =
		MemoryContextAllocHuge(CurrentMemoryContext,
							   sizeof(IntervalRow *) * Max(count, 1));
	int64 found = 0;
	rows_iterator iterator;
	RowSlot *slot;
	NewRow result;

	begin_row(&result, rsinfo->setDesc, FIRST_FIGURE + FIGURES,
			  FIRST_FIGURE + FIGURES);
	rows_start_iterate(rows->table, &iterator);
	while ((slot = rows_iterate(rows->table, &iterator)) != NULL)
		sorted[found++] = slot->row;
	qsort_interruptible(sorted, count, sizeof(IntervalRow *), compare_rows,
						NULL);
	for (int64 i = 0; i < count; i++)
	{
		const IntervalRow *row = sorted[i];

		memset(result.nulls, true, sizeof(bool) * FIRST_FIGURE);
		set_attribute(&result, 0,
					  TimestampTzGetDatum(
						  interval_start(&rows->window, row->interval)));
		set_text(&result, 1, row->agent_id);
		set_text(&result, 2, row->medium);
		set_label(&result, 3, row->direction);
		for (int figure = 0; figure < FIGURES; figure++)
			set_attribute(&result, FIRST_FIGURE + figure,
						  Int64GetDatum(row->figures[figure]));
		tuplestore_putvalues(rsinfo->setResult, result.type, result.values,
							 result.nulls);
	}
}

PG_FUNCTION_INFO_V1(activity_intervals);
/* activity_intervals(source, from_time, to_time, width). */
Datum
activity_intervals(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *rsinfo = (ReturnSetInfo *) fcinfo->resultinfo;
	IntervalRows rows = {.last = NULL};
	ActivityTables tables;
	ParamListInfo arguments = makeParamList(3);
	Datum from;
	Datum to;
	Datum hour_before;
	int guc_level;

	read_window(fcinfo, &rows.window);
	InitMaterializedSRF(fcinfo, 0);
	from = window_time(rows.window.from_ms);
	to = window_time(rows.window.to_ms);
	hour_before = time_of_hour_before(rows.window.from_ms);
	set_argument(arguments, 0, TIMESTAMPTZOID, &from);
	set_argument(arguments, 1, TIMESTAMPTZOID, &to);
	set_argument(arguments, 2, TIMESTAMPTZOID, &hour_before);
	rows.context =
		AllocSetContextCreate(CurrentMemoryContext, "activity intervals",
							  ALLOCSET_DEFAULT_SIZES);
	rows.table = rows_create(rows.context, 256, NULL);

	begin_queries(fcinfo, false, &tables, &guc_level);
	run_query(&tables, cohort_query, arguments, add_participation, &rows);
	run_query(&tables, spent_query, arguments, add_activity, &rows);
	end_queries(&tables, guc_level);

	store_rows(&rows, rsinfo);
	MemoryContextDelete(rows.context);
	return (Datum) 0;
}
