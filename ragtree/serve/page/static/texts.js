// The page's own words, in the browser's language.

const KNOWN = ["en", "de"];
const wanted = navigator.languages.map((code) => code.slice(0, 2).toLowerCase());
export const language = wanted.find((code) => KNOWN.includes(code)) ?? "en";

const texts = await (await fetch(`/static/texts.${language}.json`)).json();
const plural = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language);

export function text(key, values = {}) {
  const said = texts[key] ?? texts[`${key}.${plural.select(values.count ?? 0)}`] ?? key;
  return said.replace(/\{(\w+)\}/g, (_, name) => (typeof values[name] === "number" ? numbers.format(values[name]) : values[name] ?? ""));
}

export const has = (key) => key in texts;

// Where a place is: its page or line, and the heading above it; and whether a model wrote it about a picture.
export function placeText(where) {
  if (!where) return "";
  const place = where.page !== null ? text("at_page", { number: where.page }) : where.line !== null ? text("at_line", { number: where.line }) : "";
  const whose = where.described ? text("described") : "";
  return [whose, place, where.heading && `§ ${where.heading}`].filter(Boolean).join(", ");
}

export function translate(root = document) {
  document.documentElement.lang = language;
  for (const one of root.querySelectorAll("[data-text]")) one.textContent = text(one.dataset.text);
  for (const one of root.querySelectorAll("[data-label]")) one.setAttribute("aria-label", text(one.dataset.label));
  for (const one of root.querySelectorAll("[data-placeholder]")) one.placeholder = text(one.dataset.placeholder);
}
