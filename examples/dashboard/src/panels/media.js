import {count, minutes, panel, percent, table} from "../common.js";

export function media({media: rows}) {
  const shown = rows.filter((row) => row.offered || row.handled);
  return panel(
    "How does each medium compare with the week before?",
    "Contacts this week; average handle time in min:s; unexpected outcomes in per cent of the contacts offered.",
    shown.length === 0,
    () => table("Media this week and the week before", shown, [
      {name: "Medium", text: true, value: (row) => row.medium},
      {name: "Offered", value: (row) => count(row.offered), figure: (row) => `media.${row.medium}.offered`},
      {name: "Answered", value: (row) => count(row.answered), figure: (row) => `media.${row.medium}.answered`},
      {name: "Handle time", value: (row) => minutes(row.handle_s), figure: (row) => `media.${row.medium}.handle_s`},
      {name: "was", value: (row) => minutes(row.handle_s_before), figure: (row) => `media.${row.medium}.handle_s_before`},
      {name: "Unexpected", value: (row) => percent(row.unexpected), figure: (row) => `media.${row.medium}.unexpected`},
      {name: "was", value: (row) => percent(row.unexpected_before), figure: (row) => `media.${row.medium}.unexpected_before`}
    ])
  );
}
