"""HTML: the words of the page without its scripts and menus."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from ...settings import LoadSettings
from ...types import Scalar
from ..base import Loaded
from ..format_contents import NoticeCollector
from .html_menus import holds_notes, is_menu
from .html_shown import ALONE, See, addresses, encoded_picture, label_targets, shown
from .markup_encoding import decode_markup
from .outline import Outline, facts, markdown_table, one_line
from .pictures import Pictures, Read, Seen
from .spanned_cells import SpannedCells

_LEFT_OUT = frozenset("script style button head rt rp".split())
_BLOCKS = frozenset(
    "address article aside blockquote body caption dd details div dl dt fieldset figcaption figure form h1 h2 "
    "h3 h4 h5 h6 header hr html li main ol p pre section summary table tbody tfoot thead tr ul".split()
)
_STRUCTURE = frozenset("table h1 h2 h3 h4 h5 h6 pre ul ol dl form section article".split())
"""Elements that the cells of a table hold if it only lays out a page."""

_MOST_CELL = 1000
"""Characters; a longer cell is a column of a page, not a cell of a table."""

_LEAST_KEPT = 0.25
"""Share of a page's text that has to remain without menus. If less does, the supposed menus are the page."""

_MOST_FRAMES = 5
"""Most levels of pages within pages."""

_SIGN = re.compile(r"-|\d+\.")
"""What comes before the words of a list item."""

_KEPT = "\ue000"
"""Stands for a space of preformatted text until its block is closed."""


@dataclass(slots=True)
class _Page:
    """The blocks so far, and the words of the open one."""

    outline: Outline
    page: int | None = None
    lines: bool = True
    collector: NoticeCollector | None = None
    menus: bool = False
    """True to read menus too, for pages with hardly any other words."""
    left_out: int = 0
    """Characters of supposed menus, which were left out."""
    see: See = lambda address: []
    seen: list[Seen] = field(default_factory=list)
    """What is in the pictures of the open block: it comes after the block."""
    words: list[str] = field(default_factory=list)
    line: int | None = None
    items: list[int] = field(default_factory=list)
    """For each open list, the number of the last item; -1 for lists with bullets."""
    labelled: frozenset[str] = frozenset()
    """Ids of the fields that have a label."""
    explained: set[str] = field(default_factory=set)
    """Abbreviations whose full form has been given."""

    def begin_block(self, tag: str, line: int | None) -> None:
        """Close the open block. If it is only the sign of a list item, it waits for the paragraph in the item."""
        if tag not in ("p", "div") or not _SIGN.fullmatch("".join(self.words).strip()):
            self.end_block()
        self.line = line if self.lines else None

    def end_block(self, level: int = 0, code: bool = False) -> None:
        """Close the open block; it is a heading if `level` is not 0."""
        self._end_words(level, code)
        for seen in self.seen:
            self.outline.add(seen.text, page=self.page, line=self.line, described=seen.described)
        self.seen.clear()

    def _end_words(self, level: int, code: bool) -> None:
        lines = [" ".join(line.split()) for line in "".join(self.words).split("\v")]
        text = "\n".join(line for line in lines if line).replace(_KEPT, " ")
        self.words.clear()
        if not text.strip("| ") or _SIGN.fullmatch(text):  # a sign without words
            return
        alone = ALONE.fullmatch(text)
        text = alone[1] if alone and text.count("(Picture: ") == 1 else text
        if code and "\n" in text:
            text = f"```\n{text}\n```"
        if level:
            self.outline.heading(level, text, page=self.page, line=self.line)
        else:
            self.outline.add(text, page=self.page, line=self.line)


class HtmlLoader:
    """`.html`; the line of a passage is the line of its element in the source."""

    def __init__(self, read: Read | None = None) -> None:
        """`read` reads pictures; without it, they are not read."""
        self._read = read

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        if not data.strip():
            return Loaded("")
        root = html_root(decode_markup(data, source))
        outline, collector = Outline(), NoticeCollector("HTML")
        pictures = Pictures(limits, collector, self._read)
        read_page(root, outline, collector=collector, see=lambda address: encoded_picture(address, pictures))
        return outline.loaded(root.findtext(".//head/title") or "", _metadata(root), collector.notices())


