/*
 * load.c
 *	  Loads activities into a table, and keeps its participations in step.
 *
 * The plans of the statements are kept for the tables loaded last. For a page
 * of a few items, planning costs more than all other work.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "executor/spi.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "nodes/pg_list.h"
#include "storage/lmgr.h"
#include "storage/lockdefs.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "catalog.h"
#include "compat.h"
#include "page.h"
#include "row.h"

/* A table of activities and its surroundings. */
typedef struct ActivityTables
{
	Oid activities;
	Oid participations; /* its participation table */
	Oid schema;			/* of the extension */
} ActivityTables;

/*
 * The statements. Their parameters $1 and $2 are arrays of activity.
 * fill_statement replaces the names in braces by names of objects and lists of
 * a type's attributes.
 *
 * No statement calls a function with a row of the user's table. Such a row has
 * the table's own row type, for which any role may have declared a function or
 * a cast that fits better than the extension's. {stored_activity} and the like
 * make a row of the columns, ROW(stored.start, ...)::schema.activity, which
 * only the extension's function accepts. So the table needs the columns of the
 * type, not the type itself.
 */

/*
 * Locks the participations before their activities are read; inserts a row
 * that consists of the key only for each new one. All sessions lock in the
 * same order, so that two loads do not deadlock. The next statement sees the activities
 * that other sessions stored under the same locks before; without them, two
 * sessions could each compute a participation without the other's activities.
 * The lock is that of an UPDATE that does not change the key, so that foreign
 * keys to it do not wait.
 */
static const char lock_statement[] =
	"INSERT INTO {participations} AS stored "
	"(agent_id, interaction_guid, channel_guid) "
	"SELECT given.agent_id, given.interaction_guid, given.channel_guid "
	"FROM unnest($1) AS given "
	"GROUP BY given.agent_id, given.interaction_guid, given.channel_guid "
	"ORDER BY given.agent_id COLLATE \"C\", given.interaction_guid, "
	"given.channel_guid "
	"ON CONFLICT (agent_id, interaction_guid, channel_guid) "
	"DO UPDATE SET reported_at = stored.reported_at WHERE false";

/*
 * Stores the activities. Returns the number of new ones, the number of stored
 * ones, and the stored activities. An activity that the table knows as well
 * already is only read: no lock, no WAL. ON CONFLICT handles activities that
 * the table has, and those that a session without a lock on the participations
 * stores at the same time. Whether an activity is new is looked up in the
 * statement's snapshot (in a partitioned table, xmax does not say), unless all
 * news was stored.
 *
 * OFFSET 0 makes the planner look up one key at a time, whatever it assumes
 * about the size of the table, which may have been empty at planning.
 */
static const char store_statement[] =
	"WITH best AS ("
	"SELECT given.agent_id, given.interaction_guid, given.channel_guid, "
	"given.start, given.state, {schema}.best_known(given.*) AS activity "
	"FROM unnest($1) AS given "
	"GROUP BY given.agent_id, given.interaction_guid, given.channel_guid, "
	"given.start, given.state), "
	"news AS ("
	"SELECT best.activity, earlier.is_older IS NULL AS is_new "
	"FROM best LEFT JOIN LATERAL ("
	"SELECT {schema}.activity_is_better_known(best.activity, "
	"{stored_activity}) "
	"AS is_older "
	"FROM {activities} AS stored WHERE {stored_is_best} OFFSET 0) AS earlier "
	"ON true "
	"WHERE earlier.is_older IS NOT false), "
	"changed AS ("
	"INSERT INTO {activities} AS stored ({activity_columns}) "
	"SELECT {news_columns} FROM news "
	"ON CONFLICT (agent_id, interaction_guid, channel_guid, start, state) "
	"DO UPDATE SET {activity_assignments} "
	"WHERE {schema}.activity_is_better_known({excluded_activity}, "
	"{stored_activity}) "
	"RETURNING {stored_activity} AS activity) "
	"SELECT CASE count(*) WHEN (SELECT count(*) FROM news) "
	"THEN (SELECT count(*) FROM news WHERE news.is_new) "
	"ELSE (SELECT count(*) FROM changed WHERE NOT EXISTS ("
	"SELECT FROM {activities} AS stored "
	"WHERE {stored_is_changed} OFFSET 0)) END, "
	"count(*), array_agg(changed.activity) FROM changed";

