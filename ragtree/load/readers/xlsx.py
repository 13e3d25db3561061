"""Excel workbooks, read from their own XML, row by row.

openpyxl gives up on a workbook over a style that it does not understand, and is slower by its objects for cells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from ...errors import LoadError
from ...settings import LoadSettings
from ..base import Loaded
from .drawing import drawn_texts
from .markup import attribute, child, children, descendants, is_on, name, number, words
from .outline import Outline
from .package import Package, open_package
from .rows import USUAL_NAME, Row, add_rows, check_rows, number_text

_DATES = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}
_PERCENT = {9, 10}
_NOT_IN_FORMAT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_MOST_FILLED = 100_000
"""Cells of merged areas that are filled with the area's value."""


@dataclass(frozen=True, slots=True)
class _Workbook:
    package: Package
    strings: list[str]
    formats: list[str]
    """By style, "date", "percent" or nothing."""
    epoch: datetime


class XlsxLoader:
    """`.xlsx`; a passage is located by the row and the name of its sheet."""

    suffixes = frozenset({".xlsx", ".xlsm", ".xltx", ".xltm"})

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        package = open_package(data, source, limits, "Excel file")
        part = package.main_part("xl/workbook.xml")
        relations = package.relations(part)
        parts = {relation.kind: relation.part for relation in relations.values()}
        root = package.xml(part)
        early = child(root, "workbookPr")
        workbook = _Workbook(
            package,
            _strings(package.xml(parts.get("sharedStrings", ""))),
            _formats(package.xml(parts.get("styles", ""))),
            datetime(1904, 1, 1) if is_on(early, "date1904") else datetime(1899, 12, 30),
        )
        outline = Outline()
        count = 0
        for sheet in children(child(root, "sheets"), "sheet"):
            relation = relations.get(attribute(sheet, "id"))
            if relation is None:
                continue
            title = attribute(sheet, "name")
            outline.enter(1, title)
            if relation.kind == "worksheet":
                rows = _rows(workbook, relation.part, limits, count)
                count += len(rows)
                if rows and not USUAL_NAME.fullmatch(title):
                    outline.heading(1, title)
                add_rows(outline, rows, source, limits)
            _drawings(outline, package, relation.part)
        metadata = package.properties()
        return outline.loaded(str(metadata.pop("title", "")), metadata)


def _rows(workbook: _Workbook, part: str, limits: LoadSettings, before: int) -> list[Row]:
    """The rows of a sheet that have text, with merged areas filled downwards."""
    rows: dict[int, dict[int, str]] = {}
    merged: list[str] = []
    at = 0
    for element in _elements(workbook.package, part):
        if name(element) == "mergeCell":
            merged.append(attribute(element, "ref"))
        elif name(element) == "row":
            at = number(element, "r", at + 1)
            cells = _cells(element, workbook)
            if cells:
                rows[at] = cells
                check_rows(before + len(rows), workbook.package.source, limits)
    _fill(rows, merged)
    return [Row(line, dict(sorted(cells.items()))) for line, cells in sorted(rows.items())]


def _elements(package: Package, part: str) -> Iterator[Any]:
    """Rows and merged areas of a sheet one after the other, so that a large sheet is never in memory as XML."""
    from lxml import etree

    parsed = etree.iterparse(
        BytesIO(package.read(part)),
        events=("end",),
        tag=("{*}row", "{*}mergeCell"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    try:
        for _, element in parsed:
            yield element
            element.clear()
    except etree.XMLSyntaxError as error:
        raise LoadError(package.source, f"a broken sheet {part} ({str(error)[:80]})") from error


def _cells(row: Any, workbook: _Workbook) -> dict[int, str]:
    cells: dict[int, str] = {}
    column = -1
    for cell in children(row, "c"):
        found = _REFERENCE.fullmatch(attribute(cell, "r"))
        column = _column(found.group(1)) if found else column + 1
        text = _cell_text(cell, workbook).strip()
        if text:
            cells[column] = text
    return cells


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _cell_text(cell: Any, workbook: _Workbook) -> str:
    kind = attribute(cell, "t")
    if kind == "inlineStr":
        return _rich(child(cell, "is"))
    value = words(child(cell, "v"))
    if kind == "s":
        index = int(value) if value.isdigit() else len(workbook.strings)
        return workbook.strings[index] if index < len(workbook.strings) else ""
    if kind == "b":
        return "TRUE" if value == "1" else "FALSE"
    if kind in ("str", "e", "d") or not value:
        return value
    index = number(cell, "s")
    form = workbook.formats[index] if index < len(workbook.formats) else ""
    if form == "date":
        return _date(value, workbook.epoch)
    if form == "percent":
        return _percent(value)
    return number_text(value)


def _date(value: str, epoch: datetime) -> str:
    """A serial number of days as a date, with the time where it has one."""
    try:
        moment = epoch + timedelta(seconds=round(float(value) * 86400))
    except (ValueError, OverflowError):
        return value
    if float(value) < 1:
        return f"{moment:%H:%M:%S}".removesuffix(":00")
    return f"{moment:%Y-%m-%d}" if moment.time() == datetime.min.time() else f"{moment:%Y-%m-%d %H:%M}"


def _percent(value: str) -> str:
    try:
        return f"{float(value) * 100:.10g}%"
    except ValueError:
        return value


def _strings(root: Any) -> list[str]:
    """The texts that cells refer to by number."""
    return [_rich(item) for item in children(root, "si")]


def _rich(item: Any) -> str:
    """The text of a string, without the pronunciation (rPh) that Japanese ones have."""
    if item is None:
        return ""
    runs = (part if name(part) == "t" else child(part, "t") for part in item if name(part) in ("t", "r"))
    return "".join(words(run) for run in runs)


def _formats(root: Any) -> list[str]:
    own = {
        attribute(form, "numFmtId"): attribute(form, "formatCode")
        for form in children(child(root, "numFmts"), "numFmt")
    }
    return [_form(attribute(style, "numFmtId"), own) for style in children(child(root, "cellXfs"), "xf")]


def _form(number: str, own: dict[str, str]) -> str:
    if number in own:
        code = _NOT_IN_FORMAT.sub("", own[number]).split(";")[0].lower()
        if "%" in code:
            return "percent"
        return "date" if re.search("[ydhs]|m", code) and "general" not in code else ""
    known = int(number) if number.isdigit() else 0
    return "date" if known in _DATES else "percent" if known in _PERCENT else ""


def _fill(rows: dict[int, dict[int, str]], merged: list[str]) -> None:
    """A value that stands beside several rows belongs to each of them."""
    filled = 0
    for area in merged:
        found = _REFERENCE.findall(area)
        if len(found) != 2:
            continue
        (left, top), (_, bottom) = found
        column = _column(left)
        text = rows.get(int(top), {}).get(column)
        for line in range(int(top) + 1, int(bottom) + 1) if text else ():
            filled += 1
            if filled > _MOST_FILLED:
                return
            if line in rows and text:
                rows[line].setdefault(column, text)


def _drawings(outline: Outline, package: Package, part: str) -> None:
    """Charts and text boxes that lie on a sheet."""
    for relation in package.relations(part).values():
        if relation.kind != "drawing":
            continue
        root = package.xml(relation.part)
        for shape in descendants(root, "txBody") if root is not None else ():
            paragraphs = (words(paragraph) for paragraph in children(shape, "p"))
            outline.add("\n".join(text for text in paragraphs if text.strip()))
        for text in drawn_texts(root, package.relations(relation.part), package) if root is not None else ():
            outline.add(text)
