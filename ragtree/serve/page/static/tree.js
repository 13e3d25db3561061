// The table of contents, as a tree that arrow keys move through.

import { byId, el } from "./dom.js";
import { get } from "./server.js";
import { text } from "./texts.js";

export class Tree {
  constructor(name, open) {
    this.name = name;
    this.open = open;
    this.root = byId("tree");
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.root.addEventListener("click", (event) => this.click(event));
    this.entries = new WeakMap();
  }

  async load() {
    const { entries, total } = await get(this.name, "outline");
    this.root.replaceChildren(...this.items(entries, total, null, 1));
    const first = this.root.firstElementChild;
    if (!first) return;
    first.tabIndex = 0;
    if (entries.length === 1) await this.expand(first);
  }

  // Once more, with what was open opened again: the index has changed.
  async reload() {
    const opened = [...this.root.querySelectorAll('[aria-expanded="true"]')].map((item) => item.dataset.node);
    const focused = this.root.contains(document.activeElement) ? document.activeElement.dataset.node : null;
    await this.load();
    for (const node of opened) {
      const item = this.find(node);
      if (item && item.getAttribute("aria-expanded") === "false") await this.expand(item);
    }
    const item = focused && this.find(focused);
    if (item) this.focus(item);
  }

  items(entries, total, parent, level, start = 0) {
    const made = entries.map((entry) => this.item(entry, level));
    const left = total - start - entries.length;
    if (left > 0) {
      const more = el("li", { role: "treeitem", "aria-level": level, tabindex: -1, class: "more" }, text("more", { count: left }));
      this.entries.set(more, { more: true, parent, start: start + entries.length, level });
      made.push(more);
    }
    return made;
  }

  item(entry, level) {
    const label = entry.label || (entry.kind === "collection" ? text("all") : entry.source || entry.text);
    const count = entry.documents > 1 ? el("span", { class: "count", "aria-label": text("documents", { count: entry.documents }) }, String(entry.documents)) : null;
    const row = el("div", { class: "row", title: entry.kind === "document" ? entry.source : entry.text }, el("span", { class: "twist", "aria-hidden": "true" }), el("span", { class: "label" }, label), count);
    const item = el("li", {
      role: "treeitem",
      "aria-level": level,
      "aria-expanded": entry.opens ? "false" : null,
      tabindex: -1,
      class: `kind-${entry.kind}`,
      "data-node": entry.node,
    }, row);
    item.setAttribute("aria-label", label);
    this.entries.set(item, entry);
    return item;
  }

  find(node) {
    return [...this.root.querySelectorAll("[data-node]")].find((item) => item.dataset.node === node) ?? null;
  }

  async expand(item) {
    if (item.getAttribute("aria-expanded") !== "false") return;
    item.setAttribute("aria-expanded", "true");
    if (item.querySelector(":scope > ul")) return;
    const below = el("ul", { role: "group" });
    item.append(below);
    item.setAttribute("aria-busy", "true");
    try {
      const { entries, total } = await get(this.name, "outline", { node: item.dataset.node });
      below.append(...this.items(entries, total, item.dataset.node, Number(item.getAttribute("aria-level")) + 1));
    } catch (error) {
      below.remove();
      item.setAttribute("aria-expanded", "false");
      if (error.status === 404) this.load();
    } finally {
      item.removeAttribute("aria-busy");
    }
  }

  collapse(item) {
    item.setAttribute("aria-expanded", "false");
    if (item.contains(document.activeElement)) this.focus(item);
  }

  async showMore(item) {
    const { parent, start, level } = this.entries.get(item);
    const { entries, total } = await get(this.name, "outline", { node: parent, start });
    const made = this.items(entries, total, parent, level, start);
    item.replaceWith(...made);
    if (made[0]) this.focus(made[0]);
  }

  // Opens the way down to a node, and selects it.
  async reveal(way) {
    for (const step of way.slice(0, -1)) {
      const item = this.find(step.node);
      if (item) await this.expand(item);
    }
    this.select(this.find(way.at(-1).node));
  }

  select(item) {
    this.root.querySelector('[aria-selected="true"]')?.removeAttribute("aria-selected");
    if (!item) return;
    item.setAttribute("aria-selected", "true");
    this.makeCurrent(item);
    item.firstElementChild.scrollIntoView({ block: "nearest" });
  }

  makeCurrent(item) {
    for (const one of this.root.querySelectorAll('[tabindex="0"]')) one.tabIndex = -1;
    item.tabIndex = 0;
  }

  focus(item) {
    this.makeCurrent(item);
    item.focus({ preventScroll: true });
    (item.firstElementChild ?? item).scrollIntoView({ block: "nearest" });
  }

  click(event) {
    const item = event.target.closest("li");
    if (!item || item.getAttribute("role") !== "treeitem") return;
    this.focus(item);
    if (event.target.classList.contains("twist")) this.toggle(item);
    else this.act(item);
  }

  toggle(item) {
    if (item.getAttribute("aria-expanded") === "true") this.collapse(item);
    else this.expand(item);
  }

  act(item) {
    const entry = this.entries.get(item);
    if (entry.more) this.showMore(item);
    else if (entry.document) {
      this.select(item);
      if (entry.kind === "document") this.expand(item);
      this.open(entry);
    } else this.toggle(item);
  }

  key(event) {
    const item = event.target.closest('[role="treeitem"]');
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
    const shown = [...this.root.querySelectorAll('[role="treeitem"]')].filter((one) => one.offsetParent !== null);
    const at = shown.indexOf(item);
    const open = item.getAttribute("aria-expanded");
    const keys = {
      ArrowDown: () => this.focus(shown[Math.min(at + 1, shown.length - 1)]),
      ArrowUp: () => this.focus(shown[Math.max(at - 1, 0)]),
      Home: () => this.focus(shown[0]),
      End: () => this.focus(shown.at(-1)),
      ArrowRight: () => {
        if (open === "false") this.expand(item);
        else if (open === "true" && shown[at + 1]) this.focus(shown[at + 1]);
      },
      ArrowLeft: () => {
        const above = item.parentElement.closest('[role="treeitem"]');
        if (open === "true") this.collapse(item);
        else if (above) this.focus(above);
      },
      Enter: () => this.act(item),
      " ": () => this.act(item),
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  }
}
