"""A folder -> its files, and one file -> a Document. What cannot be read is named, with a reason."""

from __future__ import annotations

import hashlib
import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import LoadError, NothingToIndexError
from ..settings import LoadSettings
from ..types import Document
from .base import Loader
from .docx import DocxLoader
from .html import HtmlLoader
from .markdown import MarkdownLoader
from .pdf import PdfLoader
from .text import TextLoader

_TEXT = TextLoader()
LOADERS: tuple[Loader, ...] = (_TEXT, MarkdownLoader(), HtmlLoader(), PdfLoader(), DocxLoader())

INDEX_FILE = "catalog.sqlite"
"""A folder with this file is an index, not documents."""

_OWN_FILES = frozenset({"ragtree.toml"})
_UNREADABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Characters that no file name should have: controls, bytes that are not UTF-8, line separators."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of the folder, as the directory lists it."""

    id: str
    """Path relative to the folder, with forward slashes."""
    path: Path
    size: int
    modified: int
    """Modification time in nanoseconds."""


def loader_for(source: str) -> Loader | None:
    """The loader of the file's ending, or None where nobody knows it."""
    suffix = Path(source).suffix.lower()
    return next((loader for loader in LOADERS if suffix in loader.suffixes), None)


def scan(folder: Path) -> list[FileEntry]:
    """All files below `folder`, sorted by id. Hidden ones, links to folders and ragtree's own are left out."""
    if not folder.exists():
        raise NothingToIndexError(f"there is no folder {folder}")
    if not folder.is_dir():
        raise NothingToIndexError(f"{folder} is a file; name the folder that holds it")
    return sorted(_walk(folder), key=lambda entry: entry.id)


def _walk(folder: Path) -> Iterator[FileEntry]:
    closed: list[OSError] = []
    for root, folders, files in os.walk(folder, onerror=closed.append):
        if INDEX_FILE in files and Path(root) != folder:  # an index that somebody put among the documents
            folders.clear()
            continue
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if name.startswith(".") or name in _OWN_FILES:
                continue
            path = Path(root) / name
            try:
                status = path.stat()
            except OSError:  # a link to nowhere, or gone since the listing; reading it says so
                yield FileEntry(path.relative_to(folder).as_posix(), path, 0, 0)
                continue
            if path.is_file():
                yield FileEntry(path.relative_to(folder).as_posix(), path, status.st_size, status.st_mtime_ns)
    for error in closed:  # a folder that is not ours to list; reading it says so
        path = Path(error.filename)
        yield FileEntry(path.relative_to(folder).as_posix(), path, 0, 0)


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
    """Bytes of one file -> Document. Raises LoadError, and nothing else, whatever is in the bytes."""
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
    except Exception as error:
        kind = Path(source).suffix.lstrip(".").upper() or "text"
        raise LoadError(source, f"could not be read as {kind} ({type(error).__name__}: {_line(error)})") from error
    if not loaded.text.strip():
        raise LoadError(source, "there is no text in it")
    return Document(
        id=source,
        text=loaded.text.encode("utf-8", "replace").decode("utf-8"),  # a lone surrogate cannot be stored
        title=loaded.title,
        sha256=digest(data),
        metadata=loaded.metadata,
        marks=loaded.marks,
        lines=loaded.lines,
        blocks=loaded.blocks,
    )


def _line(error: Exception) -> str:
    return (str(error).strip().splitlines() or ["no message"])[0][:120]
