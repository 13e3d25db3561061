"""By the document's own structure: sections, and in them tables and code blocks that are kept whole."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ..sentences import sentence_spans
from ..settings import ChunkSettings
from ..types import Document, Span
from .budget import Budget, join_blank, pack
from .parts import Part, parts_of, sections_of
from .recursive import cut_down

_SMALL = 0.25
"""Share of the limit below which a chunk goes on into the next section."""


class StructureChunker:
    """A chunk begins with a section where there is enough before it, and holds whole parts where they fit.

    A table that does not fit is cut between its rows, code between its lines, a paragraph between its sentences.
    """

    def __init__(self, settings: ChunkSettings) -> None:
        self._tokens = settings.tokens
        self._language = settings.language
        self.fingerprint = f"structure/{settings.tokens}/{settings.language}/1"

    def chunk(self, document: Document) -> list[Span]:
        text = document.text
        sections = sections_of(document)
        filling = _Filling(Budget(text, self._tokens), {section.start for section in sections}, self._language)
        for part in parts_of(text, sections):
            filling.take(part)
        return join_blank(text, filling.chunks)


class _Filling:
    """The chunks so far; the last one is being filled."""

    def __init__(self, budget: Budget, starts: set[int], language: str) -> None:
        self.chunks: list[Span] = []
        self._budget = budget
        self._starts = starts
        self._language = language
        self._bare = False
        """True while the last chunk holds nothing but headings."""

    def take(self, part: Part) -> None:
        """Add a part to the last chunk, or begin one with it."""
        whole = Span(self.chunks[-1].start if self.chunks else part.span.start, part.span.end)
        if not self._is_due(part) and self._budget.fits(whole):
            self._add(part.span, part.kind == "heading")
        elif self._budget.fits(part.span) and not (self._bare and part.kind == "text"):
            self.chunks.append(part.span)
            self._bare = part.kind == "heading"
        else:
            self._take_pieces(part)

    def _take_pieces(self, part: Part) -> None:
        """A part that is too long by itself, or behind the heading that it should not be parted from."""
        if not self._bare and part.kind != "text":
            self.chunks.extend(pack(pieces_of(part, self._budget, self._language), self._budget))
            return
        for piece in (
            small for one in pieces_of(part, self._budget, self._language) for small in self._budget.cut(one)
        ):
            if self.chunks and not self._is_due(part, piece) and self._fits_behind(piece):
                self._add(piece, bare=False)
            else:
                self.chunks.append(piece)
                self._bare = False

    def _fits_behind(self, piece: Span) -> bool:
        return self._budget.fits(Span(self.chunks[-1].start, piece.end))

    def _add(self, span: Span, bare: bool) -> None:
        if not self.chunks:
            self.chunks.append(span)
            self._bare = bare
            return
        self.chunks[-1] = Span(self.chunks[-1].start, span.end)
        self._bare = self._bare and bare

    def _is_due(self, part: Part, piece: Span | None = None) -> bool:
        """True where a section begins here and the chunk before it is long enough to stand alone."""
        at = (piece or part.span).start
        if not self.chunks or self._bare or at not in self._starts:
            return False
        return self._budget.about(self.chunks[-1]) >= _SMALL * self._budget.tokens


def pieces_of(part: Part, budget: Budget, language: str) -> Iterator[Span]:
    """What a part that does not fit is made of: rows, lines or sentences. Contiguous; a piece may still be too long."""
    span, text = part.span, budget.text
    if part.kind == "code":
        yield from cut_down(span, budget, language)
    elif part.kind == "table":
        ends = [at for at in range(span.start + 1, span.end) if text[at - 1] == "\n"]
        yield from (Span(start, end) for start, end in pairwise([span.start, *ends, span.end]))
    else:
        inside = sentence_spans(span.of(text), language)
        yield from (Span(span.start + piece.start, span.start + piece.end) for piece in inside)
