"""What the lexical index stores of a chunk besides its text. How words are stemmed is in `ragtree.text.stems`."""

from __future__ import annotations

from pathlib import PurePosixPath

from ..text.stems import STEMMED, index_terms, query_terms
from ..types import Node

__all__ = ["STEMMED", "headings_above", "index_terms", "query_terms"]


def headings_above(node: Node) -> str:
    """The title of a leaf's document (the file name if it has none) and the headings above the leaf: they say what it
    is about as often as its own text does. Without what the leaf itself begins with; empty for a summary.
    """
    if node.level:
        return ""
    title = str(node.metadata.get("title", ""))
    name = PurePosixPath(node.source).stem if title == node.source else title
    begins = node.text.lstrip("#* \t\r\n")
    said = dict.fromkeys((name, *node.location.heading))
    return "\n".join(one for one in said if one and not begins.startswith(one))
