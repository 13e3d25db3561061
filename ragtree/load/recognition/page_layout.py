"""Recognized words -> the words of a page's layout, levelled and in points."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from ...text.scripts import FIRST_WIDE
from ..layout.base import Frame, PageWord, Region, Sheet, TextStyle, UnsureWord
from ..layout.lines import make_regions
from .base import RecognizedLine, RecognizedPage

_SIZE = 0.76
"""Font size as a share of the height of a recognized line; measured on pages with known sizes."""
_LOWER = 0.37
"""How far the baseline is below the middle of the letters, as a share of the size."""
_FEWEST = 4
"""Fewest letters whose width tells their size."""
_SPACE = 0.28
_WIDTHS = {
    **dict.fromkeys("ijl'|", 0.22), **dict.fromkeys("ftI.,:;!()[]/-", 0.3), "r": 0.35, "m": 0.83, "w": 0.72, "M": 0.85,
    "W": 0.93, "J": 0.5, "—": 1.0, "…": 1.0, "%": 0.88, "@": 1.0,
}  # fmt: skip
_SMALLEST, _LARGEST = 0.9, 1.11
"""Sizes within these shares of a common size count as that size."""
_LEAST_LEANING = 3
"""Fewest long lines that tell how far a page leans: the ends of a single line are not located exactly."""
_SURE = 0.7
"""Confidence below which a word may be wrong: on bad scans, .45 of such words are wrong, and they are .6 of all wrong
words (tests/benchmarks/test_scans.py)."""
_LEVEL = 0.2
"""Degrees by which a page may lean and still count as level."""


@dataclass(frozen=True, slots=True)
class RecognizedLayout:
    """The words of a page, in a frame that leans as its lines do."""

    frame: Frame
    words: list[PageWord]
    unsure: tuple[UnsureWord, ...]

    def regions(self) -> list[Region]:
        """The regions of the page, in reading order."""
        return make_regions(self.frame, self.words, [])


def placed_on_page(page: RecognizedPage, width: float, height: float) -> RecognizedLayout:
    """The words on a page of this width and height in points, as it is shown."""
    scale = width / page.width
    lean = _lean(page.lines)
    frame = Frame(Sheet(0.0, 0.0, width, height), lean)
    sizes = _sizes(page.lines, [_measured(line) * scale for line in page.lines])
    words = []
    for line, size in zip(page.lines, sizes, strict=True):
        points = np.array([(word.left, word.right) for word in line.words]) * scale
        x, y = frame.inside(points[:, :, 0], height - points[:, :, 1])
        base = float(np.mean(y)) + _LOWER * size
        style = TextStyle(size)
        for word, (x0, x1) in zip(line.words, x.tolist(), strict=True):
            words.append(PageWord(word.text, min(x0, x1), max(x0, x1), base, style, word.spaced))
    return RecognizedLayout(frame, words, tuple(_unsure(page, scale)))


def _unsure(page: RecognizedPage, scale: float) -> Iterator[UnsureWord]:
    for line in page.lines:
        for word in line.words:
            if word.confidence < _SURE and any(map(str.isalnum, word.text)):
                x, y = ((one + other) / 2 * scale for one, other in zip(word.left, word.right, strict=True))
                yield UnsureWord(word.text, x, y)


def _lean(lines: Sequence[RecognizedLine]) -> float:
    """The direction of most of the text, in degrees counterclockwise; 0 if it is level."""
    runs = []
    for line in lines:
        (x0, y0), (x1, y1) = line.words[0].left, line.words[-1].right
        runs.append((math.degrees(math.atan2(y0 - y1, x1 - x0)), math.hypot(x1 - x0, y1 - y0), line.height))
    ways = Counter[int]()
    for angle, length, _ in runs:
        ways[round(angle / 90) % 4] += round(length)
    way = 90 * max(ways, key=lambda quarter: ways[quarter])
    leans = [(angle - way + 180) % 360 - 180 for angle, length, height in runs if length > 4 * height]
    leans = [lean for lean in leans if abs(lean) <= 45]
    lean = median(leans) if len(leans) >= _LEAST_LEANING else 0.0
    return (way + (round(lean, 2) if abs(lean) > _LEVEL else 0.0)) % 360


def _measured(line: RecognizedLine) -> float:
    """The font size of a line in pixels, by the width of its letters, which tells more than the height of its box."""
    (x0, y0), (x1, y1) = line.words[0].left, line.words[-1].right
    letters = [letter for word in line.words for letter in word.text]
    if len(letters) < _FEWEST:
        return line.height * _SIZE
    ems = sum(map(_width, letters)) + _SPACE * sum(word.spaced for word in line.words[1:])
    return math.hypot(x1 - x0, y1 - y0) / ems


def _width(letter: str) -> float:
    """The width of a letter in most fonts, as a share of the size."""
    if letter >= FIRST_WIDE:
        return 1.0
    return _WIDTHS.get(letter) or (0.7 if letter.isupper() else 0.53 if letter.isalnum() else 0.35)


def _sizes(lines: Sequence[RecognizedLine], measured: Sequence[float]) -> list[float]:
    """The sizes of the lines, where similar ones become the same, from the most common size to the rarest.

    The measured size of a line depends on its letters, so it is not exact.
    """
    found = list(measured)
    weights = [sum(len(word.text) for word in line.words) for line in lines]
    left = set(range(len(lines)))
    while left:
        alike = max(
            (_alike(measured, left, size) for size in {measured[index] for index in left}), key=_weighing(weights)
        )
        size = round(median(measured[index] for index in alike), 1)
        for index in alike:
            found[index] = size
        left -= alike
    return found


def _alike(measured: Sequence[float], left: set[int], size: float) -> frozenset[int]:
    return frozenset(index for index in left if size * _SMALLEST <= measured[index] <= size * _LARGEST)


def _weighing(weights: Sequence[int]) -> Callable[[frozenset[int]], tuple[int, float]]:
    return lambda alike: (sum(weights[index] for index in alike), -min(alike))
