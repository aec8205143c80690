// A row that opens beneath a row of the table: an explanation or an editor.

import { make } from "./dom.js";
import { word } from "./words.js";

let open = null; // {detail, button}

/** Open a row beneath the button's row, closing what was open; again on the same one closes it. */
export function toggleDetail(button, title, fill) {
  const again = open?.button === button;
  closeDetail();
  if (again) return;
  const close = make("button", { type: "button", class: "plain close", "aria-label": word("close"), on: { click: () => closeDetail(true) } }, "✕");
  const body = make("div", {});
  const cell = make("td", { role: "cell", colSpan: 5 }, make("div", { class: "top" }, make("h3", {}, title), close), body);
  const detail = make("tr", { class: "detail", role: "row", on: { keydown: (event) => event.key === "Escape" && closeDetail(true) } }, cell);
  button.closest("tr").after(detail);
  button.setAttribute("aria-expanded", "true");
  open = { detail, button };
  fill(body);
}

export function closeDetail(returnFocus = false) {
  if (!open) return;
  const { detail, button } = open;
  open = null;
  detail.remove();
  button.setAttribute("aria-expanded", "false");
  if (returnFocus) button.focus();
}
