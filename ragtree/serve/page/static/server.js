// What the server is asked.

import { text } from "./texts.js";

export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function checked(response) {
  if (response.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  if (response.ok) return response;
  const said = await response.json().catch(() => null);
  throw new Refused(response.status, said?.error?.message ?? response.statusText);
}

async function sent(address, how) {
  try {
    return await fetch(address, how);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, text("no_server"));
  }
}

export function address(name, route, values = {}) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value !== null && value !== undefined) query.set(key, value);
  const asked = query.toString();
  return `/api/${name}/${route}${asked ? `?${asked}` : ""}`;
}

export async function get(name, route, values = {}, signal = undefined) {
  return (await checked(await sent(address(name, route, values), { signal }))).json();
}

export const collections = async () => (await checked(await sent("/api/collections"))).json();

export const forget = async (name) => checked(await sent(address(name, "conversation"), { method: "DELETE" }));

// Lines of JSON, as they come. Aborting the signal stops the model.
export async function* ask(name, question, document, signal) {
  const response = await checked(
    await sent(address(name, "ask"), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ question, document }),
      signal,
    }),
  );
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  let left = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (left + decoder.decode(value, { stream: true })).split("\n");
    left = lines.pop();
    for (const line of lines) if (line) yield JSON.parse(line);
  }
}
