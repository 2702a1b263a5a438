// Reads a view's rows through node-postgres and prints what it got: see test/drivers.sh.
//
// Usage: node.js [--defaults] VIEW [COLUMN_TO_SUM ...]
'use strict';

const pg = require('pg');
const { version } = require('pg/package.json');

const names = process.argv.slice(2);
const defaults = names[0] === '--defaults';
if (defaults) names.shift();
const view = names.shift();

// node-postgres passes a bigint as a string, since a JavaScript number holds whole numbers up to 2^53 only: this is
// how its documentation says to get numbers. Milliseconds reach 2^53 after 285,000 years.
if (!defaults) pg.types.setTypeParser(pg.types.builtins.INT8, Number);

// A date is a Date, its local midnight, with pg-types 2, which npm's node-postgres has, and a string with pg-types 4,
// which Debian's has. Here it is a Date with both.
pg.types.setTypeParser(pg.types.builtins.DATE, (text) => new Date(`${text}T00:00:00`));

// What the driver calls the type of this number, and what the values of a column are.
const typeName = (oid) => Object.keys(pg.types.builtins).find((name) => pg.types.builtins[name] === oid);
const classes = (values) =>
	[...new Set(values.filter((value) => value !== null).map((value) => value.constructor.name))].sort().join('+');

// A value as all the programs print it.
function textOf(value, type) {
	if (value === null) return '\\N';
	if (type === 'FLOAT8') return value.toFixed(3);
	if (type === 'TIMESTAMPTZ') return value.toISOString();
	if (type === 'DATE') {
		const parts = [value.getFullYear(), value.getMonth() + 1, value.getDate()];
		return parts.map((part) => String(part).padStart(2, '0')).join('-');
	}
	return String(value);
}

async function main() {
	const client = new pg.Client();
	await client.connect();
	const { fields, rows } = await client.query(`SELECT * FROM ${client.escapeIdentifier(view)}`);
	await client.end();

	const types = {};
	for (const { name, dataTypeID } of fields) types[name] = typeName(dataTypeID);

	console.log(version);
	for (const { name } of fields) console.log(`column ${name} ${types[name]}/${classes(rows.map((row) => row[name]))}`);
	if (defaults) return;

	for (const row of rows) console.log(`row ${fields.map(({ name }) => textOf(row[name], types[name])).join('\t')}`);

	for (const agent of ['all', ...new Set(rows.map((row) => row.agent_id))]) {
		const ofAgent = rows.filter((row) => agent === 'all' || row.agent_id === agent);
		const sums = names.map((name) => ofAgent.reduce((sum, row) => sum + row[name], 0));
		console.log(`sum ${agent} ${sums.map((sum, i) => textOf(sum, types[names[i]])).join(' ')}`);
	}
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
