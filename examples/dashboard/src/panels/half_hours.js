import * as Plot from "@observablehq/plot";
import {html} from "htl";
import {chart, colours, count, decimal, figure, foldedTable, legend, panel, wholeTicks, without} from "../common.js";

export function halfHours({period, background, half_hours: all}, width) {
  // from the first half hour with anyone to the last one
  const used = all.map((row, i) => (row.logged_in || row.busy ? i : -1)).filter((i) => i >= 0);
  const rows = used.length ? all.slice(used[0], used.at(-1) + 1).map((row, i) => ({...row, i})) : [];
  const step = width / rows.length < 28 ? 2 : 1;
  const ticks = rows.filter((row) => row.half_hour.endsWith(":00") && Number(row.half_hour.slice(0, 2)) % step === 0);
  const most = Math.max(...rows.map((row) => Math.max(row.logged_in, row.busy)));
  // a line of steps, each as wide as its half hour
  const line = (name) => [...rows.map((row) => ({i: row.i, n: row[name]})), {i: rows.length, n: rows.at(-1)?.[name]}];
  return panel(
    "How many agents are there, and how many are busy?",
    ["Agents, on average over each half hour of ", period.now ? figure("today", period.today_label) : "the day", `, local time. Busy is finished work${without(background)}.`],
    rows.length === 0,
    () => html`${legend([[colours.grey, "logged in"], [colours.blue, "ready", "line"], [colours.vermillion, "busy", "line dashed"]])}
      ${chart(
        `Agents by half hour from ${rows[0].half_hour}: at most ${decimal(most)}.`,
        Plot.plot({
          width, height: 270, marginLeft: 34, marginRight: 16, marginBottom: 24, marginTop: 10,
          x: {domain: [0, rows.length], ticks: ticks.map((row) => row.i), tickFormat: (i) => rows[i].half_hour, tickSize: 4, label: null},
          y: {domain: [0, most * 1.05 || 1], grid: true, ticks: wholeTicks(most), tickSize: 0, label: null, tickFormat: count},
          marks: [
            Plot.rectY(rows, {
              x1: "i", x2: (row) => row.i + 1, y: "logged_in", fill: colours.grey, insetLeft: 0.5, insetRight: 0.5,
              title: (row) => `${row.half_hour}: ${decimal(row.logged_in)} logged in, ${decimal(row.ready)} ready, ${decimal(row.busy)} busy`
            }),
            Plot.lineY(line("ready"), {x: "i", y: "n", curve: "step-after", stroke: colours.blue, strokeWidth: 2.5}),
            Plot.lineY(line("busy"), {x: "i", y: "n", curve: "step-after", stroke: colours.vermillion, strokeWidth: 2.5, strokeDasharray: "5 3"}),
            Plot.ruleY([0])
          ]
        })
      )}
      ${foldedTable("Agents by half hour", rows, [
        {name: "Half hour", text: true, value: (row) => row.half_hour},
        {name: "Logged in", value: (row) => decimal(row.logged_in), figure: (row) => `half_hour.${row.half_hour}.logged_in`},
        {name: "Ready", value: (row) => decimal(row.ready), figure: (row) => `half_hour.${row.half_hour}.ready`},
        {name: "Busy", value: (row) => decimal(row.busy), figure: (row) => `half_hour.${row.half_hour}.busy`}
      ])}`
  );
}
