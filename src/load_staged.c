/*
 * load_staged.c
 *	  How load_pages() stores a batch into tables that Citus distributes.
 *
 * The rows of a batch are first stored in tables of their own ("stages"), which
 * are distributed as the tables that they are loaded into. All other statements
 * then run on the workers, in each shard by itself. Pages that are distributed,
 * too, are expanded on the workers, which send each other the rows.
 *
 * The stages are created and dropped in the transaction of the batch, so that
 * nothing is left of a load that ends early.
 */
#include "postgres.h"

#include "catalog/pg_type_d.h"
#include "commands/defrem.h"
#include "commands/trigger.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"

#include "catalog.h"
#include "compat.h"
#include "load.h"
#include "row.h"

/*
 * Finds a row if the caller can load tables of activities ($1), participations
 * ($2) and presences ($3) in this way: all are distributed by a column,
 * participations as their activities are, and the caller may create tables
 * beside them, which only the coordinator can do.
 */
static const char may_stage_statement[] =
	"SELECT true FROM pg_dist_partition AS a, pg_dist_partition AS p, "
	"pg_dist_partition AS s, pg_dist_local_group AS node "
	"WHERE a.logicalrelid = $1 AND a.partmethod = 'h' "
	"AND p.logicalrelid = $2 AND p.colocationid = a.colocationid "
	"AND column_to_column_name(p.logicalrelid, p.partkey) = "
	"column_to_column_name(a.logicalrelid, a.partkey) "
	"AND s.logicalrelid = $3 AND s.partmethod = 'h' "
	"AND node.groupid = 0 "
	"AND has_table_privilege($3, 'UPDATE') "
	"AND (SELECT bool_and(has_schema_privilege(relnamespace, 'CREATE')) "
	"FROM pg_class WHERE oid IN ($1, $3))";

/*
 * The statements, whose holes are filled for activities or for presences. As in
 * load_plans.c, none calls a function with a row of the user's table.
 *
 * First the tables: {given} for all deliveries of the batch, {news} for those
 * that change something.
 */
static const char create_statement[] =
	"CREATE UNLOGGED TABLE {given} USING heap AS SELECT {columns} "
	"FROM {table} WITH NO DATA; "
	"CREATE UNLOGGED TABLE {news} USING heap AS SELECT {columns}, "
	"false AS is_better, false AS is_new, false AS is_same FROM {table} "
	"WITH NO DATA";
static const char distribute_statement[] =
	"SELECT create_distributed_table(staged, (SELECT "
	"column_to_column_name(logicalrelid, partkey) FROM pg_dist_partition "
	"WHERE logicalrelid = $1), colocate_with => $2) "
	"FROM unnest($3::text[]) AS staged";

/* Fill {given}: with an array ($1), or with what the workers expand. */
static const char give_rows_statement[] =
	"INSERT INTO {given} ({columns}) SELECT {columns} FROM unnest($1)";
#define PAGES_OF_BATCH "pages.ctid > $1 AND pages.ctid <= $2"
static const char give_pages_statement[] =
	"INSERT INTO {given} ({columns}) SELECT {expanded_columns} "
	"FROM {pages} AS pages, "
	"{schema}.{expand}(pages.{page_column}, $3) AS expanded "
	"WHERE " PAGES_OF_BATCH;

/* activity_errors() lists several errors of an item that is rejected once. */
static const char rejected_statement[] =
	"SELECT coalesce(sum(rejected), 0)::bigint FROM {pages} AS pages, "
	"LATERAL (SELECT count(DISTINCT coalesce(error.item, 0)) AS rejected "
	"FROM {schema}.activity_errors(pages.{page_column}) AS error "
	"WHERE NOT (error.kept AND $3 = 'set_null')) AS of_page "
	"WHERE " PAGES_OF_BATCH;

/*
 * Fills {news} with the best known delivery of each key that is new or better
 * known than the stored one, and of each whose participation somebody has
 * removed. No other load stores activities meanwhile.
 */
