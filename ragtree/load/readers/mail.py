"""Mail: sender, recipients, date, text and attachments; also whole mailboxes."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from email.utils import parsedate_to_datetime
from pathlib import PurePosixPath
from typing import TypeAlias

from ...errors import LoadError
from ...settings import LoadSettings
from ...types import Scalar
from ..base import Loaded
from ..format_contents import (
    BROKEN_MESSAGES,
    CLOSED_ATTACHMENTS,
    ENCRYPTED_MESSAGES,
    SIGNED_MESSAGES,
    NoticeCollector,
)
from ..members import is_archive, members_of
from .encodings import byte_order_mark
from .mail_headers import file_name, header, parameter
from .mail_parts import ENCRYPTED, SIGNED, Parts, decoded, forwarded, parsed, payload
from .mailbox import messages_of
from .outline import Outline, facts
from .pictures import tell_waiting
from .sheet_rows import check_rows

Read: TypeAlias = Callable[[bytes, str, LoadSettings], Loaded]
"""Reads an attachment by its name; raises only LoadError."""

_HEADERS = ("From", "To", "Cc", "Bcc", "Date")
_MOST_DEPTH = 5
"""Most levels of messages within messages."""

_TOO_DEEP = f"more than {_MOST_DEPTH} levels of messages within messages"

_MESSAGES = (".eml", ".emlx", ".mht", ".mhtml")
_SIGNATURE = "a signature"
_NOT_READ = {
    "image": "image",
    "audio": "audio",
    "video": "video",
    "font": "font",
    "application/pgp-signature": _SIGNATURE,
    "application/pkcs7-signature": _SIGNATURE,
    "application/x-pkcs7-signature": _SIGNATURE,
    "text/css": "a style sheet of a page",
    "text/javascript": "a script of a page",
}
"""Parts without text, by media type or its first half."""

_CLOSED = (
    (".p7m", b"", "encrypted, or wrapped in an S/MIME signature"),
    (".p7s", b"", _SIGNATURE),
    ("winmail.dat", b"\x78\x9f\x3e\x22", "a package of Outlook (TNEF), which is not opened"),
)
"""Attachments that are not opened, by the end of their name or by their first bytes."""

_ENDINGS = {
    "text/calendar": ".ics",
    "application/ics": ".ics",
    "text/html": ".html",
    "text/csv": ".csv",
    "text/markdown": ".md",
    "text/rtf": ".rtf",
    "application/rtf": ".rtf",
    "text/xml": ".xml",
    "application/xml": ".xml",
    "application/json": ".json",
    "message/rfc822": ".eml",
    "application/mbox": ".mbox",
    "application/zip": ".zip",
    "application/x-zip-compressed": ".zip",
    "application/gzip": ".gz",
}
"""Suffixes for files whose name has none, by media type. Other files are recognized by their first bytes."""

_CLOSED_MESSAGES = {ENCRYPTED: ENCRYPTED_MESSAGES, SIGNED: SIGNED_MESSAGES}
_APPLE = re.compile(rb"\A\s*(\d{1,12})[ \t]*\r?\n")
"""The length that Apple Mail writes before a message. After the message come notes of that program."""


class MailLoader:
    """`.eml`, and pages saved as mail. Attachments are named, and read if their format is known."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        message = parsed_message(data, source)
        writer = _Writer(source, limits, self._read)
        writer.message(message)
        return writer.loaded(header(message, "Subject"), _metadata(message))


