/*
 * load.h
 *	  Loading into tables: the tables, and the plans of the statements.
 */
#ifndef ACTIVITY_LOAD_H
#define ACTIVITY_LOAD_H

#include "access/tupdesc.h"
#include "datatype/timestamp.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "storage/itemptr.h"
#include "utils/array.h"
#include "utils/guc.h"
#include "utils/snapshot.h"
#include "utils/timestamp.h"

#include "compat.h"
#include "page.h"

/* A table of activities and its surroundings. */
typedef struct ActivityTables
{
	Oid activities;
	Oid participations; /* its participation table */
	Oid presences;		/* its presence table; InvalidOid if not needed */
	Oid schema;			/* of the extension */
	Oid forgotten;		/* NAME_forgotten; InvalidOid if there is none */
	TimestampTz forgotten_before; /* DT_NOBEGIN: nothing was forgotten */
} ActivityTables;

/* The columns of a table that a row is known by. */
typedef struct TableKey
{
	int count;
	const char *columns[5];
} TableKey;

/* The names in the statements that load into a table. */
typedef struct LoadNames
{
	Oid tables[2]; /* the table, and its participations if it has any */
	char *table_names[2];
	const char *schema; /* of the extension */
	TupleDesc type;		/* of the table's rows */
	TupleDesc participation;
	bool is_partitioned;
	bool is_distributed; /* by Citus */
	bool has_places;	 /* see store_by_place_statement */
	bool has_spans;		 /* see spans_statement */
	char *columns;		 /* lists of the types' attributes */
	char *participation_columns;
} LoadNames;

/* What is given to a load: activities, or presences, each key once. */
typedef struct Deliveries
{
	ArrayType *array;		   /* in the order of their keys */
	ArrayType *participations; /* of the activities, in the same order */
	int64 given;			   /* how many, with those of the same key */
	TimestampTz first;		   /* start */
	TimestampTz last;
} Deliveries;

/* The plans of the statements for a table. */
typedef struct LoadPlans
{
	char *names; /* OIDs of the tables and of their type, and all names in the
				  * statements; NULL if there are no plans */
	SPIPlanPtr store;
	SPIPlanPtr lock;  /* NULL if the table has no participations */
	SPIPlanPtr spans; /* NULL unless has_spans */
	SPIPlanPtr compute;
	uint64 last_used; /* the number of the last load that used them */
	int64 given;	  /* rows loaded with them so far */
	int64 limit;	  /* of given, after which to plan again: tables grow */
} LoadPlans;

/* A name in braces in a statement, and what is filled in for it. */
typedef struct Hole
{
	const char *name;
	const char *text;
} Hole;

/* The counts of a load. */
typedef struct LoadCounts
{
	int64 given;
	int64 inserted;
	int64 updated;
	int64 rejected;
	int64 outdated;
} LoadCounts;

/* The rows of one or more pages that are of one type. */
typedef struct RowArray
{
	TupleDesc type;
	ArrayBuildState *elements; /* NULL if there are none */
} RowArray;

/* The rows of one or more pages; they live in the context of begin_rows. */
typedef struct PageRows
{
	RowArray activities;
	RowArray presences;
	MemoryContext context;
	Size size; /* of all rows, in bytes */
} PageRows;

/* Pages of a table that Citus distributes, and a range of them on all shards. */
typedef struct DistributedPages
{
	const char *relation;
	const char *column;
	Oid oid;
	int64 total;		 /* when the load began */
	ItemPointerData end; /* the last place then */
	int64 placement;	 /* the newest of the shards then */
	ItemPointerData after;
	ItemPointerData last;
	int64 pages; /* in the range */
} DistributedPages;

/* load.c */
extern void set_option(const char *name, const char *value, GucAction action);
extern void use_keys(void);
extern void begin_read_committed(void);
extern void check_may_commit(FunctionCallInfo fcinfo, const char *procedure);
extern void check_not_renamed(const ActivityTables *tables,
							  const LoadNames *names);
