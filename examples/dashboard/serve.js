// Serves a directory on the loopback interface: node serve.js DIRECTORY [PORT]. Prints the address.
import {readFile} from "node:fs/promises";
import {createServer} from "node:http";
import {extname, join, resolve, sep} from "node:path";

const root = resolve(process.argv[2]);
const types = {".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".json": "application/json", ".txt": "text/plain"};

const server = createServer(async (request, response) => {
  try {
    const path = decodeURIComponent(request.url.replace(/\?.*/, ""));
    const file = join(root, path.endsWith("/") ? `${path}index.html` : path);
    if (!file.startsWith(root + sep)) throw new Error("outside");
    const body = await readFile(file);
    response.writeHead(200, {"Content-Type": `${types[extname(file)] ?? "application/octet-stream"}; charset=utf-8`, "Cache-Control": "no-store"});
    response.end(request.method === "HEAD" ? "" : body);
  } catch {
    response.writeHead(404).end("not found\n");
  }
});
server.listen(Number(process.argv[3] ?? 0), "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}/`));
