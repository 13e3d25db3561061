"""Markdown: the text as it stands, with its headings."""

from __future__ import annotations

from itertools import accumulate, pairwise

from ..settings import LoadSettings
from ..types import Location, Mark
from .base import Loaded
from .text import decode


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
        tokens = MarkdownIt("commonmark").parse(text)
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
