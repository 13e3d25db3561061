"""PowerPoint: slides as pages, with their tables, charts and notes.

Read from the file's own XML: python-pptx requires Pillow and XlsxWriter, and leaves charts and diagrams to its caller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import LoadError
from ...settings import LoadSettings
from ..base import Loaded
from ..format_contents import EMBEDDED, HIDDEN_SLIDES, MEDIA, NoticeCollector
from .drawing import alternative_text, drawn_texts, link_text
from .embedded import Embedded
from .formula import formula_text
from .link_targets import target_after
from .markup import attribute, child, children, descendants, is_on, name, number, words
from .outline import Outline, markdown_table, one_line
from .package import Package, Relation, open_package
from .pictures import Pictures, Read
from .spanned_cells import SpannedCells

_TITLES = ("title", "ctrTitle")
_FURNITURE = ("sldNum", "dt", "ftr", "hdr", "sldImg")
_MOST_DEPTH = 60
_MEDIA = ("videoFile", "audioFile", "quickTimeFile", "wavAudioFile", "audioCd")


@dataclass(frozen=True, slots=True)
class _Slide:
    """A slide, and what its shapes refer to."""

    page: int
    package: Package
    relations: Mapping[str, Relation]
    targets: Mapping[str, str]
    embedded: Embedded
    outline: Outline
    authors: Mapping[str, str]
    """Authors of comments, by id."""

    def add(self, text: str, tight: bool = False, described: bool = False) -> None:
        """Add a block of the slide."""
        self.outline.add(text, page=self.page, tight=tight, described=described)


class PptxLoader:
    """`.pptx`; a passage is located by the number and the title of its slide."""

    def __init__(self, read: Read | None = None) -> None:
        """`read` reads embedded files; without it, they are only reported."""
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
        collector = NoticeCollector("PPTX")
        embedded = Embedded(package, limits, collector, self._read, Pictures(limits, collector, self._read))
        authors = _authors(package, relations)
        for page, slide in enumerate(slides, start=1):
            beside, targets = package.relations(slide.part), package.targets(slide.part)
            _read_slide(slide.part, _Slide(page, package, beside, targets, embedded, outline, authors))
        package.tell(collector)
        metadata = package.properties()
        title = str(metadata.pop("title", ""))
        title = "" if title == "PowerPoint Presentation" else title
        return outline.loaded(title, metadata, collector.notices())


def _relation(slide: Any) -> str:
    """The id of a slide's relation. The slide's own id has the same name, but no namespace."""
    return next((str(value) for key, value in slide.attrib.items() if key.endswith("}id")), "")


def _read_slide(part: str, slide: _Slide) -> None:
    root = slide.package.part(part)
    if root is None:
        return
    if attribute(root, "show") in ("0", "false"):
        slide.embedded.collector.add(HIDDEN_SLIDES, str(slide.page))
    shapes = list(_shapes(child(root, "cSld", "spTree")))
    titles = [shape for shape in shapes if _placeholder(shape) in _TITLES]
    slide.outline.enter(1, "")
    for shape in titles:
        slide.outline.heading(1, " ".join(_paragraphs(child(shape, "txBody"), slide.targets)), page=slide.page)
    for shape in shapes:
        if _placeholder(shape) not in (*_TITLES, *_FURNITURE):
            _shape(shape, slide)
    for relation in slide.relations.values():
        if relation.kind == "notesSlide":
            _notes(slide.package.part(relation.part), slide, slide.package.targets(relation.part))
        elif relation.kind == "comments":
            _comments(slide.package.part(relation.part), slide)


def _shapes(tree: Any, depth: int = 0) -> Iterator[Any]:
    """All shapes in the order of the slide, including those in groups."""
    for element in tree if tree is not None and depth <= _MOST_DEPTH else ():
        kind = name(element)
        if kind == "grpSp":
            yield element
            yield from _shapes(element, depth + 1)
        elif kind == "AlternateContent":
            yield from _shapes(child(element, "Choice"), depth + 1)
        elif kind in ("sp", "graphicFrame", "cxnSp", "pic"):
            yield element


def _placeholder(shape: Any) -> str:
    """The role of a shape in the slide's layout: title, body, sldNum, ...; empty if it has none."""
    for properties in shape:
        found = child(properties, "nvPr", "ph")
        if found is not None:
            return attribute(found, "type") or "body"
    return ""


