"""Word documents: paragraphs, lists, tables, text boxes and notes in their order, with the headings above them.

Read from the file's own XML: python-docx does not see text boxes, content controls, notes, tracked insertions,
formulas, or files in the strict form of the standard.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...errors import LoadError
from ...settings import LoadSettings
from ..base import Loaded
from ..format_contents import EMBEDDED, HIDDEN_TEXT, NoticeCollector
from .docx_fields import PAGE_NUMBER, Fields, close, control, is_on, page_texts, symbol
from .docx_numbering import Numbering, read_numbering
from .docx_parts import Remark, WordPart, WordStyle, around_pages, read_part, read_remarks, read_styles, value_of
from .drawing import drawn_texts, link_text, picture_text
from .embedded import Embedded
from .formula import formula_text
from .link_targets import target_after
from .markup import attribute, child, name
from .outline import Outline, markdown_table, one_line
from .package import Package, open_package
from .pictures import Pictures, Read, Seen

_MOST_DEPTH = 60
"""Most levels of tables in tables and boxes in boxes."""

_SKIPPED = frozenset({"del", "moveFrom", "delText", "rt", "pPr", "rPr", "sdtPr", "sdtEndPr", "tblPr"})
"""Tracked deletions, pronunciation guides, and formatting."""

_CHARACTERS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_REMARKS = {"footnoteReference": "footnote", "endnoteReference": "endnote", "commentReference": "comment"}


@dataclass(slots=True)
class _DocxParagraph:
    """A paragraph's own words, and what is attached to it: boxes, charts and notes."""

    words: list[str] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    seen: list[Seen] = field(default_factory=list)
    """What is in its pictures."""
    embedded: list[str] = field(default_factory=list)
    """Ids of the relations to embedded files."""
    fields: Fields = field(default_factory=Fields)


@dataclass(frozen=True, slots=True)
class _File:
    """What all parts of a Word file share."""

    package: Package
    styles: Mapping[str, WordStyle]
    numbering: Numbering
    remarks: Mapping[tuple[str, str], Remark]
    embedded: Embedded
    collector: NoticeCollector


@dataclass(slots=True)
class _DocxReader:
    file: _File
    part: WordPart
    outline: Outline = field(default_factory=Outline)
    within_cell: bool = False
    code: list[str] = field(default_factory=list)
    """Lines of a program so far: in Word, each of them is a paragraph."""

    def blocks(self, container: Any, depth: int = 0) -> None:
        """Read everything below a body, cell or box, block by block."""
        if depth > _MOST_DEPTH:
            raise LoadError(self.file.package.source, f"tables or boxes nest deeper than {_MOST_DEPTH}")
        for element in container:
            kind = name(element)
            if kind == "p":
                self.paragraph(element, depth)
            elif kind == "tbl":
                self.table(element, depth)
            elif kind == "subDoc":
                self.file.collector.add("linked documents")
            elif kind == "altChunk":
                self.end_code()
                self.embed(attribute(element, "id"))
            elif kind == "AlternateContent":  # the same thing twice, for newer and for older programs
                first = child(element, "Choice")
                self.blocks(element if first is None else first, depth + 1)
            elif kind == "sdt" and (shown := control(element)) is not None:
                self.outline.add(shown)
            elif kind not in _SKIPPED:  # content controls, insertions and the like hold blocks themselves
                self.blocks(element, depth + 1)
        self.end_code()

    def end_code(self) -> None:
        lines = [line for line in self.code if line.strip()]
        self.code.clear()
        self.outline.add("```\n" + "\n".join(lines) + "\n```" if len(lines) > 1 else "".join(lines))

    def paragraph(self, element: Any, depth: int) -> None:
        found = _DocxParagraph()
        self.inline(element, found)
        style, label = self.look(element)
        raw = "".join(found.words).replace(PAGE_NUMBER, "")
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
        for seen in found.seen:
            self.outline.add(seen.text, described=seen.described)
        for identity in found.embedded:
            self.embed(identity)

    def embed(self, identity: str) -> None:
        """Insert the text of an embedded file here, or report it if it cannot be read."""
        relation = self.part.relations.get(identity)
        if relation is None:
            self.file.collector.add(EMBEDDED)
        elif self.within_cell:
            self.file.collector.add(EMBEDDED, relation.part.rpartition("/")[2])
        else:
            self.file.embedded.insert(relation.part, self.outline)

    def look(self, paragraph: Any) -> tuple[WordStyle, str]:
        """The paragraph's style, and the number or bullet before it."""
        properties = child(paragraph, "pPr")
        style = self.file.styles.get(value_of(properties, "pStyle"), WordStyle())
        outline_level = value_of(properties, "outlineLvl")
        if outline_level.isdecimal():
            style = replace(style, level=int(outline_level) + 1 if int(outline_level) < 9 else 0)
        own = child(properties, "numPr")
        number = value_of(own, "numId") or style.number
        at = value_of(own, "ilvl")
        level = int(at) if at.isdecimal() else style.number_level
        return style, self.file.numbering.label(number, level)

    def inline(self, element: Any, found: _DocxParagraph, depth: int = 0) -> None:
        """Collect the words of a paragraph. Boxes are set aside: their paragraphs come after it."""
        for below in element if depth <= _MOST_DEPTH else ():
            kind = name(below)
            if kind in _SKIPPED:
                continue
            if kind == "r" and is_on(child(below, "rPr"), "vanish"):
                if child(below, "t") is not None:
                    self.file.collector.add(HIDDEN_TEXT)
                continue
            start = len(found.words)
            if self.sign(below, kind, found):
                continue
            if kind == "AlternateContent":  # the same thing twice, for newer and for older programs
                first = child(below, "Choice")
                self.inline(below if first is None else first, found, depth + 1)
                continue
            shown = control(below) if kind == "sdt" else None
            if shown is not None:
                found.words.append(shown)
                continue
            if kind in ("inline", "anchor"):
                found.after.extend(_pictures(below))
                found.after.append(link_text(below, self.part.targets))
                found.after.extend(drawn_texts(below, self.part.relations, self.file.package))
                found.seen.extend(self.file.embedded.in_pictures(below, self.part.relations))
            elif kind in ("shape", "rect", "oval"):  # VML, which older versions of Word write
                found.after.append(picture_text(attribute(below, "alt")))
            self.inline(below, found, depth + 1)
            if kind == "hyperlink":
                target = self.part.targets.get(attribute(below, "id"), "")
                found.words.append(target_after("".join(found.words[start:]), target))
            elif kind == "fldSimple":
                close(attribute(below, "instr"), start, found.words)

    def sign(self, element: Any, kind: str, found: _DocxParagraph) -> bool:
        """Read an element whose children need not be read as words. False if it is another kind of element."""
        if kind == "t":
            found.words.append(element.text or "")
        elif kind in _CHARACTERS:
            found.words.append(_CHARACTERS[kind])
        elif kind == "sym":
            sign = symbol(element)
            found.words.append(sign)
            if not sign:
                self.file.collector.add("unknown symbols", attribute(element, "font"))
        elif kind == "subDoc":
            self.file.collector.add("linked documents")
        elif kind == "oMath":
            found.words.append(f" ${one_line(formula_text(element))}$ ")
        elif kind in _REMARKS:
            found.after.extend(self.remark(_REMARKS[kind], attribute(element, "id")))
        elif kind == "txbxContent":
            found.boxes.append(element)
        elif kind == "fldChar":
            found.fields.step(element, found.words)
        elif kind == "instrText":
            found.fields.code(element.text or "")
        elif kind == "OLEObject":
            found.embedded.append(attribute(element, "id"))
        elif kind == "textpath":
            found.after.extend([attribute(element, "string")])
        else:
            return False
        return True

    def remark(self, kind: str, number: str) -> list[str]:
        found = self.file.remarks.get((kind, number))
        text = "" if found is None else self.cell(found.content, part=found.part)
        return [f"{found.sign}: {text}"] if found is not None and text else []

    def table(self, element: Any, depth: int) -> None:
        """Read a table. A table of one column is a frame around paragraphs, and is read as paragraphs."""
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
        """The texts of a row. The text of a merged cell is repeated in every row and column that it spans."""
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

    def cell(self, element: Any, depth: int = 0, part: WordPart | None = None) -> str:
        """The text of a cell, on one line. Headings in it are not headings of the document."""
        inner = _DocxReader(replace(self.file, styles={}), part or self.part, within_cell=True)
        inner.blocks(element, depth + 1)
        return one_line(inner.outline.loaded().text)


