import * as Plot from "@observablehq/plot";
import {html} from "htl";
import {chart, colours, count, foldedTable, minutes, panel, percent, table} from "../common.js";

const most = 20; // rows at each end of the table, and what is told apart

export function agents({period, agents: rows}, width) {
  const shown = rows.filter((row) => row.handle_s !== null);
  const isLong = rows.length > 2 * most;
  const listed = isLong ? [...rows.slice(0, most), ...rows.slice(-most)] : rows;
  const caption = isLong
    ? `The ${most} agents with the highest unexpected rate, and the ${most} with the lowest, of ${count(rows.length)}`
    : "Agents by unexpected rate";
  return panel(
    `Which agents differ from the others${period.main_medium ? ` with ${period.main_medium}` : ""}?`,
    "Average handle time in minutes (across) against unexpected rate in per cent (up), this week. A circle's area is the number of contacts offered.",
    rows.length === 0,
    () => html`${shown.length ? chart(
      `${count(shown.length)} agents by average handle time and unexpected rate. The table has the numbers.`,
      scatter(shown, width)
    ) : ""}
    ${(isLong ? foldedTable : width > 400 && rows.length <= 8 ? table : foldedTable)(caption, listed, [
      {name: "Agent", text: true, value: (row) => row.agent},
      {name: "Offered", value: (row) => count(row.offered), figure: (row) => `agent.${row.agent}.offered`},
      {name: "Handled", value: (row) => count(row.handled), figure: (row) => `agent.${row.agent}.handled`},
      {name: "Handle time, min:s", value: (row) => minutes(row.handle_s), figure: (row) => `agent.${row.agent}.handle_s`},
      {name: "Unexpected", value: (row) => percent(row.unexpected), figure: (row) => `agent.${row.agent}.unexpected`}
    ])}`
  );
}

function scatter(rows, width) {
  const height = 230;
  const margin = {left: 40, right: 14, top: 12, bottom: 38};
  const longest = Math.max(...rows.map((row) => row.handle_s)) / 60;
  const highest = Math.max(1, ...rows.map((row) => row.unexpected));
  const largest = Math.max(...rows.map((row) => row.offered));
  const x = (row) => margin.left + (row.handle_s / 60 / (longest * 1.08)) * (width - margin.left - margin.right);
  const y = (row) => height - margin.bottom - (row.unexpected / (highest * 1.15)) * (height - margin.top - margin.bottom);
  const labels = place(outliers(rows), x, y, {left: margin.left, right: width - margin.right, top: margin.top, bottom: height - margin.bottom});
  return Plot.plot({
    width, height, marginLeft: margin.left, marginRight: margin.right, marginTop: margin.top, marginBottom: margin.bottom,
    x: {domain: [0, longest * 1.08], label: "handle time, minutes", labelAnchor: "center", labelArrow: "none", tickSize: 4, ticks: 6},
    y: {domain: [0, highest * 1.15], label: null, grid: true, tickSize: 0, ticks: 5, tickFormat: (n) => `${n} %`},
    r: {type: "sqrt", domain: [0, largest], range: [0, rows.length > 100 ? 7 : 12]},
    marks: [
      Plot.ruleY([0]),
      Plot.dot(rows, {
        x: (row) => row.handle_s / 60, y: "unexpected", r: "offered", fill: colours.blue, fillOpacity: 0.45, stroke: colours.darkBlue,
        title: (row) => `${row.agent}: ${minutes(row.handle_s)} min:s, ${percent(row.unexpected)} of ${count(row.offered)} unexpected`
      }),
      ...labels.map((label) => Plot.text([label.row], {
        x: (row) => row.handle_s / 60, y: "unexpected", text: "agent", dx: label.dx, dy: label.dy, textAnchor: label.anchor, fill: colours.text
      }))
    ]
  });
}

// The agents furthest from the middle, by both measures; all where they are few.
function outliers(rows) {
  const spread = (name) => {
    const values = rows.map((row) => row[name]).sort((a, b) => a - b);
    const middle = values[values.length >> 1];
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + (v - middle) ** 2, 0) / values.length) || 1;
    return (row) => ((row[name] - middle) / deviation) ** 2;
  };
  const byTime = spread("handle_s");
  const byRate = spread("unexpected");
  return [...rows].sort((a, b) => byTime(b) + byRate(b) - byTime(a) - byRate(a)).slice(0, 8);
}

// A place for each label where it covers no other one and stays inside; without one, the label is left out.
function place(rows, x, y, box) {
  const placed = [];
  for (const row of rows) {
    const length = row.agent.length * 7 + 4;
    for (const [anchor, dx, dy] of [["start", 12, 0], ["end", -12, 0], ["middle", 0, -18], ["middle", 0, 18]]) {
      const left = x(row) + dx - (anchor === "end" ? length : anchor === "middle" ? length / 2 : 0);
      const place = {left, right: left + length, top: y(row) + dy - 8, bottom: y(row) + dy + 8};
      const isInside = place.left >= box.left && place.right <= box.right && place.top >= box.top - 4 && place.bottom <= box.bottom;
      const isFree = placed.every((p) => p.place.right < place.left || place.right < p.place.left || p.place.bottom < place.top || place.bottom < p.place.top);
      if (isInside && isFree) {
        placed.push({row, anchor, dx, dy, place});
        break;
      }
    }
  }
  return placed;
}