def html_root(text: str, depth: int = 0) -> Any:
    """The root element of a page, however broken. Nothing that it refers to is fetched.

    A page inside the page (`srcdoc`) replaces its frame.
    """
    from lxml import etree, html

    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # nothing in it that could be an element
        return html.document_fromstring(b"<p></p>", parser=parser)
    for frame in list(root.iter("iframe")):
        inner = frame.get("srcdoc") if depth < _MOST_FRAMES else None
        if inner and inner.strip():
            body = html_root(inner, depth + 1).find("body")
            frame[:] = [] if body is None else list(body)
            frame.text = None if body is None else body.text
            frame.tag = "div"
            for below in frame.iterdescendants():
                below.sourceline = frame.sourceline
    return root


def read_page(
    root: Any,
    outline: Outline,
    page: int | None = None,
    lines: bool = True,
    collector: NoticeCollector | None = None,
    see: See = lambda address: [],
) -> None:
    """Add the words of a page to `outline`, block by block; its menus only if there is little else.

    `see` reads the picture at an address.
    """
    body = root.find("body")
    root = root if body is None else body
    see = cache(see)
    kept = _read(root, page, lines, menus=False, collector=collector, see=see)
    if kept.outline.length < _LEAST_KEPT * (kept.outline.length + kept.left_out):
        whole = _read(root, page, lines, menus=True, see=see)
        if kept.outline.length < _LEAST_KEPT * whole.outline.length:
            kept = whole
    outline.extend(kept.outline)


def _read(
    root: Any,
    page: int | None,
    lines: bool,
    menus: bool,
    collector: NoticeCollector | None = None,
    see: See = lambda address: [],
) -> _Page:
    read = _Page(Outline(), page, lines, collector, menus, see=see, labelled=label_targets(root))
    _walk(root, read)
    read.end_block()
    return read


def html_text(markup: str) -> str:
    """The words of a piece of HTML, such as the body of a mail or of an entry in a feed."""
    if not markup.strip():
        return ""
    outline = Outline()
    read_page(html_root(markup), outline, lines=False)
    return outline.loaded().text


def _metadata(root: Any) -> dict[str, Scalar]:
    said: dict[str, str] = {}
    for meta in root.iter("meta"):
        key = (meta.get("name") or meta.get("property") or "").lower().rpartition(":")[2]
        said.setdefault(key, meta.get("content") or "")
    return facts(
        author=said.get("author"),
        date=(said.get("date") or said.get("published_time") or said.get("created") or "")[:10],
        keywords=said.get("keywords"),
        language=root.get("lang"),
    )


def _walk(root: Any, page: _Page) -> None:
    """Walk depth first, without recursion: some pages nest ten thousand elements."""
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        element, leaving = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        if leaving:
            _leave(element, tag, page)
            if element is not root:
                page.words.append(_kept(element, element.tail))
            continue
        if not tag or (element is not root and _is_left_out(element, tag, page)):
            page.words.append(" " + _kept(element, element.tail))
            continue
        page.seen += (seen for address in addresses(element, tag) for seen in page.see(address))
        instead = shown(element, tag, page.collector, page.labelled)
        if instead is not None:
            page.words.append(f" {instead} {_kept(element, element.tail)}" if instead else _kept(element, element.tail))
            continue
        if tag == "math":
            page.words.append(f" {_formula(element)} {element.tail or ''}")
            continue
        if tag == "table" and _is_data(element):
            _table(element, page)
            page.end_block()
            page.words.append(element.tail or "")
            continue
        _enter(element, tag, page)
        stack.append((element, True))
        stack.extend((child, False) for child in reversed(element))


def _is_left_out(element: Any, tag: str, page: _Page) -> bool:
    menu = (tag in ("nav", "footer") or is_menu(element)) and not holds_notes(element)
    if menu and not page.menus:
        page.left_out += sum(map(len, element.itertext()))
        return True
    if tag == "template":  # a browser shows one only as a shadow root
        return element.get("shadowrootmode") is None
    return tag in _LEFT_OUT


