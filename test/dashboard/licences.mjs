// Prints what is wrong with the licences of the dashboard's packages: node licences.mjs DIRECTORY, where it was built.
//   - every package has a licence of the list below, in package-lock.json and in its own package.json;
//   - README.md has a table of those that are not ISC, MIT or BSD, and of no others;
//   - licences.txt beside the page has the notices of all packages whose code the page has.
import {readFile, readdir} from "node:fs/promises";
import {join} from "node:path";

const directory = process.argv[2];
const usual = ["ISC", "MIT", "BSD-2-Clause", "BSD-3-Clause"];
const others = ["Apache-2.0", "BlueOak-1.0.0", "CC0-1.0", "MIT-0", "Python-2.0", "Unlicense", "(MIT AND Zlib)", "(MIT OR GPL-3.0-or-later)"];
const problems = new Set();
const read = (name) => readFile(join(directory, name), "utf8");

const unusual = new Map();
let checked = 0;
for (const [path, {license, optional}] of Object.entries(JSON.parse(await read("package-lock.json")).packages)) {
  if (!path) continue;
  const name = path.replace(/.*node_modules\//, "");
  if (![...usual, ...others].includes(license)) problems.add(`${name}: the licence ${license} is not in the list`);
  if (!usual.includes(license)) unusual.set(name, license);
  const own = await read(`${path}/package.json`).then(JSON.parse, () => null);
  if (!own && !optional) problems.add(`${name} is not installed`); // an optional one may be for another system
  if (!own) continue;
  checked++;
  if ((own.license?.type ?? own.license) !== license) problems.add(`${name}: the licence is ${JSON.stringify(own.license)}, and ${license} by package-lock.json`);
}

for (const [, license, names] of (await read("README.md")).matchAll(/^\| ([^|`]+) \| (`.*) \|$/gm)) {
  for (const [, name] of names.matchAll(/`([^`]+)`/g)) {
    if (unusual.get(name) !== license) problems.add(`README.md: the licence of ${name} is ${unusual.get(name)}, and not ${license}`);
    unusual.delete(name);
  }
}
for (const [name, license] of unusual) problems.add(`README.md does not name ${name}: ${license}`);

const notices = (await read("dist/licences.txt")).split(/\n-{72}\n/);
const served = (await readdir(join(directory, "dist/_node"), {recursive: true})).map((path) => path.replaceAll("\\", "/")).filter((path) => /^(@[^/]+\/)?[^@/]+@[\d.]+$/.test(path));
if (served.length < 10) problems.add("the packages in the page were not found");
for (const name of [...served, "@observablehq/framework", "@observablehq/runtime", "@observablehq/inspector", "robust-predicates"]) {
  const first = `\n${name.replace(/(.)@/, "$1 ")} `;
  const notice = notices.find((text) => text.includes(first));
  if (!notice || !/copyright|public domain/i.test(notice)) problems.add(`licences.txt does not have the notice of ${name}`);
}
for (const problem of problems) console.log(problem);
console.log(`${checked} packages, ${served.length} of them in the page`);
process.exitCode = problems.size ? 1 : 0;
