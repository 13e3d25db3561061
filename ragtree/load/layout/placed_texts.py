"""Texts that lie on a page -> words among the words of the page, so that a value is in the line of its label."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from itertools import groupby

import numpy as np

from ..readers.link_targets import address, plain_address
from .annotations import AnnotationText, Link
from .base import Frame, PageWord, TextStyle

_SIZE = 10.0
"""Font size in points, for texts on a page without text of its own."""
_WIDTH = 0.5
"""Mean width of a character, in font sizes."""
_LEADING = 1.2
_BESIDE = 0.06
"""The gap before a link's target, in font sizes: enough to be a space."""
_WORD_GAP = 0.25
"""The gap between two words, in font sizes."""
_APART = 0.6
"""A gap of this many font sizes ends a piece of a line: a tick box fits into it, and a space between words is less."""


def placed_words(placed: Iterable[AnnotationText], words: Sequence[PageWord], frame: Frame) -> list[PageWord]:
    """A word for every line of the texts, on the baseline of the page's words beside it.

    A text that lies on words is placed after them, so that it is not read as part of them.
    """
    found: list[PageWord] = []
    for one in placed:
        x0, x1, top, bottom = _in_frame(one, frame)
        beside = [word for word in words if not word.height and top < word.y <= bottom + 0.2 * word.style.size]
        first = min(beside, key=lambda word: (round(word.y), max(x0 - word.x1, word.x0 - x1)), default=None)
        style = first.style if first is not None else TextStyle(_usual_size(words))
        size = style.size
        under = _under(_pieces(beside), x0, x1)
        if under is not None:
            first, x0 = under, under.x1 + _WORD_GAP * size
        text = one.text if first is not None or not one.label else f"{one.label.replace('_', ' ')}: {one.text}"
        lines = text.split("\n")
        if bottom - top > 2 * size:  # a viewer breaks lines only where there is room for more than one
            lines = _wrapped(lines, (x1 - x0) / (_WIDTH * size))
        y = first.y if first is not None else _first_line(top, bottom, size, len(lines))
        for number, line in enumerate(lines):
            right = max(x0 + size, min(x1, x0 + _WIDTH * size * len(line)))
            found.append(PageWord(line, x0, right, y + number * _LEADING * size, style, filled_in=True))
    return found


def _pieces(words: Iterable[PageWord]) -> list[PageWord]:
    """The pieces of the lines: words that follow each other without a wide gap, as one word each.

    Words without letters and digits are left out, such as the underscores and dots that fields lie on.
    """
    pieces: list[PageWord] = []
    saying = (word for word in words if any(map(str.isalnum, word.text)))
    for word in sorted(saying, key=lambda word: (round(word.y), word.x0)):
        last = pieces[-1] if pieces else None
        if last and round(last.y) == round(word.y) and word.x0 - last.x1 < _APART * word.style.size:
            pieces[-1] = last._replace(text=f"{last.text} {word.text}", x1=max(last.x1, word.x1))
        else:
            pieces.append(word)
    return pieces


def _under(pieces: Iterable[PageWord], x0: float, x1: float) -> PageWord | None:
    """The piece that the left end or the middle of a field lies on."""
    places = (x0, (x0 + x1) / 2)
    return next((piece for piece in pieces if any(piece.x0 <= place <= piece.x1 for place in places)), None)


def target_words(links: Sequence[Link], words: Sequence[PageWord], frame: Frame) -> tuple[list[PageWord], list[str]]:
    """The targets of links whose text does not show them, as words after the last word of that text.

    Second, the targets of links without text, such as pictures.
    """
    said = plain_address("".join(word.text for word in words))
    found: list[PageWord] = []
    bare_links: list[str] = []
    known: set[str] = set()
    for target, group in groupby(links, key=lambda link: link.target):
        shown = address(target)
        bare = plain_address(shown)
        if not bare or bare in said or target in known:
            continue
        covered = [word for link in group for word in _covered(link, words, frame)]
        text = plain_address("".join(word.text for word in covered))
        if not covered:
            known.add(target)
            bare_links.append(shown)
            continue
        if not text or text.replace("-", "") in bare.replace("-", ""):  # part of an address that runs over two lines
            continue
        known.add(target)
        last = covered[-1]
        start = last.x1 + _BESIDE * last.style.size
        found.append(PageWord(f"({shown})", start, start, last.y, last.style))
    return found, bare_links


def _covered(link: Link, words: Sequence[PageWord], frame: Frame) -> list[PageWord]:
    x0, x1, top, bottom = _in_frame(link, frame)
    inside = [
        word
        for word in words
        if not word.height and x0 - 1 <= (word.x0 + word.x1) / 2 <= x1 + 1 and top < word.y <= bottom + 1
    ]
    return sorted(inside, key=lambda word: (word.y, word.x0))


def _in_frame(one: AnnotationText | Link, frame: Frame) -> tuple[float, float, float, float]:
    """Left, right, top and bottom."""
    x, y = frame.inside(np.array([one.left, one.right]), np.array([one.bottom, one.top]))
    return float(x.min()), float(x.max()), float(y.min()), float(y.max())


def _usual_size(words: Sequence[PageWord]) -> float:
    sizes = sorted(word.style.size for word in words)
    return sizes[len(sizes) // 2] if sizes else _SIZE


def _first_line(top: float, bottom: float, size: float, count: int) -> float:
    """The baseline of the first line. A single line is in the middle of a low field."""
    middle = (top + bottom) / 2 + 0.35 * size
    return middle if count == 1 and bottom - top < 3 * size else top + size


def _wrapped(lines: Iterable[str], width: float) -> list[str]:
    """The lines. Those of more than `width` characters are broken as a viewer breaks them."""
    return [part for line in lines for part in textwrap.wrap(line, max(10, round(width))) or [line]]
