// All data of the page: the result of each query in this directory, as of one moment of the database.
import {readFile} from "node:fs/promises";
import pg from "pg";

const table = process.env.ACTIVITY_TABLE ?? "agent_activity";
const pages = process.env.ACTIVITY_PAGES ?? "";
const {escapeIdentifier, escapeLiteral} = pg;

// bigint and numeric are numbers here: none is beyond 2^53, and rates have one decimal.
for (const type of [20, 1700]) pg.types.setTypeParser(type, Number);

// A table's name as it is written in SQL, with a suffix: agent_activity, calls.agent_activity.
function relation(name, suffix = "") {
  const parts = name.split(".");
  parts.push(parts.pop() + suffix);
  return parts.map((part) => escapeIdentifier(part)).join(".");
}

const names = {
  table: relation(table),
  activity_report: relation(table, "_report"),
  participation_report: relation(table, "_participation_report"),
  pages: pages && relation(pages)
};

// The text of a query, with psql's variables: :name is a name, :'name' a literal.
async function sql(name, variables) {
  const text = await readFile(new URL(`${name}.sql`, import.meta.url), "utf8");
  return text.replace(/--.*$/gm, "").replace(/(?<!:):(?:'(\w+)'|(\w+))/g, (whole, literal, name) => {
    if (literal) return variables[literal] == null ? "NULL" : escapeLiteral(variables[literal]);
    return names[name] ?? whole;
  });
}

process.on("uncaughtException", (error) => {
  console.error(error.message);
  process.exit(1);
});
const client = new pg.Client();
await client.connect();
await client.query("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
await client.query(`SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO';
  SELECT set_config('search_path', concat_ws(', ', nullif(current_setting('search_path'), ''), quote_ident(nspname)), true)
  FROM pg_extension JOIN pg_namespace AS n ON n.oid = extnamespace WHERE extname = 'activity'`);

async function run(name, variables) {
  const text = await sql(name, variables);
  try {
    return (await client.query(text)).rows;
  } catch (error) {
    throw new Error(`src/data/${name}.sql: ${error.message}`);
  }
}
const [period] = await run("period", names);
const data = {period, hasPages: pages !== ""};
const queries = ["tiles", "occupancy", "media", "handle_time", "heat_map", "half_hours", "agents", "reasons", "open_work"];
const ofPages = ["missing_pages", "gaps", "rejected"];
for (const name of [...queries, ...ofPages]) {
  const isAsked = period.now && (pages || !ofPages.includes(name));
  data[name] = isAsked ? await run(name, {...names, ...period}) : [];
}
await client.query("COMMIT");
await client.end();
process.stdout.write(JSON.stringify(data));
