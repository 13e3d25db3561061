"""The text that is embedded before a chunk: the title, the headings above it, the header of its table."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from ..settings import ChunkSettings
from ..text.folding import fold
from ..text.tokens import count_tokens
from ..types import Document, Span
from .budget import ChunkLimit
from .parts import MarkupPart, parts_of, path_at, sections_of, table_header

_SHARE = 0.5
"""Most tokens of a context, as a share of a chunk's: the context must not outweigh the chunk."""
_WORDS = re.compile(r"[^\W\d_]{3,}")


class NoContext:
    """No context: a chunk is embedded as it is."""

    fingerprint = "none"

    def before(self, document: Document, spans: Sequence[Span]) -> list[str]:
        return [""] * len(spans)


class TitleContext:
    """The title of the document, or the words of its file name if it has none."""

    def __init__(self, settings: ChunkSettings) -> None:
        self._most = int(_SHARE * settings.tokens)
        self.fingerprint = f"title/{self._most}/1"

    def before(self, document: Document, spans: Sequence[Span]) -> list[str]:
        title = shortened(title_of(document), self._most)
        return ["" if _begins_with(document.text, span.start, title) else title for span in spans]


class HeadingContext:
    """The title and the headings above the chunk; for one that begins inside a table, the table's header too."""

    def __init__(self, settings: ChunkSettings) -> None:
        self._most = int(_SHARE * settings.tokens)
        self.fingerprint = f"heading/{self._most}/1"

    def before(self, document: Document, spans: Sequence[Span]) -> list[str]:
        text = document.text
        sections = sections_of(document)
        tables = [part for part in parts_of(text, sections) if part.kind == "table"]
        title = title_of(document)
        contexts = []
        for span in spans:
            at = span.end - len(span.of(text).lstrip())
            path = _without_repeats([title, *path_at(sections, at)])
            while path and _begins_with(text, at, path[-1]):
                path.pop()
            while len(path) > 1 and count_tokens(" > ".join(path)) > self._most:
                path.pop(0)  # the innermost heading says most
            line = shortened(" > ".join(path), self._most)
            header = shortened(_header(text, at, tables), self._most)
            contexts.append("\n".join(part for part in (line, header) if part))
        return contexts


def title_of(document: Document) -> str:
    """The document's own title, else the words of its file name, else nothing."""
    if document.title != document.source:
        return " ".join(document.title.split())
    name = re.sub(r"[-_]+", " ", PurePosixPath(document.source).stem)
    return name if _WORDS.search(name) else ""


def shortened(text: str, tokens: int) -> str:
    """The beginning of the text that fits into `tokens`."""
    budget = ChunkLimit(text, tokens)
    whole = Span(0, len(text))
    return text if budget.fits(whole) else next(iter(budget.cut(whole, full=True))).of(text).strip()


def _begins_with(text: str, at: int, title: str) -> bool:
    """True if the chunk that begins at `at` begins with the title."""
    return bool(title) and text[at : at + len(title) + 20].lstrip("#* \t\r\n").startswith(title)


def _without_repeats(path: Iterable[str]) -> list[str]:
    """The path without headings that say the same as the one above them, as a title often does."""
    kept: list[str] = []
    for name in path:
        if name and (not kept or fold(name, case=True) != fold(kept[-1], case=True)):
            kept.append(name)
    return kept


def _header(text: str, at: int, tables: Sequence[MarkupPart]) -> str:
    """The header row of the table that character `at` lies in, unless it lies in the header itself."""
    index = bisect_right(tables, at, key=lambda table: table.span.start) - 1
    if index < 0 or at >= tables[index].span.end:
        return ""
    header = table_header(text, tables[index].span)
    return "" if at < header.end else header.of(text).strip()
