// Why a text has a topic: its pieces, highlighted, with their weights.

import { callJson } from "./api.js";
import { nameOf } from "./chip.js";
import { toggleDetail } from "./detail.js";
import { make } from "./dom.js";
import { state } from "./store.js";
import { word } from "./words.js";

const MOST = 8; // pieces listed
const SHOWN_FROM = 0.12; // of the largest weight: lighter pieces get no figure

export function openExplanation(row, topic, button) {
  toggleDetail(button, word("why", { topic: nameOf(topic) }), async (body) => {
    body.setAttribute("aria-busy", "true");
    try {
      const answer = await callJson("/v1/explain", { body: { text: row.text, topics: [topic.id], model: state.identity.name } });
      body.replaceChildren(...show(row.text, answer.topics[0]?.pieces ?? []));
    } catch (error) {
      body.replaceChildren(make("p", { class: "wrong" }, String(error.message)));
    } finally {
      body.removeAttribute("aria-busy");
    }
  });
}

const signed = (weight) => (weight < 0 ? "−" : "+") + Math.abs(weight).toFixed(2);

function show(text, pieces) {
  if (!pieces.length) return [make("p", { class: "quiet" }, word("nothing-known"))];
  const largest = Math.max(...pieces.map((piece) => Math.abs(piece.weight)));
  const heaviest = [...pieces].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight)).slice(0, MOST);
  return [
    make("p", { class: "quiet" }, word("why-about")),
    make("p", { class: "marked" }, ...marked(text, pieces, largest)),
    make("table", { class: "pieces" },
      make("thead", {}, make("tr", {}, make("th", { scope: "col" }, word("pieces")), make("th", { scope: "col" }, word("weight")))),
      make("tbody", {}, ...heaviest.map((piece) => make("tr", {}, make("td", {}, piece.text), make("td", { class: piece.weight < 0 ? "against" : "for" }, signed(piece.weight)))))),
  ];
}

function marked(text, pieces, largest) {
  const characters = Array.from(text); // offsets count code points
  const parts = [];
  let at = 0;
  for (const piece of pieces) {
    if (piece.start > at) parts.push(characters.slice(at, piece.start).join(""));
    parts.push(mark(characters.slice(piece.start, piece.end).join(""), piece.weight, Math.abs(piece.weight) / largest));
    at = piece.end;
  }
  parts.push(characters.slice(at).join(""));
  return parts;
}

function mark(text, weight, share) {
  const figure = share >= SHOWN_FROM ? signed(weight) : "";
  const element = make("mark", { class: weight < 0 ? "against" : "for", title: signed(weight) },
    make("ruby", {}, text, make("rt", {}, figure)));
  element.style.setProperty("--share", share.toFixed(3));
  return element;
}
