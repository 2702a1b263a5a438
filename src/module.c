/*
 * module.c
 *	  What makes the shared library a PostgreSQL module.
 */
#include "postgres.h"

#include "compat.h"

PG_MODULE_MAGIC_EXT(.name = "activity", .version = "1.0");
