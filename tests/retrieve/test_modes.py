from __future__ import annotations

import numpy as np
import pytest
from samples import index_of, leaf, parent

from ragtree.errors import QueryError
from ragtree.llm.scripted import ScriptedChat
from ragtree.retrieve.auto import Auto
from ragtree.retrieve.base import Limit, Query
from ragtree.retrieve.collapsed import Collapsed
from ragtree.retrieve.guided import Guide, Guided
from ragtree.retrieve.hybrid import Hybrid
from ragtree.retrieve.leaves import Leaves
from ragtree.retrieve.lexical import Lexical
from ragtree.retrieve.modes import ASKING_MODES, MODES, make_retriever
from ragtree.retrieve.traverse import Traverse
from ragtree.settings import RetrieveSettings
from ragtree.store.memory_store import MemoryStore
from ragtree.types import Hit

EAST, NORTH = np.eye(2, dtype=np.float32)


def towards(degrees: float) -> np.ndarray:
    angle = np.radians(degrees)
    return np.array([np.cos(angle), np.sin(angle)], dtype=np.float32)


@pytest.fixture
def store() -> MemoryStore:
    """Two groups of two; the leaf that lies nearest to 40 degrees is in the group whose summary lies further."""
    a, b, c, d = (leaf(name) for name in "abcd")
    p, q = parent("p", [a, b]), parent("q", [c, d])
    store = MemoryStore()
    nodes = [a, b, c, d, p, q, parent("r", [p, q])]
    store.upsert(nodes, np.stack([towards(x) for x in (0, 10, 42, 90, 20, 69, 45)]))
    return store


def ids(hits: list[Hit]) -> list[str]:
    return [hit.node.id for hit in hits]


def question(degrees: float) -> Query:
    return Query("?", towards(degrees), lambda node: True)


def test_every_mode_has_a_retriever_and_others_are_named() -> None:
    guide = Guide(ScriptedChat(["1"]))
    assert [type(make_retriever(mode, RetrieveSettings(), guide=guide)) for mode in (*MODES, *ASKING_MODES)] == [
        *(Auto, Hybrid, Leaves, Lexical, Collapsed, Traverse, Guided),
    ]
    with pytest.raises(QueryError, match=r"'best'.*auto, guided, hybrid, leaves, lexical, collapsed, traverse"):
        make_retriever("best", RetrieveSettings())


def test_leaves_finds_chunks_alone(store: MemoryStore) -> None:
    hits = Leaves().retrieve(question(40), index_of(store, ["r"]), Limit())
    assert ids(hits) == ["c", "b", "a", "d"]
    assert [hit.ranks for hit in hits] == [{"leaves": rank} for rank in (1, 2, 3, 4)]


def test_collapsed_mixes_the_levels_by_similarity(store: MemoryStore) -> None:
    hits = Collapsed().retrieve(question(40), index_of(store, ["r"]), Limit(hits=5))
    assert ids(hits) == ["c", "r", "p", "q", "b"]
    assert [hit.ranks for hit in hits] == [
        {"leaves": 1},
        {"summaries": 1},
        {"summaries": 2},
        {"summaries": 3},
        {"leaves": 2},
    ]


def test_traverse_sees_only_what_is_below_its_beam(store: MemoryStore) -> None:
    narrow = Traverse(1).retrieve(question(40), index_of(store, ["r"]), Limit())
    assert ids(narrow) == ["r", "p", "b"]
    assert [hit.ranks for hit in narrow] == [{"level 2": 1}, {"level 1": 1}, {"level 0": 1}]
    assert ids(Traverse(2).retrieve(question(40), index_of(store, ["r"]), Limit())) == ["c", "r", "p", "q", "b"]


def test_a_leaf_with_two_parents_is_found_once(store: MemoryStore) -> None:
    shared = store.get(["b", "c", "d"])
    store.upsert([parent("q", shared)], towards(70)[None])
    hits = Traverse(5).retrieve(question(10), index_of(store, ["r"]), Limit())
    assert sorted(ids(hits)) == ["a", "b", "c", "d", "p", "q", "r"]


def test_traverse_goes_on_through_summaries_that_the_filter_refuses(store: MemoryStore) -> None:
    asked = Query("?", towards(40), lambda node: node.id == "d")
    assert ids(Traverse(2).retrieve(asked, index_of(store, ["r"]), Limit())) == ["d"]
