"""Which tokens of a document are read in one pass, and which of them belong to which chunk."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from ..types import Span


@dataclass(frozen=True, slots=True)
class WindowPiece:
    """Tokens [start, end) of a window, which belong to the chunk `row`."""

    row: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Window:
    """Tokens [start, end) of a document, read in one pass, and the pieces that are pooled from it."""

    start: int
    end: int
    pieces: tuple[WindowPiece, ...]


def token_ranges(tokens: Sequence[Span], spans: Sequence[Span]) -> list[tuple[int, int]]:
    """For every span the range of tokens that begin in it; one without any gets the token nearest before it.

    `tokens` are in reading order.
    """
    starts = [token.start for token in tokens]
    ranges = []
    for span in spans:
        first, last = bisect_left(starts, span.start), bisect_left(starts, span.end)
        if first >= last and tokens:
            first = max(0, min(first, len(tokens)) - 1)
            last = first + 1
        ranges.append((first, last))
    return ranges


def inner_ranges(
    tokens: Sequence[Span], inner: Sequence[Span], homes: Sequence[int], ranges: Sequence[tuple[int, int]]
) -> list[tuple[int, int]]:
    """For every sentence the range of its tokens within that of its chunk, `ranges[home]`.

    A sentence without tokens there gets those of its chunk.
    """
    starts = [token.start for token in tokens]
    found = []
    for span, home in zip(inner, homes, strict=True):
        low, high = ranges[home]
        first, last = max(low, bisect_left(starts, span.start)), min(high, bisect_left(starts, span.end))
        found.append((first, last) if first < last else (low, high))
    return found


def plan_windows(count: int, ranges: Sequence[tuple[int, int]], size: int, margin: int) -> list[Window]:
    """Windows of at most `size` tokens over a document of `count`; each span is read where it has most context.

    A span has `margin` tokens of context on both sides, if the document has them and the window's size allows. A span
    longer than a window is read in parts, which are pooled together. A window ends `margin` tokens after its last span:
    if spans are long compared with it, it would otherwise read half of the next one for nothing.
    """
    if count <= size:
        return (
            [Window(0, count, tuple(WindowPiece(row, *tokens) for row, tokens in enumerate(ranges)))] if ranges else []
        )
    parts = [
        (row, start, min(start + size, last))
        for row, (first, last) in enumerate(ranges)
        for start in range(first, last, size)
    ]
    starts = _window_starts(count, [(first, last) for _, first, last in parts], size, margin)
    pieces: dict[int, list[WindowPiece]] = {start: [] for start in starts}
    for row, first, last in parts:
        home = max(
            (start for start in starts if start <= first and last <= start + size),
            key=lambda start: _context(start, min(start + size, count), first, last, count),
        )
        pieces[home].append(WindowPiece(row, first - home, last - home))
    return [
        _trimmed(Window(start, min(start + size, count), tuple(own)), margin) for start, own in pieces.items() if own
    ]


def _trimmed(window: Window, margin: int) -> Window:
    """The window without the tokens that are further than `margin` from its pieces."""
    cut = max(0, min(piece.start for piece in window.pieces) - margin)
    end = min(window.end, window.start + max(piece.end for piece in window.pieces) + margin)
    pieces = tuple(WindowPiece(piece.row, piece.start - cut, piece.end - cut) for piece in window.pieces)
    return Window(window.start + cut, end, pieces)


def _window_starts(count: int, parts: Sequence[tuple[int, int]], size: int, margin: int) -> list[int]:
    """Where windows start: each begins `margin` before the first part that lacks context on its right so far."""
    starts: list[int] = []
    for first, last in sorted(parts):
        needed = min(count, last + margin)
        if starts and (needed <= starts[-1] + size):
            continue
        start = max(0, first - margin)
        if last > start + size:  # the part itself matters more than its context
            start = last - size
        if starts and start <= starts[-1]:
            continue
        starts.append(start)
    return starts


def _context(start: int, end: int, first: int, last: int, count: int) -> int:
    """Tokens of context on the side that has fewer; at an end of the document nothing is missing."""
    left = first - start if start else count
    right = end - last if end < count else count
    return min(left, right)
