"""The parts of an OpenDocument file besides its text: styles that hide content, forms, headers and footers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...settings import LoadSettings
from ..format_contents import NoticeCollector
from .markup import attribute, child, children, descendants, name, words
from .outline import one_line
from .package import Package
from .pictures import Pictures

_COUNTED = ("page-number", "page-count", "sheet-name", "date", "time", "title", "file-name")
"""Fields of a header or footer that the program fills in."""


@dataclass(frozen=True, slots=True)
class OdfFile:
    """What all parts of the text need to know about their file."""

    package: Package
    limits: LoadSettings
    collector: NoticeCollector
    pictures: Pictures
    titles: frozenset[str]
    """Styles of the title, which LibreOffice stores as a paragraph, not as a heading."""
    hidden: frozenset[str]
    """Styles of text, sheets and slides that are not shown."""
    controls: Mapping[str, str]
    """The text of form fields, by id."""


def read_file(
    root: Any, package: Package, limits: LoadSettings, collector: NoticeCollector, pictures: Pictures
) -> OdfFile:
    """Read the styles and forms of the content."""
    styles = children(child(root, "automatic-styles"), "style")
    titles = {attribute(style, "name") for style in styles if attribute(style, "parent-style-name") == "Title"}
    hidden = {attribute(style, "name") for style in styles if any(map(_hides, style))}
    return OdfFile(
        package, limits, collector, pictures, frozenset({"Title", *titles}), frozenset(hidden), _controls(root)
    )


def _hides(properties: Any) -> bool:
    kind = name(properties)
    if kind == "drawing-page-properties":
        return attribute(properties, "visibility") == "hidden"
    if kind == "table-properties":
        return attribute(properties, "display") == "false"
    return kind == "text-properties" and attribute(properties, "display") == "none"


def _controls(root: Any) -> dict[str, str]:
    forms = (control for form in descendants(root, "forms") for control in form.iter())
    return {attribute(one, "id"): _shown(one) for one in forms if attribute(one, "id")}


def _shown(control: Any) -> str:
    """The value of a field; the tick and the label of a box."""
    kind = name(control)
    if kind in ("checkbox", "radio"):
        state = attribute(control, "current-state") or attribute(control, "state")
        chosen = attribute(control, "current-selected") or attribute(control, "selected")
        ticked = state == "checked" or chosen == "true"
        return f"{'[x]' if ticked else '[ ]'} {attribute(control, 'label')}".strip()
    if kind in ("listbox", "combobox"):
        options = [option for option in control if name(option) == "option"]
        chosen_ones = [
            one for one in options if "true" in (attribute(one, "current-selected"), attribute(one, "selected"))
        ]
        labels = ", ".join(attribute(option, "label") for option in chosen_ones)
        return labels or attribute(control, "current-value") or attribute(control, "value")
    if kind in ("text", "textarea", "formatted-text", "number", "date", "time", "fixed-text"):
        return attribute(control, "current-value") or attribute(control, "value") or attribute(control, "label")
    return ""


def around_pages(package: Package) -> Iterator[str]:
    """The texts of headers and footers, each once: "Footer: Harbour trust"."""
    root = package.part("styles.xml")
    pages = list(descendants(root, "master-page")) if root is not None else []
    found: dict[str, None] = {}
    for kind in ("header", "footer"):
        for page in pages:
            for part in page:
                if name(part).startswith(kind) and attribute(part, "display") != "false":
                    texts = (_without_fields(paragraph) for paragraph in descendants(part, "p"))
                    found.update((f"{kind.title()}: {text}", None) for text in texts if text)
    return iter(found)


def _without_fields(paragraph: Any) -> str:
    """The words of a line; empty if they say little more than fields that the program fills in."""
    pieces: list[str] = []
    counted = False
    for element in paragraph.iter():
        filled_in = name(element) in _COUNTED
        counted = counted or filled_in
        pieces += ["" if filled_in else element.text or "", "" if element is paragraph else element.tail or ""]
    text = one_line(" ".join(pieces))
    return "" if counted and len(re.findall(r"[^\W\d_]+", text)) < 3 else text


def comment_text(annotation: Any) -> str:
    """A comment with its author: "Comment by Ada: why?"."""
    author = one_line(words(child(annotation, "creator")))
    skipped = ("creator", "date", "date-string", "creator-initials", "sender-initials")
    text = one_line(" ".join(words(below) for below in annotation if name(below) not in skipped))
    sign = f"Comment by {author}" if author else "Comment"
    return f"{sign}: {text}" if text else ""