static const char news_statement[] =
	"INSERT INTO {news} ({key}, {others}, is_better, is_new, is_same) "
	"SELECT {best_key}, {best_others}, "
	"stored.agent_id IS NULL OR {better}, stored.agent_id IS NULL, "
	"best.delivery *= {stored_reported_by_best} "
	"FROM (SELECT {key}, {schema}.best_known({given_delivery}) AS delivery "
	"FROM {given} AS given GROUP BY {key}) AS best "
	"LEFT JOIN {table} AS stored ON {stored_is_best} {join_participations}"
	"WHERE stored.agent_id IS NULL OR {better} {or_lacks_participation}";
static const char count_statement[] =
	"SELECT count(*) FILTER (WHERE is_new), "
	"count(*) FILTER (WHERE is_better AND NOT is_new AND NOT is_same) "
	"FROM {news}";

/* Stores them in the order of take_new_activities. */
static const char store_statement[] =
	"INSERT INTO {table} AS stored ({key}, {others}) "
	"SELECT {key}, {others} FROM {news} AS news WHERE is_better "
	"ORDER BY date_bin('1 day', start, 'epoch'), {key} "
	"ON CONFLICT ({key}) DO UPDATE SET {assignments} "
	"WHERE {schema}.{is_better_known}({excluded_delivery}, "
	"{stored_delivery})";

/*
 * Computes the participations of {news} from all their activities. They are
 * written even if they stay the same: see compute_statement in load_plans.c.
 */
static const char compute_statement[] =
	"INSERT INTO {participations} AS stored "
	"({participation_key}, {participation_others}) "
	"SELECT {participation_key}, {made_others} FROM ("
	"SELECT {stored_participation_key}, "
	"{schema}.participation({stored_delivery}) AS participation "
	"FROM (SELECT DISTINCT {participation_key} FROM {news}) AS touched "
	"JOIN {table} AS stored ON {stored_is_touched} "
	"GROUP BY {stored_participation_key}) AS made "
	"ON CONFLICT ({participation_key}) "
	"DO UPDATE SET {participation_assignments}";

/* What is staged: activities, or presences. */
typedef struct StagedKind
{
	const char *type;
	const char *is_better_known; /* the functions */
	const char *expand;
	const TableKey *key;
} StagedKind;

static const StagedKind activity_kind = {"activity",
										 "activity_is_better_known",
										 "activities", &activity_key};
static const StagedKind presence_kind = {"presence",
										 "presence_is_better_known",
										 "presences", &presence_key};

/* The tables of a batch for rows of one kind. */
typedef struct Stage
{
	LoadNames names; /* only those of tables and of the schema */
	char *given;
	char *news;
	Hole holes[40]; /* of the statements */
	int hole_count;
} Stage;

/* Execute a statement with parameters; its SPI result must be kind. */
static void
execute(const char *statement, int kind, int count, Oid *types, Datum *values)
{
	int result =
		SPI_execute_with_args(statement, count, types, values, NULL, false, 0);

	if (result != kind)
		elog(ERROR, "SPI_execute_with_args failed: %s",
			 SPI_result_code_string(result));
}

/* Execute a statement that has no result and no parameters. */
static void
execute_utility(const char *statement)
{
	int result = SPI_execute(statement, false, 0);

	if (result != SPI_OK_UTILITY)
		elog(ERROR, "SPI_execute failed: %s", SPI_result_code_string(result));
}

/* Execute a statement of a stage; returns the number of rows it wrote. */
static int64
execute_for(const Stage *stage, const char *statement, int kind, int count,
			Oid *types, Datum *values)
{
	execute(fill_statement(statement, stage->holes, stage->hole_count), kind,
			count, types, values);
	return SPI_processed;
}

/* Return a column of the single row of the last result, which is not null. */
static int64
result_number(int column)
{
	bool is_null;

	return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0],
									   SPI_tuptable->tupdesc, column,
									   &is_null));
}

/*
 * Whether load_staged_rows and load_distributed_pages can load into the table
 * that is argument 0. The caller is connected to SPI. Citus drops tables by a
 * trigger, which does not run in a replica's sessions.
 */
