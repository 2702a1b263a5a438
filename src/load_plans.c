/*
 * load_plans.c
 *	  The statements that load into tables, and their plans.
 *
 * The plans are kept for the tables loaded last. For a page of a few items,
 * planning costs more than all other work.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/pg_am_d.h"
#include "catalog/pg_class_d.h"
#include "catalog/pg_inherits.h"
#include "catalog/pg_namespace_d.h"
#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "nodes/primnodes.h"
#include "nodes/readfuncs.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/rls.h"

#include "catalog.h"
#include "compat.h"
#include "load.h"
#include "page_reader.h"
#include "row.h"

/*
 * The statements. Their parameter $1 is an array of activity, or of presence.
 * fill_statement replaces the names in braces by names of objects and lists of
 * a type's attributes.
 *
 * No statement calls a function with a row of the user's table. Such a row has
 * the table's own row type, for which any role may have declared a function or
 * a cast that fits better than the extension's. {stored_delivery} and the like
 * make a row of the columns, ROW(stored.start, ...)::schema.activity, which
 * only the extension's function accepts. So the table needs the columns of the
 * type, not the type itself.
 */

/*
 * Locks the participations before their activities are read; inserts each new
 * one, and returns those. All sessions lock in the same order, so that two loads
 * do not deadlock. The next statement sees the activities that other sessions
 * stored under the same locks before; without them, two sessions could each
 * compute a participation without the other's activities.
 * The lock is that of an UPDATE that does not change the key, so that foreign
 * keys to it do not wait.
 *
 * A new participation is that of the given activities ($1). So compute_statement
 * seldom has to write it again, which would leave a dead row for each new one.
 */
static const char lock_statement[] =
	"WITH added AS ("
	"INSERT INTO {participations} AS stored ({new_columns}) "
	"SELECT {new_columns} FROM unnest($1) AS given "
	"ON CONFLICT (agent_id, interaction_guid, channel_guid) "
	"DO UPDATE SET reported_at = stored.reported_at WHERE false "
	"RETURNING {participation_columns}) "
	"SELECT array_agg({added_participation}) FROM added";

/*
 * Stores activities, or presences: here "deliveries". Returns how many are new,
 * how many differ from the stored ones by reported_at only, how many were
 * stored, the stored ones, and whether that is all news. A delivery that the
 * table knows as well already is only read: no lock, no WAL. ON CONFLICT handles
 * deliveries that the table has, and those that another session stores at the
 * same time. Whether a delivery is new is looked up in the statement's snapshot
 * (in a partitioned table, xmax does not say). All news was stored, unless
 * another session did, or a trigger dropped some.
 *
 * $1 has each key once. It is stored in the order of the keys.
 *
 * $2 and $3 are the first and the last start: partitions by start that have
 * none are left out when the statement begins.
 */
#define GIVEN                                                         \
	"WITH given AS ("                                                 \
	"SELECT {element_key}, (element.*)::{schema}.{type} AS delivery " \
	"FROM unnest($1) AS element), "
#define STORED_IS_GIVEN \
	"{stored_is_given} AND stored.start >= $2 AND stored.start <= $3 "
#define INSERT_NEWS(condition)                               \
	"INSERT INTO {table} AS stored ({columns}) "             \
	"SELECT {columns} FROM unnest(ARRAY("                    \
	"SELECT news.delivery FROM news "                        \
	"WHERE " condition ")) AS news "                         \
	"ON CONFLICT ({key}) "                                   \
	"DO UPDATE SET {assignments} "                           \
	"WHERE {schema}.{is_better_known}({excluded_delivery}, " \
	"{stored_delivery}) "
#define COUNT_NEWS(condition)                                   \
	"CASE WHEN counted.is_all "                                 \
	"THEN (SELECT count(*) FROM news WHERE " condition ") "     \
	"ELSE (SELECT count(*) FROM (SELECT FROM ("                 \
	"SELECT {changed_key} FROM changed UNION ALL "              \
	"SELECT {news_key} FROM news WHERE " condition ") AS each " \
	"GROUP BY {key} HAVING count(*) = 2) AS pair) END"
