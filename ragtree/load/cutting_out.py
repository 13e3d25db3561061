"""Replaces spans of a loaded text with marks, and keeps the locations of the rest correct."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from ..types import Location, Mark, Span
from .base import Loaded


class Cut(NamedTuple):
    """A span to remove, and the mark that replaces it."""

    span: Span
    mark: str = ""


def cut_out(loaded: Loaded, cuts: Sequence[Cut], notices: tuple[str, ...] = ()) -> Loaded:
    """The text with the cuts applied. They are sorted and do not overlap; `notices` report them."""
    if not cuts:
        return loaded
    pieces: list[str] = []
    ends: list[int] = []
    at = length = 0
    for span, mark in cuts:
        pieces += (loaded.text[at : span.start], mark)
        length += span.start - at + len(mark)
        ends.append(length)
        at = span.end
    pieces.append(loaded.text[at:])
    starts = [cut.span.start for cut in cuts]

    def moved(offset: int) -> int:
        """The new offset of a character; for one that was cut out, the end of its mark."""
        last = bisect_left(starts, offset) - 1
        return offset if last < 0 else max(offset - cuts[last].span.end, 0) + ends[last]

    marks = _with_lines(loaded, cuts) if loaded.lines else loaded.marks

    def moved_span(span: Span) -> Span:
        return Span(moved(span.start), moved(span.end))

    blocks = (
        replace(block, span=moved_span(block.span), unsure=tuple(map(moved_span, block.unsure)))
        for block in loaded.blocks
    )
    return replace(
        loaded,
        text="".join(pieces),
        marks=tuple(Mark(moved(mark.start), mark.location) for mark in marks),
        blocks=tuple(block for block in blocks if block.span.start < block.span.end),
        notices=(*loaded.notices, *notices),
    )


def _with_lines(loaded: Loaded, cuts: Sequence[Cut]) -> tuple[Mark, ...]:
    """Marks with explicit lines after the first cut that removes line ends, where counting lines would be wrong."""
    text, marks = loaded.text, loaded.marks
    ends = [cut.span.end for cut in cuts if "\n" in cut.span.of(text)]
    if not ends:
        return marks
    starts = [mark.start for mark in marks]
    kept = [mark for mark in marks if mark.start < ends[0]]
    line, at = 1, 0
    for start in sorted({*ends, *(start for start in starts if start > ends[0])}):
        line, at = line + text.count("\n", at, start), start
        last = bisect_right(starts, start) - 1
        where = marks[last].location if last >= 0 else Location()
        kept.append(Mark(start, replace(where, line=line)))
    return tuple(kept)
