"""Vectors that a damaged catalog has lost are embedded again, and nothing else is."""

from __future__ import annotations

from ..store.catalog import Catalog
from ..types import OnProgress, no_progress
from .node_vectors import NodeVectors

LOST_VECTORS = "lost vectors"
"""A fact about the index: how many nodes have none."""


def lost_vectors(catalog: Catalog) -> int:
    """How many nodes of the tree have no vector."""
    return int(catalog.meta(LOST_VECTORS) or 0)


def embed_lost(catalog: Catalog, vectors: NodeVectors, progress: OnProgress = no_progress) -> None:
    """Embed the nodes that have none, level by level."""
    rows = catalog.rows(
        "SELECT id FROM nodes WHERE vector NOT IN (SELECT key FROM vectors) ORDER BY level, document_id, position"
    )
    nodes = catalog.nodes_of([row[0] for row in rows])
    for level in sorted({node.level for node in nodes}):
        part = [node for node in nodes if node.level == level]
        vectors.embed_whole(part, progress)
        with catalog.transaction() as db:
            pairs = zip(vectors.keys(part), part, strict=True)
            db.executemany("UPDATE nodes SET vector = ? WHERE id = ?", [(key, node.id) for key, node in pairs])
    catalog.set_meta({LOST_VECTORS: "0"})