def _shape(shape: Any, slide: _Slide) -> None:
    for text in _paragraphs(child(shape, "txBody"), slide.targets):
        slide.add(text, tight=True)
    slide.add(alternative_text(shape))
    slide.add(link_text(shape, slide.targets))
    if name(shape) == "grpSp":  # its shapes follow
        return
    for seen in slide.embedded.in_pictures(shape, slide.relations):
        slide.add(seen.text, described=seen.described)
    if any(name(below) in _MEDIA for below in shape.iter()):
        slide.embedded.collector.add(MEDIA)
    data = child(shape, "graphic", "graphicData")
    if data is None:
        return
    for table in children(data, "tbl"):
        grid = SpannedCells()
        for row in children(table, "tr"):
            covered = ("hMerge", "vMerge")
            cells = (cell for cell in children(row, "tc") if not any(is_on(cell, merged) for merged in covered))
            grid.add_row(
                (_cell(cell, slide), number(cell, "gridSpan", 1), number(cell, "rowSpan", 1)) for cell in cells
            )
        grid.tell(slide.embedded.collector)
        slide.add(markdown_table(grid.rows()))
    for text in drawn_texts(data, slide.relations, slide.package):
        slide.add(text)
    inside = next(descendants(data, "oleObj"), None)  # it is there twice, for newer and for older programs
    if inside is not None:
        relation = slide.relations.get(attribute(inside, "id"))
        if relation is not None:
            slide.embedded.insert(relation.part, slide.outline)
        else:
            slide.embedded.collector.add(EMBEDDED)


def _cell(cell: Any, slide: _Slide) -> str:
    return one_line(" ".join(_paragraphs(child(cell, "txBody"), slide.targets)))


def _paragraphs(body: Any, targets: Mapping[str, str]) -> list[str]:
    texts = ("".join(_pieces(paragraph, targets)).strip() for paragraph in children(body, "p"))
    return [text for text in texts if text]


def _pieces(paragraph: Any, targets: Mapping[str, str]) -> Iterator[str]:
    for run in paragraph:
        kind = name(run)
        if kind == "br":
            yield "\n"
        elif kind == "r" or (kind == "fld" and attribute(run, "type") != "slidenum"):
            text = words(child(run, "t")).replace("\v", "\n")
            link = child(run, "rPr", "hlinkClick")
            yield text + ("" if link is None else target_after(text, targets.get(attribute(link, "id"), "")))
        elif kind == "m":
            formula = "".join(map(formula_text, run))  # `m` around it is not a matrix here
            yield f" ${one_line(formula)}$ "
        elif kind == "AlternateContent":
            chosen = child(run, "Choice")
            yield from _pieces(chosen if chosen is not None else (), targets)


def _notes(root: Any, slide: _Slide, targets: Mapping[str, str]) -> None:
    """Add the speaker's notes."""
    for shape in _shapes(child(root, "cSld", "spTree")):
        if _placeholder(shape) == "body":
            text = "\n".join(_paragraphs(child(shape, "txBody"), targets))
            slide.add(f"Notes: {text}" if text else "")


def _authors(package: Package, relations: Mapping[str, Relation]) -> dict[str, str]:
    """The authors of comments by id, in the older form and in the newer one."""
    kinds = ("commentAuthors", "authors")
    roots = (package.part(relation.part) for relation in relations.values() if relation.kind in kinds)
    return {
        attribute(one, "id"): one_line(attribute(one, "name")) for root in roots if root is not None for one in root
    }


def _comments(root: Any, slide: _Slide) -> None:
    """Add the comments on a slide, and the replies to them."""
    for comment in root.iter() if root is not None else ():
        if name(comment) not in ("cm", "reply"):
            continue
        body = child(comment, "txBody")
        said = words(child(comment, "text")) if body is None else " ".join(_paragraphs(body, {}))
        author = slide.authors.get(attribute(comment, "authorId"), "")
        sign = f"Comment by {author}" if author else "Comment"
        slide.add(f"{sign}: {one_line(said)}" if said.strip() else "")