/*
 * Recompute the participations of the stored activities ($2), and those in
 * $1 that so far consist of a key only. The first are written even if the
 * activities do not change them: a transaction with an older snapshot, which
 * does not see the activities, then fails instead of computing without them.
 */
static const char compute_statement[] =
	"WITH touched AS ("
	"SELECT given.agent_id, given.interaction_guid, given.channel_guid FROM ("
	"SELECT every.agent_id, every.interaction_guid, every.channel_guid, "
	"false AS has_news FROM unnest($1) AS every "
	"UNION ALL "
	"SELECT news.agent_id, news.interaction_guid, news.channel_guid, true "
	"FROM unnest($2) AS news) AS given "
	"GROUP BY given.agent_id, given.interaction_guid, given.channel_guid "
	"HAVING bool_or(given.has_news) OR EXISTS ("
	"SELECT FROM {participations} AS stored "
	"WHERE {stored_is_given} AND stored.open IS NULL OFFSET 0)) "
	"INSERT INTO {participations} AS stored ({participation_columns}) "
	"SELECT {made_columns} FROM touched, LATERAL ("
	"SELECT {schema}.participation({stored_activity}) AS participation "
	"FROM {activities} AS stored WHERE {stored_is_touched} "
	"HAVING count(*) > 0 OFFSET 0) AS made "
	"ON CONFLICT (agent_id, interaction_guid, channel_guid) "
	"DO UPDATE SET {participation_assignments}";

/* The key of activities; its first columns are the key of participations. */
static const char *const key_columns[] = {"agent_id", "interaction_guid",
										  "channel_guid", "start", "state"};
#define ACTIVITY_KEY lengthof(key_columns)
#define PARTICIPATION_KEY 3

/* The plans of the statements for a table. */
typedef struct TablePlans
{
	char *names; /* OIDs of the tables and of type activity, and all names in
				  * the statements; NULL if there are no plans */
	SPIPlanPtr lock;
	SPIPlanPtr store;
	SPIPlanPtr compute;
	uint64 last_used; /* the number of the last load that used them */
	int64 given;	  /* activities loaded with them so far */
	int64 limit;	  /* of given, after which to plan again: tables grow */
} TablePlans;

#define FIRST_LIMIT 100

/*
 * The plans that the session keeps. A session that loads into more than 16
 * tables in turn plans for each load; few do. The plans of 16 tables take 7 MB
 * (0.4 MB each), or 26 MB if each table has 36 partitions.
 */
static TablePlans kept_plans[16];

/*
 * Number of loads in progress: more than one if, say, a trigger starts another
 * load. The inner load must not free plans that the outer one is executing.
 */
static int loads_running = 0;

/* Whether a table is a typed table of this type. */
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

/* Return the owner of a relation, InvalidOid if it does not exist. */
static Oid
relation_owner(Oid relation)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	Oid result;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	result = ((Form_pg_class) GETSTRUCT(tuple))->relowner;
	ReleaseSysCache(tuple);
	return result;
}

/*
 * Return a relation's name with its schema; if the relation was dropped, its
 * OID as regclass prints it. palloc'd.
 */
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
 * Whether an index is unique on the first count columns of the key, in any
 * order, with NULLS NOT DISTINCT.
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
 * Raise an error if a table has no unique index with NULLS NOT DISTINCT on its
 * key. With another unique index, which ON CONFLICT would accept, the same
 * activity without a channel would be stored again and again. The caller has
 * locked the table; its indexes are locked here, as the INSERT would do.
 */
static void
check_key(Oid table, int count)
{
	Relation relation = table_open(table, NoLock);
	List *indexes = RelationGetIndexList(relation);
	bool found = false;
	StringInfoData columns;
	ListCell *cell;

	foreach (cell, indexes)
	{
		Relation index = index_open(lfirst_oid(cell), RowExclusiveLock);

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
			 errmsg("table \"%s\" has no unique index with NULLS NOT DISTINCT "
					"on its key",
					qualified_name(table)),
			 errdetail("The key is (%s).", columns.data)));
}

