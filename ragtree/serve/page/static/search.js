// Search as one types.

import { byId, el } from "./dom.js";
import { get } from "./server.js";
import { placeText, text } from "./texts.js";

const WAIT = 250;

export function startSearch(name, open) {
  const box = byId("search");
  const list = byId("found");
  const state = byId("found-state");
  const tree = byId("tree");
  let timer = 0;
  let running = null;

  function show(hits) {
    list.replaceChildren(...hits.map((hit) => {
      const place = el("span", { class: "where" }, placeText(hit.where));
      const button = el("button", { type: "button", on: { click: () => open(hit) } }, el("span", { class: "title" }, hit.title), place, el("span", { class: "snippet" }, hit.text));
      return el("li", {}, button);
    }));
  }

  async function look() {
    const query = box.value.trim();
    running?.abort();
    list.hidden = !query;
    tree.hidden = Boolean(query);
    state.textContent = query ? text("searching") : "";
    if (!query) return list.replaceChildren();
    const mine = (running = new AbortController());
    try {
      const hits = await get(name, "search", { q: query }, mine.signal);
      const shown = hits.filter((hit) => hit.document);
      show(shown);
      state.textContent = shown.length ? "" : text("nothing_found");
    } catch (error) {
      if (error.name !== "AbortError") state.textContent = text("failed", { reason: error.message });
    }
  }

  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, box.value.trim() ? WAIT : 0);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      box.value = "";
      look();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      (list.hidden ? tree.querySelector('[tabindex="0"]') : list.querySelector("button"))?.focus();
    }
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...list.querySelectorAll("button")];
    (buttons[buttons.indexOf(event.target) + step] ?? (step < 0 ? box : event.target)).focus();
  });
}
