"""Rows of a sheet as text. If there is a header, each row names its columns.

A chunk may hold any few rows of a sheet. "City: Leith; Tide: 5" can be found and understood there; "| Leith | 5 |"
cannot.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median_high
from typing import NamedTuple

from ...errors import LoadError
from ...settings import LoadSettings
from ...text.table_rows import table_row
from .outline import Outline, one_line

_NUMBER = re.compile(r"[\s$€£¥+-]*\d[\d\s.,:/%eE+-]*[%€$£]?\s*")
_TIME = re.compile(r"(?:1[5-9]|2[01])\d\d(?:[-/.]\d{1,2}){0,2}")
"""A year, or a date after it: it may name a column."""
_LONGEST_NAME = 80
"""Characters; a longer cell is not the name of a column."""

USUAL_NAME = re.compile(r"[^\W\d]+ ?\d+")
"""A name that a program gives a sheet (Sheet1, Tabelle2), which says nothing."""


class SheetRow(NamedTuple):
    """A row of a sheet: its line in the file, and the texts of its non-empty columns."""

    line: int
    cells: Mapping[int, str]
    spans: Mapping[int, int] = {}
    """Column -> how many columns its cell spans, if more than one."""


def check_rows(count: int, source: str, limits: LoadSettings) -> None:
    """Raise LoadError if there are more rows than the limit."""
    if count > limits.max_rows:
        raise LoadError(source, f"more than load.max_rows = {limits.max_rows} rows")


def add_rows(
    outline: Outline,
    rows: Sequence[SheetRow],
    source: str,
    limits: LoadSettings,
    remarks: Sequence[tuple[int, str]] = (),
) -> None:
    """Add all rows as tables, which empty rows separate. Raises LoadError if the text grows past the limit.

    `remarks` are (line, text) of comments on cells: each follows the row of its line, or the one before.
    """
    waiting = sorted(remarks, reverse=True)
    for band in _bands(rows):
        _add_band(outline, band, source, limits, waiting)
    for line, text in reversed(waiting):
        outline.add(text, line=line)


def _add_band(
    outline: Outline, rows: Sequence[SheetRow], source: str, limits: LoadSettings, waiting: list[tuple[int, str]]
) -> None:
    def add(text: str, line: int, tight: bool = False) -> None:
        while waiting and waiting[-1][0] < line:
            outline.add(waiting[-1][1], line=waiting.pop()[0])
        outline.add(text, line=line, tight=tight)
        while waiting and waiting[-1][0] == line:
            outline.add(waiting[-1][1], line=waiting.pop()[0], tight=tight)

    header: Mapping[int, str] = {}
    for table in _tables(rows):
        captions, table = _captions(table)
        for caption in captions:
            add(" ".join(caption.cells.values()), caption.line)
        names = _double_header(table)
        if names:
            header, table = names, table[2:]
        elif _is_header(table, header):
            first, table = table[0], table[1:]
            header = first.cells
            if header.keys() - {column for row in table for column in row.cells}:  # a name without a value
                add(_bare(first), first.line)
        elif not (table and header.keys() & table[0].cells.keys()):
            header = {}
        for row in table:
            text = _record(row, header) if header or len(row.cells) == 1 else _bare(row)
            add(text, row.line, tight=not header)
            if outline.length > limits.max_megabytes * 4e6:
                raise LoadError(source, f"its text is longer than {limits.max_megabytes * 4:.0f} million characters")


def number_text(written: str) -> str:
    """A number as a person would write it: 4.4 for the file's 4.4000000000000004. Anything else is unchanged."""
    try:
        return f"{float(written):.15g}" if "." in written or "e" in written.lower() else written
    except ValueError:
        return written


def _bands(rows: Sequence[SheetRow]) -> list[Sequence[SheetRow]]:
    """The rows, split into tables side by side, which have an empty column between them and begin in different rows."""
    used = sorted({column for row in rows for column in row.cells})
    starts = [column for before, column in pairwise([-2, *used]) if column > before + 1]
    if len(starts) < 2:
        return [rows]
    bands = []
    for start, end in pairwise([*starts, used[-1] + 1]):
        cut = [SheetRow(row.line, {at: text for at, text in row.cells.items() if start <= at < end}) for row in rows]
        bands.append([row for row in cut if row.cells])
    begins = {band[0].line for band in bands}
    wide = all(max(len(row.cells) for row in band) > 1 for band in bands)
    return list(bands) if wide and len(begins) == len(bands) else [rows]


