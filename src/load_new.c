/*
 * load_new.c
 *	  Inserts the activities of participations that a load has added, which is
 *	  faster than to look up each one and to compute the participations again.
 */
#include "postgres.h"

#include "catalog/pg_type_d.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/lsyscache.h"
#include "utils/rls.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "load.h"

/*
 * Returns those of the participations that lock_statement added ($1) that have
 * activities all the same, as somebody has removed the participation. They are
 * looked for from $2 to $3: in a partitioned table, from the first to the last
 * given start. No other load stores activities of the added ones: it waits for
 * the rows.
 */
static const char known_statement[] =
	"SELECT array_agg({added_participation}) FROM unnest($1) AS added "
	"WHERE (SELECT true FROM {table} AS stored WHERE {stored_is_added} "
	"AND stored.start >= $2 AND stored.start <= $3 LIMIT 1)";

/* Inserts activities ($1). */
static const char insert_statement[] = "INSERT INTO {table} ({columns}) "
									   "SELECT {columns} FROM unnest($1)";

/*
 * Whether a table keeps activities as they are inserted, or with updates also
 * updated, and whoever may do so sees them: no rule, trigger, column or policy
 * says otherwise.
 */
bool
stores_as_given(const LoadNames *names, bool with_updates)
{
	return !names->is_distributed &&
		   check_enable_rls(names->tables[0], InvalidOid, true) !=
			   RLS_ENABLED &&
		   !may_change_rows(names->tables[0], with_updates);
}

/* Execute a statement whose first parameter is an array, perhaps with times. */
static void
execute(const char *statement, int kind, ArrayType *array, TimestampTz first,
		TimestampTz last, int arguments)
{
	Oid types[] = {get_array_type(ARR_ELEMTYPE(array)), TIMESTAMPTZOID,
				   TIMESTAMPTZOID};
	Datum values[] = {PointerGetDatum(array), TimestampTzGetDatum(first),
					  TimestampTzGetDatum(last)};
	int result = SPI_execute_with_args(statement, arguments, types, values,
									   NULL, false, 0);

	if (result != kind)
		elog(ERROR, "SPI_execute_with_args failed: %s",
			 SPI_result_code_string(result));
}

/*
 * Insert the given activities of participations that the load has added and that
 * have no activities. Takes them out of given, and sets inserted to how many they
 * are. Returns the array of the other added participations, which must be
 * computed; NULL if there are none.
 */
ArrayType *
insert_new_activities(const ActivityTables *tables, const LoadNames *names,
					  Deliveries *given, ArrayType *added, int64 *inserted)
{
	ArrayType *activities;
	ArrayType *known = NULL;
	Datum value;
	bool is_null;

	execute(activity_statement(known_statement, names), SPI_OK_SELECT, added,
			names->is_partitioned ? given->first : DT_NOBEGIN,
			names->is_partitioned ? given->last : DT_NOEND, 3);
	value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1,
						  &is_null);
	if (!is_null)
		known = DatumGetArrayTypeP(value);
	check_not_renamed(tables, names);

	activities = take_new_activities(given, added, known);
	execute(activity_statement(insert_statement, names), SPI_OK_INSERT,
			activities, 0, 0, 1);
	*inserted = SPI_processed;
	check_not_renamed(tables, names);
	pfree(activities);
	return known;
}
