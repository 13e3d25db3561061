"""A store that can be replaced by another one while threads read it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from ..types import Node, Vectors
from .base import NodeStore


class ReplaceableStore:
    """Passes every call to the store that it holds. A replacement waits for running calls, and new ones wait for it."""

    def __init__(self, store: NodeStore) -> None:
        self._store = store
        self._turn = threading.Condition()
        self._readers = 0

    def replace(self, make: Callable[[], NodeStore]) -> None:
        """Close the store, and hold the one that `make` opens instead."""
        with self._turn:
            while self._readers:
                self._turn.wait()
            self._store.close()
            self._store = make()

    @contextmanager
    def _held(self) -> Iterator[NodeStore]:
        with self._turn:
            self._readers += 1
            store = self._store
        try:
            yield store
        finally:
            with self._turn:
                self._readers -= 1
                self._turn.notify_all()

    def upsert(self, nodes: Sequence[Node], vectors: Vectors) -> None:
        with self._held() as store:
            store.upsert(nodes, vectors)

    def delete(self, ids: Iterable[str]) -> None:
        with self._held() as store:
            store.delete(ids)

    def clear(self) -> None:
        with self._held() as store:
            store.clear()

    def get(self, ids: Sequence[str]) -> list[Node]:
        with self._held() as store:
            return store.get(ids)

    def vectors(self, ids: Sequence[str]) -> Vectors:
        with self._held() as store:
            return store.vectors(ids)

    def search(self, vector: Vectors, count: int, leaves: bool) -> list[tuple[str, float]]:
        with self._held() as store:
            return store.search(vector, count, leaves)

    def size(self, leaves: bool) -> int:
        with self._held() as store:
            return store.size(leaves)

    def nodes(self) -> Iterator[Node]:
        with self._held() as store:
            yield from store.nodes()

    def close(self) -> None:
        with self._turn:
            while self._readers:
                self._turn.wait()
            self._store.close()
