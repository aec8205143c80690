// The table of results. Rows are made a page at a time, as they are scrolled to.

import { $, make } from "./dom.js";
import { chip } from "./chip.js";
import { openEditor } from "./correct.js";
import { openExplanation } from "./explain.js";
import { state, topicsOf, visibleRows } from "./store.js";
import { topicName, word } from "./words.js";

const PAGE = 60;
let rows = [];
let made = 0;

/** Show the rows anew, from the first. */
export function showTable() {
  rows = visibleRows();
  made = 0;
  showHeads();
  $("rows").replaceChildren();
  addPage();
}

/** Take up rows that came after the first page was shown, without touching those that stand. */
export function extendTable() {
  rows = visibleRows();
  if (made < PAGE || state.sort.by !== "number") showTable();
  else showCount();
}

function addPage() {
  const page = rows.slice(made, made + PAGE);
  made += page.length;
  $("rows").append(...page.map(makeRow));
  showCount();
}

function showCount() {
  $("shown").textContent = word("shown", { n: rows.length, all: state.rows.length });
  $("more").hidden = made >= rows.length;
}

/** Make `row` anew where it stands; the chip that had the focus keeps it. */
export function refreshRow(row) {
  const old = document.querySelector(`tr[data-number="${row.number}"]`);
  old?.replaceWith(makeRow(row));
}

function makeRow(row) {
  const cell = (className, ...children) => make("td", { class: className, role: "cell" }, ...children);
  const chips = topicsOf(row).map((topic) => chip(topic, { corrected: row.corrected, onClick: (button) => openExplanation(row, topic, button) }));
  const edit = make("button", { type: "button", class: "plain edit", title: word("edit"), "aria-label": `${word("edit")} ${row.number}`, on: { click: (event) => openEditor(row, event.currentTarget) } }, "✎");
  const part = row.part ? make("span", { class: "part" }, word(`${row.part}-part`), " ") : null;
  return make("tr", { role: "row", data: { number: row.number } },
    cell("number", String(row.number)),
    cell("text", part, row.text),
    cell("topics", ...(chips.length ? chips : [make("span", { class: "quiet" }, "—")]),
      row.corrected ? make("span", { class: "corrected" }, word("corrected")) : null),
    cell("decision", make("span", { class: `decision ${row.decision}`, title: word(`${row.decision}-about`) }, word(row.decision))),
    cell("tools", state.keeps ? edit : null));
}

const COLUMNS = ["number", "text", "topics", "probability", "decision"];

const heading = (name) => word(name === "text" && state.rows[0]?.part ? "part" : name);

function showHeads() {
  const head = (name) => make("button", { type: "button", class: "plain", data: { sort: name }, "aria-label": word("sort", { column: heading(name) }), on: { click: () => sortBy(name) } },
    heading(name), " ", make("span", { "aria-hidden": "true" }, state.sort.by !== name ? "↕" : state.sort.down ? "↓" : "↑"));
  const sorted = (...names) => (!names.includes(state.sort.by) ? "none" : state.sort.down ? "descending" : "ascending");
  const column = (name, ...also) => make("th", { role: "columnheader", scope: "col", class: name, "aria-sort": sorted(name, ...also) }, head(name), ...also.map(head));
  const focused = document.activeElement?.dataset?.sort;
  $("heads").replaceChildren(column("number"), column("text"), column("topics", "probability"), column("decision"),
    make("td", { role: "cell", class: "tools" }));
  if (COLUMNS.includes(focused)) $("heads").querySelector(`[data-sort="${focused}"]`).focus();
}

function sortBy(name) {
  state.sort = { by: name, down: state.sort.by === name && !state.sort.down };
  showTable();
}

/** Make more rows once the end of those made is near. */
export function watchScrolling() {
  $("more").firstElementChild.addEventListener("click", addPage);
  new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting) && !$("more").hidden) addPage();
  }, { rootMargin: "600px" }).observe($("more"));
}

/** What is shown, as lines of tab-separated cells. */
export function asLines() {
  const plain = (text) => text.replace(/\s+/g, " ");
  return rows.map((row) => [plain(row.text), topicsOf(row).map(topicName).join("|"), row.corrected ? word("corrected") : word(row.decision)].join("\t"));
}

export const shownRows = () => rows;
