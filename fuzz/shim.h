/*
 * shim.h
 *	  What the fuzz targets use of the stand-in for a server (shim.c).
 */
#ifndef FUZZ_SHIM_H
#define FUZZ_SHIM_H

#include "access/tupdesc.h"
#include "fmgr.h"
#include "utils/palloc.h"

#include "../src/compat.h"

/* Called with what a target does to one input. */
typedef void (*FuzzWork)(void *arg);

/*
 * Does some work as a statement does it: in a memory context of its own, which
 * is released afterwards, errors included. Returns NULL, or the message of the
 * error that ended the work; *code is its SQLSTATE. The message is valid till
 * the next call.
 */
extern const char *shim_run(FuzzWork work, void *arg, int *code);

/* The row types of the extension, for the life of the process. */
extern TupleDesc shim_activity_type(void);
extern TupleDesc shim_participation_type(void);
extern TupleDesc shim_interaction_type(void);
extern TupleDesc shim_presence_type(void);

/* The row type that is looked up, whatever its OID is. */
extern TupleDesc (*shim_row_type)(void);

/* Calls a function with two arguments, of which NULL stands for null. */
extern Datum shim_call(PGFunction function, void *first, void *second);

/* Stops the process, for the fuzzer to keep the input. */
pg_noreturn extern void shim_fail(const char *format, ...);

#endif /* FUZZ_SHIM_H */
