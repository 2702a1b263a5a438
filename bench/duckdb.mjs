// DuckDB for script/bench: an empty database in memory, with one thread. Standard input names a file of SQL a line; for
// each there is a line on standard output, the milliseconds it took or "error" and the message.
import { createInterface } from 'node:readline';
import { readFileSync } from 'node:fs';
import { DuckDBInstance, version } from '@duckdb/node-api';

const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
const connection = await instance.connect();
console.log(version());

for await (const file of createInterface({ input: process.stdin })) {
	try {
		const sql = readFileSync(file, 'utf8');
		const start = process.hrtime.bigint();
		const result = await connection.run(sql);
		await result.fetchAllChunks();
		console.log(Number(process.hrtime.bigint() - start) / 1e6);
	} catch (error) {
		console.log(`error ${String(error.message).replaceAll('\n', ' ')}`);
	}
}
