// Reads a query's rows through node-postgres and prints what it got: see test/drivers.sh.
//
// Usage: node.js [--defaults] QUERY [COLUMN_TO_GROUP_BY FORMULA ...]
'use strict';

const pg = require('pg');
const { version } = require('pg/package.json');

const parameters = process.argv.slice(2);
const defaults = parameters[0] === '--defaults';
if (defaults) parameters.shift();
const [query, groupBy, ...formulas] = parameters;

const setTypeParser = (name, parse) => pg.types.setTypeParser(pg.types.builtins[name], parse);
if (defaults) {
	// A date is a Date, its local midnight, with pg-types 2, which npm's node-postgres has, and a string with
	// pg-types 4, which Debian's has. Here it is a Date with both.
	setTypeParser('DATE', (text) => new Date(`${text}T00:00:00`));
} else {
	// node-postgres passes a bigint as a string, since a JavaScript number holds whole numbers up to 2^53 only: this is
	// how its documentation says to get numbers. Milliseconds reach 2^53 after 285,000 years.
	setTypeParser('INT8', Number);

	// A Date is a moment. node-postgres makes one of a date and of a local time, by node's zone or by UTC: printed in
	// another zone, or where the clocks skip that time, it is another date or time. The server's text is safe.
	setTypeParser('DATE', String);
	setTypeParser('TIMESTAMP', String);
}

// What the driver calls the type of this number, and what the values of a column are.
const typeName = (oid) => Object.keys(pg.types.builtins).find((name) => pg.types.builtins[name] === oid);
const classes = (values) =>
	[...new Set(values.filter((value) => value !== null).map((value) => value.constructor.name))].sort().join('+');

// A value as all the programs print it.
function textOf(value, type) {
	if (value === null) return '\\N';
	if (type === 'FLOAT8') return value.toFixed(3);
	if (type === 'TIMESTAMPTZ') return value.toISOString();
	if (type === 'TIMESTAMP') {
		const [day, second, fraction = ''] = value.split(/[ .]/);
		return `${day}T${second}.${fraction.padEnd(3, '0')}`;
	}
	return String(value);
}

// The values of a column that are not null, and their sum.
const valuesOf = (name, rows) => rows.map((row) => row[name]).filter((value) => value !== null);
const sumOf = (name, rows) => valuesOf(name, rows).reduce((sum, value) => sum + value, 0);

// The value of sum(A), avg(A) or sum(A)/sum(B) over rows, as text; null without anything to divide by.
function compute(formula, rows, types) {
	const [, name, divisorName] = formula.match(/^(?:sum|avg)\((\w+)\)(?:\/sum\((\w+)\))?$/);
	if (formula === `sum(${name})`) return textOf(sumOf(name, rows), types[name]);
	const divisor = divisorName ? sumOf(divisorName, rows) : valuesOf(name, rows).length;
	return textOf(divisor === 0 ? null : sumOf(name, rows) / divisor, 'FLOAT8');
}

async function main() {
	const client = new pg.Client();
	await client.connect();
	const { fields, rows } = await client.query(query);
	await client.end();

	const types = {};
	for (const { name, dataTypeID } of fields) types[name] = typeName(dataTypeID);

	console.log(version);
	for (const { name } of fields) console.log(`column ${name} ${types[name]}/${classes(rows.map((row) => row[name]))}`);
	if (defaults) return;

	for (const row of rows) console.log(`row ${fields.map(({ name }) => textOf(row[name], types[name])).join('\t')}`);

	if (!groupBy) return;
	for (const group of ['all', ...new Set(rows.map((row) => row[groupBy]))]) {
		const ofGroup = rows.filter((row) => group === 'all' || row[groupBy] === group);
		for (const formula of formulas) console.log(`value ${formula} ${group} ${compute(formula, ofGroup, types)}`);
	}
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
