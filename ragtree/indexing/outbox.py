"""Brings Chroma and the lexical index in line with the catalog. If interrupted, the next call continues from there."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from ..errors import IndexDamagedError
from ..store.base import NodeStore, WordIndex
from ..store.catalog import Catalog
from ..store.tree_change import PlacedNode, TreeChange
from ..store.write_ahead import is_ahead, note_ahead, take_back, taken_back
from ..types import OnProgress, Progress, no_progress
from .projecting import shortened

_PAGE = 1000


def write_ahead(catalog: Catalog, words: WordIndex, change: TreeChange) -> None:
    """Write the words of a change to the lexical index right before the change is made in the catalog.

    Readers see the words together with the change, and not before (store/snapshots.py). After a crash in between, the
    next `repair_on_open` repairs the index.
    """
    note_ahead(catalog, {*(one.node.id for one in change.nodes), *change.gone})
    words.change([one.node for one in change.nodes], change.gone)


def finish_interrupted(
    catalog: Catalog, store: NodeStore, words: WordIndex, progress: OnProgress = no_progress
) -> bool:
    """Finish what was interrupted. Return True if something was."""
    ahead = is_ahead(catalog)
    if ahead:
        take_back(catalog)
    pending = catalog.pending()
    if pending:
        update_mirrors(catalog, store, words, progress)
    if ahead:
        taken_back(catalog)
    return pending or ahead


def update_mirrors(
    catalog: Catalog, store: NodeStore, words: WordIndex | None, progress: OnProgress = no_progress
) -> None:
    """Write what `store` and `words` lack, chunks before their parents, and then delete what is gone.

    `words` is None if the lexical index has the change already, from `write_ahead`.
    """
    total = sum(catalog.level_sizes())
    written = 0
    while batch := catalog.to_store(_PAGE):
        _write(catalog, store, words, batch)
        catalog.mark_stored([one.node.id for one in batch])
        written += len(batch)
        progress(Progress("store", written, max(total, written)))
    gone = catalog.to_forget()
    if gone:
        if words is not None:
            words.delete(gone)
        store.delete(gone)
        catalog.mark_forgotten(gone)


def write_all(catalog: Catalog, store: NodeStore, words: WordIndex, progress: OnProgress = no_progress) -> None:
    """Write every node to an empty store and lexical index, whether or not it is marked as stored."""
    ids = [row[0] for row in catalog.rows("SELECT id FROM nodes ORDER BY level, document_id, position, id")]
    with ThreadPoolExecutor(1) as beside:  # Chroma and tantivy work outside of Python most of the time
        for start in range(0, len(ids), _PAGE):
            batch = catalog.placed_of(ids[start : start + _PAGE])
            written = beside.submit(words.upsert, [one.node for one in batch])
            try:
                _write(catalog, store, None, batch)
            finally:
                written.result()
            progress(Progress("store", start + len(batch), len(ids)))


def _write(catalog: Catalog, store: NodeStore, words: WordIndex | None, batch: Sequence[PlacedNode]) -> None:
    vectors = catalog.get_vectors([one.key for one in batch])
    if any(one.key not in vectors for one in batch):
        raise IndexDamagedError(
            "the catalog lacks vectors of its own nodes; recover what can be read with: ragtree repair FOLDER, "
            "and embed the rest again with: ragtree index FOLDER"
        )
    rows = np.stack([vectors[one.key] for one in batch])
    nodes = [one.node for one in batch]
    if words is not None:
        words.upsert(nodes)
    store.upsert(nodes, shortened(rows, catalog))


def repair_on_open(catalog: Catalog, store: NodeStore, words: WordIndex, stored: tuple[int, int] | None = None) -> bool:
    """On opening, finish what was interrupted, and rewrite what has lost records. Return True if anything was done.

    `stored` is the number of leaves and of summaries in `store`, if known without asking it.
    """
    sizes = catalog.level_sizes()
    expected = (sizes[0] if sizes else 0, sum(sizes[1:]))
    interrupted = finish_interrupted(catalog, store, words)
    lost = (stored if stored and not interrupted else _sizes(store)) != expected
    if lost:
        known = {node.id for node in catalog.nodes()}
        store.delete([node.id for node in store.nodes() if node.id not in known])
        catalog.mark_all_unstored()
    if lost or _sizes(words) != expected:
        rewrite_words(catalog, words)
        update_mirrors(catalog, store, words)
        return True
    return interrupted


def rewrite_words(catalog: Catalog, words: WordIndex) -> None:
    """Rebuild the lexical index. That is cheap, and checking all of it would cost as much."""
    words.clear()
    nodes = catalog.nodes()
    for start in range(0, len(nodes), _PAGE):
        words.upsert(nodes[start : start + _PAGE])
    taken_back(catalog)


def _sizes(index: NodeStore | WordIndex) -> tuple[int, int]:
    return index.size(leaves=True), index.size(leaves=False)
