"""Word documents: paragraphs, lists, tables, text boxes and notes in their order, with the headings above them.

Read from the file's own XML: python-docx does not see text boxes, content controls, notes, insertions that wait to be
accepted, formulas, or files in the strict form of the standard.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...errors import LoadError
from ...settings import LoadSettings
from ..base import Loaded
from .docx_numbering import Numbering, read_numbering
from .drawing import drawn_texts
from .formula import formula_text
from .markup import attribute, child, children, name
from .outline import Outline, markdown_table, one_line
from .package import Package, Relation, open_package

_HEADING = re.compile(r"h(?:ead(?:ing)?)? ?([1-9A-F])", re.IGNORECASE)
_TITLE = re.compile(r"(?:chapter|appendix|part|book|document)? ?title", re.IGNORECASE)
_CODE = re.compile(
    r"(?:source ?)?code(?! ?(?:label|caption|listing|annotation|title))|(?:html )?preformatted|verbatim", re.IGNORECASE
)
"""Names of styles: Word's own, and those that publishers give theirs (HeadA, ChapterTitle, CodeWide)."""

_MOST_DEPTH = 60
"""Of tables in tables and boxes in boxes."""

_SKIPPED = frozenset({"del", "moveFrom", "delText", "instrText", "rt", "pPr", "rPr", "sdtPr", "sdtEndPr", "tblPr"})
"""Deletions that wait to be accepted, codes of fields, pronunciations above characters, and looks."""

_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_OFF = ("0", "false", "off")


@dataclass(frozen=True, slots=True)
class _Style:
    level: int = 0
    code: bool = False
    number: str = ""
    number_level: int = 0


@dataclass(slots=True)
class _Paragraph:
    """A paragraph's own words, and what hangs on it: boxes, charts and notes."""

    words: list[str] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)
    after: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    package: Package
    relations: Mapping[str, Relation]
    styles: Mapping[str, _Style]
    numbering: Numbering
    notes: Mapping[tuple[str, str], Any]
    outline: Outline = field(default_factory=Outline)
    within_cell: bool = False
    code: list[str] = field(default_factory=list)
    """Lines of a program that wait for the next one: each of them is a paragraph."""

    def blocks(self, container: Any, depth: int = 0) -> None:
        """Everything below a body, cell or box, block by block."""
        if depth > _MOST_DEPTH:
            raise LoadError(self.package.source, f"tables or boxes nest deeper than {_MOST_DEPTH}")
        for element in container:
            kind = name(element)
            if kind == "p":
                self.paragraph(element, depth)
            elif kind == "tbl":
                self.table(element, depth)
            elif kind not in _SKIPPED:  # content controls, accepted insertions and the like hold blocks themselves
                self.blocks(element, depth + 1)
        self.end_code()

    def end_code(self) -> None:
        lines = [line for line in self.code if line.strip()]
        self.code.clear()
        self.outline.add("```\n" + "\n".join(lines) + "\n```" if len(lines) > 1 else "".join(lines))

    def paragraph(self, element: Any, depth: int) -> None:
        found = _Paragraph()
        self.inline(element, found)
        style, label = self.look(element)
        raw = "".join(found.words)
        if style.code and not label:
            self.code.append(raw.rstrip())
            return
        self.end_code()
        text = re.sub(r"[ \t]*\n\s*", "\n", raw).strip()
        if style.level and text:
            self.outline.heading(style.level, f"{label} {text}" if label not in ("", "-") else text)
        elif label and text:
            self.outline.add(f"{label} {text}", tight=True)
        else:
            self.outline.add(text)
        for box in found.boxes:
            self.blocks(box, depth + 1)
        for text in found.after:
            self.outline.add(text)

    def look(self, paragraph: Any) -> tuple[_Style, str]:
        """The paragraph's style, and the number or bullet before it."""
        properties = child(paragraph, "pPr")
        style = self.styles.get(_value(properties, "pStyle"), _Style())
        outline_level = _value(properties, "outlineLvl")
        if outline_level.isdigit():
            style = replace(style, level=int(outline_level) + 1 if int(outline_level) < 9 else 0)
        own = child(properties, "numPr")
        number = _value(own, "numId") or style.number
        at = _value(own, "ilvl")
        level = int(at) if at.isdigit() else style.number_level
        return style, self.numbering.label(number, level)

    def inline(self, element: Any, found: _Paragraph, depth: int = 0) -> None:
        """The words of a paragraph. Boxes are put aside: their paragraphs come after it."""
        for below in element if depth <= _MOST_DEPTH else ():
            kind = name(below)
            if kind in _SKIPPED or (kind == "r" and _hidden(below)):
                continue
            if kind == "t":
                found.words.append(below.text or "")
            elif kind in _CHARACTERS:
                found.words.append(_CHARACTERS[kind])
            elif kind == "oMath":
                found.words.append(f" ${one_line(formula_text(below))}$ ")
            elif kind in ("footnoteReference", "endnoteReference"):
                found.after.extend(self.note(kind.removesuffix("Reference"), attribute(below, "id")))
            elif kind == "txbxContent":
                found.boxes.append(below)
            elif kind == "AlternateContent":  # the same thing twice, for newer and for older programs
                first = child(below, "Choice")
                self.inline(below if first is None else first, found, depth + 1)
            else:
                if kind in ("inline", "anchor"):
                    found.after.extend(drawn_texts(below, self.relations, self.package))
                self.inline(below, found, depth + 1)

    def note(self, kind: str, number: str) -> list[str]:
        element = self.notes.get((kind, number))
        text = "" if element is None else self.cell(element)
        return [f"Note: {text}"] if text else []

    def table(self, element: Any, depth: int) -> None:
        """Rows of cells; a table of one column is a frame around paragraphs, and read as those."""
        self.end_code()
        rows = [_cells(row) for row in _unwrapped(element, "tr")]
        if all(len(row) <= 1 for row in rows):
            for row in rows:
                for cell, _ in row:
                    self.blocks(cell, depth + 1)
            return
        hanging: dict[int, str] = {}
        texts = [self.row(row, depth, hanging) for row in rows]
        if self.within_cell:
            texts = [[one_line(text) for text in row if text] for row in texts]
            self.outline.add("; ".join(", ".join(row) for row in texts if row))
        else:
            self.outline.add(markdown_table(texts))

    def row(self, cells: list[tuple[Any, int]], depth: int, hanging: dict[int, str]) -> list[str]:
        """The texts of a row; merged cells have theirs in every row and column that they cover."""
        texts: list[str] = []
        for cell, width in cells:
            merged = child(cell, "tcPr", "vMerge")
            if merged is not None and attribute(merged, "val") != "restart":
                text = hanging.get(len(texts), "")
            else:
                text = "" if cell is None else self.cell(cell, depth + 1)
                hanging[len(texts)] = text
            texts.extend([text] * width)
        return texts

    def cell(self, element: Any, depth: int = 0) -> str:
        """All that a cell holds, on one line; what is in it is no heading of the document."""
        inner = _Reader(self.package, self.relations, {}, self.numbering, self.notes, within_cell=True)
        inner.blocks(element, depth + 1)
        return one_line(inner.outline.loaded().text)


