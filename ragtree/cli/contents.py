"""The tree as a table of contents: for a terminal, and as JSON."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .output import printable

if TYPE_CHECKING:
    from ..types import Node

_INDENT = 2
_NAMED = 2
"""Documents that are named behind a group of several, those of which it has most."""
_WIDE = 1000
"""Columns of a line that is written to a file or a pipe."""


def show_contents(nodes: Sequence[Node], depth: int) -> None:
    """A line a group, `depth` levels from the top: its label, and how many passages of which documents it holds.

    In a narrow terminal a line is cut at its end, where the documents stand.
    """
    from rich.console import Console
    from rich.text import Text

    by_id = {node.id: node for node in nodes}
    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDE)
    for root in _top(nodes):
        for node, indent in _walk(root, by_id, depth, 0):
            line = Text(" " * (_INDENT * indent))
            line.append(printable(_title(node)), "bold" if node.level else "")
            line.append(f"  {printable(_where(node, by_id))}", "dim")
            console.print(line, no_wrap=True, overflow="ellipsis", soft_wrap=False)


def contents_fields(nodes: Sequence[Node], depth: int) -> dict[str, Any]:
    """The same as plain values, nested; `documents` are all of a group, with their number of passages."""
    by_id = {node.id: node for node in nodes}
    return {"contents": [_fields(root, by_id, depth) for root in _top(nodes)]}


def _fields(node: Node, by_id: Mapping[str, Node], depth: int) -> dict[str, Any]:
    counts = _documents(node, by_id)
    fields: dict[str, Any] = {"id": node.id, "level": node.level, "label": _title(node)}
    if node.level == 0:
        return {**fields, "source": node.source, "page": node.location.page, "line": node.location.line}
    fields |= {"passages": counts.total(), "documents": dict(counts.most_common())}
    if depth > 1:
        fields["children"] = [_fields(by_id[child], by_id, depth - 1) for child in node.children]
    return fields


def _top(nodes: Sequence[Node]) -> list[Node]:
    top = max((node.level for node in nodes), default=0)
    return [node for node in nodes if node.level == top]


def _walk(node: Node, by_id: Mapping[str, Node], depth: int, indent: int) -> Iterator[tuple[Node, int]]:
    yield node, indent
    if depth > 1:
        for child in node.children:
            yield from _walk(by_id[child], by_id, depth - 1, indent + 1)


def _title(node: Node) -> str:
    """The label, or how the text begins where nothing tells the group apart."""
    return node.label or " ".join(node.text[:60].split())


def _where(node: Node, by_id: Mapping[str, Node]) -> str:
    if node.level == 0:
        return ", ".join(part for part in (node.source, str(node.location)) if part)
    counts = _documents(node, by_id)
    passages = "1 passage" if counts.total() == 1 else f"{counts.total()} passages"
    names = [name for name, _ in counts.most_common(_NAMED)]
    if len(counts) == 1:
        return f"{passages} of {names[0]}"
    return f"{passages} of {len(counts)} documents: {', '.join(names)}{', …' if len(counts) > _NAMED else ''}"


def _documents(node: Node, by_id: Mapping[str, Node]) -> Counter[str]:
    """The documents below a node, each with its number of passages; a passage with two parents counts once."""
    level = {node.id: node}
    while any(item.level > 0 for item in level.values()):
        level = {child: by_id[child] for item in level.values() for child in item.children}
    return Counter(leaf.source for leaf in level.values())
