import * as Plot from "@observablehq/plot";
import {chart, colours, count, panel, textsAreFigures} from "../common.js";

const weekdays = ["", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

export function heatMap({period, heat_map: rows}, width) {
  const hours = rows.map((row) => row.hour);
  const range = rows.length ? Array.from({length: Math.max(...hours) - Math.min(...hours) + 1}, (_, i) => Math.min(...hours) + i) : [];
  const last = Math.max(5, ...rows.map((row) => row.weekday));
  const most = Math.max(...rows.map((row) => row.offered));
  const busiest = rows.find((row) => row.offered === most);
  return panel(
    "When are contacts offered?",
    `Contacts offered to agents by local weekday and hour, ${period.heat_from_label ?? ""} to ${period.heat_to_label ?? ""}: the sum of four weeks.`,
    rows.length === 0,
    () => chart(
      `Contacts offered by weekday and hour. The most, ${count(most)}, on ${weekdays[busiest.weekday]} from ${busiest.hour}:00.`,
      textsAreFigures(Plot.plot({
        width, height: 40 + last * 30, marginLeft: 36, marginTop: 22, marginBottom: 2, marginRight: 0, padding: 0.04,
        x: {domain: range, axis: "top", label: null, tickSize: 0, tickFormat: (hour) => String(hour).padStart(2, "0")},
        y: {domain: Array.from({length: last}, (_, i) => i + 1), label: null, tickSize: 0, tickFormat: (weekday) => weekdays[weekday]},
        color: {type: "linear", domain: [0, most], range: ["#eef4f9", "#1466a0", "#08305a"], interpolate: "lab"},
        marks: [
          Plot.cell(rows, {x: "hour", y: "weekday", fill: "offered"}),
          Plot.text(rows, {
            x: "hour", y: "weekday", text: (row) => count(row.offered), className: "heat-numbers",
            fill: (row) => (row.offered > most * 0.4 ? "white" : colours.text), fontSize: width / range.length < 30 ? 8 : 11
          })
        ]
      }), "heat-numbers", rows.map((row) => `heat.${row.weekday}.${row.hour}`))
    )
  );
}
