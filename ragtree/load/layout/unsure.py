"""Finds the words that text recognition is not sure of in a document's text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ...types import Block, Box, Span
from .base import Page, UnsureWord

_AROUND = 3
"""Points by which a word may lie outside its block, whose sides are whole points."""


def with_unsure(blocks: Sequence[Block], text: str, pages: Sequence[Page]) -> tuple[Block, ...]:
    """The blocks with the spans of such words. A word that is not found as it was recognized (broken at the end of a
    line) is left out."""
    unsure = {page.number: page.unsure for page in pages if page.unsure}
    if not unsure:
        return tuple(blocks)
    return tuple(replace(block, unsure=_spans(block, text, unsure.get(block.page, ()))) for block in blocks)


def _spans(block: Block, text: str, words: Sequence[UnsureWord]) -> tuple[Span, ...]:
    said = block.span.of(text)
    found: set[Span] = set()
    for word in words:
        if not _is_in(word, block.box):
            continue
        starts = [block.span.start + at for at in _places(said, word.text)]
        free = {Span(start, start + len(word.text)) for start in starts} - found
        if free:
            expected = block.span.start + _share(word, block.box) * len(said)
            found.add(min(free, key=lambda place: (abs(place.start - expected), place)))
    return tuple(sorted(found))


def _is_in(word: UnsureWord, box: Box) -> bool:
    across = box.left - _AROUND <= word.x <= box.right + _AROUND
    return across and box.top - _AROUND <= word.y <= box.bottom + _AROUND


def _share(word: UnsureWord, box: Box) -> float:
    """About how much of a block's text comes before a word, 0 to 1, because the word may occur in it several times."""
    return min(1.0, max(0.0, (word.y - box.top) / max(1, box.bottom - box.top)))


def _places(said: str, word: str) -> list[int]:
    found, at = [], said.find(word)
    while at >= 0:
        before, after = said[at - 1 : at], said[at + len(word) : at + len(word) + 1]
        if not (before.isalnum() and word[0].isalnum()) and not (after.isalnum() and word[-1].isalnum()):
            found.append(at)
        at = said.find(word, at + 1)
    return found
