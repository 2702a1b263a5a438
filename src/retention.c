/*
 * retention.c
 *	  forget_activities() and repair_participations(), and what loads have to
 *	  know of the first.
 *
 * NAME_forgotten has the time up to which a table of activities was forgotten.
 * It is a table of the owner's own beside the others, so that dumps, replicas
 * and rights treat it as them; it does not exist before the first call.
 *
 * Who waits for whom:
 *
 * - forget_activities() changes the time under a lock that no load holds: a
 *   load knows all of the time, or ends before anything is removed.
 * - It removes a batch under SHARE UPDATE EXCLUSIVE on NAME_forgotten. A load of
 *   deliveries from before the time takes SHARE on it. So it can look up which
 *   participations are stored, and they stay.
 * - Other loads may touch participations that are being removed, if an agent
 *   opens an old one again. Both lock participations in the order of the key.
 *   The load then adds the participation anew.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "storage/lockdefs.h"
#include "tcop/utility.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/portal.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"
#include "utils/timestamp.h"

#include "catalog.h"
#include "compat.h"
#include "load.h"
#include "row.h"

/*
 * The statements. As in load_plans.c, none calls a function with a row of the
 * user's table. {stored_is_given} and the like are conditions, see fill.
 */

/* Those activities of $1 whose participation is stored or goes on after $2. */
static const char current_activities[] =
	"SELECT array_agg(given.delivery) FROM ("
	"SELECT each AS delivery, each.agent_id, each.interaction_guid, "
	"each.channel_guid, max(each.start) OVER (PARTITION BY each.agent_id, "
	"each.interaction_guid, each.channel_guid) AS last_start "
	"FROM unnest($1) AS each) AS given "
	"WHERE given.last_start >= $2 OR EXISTS ("
	"SELECT FROM {participations} AS stored WHERE {stored_is_given})";

/* Those presences of $1 that are stored, or were not over at $2. */
static const char current_presences[] =
	"SELECT array_agg(given) FROM unnest($1) AS given "
	"WHERE given.start >= $2 OR EXISTS ("
	"SELECT FROM {presences} AS stored WHERE stored.agent_id = given.agent_id "
	"AND stored.start = given.start AND stored.category = given.category) "
	"OR NOT EXISTS ("
	"SELECT FROM {presences} AS stored WHERE stored.agent_id = given.agent_id "
	"AND stored.start > given.start AND stored.start <= $2)";

/*
 * The keys of the participations that ended before $1, in batches of $2, in the
 * order in which loads lock them. Their activities may say that they go on.
 */
static const char select_batches[] =
	"SELECT array_agg(each.agent_id ORDER BY each.number), "
	"array_agg(each.interaction_guid ORDER BY each.number), "
	"array_agg(each.channel_guid ORDER BY each.number) FROM ("
	"SELECT stored.agent_id, stored.interaction_guid, stored.channel_guid, "
	"row_number() OVER (ORDER BY stored.agent_id COLLATE \"C\", "
	"stored.interaction_guid, stored.channel_guid) - 1 AS number "
	"FROM {participations} AS stored WHERE {stored_has_ended}) AS each "
	"GROUP BY each.number / $2 ORDER BY min(each.number)";

/* Lock a batch; return the keys of those that have still ended. */
static const char lock_batch[] =
	"SELECT array_agg(locked.agent_id), array_agg(locked.interaction_guid), "
	"array_agg(locked.channel_guid) FROM ("
	"SELECT stored.agent_id, stored.interaction_guid, stored.channel_guid "
	"FROM {given} JOIN {participations} AS stored ON {stored_is_given} "
	"WHERE {stored_has_ended} "
	"ORDER BY stored.agent_id COLLATE \"C\", stored.interaction_guid, "
	"stored.channel_guid FOR UPDATE OF stored) AS locked";

/*
 * Remove those of a locked batch that have no activity that is open or goes on
 * after $1, and their activities; return how many.
 */
