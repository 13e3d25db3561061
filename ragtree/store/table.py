"""The tree as queries read it: one state of it in memory, texts from the catalog, and Chroma for the search alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from ..types import Node, Vectors
from .base import DocumentFacts, NodeStore, NodeTable
from .catalog import Catalog
from .tree_change import STATE

_PAGE = 500


class TableReader:
    """Reads the catalog's table of nodes, and reads it again when the tree has changed.

    Vectors lie in one file of `folder`, which is mapped into memory and can be thrown away at any time. `shorten` is
    what the index does to vectors (n, dim).
    """

    def __init__(self, catalog: Catalog, folder: Path, shorten: Callable[[Vectors], Vectors]) -> None:
        self._catalog = catalog
        self._folder = folder
        self._shorten = shorten
        self._lock = threading.Lock()
        self._read: tuple[str, NodeTable] | None = None

    def table(self) -> NodeTable:
        """The table of the tree as it is now."""
        with self._lock:
            state = self._catalog.meta(STATE) or "0"
            if self._read is None or self._read[0] != state:
                self._read = self._read_table()
            return self._read[1]

    def _read_table(self) -> tuple[str, NodeTable]:
        with self._catalog.transaction() as db:  # so that all is of one state
            state = dict(db.execute("SELECT key, value FROM meta")).get(STATE, "0")
            documents = db.execute("SELECT id, source, metadata FROM documents ORDER BY id").fetchall()
            nodes = db.execute(
                "SELECT id, level, document_id, vector FROM nodes ORDER BY level, document_id, position"
            ).fetchall()
        facts = [DocumentFacts(key, source, json.loads(metadata)) for key, source, metadata in documents]
        number = {one.id: row for row, one in enumerate(facts)}
        keys = [row[3] for row in nodes]
        summaries = [row[0] for row in nodes if row[1] > 0]
        table = NodeTable(
            [row[0] for row in nodes],
            np.array([row[1] for row in nodes], dtype=np.int64),
            np.array([number.get(row[2], -1) for row in nodes], dtype=np.int64),
            facts,
            lambda: self._vectors(state, keys),
            lambda: list(self._evidence(summaries)),
        )
        return state, table

    def _vectors(self, state: str, keys: Sequence[bytes]) -> Vectors:
        """The vectors of those keys, shape (len(keys), dim), mapped from the file of that state."""
        if not keys:
            return np.zeros((0, 0), dtype=np.float32)
        with self._lock:
            path = self._folder / f"{state}.npy"
            found = _mapped(path, len(keys))
            if found is None:
                self._write(path, keys)
                found = _mapped(path, len(keys))
        assert found is not None
        return found

    def _write(self, path: Path, keys: Sequence[bytes]) -> None:
        self._folder.mkdir(exist_ok=True)
        unfinished = path.with_suffix(".new")
        rows: np.memmap[tuple[int, int], np.dtype[np.float32]] | None = None
        for start in range(0, len(keys), _PAGE):
            part = keys[start : start + _PAGE]
            known = self._catalog.get_vectors(part)
            vectors = self._shorten(np.stack([known[key] for key in part]))
            if rows is None:
                shape = (len(keys), vectors.shape[1])
                rows = np.lib.format.open_memmap(unfinished, mode="w+", dtype=np.float32, shape=shape)
            rows[start : start + len(part)] = vectors
        assert rows is not None
        rows.flush()
        del rows
        unfinished.replace(path)
        for old in self._folder.iterdir():
            if old != path:
                with suppress(OSError):  # another thread reads it still, on a system that keeps what is read
                    old.unlink()

    def _evidence(self, summaries: Sequence[str]) -> Iterator[list[str]]:
        for start in range(0, len(summaries), _PAGE):
            part = summaries[start : start + _PAGE]
            found = {node.id: node for node in self._catalog.nodes_of(part)}
            for key in part:
                claims = found[key].claims if key in found else ()
                yield [item.leaf for claim in claims for item in claim.evidence]


def _mapped(path: Path, count: int) -> Vectors | None:
    """The array of a file, or None where there is none of so many rows."""
    try:
        rows = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        return None
    return rows if rows.ndim == 2 and len(rows) == count else None


class QueriedStore:
    """A store whose search is that of another one, and whose nodes and vectors come from the catalog."""

    def __init__(self, store: NodeStore, catalog: Catalog, table: NodeTable) -> None:
        self._store = store
        self._catalog = catalog
        self._table = table

    def get(self, ids: Sequence[str]) -> list[Node]:
        return self._catalog.nodes_of(ids)

    def vectors(self, ids: Sequence[str]) -> Vectors:
        rows = self._table.row_of
        return self._table.vectors[[rows[key] for key in ids]]

    def search(self, vector: Vectors, count: int, leaves: bool) -> list[tuple[str, float]]:
        known = self._table.row_of  # while a sync writes, Chroma may have nodes that are gone or to come
        return [pair for pair in self._store.search(vector, count, leaves) if pair[0] in known]

    def size(self, leaves: bool) -> int:
        return self._table.leaves if leaves else len(self._table.ids) - self._table.leaves

    def nodes(self) -> Iterator[Node]:
        return self._store.nodes()

    def upsert(self, nodes: Sequence[Node], vectors: Vectors) -> None:
        self._store.upsert(nodes, vectors)

    def delete(self, ids: Iterable[str]) -> None:
        self._store.delete(ids)

    def clear(self) -> None:
        self._store.clear()

    def close(self) -> None:
        self._store.close()
