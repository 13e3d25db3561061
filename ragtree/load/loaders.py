"""Chooses the loader of a file: by its first bytes if they are unambiguous, otherwise by its ending."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath

from ..errors import LoadError
from ..settings import LoadSettings
from .base import Loaded, Loader
from .readers.asciidoc import AsciidocLoader, OrgLoader
from .readers.calendar import CalendarLoader
from .readers.code import CodeLoader
from .readers.csv import CsvLoader
from .readers.docx import DocxLoader
from .readers.epub import EpubLoader
from .readers.html import HtmlLoader
from .readers.image import ImageLoader
from .readers.json import JsonLinesLoader, JsonLoader
from .readers.latex import LatexLoader
from .readers.mail import MailboxLoader, MailLoader
from .readers.markdown import MarkdownLoader
from .readers.notebook import NotebookLoader
from .readers.odf import OdfLoader
from .readers.ole import OLE, OleLoader
from .readers.package import open_zip
from .readers.pdf import PdfLoader
from .readers.plain_text import TextLoader
from .readers.pptx import PptxLoader
from .readers.rst import RstLoader
from .readers.rtf import RtfLoader
from .readers.subtitles import SubtitleLoader
from .readers.xlsx import XlsxLoader
from .readers.xml import XmlLoader
from .recognition.base import Describer, NothingDescribed, Recognizer
from .recognition.choosing import NothingRecognized

_MAY_BEGIN_AS_HTML = frozenset({".txt", ".text", ".log", ""})
"""Endings of text files that are read as HTML if they begin like it. Templates and programs may begin like it, too."""

_HTML = re.compile(rb"<!doctype\s+html\b|<html[\s>]", re.IGNORECASE)
_PARTS = (("word/", ".docx"), ("ppt/", ".pptx"), ("xl/", ".xlsx"))
_MIMETYPES = (
    (b"application/epub+zip", ".epub"),
    (b"application/vnd.oasis.opendocument.text", ".odt"),
    (b"application/vnd.oasis.opendocument.presentation", ".odp"),
    (b"application/vnd.oasis.opendocument.spreadsheet", ".ods"),
)


def _chosen(loaders: Mapping[str, Loader], source: str, data: bytes) -> Loader | None:
    suffix = PurePosixPath(source).suffix.lower()
    named = loaders.get(suffix)
    told = signature(data)
    if told == ".html" and not (suffix in _MAY_BEGIN_AS_HTML or isinstance(named, OleLoader)):
        return named
    return loaders.get(told, named) if told else named


def signature(data: bytes) -> str:
    """The ending of the format that the first bytes prove (".pdf", ".docx", ...); empty if they prove none."""
    if data.startswith(OLE):
        return ".doc"
    if data.startswith(b"PK\x03\x04"):
        return _packed(data)
    head = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"%PDF-"):
        return ".pdf"
    if head.startswith(b"{\\rtf"):
        return ".rtf"
    return ".html" if _HTML.match(head) else ""


def _packed(data: bytes) -> str:
    """The ending of the document that a zip file is; empty if it is an archive, or broken."""
    try:
        with open_zip(data) as archive:
            names = archive.namelist()
            mimetype = archive.open("mimetype").read(100) if "mimetype" in names else b""
    except (zipfile.BadZipFile, ValueError, NotImplementedError, RuntimeError, OSError):
        return ""
    for begins, suffix in _MIMETYPES:
        if mimetype.startswith(begins):
            return suffix
    if "[Content_Types].xml" not in names:
        return ""
    return next((suffix for folder, suffix in _PARTS if any(name.startswith(folder) for name in names)), "")


class Loaders:
    """The loaders of all formats, which share what recognizes and describes pictures."""

    def __init__(self, recognizer: Recognizer, describer: Describer) -> None:
        self._pictures = ImageLoader(recognizer, describer)
        self.loaders: tuple[Loader, ...] = (
            _TEXT,
            MarkdownLoader(),
            HtmlLoader(self.read_picture),
            PdfLoader(recognizer, describer),
            self._pictures,
            DocxLoader(self.read_embedded),
            PptxLoader(self.read_embedded),
            XlsxLoader(self.read_picture),
            OdfLoader(self.read_picture),
            EpubLoader(self.read_picture),
            RtfLoader(),
            CsvLoader(),
            RstLoader(),
            AsciidocLoader(),
            OrgLoader(),
            LatexLoader(),
            JsonLoader(),
            JsonLinesLoader(),
            NotebookLoader(),
            XmlLoader(),
            SubtitleLoader(),
            CodeLoader(),
            CalendarLoader(),
            MailLoader(self.read),
            MailboxLoader(self.read),
            OleLoader(),
        )
        self._by_suffix = {suffix: loader for loader in self.loaders for suffix in loader.suffixes}
        plain: tuple[Loader, ...] = (DocxLoader(), PptxLoader())
        self._inner = {
            **{suffix: loader for suffix, loader in self._by_suffix.items() if not isinstance(loader, _NESTING)},
            **{suffix: loader for loader in plain for suffix in loader.suffixes},
            **dict.fromkeys((".mht", ".mhtml"), MailLoader(self.read_embedded)),  # a web page as Word embeds it
        }
        """For embedded files. These loaders do not read files embedded in them, except those of a web page (.mht)."""

    def loader_for(self, source: str, data: bytes = b"") -> Loader | None:
        """The loader for the file `source` with these bytes, or None if its ending is unknown."""
        return _chosen(self._by_suffix, source, data)

    def read(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        """Read the bytes with the loader for `source`. Raises only LoadError, with a reason, and MemoryError."""
        return _read(self.loader_for(source, data), data, source, limits)

    def read_embedded(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        """The same for a file embedded in an Office file. Files embedded in that one are reported, not read."""
        return _read(_chosen(self._inner, source, data), data, source, limits)

    def read_picture(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        """The same for a picture in a file."""
        return _read(self._pictures, data, source, limits)


def loader_for(source: str, data: bytes = b"") -> Loader | None:
    """The loader for the file `source` with these bytes, or None if its ending is unknown."""
    return _KNOWN.loader_for(source, data)


def _read(loader: Loader | None, data: bytes, source: str, limits: LoadSettings) -> Loaded:
    kind = PurePosixPath(source).suffix
    try:
        return (loader or _TEXT).load(data, source, limits)
    except LoadError as error:
        if loader is None:  # an unknown ending is tried as text first
            raise LoadError(source, f"{kind or 'this kind of file'} is not a format that is read") from error
        raise
    except MemoryError:  # worker.py says which limit was exceeded
        raise
    except Exception as error:
        said = (str(error).strip().splitlines() or ["no message"])[0][:120]
        known = kind.lstrip(".").upper() or "text"
        raise LoadError(source, f"could not be read as {known} ({type(error).__name__}: {said})") from error


_NESTING = (MailLoader, MailboxLoader)
_TEXT = TextLoader()
_KNOWN = Loaders(NothingRecognized(), NothingDescribed())
LOADERS = _KNOWN.loaders
"""One for each family of formats."""
