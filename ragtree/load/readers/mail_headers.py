"""The header fields of a message, and the names of its parts, in any encoding."""

from __future__ import annotations

import binascii
import re
from email.message import Message
from itertools import groupby

from .encodings import decode_labelled
from .outline import one_line

_WORD = re.compile(r"=\?([^?*\s]+)(?:\*[^?]*)?\?([BbQq])\?([^?]*)\?=")
_ESCAPED = re.compile(rb"=([0-9A-Fa-f]{2})")


def header(message: Message, name: str) -> str:
    """The values of all header fields of that name, on one line; empty if there are none."""
    found = (str(value) for key, value in message.raw_items() if key.lower() == name.lower())
    return ", ".join(filter(None, (one_line(decoded_words(value, parameter(message, "charset"))) for value in found)))


def header_lines(message: Message) -> str:
    """All header fields, one per line, for parts that have nothing else (delivery reports)."""
    names = dict.fromkeys(key for key, _ in message.raw_items())
    return "\n".join(f"{name}: {header(message, name)}" for name in names)


def file_name(part: Message) -> str:
    """The name of an attached file; empty if it has none."""
    return parameter(part, "filename", "content-disposition") or parameter(part, "name")


def parameter(part: Message, name: str, header: str = "content-type") -> str:
    """A parameter of a header field, on one line; empty if it is missing or cannot be read."""
    try:
        value = part.get_param(name, None, header)
    except (
        TypeError,
        ValueError,
        LookupError,
    ):  # the parser gives up on pieces that are not numbered as they should be
        return ""
    if isinstance(value, tuple):  # RFC 2231: an encoding, a language, and bytes
        label, _, text = value
        return one_line(_labelled(text.encode("latin-1", "replace"), label or "utf-8"))
    return one_line(decoded_words(value or ""))


def decoded_words(value: str, charset: str = "") -> str:
    """Decode encoded words such as =?utf-8?q?...?= (RFC 2047), and raw bytes by `charset` or as UTF-8."""
    raw = value.encode("ascii", "surrogateescape") if not value.isascii() and _is_bare(value) else b""
    text = re.sub(r"[\r\n]+[ \t]", " ", _labelled(raw, charset or "utf-8") if raw else value)
    pieces: list[str | tuple[str, bytes]] = []
    at = 0
    for found in _WORD.finditer(text):
        between = text[at : found.start()]
        data = _bytes_of(found.group(2), found.group(3))
        if between.strip() or (between and not (pieces and isinstance(pieces[-1], tuple))):
            pieces.append(between)
        pieces.append(found.group() if data is None else (found.group(1).lower(), data))
        at = found.end()
    pieces.append(text[at:])
    # A multi-byte character may be split between two encoded words.
    grouped = groupby(pieces, key=lambda piece: piece[0] if isinstance(piece, tuple) else "")
    return "".join(
        _labelled(b"".join(piece[1] for piece in group if isinstance(piece, tuple)), label)
        if label
        else "".join(piece for piece in group if isinstance(piece, str))
        for label, group in grouped
    )


def _is_bare(value: str) -> bool:
    """Whether the header contains raw non-ASCII bytes: the parser keeps them as lone surrogates."""
    return any("\udc80" <= character <= "\udcff" for character in value)


def _bytes_of(way: str, text: str) -> bytes | None:
    data = text.encode("utf-8", "replace")
    if way in "Qq":
        return _ESCAPED.sub(lambda found: bytes.fromhex(found.group(1).decode()), data.replace(b"_", b" "))
    try:
        return binascii.a2b_base64(data + b"==")
    except binascii.Error:
        return None


def _labelled(data: bytes, label: str) -> str:
    text = decode_labelled(data, label)
    if text is None:
        text = decode_labelled(data, "utf-8")
    return data.decode("cp1252", "replace") if text is None else text
