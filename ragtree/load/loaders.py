"""Chooses the loader of a file: by its first bytes if they are unambiguous, otherwise by its ending."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from ..errors import LoadError, SettingsError
from ..settings import LoadSettings
from .base import Loaded, Loader
from .endings import LOADERS, OLD, ending_of, own_loader
from .readers.ole import OLE
from .readers.package import open_zip
from .readers.plain_text import TextLoader
from .recognition.base import Describer, Recognizer

_MAY_BEGIN_AS_HTML = frozenset({"txt", "text", "log", ""})
"""Endings of text files that are read as HTML if they begin like it. Templates and programs may begin like it, too."""

_HTML = re.compile(rb"<!doctype\s+html\b|<html[\s>]", re.IGNORECASE)
_PAGES = ("mht", "mhtml")
"""Endings of web pages that are stored as mail, as Word embeds them."""
_PARTS = (("word/", "docx"), ("ppt/", "pptx"), ("xl/", "xlsx"))
_MIMETYPES = (
    (b"application/epub+zip", "epub"),
    (b"application/vnd.oasis.opendocument.text", "odt"),
    (b"application/vnd.oasis.opendocument.presentation", "odp"),
    (b"application/vnd.oasis.opendocument.spreadsheet", "ods"),
)


def loaded_as(source: str, data: bytes) -> str:
    """The ending, without the dot, of the format that a file is read as: that of its name, or what its first bytes
    prove. An ending for which a package offers a loader is believed."""
    ending = ending_of(source)
    if ending not in LOADERS.own and ending in LOADERS:
        return ending
    told = signature(data)
    if told == "html" and ending not in _MAY_BEGIN_AS_HTML and ending not in OLD:
        return ending
    return told or ("ole" if ending in OLD else ending)


def signature(data: bytes) -> str:
    """The ending of the format that the first bytes prove ("pdf", "docx", ...); empty if they prove none."""
    if data.startswith(OLE):
        return "ole"
    if data.startswith(b"PK\x03\x04"):
        return _packed(data)
    head = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"{\\rtf"):
        return "rtf"
    return "html" if _HTML.match(head) else ""


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
        pictures = (recognizer, describer)
        self._made_of: Mapping[str, tuple[Any, ...]] = {
            **dict.fromkeys(("PdfLoader", "ImageLoader"), pictures),
            **dict.fromkeys(("HtmlLoader", "XlsxLoader", "OdfLoader", "EpubLoader"), (self.read_picture,)),
            **dict.fromkeys(("DocxLoader", "PptxLoader"), (self.read_embedded,)),
            **dict.fromkeys(("MailLoader", "MailboxLoader"), (self.read,)),
        }
        """What the constructors of loaders take; nothing, unless it is said here."""
        self._embedded_of = {**self._made_of, "DocxLoader": (), "PptxLoader": (), "MailLoader": (self.read_embedded,)}
        """The same for embedded files. These loaders do not read files embedded in them, except those of a web page
        (.mht)."""

    def loader_for(self, source: str, data: bytes = b"") -> Loader | None:
        """The loader for the file `source` with these bytes, or None if its ending is unknown.

        Raises LoadError if the package that offers it cannot be used.
        """
        return self._loader(source, loaded_as(source, data), self._made_of)

    def read(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        """Read the bytes with the loader for `source`. Raises only LoadError, with a reason, and MemoryError."""
        return _read(self.loader_for(source, data), data, source, limits)

    def read_embedded(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        """The same for a file embedded in an Office file. Files embedded in that one are reported, not read."""
        ending = loaded_as(source, data)
        is_mail = own_loader(ending) in ("MailLoader", "MailboxLoader") and ending not in _PAGES
        loader = None if is_mail else self._loader(source, ending, self._embedded_of)
        return _read(loader, data, source, limits)

    def read_picture(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        """The same for a picture in a file."""
        return _read(self._loader(source, "png", self._made_of), data, source, limits)

    def _loader(self, source: str, ending: str, made_of: Mapping[str, tuple[Any, ...]]) -> Loader | None:
        if not ending or ending not in LOADERS:
            return None
        try:
            loader: Loader = LOADERS.make(ending, *made_of.get(own_loader(ending), ()))
        except SettingsError as error:
            raise LoadError(source, str(error)) from error
        return loader


def _read(loader: Loader | None, data: bytes, source: str, limits: LoadSettings) -> Loaded:
    kind = PurePosixPath(source).suffix
    try:
        return (loader or TextLoader()).load(data, source, limits)
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
