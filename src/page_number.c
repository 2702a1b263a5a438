/*
 * page_number.c
 *	  Reads JSON numbers as the type numeric does.
 *
 * jsonb stores a number as numeric, json stores its spelling. To give the same
 * rows and errors for both, a spelling is converted to the text that numeric
 * would print.
 */
#include "postgres.h"

#include "page_reader.h"

/* the limits of numeric: jsonb has no number beyond them */
#define MOST_DIGITS (131072 + 16383)

/* Read digits, with or without a sign; false if they do not fit. */
static bool
read_int64(const char *text, int length, int64 *result)
{
	bool negative = length > 0 && text[0] == '-';
	uint64 limit = (uint64) PG_INT64_MAX + (negative ? 1 : 0);
	uint64 value = 0;

	for (int i = negative ? 1 : 0; i < length; i++)
	{
		uint64 digit = text[i] - '0';

		if (value > (limit - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*result = negative ? (int64) (0 - value) : (int64) value;
	return true;
}

/*
 * Fill field from a JSON number: JSON_INTEGER if it has no decimals and fits
 * int64, else JSON_DECIMAL with palloc'd text. A number beyond numeric keeps
 * its own spelling.
 */
void
read_number(JsonField *field, const char *text, int length)
{
	const char *at = text;
	const char *end = text + length;
	bool negative = at < end && *at == '-';
	bool zero = true;
	bool exponent_negative = false;
	char *digits = palloc(length + 1);
	int count = 0;
	int64 decimals = 0; /* number of digits after the point */
	int64 exponent = 0;
	int64 whole; /* number of digits before it */
	char *out;

	if (negative)
		at++;
	for (bool point = false; at < end && *at != 'e' && *at != 'E'; at++)
	{
		if (*at == '.')
		{
			point = true;
			continue;
		}
		zero = zero && *at == '0';
		digits[count++] = *at;
		decimals += point;
	}
	if (at < end)
	{
		at++;
		exponent_negative = at < end && *at == '-';
		if (at < end && (*at == '-' || *at == '+'))
			at++;
		for (; at < end; at++)
			exponent = Min(exponent * 10 + (*at - '0'), PG_INT32_MAX);
		if (exponent_negative)
			exponent = -exponent;
	}
	decimals -= exponent;
	if (zero)
	{
		negative = false;
		decimals = Max(decimals, 0);
		count = 1;
		digits[0] = '0';
	}
	whole = count - decimals;

	field->kind = JSON_DECIMAL;
	if (Max(whole, count) > MOST_DIGITS || decimals > MOST_DIGITS)
	{
		field->text = text;
		field->length = length;
		return;
	}

	/* sign, whole part without leading zeros but not empty, point, decimals */
	out = palloc(Max(whole, 1) + Max(decimals, 0) + 3);
	field->text = out;
	if (negative)
		*out++ = '-';
	{
		int64 first = 0;

		while (first < Min(whole, count) - 1 && digits[first] == '0')
			first++;
		if (whole <= 0)
			*out++ = '0';
		for (int64 i = first; i < whole; i++)
			*out++ = i < count ? digits[i] : '0';
	}
	if (decimals > 0)
	{
		*out++ = '.';
		for (int64 i = whole; i < count; i++)
			*out++ = i < 0 ? '0' : digits[i];
	}
	field->length = out - field->text;
	pfree(digits);

	if (decimals <= 0 &&
		read_int64(field->text, field->length, &field->integer))
		field->kind = JSON_INTEGER;
}

/*
 * Read a whole number, with any number of zeros after its point. False if it
 * is not whole, or does not fit: *out_of_range then says which.
 */
bool
read_whole_number(const JsonField *field, int64 *result, bool *out_of_range)
{
	const char *end = field->text + field->length;
	const char *point = field->text;

	*out_of_range = false;
	if (field->kind == JSON_INTEGER)
	{
		*result = field->integer;
		return true;
	}
	if (memchr(field->text, 'e', field->length) != NULL ||
		memchr(field->text, 'E', field->length) != NULL)
	{
		*out_of_range = true; /* it is beyond numeric */
		return false;
	}
	while (point < end && *point != '.')
		point++;
	for (const char *at = point + 1; at < end; at++)
	{
		if (*at != '0')
			return false;
	}
	if (read_int64(field->text, point - field->text, result))
		return true;
	*out_of_range = true;
	return false;
}