def _kept(element: Any, text: str | None) -> str:
    """The text, with its white space kept if it is preformatted."""
    if not text or not text.strip(" "):
        return text or ""
    if any(above.tag == "pre" for above in element.iterancestors("pre")):
        return _preformatted(text)
    return text


def _preformatted(text: str) -> str:
    return text.expandtabs(4).replace(" ", _KEPT).replace("\n", "\v")


def _enter(element: Any, tag: str, page: _Page) -> None:
    if tag in _BLOCKS:
        page.begin_block(tag, element.sourceline)
    if tag == "br":
        page.words.append("\v")
    elif tag in ("ol", "ul"):
        start = element.get("start", "1")
        page.items.append(-1 if tag == "ul" else int(start) - 1 if start.isdecimal() and len(start) < 9 else 0)
    elif tag == "li":
        page.words.append(_sign(page))
    elif tag in ("td", "th") and page.words:
        page.words.append(" | ")
    text = element.text or ""
    page.words.append(_preformatted(text) if tag == "pre" else _kept(element, text))


def _sign(page: _Page) -> str:
    if not page.items or page.items[-1] < 0:
        return "- "
    page.items[-1] += 1
    return f"{page.items[-1]}. "


def _leave(element: Any, tag: str, page: _Page) -> None:
    if tag in ("abbr", "acronym"):
        short, long = one_line("".join(element.itertext())), one_line(element.get("title") or "")
        if short and long and short not in page.explained and long.lower() not in short.lower():
            page.explained.add(short)
            page.words.append(f" ({long})")
    if tag not in _BLOCKS:
        return
    if tag in ("ol", "ul") and page.items:
        page.items.pop()
    page.end_block(int(tag[1]) if re.fullmatch("h[1-6]", tag) else 0, code=tag == "pre")
    page.line = None  # the line of text after a block is unknown, and a wrong line is worse than none


def _formula(element: Any) -> str:
    """A formula, as TeX if the page has it beside MathML."""
    notes = (note.text for note in element.iter("annotation") if "tex" in note.get("encoding", "").lower())
    text = element.get("alttext") or next(notes, None) or " ".join(element.itertext())
    return f"${one_line(text)}$" if text and text.strip() else ""


def _is_data(table: Any) -> bool:
    """Whether a table holds data, and does not only lay out a page."""
    if table.get("role") == "presentation":
        return False
    rows = list(table.iter("tr"))
    if max((len(row) for row in rows), default=0) < 2:
        return False
    if any(below.tag in _STRUCTURE for below in table.iterdescendants() if isinstance(below.tag, str)):
        return any(row.find("th") is not None for row in rows) and table.find(".//table") is None
    return all(len("".join(cell.itertext())) <= _MOST_CELL for row in rows for cell in row)


def _table(table: Any, page: _Page) -> None:
    page.begin_block("table", table.sourceline)
    for caption in table.iter("caption"):
        page.outline.add(_cell(caption, page), page=page.page, line=page.line)
    rows = SpannedCells()
    for row in table.iter("tr"):
        cells = (cell for cell in row if cell.tag in ("td", "th"))
        rows.add_row((_cell(cell, page), _span(cell, "colspan"), _span(cell, "rowspan")) for cell in cells)
    if page.collector is not None:
        rows.tell(page.collector)
    page.outline.add(markdown_table(rows.rows()), page=page.page, line=page.line)
    for below in table.iter("img", "svg"):
        page.seen += (seen for address in addresses(below, below.tag) for seen in page.see(address))
    page.line = None


def _span(cell: Any, wanted: str) -> int:
    value = cell.get(wanted, "1")
    return int(value) if value.isdecimal() and len(value) < 6 else 1


def _cell(element: Any, page: _Page) -> str:
    inner = _Page(Outline(), lines=False, collector=page.collector, labelled=page.labelled, explained=page.explained)
    _walk(element, inner)
    inner.end_block()
    return one_line(inner.outline.loaded().text)
