"""Few, equal, empty and enormous chunks make a sound tree with every clusterer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from samples import built

from ragtree.cluster.base import Clusterer
from ragtree.cluster.gmm import GaussianMixtures
from ragtree.cluster.kmeans import KMeans
from ragtree.cluster.reduce import Kind, Reduction
from ragtree.settings import TreeSettings
from ragtree.types import Node
from ragtree.upkeep.verify import find_faults

BUDGET = 64
CLUSTERERS: dict[str, tuple[Callable[..., Clusterer], Kind]] = {
    f"{name} on {kind}": (made, kind)
    for name, made in (("kmeans", KMeans), ("gmm", GaussianMixtures))
    for kind in get_args(Kind)
}
WORDS = "whale bread clock storm ferry rope lamp tide crane ledger canary anchor".split()


@pytest.fixture(params=CLUSTERERS)
def clusterer(request: pytest.FixtureRequest) -> Clusterer:
    made, kind = CLUSTERERS[request.param]
    if kind == "umap":
        pytest.importorskip("umap")
    return made(reduction=Reduction(kind, 4))


def sound(path: Path, clusterer: Clusterer, paragraphs: list[str]) -> list[Node]:
    """The tree's nodes, of which nothing is wrong."""
    texts = {"a.md": "\n\n".join(paragraphs)}
    nodes, documents = built(path, texts, BUDGET, clusterer, TreeSettings(shape="clusters"))
    assert find_faults(nodes, documents, BUDGET) == []
    return nodes


@pytest.mark.parametrize("count", [0, 1, 2, 3, 11, 12, 13])
def test_few_chunks(tmp_path: Path, clusterer: Clusterer, count: int) -> None:
    paragraphs = [f"The {WORDS[row % 12]} of the harbour was number {row}." for row in range(count)]
    nodes = sound(tmp_path, clusterer, paragraphs)
    assert sum(node.level == 0 for node in nodes) == max(1, count) - (count == 0)


def test_chunks_that_are_all_the_same(tmp_path: Path, clusterer: Clusterer) -> None:
    sound(tmp_path, clusterer, ["The very same words."] * 40)


def test_chunks_of_which_all_but_one_say_nothing(tmp_path: Path, clusterer: Clusterer) -> None:
    sound(tmp_path, clusterer, [*["-"] * 20, "The canary is called Admiral.", *["-"] * 20])


def test_one_enormous_sentence(tmp_path: Path, clusterer: Clusterer) -> None:
    enormous = " ".join(WORDS * 40) + "."
    sound(tmp_path, clusterer, [enormous])
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
    sound(tmp_path / "before", clusterer, [enormous, "A short one.", "And one more."])
    sound(tmp_path / "after", clusterer, ["A short one.", "And one more.", *WORDS, enormous])


@pytest.mark.parametrize("name", ["kmeans on none", "gmm on pca"])
def test_ten_thousand_copies(tmp_path: Path, name: str) -> None:
    made, kind = CLUSTERERS[name]
    nodes = sound(tmp_path, made(reduction=Reduction(kind, 4)), ["Same."] * 10_000)
    sizes = np.bincount([node.level for node in nodes])
    assert sizes[0] == 10_000
    assert sizes[-1] == 1
