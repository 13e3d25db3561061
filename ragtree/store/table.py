"""The tree as queries read it: one state of it in memory, and its vectors in a mapped file."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..types import Vectors
from .base import DocumentFacts, NodeTable, metadata_from_fields
from .catalog import Catalog
from .catalog_reader import CatalogReader

_PAGE = 500


@dataclass(frozen=True, slots=True)
class _Last:
    """The vectors of the state that was read last. The next state has most of them, and copying them is fast."""

    embedder: str
    row_of: Mapping[bytes, int]
    vectors: Vectors


class TableReader:
    """Reads a catalog's nodes as a table.

    The vectors of each state of the tree are in one file of `folder`, which is mapped into memory. It can be deleted at
    any time, and processes may share it. `shorten` shortens full vectors, shape (n, dim), as the index does.
    Without `keeps`, an existing file is used, but none is written.
    """

    def __init__(self, folder: Path, shorten: Callable[[Vectors, Catalog], Vectors], keeps: bool = True) -> None:
        self._folder = folder
        self._shorten = shorten
        self._keeps = keeps
        self._lock = threading.Lock()
        self._last: _Last | None = None

    def close(self) -> None:
        """Release the mapped file."""
        with self._lock:
            self._last = None

    def table(self, catalog: CatalogReader) -> NodeTable:
        """The table of the state that `catalog` reads. It has to stay at that state as long as the table is used."""
        with catalog.transaction() as db:
            state = catalog.state()
            documents = db.execute("SELECT id, source, metadata FROM documents ORDER BY id").fetchall()
            nodes = db.execute(
                "SELECT id, level, document_id, vector, kind FROM nodes ORDER BY level, document_id, position, id"
            ).fetchall()
        facts = [
            DocumentFacts(key, source, metadata_from_fields(json.loads(metadata)))
            for key, source, metadata in documents
        ]
        number = {one.id: row for row, one in enumerate(facts)}
        keys = [row[3] for row in nodes]
        summaries = [row[0] for row in nodes if row[1] > 0]
        return NodeTable(
            [row[0] for row in nodes],
            np.array([row[1] for row in nodes], dtype=np.int64),
            np.array([number.get(row[2], -1) for row in nodes], dtype=np.int64),
            facts,
            lambda: self._vectors(catalog, state, keys),
            lambda: list(_evidence(catalog, summaries)),
            catalog.copies,
        )

    def _vectors(self, catalog: Catalog, state: str, keys: Sequence[bytes]) -> Vectors:
        """The vectors of some keys, shape (len(keys), dim), mapped from the file of a state if there is one."""
        if not keys:
            return np.zeros((0, 0), dtype=np.float32)
        with self._lock:
            path = self._folder / f"{state}.npy"
            found = _mapped(path, len(keys))
            if found is None:
                found = self._kept(path, catalog, keys) if self._keeps else None
            if found is None:
                found = np.concatenate([part for _, part in self._parts(catalog, keys)])
            self._last = _Last(catalog.facts().embedder, {key: row for row, key in enumerate(keys)}, found)
            return found

    def _parts(self, catalog: Catalog, keys: Sequence[bytes]) -> Iterator[tuple[int, Vectors]]:
        last = self._last
        if last is not None and last.embedder != catalog.facts().embedder:  # the name includes the projection
            last = None
        for start in range(0, len(keys), _PAGE):
            part = keys[start : start + _PAGE]
            rows = np.array([-1 if last is None else last.row_of.get(key, -1) for key in part], dtype=np.int64)
            new = [key for key, row in zip(part, rows.tolist(), strict=True) if row < 0]
            vectors = self._read(catalog, new) if new else None
            if last is None or (vectors is not None and len(new) == len(part)):
                assert vectors is not None
                yield start, vectors
                continue
            found = np.array(last.vectors[rows])
            if vectors is not None:
                found[rows < 0] = vectors
            yield start, found

    def _read(self, catalog: Catalog, keys: Sequence[bytes]) -> Vectors:
        known = catalog.get_vectors(keys)
        return self._shorten(np.stack([known[key] for key in keys]), catalog)

    def _kept(self, path: Path, catalog: Catalog, keys: Sequence[bytes]) -> Vectors | None:
        """The vectors, written to a file. None if there is no room or no permission; then they are kept in memory."""
        try:
            self._folder.mkdir(exist_ok=True)
            return self._written(path, catalog, keys)
        except OSError:
            return None

    def _written(self, path: Path, catalog: Catalog, keys: Sequence[bytes]) -> Vectors:
        # Another process may write the same file, so each writes its own until it is complete.
        unfinished = path.with_suffix(f".{secrets.token_hex(4)}.new")
        try:
            with unfinished.open("wb") as file:  # not through a memory map: there, a full disk ends the process
                for start, vectors in self._parts(catalog, keys):
                    if not start:
                        shape = (len(keys), vectors.shape[1])
                        np.lib.format.write_array_header_1_0(
                            file, {"descr": "<f4", "fortran_order": False, "shape": shape}
                        )
                    file.write(np.asarray(vectors, dtype="<f4").tobytes())
            found = _mapped(unfinished, len(keys))  # before it is renamed, as another process may remove it then
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        self._remove_old(path)
        assert found is not None
        return found

    def _remove_old(self, path: Path) -> None:
        """Delete the files of other states, except the latest, which earlier readers may still need."""
        others = sorted((file for file in self._folder.glob("*.npy") if file != path), key=_age)
        for old in others[1:]:
            with suppress(OSError):  # on some systems, a file that a thread still reads cannot be deleted
                old.unlink()


def _age(path: Path) -> float:
    """A sort key: newest files first. A file that is gone counts as the oldest."""
    try:
        return -path.stat().st_mtime
    except OSError:
        return 0.0


def _evidence(catalog: Catalog, summaries: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(summaries), _PAGE):
        part = summaries[start : start + _PAGE]
        found = {node.id: node for node in catalog.nodes_of(part)}
        for key in part:
            claims = found[key].claims if key in found else ()
            yield [item.leaf for claim in claims for item in claim.evidence]


def _mapped(path: Path, count: int) -> Vectors | None:
    """The array in a file, or None if there is none with `count` rows."""
    try:
        rows = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError):
        return None
    return rows if rows.ndim == 2 and len(rows) == count else None
