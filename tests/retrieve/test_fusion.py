"""Similarity, words and surroundings together."""

from __future__ import annotations

import numpy as np
import pytest
from samples import index_of, leaf, random_units

from ragtree.embed.base import unit_rows
from ragtree.retrieve import fusion
from ragtree.retrieve.base import Index, Limit, Query
from ragtree.retrieve.fusion import Weights, rank_leaves
from ragtree.retrieve.hybrid import Hybrid
from ragtree.store.memory_store import MemoryStore
from ragtree.types import Node

EAST = np.eye(8, dtype=np.float32)[0]
DENSE, WORDS, BESIDE = Weights(0, 0), Weights(0.4, 0), Weights(0, 0.3)


def index_with(near: list[float], texts: list[str], documents: list[str] | None = None) -> Index:
    """Leaves at these cosines of EAST, in reading order."""
    documents = documents or ["d.md"] * len(near)
    rest = random_units(len(near), 8, seed=1)
    rest[:, 0] = 0
    rows = unit_rows(rest) * np.sqrt(1 - np.square(near))[:, None] + np.outer(near, EAST)
    nodes = [
        leaf(f"n{row}", text, document=document, start=1000 * row)
        for row, (text, document) in enumerate(zip(texts, documents, strict=True))
    ]
    store = MemoryStore()
    store.upsert(nodes, rows.astype(np.float32))
    return index_of(store, [])


def best(index: Index, weights: Weights, text: str = "whales", count: int = 10) -> list[str]:
    return rank_leaves(Query(text, EAST), index, count, weights).ids


def test_words_bring_a_leaf_forward_that_similarity_has_second() -> None:
    index = index_with([0.50, 0.48, 0.1, 0.0], ["fish", "a whale", "boats", "nets"])
    assert best(index, DENSE)[:2] == ["n0", "n1"]
    assert best(index, WORDS)[:2] == ["n1", "n0"]


def test_a_leaf_beside_good_ones_comes_before_one_beside_bad_ones() -> None:
    near = [0.5, 0.30, 0.5, 0.0, 0.31, 0.0]
    index = index_with(near, ["x"] * 6)
    assert best(index, DENSE).index("n4") < best(index, DENSE).index("n1")
    assert best(index, BESIDE).index("n1") < best(index, BESIDE).index("n4")


def test_neighbours_of_another_document_do_not_count() -> None:
    near = [0.5, 0.30, 0.5, 0.0, 0.31, 0.0]
    index = index_with(near, ["x"] * 6, ["a", "b", "c", "d", "e", "f"])
    assert best(index, BESIDE) == best(index, DENSE)


def test_scores_fall_and_are_on_the_scale_of_cosines() -> None:
    near = [0.6, 0.5, 0.4, 0.1, 0.05, 0.0]
    ranked = rank_leaves(Query("whales", EAST), index_with(near, ["whale"] + ["x"] * 5), 10, Weights(0.4, 0.3))
    assert (np.diff(ranked.scores) <= 0).all()
    assert 0.3 < ranked.scores[0] < 0.9 and -0.2 < ranked.scores[-1] < 0.2
    alone = rank_leaves(Query("whales", EAST), index_with(near, ["x"] * 6), 10, DENSE)
    assert alone.scores == pytest.approx(near, abs=1e-5)


def test_every_leaf_says_which_lists_it_was_in() -> None:
    ranked = rank_leaves(Query("whales", EAST), index_with([0.5, 0.4], ["fish", "whale"]), 10, WORDS)
    assert ranked.ranks == {"n0": {"dense": 1}, "n1": {"dense": 2, "words": 1}}


def test_a_leaf_that_neither_list_has_is_found_beside_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fusion, "_LOOK", 2)
    near = [0.0, 0.9, 0.1, 0.8, 0.0, 0.05, 0.05, 0.05]
    index = index_with(near, ["x"] * 8)
    assert "n2" not in best(index, DENSE, count=1)
    assert "n2" in best(index, BESIDE, count=1)


def test_words_weigh_more_where_the_embedder_does_not_know_the_language() -> None:
    index = index_with([0.5, 0.3, 0.1, 0.05, 0.0], ["fish", "boats", "nets", "whale", "rope"])
    assert rank_leaves(Query("whales", EAST), index, 10, Weights(0.4, 0)).ids[0] == "n0"
    assert rank_leaves(Query("whales", EAST, foreign=True), index, 10, Weights(0.4, 0)).ids[0] == "n3"


@pytest.mark.parametrize("look", [2, 4, 200])
def test_a_filter_is_kept_by_both_lists_and_by_neighbours(monkeypatch: pytest.MonkeyPatch, look: int) -> None:
    monkeypatch.setattr(fusion, "_LOOK", look)
    near = [0.9, 0.8, 0.7, 0.6, 0.1, 0.0]
    index = index_with(near, ["whale"] * 6)

    def accept(node: Node) -> bool:
        return node.id in ("n1", "n4")

    ranked = rank_leaves(Query("whales", EAST, accept), index, 2, Weights(0.4, 0.3))
    assert ranked.ids == ["n1", "n4"]
    assert [hit.node.id for hit in ranked.hits(index)] == ["n1", "n4"]


def test_nothing_is_found_in_nothing() -> None:
    index = index_of(MemoryStore(), [])
    assert rank_leaves(Query("whales", EAST), index, 5, Weights(0.4, 0.3)).ids == []
    assert Hybrid(WORDS).retrieve(Query("whales", EAST), index, Limit(hits=5)) == []


def test_equal_leaves_come_in_one_order(monkeypatch: pytest.MonkeyPatch) -> None:
    index = index_with([0.5] * 6, ["same words"] * 6, list("abcdef"))
    assert best(index, Weights(0.4, 0.3)) == [f"n{row}" for row in range(6)]
