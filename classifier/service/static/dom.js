// Small helpers. Texts go in as text nodes alone; nothing here reads markup.

export const $ = (id) => document.getElementById(id);

/** Make an element: properties, then children, each an element or a text. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name === "data") Object.assign(element.dataset, value);
    else if (name === "on") {
      for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    } else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

/** Run `task` once things have been quiet for `ms`. */
export function debounce(task, ms) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(task, ms);
  };
}

/** Give the browser a turn, so that no task of ours is long. */
export const breathe = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Storage that may be off: then nothing is remembered. */
export function remembered(storage, key) {
  try {
    return window[storage].getItem(key);
  } catch {
    return null;
  }
}

export function remember(storage, key, value) {
  try {
    if (value === null) window[storage].removeItem(key);
    else window[storage].setItem(key, value);
  } catch {
    // Off, or full.
  }
}
