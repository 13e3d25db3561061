"""Questions about the whole: how they are told, and what is chosen for them."""

from __future__ import annotations

import numpy as np
from samples import index_of, leaf, parent, random_units

from ragtree.retrieve.auto import Auto
from ragtree.retrieve.base import Index, Limit, Query
from ragtree.retrieve.broad import Broad
from ragtree.retrieve.fusion import Weights
from ragtree.retrieve.hybrid import Hybrid
from ragtree.store.memory_store import MemoryStore
from ragtree.types import Hit

WEIGHTS = Weights(0.4, 0.3)
NIL = random_units(1)[0]


def small_index(documents: str = "dddd") -> Index:
    """Three leaves that tell of rope, oil and bread, one that repeats, and a summary of the first two."""
    texts = ["rope oil", "rope rope rope", "oil bread tar", "bread stove cat tar"]
    leaves = [
        leaf(f"n{row}", text, document=name, start=100 * row)
        for row, (text, name) in enumerate(zip(texts, documents, strict=True))
    ]
    nodes = [*leaves, parent("s", leaves[:2], "rope oil bread stove")]
    store = MemoryStore()
    store.upsert(nodes, random_units(len(nodes)))
    return index_of(store, ["s"])


def chosen(limit: Limit, index: Index | None = None, query: Query | None = None) -> list[Hit]:
    return Broad(WEIGHTS).retrieve(query or Query("What happens?", NIL), index or small_index(), limit)


def test_what_is_chosen_covers_the_most_and_says_nothing_twice() -> None:
    hits = chosen(Limit())
    told: set[str] = set()
    for hit in hits:
        assert not set(hit.node.text.split()) <= told
        told |= set(hit.node.text.split())
    assert told == {"rope", "oil", "bread", "tar", "stove", "cat"}
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert hits[0].score == 1


def test_the_budget_and_the_number_hold() -> None:
    assert len(chosen(Limit(hits=1))) == 1
    first = chosen(Limit(hits=1))[0].node
    assert sum(hit.node.tokens for hit in chosen(Limit(tokens=first.tokens))) <= first.tokens
    assert chosen(Limit(tokens=0)) == []


def test_of_several_documents_the_ones_that_the_question_is_about_count() -> None:
    texts = [f"rope{row} oil{row} tar{row}" for row in range(8)]
    leaves = [leaf(f"n{row}", text, document="ab"[row % 2], start=100 * row) for row, text in enumerate(texts)]
    rows = random_units(8)
    rows[::2] = NIL
    store = MemoryStore()
    store.upsert(leaves, rows)
    found = chosen(Limit(hits=4), index_of(store, []), Query("rope", NIL))
    assert {hit.node.document_id for hit in found} == {"a"}


def test_a_filter_holds_for_leaves_and_summaries() -> None:
    query = Query("What happens?", NIL, accept=lambda node: node.id in ("n0", "n3"))
    assert {hit.node.id for hit in chosen(Limit(), query=query)} == {"n0", "n3"}
    nothing = Query("What happens?", NIL, accept=lambda node: False)
    assert chosen(Limit(), query=nothing) == []


def test_auto_takes_the_way_of_the_question() -> None:
    index = small_index()
    auto = Auto(Hybrid(WEIGHTS), Broad(WEIGHTS))
    broad, narrow = Query("What happens?", NIL, broad=True), Query("What happens?", NIL)
    assert auto.retrieve(broad, index, Limit()) == Broad(WEIGHTS).retrieve(broad, index, Limit())
    assert auto.retrieve(narrow, index, Limit()) == Hybrid(WEIGHTS).retrieve(narrow, index, Limit())
    assert np.isfinite([hit.score for hit in auto.retrieve(narrow, index, Limit())]).all()
