"""What is attached to the cells of a sheet or lies over them: comments, links, pictures, text boxes, charts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..format_contents import EMBEDDED
from .drawing import alternative_text, drawn_texts, link_text
from .embedded import Embedded
from .link_targets import target_after
from .markup import attribute, child, children, descendants, name, words
from .outline import Outline, one_line
from .package import Package, Relation
from .xlsx_cells import REFERENCE, column_number, rich_text

_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|\d+|[A-Z&])', re.IGNORECASE)
_SIDES = re.compile(r"&[LCR]")
_COUNTED = re.compile(r"&[PN]")
_FEW_WORDS = 3
"""Fewest words beside a page number that say something else."""
_MOST_COMMENTS = 100_000
_TOLD = {"oleObject": EMBEDDED, "package": EMBEDDED, "ctrlProp": "form controls"}


def read_comments(
    package: Package, relations: Mapping[str, Relation], people: Mapping[str, str]
) -> list[tuple[int, str]]:
    """(row, text) of the comments on a sheet. A thread replaces the note that older programs show."""
    threads: dict[str, list[str]] = {}
    for relation in relations.values():
        if relation.kind == "threadedComment":
            for comment in children(package.part(relation.part), "threadedComment"):
                said = _remark(words(child(comment, "text")), people.get(attribute(comment, "personId"), ""))
                threads.setdefault(attribute(comment, "ref"), []).extend(said)
    for relation in relations.values():
        if relation.kind != "comments":
            continue
        root = package.part(relation.part)
        authors = [words(author) for author in children(child(root, "authors"), "author")]
        for comment in children(child(root, "commentList"), "comment"):
            place = attribute(comment, "ref")
            if place not in threads:
                by = attribute(comment, "authorId")
                author = authors[int(by)] if by.isdecimal() and int(by) < len(authors) else ""
                threads[place] = _remark(rich_text(child(comment, "text")), author)
    kept = package.within(threads.items(), _MOST_COMMENTS, "comments on a sheet")
    placed = ((REFERENCE.fullmatch(place), said) for place, said in kept)
    return [(int(cell[2]), f"{cell[0]}: {'; '.join(said)}") for cell, said in placed if cell and said]


def _remark(text: str, author: str) -> list[str]:
    text, author = one_line(text), one_line(author)
    text = text.removeprefix(f"{author}:").strip() if author else text  # Excel writes the author into the note, too
    return [f"Comment by {author}: {text}" if author else f"Comment: {text}"] if text else []


def read_people(package: Package, relations: Mapping[str, Relation]) -> dict[str, str]:
    """The names of the authors of threads, by id."""
    roots = (package.part(relation.part) for relation in relations.values() if relation.kind == "person")
    return {attribute(one, "id"): attribute(one, "displayName") for root in roots for one in children(root, "person")}


def add_targets(links: list[tuple[str, str]], package: Package, part: str, rows: Mapping[int, dict[int, str]]) -> None:
    """Add the targets of links out of the workbook after the text of their cells."""
    targets = package.targets(part)
    for place, identity in links:
        target = targets.get(identity, "")
        cell = REFERENCE.match(place)
        row = rows.get(int(cell[2])) if cell else None
        column = column_number(cell[1]) if cell else 0
        if target and row and column in row:
            row[column] += target_after(row[column], target)


def page_texts(element: Any) -> list[str]:
    """The words of a sheet's header and footer, without page numbers and what the program fills in."""
    found: dict[str, None] = {}
    for part in element:
        for side in _SIDES.split(words(part)):
            text = one_line(_CODE.sub(" ", side))
            count = len(re.findall(r"[^\W\d_]+", text))
            if count >= (_FEW_WORDS if _COUNTED.search(side) else 1):
                found[text] = None
    return list(found)


def add_drawings(outline: Outline, embedded: Embedded, relations: Mapping[str, Relation]) -> None:
    """Add the text boxes, pictures, charts, diagrams, alternative texts and links on a sheet; report files and
    controls."""
    package = embedded.package
    for relation in relations.values():
        if relation.kind in _TOLD:
            embedded.collector.add(_TOLD[relation.kind], relation.part.rpartition("/")[2])
        if relation.kind != "drawing":
            continue
        root = package.part(relation.part)
        if root is None:
            continue
        for shape in descendants(root, "txBody"):
            paragraphs = ("".join(map(words, descendants(paragraph, "t"))) for paragraph in children(shape, "p"))
            outline.add("\n".join(text for text in paragraphs if text.strip()))
        targets = package.targets(relation.part)
        for picture in root.iter():
            if name(picture) in ("pic", "graphicFrame", "sp", "grpSp", "cxnSp"):
                outline.add(alternative_text(picture))
                outline.add(link_text(picture, targets))
        beside = package.relations(relation.part)
        for seen in embedded.in_pictures(root, beside):
            outline.add(seen.text, described=seen.described)
        for text in drawn_texts(root, beside, package):
            outline.add(text)


def defined_values(root: Any) -> list[str]:
    """Names that are defined as a number or a text, such as a rate. Names of cells are left out."""
    defined = children(child(root, "definedNames"), "definedName")
    values = (
        (attribute(one, "name"), one_line(words(one))) for one in defined if not attribute(one, "name").startswith("_")
    )
    return [f"{called}: {value.strip(chr(34))}" for called, value in values if value and "!" not in value]
