"""The parts of a message (MIME): its texts in order, and its attachments. Every part is one of the two."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from typing import NamedTuple

from ...errors import LoadError
from .encodings import decode_labelled
from .html import html_text
from .mail_headers import file_name, header_lines, parameter
from .markup_encoding import decode_markup
from .plain_text import decode
from .text_versions import merged

_MOST_PARTS = 1000
_FORWARDED = frozenset({"message/rfc822", "message/global", "message/news"})
_INLINE = frozenset(
    "text/plain text/html text/x-amp-html text/watch-html text/enriched text/richtext text/rfc822-headers".split()
)
_PAGES = frozenset({"text/html", "text/x-amp-html", "text/watch-html"})
_WRAPPED = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime"})
ENCRYPTED = "(The message is encrypted.)"
SIGNED = "(The message is wrapped in an S/MIME signature, which is not opened; save it as .eml from a mail program.)"

_BOUNDARY = re.compile(
    rb"^--([^\s-][^\r\n]{0,200}?|-[^\r\n]{1,200}?)[ \t]*\r?\n(?=Content-[A-Za-z-]+[ \t]*:)", re.MULTILINE
)
_PARAM = re.compile(r"<param>(?:[^<]|<(?!/?param>))*+</param>", re.IGNORECASE)
"""What a command of enriched text says to a program (RFC 1896)."""


class MailPiece(NamedTuple):
    """A text of a message, or an attached part: a file or another message."""

    text: str = ""
    attached: Message | None = None


class Parts:
    """Walks through one message."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._count = 0

    def of(self, part: Message) -> Iterator[MailPiece]:
        """The pieces of a part. Raises LoadError if there are more parts than any real message has."""
        self._count += 1
        if self._count > _MOST_PARTS:
            raise LoadError(self._source, f"more than {_MOST_PARTS} parts in a message")
        kind = part.get_content_type()
        below = parts_in(part) if part.is_multipart() else None
        if kind == "multipart/encrypted" or kind in _WRAPPED:
            yield MailPiece(SIGNED if _is_signed(part) else ENCRYPTED)
        elif below is None:
            yield from self._leaf(part, kind)
        elif kind in _FORWARDED:
            yield MailPiece(attached=part)
        elif kind.startswith("message/"):  # delivery reports and partial messages, which consist of headers
            for one in below:
                yield MailPiece(header_lines(one))
                yield from self.of(one)
        elif kind == "multipart/alternative":
            yield from self._alternatives(below)
        else:
            yield from self._in_order(part, below)

    def _in_order(self, part: Message, below: Sequence[Message]) -> Iterator[MailPiece]:
        mended = _with_its_own_boundary((part.preamble or "").encode("ascii", "surrogateescape"))
        for one in (*([] if mended is None else [mended]), *below):
            yield from self.of(one)
        if part.epilogue and part.epilogue.strip():  # what a mailing list adds; the preamble is a standard note
            yield MailPiece(_by_bytes(part.epilogue.encode("ascii", "surrogateescape"), self._source))

    def _alternatives(self, below: Sequence[Message]) -> Iterator[MailPiece]:
        forms = [list(self.of(one)) for one in below]
        yield MailPiece(merged(["\n\n".join(piece.text for piece in form if piece.text) for form in forms]))
        yield from (piece for form in forms for piece in form if piece.attached is not None)

    def _leaf(self, part: Message, kind: str) -> Iterator[MailPiece]:
        if kind.startswith("multipart/"):  # its boundary was not found
            data = payload(part)
            mended = _with_its_own_boundary(data)
            yield from [MailPiece(_by_bytes(data, self._source))] if mended is None else self.of(mended)
        elif file_name(part) or part.get_content_disposition() == "attachment" or kind not in _INLINE:
            yield MailPiece(attached=part)
        else:
            data = payload(part)
            mended = _with_its_own_boundary(data) if kind == "text/plain" and data.lstrip().startswith(b"--") else None
            yield from [MailPiece(text_of(part, self._source))] if mended is None else self.of(mended)


def parsed(data: bytes) -> Message:
    """Parse a message. If the parser fails on a header, the whole body is one text, which is searched later."""
    try:
        return message_from_bytes(data)
    except (TypeError, ValueError, LookupError):
        return BytesHeaderParser().parsebytes(data)


def parts_in(part: Message) -> list[Message]:
    """The direct parts of a multipart."""
    inside = part.get_payload()
    return [one for one in inside if isinstance(one, Message)] if isinstance(inside, list) else []


def payload(part: Message) -> bytes:
    """The bytes of a part, with the transfer encoding removed."""
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def forwarded(part: Message) -> list[Message]:
    """The messages in a part. Some senders encode them like files, which RFC 2046 forbids."""
    found = parts_in(part)
    way = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    if way not in ("base64", "quoted-printable") or any(one.keys() for one in found):
        return found
    carrier = Message()
    carrier["Content-Transfer-Encoding"] = way
    carrier.set_payload("".join(one.as_string().lstrip("\n") for one in found))
    return [parsed(payload(carrier))]


def text_of(part: Message, source: str) -> str:
    """The text of a part, decoded by the charset that it names if that fits, else by detection."""
    data, kind = payload(part), part.get_content_type()
    label = parameter(part, "charset")
    if kind in _PAGES:
        return html_text(decode_markup(data, source, label))
    text = decoded(data, label, source).replace("\r\n", "\n")
    if kind in ("text/enriched", "text/richtext"):
        text = re.sub(r"<[^<>\n]{1,80}>", "", _PARAM.sub("", text))
    if parameter(part, "format").lower() == "flowed":
        gap = "" if parameter(part, "delsp").lower() == "yes" else " "
        text = re.sub(r"(?<!--) \n(?=[^>\s])", gap, text)
    return text


def decoded(data: bytes, label: str, source: str) -> str:
    """Decode bytes by their label if that fits, else by detection."""
    text = decode_labelled(data, label) if label else None
    return _by_bytes(data, source) if text is None else text


def _by_bytes(data: bytes, source: str) -> str:
    try:
        return decode(data, source)
    except LoadError:
        return data.decode("utf-8", "replace")


def _is_signed(part: Message) -> bool:
    return parameter(part, "smime-type").lower() in ("signed-data", "certs-only")


def _with_its_own_boundary(data: bytes) -> Message | None:
    """The message, parsed with the boundary in its body if its header names another one; None if the body has none."""
    found = _BOUNDARY.search(data)
    if found is None:
        return None
    boundary = found.group(1).replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    mended = parsed(b'Content-Type: multipart/mixed; boundary="' + boundary + b'"\n\n' + data)
    return mended if mended.is_multipart() else None
