/*
 * load.c
 *	  Keeping a table of activities, and the participations in step with it.
 *
 * The statements are made once for each table and their plans kept: for pages
 * of a few items planning them would cost more than all the rest.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"
#include "nodes/pg_list.h"
#include "storage/lockdefs.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/hsearch.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "activity.h"
#include "compat.h"
#include "rows.h"

/* A table of activities and what stands around it. */
typedef struct ActivityTables
{
	Oid activities;
	Oid participations; /* the table beside it */
	Oid schema;			/* of the extension */
} ActivityTables;

/*
 * Locks the participations, new ones by a row of their key only, before their
 * activities are looked at: all sessions do so in the same order, and each
 * sees what those before it have stored. The lock is that of an update which
 * leaves the key alone, so that foreign keys to it do not wait. $1 is an array
 * of activity.
 */
static const char lock_statement[] =
	"INSERT INTO %1$s AS t_row (agent_id, interaction_guid, channel_guid) "
	"SELECT agent_id, interaction_guid, channel_guid FROM unnest($1) "
	"GROUP BY agent_id, interaction_guid, channel_guid "
	"ORDER BY agent_id COLLATE \"C\", interaction_guid, channel_guid "
	"ON CONFLICT (agent_id, interaction_guid, channel_guid) "
	"DO UPDATE SET reported_at = t_row.reported_at WHERE false";

/*
 * Stores the activities; counts those that are new and all that it stored, and
 * gives them back. An activity that the table has and is told nothing new of
 * is only looked at: no lock, no WAL. ON CONFLICT is for what it has, and for
 * what somebody stores meanwhile without a lock of participations. Whether an
 * activity was there before is asked of the table as it was (xmax does not
 * tell in a partitioned table), if not all that was told has been stored.
 *
 * OFFSET 0 has the planner look up key after key, whatever it thinks of the
 * table's size: the plan may have been made when it was empty.
 */
static const char store_statement[] =
	"WITH best AS ("
	"SELECT agent_id, interaction_guid, channel_guid, start, state, "
	"%2$s.best_known(a_row.*) AS a_row FROM unnest($1) AS a_row "
	"GROUP BY agent_id, interaction_guid, channel_guid, start, state), "
	"told AS ("
	"SELECT a_row, is_news IS NULL AS is_new FROM best LEFT JOIN LATERAL ("
	"SELECT %2$s.activity_tells_more(best.a_row, t_row.*) AS is_news "
	"FROM %1$s AS t_row WHERE %3$s OFFSET 0) AS known ON true "
	"WHERE is_news IS NOT false), "
	"stored AS ("
	"INSERT INTO %1$s AS t_row SELECT (told.a_row).* FROM told "
	"ON CONFLICT (agent_id, interaction_guid, channel_guid, start, state) "
	"DO UPDATE SET %4$s "
	"WHERE %2$s.activity_tells_more(EXCLUDED.*, t_row.*) "
	"RETURNING (t_row.*)::%2$s.activity AS a_row) "
	"SELECT CASE count(*) WHEN (SELECT count(*) FROM told) "
	"THEN (SELECT count(*) FROM told WHERE is_new) "
	"ELSE (SELECT count(*) FROM stored WHERE NOT EXISTS ("
	"SELECT FROM %1$s AS t_row WHERE %5$s OFFSET 0)) END, "
	"count(*), array_agg(a_row) FROM stored";

/*
 * Computes the participations again that have news, $2, and those of $1 that
 * are but a key, as new ones are. With news they are written even if it does
 * not change them: a transaction with an older snapshot, which does not see the
 * news, then fails instead of computing them without it.
 */
