// The source beside the answer.

import { byId, el } from "./dom.js";
import { fromHtml, markWords } from "./formatted.js";
import { pagesOf } from "./pages.js";
import { address, get } from "./server.js";
import { placeText, text } from "./texts.js";
import { whyFound } from "./why.js";

export class Source {
  constructor(name, { onClose, onOnly, isOnly }) {
    this.name = name;
    this.pane = byId("source");
    this.onClose = onClose;
    this.onOnly = onOnly;
    this.isOnly = isOnly;
    this.asked = 0;
    this.pane.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.close();
    });
    document.addEventListener("only", () => this.showOnly());
  }

  // Opens a document, at a span of it; `cited` says of which answer that is a source.
  async open(id, span = null, cited = null, { focus = true } = {}) {
    const mine = (this.asked += 1);
    const before = document.activeElement;
    if (!this.pane.contains(before)) this.before = before;
    this.pane.hidden = false;
    document.body.classList.add("with-source");
    byId("source-tab").disabled = false;
    try {
      const found = await get(this.name, "document", { document: id, from: span?.[0], to: span?.[1] });
      if (mine === this.asked) await this.show(found, span, cited);
    } catch (error) {
      if (mine === this.asked) this.pane.replaceChildren(this.head(error.status === 404 ? text("gone") : error.message, ""));
    }
    if (focus && mine === this.asked) this.pane.focus({ preventScroll: true });
  }

  // `told` is false where the address has changed already.
  close(told = true) {
    this.asked += 1;
    this.pane.hidden = true;
    this.pane.replaceChildren();
    this.found = null;
    document.body.classList.remove("with-source");
    byId("source-tab").disabled = true;
    if (told) this.onClose();
    if (told && this.before?.isConnected) this.before.focus();
  }

  async show(found, span, cited) {
    this.found = found;
    this.span = span;
    this.quote = cited?.quote ?? found.paragraphs.flatMap((one) => [...one.pieces, ...one.rows.flat(2)]).filter((piece) => piece[1]).map((piece) => piece[0]).join(" ");
    this.body = el("div", { class: "scroll source-body", role: "region", tabindex: 0, "aria-label": found.title });
    this.views = el("div", { class: "views", role: "group", "aria-label": text("view") });
    const parts = [this.head(found.title, placeText(found.where)), this.tools(found)];
    if (cited?.unsure.length) parts.push(el("p", { class: "unsure" }, text("unsure", { words: cited.unsure.map((word) => `“${word}”`).join(", ") })));
    if (cited?.also.length) parts.push(this.also(cited));
    if (cited) parts.push(whyFound(this.name, cited));
    this.pane.replaceChildren(...parts, this.body);
    if (found.paged && (await this.view("page"))) return;
    if (found.html && (await this.view("formatted"))) return;
    await this.view("text");
  }

  head(title, where) {
    const close = el("button", { type: "button", class: "quiet close", "aria-label": text("close"), on: { click: () => this.close() } }, "×");
    const place = where ? el("p", { class: "where" }, where) : null;
    return el("header", { class: "source-head" }, el("div", {}, el("h2", {}, title), place), close);
  }

  tools(found) {
    const kinds = [...(found.paged ? ["page"] : []), ...(found.html ? ["formatted"] : []), "text"];
    for (const kind of kinds) {
      this.views.append(el("button", { type: "button", "data-view": kind, "aria-pressed": "false", on: { click: () => this.view(kind, true) } }, text(`${kind}_view`)));
    }
    this.views.hidden = kinds.length < 2;
    this.only = el("button", { type: "button", class: "quiet", on: { click: () => this.onOnly(this.isOnly(found.document) ? null : found) } });
    this.showOnly();
    const original = found.original ? el("a", { class: "quiet", download: true, href: address(this.name, "original", { document: found.document }) }, text("download")) : null;
    return el("div", { class: "source-tools" }, this.views, el("span", { class: "space" }), this.only, original);
  }

  // The same passage stands there, too.
  also(cited) {
    const places = cited.also.map((place) => {
      const name = [place.source, placeText(place.where)].filter(Boolean).join(", ");
      return el("button", { type: "button", class: "quiet", on: { click: () => this.open(place.document, place.span) } }, name);
    });
    return el("p", { class: "also" }, text("also"), ...places);
  }

  showOnly() {
    if (!this.only || !this.found) return;
    this.only.textContent = text(this.isOnly(this.found.document) ? "only_off" : "only_on");
  }

  // Shows the document in this way; false where the quote cannot be shown in it, unless it was chosen.
  async view(kind, chosen = false) {
    const mine = this.asked;
    const made = await { page: () => this.pages(), formatted: () => this.formatted(), text: () => this.text() }[kind]();
    if (mine !== this.asked) return true;
    if (!made || (!made.hit && this.span && !chosen && kind !== "text")) return false;
    this.body.replaceChildren(made.root);
    for (const button of this.views.children) button.setAttribute("aria-pressed", String(button.dataset.view === kind));
    const hit = made.hit;
    if (hit) hit.scrollIntoView({ block: "center" });
    else this.body.scrollTop = 0;
    return true;
  }

  async pages() {
    try {
      const found = await get(this.name, "highlights", { document: this.found.document, from: this.span?.[0], to: this.span?.[1] });
      const root = pagesOf(this.name, this.found.document, found, this.body);
      return { root, hit: root.querySelector(".box") };
    } catch {
      return null;
    }
  }

  formatted() {
    const root = fromHtml(this.found.html);
    return { root, hit: this.span ? markWords(root, this.quote) : null };
  }

  text() {
    const root = el("div", { class: "document" });
    this.fill(root, this.found);
    return { root, hit: root.querySelector("mark") };
  }

  fill(root, found) {
    const parts = found.paragraphs.map(paragraph);
    const [start, end] = found.shown;
    if (start > 0) parts.unshift(this.more("earlier", Math.max(0, start - 1)));
    if (end < found.length) parts.push(this.more("later", end + 1));
    root.replaceChildren(...parts);
  }

  more(key, at) {
    const button = el("button", { type: "button", class: "quiet" }, text(key));
    button.addEventListener("click", async () => {
      const found = await get(this.name, "document", { document: this.found.document, from: this.span?.[0], to: this.span?.[1], at });
      this.fill(button.closest(".document"), found);
      this.body.scrollTop = 0;
    });
    return button;
  }
}

const pieces = (list) => list.map(([said, marked]) => (marked ? el("mark", {}, said) : said));

function paragraph(one) {
  if (one.kind === "heading") return el(`h${Math.min(6, one.level + 1)}`, {}, ...pieces(one.pieces));
  if (one.kind !== "table") return el("p", { class: one.kind }, ...pieces(one.pieces));
  const [head, ...rows] = one.rows;
  const cells = (row, tag) => el("tr", {}, ...row.map((cell) => el(tag, {}, ...pieces(cell))));
  return el("div", { class: "wide" }, el("table", {}, el("thead", {}, cells(head ?? [], "th")), el("tbody", {}, ...rows.map((row) => cells(row, "td")))));
}
