"""Markdown as HTML that can do nothing."""

from __future__ import annotations

import re

_TAGS = frozenset(
    "a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre strong table tbody td th thead tr ul".split()
)
_FRONT_MATTER = re.compile(r"---[ \t]*\n.*?^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
_SCHEMES = frozenset({"http", "https", "mailto"})


def formatted(text: str) -> str:
    """The text without the HTML in it, without images, and without links to anything but pages and mail addresses.

    The page builds its own elements out of this, so that a fault here alone lets nothing run.
    """
    import nh3
    from markdown_it import MarkdownIt

    made = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")
    front = _FRONT_MATTER.match(text)
    html = made.render(text[front.end() :] if front else text)
    return nh3.clean(
        html, tags=set(_TAGS), attributes={"a": {"href"}}, url_schemes=set(_SCHEMES), link_rel="noopener noreferrer"
    )