bool
may_stage(FunctionCallInfo fcinfo)
{
	Oid activities = PG_GETARG_OID(0);
	Oid types[] = {OIDOID, OIDOID, OIDOID};
	ActivityTables tables;
	Datum values[3];
	int level;

	if (!is_citus_table(activities) ||
		SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA ||
		!OidIsValid(get_relname_relid(psprintf("%s_presence",
											   get_rel_name(activities)),
									  get_rel_namespace(activities))))
		return false;
	find_tables(fcinfo, true, &tables);
	find_forgotten(&tables);
	if (tables.forgotten_before != DT_NOBEGIN)
		return false;
	values[0] = ObjectIdGetDatum(tables.activities);
	values[1] = ObjectIdGetDatum(tables.participations);
	values[2] = ObjectIdGetDatum(tables.presences);
	level = NewGUCNestLevel();
	set_option("search_path", "pg_catalog, pg_temp", GUC_ACTION_SAVE);
	execute(may_stage_statement, SPI_OK_SELECT, lengthof(types), types,
			values);
	AtEOXact_GUC(true, level);
	return SPI_processed > 0;
}

/* Add the text for a hole of a stage's statements. */
static void
add_hole(Stage *stage, const char *name, const char *text)
{
	Assert(stage->hole_count < lengthof(stage->holes));
	stage->holes[stage->hole_count++] = (Hole){name, text};
}

/* Add the holes of the statements that load participations. */
static void
add_participation_holes(Stage *stage, Oid function)
{
	TupleDesc type = sibling_row_type(function, "participation");
	int count = participation_attributes(type);
	const TableKey *key = &participation_key;

	if (!OidIsValid(stage->names.tables[1]))
	{
		add_hole(stage, "join_participations", "");
		add_hole(stage, "or_lacks_participation", "");
		return;
	}
	add_hole(stage, "participations", stage->names.table_names[1]);
	add_hole(stage, "join_participations",
			 psprintf("LEFT JOIN %s AS kept ON %s ",
					  stage->names.table_names[1],
					  same_key_condition("kept", "best", key)));
	add_hole(stage, "or_lacks_participation", "OR kept.agent_id IS NULL");
	add_hole(stage, "participation_key", list_key(key, "%"));
	add_hole(stage, "stored_participation_key", list_key(key, "stored.%"));
	add_hole(stage, "participation_others",
			 list_attributes(type, count, key, "%"));
	add_hole(stage, "made_others",
			 list_attributes(type, count, key, "(made.participation).%"));
	add_hole(stage, "participation_assignments",
			 list_attributes(type, count, key, "% = EXCLUDED.%"));
	add_hole(stage, "stored_is_touched",
			 same_key_condition("stored", "touched", key));
}

/*
 * Return the name of a new table beside another, palloc'd. It is short: Citus
 * appends the number of the shard, and if names must be clipped then, shards that
 * are created at once wait for each other's types.
 */
static char *
name_beside(Oid table, const char *label)
{
	Oid schema = get_rel_namespace(table);

	return quote_qualified_identifier(get_namespace_name(schema),
									  ChooseRelationName(psprintf("load_%u",
																  table),
														 NULL, label, schema,
														 false));
}

/*
 * Begin a stage: its names, and the holes of its statements, which live in the
 * current memory context. The caller has locked the target against other loads,
 * which would choose the same names.
 */
