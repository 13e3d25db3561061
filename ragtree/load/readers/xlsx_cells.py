"""Cells of a workbook: what each of them shows, or its formula if no value is cached."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from ..format_contents import NO_VALUE, NoticeCollector
from .link_targets import target_after
from .markup import attribute, child, name, number, words
from .outline import one_line
from .xlsx_formats import NumberFormat

REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
ODD_CELLS = "invalid cells"
_RELATIVE = re.compile(r'"[^"]*"|\'[^\']*\'|(?<![A-Za-z0-9_.$])(\$?)([A-Z]{1,3})(\$?)(\d{1,7})(?![A-Za-z0-9_(.!])')
"""References in a formula; texts and names of sheets are skipped."""
_LAST_COLUMN, _LAST_ROW = 16_384, 1_048_576
_LONGEST_FORMULA = 1000


@dataclass(slots=True)
class CellReader:
    """Reads the cells of one workbook, sheet by sheet."""

    strings: list[str]
    formats: list[NumberFormat]
    epoch: datetime
    calculates: bool
    """True if the workbook asks to be calculated when it is opened; then a cached 0 may stand for no value."""
    collector: NoticeCollector
    shared: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    """Formulas that several cells of the sheet share: id -> the formula, and the column and row that it is for."""

    def cells(self, row: Any, at: int) -> dict[int, str]:
        """Column -> text of the non-empty cells of a row. An invalid cell does not affect the others."""
        found: dict[int, str] = {}
        column = -1
        for cell in row:
            if name(cell) != "c":
                continue
            place = REFERENCE.fullmatch(attribute(cell, "r"))
            column = column_number(place.group(1)) if place else column + 1
            try:
                text = self._text(cell, column, at).strip()
            except (ValueError, TypeError, ArithmeticError):
                self.collector.add(ODD_CELLS, attribute(cell, "r"))
                text = words(child(cell, "v")).strip()
            if text:
                found[column] = text
        return found

    def _text(self, cell: Any, column: int, row: int) -> str:
        kind = attribute(cell, "t")
        formula = self._formula(child(cell, "f"), column, row)
        if kind == "inlineStr":
            return rich_text(child(cell, "is"))
        kept = child(cell, "v")
        value = words(kept)
        if formula and (not value or (self.calculates and value == "0")) and not (kind == "str" and kept is not None):
            self.collector.add(NO_VALUE)
            return f"{value} (={formula})" if value else f"={formula}"
        if kind == "s":
            if value.isdecimal() and int(value) < len(self.strings):
                return self.strings[int(value)]
            if value:
                self.collector.add(ODD_CELLS, attribute(cell, "r"))
            return ""
        if kind == "b":
            return "" if not value else "TRUE" if value in ("1", "true") else "FALSE"
        if kind in ("str", "e", "d") or not value:
            return f"{value}{_link(formula, value)}"
        index = number(cell, "s")
        form = self.formats[index] if index < len(self.formats) else NumberFormat()
        return form.shown(value, self.epoch)

    def _formula(self, element: Any, column: int, row: int) -> str:
        """The formula of a cell. If it is shared, its references are moved to this cell."""
        if element is None:
            return ""
        text = one_line(words(element))[:_LONGEST_FORMULA]
        if attribute(element, "t") != "shared":
            return text
        identity = attribute(element, "si")
        if text:
            self.shared[identity] = (text, column, row)
            return text
        if identity not in self.shared:
            return ""
        text, first_column, first_row = self.shared[identity]
        return shifted(text, column - first_column, row - first_row)


def shifted(formula: str, columns: int, rows: int) -> str:
    """A formula with its references moved by so many columns and rows, except those with a $."""

    def moved(found: re.Match[str]) -> str:
        if found[2] is None:
            return found[0]
        column = column_number(found[2]) + (0 if found[1] else columns)
        row = int(found[4]) + (0 if found[3] else rows)
        if not (0 <= column < _LAST_COLUMN and 0 < row <= _LAST_ROW):
            return "#REF!"
        return f"{found[1]}{column_letters(column)}{found[3]}{row}"

    return _RELATIVE.sub(moved, formula)


def column_number(letters: str) -> int:
    """A -> 0, Z -> 25, AA -> 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def column_letters(column: int) -> str:
    """0 -> A, 25 -> Z, 26 -> AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def rich_text(item: Any) -> str:
    """The text of a string, without its pronunciation guides (rPh), as Japanese has them."""
    if item is None:
        return ""
    runs = (part if name(part) == "t" else child(part, "t") for part in item if name(part) in ("t", "r"))
    return "".join(words(run) for run in runs)


_HYPERLINK = re.compile(r'HYPERLINK\(\s*"([^"]+)"', re.IGNORECASE)


def _link(formula: str, shown: str) -> str:
    """The text to add after a cell whose formula makes a link: its target; otherwise empty."""
    found = _HYPERLINK.match(formula)
    return target_after(shown, found[1]) if found else ""
