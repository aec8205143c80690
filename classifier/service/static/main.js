// Joins the parts of the page.

import { callJson } from "./api.js";
import { showArticle, showArticleAgain } from "./article.js";
import { showCounts } from "./chart.js";
import { whenSaved } from "./correct.js";
import { closeDetail } from "./detail.js";
import { $, debounce, make, remember, remembered } from "./dom.js";
import { copy, download, downloadCorrections } from "./export.js";
import { run } from "./run.js";
import { groupNames, isFiltered, state } from "./store.js";
import { extendTable, showTable, watchScrolling } from "./table.js";
import { groupName, speak, switchLanguage, topicName, word } from "./words.js";

const KEPT_CHARS = 500_000; // of what was given, so that a reload loses nothing; of more, none is kept
const SHOWN_CHARS = 30_000; // more would make the page stand still: of more, the start is shown
const START_CHARS = 2_000;
const LONG_PASTE_CHARS = 5_000;
const NARROW_PX = 700; // below, a chart would push the rows out of sight
const THEMES = ["auto", "light", "dark"];
let source = null; // a dropped file or a very long paste, until the field is changed

async function begin() {
  speak();
  showTheme();
  wire();
  watchScrolling();
  $("chart-box").open = innerWidth > NARROW_PX;
  put(remembered("sessionStorage", "text") ?? "");
  try {
    const served = await callJson("/v1/models");
    Object.assign(state, { models: served.models, limits: served.limits, keeps: served.corrections });
    $("model-choice").replaceChildren(...served.models.map((model) => make("option", { value: model.name }, model.name)));
    $("corrections").hidden = !state.keeps;
    $("model-field").hidden = served.models.length < 2;
    await chooseModel();
  } catch (error) {
    showError(error);
  }
}

async function chooseModel() {
  const name = $("model-choice").value;
  const { topics, model } = await callJson(`/v1/topics?${new URLSearchParams({ model: name })}`);
  state.topics = new Map(topics.map((topic) => [topic.id, topic]));
  $("model").textContent = `${model.name} ${model.version} · ${model.digest.slice(0, 12)}`;
  showChoices();
}

function showChoices() {
  const chosen = new Set(chosenTopics());
  const all = [...state.topics.values()];
  $("only-topics").replaceChildren(...all.map((topic) =>
    make("label", {}, make("input", { type: "checkbox", value: topic.id, checked: chosen.has(topic.id) }), " ", topicName(topic))));
  const option = (value, text) => make("option", { value }, text);
  $("filter-topic").replaceChildren(option("", word("all")), ...all.map((topic) => option(topic.id, topicName(topic))), option("-", word("no-topic")));
  $("filter-group").replaceChildren(option("", word("all")), ...groupNames().map((group) => option(group, groupName(group))));
  $("filter-topic").value = state.filter.topic;
  $("filter-group").value = state.filter.group;
}

const chosenTopics = () => [...document.querySelectorAll("#only-topics input:checked")].map((box) => box.value);

function readOptions() {
  const options = { model: $("model-choice").value };
  if (chosenTopics().length) options.topics = chosenTopics();
  if (Number($("min-probability").value) > 0) options.min_probability = Number($("min-probability").value);
  if ($("max-topics").value) options.max_topics = Number($("max-topics").value);
  return options;
}

/** Keep a text for a reload: what was given, not the part of it that the field shows. */
const keep = (text) => remember("sessionStorage", "text", text.length <= KEPT_CHARS ? text : null);

function tag() {
  const given = source ?? { text: $("text").value };
  keep(given.text ?? ""); // a file's once it is read
  if (given.text?.trim() === "") {
    $("status").textContent = word("empty");
    return;
  }
  closeDetail();
  $("results").hidden = true;
  run(given, $("kind").value, readOptions(), {
    onKind: (found) => {
      $("kind").options[0].textContent = $("kind").value ? word("auto") : word("auto-found", { kind: word(`kind-${found.kind}`) });
      if (!given.bytes || source !== given) return; // a text, or changed since
      const joined = found.texts.join("\n");
      keep(joined);
      if (joined.length <= SHOWN_CHARS) $("text").value = joined;
    },
    onRows: (first) => {
      $("results").hidden = false;
      if (first) {
        showAll();
        bringIntoSight($("article").hidden ? $("results") : $("article"));
      } else {
        extendTable();
        showCounts(filterBy);
      }
    },
    onDone: () => state.rows.length || ($("results").hidden = true),
  });
}

/** Scroll to what came, if most of it lies below the window. */
function bringIntoSight(element) {
  if (element.getBoundingClientRect().top > innerHeight * 0.5) element.scrollIntoView({ block: "start" });
}

function showAll() {
  showTable();
  showCounts(filterBy);
  $("filter-topic").value = state.filter.topic;
  $("filter-group").value = state.filter.group;
  if ($("filter-text").value !== state.filter.text) $("filter-text").value = state.filter.text;
  $("reset").disabled = !isFiltered();
}

