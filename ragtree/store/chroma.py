"""The tree in Chroma. Leaves and summaries are two collections, because filtering queries by metadata is slow."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import numpy as np

from ..errors import IndexDamagedError
from ..processes import CHROMA, ProcessBound
from ..types import Node, Span, Vectors
from . import faults
from .base import claims_from_fields, location_fields, location_from_fields, metadata_from_fields
from .hnsw_files import blank_unused, hnsw_fault
from .owner import Owner

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound="ChromaStore")

_EXACT = 5000
"""In collections up to this size, a search asks for more neighbours than needed, or compares all if all are wanted."""


_WAY_BACK = "write it anew with: ragtree repair FOLDER (the catalog has everything, no model is called)"


def _told(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Raise Chroma's errors as ours, in one sentence. If the collections can be found again, try once more."""

    @wraps(method)
    def told(self: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        from chromadb.errors import NotFoundError

        with self.reported(method.__name__):
            try:
                return method(self, *args, **kwargs)
            except NotFoundError:
                if not self._found_again():
                    raise
                return method(self, *args, **kwargs)

    return told


class ChromaStore(ProcessBound):
    """A persistent Chroma with one writer. A node's record holds all of the node, so the tree can be read back."""

    path: Path
    """The folder of its files, if this process has them open."""
    _most = 1000
    """Records that are sent or asked for at a time."""
    _most_found: int | None = None
    """Records that a search may find; None if nothing limits them."""

    def __init__(self, path: Path) -> None:
        import chromadb
        from chromadb.config import Settings
        from chromadb.errors import ChromaError

        CHROMA.use()
        self.path = path
        damaged = hnsw_fault(path)
        if damaged is not None:
            raise IndexDamagedError(f"Chroma's {damaged}; {_WAY_BACK}")
        try:
            self._client: ClientAPI = chromadb.PersistentClient(
                str(path), settings=Settings(anonymized_telemetry=False)
            )
            self._open_collections()
        except (ChromaError, ValueError, OSError, RuntimeError) as error:
            _forget_system(path)
            raise faults.store_error(error, f"Chroma's folder {path}", _WAY_BACK, path) from error

    @contextmanager
    def reported(self, what: str) -> Iterator[None]:
        """Raise Chroma's errors as ours, in one sentence."""
        from chromadb.errors import ChromaError

        try:
            yield
        except ChromaError as error:
            raise faults.store_error(
                error, f"Chroma cannot {what}: its folder", _WAY_BACK, getattr(self, "path", None)
            ) from error

    @_told
    def owner(self) -> Owner | None:
        """The owner of these records; None if it was not recorded."""
        found = self._leaves.metadata or {}
        return Owner(str(found["index"]), str(found["copy"])) if "index" in found and "copy" in found else None

    @_told
    def claim(self, owner: Owner) -> None:
        """Record the owner of these records."""
        for collection in (self._leaves, self._summaries):
            collection.modify(metadata=asdict(owner))

    def _found_again(self) -> bool:
        """Open collections again that another process may have recreated. False if that cannot have happened."""
        return False

    def _open_collections(self) -> None:
        self._leaves = self._collection("leaves")
        self._summaries = self._collection("summaries")

    def _collection(self, name: str) -> Collection:
        return self._client.get_or_create_collection(
            name,
            configuration={"hnsw": {"space": "cosine", "ef_construction": 200, "ef_search": 200}},
            embedding_function=None,
        )

    @_told
    def upsert(self, nodes: Sequence[Node], vectors: Vectors) -> None:
        allowed = self._client.get_max_batch_size()
        size = min(self._most, allowed) if allowed > 0 else self._most
        for collection, leaves in ((self._leaves, True), (self._summaries, False)):
            rows = [row for row, node in enumerate(nodes) if (node.level == 0) == leaves]
            for start in range(0, len(rows), size):
                part = rows[start : start + size]
                collection.upsert(
                    ids=[nodes[row].id for row in part],
                    embeddings=[vectors[row] for row in part],
                    documents=[nodes[row].text for row in part],
                    metadatas=[_metadata(nodes[row]) for row in part],
                )

    def clear(self) -> None:
        # If a collection is deleted, Chroma 1.5 keeps the lists in its metadata, and they turn up in later records.
        for collection in (self._summaries, self._leaves):
            self.delete(collection.get(include=[])["ids"])
        for name in ("leaves", "summaries"):
            self._client.delete_collection(name)
        self._open_collections()

    @_told
    def delete(self, ids: Iterable[str]) -> None:
        for part in self._parts(sorted(ids)):
            for collection in (self._summaries, self._leaves):  # never a summary whose leaves are gone
                collection.delete(ids=part)

    @_told
    def get(self, ids: Sequence[str]) -> list[Node]:
        found: dict[str, Node] = {}
        for collection in (self._leaves, self._summaries):
            for missing in self._parts([key for key in dict.fromkeys(ids) if key not in found]):
                records = collection.get(ids=missing, include=["documents", "metadatas"])
                found.update((node.id, node) for node in _nodes(records))
        return [found[key] for key in ids if key in found]

    @_told
    def vectors(self, ids: Sequence[str]) -> Vectors:
        if not ids:  # Chroma refuses an empty list
            return np.zeros((0, 0), dtype=np.float32)
        found: dict[str, Any] = {}
        for collection in (self._leaves, self._summaries):
            for part in self._parts(list(dict.fromkeys(ids))):
                records = collection.get(ids=part, include=["embeddings"])
                embeddings = records["embeddings"]
                if embeddings is not None:
                    found.update(zip(records["ids"], embeddings, strict=True))
        return np.array([found[key] for key in ids], dtype=np.float32)

    @_told
    def search(self, vector: Vectors, count: int, leaves: bool) -> list[tuple[str, float]]:
        collection = self._leaves if leaves else self._summaries
        total = collection.count()
        count = min(count, total)
        if not count:
            return []
        if count == total <= _EXACT:
            return self._all_by_similarity(collection, vector)
        # HNSW finds only what it looks at; in small collections, looking at more costs nothing.
        asked = min(total, max(count, 100)) if total <= _EXACT else count
        asked = min(asked, self._most_found or asked)
        records = collection.query(query_embeddings=[vector.tolist()], n_results=asked, include=["distances"])
        distances = (records["distances"] or [[]])[0]
        found = [(key, 1.0 - float(far)) for key, far in zip(records["ids"][0], distances, strict=True)]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:count]

    @_told
    def size(self, leaves: bool) -> int:
        return (self._leaves if leaves else self._summaries).count()

    def _all_by_similarity(self, collection: Collection, vector: Vectors) -> list[tuple[str, float]]:
        """Compare every record with a vector. HNSW leaves some out if many are equally near."""
        found: list[tuple[str, float]] = []
        for start in range(0, collection.count(), self._most):
            records = collection.get(limit=self._most, offset=start, include=["embeddings"])
            # Rounded: equal rows of a matrix product may differ in the last bit, and equal scores are sorted by id.
            scores = np.round(np.asarray(records["embeddings"], dtype=np.float64) @ vector, 6)
            found += zip(records["ids"], scores.tolist(), strict=True)
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def nodes(self) -> Iterator[Node]:
        for leaves in (True, False):
            for start in range(0, self.size(leaves), self._most):
                yield from self._page(leaves, start)

    @_told
    def _page(self, leaves: bool, start: int) -> list[Node]:
        collection = self._leaves if leaves else self._summaries
        return list(_nodes(collection.get(limit=self._most, offset=start, include=["documents", "metadatas"])))

    def _parts(self, ids: list[str]) -> Iterator[list[str]]:
        return (ids[start : start + self._most] for start in range(0, len(ids), self._most))

    @_told
    def ids(self) -> set[str]:
        """The ids of all records."""
        return {
            key
            for collection in (self._leaves, self._summaries)
            for start in range(0, collection.count(), self._most)
            for key in collection.get(limit=self._most, offset=start, include=[])["ids"]
        }

    @_told
    def blank_unused(self) -> None:
        """Have Chroma read its files, which may make it write to them, and blank what holds no vector. No thread may
        write meanwhile."""
        for collection in (self._leaves, self._summaries):
            collection.get(limit=1, include=["embeddings"])
        blank_unused(self.path)

    def close(self) -> None:
        self._client.close()  # type: ignore[attr-defined]
        blank_unused(self.path)


