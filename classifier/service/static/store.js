// The rows and what is asked of them. Touches no element.

const DECISIONS = ["review", "accept", "none"];

export const state = {
  rows: [], // {number, part, text, topics, decision, corrected}
  topics: new Map(), // id -> {id, name, name_en, group}
  models: [],
  identity: null, // of the model that gave the rows
  limits: { max_texts: 1000 },
  keeps: false, // whether corrections are kept
  filter: { topic: "", group: "", decision: "", text: "" },
  sort: { by: "number", down: false },
};

/** The topics that hold: a person's, or else the model's. */
export const topicsOf = (row) => row.corrected ?? row.topics;

export const isFiltered = () => Object.values(state.filter).some(Boolean);

function passes(row, filter, groups) {
  const topics = topicsOf(row);
  if (filter.decision && row.decision !== filter.decision) return false;
  if (filter.topic === "-" ? topics.length : filter.topic && !topics.some((t) => t.id === filter.topic)) return false;
  if (filter.group && !topics.some((t) => groups.get(t.id)?.group === filter.group)) return false;
  return !filter.text || row.text.toLowerCase().includes(filter.text.toLowerCase());
}

const collator = new Intl.Collator("zh-CN", { numeric: true });
const best = (row) => topicsOf(row)[0]?.probability ?? 0;
const compare = {
  number: (a, b) => a.number - b.number,
  text: (a, b) => collator.compare(a.text, b.text),
  topics: (a, b) => collator.compare(topicsOf(a)[0]?.name ?? "", topicsOf(b)[0]?.name ?? "") || best(b) - best(a),
  probability: (a, b) => best(a) - best(b),
  decision: (a, b) => DECISIONS.indexOf(a.decision) - DECISIONS.indexOf(b.decision),
};

/** The rows that pass the filter, sorted. */
export function visibleRows() {
  const found = state.rows.filter((row) => passes(row, state.filter, state.topics));
  const order = compare[state.sort.by];
  if (state.sort.by !== "number" || state.sort.down) {
    found.sort((a, b) => (state.sort.down ? order(b, a) : order(a, b)) || a.number - b.number);
  }
  return found;
}

/** How many rows have each topic, among those that pass all filters but the topic's own. */
export function countTopics() {
  const counts = new Map();
  let none = 0;
  for (const row of state.rows) {
    if (!passes(row, { ...state.filter, topic: "" }, state.topics)) continue;
    const topics = topicsOf(row);
    if (!topics.length) none += 1;
    for (const topic of topics) counts.set(topic.id, (counts.get(topic.id) ?? 0) + 1);
  }
  const sorted = [...counts].sort((a, b) => b[1] - a[1]);
  return none ? [...sorted, ["-", none]] : sorted;
}

export function countDecisions() {
  const counts = { accept: 0, review: 0, none: 0 };
  for (const row of state.rows) counts[row.decision] += 1;
  return counts;
}

export const groupNames = () => [...new Set([...state.topics.values()].map((topic) => topic.group))].filter(Boolean);
