"""Markdown: the text as it stands, with its headings."""

from __future__ import annotations

import re
from itertools import accumulate, pairwise

from ..settings import LoadSettings
from ..types import Location, Mark
from .base import Loaded
from .text import decode

_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\r?\n.*?^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE | re.DOTALL)
"""Settings of a site's generator; to the parser their last line underlines a heading."""


class MarkdownLoader:
    """`.md`; headings inside code blocks are not headings, which is why a real parser finds them."""

    suffixes = frozenset({".md", ".markdown"})

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        from markdown_it import MarkdownIt

        text = decode(data, source)
        # The parser counts lines by \n alone, after it made \r\n and a lone \r into \n.
        rows = text.replace("\r\n", " \n").replace("\r", "\n").split("\n")
        starts = [0, *accumulate(len(row) + 1 for row in rows)]
        marks: list[Mark] = []
        path: list[tuple[int, str]] = []
        front = _FRONT_MATTER.match(text)
        body = "\n" * text.count("\n", 0, front.end()) + text[front.end() :] if front else text
        tokens = MarkdownIt("commonmark").parse(body)
        for token, inline in pairwise(tokens):
            if token.type != "heading_open" or token.map is None:
                continue
            level = int(token.tag[1:])
            path = [(other, title) for other, title in path if other < level]
            path.append((level, inline.content.strip()))
            heading = tuple(title for _, title in path)
            marks.append(Mark(starts[token.map[0]], Location(heading=heading)))
        title = marks[0].location.heading[-1] if marks else ""
        return Loaded(text, title=title, marks=tuple(marks), lines=True)