function filterBy(change) {
  closeDetail();
  Object.assign(state.filter, change);
  const focused = document.activeElement?.closest("#chart button, #decisions button")?.dataset;
  showAll();
  const { topic, decision } = focused ?? {};
  if (topic) $("chart").querySelector(`[data-topic="${CSS.escape(topic)}"]`)?.focus();
  if (decision) $("decisions").querySelector(`[data-decision="${decision}"]`)?.focus();
}

/** Put a text in the field; of a very long one the start, while all of it is tagged. */
function put(text) {
  source = text.length > SHOWN_CHARS ? { text } : null;
  $("text").value = source ? startOf(text) : text;
}

function startOf(text) {
  const lines = text.slice(0, START_CHARS).split("\n");
  if (lines.length > 1) lines.pop(); // cut short
  const rest = text.split("\n").length - lines.length;
  return [...lines, word("more-lines", { n: rest.toLocaleString() })].join("\n");
}

/** Tag once the paste is in the field. A long one is put in by us: browsers take seconds for it. */
function takePaste(event) {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (text.length > LONG_PASTE_CHARS) {
    event.preventDefault();
    const field = $("text");
    if (field.selectionEnd - field.selectionStart === field.value.length) put(text);
    else {
      field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
      source = null;
    }
  }
  setTimeout(tag, 0);
}

async function takeFile(file) {
  if (!file) return;
  if (file.size > state.limits.max_body_bytes) {
    showError(new Error(`${file.name}: > ${(state.limits.max_body_bytes / 1048576).toFixed(0)} MB`));
    return;
  }
  source = { bytes: await file.arrayBuffer(), name: file.name };
  $("text").value = word("file-read", { name: file.name });
  tag();
}

function clear() {
  source = null;
  $("text").value = "";
  $("kind").value = "";
  $("status").textContent = "";
  remember("sessionStorage", "text", null);
  state.rows = [];
  showArticle(null);
  $("results").hidden = true;
  $("text").focus();
}

const showError = (error) => {
  $("error").textContent = error.message;
  $("error").hidden = false;
};
const orShow = (task) => () => task().catch(showError);

function showTheme() {
  const theme = document.documentElement.dataset.theme ?? "auto";
  $("theme").textContent = word(`theme-${theme}`);
}

function switchTheme() {
  const root = document.documentElement;
  const next = THEMES[(THEMES.indexOf(root.dataset.theme ?? "auto") + 1) % THEMES.length];
  if (next === "auto") delete root.dataset.theme;
  else root.dataset.theme = next;
  remember("localStorage", "theme", next === "auto" ? null : next);
  showTheme();
}

function speakOther() {
  switchLanguage();
  closeDetail();
  $("language").textContent = word("other");
  showTheme();
  showChoices();
  showArticleAgain();
  if (state.rows.length) showAll();
}

function wire() {
  $("language").textContent = word("other");
  $("language").addEventListener("click", speakOther);
  $("theme").addEventListener("click", switchTheme);
  $("run").addEventListener("click", tag);
  $("clear").addEventListener("click", clear);
  $("kind").addEventListener("change", tag);
  $("model-choice").addEventListener("change", orShow(chooseModel));
  $("text").addEventListener("input", () => { source = null; });
  $("text").addEventListener("paste", takePaste);
  $("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) tag();
  });
  $("choose").addEventListener("click", () => $("file").click());
  $("file").addEventListener("change", (event) => {
    takeFile(event.target.files[0]);
    event.target.value = "";
  });
  for (const name of ["topic", "group"]) {
    $(`filter-${name}`).addEventListener("change", (event) => filterBy({ [name]: event.target.value }));
  }
  $("filter-text").addEventListener("input", debounce(() => filterBy({ text: $("filter-text").value.trim() }), 150));
  $("reset").addEventListener("click", () => filterBy({ topic: "", group: "", decision: "", text: "" }));
  $("copy").addEventListener("click", orShow(copy));
  $("csv").addEventListener("click", orShow(() => download("csv")));
  $("xlsx").addEventListener("click", orShow(() => download("xlsx")));
  $("corrections").addEventListener("click", orShow(downloadCorrections));
  whenSaved(() => showCounts(filterBy));
  wireDropping();
}

function wireDropping() {
  const root = document.documentElement;
  addEventListener("dragover", (event) => {
    event.preventDefault();
    root.classList.add("dragging");
  });
  addEventListener("dragleave", (event) => event.relatedTarget || root.classList.remove("dragging"));
  addEventListener("drop", (event) => {
    root.classList.remove("dragging");
    const file = event.dataTransfer?.files[0];
    if (!file) return; // text dropped on the field goes in by itself
    event.preventDefault();
    takeFile(file);
  });
}

begin();
