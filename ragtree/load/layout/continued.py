"""Joins the parts of a table that runs over pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ...text.table_rows import table_row
from ...types import Box
from .base import Line, Page, TableCells
from .paragraphs import BlockDraft

_LOWER, _UPPER = 0.5, 0.35
"""A table that goes on ends below this share of its page, and its next part begins above that share of the next."""
_SAME_WIDTH = 6.0
"""Most points by which the widths of the same column may differ."""
_MOSTLY = 0.7
"""Share of a column's cells with digits from which on it is a column of numbers."""
_GOES_ON = r"(?:continued|cont['’.]?d?|fortsetzung|suite|continuación|continuação|vervolg|segue|продолжение)"
_NOTE = re.compile(rf"^\W*{_GOES_ON}\b|\b{_GOES_ON}\W*$|[(\[]{_GOES_ON}\b|续|続", re.IGNORECASE)
"""A note that a table goes on: the word opens or ends it, or stands in brackets. A suite is also a room."""
_LONGEST_NOTE = 100


def with_joined_tables(drafts: Sequence[Sequence[BlockDraft]], pages: Sequence[Page]) -> list[BlockDraft]:
    """The blocks of all pages in one list. The next part of a table follows the part before, without its header.

    `drafts` has the blocks of each page, in reading order.
    """
    found: list[BlockDraft] = []
    whole: TableCells | None = None
    """The rows so far of the table that may go on, in the columns of its first part."""
    after = 0
    """Where its next part belongs in the list."""
    for number, (page, own) in enumerate(zip(pages, drafts, strict=True)):
        left = list(own)
        follows = number > 0 and page.number == pages[number - 1].number + 1
        more = _next_part(whole, left, page) if whole is not None and follows else None
        if more is not None and whole is not None:
            first, rows = more
            left = [draft for draft in left if draft is not first]
            if rows:
                found.insert(after, _continued(first, rows))
            whole = whole._replace(rows=(*whole.rows, *rows))
        start = len(found)
        found += left
        last = next((at for at in reversed(range(len(left))) if not _is_aside(left[at])), None)
        if last is not None:
            whole, after = _table_at_the_end(left[last], page), start + last + 1
        elif more is not None:
            after += bool(more[1])
        else:
            whole = None
    return found


def _is_aside(draft: BlockDraft) -> bool:
    """True for what is not part of the page's text, and for a note that a table goes on."""
    note = len(draft.text) <= _LONGEST_NOTE and _NOTE.search(draft.text) is not None
    return draft.kind in ("comment", "description") or (note and draft.kind != "table")


def _table_at_the_end(draft: BlockDraft, page: Page) -> TableCells | None:
    box = _box(draft)
    return draft.lines[0].table if draft.kind == "table" and box.bottom > _LOWER * page.height else None


def _box(draft: BlockDraft) -> Box:
    line = draft.lines[0]
    return draft.frame.box(line.x0, line.top, line.x1, draft.lines[-1].bottom)


def _next_part(
    whole: TableCells, drafts: Sequence[BlockDraft], page: Page
) -> tuple[BlockDraft, tuple[tuple[str, ...], ...]] | None:
    """The block with the next part of a table, and its rows in the table's columns, without a repeated header."""
    first = next((draft for draft in drafts if not _is_aside(draft)), None)
    if first is None or _box(first).top > _UPPER * page.height:
        return None
    cells = first.lines[0].table if first.kind == "table" else _loose_rows(first.lines)
    if cells is None:
        return None
    columns = _same_columns(whole.columns, cells.columns)
    if columns is None:
        return None
    rows = [_placed(row, columns, len(whole.columns)) for row in cells.rows]
    repeated = 0
    while repeated < len(rows) and _same(rows[repeated], whole.rows[repeated] if repeated < len(whole.rows) else ()):
        repeated += 1
    if not repeated and not _is_data(rows[0], whole, ruled=_same_widths(whole.columns, cells.columns)):
        return None
    return first, tuple(rows[repeated:])


def _loose_rows(lines: Sequence[Line]) -> TableCells | None:
    """Lines with gaps as rows: the rest of a table may be too short to be found as one."""
    if not all(len(line.cells) >= 2 for line in lines) or len({len(line.cells) for line in lines}) > 1:
        return None
    cells = zip(*(line.cells for line in lines), strict=True)
    columns = tuple((min(cell.x0 for cell in column), max(cell.x1 for cell in column)) for column in cells)
    return TableCells(tuple(tuple(cell.text for cell in line.cells) for line in lines), columns)


def _same_columns(
    columns: Sequence[tuple[float, float]], others: Sequence[tuple[float, float]]
) -> tuple[int, ...] | None:
    """For each of the other columns, the number of the column that it continues; None if they do not fit.

    A column that is empty on a page is not among its columns.
    """
    if _same_widths(columns, others):
        return tuple(range(len(columns)))
    found = []
    for left, right in others:
        shared = [min(right, end) - max(left, start) for start, end in columns]
        on = [number for number, width in enumerate(shared) if width > 0]
        if len(on) != 1:
            return None
        found.append(on[0])
    fits = len(set(found)) == len(found) and 2 * len(found) > len(columns)
    return tuple(found) if fits else None


def _same_widths(columns: Sequence[tuple[float, float]], others: Sequence[tuple[float, float]]) -> bool:
    if len(columns) != len(others):
        return False
    pairs = zip(columns, others, strict=True)
    return all(abs((one[1] - one[0]) - (two[1] - two[0])) <= _SAME_WIDTH for one, two in pairs)


def _placed(row: Sequence[str], columns: Sequence[int], count: int) -> tuple[str, ...]:
    cells = dict(zip(columns, row, strict=True))
    return tuple(cells.get(number, "") for number in range(count))


def _same(row: Sequence[str], other: Sequence[str]) -> bool:
    return ["".join(cell.split()).casefold() for cell in row] == ["".join(cell.split()).casefold() for cell in other]


def _is_data(row: Sequence[str], whole: TableCells, *, ruled: bool) -> bool:
    """True if a row has numbers where the table has them. Without such columns, the widths have to tell."""
    body = whole.rows[1:] or whole.rows
    numbers = [
        column
        for column in range(len(whole.columns))
        if sum(map(_has_digit, cells := [one[column] for one in body if one[column]])) > _MOSTLY * len(cells)
    ]
    if not numbers:
        return ruled
    return 2 * sum(not row[column] or _has_digit(row[column]) for column in numbers) > len(numbers)


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _continued(draft: BlockDraft, rows: Sequence[Sequence[str]]) -> BlockDraft:
    """The block as the next rows of the table before it."""
    first, last = draft.lines[0], draft.lines[-1]
    x0, x1 = min(line.x0 for line in draft.lines), max(line.x1 for line in draft.lines)
    text = "\n".join(map(table_row, rows))
    line = replace(first, text=text, x0=x0, x1=x1, y=first.top, height=last.bottom - first.top, cells=())
    return replace(draft, kind="table", lines=[line], kept=[True], continues=True)
