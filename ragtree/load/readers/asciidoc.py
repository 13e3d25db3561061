"""AsciiDoc and Org: texts as they stand, with their headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...settings import LoadSettings
from ..base import Loaded
from .front_matter import known_facts
from .outline import heading_marks, text_lines
from .plain_text import decode

_SECTION = re.compile(r"(={1,6}|#{1,6})[ \t]+(.+?)(?:[ \t]+\1)?[ \t]*")
_FENCE = re.compile(r"(-{4,}|\.{4,}|/{4,}|\+{4,}|`{3,})[\w,]*[ \t]*")
"""Between two of these, signs of a heading mean nothing: code, literal text, comments, passthrough text."""

_ATTRIBUTE = re.compile(r":([A-Za-z][\w-]*):[ \t]+(.+)")
_FACTS = frozenset({"author", "date", "revdate", "email", "keywords", "description", "version", "revnumber"})

_STARS = re.compile(r"(\*+)[ \t]+(?:(?:TODO|DONE|NEXT|WAITING)[ \t]+)?(.*?)(?:[ \t]+:[\w@:]+:)?[ \t]*")
_KEYWORD = re.compile(r"#\+([A-Za-z_]+):[ \t]*(.*)")
_BLOCK = re.compile(r"[ \t]*#\+(BEGIN|END)_\w+", re.IGNORECASE)


class AsciidocLoader:
    """`.adoc`; included files are not read."""

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        text = decode(data, source)
        lines = text_lines(text)
        marks = heading_marks(_sections(lines))
        attributes = (_ATTRIBUTE.fullmatch(line) for _, line in lines[:60])
        said = {found.group(1): found.group(2) for found in attributes if found and found.group(1) in _FACTS}
        title = marks[0].location.heading[-1] if marks else ""
        return Loaded(text, title=title, marks=marks, lines=True, metadata=known_facts(said))


class OrgLoader:
    """`.org`."""

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        text = decode(data, source)
        lines = text_lines(text)
        marks = heading_marks(_stars(lines))
        keywords = (_KEYWORD.fullmatch(line) for _, line in lines[:60])
        said = {found.group(1).lower(): found.group(2) for found in keywords if found}
        wanted = ("title", "author", "date", "email", "keywords", "filetags", "description")
        metadata = known_facts({key: value for key, value in said.items() if key in wanted})
        title = str(metadata.pop("title", "")) or (marks[0].location.heading[-1] if marks else "")
        return Loaded(text, title=title, marks=marks, lines=True, metadata=metadata)


def _sections(lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, int, str]]:
    fence = ""
    for start, line in lines:
        found = _FENCE.fullmatch(line)
        if found and (not fence or found.group(1) == fence):
            fence = "" if fence else found.group(1)
        elif not fence and (section := _SECTION.fullmatch(line)):
            yield start, len(section.group(1)), section.group(2)


def _stars(lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, int, str]]:
    inside = False
    for start, line in lines:
        block = _BLOCK.match(line)
        if block:
            inside = block.group(1).upper() == "BEGIN"
        elif (found := _STARS.fullmatch(line)) and not inside and found.group(2):
            yield start, len(found.group(1)), found.group(2)
