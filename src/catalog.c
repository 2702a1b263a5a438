/*
 * catalog.c
 *	  Lookups in the system catalogs: enum labels, and types by the functions
 *	  that use them.
 *
 * Labels are cached for the backend, until the catalogs change. fn_extra would
 * not do: often a call reads a single item, and inside Citus' worker
 * aggregates fn_extra is empty for every row.
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
#include "utils/typcache.h"

#include "catalog.h"
#include "compat.h"
#include "module.h"

/* slots of the label cache; a label is in one of KEPT_NEARBY after its hash */
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
 * Generation counter: it changes whenever cached catalog data may be stale.
 * The first call raises an error if the extension in this database has a later
 * version than the library.
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
 * Find the OID of a label, which is not null-terminated; false if the enum
 * type lacks it. enum_in raises an error for a label that this transaction
 * added, which must not be stored yet.
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

/* Find a label that the extension relies on; an error if it is missing. */
Oid
enum_label_or_fail(Oid enum_type, const char *label)
{
	Oid result;

	if (!enum_label(enum_type, label, strlen(label), &result))
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("type %s has no label \"%s\"",
						format_type_be(enum_type), label),
				 errhint("A label of the extension was renamed. Rename it "
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

/* Return a list of an enum type's labels in their order; palloc'd. */
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

/* Return a label's position in the order of its enum type. */
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
 * Return the type of this name in the schema of a function of the extension,
 * for types that the function's signature does not have.
 */
Oid
sibling_type(Oid function, const char *name)
{
	Oid type =
		GetSysCacheOid2(TYPENAMENSP, Anum_pg_type_oid, CStringGetDatum(name),
						ObjectIdGetDatum(get_func_namespace(function)));

	if (!OidIsValid(type))
		ereport(ERROR, (errcode(ERRCODE_UNDEFINED_OBJECT),
						errmsg("type \"%s\" is not in the schema of function "
							   "\"%s\"",
							   name, get_func_name(function))));
	return type;
}

/* Return a copy of the row type of this name, found in the same way. */
TupleDesc
sibling_row_type(Oid function, const char *name)
{
	return lookup_rowtype_tupdesc_copy(sibling_type(function, name), -1);
}

/* Return the row type of a function's result, by its signature. */
TupleDesc
result_type(FunctionCallInfo fcinfo)
{
	TupleDesc type;

	if (get_call_result_type(fcinfo, NULL, &type) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	return BlessTupleDesc(type);
}