static const char compute_statement[] =
	"WITH touched AS ("
	"SELECT agent_id, interaction_guid, channel_guid FROM ("
	"SELECT agent_id, interaction_guid, channel_guid, false AS has_news "
	"FROM unnest($1) "
	"UNION ALL "
	"SELECT agent_id, interaction_guid, channel_guid, true "
	"FROM unnest($2)) AS given "
	"GROUP BY agent_id, interaction_guid, channel_guid "
	"HAVING bool_or(has_news) OR EXISTS ("
	"SELECT FROM %1$s AS t_row "
	"WHERE %4$s AND t_row.open IS NULL OFFSET 0)) "
	"INSERT INTO %1$s AS t_row SELECT (made.p_row).* FROM touched, LATERAL ("
	"SELECT %3$s.participation(a_row.*) AS p_row "
	"FROM %2$s AS a_row WHERE %5$s HAVING count(*) > 0 OFFSET 0) AS made "
	"ON CONFLICT (agent_id, interaction_guid, channel_guid) "
	"DO UPDATE SET %6$s";

/* The keys of both tables; that of activities begins with the other one. */
static const char *const key_columns[] = {"agent_id", "interaction_guid",
										  "channel_guid", "start", "state"};
#define ACTIVITY_KEY lengthof(key_columns)
#define PARTICIPATION_KEY 3

/* The plans for a table, as long as all names in them are what they were. */
typedef struct TablePlans
{
	Oid activities; /* key */
	char *names;	/* of all that the statements name */
	SPIPlanPtr lock;
	SPIPlanPtr store;
	SPIPlanPtr compute;
	int64 given; /* so many activities till now, */
	int64 limit; /* and at so many they are made anew, as tables grow */
} TablePlans;

#define FIRST_LIMIT 100

static HTAB *kept_plans = NULL;

/*
 * How many loads are going on: more than one if a trigger, say, begins another.
 * That one leaves the plans alone that those around it may be executing.
 */
static int loads_running = 0;

/* Whether a table is a typed table of a type. */
static bool
is_table_of(Oid table, Oid type)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	bool result;

	if (!HeapTupleIsValid(tuple))
		return false;
	result = ((Form_pg_class) GETSTRUCT(tuple))->reloftype == type;
	ReleaseSysCache(tuple);
	return result;
}

/* A relation's name with its schema; as regclass writes it, if there is none. */
static char *
qualified_name(Oid relation)
{
	if (get_rel_name(relation) == NULL)
		return DatumGetCString(
			DirectFunctionCall1(regclassout, ObjectIdGetDatum(relation)));
	return quote_qualified_identifier(get_namespace_name(
										  get_rel_namespace(relation)),
									  get_rel_name(relation));
}

/*
 * Whether an index is unique on the first count of the key's columns, in any
 * order, and takes nulls for the same.
 */
static bool
is_key_index(Relation index, TupleDesc table, int count)
{
	Form_pg_index form = index->rd_index;

	if (!form->indisunique || !form->indimmediate || !form->indisvalid ||
		!form->indnullsnotdistinct || form->indnkeyatts != count ||
		!heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL))
		return false;
	for (int i = 0; i < count; i++)
	{
		int column = 0;

		/* an expression's number is 0 */
		while (column < count &&
			   (form->indkey.values[column] <= 0 ||
				strcmp(NameStr(TupleDescAttr(table,
											 form->indkey.values[column] - 1)
								   ->attname),
					   key_columns[i]) != 0))
			column++;
		if (column == count)
			return false;
	}
	return true;
}

/*
 * An error if a table has no unique index on its key by which nulls are not
 * distinct: the same activity without a channel would be stored again and
 * again. ON CONFLICT does not look at nulls.
 */
static void
check_key(Oid table, int count)
{
	Relation relation = table_open(table, AccessShareLock);
	List *indexes = RelationGetIndexList(relation);
	bool found = false;
	StringInfoData columns;
	ListCell *cell;

	foreach (cell, indexes)
	{
		Relation index = index_open(lfirst_oid(cell), AccessShareLock);

		found =
			found || is_key_index(index, RelationGetDescr(relation), count);
		index_close(index, NoLock);
	}
	list_free(indexes);
	table_close(relation, NoLock);
	if (found)
		return;
	initStringInfo(&columns);
	for (int i = 0; i < count; i++)
		appendStringInfo(&columns, "%s%s", i == 0 ? "" : ", ", key_columns[i]);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_COLUMN_REFERENCE),
			 errmsg("%s has no unique index on its key by which nulls are not "
					"distinct",
					qualified_name(table)),
			 errdetail("Its key is (%s).", columns.data),
			 errhint("Create one with NULLS NOT DISTINCT.")));
}

