"""What is on a page besides its text: values of form fields, notes, comments on the text, and links.

PDFium keeps these apart from the characters of a page, and a viewer draws them over it.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from ..format_contents import BEYOND, MEDIA, NoticeCollector
from .page_words import clean

_MOST_ANNOTATIONS = 10_000
"""Most annotations of a page; a long form has a few hundred."""
_MOST_OPTIONS = 2000
_HIDDEN = 1 << 1 | 1 << 5
"""Flags of an annotation that viewers do not show: Hidden and NoView (ISO 32000-1, table 165)."""
_NAME = re.compile(r"[^\W\d_]{3,}(?:[ _-][^\W\d_]+)*")
"""A name that a person gave: words, not the numbers of a program."""
_TICKED = ("Yes", "Off")
"""States of a box that the standard names (ISO 32000-1, 12.7.4.2.3); others are the author's own words."""
_PASSWORD = 1 << 13
"""Flag of a text field whose value is a secret (table 228)."""


class AnnotationText(NamedTuple):
    """A text that a viewer shows in this rectangle, in the file's coordinates (y grows upward)."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    label: str = ""
    """The name of the form field, in case the page has no words beside it."""


class Link(NamedTuple):
    """A link on the page; `target` is empty if it stays in the document."""

    target: str
    left: float
    bottom: float
    right: float
    top: float


class Annotations(NamedTuple):
    """The annotations of one page."""

    placed: list[AnnotationText]
    comments: list[str]
    links: list[Link]
    fields: int
    """Number of form fields, with or without a value."""


class _Annotation:
    """One annotation, valid while PDFium's handle is open."""

    def __init__(self, pdf: Any, handle: Any) -> None:
        import pypdfium2.raw as pdfium

        self._api = pdfium
        self._pdf = pdf
        self._form = pdf.formenv
        self.handle = handle
        self.kind: int = pdfium.FPDFAnnot_GetSubtype(handle)
        rectangle = pdfium.FS_RECTF()
        pdfium.FPDFAnnot_GetRect(handle, rectangle)
        self.left, self.right = sorted((rectangle.left, rectangle.right))
        self.bottom, self.top = sorted((rectangle.bottom, rectangle.top))

    def said(self, key: str) -> str:
        """A text in the annotation's dictionary."""
        return text_of(self._api.FPDFAnnot_GetStringValue, self.handle, key.encode())

    def is_shown(self, page: Any) -> bool:
        """Whether a viewer shows it: it is not hidden, and has a rectangle on the page."""
        left, bottom, right, top = page.get_bbox()
        on_page = self.left < right and self.right > left and self.bottom < top and self.top > bottom
        return on_page and not self._api.FPDFAnnot_GetFlags(self.handle) & _HIDDEN

    def placed(self, text: str, label: str = "") -> AnnotationText:
        return AnnotationText(text, self.left, self.bottom, self.right, self.top, label)

    def label(self) -> str:
        """The name of a field for people, or else its internal name if that consists of words."""
        form, handle = self._form, self.handle
        told = text_of(self._api.FPDFAnnot_GetFormFieldAlternateName, form, handle) if form else ""
        name = self.said("T")
        return _lines(told or (name if _NAME.fullmatch(name) else ""))

    def field(self, textpage: Any, told: NoticeCollector) -> str:
        """What a form field shows: its value, the chosen options, or whether it is ticked."""
        api, form, handle = self._api, self._form, self.handle
        kind = api.FPDFAnnot_GetFormFieldType(form, handle) if form else -1
        if kind < 0:  # a field that the form does not list
            state = self.said("AS") or self.said("V")
            if self.said("FT") != "Btn" and not self.said("AS"):
                return state
            return "" if not state else "[ ]" if state == "Off" else "[x]"
        if kind in (api.FPDF_FORMFIELD_CHECKBOX, api.FPDF_FORMFIELD_RADIOBUTTON):
            if not api.FPDFAnnot_IsChecked(form, handle):
                return "[ ]"
            name = _lines(text_of(api.FPDFAnnot_GetFormFieldExportValue, form, handle))
            said = not _NAME.fullmatch(name) or name in _TICKED or name.lower() in textpage.get_text_bounded().lower()
            return "[x]" if said else f"[x] {name}"
        if kind in (api.FPDF_FORMFIELD_COMBOBOX, api.FPDF_FORMFIELD_LISTBOX):
            options = range(min(api.FPDFAnnot_GetOptionCount(form, handle), _MOST_OPTIONS))
            chosen = (at for at in options if api.FPDFAnnot_IsOptionSelected(form, handle, at))
            labels = [text_of(api.FPDFAnnot_GetOptionLabel, form, handle, at) for at in chosen]
            return ", ".join(labels) or text_of(api.FPDFAnnot_GetFormFieldValue, form, handle)
        if kind != api.FPDF_FORMFIELD_TEXTFIELD:
            return ""  # a button, or a signature
        value = text_of(api.FPDFAnnot_GetFormFieldValue, form, handle)
        if value and api.FPDFAnnot_GetFormFieldFlags(form, handle) & _PASSWORD:
            told.add("passwords in form fields")
            return ""
        return value

    def target(self) -> str:
        """The target of a link, if it is outside the document."""
        link = self._api.FPDFAnnot_GetLink(self.handle)
        action = self._api.FPDFLink_GetAction(link) if link else None
        if not action:
            return ""
        length = self._api.FPDFAction_GetURIPath(self._pdf, action, None, 0)
        buffer = ctypes.create_string_buffer(max(1, length))
        self._api.FPDFAction_GetURIPath(self._pdf, action, buffer, length)
        return clean(buffer.value.decode("utf-8", "replace")).strip()

    def attached(self) -> str:
        """The name of the attached file."""
        file = self._api.FPDFAnnot_GetFileAttachment(self.handle)
        return text_of(self._api.FPDFAttachment_GetName, file) if file else ""

    def marked(self, textpage: Any) -> str:
        """The words that a highlight or another mark on the text covers."""
        count = self._api.FPDFAnnot_CountAttachmentPoints(self.handle)
        found = []
        for index in range(min(count, 100)):
            quad = self._api.FS_QUADPOINTSF()
            if self._api.FPDFAnnot_GetAttachmentPoints(self.handle, index, quad):
                across, up = (quad.x1, quad.x2, quad.x3, quad.x4), (quad.y1, quad.y2, quad.y3, quad.y4)
                found.append(textpage.get_text_bounded(min(across), min(up), max(across), max(up)))
        return " ".join(clean(" ".join(found)).split())


