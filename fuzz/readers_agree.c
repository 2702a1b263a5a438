/*
 * readers_agree.c
 *	  Fuzz target: of every document that type json accepts, all readers make
 *	  the same rows and the same errors. json-c's reading is the reference.
 *
 * An input that is JSON is read as it is. Any other is a recipe, each byte of
 * it a choice, by which a document is written that always is JSON: so the
 * fuzzer comes further than it would by changing bytes of a document.
 */
#include "postgres.h"

#include "pages.h"

extern int LLVMFuzzerTestOneInput(const uint8 *data, size_t size);

#define DEEPEST 40

typedef struct Recipe
{
	const uint8 *next;
	const uint8 *end;
	FILE *out;
} Recipe;

/* The next choice among so many; the first one at the end of the recipe. */
static int
choose(Recipe *recipe, int count)
{
	return recipe->next < recipe->end ? *recipe->next++ % count : 0;
}

static const char *const keys[] = {
	"agentId",		 "start",
	"state",		 "interaction",
	"channel",		 "guid",
	"duration",		 "status",
	"reason",		 "type",
	"category",		 "medium",
	"direction",	 "items",
	"upTo",			 "meta",
	"message",		 "page",
	"other",		 "",
	"mediumManager", "agent\\u0049d",
	"it\\u0065ms",	 "\\u0000",
	"up\\u0054o",	 "\\ud83d\\ude00",
	"\\ud83d",		 "st\303\244te",
	"error",		 "errors",
	"fault",		 "faultstring",
	"name",			 "eligibleForRouting",
};

static const char *const strings[] = {
	"",
	"1042",
	"2026-03-28T23:40:00.000Z",
	"2026-02-30T00:00:00Z",
	"Ringing",
	"Connected",
	"Wrap",
	"Unexpected",
	"Failed",
	"Ready",
	"Away",
	"LoggedOut",
	"Completed",
	"Ongoing",
	"Inbound",
	"Monitor",
	"NoAnswer",
	"Interaction",
	"Presence",
	"Workload",
	"3f2504e0-4f89-11d3-9a0c-0305e82c3301",
	"3F2504E0-4F89-11D3-9A0C-0305E82C3301",
	"00000000-0000-0000-0000-00000000000g",
	"Phone",
	"R\\u0069nging",
	"\\u0000",
	"\\ud83d\\ude00",
	"\\ud83d",
	"\\ude00\\ud83d",
	"a\\\"b\\\\",
	"\\/\\b\\f\\n\\r\\t",
	"\303\244",
	"]",
	"}",
	"\\\"items\\\": [",
	"2026-03-28T23:40:00+24:00",
	"2026-03-28",
	"20260328T234000Z",
	"a text of more than one hundred and twenty-eight bytes, which does not "
	"fit where attributes are put together, so that it has to be palloc'd: "
	"here it ends",
};

static const char *const scalars[] = {
	"null",
	"true",
	"false",
	"0",
	"-0",
	"1",
	"1000",
	"-1",
	"1.0",
	"1.5",
	"1e3",
	"1E-3",
	"9223372036854775807",
	"9223372036854775808",
	"-9223372036854775808",
	"999999999999999999",
	"1000000000000000000",
	"1e400",
	"1e-400",
	"0e999999999999",
	"0.000",
	"12345678901234567890.0",
	"1e131072",
	"100e-2",
	"-0.0",
	"123456789012345678901234567890",
};

static const char *const spaces[] = {"", "", "", " ", "\n\t", "\r\n  "};

static void
write_space(Recipe *recipe)
{
	fputs(spaces[choose(recipe, lengthof(spaces))], recipe->out);
}

static void
write_string(Recipe *recipe, const char *const *list, int count)
{
	fprintf(recipe->out, "\"%s\"", list[choose(recipe, count)]);
}

static void
write_value(Recipe *recipe, int depth)
{
	int kind = depth >= DEEPEST ? 0 : choose(recipe, 8);
	int count;

	write_space(recipe);
	switch (kind)
	{
		case 0:
		case 1:
			write_string(recipe, strings, lengthof(strings));
			break;
		case 2:
		case 3:
			fputs(scalars[choose(recipe, lengthof(scalars))], recipe->out);
			break;
		case 4:
			count = choose(recipe, 5);
			fputc('[', recipe->out);
			for (int i = 0; i < count; i++)
			{
				if (i > 0)
					fputc(',', recipe->out);
				write_value(recipe, depth + 1);
			}
			fputc(']', recipe->out);
			break;
		default:
			count = choose(recipe, 12);
			fputc('{', recipe->out);
			for (int i = 0; i < count; i++)
			{
				if (i > 0)
					fputc(',', recipe->out);
				write_space(recipe);
				write_string(recipe, keys, lengthof(keys));
				write_space(recipe);
				fputc(':', recipe->out);
				write_value(recipe, depth + 1);
			}
			write_space(recipe);
			fputc('}', recipe->out);
	}
	write_space(recipe);
}

