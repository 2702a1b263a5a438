import * as Plot from "@observablehq/plot";
import {html} from "htl";
import {chart, colours, count, foldedTable, minutes, panel, percent} from "../common.js";

const most = 20; // rows at each end of the table

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
    ${foldedTable(caption, listed, [
      {name: "Agent", text: true, value: (row) => row.agent},
      {name: "Offered", value: (row) => count(row.offered), figure: (row) => `agent.${row.agent}.offered`},
      {name: "Handled", value: (row) => count(row.handled), figure: (row) => `agent.${row.agent}.handled`},
      {name: "Handle time, min:s", value: (row) => minutes(row.handle_s), figure: (row) => `agent.${row.agent}.handle_s`},
      {name: "Unexpected", value: (row) => percent(row.unexpected), figure: (row) => `agent.${row.agent}.unexpected`}
    ])}`
  );
}

function scatter(rows, width) {
  const height = 290;
  const margin = {left: 46, right: 14, top: 14, bottom: 38};
  const times = rows.map((row) => row.handle_s / 60);
  const pad = (Math.max(...times) - Math.min(...times)) * 0.15 || 1;
  const across = [Math.max(0, Math.min(...times) - pad), Math.max(...times) + pad];
  const up = [0, Math.max(1, ...rows.map((row) => row.unexpected)) * 1.15];
  const largest = Math.max(...rows.map((row) => row.offered));
  const widest = rows.length > 100 ? 7 : 12;
  const dots = rows.map((row) => ({
    ...row,
    x: margin.left + ((row.handle_s / 60 - across[0]) / (across[1] - across[0])) * (width - margin.left - margin.right),
    y: height - margin.bottom - ((row.unexpected - up[0]) / (up[1] - up[0])) * (height - margin.top - margin.bottom),
    r: widest * Math.sqrt(row.offered / largest)
  }));
  const labels = place(outliers(dots), dots, {left: margin.left, right: width - margin.right, top: margin.top - 8, bottom: height - margin.bottom});
  return Plot.plot({
    width, height, marginLeft: margin.left, marginRight: margin.right, marginTop: margin.top, marginBottom: margin.bottom,
    x: {domain: across, label: "handle time, minutes", labelAnchor: "center", labelArrow: "none", tickSize: 4, ticks: 6},
    y: {domain: up, label: null, grid: true, tickSize: 0, ticks: 5, tickFormat: (n) => `${n} %`},
    r: {type: "sqrt", domain: [0, largest], range: [0, widest]},
    marks: [
      Plot.ruleY([0]),
      Plot.dot(rows, {
        x: (row) => row.handle_s / 60, y: "unexpected", r: "offered", fill: colours.blue, fillOpacity: 0.45, stroke: colours.darkBlue, strokeWidth: rows.length > 100 ? 0.6 : 1.2,
        title: (row) => `${row.agent}: ${minutes(row.handle_s)} min:s, ${percent(row.unexpected)} of ${count(row.offered)} unexpected`
      }),
      ...labels.map((label) => Plot.text([label.dot], {
        x: (dot) => dot.handle_s / 60, y: "unexpected", text: "agent", dx: label.dx, dy: label.dy, textAnchor: label.anchor, fill: colours.text
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

// A place for each label, inside the box, where it covers no other label and none of the dots; without one, it is left out.
function place(labelled, dots, box) {
  const areDisjoint = (a, b) => a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;
  const taken = dots.map((dot) => ({dot, left: dot.x - dot.r, right: dot.x + dot.r, top: dot.y - dot.r, bottom: dot.y + dot.r}));
  const labels = [];
  for (const dot of labelled) {
    const length = dot.agent.length * 7.5 + 2;
    for (const [anchor, dx, dy] of [["start", dot.r + 4, 0], ["end", -dot.r - 4, 0], ["middle", 0, -dot.r - 10], ["middle", 0, dot.r + 10]]) {
      const left = dot.x + dx - (anchor === "end" ? length : anchor === "middle" ? length / 2 : 0);
      const area = {dot, left, right: left + length, top: dot.y + dy - 8, bottom: dot.y + dy + 8};
      const isInside = area.left >= box.left && area.right <= box.right && area.top >= box.top && area.bottom <= box.bottom;
      if (isInside && taken.every((other) => other.dot === dot || areDisjoint(other, area))) {
        taken.push({...area, dot: null});
        labels.push({dot, anchor, dx, dy});
        break;
      }
    }
  }
  return labels;
}
