/*
 * Reads a query's rows through unixODBC and psqlODBC, as a BI tool does, and
 * prints what it got: see test/drivers.sh.
 *
 * Usage: odbc [--defaults] QUERY [COLUMN_TO_GROUP_BY FORMULA ...]
 *
 * Every value is fetched as the C type that belongs to the SQL type that the
 * driver says the column has: a number that the driver takes for text stays
 * text, and is then not summed.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sql.h>
#include <sqlext.h>

#define MAX_COLUMNS 200
#define MAX_GROUPS 100

/* psqlODBC passes booleans as text, unless it is told otherwise. */
#define SETTINGS "BoolsAsChar=0;"

static const struct
{
	SQLSMALLINT type;
	const char *name;
} type_names[] = {
	{SQL_BIT, "SQL_BIT"},
	{SQL_SMALLINT, "SQL_SMALLINT"},
	{SQL_INTEGER, "SQL_INTEGER"},
	{SQL_BIGINT, "SQL_BIGINT"},
	{SQL_FLOAT, "SQL_FLOAT"},
	{SQL_DOUBLE, "SQL_DOUBLE"},
	{SQL_NUMERIC, "SQL_NUMERIC"},
	{SQL_CHAR, "SQL_CHAR"},
	{SQL_VARCHAR, "SQL_VARCHAR"},
	{SQL_LONGVARCHAR, "SQL_LONGVARCHAR"},
	{SQL_WCHAR, "SQL_WCHAR"},
	{SQL_WVARCHAR, "SQL_WVARCHAR"},
	{SQL_WLONGVARCHAR, "SQL_WLONGVARCHAR"},
	{SQL_TYPE_DATE, "SQL_TYPE_DATE"},
	{SQL_TYPE_TIMESTAMP, "SQL_TYPE_TIMESTAMP"},
};

typedef struct
{
	char name[64];
	SQLSMALLINT type;
	int is_local; /* without time zone */
} Column;

/*
 * A sum is of whole numbers or of fractions; the other member stays 0. Nulls
 * are not counted.
 */
typedef struct
{
	long long whole;
	double fraction;
	int count;
} Sum;

typedef struct
{
	char name[256];
	Sum sums[MAX_COLUMNS];
} Group;

static SQLHENV environment;
static SQLHDBC connection;
static SQLHSTMT statement;
static Column columns[MAX_COLUMNS];
static int column_count;
static Group groups[MAX_GROUPS];
static int group_count;

_Noreturn static void
die(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fputs("odbc: ", stderr);
	vfprintf(stderr, format, arguments);
	fputc('\n', stderr);
	va_end(arguments);
	exit(EXIT_FAILURE);
}

/* Ends with what ODBC says if a call failed, or if it cut off a value. */
static void
check(SQLRETURN result, SQLSMALLINT kind, SQLHANDLE handle)
{
	SQLCHAR state[6] = "";
	SQLCHAR message[1024] = "";

	if (result == SQL_SUCCESS)
		return;
	SQLGetDiagRec(kind, handle, 1, state, NULL, message, sizeof(message),
				  NULL);
	if (result != SQL_SUCCESS_WITH_INFO ||
		strcmp((char *) state, "01004") == 0)
		die("%s %s", (char *) state, (char *) message);
}

static void
check_statement(SQLRETURN result)
{
	check(result, SQL_HANDLE_STMT, statement);
}

static const char *
environment_variable(const char *name)
{
	const char *value = getenv(name);

	if (value == NULL)
		die("%s is not set", name);
	return value;
}

/* Connects to where the PG variables tell; a directory is a Unix socket's. */
static void
connect_to_server(const char *settings)
{
	char string[2048];

	check(SQLAllocHandle(SQL_HANDLE_ENV, SQL_NULL_HANDLE, &environment),
		  SQL_HANDLE_ENV, environment);
	check(SQLSetEnvAttr(environment, SQL_ATTR_ODBC_VERSION,
						(SQLPOINTER) SQL_OV_ODBC3, 0),
		  SQL_HANDLE_ENV, environment);
	check(SQLAllocHandle(SQL_HANDLE_DBC, environment, &connection),
		  SQL_HANDLE_ENV, environment);
	snprintf(string, sizeof(string),
			 "Driver={PostgreSQL Unicode};Servername=%s;Port=%s;Database=%s;"
			 "Username=%s;%s",
			 environment_variable("PGHOST"), environment_variable("PGPORT"),
			 environment_variable("PGDATABASE"),
			 environment_variable("PGUSER"), settings);
	check(SQLDriverConnect(connection, NULL, (SQLCHAR *) string, SQL_NTS, NULL,
						   0, NULL, SQL_DRIVER_NOPROMPT),
		  SQL_HANDLE_DBC, connection);
	check(SQLAllocHandle(SQL_HANDLE_STMT, connection, &statement),
		  SQL_HANDLE_DBC, connection);
}

