"""Plain text in any encoding."""

from __future__ import annotations

import codecs

from ..errors import LoadError
from ..settings import LoadSettings
from .base import Loaded

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is the beginning of this one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decode(data: bytes, source: str) -> str:
    """Bytes -> text, without a change to line ends. Raises LoadError where it is not text."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as error:
                raise LoadError(source, f"not text: its mark says {encoding}, byte {error.start} does not") from error
    if b"\0" in data:
        raise LoadError(source, "not text: it holds zero bytes")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = _guess(data, source)
    strange = sum(1 for character in text[:20000] if character < " " and character not in "\t\n\r\f\x1b\v")
    if strange > len(text[:20000]) * 0.02:
        raise LoadError(source, "not text: it is full of control characters")
    return text


def _guess(data: bytes, source: str) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None:
        raise LoadError(source, "not text: no encoding fits its bytes")
    return str(best)


class TextLoader:
    """`.txt` and whatever else turns out to be text."""

    suffixes = frozenset({".txt", ".text", ".log"})

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        return Loaded(decode(data, source), lines=True)
