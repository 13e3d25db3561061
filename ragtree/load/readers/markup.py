"""XML from strangers: no entities, no files, no network, a bounded depth."""

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
    """The root element. Raises LoadError where the bytes are no XML, or more of it than a parser should hold.

    Broken XML is read as far as it goes. Entities that the file declares stay unread, so they can neither grow nor
    name a file; without `huge_tree`, lxml refuses what nests deeper than 256 elements or holds 10 MB in one text.
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
        # To recover from a limit would be to lose what lies behind it without a word.
        if _LIMIT.search(problem.message):
            raise LoadError(source, "XML that nests or swells past what is safe to read")
    return root


def _numbered(found: re.Match[bytes]) -> bytes:
    """HTML's names for characters, which people use in XML too, by their numbers."""
    code = None if found.group(1) in _XML_OWN else name2codepoint.get(found.group(1).decode("ascii"))
    return found.group() if code is None else b"&#%d;" % code


def name(element: Any) -> str:
    """The element's name without its namespace: Office's strict and transitional files differ in that alone."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Any, wanted: str) -> str:
    """The attribute of that local name, whatever its namespace; empty where there is none."""
    value = element.get(wanted)
    if value is not None:
        return str(value)
    return next((str(found) for key, found in element.attrib.items() if key.rpartition("}")[2] == wanted), "")


def child(element: Any, *path: str) -> Any:
    """The first child of that local name, and so on down the path, or None."""
    for wanted in path:
        if element is None:
            return None
        element = next((below for below in element if name(below) == wanted), None)
    return element


def children(element: Any, wanted: str) -> list[Any]:
    """All children of that local name; none of None."""
    return [] if element is None else [below for below in element if name(below) == wanted]


def descendants(element: Any, wanted: str) -> Iterator[Any]:
    """All elements of that local name below, in the order of the file."""
    return (below for below in element.iter() if name(below) == wanted)


def words(element: Any) -> str:
    """All text below, as it stands."""
    return "" if element is None else "".join(element.itertext())


def number(element: Any, wanted: str, otherwise: int = 0) -> int:
    """A whole number in the attribute, or `otherwise` where there is none that makes sense."""
    value = attribute(element, wanted)
    return int(value) if value.isdecimal() and len(value) < 10 else otherwise


def is_on(element: Any, wanted: str) -> bool:
    """Whether the attribute says yes."""
    return element is not None and attribute(element, wanted) in ("1", "true", "on")
