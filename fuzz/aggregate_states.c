/*
 * aggregate_states.c
 *	  Fuzz target: any bytes at all are given to the deserialisers of the
 *	  aggregates. What they accept is a state: it can be combined, finished and
 *	  written again, and what is written reads back as the same, also with more
 *	  after it, as a later version may write. Less of it, or another version of
 *	  it does not. Two states give the same in either order. No error is an
 *	  internal one.
 *
 * The first byte of an input tells which family it is for, and by its highest
 * bit whether there are two states: then two bytes follow with the length of
 * the first.
 */
#include "postgres.h"

#include "../src/compat.h"
#include "shim.h"

extern int LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

#define DECLARE_FAMILY(family)                         \
	extern Datum family##_combine(PG_FUNCTION_ARGS);   \
	extern Datum family##_serialize(PG_FUNCTION_ARGS); \
	extern Datum family##_deserialize(PG_FUNCTION_ARGS)

DECLARE_FAMILY(activity_distinct);
DECLARE_FAMILY(activity_overlap);
DECLARE_FAMILY(participation);
DECLARE_FAMILY(interaction);
extern Datum activity_distinct_handled_participations(PG_FUNCTION_ARGS);
extern Datum activity_distinct_average_handle_time(PG_FUNCTION_ARGS);
extern Datum activity_distinct_unexpected_rate(PG_FUNCTION_ARGS);
extern Datum activity_overlap_busy_time(PG_FUNCTION_ARGS);
extern Datum activity_overlap_peak_concurrency(PG_FUNCTION_ARGS);
extern Datum participation_final(PG_FUNCTION_ARGS);
extern Datum interaction_final(PG_FUNCTION_ARGS);

#define TWO_STATES 0x80

/*
 * Functions of a family. Written states have their version at version_at, and
 * at kind_at what must be the same in states that are combined. What
 * the finals return can be compared, unless it is a row.
 */
typedef struct Family
{
	PGFunction combine;
	PGFunction serialize;
	PGFunction deserialize;
	int version_at;
	int kind_at;
	TupleDesc (*row_type)(void); /* that the finals return; NULL for none */
	PGFunction finals[4];
} Family;

static const Family families[] = {
	{activity_distinct_combine,
	 activity_distinct_serialize,
	 activity_distinct_deserialize,
	 0,
	 1,
	 NULL,
	 {activity_distinct_handled_participations,
	  activity_distinct_average_handle_time, activity_distinct_unexpected_rate,
	  NULL}},
	{activity_overlap_combine,
	 activity_overlap_serialize,
	 activity_overlap_deserialize,
	 1,
	 0,
	 NULL,
	 {activity_overlap_busy_time, NULL}},
	{activity_overlap_combine,
	 activity_overlap_serialize,
	 activity_overlap_deserialize,
	 1,
	 0,
	 NULL,
	 {activity_overlap_peak_concurrency, NULL}},
	{participation_combine,
	 participation_serialize,
	 participation_deserialize,
	 0,
	 0,
	 shim_participation_type,
	 {participation_final, NULL}},
	{interaction_combine,
	 interaction_serialize,
	 interaction_deserialize,
	 0,
	 0,
	 shim_interaction_type,
	 {interaction_final, NULL}},
};

/* A state as it was sent. */
typedef struct Sent
{
	const uint8 *bytes;
	size_t length;
} Sent;

typedef struct Input
{
	const Family *family;
	Sent first;
	Sent second;  /* without a length: there is none */
	Sent written; /* the first as it is written again, once it was read */
} Input;

static void *
read_state(const Family *family, const Sent *sent)
{
	bytea *written = palloc(VARHDRSZ + sent->length);

	SET_VARSIZE(written, VARHDRSZ + sent->length);
	memcpy(VARDATA(written), sent->bytes, sent->length);
	return DatumGetPointer(shim_call(family->deserialize, written, NULL));
}

static Sent
write_state(const Family *family, void *state)
{
	bytea *written =
		DatumGetByteaPP(shim_call(family->serialize, state, NULL));

	return (Sent){(uint8 *) VARDATA(written), VARSIZE(written) - VARHDRSZ};
}

static bool
same(const Sent *a, const Sent *b)
{
	return a->length == b->length &&
		   memcmp(a->bytes, b->bytes, a->length) == 0;
}

