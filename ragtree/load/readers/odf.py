"""OpenDocument: texts, presentations and spreadsheets, as LibreOffice writes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ...errors import LoadError
from ...settings import LoadSettings
from ...types import Scalar
from ..base import Loaded
from ..format_contents import EMBEDDED, HIDDEN_SHEETS, HIDDEN_SLIDES, HIDDEN_TEXT, MEDIA, NO_VALUE, NoticeCollector
from .drawing import picture_text
from .link_targets import target_after
from .markup import attribute, child, children, name, number, words
from .odf_parts import OdfFile, around_pages, comment_text, read_file
from .outline import Outline, facts, markdown_table, one_line
from .package import Package, encrypted_parts, open_package
from .pictures import Pictures, Read
from .sheet_rows import USUAL_NAME, SheetRow, add_rows, check_rows
from .spanned_cells import SpannedCells

_MOST_DEPTH = 60
_MOST_REPEATED = 1000
"""Columns; a sheet may say that its last, empty cell is repeated 16,384 times."""

_SKIPPED = frozenset({"tracked-changes", "annotation-end", "ruby-text", "forms", "sequence-decls"})
"""Tracked deletions, pronunciation guides, and declarations."""

_NOT_READ = {"object-ole": EMBEDDED, "plugin": MEDIA}
_FURNITURE = frozenset({"header", "footer", "date-time", "page-number"})


@dataclass(slots=True)
class _OdfReader:
    file: OdfFile
    outline: Outline = field(default_factory=Outline)
    page: int | None = None
    within_cell: bool = False
    rows: int = 0

    def blocks(self, container: Any, depth: int = 0) -> None:
        """Read everything below a body, section, list, frame or cell."""
        if depth > _MOST_DEPTH:
            raise LoadError(self.file.package.source, f"lists, tables or frames nest deeper than {_MOST_DEPTH}")
        for element in container:
            kind = name(element)
            if kind == "h":
                level = attribute(element, "outline-level")
                self.text(element, depth, heading=int(level) if level.isdecimal() else 1)
            elif kind == "p":
                self.text(element, depth, heading=1 if attribute(element, "style-name") in self.file.titles else 0)
            elif kind == "table" and element.tag.endswith("table:1.0}table"):
                self.table(element, depth)
            elif kind == "list":
                self.items(element, depth)
            elif kind == "notes":  # of a slide
                self.outline.add(_prefixed("Notes: ", self.cell(element, depth)), page=self.page)
            elif kind == "object":
                self.blocks_of_object(element, depth)
            elif kind in ("title", "desc"):  # of a picture
                self.outline.add(picture_text(words(element)), page=self.page)
            elif kind == "annotation":
                self.outline.add(comment_text(element), page=self.page)
            elif kind == "a" and _outside(attribute(element, "href")):  # around a picture
                self.blocks(element, depth + 1)
                self.outline.add(f"Link: {attribute(element, 'href')}", page=self.page)
            elif kind == "control":
                self.outline.add(self.file.controls.get(attribute(element, "control"), ""), page=self.page)
            elif kind == "image":
                self.image(element, depth)
            elif kind in _NOT_READ:
                self.file.collector.add(_NOT_READ[kind], attribute(element, "href").rpartition("/")[2])
            elif kind not in _SKIPPED:
                if attribute(element, "display") == "none":
                    self.file.collector.add(HIDDEN_TEXT)
                self.blocks(element, depth + 1)

    def image(self, element: Any, depth: int) -> None:
        """Read a picture. In a cell its text is part of the cell's, and it is not described."""
        part = attribute(element, "href").removeprefix("./")
        for seen in self.file.pictures.blocks(part, partial(self.file.package.read, part)) if part else ():
            if not (seen.described and self.within_cell):
                self.outline.add(seen.text, page=self.page, described=seen.described)
        self.blocks(element, depth + 1)

    def text(self, element: Any, depth: int, heading: int = 0, sign: str = "") -> None:
        frames: list[Any] = []
        text = "".join(_pieces(element, frames, self.file)).strip()
        if heading and not self.within_cell:
            self.outline.heading(heading, text, page=self.page)
        else:
            self.outline.add(_prefixed(sign, text), page=self.page, tight=bool(sign))
        for frame in frames:
            if name(frame) == "note":
                self.outline.add(_prefixed("Note: ", self.cell(child(frame, "note-body"), depth)), page=self.page)
            elif name(frame) == "annotation":
                self.blocks([frame], depth + 1)
            else:
                self.blocks(frame, depth + 1)

    def items(self, element: Any, depth: int) -> None:
        for item in children(element, "list-header") + children(element, "list-item"):
            for position, below in enumerate(item):
                if name(below) == "p":
                    self.text(below, depth, sign="" if position else "- ")
                else:
                    self.blocks([below], depth + 1)

    def table(self, element: Any, depth: int) -> None:
        """Read a table. A table of one column is a frame around paragraphs, and is read as paragraphs."""
        rows = [_cells(row) for row in _rows(element)]
        self.rows += len(rows)
        check_rows(self.rows, self.file.package.source, self.file.limits)
        if all(len(row) <= 1 for row in rows):
            for row in rows:
                for cell in row:
                    self.blocks(cell if cell is not None else (), depth + 1)
            return
        grid = SpannedCells()
        for row in _rows(element):
            grid.add_row(
                ("" if cell is None else self.cell(cell, depth), _span(cell, "columns"), _span(cell, "rows"))
                for cell in _cells(row, covered=False)
            )
        grid.tell(self.file.collector)
        texts = grid.rows()
        if self.within_cell:
            self.outline.add("; ".join(", ".join(text for text in row if text) for row in texts if any(row)))
        else:
            self.outline.add(markdown_table(texts), page=self.page)

    def cell(self, element: Any, depth: int) -> str:
        """All text in an element, on one line."""
        inner = _OdfReader(self.file, within_cell=True)
        inner.blocks(element if element is not None else (), depth + 1)
        return one_line(inner.outline.loaded().text)

    def blocks_of_object(self, element: Any, depth: int) -> None:
        """Read a chart or formula, which is a separate document in the same package."""
        part = attribute(element, "href").removeprefix("./") + "/content.xml"
        if depth > 4 or part not in self.file.package.names:
            return
        root = self.file.package.part(part)
        if root is None:
            return
        body = child(root, "body")
        if body is not None:
            self.blocks(body, depth + 1)
        elif name(root) == "math":
            self.outline.add(f"${one_line(' '.join(words(below) for below in root.iter() if not len(below)))}$")

    def pages(self, body: Any) -> None:
        slides = children(body, "page")
        if len(slides) > self.file.limits.max_pages:
            raise LoadError(
                self.file.package.source,
                f"{len(slides)} slides, more than load.max_pages = {self.file.limits.max_pages}",
            )
        for page, slide in enumerate(slides, start=1):
            self.page = page
            if attribute(slide, "style-name") in self.file.hidden:
                self.file.collector.add(HIDDEN_SLIDES, str(page))
            self.outline.enter(1, "")
            shapes = [shape for shape in slide if attribute(shape, "class") not in _FURNITURE]
            for shape in shapes:
                if attribute(shape, "class") == "title":
                    self.outline.heading(1, self.cell(shape, 0), page=page)
            self.blocks(shape for shape in shapes if attribute(shape, "class") != "title")

    def sheets(self, body: Any) -> None:
        for table in children(body, "table"):
            title = attribute(table, "name")
            if attribute(table, "style-name") in self.file.hidden:
                self.file.collector.add(HIDDEN_SHEETS, title)
            remarks: list[tuple[int, str]] = []
            rows = self.sheet(table, remarks)
            self.outline.enter(1, title)
            if rows and not USUAL_NAME.fullmatch(title):
                self.outline.heading(1, title)
            add_rows(self.outline, rows, self.file.package.source, self.file.limits, remarks)
            for shapes in children(table, "shapes"):
                self.blocks(shapes)

    def sheet(self, table: Any, remarks: list[tuple[int, str]]) -> list[SheetRow]:
        rows: list[SheetRow] = []
        line = 0
        for row in _rows(table):
            cells: dict[int, str] = {}
            spans: dict[int, int] = {}
            for column, cell in enumerate(_cells(row)):
                text = self.value(cell) if cell is not None else ""
                if text:
                    cells[column] = text
                if text and _span(cell, "columns") > 1:
                    spans[column] = min(_span(cell, "columns"), _MOST_REPEATED)
                for comment in children(cell, "annotation"):
                    remarks.append((line + 1, comment_text(comment)))
            times = _times(row, "number-rows-repeated", self.file.limits.max_rows + 1) if cells else 0
            if cells and attribute(row, "visibility") in ("collapse", "filter"):
                self.file.collector.add("hidden rows and columns")
            for repeated in range(times):
                rows.append(SheetRow(line + repeated + 1, cells, spans))
            line += times or _times(row, "number-rows-repeated", 1 << 20)
            self.rows += times
            check_rows(self.rows, self.file.package.source, self.file.limits)
        return rows

    def value(self, cell: Any) -> str:
        """What a cell of a sheet shows, or its formula if no value is cached."""
        text = self.cell([below for below in cell if name(below) != "annotation"], 0)
        formula = attribute(cell, "formula").partition("=")[2].strip()
        kept = attribute(cell, "value") or attribute(cell, "value-type") == "string"
        if text or not formula or kept:
            return text or attribute(cell, "value")
        self.file.collector.add(NO_VALUE)
        return f"={formula}"


