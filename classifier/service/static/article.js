// An article: what the page says of itself and its topics as a whole; its parts are table rows.

import { chip } from "./chip.js";
import { $, make } from "./dom.js";
import { word } from "./words.js";

/** Show the article's head, or none. */
export function showArticle(article) {
  const box = $("article");
  box.hidden = !article;
  box.replaceChildren();
  if (!article) return;
  const facts = ["published", "source", "author", "section"].filter((name) => article[name]);
  // The whole has no text of its own that could be explained; its parts have.
  const chips = article.topics.map((topic) => chip(topic));
  const left = article.left_out;
  box.append(
    make("div", { class: "head" },
      make("h2", { id: "article-title" }, article.title || word("untitled")),
      facts.length ? make("p", { class: "quiet" }, facts.map((name) => `${word(name)}${word("colon")}${article[name].replace("T", " ")}`).join(" · ")) : null,
      make("p", { class: "topics" }, ...chips, " ", make("span", { class: `decision ${article.decision}` }, word(article.decision)))));
  if (left.length) {
    box.append(make("details", {}, make("summary", {}, word("left-out", { n: left.length })),
      make("ul", {}, ...left.map((one) => make("li", {}, one.text, " ", make("span", { class: "quiet" }, one.reason))))));
  }
}

/** The article's title and paragraphs, as results. */
export function partsOf(article) {
  const title = { text: article.title, topics: article.title_topics, decision: article.title_topics.length ? article.decision : "none", part: "title" };
  const paragraphs = article.paragraphs.map((one) => ({ ...one, part: "paragraph" }));
  return article.title ? [title, ...paragraphs] : paragraphs;
}
