"""Mail: who wrote what to whom and when, and what hangs on it; whole mailboxes too."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any, TypeAlias

from ...errors import LoadError
from ...settings import LoadSettings
from ...types import Scalar
from ..base import Loaded
from .html import html_text
from .outline import Outline, facts, one_line
from .rows import check_rows
from .text import decode

Read: TypeAlias = Callable[[bytes, str, LoadSettings], Loaded]
"""Reads an attachment by its name; raises LoadError, and nothing else."""

_HEADERS = ("From", "To", "Cc", "Date")
_MOST_DEPTH = 5
"""Of messages that were forwarded inside of messages."""

_MOST_PARTS = 1000
_STUB = 0.1
"""Share of the HTML's words below which the plain text beside it only says that there is HTML."""

_BETWEEN = re.compile(rb"^From [^\r\n]*\r?\n(?=[A-Za-z-]+:)", re.MULTILINE)
"""What begins a message of a mailbox (RFC 4155)."""

_NOT_READ = frozenset({".eml", ".mbox", ".zip"})
"""Attachments that may hold others, without an end; forwarded messages are parts of the mail, and are read."""


class MailLoader:
    """`.eml`; attachments are named, and read where their format is known."""

    suffixes = frozenset({".eml"})

    def __init__(self, read: Read) -> None:
        self._read = read

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        message = message_from_bytes(data)
        writer = _Writer(source, limits, self._read)
        writer.message(message)
        return writer.outline.loaded(_header(message, "Subject"), _metadata(message))


class MailboxLoader:
    """`.mbox`; the subject of every message is a heading."""

    suffixes = frozenset({".mbox"})

    def __init__(self, read: Read) -> None:
        self._read = read

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        found = list(_BETWEEN.finditer(data))
        check_rows(len(found), source, limits)
        starts = [message.end() for message in found] or [0]
        ends = [message.start() for message in found[1:]] + [len(data)]
        writer = _Writer(source, limits, self._read)
        for start, end in zip(starts, ends, strict=True):
            writer.parts = 0
            writer.message(message_from_bytes(data[start:end].replace(b"\n>From ", b"\nFrom ")))
        return writer.outline.loaded()


@dataclass(slots=True)
class _Writer:
    source: str
    limits: LoadSettings
    read: Read
    outline: Outline = field(default_factory=Outline)
    parts: int = 0
    attached: list[Message] = field(default_factory=list)

    def message(self, message: Message, depth: int = 0) -> None:
        """Subject, headers, text, and then what is attached."""
        self.outline.enter(depth + 1, "")
        self.outline.heading(depth + 1, _header(message, "Subject"))
        headers = ((name, _header(message, name)) for name in _HEADERS)
        self.outline.add("\n".join(f"{name}: {value}" for name, value in headers if value))
        kept, self.attached = self.attached, []
        self.part(message, depth)
        for part in self.attached:
            self.attachment(part, depth)
        self.attached = kept

    def part(self, part: Message, depth: int) -> None:
        self.parts += 1
        if self.parts > _MOST_PARTS:
            raise LoadError(self.source, f"more than {_MOST_PARTS} parts in a message")
        kind = part.get_content_type()
        inside: Any = part.get_payload()
        if kind in ("multipart/encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"):
            self.outline.add("(The message is encrypted.)")
        elif kind == "message/rfc822" and isinstance(inside, list):
            for message in inside if depth < _MOST_DEPTH else ():
                self.message(message, depth + 1)
        elif kind == "multipart/alternative" and isinstance(inside, list):
            self.alternatives(inside, depth)
        elif isinstance(inside, list):
            for below in inside:
                self.part(below, depth)
        elif part.get_filename() or part.get_content_disposition() == "attachment":
            self.attached.append(part)
        elif kind.startswith("text/"):
            self.outline.add(self.text(part))

    def alternatives(self, parts: list[Message], depth: int) -> None:
        """The same text in several forms: the plain one, unless it is only a hint at the others."""
        plain = [part for part in parts if part.get_content_type() == "text/plain"]
        rich = [part for part in parts if part not in plain]
        before = "".join(self.text(part) for part in plain)
        html = "".join(self.text(part) for part in rich if part.get_content_type() == "text/html")
        if before.strip() and len(before) >= _STUB * len(html):
            self.outline.add(before)
        elif html.strip():
            self.outline.add(html)
        else:
            for part in rich:
                self.part(part, depth)

    def text(self, part: Message) -> str:
        data = part.get_payload(decode=True)
        if not isinstance(data, bytes):
            return ""
        text = self.decoded(data, part)
        if part.get_content_type() == "text/html":
            return html_text(text)
        if part.get_param("format") == "flowed":
            text = re.sub(r"(?<!--) \r?\n(?=[^>\s])", " ", text)
        return text.replace("\r\n", "\n")

    def decoded(self, data: bytes, part: Message) -> str:
        """By the charset that the part names, where there is such a one and it fits, else by the bytes."""
        try:
            return data.decode(part.get_content_charset() or "utf-8")
        except (LookupError, ValueError):
            pass
        try:
            return decode(data, self.source)
        except LoadError:
            return data.decode("utf-8", "replace")

    def attachment(self, part: Message, depth: int) -> None:
        name = one_line(_decoded_words(part.get_filename() or "")) or "attachment"
        data = part.get_payload(decode=True)
        reason = ""
        loaded = None
        if not isinstance(data, bytes) or not data.strip():
            reason = "it is empty"
        elif part.get_content_maintype() in ("image", "audio", "video", "font"):
            reason = part.get_content_maintype()
        elif any(name.lower().endswith(suffix) for suffix in _NOT_READ):
            reason = "not read inside of a mail"
        else:
            try:
                loaded = self.read(data, name, self.limits)
            except LoadError as error:
                reason = error.reason
        if loaded is not None and not loaded.text.strip():
            reason, loaded = "there is no text in it", None
        self.outline.enter(depth + 2, "")
        self.outline.heading(depth + 2, f"Attachment: {name}" + (f" ({reason})" if reason else ""))
        if loaded is not None:
            self.outline.insert(loaded)
        self.outline.enter(depth + 2, "")
        if self.outline.length > self.limits.max_megabytes * 4e6:
            raise LoadError(self.source, "its attachments swell past 4 x load.max_megabytes")


def _header(message: Message, name: str) -> str:
    value = message.get(name)
    return "" if value is None else one_line(_decoded_words(str(value)))


def _decoded_words(value: str) -> str:
    """=?utf-8?q?...?= as what it stands for; as it is where it cannot be read."""
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value


def _metadata(message: Message) -> dict[str, Scalar]:
    try:
        date = parsedate_to_datetime(_header(message, "Date")).date().isoformat()
    except (TypeError, ValueError, IndexError, OverflowError):
        date = ""
    sender, to, cc = (_header(message, name) for name in ("From", "To", "Cc"))
    return facts(author=sender, to=to, cc=cc, date=date)