static void
begin_stage(Stage *stage, const StagedKind *kind, Oid target,
			Oid participations, Oid extension_schema, Oid function)
{
	const char *schema =
		quote_identifier(get_namespace_name(extension_schema));
	TupleDesc type = sibling_row_type(function, kind->type);
	int count = type->natts;
	const TableKey *key = kind->key;
	char *stored = value_of("stored", type, kind->type, schema);

	memset(stage, 0, sizeof(Stage));
	stage->names.tables[0] = target;
	stage->names.tables[1] = participations;
	stage->names.table_names[0] = qualified_name(target);
	if (OidIsValid(participations))
		stage->names.table_names[1] = qualified_name(participations);
	stage->names.schema = schema;
	stage->given = name_beside(target, "given");
	stage->news = name_beside(target, "news");
	add_hole(stage, "schema", schema);
	add_hole(stage, "table", stage->names.table_names[0]);
	add_hole(stage, "given", stage->given);
	add_hole(stage, "news", stage->news);
	add_hole(stage, "expand", kind->expand);
	add_hole(stage, "is_better_known", kind->is_better_known);
	add_hole(stage, "columns", list_attributes(type, count, NULL, "%"));
	add_hole(stage, "expanded_columns",
			 list_attributes(type, count, NULL, "expanded.%"));
	add_hole(stage, "key", list_key(key, "%"));
	add_hole(stage, "best_key", list_key(key, "best.%"));
	add_hole(stage, "others", list_attributes(type, count, key, "%"));
	add_hole(stage, "best_others",
			 list_attributes(type, count, key, "(best.delivery).%"));
	add_hole(stage, "assignments",
			 list_attributes(type, count, key, "% = EXCLUDED.%"));
	add_hole(stage, "given_delivery",
			 value_of("given", type, kind->type, schema));
	add_hole(stage, "stored_delivery", stored);
	add_hole(stage, "excluded_delivery",
			 value_of("EXCLUDED", type, kind->type, schema));
	add_hole(stage, "stored_reported_by_best",
			 value_reported_by("stored", "(best.delivery)", NULL, type, count,
							   kind->type, schema));
	add_hole(stage, "stored_is_best",
			 same_key_condition("stored", "best", key));
	add_hole(stage, "better",
			 psprintf("%s.%s(best.delivery, %s)", schema,
					  kind->is_better_known, stored));
	add_participation_holes(stage, function);
}

/* Create the tables of a stage, distributed as its target is. */
static void
create_tables(const Stage *stage)
{
	Datum tables[] = {CStringGetTextDatum(stage->given),
					  CStringGetTextDatum(stage->news)};
	Oid types[] = {OIDOID, TEXTOID, TEXTARRAYOID};
	Datum values[] = {ObjectIdGetDatum(stage->names.tables[0]),
					  CStringGetTextDatum(stage->names.table_names[0]),
					  PointerGetDatum(construct_array(tables, lengthof(tables),
													  TEXTOID, -1, false,
													  TYPALIGN_INT))};

	execute_utility(
		fill_statement(create_statement, stage->holes, stage->hole_count));
	execute(distribute_statement, SPI_OK_SELECT, lengthof(types), types,
			values);
}

/* Store what a stage was given, and count it. */
static void
store_stage(const Stage *stage, LoadCounts *counts)
{
	if (execute_for(stage, news_statement, SPI_OK_INSERT, 0, NULL, NULL) == 0)
		return;
	(void) execute_for(stage, count_statement, SPI_OK_SELECT, 0, NULL, NULL);
	counts->inserted += result_number(1);
	counts->updated += result_number(2);
	(void) execute_for(stage, store_statement, SPI_OK_INSERT, 0, NULL, NULL);
	if (OidIsValid(stage->names.tables[1]))
		(void) execute_for(stage, compute_statement, SPI_OK_INSERT, 0, NULL,
						   NULL);
}

/* The stages of a batch. */
typedef struct Batch
{
	ActivityTables tables;
	Stage activities;
	Stage presences;
	int level; /* of settings */
} Batch;

/*
 * Begin to load a batch: lock the tables as load_activities() does, and create
 * the stages. Changes settings, also on the workers, until the transaction ends,
 * and connects to SPI until end_staging.
 */
