/*
 * compat.h
 *	  Differences between PostgreSQL 15 and later releases.
 *
 * The code uses the names of the newest release, which are defined here for
 * older releases.
 */
#ifndef ACTIVITY_COMPAT_H
#define ACTIVITY_COMPAT_H

#if PG_VERSION_NUM < 150000
#error "activity needs PostgreSQL 15 or later"
#endif

#include "fmgr.h"
#include "funcapi.h"
#include "utils/numeric.h"

#if PG_VERSION_NUM >= 160000
#include "nodes/miscnodes.h"
#include "varatt.h"
#endif

/* PostgreSQL 15.0 has another name for it */
#ifndef MAT_SRF_USE_EXPECTED_DESC
#define MAT_SRF_USE_EXPECTED_DESC SRF_SINGLE_USE_EXPECTED
#define InitMaterializedSRF(fcinfo, flags) SetSingleFuncCall(fcinfo, flags)
#endif

/*
 * From 16 on, PostgreSQL builds modules with -fvisibility=hidden and exports the
 * functions that SQL calls; Makefile and these do so for 15. A function that is
 * not hidden is taken for one of the same name in another module.
 */
#if PG_VERSION_NUM < 160000
#undef PGDLLEXPORT
#define PGDLLEXPORT __attribute__((visibility("default")))
#undef PG_FUNCTION_INFO_V1
#define PG_FUNCTION_INFO_V1(function)                                    \
	extern PGDLLEXPORT Datum function(PG_FUNCTION_ARGS);                 \
	extern PGDLLEXPORT const Pg_finfo_record *pg_finfo_##function(void); \
	const Pg_finfo_record *pg_finfo_##function(void)                     \
	{                                                                    \
		static const Pg_finfo_record my_finfo = {1};                     \
		return &my_finfo;                                                \
	}                                                                    \
	extern int no_such_variable
#endif

/* from PostgreSQL 18; must come first in a declaration */
#ifndef pg_noreturn
#define pg_noreturn pg_attribute_noreturn()
#endif

/* from PostgreSQL 18: a module reports its name and version */
#ifndef PG_MODULE_MAGIC_EXT
#define PG_MODULE_MAGIC_EXT(...) PG_MODULE_MAGIC
#endif

/* A range that is not empty. From 16 on make_range may report errors softly. */
#if PG_VERSION_NUM >= 160000
#define make_simple_range(type, start, end) \
	make_range(type, start, end, false, NULL)
#else
#define make_simple_range(type, start, end) make_range(type, start, end, false)
#endif

/* PostgreSQL 17 and later have it in common/int.h */
#if PG_VERSION_NUM < 170000
static inline int
pg_cmp_s64(int64 a, int64 b)
{
	return (a > b) - (a < b);
}
#endif

/* From 19 on the planner asks an aggregate's support function for another call. */
#if PG_VERSION_NUM >= 190000
#define PLANNER_SIMPLIFIES_AGGREGATES
#endif

/* Round a number to an int4; false if it does not fit. Renamed in 19. */
static inline bool
numeric_fits_int4(Numeric number, int32 *result)
{
#if PG_VERSION_NUM >= 190000
	ErrorSaveContext error = {.type = T_ErrorSaveContext};

	*result = numeric_int4_safe(number, (Node *) &error);
	return !error.error_occurred;
#else
	bool error;

	*result = numeric_int4_opt_error(number, &error);
	return !error;
#endif
}

#endif /* ACTIVITY_COMPAT_H */
