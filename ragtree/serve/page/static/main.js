// The page as a whole: what its parts tell each other, and its addresses.

import { Chat } from "./chat.js";
import { byId, el } from "./dom.js";
import { documentOf, homeOf, nodeOf, placeOf } from "./places.js";
import { startSearch } from "./search.js";
import { collections, get } from "./server.js";
import { Source } from "./source.js";
import { State } from "./state.js";
import { text, translate } from "./texts.js";
import { Tree } from "./tree.js";

translate();
const names = await collections().catch((error) => {
  document.querySelector("main").replaceChildren(el("p", { class: "broken", role: "alert" }, text("failed", { reason: error.message })));
  throw error;
});
const name = placeOf(location).name ?? names[0];

function pane(which) {
  document.body.dataset.pane = which;
  for (const tab of document.querySelectorAll("[data-open]")) tab.setAttribute("aria-pressed", String(tab.dataset.open === which));
}

function goTo(address) {
  if (location.pathname + location.search !== address) history.pushState(null, "", address);
}

const chat = new Chat(name, (citation, turn) => {
  goTo(documentOf(name, citation.document, citation.span));
  pane("source");
  source.open(citation.document, citation.span, { ...citation, turn });
});

const source = new Source(name, {
  onClose: () => {
    goTo(homeOf(name));
    pane("chat");
  },
  onOnly: (found) => {
    chat.askOnly(found);
    if (found) byId("question").focus();
  },
  isOnly: (id) => chat.only?.document === id,
});

const tree = new Tree(name, async (entry) => {
  if (entry.kind === "document") {
    goTo(documentOf(name, entry.document));
    source.open(entry.document, null, null, { focus: false });
  } else {
    goTo(nodeOf(name, entry.node));
    await openNode(entry.node);
  }
  pane("source");
});

async function openNode(node) {
  const found = await get(name, "node", { node });
  if (found.document) await source.open(found.document, found.kind === "document" ? null : found.span, null, { focus: false });
  return found;
}

async function openPlace() {
  const place = placeOf(location);
  try {
    if (place.document) {
      pane("source");
      await source.open(place.document, place.span);
      await tree.reveal((await get(name, "node", { document: place.document })).way);
    } else if (place.node) {
      const found = await openNode(place.node);
      if (found.document) pane("source");
      await tree.reveal(found.way);
    } else if (!source.pane.hidden) {
      source.close(false);
      pane("chat");
    }
  } catch {
    // what the address names has left the index; the page is there all the same
  }
}

function showState(state, isFirst = false) {
  byId("welcome-title").textContent = text("welcome");
  const none = state.progress || state.found ? "welcome_reading" : "welcome_none";
  byId("welcome-text").textContent = state.documents ? text("welcome_text", { count: state.documents }) : text(none);
  if (!isFirst) tree.reload();
}

document.title = `${name} · ragtree`;
byId("name").textContent = name;
if (names.length > 1) {
  byId("name").hidden = true;
  byId("pick").hidden = false;
  byId("collections").append(...names.map((one) => el("option", { value: one, selected: one === name }, one)));
  byId("collections").addEventListener("change", (event) => location.assign(homeOf(event.target.value)));
}
for (const tab of document.querySelectorAll("[data-open]")) tab.addEventListener("click", () => pane(tab.dataset.open));
window.addEventListener("popstate", openPlace);
startSearch(name, (hit) => {
  goTo(documentOf(name, hit.document, hit.span));
  pane("source");
  source.open(hit.document, hit.span);
});
pane("chat");
new State(name, showState).watch();
await Promise.allSettled([tree.load(), chat.load()]);
await openPlace();
if (!placeOf(location).document) byId("question").focus();
document.body.dataset.ready = "yes";
