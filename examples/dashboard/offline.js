// Lets Observable Framework build without a network. Of each library that its client could load on demand it asks a
// registry for the newest version, although this page loads none of them. A version in its cache is the answer.
import {mkdir, readFile, readdir} from "node:fs/promises";

const client = new URL("node_modules/@observablehq/framework/dist/client/", import.meta.url);
const cache = new URL("src/.observablehq/cache/_npm/", import.meta.url);
for (const directory of ["", "stdlib/"]) {
  for (const file of await readdir(new URL(directory, client))) {
    if (!file.endsWith(".js")) continue;
    const code = await readFile(new URL(directory + file, client), "utf8");
    for (const [, name] of code.matchAll(/npm:((?:@[\w.-]+\/)?[\w.-]+)/g)) await mkdir(new URL(`${name}@0.0.0`, cache), {recursive: true});
  }
}
