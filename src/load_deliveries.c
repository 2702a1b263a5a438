/*
 * load_deliveries.c
 *	  The deliveries that are given to a load: activities, or presences. Checks
 *	  them, puts them in the order of their keys, keeps the best known of each
 *	  key, and makes participations of activities.
 *
 * All sessions lock in the order of the keys, so that two loads do not deadlock.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "common/int.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"

#include "compat.h"
#include "load.h"
#include "page_reader.h"
#include "participation_state.h"
#include "row.h"

/* A delivery, and the columns of its key. */
typedef struct Delivery
{
	HeapTupleHeader tuple;
	const text *agent_id;
	const pg_uuid_t *interaction_guid; /* NULL for a presence */
	const pg_uuid_t *channel_guid;	   /* NULL for null */
	TimestampTz start;
	Oid label; /* state or category */
} Delivery;

/* By bytes; null last. */
static int
compare_guids(const pg_uuid_t *a, const pg_uuid_t *b)
{
	if (a == NULL || b == NULL)
		return (a == NULL) - (b == NULL);
	return memcmp(a, b, sizeof(pg_uuid_t));
}

/* By the columns that are the key of a participation. */
static int
compare_participations(const Delivery *a, const Delivery *b)
{
	int order = compare_texts(a->agent_id, b->agent_id);

	if (order == 0)
		order = compare_guids(a->interaction_guid, b->interaction_guid);
	if (order == 0)
		order = compare_guids(a->channel_guid, b->channel_guid);
	return order;
}

/* By key. */
static int
compare_deliveries(const void *a, const void *b,
				   void *unused pg_attribute_unused())
{
	const Delivery *x = a;
	const Delivery *y = b;
	int order = compare_participations(x, y);

	if (order == 0)
		order = pg_cmp_s64(x->start, y->start);
	if (order == 0)
		order = (x->label > y->label) - (x->label < y->label);
	return order;
}

/*
 * Read an element of an array of activities. Raises an error if it is null, has
 * a null in its key, or has a bad agent_id or duration. The statements would
 * fail as well, but could not name the element.
 */
static void
read_given_activity(Datum element, bool is_null, int number,
					Delivery *delivery)
{
	static const char *const detail =
		"An activity must have agent_id, start, state and interaction_guid.";
	Row row;

	if (is_null)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("element %d of the array is null", number),
						errdetail_internal("%s", detail)));
	delivery->tuple = DatumGetHeapTupleHeader(element);
	(void) read_activity(delivery->tuple, &row, ACTIVITY_METRIC_ATTRIBUTES);
	if (row.attributes[ACTIVITY_AGENT_ID] == NULL ||
		row.attributes[ACTIVITY_START] == NULL ||
		row.attributes[ACTIVITY_STATE] == NULL ||
		row.attributes[ACTIVITY_INTERACTION_GUID] == NULL)
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("element %d of the array lacks part of its key",
							   number),
						errdetail_internal("%s", detail)));
	delivery->agent_id = row_text(&row, ACTIVITY_AGENT_ID);
	if (VARSIZE_ANY_EXHDR(delivery->agent_id) > LONGEST_AGENT_ID)
		ereport(ERROR,
				(errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
				 errmsg("agent_id of element %d of the array is too long",
						number),
				 errdetail("The maximum is %d bytes.", LONGEST_AGENT_ID)));
	(void) row_end(&row);
	delivery->interaction_guid =
		(const pg_uuid_t *) row.attributes[ACTIVITY_INTERACTION_GUID];
	delivery->channel_guid =
		(const pg_uuid_t *) row.attributes[ACTIVITY_CHANNEL_GUID];
	delivery->start = row_time(&row, ACTIVITY_START);
	if (TIMESTAMP_NOT_FINITE(delivery->start))
		ereport(ERROR, (errcode(ERRCODE_DATETIME_VALUE_OUT_OF_RANGE),
						errmsg("start of element %d of the array is infinite",
							   number)));
	delivery->label = row_oid(&row, ACTIVITY_STATE);
}

/* Read a presence, which its page has checked. */
static void
read_given_presence(Datum element, Delivery *delivery)
{
	Row row;

	delivery->tuple = DatumGetHeapTupleHeader(element);
	read_presence(delivery->tuple, &row);
	delivery->agent_id = row_text(&row, PRESENCE_AGENT_ID);
	delivery->interaction_guid = NULL;
	delivery->channel_guid = NULL;
	delivery->start = row_time(&row, PRESENCE_START);
	delivery->label = row_oid(&row, PRESENCE_CATEGORY);
}

