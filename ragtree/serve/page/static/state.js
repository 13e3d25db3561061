// The state of the index: a line at the top, and a window with the rest.

import { byId, el } from "./dom.js";
import { get } from "./server.js";
import { has, language, text } from "./texts.js";

const OFTEN = 1500;
const SELDOM = 10000;

export class State {
  constructor(name, onChange) {
    this.name = name;
    this.onChange = onChange;
    this.button = byId("state");
    this.dialog = byId("state-dialog");
    this.button.addEventListener("click", () => this.dialog.showModal());
  }

  async watch() {
    let wait = SELDOM;
    try {
      const state = await get(this.name, "status");
      this.show(state);
      const now = `${state.documents} ${state.tokens} ${state.kinds.theme}`;
      if (this.before !== undefined && this.before !== now) this.onChange(state);
      if (this.before === undefined) this.onChange(state, true);
      this.before = now;
      wait = state.progress ? OFTEN : SELDOM;
    } catch (error) {
      this.button.textContent = error.message;
    }
    setTimeout(() => this.watch(), document.hidden ? SELDOM : wait);
  }

  show(state) {
    const now = state.progress ? progressOf(state.progress) : "";
    this.button.textContent = now || text("documents", { count: state.documents });
    this.button.classList.toggle("busy", Boolean(now));
    this.button.classList.toggle("warn", state.failed || state.skipped.length > 0);
    const facts = [
      ["state_documents", state.documents.toLocaleString(language)],
      ["state_themes", String(state.kinds.theme ?? 0)],
      ["state_tokens", state.tokens.toLocaleString(language)],
      ["state_model", text(state.model ? "state_model_yes" : "state_model_no")],
      ["state_follows", text(state.follows ? "state_follows_yes" : "state_follows_no")],
    ];
    if (now) facts.push(["state_now", now]);
    if (state.waiting) facts.push(["state_waiting", String(state.waiting)]);
    byId("state-body").replaceChildren(
      el("dl", {}, ...facts.flatMap(([key, value]) => [el("dt", {}, text(key)), el("dd", {}, value)])),
      ...(state.failed ? [el("p", { class: "warning" }, text("state_failed"))] : []),
      ...files("state_skipped", state.skipped),
      ...files("state_notices", state.notices),
    );
  }
}

function progressOf({ stage, done, total }) {
  return text(has(`stage_${stage}`) ? `stage_${stage}` : "stage_other", { done, total });
}

function files(key, list) {
  if (!list.length) return [];
  return [el("h3", {}, text(key)), el("ul", { class: "files" }, ...list.map(([source, reason]) => el("li", {}, el("b", {}, source), `: ${reason}`)))];
}
