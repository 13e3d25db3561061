"""What every mode of retrieval promises, over every store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from samples import index_of, leaf, parent, planted, random_units

from ragtree.embed.base import unit_rows
from ragtree.llm.scripted import ScriptedChat
from ragtree.retrieve.base import Accept, Limit, Query, Retriever
from ragtree.retrieve.guided import Guide
from ragtree.retrieve.modes import ASKING_MODES, MODES, make_retriever
from ragtree.retrieve.where import make_filter
from ragtree.settings import RetrieveSettings
from ragtree.store.base import NodeStore
from ragtree.store.chroma import ChromaStore
from ragtree.store.memory_store import MemoryStore
from ragtree.types import Node, Vectors

GROUPS, SIZE = 4, 6
VECTORS = planted(GROUPS, SIZE, spread=0.1)
LEAVES = [
    leaf(f"leaf{row}", f"name{row}" + " word" * (row % 5), document=f"d{row % 3}.md", subject=row // SIZE)
    for row in range(GROUPS * SIZE)
]
ROWS = [np.arange(group * SIZE, (group + 1) * SIZE) for group in range(GROUPS)]
PARENTS = [parent(f"parent{number}", [LEAVES[row] for row in rows]) for number, rows in enumerate(ROWS)]
ROOT = parent("root", PARENTS)
TREE = [*LEAVES, *PARENTS, ROOT]
MEANS = np.stack([VECTORS[rows].mean(axis=0) for rows in [*ROWS, np.arange(len(VECTORS))]])
TREE_VECTORS: Vectors = np.concatenate([VECTORS, unit_rows(MEANS)])


@pytest.fixture(params=(*MODES, *ASKING_MODES))
def retriever(request: pytest.FixtureRequest) -> Retriever:
    return make_retriever(request.param, RetrieveSettings(), guide=Guide(ScriptedChat(["1, 2"])))


@pytest.fixture(params=["memory", "chroma"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[NodeStore]:
    opened: NodeStore = MemoryStore() if request.param == "memory" else ChromaStore(tmp_path / "chroma")
    yield opened
    opened.close()


@pytest.fixture
def store(empty: NodeStore) -> NodeStore:
    empty.upsert(TREE, TREE_VECTORS)
    return empty


def query(row: int = 0, accept: Accept = lambda node: True) -> Query:
    return Query(f"name{row} word", VECTORS[row], accept)


@pytest.mark.parametrize("limit", [Limit(hits=1), Limit(hits=4), Limit(tokens=7), Limit(hits=3, tokens=6), Limit()])
def test_hits_are_within_the_limit_and_best_first(retriever: Retriever, store: NodeStore, limit: Limit) -> None:
    hits = retriever.retrieve(query(), index_of(store, ["root"]), limit)
    assert hits
    assert limit.hits is None or len(hits) <= limit.hits
    assert limit.tokens is None or sum(hit.node.tokens for hit in hits) <= limit.tokens
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.node.id for hit in hits}) == len(hits)


@pytest.mark.parametrize("row", [0, 7, 23])
def test_a_leaf_is_found_by_its_own_vector_and_words(retriever: Retriever, store: NodeStore, row: int) -> None:
    (hit,) = retriever.retrieve(query(row), index_of(store, ["root"]), Limit(hits=1))
    assert hit.node == LEAVES[row]
    assert set(hit.ranks.values()) == {1}
    if not hit.ranks.keys() & {"words"}:
        assert hit.score == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("where", [{"source": "d1.md"}, {"level": 0}, {"subject": 0, "level": 0}, {"source": "d[01]*"}])
def test_nothing_is_found_that_the_filter_refuses(
    retriever: Retriever, store: NodeStore, where: dict[str, str | int]
) -> None:
    accept = make_filter(where, store.get)
    hits = retriever.retrieve(query(accept=accept), index_of(store, ["root"]), Limit(hits=50))
    assert hits
    assert all(accept(hit.node) for hit in hits)


def test_a_filter_that_nothing_passes_finds_nothing(retriever: Retriever, store: NodeStore) -> None:
    assert retriever.retrieve(query(accept=lambda node: False), index_of(store, ["root"]), Limit(hits=5)) == []


def test_a_budget_that_nothing_fits_finds_nothing(retriever: Retriever, store: NodeStore) -> None:
    assert retriever.retrieve(query(), index_of(store, ["root"]), Limit(tokens=0)) == []


def test_an_empty_store_has_no_hits(retriever: Retriever, empty: NodeStore) -> None:
    assert retriever.retrieve(query(), index_of(empty, []), Limit(hits=5)) == []


def test_a_tree_of_one_leaf_is_found(retriever: Retriever, empty: NodeStore) -> None:
    empty.upsert([LEAVES[0]], VECTORS[:1])
    hits = retriever.retrieve(query(), index_of(empty, ["leaf0"]), Limit(hits=5))
    assert [hit.node for hit in hits] == [LEAVES[0]]


@pytest.mark.parametrize("mode", ["leaves", "collapsed", "lexical", "hybrid"])
def test_of_many_equally_near_nodes_every_one_is_found_once(mode: str, empty: NodeStore) -> None:
    same: list[Node] = [leaf(f"n{row:03}", document=f"d{row % 7}.md") for row in range(300)]
    empty.upsert(same, np.repeat(random_units(1), 300, axis=0))
    wanted = [node.id for node in same if node.source == "d3.md"]
    asked = Query("words", random_units(1)[0], make_filter({"source": "d3.md"}, empty.get))
    hits = make_retriever(mode, RetrieveSettings()).retrieve(asked, index_of(empty, []), Limit(hits=300))
    assert sorted(hit.node.id for hit in hits) == wanted
    name = "words" if mode in ("lexical", "hybrid") else "leaves"
    assert sorted(hit.ranks[name] for hit in hits) == list(range(1, len(wanted) + 1))
