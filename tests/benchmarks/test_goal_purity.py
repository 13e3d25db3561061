"""Groups by a goal beside groups by nearness: how pure they are, by labels that nobody was shown.

Purity is the share of chunks whose group is mostly of their kind. Abstracts of medicine and aeronautics, mixed, differ
in what they are about, and any clusterer tells them apart; the kinds of documents in examples/library speak of the same
things.
"""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from library import LIBRARY
from samples import Answers

from ragtree import Document, Node, RagTree, Settings
from ragtree.cluster.base import Level
from ragtree.cluster.goal import GoalGuided
from ragtree.cluster.kmeans import KMeans
from ragtree.cluster.model_grouping import ModelGrouping

DATA = Path(__file__).parents[2].parent / "shared" / "data"
BUDGET = 1000


def abstracts(name: str, count: int) -> list[Document]:
    rows = (DATA / name / "corpus.jsonl").read_text(encoding="utf-8").splitlines()[:count]
    return [Document(f"{name}/{number}", json.loads(row)["text"]) for number, row in enumerate(rows)]


def purity(groups, kinds) -> float:
    return sum(max(Counter(kinds[row] for row in group).values()) for group in groups) / sum(map(len, groups))


def measured(leaves: list[Node], vectors, embedder, goal: str, model, report) -> None:
    kinds = [leaf.document_id.split("/")[0] for leaf in leaves]
    tokens = np.array([leaf.tokens for leaf in leaves], dtype=np.int64)
    level = Level(0, [leaf.text for leaf in leaves], vectors, tokens, embedder.embed)
    report(f"## {goal}: {len(leaves)} chunks of {len(set(kinds))} kinds")
    groups = KMeans(second_parent=1).cluster(vectors, tokens, BUDGET)
    report(f"k-means: {len(groups)} groups, purity {purity(groups, kinds):.3f}")
    for calls in (0, 40):
        sorter = ModelGrouping(goal, model, Answers())
        clusterer = GoalGuided(goal, sorter, calls)
        groups = clusterer.cluster_level(level, BUDGET)
        names = clusterer.names(level)
        if len(names) < 2:
            report(f"goal, {sorter.asked} calls: the model named no groups; they are those of k-means")
            continue
        alone = purity([np.flatnonzero(clusterer.assign(level, names) == n) for n in range(len(names))], kinds)
        report(
            f"goal, {sorter.asked} calls: {len(groups)} groups, purity {purity(groups, kinds):.3f}; "
            f"{len(names)} names before the split, purity {alone:.3f}: {', '.join(names)}"
        )


@pytest.mark.parametrize("goal", ["by field: medicine or aeronautics", "by scientific field"])
def test_two_fields(goal, tmp_path, bundled_embedder, bundled_chat, report):
    if not (DATA / "cranfield").is_dir():
        pytest.skip(f"{DATA} is not there")
    with RagTree.open(tmp_path / "index", Settings(), embedder=bundled_embedder) as tree:
        tree.add([*abstracts("cranfield", 60), *abstracts("medline", 60)])
        leaves = tree.nodes(0)
    vectors = bundled_embedder.embed([leaf.text for leaf in leaves])
    measured(leaves, vectors, bundled_embedder, goal, bundled_chat, report)


def test_kinds_of_documents(tmp_path, bundled_embedder, bundled_chat, report):
    with RagTree.open(tmp_path / "index", Settings(), embedder=bundled_embedder) as tree:
        tree.sync(LIBRARY)
        leaves = tree.nodes(0)
    vectors = bundled_embedder.embed([leaf.text for leaf in leaves])
    goal = "by kind of document: accounts, contract, inquiry, letter, log book, manual, minutes of a meeting, newspaper"
    measured(leaves, vectors, bundled_embedder, goal, bundled_chat, report)
