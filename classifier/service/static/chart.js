// Counts: the decisions, and a bar a topic. Both filter when clicked.

import { hueOf, nameOf } from "./chip.js";
import { $, make } from "./dom.js";
import { countDecisions, countTopics, state } from "./store.js";
import { word } from "./words.js";

export function showCounts(filterBy) {
  const counts = countDecisions();
  $("decisions").replaceChildren(...Object.entries(counts).map(([decision, n]) =>
    make("button", {
      type: "button", class: `count ${decision}`, title: word(`${decision}-about`), data: { decision },
      "aria-pressed": String(state.filter.decision === decision),
      on: { click: () => filterBy({ decision: state.filter.decision === decision ? "" : decision }) },
    }, make("span", { class: `decision ${decision}` }, word(decision)), " ", make("b", {}, n.toLocaleString()))));
  const topics = countTopics();
  const largest = Math.max(1, ...topics.map(([, n]) => n));
  $("chart").replaceChildren(...topics.map(([id, n]) => bar(id, n, n / largest, filterBy)));
}

function bar(id, n, share, filterBy) {
  const filled = make("span", { class: "filled" });
  filled.style.setProperty("width", `${(share * 100).toFixed(1)}%`);
  const chosen = state.filter.topic === id;
  const button = make("button", {
    type: "button", class: "plain bar-row", data: { topic: id }, "aria-pressed": String(chosen),
    on: { click: () => filterBy({ topic: chosen ? "" : id }) },
  },
    make("span", { class: "bar-name" }, id === "-" ? word("no-topic") : nameOf({ id, name: id })),
    make("span", { class: "bar-line" }, filled),
    make("span", { class: "bar-count" }, n.toLocaleString()));
  button.style.setProperty("--hue", id === "-" ? 215 : hueOf(id));
  if (id === "-") button.classList.add("grey");
  return make("li", {}, button);
}
