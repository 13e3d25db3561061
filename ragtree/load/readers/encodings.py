"""Encoding labels with the meaning of the WHATWG Encoding Standard: Latin-1 and ASCII mean Windows-1252.

Pages, mail and detectors name encodings by labels that are older than the characters in the text: no program writes
the control characters that ISO-8859-1 has where Windows-1252 has quotation marks, dashes and the euro sign.
"""

from __future__ import annotations

import codecs

from ...text_files import BYTE_ORDER_MARKS

_SUPERSETS = {"gbk": "gb18030", "iso-2022-jp": "iso2022_jp_ext", "x-user-defined": "cp1252"}
"""Decoders of the standard that know more characters than Python's codec of that name."""

_WITHDRAWN = {"iso-2022-kr": "iso2022_kr", "csiso2022kr": "iso2022_kr", "hz-gb-2312": "hz"}
"""Browsers refuse these, because scripts were hidden in them. ragtree runs nothing, so it reads them."""

_SEVERAL_BYTES = frozenset(
    "utf-8 utf-16le utf-16be gbk gb18030 big5 euc-jp iso-2022-jp shift_jis euc-kr replacement".split()
)
_SHIFTS = (b"\x1b$", b"\x1b(")
"""Escape sequences that begin East Asian text, which mail often labels as ASCII."""

_NO_TEXT = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})
"""Python codecs that are not encodings of documents."""


def byte_order_mark(data: bytes) -> tuple[bytes, str]:
    """The byte order mark of the bytes, and its codec; both empty if there is none."""
    return next(((mark, codec) for mark, _, codec in BYTE_ORDER_MARKS if data.startswith(mark)), (b"", ""))


def codec_of(label: str) -> str:
    """The codec for a label; empty for an unknown label."""
    import webencodings

    label = label.strip().strip("\"'").lower()
    if label in _WITHDRAWN:
        return _WITHDRAWN[label]
    known = webencodings.lookup(label) if label.isascii() else None
    if known is not None and known.name != "replacement":
        return _SUPERSETS.get(known.name) or str(known.codec_info.name)
    try:
        found = codecs.lookup(label).name
        b"".decode(found)  # refuses codecs from bytes to bytes
    except (LookupError, ValueError):
        return ""
    return "" if found.replace("-", "_") in _NO_TEXT else found


def decode_labelled(data: bytes, label: str) -> str | None:
    """The text, decoded by its byte order mark or else by the label; None if neither fits the bytes.

    UTF-8 is tried before the label of a single-byte encoding. Such an encoding fits any bytes, so the label is wrong
    far more often than other text is valid UTF-8 by chance.
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
