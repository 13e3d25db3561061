"""Chunks by the document's own structure: sections, and in them tables and code blocks that are kept whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from ..settings import ChunkSettings
from ..text.sentences import sentence_spans
from ..types import Document, Span
from .budget import ChunkLimit, join_blank, pack
from .parts import MarkupPart, parts_of, sections_of
from .recursive import cut_down

_LIST_ITEM = re.compile(r"^[ \t]*(?:[-*+•]|\d{1,3}[.)])[ \t]", re.MULTILINE)
_SMALL = 0.25
"""A chunk below this share of the limit goes on into the next section."""


class StructureChunker:
    """A section begins a chunk if there is enough text before it. Parts are kept whole if they fit.

    A table that does not fit is cut between its rows, code between its lines, a paragraph between its sentences.
    """

    def __init__(self, settings: ChunkSettings, embedder: object = None) -> None:
        self._tokens = settings.tokens
        self._language = settings.language
        self.fingerprint = f"structure/{settings.tokens}/{settings.language}/1"

    def chunk(self, document: Document) -> list[Span]:
        text = document.text
        sections = sections_of(document)
        filling = _Filling(ChunkLimit(text, self._tokens), {section.start for section in sections}, self._language)
        for part in parts_of(text, sections):
            filling.take(part)
        return join_blank(text, filling.chunks)


class _Filling:
    """The chunks so far; the last one is being filled."""

    def __init__(self, budget: ChunkLimit, starts: set[int], language: str) -> None:
        self.chunks: list[Span] = []
        self._budget = budget
        self._starts = starts
        self._language = language
        self._bare = False
        """True while the last chunk holds nothing but headings."""

    def take(self, part: MarkupPart) -> None:
        """Add a part to the last chunk, or begin one with it."""
        span = part.span
        bare = part.kind == "heading"
        if self._goes_on(span):
            self._add(span, bare)
        elif self._budget.fits(span) and not (self._bare and part.kind == "text"):
            self._begin(span, bare)
        elif part.kind == "text" or self._bare:  # a heading is not separated from the text under it
            for piece in pieces_of(part, self._budget, self._language):
                for small in self._budget.cut(piece):
                    if self._goes_on(small):
                        self._add(small, bare=False)
                    else:
                        self._begin(small, bare=False)
        else:
            self.chunks.extend(pack(pieces_of(part, self._budget, self._language), self._budget))
            self._bare = False

    def _goes_on(self, span: Span) -> bool:
        """True if the last chunk has room for the span and, if this begins a section, is too short to stand alone."""
        if not self.chunks:
            return False
        last = self.chunks[-1]
        is_due = span.start in self._starts and not self._bare
        if is_due and self._budget.about(last) >= _SMALL * self._budget.tokens:
            return False
        return self._budget.fits(Span(last.start, span.end))

    def _add(self, span: Span, bare: bool) -> None:
        self.chunks[-1] = Span(self.chunks[-1].start, span.end)
        self._bare = self._bare and bare

    def _begin(self, span: Span, bare: bool) -> None:
        self.chunks.append(span)
        self._bare = bare


def pieces_of(part: MarkupPart, budget: ChunkLimit, language: str) -> Iterator[Span]:
    """Yield the pieces of a part that does not fit: rows, lines, list items or sentences. They are contiguous;
    a piece may still be too long."""
    span, text = part.span, budget.text
    if part.kind == "code":
        yield from cut_down(span, budget, language)
    elif part.kind == "table":
        ends = [at for at in range(span.start + 1, span.end) if text[at - 1] == "\n"]
        yield from (Span(start, end) for start, end in pairwise([span.start, *ends, span.end]))
    else:
        items = [match.start() for match in _LIST_ITEM.finditer(text, span.start + 1, span.end)]
        for item in (Span(start, end) for start, end in pairwise([span.start, *items, span.end])):
            if items and budget.fits(item):
                yield item
                continue
            inside = sentence_spans(item.of(text), language)
            yield from (Span(item.start + piece.start, item.start + piece.end) for piece in inside)
