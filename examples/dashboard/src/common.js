// What the panels share: how numbers are written, figures, tables, and the frame of a panel.
import {html} from "htl";

export const colours = {blue: "#0072b2", darkBlue: "#08416b", vermillion: "#d55e00", grey: "#d3d8de", text: "#1b1f24", soft: "#545b64"};

const whole = new Intl.NumberFormat("en-GB", {maximumFractionDigits: 0});
const tenths = new Intl.NumberFormat("en-GB", {minimumFractionDigits: 1, maximumFractionDigits: 1});

// Each takes a number, or null where there is none.
export const count = (n) => (n == null ? "–" : whole.format(n));
export const decimal = (n) => (n == null ? "–" : tenths.format(n));
export const percent = (n) => (n == null ? "–" : `${tenths.format(n)} %`);
export const minutes = (s) => (s == null ? "–" : `${whole.format(Math.floor(s / 60))}:${String(s % 60).padStart(2, "0")}`);

// A difference, with its sign: signed(count, 3) is +3.
export function signed(format, n) {
  return `${n > 0 ? "+" : n < 0 ? "−" : "±"}${format(Math.abs(n))}`;
}

// The ticks of an axis of whole numbers up to this one, about five: 1, 2 or 5 times a power of ten apart.
export function wholeTicks(most) {
  const power = 10 ** Math.floor(Math.log10(Math.max(most, 1) / 5));
  const step = Math.max(1, power * [1, 2, 5, 10].find((n) => n * power * 5 >= most));
  return Array.from({length: Math.floor(most / step) + 1}, (_, i) => i * step);
}

// ", without Case": media whose work is not busy time.
export const without = (media) => (media.length ? `, without ${media.join(", ")}` : "");

// A number on the page. Its key says what it is: test/dashboard.sh compares it with SQL.
export function figure(key, text) {
  return html`<span data-figure=${key}>${text}</span>`;
}

// A table: columns are {name, value, figure?, text?}; value(row) is what a cell shows, figure(row) its key.
export function table(caption, rows, columns) {
  return html`<div class="scroll"><table>
    <caption>${caption}</caption>
    <thead><tr>${columns.map((c) => html`<th scope="col" class=${c.text ? "text" : ""}>${c.name}</th>`)}</tr></thead>
    <tbody>${rows.map((row) => html`<tr>${columns.map((c, i) => {
      const cell = c.figure ? figure(c.figure(row), c.value(row)) : c.value(row);
      return i === 0 ? html`<th scope="row" class="text">${cell}</th>` : html`<td class=${c.text ? "text" : ""}>${cell}</td>`;
    })}</tr>`)}</tbody>
  </table></div>`;
}

// The same behind a word to click, for the numbers of a chart.
export function foldedTable(...args) {
  return html`<details><summary>As a table</summary>${table(...args)}</details>`;
}

// A panel's title, what it counts and in which unit (a text, or several and figures), and its parts; or that there is no data.
export function panel(title, unit, isEmpty, parts) {
  return html`<div>
    <h2>${title}</h2>
    <p class="unit">${[unit].flat(Infinity)}</p>
    ${isEmpty ? html`<p class="empty">No data in this period.</p>` : parts()}
  </div>`;
}

// A chart with its alternative text.
export function chart(description, svg) {
  svg.removeAttribute("aria-label");
  return html`<div class="chart" role="img" aria-label=${description}>${svg}</div>`;
}

// Gives the texts of a chart's mark, made with this class name, the keys of figures.
export function textsAreFigures(svg, className, keys) {
  svg.querySelectorAll(`.${className} text`).forEach((text, i) => text.setAttribute("data-figure", keys[i]));
  return svg;
}

// A legend: [colour, words, hatched?] of each.
export function legend(items) {
  return html`<ul class="legend">${items.map(([colour, words, kind]) => html`<li>
    <i class=${kind ?? ""} style=${`color: ${colour}`}></i>${words}</li>`)}</ul>`;
}

// Days as the database writes them, 2026-10-14, are noon at UTC here, so that no time zone moves them.
export const day = (text) => new Date(`${text}T12:00:00Z`);
const short = new Intl.DateTimeFormat("en-GB", {day: "numeric", month: "short", timeZone: "UTC"});
export const shortDay = (text) => short.format(typeof text === "string" ? day(text) : text).replace("Sept", "Sep");