/* Whether a delivery is known better than another of the same key. */
static bool
is_better(const Delivery *delivery, const Delivery *other)
{
	Row row;
	Row other_row;

	if (delivery->interaction_guid == NULL)
	{
		read_presence(delivery->tuple, &row);
		read_presence(other->tuple, &other_row);
		return compare_presences(&row, &other_row) > 0;
	}
	(void) read_activity(delivery->tuple, &row, ACTIVITY_ATTRIBUTES);
	(void) read_activity(other->tuple, &other_row, ACTIVITY_ATTRIBUTES);
	return compare_activities(&row, &other_row) > 0;
}

/*
 * Return the participations of sorted activities, as an array of a row type,
 * palloc'd.
 */
static ArrayType *
make_participations(const Delivery *activities, int count, TupleDesc type)
{
	ArrayBuildState *participations =
		initArrayResult(type->tdtypeid, CurrentMemoryContext, false);
	MemoryContext context =
		AllocSetContextCreate(CurrentMemoryContext, "participation of a load",
							  ALLOCSET_SMALL_SIZES);

	for (int i = 0; i < count;)
	{
		const Delivery *first = &activities[i];
		MemoryContext outer = MemoryContextSwitchTo(context);
		ParticipationState *state = NULL;
		Datum participation;

		do
		{
			Row row;
			int counts_as =
				read_activity(activities[i].tuple, &row, ACTIVITY_ATTRIBUTES);

			state = participation_state_add(state, &row, counts_as, context);
			i++;
		} while (i < count &&
				 compare_participations(first, &activities[i]) == 0);
		participation = HeapTupleGetDatum(make_participation(state, type));
		MemoryContextSwitchTo(outer);
		(void) accumArrayResult(participations, participation, false,
								type->tdtypeid, CurrentMemoryContext);
		MemoryContextReset(context);
		CHECK_FOR_INTERRUPTS();
	}
	MemoryContextDelete(context);
	return DatumGetArrayTypeP(
		makeArrayResult(participations, CurrentMemoryContext));
}

/*
 * Read an array of activities, or of presences if participation is NULL, which
 * is else the type of participations. Raises an error for an activity that
 * cannot be stored. The arrays in deliveries are palloc'd.
 */
void
read_deliveries(ArrayType *array, TupleDesc participation,
				Deliveries *deliveries)
{
	Oid type = ARR_ELEMTYPE(array);
	Datum *elements;
	bool *nulls;
	int given;
	int count = 0;
	Delivery *sorted;

	deconstruct_array(array, type, -1, false, TYPALIGN_DOUBLE, &elements,
					  &nulls, &given);
	sorted =
		palloc_extended(Max(given, 1) * sizeof(Delivery), MCXT_ALLOC_HUGE);
	for (int i = 0; i < given; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (participation != NULL)
			read_given_activity(elements[i], nulls[i], i + 1, &sorted[i]);
		else
			read_given_presence(elements[i], &sorted[i]);
	}
	qsort_interruptible(sorted, given, sizeof(Delivery), compare_deliveries,
						NULL);

	memset(deliveries, 0, sizeof(Deliveries));
	deliveries->given = given;
	for (int i = 0; i < given; i++)
	{
		if (count == 0 ||
			compare_deliveries(&sorted[count - 1], &sorted[i], NULL) != 0)
			sorted[count++] = sorted[i];
		else if (is_better(&sorted[i], &sorted[count - 1]))
			sorted[count - 1] = sorted[i];
	}
	for (int i = 0; i < count; i++)
	{
		elements[i] = PointerGetDatum(sorted[i].tuple);
		deliveries->first =
			i == 0 ? sorted[i].start : Min(deliveries->first, sorted[i].start);
		deliveries->last =
			i == 0 ? sorted[i].start : Max(deliveries->last, sorted[i].start);
	}
	deliveries->array =
		construct_array(elements, count, type, -1, false, TYPALIGN_DOUBLE);
	if (participation != NULL)
		deliveries->participations =
			make_participations(sorted, count, participation);
	pfree(sorted);
}

/* Keys of participations, in order, of which those before next are passed. */
typedef struct KeyList
{
	Delivery *keys;
	int count;
	int next;
} KeyList;

