"""Untrusted XML: no entities, no files, no network, a bounded depth."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import name2codepoint
from typing import Any

from ...errors import LoadError

_ENTITY = re.compile(rb"&([A-Za-z][A-Za-z0-9]{1,30});")
_LIMIT = re.compile(r"huge|depth|amplification|loop", re.IGNORECASE)
_XML_OWN = frozenset({b"amp", b"lt", b"gt", b"quot", b"apos"})


def parse_xml(data: bytes, source: str) -> Any:
    """The root element. Raises LoadError if the bytes are not XML, or exceed what a parser should hold.

    Broken XML is read as far as possible. Entities that the file declares are not expanded, so they can neither grow
    nor name a file. Without `huge_tree`, lxml refuses elements nested deeper than 256, and texts of 10 MB.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(_ENTITY.sub(_numbered, data), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise LoadError(source, f"broken XML ({str(error)[:100]})") from error
    if root is None:
        raise LoadError(source, "broken XML: no element in it")
    for problem in parser.error_log:
        # Recovering from a limit would silently lose everything after it.
        if _LIMIT.search(problem.message):
            raise LoadError(source, "XML that nests or swells past what is safe to read")
    return root


def _numbered(found: re.Match[bytes]) -> bytes:
    """HTML's name for a character, which people use in XML too, as its number."""
    code = None if found.group(1) in _XML_OWN else name2codepoint.get(found.group(1).decode("ascii"))
    return found.group() if code is None else b"&#%d;" % code


def name(element: Any) -> str:
    """The element's name without its namespace: Office's strict and transitional files differ only in that."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Any, wanted: str) -> str:
    """The attribute of that local name, whatever its namespace; empty if there is none."""
    value = element.get(wanted)
    if value is not None:
        return str(value)
    return next((str(found) for key, found in element.attrib.items() if key.rpartition("}")[2] == wanted), "")


def child(element: Any, *path: str) -> Any:
    """The first child of that local name, and so on down the path; None if there is none."""
    for wanted in path:
        if element is None:
            return None
        element = next((below for below in element if name(below) == wanted), None)
    return element


def children(element: Any, wanted: str) -> list[Any]:
    """All children of that local name; none if `element` is None."""
    return [] if element is None else [below for below in element if name(below) == wanted]


def descendants(element: Any, wanted: str) -> Iterator[Any]:
    """All elements of that local name, including `element`, in the order of the file."""
    return (below for below in element.iter() if name(below) == wanted)


def words(element: Any) -> str:
    """All text in an element, unchanged; empty for None."""
    return "" if element is None else "".join(element.itertext())


def number(element: Any, wanted: str, otherwise: int = 0) -> int:
    """A whole number in the attribute, or `otherwise` if it is none or has ten digits or more."""
    value = attribute(element, wanted)
    return int(value) if value.isdecimal() and len(value) < 10 else otherwise


def is_on(element: Any, wanted: str) -> bool:
    """Whether a boolean attribute is on."""
    return element is not None and attribute(element, wanted) in ("1", "true", "on")
