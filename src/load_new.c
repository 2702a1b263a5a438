/*
 * load_new.c
 *	  Stores activities whose participations are new to the tables, faster than
 *	  the statements of load_plans.c.
 *
 * A new participation consists of the activities at hand: it is computed from
 * them and inserted once, and they need no look-up. The usual statements insert
 * its key, look up and store each activity, and read the activities again.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_inherits.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"

#include "compat.h"
#include "load.h"
#include "participation_state.h"
#include "row.h"

/*
 * Inserts participations ($1), which are in the order of their key, and locks
 * those that are stored, as lock_statement. Returns the keys of those that it
 * inserted, as activities: of those that have no activities yet, and of those
 * that do have some, as somebody has removed the participation.
 *
 * No other load stores activities of a participation that this one has
 * inserted: it waits for the row.
 */
static const char add_statement[] =
	"WITH added AS ("
	"INSERT INTO {participations} AS stored ({participation_columns}) "
	"SELECT {given_participation_columns} FROM unnest($1) AS given "
	"ON CONFLICT (agent_id, interaction_guid, channel_guid) "
	"DO UPDATE SET reported_at = stored.reported_at WHERE false "
	"RETURNING agent_id, interaction_guid, channel_guid, "
	"(SELECT true FROM {table} AS earlier WHERE {earlier_is_stored} LIMIT 1) "
	"AS has_activities) "
	"SELECT array_agg({added_key}) FILTER (WHERE has_activities IS NULL), "
	"array_agg({added_key}) FILTER (WHERE has_activities) FROM added";

/* Inserts activities ($1). */
static const char insert_statement[] = "INSERT INTO {table} ({columns}) "
									   "SELECT {given_columns} "
									   "FROM unnest($1) AS given";

/* A delivery; it points into the array of all. */
typedef struct Delivery
{
	HeapTupleHeader tuple;
	const text *agent_id;
	const pg_uuid_t *interaction_guid;
	const pg_uuid_t *channel_guid; /* NULL if there is none */
	TimestampTz start;
	Oid state;
	bool is_new; /* whether its participation is */
} Delivery;

/* Compare the participations of deliveries, in the order of lock_statement. */
static int
compare_participations(const Delivery *a, const Delivery *b)
{
	int order = compare_texts(a->agent_id, b->agent_id);

	if (order == 0)
		order = memcmp(a->interaction_guid, b->interaction_guid, UUID_LEN);
	if (order == 0 && (a->channel_guid == NULL || b->channel_guid == NULL))
		order = (a->channel_guid == NULL) - (b->channel_guid == NULL);
	else if (order == 0)
		order = memcmp(a->channel_guid, b->channel_guid, UUID_LEN);
	return order;
}

/* Compare the keys of deliveries, for qsort: those of a participation first. */
static int
compare_keys(const void *a, const void *b)
{
	const Delivery *x = a;
	const Delivery *y = b;
	int order = compare_participations(x, y);

	if (order == 0)
		order = pg_cmp_s64(x->start, y->start);
	if (order == 0)
		order = (x->state > y->state) - (x->state < y->state);
	return order;
}

/* Compare the starts of deliveries, for qsort. */
static int
compare_starts(const void *a, const void *b)
{
	return pg_cmp_s64(((const Delivery *) a)->start,
					  ((const Delivery *) b)->start);
}

/* Return the key of an activity, or of a participation as an activity. */
static Delivery
read_delivery(HeapTupleHeader tuple)
{
	Delivery result = {.tuple = tuple};
	Row row;

	(void) read_activity(tuple, &row, ACTIVITY_ATTRIBUTES);
	result.agent_id = row_text(&row, ACTIVITY_AGENT_ID);
	result.interaction_guid =
		(const pg_uuid_t *) row.attributes[ACTIVITY_INTERACTION_GUID];
	result.channel_guid =
		(const pg_uuid_t *) row.attributes[ACTIVITY_CHANNEL_GUID];
	result.start = row_time(&row, ACTIVITY_START);
	result.state = row_oid(&row, ACTIVITY_STATE);
	return result;
}

