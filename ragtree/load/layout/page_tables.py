"""Finds tables: by the rules that are drawn around cells, and by cells that are aligned in columns."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from ...text.table_rows import table_row
from .base import Line, LineCell, PageWord, Ruling, TableCells, TextStyle
from .grids import RuledGrid, find_grids
from .word_rows import in_rows, joined, left_to_right

_FEWEST_ROWS = 3
_MOST_WORDS = 6.0
"""Most words per cell, on average; text in columns has more."""
_WRAPPED_WORDS = 4.0
"""Most words per line of a cell, on average; if there are more, the cell is one text over several lines."""


def markdown(rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table whose first row is its header."""
    lines = [table_row(row) for row in rows]
    lines.insert(1, "|" + " --- |" * len(rows[0]))
    return "\n".join(lines)


def with_ruled_tables(words: list[PageWord], rulings: Sequence[Ruling]) -> list[PageWord]:
    """The words, with those in a ruled table replaced by one word that is the table."""
    for grid in find_grids(rulings):
        inside = [word for word in words if not word.height and grid.holds(word)]
        rows, columns = _cells(grid, inside)
        if sum(sum(map(bool, row)) >= 2 for row in rows) * 2 <= max(len(rows), 2):
            continue  # a frame around a text, or boxes of a form
        taken = set(map(id, inside))
        height = grid.down[-1] - grid.down[0]
        style, cells = _most_used(inside), TableCells(tuple(map(tuple, rows)), columns)
        table = PageWord(
            markdown(rows), grid.across[0], grid.across[-1], grid.down[0], style, True, height, table=cells
        )
        words = [word for word in words if id(word) not in taken]
        words.append(table)
    return words


def _cells(grid: RuledGrid, words: list[PageWord]) -> tuple[list[list[str]], tuple[tuple[float, float], ...]]:
    """The texts of the cells, without empty rows and columns, and the edges of the columns."""
    root = grid.joined_cells()
    bands: dict[int, list[PageWord]] = defaultdict(list)
    for word in words:
        bands[root[grid.cell(word)][0]].append(word)
    table: list[dict[int, str]] = []
    for band in sorted(bands):
        lines = []
        for row in in_rows(bands[band]):
            line: dict[int, list[PageWord]] = defaultdict(list)
            for word in row:
                line[root[grid.cell(word)][1]].append(word)
            lines.append({column: joined(left_to_right(inside)) for column, inside in line.items()})
        table += lines if _rows_without_rules(lines) else [_one_row(lines)]
    columns = sorted({column for row in table for column in row})
    edges = tuple((grid.across[start], grid.across[end]) for start, end in pairwise([*columns, len(grid.across) - 1]))
    return [[row.get(column, "") for column in columns] for row in table], edges


def _rows_without_rules(lines: list[dict[int, str]]) -> bool:
    """Whether the lines between two rules are rows of the table, not cells with several lines of text."""
    cells = [text for line in lines for text in line.values()]
    full = sum(len(line) >= 2 for line in lines)
    words = sum(len(text.split()) for text in cells)
    return len(lines) >= _FEWEST_ROWS and full > 0.7 * len(lines) and words <= _WRAPPED_WORDS * len(cells)


def _one_row(lines: list[dict[int, str]]) -> dict[int, str]:
    row: dict[int, list[str]] = defaultdict(list)
    for line in lines:
        for column, text in line.items():
            row[column].append(text)
    return {column: " ".join(texts) for column, texts in row.items()}


def _most_used(words: list[PageWord]) -> TextStyle:
    sizes: dict[TextStyle, int] = defaultdict(int)
    for word in words:
        sizes[word.style] += len(word.text)
    return max(sizes, key=lambda style: sizes[style])