static void
begin_staging(FunctionCallInfo fcinfo, Batch *batch)
{
	Oid function = fcinfo->flinfo->fn_oid;
	ActivityTables *tables = &batch->tables;

	find_tables(fcinfo, true, tables);
	lock_tables(fcinfo, true, true, tables);
	batch->level = NewGUCNestLevel();
	set_option("citus.propagate_set_commands", "local", GUC_ACTION_SAVE);
	/* or DROP TABLE would leave the stages on the workers */
	set_option("citus.enable_ddl_propagation", "on", GUC_ACTION_SAVE);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");
	/*
	 * Objects in other schemas are not found by name, and rows are looked up by
	 * the keys, as use_keys() has it. But the stages have no index: the cost of
	 * a disabled scan of them would make all plans look the same.
	 */
	execute_utility("SET LOCAL search_path = pg_catalog, pg_temp; "
					"SET LOCAL enable_hashjoin = off; "
					"SET LOCAL enable_mergejoin = off; "
					"SET LOCAL enable_bitmapscan = off; "
					"SET LOCAL jit = off");
	/* one load at a time, as lock_distributed_table() has it */
	execute_utility(psprintf("LOCK TABLE %s, %s IN SHARE UPDATE EXCLUSIVE "
							 "MODE",
							 qualified_name(tables->participations),
							 qualified_name(tables->presences)));
	begin_stage(&batch->activities, &activity_kind, tables->activities,
				tables->participations, tables->schema, function);
	begin_stage(&batch->presences, &presence_kind, tables->presences,
				InvalidOid, tables->schema, function);
	create_tables(&batch->activities);
	create_tables(&batch->presences);
}

/* Load what the stages were given. */
static void
end_staging(Batch *batch, LoadCounts *counts)
{
	ErrorContextCallback callback = {.callback = hint_at_partitions,
									 .previous = error_context_stack};

	if (lacks_default_partition(batch->tables.activities))
		error_context_stack = &callback;
	store_stage(&batch->activities, counts);
	error_context_stack = callback.previous;
	store_stage(&batch->presences, counts);
	check_not_renamed(&batch->tables, &batch->activities.names);
	check_not_renamed(&batch->tables, &batch->presences.names);
	execute_utility(psprintf("DROP TABLE %s, %s, %s, %s",
							 batch->activities.given, batch->activities.news,
							 batch->presences.given, batch->presences.news));
	SPI_finish();
	AtEOXact_GUC(true, batch->level);
}

/*
 * Load the rows of a batch of pages, which were read here, into the table that
 * is argument 0. The caller is connected to SPI.
 */
void
load_staged_rows(FunctionCallInfo fcinfo, const PageRows *rows,
				 LoadCounts *counts)
{
	const RowArray *arrays[] = {&rows->activities, &rows->presences};
	Batch batch;
	Stage *stages[] = {&batch.activities, &batch.presences};

	begin_staging(fcinfo, &batch);
	for (Size i = 0; i < lengthof(arrays); i++)
	{
		Oid type = get_array_type(arrays[i]->type->tdtypeid);
		Datum array;

		if (arrays[i]->elements == NULL)
			continue;
		array = makeArrayResult(arrays[i]->elements, CurrentMemoryContext);
		counts->given += execute_for(stages[i], give_rows_statement,
									 SPI_OK_INSERT, 1, &type, &array);
	}
	end_staging(&batch, counts);
}

/*
 * Load a range of pages into the table that is argument 0. The caller is
 * connected to SPI.
 */
void
load_distributed_pages(FunctionCallInfo fcinfo, const DistributedPages *pages,
					   OnError on_error, LoadCounts *counts)
{
	static const char *const on_error_names[] = {[ON_ERROR_STOP] = "stop",
												 [ON_ERROR_IGNORE] = "ignore",
												 [ON_ERROR_SET_NULL] =
													 "set_null"};
	Oid types[] = {TIDOID, TIDOID, TEXTOID};
	Datum values[] = {PointerGetDatum(&pages->after),
					  PointerGetDatum(&pages->last),
					  CStringGetTextDatum(on_error_names[on_error])};
	Batch batch;
	Stage *stages[] = {&batch.activities, &batch.presences};

	begin_staging(fcinfo, &batch);
	for (Size i = 0; i < lengthof(stages); i++)
	{
		add_hole(stages[i], "pages", pages->relation);
		add_hole(stages[i], "page_column", quote_identifier(pages->column));
		counts->given +=
			execute_for(stages[i], give_pages_statement, SPI_OK_INSERT,
						lengthof(types), types, values);
	}
	if (on_error != ON_ERROR_STOP)
	{
		execute_for(&batch.activities, rejected_statement, SPI_OK_SELECT,
					lengthof(types), types, values);
		counts->rejected += result_number(1);
	}
	check_not_moved(pages);
	end_staging(&batch, counts);
}