#define NEW COUNT_NEWS("news.is_new")
#define SAME COUNT_NEWS("news.is_same")
#define COUNTS                                                               \
	"counted AS ("                                                           \
	"SELECT count(*) AS stored, array_agg(changed.delivery) AS deliveries, " \
	"count(*) = (SELECT count(*) FROM news) AS is_all FROM changed) "        \
	"SELECT " NEW ", " SAME ", counted.stored, counted.deliveries, "         \
	"counted.is_all FROM counted"

/*
 * OFFSET 0 makes the planner look up one key at a time, whatever it assumes
 * about the size of the table, which may have been empty at planning.
 */
#define NEWS(places)                                                          \
	"news AS ("                                                               \
	"SELECT given.delivery, earlier.is_stored IS NULL AS is_new, "            \
	"earlier.* "                                                              \
	"FROM given LEFT JOIN LATERAL ("                                          \
	"SELECT true AS is_stored, " places                                       \
	"CASE WHEN {schema}.{is_better_known}(given.delivery, "                   \
	"{stored_delivery}) "                                                     \
	"THEN given.delivery OPERATOR(pg_catalog.*=) {stored_reported_by_given} " \
	"END AS is_same "                                                         \
	"FROM {table} AS stored WHERE " STORED_IS_GIVEN "OFFSET 0) AS earlier "   \
	"ON true "                                                                \
	"WHERE earlier.is_stored IS NULL OR earlier.is_same IS NOT NULL), "

#define STORED(name, condition) \
	name " AS (" INSERT_NEWS(condition) RETURNING_DELIVERY
#define RETURNING_DELIVERY "RETURNING {stored_delivery} AS delivery), "

static const char store_statement[] =
	GIVEN NEWS("") STORED("changed", "true") COUNTS;

/*
 * The same with an UPDATE of the rows that the table has, by their places: it
 * need not look up the keys once more, nor lock the rows before. Rows that
 * others change meanwhile, not by loads, which wait for the participation, are
 * left to store_statement. (A load of presences locks no participation: it
 * stores all in the order of the keys, so that two do not deadlock.)
 *
 * Others may create a table that inherits from this one meanwhile: a row of it can
 * have the same place and version.
 */
#define PLACES \
	"stored.tableoid AS part, stored.ctid AS place, stored.xmin AS version, "
#define UPDATED                                                     \
	"updated AS (UPDATE {table} AS stored SET {news_assignments} "  \
	"FROM news WHERE NOT news.is_new AND stored.ctid = news.place " \
	"AND stored.xmin = news.version "                               \
	"AND stored.tableoid = news.part " RETURNING_DELIVERY
#define CHANGED                                                     \
	"changed AS (SELECT inserted.delivery FROM inserted UNION ALL " \
	"SELECT updated.delivery FROM updated), "

static const char store_by_place_statement[] = GIVEN NEWS(PLACES)
	STORED("inserted", "news.is_new") UPDATED CHANGED COUNTS;

/*
 * The same for the tables of Citus, which sends a join by the key to the shards,
 * but none with OFFSET. GROUP BY then puts a delivery and the stored one
 * together: a join of the two would compare every pair. On other tables this
 * takes 15 to 24 % more instructions, and many times that with a plan that was
 * made while the table was empty.
 */
#define INSERT_ALL INSERT_NEWS("true")
#define WRITTEN                                         \
	"written AS (" INSERT_ALL "RETURNING {columns}), "  \
	"changed AS (SELECT {stored_delivery} AS delivery " \
	"FROM written AS stored), "

static const char distributed_store_statement[] = GIVEN
	"known AS MATERIALIZED ("
	"SELECT {stored_key}, {stored_delivery} AS delivery "
	"FROM given JOIN {table} AS stored ON " STORED_IS_GIVEN "), "
	"news AS MATERIALIZED ("
	"SELECT pair.delivery, pair.known IS NULL AS is_new, "
	"pair.delivery OPERATOR(pg_catalog.*=) {known_reported_by_delivery} "
	"AS is_same FROM ("
	"SELECT {key}, "
	"(array_agg(each.delivery) FILTER (WHERE NOT each.is_known))[1] "
	"AS delivery, "
	"(array_agg(each.delivery) FILTER (WHERE each.is_known))[1] AS known "
	"FROM ("
	"SELECT {key}, given.delivery, false AS is_known FROM given "
	"UNION ALL "
	"SELECT {key}, known.delivery, true FROM known) AS each "
	"GROUP BY {key}) AS pair "
	"WHERE pair.known IS NULL OR "
	"{schema}.{is_better_known}(pair.delivery, pair.known)), " WRITTEN COUNTS;