static const char remove_batch[] =
	"WITH ended AS MATERIALIZED (SELECT given.* FROM {given} "
	"WHERE NOT EXISTS (SELECT FROM {activities} AS stored "
	"WHERE {stored_is_given} AND (stored.start >= $1 OR "
	"{schema}.activity_end(stored.start, stored.duration_ms) >= $1 OR "
	"(stored.duration_ms IS NULL AND "
	"stored.status IS DISTINCT FROM 'InternalError')))), "
	"activities AS (DELETE FROM {activities} AS stored USING ended "
	"WHERE {stored_is_ended} AND stored.start < $1 RETURNING 1), "
	"participations AS (DELETE FROM {participations} AS stored USING ended "
	"WHERE {stored_is_ended} RETURNING 1), "
	"removed AS (SELECT "
	"(SELECT count(*) FROM participations) AS participations, "
	"(SELECT count(*) FROM activities) AS activities), "
	"noted AS (UPDATE {forgotten} AS f SET "
	"participations = f.participations + removed.participations, "
	"activities = f.activities + removed.activities FROM removed) "
	"SELECT removed.participations, removed.activities FROM removed";

/* Remove the presences that another one of the agent ended by $1. */
static const char remove_presences[] =
	"WITH presences AS (DELETE FROM {presences} AS stored USING ("
	"SELECT each.agent_id, max(each.start) AS start FROM {presences} AS each "
	"WHERE each.start <= $1 GROUP BY each.agent_id) AS in_force "
	"WHERE stored.agent_id = in_force.agent_id "
	"AND stored.start < in_force.start RETURNING 1), "
	"removed AS (SELECT count(*) AS presences FROM presences), "
	"noted AS (UPDATE {forgotten} AS f SET "
	"presences = f.presences + removed.presences FROM removed) "
	"SELECT removed.presences FROM removed";

static const char create_forgotten[] =
	"CREATE TABLE {forgotten} (before timestamptz PRIMARY KEY, "
	"participations bigint NOT NULL DEFAULT 0, "
	"activities bigint NOT NULL DEFAULT 0, "
	"presences bigint NOT NULL DEFAULT 0);"
	"ALTER TABLE {forgotten} OWNER TO {owner};"
	"COMMENT ON TABLE {forgotten} IS 'up to when forget_activities() has "
	"removed activities; at most one row';"
	"COMMENT ON COLUMN {forgotten}.before IS 'participations that ended "
	"before this time were removed; later deliveries of them are outdated';"
	"COMMENT ON COLUMN {forgotten}.participations IS "
	"'number of participations removed so far';"
	"COMMENT ON COLUMN {forgotten}.activities IS "
	"'number of activities removed so far';"
	"COMMENT ON COLUMN {forgotten}.presences IS "
	"'number of presences removed so far'";

static const char set_forgotten[] =
	"WITH known AS (UPDATE {forgotten} SET before = $1 RETURNING 1) "
	"INSERT INTO {forgotten} (before) "
	"SELECT $1 WHERE NOT EXISTS (SELECT FROM known)";

static const char drop_partitions[] =
	"SELECT {schema}.activity_drop_partitions($1, $2)";

/* Compute those participations anew that are not stored as they should be. */
static const char repair_statement[] =
	"WITH wrong AS (SELECT {made_columns} FROM ("
	"SELECT {schema}.participation(ROW({columns})::{schema}.activity) "
	"AS participation FROM {activities} AS stored "
	"GROUP BY stored.agent_id, stored.interaction_guid, stored.channel_guid) "
	"AS made EXCEPT SELECT {participation_columns} FROM {participations}), "
	"written AS (INSERT INTO {participations} ({participation_columns}) "
	"SELECT {participation_columns} FROM wrong "
	"ON CONFLICT (agent_id, interaction_guid, channel_guid) "
	"DO UPDATE SET {participation_assignments} RETURNING 1) "
	"SELECT count(*) FROM written";

static const char delete_empty[] =
	"WITH deleted AS (DELETE FROM {participations} AS given "
	"WHERE NOT EXISTS (SELECT FROM {activities} AS stored "
	"WHERE {stored_is_given}) RETURNING 1) "
	"SELECT count(*) FROM deleted";

