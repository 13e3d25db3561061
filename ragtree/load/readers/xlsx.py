"""Excel workbooks, read from their own XML, row by row.

openpyxl fails on a workbook with a style that it does not understand, and is slower because of its cell objects.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any

from ...settings import LoadSettings
from ..base import Loaded
from ..format_contents import BROKEN_PARTS, HIDDEN_SHEETS, NoticeCollector
from .embedded import Embedded
from .markup import attribute, child, children, is_on, name, number
from .outline import Outline
from .package import Package, open_package
from .pictures import Pictures, Read
from .sheet_rows import USUAL_NAME, SheetRow, add_rows, check_rows
from .xlsx_cells import REFERENCE, CellReader, column_number, rich_text
from .xlsx_extras import add_drawings, add_targets, defined_values, page_texts, read_comments, read_people
from .xlsx_formats import read_formats

_MOST_FILLED = 100_000
"""Most cells of merged areas that are filled with the area's value."""
_HIDDEN_ROWS = "hidden rows and columns"


@dataclass(slots=True)
class _Sheet:
    """The content of the part of a sheet."""

    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    merged: list[str] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    """(cell or area, id of the link's target)."""
    around: list[str] = field(default_factory=list)
    """Its header and footer."""


class XlsxLoader:
    """`.xlsx`; a passage is located by the row and the name of its sheet."""

    def __init__(self, read: Read | None = None) -> None:
        """`read` reads pictures; without it, they are not read."""
        self._read = read

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        package = open_package(data, source, limits, "Excel file")
        part = package.main_part("xl/workbook.xml")
        relations = package.relations(part)
        parts = {relation.kind: relation.part for relation in relations.values()}
        root = package.xml(part)
        collector = NoticeCollector("XLSX")
        reader = CellReader(
            [rich_text(item) for item in children(package.xml(parts.get("sharedStrings", "")), "si")],
            read_formats(package.xml(parts.get("styles", ""))),
            datetime(1904, 1, 1) if is_on(child(root, "workbookPr"), "date1904") else datetime(1899, 12, 30),
            is_on(child(root, "calcPr"), "fullCalcOnLoad"),
            collector,
        )
        people = read_people(package, relations)
        outline = Outline()
        embedded = Embedded(package, limits, collector, None, Pictures(limits, collector, self._read))
        count = 0
        for sheet in children(child(root, "sheets"), "sheet"):
            relation = relations.get(attribute(sheet, "id"))
            if relation is None:
                continue
            title = attribute(sheet, "name")
            if attribute(sheet, "state") in ("hidden", "veryHidden"):
                collector.add(HIDDEN_SHEETS, title)
            outline.enter(1, title)
            beside = package.relations(relation.part)
            if relation.kind == "worksheet":
                found = _read_sheet(package, relation.part, reader, limits, count)
                add_targets(found.links, package, relation.part, found.rows)
                spans = _spans(found.merged)
                rows = [
                    SheetRow(line, dict(sorted(cells.items())), spans.get(line, {}))
                    for line, cells in sorted(found.rows.items())
                ]
                count += len(rows)
                if rows and not USUAL_NAME.fullmatch(title):
                    outline.heading(1, title)
                add_rows(outline, rows, source, limits, read_comments(package, beside, people))
                for text in found.around:
                    outline.add(text)
            add_drawings(outline, embedded, beside)
        outline.enter(1, "")
        for text in defined_values(root):
            outline.add(text, tight=True)
        metadata = package.properties()
        package.tell(collector)
        return outline.loaded(str(metadata.pop("title", "")), metadata, collector.notices())


def _read_sheet(package: Package, part: str, reader: CellReader, limits: LoadSettings, before: int) -> _Sheet:
    """The rows of a sheet that have text, with merged areas filled downwards; and its links, header and footer."""
    sheet = _Sheet()
    at = 0
    reader.shared.clear()
    for element in _elements(package, part, reader.collector):
        kind = name(element)
        if kind == "row":
            at = number(element, "r", at + 1)
            cells = reader.cells(element, at)
            if cells:
                sheet.rows[at] = cells
                check_rows(before + len(sheet.rows), package.source, limits)
                if is_on(element, "hidden"):
                    reader.collector.add(_HIDDEN_ROWS)
        elif kind == "mergeCell":
            sheet.merged.append(attribute(element, "ref"))
        elif kind == "hyperlink":
            sheet.links.append((attribute(element, "ref"), attribute(element, "id")))
        elif kind == "col" and is_on(element, "hidden"):
            reader.collector.add(_HIDDEN_ROWS)
        elif kind == "headerFooter":
            sheet.around = page_texts(element)
    _fill(sheet.rows, sheet.merged)
    return sheet


def _elements(package: Package, part: str, collector: NoticeCollector) -> Iterator[Any]:
    """Yield the elements of a sheet one by one, so that it is never in memory as XML. Stop where the XML breaks."""
    from lxml import etree

    parsed = etree.iterparse(
        BytesIO(package.read(part)),
        events=("end",),
        tag=("{*}row", "{*}mergeCell", "{*}hyperlink", "{*}col", "{*}headerFooter"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    try:
        for _, element in parsed:
            yield element
            element.clear()
    except etree.XMLSyntaxError:
        collector.add(BROKEN_PARTS, part)


def _spans(merged: list[str]) -> dict[int, dict[int, int]]:
    """Line -> first column -> how many columns a merged area has, if more than one."""
    spans: dict[int, dict[int, int]] = {}
    for area in merged[:_MOST_FILLED]:
        found = REFERENCE.findall(area)
        if len(found) == 2:
            first, last = column_number(found[0][0]), column_number(found[1][0])
            if last > first:
                spans.setdefault(int(found[0][1]), {})[first] = last - first + 1
    return spans


def _fill(rows: dict[int, dict[int, str]], merged: list[str]) -> None:
    """Repeat the value of a merged area in each of its rows, in its first column."""
    filled = 0
    for area in merged:
        found = REFERENCE.findall(area)
        if len(found) != 2:
            continue
        (left, top), (_, bottom) = found
        column = column_number(left)
        text = rows.get(int(top), {}).get(column)
        for line in range(int(top) + 1, int(bottom) + 1) if text else ():
            filled += 1
            if filled > _MOST_FILLED:
                return
            if line in rows and text:
                rows[line].setdefault(column, text)
