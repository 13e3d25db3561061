"""Text files that people write for ragtree: settings, patterns, templates, schemas, questions.

Windows programs put a byte order mark before UTF-8 (Notepad), write UTF-16 (PowerShell's `>`), and end lines with
CR LF. All of these are read as the same text, without the mark and with LF at line ends.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32", "utf-32-le"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16", "utf-16-be"),
)
"""Each mark, the codec that reads it and removes it from the text, and the codec for the bytes after it."""

LONGEST_MARK = 4
"""Bytes that are enough to recognize any mark."""

_MARK = "\ufeff"
_SAVE = "save it as UTF-8"


def marked_encoding(head: bytes) -> str:
    """The encoding of the byte order mark at the beginning; UTF-8 if there is no mark."""
    return next((encoding for mark, encoding, _ in BYTE_ORDER_MARKS if head.startswith(mark)), "utf-8")


def decoded(data: bytes) -> str:
    """The bytes as text, with unchanged line ends. Raises ValueError, which says what is not text and what to do."""
    encoding = marked_encoding(data)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise _not_text(data, error, 1) from error
    if "\0" in text:
        raise ValueError(f"it holds zero bytes, as UTF-16 without a byte order mark does; {_SAVE}")
    return text.lstrip(_MARK)


def read_text(path: Path) -> str:
    """The text of a file, with LF at line ends. Raises ValueError if it is not text, and OSError."""
    return with_line_feeds(decoded(path.read_bytes()))


def with_line_feeds(text: str) -> str:
    """The same text, with LF at line ends."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def open_text(path: Path, newline: str | None = None) -> TextIO:
    """Open a file for reading, in the encoding of its byte order mark; `newline` is as in `open`."""
    with path.open("rb") as file:
        encoding = marked_encoding(file.read(LONGEST_MARK))
    return path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline=newline)


def text_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yields the lines of a file, which may be large, without their line ends and numbered from 1.

    Concatenated files also have marks in the middle. Raises ValueError, which names the line that is not text, and
    OSError.
    """
    with path.open("rb") as file:
        wide = marked_encoding(file.read(LONGEST_MARK)) not in ("utf-8", "utf-8-sig")
    if wide:
        with open_text(path) as file_of_text:
            try:
                for number, line in enumerate(file_of_text, start=1):
                    yield number, line.removesuffix("\n").lstrip(_MARK)
            except UnicodeDecodeError as error:
                raise ValueError(f"not {error.encoding}, as its byte order mark says; {_SAVE}") from error
        return
    number = 0
    with path.open("rb") as file:
        for row in file:
            for raw in row.splitlines():  # also at a single CR
                number += 1
                yield number, _line(raw, number)


def _line(raw: bytes, number: int) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_text(raw, error, number) from error
    if "\0" in text:
        raise ValueError(f"line {number}: it holds zero bytes, as UTF-16 without a byte order mark does; {_SAVE}")
    return text.lstrip(_MARK)


def _not_text(data: bytes, error: UnicodeDecodeError, first: int) -> ValueError:
    """The error for bytes that cannot be decoded; `first` is the number of their first line."""
    if not error.encoding.startswith("utf-8"):
        return ValueError(f"not {error.encoding}, as its byte order mark says; {_SAVE}")
    before = data[: error.start]
    line, column = first + before.count(b"\n"), error.start - (before.rfind(b"\n") + 1)
    return ValueError(f"line {line}: not UTF-8: byte {column} is 0x{data[error.start]:02x}; {_SAVE}")
