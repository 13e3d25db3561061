"""Tables as text: values between commas, semicolons, tabs or bars."""

from __future__ import annotations

import csv
import re
from collections import Counter
from io import StringIO

from ...settings import LoadSettings
from ..base import Loaded
from .outline import Outline
from .rows import Row, add_rows, check_rows
from .text import decode

_SIGNS = ",;\t|"
_LOOKED_AT = 64_000
_LEAST_SHARE = 0.5
"""Of the rows; where fewer have the same number of cells, the sign is one of punctuation."""

_SAID = re.compile(r"\A\ufeff?sep=(.)\r?\n", re.IGNORECASE)
"""What Excel writes where the separator is not the usual one."""


class CsvLoader:
    """`.csv`, `.tsv`; a passage is located by the line of its row. What is no table after all is read as text."""

    suffixes = frozenset({".csv", ".tsv", ".tab", ".psv"})

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        text = decode(data, source)
        said = _SAID.match(text)
        sign = said.group(1) if said else separator(text)
        if not sign:
            return Loaded(text, lines=True)
        rows: list[Row] = []
        reader = csv.reader(StringIO(text, newline=""), delimiter=sign)
        line = 1
        try:
            for cells in reader:
                row = Row(line, {column: cell.strip() for column, cell in enumerate(cells) if cell.strip()})
                line = reader.line_num + 1
                if row.cells and not (said and row.line == 1):
                    rows.append(row)
                    check_rows(len(rows), source, limits)
        except csv.Error:  # a quote that is never closed, or a field without an end
            return Loaded(text, lines=True)
        outline = Outline()
        add_rows(outline, rows, source, limits)
        return outline.loaded()


def separator(text: str) -> str:
    """The sign that cuts most of the first rows into the same number of cells; nothing where none does."""
    head = text[:_LOOKED_AT]
    if len(text) > len(head):
        head = head[: head.rfind("\n") + 1] or head
    best = ("", _LEAST_SHARE)
    for sign in _SIGNS:
        try:
            widths = Counter(len(row) for row in csv.reader(StringIO(head, newline=""), delimiter=sign) if row)
        except csv.Error:
            continue
        rows = sum(widths.values())
        width, often = max(widths.items(), key=lambda found: (found[1], found[0]), default=(0, 0))
        share = often / rows if rows else 0.0
        if width > 1 and share > best[1]:
            best = (sign, share)
    return best[0]