/* An item with the members of an activity or presence, and one changed. */
static void
write_item(Recipe *recipe)
{
	static const char *const activity[] = {
		"\"agentId\":\"1042\"",
		"\"start\":\"2026-03-28T23:40:00.000Z\"",
		"\"state\":\"Connected\"",
		"\"duration\":1000",
		"\"status\":\"Completed\"",
		"\"reason\":null",
		"\"interaction\":{\"guid\":\"3f2504e0-4f89-11d3-9a0c-0305e82c3301\","
		"\"medium\":\"Phone\",\"direction\":\"Inbound\"}",
		"\"channel\":{\"guid\":\"3f2504e0-4f89-11d3-9a0c-0305e82c3302\"}",
	};
	static const char *const presence[] = {
		"\"agentId\":\"1042\"",
		"\"start\":\"2026-03-28T23:40:00.000Z\"",
		"\"state\":\"Away\"",
		"\"name\":\"Lunch\"",
		"\"eligibleForRouting\":false",
		"\"duration\":1000",
		"\"type\":null",
		"\"interaction\":null",
	};
	int changed = choose(recipe, 48);
	const char *const *members = changed < 24 ? activity : presence;

	StaticAssertStmt(lengthof(activity) == lengthof(presence), "alike");
	changed %= 24;
	fputc('{', recipe->out);
	for (int i = 0; i < (int) lengthof(activity); i++)
	{
		if (i > 0)
			fputc(',', recipe->out);
		if (i == changed)
		{
			write_string(recipe, keys, lengthof(keys));
			fputc(':', recipe->out);
			write_value(recipe, 2);
		}
		else if (i + (int) lengthof(activity) == changed)
		{
			fwrite(members[i], 1, strcspn(members[i], ":") + 1, recipe->out);
			write_value(recipe, 2);
		}
		else
			fputs(members[i], recipe->out);
	}
	fputc('}', recipe->out);
}

static void
write_document(Recipe *recipe)
{
	int shape = choose(recipe, 4);
	int count;

	if (shape == 0)
	{
		write_value(recipe, 0);
		return;
	}
	if (shape == 1)
	{
		write_item(recipe);
		return;
	}
	if (shape == 2 && choose(recipe, 2) == 1)
		fputs("{\"upTo\":\"2026-03-29T00:00:00Z\",\"items\":", recipe->out);
	else if (shape == 2)
		fputs("{\"meta\":{\"page\":1},\"items\" : ", recipe->out);
	fputc('[', recipe->out);
	count = choose(recipe, 6);
	for (int i = 0; i < count; i++)
	{
		if (i > 0)
			fputc(',', recipe->out);
		if (choose(recipe, 4) == 0)
			write_value(recipe, 1);
		else
			write_item(recipe);
	}
	fputc(']', recipe->out);
	if (shape == 2)
	{
		count = choose(recipe, 3);
		for (int i = 0; i < count; i++)
		{
			fputc(',', recipe->out);
			write_string(recipe, keys, lengthof(keys));
			fputc(':', recipe->out);
			write_value(recipe, 1);
		}
		fputc('}', recipe->out);
	}
}

/*
 * Writes a document as a line to the file that $FUZZ_DOCUMENTS names, if any,
 * for the reader of jsonb, which runs in a server only, to read it as well.
 */
static void
write_for_server(const char *document, size_t length)
{
	static FILE *out = NULL;
	const char *file = getenv("FUZZ_DOCUMENTS");

	if (file == NULL)
		return;
	if (out == NULL)
		out = fopen(file, "a");
	if (out == NULL)
		shim_fail("cannot write to %s", file);
	/* JSON has line ends only where spaces may be */
	for (size_t i = 0; i < length; i++)
		fputc(document[i] == '\n' || document[i] == '\r' ? ' ' : document[i],
			  out);
	fputc('\n', out);
}

static void
compare(const char *document, size_t length)
{
	char *reference = tell_page(document, length, BY_JSON_C);

	for (Way way = SPECULATIVELY; way < BY_JSON_C; way++)
	{
		char *told = tell_page(document, length, way);

		if (strcmp(told, reference) != 0)
			shim_fail("readers differ on %.*s\n--- json-c:\n%s\n--- %s:\n%s",
					  (int) length, document, reference,
					  way == SPECULATIVELY ? "speculatively" : "thoroughly",
					  told);
		free(told);
	}
	free(reference);
	write_for_server(document, length);
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	Recipe recipe = {data, data + size, NULL};
	char *document;
	size_t length;

	if (is_json((const char *) data, size))
	{
		compare((const char *) data, size);
		return 0;
	}
	recipe.out = open_memstream(&document, &length);
	write_document(&recipe);
	fclose(recipe.out);
	if (!is_json(document, length))
		shim_fail("a recipe for what is no JSON: %.*s", (int) length,
				  document);
	compare(document, length);
	free(document);
	return 0;
}
