"""Programs: the text as it stands, with the classes and functions as headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ...settings import LoadSettings
from ..base import Loaded
from .outline import heading_marks, text_lines
from .plain_text import decode

_MODIFIERS = (
    r"(?:(?:export|default|public|private|protected|internal|static|final|abstract|async|override|virtual|inline|"
    r"unsafe|sealed|partial|open|data|pub(?:\([\w:]+\))?)\s+)*"
)
_NAMED = re.compile(
    rf"([ \t]*){_MODIFIERS}(?:class|interface|struct|enum|trait|impl|union|module|namespace|object|protocol|"
    r"def|func|function|fn|sub|fun|macro_rules!|CREATE (?:TABLE|VIEW|FUNCTION|PROCEDURE))\b\*?[ \t]*"
    r"(?:\([^)]*\)[ \t]*|<[^>]*>[ \t]*)?([A-Za-z_$][\w$]*(?:(?:::|\.)[\w$]+)*[?!]?)",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"[ \t]*(?:#|//|/\*|\*|--|;)")
_TAB = 4


class CodeLoader:
    """Source code; a passage is located by its line, and by the classes and functions around it."""

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        text = decode(data, source)
        return Loaded(text, marks=heading_marks(_definitions(text_lines(text))), lines=True)


def _definitions(lines: Sequence[tuple[int, str]]) -> Iterator[tuple[int, int, str]]:
    """Yield (offset, level, name) of the definitions. One ends where the next begins that is not indented further."""
    open_at: list[int] = []
    for start, line in lines:
        found = None if _COMMENT.match(line) or len(line) > 1000 else _NAMED.match(line)
        if found is None:
            continue
        indent = len(found.group(1).expandtabs(_TAB))
        while open_at and open_at[-1] >= indent:
            open_at.pop()
        open_at.append(indent)
        yield start, len(open_at), found.group(2)
