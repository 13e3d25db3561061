"""A change of the tree: nodes that are new or different, nodes that are gone, and new vectors."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ..types import Node, Vectors


@dataclass(frozen=True, slots=True)
class PlacedNode:
    """A node with its place among the nodes of its level and document, and the key of its vector."""

    node: Node
    position: int
    key: bytes


@dataclass(frozen=True, slots=True)
class TreeChange:
    """The difference between the tree in the catalog and the tree after a commit."""

    nodes: Sequence[PlacedNode] = ()
    """Nodes that are new or different."""
    gone: Collection[str] = ()
    """Ids of nodes that are removed."""
    vectors: Mapping[bytes, Vectors] = field(default_factory=dict)
    """Vectors that the cache does not have yet, each of shape (dim,), by key."""

    def __bool__(self) -> bool:
        return bool(self.nodes or self.gone)


def placed(nodes: Iterable[Node], keys: Iterable[bytes]) -> list[PlacedNode]:
    """Give nodes, in order (chunks in reading order, then level by level), their places in their document and level."""
    seen: dict[tuple[int, str], int] = {}
    found = []
    for node, key in zip(nodes, keys, strict=True):
        place = seen.get((node.level, node.document_id), 0)
        seen[node.level, node.document_id] = place + 1
        found.append(PlacedNode(node, place, key))
    return found


def joined(changes: Iterable[TreeChange]) -> TreeChange:
    """Join several changes. A node that one change removes and another writes is written."""
    nodes: list[PlacedNode] = []
    gone: set[str] = set()
    vectors: dict[bytes, Vectors] = {}
    for change in changes:
        nodes.extend(change.nodes)
        gone.update(change.gone)
        vectors.update(change.vectors)
    return TreeChange(nodes, gone - {one.node.id for one in nodes}, vectors)
