"""Markdown: the text as it stands, with its headings."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate, pairwise

from ...settings import LoadSettings
from ..base import Loaded
from .front_matter import read_front_matter
from .outline import heading_marks
from .plain_text import decode


class MarkdownLoader:
    """`.md`; a real parser finds the headings, because code blocks have lines that look like them."""

    def load(self, data: bytes, source: str, limits: LoadSettings) -> Loaded:
        text = decode(data, source)
        front = read_front_matter(text)
        # The parser would take the last line of the front matter for the underline of a heading.
        body = "\n" * text.count("\n", 0, front.end) + text[front.end :] if front.end else text
        marks = heading_marks(_headings(text, body))
        title = front.title or (marks[0].location.heading[-1] if marks else "")
        return Loaded(text, title=title, marks=marks, lines=True, metadata=front.metadata)


def _headings(text: str, body: str) -> Iterator[tuple[int, int, str]]:
    from markdown_it import MarkdownIt

    # The parser counts lines by \n alone, after turning \r\n and a lone \r into \n.
    rows = text.replace("\r\n", " \n").replace("\r", "\n").split("\n")
    starts = [0, *accumulate(len(row) + 1 for row in rows)]
    for token, inline in pairwise(MarkdownIt("commonmark").parse(body)):
        if token.type == "heading_open" and token.map is not None:
            yield starts[token.map[0]], int(token.tag[1:]), inline.content.strip()
