from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from samples import leaf, random_units

from ragtree.retrieve.base import Index, Limit, Query, nearest, pack
from ragtree.store.lexical_index import LexicalIndex
from ragtree.store.memory_store import MemoryStore
from ragtree.types import Hit, Node, Vectors

HITS = [Hit(Node(name, 0, "x", tokens), 1.0) for name, tokens in (("a", 5), ("b", 9), ("c", 3), ("d", 1))]


@pytest.mark.parametrize(
    ("limit", "taken"),
    [
        (Limit(), "abcd"),
        (Limit(hits=2), "ab"),
        (Limit(hits=0), ""),
        (Limit(tokens=14), "ab"),
        (Limit(tokens=8), "ac"),
        (Limit(tokens=9), "acd"),
        (Limit(hits=1, tokens=4), "c"),
        (Limit(tokens=0), ""),
    ],
)
def test_the_best_hits_that_fit_are_taken(limit: Limit, taken: str) -> None:
    assert "".join(hit.node.id for hit in pack(HITS, limit)) == taken


def test_no_more_hits_are_drawn_than_wanted() -> None:
    def endless() -> Iterator[Hit]:
        yield from HITS
        raise AssertionError("one hit too many was asked for")

    assert len(pack(endless(), Limit(hits=4))) == 4


class WatchedStore(MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.looks: list[int] = []

    def search(self, vector: Vectors, count: int, leaves: bool) -> list[tuple[str, float]]:
        self.looks.append(count)
        return super().search(vector, count, leaves)


def index_of(store: MemoryStore) -> Index:
    return Index(store, LexicalIndex(None, "en"), (), lambda ids: {})


@pytest.mark.parametrize("limit", [Limit(hits=32), Limit(tokens=100), Limit(tokens=30)])
def test_a_full_budget_ends_the_search_after_one_look(limit: Limit) -> None:
    store = WatchedStore()
    nodes = [leaf(f"n{row:03}", "word " * 8) for row in range(500)]
    store.upsert(nodes, random_units(500))
    asked = Query("?", random_units(1)[0], lambda node: True)
    assert pack(nearest(asked, index_of(store), limit, leaves=True, name="leaves"), limit)
    assert store.looks == [32]


def test_one_looks_wider_only_as_long_as_one_reads_on() -> None:
    store = WatchedStore()
    vectors = random_units(500)
    store.upsert([leaf(f"n{row:03}") for row in range(500)], vectors)
    found = nearest(Query("?", vectors[0], lambda node: True), index_of(store), Limit(), leaves=True, name="leaves")
    assert next(found).node.id == "n000"
    assert len(store.looks) == 1
    every = [hit.node.id for hit in found]
    assert store.looks[-1] == 500
    assert every == [f"n{row:03}" for row in np.argsort(-(vectors @ vectors[0]), kind="stable")[1:]]
