/*
 * catalog.h
 *	  Lookups in the system catalogs.
 */
#ifndef ACTIVITY_CATALOG_H
#define ACTIVITY_CATALOG_H

#include "access/tupdesc.h"
#include "fmgr.h"

extern bool enum_label(Oid enum_type, const char *label, int length,
					   Oid *result);
extern Oid enum_label_or_fail(Oid enum_type, const char *label);
extern char *enum_labels(Oid enum_type);
extern float4 enum_sort_order(Oid label);
extern Oid sibling_type(Oid function, const char *name);
extern TupleDesc sibling_row_type(Oid function, const char *name);
extern TupleDesc result_type(FunctionCallInfo fcinfo);
extern uint64 catalog_generation(void);

/* Compare labels by the order of their enum; InvalidOid is before all. */
static inline int
compare_labels(Oid a, Oid b)
{
	float4 x;
	float4 y;

	if (a == b)
		return 0;
	if (!OidIsValid(a) || !OidIsValid(b))
		return OidIsValid(a) ? 1 : -1;
	x = enum_sort_order(a);
	y = enum_sort_order(b);
	return x < y ? -1 : x > y;
}

#endif /* ACTIVITY_CATALOG_H */
