// Formatted text out of the server's cleaned HTML: only these elements are made anew, and none of their attributes but
// the target of a link. The parser makes a document that runs and loads nothing.

import { el } from "./dom.js";

const TAGS = new Set("A BLOCKQUOTE BR CODE DEL EM H1 H2 H3 H4 H5 H6 HR LI OL P PRE STRONG TABLE TBODY TD TH THEAD TR UL".split(" "));

export function fromHtml(html) {
  const parsed = new DOMParser().parseFromString(html, "text/html");
  const made = el("div", { class: "formatted" });
  for (const child of parsed.body.childNodes) copy(child, made);
  return made;
}

function copy(node, into) {
  if (node.nodeType === Node.TEXT_NODE) into.append(node.data);
  if (node.nodeType !== Node.ELEMENT_NODE || !TAGS.has(node.tagName)) return;
  const made = document.createElement(node.tagName);
  if (node.tagName === "A") link(made, node.getAttribute("href") ?? "");
  for (const child of node.childNodes) copy(child, made);
  into.append(made);
}

function link(made, target) {
  if (!/^(?:https?:\/\/|mailto:)/i.test(target)) return;
  made.href = target;
  made.target = "_blank";
  made.rel = "noopener noreferrer";
}

const LETTER = /[\p{L}\p{N}]/u;
const lettersOf = (said) => [...said.normalize("NFKC").toLowerCase()].filter((sign) => LETTER.test(sign)).join("");

// Of Markdown: what begins headings and items of lists, and targets of links. The page does not show them as letters.
const SIGNS = /^[ \t]*(?:\d{1,3}[.)]|[-*+]|#{1,6})[ \t]+/gm;
const TARGETS = /\]\([^()\s]*\)/g;

// Marks the words of a quote, whatever signs of Markdown stand between them; the first mark, or null.
export function markWords(root, quote) {
  const wanted = lettersOf(quote.replace(SIGNS, "").replace(TARGETS, "]"));
  if (!wanted) return null;
  const places = [];
  let said = "";
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    let offset = 0;
    for (const sign of node.data) {
      const letters = lettersOf(sign);
      for (let index = 0; index < letters.length; index += 1) places.push([node, offset, offset + sign.length]);
      said += letters;
      offset += sign.length;
    }
  }
  const start = said.indexOf(wanted);
  if (start < 0) return null;
  const parts = new Map();
  for (const [node, from, to] of places.slice(start, start + wanted.length)) {
    const part = parts.get(node);
    parts.set(node, [part ? part[0] : from, to]);
  }
  const [last, [from, to]] = [...parts].at(-1);
  const behind = /[^\p{L}\p{N}\s]*$/u.exec(quote.trimEnd())[0]; // the full stop
  if (last.data.startsWith(behind, to)) parts.set(last, [from, to + behind.length]);
  return [...parts].map(([node, [from, to]]) => wrap(node, from, to))[0];
}

function wrap(node, from, to) {
  const part = node.splitText(from);
  part.splitText(to - from);
  const mark = el("mark");
  part.replaceWith(mark);
  mark.append(part);
  return mark;
}
