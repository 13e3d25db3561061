"""The search among what a filter lets through: the same as a search through everything, without the rest."""

from __future__ import annotations

import numpy as np
import pytest
from samples import leaf, random_units

from ragtree.retrieve.filtered_nodes import FilteredNodes, filter_nodes, limit_to_leaves
from ragtree.store.base import DocumentFacts, NodeTable
from ragtree.store.lexical_index import LexicalIndex
from ragtree.store.memory_store import MemoryStore

COUNT = 6000
LEAVES = [
    leaf(
        f"n{row:04}",
        f"canary word{row % 50} " + "rope " * (row % 3),
        document=f"d{row:04}.md",
        row=row,
        odd=row % 2,
        tenth=row % 10,
    )
    for row in range(COUNT)
]
VECTORS = random_units(COUNT)
SHARES = {
    "one": {"row": 17},
    "few": {"row": {"$lt": 60}},
    "tenth": {"tenth": 3},
    "half": {"odd": 1},
    "most": {"tenth": {"$ne": 3}},
    "all": {"odd": {"$gte": 0}},
}


@pytest.fixture(scope="module")
def table() -> NodeTable:
    facts = [DocumentFacts(node.document_id, node.source, node.metadata) for node in LEAVES]
    levels = np.zeros(COUNT, dtype=np.int64)
    return NodeTable([node.id for node in LEAVES], levels, np.arange(COUNT), facts, lambda: VECTORS, lambda: [])


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    store = MemoryStore()
    store.upsert(LEAVES, VECTORS)
    return store


@pytest.fixture(scope="module")
def words() -> LexicalIndex:
    words = LexicalIndex(None, "en")
    words.upsert(LEAVES)
    return words


def let_through(name: str, table: NodeTable) -> FilteredNodes:
    found = filter_nodes(SHARES[name], table)  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.mark.parametrize("name", SHARES)
def test_the_nearest_of_those_that_pass_are_found(name: str, table: NodeTable, store: MemoryStore) -> None:
    allowed = let_through(name, table)
    near = [pair for pair in store.search(VECTORS[5], COUNT, leaves=True) if pair[0] in allowed]
    found = allowed.similar(store, VECTORS[5], 40, leaves=True)
    assert len(found) >= min(32, len(near))
    assert [key for key, _ in found] == [key for key, _ in near[: len(found)]]
    assert [score for _, score in found] == pytest.approx([score for _, score in near[: len(found)]], abs=1e-5)


@pytest.mark.parametrize("name", SHARES)
def test_words_weigh_the_same_among_those_that_pass(name: str, table: NodeTable, words: LexicalIndex) -> None:
    allowed = let_through(name, table)
    everywhere = dict(words.search("canary word17 rope", COUNT, leaves=True))
    found, are_all = allowed.matching(words, "canary word17 rope", 40, leaves=True)
    scores = sorted((score for key, score in everywhere.items() if key in allowed), reverse=True)
    assert [score for _, score in found] == pytest.approx(scores[:40], abs=1e-5)
    assert all(key in allowed and score == pytest.approx(everywhere[key], abs=1e-5) for key, score in found)
    assert are_all == (len(scores) < 40)


def test_a_store_that_finds_too_few_is_not_believed(table: NodeTable, store: MemoryStore) -> None:
    class Forgetful(MemoryStore):
        def search(self, vector: np.ndarray, count: int, leaves: bool) -> list[tuple[str, float]]:
            return store.search(vector, count, leaves)[:3]

    allowed = let_through("most", table)
    exact = [pair[0] for pair in store.search(VECTORS[5], COUNT, leaves=True) if pair[0] in allowed]
    assert [key for key, _ in allowed.similar(Forgetful(), VECTORS[5], 40, leaves=True)] == exact[:40]


def test_the_outcome_of_a_filter_is_kept_and_true_is_not_one(table: NodeTable) -> None:
    assert filter_nodes({"odd": 1}, table) is filter_nodes({"odd": 1}, table)
    assert filter_nodes({"odd": True}, table) is not filter_nodes({"odd": 1}, table)


def test_leaves_can_be_confined_to_some_of_those_that_pass(table: NodeTable) -> None:
    few = limit_to_leaves(table, {"n0001", "n0002", "gone"}, filter_nodes({"odd": 1}, table))
    assert few is not None
    assert [table.ids[row] for row in few.rows(leaves=True)] == ["n0001"]
    assert "n0002" not in few


def test_without_a_filter_nothing_is_worked_out(table: NodeTable) -> None:
    assert filter_nodes(None, table) is None
    assert filter_nodes({}, table) is None