/*
 * Recompute the participations of the stored activities ($1), and those that
 * lock_statement added ($2). Those that were there before are written even if
 * the activities do not change them: a transaction with an older snapshot, which
 * does not see the activities, then fails instead of computing without them.
 * Those that were added are written only if the table had other activities of
 * theirs, or did not store the given ones as they are; only their keys are left
 * of those that then have none.
 *
 * Their activities are looked for from $3 to $4 only: in a partitioned table,
 * partitions by start that have none are left out when the statement begins.
 */
#define COMPUTE(columns, made)                                          \
	"INSERT INTO {participations} AS stored ({participation_columns}) " \
	"SELECT " columns " FROM " made " "                                 \
	"ON CONFLICT (agent_id, interaction_guid, channel_guid) "           \
	"DO UPDATE SET {participation_assignments}"

static const char compute_statement[] = COMPUTE(
	"{participation_columns}",
	"unnest(ARRAY("
	"SELECT made.participation FROM ("
	"SELECT given.agent_id, given.interaction_guid, given.channel_guid, "
	"bool_or(given.is_added) AS is_added, "
	"(array_agg(given.added) FILTER (WHERE given.is_added))[1] AS added "
	"FROM ("
	"SELECT news.agent_id, news.interaction_guid, news.channel_guid, "
	"false AS is_added, NULL::{schema}.participation AS added "
	"FROM unnest($1) AS news UNION ALL "
	"SELECT added.agent_id, added.interaction_guid, added.channel_guid, "
	"true, (added.*)::{schema}.participation FROM unnest($2) AS added) AS "
	"given "
	"GROUP BY given.agent_id, given.interaction_guid, given.channel_guid) "
	"AS touched, LATERAL ("
	"SELECT coalesce({schema}.participation({stored_delivery}), "
	"{touched_key}) "
	"AS participation "
	"FROM {table} AS stored WHERE {stored_is_touched} "
	"AND stored.start >= $3 AND stored.start <= $4 "
	"HAVING count(*) > 0 OR touched.is_added OFFSET 0) AS made "
	"WHERE NOT touched.is_added "
	"OR made.participation OPERATOR(pg_catalog.*<>) touched.added"
	")) AS made");

/*
 * In a partitioned table, each search of all activities would search each
 * partition. So participations that were added are not searched for: if the
 * stored activities ($1) make what was added ($2), that is left as it is. (If
 * somebody has deleted the participation, but not its activities, those of other
 * pages are missed then.) For the others, compute_statement is executed, together
 * for those that start on the same day and end on the same. This returns such
 * sets: stored activities, added participations, and from when to when all
 * activities of theirs start. $3 has an activity of each participation that was
 * not added.
 *
 * Monitor activities may start outside of started_at and ended_at. Others that
 * were added may have activities of any time.
 */
