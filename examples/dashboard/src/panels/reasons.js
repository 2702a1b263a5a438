import * as Plot from "@observablehq/plot";
import {html} from "htl";
import {chart, colours, count, day, foldedTable, panel, shortDay, textsAreFigures} from "../common.js";

export function reasons({period, reasons: rows}, width) {
  const names = [...new Set(rows.map((row) => row.reason))];
  const first = period.weeks_from ? day(period.weeks_from) : null;
  const weeks = first ? Array.from({length: period.bucket === "week" ? 52 : 5}, (_, i) => new Date(+first + i * 7 * 86400000).toISOString().slice(0, 10)) : [];
  const isFew = weeks.length <= 8;
  const most = Math.max(...rows.map((row) => row.participations));
  return panel(
    "Why were contacts not answered?",
    "Contacts with an unexpected outcome, by reason and week. Weeks begin on the day that is shown; the last one goes up to now.",
    rows.length === 0,
    () => html`${chart(
      `Unexpected outcomes by reason and week, at most ${count(most)} a week of one reason. The table has the numbers.`,
      textsAreFigures(Plot.plot({
        width, height: 30 + names.length * 38, marginLeft: 150, marginRight: 4, marginTop: 4, marginBottom: 24,
        x: {domain: weeks, label: null, tickSize: 0, padding: isFew ? 0.15 : 0.1, tickFormat: shortDay, ticks: isFew ? weeks : weeks.filter((_, i) => i % 13 === 0)},
        y: {domain: [0, most * (isFew ? 1.7 : 1.1)], axis: null},
        fy: {domain: names, label: null, axis: null, padding: 0.12},
        marks: [
          Plot.text(names, {fy: (name) => name, text: (name) => name, frameAnchor: "left", dx: -146, textAnchor: "start", fill: colours.text}),
          Plot.barY(rows, {
            fy: "reason", x: "week", y: "participations", fill: colours.blue,
            title: (row) => `${row.reason}, week of ${shortDay(row.week)}: ${count(row.participations)}`
          }),
          isFew ? Plot.text(rows, {fy: "reason", x: "week", y: "participations", text: (row) => count(row.participations), dy: -7, className: "reason-numbers", fill: colours.text}) : null,
          Plot.ruleY([0], {stroke: colours.soft, strokeWidth: 0.5})
        ]
      }), "reason-numbers", rows.map((row) => `reason.${row.reason}.${row.week}`))
    )}
    ${foldedTable("Unexpected outcomes by reason and week", rows, [
      {name: "Reason", text: true, value: (row) => row.reason},
      {name: "Week of", text: true, value: (row) => shortDay(row.week)},
      {name: "Contacts", value: (row) => count(row.participations), figure: (row) => `reason.${row.reason}.${row.week}`}
    ])}`
  );
}
