// Takes a picture of a page: node screenshot.js ADDRESS FILE [WIDTH]. A FILE.pdf is printed.
import {writeFile} from "node:fs/promises";
import {launch} from "./browser.js";
import {withPalette} from "./palette.js";

const [address, file, width = "1280"] = process.argv.slice(2);
const browser = await launch();
try {
  const page = await browser.page();
  await page.open(address, Number(width));
  await writeFile(file, await (file.endsWith(".pdf") ? page.pdf() : page.screenshot().then(withPalette)));
  for (const error of page.errors) console.error(error);
} finally {
  await browser.close();
}
