"""PowerPoint: slides as pages, with their tables, charts and notes.

Read from the file's own XML: python-pptx brings Pillow and XlsxWriter, and leaves charts and diagrams to its caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ...errors import LoadError
from ...settings import LoadSettings
from ..base import Loaded
from .drawing import drawn_texts
from .embedded import Read
from .formula import formula_text
from .grid import Grid
from .markup import attribute, child, children, is_on, name, number, words
from .outline import Outline, markdown_table, one_line
from .package import Package, Relation, open_package

_TITLES = ("title", "ctrTitle")
_FURNITURE = ("sldNum", "dt", "ftr", "hdr", "sldImg")
_MOST_DEPTH = 60


class PptxLoader:
    """`.pptx`; a passage is located by the number and the title of its slide."""

    suffixes = frozenset({".pptx", ".pptm", ".ppsx", ".ppsm", ".potx"})

    def __init__(self, read: Read | None = None) -> None:
        """`read` reads the files inside of a presentation."""
        self._read = read

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        package = open_package(data, source, limits, "PowerPoint file")
        part = package.main_part("ppt/presentation.xml")
        relations = package.relations(part)
        listed = children(child(package.xml(part), "sldIdLst"), "sldId")
        slides = [relations[identity] for slide in listed if (identity := _relation(slide)) in relations]
        if len(slides) > limits.max_pages:
            raise LoadError(source, f"{len(slides)} slides, more than load.max_pages = {limits.max_pages}")
        outline = Outline()
        for page, slide in enumerate(slides, start=1):
            _slide(package, slide.part, outline, page)
        metadata = package.properties()
        title = str(metadata.pop("title", ""))
        return outline.loaded("" if title == "PowerPoint Presentation" else title, metadata)


def _relation(slide: Any) -> str:
    """The id of a slide's relation; beside it stands the slide's own id, of the same name without a namespace."""
    return next((str(value) for key, value in slide.attrib.items() if key.endswith("}id")), "")


def _slide(package: Package, part: str, outline: Outline, page: int) -> None:
    root = package.xml(part)
    relations = package.relations(part)
    shapes = list(_shapes(child(root, "cSld", "spTree")))
    titles = [shape for shape in shapes if _placeholder(shape) in _TITLES]
    outline.enter(1, "")
    for shape in titles:
        outline.heading(1, " ".join(_paragraphs(child(shape, "txBody"))), page=page)
    for shape in shapes:
        if _placeholder(shape) not in (*_TITLES, *_FURNITURE):
            _shape(shape, outline, page, package, relations)
    for relation in relations.values():
        if relation.kind == "notesSlide":
            _notes(package.xml(relation.part), outline, page)


def _shapes(tree: Any, depth: int = 0) -> Iterator[Any]:
    """All shapes in the order of the slide, those of groups in their place."""
    for element in tree if tree is not None and depth <= _MOST_DEPTH else ():
        kind = name(element)
        if kind == "grpSp":
            yield from _shapes(element, depth + 1)
        elif kind == "AlternateContent":
            yield from _shapes(child(element, "Choice"), depth + 1)
        elif kind in ("sp", "graphicFrame", "cxnSp", "pic"):
            yield element


def _placeholder(shape: Any) -> str:
    """What the shape is by the slide's layout: title, body, sldNum, ..."""
    for properties in shape:
        found = child(properties, "nvPr", "ph")
        if found is not None:
            return attribute(found, "type") or "body"
    return ""


def _shape(shape: Any, outline: Outline, page: int, package: Package, relations: Mapping[str, Relation]) -> None:
    for text in _paragraphs(child(shape, "txBody")):
        outline.add(text, page=page, tight=True)
    data = child(shape, "graphic", "graphicData")
    if data is None:
        return
    for table in children(data, "tbl"):
        grid = Grid()
        for row in children(table, "tr"):
            covered = ("hMerge", "vMerge")
            cells = (cell for cell in children(row, "tc") if not any(is_on(cell, merged) for merged in covered))
            grid.add_row((_cell(cell), number(cell, "gridSpan", 1), number(cell, "rowSpan", 1)) for cell in cells)
        outline.add(markdown_table(grid.rows()), page=page)
    for text in drawn_texts(data, relations, package):
        outline.add(text, page=page)


def _cell(cell: Any) -> str:
    return one_line(" ".join(_paragraphs(child(cell, "txBody"))))


def _paragraphs(body: Any) -> list[str]:
    texts = ("".join(_pieces(paragraph)).strip() for paragraph in children(body, "p"))
    return [text for text in texts if text]


def _pieces(paragraph: Any) -> Iterator[str]:
    for run in paragraph:
        kind = name(run)
        if kind == "br":
            yield "\n"
        elif kind == "r" or (kind == "fld" and attribute(run, "type") != "slidenum"):
            yield words(child(run, "t")).replace("\v", "\n")
        elif kind == "m":
            yield f" ${one_line(formula_text(run))}$ "
        elif kind == "AlternateContent":
            chosen = child(run, "Choice")
            yield from _pieces(chosen if chosen is not None else ())


def _notes(root: Any, outline: Outline, page: int) -> None:
    """What the speaker means to say."""
    for shape in _shapes(child(root, "cSld", "spTree")):
        if _placeholder(shape) == "body":
            text = "\n".join(_paragraphs(child(shape, "txBody")))
            outline.add(f"Notes: {text}" if text else "", page=page)
