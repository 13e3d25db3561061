"""A frame's words -> its regions in reading order, each with its lines."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise

from .base import Frame, Line, LineCell, PageWord, Region, Ruling, TextStyle
from .columns import in_columns
from .page_tables import with_aligned_tables, with_ruled_tables
from .word_rows import joined, left_to_right

_APART = 0.9
"""A gap of more than this many font sizes divides a line into cells."""


def make_regions(frame: Frame, words: list[PageWord], rulings: list[Ruling]) -> list[Region]:
    """The text of a frame, column by column."""
    words = with_ruled_tables(words, rulings)
    return [Region(frame, _lines(column)) for column in in_columns(words)]


def _lines(rows: list[list[PageWord]]) -> list[Line]:
    right = max(word.x1 for row in rows for word in row)
    lines: list[Line] = []
    for row in rows:
        if row[0].height:
            lines.extend(_table(word, right) for word in row)
        else:
            lines.append(_line(left_to_right(row), right))
    return with_aligned_tables(lines)


def _table(word: PageWord, right: float) -> Line:
    return Line(word.text, word.x0, word.x1, word.y, word.style, right, height=word.height, table=word.table)


def _line(row: list[PageWord], right: float) -> Line:
    characters: dict[TextStyle, int] = defaultdict(int)
    for word in row:
        characters[word.style] += len(word.text)
    style = max(characters, key=lambda style: characters[style])
    if style.bold and sum(count for other, count in characters.items() if not other.bold) > 0.1 * sum(
        characters.values()
    ):
        style = style._replace(bold=False)
    level = [word.y for word in row if word.style.size >= style.size] or [row[0].y]
    return Line(
        text=joined(row),
        x0=min(word.x0 for word in row),
        x1=max(word.x1 for word in row),
        y=sorted(level)[len(level) // 2],
        style=style,
        right=right,
        first=row[0].x1 - row[0].x0,
        cells=_cells(row),
        filled_in=any(word.filled_in for word in row),
    )


def _cells(row: list[PageWord]) -> tuple[LineCell, ...]:
    cells: list[list[PageWord]] = [[row[0]]]
    for before, word in pairwise(row):
        gap = max(word.x0 - before.x1, before.x0 - word.x1)
        if gap > _APART * max(before.style.size, word.style.size):
            cells.append([word])
        else:
            cells[-1].append(word)
    if len(cells) == 1:
        return ()
    return tuple(LineCell(min(word.x0 for word in cell), max(word.x1 for word in cell), joined(cell)) for cell in cells)
