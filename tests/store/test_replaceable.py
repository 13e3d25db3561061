"""A store is replaced between two questions, and never under one."""

from __future__ import annotations

import threading

import numpy as np
from samples import random_units

from ragtree.store.memory_store import MemoryStore
from ragtree.store.replaceable import ReplaceableStore
from ragtree.types import Node, Vectors


class SlowStore(MemoryStore):
    """Waits in a search until it is told, and refuses to be asked when it is closed."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.upsert([Node(name, 0, name, 1)], random_units(1, 4))
        self.begun, self.go, self.closed = threading.Event(), threading.Event(), False

    def search(self, vector: Vectors, count: int, leaves: bool) -> list[tuple[str, float]]:
        self.begun.set()
        assert self.go.wait(10)
        assert not self.closed
        return super().search(vector, count, leaves)

    def close(self) -> None:
        self.closed = True


def test_a_replacement_waits_for_those_who_read() -> None:
    old, new = SlowStore("old"), SlowStore("new")
    new.go.set()
    store = ReplaceableStore(old)
    found: list[str] = []

    def ask() -> None:
        found.append(store.search(np.ones(4, dtype=np.float32), 1, leaves=True)[0][0])

    reader = threading.Thread(target=ask)
    reader.start()
    assert old.begun.wait(10)
    writer = threading.Thread(target=lambda: store.replace(lambda: new))
    writer.start()
    assert not old.closed
    old.go.set()
    reader.join()
    writer.join()
    assert old.closed
    ask()
    assert found == ["old", "new"]
    assert [node.id for node in store.nodes()] == ["new"]
    assert store.size(leaves=True) == 1
    store.close()
    assert new.closed