def _forget_system(path: Path) -> None:
    """Make Chroma forget a folder that it could not open. It would return the failed one even after a repair."""
    from chromadb.api.shared_system_client import SharedSystemClient

    SharedSystemClient._identifier_to_system.pop(str(path), None)


def _metadata(node: Node) -> dict[str, Any]:
    """A node as a flat record: plain values that can be filtered by, and nested ones as JSON."""
    record: dict[str, Any] = {
        "level": node.level,
        "tokens": node.tokens,
        "label": node.label,
        "kind": node.kind,
        "made": node.made,
        "location": json.dumps(location_fields(node.location), ensure_ascii=False),
        "metadata": json.dumps(dict(node.metadata), ensure_ascii=False),
        # Written even if empty: Chroma keeps those fields of an old record that the new one with its id lacks.
        "context": node.context,
        "stale": node.stale,
    }
    if node.children:
        record["children"] = list(node.children)
        record["claims"] = json.dumps([asdict(claim) for claim in node.claims], ensure_ascii=False)
    if node.document_id:
        record |= {
            "document_id": node.document_id,
            "source": node.source,
            "start": node.span.start,
            "end": node.span.end,
        }
    return record


def _nodes(records: Any) -> Iterator[Node]:
    for key, text, record in zip(records["ids"], records["documents"], records["metadatas"], strict=True):
        yield Node(
            id=key,
            level=int(record["level"]),
            text=text,
            tokens=int(record["tokens"]),
            label=record["label"],
            children=tuple(record.get("children", ())),
            claims=claims_from_fields(json.loads(record.get("claims", "[]"))),
            kind=record["kind"],
            made=record.get("made", ""),
            document_id=record.get("document_id", ""),
            source=record.get("source", ""),
            span=Span(record.get("start", 0), record.get("end", 0)),
            location=location_from_fields(json.loads(record["location"])),
            metadata=metadata_from_fields(json.loads(record["metadata"])),
            context=record.get("context", ""),
            stale=record.get("stale", 0.0),
        )