static const char spans_statement[] =
	"SELECT array_agg(each.news) FILTER (WHERE each.is_news), "
	"array_agg(each.added) FILTER (WHERE each.is_added), "
	"min(each.first), max(each.last) "
	"FROM (SELECT part.news, part.is_news, part.added, part.is_added, "
	"min(coalesce(CASE WHEN NOT part.has_monitor THEN part.started_at END, "
	"'-infinity')) OVER same AS first, "
	"max(coalesce(CASE WHEN NOT part.has_monitor THEN part.ended_at END, "
	"'infinity')) OVER same AS last, "
	"{schema}.participation(part.news) FILTER (WHERE part.is_news) OVER same "
	"OPERATOR(pg_catalog.*=) "
	"(array_agg(part.added) FILTER (WHERE part.is_added) OVER same)[1] "
	"AS is_computed "
	"FROM ("
	"SELECT news.agent_id, news.interaction_guid, news.channel_guid, "
	"false AS has_monitor, news.start AS started_at, news.start AS ended_at, "
	"(news.*)::{schema}.activity AS news, true AS is_news, "
	"NULL::{schema}.participation AS added, false AS is_added "
	"FROM unnest($1) AS news UNION ALL "
	"SELECT added.agent_id, added.interaction_guid, added.channel_guid, "
	"NULL, NULL, NULL, NULL, false, (added.*)::{schema}.participation, true "
	"FROM unnest($2) AS added UNION ALL "
	"SELECT touched.agent_id, touched.interaction_guid, "
	"touched.channel_guid, known.*, NULL, false, NULL, false "
	"FROM unnest($3) AS touched, LATERAL ("
	"SELECT stored.has_monitor, stored.started_at, stored.ended_at "
	"FROM {participations} AS stored "
	"WHERE {stored_is_touched} OFFSET 0) AS known) AS part "
	"WINDOW same AS (PARTITION BY part.agent_id, part.interaction_guid, "
	"part.channel_guid)) AS each "
	"WHERE (each.is_news OR each.is_added) AND each.is_computed IS NOT TRUE "
	"GROUP BY (each.first AT TIME ZONE 'UTC')::date, "
	"(each.last AT TIME ZONE 'UTC')::date";

static const char distributed_compute_statement[] =
	"WITH made AS MATERIALIZED ("
	"SELECT {schema}.participation({stored_delivery}) AS participation "
	"FROM (SELECT given.agent_id, given.interaction_guid, given.channel_guid "
	"FROM (SELECT news.agent_id, news.interaction_guid, news.channel_guid "
	"FROM unnest($1) AS news UNION ALL "
	"SELECT added.agent_id, added.interaction_guid, added.channel_guid "
	"FROM unnest($2) AS added) AS given "
	"GROUP BY given.agent_id, given.interaction_guid, given.channel_guid) "
	"AS touched JOIN {table} AS stored ON {stored_is_touched} "
	"GROUP BY stored.agent_id, stored.interaction_guid, "
	"stored.channel_guid) " COMPUTE("{made_columns}", "made");

/* Plans are made again after about so many rows, see plans_for. */
#define FIRST_LIMIT 100

/*
 * The plans that the session keeps. A session that loads into more than 16
 * tables in turn plans for each load; few do. The plans of 16 tables of
 * activities take 7 MB (0.4 MB each), or 26 MB if each table has 36 partitions.
 */
#define KEPT_TABLES 16
static LoadPlans kept_activity_plans[KEPT_TABLES];
static LoadPlans kept_presence_plans[KEPT_TABLES];

static bool
has_column(const TableKey *key, const char *name)
{
	for (int i = 0; i < key->count; i++)
	{
		if (strcmp(name, key->columns[i]) == 0)
			return true;
	}
	return false;
}

/* Append a name in a format, where % is the name. */
static void
append_name(StringInfo out, const char *format, const char *name)
{
	if (out->len > 0)
		appendStringInfoString(out, ", ");
	for (const char *at = format; *at != '\0'; at++)
	{
		if (*at == '%')
			appendStringInfoString(out, name);
		else
			appendStringInfoChar(out, *at);
	}
}

/*
 * Return a list of the first count attributes of a type, without dropped ones
 * and those of without, unless that is NULL. Each is written by format, where %
 * is its name. palloc'd.
 */
char *
list_attributes(TupleDesc type, int count, const TableKey *without,
				const char *format)
{
	StringInfoData result;

	initStringInfo(&result);
	for (int i = 0; i < Min(count, type->natts); i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(type, i);
		const char *name = NameStr(attribute->attname);

		if (!attribute->attisdropped &&
			(without == NULL || !has_column(without, name)))
			append_name(&result, format, quote_identifier(name));
	}
	return result.data;
}