static void
print_version(void)
{
	char version[64];

	check(SQLGetInfo(connection, SQL_DRIVER_VER, version, sizeof(version),
					 NULL),
		  SQL_HANDLE_DBC, connection);
	printf("%s\n", version);
}

static void
print_columns(void)
{
	SQLSMALLINT count;

	check_statement(SQLNumResultCols(statement, &count));
	if (count > MAX_COLUMNS)
		die("there are %d columns", count);
	for (column_count = 0; column_count < count; column_count++)
	{
		Column *column = &columns[column_count];
		const char *name = "?";
		char type_name[64];

		check_statement(SQLDescribeCol(statement, column_count + 1,
									   (SQLCHAR *) column->name,
									   sizeof(column->name), NULL,
									   &column->type, NULL, NULL, NULL));
		check_statement(SQLColAttribute(statement, column_count + 1,
										SQL_DESC_TYPE_NAME, type_name,
										sizeof(type_name), NULL, NULL));
		column->is_local =
			strcmp(type_name, "timestamp without time zone") == 0;
		for (size_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++)
			if (type_names[i].type == column->type)
				name = type_names[i].name;
		printf("column %s %s\n", column->name, name);
	}
}

/*
 * A moment, or a local time, as all the programs print it. The driver passes
 * a moment as the session's local time.
 */
static void
format_moment(const SQL_TIMESTAMP_STRUCT *moment, int is_local, char *text,
			  size_t size)
{
	struct tm fields = {.tm_year = moment->year - 1900,
						.tm_mon = moment->month - 1,
						.tm_mday = moment->day,
						.tm_hour = moment->hour,
						.tm_min = moment->minute,
						.tm_sec = moment->second,
						.tm_isdst = -1};
	char until_second[32];

	if (!is_local)
	{
		time_t seconds = mktime(&fields);

		fields = *gmtime(&seconds);
	}
	strftime(until_second, sizeof(until_second), "%Y-%m-%dT%H:%M:%S", &fields);
	snprintf(text, size, "%s.%03u%s", until_second,
			 (unsigned int) (moment->fraction / 1000000), is_local ? "" : "Z");
}

/* Fetches a value of the current row; true unless it is null. */
static int
fetch(int i, SQLSMALLINT c_type, void *value, size_t size)
{
	SQLLEN length;

	check_statement(
		SQLGetData(statement, i + 1, c_type, value, (SQLLEN) size, &length));
	return length != SQL_NULL_DATA;
}

/*
 * Fetches a value of the current row as the column's type tells: puts its
 * text into the buffer and its number, if it is one, into number.
 */
static void
read_value(int i, char *text, size_t size, Sum *number)
{
	*number = (Sum){0};
	snprintf(text, size, "\\N");
	switch (columns[i].type)
	{
		case SQL_BIT:
		{
			SQLCHAR value;

			if (fetch(i, SQL_C_BIT, &value, sizeof(value)))
				snprintf(text, size, "%s", value ? "true" : "false");
			return;
		}
		case SQL_SMALLINT:
		case SQL_INTEGER:
		case SQL_BIGINT:
		{
			SQLBIGINT value;

			if (fetch(i, SQL_C_SBIGINT, &value, sizeof(value)))
			{
				number->whole = value;
				number->count = 1;
				snprintf(text, size, "%lld", number->whole);
			}
			return;
		}
		case SQL_FLOAT:
		case SQL_DOUBLE:
		{
			SQLDOUBLE value;

			if (fetch(i, SQL_C_DOUBLE, &value, sizeof(value)))
			{
				number->fraction = value;
				number->count = 1;
				snprintf(text, size, "%.3f", value);
			}
			return;
		}
		case SQL_TYPE_TIMESTAMP:
		{
			SQL_TIMESTAMP_STRUCT value;

			if (fetch(i, SQL_C_TYPE_TIMESTAMP, &value, sizeof(value)))
				format_moment(&value, columns[i].is_local, text, size);
			return;
		}
		case SQL_TYPE_DATE:
		{
			SQL_DATE_STRUCT value;

			if (fetch(i, SQL_C_TYPE_DATE, &value, sizeof(value)))
				snprintf(text, size, "%04d-%02d-%02d", value.year, value.month,
						 value.day);
			return;
		}
		default:
		{
			char value[256];

			if (fetch(i, SQL_C_CHAR, value, sizeof(value)))
				snprintf(text, size, "%s", value);
		}
	}
}

