"""The alternative text of pictures in a tagged PDF."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..format_contents import BEYOND, NoticeCollector
from .annotations import text_of
from .page_words import clean

_MOST_DEPTH = 40
_MOST_ELEMENTS = 20_000


def alternative_texts(page: Any, collector: NoticeCollector) -> list[str]:
    """The alternative text of each figure and formula of a page, in the order of the document."""
    import pypdfium2.raw as pdfium

    tree = pdfium.FPDF_StructTree_GetForPage(page)
    if not tree:
        return []
    try:
        count = pdfium.FPDF_StructTree_CountChildren(tree)
        _tell(count - _MOST_ELEMENTS, collector)
        elements = (pdfium.FPDF_StructTree_GetChildAtIndex(tree, index) for index in range(min(count, _MOST_ELEMENTS)))
        return list(dict.fromkeys(text for element in elements for text in _texts(element, collector)))
    finally:
        pdfium.FPDF_StructTree_Close(tree)


def _tell(left: int, collector: NoticeCollector) -> None:
    if left > 0:
        collector.add(BEYOND, f"elements of a tagged page beyond {_MOST_ELEMENTS:,}", left)


def _texts(root: Any, collector: NoticeCollector) -> Iterator[str]:
    import pypdfium2.raw as pdfium

    seen = 0
    stack = [(root, 0)]
    while stack and seen < _MOST_ELEMENTS:
        element, depth = stack.pop()
        if not element or depth > _MOST_DEPTH:
            continue
        seen += 1
        text = " ".join(clean(text_of(pdfium.FPDF_StructElement_GetAltText, element)).split())
        if text:
            yield text
        count = pdfium.FPDF_StructElement_CountChildren(element)
        below = (pdfium.FPDF_StructElement_GetChildAtIndex(element, index) for index in range(max(0, count)))
        stack.extend((child, depth + 1) for child in reversed(list(below)))
    _tell(len(stack), collector)
