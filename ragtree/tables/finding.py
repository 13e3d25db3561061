"""Finds the tables in a document's text: rows in Markdown, and lines such as `Port: Leith; Tide: 5`.

The readers of sheets, pages and web pages write tables in these two forms (load/readers), and so do people.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ..text.table_rows import cell_text
from ..types import Document, Span
from .base import Table, TableCell, TableRow
from .computing import without_totals

_RULE = re.compile(r"\|?(?::?-+:?\|)*(?::?-+:?)?")
"""The line under the header of a Markdown table, without its white space."""
_CELL = re.compile(r"(?:\\.|[^|\\])*\\?")
_NAME = re.compile(r"(?:\A|(?<=; ))([^;:\n]{1,80}): ")
_LEAST_ROWS = 2
_LEAST_NAMES = 2
_ALIKE = 0.5
"""Least share of a line's names that earlier lines of its table have, and of the lines that have a column's name."""
_MOST_COLUMNS = 1000
_MOST_CELLS = 200_000
"""Most cells of a table; larger ones are for a database."""


def has_tables(text: str) -> bool:
    """True for a text that may have a table: quicker than finding them."""
    return any(_is_rule(line) or len(_NAME.findall(line)) >= _LEAST_NAMES for line in map(str.strip, text.split("\n")))


def tables_of(document: Document) -> list[Table]:
    """The tables of a document, in their order, without rows that are the sums of the others.

    Tables with more than 200,000 cells are left out.
    """
    lines = list(_lines(document.text))
    found = []
    at = 0
    while at < len(lines):
        end = _markdown_end(document.text, lines, at) or _records_end(document.text, lines, at)
        if end > at:
            is_markdown = at + 1 < end and _is_rule(lines[at + 1].of(document.text))
            make = _markdown_table if is_markdown else _record_table
            table = make(document, lines[at:end], _caption(document, lines, at))
            if len(table.rows) >= _LEAST_ROWS and len(table.rows) * len(table.columns) <= _MOST_CELLS:
                found.append(without_totals(table))
        at = max(end, at + 1)
    return found


def _is_rule(line: str) -> bool:
    bare = "".join(line.split())
    return "|" in bare and "-" in bare and _RULE.fullmatch(bare) is not None


def _lines(text: str) -> Iterator[Span]:
    """The lines that are not empty, without the white space around them."""
    for match in re.finditer(r"\S[^\n]*", text):
        yield Span(match.start(), match.start() + len(match[0].rstrip()))


def _caption(document: Document, lines: Sequence[Span], at: int) -> str:
    parts = list(document.locate(lines[at]).heading)
    if at and "|" not in lines[at - 1].of(document.text):
        parts.append(lines[at - 1].of(document.text))
    return "\n".join(parts)


# --- Markdown


def _markdown_end(text: str, lines: Sequence[Span], at: int) -> int:
    """The place after the last row of the Markdown table that begins at a line; 0 if none does."""
    if at + 1 >= len(lines) or "|" not in lines[at].of(text) or not _is_rule(lines[at + 1].of(text)):
        return 0
    end = at + 2
    while (
        end < len(lines) and "|" in lines[end].of(text) and text.count("\n", lines[end - 1].end, lines[end].start) == 1
    ):
        end += 1
    return end


def _markdown_table(document: Document, lines: Sequence[Span], caption: str) -> Table:
    header, rows = _markdown_cells(document.text, lines[0]), []
    names = [cell.text for cell in header]
    below = [cell.text for cell in _markdown_cells(document.text, lines[2])] if lines[2:] else []
    second = _second_header(names, below)
    for line in lines[3 if second else 2 :]:
        cells = enumerate(_markdown_cells(document.text, line))
        rows.append(TableRow({place: cell for place, cell in cells if cell.text and place < len(header)}, line))
    above = Span(lines[0].start, lines[2].end) if second else lines[0]
    return Table(document, tuple(second or names), tuple(row for row in rows if row.cells), caption, above)


def _second_header(names: Sequence[str], below: Sequence[str]) -> list[str]:
    """The names of the columns if the header names groups (each repeated over its columns) and the row below it the
    columns; otherwise empty."""
    groups = {name for before, name in pairwise(names) if name and name == before}
    if not groups or len(names) != len(below) or any(text and not any(map(str.isalpha, text)) for text in below):
        return []
    pairs = list(zip(names, below, strict=True))
    if any(name not in groups and text not in ("", name) for name, text in pairs):
        return []
    joined = [name if text in ("", name) else f"{name} {text}" for name, text in pairs]
    return joined if len(set(joined)) == len(joined) else []


def _markdown_cells(text: str, line: Span) -> list[TableCell]:
    start = line.start + (text[line.start] == "|")
    cells: list[TableCell] = []
    while start < line.end or not cells:
        found = _CELL.match(text, start, line.end)
        assert found is not None
        inside = found[0].strip()
        begin = start + len(found[0]) - len(found[0].lstrip())
        cells.append(TableCell(cell_text(inside), Span(begin, begin + len(inside))))
        start = found.end() + 1  # a bar at the end of the line begins no cell
    return cells


# --- records


def _records_end(text: str, lines: Sequence[Span], at: int) -> int:
    """The place after the last line of a run of records that have names in common; 0 if none begins here."""
    known: Counter[str] = Counter()
    end = at
    while end < len(lines):
        names = set(_NAME.findall(lines[end].of(text)))
        shared = sum(name in known for name in names)
        if len(names) < _LEAST_NAMES or (known and shared < max(_LEAST_NAMES, _ALIKE * len(names))):
            break
        known.update(names)
        end += 1
    return end if end - at >= _LEAST_ROWS else 0


def _record_table(document: Document, lines: Sequence[Span], caption: str) -> Table:
    """The table of a run of records. A name that few lines have belongs to the value before it: "Remark: seen; note:
    none". What is before the first name of most lines is a column without a name."""
    text = document.text
    said = [_NAME.findall(line.of(text)) for line in lines]
    often = Counter(name for names in said for name in set(names))
    least = 2 if len(lines) < 2 / _ALIKE else _ALIKE * len(lines) / max(1, len(lines) ** 0.5)
    columns = _in_order([[name for name in names if often[name] >= least] for names in said])[:_MOST_COLUMNS]
    kept = set(columns)
    known = [[found for found in _NAME.finditer(line.of(text)) if found[1] in kept] for line in lines]
    if 2 * sum(bool(starts) and starts[0].start() > 0 for starts in known) > len(lines):
        columns.insert(0, "")
    place = {name: number for number, name in enumerate(columns)}
    rows = []
    for line, starts in zip(lines, known, strict=True):
        ends = [found.start() - 2 for found in starts[1:]] + [line.end - line.start]
        cells: dict[int, TableCell] = {}
        if "" in place and starts and starts[0].start() > 0:
            span = Span(line.start, line.start + starts[0].start() - 2)
            cells[0] = TableCell(span.of(text).strip(), span)
        for found, end in zip(starts, ends, strict=True):
            span = Span(line.start + found.start(), line.start + end)
            cells.setdefault(place[found[1]], TableCell(text[line.start + found.end() : span.end].strip(), span))
        rows.append(TableRow({number: cell for number, cell in cells.items() if cell.text}, line))
    return Table(document, tuple(columns), tuple(row for row in rows if row.cells), caption)


def _in_order(said: Sequence[Sequence[str]]) -> list[str]:
    """All names, in the order in which lines have them: a line without a value omits its name."""
    longest: Sequence[str] = max(said, key=len)
    order = list(dict.fromkeys(longest))
    known = set(order)
    for names in said:
        for before, name in pairwise(["", *names]):
            if name not in known:
                order.insert(order.index(before) + 1 if before in known else 0, name)
                known.add(name)
    return order
