// A topic as a coloured chip. Its group gives the hue; lightness is the style sheet's, for contrast.

import { make } from "./dom.js";
import { groupNames, state } from "./store.js";
import { topicName } from "./words.js";

export function hueOf(id) {
  const groups = groupNames();
  const place = groups.indexOf(state.topics.get(id)?.group);
  if (place < 0) return 215;
  return Math.round((205 + (place * 360) / groups.length) % 360);
}

export const nameOf = (topic) => topicName(state.topics.get(topic.id) ?? topic);

/** Make a chip; with `onClick` it is a button, called with itself. */
export function chip(topic, { corrected = false, onClick } = {}) {
  const share = corrected || topic.probability === undefined ? null
    : make("span", { class: "share" }, topic.probability.toFixed(2));
  const element = make(onClick ? "button" : "span", { class: "chip", data: { topic: topic.id } }, nameOf(topic), share ? " " : null, share);
  element.style.setProperty("--hue", hueOf(topic.id));
  if (onClick) {
    element.type = "button";
    element.setAttribute("aria-expanded", "false");
    element.addEventListener("click", () => onClick(element));
  }
  return element;
}
