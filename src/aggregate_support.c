/*
 * aggregate_support.c
 *	  The planner's support function of the metrics: a metric over whole rows
 *	  becomes the same metric over columns.
 *
 * PostgreSQL makes a row of all its columns for each call of an aggregate that
 * takes one, which costs more than the metric itself. From PostgreSQL 19 on the
 * planner asks a support function whether a call can be replaced. Earlier
 * releases never call it.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/tupdesc.h"
#include "catalog/dependency.h"
#include "catalog/pg_proc.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "nodes/supportnodes.h"
#include "optimizer/optimizer.h"
#include "parser/parsetree.h"
#include "utils/builtins.h"
#include "utils/datum.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

#include "compat.h"

#ifdef PLANNER_SIMPLIFIES_AGGREGATES

#define MOST_COLUMNS 11
#define MOST_ARGUMENTS (MOST_COLUMNS + 1)

/*
 * The attributes that the column forms take, by name; those of a form that has
 * another argument come before it.
 */
static const char *const column_forms[][MOST_COLUMNS + 1] = {
	/* sums */
	{"state", "reason", "duration_ms"},
	/* distinct participations; with the reason asked for, and the peak */
	{"state", "reason", "duration_ms", "interaction_guid", "channel_guid",
	 "agent_id"},
	{"state", "reason", "duration_ms", "interaction_guid", "channel_guid",
	 "agent_id", "start"},
	/* overlap of agents */
	{"state", "reason", "duration_ms", "agent_id", "start"},
	/* participations; with the reason asked for */
	{"ring_ms", "talk_ms", "parked_ms", "wrap_ms", "handle_ms", "connections",
	 "outcome", "offered", "handled", "answer_ms"},
	{"ring_ms", "talk_ms", "parked_ms", "wrap_ms", "handle_ms", "connections",
	 "outcome", "offered", "handled", "answer_ms", "unexpected_reason"},
};

/*
 * Return the number of the attribute of this name in a row type, from 0; -1 if
 * there is none.
 */
static int
attribute_number(TupleDesc type, const char *name)
{
	for (int i = 0; i < type->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(type, i);

		if (!attribute->attisdropped &&
			strcmp(NameStr(attribute->attname), name) == 0)
			return i;
	}
	return -1;
}

/*
 * Return the row under conversions to another row type, which go by the
 * attributes' names, and under placeholders that no outer join makes null, if its
 * attributes can be had one by one with the same result; else NULL. It is a Var
 * for a whole row of a table, a function or a subquery, or a RowExpr. Neither is
 * null, as a row that an outer join adds would be.
 */
static Node *
row_with_attributes(PlannerInfo *root, Node *row)
{
	for (;;)
	{
		if (IsA(row, ConvertRowtypeExpr))
			row = (Node *) ((ConvertRowtypeExpr *) row)->arg;
		else if (IsA(row, PlaceHolderVar) &&
				 ((PlaceHolderVar *) row)->phlevelsup == 0 &&
				 bms_is_empty(((PlaceHolderVar *) row)->phnullingrels))
			row = (Node *) ((PlaceHolderVar *) row)->phexpr;
		else
			break;
	}
	if (IsA(row, RowExpr))
		return contain_volatile_functions(row) ? NULL : row;
	if (IsA(row, Var))
	{
		const Var *var = (Var *) row;
		RTEKind kind;

		if (var->varattno != InvalidAttrNumber || var->varlevelsup != 0 ||
			!bms_is_empty(var->varnullingrels) ||
			var->varreturningtype != VAR_RETURNING_DEFAULT)
			return NULL;
		kind = rt_fetch(var->varno, root->parse->rtable)->rtekind;
		if (kind == RTE_RELATION || kind == RTE_FUNCTION ||
			kind == RTE_SUBQUERY)
			return row;
	}
	return NULL;
}

/*
 * Return an attribute of such a row, whose type is given, as an expression; NULL
 * if the row lacks it or has another type there.
 */
