import * as Plot from "@observablehq/plot";
import {chart, count, figure, panel, textsAreFigures} from "../common.js";

const weekdays = ["", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

export function heatMap({period, heat_map: rows}, width) {
  const hours = rows.map((row) => row.hour);
  const range = rows.length ? Array.from({length: Math.max(...hours) - Math.min(...hours) + 1}, (_, i) => Math.min(...hours) + i) : [];
  const last = Math.max(5, ...rows.map((row) => row.weekday));
  const most = Math.max(...rows.map((row) => row.offered));
  const busiest = rows.find((row) => row.offered === most);
  return panel(
    "When are contacts offered?",
    ["Contacts offered to agents by local weekday and hour, the sum of four weeks",
      period.now ? [": ", figure("heat_from", period.heat_from_label), " to ", figure("heat_to", period.heat_to_label)] : "", "."],
    rows.length === 0,
    () => chart(
      `Contacts offered by weekday and hour. The most, ${count(most)}, on ${weekdays[busiest.weekday]} from ${busiest.hour}:00.`,
      textsAreFigures(Plot.plot({
        width, height: 40 + last * 30, marginLeft: 36, marginTop: 22, marginBottom: 2, marginRight: 0, padding: 0.04,
        x: {domain: range, axis: "top", label: null, tickSize: 0, tickFormat: (hour) => String(hour).padStart(2, "0")},
        y: {domain: Array.from({length: last}, (_, i) => i + 1), label: null, tickSize: 0, tickFormat: (weekday) => weekdays[weekday]},
        color: {type: "identity"},
        marks: [
          Plot.cell(range.flatMap((hour) => Array.from({length: last}, (_, i) => ({hour, weekday: i + 1}))),
            {x: "hour", y: "weekday", fill: "#f3f5f7"}),
          Plot.cell(rows, {x: "hour", y: "weekday", fill: (row) => colour(row.offered / most), className: "heat-cells"}),
          Plot.text(rows, {
            x: "hour", y: "weekday", text: (row) => count(row.offered), className: "heat-numbers",
            fill: (row) => textOn(colour(row.offered / most)), fontSize: width / range.length < 30 ? 8 : 11
          })
        ]
      }), "heat-numbers", rows.map((row) => `heat.${row.weekday}.${row.hour}`))
    )
  );
}

// From light to dark blue: a colour for a share from 0 to 1.
function colour(share) {
  const stops = [[238, 244, 249], [116, 174, 214], [8, 48, 90]];
  const i = share < 0.5 ? 0 : 1;
  const [from, to] = [stops[i], stops[i + 1]];
  return `rgb(${from.map((c, k) => Math.round(c + (to[k] - c) * (share * 2 - i))).join(", ")})`;
}

// Black or white, whichever can be read on a colour: one of them has a contrast of 4.5 and more with any.
function textOn(rgb) {
  const [r, g, b] = rgb.match(/\d+/g).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "black" : "white";
}
