"""The tree as a table of contents: for a terminal, and as JSON."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .output import counted, printable

if TYPE_CHECKING:
    from ..types import Node

_INDENT = 2
_WIDE = 1000
"""Most columns of a line that is written to a file or a pipe."""
_NUMBER = re.compile(r"\d+")
_DIGITS = 12
"""Numbers in paths are padded to this many digits, so that they are sorted by value."""


def show_contents(nodes: Sequence[Node], depth: int | None = None) -> None:
    """Print a line per node, `depth` levels from the top, or all but the passages: its label, and what it is or holds.

    A line that is too long for the terminal is cut at its end.
    """
    from rich.console import Console
    from rich.text import Text

    contents = _Contents(nodes)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)
    for node, indent in contents.lines(contents.roots, depth):
        line = Text(" " * (_INDENT * indent))
        line.append(printable(contents.title(node)), "bold" if node.kind in ("theme", "document") else "")
        line.append(f"  {printable(contents.about(node))}", "dim")
        console.print(line, no_wrap=True, overflow="ellipsis", soft_wrap=False)


def contents_fields(nodes: Sequence[Node], depth: int | None = None) -> dict[str, Any]:
    """The table of contents as nested plain values; `documents` are all below a node, with their passages counted."""
    contents = _Contents(nodes)
    return {"contents": [contents.fields(root, depth) for root in contents.shown(contents.roots, depth)]}


class _Contents:
    """The nodes of an index in the order of a table of contents."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._by_id = {node.id: node for node in nodes}
        self._below: dict[str, frozenset[str]] = {}
        children = {child for node in nodes for child in node.children}
        self.roots = self._sorted([node for node in nodes if node.id not in children])

    def lines(self, nodes: Sequence[Node], depth: int | None, indent: int = 0) -> Iterator[tuple[Node, int]]:
        """Yield the nodes and those below them, each with its depth, from 0."""
        for node in self.shown(nodes, depth):
            yield node, indent
            yield from self.lines(self._children(node), None if depth is None else depth - 1, indent + 1)

    def shown(self, nodes: Sequence[Node], depth: int | None) -> list[Node]:
        """The nodes that have a line."""
        return [node for node in nodes if (node.kind != "chunk" if depth is None else depth > 0)]

    def title(self, node: Node) -> str:
        """The label, or the beginning of the text."""
        if node.kind == "collection" and not node.label:
            return "All documents"
        return node.label or " ".join(node.text[:60].split())

    def about(self, node: Node) -> str:
        """The text after the title: the path of a document, what a theme holds."""
        if node.kind == "chunk":
            return ", ".join(part for part in (node.source, str(node.location)) if part)
        passages = counted(len(self._passages(node)), "passage")
        if node.kind == "document":
            said = [str(node.metadata[key]) for key in ("kind", "date") if key in node.metadata]
            return " · ".join([node.source, *said, passages])
        if node.kind == "section":
            place = str(node.location).partition(", §")[0]
            return ", ".join(part for part in (place, passages) if part and not part.startswith("§"))
        return f"{counted(len(self._documents(node)), 'document')}, {passages}"

    def fields(self, node: Node, depth: int | None) -> dict[str, Any]:
        """A node as plain values."""
        fields: dict[str, Any] = {"id": node.id, "kind": node.kind, "level": node.level, "label": self.title(node)}
        if node.document_id:
            fields |= {"source": node.source, "page": node.location.page, "line": node.location.line}
        if node.kind == "chunk":
            return fields
        fields |= {"passages": len(self._passages(node)), "documents": dict(self._documents(node).most_common())}
        below = None if depth is None else depth - 1
        if children := self.shown(self._children(node), below):
            fields["children"] = [self.fields(child, below) for child in children]
        return fields

    def _children(self, node: Node) -> list[Node]:
        return self._sorted([self._by_id[child] for child in node.children if child in self._by_id])

    def _sorted(self, nodes: Sequence[Node]) -> list[Node]:
        """The nodes in order: themes, largest first; documents by path; parts of documents in reading order."""

        def place(node: Node) -> tuple[int, int, str, int]:
            if not node.document_id:
                return (0, -len(self._passages(node)), self.title(node), 0)
            return (1, 0, _NUMBER.sub(lambda number: number.group().zfill(_DIGITS), node.source), node.span.start)

        return sorted(nodes, key=place)

    def _documents(self, node: Node) -> Counter[str]:
        """The documents below a node, each with its number of passages."""
        return Counter(self._by_id[chunk].source for chunk in self._passages(node))

    def _passages(self, node: Node) -> frozenset[str]:
        """The ids of the chunks below a node. A chunk may have two parents, and counts once."""
        if node.id not in self._below:
            below = [self._passages(self._by_id[child]) for child in node.children]
            self._below[node.id] = frozenset().union(*below) if below else frozenset([node.id])
        return self._below[node.id]