/*
 * Finds what stands around the table of activities that is argument 0; an
 * error if it was not made by create_activity_table.
 */
static void
find_tables(FunctionCallInfo fcinfo, ActivityTables *tables)
{
	Oid function = fcinfo->flinfo->fn_oid;
	char *name;

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("the table of activities must not be null")));
	tables->activities = PG_GETARG_OID(0);
	tables->schema = get_func_namespace(function);
	name = get_rel_name(tables->activities);
	if (name == NULL ||
		!is_table_of(tables->activities, sibling_type(function, "activity")))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("%s is no table of type activity",
						qualified_name(tables->activities)),
				 errhint("Create one with create_activity_table(name).")));
	tables->participations =
		get_relname_relid(psprintf("%s_participation", name),
						  get_rel_namespace(tables->activities));
	if (!OidIsValid(tables->participations) ||
		!is_table_of(tables->participations,
					 sibling_type(function, "participation")))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("%s has no table of type participation beside it",
						qualified_name(tables->activities)),
				 errhint("It would be %s: create both with "
						 "create_activity_table(name).",
						 quote_qualified_identifier(
							 get_namespace_name(
								 get_rel_namespace(tables->activities)),
							 psprintf("%s_participation", name)))));
}

/*
 * The assignments of the columns that come from the first count attributes of
 * a type and are not in its table's key, each from EXCLUDED.
 */
static char *
assignments(Oid type, int count)
{
	TupleDesc desc = lookup_rowtype_tupdesc(type, -1);
	StringInfoData result;

	initStringInfo(&result);
	for (int i = 0; i < Min(count, desc->natts); i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);
		const char *name = NameStr(attribute->attname);
		bool is_key = attribute->attisdropped;

		for (Size key = 0; key < lengthof(key_columns) && !is_key; key++)
			is_key = strcmp(name, key_columns[key]) == 0;
		if (!is_key)
			appendStringInfo(&result, "%s%s = EXCLUDED.%s",
							 result.len == 0 ? "" : ", ",
							 quote_identifier(name), quote_identifier(name));
	}
	ReleaseTupleDesc(desc);
	return result.data;
}

/*
 * The condition that two rows have the same key, of its first count columns.
 * Both may lack a channel.
 */
static char *
same_key(const char *a, const char *b, int count)
{
	StringInfoData result;

	initStringInfo(&result);
	for (int i = 0; i < count; i++)
		appendStringInfo(&result,
						 strcmp(key_columns[i], "channel_guid") == 0
							 ? "%1$s(%2$s.%4$s = %3$s.%4$s OR "
							   "(%2$s.%4$s IS NULL AND %3$s.%4$s IS NULL))"
							 : "%1$s%2$s.%4$s = %3$s.%4$s",
						 i == 0 ? "" : " AND ", a, b, key_columns[i]);
	return result.data;
}

/* Plans a statement that has arrays of activity as its parameters. */
static SPIPlanPtr
plan_statement(char *statement, int count, Oid activity_array)
{
	Oid types[2] = {activity_array, activity_array};
	SPIPlanPtr plan =
		SPI_prepare_cursor(statement, count, types, CURSOR_OPT_GENERIC_PLAN);

	if (plan == NULL)
		elog(ERROR, "SPI_prepare_cursor failed: %s",
			 SPI_result_code_string(SPI_result));
	return plan;
}

static void
keep_plan(SPIPlanPtr plan)
{
	if (SPI_keepplan(plan) != 0)
		elog(ERROR, "SPI_keepplan failed");
}

static void
free_plan(SPIPlanPtr *plan)
{
	if (*plan != NULL)
		SPI_freeplan(*plan);
	*plan = NULL;
}

