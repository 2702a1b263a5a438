import * as Plot from "@observablehq/plot";
import {html} from "htl";
import {chart, colours, count, legend, panel, table, wholeTicks} from "../common.js";

const ages = [
  ["hour", "under 1 hour", "#a6cde6"],
  ["day", "1 to 24 hours", "#5aa2cf"],
  ["week", "1 to 7 days", "#1f6fa8"],
  ["older", "over 7 days", "#08416b"],
  ["stale", "stale", colours.vermillion]
];

export function openWork({open_work: rows}, width) {
  const parts = rows.flatMap((row) => ages.map(([age, words]) => ({medium: row.medium, age, words, n: row[age]}))).filter((part) => part.n);
  const most = Math.max(...rows.map((row) => ages.reduce((sum, [age]) => sum + row[age], 0)));
  return panel(
    "What is open now, and how old is it?",
    "Activities that are open, by age. Stale is what no page of the last day reported: its end was missed.",
    rows.length === 0,
    () => html`${legend(ages.map(([age, words, colour]) => [colour, words, age === "stale" ? "hatched" : ""]))}
      ${chart(
        `Open activities by medium and age, ${count(parts.reduce((sum, part) => sum + part.n, 0))} in all. The table has the numbers.`,
        Plot.plot({
          width, height: 30 + Math.min(rows.length, 8) * 26, marginLeft: 110, marginRight: 14, marginTop: 2, marginBottom: 24,
          x: {label: null, grid: true, tickSize: 0, ticks: wholeTicks(most), tickFormat: count},
          y: {domain: rows.slice(0, 8).map((row) => row.medium), label: null, tickSize: 0, padding: 0.25, tickFormat: shortened},
          marks: [
            () => hatching(),
            Plot.barX(parts, {
              x: "n", y: "medium", fill: (part) => (part.age === "stale" ? "url(#hatching)" : ages.find(([age]) => age === part.age)[2]),
              order: null, insetLeft: 0.5, title: (part) => `${part.medium}, ${part.words}: ${count(part.n)}`
            }),
            Plot.ruleX([0])
          ]
        })
      )}
      ${table("Open activities by medium and age", rows, [
        {name: "Medium", text: true, value: (row) => row.medium},
        ...ages.map(([age, words]) => ({name: words, value: (row) => count(row[age]), figure: (row) => `open.${row.medium}.${age}`}))
      ])}`
  );
}

// A medium's name that fits beside the chart.
const shortened = (name) => (name.length > 16 ? `${name.slice(0, 15)}…` : name);

function hatching() {
  return html`<svg><defs><pattern id="hatching" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
    <rect width="6" height="6" fill=${colours.vermillion}></rect><rect width="2" height="6" fill="white"></rect></pattern></defs></svg>`.firstChild;
}