/* The group of this name, which is added if there is none. */
static Group *
find_group(const char *name)
{
	for (int i = 0; i < group_count; i++)
		if (strcmp(groups[i].name, name) == 0)
			return &groups[i];
	if (group_count == MAX_GROUPS)
		die("there are too many groups");
	snprintf(groups[group_count].name, sizeof(groups[0].name), "%s", name);
	return &groups[group_count++];
}

static int
find_column(const char *name)
{
	for (int i = 0; i < column_count; i++)
		if (strcmp(columns[i].name, name) == 0)
			return i;
	die("there is no column %s", name);
}

/* Prints the rows, and sums them for each value of a column and for all. */
static void
print_rows(const char *group_by)
{
	SQLRETURN result;

	while ((result = SQLFetch(statement)) != SQL_NO_DATA)
	{
		Sum numbers[MAX_COLUMNS];
		char texts[MAX_COLUMNS][256];
		Group *summed[2];

		check_statement(result);
		printf("row ");
		for (int i = 0; i < column_count; i++)
		{
			read_value(i, texts[i], sizeof(texts[i]), &numbers[i]);
			printf("%s%c", texts[i], i + 1 < column_count ? '\t' : '\n');
		}
		if (group_by == NULL)
			continue;
		summed[0] = find_group("all");
		summed[1] = find_group(texts[find_column(group_by)]);
		for (int s = 0; s < 2; s++)
			for (int i = 0; i < column_count; i++)
			{
				summed[s]->sums[i].whole += numbers[i].whole;
				summed[s]->sums[i].fraction += numbers[i].fraction;
				summed[s]->sums[i].count += numbers[i].count;
			}
	}
}

static double
sum_of(const Group *group, const char *name)
{
	const Sum *sum = &group->sums[find_column(name)];

	return (double) sum->whole + sum->fraction;
}

/*
 * Prints the value of sum(A), avg(A) or sum(A)/sum(B) over a group's rows;
 * null without anything to divide by.
 */
static void
print_value(const Group *group, const char *formula)
{
	char name[64];
	char divisor_name[64];
	double divisor;

	printf("value %s %s ", formula, group->name);
	if (sscanf(formula, "sum(%63[^)])/sum(%63[^)])", name, divisor_name) == 2)
		divisor = sum_of(group, divisor_name);
	else if (sscanf(formula, "avg(%63[^)])", name) == 1)
		divisor = group->sums[find_column(name)].count;
	else if (sscanf(formula, "sum(%63[^)])", name) == 1)
	{
		int i = find_column(name);

		if (columns[i].type == SQL_FLOAT || columns[i].type == SQL_DOUBLE)
			printf("%.3f\n", group->sums[i].fraction);
		else
			printf("%lld\n", group->sums[i].whole);
		return;
	}
	else
		die("%s is not a formula", formula);
	if (divisor == 0)
		printf("\\N\n");
	else
		printf("%.3f\n", sum_of(group, name) / divisor);
}

int
main(int argc, char **argv)
{
	int defaults = argc > 1 && strcmp(argv[1], "--defaults") == 0;

	argv += 1 + defaults;
	if (argc < 2 + defaults)
		die("which query?");
	connect_to_server(defaults ? "" : SETTINGS);
	print_version();
	check_statement(SQLExecDirect(statement, (SQLCHAR *) argv[0], SQL_NTS));
	print_columns();
	if (!defaults)
	{
		print_rows(argv[1]);
		if (argv[1] != NULL)
			for (int g = 0; g < group_count; g++)
				for (char **formula = argv + 2; *formula != NULL; formula++)
					print_value(&groups[g], *formula);
	}
	SQLFreeHandle(SQL_HANDLE_STMT, statement);
	SQLDisconnect(connection);
	SQLFreeHandle(SQL_HANDLE_DBC, connection);
	SQLFreeHandle(SQL_HANDLE_ENV, environment);
	return EXIT_SUCCESS;
}
