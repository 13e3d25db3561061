"""The parts of a Word file that its text refers to: styles, notes, comments, headers and footers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .markup import attribute, child, children
from .package import Package, Relation

_HEADING = re.compile(r"h(?:ead(?:ing)?)? ?([1-9A-F])", re.IGNORECASE)
_TITLE = re.compile(r"(?:chapter|appendix|part|book|document)? ?title", re.IGNORECASE)
_CODE = re.compile(
    r"(?:source ?)?code(?! ?(?:label|caption|listing|annotation|title))|(?:html )?preformatted|verbatim", re.IGNORECASE
)
"""Names of styles: Word's own, and those of publishers (HeadA, ChapterTitle, CodeWide)."""


@dataclass(frozen=True, slots=True)
class WordStyle:
    """What a style says about headings, code and lists."""

    level: int = 0
    code: bool = False
    number: str = ""
    number_level: int = 0


@dataclass(frozen=True, slots=True)
class WordPart:
    """What a part of the file refers to, by id: other parts, and addresses outside the file."""

    relations: Mapping[str, Relation] = field(default_factory=dict)
    targets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Remark:
    """A footnote, endnote or comment."""

    sign: str
    """The label before it: "Note", "Comment by Ada"."""
    content: Any
    part: WordPart


def read_part(package: Package, part: str) -> WordPart:
    """What that part of the file refers to."""
    return WordPart(package.relations(part), package.targets(part))


def read_remarks(package: Package, relations: Mapping[str, Relation]) -> dict[tuple[str, str], Remark]:
    """Footnotes, endnotes and comments by their kind and id."""
    found: dict[tuple[str, str], Remark] = {}
    for relation in relations.values():
        kind = relation.kind.removesuffix("s")
        if kind not in ("footnote", "endnote", "comment"):
            continue
        part = read_part(package, relation.part)
        for remark in children(package.part(relation.part), kind):
            author = " ".join(attribute(remark, "author").split())
            sign = "Note" if kind != "comment" else f"Comment by {author}" if author else "Comment"
            found[kind, attribute(remark, "id")] = Remark(sign, remark, part)
    return found


def around_pages(package: Package, relations: Mapping[str, Relation]) -> Iterator[tuple[str, Any, WordPart]]:
    """("Header" or "Footer", root, part) of the headers and footers, headers first."""
    for kind in ("header", "footer"):
        for relation in relations.values():
            root = package.part(relation.part) if relation.kind == kind else None
            if root is not None:
                yield kind.title(), root, read_part(package, relation.part)


def read_styles(root: Any) -> dict[str, WordStyle]:
    """The styles by id: what each says about headings, code and lists, itself or through the styles it is based on."""
    elements = {attribute(style, "styleId"): style for style in children(root, "style")}
    found: dict[str, WordStyle] = {}
    for identity in elements:
        level, code, number, number_level = 0, False, "", 0
        step: str = identity
        for _ in range(20):
            element = elements.get(step)
            if element is None:
                break
            properties = child(element, "pPr")
            called = value_of(element, "name")
            level = level or _heading_level(called, value_of(properties, "outlineLvl"))
            code = code or _CODE.match(called) is not None
            own = child(properties, "numPr")
            if own is not None and not number:
                at = value_of(own, "ilvl")
                number, number_level = value_of(own, "numId"), int(at) if at.isdecimal() else max(level - 1, 0)
            step = value_of(element, "basedOn")
        found[identity] = WordStyle(level, code, number, number_level)
    return found


def _heading_level(style: str, outline: str) -> int:
    if _TITLE.fullmatch(style):
        return 1
    named = _HEADING.fullmatch(style)
    if named:
        sign = named.group(1)
        return int(sign) if sign.isdecimal() else ord(sign.upper()) - ord("A") + 2  # A comes below a chapter's title
    return int(outline) + 1 if outline.isdecimal() and int(outline) < 9 else 0


def value_of(element: Any, wanted: str) -> str:
    """The `val` of a child; empty if there is none."""
    found = child(element, wanted)
    return "" if found is None else attribute(found, "val")