/*
 * Find the participation table and the extension's schema for the table of
 * activities that is argument 0. Raises an error if create_activity_table did
 * not make them, or one was dropped.
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
	if (name == NULL)
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("relation with OID %u does not exist",
							   tables->activities)));
	if (!is_table_of(tables->activities, sibling_type(function, "activity")))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a table of type activity",
						qualified_name(tables->activities)),
				 errhint("Create one with create_activity_table(name).")));
	tables->participations =
		get_relname_relid(psprintf("%s_participation", name),
						  get_rel_namespace(tables->activities));
	if (!OidIsValid(tables->participations) ||
		!is_table_of(tables->participations,
					 sibling_type(function, "participation")))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("table \"%s\" does not have a table of type "
							   "participation",
							   qualified_name(tables->activities)),
						errhint("It would be \"%s\": create both with "
								"create_activity_table(name).",
								quote_qualified_identifier(
									get_namespace_name(
										get_rel_namespace(tables->activities)),
									psprintf("%s_participation", name)))));

	/* it is found by its name, so any role may have created it */
	if (relation_owner(tables->participations) !=
		relation_owner(tables->activities))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("\"%s\" and \"%s\" have different owners",
						qualified_name(tables->activities),
						qualified_name(tables->participations)),
				 errdetail("A table's triggers, policies and constraints run "
						   "with the rights of whoever loads it."),
				 errhint("If both tables are yours, give them one owner with "
						 "ALTER TABLE ... OWNER TO.")));
}

/* Whether a column is in the key of a table of activities. */
static bool
is_key_column(const char *name)
{
	for (Size i = 0; i < lengthof(key_columns); i++)
	{
		if (strcmp(name, key_columns[i]) == 0)
			return true;
	}
	return false;
}

/*
 * Lock the partitions of a locked table, if it has any, as INSERT locks those
 * that it stores into.
 */
static void
lock_partitions(Oid table)
{
	if (get_rel_relkind(table) == RELKIND_PARTITIONED_TABLE)
		list_free(find_all_inheritors(table, RowExclusiveLock, NULL));
}

/*
 * Lock the tables that find_tables found, as the INSERTs do, until the
 * transaction ends. Raises an error if one was dropped while this waited, or
 * lacks its key.
 *
 * The statements of the load then neither wait for a table nor need a stronger
 * lock on a table or an index than the load has. With a weaker lock, REINDEX
 * in another session could lock the table and wait for the index, while this
 * session has locked the index and waits for the table.
 *
 * All sessions lock in the same order: types, participations, activities,
 * partitions, indexes.
 */
static void
lock_tables(FunctionCallInfo fcinfo, ActivityTables *tables)
{
	Oid function = fcinfo->flinfo->fn_oid;

	/* the types before the tables, as ALTER TYPE does */
	LockRelationOid(get_typ_typrelid(sibling_type(function, "activity")),
					AccessShareLock);
	LockRelationOid(get_typ_typrelid(sibling_type(function, "participation")),
					AccessShareLock);

	/* the names may change until both tables are locked */
	for (;;)
	{
		Oid participations = tables->participations;

		LockRelationOid(participations, RowExclusiveLock);
		LockRelationOid(tables->activities, RowExclusiveLock);
		find_tables(fcinfo, tables);
		if (tables->participations == participations)
			break;
		UnlockRelationOid(tables->activities, RowExclusiveLock);
		UnlockRelationOid(participations, RowExclusiveLock);
	}
	lock_partitions(tables->participations);
	lock_partitions(tables->activities);
	check_key(tables->participations, PARTICIPATION_KEY);
	check_key(tables->activities, ACTIVITY_KEY);
}

/*
 * Return a list of the first count attributes of a type, without dropped ones
 * and, unless with_key, without those of the key. Each is written by format,
 * where % is its name. palloc'd.
 */
