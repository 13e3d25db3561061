"""Words of a page -> bands and columns in reading order.

A gutter is a vertical strip that no word crosses in a run of rows, with text on both sides that looks like the lines of
a column. The page is cut at the gutter, and above and below the run. Then each part is cut again.
"""

from __future__ import annotations

from statistics import median

import numpy as np
from numpy.typing import NDArray

from .base import PageWord
from .word_rows import in_rows

_GUTTERS = ((0.65, 8), (1.2, 4))
"""Least width of a gutter in font sizes, and the fewest rows that it has to divide: a strip that is narrow and short
may be chance."""
_FEWEST_ROWS = 4
_BINS = 250
_DEEPEST = 12
_COLUMN = 8.0
"""Least width of a column, in font sizes."""
_MANY_ROWS = 6
"""Fewest rows on each side that make columns if the sides do not share their baselines."""
_INKED = 0.7
"""Least share of a line's length that its words take up, as the median of the lines."""
_FILLED = 0.6
"""Least share of a column's width that its lines take up, as the median; cells of tables take up less."""


Rows = list[list[PageWord]]


def in_columns(words: list[PageWord], depth: int = 0) -> list[Rows]:
    """The words as columns, or bands with one column, in reading order; each has its rows from top to bottom."""
    rows = in_rows(words)
    if len(words) < 2 * _FEWEST_ROWS or depth > _DEEPEST:
        return [rows] if words else []
    size = median(word.style.size for word in words)
    found = next(filter(None, (_find_gutter(rows, size, *gutter) for gutter in _GUTTERS)), None)
    if found is None:
        return [rows]
    first, last, gutter = found
    band = [word for row in rows[first:last] for word in row]
    parts = [
        [word for row in rows[:first] for word in row],
        [word for word in band if _middle(word) < gutter],
        [word for word in band if _middle(word) >= gutter],
        [word for row in rows[last:] for word in row],
    ]
    if sum(word.right_to_left for word in band) * 2 > len(band):
        parts[1], parts[2] = parts[2], parts[1]
    return [column for part in parts for column in in_columns(part, depth + 1)]


def _middle(word: PageWord) -> float:
    return (word.x0 + word.x1) / 2


def _find_gutter(rows: Rows, size: float, width: float, fewest: int) -> tuple[int, int, float] | None:
    """The gutter that divides most rows: its first row, the row after its last, and its x; None if there is none."""
    if len(rows) < fewest:
        return None
    crossed, start, step = _crossed(rows, width * size)
    left_ends = np.array([min(word.x0 for word in row) for row in rows])
    right_ends = np.array([max(word.x1 for word in row) for row in rows])
    places = start + (np.arange(crossed.shape[1]) + 0.5) * step
    with_left = left_ends[:, None] < places
    with_right = right_ends[:, None] > places
    candidates = ((~crossed & with_left).sum(0) >= fewest) & ((~crossed & with_right).sum(0) >= fewest)
    best: tuple[int, int, int, float] | None = None
    before: set[tuple[int, int]] = set()
    for place in np.flatnonzero(candidates):
        runs = set(_runs_of(~crossed[:, place]))
        fresh, before = runs - before, runs  # the same run one step further is the same gutter
        for first, last in sorted(fresh):
            score = int(min(with_left[first:last, place].sum(), with_right[first:last, place].sum()))
            if score < fewest or (best is not None and score <= best[0]):
                continue
            where = _middle_of_gap(rows[first:last], float(places[place]))
            trimmed = _trimmed(rows, first, last, where)
            if trimmed and _like_columns(rows[trimmed[0] : trimmed[1]], where, size):
                best = (score, *trimmed, where)
    return best[1:] if best else None


def _crossed(rows: Rows, gutter: float) -> tuple[NDArray[np.bool_], float, float]:
    """Whether a word reaches into or too near to each strip, shape (rows, strips); then the strips' start and width."""
    start = min(word.x0 for row in rows for word in row)
    width = max(word.x1 for row in rows for word in row) - start
    step = max(width / _BINS, 1.0)
    count = int(width / step) + 2
    margin = gutter / 2
    changes = np.zeros((len(rows), count + 1), dtype=np.int32)
    index = np.array([number for number, row in enumerate(rows) for _ in row])
    begins = np.array([word.x0 for row in rows for word in row]) - margin - start
    ends = np.array([word.x1 for row in rows for word in row]) + margin - start
    np.add.at(changes, (index, np.clip(np.ceil(begins / step - 0.5), 0, count).astype(int)), 1)
    np.add.at(changes, (index, np.clip(np.floor(ends / step - 0.5) + 1, 0, count).astype(int)), -1)
    return np.cumsum(changes, axis=1)[:, :count] > 0, start, step


def _runs_of(free: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The start and end of each run of true values."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], free.astype(np.int8), [0]))))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _middle_of_gap(rows: Rows, place: float) -> float:
    """The middle of the strip around `place` that no word reaches into."""
    left = max((word.x1 for row in rows for word in row if word.x1 <= place), default=place)
    right = min((word.x0 for row in rows for word in row if word.x0 >= place), default=place)
    return (left + right) / 2


def _trimmed(rows: Rows, first: int, last: int, gutter: float) -> tuple[int, int] | None:
    """The run without rows at its ends that are on one side only, and separated by a gap; None if it is too short."""
    tops = [min(word.y for word in row) for row in rows]
    leading = median(tops[index + 1] - tops[index] for index in range(first, last - 1)) if last - first > 1 else 0.0
    both = [index for index in range(first, last) if len({_middle(word) < gutter for word in rows[index]}) == 2]
    if not leading:
        return None
    inner_first, inner_last = (both[0], both[-1]) if both else (first, last - 1)
    while first < inner_first and any(
        tops[index + 1] - tops[index] > 2.5 * leading for index in range(first, inner_first)
    ):
        first += 1
    while last - 1 > inner_last and any(
        tops[index + 1] - tops[index] > 2.5 * leading for index in range(inner_last, last - 1)
    ):
        last -= 1
    return (first, last) if last - first >= _FEWEST_ROWS else None


def _like_columns(rows: Rows, gutter: float, size: float) -> bool:
    """Whether both sides look like lines of text, not like cells of a table or names with values."""
    left = [[word for word in row if _middle(word) < gutter] for row in rows]
    right = [[word for word in row if _middle(word) >= gutter] for row in rows]
    sides = ([row for row in left if row], [row for row in right if row])
    if any(len(side) < _FEWEST_ROWS or _width(side) < _COLUMN * size for side in sides):
        return False
    return all(map(_like_lines, sides)) or (min(map(len, sides)) >= _MANY_ROWS and not _level(*sides, size))


def _width(side: Rows) -> float:
    return max(word.x1 for row in side for word in row) - min(word.x0 for row in side for word in row)


def _level(left: Rows, right: Rows, size: float) -> bool:
    """Whether the rows of both sides share their baselines, as those of a table do."""
    few, many = sorted(([row[0].y for row in left], [row[0].y for row in right]), key=len)
    shared = sum(any(abs(y - other) < 0.06 * size for other in many) for y in few)
    return shared * 2 >= len(few)


def _like_lines(side: Rows) -> bool:
    """Whether the rows are full of words, and most of them nearly as wide as the widest."""
    lengths = [max(word.x1 for word in row) - min(word.x0 for word in row) for row in side]
    taken = [sum(word.x1 - word.x0 for word in row) for row in side]
    inked = [ink / max(length, 1.0) for ink, length in zip(taken, lengths, strict=True)]
    return median(lengths) > _FILLED * _width(side) and median(inked) > _INKED