/* Return a list of the columns of a key in the same way. */
char *
list_key(const TableKey *key, const char *format)
{
	StringInfoData result;

	initStringInfo(&result);
	for (int i = 0; i < key->count; i++)
		append_name(&result, format, key->columns[i]);
	return result.data;
}

/*
 * Return an expression of a type of the extension, made of the columns of a
 * row, but with reported_at of another row. Null is in the place of those that
 * are not in a key, unless that is NULL, and of those after the first count.
 */
char *
value_reported_by(const char *row, const char *reporting_row,
				  const TableKey *key, TupleDesc type, int count,
				  const char *type_name, const char *schema)
{
	StringInfoData columns;

	initStringInfo(&columns);
	for (int i = 0; i < type->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(type, i);
		const char *name = NameStr(attribute->attname);

		if (!attribute->attisdropped)
			append_name(&columns,
						i >= count || (key != NULL && !has_column(key, name))
							? "NULL"
							: psprintf("%s.%%",
									   strcmp(name, "reported_at") == 0
										   ? reporting_row
										   : row),
						quote_identifier(name));
	}
	return psprintf("ROW(%s)::%s.%s", columns.data, schema, type_name);
}

/* Return an expression of a type, made of the columns of a row. */
char *
value_of(const char *row, TupleDesc type, const char *type_name,
		 const char *schema)
{
	return value_reported_by(row, row, NULL, type, type->natts, type_name,
							 schema);
}

/*
 * Return the condition that two rows are equal in the columns of a key. A null
 * channel_guid equals another. palloc'd.
 */
char *
same_key_condition(const char *a, const char *b, const TableKey *key)
{
	StringInfoData result;

	initStringInfo(&result);
	for (int i = 0; i < key->count; i++)
		appendStringInfo(&result,
						 strcmp(key->columns[i], "channel_guid") == 0
							 ? "%1$s(%2$s.%4$s = %3$s.%4$s OR "
							   "(%2$s.%4$s IS NULL AND %3$s.%4$s IS NULL))"
							 : "%1$s%2$s.%4$s = %3$s.%4$s",
						 i == 0 ? "" : " AND ", a, b, key->columns[i]);
	return result.data;
}

/* Return a statement with its holes filled, palloc'd. */
char *
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

/*
 * Raise an error if a table of Citus is distributed by a column of a type whose
 * hash is not the same on all nodes: that of an enum is made of OIDs, which
 * composites may contain. The column is a Var, as text; a reference table has
 * none.
 */
static void
check_distribution(Oid table, const char *column)
{
	Var *var = castNode(Var, stringToNode(column));

	if (type_is_enum(var->vartype) || type_is_rowtype(var->vartype))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("table \"%s\" is distributed by column \"%s\" of type "
						"%s",
						qualified_name(table),
						get_attname(table, var->varattno, false),
						format_type_be(var->vartype)),
				 errdetail("Its values have another hash on each node."),
				 errhint("Distribute it by agent_id or interaction_guid.")));
}

/*
 * Whether a table is one of Citus: distributed, or a reference table. Citus'
 * catalog has the table as its first column and what it is distributed by as its
 * third.
 */
bool
is_citus_table(Oid table)
{
	Oid catalog = get_relname_relid("pg_dist_partition", PG_CATALOG_NAMESPACE);
	Relation relation;
	SysScanDesc scan;
	ScanKeyData key;
	HeapTuple tuple;
	bool found;

	if (!OidIsValid(catalog))
		return false;
	ScanKeyInit(&key, 1, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(table));
	relation = table_open(catalog, AccessShareLock);
	scan = systable_beginscan(relation, InvalidOid, false, NULL, 1, &key);
	tuple = systable_getnext(scan);
	found = HeapTupleIsValid(tuple);
	if (found)
	{
		bool is_null;
		Datum column =
			heap_getattr(tuple, 3, RelationGetDescr(relation), &is_null);

		if (!is_null)
			check_distribution(table, TextDatumGetCString(column));
	}
	systable_endscan(scan);
	table_close(relation, AccessShareLock);
	return found;
}

/*
 * Plan a statement with parameters of these types. Plans for any parameters are
 * kept for the next pages; Citus needs the values to send the statement to the
 * shards, and plans at each execution.
 */
