// Why a source was found: its ranks, and its way through the tree.

import { el } from "./dom.js";
import { get } from "./server.js";
import { has, text } from "./texts.js";

export function whyFound(name, cited) {
  const body = el("div", { class: "why-body" });
  const root = el("details", { class: "why" }, el("summary", {}, text("why")), body);
  root.addEventListener("toggle", async () => {
    if (!root.open || body.children.length) return;
    try {
      const found = await get(name, "why", { turn: cited.turn, number: cited.number });
      body.replaceChildren(...(found.length ? found.map(finding) : [el("p", {}, text("why_listed"))]));
    } catch (error) {
      body.replaceChildren(el("p", {}, text("failed", { reason: error.message })));
    }
  });
  return root;
}

function finding(one) {
  const how = one.kind === "chunk" ? text("why_passage") : text("why_summary", { kind: text(`kind_${one.kind}`) });
  const ranks = Object.entries(one.ranks).map(([list, rank]) => text(has(`rank_${list}`) ? `rank_${list}` : "rank_other", { rank, list }));
  const score = text("why_score", { score: one.score });
  const way = one.way.map((step) => el("li", { class: step.found ? "found-here" : null }, step.label || text(step.kind === "collection" ? "all" : `kind_${step.kind}`)));
  return el("div", {}, el("p", {}, `${how}: ${[...ranks, score].join(", ")}`), el("ol", { class: "way" }, ...way));
}
