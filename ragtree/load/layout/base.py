"""The types that the steps of the layout pass to each other.

Inside a frame, x grows to the right and y downward, whichever way the text runs on the page. Units are points.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...types import Box


class TextStyle(NamedTuple):
    """How a run of characters is drawn."""

    size: float
    bold: bool = False
    fixed: bool = False
    """True if all characters have the same width, as in program code."""


class Glyphs(NamedTuple):
    """Characters in the order of the file, as columns of equal length."""

    codes: list[int]
    """Unicode code points."""
    left: NDArray[np.float64]
    right: NDArray[np.float64]
    base: NDArray[np.float64]
    """The baseline of the character."""
    run: NDArray[np.int64]
    """Number of the run; characters of one run were drawn together."""
    style: NDArray[np.int64]
    """Index into the styles of the page."""
    spaced: NDArray[np.bool_]
    """True if white space came before the character."""


class TableCells(NamedTuple):
    """The texts of a table's cells, and where its columns are."""

    rows: tuple[tuple[str, ...], ...]
    columns: tuple[tuple[float, float], ...]
    """Left and right edge of each."""


class PageWord(NamedTuple):
    """Characters without white space between them; or a whole table, which counts as one word."""

    text: str
    x0: float
    x1: float
    y: float
    """The baseline; of a table, the upper edge."""
    style: TextStyle
    spaced: bool = True
    """True if white space came before it."""
    height: float = 0.0
    """Height of a table, which reaches from y to y + height; 0 for words."""
    filled_in: bool = False
    """True for what somebody wrote into a form."""
    table: TableCells | None = None
    """The cells of a table."""

    @property
    def right_to_left(self) -> bool:
        """True for Hebrew, Arabic and related scripts."""
        return not self.text.isascii() and any(
            "\u0590" <= character <= "\u08ff" or "\ufb1d" <= character <= "\ufefc" for character in self.text
        )


class LineCell(NamedTuple):
    """A piece of a line, separated from the others by a gap."""

    x0: float
    x1: float
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a column, or a whole table."""

    text: str
    x0: float
    x1: float
    y: float
    style: TextStyle
    right: float
    """The right edge of the line's column."""
    first: float = 0.0
    """Width of the first word."""
    cells: tuple[LineCell, ...] = ()
    """Empty if the line is in one piece."""
    height: float = 0.0
    """Height of a table; 0 for lines."""
    filled_in: bool = False
    """True for a line of a form with something written into it; the next line does not continue it."""
    table: TableCells | None = None
    """The cells of a table."""

    @property
    def is_table(self) -> bool:
        """True if the text is a table in Markdown."""
        return self.height > 0

    @property
    def top(self) -> float:
        """Upper edge."""
        return self.y if self.is_table else self.y - 0.8 * self.style.size

    @property
    def bottom(self) -> float:
        """Lower edge."""
        return self.y + (self.height or 0.2 * self.style.size)


class Ruling(NamedTuple):
    """A drawn line that is vertical (x0 = x1, within a point) or horizontal (y0 = y1)."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """The page that a frame lies on: its corner and size in the file's own coordinates, and how it is turned."""

    left: float
    bottom: float
    width: float
    height: float
    turned: int = 0
    """By how many quarter turns, clockwise, the page is turned when it is shown."""


@dataclass(frozen=True, slots=True)
class Frame:
    """The coordinates of text in one direction on a page. `angle` is its rotation in degrees counterclockwise."""

    sheet: Sheet
    angle: float = 0

    def inside(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The file's coordinates (y grows upward) -> this frame's."""
        cosine, sine = _turn(self.angle)
        return x * cosine + y * sine, x * sine - y * cosine

    def box(self, x0: float, y0: float, x1: float, y1: float) -> Box:
        """A rectangle of this frame -> its box on the page as it is shown."""
        cosine, sine = _turn(self.angle)
        corners = [(x * cosine + y * sine, x * sine - y * cosine) for x in (x0, x1) for y in (y0, y1)]
        shown = [self._shown(x - self.sheet.left, y - self.sheet.bottom) for x, y in corners]
        across, down = zip(*shown, strict=True)
        return Box(math.floor(min(across)), math.floor(min(down)), math.ceil(max(across)), math.ceil(max(down)))

    def _shown(self, x: float, y: float) -> tuple[float, float]:
        width, height = self.sheet.width, self.sheet.height
        turned = self.sheet.turned % 4
        if turned == 1:
            return y, x
        if turned == 2:
            return width - x, y
        if turned == 3:
            return height - y, width - x
        return x, height - y


def _turn(angle: float) -> tuple[float, float]:
    """Cosine and sine of an angle in degrees, exact for quarter turns."""
    quarters: dict[float, tuple[float, float]] = {0: (1.0, 0.0), 90: (0.0, 1.0), 180: (-1.0, 0.0), 270: (0.0, -1.0)}
    quarter = quarters.get(angle % 360)
    return quarter or (math.cos(math.radians(angle)), math.sin(math.radians(angle)))


class Region(NamedTuple):
    """The lines of a column, or of a band across several columns."""

    frame: Frame
    lines: list[Line]


class UnsureWord(NamedTuple):
    """A word that text recognition is not sure of, and where its middle is on the page as it is shown."""

    text: str
    x: float
    y: float


class Figure(NamedTuple):
    """A picture or a drawing on a page, in its frame, and what a model says of it."""

    frame: Frame
    x0: float
    y0: float
    x1: float
    y1: float
    text: str = ""
    margin: float = 0.0
    """Points around it that belong to the picture: the words at the axes of a chart."""


class Page(NamedTuple):
    """A page in reading order. The regions in the first one's frame are its main text; those in others are askew."""

    number: int
    height: float
    """As it is shown."""
    regions: list[Region]
    comments: Region | None = None
    """Remarks that are not part of the page's text, such as comments and bare links, one per line."""
    fields: int = 0
    """Form fields on it, filled in or not."""
    unmapped: float = 0.0
    """The share of its characters, 0 to 1, for which the file does not say which letters they are."""
    unsure: tuple[UnsureWord, ...] = ()
    """Recognized words that may be wrong."""
    upright: Frame | None = None
    """The frame of text that is upright on the page as it is shown; None for pages that no PDF has."""
    figures: tuple[Figure, ...] = ()
    """The figures that were described."""