static SPIPlanPtr
plan_statement(char *statement, int count, Oid *types, bool is_distributed)
{
	SPIPlanPtr plan =
		SPI_prepare_cursor(statement, count, types,
						   is_distributed ? CURSOR_OPT_CUSTOM_PLAN
										  : CURSOR_OPT_GENERIC_PLAN);

	if (plan == NULL)
		elog(ERROR, "SPI_prepare_cursor failed: %s",
			 SPI_result_code_string(SPI_result));
	return plan;
}

static void
keep_plan(SPIPlanPtr plan)
{
	if (plan != NULL && SPI_keepplan(plan) != 0)
		elog(ERROR, "SPI_keepplan failed");
}

static void
free_plan(SPIPlanPtr plan)
{
	if (plan != NULL)
		SPI_freeplan(plan);
}

/* Free kept plans, if there are any; the caller replaces them. */
static void
free_plans(LoadPlans *plans)
{
	if (plans->names == NULL)
		return;
	free_plan(plans->store);
	free_plan(plans->lock);
	free_plan(plans->spans);
	free_plan(plans->compute);
	pfree(plans->names);
}

/* The kind of deliveries that a table has. */
typedef struct DeliveryKind
{
	const char *type;
	const char *is_better_known; /* the function */
	const TableKey *key;
	LoadPlans *kept_plans;
} DeliveryKind;

static const DeliveryKind activity_kind = {"activity",
										   "activity_is_better_known",
										   &activity_key, kept_activity_plans};
static const DeliveryKind presence_kind = {"presence",
										   "presence_is_better_known",
										   &presence_key, kept_presence_plans};

/* Return a statement for a table with its holes filled, palloc'd. */
static char *
statement_for(const char *statement, const DeliveryKind *kind,
			  const LoadNames *names)
{
	TupleDesc type = names->type;
	bool has_participations = names->participation != NULL;
	int computed = has_participations
					   ? participation_attributes(names->participation)
					   : 0;
	bool is_distributed = names->is_distributed;
	const Hole holes[] =
		{{"schema", names->schema},
		 {"table", names->table_names[0]},
		 {"participations", names->table_names[1]},
		 {"is_better_known", kind->is_better_known},
		 {"key", list_key(kind->key, "%")},
		 {"type", kind->type},
		 {"element_key", list_key(kind->key, "element.%")},
		 {"columns", names->columns},
		 {"participation_columns", names->participation_columns},
		 {"stored_reported_by_given",
		  value_reported_by("stored", "(given.delivery)", NULL, type,
							type->natts, kind->type, names->schema)},
		 {"changed_key", list_key(kind->key, "(changed.delivery).%")},
		 {"news_key", list_key(kind->key, "(news.delivery).%")},
		 {"stored_key", list_key(kind->key, "stored.%")},
		 {"known_reported_by_delivery",
		  value_reported_by("(pair.known)", "(pair.delivery)", NULL, type,
							type->natts, kind->type, names->schema)},
		 {"assignments",
		  list_attributes(type, type->natts, kind->key, "% = EXCLUDED.%")},
		 {"stored_delivery",
		  value_of("stored", type, kind->type, names->schema)},
		 {"news_assignments", list_attributes(type, type->natts, kind->key,
											  "% = (news.delivery).%")},
		 {"excluded_delivery",
		  value_of("EXCLUDED", type, kind->type, names->schema)},
		 {"stored_is_given", same_key_condition("stored", "given", kind->key)},
		 /* of participations */
		 {"made_columns", has_participations
							  ? list_attributes(names->participation, computed,
												NULL, "(made.participation).%")
							  : NULL},
		 {"participation_assignments",
		  has_participations
			  ? list_attributes(names->participation, computed,
								&participation_key, "% = EXCLUDED.%")
			  : NULL},
		 {"new_columns", is_distributed ? list_key(&participation_key, "%")
										: names->participation_columns},
		 {"added_participation",
		  has_participations
			  ? value_reported_by("added", "added", NULL, names->participation,
								  computed, "participation", names->schema)
			  : NULL},
		 {"touched_key",
		  has_participations
			  ? value_reported_by("touched", "touched", &participation_key,
								  names->participation, computed,
								  "participation", names->schema)
			  : NULL},
		 {"stored_is_added",
		  same_key_condition("stored", "added", &participation_key)},
		 {"stored_is_touched",
		  same_key_condition("stored", "touched", &participation_key)}};

	return fill_statement(statement, holes, lengthof(holes));
}

