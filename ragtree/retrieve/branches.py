"""What lies below each node of the tree."""

from __future__ import annotations

from collections.abc import Sequence

from ..types import Node
from .base import Index


class Branches:
    """Children and leaves of every node of a tree, by id."""

    def __init__(self, index: Index) -> None:
        self._children: dict[str, tuple[str, ...]] = {}
        self._leaves: dict[str, frozenset[str]] = {}
        levels = [list(index.top)]
        while levels[-1]:
            nodes = index.nodes.get(levels[-1])
            self._children |= {node.id: node.children for node in nodes}
            levels.append(list(dict.fromkeys(child for node in nodes for child in node.children)))
        for level in reversed(levels):
            for key in level:
                children = self._children.get(key, ())
                below = [self._leaves.get(child, frozenset()) for child in children]
                self._leaves[key] = frozenset().union(*below) if children else frozenset([key])

    def children(self, keys: Sequence[str]) -> list[str]:
        """The children of some nodes, each once."""
        return list(dict.fromkeys(child for key in keys for child in self._children.get(key, ())))

    def is_leaf(self, key: str) -> bool:
        """True for a chunk."""
        return not self._children.get(key)

    def leaves(self, keys: Sequence[str]) -> frozenset[str]:
        """The ids of all leaves below some nodes; a leaf lies below itself."""
        return frozenset().union(*(self._leaves.get(key, frozenset()) for key in keys))

    def groups(self) -> list[tuple[str, tuple[str, ...]]]:
        """Pairs of a node and the leaves right below it. A leaf is in the group of its first parent, or in its own."""
        taken: set[str] = set()
        found: list[tuple[str, tuple[str, ...]]] = []
        for key, children in self._children.items():
            fresh = tuple(child for child in children if child not in taken and self.is_leaf(child))
            if fresh:
                taken.update(fresh)
                found.append((key, fresh))
        alone = [key for key, children in self._children.items() if not children and key not in taken]
        return [*found, *((key, (key,)) for key in alone)]


def branches_of(index: Index) -> Branches:
    """The branches of an index, computed once for each state of its tree."""
    if index.table is None:
        return Branches(index)
    found = index.table.cache.get("branches")
    if not isinstance(found, Branches):
        found = Branches(index)
        index.table.cache["branches"] = found
    return found


def described(node: Node, count: int) -> str:
    """The name and size of a branch, as shown to a person or a model."""
    return f"{node.label or node.text[:60]} ({count} passages)"