class MailboxLoader:
    """`.mbox`; the subject of every message is a heading."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        writer = _Writer(source, limits, self._read)
        writer.mailbox(data)
        return writer.loaded()


def parsed_message(data: bytes, source: str) -> Message:
    """Parse a message from the bytes of a file, without what an editor or a mail program put before it."""
    mark, _ = byte_order_mark(data)
    if mark:
        data = decoded(data, "", source).encode("utf-8")
    counted = _APPLE.match(data) if source.lower().endswith(".emlx") else None
    if counted:
        data = data[counted.end() : counted.end() + int(counted.group(1))]
    return parsed(data.lstrip(b"\r\n"))


@dataclass(slots=True)
class _Writer:
    source: str
    limits: LoadSettings
    read: Read
    outline: Outline = field(default_factory=Outline)
    told: NoticeCollector = field(default_factory=lambda: NoticeCollector("EML"))
    unnamed: Counter[str] = field(default_factory=Counter)
    """Media types of parts that have neither a name nor text, with their counts."""
    seen: set[bytes] = field(default_factory=set)
    """Hashes of the attached files, because invitations are sent twice."""

    def loaded(self, title: str = "", metadata: dict[str, Scalar] | None = None) -> Loaded:
        return self.outline.loaded(title, metadata, self.told.notices())

    def mailbox(self, data: bytes, depth: int = 0) -> None:
        """All messages; one that cannot be read does not affect the others."""
        for number, message in enumerate(messages_of(data), start=1):
            check_rows(number, self.source, self.limits)
            try:
                self.message(parsed_message(message, self.source), depth)
            except (LoadError, RecursionError) as error:
                reason = error.reason if isinstance(error, LoadError) else "its parts nest too deep"
                self.check_length()
                self.outline.add(f"(The rest of this message is not read: {reason}.)")
                self.told.add(BROKEN_MESSAGES, f"message {number}")

    def message(self, message: Message, depth: int = 0) -> None:
        """Subject, headers and text, and then the attachments."""
        self.outline.enter(depth + 1, "")
        self.outline.heading(depth + 1, header(message, "Subject"))
        headers = ((name, header(message, name)) for name in _HEADERS)
        self.outline.add("\n".join(f"{name}: {value}" for name, value in headers if value))
        kept = self.unnamed, self.seen
        self.unnamed, self.seen = Counter(), set()
        pieces = list(Parts(self.source).of(message))
        for piece in pieces:
            self.outline.add(piece.text)
            if piece.text in _CLOSED_MESSAGES:
                self.told.add(_CLOSED_MESSAGES[piece.text])
        for piece in pieces:
            if piece.attached is not None:
                self.attachment(piece.attached, depth)
        if self.unnamed:
            self.outline.enter(depth + 2, "")
            named = ", ".join(f"{kind} ({count})" for kind, count in self.unnamed.items())
            self.outline.add(f"Parts without a name or a text: {named}")
        self.unnamed, self.seen = kept

    def attachment(self, part: Message, depth: int) -> None:
        """A part that is not text of the message: another message, an archive, or a file."""
        kind, name = part.get_content_type(), file_name(part)
        if kind.startswith("message/") and part.is_multipart():
            for message in forwarded(part):
                self.below(message, depth)
            return
        data = payload(part)
        closed = next((why for end, first, why in _CLOSED if _is_closed(name, data, end, first)), "")
        reason = closed or _NOT_READ.get(kind, _NOT_READ.get(part.get_content_maintype(), ""))
        known = hashlib.sha256(data).digest()
        if not data.strip():
            reason = "it is empty"
        elif known in self.seen:
            reason = "the same as above"
        elif kind.startswith("image/") and not closed and self.picture(data, name, depth):
            self.seen.add(known)
            return
        elif reason and not name:
            self.unnamed[kind] += 1
            return
        self.seen.add(known)
        named = name or f"without a name ({kind})"
        if reason:
            self.named(named, depth, reason, told=reason == closed != _SIGNATURE)
            return
        if kind.startswith("text/"):  # the charset of the part overrides its own declaration
            data = ("\ufeff" + decoded(data, parameter(part, "charset"), self.source).lstrip("\ufeff")).encode()
        ending = "" if PurePosixPath(name).suffix else _ENDINGS.get(kind, "")
        self.file(data, (name or "unnamed") + ending, named, depth)

    def picture(self, data: bytes, name: str, depth: int) -> bool:
        """An attached picture, if there is text in it that can be recognized."""
        try:
            loaded = self.read(data, "picture.png", self.limits)  # the bytes decide the format
        except LoadError as error:
            tell_waiting(self.told, name or "a picture", [error.reason])
            return False
        tell_waiting(self.told, name or "a picture", loaded.notices)
        self.named(name or "a picture", depth)
        self.outline.insert(loaded)
        self.outline.enter(depth + 2, "")
        self.check_length()
        return True

    def below(self, message: Message, depth: int) -> None:
        """An attached message."""
        if depth < _MOST_DEPTH:
            self.message(message, depth + 1)
            return
        self.named(header(message, "Subject") or "a message", depth, _TOO_DEEP, told=True)

    def file(self, data: bytes, name: str, named: str, depth: int) -> None:
        """An attached file: its name, and its text if it can be read."""
        lower = name.lower()
        if lower.endswith((*_MESSAGES, ".mbox")) or is_archive(lower):
            if depth >= _MOST_DEPTH:
                self.named(named, depth, _TOO_DEEP, told=True)
            elif is_archive(lower):
                self.members(data, name, depth)
            else:
                self.outline.enter(depth + 2, "")
                self.outline.add(f"Attachment: {named}")
                self.mailbox(data, depth + 1) if lower.endswith(".mbox") else self.message(
                    parsed_message(data, name), depth + 1
                )
            return
        try:
            loaded = self.read(data, name, self.limits)
        except LoadError as error:
            self.named(named, depth, error.reason, told=True)
            return
        if not loaded.text.strip():
            self.named(named, depth, "there is no text in it", told=True)
            return
        self.named(named, depth)
        self.outline.insert(loaded)
        self.outline.enter(depth + 2, "")
        self.told.pass_on(named, loaded.notices)
        self.check_length()

    def members(self, data: bytes, name: str, depth: int) -> None:
        """The members of an archive, each like an attachment of the message."""
        self.named(name, depth)
        length = self.outline.length
        for member in members_of(data, name, self.limits):
            if member.reason:
                self.named(member.source, depth + 1, member.reason, told=True)
            elif member.data.strip():
                self.file(member.data, member.source, member.source, depth + 1)
        if self.outline.length == length:
            self.outline.add("(There is nothing in it.)")

    def named(self, name: str, depth: int, reason: str = "", told: bool = False) -> None:
        """The heading of an attachment, and why it is not read. `told` also adds a notice."""
        self.outline.enter(depth + 2, "")
        self.outline.heading(depth + 2, f"Attachment: {name}" + (f" ({reason})" if reason else ""))
        if told:
            self.told.add(CLOSED_ATTACHMENTS, name)

    def check_length(self) -> None:
        """Raise LoadError if the attachments make the text longer than the limit."""
        if self.outline.length > self.limits.max_megabytes * 4e6:
            raise LoadError(self.source, "its attachments unpack to more than 4 x load.max_megabytes")


def _is_closed(name: str, data: bytes, end: str, first: bytes) -> bool:
    return name.lower().endswith(end) or (bool(first) and data.startswith(first))


def _metadata(message: Message) -> dict[str, Scalar]:
    try:
        date = parsedate_to_datetime(header(message, "Date")).date().isoformat()
    except (TypeError, ValueError, IndexError, OverflowError):
        date = ""
    sender, to, cc = (header(message, name) for name in ("From", "To", "Cc"))
    return facts(author=sender, to=to, cc=cc, date=date)
