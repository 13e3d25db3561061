"""HTML: the words of the page without its scripts and menus."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ..errors import LoadError
from ..settings import LoadSettings
from ..types import Location, Mark
from .base import Loaded
from .text import decode

_LEFT_OUT = frozenset(
    "script style noscript template nav footer svg math iframe object button select input textarea head".split()
)
_BLOCKS = frozenset(
    "address article aside blockquote body caption dd details div dl dt fieldset figcaption figure form h1 h2 "
    "h3 h4 h5 h6 header hr html li main ol p pre section summary table tbody tfoot thead tr ul".split()
)
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)


@dataclass(slots=True)
class _Page:
    """The text so far, its blocks, and the headings above."""

    blocks: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    path: list[tuple[int, str]] = field(default_factory=list)
    length: int = 0
    words: list[str] = field(default_factory=list)
    line: int | None = None

    def begin_block(self, tag: str, line: int | None) -> None:
        """Close the block that is open; the sign of a list item waits for the paragraph that it holds."""
        if tag not in ("p", "div") or "".join(self.words).strip() != "-":
            self.end_block()
        self.line = line

    def end_block(self) -> str:
        """Close the block that is open, and return its text."""
        text = "".join(self.words)
        lines = [re.sub(r"\s+", " ", line).strip() for line in text.split("\v")]
        text = "\n".join(line for line in lines if line)
        self.words.clear()
        if not text.strip("| ") or text == "-":  # the sign of a cell or list item that has no words of its own
            return ""
        if text:
            self.blocks.append(text)
            self.marks.append(Mark(self.length, self.location()))
            self.length += len(text) + 2
        return text

    def location(self) -> Location:
        return Location(line=self.line, heading=tuple(title for _, title in self.path))


class HtmlLoader:
    """`.html`; the line of a passage is the line of its element in the source."""

    suffixes = frozenset({".html", ".htm", ".xhtml"})

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        from lxml import html

        if not data.strip():
            return Loaded("")
        parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True)
        root = html.document_fromstring(_decode(data, source).encode("utf-8", "replace"), parser=parser)
        page = _Page()
        body = root.find("body")
        _walk(root if body is None else body, page)
        page.end_block()
        title = (root.findtext(".//title") or "").strip()
        return Loaded("\n\n".join(page.blocks), title=re.sub(r"\s+", " ", title), marks=tuple(page.marks))


def _decode(data: bytes, source: str) -> str:
    """By the page's own word where it names an encoding that works, else by its bytes."""
    declared = _CHARSET.search(data[:2048])
    name = declared.group(1).decode("ascii").lower() if declared else ""
    if name and not name.startswith("utf"):  # who can read a declaration of UTF-16 is not reading UTF-16
        try:
            return data.decode(name)
        except (LookupError, ValueError):
            pass
    try:
        return decode(data, source)
    except LoadError:
        return data.decode("utf-8", "replace")


def _walk(root: Any, page: _Page) -> None:
    """Depth first, without recursion: pages are found that nest ten thousand elements."""
    stack: list[tuple[Any, bool]] = [(root, False)]
    while stack:
        element, leaving = stack.pop()
        tag = element.tag if isinstance(element.tag, str) else ""
        if leaving:
            _leave(element, tag, page)
            if element is not root:
                page.words.append(element.tail or "")
            continue
        if tag in _LEFT_OUT or not tag:
            page.words.append(" " + (element.tail or ""))
            continue
        _enter(element, tag, page)
        stack.append((element, True))
        stack.extend((child, False) for child in reversed(element))


def _enter(element: Any, tag: str, page: _Page) -> None:
    if tag in _BLOCKS:
        page.begin_block(tag, element.sourceline)
    if tag == "br":
        page.words.append("\v")
    elif tag == "li":
        page.words.append("- ")
    elif tag in ("td", "th") and page.words:
        page.words.append(" | ")
    text = element.text or ""
    page.words.append(text.replace("\n", "\v") if tag == "pre" else text)


def _leave(element: Any, tag: str, page: _Page) -> None:
    if tag not in _BLOCKS:
        return
    if re.fullmatch("h[1-6]", tag):
        level = int(tag[1])
        title = re.sub(r"\s+", " ", "".join(page.words)).strip()
        if title:
            page.path = [(other, name) for other, name in page.path if other < level]
            page.path.append((level, title))
    page.end_block()
    page.line = None  # where text after a block begins is not known, and a wrong line is worse than none