/* The first state with itself: reads, writes, reads and finishes it. */
static void
use_state(void *arg)
{
	Input *input = arg;
	const Family *family = input->family;
	void *state = read_state(family, &input->first);
	Sent written = write_state(family, state);
	Sent again;
	uint8 *kept = malloc(written.length);

	memcpy(kept, written.bytes, written.length);
	input->written = (Sent){kept, written.length};

	state = read_state(family, &written);
	again = write_state(family, state);
	if (!same(&written, &again))
		shim_fail("a state that was written reads back as another one");
	state = DatumGetPointer(shim_call(family->combine, NULL, state));
	for (int i = 0; family->finals[i] != NULL; i++)
		shim_call(family->finals[i], state, NULL);
}

/* A state that takes in one and then another. */
static void *
combine(const Family *family, const Sent *first, const Sent *second)
{
	void *state = DatumGetPointer(
		shim_call(family->combine, NULL, read_state(family, first)));

	return DatumGetPointer(
		shim_call(family->combine, state, read_state(family, second)));
}

/* Both states, in either order. */
static void
use_states(void *arg)
{
	Input *input = arg;
	const Family *family = input->family;
	void *state = combine(family, &input->first, &input->second);
	void *other = combine(family, &input->second, &input->first);
	Sent written = write_state(family, state);
	Sent others = write_state(family, other);

	if (input->first.bytes[family->kind_at] !=
		input->second.bytes[family->kind_at])
		return;
	if (family->row_type != NULL && !same(&written, &others))
		shim_fail("two states are another one in the other order");
	for (int i = 0; family->finals[i] != NULL; i++)
	{
		Datum result = shim_call(family->finals[i], state, NULL);
		Datum others_result = shim_call(family->finals[i], other, NULL);

		if (family->row_type == NULL && result != others_result)
			shim_fail("two states have another result in the other order");
	}
}

static void
just_read(void *arg)
{
	Input *input = arg;

	(void) read_state(input->family, &input->first);
}

/* Fails unless bytes are refused. */
static void
must_fail(const Family *family, const uint8 *bytes, size_t length,
		  const char *what)
{
	Input input = {family, {bytes, length}, {NULL, 0}, {NULL, 0}};
	int code;

	if (shim_run(just_read, &input, &code) == NULL)
		shim_fail("a state is read %s", what);
}

/* Read what was written with a byte more; it must be the same state. */
static void
use_longer(void *arg)
{
	Input *input = arg;
	Sent again =
		write_state(input->family, read_state(input->family, &input->first));

	if (!same(&again, &input->second))
		shim_fail("a state with a byte more reads as another one");
}

/* What was written, with more, less or another version. */
static void
spoil(const Family *family, const Sent *written)
{
	uint8 *bytes = malloc(written->length + 1);
	Input longer = {family, {bytes, written->length + 1}, *written, {NULL, 0}};
	int code;

	memcpy(bytes, written->bytes, written->length);
	bytes[written->length] = 0;
	if (shim_run(use_longer, &longer, &code) != NULL)
		shim_fail("a state with a byte more is not read");
	must_fail(family, bytes, written->length - 1, "without its last byte");
	bytes[family->version_at] ^= 0xFF;
	must_fail(family, bytes, written->length, "in another version");
	free(bytes);
}

/* Runs a statement, whose error may not be an internal one. */
static bool
run(FuzzWork work, Input *input)
{
	int code;
	const char *message = shim_run(work, input, &code);

	if (message != NULL && code == ERRCODE_INTERNAL_ERROR)
		shim_fail("internal error: %s", message);
	return message == NULL;
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	Input input = {0};

	if (size < 3)
		return 0;
	input.family = &families[data[0] % lengthof(families)];
	if (input.family->row_type != NULL)
		shim_row_type = input.family->row_type;
	input.first = (Sent){data + 1, size - 1};
	if ((data[0] & TWO_STATES) != 0)
	{
		size_t length = Min((size_t) data[1] << 8 | data[2], size - 3);

		input.first = (Sent){data + 3, length};
		input.second = (Sent){data + 3 + length, size - 3 - length};
	}
	(void) run(use_state, &input);
	if (input.written.length > 0)
	{
		spoil(input.family, &input.written);
		if (input.second.length > 0)
			(void) run(use_states, &input);
	}
	free((void *) input.written.bytes);
	return 0;
}