/* What is filled into all statements. */
static const Hole conditions[] =
	{{"given", "unnest($2, $3, $4) "
			   "AS given (agent_id, interaction_guid, channel_guid)"},
	 {"stored_has_ended",
	  "NOT stored.open AND stored.started_at < $1 AND "
	  "(stored.ended_at IS NULL OR stored.ended_at < $1)"}};

/* The names in statements, and how the caller's settings come back. */
typedef struct Statements
{
	const ActivityTables *tables;
	const Hole *holes; /* others than the tables and the schema */
	int hole_count;
	int guc_level;
} Statements;

/* Set what statements need, until end_statements. */
static void
begin_statements(Statements *statements, const ActivityTables *tables)
{
	memset(statements, 0, sizeof(Statements));
	statements->tables = tables;
	statements->guc_level = NewGUCNestLevel();
	/* objects in other schemas are not found by name */
	set_option("search_path", "pg_catalog, pg_temp", GUC_ACTION_SAVE);
	/* a policy that hides rows is an error */
	set_option("row_security", "off", GUC_ACTION_SAVE);
}

static void
end_statements(const Statements *statements)
{
	AtEOXact_GUC(true, statements->guc_level);
}

/*
 * Return the table beside a table of activities with this suffix, InvalidOid if
 * there is none, or the table itself was dropped.
 */
static Oid
table_beside(Oid activities, const char *suffix)
{
	const char *name = get_rel_name(activities);

	if (name == NULL)
		return InvalidOid;
	return get_relname_relid(psprintf("%s%s", name, suffix),
							 get_rel_namespace(activities));
}

/* Return a statement with the names that the tables have now, palloc'd. */
static char *
fill(const Statements *statements, const char *statement)
{
	const ActivityTables *tables = statements->tables;
	const char *schema = get_namespace_name(tables->schema);
	int count = statements->hole_count;
	Hole *holes = palloc(sizeof(Hole) * (count + lengthof(conditions) + 7));

	if (count > 0)
		memcpy(holes, statements->holes, sizeof(Hole) * count);
	memcpy(&holes[count], conditions, sizeof(conditions));
	count += lengthof(conditions);
	holes[count++] =
		(Hole){"stored_is_given",
			   same_key_condition("stored", "given", &participation_key)};
	holes[count++] =
		(Hole){"stored_is_ended",
			   same_key_condition("stored", "ended", &participation_key)};
	holes[count++] = (Hole){"activities", qualified_name(tables->activities)};
	holes[count++] =
		(Hole){"participations", qualified_name(tables->participations)};
	if (OidIsValid(tables->presences))
		holes[count++] =
			(Hole){"presences", qualified_name(tables->presences)};
	if (OidIsValid(tables->forgotten))
		holes[count++] =
			(Hole){"forgotten", qualified_name(tables->forgotten)};
	holes[count++] =
		(Hole){"schema", quote_identifier(schema != NULL ? schema : "?")};
	return fill_statement(statement, holes, count);
}

/*
 * Execute a statement. Raises an error if a table was renamed meanwhile, as
 * another one may have had its name.
 */
static void
execute(const Statements *statements, const char *statement, int kind,
		int count, Oid *types, Datum *values)
{
	char *filled = fill(statements, statement);
	int result =
		SPI_execute_with_args(filled, count, types, values, NULL, false, 0);

	if (result != kind)
		elog(ERROR, "SPI_execute_with_args failed: %s",
			 SPI_result_code_string(result));
	AcceptInvalidationMessages();
	if (strcmp(filled, fill(statements, statement)) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("table \"%s\" or one beside it was renamed or moved",
						qualified_name(statements->tables->activities)),
				 errhint("Try again.")));
}

/* Return a column of the single row of the last result. */
static Datum
result_column(int column, bool *is_null)
{
	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column,
						 is_null);
}

static int64
result_count(int column)
{
	bool is_null;

	return DatumGetInt64(result_column(column, &is_null));
}

