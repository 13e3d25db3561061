"""The tree as a table of contents: for a terminal, and as JSON."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .output import printable

if TYPE_CHECKING:
    from ..types import Node

_INDENT = 2
_WIDE = 1000
"""Columns of a line that is written to a file or a pipe."""


def show_contents(nodes: Sequence[Node], depth: int) -> None:
    """One line for a node, `depth` levels from the top: its label, and what it is or holds.

    In a narrow terminal a line is cut at its end.
    """
    from rich.console import Console
    from rich.text import Text

    tree = _Tree(nodes)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)
    for root in tree.roots:
        for node, indent in tree.walk(root, depth, 0):
            line = Text(" " * (_INDENT * indent))
            line.append(printable(tree.title(node)), "bold" if node.kind in ("theme", "document") else "")
            line.append(f"  {printable(tree.about(node))}", "dim")
            console.print(line, no_wrap=True, overflow="ellipsis", soft_wrap=False)


def contents_fields(nodes: Sequence[Node], depth: int) -> dict[str, Any]:
    """The same as plain values, nested; `documents` are all below a node, with their number of passages."""
    tree = _Tree(nodes)
    return {"contents": [tree.fields(root, depth) for root in tree.roots]}


class _Tree:
    """The nodes of an index, as they are walked through."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self._by_id = {node.id: node for node in nodes}
        below = {child for node in nodes for child in node.children}
        self.roots = sorted((node for node in nodes if node.id not in below), key=lambda node: -node.level)
        self._counts: dict[str, Counter[str]] = {}

    def walk(self, node: Node, depth: int, indent: int) -> Iterator[tuple[Node, int]]:
        yield node, indent
        if depth > 1:
            for child in self._children(node):
                yield from self.walk(child, depth - 1, indent + 1)

    def _children(self, node: Node) -> list[Node]:
        return [self._by_id[child] for child in node.children]

    def title(self, node: Node) -> str:
        """The label, or how the text begins."""
        if node.kind == "collection" and not node.label:
            return "All documents"
        return node.label or " ".join(node.text[:60].split())

    def about(self, node: Node) -> str:
        """What stands behind the title: of a document its path, of a theme how much it holds."""
        if node.kind == "chunk":
            return ", ".join(part for part in (node.source, str(node.location)) if part)
        counts = self._documents(node)
        passages = _counted(counts.total(), "passage")
        if node.kind == "document":
            said = [str(node.metadata[key]) for key in ("kind", "date") if key in node.metadata]
            return " · ".join([node.source, *said, passages])
        if node.kind == "section":
            return ", ".join(part for part in (str(node.location).partition(", §")[0], passages) if part)
        return f"{_counted(len(counts), 'document')}, {passages}"

    def fields(self, node: Node, depth: int) -> dict[str, Any]:
        """A node as plain values."""
        fields: dict[str, Any] = {"id": node.id, "kind": node.kind, "level": node.level, "label": self.title(node)}
        if node.document_id:
            fields |= {"source": node.source, "page": node.location.page, "line": node.location.line}
        if node.kind == "chunk":
            return fields
        counts = self._documents(node)
        fields |= {"passages": counts.total(), "documents": dict(counts.most_common())}
        if depth > 1:
            fields["children"] = [self.fields(child, depth - 1) for child in self._children(node)]
        return fields

    def _documents(self, node: Node) -> Counter[str]:
        """The documents below a node, each with its number of passages; a passage with two parents counts once."""
        if node.document_id and node.kind != "document":
            return Counter(chunk.source for chunk in self._chunks(node))
        if node.id not in self._counts:
            if node.kind == "document":
                own = Counter(chunk.source for chunk in self._chunks(node))
            elif all(self._by_id[child].document_id and self._by_id[child].level for child in node.children) or all(
                not self._by_id[child].document_id for child in node.children
            ):
                own = sum((self._documents(child) for child in self._children(node)), Counter())
            else:
                own = Counter(chunk.source for chunk in self._chunks(node))
            self._counts[node.id] = own
        return self._counts[node.id]

    def _chunks(self, node: Node) -> list[Node]:
        found = {node.id: node}
        while any(one.children for one in found.values()):
            found = {key: self._by_id[key] for one in found.values() for key in (one.children or (one.id,))}
        return list(found.values())


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
