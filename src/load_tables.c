/*
 * load_tables.c
 *	  The tables that load_activities() loads into: finds, checks and locks
 *	  them.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/stratnum.h"
#include "access/sysattr.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/pg_class.h"
#include "catalog/pg_index.h"
#include "catalog/pg_inherits.h"
#include "executor/tuptable.h"
#include "lib/stringinfo.h"
#include "nodes/parsenodes.h"
#include "nodes/pg_list.h"
#include "storage/lmgr.h"
#include "storage/lockdefs.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/relcache.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

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

/* Return the owner of a relation, InvalidOid if it does not exist. */
Oid
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

/* What the rows of a table are: the name of their type, and in messages. */
typedef struct RowsOf
{
	const char *type;
	const char *rows;
} RowsOf;

static const RowsOf of_activities = {"activity", "activities"};
static const RowsOf of_participations = {"participation", "participations"};
static const RowsOf of_presences = {"presence", "presences"};

/* Raise an error: a relation cannot have such rows; say why. */
static void
refuse_table(Oid table, const RowsOf *of, const char *why)
{
	ereport(ERROR, (errcode(ERRCODE_WRONG_OBJECT_TYPE),
					errmsg("\"%s\" is not a table of %s",
						   qualified_name(table), of->rows),
					errdetail_internal("%s", why),
					errhint("Create one with create_activity_table(name).")));
}

/*
 * Raise an error unless a table has a column for an attribute, of the same name
 * and type. Agents whose ids differ must not be equal.
 */
static void
check_column(Oid table, const RowsOf *of, Form_pg_attribute attribute)
{
	const char *name = NameStr(attribute->attname);
	HeapTuple tuple = SearchSysCacheAttName(table, name);
	Oid type;
	Oid collation;

	if (!HeapTupleIsValid(tuple))
		refuse_table(table, of,
					 psprintf("Column \"%s\" of type %s is missing.", name,
							  format_type_be(attribute->atttypid)));
	type = ((Form_pg_attribute) GETSTRUCT(tuple))->atttypid;
	collation = ((Form_pg_attribute) GETSTRUCT(tuple))->attcollation;
	ReleaseSysCache(tuple);
	if (type != attribute->atttypid)
		refuse_table(table, of,
					 psprintf("Column \"%s\" has type %s instead of %s.", name,
							  format_type_be(type),
							  format_type_be(attribute->atttypid)));
	if (strcmp(name, "agent_id") == 0 &&
		!get_collation_isdeterministic(collation))
		refuse_table(table, of,
					 psprintf("The collation of column \"%s\" is not "
							  "deterministic.",
							  name));
}

/*
 * Raise an error unless a relation is a table, also a partitioned one, that has
 * a column for every attribute of a type. Typed tables have. It may have more
 * columns, and in any order.
 */
static void
check_fits(Oid function, Oid table, const RowsOf *of)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	Oid type = sibling_type(function, of->type);
	char kind;
	bool is_typed;
	TupleDesc attributes;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_TABLE),
						errmsg("relation with OID %u does not exist", table)));
	kind = ((Form_pg_class) GETSTRUCT(tuple))->relkind;
	is_typed = ((Form_pg_class) GETSTRUCT(tuple))->reloftype == type;
	ReleaseSysCache(tuple);
	if (is_typed)
		return;
	if (kind != RELKIND_RELATION && kind != RELKIND_PARTITIONED_TABLE)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a table of %s", qualified_name(table),
						of->rows),
				 errdetail_relkind_not_supported(kind),
				 errhint("Create one with create_activity_table(name).")));
	attributes = lookup_rowtype_tupdesc_copy(type, -1);
	for (int i = 0; i < attributes->natts; i++)
	{
		if (!TupleDescAttr(attributes, i)->attisdropped)
			check_column(table, of, TupleDescAttr(attributes, i));
	}
	FreeTupleDesc(attributes);
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
		if (column == key->count ||
			(OidIsValid(index->rd_indcollation[i]) &&
			 !get_collation_isdeterministic(index->rd_indcollation[i])))
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
 * Raise an error if a table beside a table of activities has another owner. It
 * is found by its name, so any role may have created it.
 */
void
check_owner(Oid activities, Oid table)
{
	if (relation_owner(table) != relation_owner(activities))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("\"%s\" and \"%s\" have different owners",
						qualified_name(activities), qualified_name(table)),
				 errdetail("A table's triggers, policies and constraints run "
						   "with the rights of whoever loads or reads it."),
				 errhint("If both tables are yours, give them one owner with "
						 "ALTER TABLE ... OWNER TO.")));
}

/*
 * Return the table beside a table of activities that has rows of another type,
 * and the type's name at the end of its own. Raises an error if there is none,
 * it does not fit, or it has another owner.
 */
static Oid
find_table_beside(Oid function, Oid activities, const RowsOf *of)
{
	char *name = psprintf("%s_%s", get_rel_name(activities), of->type);
	Oid schema = get_rel_namespace(activities);
	Oid table = get_relname_relid(name, schema);

	if (!OidIsValid(table))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table \"%s\" does not have a table of %s",
						qualified_name(activities), of->rows),
				 errhint("It would be \"%s\": create all of them with "
						 "create_activity_table(name).",
						 quote_qualified_identifier(get_namespace_name(schema),
													name))));
	check_fits(function, table, of);
	check_owner(activities, table);
	return table;
}

