"""What the label of an encoding means, by the WHATWG Encoding Standard: what says Latin-1 or ASCII is Windows-1252.

Pages, mail and detectors name encodings by labels that are older than the characters in the text: no program writes
the control characters that ISO-8859-1 has where Windows-1252 has quotation marks, dashes and the euro sign.
"""

from __future__ import annotations

import codecs

from ...text_files import BYTE_ORDER_MARKS

_SUPERSETS = {"gbk": "gb18030", "iso-2022-jp": "iso2022_jp_ext", "x-user-defined": "cp1252"}
"""Decoders of the standard that know more characters than Python's codec of that name."""

_WITHDRAWN = {"iso-2022-kr": "iso2022_kr", "csiso2022kr": "iso2022_kr", "hz-gb-2312": "hz"}
"""Browsers refuse these, because scripts were hidden in them. Nothing that is read here is run."""

_SEVERAL_BYTES = frozenset(
    "utf-8 utf-16le utf-16be gbk gb18030 big5 euc-jp iso-2022-jp shift_jis euc-kr replacement".split()
)
_SHIFTS = (b"\x1b$", b"\x1b(")
"""What begins a stretch of other letters in mail of East Asia, which is often sent as ASCII."""

_NO_TEXT = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
"""Codecs of Python that no document is written in."""


def byte_order_mark(data: bytes) -> tuple[bytes, str]:
    """The mark that the bytes begin with, and the codec that it says; nothing and "" where there is none."""
    return next(((mark, codec) for mark, _, codec in BYTE_ORDER_MARKS if data.startswith(mark)), (b"", ""))


def codec_of(label: str) -> str:
    """The codec for a label; empty for a label that nobody knows."""
    import webencodings

    label = label.strip().strip("\"'").lower()
    if label in _WITHDRAWN:
        return _WITHDRAWN[label]
    known = webencodings.lookup(label) if label.isascii() else None
    if known is not None and known.name != "replacement":
        return _SUPERSETS.get(known.name) or str(known.codec_info.name)
    try:
        found = codecs.lookup(label).name
        b"".decode(found)  # refuses codecs between bytes and bytes
    except (LookupError, ValueError):
        return ""
    return "" if found.replace("-", "_") in _NO_TEXT else found


def decode_labelled(data: bytes, label: str) -> str | None:
    """The text by a byte order mark, else by the label; None where neither says what the bytes are.

    A label of single bytes fits any bytes, so it is wrong much more often than what is valid UTF-8 by chance.
    """
    mark, marked = byte_order_mark(data)
    codec = marked or codec_of(label)
    if codec in ("cp1252", "utf-8") and any(shift in data for shift in _SHIFTS):
        return None
    if not codec or (codec.startswith(("utf-16", "utf-32")) and not marked and b"\0" not in data):
        return None
    try:
        if not marked and _is_single_bytes(label) and not data.isascii():
            return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    try:
        return data[len(mark) :].decode(codec)
    except (LookupError, ValueError):
        return None


def _is_single_bytes(label: str) -> bool:
    import webencodings

    known = webencodings.lookup(label)
    return known is not None and known.name not in _SEVERAL_BYTES
