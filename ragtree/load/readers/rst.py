"""reStructuredText: the text as it stands, with its headings.

docutils would turn it into another text, without its lines, and run directives. Only titles are needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...settings import LoadSettings
from ..base import Loaded
from .front_matter import known_facts
from .outline import heading_marks, text_lines
from .plain_text import decode

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1+")
_HEADER = re.compile(r"([A-Za-z][A-Za-z-]*): ?(.*)")
_FIELD = re.compile(r":([A-Za-z][\w -]*): +(.*)")
_FIELDS_WITHIN = 40


class RstLoader:
    """`.rst`; the header of a PEP, or the fields below the title, are metadata."""

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        text = decode(data, source)
        lines = text_lines(text)
        marks = heading_marks(_headings(lines))
        said = _header([line for _, line in lines[:_FIELDS_WITHIN]])
        metadata = known_facts(said)
        title = str(metadata.pop("title", "")) or (marks[0].location.heading[-1] if marks else "")
        if title and "pep" in metadata:
            title = f"PEP {metadata['pep']}: {title}"
        return Loaded(text, title=title, marks=marks, lines=True, metadata=metadata)


def _headings(lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, int, str]]:
    """Yield (offset, level, title) of lines with signs below, or above and below. Each new sign is a deeper level."""
    levels: list[tuple[str, bool]] = []
    for index in range(len(lines) - 1):
        start, title = lines[index]
        under = lines[index + 1][1].rstrip()
        if not title.strip() or not _is_adornment(under) or _ADORNMENT.fullmatch(title.rstrip()):
            continue
        over = lines[index - 1][1].rstrip() if index else ""
        overlined = bool(over) and over == under
        if not overlined and (over.strip() or title[0].isspace()):
            continue  # the last line of a paragraph, or of a table
        if len(under) < len(title.strip()) and len(under) < 4:
            continue
        style = (under[0], overlined)
        if style not in levels:
            levels.append(style)
        yield lines[index - 1][0] if overlined else start, levels.index(style) + 1, title


def _is_adornment(line: str) -> bool:
    return len(line) >= 2 and _ADORNMENT.fullmatch(line) is not None


def _header(lines: Sequence[str]) -> dict[str, str]:
    """The header of a PEP, which looks like that of a mail, or the fields of a document."""
    said: dict[str, str] = {}
    key = ""
    for line in lines:
        found = _HEADER.fullmatch(line)
        if found:
            key = found.group(1)
            said[key] = found.group(2)
        elif line[:1].isspace() and line.strip() and key:
            said[key] = f"{said[key]} {line.strip()}"
        else:
            break
    if len(said) > 1 and "Title" in said:
        return said
    fields = (_FIELD.fullmatch(line) for line in lines)
    return {found.group(1): found.group(2) for found in fields if found}
