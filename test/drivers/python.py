"""Reads a view's rows through psycopg 3 and prints what it got: see test/drivers.sh.

Usage: python.py VIEW [COLUMN_TO_SUM ...]
"""

import sys
from datetime import datetime, timezone

import psycopg
from psycopg import sql


def text_of(value):
    """A value as all the programs print it."""
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, datetime):
        moment = value.astimezone(timezone.utc)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
    return str(value)


view, *names_to_sum = sys.argv[1:]
print(psycopg.__version__)
with psycopg.connect() as connection:
    cursor = connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(view)))
    columns = [column.name for column in cursor.description]
    types = [connection.adapters.types[column.type_code].name for column in cursor.description]
    rows = cursor.fetchall()

for i, (column, type_name) in enumerate(zip(columns, types)):
    classes = {type(row[i]).__name__ for row in rows if row[i] is not None}
    print("column", column, f"{type_name}/{'+'.join(sorted(classes))}")

for row in rows:
    print("row", "\t".join(map(text_of, row)))

agents = {row[columns.index("agent_id")] for row in rows}
for agent in ["all", *agents]:
    of_agent = [row for row in rows if agent in ("all", row[columns.index("agent_id")])]
    sums = [sum(row[columns.index(name)] for row in of_agent) for name in names_to_sum]
    print("sum", agent, *map(text_of, sums))
