"""What following a change asks of the outside: vectors and nodes that are there, and new nodes for groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from ...cluster.base import Clusterer, ReadingClusterer
from ...store.catalog import Catalog
from ...store.outline import Outline
from ...types import Node, OnProgress, Vectors, no_progress
from ..build import levels_above
from ..caches import CachedSummarizer
from ..node_vectors import NodeVectors
from .parents import written


class Writer(Protocol):
    """Knows the nodes of the tree, old and new."""

    def node(self, key: str) -> Node:
        """A node, with its text."""
        ...

    def vectors(self, ids: Sequence[str]) -> Vectors:
        """Vectors of nodes, shape (len(ids), dim)."""
        ...

    def carry(self, node: Node) -> None:
        """Take a node for the one that there is under its id: its children are others now, its text is the same."""
        ...

    def write(self, groups: Sequence[Sequence[str]], taken: Callable[[str], bool]) -> list[Node]:
        """The nodes of new groups, given by the ids of their members; no id is one that is taken."""
        ...

    def grown_above(self, level: Sequence[str]) -> list[Node]:
        """The tree above the nodes of a level, level by level, the root last."""
        ...


class SummaryWriter:
    """Summarizes and embeds, and keeps both in the catalog."""

    def __init__(
        self,
        outline: Outline,
        catalog: Catalog,
        vectors: NodeVectors,
        summarizer: CachedSummarizer,
        clusterer: Clusterer | ReadingClusterer | None,
        budget: int,
        progress: OnProgress = no_progress,
    ) -> None:
        self._outline = outline
        self._catalog = catalog
        self._vectors = vectors
        self._summarizer = summarizer
        self._clusterer = clusterer
        self._budget = budget
        self._progress = progress
        self._new: dict[str, Node] = {}
        self._keys: dict[str, bytes] = {}
        self._rows: dict[str, Vectors] = {}

    def know(self, nodes: Sequence[Node]) -> None:
        """Nodes that are not in the catalog as they are; they have vectors."""
        self._new.update((node.id, node) for node in nodes)
        self._keys.update(zip((node.id for node in nodes), self._vectors.keys(nodes), strict=True))

    def key(self, key: str) -> bytes:
        """The row of a node in the cache of vectors."""
        return self._keys[key] if key in self._keys else self._outline.entries[key].key

    def carry(self, node: Node) -> None:
        self._new[node.id] = node

    def node(self, key: str) -> Node:
        return self.nodes([key])[0]

    def nodes(self, ids: Sequence[str]) -> list[Node]:
        """Nodes in that order, with their texts."""
        old = {node.id: node for node in self._catalog.nodes_of([key for key in ids if key not in self._new])}
        return [self._new[key] if key in self._new else old[key] for key in ids]

    def vectors(self, ids: Sequence[str]) -> Vectors:
        missing = [key for key in dict.fromkeys(ids) if key not in self._rows]
        self._rows.update(zip(missing, self._vectors.rows([self.key(key) for key in missing]), strict=True))
        return np.stack([self._rows[key] for key in ids])

    def write(self, groups: Sequence[Sequence[str]], taken: Callable[[str], bool]) -> list[Node]:
        known = {node.id: node for node in self.nodes(list(dict.fromkeys(key for group in groups for key in group)))}
        children = [[known[key] for key in group] for group in groups]
        nodes = written(children, self._summarizer, taken, self._progress)
        self._vectors.embed(nodes, self._progress)
        self.know(nodes)
        return nodes

    def grown_above(self, level: Sequence[str]) -> list[Node]:
        below = self.nodes(level)
        nodes = levels_above(below, self._vectors, self._clusterer, self._summarizer, self._budget, self._progress)
        self.know(nodes)
        return nodes