/* Plan the statement that stores deliveries. */
static SPIPlanPtr
plan_store(const DeliveryKind *kind, const LoadNames *names, bool by_place)
{
	Oid types[] = {get_array_type(names->type->tdtypeid), TIMESTAMPTZOID,
				   TIMESTAMPTZOID};
	const char *statement = names->is_distributed ? distributed_store_statement
							: by_place			  ? store_by_place_statement
												  : store_statement;

	return plan_statement(statement_for(statement, kind, names),
						  lengthof(types), types, names->is_distributed);
}

/*
 * Plan the statement that stores activities whatever others do meanwhile. The
 * plan ends with the SPI connection.
 */
SPIPlanPtr
plan_store_again(const LoadNames *names)
{
	return plan_store(&activity_kind, names, false);
}

/* Plan the statements for a table. */
static void
make_plans(LoadPlans *plans, const DeliveryKind *kind, const LoadNames *names)
{
	Oid array = get_array_type(names->type->tdtypeid);
	Oid compute_types[] = {array, InvalidOid, TIMESTAMPTZOID, TIMESTAMPTZOID};
	Oid spans_types[] = {array, InvalidOid, array};
	bool is_distributed = names->is_distributed;

	memset(plans, 0, sizeof(LoadPlans));
	plans->store = plan_store(kind, names, names->has_places);
	if (names->participation == NULL)
		return;
	compute_types[1] = get_array_type(names->participation->tdtypeid);
	spans_types[1] = compute_types[1];
	plans->lock = plan_statement(statement_for(lock_statement, kind, names), 1,
								 &compute_types[1], is_distributed);
	if (names->has_spans)
		plans->spans =
			plan_statement(statement_for(spans_statement, kind, names),
						   lengthof(spans_types), spans_types, false);
	plans->compute =
		plan_statement(statement_for(is_distributed
										 ? distributed_compute_statement
										 : compute_statement,
									 kind, names),
					   lengthof(compute_types), compute_types, is_distributed);
}

/*
 * Return the plans for loading given deliveries into a table. These are the
 * kept plans for the same names, unless the table may have grown; else new
 * plans, which replace the least recently used. A load within another load,
 * which is nested, keeps its new plans to itself; they end with its SPI
 * connection. It must not free plans that the outer load is executing.
 *
 * PostgreSQL itself plans again after ANALYZE only. Plans made while a table
 * was small may use another index than the key's. With an index on state, 10,000
 * activities loaded by the hundred into an empty table in one transaction made
 * the first plans read 15,600,000 rows, and plans made again 55,000. So plans
 * are made again each time three times as much was loaded. With partitions, which
 * take longer to plan for, it is ten times as much; on a plain table, that read 13
 * rows for each activity there instead of one.
 */
static LoadPlans *
plans_for(const DeliveryKind *kind, const LoadNames *names, int64 given,
		  bool is_nested)
{
	static uint64 times_used = 0;
	char *all_names =
		psprintf("%u %u %u %d %d %d %s %s %s %s %s", names->tables[0],
				 names->tables[1], names->type->tdtypeid,
				 names->is_distributed, names->has_places, names->has_spans,
				 names->table_names[0], names->table_names[1], names->schema,
				 names->columns, names->participation_columns);
	int64 given_before = 0;
	LoadPlans *oldest = &kind->kept_plans[0];
	LoadPlans *made;

	for (int i = 0; i < KEPT_TABLES; i++)
	{
		LoadPlans *kept = &kind->kept_plans[i];

		if (kept->names != NULL && strcmp(kept->names, all_names) == 0)
		{
			given_before = kept->given;
			kept->given += given;
			kept->last_used = ++times_used;
			if (given_before <= kept->limit || is_nested)
				return kept;
			oldest = kept;
			break;
		}
		if (kept->last_used < oldest->last_used)
			oldest = kept;
	}

	made = palloc(sizeof(LoadPlans));
	make_plans(made, kind, names);
	made->given = given_before + given;
	made->limit = FIRST_LIMIT + (names->is_partitioned ? 9 : 2) * given_before;
	if (is_nested)
		return made;

	made->names = MemoryContextStrdup(TopMemoryContext, all_names);
	made->last_used = ++times_used;
	free_plans(oldest);
	*oldest = *made;
	keep_plan(oldest->store);
	keep_plan(oldest->lock);
	keep_plan(oldest->spans);
	keep_plan(oldest->compute);
	return oldest;
}

