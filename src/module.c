/*
 * module.c
 *	  The module's magic block, and the version of the library.
 *
 * A library serves the SQL objects of its own version and of all earlier ones.
 * So a new package can be installed before ALTER EXTENSION … UPDATE is run. A
 * library older than the SQL objects is an error.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/skey.h"
#include "access/stratnum.h"
#include "access/table.h"
#include "catalog/pg_extension.h"
#include "commands/extension.h"
#include "storage/lockdefs.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

#include "compat.h"
#include "module.h"

/* The Makefile sets ACTIVITY_VERSION to default_version of activity.control. */
PG_MODULE_MAGIC_EXT(.name = "activity", .version = ACTIVITY_VERSION);

/* Compare two versions, such as "1.9" and "1.10", as qsort compares. */
static int
compare_versions(const char *a, const char *b)
{
	while (*a != '\0' || *b != '\0')
	{
		char *a_end;
		char *b_end;
		unsigned long x = strtoul(a, &a_end, 10);
		unsigned long y = strtoul(b, &b_end, 10);

		if (x != y)
			return x < y ? -1 : 1;
		if (a == a_end && b == b_end)
			return strcmp(a, b); /* not numbers: a fork's names */
		a = *a_end == '.' ? a_end + 1 : a_end;
		b = *b_end == '.' ? b_end + 1 : b_end;
	}
	return 0;
}

static void
check_version(const char *version)
{
	if (compare_versions(version, ACTIVITY_VERSION) <= 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("extension \"activity\" has version %s, but the loaded "
					"library has version %s",
					version, ACTIVITY_VERSION),
			 errhint("Install version %s on this machine, then reconnect to "
					 "load the new library.",
					 version)));
}

/*
 * Raise an error if the extension in this database has a later version than
 * the library. Does nothing if the extension is not installed.
 */
void
check_extension_version(void)
{
	Oid extension = get_extension_oid("activity", true);
	Relation catalogue = table_open(ExtensionRelationId, AccessShareLock);
	ScanKeyData key;
	SysScanDesc scan;
	HeapTuple tuple;

	ScanKeyInit(&key, Anum_pg_extension_oid, BTEqualStrategyNumber, F_OIDEQ,
				ObjectIdGetDatum(extension));
	scan = systable_beginscan(catalogue, ExtensionOidIndexId, true, NULL, 1,
							  &key);
	tuple = systable_getnext(scan);
	if (HeapTupleIsValid(tuple))
	{
		bool isnull;
		Datum version = heap_getattr(tuple, Anum_pg_extension_extversion,
									 RelationGetDescr(catalogue), &isnull);

		if (!isnull)
			check_version(TextDatumGetCString(version));
	}
	systable_endscan(scan);
	table_close(catalogue, AccessShareLock);
}

PG_FUNCTION_INFO_V1(activity_library_version);
/*
 * activity_library_version(needed): the version of the library; an error if it
 * is earlier than the needed one.
 */
Datum
activity_library_version(PG_FUNCTION_ARGS)
{
	check_version(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	PG_RETURN_TEXT_P(cstring_to_text(ACTIVITY_VERSION));
}
