// Makes what the dashboard reads: node views.js TABLE [TIME_ZONE [PAGES]]. That is
//   - the views of create_activity_views, with this time zone,
//   - the function TABLE_agent_intervals, which is agent_intervals of this table with the rights of the table's owner: a role
//     that may execute it need not read the table,
//   - the view PAGES_health, which has of the pages only what the health of the data is found by.
// Without a time zone, or if the role may not make them, those that are there are used.
import pg from "pg";
import {relation} from "./relation.js";

const [table, timeZone, pages] = process.argv.slice(2);
const client = new pg.Client();

async function make({extension, owner, hasViews}) {
  const name = await relation(client, table);
  await client.query("BEGIN");
  if (owner) await client.query(`SET LOCAL ROLE ${owner}`);
  await client.query(`SELECT ${extension}.create_activity_views($1::regclass, $2, replace => $3)`, [table, timeZone, hasViews]);
  const intervals = name("_agent_intervals");
  await client.query(`
    CREATE OR REPLACE FUNCTION ${intervals}(from_time timestamptz, to_time timestamptz, width interval,
      as_of timestamptz, media text[])
    RETURNS SETOF ${extension}.agent_interval
    LANGUAGE sql STABLE PARALLEL RESTRICTED COST 10000 ROWS 1000
    SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    BEGIN ATOMIC
      SELECT i FROM ${extension}.agent_intervals(${pg.escapeLiteral(name())}::regclass, from_time, to_time, width, as_of, media) AS i;
    END;
    REVOKE EXECUTE ON FUNCTION ${intervals} FROM PUBLIC;
    COMMENT ON FUNCTION ${intervals} IS 'agent_intervals() of this table, for roles that may not read the table'`);
  if (pages) {
    const page = await relation(client, pages);
    await client.query(`
      CREATE OR REPLACE VIEW ${page("_health")} AS
      SELECT endpoint, requested_start, requested_end, page, (${extension}.activity_page(body)).page_count,
        ARRAY(SELECT message FROM ${extension}.activity_errors(body) WHERE NOT kept) AS rejected
      FROM ${page()};
      COMMENT ON VIEW ${page("_health")} IS
        'of each page its request, the number of pages that it names, and a message for each item that is rejected'`);
  }
  await client.query("COMMIT");
}

try {
  await client.connect();
  // the owner's name only if this role may act as the owner
  const {rows: [found]} = await client.query(
    `SELECT quote_ident(n.nspname) AS extension,
       CASE WHEN pg_has_role(c.relowner, 'MEMBER') THEN quote_ident(pg_get_userbyid(c.relowner)) END AS owner,
       EXISTS (SELECT FROM pg_class AS v
               WHERE v.relnamespace = c.relnamespace AND v.relname = c.relname || '_participation_report') AS "hasViews",
       EXISTS (SELECT FROM pg_proc AS f
               WHERE f.pronamespace = c.relnamespace AND f.proname = c.relname || '_agent_intervals') AS "hasIntervals",
       $2::regclass IS NULL OR
       EXISTS (SELECT FROM pg_class AS p, pg_class AS v
               WHERE p.oid = $2::regclass AND v.relnamespace = p.relnamespace AND v.relname = p.relname || '_health') AS "hasHealth"
     FROM pg_class AS c, pg_extension JOIN pg_namespace AS n ON n.oid = extnamespace
     WHERE c.oid = $1::regclass AND extname = 'activity'`, [table, pages || null]);
  if (!found) throw new Error("the extension activity is not in this database");
  if (timeZone) await make(found);
  else if (!(found.hasViews && found.hasIntervals && found.hasHealth)) {
    throw new Error(`${table} does not have all that the dashboard reads: to make it, name the time zone of your reports with --time-zone, such as Europe/Berlin`);
  }
} catch (error) {
  const mayNot = error.code === "42501" || error.code === "25006"; // insufficient privilege, a read-only server
  if (timeZone && mayNot) console.error(`What the dashboard reads stays as it is: ${error.message}`);
  else {
    console.error(error.message || String(error.code));
    process.exitCode = 1;
  }
} finally {
  await client.end().catch(() => {});
}