/*
 * What loads have to know
 */

/* Whether a table is partitioned, but has no default partition. */
bool
lacks_default_partition(Oid table)
{
	return get_rel_relkind(table) == RELKIND_PARTITIONED_TABLE &&
		   !OidIsValid(get_default_partition_oid(table));
}

/* An error callback for loads into such a table. */
void
hint_at_partitions(void *arg pg_attribute_unused())
{
	if (geterrcode() == ERRCODE_CHECK_VIOLATION)
		errhint("If an activity lacks a partition, create it, or a default "
				"partition, which keeps activities that lack one: "
				"CREATE TABLE ... PARTITION OF ... DEFAULT.");
}

/*
 * Read the time in NAME_forgotten, by a snapshot; before all times if there is
 * none. Its rows are at most one, unless somebody wrote others. Notes where the
 * last one is.
 */
static TimestampTz
read_forgotten(Relation relation, Snapshot snapshot, ItemPointer place)
{
	AttrNumber column = get_attnum(RelationGetRelid(relation), "before");
	TimestampTz result = DT_NOBEGIN;
	SysScanDesc scan;
	HeapTuple tuple;

	if (relation->rd_rel->relkind != RELKIND_RELATION ||
		column == InvalidAttrNumber ||
		get_atttype(RelationGetRelid(relation), column) != TIMESTAMPTZOID)
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a table of forget_activities()",
						qualified_name(RelationGetRelid(relation))),
				 errhint("Rename it: loads look there for the time up to "
						 "which activities were forgotten.")));
	ItemPointerSetInvalid(place);
	scan = systable_beginscan(relation, InvalidOid, false, snapshot, 0, NULL);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		bool is_null;
		Datum before =
			heap_getattr(tuple, column, RelationGetDescr(relation), &is_null);

		if (!is_null)
			result = Max(result, DatumGetTimestampTz(before));
		*place = tuple->t_self;
	}
	systable_endscan(scan);
	return result;
}

/*
 * Find out up to when a table was forgotten. The caller has locked the tables.
 *
 * The owner's rights are enough to read NAME_forgotten, as with foreign keys.
 * In a transaction that has one snapshot, activities removed since that was
 * taken would still be read, and count in participations.
 */
void
find_forgotten(ActivityTables *tables)
{
	Relation relation = NULL;
	Snapshot snapshot;
	ItemPointerData place;
	ItemPointerData seen;

	tables->forgotten_before = DT_NOBEGIN;
	tables->forgotten = table_beside(tables->activities, "_forgotten");
	if (OidIsValid(tables->forgotten))
	{
		/* another role, whose table it is, may have it locked for ever */
		check_owner(tables->activities, tables->forgotten);
		relation = try_table_open(tables->forgotten, AccessShareLock);
	}
	if (relation == NULL)
	{
		tables->forgotten = InvalidOid;
		return;
	}
	check_owner(tables->activities, tables->forgotten);
	if (IsolationUsesXactSnapshot())
		LockRelationOid(tables->forgotten, ShareLock);
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	tables->forgotten_before = read_forgotten(relation, snapshot, &place);
	UnregisterSnapshot(snapshot);
	if (IsolationUsesXactSnapshot())
	{
		snapshot = RegisterSnapshot(GetTransactionSnapshot());
		(void) read_forgotten(relation, snapshot, &seen);
		UnregisterSnapshot(snapshot);
		if (!ItemPointerEquals(&place, &seen))
			ereport(ERROR,
					(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
					 errmsg("could not serialize access due to concurrent "
							"forget_activities()")));
	}
	table_close(relation, NoLock);
}

/*
 * Return those deliveries of an array, activities or presences, that are not
 * outdated; NULL if none is left. They were not stored when forget_activities()
 * had removed what they belong to, and it would remove them again. A
 * participation is outdated as a whole: not if one of its deliveries started
 * later.
 */