static void
free_plans(TablePlans *plans)
{
	free_plan(&plans->lock);
	free_plan(&plans->store);
	free_plan(&plans->compute);
	if (plans->names != NULL)
		pfree(plans->names);
	plans->names = NULL;
}

/* Frees the plans for tables that are no more. */
static void
forget_dropped_tables(void)
{
	HASH_SEQ_STATUS status;
	TablePlans *plans;

	hash_seq_init(&status, kept_plans);
	while ((plans = hash_seq_search(&status)) != NULL)
	{
		if (get_rel_name(plans->activities) != NULL)
			continue;
		free_plans(plans);
		hash_search(kept_plans, &plans->activities, HASH_REMOVE, NULL);
	}
}

/*
 * The plans for a table that is given so many activities: those kept, unless
 * names have changed or the table may have grown, else new ones. Of a load
 * within another one new plans are its own, and go with its SPI connection.
 */
static TablePlans *
plans_for(const ActivityTables *tables, Oid function, int64 given)
{
	Oid activity = sibling_type(function, "activity");
	Oid activity_array = get_array_type(activity);
	char *activities = qualified_name(tables->activities);
	char *participations = qualified_name(tables->participations);
	const char *schema = quote_identifier(get_namespace_name(tables->schema));
	char *stored = assignments(activity, PG_INT16_MAX);
	char *computed = assignments(sibling_type(function, "participation"),
								 PARTICIPATION_ATTRIBUTES);
	char *names = psprintf("%s %s %s %s %s", activities, participations,
						   schema, stored, computed);
	int64 given_before = 0;
	TablePlans *made;
	TablePlans *kept;

	if (kept_plans == NULL)
	{
		HASHCTL control = {.keysize = sizeof(Oid),
						   .entrysize = sizeof(TablePlans)};

		kept_plans = hash_create("activity tables", 16, &control,
								 HASH_ELEM | HASH_BLOBS);
	}
	kept = hash_search(kept_plans, &tables->activities, HASH_FIND, NULL);
	if (kept != NULL)
	{
		given_before = kept->given;
		kept->given += given;
		if (strcmp(kept->names, names) == 0 &&
			(given_before <= kept->limit || loads_running > 1))
			return kept;
	}

	made = palloc(sizeof(TablePlans));
	made->activities = tables->activities;
	made->given = given_before + given;
	made->limit = FIRST_LIMIT + 2 * given_before;
	made->lock = plan_statement(psprintf(lock_statement, participations), 1,
								activity_array);
	made->store =
		plan_statement(psprintf(store_statement, activities, schema,
								same_key("t_row", "best", ACTIVITY_KEY),
								stored,
								same_key("t_row", "(stored.a_row)",
										 ACTIVITY_KEY)),
					   1, activity_array);
	made->compute =
		plan_statement(psprintf(compute_statement, participations, activities,
								schema,
								same_key("t_row", "given", PARTICIPATION_KEY),
								same_key("a_row", "touched",
										 PARTICIPATION_KEY),
								computed),
					   2, activity_array);
	if (loads_running > 1)
		return made;

	names = MemoryContextStrdup(TopMemoryContext, names);
	if (kept != NULL)
		free_plans(kept);
	else
	{
		forget_dropped_tables();
		kept = hash_search(kept_plans, &tables->activities, HASH_ENTER, NULL);
	}
	*kept = *made;
	kept->names = names;
	keep_plan(kept->lock);
	keep_plan(kept->store);
	keep_plan(kept->compute);
	return kept;
}

static void
set_option(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

/*
 * Executes a plan of the given kind over arrays, of which some may be null;
 * returns how many rows it processed.
 */
static uint64
execute(SPIPlanPtr plan, int kind, NullableDatum *arrays)
{
	Datum values[2];
	char nulls[2];
	int result;

	for (int i = 0; i < SPI_getargcount(plan); i++)
	{
		values[i] = arrays[i].value;
		nulls[i] = arrays[i].isnull ? 'n' : ' ';
	}
	result = SPI_execute_plan(plan, values, nulls, false, 0);
	if (result != kind)
		elog(ERROR, "SPI_execute_plan failed: %s",
			 SPI_result_code_string(result));
	return SPI_processed;
}

/* A column of the only row that the plan executed last gave back. */
static NullableDatum
result_column(int column)
{
	NullableDatum result;

	result.value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
								 column, &result.isnull);
	return result;
}

