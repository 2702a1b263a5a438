// All data of the page: the result of each query in this directory, as of one moment of the database.
import {readFile} from "node:fs/promises";
import pg from "pg";
import {relation} from "../../relation.js";

const table = process.env.ACTIVITY_TABLE ?? "agent_activity";
const pages = process.env.ACTIVITY_PAGES ?? "";
// media that an agent keeps open for hours or days beside other work
const background = (process.env.ACTIVITY_BACKGROUND ?? "Case").split(",").map((medium) => medium.trim()).filter(Boolean);

// bigint and numeric are numbers here: none is beyond 2^53, and rates have one decimal.
for (const type of [20, 1700]) pg.types.setTypeParser(type, Number);

// The text of a query, with psql's variables: :name is a name, :'name' a literal.
async function sql(name, variables) {
  const text = await readFile(new URL(`${name}.sql`, import.meta.url), "utf8");
  return text.replace(/--.*$/gm, "").replace(/(?<!:):(?:'(\w+)'|(\w+))/g, (whole, literal, name) => {
    if (literal) return variables[literal] == null ? "NULL" : pg.escapeLiteral(variables[literal]);
    return variables[name] ?? whole;
  });
}

process.on("uncaughtException", (error) => {
  console.error(error.message);
  process.exit(1);
});
const client = new pg.Client();
await client.connect();
await client.query("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
await client.query("SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'");
const ofTable = await relation(client, table);
const names = {
  activity_report: ofTable("_report"),
  participation_report: ofTable("_participation_report"),
  agent_intervals: ofTable("_agent_intervals"),
  pages_health: pages && (await relation(client, pages))("_health"),
  background: `{${background.map((medium) => JSON.stringify(medium)).join(",")}}`
};

async function run(name, variables) {
  const text = await sql(name, variables);
  try {
    return (await client.query(text)).rows;
  } catch (error) {
    throw new Error(`src/data/${name}.sql: ${error.message}`);
  }
}
const [period] = await run("period", names);
const data = {period, background, hasPages: pages !== ""};
const queries = ["tiles", "occupancy", "media", "handle_time", "heat_map", "half_hours", "agents", "reasons", "open_work"];
const ofPages = ["missing_pages", "gaps", "rejected"];
for (const name of [...queries, ...ofPages]) {
  const isAsked = period.now && (pages || !ofPages.includes(name));
  data[name] = isAsked ? await run(name, {...names, ...period}) : [];
}
await client.query("COMMIT");
await client.end();
process.stdout.write(JSON.stringify(data));
