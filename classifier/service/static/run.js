// From what was pasted or dropped to rows: read, split where needed, tag in chunks.

import { showArticle, partsOf } from "./article.js";
import { call, callJson } from "./api.js";
import { $, breathe } from "./dom.js";
import { state } from "./store.js";
import { word } from "./words.js";

const FIRST = 100; // texts of the first request, so that rows show at once
const NEXT = 1000;

let running = new AbortController();

/** Tag a source: {text} or {bytes, name}. Calls `onRows` after each chunk; a new run ends an old. */
export async function run(source, kind, options, { onKind, onRows, onDone }) {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  start();
  try {
    say(word("reading"));
    const found = await read(source, kind, signal);
    onKind(found);
    if (found.kind === "article") await tagArticle(found.texts[0], options, onRows, signal);
    else await tagTexts(await headlines(found, signal), options, onRows, signal);
    say(word("done", { n: state.rows.length.toLocaleString() }));
    onDone();
  } catch (error) {
    if (signal.aborted) return;
    say("");
    $("error").textContent = error instanceof TypeError ? `${word("offline")} ${error.message}` : error.message;
    $("error").hidden = false;
  } finally {
    if (!signal.aborted) $("progress").hidden = true;
  }
}

function start() {
  state.rows = [];
  state.sort = { by: "number", down: false };
  Object.assign(state.filter, { topic: "", group: "", decision: "", text: "" });
  $("error").hidden = true;
  $("progress").hidden = false;
  $("progress").value = 0;
  showArticle(null);
}

const say = (text) => { $("status").textContent = text; };

async function read(source, kind, signal) {
  const query = new URLSearchParams();
  if (source.name) query.set("name", source.name);
  if (kind) query.set("kind", kind);
  const body = source.bytes ?? new TextEncoder().encode(source.text);
  return (await call(`/v1/read?${query}`, { body, type: "application/octet-stream", signal })).json();
}

async function headlines(found, signal) {
  if (found.kind !== "blob") return found.texts;
  say(word("splitting"));
  return (await callJson("/v1/split", { body: { text: found.texts[0] }, signal })).headlines;
}

async function tagTexts(texts, options, onRows, signal) {
  for (let from = 0; from < texts.length; ) {
    const size = Math.min(from ? NEXT : FIRST, state.limits.max_texts);
    say(word("tagging", { done: from.toLocaleString(), all: texts.length.toLocaleString() }));
    const answer = await callJson("/v1/tag", { body: { texts: texts.slice(from, from + size), ...options }, signal });
    take(answer.model, answer.results, onRows);
    from += size;
    $("progress").value = Math.min(1, from / texts.length);
    await breathe();
  }
}

async function tagArticle(text, options, onRows, signal) {
  const article = await callJson("/v1/article", { body: { text, ...options }, signal });
  // Its decision is that of the whole; the title's own comes from tagging the title alone.
  const texts = article.title ? [article.title] : [];
  const { results: [title] } = await callJson("/v1/tag", { body: { texts, ...options }, signal });
  showArticle(article);
  take(article.model, partsOf(article, title), onRows);
}

function take(identity, results, onRows) {
  state.identity = identity;
  const first = state.rows.length;
  for (const [place, result] of results.entries()) {
    state.rows.push({ number: first + place + 1, part: null, corrected: null, ...result });
  }
  onRows(first === 0);
}
