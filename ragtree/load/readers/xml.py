"""XML of any kind: its words, with the titles of its sections as headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...settings import LoadSettings
from ..base import Loaded
from .html import html_root, html_text, read_page
from .markup import child, descendants, name, parse_xml, words
from .markup_encoding import decode_markup
from .outline import Outline, markdown_table, one_line

_TITLES = frozenset({"title", "head", "label"})
_SECTIONS = frozenset(
    "sec section chapter article part book appendix item entry sect1 sect2 sect3 sect4 div abstract ack "
    "channel feed preface glossary bibliography".split()
)
_LEFT_OUT = frozenset({"script", "style", "schemaRef", "context", "unit"})
"""Scripts, styles, and what the figures of a business report (XBRL) refer to."""

_TWICE = frozenset({"tex-math", "annotation"})
"""Formulas that repeat the one beside them in another notation."""

_FORMULAS = frozenset({"inline-formula", "disp-formula", "alternatives"})
_DOCUMENT = re.compile(r".*\\begin\{document\}|\\end\{document\}.*", re.DOTALL)
"""What JATS wraps around each formula: a LaTeX document of its own."""

_PROSE = frozenset("p para simpara li line l s seg term def td th entry cell caption quote verse speaker".split())
_LONG_FIELD = 150
_LONG_RECORD = 400
_DECLARATION = re.compile(r"\A\ufeff?\s*<\?xml[^>]{0,200}\?>")
_ELEMENT = re.compile(r"<[A-Za-z_]")
_MARKUP = re.compile(r"</?(?:p|div|br|b|i|a|span|ul|li|table|h[1-6]|img|em|strong|font)\b[^>]*>", re.IGNORECASE)


class XmlLoader:
    """`.xml` and related formats; a passage is located by the line of its element. Text without tags stays as it is."""

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        text = decode_markup(data, source)
        if not _ELEMENT.search(text):
            return Loaded(text, lines=True)
        # Decoded here: libxml2 knows fewer encodings, and silently goes on in a wrong one.
        root = parse_xml(_DECLARATION.sub("", text).encode("utf-8", "replace"), source)
        outline = Outline()
        if name(root) == "html":
            page = html_root(text)
            read_page(page, outline)
            return outline.loaded(page.findtext(".//title") or "")
        _blocks(root, outline)
        return outline.loaded(one_line(words(_title_of(root))))


def _title_of(root: Any) -> Any:
    """The first element whose name says that it is a title of the document; None if there is none."""
    wanted = ("title", "article-title", "book-title")
    return next((element for element in root.iter() if name(element) in wanted), None)


def _blocks(root: Any, outline: Outline) -> None:
    """Add all elements depth first, without recursion. An element with text of its own is a paragraph."""
    stack: list[tuple[Any, int]] = [(None, 0), (root, 0)]
    fields: list[Any] = []
    while stack:
        element, depth = stack.pop()
        kind = "" if element is None else name(element)
        if element is not None and (not kind or kind in _LEFT_OUT):
            continue
        if element is not None and _is_field(element):
            fields.append(element)
            continue
        _records(fields, outline)
        fields.clear()
        if element is None or (kind == "table" and _table(element, outline)):  # None: an element ends here
            continue
        if _is_paragraph(element):
            _paragraph(element, kind, depth, outline)
            continue
        inner = depth + 1 if kind in _SECTIONS else depth
        if inner > depth:
            outline.enter(inner, "")
        stack.append((None, 0))
        stack.extend((below, inner) for below in reversed(element))


def _is_field(element: Any) -> bool:
    """Whether an element is a short value under a name that says what it is, as in `<city>Leith</city>`."""
    if len(element) or name(element) in _TITLES | _PROSE:
        return False
    text = element.text or ""
    return len(text) <= _LONG_FIELD and not _MARKUP.search(text)


def _records(fields: list[Any], outline: Outline) -> None:
    """Add fields that follow each other, as many in a paragraph as can be read at once."""
    said: list[str] = []
    line = 0
    for element in fields:
        text = one_line(element.text or "")
        if not text:
            continue
        line = line if said else element.sourceline
        said.append(f"{name(element)}: {text}")
        if sum(len(field) for field in said) > _LONG_RECORD:
            outline.add("; ".join(said), line=line)
            said.clear()
    outline.add("; ".join(said), line=line)


def _is_paragraph(element: Any) -> bool:
    if not len(element) or _formula(element):
        return True
    return bool((element.text or "").strip()) or any((below.tail or "").strip() for below in element)


def _paragraph(element: Any, kind: str, depth: int, outline: Outline) -> None:
    text = one_line("".join(_words(element)))
    if _MARKUP.search(text):  # HTML in a field, as in feeds
        outline.add(html_text(words(element)), line=element.sourceline)
    elif kind == "label" and name(element.getnext()) == "title":
        return
    elif kind in _TITLES and depth and text and name(element.getparent()) in _SECTIONS:
        before = element.getprevious()
        label = words(before) if before is not None and name(before) == "label" else ""
        outline.heading(depth, f"{label} {text}", line=element.sourceline)
    else:
        outline.add(text, line=element.sourceline)


def _words(element: Any) -> Iterator[str]:
    stack: list[Any] = [element]
    while stack:
        below = stack.pop()
        if isinstance(below, str):
            yield below
            continue
        formula = _formula(below)
        if formula:
            yield formula
        elif name(below) not in _TWICE:
            yield below.text or ""
            for inner in reversed(below):
                stack.extend((inner.tail or "", inner))


def _formula(element: Any) -> str:
    """The TeX of a formula, if it has that beside MathML; otherwise empty."""
    if name(element) not in _FORMULAS:
        return ""
    tex = next(descendants(element, "tex-math"), None)
    text = one_line(words(tex)) if tex is not None else ""
    return f" {_DOCUMENT.sub('', text).strip()} " if text else ""


def _table(element: Any, outline: Outline) -> bool:
    """Add a table as HTML, JATS and DocBook have it; False if it is another kind of table."""
    rows = [row for row in element.iter() if name(row) in ("tr", "row")]
    cells = [[words(cell) for cell in row if name(cell) in ("td", "th", "entry")] for row in rows]
    text = markdown_table(cells)
    caption = child(element, "caption")
    if not text:
        return False
    outline.add(one_line(words(caption)) if caption is not None else "", line=element.sourceline)
    outline.add(text, line=element.sourceline)
    return True
