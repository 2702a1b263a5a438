import pg from "pg";

// The tables and views beside the one of this name, written as in SQL: a function of the suffix of the name, such as _report.
export async function relation(client, name) {
  const {rows: [{schema, table}]} = await client.query(
    "SELECT nspname AS schema, relname AS table FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = relnamespace WHERE c.oid = $1::regclass", [name]);
  return (suffix = "") => `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(table + suffix)}`;
}