def _tables(rows: Sequence[SheetRow]) -> Iterator[list[SheetRow]]:
    """Yield the runs of rows without an empty one between them."""
    table: list[SheetRow] = []
    for row in rows:
        if table and row.line > table[-1].line + max(1, _height(table[-1])):
            yield table
            table = []
        table.append(row)
    if table:
        yield table


def _height(row: SheetRow) -> int:
    """How many lines of the file a row takes up: cells of CSV may have line ends in them."""
    return 1 + sum(text.count("\n") for text in row.cells.values())


def _captions(table: list[SheetRow]) -> tuple[list[SheetRow], list[SheetRow]]:
    """The captions of a table, which are rows of one cell above its other rows; and the other rows."""
    first = next((index for index, row in enumerate(table) if len(row.cells) > 1), len(table))
    return table[:first], table[first:]


def _is_header(table: list[SheetRow], before: Mapping[int, str]) -> bool:
    """Whether the first row names the columns. After an empty row, it may be data below the header `before`."""
    if len(table) < 2:
        return False
    first, below = table[0].cells, table[1:]
    names = [one_line(text) for text in first.values()]
    if len(set(names)) < 2 or not (_are_names(names) or _are_times(first, below)):
        return False
    usual = median_high(len(row.cells) for row in below[:20])  # one row of a hundred cells does not count
    if len(first) < 0.5 * usual:
        return False
    return not before.keys() >= first.keys() or any(
        _NUMBER.fullmatch(row.cells.get(column, "")) for row in below[:5] for column in first
    )


def _are_names(texts: Iterable[str]) -> bool:
    return not any(len(text) > _LONGEST_NAME or _NUMBER.fullmatch(text) for text in texts)


def _are_times(first: Mapping[int, str], below: Sequence[SheetRow]) -> bool:
    """Whether a row names columns of years or dates: they rise or fall, and the values below them are others."""
    times = {column: text for column, text in first.items() if _TIME.fullmatch(text)}
    listed = list(times.values())
    if len(times) < 2 or not _are_names(text for column, text in first.items() if column not in times):
        return False
    values = [row.cells[column] for row in below[:5] for column in times if column in row.cells]
    sorted_ones = sorted(set(listed))
    return listed in (sorted_ones, sorted_ones[::-1]) and 2 * sum(map(_is_time, values)) < len(values)


def _is_time(text: str) -> bool:
    return _TIME.fullmatch(text) is not None


def _double_header(table: Sequence[SheetRow]) -> dict[int, str]:
    """The names of the columns if the first row names groups of columns and the second the columns, as "1922 Income";
    otherwise empty.

    A cell names a group if it spans columns, or, if no cell does, where the second row repeats its names.
    """
    if len(table) < 3:
        return {}
    groups, names = table[0], {column: one_line(text) for column, text in table[1].cells.items()}
    repeats = len(set(names.values())) < len(names) and len(groups.cells) < len(names)
    if not (groups.spans or repeats) or not (_are_names(names.values()) or _are_times(names, table[2:])):
        return {}
    if not any(_NUMBER.fullmatch(row.cells.get(column, "")) for row in table[2:7] for column in names):
        return {}
    starts = sorted(groups.cells)
    found = dict(names)
    for start, following in pairwise([*starts, max(names, default=0) + 1]):
        end = start + groups.spans.get(start, 1) if groups.spans else following
        name = one_line(groups.cells[start])
        for column in range(start, end):
            own = names.get(column, "")
            found[column] = name if own in ("", name) else f"{name} {own}"
    unique = len(set(found.values())) == len(found)
    fits = all(len(name) <= _LONGEST_NAME for name in found.values())
    return dict(sorted(found.items())) if unique and fits else {}


def _bare(row: SheetRow) -> str:
    return table_row(row.cells.values())


def _record(row: SheetRow, header: Mapping[int, str]) -> str:
    named = (
        f"{one_line(header[column]).rstrip(':')}: {one_line(text)}" if header.get(column) else one_line(text)
        for column, text in row.cells.items()
    )
    return "; ".join(named)