static char *
list_attributes(TupleDesc type, int count, bool with_key, const char *format)
{
	StringInfoData result;

	initStringInfo(&result);
	for (int i = 0; i < Min(count, type->natts); i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(type, i);
		const char *name = quote_identifier(NameStr(attribute->attname));

		if (attribute->attisdropped ||
			(!with_key && is_key_column(NameStr(attribute->attname))))
			continue;
		if (result.len > 0)
			appendStringInfoString(&result, ", ");
		for (const char *at = format; *at != '\0'; at++)
		{
			if (*at == '%')
				appendStringInfoString(&result, name);
			else
				appendStringInfoChar(&result, *at);
		}
	}
	return result.data;
}

/* Return an expression of type activity, made of the columns of a row. */
static char *
activity_of(const char *row, TupleDesc activity, const char *schema)
{
	return psprintf("ROW(%s)::%s.activity",
					list_attributes(activity, activity->natts, true,
									psprintf("%s.%%", row)),
					schema);
}

/*
 * Return the condition that two rows are equal in the first count columns of
 * the key. A null channel_guid equals another.
 */
static char *
same_key_condition(const char *a, const char *b, int count)
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

/* A name in braces in a statement, and what is filled in for it. */
typedef struct Hole
{
	const char *name;
	const char *text;
} Hole;

/* Return a statement with its holes filled, palloc'd. */
static char *
fill_statement(const char *statement, const Hole *holes, int count)
{
	StringInfoData result;
	const char *at = statement;
	const char *open;

	initStringInfo(&result);
	while ((open = strchr(at, '{')) != NULL)
	{
		const char *close = strchr(open, '}');
		const char *text = NULL;

		for (int i = 0; i < count; i++)
		{
			if (is_text(open + 1, close - open - 1, holes[i].name))
				text = holes[i].text;
		}
		if (text == NULL)
			elog(ERROR, "a statement has an unknown hole: %s", open);
		appendBinaryStringInfo(&result, at, open - at);
		appendStringInfoString(&result, text);
		at = close + 1;
	}
	appendStringInfoString(&result, at);
	return result.data;
}

/* Plan a statement whose count parameters are arrays of activity. */
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

/* Free kept plans, if there are any; the caller replaces them. */
static void
free_plans(TablePlans *plans)
{
	if (plans->names == NULL)
		return;
	SPI_freeplan(plans->lock);
	SPI_freeplan(plans->store);
	SPI_freeplan(plans->compute);
	pfree(plans->names);
}

/* The names in the statements for a table. */
typedef struct Names
{
	char *activities;
	char *participations;
	const char *schema; /* of the extension */
	TupleDesc activity; /* the types */
	TupleDesc participation;
	char *activity_columns; /* lists of the types' attributes */
	char *participation_columns;
} Names;

/* Look up the current names, palloc'd. */
static void
find_names(const ActivityTables *tables, Oid function, Names *names)
{
	names->activities = qualified_name(tables->activities);
	names->participations = qualified_name(tables->participations);
	names->schema = quote_identifier(get_namespace_name(tables->schema));
	names->activity =
		lookup_rowtype_tupdesc_copy(sibling_type(function, "activity"), -1);
	names->participation =
		lookup_rowtype_tupdesc_copy(sibling_type(function, "participation"),
									-1);
	names->activity_columns =
		list_attributes(names->activity, names->activity->natts, true, "%");
	/* the extension does not write attributes that users added */
	names->participation_columns =
		list_attributes(names->participation,
						participation_attributes(names->participation), true,
						"%");
}

