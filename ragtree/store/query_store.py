"""A store as queries read it: Chroma only for the search, everything else from a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ..errors import IndexDamagedError
from ..types import Node, Vectors
from .base import NodeSearch
from .snapshots import Snapshot


class QueryStore:
    """A snapshot's nodes. `store` returns Chroma, which finds those that may be near; without it all are compared.

    Chroma follows the catalog and holds roughly one state: while a sync writes, it lacks nodes or has others. If it
    cannot be relied on, all of the snapshot's vectors are compared, which finds the same.
    """

    def __init__(self, store: Callable[[], NodeSearch] | None, snapshot: Snapshot) -> None:
        self._store = store
        self._snapshot = snapshot

    def search(self, vector: Vectors, count: int, leaves: bool) -> list[tuple[str, float]]:
        snapshot, wanted = self._snapshot, min(count, self.size(leaves))
        table = snapshot.table
        if self._store is not None and snapshot.in_store and wanted < self.size(leaves):
            found = self._in_store(self._store, vector, count, leaves)
            rows = np.array([table.row_of[key] for key in found if key in table.row_of], dtype=np.int64)
            # Checked afterwards: as long as there is no newer state, nothing of this one was deleted.
            if len(rows) >= wanted and snapshot.is_current():
                return table.similar(rows, vector, count)
        every = np.arange(table.leaves) if leaves else np.arange(table.leaves, len(table.ids))
        return table.similar(every, vector, count)

    def _in_store(self, store: Callable[[], NodeSearch], vector: Vectors, count: int, leaves: bool) -> list[str]:
        try:
            return [key for key, _ in store().search(vector, count, leaves)]
        except IndexDamagedError:
            if self._snapshot.is_current():
                raise
            return []  # a sync has deleted what it was about to read

    def get(self, ids: Sequence[str]) -> list[Node]:
        return self._snapshot.catalog.nodes_of(ids)

    def vectors(self, ids: Sequence[str]) -> Vectors:
        rows = self._snapshot.table.row_of
        return self._snapshot.table.vectors[[rows[key] for key in ids]]

    def size(self, leaves: bool) -> int:
        table = self._snapshot.table
        return table.leaves if leaves else len(table.ids) - table.leaves
