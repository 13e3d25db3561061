"""Parts of a PDF besides its pages: attached files, signatures, and the data of an XFA form."""

from __future__ import annotations

import ctypes
from typing import Any

from ...errors import LoadError
from ..format_contents import BEYOND, NoticeCollector
from ..layout.annotations import text_of
from ..layout.base import Frame, Line, Page, Region, Sheet, TextStyle
from .markup import descendants, name, parse_xml, words
from .outline import one_line

_MOST_ATTACHED = 1000
_MOST_PACKETS = 50
_MOST_BYTES = 20_000_000
_MOST_VALUES = 5000


def tell_parts(pdf: Any, collector: NoticeCollector) -> None:
    """Report the attached files and the signatures."""
    import pypdfium2.raw as pdfium

    count = pdfium.FPDFDoc_GetAttachmentCount(pdf)
    for index in range(min(count, _MOST_ATTACHED)):
        attached = pdfium.FPDFDoc_GetAttachment(pdf, index)
        collector.add("attached files", text_of(pdfium.FPDFAttachment_GetName, attached) if attached else "")
    if count > _MOST_ATTACHED:
        collector.add("attached files", count=count - _MOST_ATTACHED)
    signed = pdfium.FPDF_GetSignatureCount(pdf)
    if signed > 0:
        collector.add("digital signatures", count=signed)


def with_form_data(pages: list[Page], pdf: Any, source: str, collector: NoticeCollector) -> list[Page]:
    """The pages, followed by the data of an XFA form, whose own pages only a few programs can render."""
    values = _form_data(pdf, source, collector)
    if not values or not pages:
        return pages
    frame = Frame(Sheet(0, 0, 1, 1))
    if pages[-1].comments is not None:
        frame = pages[-1].comments.frame
    lines = [*(pages[-1].comments.lines if pages[-1].comments else ())]
    lines += (Line(value, 0, 1, 1, TextStyle(1.0), 1) for value in values)
    return [*pages[:-1], pages[-1]._replace(comments=Region(frame, lines))]


def _form_data(pdf: Any, source: str, collector: NoticeCollector) -> list[str]:
    """The filled fields of an XFA form: "boat: Kittiwake"."""
    import pypdfium2.raw as pdfium

    for index in range(min(max(0, pdfium.FPDF_GetXFAPacketCount(pdf)), _MOST_PACKETS)):
        size = pdfium.FPDF_GetXFAPacketName(pdf, index, None, 0)
        called = ctypes.create_string_buffer(max(1, size))
        pdfium.FPDF_GetXFAPacketName(pdf, index, called, size)
        if called.value == b"datasets":
            return _values(_packet(pdf, index, collector), source, collector)
    return []


def _packet(pdf: Any, index: int, collector: NoticeCollector) -> bytes:
    import pypdfium2.raw as pdfium

    size = ctypes.c_ulong()
    if not pdfium.FPDF_GetXFAPacketContent(pdf, index, None, 0, size) or not size.value:
        return b""
    if size.value > _MOST_BYTES:
        collector.add(BEYOND, f"data of a form beyond {_MOST_BYTES:,} bytes")
        return b""
    buffer = ctypes.create_string_buffer(size.value)
    pdfium.FPDF_GetXFAPacketContent(pdf, index, buffer, size.value, size)
    return buffer.raw[: size.value]


def _values(packet: bytes, source: str, collector: NoticeCollector) -> list[str]:
    try:
        root = parse_xml(packet, source)
    except LoadError:
        return []
    data = next(descendants(root, "data"), root)
    leaves = (element for element in data.iter() if not len(element))
    values = [f"{name(leaf)}: {one_line(words(leaf))}" for leaf in leaves if words(leaf).strip()]
    if len(values) > _MOST_VALUES:
        collector.add(BEYOND, f"values of a form beyond {_MOST_VALUES:,}", len(values) - _MOST_VALUES)
    return values[:_MOST_VALUES]