class DocxLoader:
    """`.docx`; a Word file does not store its pages, so a passage is located by its heading."""

    def __init__(self, read: Read | None = None) -> None:
        """`read` reads embedded files; without it, they are only reported."""
        self._read = read

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        package = open_package(data, source, limits, "Word file")
        main = package.main_part("word/document.xml")
        part = read_part(package, main)
        parts = {relation.kind: relation.part for relation in part.relations.values()}
        collector = NoticeCollector("DOCX")
        file = _File(
            package,
            read_styles(package.part(parts.get("styles", ""))),
            read_numbering(package.part(parts.get("numbering", ""))),
            read_remarks(package, part.relations),
            Embedded(package, limits, collector, self._read, Pictures(limits, collector, self._read)),
            collector,
        )
        reader = _DocxReader(file, part)
        body = child(package.xml(main), "body")
        reader.blocks(body if body is not None else ())
        reader.outline.enter(1, "")
        for text in _around(file, part):
            reader.outline.add(text)
        package.tell(collector)
        metadata = package.properties()
        return reader.outline.loaded(str(metadata.pop("title", "")), metadata, collector.notices())


def _around(file: _File, main: WordPart) -> list[str]:
    """The texts of headers and footers, each once: "Footer: Harbour trust"."""
    found: dict[str, None] = {}
    for kind, root, part in around_pages(file.package, main.relations):
        for paragraph in root.iter():
            if name(paragraph) == "p":
                line = _DocxParagraph()
                _DocxReader(file, part).inline(paragraph, line)
                found.update((f"{kind}: {text}", None) for text in page_texts("".join(line.words)))
    return list(found)


def _pictures(drawn: Any) -> list[str]:
    """The alternative text of a picture, or of each picture of a group."""
    about = (element for element in drawn.iter() if name(element) in ("docPr", "cNvPr"))
    return list(dict.fromkeys(picture_text(attribute(element, "descr")) for element in about))


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
    """The cells of a row with their widths in columns; None for columns that are skipped before the first."""
    properties = child(row, "trPr")
    if child(properties, "del") is not None:
        return []  # a tracked deletion
    before = value_of(properties, "gridBefore")
    cells: list[tuple[Any, int]] = [(None, min(int(before), 100))] if before.isdecimal() and int(before) else []
    for cell in _unwrapped(row, "tc"):
        span = value_of(child(cell, "tcPr"), "gridSpan")
        cells.append((cell, min(int(span), 100) if span.isdecimal() and int(span) else 1))
    return cells