/* Plan the statements for a table. */
static void
make_plans(TablePlans *plans, const Names *names)
{
	TupleDesc activity = names->activity;
	int computed = participation_attributes(names->participation);
	Oid activity_array = get_array_type(activity->tdtypeid);
	const Hole holes[] =
		{{"schema", names->schema},
		 {"activities", names->activities},
		 {"participations", names->participations},
		 {"activity_columns", names->activity_columns},
		 {"participation_columns", names->participation_columns},
		 {"news_columns", list_attributes(activity, activity->natts, true,
										  "(news.activity).%")},
		 {"made_columns", list_attributes(names->participation, computed, true,
										  "(made.participation).%")},
		 {"activity_assignments",
		  list_attributes(activity, activity->natts, false, "% = EXCLUDED.%")},
		 {"participation_assignments",
		  list_attributes(names->participation, computed, false,
						  "% = EXCLUDED.%")},
		 {"stored_activity", activity_of("stored", activity, names->schema)},
		 {"excluded_activity",
		  activity_of("EXCLUDED", activity, names->schema)},
		 {"stored_is_best",
		  same_key_condition("stored", "best", ACTIVITY_KEY)},
		 {"stored_is_changed",
		  same_key_condition("stored", "(changed.activity)", ACTIVITY_KEY)},
		 {"stored_is_given",
		  same_key_condition("stored", "given", PARTICIPATION_KEY)},
		 {"stored_is_touched",
		  same_key_condition("stored", "touched", PARTICIPATION_KEY)}};

	plans->lock =
		plan_statement(fill_statement(lock_statement, holes, lengthof(holes)),
					   1, activity_array);
	plans->store =
		plan_statement(fill_statement(store_statement, holes, lengthof(holes)),
					   1, activity_array);
	plans->compute = plan_statement(fill_statement(compute_statement, holes,
												   lengthof(holes)),
									2, activity_array);
}

/*
 * Return the plans for loading given activities into a table. These are the
 * kept plans for the same names, unless the table may have grown; else new
 * plans, which replace the least recently used. A load within another load
 * keeps its new plans to itself; they end with its SPI connection.
 *
 * PostgreSQL itself plans again after ANALYZE only. Plans made while a table
 * was small may use another index than the key's. With an index on state, 10,000
 * activities loaded by the hundred into an empty table in one transaction made
 * the first plans read 15,600,000 rows, and plans made again 55,000. With no
 * index but the key's, planning again costs 0.7 % of the instructions (30,000
 * activities), and 1.4 and 2.1 % with 12 and 36 partitions by start.
 */
static TablePlans *
plans_for(const ActivityTables *tables, Oid function, int64 given,
		  Names *names)
{
	static uint64 times_used = 0;
	char *all_names;
	int64 given_before = 0;
	TablePlans *oldest = &kept_plans[0];
	TablePlans *made;

	find_names(tables, function, names);
	all_names =
		psprintf("%u %u %u %s %s %s %s %s", tables->activities,
				 tables->participations, names->activity->tdtypeid,
				 names->activities, names->participations, names->schema,
				 names->activity_columns, names->participation_columns);
	for (Size i = 0; i < lengthof(kept_plans); i++)
	{
		TablePlans *kept = &kept_plans[i];

		if (kept->names != NULL && strcmp(kept->names, all_names) == 0)
		{
			given_before = kept->given;
			kept->given += given;
			kept->last_used = ++times_used;
			if (given_before <= kept->limit || loads_running > 1)
				return kept;
			oldest = kept;
			break;
		}
		if (kept->last_used < oldest->last_used)
			oldest = kept;
	}

	made = palloc(sizeof(TablePlans));
	made->given = given_before + given;
	made->limit = FIRST_LIMIT + 2 * given_before;
	make_plans(made, names);
	if (loads_running > 1)
		return made;

	made->names = MemoryContextStrdup(TopMemoryContext, all_names);
	made->last_used = ++times_used;
	free_plans(oldest);
	*oldest = *made;
	keep_plan(oldest->lock);
	keep_plan(oldest->store);
	keep_plan(oldest->compute);
	return oldest;
}

static void
set_option(const char *name, const char *value)
{
	(void) set_config_option(name, value, PGC_USERSET, PGC_S_SESSION,
							 GUC_ACTION_SAVE, true, 0, false);
}

/*
 * Execute a plan, whose SPI result must be kind, with arrays as parameters,
 * some of which may be null. Returns the number of rows processed.
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

/* Return a column of the single row of the last result. */
static NullableDatum
result_column(int column)
{
	NullableDatum result;

	result.value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc,
								 column, &result.isnull);
	return result;
}

/* The counts of a load. */
typedef struct LoadCounts
{
	int64 given; /* activities in the array */
	int64 inserted;
	int64 stored; /* inserted or updated */
} LoadCounts;

