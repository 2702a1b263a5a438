/*
 * catalog.c
 *	  What the extension looks up in the system catalogs: enum labels, and
 *	  types by the functions that use them.
 *
 * Labels are cached for the life of the backend, until the catalog changes, and
 * not in fn_extra: a call often reads one item only, and inside Citus' worker
 * aggregates fn_extra is empty on every row.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/fmgroids.h"
#include "utils/fmgrprotos.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "catalog.h"
#include "compat.h"
#include "module.h"

/* slots for labels; a label is in the one that it hashes to, or one of the next */
#define KEPT_LABELS 256
#define KEPT_NEARBY 4

typedef struct KeptLabel
{
	Oid enum_type;
	Oid oid;
	int length; /* 0: the slot is empty */
	NameData name;
} KeptLabel;

static KeptLabel kept_labels[KEPT_LABELS];
static uint64 kept_as_of = 0;

static uint64 changes = 0;
static bool watching = false;

static void
enum_changed(Datum arg pg_attribute_unused(),
			 int cache_id pg_attribute_unused(),
			 uint32 hash_value pg_attribute_unused())
{
	changes++;
}

static void
relation_changed(Datum arg pg_attribute_unused(),
				 Oid relation pg_attribute_unused())
{
	changes++;
}

/*
 * Generation counter: it changes whenever cached catalog data of enums or
 * composite types may be stale. An error, at the first call, if the extension in this
 * database is of a later version than the library.
 */
uint64
catalog_generation(void)
{
	if (!watching)
	{
		check_extension_version();
		CacheRegisterSyscacheCallback(ENUMOID, enum_changed, (Datum) 0);
		CacheRegisterRelcacheCallback(relation_changed, (Datum) 0);
		watching = true;
		changes = 1;
	}
	return changes;
}

/*
 * Find the label of an enum type, given without terminator; false if it does not
 * exist. An error (by enum_in) if this transaction has added it, so that it is not
 * safe to be stored yet.
 */
bool
enum_label(Oid enum_type, const char *label, int length, Oid *result)
{
	uint64 now = catalog_generation();
	NameData name;
	HeapTuple tuple;
	KeptLabel *kept = NULL;
	uint32 hash;

	if (length == 0 || length >= NAMEDATALEN)
		return false;
	if (kept_as_of != now)
	{
		memset(kept_labels, 0, sizeof(kept_labels));
		kept_as_of = now;
	}
	hash = (enum_type * 31 + length) * 31 + (unsigned char) label[0];
	hash = hash * 31 + (unsigned char) label[length / 2];
	hash = hash * 31 + (unsigned char) label[length - 1];
	for (int i = 0; i < KEPT_NEARBY; i++)
	{
		kept = &kept_labels[(hash + i) % KEPT_LABELS];
		if (kept->length == length && kept->enum_type == enum_type &&
			memcmp(NameStr(kept->name), label, length) == 0)
		{
			*result = kept->oid;
			return true;
		}
		if (kept->length == 0)
			break;
	}

	memset(&name, 0, sizeof(name));
	memcpy(NameStr(name), label, length);
	tuple = SearchSysCache2(ENUMTYPOIDNAME, ObjectIdGetDatum(enum_type),
							NameGetDatum(&name));
	if (!HeapTupleIsValid(tuple))
		return false;
	ReleaseSysCache(tuple);
	*result = DatumGetObjectId(
		DirectFunctionCall2(enum_in, CStringGetDatum(NameStr(name)),
							ObjectIdGetDatum(enum_type)));

	kept->enum_type = enum_type;
	kept->oid = *result;
	kept->length = length;
	kept->name = name;
	return true;
}

/* Find a label that the extension itself relies on. */
Oid
enum_label_or_fail(Oid enum_type, const char *label)
{
	Oid result;

	if (!enum_label(enum_type, label, strlen(label), &result))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("type %s has no label \"%s\"",
						format_type_be(enum_type), label),
				 errhint("A label of the extension was renamed; rename it "
						 "back.")));
	return result;
}

static int
compare_sort_order(const void *a, const void *b)
{
	float4 x = ((Form_pg_enum) GETSTRUCT(*(HeapTuple *) a))->enumsortorder;
	float4 y = ((Form_pg_enum) GETSTRUCT(*(HeapTuple *) b))->enumsortorder;

	return x < y ? -1 : x > y;
}

/* List the labels of an enum type in their order, palloc'd. */
char *
enum_labels(Oid enum_type)
{
	CatCList *list =
		SearchSysCacheList1(ENUMTYPOIDNAME, ObjectIdGetDatum(enum_type));
	HeapTuple *labels = palloc(sizeof(HeapTuple) * (list->n_members + 1));
	StringInfoData result;

	for (int i = 0; i < list->n_members; i++)
		labels[i] = &list->members[i]->tuple;
	qsort(labels, list->n_members, sizeof(HeapTuple), compare_sort_order);

	initStringInfo(&result);
	for (int i = 0; i < list->n_members; i++)
		appendStringInfo(&result, "%s%s", i == 0 ? "" : ", ",
						 NameStr(((Form_pg_enum) GETSTRUCT(labels[i]))
									 ->enumlabel));
	ReleaseSysCacheList(list);
	pfree(labels);
	return result.data;
}

/* Return the position of a label in the order of its enum type. */
float4
enum_sort_order(Oid label)
{
	HeapTuple tuple = SearchSysCache1(ENUMOID, ObjectIdGetDatum(label));
	float4 result;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR, (errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
						errmsg("invalid internal value for enum: %u", label)));
	result = ((Form_pg_enum) GETSTRUCT(tuple))->enumsortorder;
	ReleaseSysCache(tuple);
	return result;
}

/*
 * Return the type of this name in the schema of one of the extension's functions.
 * It is for types that the function's own signature does not have.
 */
Oid
sibling_type(Oid function, const char *name)
{
	Oid type =
		GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name),
						ObjectIdGetDatum(get_func_namespace(function)));

	if (!OidIsValid(type))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("type %s is not in the schema of function %s",
							   name, get_func_name(function))));
	return type;
}

/* The row type of a function's result, by its own signature. */
TupleDesc
result_type(FunctionCallInfo fcinfo)
{
	TupleDesc type;

	if (get_call_result_type(fcinfo, NULL, &type) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return BlessTupleDesc(type);
}
