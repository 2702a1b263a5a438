// Writes licences.txt beside the page: the licences of the packages whose code the page has, as these demand of each copy.
// They are the packages of dist/_node and Observable Framework, and what these depend on.
import {readdir, readFile, writeFile} from "node:fs/promises";

const directory = (name) => new URL(`node_modules/${name}/`, import.meta.url);
const dist = new URL("dist/", import.meta.url);
const client = ["@observablehq/framework", "@observablehq/runtime", "@observablehq/inspector"];

// d3@7.9.2, @observablehq/plot@0.6.17
async function names(url) {
  const found = await readdir(url);
  const each = found.map(async (name) => (name.startsWith("@") ? (await names(new URL(`${name}/`, url))).map((n) => `${name}/${n}`) : name.replace(/@.*/, "")));
  return (await Promise.all(each)).flat();
}

const licences = new Map();
async function add(name, isDeep) {
  if (licences.has(name)) return;
  const {version, license, dependencies} = JSON.parse(await readFile(new URL("package.json", directory(name)), "utf8"));
  const text = await readFile(new URL("LICENSE", directory(name)), "utf8");
  licences.set(name, `${name} ${version} (${license})\n\n${text.trim()}\n`);
  if (isDeep) for (const dependency of Object.keys(dependencies ?? {})) await add(dependency, true);
}
for (const name of client) await add(name, false);
for (const name of await names(new URL("_node/", dist))) await add(name, true);
const texts = [...licences.keys()].sort().map((name) => licences.get(name));
await writeFile(new URL("licences.txt", dist), `The page has code of these packages, or of packages that depend on them.\n\n${texts.join(`\n${"-".repeat(72)}\n\n`)}`);
