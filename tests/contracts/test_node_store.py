"""What every store of nodes promises."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from samples import leaf, parent, random_units

from ragtree.store.base import NodeStore, node_from_json, node_to_json
from ragtree.store.chroma import ChromaStore
from ragtree.store.memory_store import MemoryStore
from ragtree.types import Claim, Evidence, Location, Node, Span, Vectors

FULL_LEAF = Node(
    "leaf",
    0,
    "Ein Kätzchen 🐈\nschläft.\x00 \t",
    9,
    "Ein Kätzchen …",
    document_id="a/ü.md",
    source='a/ü "x".md',
    span=Span(7, 31),
    location=Location(3, 12, ("Teil Ⅰ", "")),
    metadata={"title": "Ü", "year": 1907, "share": 0.5, "read": True, "empty": "", "no": False},
)
FULL_SUMMARY = Node(
    "summary",
    1,
    "Cats sleep. 猫は眠る。",
    8,
    "cats, sleep",
    ("leaf", "bare"),
    (
        Claim("Cats sleep.", (Evidence("leaf", Span(0, 5)), Evidence("bare", Span(0, 1))), 0.75),
        Claim("猫は眠る。", (Evidence("leaf", Span(2, 4)),), 1.0),
    ),
    "abstractive",
)
BARE = [Node("bare", 0, "x", 1), Node("bare summary", 2, "y", 1, children=("summary",)), Node("empty", 0, "", 0)]
EVERY = [FULL_LEAF, FULL_SUMMARY, *BARE]


@pytest.fixture(params=["memory", "chroma"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NodeStore]:
    opened: NodeStore = MemoryStore() if request.param == "memory" else ChromaStore(tmp_path / "chroma")
    yield opened
    opened.close()


def test_every_field_of_a_node_comes_back(store: NodeStore) -> None:
    store.upsert(EVERY, random_units(len(EVERY)))
    assert store.get([node.id for node in EVERY]) == EVERY
    assert {node.id: node for node in store.nodes()} == {node.id: node for node in EVERY}


def test_every_field_of_a_node_comes_back_from_json() -> None:
    assert [node_from_json(node_to_json(node)) for node in EVERY] == EVERY


def test_nodes_come_in_the_order_asked_for_and_without_those_that_are_not_there(store: NodeStore) -> None:
    store.upsert(EVERY, random_units(len(EVERY)))
    assert store.get(["bare", "nowhere", "summary", "leaf", "bare"]) == [BARE[0], FULL_SUMMARY, FULL_LEAF, BARE[0]]
    assert store.get(["nowhere"]) == []
    assert store.get([]) == []


def test_a_second_upsert_takes_the_place_of_the_first(store: NodeStore) -> None:
    store.upsert([leaf("a", "old", year=1, gone="x")], random_units(1))
    new = leaf("a", "new", year=2)
    vectors = random_units(1, seed=1)
    store.upsert([new], vectors)
    assert store.get(["a"]) == [new]
    assert store.size(leaves=True) == 1
    assert np.allclose(store.vectors(["a"]), vectors, atol=1e-6)


def test_vectors_come_in_the_order_asked_for(store: NodeStore) -> None:
    vectors = random_units(len(EVERY))
    store.upsert(EVERY, vectors)
    found = store.vectors(["summary", "leaf", "summary"])
    assert found.dtype == np.float32
    assert np.allclose(found, vectors[[1, 0, 1]], atol=1e-6)
    assert len(store.vectors([])) == 0


def test_vectors_of_a_node_that_is_not_there_are_a_key_error(store: NodeStore) -> None:
    with pytest.raises(KeyError):
        store.vectors(["nowhere"])


def test_deleted_nodes_are_gone_and_others_stay(store: NodeStore) -> None:
    store.upsert(EVERY, random_units(len(EVERY)))
    store.delete(["leaf", "summary", "nowhere"])
    store.delete([])
    assert store.get(["leaf", "summary"]) == []
    assert (store.size(leaves=True), store.size(leaves=False)) == (2, 1)
    assert "leaf" not in [key for key, _ in store.search(random_units(1)[0], 9, leaves=True)]


def test_sizes_count_leaves_and_summaries_apart(store: NodeStore) -> None:
    assert (store.size(leaves=True), store.size(leaves=False)) == (0, 0)
    store.upsert(EVERY, random_units(len(EVERY)))
    assert (store.size(leaves=True), store.size(leaves=False)) == (3, 2)


def exact(vectors: Vectors, question: Vectors, count: int) -> list[str]:
    return [f"n{row:03}" for row in np.argsort(-(vectors @ question), kind="stable")[:count]]


def test_search_finds_the_nearest_best_first_with_their_cosines(store: NodeStore) -> None:
    vectors = random_units(120)
    store.upsert([leaf(f"n{row:03}") for row in range(120)], vectors)
    question = random_units(1, seed=7)[0]
    found = store.search(question, 10, leaves=True)
    assert [key for key, _ in found] == exact(vectors, question, 10)
    cosines = [float(vectors[int(key[1:])] @ question) for key, _ in found]
    assert np.allclose([score for _, score in found], cosines, atol=1e-5)


def test_search_keeps_leaves_and_summaries_apart(store: NodeStore) -> None:
    leaves = [leaf(name) for name in "ab"]
    store.upsert([*leaves, parent("p", leaves)], random_units(3))
    assert {key for key, _ in store.search(random_units(1)[0], 9, leaves=True)} == {"a", "b"}
    assert {key for key, _ in store.search(random_units(1)[0], 9, leaves=False)} == {"p"}


def test_search_in_an_empty_store_finds_nothing(store: NodeStore) -> None:
    assert store.search(random_units(1)[0], 5, leaves=True) == []
    assert list(store.nodes()) == []


def test_equally_near_nodes_come_by_id(store: NodeStore) -> None:
    store.upsert([leaf(name) for name in "cab"], np.repeat(random_units(1), 3, axis=0))
    assert [key for key, _ in store.search(random_units(1)[0], 3, leaves=True)] == ["a", "b", "c"]


def test_more_nodes_than_a_page_come_back(store: NodeStore) -> None:
    many = [leaf(f"n{row:04}") for row in range(1203)]
    store.upsert(many, random_units(len(many), dimension=4))
    assert sorted(node.id for node in store.nodes()) == [node.id for node in many]
    store.delete([node.id for node in many[:1100]])
    assert store.size(leaves=True) == 103
