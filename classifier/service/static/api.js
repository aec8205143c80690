// The service, as any other client calls it.

import { $, remember, remembered } from "./dom.js";
import { word } from "./words.js";

export class ServiceError extends Error {}

const JSON_TYPE = "application/json";
const SENDABLE = /^[ -~]+$/; // a header takes no more, and no token of the service has more

/** Call the service and return the Response, asking for the token where one is needed. */
export async function call(path, { body, type = JSON_TYPE, signal } = {}) {
  for (;;) {
    const headers = {};
    const token = remembered("sessionStorage", "token");
    if (SENDABLE.test(token ?? "")) headers.Authorization = `Bearer ${token}`;
    if (body !== undefined) headers["Content-Type"] = type;
    const response = await fetch(path, {
      method: body === undefined ? "GET" : "POST",
      headers,
      body: type === JSON_TYPE && body !== undefined ? JSON.stringify(body) : body,
      signal,
    });
    if (response.ok) return response;
    if (response.status !== 401) throw new ServiceError(await reason(response));
    await askForToken();
  }
}

export const callJson = async (path, request) => (await call(path, request)).json();

async function reason(response) {
  try {
    return (await response.json()).detail;
  } catch {
    return `HTTP ${response.status}`;
  }
}

$("token-value").addEventListener("input", (event) => {
  const token = event.target.value.trim();
  event.target.setCustomValidity(!token || SENDABLE.test(token) ? "" : word("token-wrong"));
});

let asking = null;

function askForToken() {
  asking ??= new Promise((resolve) => {
    const dialog = $("token");
    const field = $("token-value");
    field.value = "";
    dialog.addEventListener(
      "close",
      () => {
        asking = null;
        remember("sessionStorage", "token", field.value.trim());
        field.value = "";
        resolve();
      },
      { once: true },
    );
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.showModal();
  });
  return asking;
}
