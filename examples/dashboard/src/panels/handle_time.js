import * as Plot from "@observablehq/plot";
import {html} from "htl";
import {chart, colours, count, day, figure, foldedTable, minutes, panel, shortDay} from "../common.js";

// A small chart for each medium, each with a scale of its own: media are never averaged together.
export function handleTime({period, handle_time: rows, media}, width) {
  const isWeekly = period.bucket === "week";
  const each = isWeekly ? "week" : "day";
  const names = [...new Set(rows.map((row) => row.medium))];
  const gap = 20;
  const columns = Math.min(names.length, Math.max(1, Math.floor((width + gap) / 170)));
  return panel(
    `How long does a contact take, by medium and ${each}?`,
    `Average handle time (talk and wrap) in minutes, by the ${each} on which the contact started. Each medium has a scale of its own.`,
    rows.length === 0,
    () => html`<div class="multiples" style=${`grid-template-columns: repeat(${columns}, 1fr); gap: ${gap}px`}>${names.map((name) => {
      const week = media.find((row) => row.medium === name);
      return html`<div>
        <h3>${name}</h3>
        <p>${week && week.handle_s !== null ? html`<strong>${figure(`handle_time.${name}`, minutes(week.handle_s))}</strong> this week, min:s` : "None this week"}</p>
        ${oneMedium(name, rows.filter((row) => row.medium === name), period, each, (width - gap * (columns - 1)) / columns)}
      </div>`;
    })}</div>
    ${foldedTable(`Average handle time by medium and ${each}`, rows, [
      {name: "Medium", text: true, value: (row) => row.medium},
      {name: isWeekly ? "Week of" : "Day", text: true, value: (row) => shortDay(row.bucket)},
      {name: "Handled", value: (row) => count(row.handled), figure: (row) => `handled.${row.medium}.${row.bucket}`},
      {name: "Average, min:s", value: (row) => minutes(row.handle_s), figure: (row) => `handle_time.${row.medium}.${row.bucket}`}
    ])}`
  );
}

function oneMedium(name, rows, period, each, width) {
  const from = day(period.trend_from);
  const to = day(period.today);
  const interval = each === "week" ? 7 : 1;
  const later = (date, days) => new Date(+date + days * 86400000);
  const inset = each === "week" && width < 300 ? 0 : 0.5; // no stripes
  const longest = Math.max(...rows.map((row) => row.handle_s));
  // a tick each quarter of a year, or each Monday; every other one where there is less room
  const ticks = each === "week"
    ? (width < 240 ? [0, 26] : [0, 13, 26, 39]).map((weeks) => later(from, 7 * weeks))
    : (width < 240 ? [0, 2] : [0, 1, 2, 3]).map((weeks) => later(from, 7 * weeks + ((8 - from.getUTCDay()) % 7)));
  return chart(
    `${name}: average handle time by ${each}, from ${minutes(Math.min(...rows.map((row) => row.handle_s)))} to ${minutes(longest)} minutes and seconds.`,
    Plot.plot({
      width, height: 130, marginLeft: longest < 60000 ? 32 : 56, marginRight: 4, marginTop: 10, marginBottom: 22,
      x: {type: "utc", domain: [from, later(to, interval)], ticks, tickFormat: shortDay, tickSize: 4, label: null},
      y: {domain: [0, (longest / 60) * 1.05 || 1], ticks: 4, tickSize: 0, label: null, grid: true, tickFormat: (m) => m.toLocaleString("en-GB")},
      marks: [
        Plot.rectY(rows, {
          x1: (row) => day(row.bucket), x2: (row) => later(day(row.bucket), interval), y: (row) => row.handle_s / 60,
          fill: colours.blue, insetLeft: inset, insetRight: inset,
          title: (row) => `${shortDay(row.bucket)}: ${minutes(row.handle_s)} min:s, ${count(row.handled)} handled`
        }),
        Plot.ruleY([0])
      ]
    })
  );
}