def with_aligned_tables(lines: list[Line]) -> list[Line]:
    """The lines of a column, with rows of aligned cells replaced by a table."""
    lines = _with_labels(lines)
    result: list[Line] = []
    index = 0
    while index < len(lines):
        last = _table_end(lines, index) if len(lines[index].cells) >= 2 else index
        table = _aligned_table(lines[index:last])
        if table is None:
            result.append(lines[index])
            index += 1
        else:
            result.append(table)
            index = last
    return result


def _with_labels(lines: list[Line]) -> list[Line]:
    """The lines, where a label just above a row of cells, and left of it, becomes the first cell of the row."""
    result: list[Line] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        row = lines[index + 1] if index + 1 < len(lines) else line
        if (
            not line.cells
            and not line.is_table
            and len(row.cells) > 2
            and row.y - line.y < 0.8 * line.style.size
            and line.x1 < row.x0
        ):
            cells = (LineCell(line.x0, line.x1, line.text), *row.cells)
            row = replace(row, text=f"{line.text} {row.text}", x0=line.x0, first=line.first, cells=cells)
            index += 1
            line = row
        result.append(line)
        index += 1
    return result


def _table_end(lines: list[Line], first: int) -> int:
    """The index after the last line that may belong to the table that begins at `first`."""
    row = lines[first]
    for index in range(first + 1, len(lines)):
        line, before = lines[index], lines[index - 1]
        if line.is_table or line.y - before.y > 3 * max(line.style.size, before.style.size):
            return index
        if len(line.cells) >= 2:
            row = line
        elif line.y - before.y > 1.6 * before.style.size or not _goes_on(row, line):
            return index
    return len(lines)


def _goes_on(row: Line, line: Line) -> bool:
    """Whether a line in one piece continues a cell of the row, other than its first."""
    return any(abs(cell.x0 - line.x0) < 0.5 * line.style.size for cell in row.cells[1:])


def _aligned_table(lines: list[Line]) -> Line | None:
    full = [line for line in lines if len(line.cells) >= 2]
    columns = _columns([cell for line in full for cell in line.cells])
    short = len(full) == 2 and len(columns) > 3 and all(len(line.cells) == len(columns) for line in full)
    if len(full) < _FEWEST_ROWS and not short:
        return None
    if len(columns) < 3 or any(len({_column(columns, cell) for cell in line.cells}) < len(line.cells) for line in full):
        return None
    cells = [cell for line in full for cell in line.cells]
    if sum(len(cell.text.split()) for cell in cells) > _MOST_WORDS * len(cells):
        return None
    rows: list[list[str]] = []
    for line in lines:
        parts = line.cells or (LineCell(line.x0, line.x1, line.text),)
        places = [_column(columns, cell) for cell in parts]
        if len(parts) == 1 and abs(line.x0 - columns[places[0]][0]) > line.style.size:
            return None  # a separate line
        if len(parts) > 1 or not rows:
            rows.append([""] * len(columns))
        for place, cell in zip(places, parts, strict=True):
            rows[-1][place] = f"{rows[-1][place]} {cell.text}".strip()
    if sum(sum(map(bool, row)) >= 3 for row in rows) < 2:
        return None
    first, last = lines[0], lines[-1]
    x0, x1 = min(line.x0 for line in lines), max(line.x1 for line in lines)
    height = last.bottom - first.top
    found = TableCells(tuple(map(tuple, rows)), tuple(columns))
    return Line(markdown(rows), x0, x1, first.top, first.style, first.right, height=height, table=found)


def _columns(cells: list[LineCell]) -> list[tuple[float, float]]:
    """The left and right edges of the columns: cells that overlap are in the same one."""
    columns: list[tuple[float, float]] = []
    for cell in sorted(cells):
        if columns and cell.x0 < columns[-1][1] + 1:
            columns[-1] = (columns[-1][0], max(columns[-1][1], cell.x1))
        else:
            columns.append((cell.x0, cell.x1))
    return columns


def _column(columns: list[tuple[float, float]], cell: LineCell) -> int:
    starts = [start for start, _ in columns]
    return max(bisect_right(starts, cell.x0 + 1) - 1, 0)