/*
 * Raise an error if an element of an array of activities is null, has a null
 * in its key, or has a bad agent_id or duration. The statements would fail as
 * well, but could not name the element.
 */
static void
check_elements(ArrayType *activities)
{
	static const char *const detail =
		"An activity must have agent_id, start, state and interaction_guid.";
	ArrayIterator iterator = array_create_iterator(activities, 0, NULL);
	Datum element;
	bool is_null;
	text *agent_id;
	Row row;

	for (int number = 1; array_iterate(iterator, &element, &is_null); number++)
	{
		if (is_null)
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("element %d of the array is null", number),
							errdetail_internal("%s", detail)));
		CHECK_FOR_INTERRUPTS();
		(void) read_activity(DatumGetHeapTupleHeader(element), &row,
							 ACTIVITY_METRIC_ATTRIBUTES);
		if (row.attributes[ACTIVITY_AGENT_ID] == NULL ||
			row.attributes[ACTIVITY_START] == NULL ||
			row.attributes[ACTIVITY_STATE] == NULL ||
			row.attributes[ACTIVITY_INTERACTION_GUID] == NULL)
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("element %d of the array lacks part of its key",
							number),
					 errdetail_internal("%s", detail)));
		agent_id = row_text(&row, ACTIVITY_AGENT_ID);
		if (VARSIZE_ANY_EXHDR(agent_id) > LONGEST_AGENT_ID)
			ereport(ERROR,
					(errcode(ERRCODE_STRING_DATA_RIGHT_TRUNCATION),
					 errmsg("agent_id of element %d of the array is too long",
							number),
					 errdetail("The maximum is %d bytes.", LONGEST_AGENT_ID)));
		(void) row_end(&row);
	}
	array_free_iterator(iterator);
}

/*
 * Raise an error if the names in the statements are not those of the tables
 * any more. A lock on a table does not keep another session from renaming its
 * schema while a statement waits, and another table may then have the name.
 * Triggers can rename, too.
 */
static void
check_not_renamed(const ActivityTables *tables, const Names *names)
{
	const char *schema;

	AcceptInvalidationMessages();
	schema = get_namespace_name(tables->schema);
	if (strcmp(qualified_name(tables->activities), names->activities) != 0 ||
		strcmp(qualified_name(tables->participations),
			   names->participations) != 0 ||
		schema == NULL || strcmp(quote_identifier(schema), names->schema) != 0)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("table \"%s\" or its participation table was "
							   "renamed, moved, or dropped during the load",
							   names->activities),
						errhint("Load again.")));
}

/* Execute the statements for an array of activities. */
static void
execute_statements(const ActivityTables *tables, Oid function,
				   ArrayType *activities, LoadCounts *counts)
{
	NullableDatum all = {PointerGetDatum(activities), false};
	NullableDatum touched[2] = {all, {0}}; /* all, and the stored ones */
	Names names;
	TablePlans *plans;
	bool some_new;

	check_elements(activities);
	counts->given = ArrayGetNItems(ARR_NDIM(activities), ARR_DIMS(activities));
	plans = plans_for(tables, function, counts->given, &names);
	some_new = execute(plans->lock, SPI_OK_INSERT, &all) > 0;
	check_not_renamed(tables, &names);
	(void) execute(plans->store, SPI_OK_SELECT, &all);
	counts->inserted = DatumGetInt64(result_column(1).value);
	counts->stored = DatumGetInt64(result_column(2).value);
	touched[0].isnull = !some_new;
	touched[1] = result_column(3);
	check_not_renamed(tables, &names);
	if (some_new || !touched[1].isnull)
		(void) execute(plans->compute, SPI_OK_INSERT, touched);
}

/*
 * Load an array of activities, or NULL, into the table that is argument 0.
 * Changes settings for the duration of the load.
 */
