import {html} from "htl";
import {count, figure, minutes, percent, signed, without} from "../common.js";

const points = (n) => n.toFixed(1);

export function tiles({period, background, tiles, occupancy}) {
  const of = (name) => ({
    ...tiles.find((row) => row.period === name),
    ...occupancy.find((row) => row.period === name)
  });
  const week = of("this");
  const before = of("before");
  const list = [
    ["offered", "Offered", "contacts offered to an agent", count, count, ""],
    ["answered", "Answered", "of these, answered", count, count, ""],
    ["handle_s", "Average handle time", `min:s, ${period.main_medium ?? "of one medium"}`, minutes, minutes, ""],
    ["unexpected", "Unexpected rate", "of the contacts offered", percent, points, " points"],
    ["occupancy", "Occupancy", `of ready time${without(background)}`, percent, points, " points"]
  ];
  return list.map(([key, name, unit, format, formatChange, changeUnit]) => {
    const value = week[key] ?? null;
    const was = before[key] ?? null;
    const change = value === null || was === null ? null : Math.round((value - was) * 10) / 10;
    return html`<section class="tile">
      <h2>${name}</h2>
      <p class="unit">${unit}</p>
      <p class="value">${value === null ? html`<span class="empty">No data</span>` : figure(`tile.${key}`, format(value))}</p>
      <p class="change">${change === null
        ? html`Nothing the week before`
        : html`<strong>${figure(`tile.${key}.change`, signed(formatChange, change))}${changeUnit}</strong>,
          was ${figure(`tile.${key}.before`, format(was))}`}</p>
    </section>`;
  });
}
