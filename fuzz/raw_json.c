/*
 * raw_json.c
 *	  Fuzz target: any bytes at all are read, as a page whose text nobody has
 *	  validated. There may be errors, but nothing out of bounds and no leak.
 */
#include "postgres.h"

#include "pages.h"

extern int LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	for (Way way = SPECULATIVELY; way <= BY_JSON_C; way++)
		free(tell_page((const char *) data, size, way));
	return 0;
}
