"""Reads a query's rows through psycopg 3 and prints what it got: see test/drivers.sh.

Usage: python.py QUERY [COLUMN_TO_GROUP_BY FORMULA ...]
"""

import re
import sys
from datetime import datetime, timezone

import psycopg


def text_of(value):
    """A value as all the programs print it."""
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, datetime):
        moment = value.astimezone(timezone.utc).replace(tzinfo=None)
        return moment.isoformat(timespec="milliseconds") + "Z"
    return str(value)


def values_of(name, rows):
    """The values of a column that are not null."""
    return [row[name] for row in rows if row[name] is not None]


def compute(formula, rows):
    """The value of sum(A), avg(A) or sum(A)/sum(B) over rows; None without anything to divide by."""
    function, name, divisor_name = re.fullmatch(r"(sum|avg)\((\w+)\)(?:/sum\((\w+)\))?", formula).groups()
    values = values_of(name, rows)
    if function == "avg":
        divisor = len(values)
    elif divisor_name:
        divisor = sum(values_of(divisor_name, rows))
    else:
        return sum(values)
    return sum(values) / divisor if divisor else None


query, *grouping = sys.argv[1:]
print(psycopg.__version__)
with psycopg.connect() as connection:
    cursor = connection.execute(query)
    columns = [column.name for column in cursor.description]
    types = [connection.adapters.types[column.type_code].name for column in cursor.description]
    rows = [dict(zip(columns, row)) for row in cursor]

for column, type_name in zip(columns, types):
    classes = {type(row[column]).__name__ for row in rows if row[column] is not None}
    print("column", column, f"{type_name}/{'+'.join(sorted(classes))}")

for row in rows:
    print("row", "\t".join(map(text_of, row.values())))

if grouping:
    group_by, *formulas = grouping
    for group in ["all", *{row[group_by] for row in rows}]:
        of_group = [row for row in rows if group in ("all", row[group_by])]
        for formula in formulas:
            print("value", formula, group, text_of(compute(formula, of_group)))
