/*
 * never_called.c
 *	  What is called by functions that stand beside those that are fuzzed. It is
 *	  without its prototypes, which differ between releases.
 */
#include <stdlib.h>

#define NEVER_CALLED(name) \
	void name(void);       \
	void name(void)        \
	{                      \
		abort();           \
	}

NEVER_CALLED(EncodeDateTime)
NEVER_CALLED(EncodeSpecialTimestamp)
NEVER_CALLED(ExceptionalCondition) /* by an assertion that fails */
NEVER_CALLED(DatumGetHeapTupleHeader)
NEVER_CALLED(end_MultiFuncCall)
NEVER_CALLED(enum_labels)
NEVER_CALLED(errdetail_internal)
NEVER_CALLED(heap_modify_tuple_by_cols)
NEVER_CALLED(init_MultiFuncCall)
NEVER_CALLED(lookup_type_cache)
NEVER_CALLED(make_multirange)
NEVER_CALLED(make_range)
NEVER_CALLED(open_jsonb_page)
NEVER_CALLED(per_MultiFuncCall)
NEVER_CALLED(timestamp2tm)
