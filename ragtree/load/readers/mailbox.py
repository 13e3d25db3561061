"""A mailbox -> its messages (mboxo, mboxrd, mboxcl, mboxcl2; RFC 4155).

A message begins with a line of "From ", an address and a date, followed by a header. A line of text that happens to
begin with "From " has no date and is not followed by a header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_DAY = rb"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = rb"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_TIME = rb"\d{1,2}:\d{2}(?::\d{2})?"
_ZONE = rb"(?:[ \t]+(?:[+-]\d{4}|[A-Z]{1,5}(?:[+-]\d{1,4})?))?"
_DATE = (
    rb"(?:"
    rb"%(day)b[ \t]+%(month)b[ \t]+\d{1,2}[ \t]+%(time)b%(zone)b[ \t]+\d{4}%(zone)b"  # that of C's asctime
    rb"|(?:%(day)b,?[ \t]+)?\d{1,2}[ \t]+%(month)b[ \t]+\d{4}[ \t]+%(time)b%(zone)b"  # that of a header
    rb"|\d{4}-\d\d-\d\d[T \t]%(time)b(?:\.\d+)?(?:Z|%(zone)b)"  # that of ISO 8601
    rb")"
) % {b"day": _DAY, b"month": _MONTH, b"time": _TIME, b"zone": _ZONE}
_SEPARATOR = re.compile(
    rb"^From (?:[^\r\n]{0,300}?[ \t])??" + _DATE + rb"[^\r\n]{0,80}\r?\n(?=[!-9;-~]+[ \t]*:)", re.MULTILINE
)
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_BARE = re.compile(rb"^From ", re.MULTILINE)
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LINE_ENDS = re.compile(rb"[\r\n]{0,100}")
_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,12})[ \t]*\r?$", re.MULTILINE | re.IGNORECASE)


def messages_of(data: bytes) -> Iterator[bytes]:
    """The messages, without separator lines, and without the quoting of lines that look like separators."""
    first = _SEPARATOR.search(data)
    if first is None:
        yield data
        return
    if data[: first.start()].strip():
        yield data[: first.start()]
    start = first.end()
    while True:
        found = _SEPARATOR.search(data, start)
        counted = _counted_end(data, start, found.start() if found else len(data))
        if counted is not None and found is not None and found.start() < counted:
            found = _SEPARATOR.search(data, counted)
        end = found.start() if found else len(data)
        message = data[start:end]
        # With a Content-Length no line has to be quoted; an unquoted "From " shows that none was (mboxcl2).
        yield message if counted is not None and _BARE.search(message) else _QUOTED.sub(rb"\1", message)
        if found is None:
            return
        start = found.end()


def _counted_end(data: bytes, start: int, limit: int) -> int | None:
    """The end of the message by its Content-Length, if a separator or the end of the mailbox follows. The header ends
    before `limit`."""
    head_end = _HEAD_END.search(data, start, limit)
    said = _LENGTH.search(data, start, head_end.start() + 1) if head_end else None
    if head_end is None or said is None:
        return None
    end = head_end.end() + int(said.group(1))
    end += len(_LINE_ENDS.match(data, end).group())  # type: ignore[union-attr]  # it matches nothing, too
    return end if end == len(data) or (end < len(data) and _SEPARATOR.match(data, end)) else None
