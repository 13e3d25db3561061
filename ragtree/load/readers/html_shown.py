"""The text of elements without text content: pictures, form fields, labels."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode
from collections.abc import Callable
from typing import Any, TypeAlias
from urllib.parse import unquote

from ..format_contents import MEDIA, NoticeCollector
from .drawing import picture_text
from .outline import one_line
from .pictures import Pictures, Seen

_FIELDS = frozenset("text email tel url number date datetime-local month week time range search".split())
_PAGES = frozenset({"iframe", "object", "embed", "frame"})
_TEX = re.compile(r"\{?\\[A-Za-z]")
"""How the alternative text of a formula begins that is shown as a picture."""

ALONE = re.compile(r"[| ]*\((Picture: .*)\)[| ]*")
"""A block that consists of one picture."""


_ENCODED = re.compile(r"data:image/(png|jpeg|jpg|gif|webp|bmp|tiff)[^,]*;base64,(.*)", re.DOTALL | re.IGNORECASE)

See: TypeAlias = Callable[[str], list[Seen]]
"""Reads the picture at an address."""


def addresses(element: Any, tag: str) -> list[str]:
    """The addresses of the pictures that an element shows."""
    if tag == "img":
        return [element.get("src") or ""]
    if tag == "svg":
        return [image.get("href") or image.get("xlink:href") or "" for image in element.iter("image")]
    return []


def encoded_picture(address: str, pictures: Pictures) -> list[Seen]:
    """What is in a picture whose bytes are its address (`data:image/png;base64,...`). Other addresses are not read:
    nothing in a file makes ragtree fetch anything, and pictures of the folder are documents of their own."""
    found = _ENCODED.fullmatch(address.strip())
    if found is None:
        return []
    try:
        data = b64decode(re.sub(r"\s", "", unquote(found[2])))
    except ValueError:
        return []
    name = f"picture {hashlib.sha256(data).hexdigest()[:8]}.{found[1].lower()}"
    return pictures.blocks(name, lambda: data)


def label_targets(root: Any) -> frozenset[str]:
    """The ids of the fields that a page has labels for."""
    return frozenset(label.get("for", "") for label in root.iter("label"))


def shown(element: Any, tag: str, collector: NoticeCollector | None, labelled: frozenset[str]) -> str | None:
    """The text that replaces the element and all below it; None for an element with its own text.

    `labelled` are the ids of fields with a label. Content that cannot be read is reported to `collector`.
    """
    if tag == "img":
        return _picture(element.get("alt") or element.get("aria-label") or "")
    if tag == "svg":
        return _drawing(element, collector)
    if tag == "input":
        return _field(element, labelled)
    if tag == "textarea":
        return element.text or ""
    if tag == "select":
        chosen = (option for option in element.iter("option") if option.get("selected") is not None)
        return ", ".join(one_line("".join(option.itertext())) for option in chosen)
    if tag in ("video", "audio"):
        _tell(collector, MEDIA, element)
        return ""
    if tag in _PAGES:
        if element.get("src") or element.get("data") or element.get("srcdoc"):
            _tell(collector, "embedded pages", element)
        return ""
    label = one_line(element.get("aria-label") or "")
    if label and not "".join(element.itertext()).strip() and not any(one.get("alt") for one in element.iter("img")):
        return _picture(label) if element.get("role") == "img" else label
    return None


def _picture(text: str) -> str:
    text = one_line(text)
    if _TEX.match(text):
        return f"${text}$"
    found = picture_text(text)
    return f"({found})" if found else ""


def _drawing(element: Any, collector: NoticeCollector | None) -> str:
    """The title and the description of a drawing. Its other text is only reported: alone it says little."""
    if any("".join(text.itertext()).strip() for text in element.iter("text")) and collector is not None:
        collector.add("drawings (SVG) with text")
    named = ("".join(part.itertext()) for kind in ("title", "desc") for part in element.findall(kind))
    return _picture(element.get("aria-label") or ". ".join(one_line(text) for text in named if text.strip()))


def _field(element: Any, labelled: frozenset[str]) -> str:
    kind = (element.get("type") or "text").lower()
    if kind in ("checkbox", "radio"):
        sign = "[x]" if element.get("checked") is not None else "[ ]"
        label = one_line(element.get("aria-label") or "")
        # boxes without a label are used to open menus
        named = label or element.get("id", " ") in labelled or next(element.iterancestors("label"), None) is not None
        return f"{sign} {label}".strip() if named else ""
    return one_line(element.get("value") or "") if kind in _FIELDS else ""


def _tell(collector: NoticeCollector | None, what: str, element: Any) -> None:
    if collector is not None:
        source = next((one.get("src") for one in element.iter() if one.get("src")), "") or element.get("data") or ""
        collector.add(what, source.partition("?")[0])
