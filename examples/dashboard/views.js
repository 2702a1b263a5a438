// Makes the views that the dashboard reads: node views.js TABLE [TIME_ZONE]. Views that are there are left as they are, if
// no time zone is given, or if the role may not replace them.
import pg from "pg";

const [table, timeZone] = process.argv.slice(2);
const client = new pg.Client();
try {
  await client.connect();
  const {rows: [found]} = await client.query(
    `SELECT quote_ident(n.nspname) AS schema, $1::regclass::text AS table,
       EXISTS (SELECT FROM pg_class AS v WHERE v.relnamespace = c.relnamespace AND v.relname = c.relname || '_participation_report') AS "hasViews"
     FROM pg_class AS c, pg_extension JOIN pg_namespace AS n ON n.oid = extnamespace
     WHERE c.oid = $1::regclass AND extname = 'activity'`, [table]);
  if (!found) throw new Error("the extension activity is not in this database");
  if (!found.hasViews && !timeZone) throw new Error(`${table} does not have views yet: name the time zone of your reports with --time-zone, such as Europe/Berlin`);
  if (timeZone) {
    await client.query(`SELECT ${found.schema}.create_activity_views($1::regclass, $2, replace => $3)`, [table, timeZone, found.hasViews]);
  }
} catch (error) {
  const mayNot = error.code === "42501" || error.code === "25006"; // insufficient privilege, a read-only server
  if (timeZone && mayNot) console.error(`The views stay as they are: ${error.message}`);
  else {
    console.error(error.message || String(error.code));
    process.exitCode = 1;
  }
} finally {
  await client.end().catch(() => {});
}