def read_annotations(pdf: Any, page: Any, textpage: Any, told: NoticeCollector) -> Annotations:
    """The annotations of a page. `pdf`, `page` and `textpage` are pypdfium2's objects."""
    import pypdfium2.raw as pdfium

    found = Annotations([], [], [], 0)
    fields = 0
    marks = (pdfium.FPDF_ANNOT_HIGHLIGHT, pdfium.FPDF_ANNOT_UNDERLINE, pdfium.FPDF_ANNOT_SQUIGGLY)
    for one in _annotations(pdf, page, told):
        if one.kind in (pdfium.FPDF_ANNOT_SOUND, pdfium.FPDF_ANNOT_MOVIE, pdfium.FPDF_ANNOT_SCREEN, _RICH_MEDIA):
            told.add(MEDIA)
        elif one.kind == pdfium.FPDF_ANNOT_WIDGET:
            fields += 1
            value = _lines(one.field(textpage, told))
            if value and not one.is_shown(page):
                told.add("hidden form fields and notes")
            elif value:
                found.placed.append(one.placed(value, one.label()))
        elif one.kind == pdfium.FPDF_ANNOT_FILEATTACHMENT:
            told.add("attached files", one.attached() or _lines(one.said("Contents")))
        elif one.kind == pdfium.FPDF_ANNOT_LINK:
            found.links.append(Link(one.target(), one.left, one.bottom, one.right, one.top))
        elif one.kind != pdfium.FPDF_ANNOT_POPUP:
            text = _lines(one.said("Contents"))
            if text and not one.is_shown(page):
                told.add("hidden form fields and notes")
            elif text and one.kind == pdfium.FPDF_ANNOT_FREETEXT:
                found.placed.append(one.placed(text))
            elif text:
                struck = one.kind == pdfium.FPDF_ANNOT_STRIKEOUT
                on = one.marked(textpage) if struck or one.kind in marks else ""
                found.comments.append(_comment(text, _lines(one.said("T")), on))
            elif one.kind == pdfium.FPDF_ANNOT_STAMP and one.is_shown(page):
                name = clean(one.said("Name"))
                found.comments.extend([f"Stamp: {name}"] if name.isalpha() else [])
    return found._replace(fields=fields)


_RICH_MEDIA = 27
"""FPDF_ANNOT_RICHMEDIA, which older versions of PDFium's interface do not name."""


def _annotations(pdf: Any, page: Any, told: NoticeCollector) -> Iterator[_Annotation]:
    import pypdfium2.raw as pdfium

    count = pdfium.FPDFPage_GetAnnotCount(page)
    if count > _MOST_ANNOTATIONS:
        told.add(BEYOND, f"notes, links and fields of a page beyond {_MOST_ANNOTATIONS:,}", count - _MOST_ANNOTATIONS)
    for index in range(min(count, _MOST_ANNOTATIONS)):
        handle = pdfium.FPDFPage_GetAnnot(page, index)
        if not handle:
            continue
        try:
            yield _Annotation(pdf, handle)
        finally:
            pdfium.FPDFPage_CloseAnnot(handle)


def _comment(text: str, author: str, on: str) -> str:
    who = f"Comment by {author}" if author else "Comment"
    return f"{who} on “{on}”: {text}" if on else f"{who}: {text}"


def _lines(text: str) -> str:
    """The lines of a text, without empty ones and extra spaces."""
    lines = (" ".join(clean(line.replace("\t", " ")).split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def text_of(function: Any, *arguments: Any) -> str:
    """The text that a PDFium function writes as UTF-16 into a buffer; it is first asked for the size."""
    size = function(*arguments, None, 0)
    if size <= 2:
        return ""
    buffer = (ctypes.c_ushort * (size // 2 + 1))()
    function(*arguments, buffer, size)
    return bytes(buffer)[: size - 2].decode("utf-16-le", "replace").replace("\0", "")
