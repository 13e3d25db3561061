"""Chroma follows the catalog. Interrupted anywhere, the next call goes on from there."""

from __future__ import annotations

import numpy as np

from ..errors import IndexDamagedError
from ..store.base import NodeStore
from ..store.catalog import Catalog
from ..types import OnProgress, Progress, no_progress
from .projecting import shortened

_PAGE = 1000


def bring_in_line(catalog: Catalog, store: NodeStore, progress: OnProgress = no_progress) -> None:
    """Write to `store` what it lacks, leaves before their parents, and then drop what is gone.

    In this order nobody who reads meanwhile meets a summary whose leaves are not there.
    """
    total = sum(catalog.level_sizes())
    written = 0
    while batch := catalog.to_store(_PAGE):
        vectors = catalog.get_vectors([key for _, key in batch])
        if any(key not in vectors for _, key in batch):
            raise IndexDamagedError(
                "the catalog lacks vectors of its own nodes; move catalog.sqlite away and index the folder again"
            )
        rows = np.stack([vectors[key] for _, key in batch])
        store.upsert([node for node, _ in batch], shortened(rows, catalog))
        catalog.mark_stored(node.id for node, _ in batch)
        written += len(batch)
        progress(Progress("store", written, max(total, written)))
    gone = catalog.to_forget()
    if gone:
        store.delete(gone)
        catalog.mark_forgotten(gone)


def mend(catalog: Catalog, store: NodeStore) -> bool:
    """On opening: finish what was interrupted, and rewrite a store that has lost records. True if it was needed."""
    sizes = catalog.level_sizes()
    expected = (sizes[0] if sizes else 0, sum(sizes[1:]))
    if not catalog.pending() and (store.size(leaves=True), store.size(leaves=False)) == expected:
        return False
    bring_in_line(catalog, store)
    if (store.size(leaves=True), store.size(leaves=False)) != expected:
        known = {node.id for node in catalog.nodes()}
        store.delete([node.id for node in store.nodes() if node.id not in known])
        catalog.mark_all_unstored()
        bring_in_line(catalog, store)
    return True