extern void begin_rows(PageRows *rows, Oid function);
extern void read_rows(PageRows *rows, Datum document, PageType type,
					  Oid function, OnError on_error, LoadCounts *counts);
extern void load_rows(FunctionCallInfo fcinfo, const PageRows *rows,
					  bool expects_new, LoadCounts *counts);
extern Datum load_result(FunctionCallInfo fcinfo, const LoadCounts *counts);

/* load_tables.c */
extern const TableKey activity_key;
extern const TableKey participation_key;
extern const TableKey presence_key;
extern Oid relation_owner(Oid relation);
extern char *qualified_name(Oid relation);
extern void check_owner(Oid activities, Oid table);
extern void find_tables(FunctionCallInfo fcinfo, bool with_presences,
						ActivityTables *tables);
extern void check_snapshot(Oid table, Snapshot snapshot);
extern void lock_types(FunctionCallInfo fcinfo);
extern void lock_tables(FunctionCallInfo fcinfo, bool with_activities,
						bool with_presences, ActivityTables *tables);

/* load_deliveries.c */
extern void read_deliveries(ArrayType *array, TupleDesc participation,
							Deliveries *deliveries);
extern ArrayType *one_of_each_other(ArrayType *activities,
									ArrayType *participations);
extern ArrayType *take_new_activities(Deliveries *deliveries, ArrayType *added,
									  ArrayType *known);

/* load_plans.c */
extern bool is_citus_table(Oid table);
extern char *list_attributes(TupleDesc type, int count,
							 const TableKey *without, const char *format);
extern char *list_key(const TableKey *key, const char *format);
extern char *value_reported_by(const char *row, const char *reporting_row,
							   const TableKey *key, TupleDesc type, int count,
							   const char *type_name, const char *schema);
extern char *value_of(const char *row, TupleDesc type, const char *type_name,
					  const char *schema);
extern char *same_key_condition(const char *a, const char *b,
								const TableKey *key);
extern char *fill_statement(const char *statement, const Hole *holes,
							int count);
extern LoadPlans *activity_plans(const ActivityTables *tables, Oid function,
								 int64 given, bool is_nested,
								 LoadNames *names);
extern LoadPlans *presence_plans(const ActivityTables *tables, Oid function,
								 int64 given, bool is_nested,
								 LoadNames *names);
extern SPIPlanPtr plan_store_again(const LoadNames *names);
extern char *activity_statement(const char *statement, const LoadNames *names);

/* load_partitions.c */
extern void lock_partitions(Oid table);
extern bool may_change_rows(Oid table, bool with_updates);

/* load_new.c */
extern bool stores_as_given(const LoadNames *names, bool with_updates);
extern ArrayType *insert_new_activities(const ActivityTables *tables,
										const LoadNames *names,
										Deliveries *given, ArrayType *added,
										int64 *inserted);

/* distributed_pages.c */
extern DistributedPages *find_distributed_pages(Oid relation,
												const char *column);
extern bool next_distributed_pages(DistributedPages *pages, int64 batch);
extern void check_not_moved(const DistributedPages *pages);

/* load_staged.c */
extern bool may_stage(FunctionCallInfo fcinfo);
extern void load_staged_rows(FunctionCallInfo fcinfo, const PageRows *rows,
							 LoadCounts *counts);
extern void load_distributed_pages(FunctionCallInfo fcinfo,
								   const DistributedPages *pages,
								   OnError on_error, LoadCounts *counts);

/* retention.c */
extern bool lacks_default_partition(Oid table);
extern void hint_at_partitions(void *arg);
extern void find_forgotten(ActivityTables *tables);
extern ArrayType *current_deliveries(const ActivityTables *tables,
									 ArrayType *deliveries,
									 bool are_presences);

#endif /* ACTIVITY_LOAD_H */