class OdfLoader:
    """`.odt`, `.odp`, `.ods`; a passage is located by its heading, its slide, or its row and sheet."""

    def __init__(self, read: Read | None = None) -> None:
        """`read` reads pictures; without it, they are not read."""
        self._read = read

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        package = open_package(data, source, limits, "OpenDocument file")
        if "content.xml" in encrypted_parts(package) or "encrypted-package" in package.names:
            raise LoadError(source, "locked with a password")
        root = package.xml("content.xml")
        body = child(root, "body")
        if body is None:
            raise LoadError(source, "a broken OpenDocument file: no content in it")
        collector = NoticeCollector("ODF")
        reader = _OdfReader(read_file(root, package, limits, collector, Pictures(limits, collector, self._read)))
        for content in body:
            kind = name(content)
            if kind == "presentation":
                reader.pages(content)
                continue
            if kind == "spreadsheet":
                reader.sheets(content)
            else:
                reader.blocks(content)
            reader.outline.enter(1, "")
            for text in around_pages(package):
                reader.outline.add(text)
        metadata = _metadata(package)
        package.tell(collector)
        return reader.outline.loaded(str(metadata.pop("title", "")), metadata, collector.notices())


def _pieces(element: Any, frames: list[Any], file: OdfFile, depth: int = 0) -> Iterator[str]:
    """Yield the words of a paragraph. Frames, notes and comments are set aside in `frames`: they come after it."""
    yield element.text or ""
    for below in element if depth <= _MOST_DEPTH else ():
        kind = name(below)
        if kind == "s":
            yield " " * min(_times(below, "c", 1000), 1000)
        elif kind == "tab":
            yield "\t"
        elif kind == "line-break":
            yield "\n"
        elif kind in ("note", "annotation", "frame", "custom-shape", "text-box", "g"):
            frames.append(below)
        elif kind == "control":
            yield file.controls.get(attribute(below, "control"), "")
        elif kind == "a" and below.tag.endswith("drawing:1.0}a"):
            frames.append(below)
        elif kind == "a":
            text = "".join(_pieces(below, frames, file, depth + 1))
            yield text + target_after(text, _outside(attribute(below, "href")))
        elif kind not in _SKIPPED:
            if kind in ("hidden-text", "hidden-paragraph") or attribute(below, "style-name") in file.hidden:
                file.collector.add(HIDDEN_TEXT)
                yield attribute(below, "string-value") if not words(below) else ""
            yield from _pieces(below, frames, file, depth + 1)
        yield below.tail or ""


