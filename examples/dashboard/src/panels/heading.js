import {html} from "htl";
import {figure} from "../common.js";

export function heading({period}) {
  if (!period.now) return html`<h1>Contact centre</h1><p>No data has been loaded.</p>`;
  return html`<h1>Contact centre</h1>
    <p>As of <strong>${figure("as_of", period.as_of)}</strong> (${period.zone}), the last time the API was asked. This week is
    the seven days from ${figure("week_from", period.week_from_label)} up to then; the week before ends seven days earlier, at the same time of
    day.</p>`;
}