static void
load_array(FunctionCallInfo fcinfo, ArrayType *activities, LoadCounts *counts)
{
	ActivityTables tables;
	int level;

	memset(counts, 0, sizeof(LoadCounts));
	find_tables(fcinfo, &tables);
	/* only the statements check that the caller may lock the tables */
	if (activities == NULL)
		return;
	lock_tables(fcinfo, &tables);

	level = NewGUCNestLevel();
	/* objects in other schemas are not found by name */
	set_option("search_path", "pg_catalog, pg_temp");
	/* always use an index, also before the first ANALYZE */
	set_option("enable_seqscan", "off");
	set_option("enable_hashjoin", "off");
	set_option("enable_mergejoin", "off");
	set_option("enable_nestloop", "on");
	set_option("enable_indexscan", "on");
	/* with these, a plan may look so expensive that JIT would start */
	set_option("jit", "off");
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	loads_running++;
	PG_TRY();
	{
		execute_statements(&tables, fcinfo->flinfo->fn_oid, activities,
						   counts);
	}
	PG_FINALLY();
	{
		loads_running--;
	}
	PG_END_TRY();
	SPI_finish();
	AtEOXact_GUC(true, level);
}

/*
 * Read the activities of a page into an array, palloc'd. A bad item raises its
 * error or, with ignore, counts as rejected.
 */
static ArrayType *
read_page(Datum document, PageType type, bool ignore, Oid activity_type,
		  int64 *rejected)
{
	TupleDesc row_type = lookup_rowtype_tupdesc_copy(activity_type, -1);
	ArrayBuildState *activities =
		initArrayResult(activity_type, CurrentMemoryContext, false);
	ActivityPage *page;
	PageEvent event;

	page = page_open(document, type, row_type, false);
	*rejected = 0;
	while ((event = page_next(page)) != PAGE_END)
	{
		HeapTuple activity;

		if (event == PAGE_ERROR)
		{
			if (!ignore)
				page_raise_error(page);
			(*rejected)++;
			continue;
		}
		activity = heap_form_tuple(row_type, page->values, page->nulls);
		activities =
			accumArrayResult(activities, HeapTupleGetDatum(activity), false,
							 activity_type, CurrentMemoryContext);
		heap_freetuple(activity);
	}
	page_close(page);
	return DatumGetArrayTypeP(
		makeArrayResult(activities, CurrentMemoryContext));
}

/* Return the result of load_activities; arrays have no rejected. */
static Datum
load_result(FunctionCallInfo fcinfo, const LoadCounts *counts, int64 rejected)
{
	Datum values[4] = {Int64GetDatum(counts->inserted),
					   Int64GetDatum(counts->stored - counts->inserted),
					   Int64GetDatum(counts->given - counts->stored),
					   Int64GetDatum(rejected)};
	bool nulls[4] = {false, false, false, false};

	return HeapTupleGetDatum(
		heap_form_tuple(result_type(fcinfo), values, nulls));
}

/* load_activities(target, page, on_error); a null page loads nothing. */
static Datum
load_page(FunctionCallInfo fcinfo, PageType type)
{
	bool ignore =
		ignores_errors(PG_ARGISNULL(2) ? NULL : PG_GETARG_TEXT_PP(2));
	ArrayType *activities = NULL;
	int64 rejected = 0;
	LoadCounts counts;

	if (!PG_ARGISNULL(1))
		activities =
			read_page(PG_GETARG_DATUM(1), type, ignore,
					  sibling_type(fcinfo->flinfo->fn_oid, "activity"),
					  &rejected);
	load_array(fcinfo, activities, &counts);
	return load_result(fcinfo, &counts, rejected);
}

PG_FUNCTION_INFO_V1(load_activities_json);
Datum
load_activities_json(PG_FUNCTION_ARGS)
{
	return load_page(fcinfo, PAGE_JSON);
}

PG_FUNCTION_INFO_V1(load_activities_jsonb);
Datum
load_activities_jsonb(PG_FUNCTION_ARGS)
{
	return load_page(fcinfo, PAGE_JSONB);
}

PG_FUNCTION_INFO_V1(load_activities);
/* load_activities(target, activities); a null array loads nothing. */
Datum
load_activities(PG_FUNCTION_ARGS)
{
	LoadCounts counts;

	load_array(fcinfo, PG_ARGISNULL(1) ? NULL : PG_GETARG_ARRAYTYPE_P(1),
			   &counts);
	return load_result(fcinfo, &counts, 0);
}
