// An article: what the page says of itself and its topics as a whole; its parts are table rows.

import { chip } from "./chip.js";
import { $, make } from "./dom.js";
import { word } from "./words.js";

let shown = null;

/** Show the article's head, or none. */
export function showArticle(article) {
  shown = article;
  const heading = $("results-title");
  heading.dataset.word = article ? "parts" : "results";
  heading.textContent = word(heading.dataset.word);
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
      make("p", { class: "topics" }, label("whole"), ...(chips.length ? chips : ["—"])),
      make("p", {}, label("whole-decision"),
        make("span", { class: `decision ${article.decision}`, title: word(`${article.decision}-about`) }, word(article.decision))),
      make("p", { class: "quiet" }, word("whole-about"))));
  if (left.length) {
    box.append(make("details", {}, make("summary", {}, word("left-out", { n: left.length })),
      make("ul", {}, ...left.map((one) => make("li", {}, one.text, " ", make("span", { class: "quiet" }, one.reason))))));
  }
}

/** Show the same article once more, in the language that holds now. */
export const showArticleAgain = () => showArticle(shown);

const label = (name) => make("span", { class: "label" }, word(name), word("colon"));

/** The article's parts as results: `title`, tagged by itself, if there is one, and the paragraphs. */
export function partsOf(article, title) {
  const paragraphs = article.paragraphs.map((one) => ({ ...one, part: "paragraph" }));
  return title ? [{ ...title, part: "title" }, ...paragraphs] : paragraphs;
}
