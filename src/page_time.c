/*
 * page_time.c
 *	  Reads ISO 8601 times, independent of TimeZone and DateStyle.
 */
#include "postgres.h"

#include <math.h>

#include "utils/datetime.h"

#include "page_reader.h"

/* decimals of a second that read_decimals keeps */
#define MOST_DECIMALS 64

/* Read exactly count digits; false if there are fewer. */
static pg_attribute_always_inline bool
read_digits(const char **at, const char *end, int count, int *result)
{
	int value = 0;
	bool bad = false;

	if (end - *at < count)
		return false;
	for (int i = 0; i < count; i++)
	{
		unsigned digit = (unsigned char) (*at)[i] - '0';

		bad |= digit > 9;
		value = value * 10 + (int) digit;
	}
	if (bad)
		return false;
	*result = value;
	*at += count;
	return true;
}

static pg_attribute_always_inline bool
read_char(const char **at, const char *end, char c)
{
	if (*at < end && **at == c)
	{
		(*at)++;
		return true;
	}
	return false;
}

/*
 * Read the decimals of a second into microseconds, 0 to 1000000. Six decimals
 * are exact. More are rounded as PostgreSQL rounds them, through a double.
 */
static bool
read_decimals(const char **at, const char *end, int *microseconds)
{
	char buffer[MOST_DECIMALS + 5] = "0.";
	int count = 0;
	bool more = false;
	const char *p = *at;
	int value = 0;

	for (; p < end && *p >= '0' && *p <= '9'; p++)
	{
		if (count < 6)
			value = value * 10 + (*p - '0');
		if (count < MOST_DECIMALS)
			buffer[2 + count++] = *p;
		else
			more = more || *p != '0';
	}
	if (count == 0)
		return false;
	*at = p;
	if (count <= 6)
	{
		for (int i = count; i < 6; i++)
			value *= 10;
	}
	else
	{
		/* one digit replaces all that were cut off */
		buffer[2 + count] = more ? '1' : '\0';
		value = (int) rint(strtod(buffer, NULL) * USECS_PER_SEC);
	}
	*microseconds = value;
	return true;
}

/*
 * Read "Z", "+hh", "+hhmm" or "+hh:mm", or the same with "-", into seconds
 * east of UTC. No zone is UTC.
 */
static Iso8601Result
read_zone(const char **at, const char *end, int *offset)
{
	bool west;
	int hours;
	int minutes = 0;

	*offset = 0;
	if (*at == end || read_char(at, end, 'Z') || read_char(at, end, 'z'))
		return ISO8601_VALID;
	west = **at == '-';
	if (!read_char(at, end, '+') && !read_char(at, end, '-'))
		return ISO8601_SYNTAX;
	if (!read_digits(at, end, 2, &hours))
		return ISO8601_SYNTAX;
	if (*at < end)
	{
		read_char(at, end, ':');
		if (!read_digits(at, end, 2, &minutes))
			return ISO8601_SYNTAX;
	}
	if (hours > MAX_TZDISP_HOUR || minutes >= MINS_PER_HOUR)
		return ISO8601_RANGE;
	*offset = (hours * MINS_PER_HOUR + minutes) * SECS_PER_MINUTE;
	if (west)
		*offset = -*offset;
	return ISO8601_VALID;
}

/*
 * Read a date and time: YYYY-MM-DDThh:mm[:ss[.decimals]][zone]. As in
 * PostgreSQL, second 60 is the first of the next minute, 24:00:00 is the last
 * time of a day, and a space may replace the T.
 */
Iso8601Result
read_iso8601(const char *text, int length, TimestampTz *result)
{
	const char *at = text;
	const char *end = text + length;
	int year, month, day, hour, minute, second = 0, microseconds = 0, offset;
	int64 time;
	Iso8601Result zone;

	if (!read_digits(&at, end, 4, &year) || !read_char(&at, end, '-') ||
		!read_digits(&at, end, 2, &month) || !read_char(&at, end, '-') ||
		!read_digits(&at, end, 2, &day))
		return ISO8601_SYNTAX;
	if (!read_char(&at, end, 'T') && !read_char(&at, end, 't') &&
		!read_char(&at, end, ' '))
		return ISO8601_SYNTAX;
	if (!read_digits(&at, end, 2, &hour) || !read_char(&at, end, ':') ||
		!read_digits(&at, end, 2, &minute))
		return ISO8601_SYNTAX;
	if (read_char(&at, end, ':'))
	{
		if (!read_digits(&at, end, 2, &second))
			return ISO8601_SYNTAX;
		if ((read_char(&at, end, '.') || read_char(&at, end, ',')) &&
			!read_decimals(&at, end, &microseconds))
			return ISO8601_SYNTAX;
	}
	zone = read_zone(&at, end, &offset);
	if (zone == ISO8601_SYNTAX || at != end)
		return ISO8601_SYNTAX;

	if (zone == ISO8601_RANGE || year < 1 || month < 1 ||
		month > MONTHS_PER_YEAR || day < 1 ||
		day > day_tab[isleap(year)][month - 1] || hour > HOURS_PER_DAY ||
		minute >= MINS_PER_HOUR || second > SECS_PER_MINUTE)
		return ISO8601_RANGE;
	time = ((hour * MINS_PER_HOUR + minute) * SECS_PER_MINUTE + second) *
			   USECS_PER_SEC +
		   microseconds;
	if (time > USECS_PER_DAY)
		return ISO8601_RANGE;

	*result =
		(date2j(year, month, day) - POSTGRES_EPOCH_JDATE) * USECS_PER_DAY +
		time - offset * USECS_PER_SEC;
	return ISO8601_VALID;
}