class DocxLoader:
    """`.docx`; a Word file does not know its pages, so a passage is located by its heading."""

    suffixes = frozenset({".docx", ".docm", ".dotx", ".dotm"})

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        package = open_package(data, source, limits, "Word file")
        part = package.main_part("word/document.xml")
        relations = package.relations(part)
        parts = {relation.kind: relation.part for relation in relations.values()}
        notes = {
            (kind, attribute(note, "id")): note
            for kind in ("footnote", "endnote")
            for note in children(package.xml(parts.get(kind + "s", "")), kind)
        }
        styles = _styles(package.xml(parts.get("styles", "")))
        numbering = read_numbering(package.xml(parts.get("numbering", "")))
        reader = _Reader(package, relations, styles, numbering, notes)
        body = child(package.xml(part), "body")
        reader.blocks(body if body is not None else ())
        metadata = package.properties()
        return reader.outline.loaded(str(metadata.pop("title", "")), metadata)


def _styles(root: Any) -> dict[str, _Style]:
    """By id, what a style says about headings and lists, itself or through the styles that it is based on."""
    elements = {attribute(style, "styleId"): style for style in children(root, "style")}
    found: dict[str, _Style] = {}
    for identity in elements:
        level, code, number, number_level = 0, False, "", 0
        step: str = identity
        for _ in range(20):
            element = elements.get(step)
            if element is None:
                break
            properties = child(element, "pPr")
            called = _value(element, "name")
            level = level or _heading_level(called, _value(properties, "outlineLvl"))
            code = code or _CODE.match(called) is not None
            own = child(properties, "numPr")
            if own is not None and not number:
                at = _value(own, "ilvl")
                number, number_level = _value(own, "numId"), int(at) if at.isdigit() else max(level - 1, 0)
            step = _value(element, "basedOn")
        found[identity] = _Style(level, code, number, number_level)
    return found


def _heading_level(style: str, outline: str) -> int:
    if _TITLE.fullmatch(style):
        return 1
    named = _HEADING.fullmatch(style)
    if named:
        sign = named.group(1)
        return int(sign) if sign.isdigit() else ord(sign.upper()) - ord("A") + 2  # A stands below a chapter's title
    return int(outline) + 1 if outline.isdigit() and int(outline) < 9 else 0


def _value(element: Any, wanted: str) -> str:
    found = child(element, wanted)
    return "" if found is None else attribute(found, "val")


def _hidden(run: Any) -> bool:
    mark = child(run, "rPr", "vanish")
    return mark is not None and attribute(mark, "val") not in _OFF


def _unwrapped(element: Any, wanted: str) -> list[Any]:
    """Rows of a table or cells of a row, also those inside content controls and insertions."""
    found = []
    stack = list(reversed(element))
    while stack:
        below = stack.pop()
        kind = name(below)
        if kind == wanted:
            found.append(below)
        elif kind in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"):
            stack.extend(reversed(below))
    return found


def _cells(row: Any) -> list[tuple[Any, int]]:
    """The cells of a row with their widths in columns; None for columns that are left out before the first."""
    properties = child(row, "trPr")
    if child(properties, "del") is not None:
        return []  # a deletion that waits to be accepted
    before = _value(properties, "gridBefore")
    cells: list[tuple[Any, int]] = [(None, min(int(before), 100))] if before.isdigit() and int(before) else []
    for cell in _unwrapped(row, "tc"):
        span = _value(child(cell, "tcPr"), "gridSpan")
        cells.append((cell, min(int(span), 100) if span.isdigit() and int(span) else 1))
    return cells
