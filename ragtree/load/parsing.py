"""One file -> a Document, or a LoadError with the reason why it cannot be read. `listing.py` lists the files."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from ..errors import LoadError
from ..settings import LoadSettings
from ..types import Document, Span
from .base import FileEntry, Loaded
from .cutting_out import Cut, cut_out
from .encoded_data import without_encoded_data
from .format_contents import ZERO_BYTES, NoticeCollector
from .listing import INDEX_FILE, scan
from .loaders import Loaders
from .recognition.base import Recognizer
from .recognition.choosing import recognizer_for
from .recognition.describing import describer_for
from .recognition.page_cache import PictureDescriber

__all__ = ["INDEX_FILE", "VERSION", "FileEntry", "digest", "parse", "read_bytes", "scan"]

VERSION = "6"
"""Raise it when a loader's text for the same bytes changes. Then unchanged files are read again."""

_UNREADABLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Categories of characters that no file name should have: controls, bytes that are not UTF-8, line separators."""


def digest(data: bytes) -> str:
    """Hex SHA-256 of a file's bytes."""
    return hashlib.sha256(data).hexdigest()


def read_bytes(entry: FileEntry, limits: LoadSettings) -> bytes:
    """The file's bytes. Raises LoadError if it is too large, gone or unreadable, or if its name is not text; and
    UnchangedError."""
    if any(unicodedata.category(character) in _UNREADABLE for character in entry.id):
        raise LoadError(ascii(entry.id), "its name is not readable text; rename it")
    _check_size(entry, entry.size, limits)
    try:
        data = entry.path.read_bytes()
    except FileNotFoundError as error:
        raise LoadError(entry.id, "it disappeared before it was read") from error
    except OSError as error:
        raise LoadError(entry.id, (error.strerror or str(error)).lower()) from error
    _check_size(entry, len(data), limits)  # not every source tells it before, and files grow
    return data


def _check_size(entry: FileEntry, size: int, limits: LoadSettings) -> None:
    if size > limits.max_megabytes * 1e6:
        raise LoadError(entry.id, f"{size / 1e6:.0f} MB, more than load.max_megabytes = {limits.max_megabytes:g}")


def parse(
    data: bytes,
    source: str,
    limits: LoadSettings,
    engine: Recognizer | None = None,
    figures: PictureDescriber | None = None,
) -> Document:
    """Bytes of one file -> Document. Raises only LoadError and MemoryError, whatever the bytes are.

    `engine` recognizes the text of pictures; without it, this process does. `figures` describes them, if
    `load.vision_model` is set.
    """
    if not data:
        raise LoadError(source, "it is empty")
    readers = Loaders(recognizer_for(limits, engine), describer_for(limits, figures))
    loaded = without_encoded_data(_without_zeros(readers.read(data, source, limits), source))
    if not loaded.text.strip():
        raise LoadError(source, "; ".join(["there is no text in it", *loaded.notices]))
    return Document(
        id=source,
        text=loaded.text.encode("utf-8", "replace").decode("utf-8"),  # a lone surrogate cannot be stored
        title=loaded.title.encode("utf-8", "replace").decode("utf-8"),
        sha256=digest(data),
        metadata=loaded.metadata,
        marks=loaded.marks,
        lines=loaded.lines,
        blocks=loaded.blocks,
        notices=tuple(notice.encode("utf-8", "replace").decode("utf-8") for notice in loaded.notices),
    )


def _without_zeros(loaded: Loaded, source: str) -> Loaded:
    """The text without zero bytes, which a crash or a faulty export leaves in a text, and no program shows.

    A single one is inside a word, and is removed. Several stand for missing text, and become a space.
    """
    zeros = (Span(*found.span()) for found in re.finditer("\0+", loaded.text))
    found = [Cut(span, " " if span.end - span.start > 1 else "") for span in zeros]
    located = Document(source, loaded.text, marks=loaded.marks, lines=loaded.lines) if found else None
    collector = NoticeCollector("TXT")
    for cut in found:
        line = located.locate(cut.span).line if located else None
        collector.add(ZERO_BYTES, "" if line is None else f"line {line}")
    return cut_out(loaded, found, collector.notices())