ArrayType *
current_deliveries(const ActivityTables *tables, ArrayType *deliveries,
				   bool are_presences)
{
	Oid types[] = {get_array_type(ARR_ELEMTYPE(deliveries)), TIMESTAMPTZOID};
	Datum values[] = {PointerGetDatum(deliveries),
					  TimestampTzGetDatum(tables->forgotten_before)};
	Statements statements = {.tables = tables};
	Datum result;
	bool is_null;

	/* what is stored now is not removed before this transaction ends */
	LockRelationOid(tables->forgotten, ShareLock);
	execute(&statements,
			are_presences ? current_presences : current_activities,
			SPI_OK_SELECT, lengthof(types), types, values);
	result = result_column(1, &is_null);
	return is_null ? NULL : DatumGetArrayTypeP(result);
}

/*
 * forget_activities
 */

/*
 * Raise an error unless the tables are the caller's, can be written to, and are
 * not those of Citus.
 */
static void
check_may_forget(const ActivityTables *tables, const char *function)
{
	Oid activities = tables->activities;

	PreventCommandIfReadOnly(function);
	if (!has_privs_of_role(GetUserId(), relation_owner(activities)))
		aclcheck_error(ACLCHECK_NOT_OWNER, OBJECT_TABLE,
					   get_rel_name(activities));
	if (is_citus_table(activities) || is_citus_table(tables->participations))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("%s does not support tables of Citus", function)));
}

/*
 * Find the tables and lock them, those of participations and presences so that
 * no load goes on if mode is ShareRowExclusiveLock.
 */
static void
find_and_lock(FunctionCallInfo fcinfo, LOCKMODE mode, ActivityTables *tables)
{
	bool with_presences =
		OidIsValid(table_beside(PG_GETARG_OID(0), "_presence"));
	ActivityTables found;

	find_tables(fcinfo, with_presences, &found);
	if (mode != NoLock)
	{
		lock_types(fcinfo);
		LockRelationOid(found.participations, mode);
		if (with_presences)
			LockRelationOid(found.presences, mode);
	}
	*tables = found;
	lock_tables(fcinfo, true, with_presences, tables);
	if (tables->participations != found.participations ||
		tables->presences != found.presences)
		ereport(ERROR, (errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
						errmsg("a table beside \"%s\" was renamed or moved",
							   qualified_name(tables->activities)),
						errhint("Try again.")));
	if (OidIsValid(tables->forgotten))
		LockRelationOid(tables->forgotten, ShareUpdateExclusiveLock);
}

/*
 * Note in NAME_forgotten that what ended before a time is forgotten, unless it
 * has a later time. Waits for the loads that do not know it.
 */
static void
note_forgotten(FunctionCallInfo fcinfo, TimestampTz before)
{
	ActivityTables tables;
	Statements statements;
	Oid types[] = {TIMESTAMPTZOID};
	Datum values[] = {TimestampTzGetDatum(before)};

	find_tables(fcinfo, false, &tables);
	check_may_forget(&tables, "forget_activities()");
	find_forgotten(&tables);
	if (tables.forgotten_before >= before)
		return;

	find_and_lock(fcinfo, ShareRowExclusiveLock, &tables);
	begin_statements(&statements, &tables);
	if (!OidIsValid(tables.forgotten))
	{
		Oid owner = relation_owner(tables.activities);
		const Hole holes[] =
			{{"forgotten",
			  quote_qualified_identifier(get_namespace_name(get_rel_namespace(
											 tables.activities)),
										 psprintf("%s_forgotten",
												  get_rel_name(
													  tables.activities)))},
			 {"owner", quote_identifier(GetUserNameFromId(owner, false))}};

		statements.holes = holes;
		statements.hole_count = lengthof(holes);
		execute(&statements, create_forgotten, SPI_OK_UTILITY, 0, NULL, NULL);
		statements.hole_count = 0;
		find_forgotten(&tables);
	}
	if (tables.forgotten_before < before)
		execute(&statements, set_forgotten, SPI_OK_INSERT, lengthof(types),
				types, values);
	end_statements(&statements);
}

