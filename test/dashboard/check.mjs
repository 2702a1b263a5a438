// Opens the dashboard in Chromium at 1280 and 1920 pixels, and prints what is wrong with it:
//   node check.mjs BROWSER.JS ADDRESS FIGURES SCREENSHOT
// FIGURES has the figures that the page must have, a line of key and text each. Pictures are SCREENSHOT-1280.png,
// SCREENSHOT-1920.png and SCREENSHOT.pdf.
import {readFile, writeFile} from "node:fs/promises";
import {pathToFileURL} from "node:url";

const [program, address, figures, screenshot] = process.argv.slice(2);
const {launch} = await import(pathToFileURL(program));
const problems = new Set();

// Runs in the page: its figures, and the faults of its layout.
function inspect() {
  const faults = [];
  const name = (element) => `"${element.textContent.trim().replace(/\s+/g, " ").slice(0, 40)}"`;
  const isShown = (element) => element.checkVisibility?.() ?? element.getClientRects().length > 0;
  const box = (element) => element.getBoundingClientRect();

  // nothing is wider than the window, and no panel has more than it shows
  if (document.documentElement.scrollWidth > innerWidth) faults.push(`the page is ${document.documentElement.scrollWidth} pixels wide`);
  for (const element of document.querySelectorAll(".panel, .tile, .check, .scroll, .multiples > div")) {
    if (isShown(element) && element.scrollWidth > element.clientWidth + 1) faults.push(`${name(element)} is clipped`);
  }

  // the labels of a chart neither overlap nor leave their panel
  for (const svg of document.querySelectorAll("svg")) {
    const panel = box(svg.closest(".multiples > div, .panel"));
    const labels = [...svg.querySelectorAll("text")].filter((text) => text.textContent.trim() && isShown(text)).map((text) => [text, box(text)]);
    labels.forEach(([text, a], i) => {
      if (a.left < panel.left - 1 || a.right > panel.right + 1 || a.top < panel.top || a.bottom > panel.bottom) faults.push(`label ${name(text)} leaves its panel`);
      for (const [other, b] of labels.slice(0, i)) {
        const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
        const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
        // a line of text is higher than its letters
        if (across > 0.5 && down > 3) faults.push(`labels ${name(text)} and ${name(other)} overlap`);
      }
    });
  }

  // every text can be read: a contrast of 4.5 with what is below it
  const luminance = (rgb) => rgb.match(/[\d.]+/g).slice(0, 3).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const background = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (!/, 0\)$/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  for (const element of document.querySelectorAll("body *")) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!hasText || element.closest("style, script, svg, title") || !isShown(element)) continue;
    const reached = contrast(luminance(getComputedStyle(element).color), luminance(background(element)));
    if (reached < 4.5) faults.push(`the contrast of ${name(element)} is ${reached.toFixed(1)}`);
  }
  const cells = [...document.querySelectorAll(".heat-cells rect")];
  document.querySelectorAll(".heat-numbers text").forEach((text, i) => {
    const reached = contrast(luminance(getComputedStyle(text).fill), luminance(getComputedStyle(cells[i]).fill));
    if (reached < 4.5) faults.push(`the contrast of the cell ${name(text)} is ${reached.toFixed(1)}`);
  });

  // every chart has an alternative text, every panel a title and a unit
  for (const svg of document.querySelectorAll("svg")) if (!svg.closest("[role=img]")?.ariaLabel) faults.push("a chart does not have an alternative text");
  for (const panel of document.querySelectorAll(".panel")) {
    if (!panel.querySelector("h2")?.textContent.endsWith("?") || !panel.querySelector(".unit")?.textContent) faults.push(`${name(panel)} does not have a question and a unit`);
  }

  // a number that is not a figure is that of an axis, a row's name, a legend or a sentence that is always the same
  const numbers = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (numbers.nextNode()) {
    const {parentElement: parent, textContent: text} = numbers.currentNode;
    if (/\d/.test(text) && !parent.closest("[data-figure], svg, th, td.text, .legend, script, style, caption")) faults.push(`"${text.trim().slice(0, 60)}" is not a figure`);
  }
  return {
    faults,
    panels: document.querySelectorAll(".panel").length,
    empty: document.querySelectorAll(".panel .empty").length,
    figures: [...document.querySelectorAll("[data-figure]")].map((element) => [element.dataset.figure, element.textContent])
  };
}

const expected = new Map((await readFile(figures, "utf8")).split("\n").filter(Boolean).map((line) => line.split("\t")));
const browser = await launch();
try {
  const page = await browser.page();
  for (const width of [1280, 1920]) {
    await page.open(address, width);
    await writeFile(`${screenshot}-${width}.png`, await page.screenshot());
    const found = await page.evaluate(`(${inspect})()`);
    for (const fault of found.faults) problems.add(`at ${width} pixels: ${fault}`);
    if (found.panels !== 8) problems.add(`there are ${found.panels} panels`);
    const shown = new Set();
    for (const [key, text] of found.figures) {
      shown.add(key);
      if (!expected.has(key)) problems.add(`SQL does not have the figure ${key}: ${text}`);
      else if (expected.get(key) !== text) problems.add(`${key} is ${text}, and ${expected.get(key)} by SQL`);
    }
    for (const key of expected.keys()) if (!shown.has(key)) problems.add(`the page does not have the figure ${key}: ${expected.get(key)}`);
    console.log(`${width} pixels: ${found.figures.length} figures, ${found.empty} of ${found.panels} panels empty`);
  }
  const pdf = await page.pdf();
  await writeFile(`${screenshot}.pdf`, pdf);
  const sheets = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g).length;
  if (sheets > 2) problems.add(`it is printed on ${sheets} sheets of paper`);
  for (const error of page.errors) problems.add(`the console has: ${error}`);
  for (const url of page.requests) if (!url.startsWith(address) && !url.startsWith("data:")) problems.add(`a request leaves the page: ${url}`);
  if (page.requests.length < 10) problems.add("requests were not seen");
} finally {
  await browser.close();
}
for (const problem of [...problems].slice(0, 40)) console.log(problem);
process.exitCode = problems.size ? 1 : 0;
