"""One tree over the chunks of all documents (RAPTOR, arXiv 2401.18059, section 3), for comparison.

Every update rebuilds it, from the caches as far as possible.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..cluster.base import Clusterer, Level, ReadingClusterer
from ..ids import hash_id
from ..labels.labels import with_labels
from ..labels.naming import Naming
from ..store.catalog import Catalog
from ..store.tree_change import PlacedNode, TreeChange
from ..types import Node, OnProgress, Vectors, no_progress
from .collection import open_questions
from .drafts import DraftVectors
from .summaries import UNFINISHED, Members, SummaryWriter


class RaptorBuilder:
    """Builds the tree level by level, until one node is above all others."""

    def __init__(
        self,
        catalog: Catalog,
        budget: int,
        clusterer: Clusterer | ReadingClusterer,
        writer: SummaryWriter,
        vectors: DraftVectors,
        naming: Naming | None,
    ) -> None:
        """`budget` is the most tokens in a group."""
        self._catalog = catalog
        self._budget = budget
        self._clusterer = clusterer
        self._writer = writer
        self._vectors = vectors
        self._naming = naming
        names = naming.fingerprint if naming is not None else "terms"
        self.fingerprint = f"raptor/{clusterer.fingerprint}/{budget}/{writer.fingerprint}/{names}/1"

    def update(self, whole: bool, refresh: bool, progress: OnProgress = no_progress) -> TreeChange:
        """Return the change that brings the tree in line with the chunks in the catalog. It always rebuilds the tree.

        Raises ModelError if a model fails; what was written before that is in the caches.
        """
        open_before = open_questions(self._clusterer, self._naming)
        before = self._catalog.placed_of([entry.id for entry in self._catalog.entries(("theme", "collection"))])
        entries = self._catalog.entries(("chunk",))
        level = self._catalog.nodes_of([entry.id for entry in entries])
        known = self._catalog.get_vectors([entry.key for entry in entries])
        rows = np.stack([known[entry.key] for entry in entries]) if entries else np.zeros((0, 0), dtype=np.float32)
        nodes, keys = list(level), [entry.key for entry in entries]
        new: dict[bytes, Vectors] = {}
        while len(level) > 1:
            level = self._level(level, rows, progress)
            vectors = self._vectors.embed_nodes(level)
            own = [self._vectors.key_of(node) for node in level]
            rows = np.stack([vectors[key] for key in own])
            new |= vectors
            nodes += level
            keys += own
        named = self._named(nodes, progress)
        if open_questions(self._clusterer, self._naming) > open_before:
            named[-1] = replace(named[-1], stale=1.0)
        above = [PlacedNode(node, 0, key) for node, key in zip(named, keys, strict=True) if node.level]
        change = self._catalog.changed(above, [one.node.id for one in before])
        return TreeChange(change.nodes, change.gone, new)

    def _level(self, level: Sequence[Node], rows: Vectors, progress: OnProgress) -> list[Node]:
        tokens = np.array([node.tokens for node in level], dtype=np.int64)
        if isinstance(self._clusterer, ReadingClusterer):
            read = Level(level[0].level, [node.text for node in level], rows, tokens, self._vectors.embed_texts)
            groups = self._clusterer.cluster_level(read, self._budget)
        else:
            groups = self._clusterer.cluster(rows, tokens, self._budget)
        children = [[level[row] for row in group] for group in sorted(sorted(group.tolist()) for group in groups)]
        parents: dict[str, Node] = {}
        members = [Members(group) for group in children]
        for group, written in zip(children, self._writer.write(members, progress), strict=True):
            fingerprint = self._writer.fingerprint + (UNFINISHED if written.unfinished else "")
            key = hash_id("summary", fingerprint, *(child.id for child in group))
            parents[key] = Node(
                id=key,
                level=group[0].level + 1,
                text=written.text,
                tokens=written.tokens,
                children=tuple(child.id for child in group),
                claims=written.claims,
                kind="collection" if len(groups) == 1 else "theme",
                made=written.made,
                stale=float(written.unfinished),
            )
        return list(parents.values())

    def _named(self, nodes: Sequence[Node], progress: OnProgress) -> list[Node]:
        named = with_labels(nodes)
        return named if self._naming is None else self._naming.named(named, progress)
