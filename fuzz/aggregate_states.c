/*
 * aggregate_states.c
 *	  Fuzz target: any bytes at all are given to the deserialisers of the
 *	  aggregates. What they accept is a state: it can be combined, finished and
 *	  written again, and what is written reads back as the same.
 *
 * The first byte of an input tells which family it is for.
 */
#include "postgres.h"

#include "../src/compat.h"
#include "shim.h"

extern int LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

#define DECLARE_FAMILY(family)                         \
	extern Datum family##_combine(PG_FUNCTION_ARGS);   \
	extern Datum family##_serialize(PG_FUNCTION_ARGS); \
	extern Datum family##_deserialize(PG_FUNCTION_ARGS)

DECLARE_FAMILY(activity_sets);
DECLARE_FAMILY(activity_stretches);
DECLARE_FAMILY(participation);
extern Datum activity_sets_handled_participations(PG_FUNCTION_ARGS);
extern Datum activity_sets_average_handle_time(PG_FUNCTION_ARGS);
extern Datum activity_sets_unexpected_rate(PG_FUNCTION_ARGS);
extern Datum activity_stretches_busy_time(PG_FUNCTION_ARGS);
extern Datum activity_stretches_peak_concurrency(PG_FUNCTION_ARGS);
extern Datum participation_final(PG_FUNCTION_ARGS);

typedef struct Family
{
	PGFunction combine;
	PGFunction serialize;
	PGFunction deserialize;
	PGFunction finals[4];
} Family;

static const Family families[] = {
	{activity_sets_combine,
	 activity_sets_serialize,
	 activity_sets_deserialize,
	 {activity_sets_handled_participations, activity_sets_average_handle_time,
	  activity_sets_unexpected_rate, NULL}},
	{activity_stretches_combine,
	 activity_stretches_serialize,
	 activity_stretches_deserialize,
	 {activity_stretches_busy_time, NULL}},
	{activity_stretches_combine,
	 activity_stretches_serialize,
	 activity_stretches_deserialize,
	 {activity_stretches_peak_concurrency, NULL}},
	{participation_combine,
	 participation_serialize,
	 participation_deserialize,
	 {participation_final, NULL}},
};

typedef struct Input
{
	const Family *family;
	const uint8 *bytes;
	size_t length;
} Input;

static void *
read_state(const Family *family, bytea *written)
{
	return DatumGetPointer(shim_call(family->deserialize, written, NULL));
}

static void
use_state(void *arg)
{
	Input *input = arg;
	const Family *family = input->family;
	bytea *given = palloc(VARHDRSZ + input->length);
	bytea *written;
	bytea *again;
	void *state;

	SET_VARSIZE(given, VARHDRSZ + input->length);
	memcpy(VARDATA(given), input->bytes, input->length);
	state = read_state(family, given);

	written = DatumGetByteaPP(shim_call(family->serialize, state, NULL));
	state = read_state(family, written);
	again = DatumGetByteaPP(shim_call(family->serialize, state, NULL));
	if (VARSIZE(written) != VARSIZE(again) ||
		memcmp(written, again, VARSIZE(written)) != 0)
		shim_fail("a state that was written reads back as another one");

	state = DatumGetPointer(
		shim_call(family->combine, state, read_state(family, given)));
	state = DatumGetPointer(shim_call(family->combine, NULL, state));
	for (int i = 0; family->finals[i] != NULL; i++)
		shim_call(family->finals[i], state, NULL);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	Input input;
	int code;

	if (size == 0)
		return 0;
	input.family = &families[data[0] % lengthof(families)];
	input.bytes = data + 1;
	input.length = size - 1;
	shim_run(use_state, &input, &code);
	return 0;
}
