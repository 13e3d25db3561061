"""Rules that are drawn on a page -> the grids of cells that they make."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .base import PageWord, Ruling

_NEAR = 3.0
"""Most points between two rules that count as one, and between the ends of rules that meet."""
_MOST_CELLS = 5000
_MOST_RULES = 1500

Stretch = tuple[float, float]
"""Where a rule begins and ends."""


@dataclass(frozen=True, slots=True)
class RuledGrid:
    """The borders of a table's cells."""

    across: tuple[float, ...]
    """The x of the vertical borders, at least three."""
    down: tuple[float, ...]
    """The y of the horizontal borders, at least three."""
    upright: tuple[tuple[Stretch, ...], ...]
    """The rules that are drawn at each x of `across`."""
    level: tuple[tuple[Stretch, ...], ...]
    """The same for `down`."""

    def holds(self, word: PageWord) -> bool:
        """Whether the middle of the word is in the table."""
        x, y = _middle(word)
        return self.across[0] <= x <= self.across[-1] and self.down[0] <= y <= self.down[-1]

    def cell(self, word: PageWord) -> tuple[int, int]:
        """Row and column of a word that the table holds."""
        x, y = _middle(word)
        row, column = bisect_right(self.down, y) - 1, bisect_right(self.across, x) - 1
        return min(row, len(self.down) - 2), min(column, len(self.across) - 2)

    def joined_cells(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Each cell -> the top left one of the cells that it is joined with, because no rule divides them."""
        root: dict[tuple[int, int], tuple[int, int]] = {}
        for row in range(len(self.down) - 1):
            y = (self.down[row] + self.down[row + 1]) / 2
            for column in range(len(self.across) - 1):
                x = (self.across[column] + self.across[column + 1]) / 2
                root[row, column] = (row, column)
                if column and not _covers(self.upright[column], y):
                    root[row, column] = root[row, column - 1]
                elif row and not _covers(self.level[row], x):
                    root[row, column] = root[row - 1, column]
        return root


def find_grids(rulings: Sequence[Ruling]) -> list[RuledGrid]:
    """The grids of rules that meet and make at least two rows and two columns."""
    upright = _whole((line.x0, line.y0, line.y1) for line in rulings if line.x1 - line.x0 <= line.y1 - line.y0)
    level = _whole((line.y0, line.x0, line.x1) for line in rulings if line.x1 - line.x0 > line.y1 - line.y0)
    if len(upright) + len(level) > _MOST_RULES:
        return []
    grids = []
    for uprights, levels in _meeting(upright, level):
        across, down = _places(x for x, _, _ in uprights), _places(y for y, _, _ in levels)
        if len(across) >= 3 and len(down) >= 3 and len(across) * len(down) <= _MOST_CELLS:
            grids.append(RuledGrid(across, down, _by_place(across, uprights), _by_place(down, levels)))
    return grids


_Rule = tuple[float, float, float]
"""Its place, and where it begins and ends."""


def _middle(word: PageWord) -> tuple[float, float]:
    return (word.x0 + word.x1) / 2, word.y - 0.3 * word.style.size


def _covers(stretches: Iterable[Stretch], place: float) -> bool:
    return any(start <= place <= end for start, end in stretches)


def _whole(rules: Iterable[_Rule]) -> list[_Rule]:
    """The rules, with touching pieces on one line joined: the border of a column is often drawn cell by cell."""
    lines: dict[float, list[_Rule]] = defaultdict(list)
    place = None
    for rule in sorted(rules):
        if place is None or rule[0] - place > _NEAR / 2:
            place = rule[0]
        lines[place].append(rule)
    result: list[_Rule] = []
    for place, pieces in lines.items():
        start, end = pieces[0][1], pieces[0][2]
        for _, first, last in sorted(pieces, key=lambda piece: piece[1]):
            if first > end + _NEAR:
                result.append((place, start, end))
                start, end = first, last
            start, end = min(start, first), max(end, last)
        result.append((place, start, end))
    return result


def _meeting(upright: list[_Rule], level: list[_Rule]) -> list[tuple[list[_Rule], list[_Rule]]]:
    """Vertical and horizontal rules in groups that touch each other, directly or through others."""
    parent = list(range(len(upright) + len(level)))

    def leader(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for one, (x, top, bottom) in enumerate(upright):
        for two, (y, left, right) in enumerate(level, start=len(upright)):
            if left - _NEAR <= x <= right + _NEAR and top - _NEAR <= y <= bottom + _NEAR:
                parent[leader(one)] = leader(two)
    groups: dict[int, tuple[list[_Rule], list[_Rule]]] = defaultdict(lambda: ([], []))
    for index, rule in enumerate(upright + level):
        groups[leader(index)][index >= len(upright)].append(rule)
    return list(groups.values())


def _places(values: Iterable[float]) -> tuple[float, ...]:
    """The values in order, with those that are near each other merged."""
    result: list[float] = []
    for value in sorted(values):
        if not result or value - result[-1] > _NEAR:
            result.append(value)
    return tuple(result)


def _by_place(places: tuple[float, ...], rules: list[_Rule]) -> tuple[tuple[Stretch, ...], ...]:
    found: list[list[Stretch]] = [[] for _ in places]
    for place, start, end in rules:
        found[max(bisect_right(places, place + 0.01) - 1, 0)].append((start, end))
    return tuple(map(tuple, found))
