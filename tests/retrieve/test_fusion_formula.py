"""The score of a leaf, against the formula written out: z-scores of similarity and words, and those of neighbours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from samples import index_of, leaf, random_units

from ragtree.retrieve.base import Index, Query
from ragtree.retrieve.fusion import Weights, rank_leaves
from ragtree.store.base import DocumentFacts, NodeTable
from ragtree.store.memory_store import MemoryStore
from ragtree.types import Node

WORDS = "wharf canary lamp ferry toll rope stove ledger clerk tide harbour log sailing contract".split()
COUNT = 700
"""More than are looked at, so that some leaves are brought in by their neighbours alone."""


def made(seed: int) -> tuple[Index, list[Node], np.ndarray]:
    generator = np.random.default_rng(seed)
    texts = [" ".join(generator.choice(WORDS, 6)) for _ in range(COUNT)]
    leaves = [
        leaf(f"n{row:04}", text, document=f"d{row // 7:03}.md", start=(row % 7) * 100) for row, text in enumerate(texts)
    ]
    store = MemoryStore()
    vectors = random_units(COUNT, seed=seed)
    store.upsert(leaves, vectors)
    return index_of(store, []), leaves, vectors


def written_out(
    query: Query, index: Index, weights: Weights, look: int = 200, surrounded: int = 50
) -> dict[str, float]:
    look, surrounded = 200, 50
    dense = dict(index.nodes.search(query.vector, look, leaves=True))
    words = dict(index.words.search(query.text, look, leaves=True))
    unmatched = min(words.values()) if len(words) == look else 0.0
    found = sorted(dense.keys() | words.keys())
    cosine = {key: float(index.nodes.vectors([key])[0] @ query.vector) for key in found}
    match = {key: words.get(key, unmatched) for key in found}
    middle, spread = np.mean(list(cosine.values())), np.std(list(cosine.values()))
    usual, width = np.mean(list(match.values())), np.std(list(match.values())) or 1

    def own(key: str) -> float:
        near = cosine.get(key, float(index.nodes.vectors([key])[0] @ query.vector))
        return (near - middle) / spread + weights.words * (match.get(key, unmatched) - usual) / width

    scores = {key: own(key) for key in found}
    if weights.neighbours:
        for key in sorted(found, key=lambda key: -scores[key])[:surrounded]:
            for other in index.neighbours([key]).get(key, ()):
                scores.setdefault(other, own(other))
        lowest = min(scores.values())
        beside = {key: index.neighbours([key]).get(key) or (key,) for key in scores}
        own_scores = dict(scores)
        for key in scores:
            scores[key] += weights.neighbours * np.mean([own_scores.get(other, lowest) for other in beside[key]])
    scale = spread / (1 + weights.words + weights.neighbours)
    return {key: middle + scale * score for key, score in scores.items()}


@pytest.mark.parametrize("weights", [Weights(0.4, 0.3), Weights(0, 0), Weights(1.5, 0), Weights(0, 0.5)])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_scores_are_those_of_the_formula(weights: Weights, seed: int) -> None:
    index, _, vectors = made(seed)
    query = Query("wharf canary toll", vectors[seed * 100 + 3])
    wanted = written_out(query, index, weights)
    found = rank_leaves(query, index, 20, weights)
    assert dict(zip(found.ids, found.scores.tolist(), strict=True)) == pytest.approx(wanted, abs=1e-6)
    assert list(found.scores) == sorted(found.scores, reverse=True)


def test_a_table_of_the_tree_changes_no_score() -> None:
    index, leaves, vectors = made(5)
    documents = sorted({node.document_id for node in leaves})
    table = NodeTable(
        [node.id for node in leaves],
        np.zeros(COUNT, dtype=np.int64),
        np.array([documents.index(node.document_id) for node in leaves]),
        [DocumentFacts(key, key, {}) for key in documents],
        lambda: vectors,
        lambda: [],
    )
    query = Query("ledger tide", vectors[40])
    weights = Weights(0.4, 0.3)
    plain = rank_leaves(query, index, 20, weights)
    quick = rank_leaves(query, replace(index, neighbours=table.neighbours, table=table), 20, weights)
    assert quick.ids == plain.ids
    assert quick.scores == pytest.approx(plain.scores, abs=1e-6)
