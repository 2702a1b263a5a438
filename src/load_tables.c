/*
 * load_tables.c
 *	  The tables that load_activities() loads into: finds, checks and locks
 *	  them.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"
#include "nodes/pg_list.h"
#include "storage/lmgr.h"
#include "storage/lockdefs.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/syscache.h"

#include "catalog.h"
#include "compat.h"
#include "load.h"

const TableKey activity_key = {5,
							   {"agent_id", "interaction_guid", "channel_guid",
								"start", "state"}};
const TableKey participation_key = {3,
									{"agent_id", "interaction_guid",
									 "channel_guid"}};
const TableKey presence_key = {3, {"agent_id", "start", "category"}};

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
char *
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
 * Whether an index is unique on the columns of the key, in any order, with
 * NULLS NOT DISTINCT if a column may be null.
 */
static bool
is_key_index(Relation index, TupleDesc table, const TableKey *key)
{
	Form_pg_index form = index->rd_index;
	bool may_be_null = false;

	if (!form->indisunique || !form->indimmediate || !form->indisvalid ||
		form->indnkeyatts != key->count ||
		!heap_attisnull(index->rd_indextuple, Anum_pg_index_indpred, NULL))
		return false;
	for (int i = 0; i < key->count; i++)
	{
		int column = 0;

		/* an expression's number is 0 */
		while (column < key->count &&
			   (form->indkey.values[column] <= 0 ||
				strcmp(NameStr(TupleDescAttr(table,
											 form->indkey.values[column] - 1)
								   ->attname),
					   key->columns[i]) != 0))
			column++;
		if (column == key->count)
			return false;
		may_be_null =
			may_be_null ||
			!TupleDescAttr(table, form->indkey.values[column] - 1)->attnotnull;
	}
	return form->indnullsnotdistinct || !may_be_null;
}

/*
 * Raise an error if a table has no unique index with NULLS NOT DISTINCT on its
 * key. With another unique index, which ON CONFLICT would accept, the same
 * activity without a channel would be stored again and again. The caller has
 * locked the table; its indexes are locked here, as the INSERT would do.
 */
static void
check_key(Oid table, const TableKey *key)
{
	Relation relation = table_open(table, NoLock);
	List *indexes = RelationGetIndexList(relation);
	bool found = false;
	StringInfoData columns;
	ListCell *cell;

	foreach (cell, indexes)
	{
		Relation index = index_open(lfirst_oid(cell), RowExclusiveLock);

		found = found || is_key_index(index, RelationGetDescr(relation), key);
		index_close(index, NoLock);
	}
	list_free(indexes);
	table_close(relation, NoLock);
	if (found)
		return;
	initStringInfo(&columns);
	for (int i = 0; i < key->count; i++)
		appendStringInfo(&columns, "%s%s", i == 0 ? "" : ", ",
						 key->columns[i]);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_COLUMN_REFERENCE),
			 errmsg("table \"%s\" has no unique index with NULLS NOT DISTINCT "
					"on its key",
					qualified_name(table)),
			 errdetail("The key is (%s).", columns.data)));
}

/*
 * Return the table beside a table of activities whose name ends in this and
 * whose type has this name. Raises an error if there is none, or it has another
 * owner.
 */
static Oid
find_table_beside(Oid function, Oid activities, const char *type)
{
	char *name = psprintf("%s_%s", get_rel_name(activities), type);
	Oid schema = get_rel_namespace(activities);
	Oid table = get_relname_relid(name, schema);

	if (!OidIsValid(table) ||
		!is_table_of(table, sibling_type(function, type)))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table \"%s\" does not have a table of type %s",
						qualified_name(activities), type),
				 errhint("It would be \"%s\": create all of them with "
						 "create_activity_table(name).",
						 quote_qualified_identifier(get_namespace_name(schema),
													name))));

	/* it is found by its name, so any role may have created it */
	if (relation_owner(table) != relation_owner(activities))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("\"%s\" and \"%s\" have different owners",
						qualified_name(activities), qualified_name(table)),
				 errdetail("A table's triggers, policies and constraints run "
						   "with the rights of whoever loads or reads it."),
				 errhint("If both tables are yours, give them one owner with "
						 "ALTER TABLE ... OWNER TO.")));
	return table;
}

/*
 * Find the tables beside the table of activities that is argument 0, and the
 * extension's schema. Raises an error if create_activity_table did not make
 * them, or one was dropped; the presence table may lack if it is not needed.
 */
void
find_tables(FunctionCallInfo fcinfo, bool with_presences,
			ActivityTables *tables)
{
	Oid function = fcinfo->flinfo->fn_oid;

	if (PG_ARGISNULL(0))
		ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
						errmsg("the table of activities must not be null")));
	tables->activities = PG_GETARG_OID(0);
	tables->schema = get_func_namespace(function);
	if (get_rel_name(tables->activities) == NULL)
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
		find_table_beside(function, tables->activities, "participation");
	tables->presences =
		with_presences
			? find_table_beside(function, tables->activities, "presence")
			: InvalidOid;
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
 * Lock those tables that find_tables found and the load stores into, as the
 * INSERTs do, until the transaction ends. Raises an error if one was dropped
 * while this waited, or lacks its key.
 *
 * The statements of the load then neither wait for a table nor need a stronger
 * lock on a table or an index than the load has. With a weaker lock, REINDEX
 * in another session could lock the table and wait for the index, while this
 * session has locked the index and waits for the table.
 *
 * All sessions lock in the same order: types, participations, activities,
 * presences, partitions, indexes.
 */
void
lock_tables(FunctionCallInfo fcinfo, bool with_activities, bool with_presences,
			ActivityTables *tables)
{
	static const char *const types[] = {"activity", "participation",
										"presence"};
	Oid function = fcinfo->flinfo->fn_oid;

	/* the types before the tables, as ALTER TYPE does */
	for (Size i = 0; i < lengthof(types); i++)
		LockRelationOid(get_typ_typrelid(sibling_type(function, types[i])),
						AccessShareLock);

	/* the names may change until all tables are locked */
	for (;;)
	{
		ActivityTables locked = *tables;

		if (with_activities)
		{
			LockRelationOid(locked.participations, RowExclusiveLock);
			LockRelationOid(locked.activities, RowExclusiveLock);
		}
		if (with_presences)
			LockRelationOid(locked.presences, RowExclusiveLock);
		find_tables(fcinfo, with_presences, tables);
		if (tables->participations == locked.participations &&
			tables->presences == locked.presences)
			break;
		if (with_presences)
			UnlockRelationOid(locked.presences, RowExclusiveLock);
		if (with_activities)
		{
			UnlockRelationOid(locked.activities, RowExclusiveLock);
			UnlockRelationOid(locked.participations, RowExclusiveLock);
		}
	}
	if (with_activities)
	{
		lock_partitions(tables->participations);
		lock_partitions(tables->activities);
	}
	if (with_presences)
		lock_partitions(tables->presences);
	if (with_activities)
	{
		check_key(tables->participations, &participation_key);
		check_key(tables->activities, &activity_key);
	}
	if (with_presences)
		check_key(tables->presences, &presence_key);
}
