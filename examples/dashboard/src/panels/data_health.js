import {html} from "htl";
import {count, figure, panel} from "../common.js";

const mostExamples = 5;

// What is asked of the data: the number found, and examples of it. None is good.
export function dataHealth({period, hasPages, missing_pages, gaps, rejected, open_work}) {
  const sum = (rows, name) => rows.reduce((total, row) => total + row[name], 0);
  const examples = (rows, words) => html`${rows.slice(0, mostExamples).map((row, i) => html`<div>${words(row, i)}</div>`)}
    ${rows.length > mostExamples ? html`<div>and others</div>` : ""}`;
  const checks = [
    hasPages && ["missing_pages", "Missing pages", sum(missing_pages, "number"),
      "Their activities are missing without an error. Ask for them again.",
      examples(missing_pages, (row, i) => figure(`missing.${i}`, `${row.endpoint}, poll of ${row.poll}: page ${row.pages}`))],
    hasPages && ["gaps", "Polls with gaps", gaps.length,
      "No poll asked for this time. Ask for it again.",
      examples(gaps, (row, i) => figure(`gap.${i}`, `${row.endpoint}: ${row.from_time} to ${row.to_time}`))],
    hasPages && ["rejected", "Rejected items", sum(rejected, "items"),
      "They count nowhere. activity_errors() has the items.",
      examples(rejected, (row) => html`${figure(`rejected.${row.message}`, `${count(row.items)} × ${row.message}`)}`)],
    ["stale", "Activities open too long", sum(open_work, "stale"),
      "No page of the last day reported them. Their end, and their time, are missing.",
      examples(open_work.filter((row) => row.stale), (row) => figure(`stale.${row.medium}`, `${row.medium}: ${count(row.stale)}`))]
  ].filter(Boolean);
  return panel(
    "Can the data be trusted?",
    hasPages
      ? "Pages that were polled in the last four weeks, and pages without a known request."
      : "The dashboard has not been given a table of pages: missing pages, gaps and rejected items are not known.",
    !period.now,
    () => html`<div class="checks">
      <div class="check"><h3>Last upTo</h3><p class="value">${figure("up_to", period.as_of)}</p><p>${period.zone}. Nothing later is known.</p></div>
      ${checks.map(([key, name, n, meaning, list]) => html`<div class=${n ? "check found" : "check"}>
        <h3>${name}</h3>
        <p class="value">${figure(`health.${key}`, count(n))}<span class="verdict">${n ? "look into it" : "all is well"}</span></p>
        ${n ? html`<p>${meaning}</p><div class="examples">${list}</div>` : ""}
      </div>`)}
    </div>`
  );
}
