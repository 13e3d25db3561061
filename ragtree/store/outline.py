"""The tree in the catalog without its texts: what a growing needs to know of what it leaves as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from .catalog import Catalog


@dataclass(frozen=True, slots=True)
class Entry:
    """A node of the tree, but for its text."""

    id: str
    level: int
    document_id: str
    position: int
    tokens: int
    key: bytes
    """Its row in the cache of vectors."""
    stale: float
    drift: float


class Outline:
    """Nodes and edges."""

    def __init__(self, entries: Sequence[Entry], children: Mapping[str, tuple[str, ...]]) -> None:
        self.entries = {entry.id: entry for entry in entries}
        """By id: leaves in reading order, then level by level."""
        self.children = children
        """Ids of the children of every node above the leaves, in their order."""

    @cached_property
    def levels(self) -> list[list[str]]:
        """Ids level by level, leaves first, each in its order."""
        levels: list[list[str]] = [[] for _ in range(max((e.level for e in self.entries.values()), default=-1) + 1)]
        for entry in self.entries.values():
            levels[entry.level].append(entry.id)
        return levels

    @cached_property
    def parents(self) -> dict[str, list[str]]:
        """Ids of the parents of every node that has some."""
        found: dict[str, list[str]] = {}
        for parent, children in self.children.items():
            for child in children:
                found.setdefault(child, []).append(parent)
        return found

    def leaf_tokens(self) -> int:
        """Tokens of all leaves."""
        return sum(entry.tokens for entry in self.entries.values() if entry.level == 0)


def read_outline(catalog: Catalog) -> Outline:
    """The outline of the tree as it is."""
    rows = catalog.rows(
        "SELECT id, level, document_id, position, tokens, vector, stale, drift FROM nodes "
        "ORDER BY level, document_id, position"
    )
    children: dict[str, list[str]] = {}
    for parent, child in catalog.rows("SELECT parent, child FROM edges ORDER BY parent, position"):
        children.setdefault(parent, []).append(child)
    return Outline([Entry(*row) for row in rows], {key: tuple(below) for key, below in children.items()})
