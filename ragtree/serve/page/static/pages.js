// The pages of a PDF, loaded as they come into view, with the boxes of a quote over them.

import { el } from "./dom.js";
import { address } from "./server.js";
import { text } from "./texts.js";

const STEP = 200;
const MOST = 2000;

export function pagesOf(name, id, found, scroll) {
  const boxes = new Map(found.boxes.map((one) => [one.page, one.boxes]));
  const width = Math.min(MOST, Math.ceil((scroll.clientWidth * devicePixelRatio) / STEP) * STEP || 1200);
  const root = el("div", { class: "pages" });
  const watch = new IntersectionObserver((entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => load(entry.target)), { root: scroll, rootMargin: "600px" });

  function load(page) {
    watch.unobserve(page);
    const number = Number(page.dataset.page);
    const image = el("img", { alt: text("page", { number }), src: address(name, "page", { document: id, page: number, width }) });
    image.addEventListener("load", () => page.classList.add("loaded"));
    image.addEventListener("error", () => image.replaceWith(el("p", { class: "note" }, text("page_failed"))));
    page.prepend(image);
  }

  found.shapes.forEach((shape, index) => {
    const number = index + 1;
    const page = el("div", { class: "page", "data-page": number, role: "group", "aria-label": text("page", { number }) });
    page.style.aspectRatio = String(shape);
    for (const [left, top, right, bottom] of boxes.get(number) ?? []) {
      const box = el("div", { class: "box" });
      Object.assign(box.style, { left: share(left), top: share(top), width: share(right - left), height: share(bottom - top) });
      page.append(box);
    }
    root.append(page, el("p", { class: "page-number" }, text("page", { number })));
    watch.observe(page);
  });
  return root;
}

const share = (value) => `${(value * 100).toFixed(3)}%`;
