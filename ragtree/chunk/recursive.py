"""From coarse to fine: paragraphs, then lines, then sentences, then words, each only if the unit before does not
fit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from ..settings import ChunkSettings
from ..text.sentences import sentence_spans
from ..types import Document, Span
from .budget import ChunkLimit, join_blank, pack

_ENDS = (re.compile(r"\n[ \t\r\f\v]*\n\s*"), re.compile(r"\n"))
"""What ends a paragraph, and what ends a line."""


class RecursiveChunker:
    """Paragraphs that fit together share a chunk; one that does not fit is cut by lines, and so on."""

    def __init__(self, settings: ChunkSettings, embedder: object = None) -> None:
        self._tokens = settings.tokens
        self._language = settings.language
        self.fingerprint = f"recursive/{settings.tokens}/{settings.language}/1"

    def chunk(self, document: Document) -> list[Span]:
        text = document.text
        if not text:
            return []
        budget = ChunkLimit(text, self._tokens)
        return join_blank(text, list(cut_down(Span(0, len(text)), budget, self._language)))


def cut_down(span: Span, budget: ChunkLimit, language: str, depth: int = 0) -> Iterator[Span]:
    """Yield chunks that cover the span, cut by paragraphs (depth 0), lines (1), or sentences and words (2)."""
    together: list[Span] = []
    for part in _parts(span, budget.text, language, depth):
        if depth < len(_ENDS) and not budget.fits(part):
            yield from pack(together, budget)
            together = []
            yield from cut_down(part, budget, language, depth + 1)
        else:
            together.append(part)
    yield from pack(together, budget)


def _parts(span: Span, text: str, language: str, depth: int) -> list[Span]:
    if depth == len(_ENDS):
        inside = sentence_spans(span.of(text), language)
        return [Span(span.start + part.start, span.start + part.end) for part in inside]
    cuts = [match.end() for match in _ENDS[depth].finditer(text, span.start, span.end) if match.end() < span.end]
    return [Span(start, end) for start, end in pairwise([span.start, *cuts, span.end])]
