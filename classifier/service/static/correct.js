// Correcting a row's topics. What is kept is the service's business.

import { callJson } from "./api.js";
import { chip, nameOf } from "./chip.js";
import { closeDetail, toggleDetail } from "./detail.js";
import { $, make } from "./dom.js";
import { groupNames, state, topicsOf } from "./store.js";
import { refreshRow } from "./table.js";
import { groupName, topicName, word } from "./words.js";

let onSaved = () => {};
export const whenSaved = (listener) => { onSaved = listener; };

export function openEditor(row, button) {
  toggleDetail(button, word("edit-title"), (body) => fill(body, row, topicsOf(row).map((topic) => topic.id)));
}

function fill(body, row, ids, focus = "select") {
  const chips = ids.map((id) => {
    const topic = state.topics.get(id) ?? { id, name: id };
    const remove = make("button", { type: "button", class: "plain", "aria-label": word("remove", { topic: nameOf(topic) }), on: { click: () => fill(body, row, ids.filter((other) => other !== id)) } }, "✕");
    const shown = chip(topic);
    shown.append(" ", remove);
    return shown;
  });
  const wrong = make("p", { class: "wrong", role: "alert" });
  body.replaceChildren(
    make("div", { class: "bar editor" }, ...chips, adder(ids, (id) => fill(body, row, [...ids, id]))),
    make("div", { class: "bar" },
      make("button", { type: "button", class: "primary", data: { act: "save" }, on: { click: () => save(row, ids, wrong) } }, word("save")),
      make("button", { type: "button", on: { click: () => closeDetail(true) } }, word("cancel"))),
    wrong);
  body.querySelector(focus).focus();
}

function adder(ids, add) {
  const select = make("select", { "aria-label": word("add"), on: { change: () => select.value && add(select.value) } }, make("option", { value: "" }, word("add")));
  const option = (topic) => make("option", { value: topic.id, disabled: ids.includes(topic.id) }, topicName(topic));
  const all = [...state.topics.values()];
  for (const group of groupNames()) {
    select.append(make("optgroup", { label: groupName(group) }, ...all.filter((topic) => topic.group === group).map(option)));
  }
  select.append(...all.filter((topic) => !topic.group).map(option));
  return select;
}

async function save(row, ids, wrong) {
  const correction = {
    text: row.text,
    topics: ids,
    predicted: row.topics.map((topic) => topic.id),
    digest: state.identity.digest,
    kind: row.part === "paragraph" ? "paragraph" : "headline",
  };
  try {
    const answer = await callJson("/v1/corrections", { body: { model: state.identity.name, corrections: [correction] } });
    row.corrected = ids.map((id) => ({ id, name: state.topics.get(id)?.name ?? id, probability: 1 }));
    closeDetail();
    refreshRow(row);
    document.querySelector(`tr[data-number="${row.number}"] .edit`)?.focus();
    $("status").textContent = word("saved", { n: answer.kept });
    onSaved();
  } catch (error) {
    wrong.textContent = String(error.message);
  }
}
