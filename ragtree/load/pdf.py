"""PDF through PDFium: the text of every page, and which page it is."""

from __future__ import annotations

import re
import threading

from ..errors import LoadError
from ..settings import LoadSettings
from ..types import Location, Mark
from .base import Loaded

_ONE_AT_A_TIME = threading.Lock()
"""PDFium is not safe to use from two threads, whatever the documents."""

_SOFT_HYPHEN = re.compile("[\ufffe\x02\xad]\r?\n?")
"""PDFium's mark for a word that is broken at a line's end."""


class PdfLoader:
    """`.pdf`; a page without text (a scan) adds nothing."""

    suffixes = frozenset({".pdf"})

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        with _ONE_AT_A_TIME:
            return self._load(data, source, limits)

    def _load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        import pypdfium2

        try:
            pdf = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                raise LoadError(source, "locked with a password") from error
            raise LoadError(source, "a broken PDF, or none") from error
        try:
            if len(pdf) > limits.max_pages:
                raise LoadError(source, f"{len(pdf)} pages, more than load.max_pages = {limits.max_pages}")
            pages = [_page_text(pdf, number) for number in range(len(pdf))]
            title = (pdf.get_metadata_value("Title") or "").strip()
        finally:
            pdf.close()
        text, marks = _join(pages)
        if not text:
            raise LoadError(source, "no text in it (is it a scan?)")
        return Loaded(text, title=title, marks=marks)


def _page_text(pdf: object, number: int) -> str:
    page = pdf[number]  # type: ignore[index]
    textpage = page.get_textpage()
    try:
        raw = textpage.get_text_bounded()
    finally:
        textpage.close()
        page.close()
    text = _SOFT_HYPHEN.sub("", raw).replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return str(text).strip()


def _join(pages: list[str]) -> tuple[str, tuple[Mark, ...]]:
    """One text; a sentence that runs over the page's end stays one."""
    text = ""
    marks = []
    for number, page in enumerate(pages, start=1):
        if not page:
            continue
        if text:
            text += "\n\n" if text.endswith((".", "!", "?", ":", "”", '"')) else "\n"
        marks.append(Mark(len(text), Location(page=number)))
        text += page
    return text, tuple(marks)