/* Look up the current names for a table, palloc'd. */
static void
find_names(const DeliveryKind *kind, const ActivityTables *tables, Oid table,
		   Oid function, LoadNames *names)
{
	names->tables[0] = table;
	names->tables[1] = InvalidOid;
	names->table_names[0] = qualified_name(table);
	names->table_names[1] = "";
	names->schema = quote_identifier(get_namespace_name(tables->schema));
	names->type = sibling_row_type(function, kind->type);
	names->participation = NULL;
	names->columns =
		list_attributes(names->type, names->type->natts, NULL, "%");
	names->participation_columns = "";
	names->is_distributed = is_citus_table(table);
	names->is_partitioned =
		get_rel_relkind(table) == RELKIND_PARTITIONED_TABLE;
	names->has_places = false;
	names->has_spans = false;
}

/*
 * Whether store_by_place_statement can store activities in a table: ctid is the
 * place of a row in it, which the caller may read, and nothing changes or drops
 * rows that are stored: the second run would store these again.
 */
static bool
has_places(const LoadNames *names)
{
	Relation table = table_open(names->tables[0], AccessShareLock);
	bool result = table->rd_rel->relkind == RELKIND_RELATION &&
				  table->rd_rel->relam == HEAP_TABLE_AM_OID &&
				  !has_subclass(names->tables[0]) &&
				  /* a right on all columns is not one on ctid */
				  pg_class_aclcheck(names->tables[0], GetUserId(),
									ACL_SELECT) == ACLCHECK_OK &&
				  stores_as_given(names, true);

	table_close(table, NoLock);
	return result;
}

/*
 * Whether spans_statement holds for a table: it is partitioned, nothing changes
 * the activities or the participations that are stored, and the caller sees all
 * participations.
 */
static bool
has_spans(const LoadNames *names)
{
	return names->is_partitioned && !names->is_distributed &&
		   check_enable_rls(names->tables[1], InvalidOid, true) !=
			   RLS_ENABLED &&
		   !may_change_rows(names->tables[0], true) &&
		   !may_change_rows(names->tables[1], true);
}

/*
 * Return the plans for loading given activities, as plans_for, and the names in
 * them.
 */
LoadPlans *
activity_plans(const ActivityTables *tables, Oid function, int64 given,
			   bool is_nested, LoadNames *names)
{
	find_names(&activity_kind, tables, tables->activities, function, names);
	names->tables[1] = tables->participations;
	names->table_names[1] = qualified_name(tables->participations);
	names->participation = sibling_row_type(function, "participation");
	/* the extension does not write attributes that users added */
	names->participation_columns =
		list_attributes(names->participation,
						participation_attributes(names->participation), NULL,
						"%");
	names->has_places = has_places(names);
	names->has_spans = has_spans(names);
	return plans_for(&activity_kind, names, given, is_nested);
}

/* Return a statement with the holes of those for activities, palloc'd. */
char *
activity_statement(const char *statement, const LoadNames *names)
{
	return statement_for(statement, &activity_kind, names);
}

/* Return the plans for presences in the same way. */
LoadPlans *
presence_plans(const ActivityTables *tables, Oid function, int64 given,
			   bool is_nested, LoadNames *names)
{
	find_names(&presence_kind, tables, tables->presences, function, names);
	return plans_for(&presence_kind, names, given, is_nested);
}
