"""Tables as text: values separated by commas, semicolons, tabs or bars."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from ...settings import LoadSettings
from ..base import Loaded
from ..format_contents import LONG_ROWS, OPEN_QUOTES, SHORT_ROWS, NoticeCollector
from .outline import Outline
from .plain_text import decode
from .separated import SeparatedRow, separated_rows
from .sheet_rows import SheetRow, add_rows, check_rows

_SIGNS = ",;\t|"
_LOOKED_AT = 200
"""Rows that are searched for the separator."""

_LEAST_SHARE = 0.5
"""Share of rows with the same number of cells. If no more than this have it, the sign is mere punctuation."""

_LEAST_ROWS = 4
"""Rows from which on exactly half are enough, if the first is one of them: a small table may have two odd rows."""

_SAID = re.compile(r"\A\ufeff?sep=(.)\r?\n", re.IGNORECASE)
"""The first line that Excel writes if the separator is not the usual one."""


class CsvLoader:
    """`.csv`, `.tsv`; a passage is located by the line of its row. A file that is not a table is read as text."""

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        text = decode(data, source)
        said = _SAID.match(text)
        sign = said.group(1) if said else separator(text)
        if not sign:
            return Loaded(text, lines=True)
        rows: list[SeparatedRow] = []
        for row in separated_rows(text, sign):
            if any(map(str.strip, row.cells)) and not (said and row.line == 1):
                rows.append(row)
                check_rows(len(rows), source, limits)
        width = _usual_width(rows)
        outline = Outline()
        add_rows(outline, [SheetRow(row.line, _by_column(row, width)) for row in rows], source, limits)
        return outline.loaded(notices=_notices(rows, width))


def separator(text: str) -> str:
    """The sign that splits most of the first rows into the same number of cells; empty if none does."""
    best = ("", _LEAST_SHARE)
    for sign in _SIGNS:
        rows = [row for row in islice(separated_rows(text, sign), _LOOKED_AT) if any(row.cells)]
        widths = Counter(len(row.cells) for row in rows)
        width, often = max(widths.items(), key=lambda found: (found[1], found[0]), default=(0, 0))
        headed = len(rows) >= _LEAST_ROWS and len(rows[0].cells) == width
        share = (often + 0.5 * headed) / len(rows) if rows else 0.0
        if width > 1 and share > best[1]:
            best = (sign, share)
    return best[0]


def _usual_width(rows: Sequence[SeparatedRow]) -> int:
    """The number of cells that at least half of the rows have; 0 if there is none."""
    widths = Counter(len(row.cells) for row in rows)
    width, often = max(widths.items(), key=lambda found: found[1], default=(0, 0))
    return width if often >= _LEAST_SHARE * len(rows) else 0


def _by_column(row: SeparatedRow, width: int) -> dict[int, str]:
    """The non-empty cells. Those beyond the usual width are moved up to it, because a gap would separate two tables."""
    cells = {column: cell.strip() for column, cell in enumerate(row.cells) if cell.strip()}
    if not width:
        return cells
    beyond = [text for column, text in cells.items() if column >= width]
    return {column: text for column, text in cells.items() if column < width} | dict(enumerate(beyond, start=width))


def _notices(rows: Sequence[SeparatedRow], width: int) -> tuple[str, ...]:
    """Notices about rows that differ from the others, with their lines."""
    collector = NoticeCollector("CSV")
    for row in rows:
        line = f"line {row.line}"
        if row.is_broken:
            collector.add(OPEN_QUOTES, line)
        elif width and any(map(str.strip, row.cells[width:])):
            collector.add(LONG_ROWS, line)
        elif len(row.cells) < width:
            collector.add(SHORT_ROWS, line)
    return collector.notices()