/* Return the keys of an array of participations, which may be NULL, palloc'd. */
static KeyList
read_keys(ArrayType *participations)
{
	KeyList result = {NULL, 0, 0};
	Datum *elements;

	if (participations == NULL)
		return result;
	deconstruct_array(participations, ARR_ELEMTYPE(participations), -1, false,
					  TYPALIGN_DOUBLE, &elements, NULL, &result.count);
	result.keys = palloc0(Max(result.count, 1) * sizeof(Delivery));
	for (int i = 0; i < result.count; i++)
	{
		Row row;

		read_participation(DatumGetHeapTupleHeader(elements[i]), &row,
						   PARTICIPATION_ATTRIBUTES);
		result.keys[i].agent_id = row_text(&row, PARTICIPATION_AGENT_ID);
		result.keys[i].interaction_guid =
			(const pg_uuid_t *) row.attributes[PARTICIPATION_INTERACTION_GUID];
		result.keys[i].channel_guid =
			(const pg_uuid_t *) row.attributes[PARTICIPATION_CHANNEL_GUID];
	}
	pfree(elements);
	return result;
}

/* Whether a list has the participation of an activity; these come in order. */
static bool
has_key(KeyList *list, const Delivery *activity)
{
	while (list->next < list->count &&
		   compare_participations(&list->keys[list->next], activity) < 0)
		list->next++;
	return list->next < list->count &&
		   compare_participations(&list->keys[list->next], activity) == 0;
}

/*
 * Return one activity of each participation that is not in an array, which may
 * be NULL, of those that an array of activities has, in the order of the key;
 * NULL if there are none. palloc'd.
 */
ArrayType *
one_of_each_other(ArrayType *activities, ArrayType *participations)
{
	Oid type = ARR_ELEMTYPE(activities);
	KeyList keys = read_keys(participations);
	Datum *elements;
	int given;
	int count = 0;
	Delivery last;

	deconstruct_array(activities, type, -1, false, TYPALIGN_DOUBLE, &elements,
					  NULL, &given);
	for (int i = 0; i < given; i++)
	{
		Delivery activity;

		read_given_activity(elements[i], false, i + 1, &activity);
		if (has_key(&keys, &activity) ||
			(count > 0 && compare_participations(&last, &activity) == 0))
			continue;
		elements[count++] = elements[i];
		last = activity;
	}
	if (count == 0)
		return NULL;
	return construct_array(elements, count, type, -1, false, TYPALIGN_DOUBLE);
}

/*
 * By the day of the start, then by key: an index on start of type BRIN stays
 * selective, and neighbours are inserted at the same place of the key's index.
 */
static int
compare_days(const void *a, const void *b, void *unused pg_attribute_unused())
{
	int order = pg_cmp_s64(((const Delivery *) a)->start / USECS_PER_DAY,
						   ((const Delivery *) b)->start / USECS_PER_DAY);

	return order != 0 ? order : compare_deliveries(a, b, NULL);
}

/*
 * Take the activities of those participations that are in added and not in
 * known out of deliveries. Returns their array in the order of days, palloc'd.
 * The arrays of participations are in the order of the key; known may be NULL.
 */
ArrayType *
take_new_activities(Deliveries *deliveries, ArrayType *added, ArrayType *known)
{
	Oid type = ARR_ELEMTYPE(deliveries->array);
	KeyList added_keys = read_keys(added);
	KeyList known_keys = read_keys(known);
	Datum *elements;
	int count;
	int kept = 0;
	int new_count = 0;
	Delivery *new_activities;
	ArrayType *result;

	deconstruct_array(deliveries->array, type, -1, false, TYPALIGN_DOUBLE,
					  &elements, NULL, &count);
	new_activities =
		palloc_extended(Max(count, 1) * sizeof(Delivery), MCXT_ALLOC_HUGE);
	for (int i = 0; i < count; i++)
	{
		Delivery *activity = &new_activities[new_count];

		read_given_activity(elements[i], false, i + 1, activity);
		if (has_key(&added_keys, activity) && !has_key(&known_keys, activity))
			new_count++;
		else
			elements[kept++] = elements[i];
	}
	deliveries->array =
		construct_array(elements, kept, type, -1, false, TYPALIGN_DOUBLE);
	qsort_interruptible(new_activities, new_count, sizeof(Delivery),
						compare_days, NULL);
	for (int i = 0; i < new_count; i++)
		elements[i] = PointerGetDatum(new_activities[i].tuple);
	result =
		construct_array(elements, new_count, type, -1, false, TYPALIGN_DOUBLE);
	pfree(new_activities);
	pfree(elements);
	return result;
}
