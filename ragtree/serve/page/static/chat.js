// The conversation: a question, what is done for it, the answer as it is checked, and its sources.

import { byId, el } from "./dom.js";
import { address, ask, forget, get } from "./server.js";
import { placeText, text } from "./texts.js";

const MARK = /\[(\d+)\]/g;

export class Chat {
  constructor(name, openSource) {
    this.name = name;
    this.openSource = openSource;
    this.log = byId("log");
    this.box = byId("question");
    this.running = null;
    this.only = null;
    byId("export").href = address(name, "conversation.md");
    byId("ask").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    byId("stop").addEventListener("click", () => this.running?.abort());
    byId("new").addEventListener("click", () => this.begin());
    byId("only-off").addEventListener("click", () => {
      this.askOnly(null);
      this.box.focus();
    });
    this.box.addEventListener("input", () => this.grow());
    this.box.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.send();
      }
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.target.closest("#source, dialog")) this.running?.abort();
    });
  }

  async load() {
    const { answers, document: only } = await get(this.name, "conversation");
    answers.forEach((answer, turn) => this.turn(answer.question).show(answer, turn));
    if (only) this.askOnly({ document: only, title: this.titleOf(only, answers) });
    this.changed();
    this.toEnd();
  }

  titleOf(id, answers) {
    const cited = answers.flatMap((answer) => answer.citations).find((citation) => citation.document === id);
    return cited?.title ?? id;
  }

  askOnly(wanted) {
    this.only = wanted;
    byId("only").hidden = !wanted;
    byId("only-title").textContent = wanted ? text("only", { title: wanted.title }) : "";
    document.dispatchEvent(new CustomEvent("only"));
  }

  async begin() {
    this.running?.abort();
    try {
      await forget(this.name);
    } catch {
      // it is forgotten in time
    }
    this.log.replaceChildren();
    this.askOnly(null);
    this.changed();
    this.box.focus();
  }

  async send() {
    const question = this.box.value.trim();
    if (!question || this.running) return;
    this.box.value = "";
    this.grow();
    const turn = this.turn(question);
    this.running = new AbortController();
    this.changed();
    turn.doing(text("waiting"));
    this.toEnd();
    try {
      await this.read(turn, ask(this.name, question, this.only?.document ?? "", this.running.signal));
    } catch (error) {
      turn.end(error.name === "AbortError" ? text("stopped") : text("failed", { reason: error.message }));
    } finally {
      this.running = null;
      this.changed();
    }
  }

  async read(turn, lines) {
    let ended = false;
    for await (const line of lines) {
      const stays = this.isAtEnd();
      if (line.piece !== undefined) turn.add(line.piece);
      else if (line.doing) turn.doing(text(`doing_${line.doing}`, { count: line.documents }), line.doing, line.documents);
      else if (line.error) turn.end(text("failed", { reason: line.error }));
      else if (line.answer) turn.show(line.answer, line.turn);
      ended = ended || Boolean(line.error || line.answer);
      if (stays) this.toEnd();
    }
    if (!ended) turn.end(text("failed", { reason: text("no_server") }));
  }

  turn(question) {
    const made = new Turn(question, this.openSource);
    this.log.append(made.root);
    return made;
  }

  changed() {
    const busy = this.running !== null;
    const empty = !this.log.children.length;
    byId("send").hidden = busy;
    byId("stop").hidden = !busy;
    byId("welcome").hidden = !empty;
    byId("new").hidden = empty;
    byId("export").hidden = !this.log.querySelector(".turn.answered");
  }

  grow() {
    this.box.style.height = "auto";
    this.box.style.height = `${Math.min(this.box.scrollHeight + 2, 200)}px`;
  }

  isAtEnd() {
    const scroll = byId("log-scroll");
    return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < 80;
  }

  toEnd() {
    const scroll = byId("log-scroll");
    scroll.scrollTop = scroll.scrollHeight;
  }
}

class Turn {
  constructor(question, openSource) {
    this.openSource = openSource;
    this.body = el("div", { class: "answer", "aria-label": text("answer") });
    this.work = el("p", { class: "work", role: "status" });
    this.said = "";
    this.root = el("article", { class: "turn" }, el("h2", { class: "asked" }, question), this.body, this.work);
  }

  doing(words, kind = "", count = 0) {
    this.work.textContent = kind === "read" && !count ? text("doing_search") : words;
    this.work.hidden = false;
    this.root.classList.add("busy");
  }

  add(piece) {
    this.said += piece;
    this.body.textContent = this.said;
  }

  end(words) {
    this.root.classList.remove("busy");
    this.work.textContent = words;
    this.work.hidden = !words;
  }

  show(answer, turn) {
    this.root.classList.add("answered");
    this.end("");
    const cited = new Map(answer.citations.map((citation) => [citation.number, citation]));
    this.body.replaceChildren(...this.withMarks(answer.text, cited, turn));
    if (answer.notice) this.body.append(el("p", { class: "note" }, answer.notice));
    if (answer.citations.length) this.body.append(this.sources(answer.citations, turn));
  }

  withMarks(said, cited, turn) {
    const parts = [];
    let last = 0;
    for (const mark of said.matchAll(MARK)) {
      const citation = cited.get(Number(mark[1]));
      if (!citation) continue;
      parts.push(said.slice(last, mark.index), this.mark(citation, turn));
      last = mark.index + mark[0].length;
    }
    return [el("div", { class: "text" }, ...parts, said.slice(last))];
  }

  // Opens a source, and shows at which mark one is.
  open(citation, turn) {
    for (const mark of document.querySelectorAll(".mark.open")) mark.classList.remove("open");
    for (const mark of this.body.querySelectorAll(".mark")) mark.classList.toggle("open", mark.textContent === String(citation.number));
    this.openSource(citation, turn);
  }

  mark(citation, turn) {
    const label = text("open_source", { number: citation.number, title: citation.title });
    return el("button", { type: "button", class: "mark", "aria-label": label, title: citation.title, on: { click: () => this.open(citation, turn) } }, String(citation.number));
  }

  sources(citations, turn) {
    const lines = citations.map((citation) => {
      const place = el("span", { class: "where" }, placeText(citation.where));
      return el("li", {}, el("button", { type: "button", class: "cited", on: { click: () => this.open(citation, turn) } }, el("span", { class: "number", "aria-hidden": "true" }, String(citation.number)), el("span", { class: "title" }, citation.title), place));
    });
    return el("div", { class: "sources" }, el("h3", {}, text("sources")), el("ol", {}, ...lines));
  }
}