/*
 * Find the tables beside the table of activities that is argument 0, and the
 * extension's schema. Raises an error if one is missing or does not fit; the
 * presence table may be missing if it is not needed.
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
	check_fits(function, tables->activities, &of_activities);
	tables->participations =
		find_table_beside(function, tables->activities, &of_participations);
	tables->presences =
		with_presences
			? find_table_beside(function, tables->activities, &of_presences)
			: InvalidOid;
}

/*
 * Lock the types of the tables. They come before the tables, as with ALTER TYPE.
 */
void
lock_types(FunctionCallInfo fcinfo)
{
	static const char *const types[] = {"activity", "participation",
										"presence"};
	Oid function = fcinfo->flinfo->fn_oid;

	for (Size i = 0; i < lengthof(types); i++)
		LockRelationOid(get_typ_typrelid(sibling_type(function, types[i])),
						AccessShareLock);
}

/*
 * Whether a table was created, rewritten or attached as a partition after a
 * snapshot was taken, perhaps by this transaction: another one may have done so
 * before it changed the table, too.
 */
static bool
was_replaced(Oid table, Snapshot snapshot)
{
	HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(table));
	SnapshotData before = *snapshot;
	TransactionId changed_by;
	Form_pg_class now;
	Relation catalog;
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple seen;
	bool result;

	if (!HeapTupleIsValid(tuple))
		return false;
	now = (Form_pg_class) GETSTRUCT(tuple);
	changed_by = HeapTupleHeaderGetXmin(tuple->t_data);
	if (now->relfilenode == 0 ||
		(!XidInMVCCSnapshot(changed_by, snapshot) &&
		 !TransactionIdIsCurrentTransactionId(changed_by)))
	{
		ReleaseSysCache(tuple);
		return false;
	}
	before.curcid = FirstCommandId; /* without what this transaction did */
	catalog = table_open(RelationRelationId, AccessShareLock);
	ScanKeyInit(&key, Anum_pg_class_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(table));
	scan =
		systable_beginscan(catalog, ClassOidIndexId, true, &before, 1, &key);
	seen = systable_getnext(scan);
	result =
		!HeapTupleIsValid(seen) ||
		((Form_pg_class) GETSTRUCT(seen))->relfilenode != now->relfilenode ||
		((Form_pg_class) GETSTRUCT(seen))->relispartition !=
			now->relispartition;
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	ReleaseSysCache(tuple);
	return result;
}

/*
 * Whether a table that was_replaced has a row of another transaction that a
 * snapshot does not see. VACUUM FULL and CLUSTER keep who inserted a row, ALTER
 * TABLE does not. Stops at the first row of this transaction: its load has checked
 * the rows before, and no snapshot sees rows that others insert later.
 */
static bool
has_unseen_rows(Oid table, Snapshot snapshot)
{
	Relation relation = try_table_open(table, AccessShareLock);
	bool result = false;
	TupleTableSlot *slot;
	TableScanDesc scan;

	if (relation == NULL)
		return false;
	if (RELATION_IS_OTHER_TEMP(relation)) /* queries do not read these */
	{
		table_close(relation, NoLock);
		return false;
	}
	slot = table_slot_create(relation, NULL);
	scan = table_beginscan_strat(relation, SnapshotSelf, 0, NULL, true, false);
	while (!result && table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		bool isnull;
		Datum inserted_by =
			slot_getsysattr(slot, MinTransactionIdAttributeNumber, &isnull);

		if (TransactionIdIsCurrentTransactionId(
				DatumGetTransactionId(inserted_by)))
			break;
		result = !table_tuple_satisfies_snapshot(relation, slot, snapshot);
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	table_close(relation, NoLock);
	return result;
}

/*
 * Raise an error if what a snapshot sees of a locked table is not what was in it:
 * nothing of a table that was rewritten since, and in a partitioned one, rows that
 * moved to another partition where nobody looks for them any more.
 */
void
check_snapshot(Oid table, Snapshot snapshot)
{
	List *tables = find_all_inheritors(table, NoLock, NULL);
	ListCell *cell;

	foreach (cell, tables)
	{
		if (was_replaced(lfirst_oid(cell), snapshot) &&
			has_unseen_rows(lfirst_oid(cell), snapshot))
			ereport(ERROR,
					(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
					 errmsg("could not serialize access due to concurrent "
							"change of table \"%s\"",
							qualified_name(lfirst_oid(cell))),
					 errhint("Try again.")));
	}
	list_free(tables);
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
	lock_types(fcinfo);

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
	if (with_activities && IsolationUsesXactSnapshot())
	{
		check_snapshot(tables->participations, GetTransactionSnapshot());
		check_snapshot(tables->activities, GetTransactionSnapshot());
	}
	find_forgotten(tables);
}

PG_FUNCTION_INFO_V1(activity_tables);
/*
 * activity_tables(source): the tables of participations and of presences beside
 * a table of activities, for create_activity_views. Raises the errors of
 * find_tables.
 */
Datum
activity_tables(PG_FUNCTION_ARGS)
{
	ActivityTables tables;
	Datum values[2];
	bool nulls[2] = {false};

	find_tables(fcinfo, true, &tables);
	values[0] = ObjectIdGetDatum(tables.participations);
	values[1] = ObjectIdGetDatum(tables.presences);
	return HeapTupleGetDatum(
		heap_form_tuple(result_type(fcinfo), values, nulls));
}