static Expr *
attribute_of_row(Node *row, TupleDesc row_type, const char *name, Oid type)
{
	int number = attribute_number(row_type, name);
	Form_pg_attribute attribute;

	if (number < 0)
		return NULL;
	attribute = TupleDescAttr(row_type, number);
	if (attribute->atttypid != type)
		return NULL;
	if (IsA(row, RowExpr))
	{
		List *values = ((RowExpr *) row)->args;
		Node *value =
			number < list_length(values) ? list_nth(values, number) : NULL;

		return value != NULL && exprType(value) == type ? (Expr *) value
														: NULL;
	}
	/* a virtual column is not in the table; the planner replaces such rows */
	if (attribute->attgenerated == ATTRIBUTE_GENERATED_VIRTUAL)
		return NULL;
	return (Expr *) makeVar(((Var *) row)->varno, number + 1, type,
							attribute->atttypmod, attribute->attcollation, 0);
}

/*
 * Return the arguments that the attributes of these names are, as TargetEntries,
 * followed by the other arguments of a call over rows; NIL if the row lacks one.
 */
static List *
column_arguments(const Aggref *call, Node *row, const char *const *names,
				 const Oid *types)
{
	Oid row_oid =
		IsA(row, Var) ? ((Var *) row)->vartype : ((RowExpr *) row)->row_typeid;
	TupleDesc row_type;
	List *arguments = NIL;

	if (row_oid == RECORDOID)
		return NIL;
	row_type = lookup_rowtype_tupdesc_noerror(row_oid, -1, true);
	if (row_type == NULL)
		return NIL;
	for (int i = 0; names[i] != NULL; i++)
	{
		Expr *value = attribute_of_row(row, row_type, names[i], types[i]);

		if (value == NULL)
		{
			arguments = NIL;
			break;
		}
		arguments =
			lappend(arguments, makeTargetEntry(value, i + 1, NULL, false));
	}
	ReleaseTupleDesc(row_type);
	if (arguments == NIL)
		return NIL;
	for (int i = 1; i < list_length(call->args); i++)
	{
		TargetEntry *further = list_nth(call->args, i);

		arguments =
			lappend(arguments,
					makeTargetEntry(further->expr, list_length(arguments) + 1,
									NULL, false));
	}
	return arguments;
}

/*
 * Whether the column forms of an aggregate find the row type that it is over:
 * they look for it by its name, in their own schema (sibling_type), and fail if
 * it was renamed or moved.
 */
static bool
is_found_by_name(Oid type, Oid aggregate)
{
	Oid relation = get_typ_typrelid(type);
	const char *name = get_rel_name(relation);

	return name != NULL &&
		   (strcmp(name, "activity") == 0 ||
			strcmp(name, "participation") == 0) &&
		   get_rel_namespace(relation) == get_func_namespace(aggregate);
}

/*
 * Whether two functions, given as tuples of pg_proc, have the same owner and
 * privileges: who may call one may then call the other.
 */
static bool
have_same_privileges(HeapTuple a, HeapTuple b)
{
	bool a_has_none;
	bool b_has_none;
	Datum a_privileges =
		SysCacheGetAttr(PROCOID, a, Anum_pg_proc_proacl, &a_has_none);
	Datum b_privileges =
		SysCacheGetAttr(PROCOID, b, Anum_pg_proc_proacl, &b_has_none);

	return ((Form_pg_proc) GETSTRUCT(a))->proowner ==
			   ((Form_pg_proc) GETSTRUCT(b))->proowner &&
		   a_has_none == b_has_none &&
		   (a_has_none ||
			datum_image_eq(a_privileges, b_privileges, false, -1));
}

/*
 * Whether one aggregate may stand for another: it belongs to the same extension,
 * so that nobody else made it, has the same result, and may be called by the same
 * roles.
 */
static bool
may_replace(Oid replacement, const Aggref *call)
{
	Oid extension = getExtensionOfObject(ProcedureRelationId, call->aggfnoid);
	HeapTuple from;
	HeapTuple to;
	bool result;

	if (!OidIsValid(extension) ||
		getExtensionOfObject(ProcedureRelationId, replacement) != extension)
		return false;
	from = SearchSysCache1(PROCOID, ObjectIdGetDatum(call->aggfnoid));
	to = SearchSysCache1(PROCOID, ObjectIdGetDatum(replacement));
	result = HeapTupleIsValid(from) && HeapTupleIsValid(to) &&
			 ((Form_pg_proc) GETSTRUCT(to))->prokind == PROKIND_AGGREGATE &&
			 ((Form_pg_proc) GETSTRUCT(to))->prorettype == call->aggtype &&
			 have_same_privileges(from, to);
	if (HeapTupleIsValid(from))
		ReleaseSysCache(from);
	if (HeapTupleIsValid(to))
		ReleaseSysCache(to);
	return result;
}

