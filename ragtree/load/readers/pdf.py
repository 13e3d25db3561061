"""PDF through PDFium: text in reading order, with its pages, headings, tables and the boxes of its blocks."""

from __future__ import annotations

import contextlib
import re
import threading
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from ...errors import LoadError
from ...settings import LoadSettings
from ...types import Scalar
from ..base import Loaded
from ..format_contents import UNREAD_LINES, NoticeCollector
from ..layout.base import Page
from ..layout.document import make_document
from ..layout.figures import find_figures
from ..layout.headings import Outline
from ..layout.page import read_page
from ..recognition.base import Describer, NotRecognizedError, Recognizer
from ..recognition.garbled import is_better, is_garbled
from ..recognition.pdf_scans import RecognizedText, may_be_text, recognized_page, rendered_part
from .pdf_parts import tell_parts, with_form_data

_ONE_AT_A_TIME = threading.Lock()
"""PDFium is not safe to use from two threads, whatever the documents."""

_MOST_OUTLINE = 5000
_UNMAPPED = 0.3
"""Share of unmapped characters from which on a page's text is replaced, if it can be recognized."""
_DATE = re.compile(r"D:(\d{4})(\d{2})?(\d{2})?")
_NO_TITLE = re.compile(
    r"microsoft (?:word|powerpoint|excel) - .*|untitled.*|unknown|\(?anonymous\)?|title|document\s?\d*"
    r"|.*\.(?:docx?|pdf|tex|dvi|indd|qxd|pptx?|xlsx?|rtf|html?|jpe?g|png|tiff?)",
    re.IGNORECASE,
)
"""Titles that programs write, and names of files."""
_NO_AUTHOR = frozenset({"", "anonymous", "unknown", "author", "user", "admin", "administrator", "owner"})


class PdfLoader:
    """`.pdf`; a page without text (a scan) is recognized if that is installed. A broken page does not affect others.

    Metadata: `author`, `created` and `modified` (2024-05-31) if the file has them, and the numbers of pages that
    could not be read as `broken_pages`.
    """

    def __init__(self, recognizer: Recognizer, describer: Describer) -> None:
        self._recognizer = recognizer
        self._describer = describer

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
            collector = NoticeCollector("PDF")
            with contextlib.suppress(pypdfium2.PdfiumError):
                pdf.init_forms()
            pages, broken = _read_pages(pdf, collector, self._recognizer)
            pages = [_with_figures(pdf, page, collector, self._describer) for page in pages]
            outline = _outline(pdf)
            facts = pdf.get_metadata_dict()
            tell_parts(pdf, collector)
            if not any(page.fields for page in pages):
                pages = with_form_data(pages, pdf, source, collector)
        finally:
            pdf.close()
        if broken and not pages:
            raise LoadError(source, "none of its pages can be read")
        text, marks, blocks, title = make_document(pages, outline)
        if not text:
            raise LoadError(source, "; ".join(collector.notices()) or "no text in it")
        return Loaded(
            text, _own_title(facts) or title, marks, False, _metadata(facts, broken), blocks, collector.notices()
        )


def _read_pages(pdf: Any, collector: NoticeCollector, recognizer: Recognizer) -> tuple[list[Page], list[int]]:
    """The pages that can be read, and the numbers of those that cannot."""
    import pypdfium2

    pages, broken = [], []
    for index in range(len(pdf)):
        try:
            pages.append(_page(pdf, index, collector, recognizer))
        except pypdfium2.PdfiumError:
            broken.append(index + 1)
            collector.add("broken pages", str(index + 1))
    return pages, broken


def _page(pdf: Any, index: int, collector: NoticeCollector, recognizer: Recognizer) -> Page:
    """A page. If its text is missing, unmapped or garbled, the text is recognized from how the page looks."""
    read = read_page(pdf, index, collector)
    said = "\n".join(line.text for _, lines in read.regions for line in lines)
    unmapped = read.unmapped >= _UNMAPPED
    unknown = unmapped or not read.regions
    if not unknown and not is_garbled(said):
        return read
    page = pdf[index]
    try:
        is_text = bool(read.regions) or unmapped or may_be_text(page)
        found = recognized_page(page, recognizer) if is_text else RecognizedText()
    except NotRecognizedError as error:
        if unknown:
            collector.add(error.why, str(index + 1))
            return read._replace(upright=None)  # its pictures may be text, and are not described
        return read
    finally:
        page.close()
    seen = "\n".join(line.text for _, lines in found.regions for line in lines)
    if not unknown and not is_better(seen, said):  # a list of names, say
        return read
    if found.unread:
        collector.add(UNREAD_LINES, f"page {index + 1}", found.unread)
    return read._replace(regions=found.regions, unsure=found.unsure) if found.regions else read


def _with_figures(pdf: Any, read: Page, collector: NoticeCollector, describer: Describer) -> Page:
    """The page with the figures that a model described."""
    import pypdfium2

    if not describer.wanted:
        return read
    page = pdf[read.number - 1]
    found = []
    try:
        for figure in find_figures(page, read):
            said = describer.describe(rendered_part(page, figure))
            if said:
                found.append(figure._replace(text=said))
    except NotRecognizedError as error:
        collector.add(error.why, f"page {read.number}" + (f": {error.reason}" if error.reason else ""))
    except pypdfium2.PdfiumError:
        collector.add("broken pages", str(read.number))
    finally:
        page.close()
    return read._replace(figures=tuple(found))


def _outline(pdf: Any) -> Outline:
    """The file's own table of contents."""
    import pypdfium2

    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    try:
        for number, entry in enumerate(pdf.get_toc(max_depth=8)):
            if number > _MOST_OUTLINE:
                break
            target = entry.get_dest()
            page = target.get_index() if target is not None else None
            if page is not None:
                found[page + 1].append((entry.level + 1, entry.get_title()))
    except pypdfium2.PdfiumError:
        return {}
    return found


def _own_title(facts: Mapping[str, str]) -> str:
    """The title that the file gives itself, unless a program wrote it or it is the name of a file."""
    title = " ".join(facts.get("Title", "").replace("\0", "").split())
    return "" if _NO_TITLE.fullmatch(title) else title


def _metadata(facts: Mapping[str, str], broken: list[int]) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    author = " ".join(facts.get("Author", "").replace("\0", "").split())
    if author.lower().strip("()") not in _NO_AUTHOR:
        found["author"] = author
    for name, key in (("created", "CreationDate"), ("modified", "ModDate")):
        date = _DATE.match(facts.get(key, ""))
        if date:
            found[name] = "-".join(part for part in date.groups() if part)
    if broken:
        found["broken_pages"] = ", ".join(map(str, broken))
    return found
