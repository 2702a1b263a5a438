// Chromium without a window, driven through a pipe by its DevTools protocol: for screenshots and the test.
import {spawn} from "node:child_process";
import {mkdtemp, rm} from "node:fs/promises";
import {tmpdir} from "node:os";
import {join} from "node:path";

// Starts Chromium. Returns {page(), close()}.
export async function launch(program = "chromium") {
  const profile = await mkdtemp(join(tmpdir(), "chromium-"));
  const chromium = spawn(program, [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--disable-lcd-text", `--user-data-dir=${profile}`, "--remote-debugging-pipe", "about:blank"
  ], {stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"]});
  const [, , , to, from] = chromium.stdio;
  const waiting = new Map();
  const listeners = [];
  let id = 0;
  let rest = "";
  from.setEncoding("utf8").on("data", (text) => {
    const messages = (rest + text).split("\0");
    rest = messages.pop();
    for (const message of messages.map((m) => JSON.parse(m))) {
      const call = waiting.get(message.id);
      waiting.delete(message.id);
      if (!call) for (const listener of listeners) listener(message);
      else if (message.error) call.reject(new Error(`${call.method}: ${message.error.message}`));
      else call.resolve(message.result);
    }
  });
  const ended = new Promise((resolve) => chromium.on("exit", resolve).on("error", resolve));
  ended.then(() => waiting.forEach((call) => call.reject(new Error("Chromium has ended"))));
  const send = (method, params = {}, sessionId = undefined) => new Promise((resolve, reject) => {
    waiting.set(++id, {resolve, reject, method});
    to.write(`${JSON.stringify({id, method, params, sessionId})}\0`);
  });

  // Opens a page. Its requests and errors are noted; send(method, params) talks to it.
  async function page() {
    const {targetId} = await send("Target.createTarget", {url: "about:blank"});
    const {sessionId} = await send("Target.attachToTarget", {targetId, flatten: true});
    const requests = [];
    const errors = [];
    listeners.push(({sessionId: of, method, params}) => {
      if (of !== sessionId) return;
      if (method === "Network.requestWillBeSent") requests.push(params.request.url);
      if (method === "Runtime.exceptionThrown") errors.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
      if (method === "Runtime.consoleAPICalled" && ["error", "warning"].includes(params.type)) errors.push(params.args.map((a) => a.value ?? a.description).join(" "));
      if (method === "Log.entryAdded" && params.entry.level === "error") errors.push(`${params.entry.text} ${params.entry.url ?? ""}`);
    });
    const call = (method, params) => send(method, params, sessionId);
    for (const domain of ["Network", "Runtime", "Log", "Page"]) await call(`${domain}.enable`);

    async function evaluate(expression) {
      const {result, exceptionDetails} = await call("Runtime.evaluate", {expression, awaitPromise: true, returnByValue: true});
      if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
      return result.value;
    }
    // Opens an address at a width, and waits until all panels are there and nothing moves.
    async function open(url, width) {
      await call("Emulation.setDeviceMetricsOverride", {width, height: 1000, deviceScaleFactor: 1, mobile: false});
      await call("Page.navigate", {url});
      await evaluate(`new Promise((resolve, reject) => {
        let last = "", since = 0;
        const started = Date.now();
        setInterval(() => {
          const now = document.querySelector("header h1") && !document.querySelector(".panel:not(:has(h2))") ? document.body.innerHTML : "";
          since = now && now === last ? since + 1 : 0;
          last = now;
          if (since === 4) resolve();
          if (Date.now() - started > 20000) reject(new Error("the page is not ready after 20 s"));
        }, 100);
      })`);
    }
    const screenshot = async () => Buffer.from((await call("Page.captureScreenshot", {format: "png", captureBeyondViewport: true,
      clip: {x: 0, y: 0, scale: 1, ...await evaluate("({width: innerWidth, height: document.documentElement.scrollHeight})")}})).data, "base64");
    const pdf = async () => Buffer.from((await call("Page.printToPDF",
      {paperWidth: 8.27, paperHeight: 11.69, preferCSSPageSize: true, printBackground: true})).data, "base64"); // A4
    return {requests, errors, evaluate, open, screenshot, pdf};
  }
  async function close() {
    await send("Browser.close").catch(() => {});
    await ended;
    await rm(profile, {recursive: true, force: true, maxRetries: 5});
  }
  return {page, close};
}
