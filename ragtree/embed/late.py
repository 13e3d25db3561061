"""Late chunking: the model reads whole windows of a document, and every span is the mean of its tokens' vectors.

Late Chunking (arXiv 2409.04701), section 3; documents longer than the window as in its "long late chunking".
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..settings import EmbedSettings
from ..types import OnProgress, Progress, Span, Vectors, no_progress
from .base import Passages, TokenEmbedder, Tokens, unit_rows

MARGIN = 32
"""Tokens of context that a chunk keeps at both sides."""

TOKENS_OF_A_TEXT = 128
"""What a text of `embed.batch` counts for in a batch of windows: about a chunk. As many whole windows at once would
leave the processor's caches, and take a third longer."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Tokens [start, end) of a window, which belong to the span `row`."""

    row: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens [start, end) of a document, read in one pass, and the pieces that are pooled from it."""

    start: int
    end: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class _Reading:
    """A window on its way through the model."""

    first_row: int
    """Row of the document's first span."""
    tokens: Tokens
    window: Window


class LateEmbedder:
    """Vectors of spans in the light of their document.

    `margin` tokens of context at least stand on both sides of a span, where the document has them.
    """

    def __init__(self, model: TokenEmbedder, settings: EmbedSettings, margin: int = MARGIN) -> None:
        self._model = model
        self._margin = margin
        self._batch = settings.batch
        self.fingerprint = f"{model.name}/late/{settings.window}/{margin}/2"

    def embed_spans(self, documents: Sequence[Passages], progress: OnProgress = no_progress) -> Vectors:
        """Unit rows, shape (number of spans of all documents, dim), in the order of documents and spans."""
        total = sum(len(document.spans) for document in documents)
        sums = np.zeros((total, self._model.dimension), dtype=np.float32)
        counts = np.zeros(total, dtype=np.float32)
        readings = sorted(self._readings(documents), key=lambda one: one.window.start - one.window.end)
        done = 0
        for batch in _batches(readings, self._batch * TOKENS_OF_A_TEXT):
            vectors = self._model.embed_windows([one.tokens.ids[one.window.start : one.window.end] for one in batch])
            for one, rows in zip(batch, vectors, strict=True):
                _pool(one, rows, self._model.marks_before, sums, counts)
            done += len({one.first_row + piece.row for one in batch for piece in one.window.pieces})
            progress(Progress("embed", min(done, total), total))
        return unit_rows(sums / np.maximum(counts, 1)[:, None]) if total else sums

    def _readings(self, documents: Sequence[Passages]) -> Iterator[_Reading]:
        first = 0
        for document in documents:
            tokens = self._model.tokenize(document.text)
            ranges = token_ranges(tokens.spans, document.spans)
            for window in plan_windows(len(tokens.ids), ranges, self._model.window, self._margin):
                yield _Reading(first, tokens, window)
            first += len(document.spans)


def token_ranges(tokens: Sequence[Span], spans: Sequence[Span]) -> list[tuple[int, int]]:
    """For every span the range of tokens that begin in it; one without any gets the token nearest before it.

    `tokens` are in reading order.
    """
    starts = [token.start for token in tokens]
    ranges = []
    for span in spans:
        first, last = bisect_left(starts, span.start), bisect_left(starts, span.end)
        if first == last and tokens:
            first = max(0, min(first, len(tokens)) - 1)
            last = first + 1
        ranges.append((first, last))
    return ranges


def plan_windows(count: int, ranges: Sequence[tuple[int, int]], size: int, margin: int) -> list[Window]:
    """Windows of at most `size` tokens over a document of `count`, each span in the one where it has most context.

    A span keeps `margin` tokens on both sides where the document has them and the window's size allows; one longer
    than a window is read in parts, which are pooled together. A window ends a margin after its last span: of spans
    that are long beside it, it would read half of the next one for nothing.
    """
    if count <= size:
        return [Window(0, count, tuple(Piece(row, *tokens) for row, tokens in enumerate(ranges)))] if count else []
    parts = [
        (row, start, min(start + size, last))
        for row, (first, last) in enumerate(ranges)
        for start in range(first, last, size)
    ]
    starts = _window_starts(count, [(first, last) for _, first, last in parts], size, margin)
    pieces: dict[int, list[Piece]] = {start: [] for start in starts}
    for row, first, last in parts:
        home = max(
            (start for start in starts if start <= first and last <= start + size),
            key=lambda start: _context(start, min(start + size, count), first, last, count),
        )
        pieces[home].append(Piece(row, first - home, last - home))
    return [
        _trimmed(Window(start, min(start + size, count), tuple(own)), margin) for start, own in pieces.items() if own
    ]


def _trimmed(window: Window, margin: int) -> Window:
    """The window without what is further than `margin` from its pieces."""
    cut = max(0, min(piece.start for piece in window.pieces) - margin)
    end = min(window.end, window.start + max(piece.end for piece in window.pieces) + margin)
    pieces = tuple(Piece(piece.row, piece.start - cut, piece.end - cut) for piece in window.pieces)
    return Window(window.start + cut, end, pieces)


def _window_starts(count: int, parts: Sequence[tuple[int, int]], size: int, margin: int) -> list[int]:
    """The next window begins `margin` before the first part that lacks context at its right."""
    starts: list[int] = []
    for first, last in sorted(parts):
        needed = min(count, last + margin)
        if starts and (needed <= starts[-1] + size):
            continue
        start = max(0, first - margin)
        if last > start + size:  # the part itself comes before its context
            start = last - size
        if starts and start <= starts[-1]:
            continue
        starts.append(start)
    return starts


def _context(start: int, end: int, first: int, last: int, count: int) -> int:
    """Tokens of context at the poorer side; the document's own ends lack nothing."""
    left = first - start if start else count
    right = end - last if end < count else count
    return min(left, right)


def _batches(readings: Sequence[_Reading], budget: int) -> Iterator[list[_Reading]]:
    """Windows of similar length, of at most `budget` tokens together, as they are padded to the longest."""
    batch: list[_Reading] = []
    longest = 0
    for one in readings:
        length = one.window.end - one.window.start
        longest = max(longest, length)
        if batch and longest * (len(batch) + 1) > budget:
            yield batch
            batch, longest = [], length
        batch.append(one)
    if batch:
        yield batch


def _pool(one: _Reading, rows: Vectors, before: int, sums: Vectors, counts: Vectors) -> None:
    """Add the tokens of every piece; the model's marks before and after count with the document's two ends.

    `rows`: shape (marks and tokens of the window, dim), of which the first `before` are marks. So a document of one
    span has the vector that its text has alone.
    """
    for piece in one.window.pieces:
        first, last = piece.start + before, piece.end + before
        if one.window.start + piece.start == 0:
            first = 0
        if one.window.start + piece.end == len(one.tokens.ids):
            last = len(rows)
        sums[one.first_row + piece.row] += rows[first:last].sum(axis=0)
        counts[one.first_row + piece.row] += last - first
