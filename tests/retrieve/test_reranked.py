from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from samples import index_of, leaf

from ragtree.errors import ModelError
from ragtree.retrieve.base import Limit, Query
from ragtree.retrieve.leaves import Leaves
from ragtree.retrieve.rerank.reranked import Reranked, reordered
from ragtree.store.memory_store import MemoryStore
from ragtree.types import Hit, Node

COUNT = 12
LEAVES = [leaf(f"n{row:02}", f"number {row}") for row in range(COUNT)]
QUERY = Query("?", np.array([1, 0], dtype=np.float32))


class Backwards:
    """What was last comes first."""

    share = 1.0

    def __init__(self) -> None:
        self.seen: list[str] = []

    def rank(self, question: str, nodes: Sequence[Node]) -> NDArray[np.float64]:
        self.seen = [node.id for node in nodes]
        return np.arange(len(nodes), dtype=np.float64)


@pytest.fixture
def store() -> MemoryStore:
    """The higher the number, the further from the question."""
    store = MemoryStore()
    angles = np.linspace(0.1, 1.4, COUNT)
    store.upsert(LEAVES, np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32))
    return store


def numbers(hits: Sequence[Hit]) -> list[int]:
    return [int(hit.node.id[1:]) for hit in hits]


def test_the_first_candidates_are_sorted_anew_and_the_others_follow(store: MemoryStore) -> None:
    reranker = Backwards()
    index = index_of(store, [])
    plain = Leaves().retrieve(QUERY, index, Limit(hits=8))
    hits = Reranked(Leaves(), reranker, candidates=5).retrieve(QUERY, index, Limit(hits=8))
    assert numbers(hits) == [4, 3, 2, 1, 0, 5, 6, 7]
    assert reranker.seen == [f"n{row:02}" for row in range(5)]
    assert [hit.score for hit in hits] == [hit.score for hit in plain]
    assert hits[0].ranks == {"leaves": 5, "rerank": 1}
    assert hits[5].ranks == {"leaves": 6}


def test_fewer_are_wanted_than_are_sorted(store: MemoryStore) -> None:
    reranked = Reranked(Leaves(), Backwards(), candidates=5)
    assert numbers(reranked.retrieve(QUERY, index_of(store, []), Limit(hits=2))) == [4, 3]
    tokens = 2 * LEAVES[0].tokens
    assert numbers(reranked.retrieve(QUERY, index_of(store, []), Limit(tokens=tokens))) == [4, 3]


def test_the_share_decides_between_the_two_orders(store: MemoryStore) -> None:
    for share, wanted in ((0.0, [0, 1, 2]), (1.0, [2, 1, 0])):
        hits = Reranked(Leaves(), Backwards(), 3, share).retrieve(QUERY, index_of(store, []), Limit(hits=3))
        assert numbers(hits) == wanted


def test_nothing_found_is_nothing_to_sort() -> None:
    reranker = Backwards()
    assert Reranked(Leaves(), reranker, 5).retrieve(QUERY, index_of(MemoryStore(), []), Limit(hits=3)) == []
    assert reranker.seen == []


def test_scores_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(ModelError, match="not finite numbers"):
        reordered([Hit(LEAVES[0], 0.5, {}), Hit(LEAVES[1], 0.4, {})], np.array([0.1, np.nan]), 0.5)


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-1e6, 1e6)), min_size=1, max_size=COUNT),
    st.floats(0, 1),
)
def test_nothing_is_lost_and_scores_keep_their_scale(pairs: list[tuple[float, float]], share: float) -> None:
    ordered = sorted(pairs, reverse=True)
    hits = [Hit(node, own, {}) for node, (own, _) in zip(LEAVES, ordered, strict=False)]
    found = reordered(hits, np.array([other for _, other in ordered]), share)
    assert sorted(hit.node.id for hit in found) == [hit.node.id for hit in hits]
    assert [hit.score for hit in found] == [hit.score for hit in hits]
    assert [hit.ranks["rerank"] for hit in found] == list(range(1, len(hits) + 1))
