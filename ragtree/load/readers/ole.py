"""Old Office files, and locked ones, which are in the same container (OLE). They are refused with a reason."""

from __future__ import annotations

from ...errors import LoadError
from ...settings import LoadSettings
from ..base import Loaded
from .plain_text import decode

OLE = bytes.fromhex("d0cf11e0a1b11ae1")

_STREAMS = (
    ("__substg1.0_", "an Outlook message; save it as .eml"),
    ("WordDocument", "an old Word file; save it as .docx"),
    ("Workbook", "an old Excel file; save it as .xlsx"),
    ("Book", "an old Excel file; save it as .xlsx"),
    ("PowerPoint Document", "an old PowerPoint file; save it as .pptx"),
)
_LOCKED = ("EncryptedPackage", "EncryptedSummary")
_WORD_MAGIC = b"\xec\xa5"
_WORD_LOCKED = 0x01
"""Bit of the second byte of a Word file's flags, eleven bytes in ([MS-DOC] 2.5.2, fEncrypted)."""


class OleLoader:
    """`.doc`, `.xls`, `.ppt`, `.msg`: refused, with advice on what to do. A file that is text after all is read."""

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        if data.startswith(OLE):
            raise LoadError(source, _reason(data))
        return Loaded(decode(data, source), lines=True)


def _reason(data: bytes) -> str:
    """Why a file is not read, by the names of the streams in the container's directory, which are in UTF-16."""
    if any(_entry(stream) in data for stream in _LOCKED) or _locked_word(data) or _locked_sheets(data):
        return "locked with a password"
    for stream, reason in _STREAMS:
        if stream.encode("utf-16-le") in data:
            return reason
    return "locked with a password, or an old Office file; save it in the newer format"


def _entry(stream: str) -> bytes:
    return stream.encode("utf-16-le") + b"\0\0"


def _locked_word(data: bytes) -> bool:
    document = data[512:524]  # the first sector after the header is where Word puts its document
    return len(document) == 12 and document.startswith(_WORD_MAGIC) and bool(document[11] & _WORD_LOCKED)


def _locked_sheets(data: bytes) -> bool:
    """Whether a record FILEPASS (0x2F) comes right after the workbook's first one (BOF, 0x809)."""
    start = 512
    if data[start : start + 2] != b"\x09\x08" or len(data) < start + 6:
        return False
    length = int.from_bytes(data[start + 2 : start + 4], "little")
    return data[start + 4 + length : start + 6 + length] == b"\x2f\x00"