/* Open a cursor over the batches; it is kept when the transaction ends. */
static Portal
open_batches(FunctionCallInfo fcinfo, TimestampTz before, int32 batch)
{
	Oid types[] = {TIMESTAMPTZOID, INT4OID};
	Datum values[] = {TimestampTzGetDatum(before), Int32GetDatum(batch)};
	ActivityTables tables;
	Statements statements;
	Portal result;

	find_and_lock(fcinfo, NoLock, &tables);
	begin_statements(&statements, &tables);
	result = SPI_cursor_open_with_args(NULL, fill(&statements, select_batches),
									   lengthof(types), types, values, NULL,
									   false, CURSOR_OPT_NO_SCROLL);
	PinPortal(result);
	end_statements(&statements);
	return result;
}

/* How many rows and partitions forget_activities() removed. */
typedef struct Removed
{
	int64 participations;
	int64 activities;
	int64 presences;
	int64 partitions;
} Removed;

/* Remove a batch: values[0] is the time, the others are the keys. */
static void
forget_batch(FunctionCallInfo fcinfo, Datum *values, Removed *removed)
{
	Oid types[] = {TIMESTAMPTZOID, TEXTARRAYOID, get_array_type(UUIDOID),
				   get_array_type(UUIDOID)};
	ActivityTables tables;
	Statements statements;
	bool is_null;

	/* its memory ends with the batch */
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	find_and_lock(fcinfo, NoLock, &tables);
	begin_statements(&statements, &tables);
	use_keys();
	execute(&statements, lock_batch, SPI_OK_SELECT, lengthof(types), types,
			values);
	for (int i = 1; i <= 3; i++)
		values[i] = result_column(i, &is_null);
	if (!is_null)
	{
		execute(&statements, remove_batch, SPI_OK_SELECT, lengthof(types),
				types, values);
		removed->participations += result_count(1);
		removed->activities += result_count(2);
	}
	end_statements(&statements);
	SPI_finish();
}

static void
forget_presences(FunctionCallInfo fcinfo, TimestampTz before, Removed *removed)
{
	Oid types[] = {TIMESTAMPTZOID};
	Datum values[] = {TimestampTzGetDatum(before)};
	ActivityTables tables;
	Statements statements;

	find_and_lock(fcinfo, NoLock, &tables);
	if (!OidIsValid(tables.presences))
		return;
	begin_statements(&statements, &tables);
	execute(&statements, remove_presences, SPI_OK_SELECT, lengthof(types),
			types, values);
	removed->presences = result_count(1);
	end_statements(&statements);
}

static void
drop_empty_partitions(FunctionCallInfo fcinfo, TimestampTz before,
					  Removed *removed)
{
	Oid types[] = {REGCLASSOID, TIMESTAMPTZOID};
	Datum values[] = {PG_GETARG_DATUM(0), TimestampTzGetDatum(before)};
	ActivityTables tables;
	Statements statements;

	/* locks nothing, as the function locks more than this would */
	find_tables(fcinfo, false, &tables);
	tables.forgotten = InvalidOid;
	begin_statements(&statements, &tables);
	execute(&statements, drop_partitions, SPI_OK_SELECT, lengthof(types),
			types, values);
	removed->partitions = result_count(1);
	end_statements(&statements);
}

/* Raise an error if an argument is null or out of range, or the procedure cannot
 * commit. */
static void
check_arguments(FunctionCallInfo fcinfo)
{
	static const char *const names[] = {"target", "before", "batch"};

	for (Size i = 0; i < lengthof(names); i++)
	{
		if (PG_ARGISNULL(i))
			ereport(ERROR, (errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
							errmsg("%s must not be null", names[i])));
	}
	if (TIMESTAMP_NOT_FINITE(PG_GETARG_TIMESTAMPTZ(1)))
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("before must be finite")));
	if (PG_GETARG_TIMESTAMPTZ(1) > GetCurrentTransactionStartTimestamp())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("before must not be in the future"),
				 errdetail("Loads would not store activities that start "
						   "before it.")));
	if (PG_GETARG_INT32(2) < 1)
		ereport(ERROR, (errcode(ERRCODE_INVALID_PARAMETER_VALUE),
						errmsg("batch must be at least 1")));
	check_may_commit(fcinfo, "forget_activities()");
}