/* Return the elements of an array of activities, palloc'd, and their count. */
static Delivery *
read_deliveries(ArrayType *array, int *count)
{
	ArrayIterator iterator = array_create_iterator(array, 0, NULL);
	Delivery *result = palloc(
		sizeof(Delivery) * ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array)));
	Datum element;
	bool is_null;

	*count = 0;
	while (array_iterate(iterator, &element, &is_null))
		result[(*count)++] = read_delivery(DatumGetHeapTupleHeader(element));
	array_free_iterator(iterator);
	return result;
}

/* Whether the first of two deliveries of an activity is better known. */
static bool
is_better_known(const Delivery *a, const Delivery *b)
{
	Row first;
	Row second;

	(void) read_activity(a->tuple, &first, ACTIVITY_ATTRIBUTES);
	(void) read_activity(b->tuple, &second, ACTIVITY_ATTRIBUTES);
	return compare_activities(&first, &second) > 0;
}

/* Sort deliveries by their key and keep the best known of each; return how many. */
static int
keep_best_known(Delivery *deliveries, int count)
{
	int kept = 0;

	qsort(deliveries, count, sizeof(Delivery), compare_keys);
	for (int i = 0; i < count; i++)
	{
		if (kept == 0 ||
			compare_keys(&deliveries[kept - 1], &deliveries[i]) != 0)
			deliveries[kept++] = deliveries[i];
		else if (is_better_known(&deliveries[i], &deliveries[kept - 1]))
			deliveries[kept - 1] = deliveries[i];
	}
	return kept;
}

/*
 * Return how many deliveries from the first one on are of its participation;
 * they are in order.
 */
static int
count_of_participation(const Delivery *first, const Delivery *end)
{
	const Delivery *at = first + 1;

	while (at < end && compare_participations(first, at) == 0)
		at++;
	return at - first;
}

/* Return the array of the participations of deliveries, in order. */
static Datum
make_participations(const Delivery *deliveries, int count, TupleDesc type)
{
	const Delivery *end = deliveries + count;
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "activity participation",
							  ALLOCSET_SMALL_SIZES);
	ArrayBuildState *result =
		initArrayResult(type->tdtypeid, CurrentMemoryContext, true);

	for (const Delivery *at = deliveries; at < end;)
	{
		const Delivery *next = at + count_of_participation(at, end);
		MemoryContext caller = MemoryContextSwitchTo(context);
		ParticipationState *state = NULL;

		CHECK_FOR_INTERRUPTS();
		for (; at < next; at++)
		{
			Row row;
			int counts_as =
				read_activity(at->tuple, &row, ACTIVITY_ATTRIBUTES);

			state = participation_state_add(state, &row, counts_as, context);
		}
		(void) accumArrayResult(result,
								HeapTupleGetDatum(
									make_participation(state, type)),
								false, type->tdtypeid, caller);
		MemoryContextSwitchTo(caller);
		MemoryContextReset(context);
	}
	MemoryContextDelete(context);
	return makeArrayResult(result, CurrentMemoryContext);
}

/*
 * Note which deliveries are of a participation among keys, an array of
 * activities. Both are in the same order.
 */
static void
mark_new(Delivery *deliveries, int count, ArrayType *keys)
{
	Delivery *end = deliveries + count;
	int key_count;
	const Delivery *key = read_deliveries(keys, &key_count);
	const Delivery *keys_end = key + key_count;

	for (Delivery *at = deliveries; at < end; at++)
	{
		while (key < keys_end && compare_participations(key, at) < 0)
			key++;
		at->is_new = key < keys_end && compare_participations(key, at) == 0;
	}
}

/* Move the new deliveries to the front; return how many. */
static int
move_new_first(Delivery *deliveries, int count)
{
	int moved = 0;

	for (int i = 0; i < count; i++)
	{
		Delivery delivery = deliveries[i];

		if (!delivery.is_new)
			continue;
		deliveries[i] = deliveries[moved];
		deliveries[moved++] = delivery;
	}
	return moved;
}