def _outside(target: str) -> str:
    """The target of a link if it is outside the file, otherwise empty."""
    return target if ":" in target.partition("/")[0] else ""


def _rows(table: Any) -> Iterator[Any]:
    """The rows of a table, including those in groups and in repeated headers."""
    for element in table:
        kind = name(element)
        if kind == "table-row":
            yield element
        elif kind in ("table-rows", "table-header-rows", "table-row-group"):
            yield from _rows(element)


def _cells(row: Any, covered: bool = True) -> list[Any]:
    """The cells of a row, None for empty ones, without those at the end. `covered` keeps cells under a spanning one."""
    cells: list[Any] = []
    for cell in row:
        kind = name(cell)
        if kind == "table-cell" or (kind == "covered-table-cell" and covered):
            times = _times(cell, "number-columns-repeated", _MOST_REPEATED)
            holds = kind == "table-cell" and (len(cell) or attribute(cell, "formula"))
            cells.extend([cell if holds else None] * times)
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def _times(element: Any, wanted: str, most: int) -> int:
    return max(1, min(number(element, wanted, 1), most))


def _span(cell: Any, which: str) -> int:
    return 1 if cell is None else number(cell, f"number-{which}-spanned", 1)


def _prefixed(sign: str, text: str) -> str:
    return sign + text if text else ""


def _metadata(package: Package) -> dict[str, Scalar]:
    meta = child(package.part("meta.xml"), "meta")
    said = {name(entry): words(entry) for entry in meta} if meta is not None else {}
    return facts(
        title=said.get("title"),
        author=said.get("creator") or said.get("initial-creator"),
        subject=said.get("subject"),
        keywords=said.get("keyword"),
        date=(said.get("date") or said.get("creation-date") or "")[:10],
    )