PG_FUNCTION_INFO_V1(activity_tables);
/* activity_tables(activities): the table of participations beside a table. */
Datum
activity_tables(PG_FUNCTION_ARGS)
{
	ActivityTables tables;
	Datum values[2];
	bool nulls[2] = {false, false};
	NameData schema;

	find_tables(fcinfo, &tables);
	namestrcpy(&schema, get_namespace_name(tables.schema));
	values[0] = ObjectIdGetDatum(tables.participations);
	values[1] = NameGetDatum(&schema);
	PG_RETURN_DATUM(HeapTupleGetDatum(
		heap_form_tuple(result_type(fcinfo), values, nulls)));
}

/* How many activities were given to a load, and what became of them. */
typedef struct LoadCounts
{
	int64 given;
	int64 inserted;
	int64 stored; /* inserted or updated */
} LoadCounts;

/* Loads an array of activities. */
static void
load(const ActivityTables *tables, Oid function, ArrayType *activities,
	 LoadCounts *counts)
{
	NullableDatum all = {PointerGetDatum(activities), false};
	NullableDatum touched[2] = {all, {0}}; /* all, and news */
	TablePlans *plans;
	bool some_new;

	counts->given = ArrayGetNItems(ARR_NDIM(activities), ARR_DIMS(activities));
	plans = plans_for(tables, function, counts->given);
	some_new = execute(plans->lock, SPI_OK_INSERT, &all) > 0;
	(void) execute(plans->store, SPI_OK_SELECT, &all);
	counts->inserted = DatumGetInt64(result_column(1).value);
	counts->stored = DatumGetInt64(result_column(2).value);
	touched[0].isnull = !some_new;
	touched[1] = result_column(3);
	if (some_new || !touched[1].isnull)
		(void) execute(plans->compute, SPI_OK_INSERT, touched);
}

PG_FUNCTION_INFO_V1(load_activities);
/* load_activities(target, activities): inserted, updated, unchanged. */
Datum
load_activities(PG_FUNCTION_ARGS)
{
	ActivityTables tables;
	LoadCounts counts = {0};
	Datum values[3];
	bool nulls[3] = {false, false, false};

	find_tables(fcinfo, &tables);
	check_key(tables.activities, ACTIVITY_KEY);
	check_key(tables.participations, PARTICIPATION_KEY);
	if (!PG_ARGISNULL(1))
	{
		ArrayType *activities = PG_GETARG_ARRAYTYPE_P(1);
		int level = NewGUCNestLevel();

		/* nothing planted elsewhere is found */
		set_option("search_path", "pg_catalog, pg_temp");
		/* always by an index, also before the first ANALYZE */
		set_option("enable_seqscan", "off");
		set_option("enable_hashjoin", "off");
		set_option("enable_mergejoin", "off");
		set_option("enable_nestloop", "on");
		set_option("enable_indexscan", "on");
		/* what cannot be avoided looks very expensive then */
		set_option("jit", "off");
		if (SPI_connect() != SPI_OK_CONNECT)
			elog(ERROR, "SPI_connect failed");
		loads_running++;
		PG_TRY();
		{
			load(&tables, fcinfo->flinfo->fn_oid, activities, &counts);
		}
		PG_FINALLY();
		{
			loads_running--;
		}
		PG_END_TRY();
		SPI_finish();
		AtEOXact_GUC(true, level);
	}

	values[0] = Int64GetDatum(counts.inserted);
	values[1] = Int64GetDatum(counts.stored - counts.inserted);
	values[2] = Int64GetDatum(counts.given - counts.stored);
	PG_RETURN_DATUM(HeapTupleGetDatum(
		heap_form_tuple(result_type(fcinfo), values, nulls)));
}