/*
 * End a step, and begin the next. With a snapshot older than its locks, it would
 * drop a partition with rows that others have committed meanwhile.
 */
static void
next_step(void)
{
	SPI_commit();
	begin_read_committed();
}

PG_FUNCTION_INFO_V1(forget_activities);
/*
 * forget_activities(target, before, batch): removes what ended before a time.
 * Each step is a transaction of its own.
 */
Datum
forget_activities(PG_FUNCTION_ARGS)
{
	TimestampTz before;
	Removed removed = {0};
	Datum results[4];
	bool nulls[4] = {false};
	Portal batches;

	check_arguments(fcinfo);
	before = PG_GETARG_TIMESTAMPTZ(1);
	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect_ext failed");
	next_step();
	note_forgotten(fcinfo, before);
	next_step();
	batches = open_batches(fcinfo, before, PG_GETARG_INT32(2));
	next_step();
	for (;;)
	{
		SPITupleTable *keys;
		Datum values[4];
		bool is_null;

		CHECK_FOR_INTERRUPTS();
		SPI_cursor_fetch(batches, true, 1);
		keys = SPI_tuptable;
		if (SPI_processed == 0)
			break;
		values[0] = TimestampTzGetDatum(before);
		for (int i = 1; i <= 3; i++)
			values[i] = result_column(i, &is_null);
		forget_batch(fcinfo, values, &removed);
		next_step();
		SPI_freetuptable(keys);
	}
	UnpinPortal(batches);
	SPI_cursor_close(batches);
	forget_presences(fcinfo, before, &removed);
	next_step();
	drop_empty_partitions(fcinfo, before, &removed);
	SPI_commit();
	SPI_finish();

	results[0] = Int64GetDatum(removed.participations);
	results[1] = Int64GetDatum(removed.activities);
	results[2] = Int64GetDatum(removed.presences);
	results[3] = Int64GetDatum(removed.partitions);
	return HeapTupleGetDatum(
		heap_form_tuple(result_type(fcinfo), results, nulls));
}

PG_FUNCTION_INFO_V1(repair_participations);
/*
 * repair_participations(target): makes the participations those of the stored
 * activities, whatever somebody did to these.
 */
Datum
repair_participations(PG_FUNCTION_ARGS)
{
	TupleDesc participation =
		sibling_row_type(fcinfo->flinfo->fn_oid, "participation");
	TupleDesc activity = sibling_row_type(fcinfo->flinfo->fn_oid, "activity");
	int count = participation_attributes(participation);
	const Hole holes[] =
		{{"columns",
		  list_attributes(activity, activity->natts, NULL, "stored.%")},
		 {"participation_columns",
		  list_attributes(participation, count, NULL, "%")},
		 {"made_columns", list_attributes(participation, count, NULL,
										  "(made.participation).%")},
		 {"participation_assignments",
		  list_attributes(participation, count, &participation_key,
						  "% = EXCLUDED.%")}};
	ActivityTables tables;
	Statements statements;
	Datum results[2];
	bool nulls[2] = {false};

	find_tables(fcinfo, false, &tables);
	check_may_forget(&tables, "repair_participations()");
	find_and_lock(fcinfo, ShareRowExclusiveLock, &tables);
	begin_statements(&statements, &tables);
	statements.holes = holes;
	statements.hole_count = lengthof(holes);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	execute(&statements, repair_statement, SPI_OK_SELECT, 0, NULL, NULL);
	results[0] = Int64GetDatum(result_count(1));
	execute(&statements, delete_empty, SPI_OK_SELECT, 0, NULL, NULL);
	results[1] = Int64GetDatum(result_count(1));
	SPI_finish();
	end_statements(&statements);
	return HeapTupleGetDatum(
		heap_form_tuple(result_type(fcinfo), results, nulls));
}
