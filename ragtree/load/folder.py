"""One file -> a Document. What cannot be read is named, with a reason. `listing.py` says which files there are."""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import Path

from ..errors import LoadError
from ..settings import LoadSettings
from ..types import Document
from .base import Loader
from .docx import DocxLoader
from .html import HtmlLoader
from .listing import INDEX_FILE, FileEntry, scan
from .markdown import MarkdownLoader
from .pdf import PdfLoader
from .text import TextLoader

__all__ = ["INDEX_FILE", "LOADERS", "VERSION", "FileEntry", "digest", "loader_for", "parse", "read_bytes", "scan"]

_TEXT = TextLoader()
LOADERS: tuple[Loader, ...] = (_TEXT, MarkdownLoader(), HtmlLoader(), PdfLoader(), DocxLoader())

VERSION = "2"
"""Raise it where a loader gives another text for the same bytes: then files that have not changed are read again."""

_UNREADABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Characters that no file name should have: controls, bytes that are not UTF-8, line separators."""


def loader_for(source: str) -> Loader | None:
    """The loader of the file's ending, or None where nobody knows it."""
    suffix = Path(source).suffix.lower()
    return next((loader for loader in LOADERS if suffix in loader.suffixes), None)


def digest(data: bytes) -> str:
    """Hex SHA-256 of a file's bytes."""
    return hashlib.sha256(data).hexdigest()


def read_bytes(entry: FileEntry, limits: LoadSettings) -> bytes:
    """The file's bytes. Raises LoadError where it is too large, gone, or not ours to read."""
    if any(unicodedata.category(character) in _UNREADABLE for character in entry.id):
        raise LoadError(ascii(entry.id), "its name is not readable text; rename it")
    if entry.size > limits.max_megabytes * 1e6:
        raise LoadError(entry.id, f"{entry.size / 1e6:.0f} MB, more than load.max_megabytes = {limits.max_megabytes:g}")
    try:
        return entry.path.read_bytes()
    except FileNotFoundError as error:
        raise LoadError(entry.id, "it disappeared before it was read") from error
    except OSError as error:
        raise LoadError(entry.id, (error.strerror or str(error)).lower()) from error


def parse(data: bytes, source: str, limits: LoadSettings) -> Document:
    """Bytes of one file -> Document. Raises LoadError, and nothing else but MemoryError, whatever is in the bytes."""
    if not data:
        raise LoadError(source, "it is empty")
    loader = loader_for(source)
    try:
        loaded = (loader or _TEXT).load(data, source, limits)
    except LoadError as error:
        if loader is None:  # an ending that nobody knows is tried as text first
            kind = Path(source).suffix or "this kind of file"
            raise LoadError(source, f"{kind} is not a format that is read") from error
        raise
    except MemoryError:  # for the process that reads to say which limit that was
        raise
    except Exception as error:
        kind = Path(source).suffix.lstrip(".").upper() or "text"
        raise LoadError(source, f"could not be read as {kind} ({type(error).__name__}: {_line(error)})") from error
    if not loaded.text.strip():
        raise LoadError(source, "there is no text in it")
    return Document(
        id=source,
        text=loaded.text.encode("utf-8", "replace").decode("utf-8"),  # a lone surrogate cannot be stored
        title=loaded.title.encode("utf-8", "replace").decode("utf-8"),
        sha256=digest(data),
        metadata=loaded.metadata,
        marks=loaded.marks,
        lines=loaded.lines,
    )


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no message"])[0][:120]