/*
 * Return the aggregate of the same name and schema whose arguments are the
 * attributes of these names, and then the other arguments of a call over rows;
 * InvalidOid if there is none. Sets their types, of which the caller has
 * MOST_ARGUMENTS, and how many they are.
 */
static Oid
find_column_form(const Aggref *call, TupleDesc row_type,
				 const char *const *names, Oid *types, int *count)
{
	const char *name = get_func_name(call->aggfnoid);
	Oid result;

	*count = 0;
	if (name == NULL) /* another session has dropped it */
		return InvalidOid;
	for (int i = 0; names[i] != NULL; i++)
	{
		int number = attribute_number(row_type, names[i]);

		if (number < 0)
			return InvalidOid;
		types[(*count)++] = TupleDescAttr(row_type, number)->atttypid;
	}
	for (int i = 1; i < list_length(call->aggargtypes); i++)
	{
		if (*count == MOST_ARGUMENTS)
			return InvalidOid;
		types[(*count)++] = list_nth_oid(call->aggargtypes, i);
	}
	result =
		GetSysCacheOid3(PROCNAMEARGSNSP, Anum_pg_proc_oid,
						CStringGetDatum(name),
						PointerGetDatum(buildoidvector(types, *count)),
						ObjectIdGetDatum(get_func_namespace(call->aggfnoid)));
	return OidIsValid(result) && may_replace(result, call) ? result
														   : InvalidOid;
}

/*
 * Return a call of the column form in the place of a call over rows, with its
 * FILTER; NULL if there is none, or if it might have another result.
 */
static Aggref *
call_over_columns(PlannerInfo *root, const Aggref *call)
{
	TupleDesc row_type;
	Node *row;
	Aggref *result = NULL;

	if (call->agglevelsup != 0 || call->aggdistinct != NIL ||
		call->aggorder != NIL || call->args == NIL ||
		!is_found_by_name(linitial_oid(call->aggargtypes), call->aggfnoid))
		return NULL;
	row = row_with_attributes(root,
							  (Node *) ((TargetEntry *) linitial(call->args))
								  ->expr);
	if (row == NULL)
		return NULL;
	row_type = lookup_rowtype_tupdesc_noerror(linitial_oid(call->aggargtypes),
											  -1, true);
	if (row_type == NULL)
		return NULL;
	for (int i = 0; i < (int) lengthof(column_forms) && result == NULL; i++)
	{
		Oid types[MOST_ARGUMENTS];
		int count;
		Oid form =
			find_column_form(call, row_type, column_forms[i], types, &count);
		List *arguments =
			OidIsValid(form)
				? column_arguments(call, row, column_forms[i], types)
				: NIL;

		if (arguments == NIL)
			continue;
		result = makeNode(Aggref);
		*result = *call;
		result->aggfnoid = form;
		result->args = arguments;
		result->aggargtypes = NIL;
		for (int j = 0; j < count; j++)
			result->aggargtypes = lappend_oid(result->aggargtypes, types[j]);
		/* as the parser has it: calls share a state only if it is the same */
		result->inputcollid = InvalidOid;
		for (int j = 0; j < count && !OidIsValid(result->inputcollid); j++)
		{
			TargetEntry *argument = list_nth(arguments, j);

			result->inputcollid = exprCollation((Node *) argument->expr);
		}
	}
	ReleaseTupleDesc(row_type);
	return result;
}

#endif /* PLANNER_SIMPLIFIES_AGGREGATES */

PG_FUNCTION_INFO_V1(activity_metric_support);
/*
 * The support function of the metrics over rows: returns a call that replaces
 * the one that the planner asks about, or NULL.
 */
Datum
activity_metric_support(PG_FUNCTION_ARGS)
{
	Node *result = NULL;

#ifdef PLANNER_SIMPLIFIES_AGGREGATES
	Node *request = (Node *) PG_GETARG_POINTER(0);

	if (IsA(request, SupportRequestSimplifyAggref))
	{
		SupportRequestSimplifyAggref *simplify =
			(SupportRequestSimplifyAggref *) request;

		result = (Node *) call_over_columns(simplify->root, simplify->aggref);
	}
#endif
	PG_RETURN_POINTER(result);
}