/* Return the array of deliveries, palloc'd. */
static ArrayType *
make_array(const Delivery *deliveries, int count, TupleDesc type)
{
	Datum *elements = palloc(sizeof(Datum) * count);
	ArrayType *result;

	for (int i = 0; i < count; i++)
		elements[i] = PointerGetDatum(deliveries[i].tuple);
	result = construct_array(elements, count, type->tdtypeid, -1, false,
							 TYPALIGN_DOUBLE);
	pfree(elements);
	return result;
}

/* Execute a statement whose parameter is an array of a row type; free that. */
static void
execute(const char *statement, int kind, TupleDesc type, Datum array)
{
	Oid array_type = get_array_type(type->tdtypeid);
	int result = SPI_execute_with_args(statement, 1, &array_type, &array, NULL,
									   false, 0);

	if (result != kind)
		elog(ERROR, "SPI_execute_with_args failed: %s",
			 SPI_result_code_string(result));
	pfree(DatumGetPointer(array));
}

/* Return a column of the single row of the last result, an array or NULL. */
static ArrayType *
result_array(int column)
{
	bool is_null;
	Datum value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
								column, &is_null);

	return is_null ? NULL : DatumGetArrayTypeP(value);
}

/*
 * Whether a rule or a trigger of a table, or of one of its partitions, needs the
 * usual statements: one that may change activities that are inserted, from which
 * participations are then computed; one that waits for participations to be
 * updated.
 */
static bool
needs_usual_statements(Oid table, bool has_participations)
{
	List *tables = find_all_inheritors(table, NoLock, NULL);
	bool result = false;
	ListCell *cell;

	foreach (cell, tables)
	{
		Relation relation = table_open(lfirst_oid(cell), AccessShareLock);
		const TriggerDesc *triggers = relation->trigdesc;

		if (relation->rd_rules != NULL)
			result = true;
		else if (triggers != NULL && has_participations)
			result = result || triggers->trig_update_before_row ||
					 triggers->trig_update_after_row ||
					 triggers->trig_update_new_table;
		else if (triggers != NULL)
			result = result || triggers->trig_insert_before_row;
		table_close(relation, NoLock);
	}
	list_free(tables);
	return result;
}

/*
 * Whether add_new_activities can load into a table. It does not ask policies
 * whether the caller may see the new rows, as ON CONFLICT does.
 */
bool
can_add_new_activities(const LoadNames *names)
{
	return !names->is_distributed &&
		   check_enable_rls(names->tables[0], InvalidOid, true) !=
			   RLS_ENABLED &&
		   !needs_usual_statements(names->tables[0], false) &&
		   !needs_usual_statements(names->tables[1], true);
}

/*
 * Insert the participations of activities that the tables do not have, and
 * these activities; lock the other participations. Returns the array of the
 * best known deliveries of the other activities. Sets inserted to how many
 * activities were inserted, and added to the array of keys of participations,
 * as activities, that were inserted but must be computed again, or to NULL.
 */
ArrayType *
add_new_activities(const ActivityTables *tables, const LoadNames *names,
				   ArrayType *activities, int64 *inserted, ArrayType **added)
{
	int count;
	Delivery *deliveries = read_deliveries(activities, &count);
	ArrayType *new_keys;
	int new_count = 0;

	count = keep_best_known(deliveries, count);
	execute(activity_statement(add_statement, names), SPI_OK_SELECT,
			names->participation,
			make_participations(deliveries, count, names->participation));
	new_keys = result_array(1);
	*added = result_array(2);
	check_not_renamed(tables, names);
	*inserted = 0;
	if (new_keys != NULL)
	{
		mark_new(deliveries, count, new_keys);
		new_count = move_new_first(deliveries, count);
		/* so that an index on start of type BRIN stays selective */
		qsort(deliveries, new_count, sizeof(Delivery), compare_starts);
		execute(activity_statement(insert_statement, names), SPI_OK_INSERT,
				names->type,
				PointerGetDatum(
					make_array(deliveries, new_count, names->type)));
		*inserted = SPI_processed;
		check_not_renamed(tables, names);
	}
	return make_array(deliveries + new_count, count - new_count, names->type);
}
