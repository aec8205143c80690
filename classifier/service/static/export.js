// What is shown, out: to the clipboard and to files that the service writes.

import { call } from "./api.js";
import { $, make } from "./dom.js";
import { topicsOf } from "./store.js";
import { asLines, shownRows } from "./table.js";
import { word } from "./words.js";

export async function copy() {
  const lines = asLines();
  await toClipboard(lines.join("\n"));
  $("status").textContent = word("copied", { n: lines.length.toLocaleString() });
}

async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without HTTPS a browser has no clipboard for pages but this old way.
    const field = make("textarea", { class: "offscreen", "aria-hidden": "true" });
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}

/** Download what is shown as "csv" or "xlsx". A corrected row bears the corrected topics, surely. */
export async function download(format) {
  const rows = shownRows().map((row) => {
    const topics = topicsOf(row);
    return {
      text: row.text,
      topics: topics.map((topic) => topic.id),
      topic_names: topics.map((topic) => topic.name),
      probabilities: topics.map((topic) => topic.probability),
      decision: !row.corrected ? row.decision : topics.length ? "accept" : "none",
    };
  });
  const response = await call("/v1/export", { body: { format, rows } });
  keepFile(await response.blob(), `topics.${format}`);
}

/** Download all corrections that are kept, as `classifier train` takes them. */
export async function downloadCorrections() {
  const file = await (await call("/v1/corrections")).blob();
  if (file.size) keepFile(file, "corrections.jsonl");
  else $("status").textContent = word("no-corrections");
}

function keepFile(blob, name) {
  const url = URL.createObjectURL(blob);
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
