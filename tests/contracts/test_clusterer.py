"""What every clusterer promises, for vectors of any kind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import Answers, Read, planted, random_units

from ragtree.cluster import splitting
from ragtree.cluster.base import Clusterer, Counts, Indices
from ragtree.cluster.gmm import GaussianMixtures
from ragtree.cluster.goal import GoalGuided
from ragtree.cluster.integer_rows import row_hashes
from ragtree.cluster.kmeans import KMeans
from ragtree.cluster.model_grouping import ModelGrouping
from ragtree.cluster.reduce import Reduction
from ragtree.llm.scripted import ScriptedChat
from ragtree.types import Vectors

BUDGET = 200
CLUSTERERS: dict[str, Callable[[], Clusterer]] = {
    "kmeans": KMeans,
    "kmeans with many second parents": lambda: KMeans(second_parent=0.1),
    "kmeans without second parents": lambda: KMeans(second_parent=1),
    "kmeans on pca": lambda: KMeans(reduction=Reduction("pca")),
    "kmeans on whiten": lambda: KMeans(reduction=Reduction("whiten")),
    "gmm": GaussianMixtures,
    "gmm with soft membership": lambda: GaussianMixtures(membership=0.01),
    "gmm on none": lambda: GaussianMixtures(reduction=Reduction("none")),
    "gmm on whiten": lambda: GaussianMixtures(reduction=Reduction("whiten")),
    "llm": lambda: Read(GoalGuided("by colour", ModelGrouping("by colour", ScriptedChat([NAMES]), Answers()), calls=3)),
}
NAMES = "red\nblue\ngreen"
UMAP: dict[str, Callable[[], Clusterer]] = {
    "kmeans on umap": lambda: KMeans(reduction=Reduction("umap", 4)),
    "gmm on umap": lambda: GaussianMixtures(reduction=Reduction("umap", 4)),
}


@pytest.fixture(params=[*CLUSTERERS, *UMAP])
def clusterer(request: pytest.FixtureRequest) -> Clusterer:
    if request.param in UMAP:
        pytest.importorskip("umap")
    return {**CLUSTERERS, **UMAP}[request.param]()


@st.composite
def levels(draw: st.DrawFn) -> tuple[Vectors, Counts]:
    """Vectors and token counts of which any two fit the budget."""
    count = draw(st.integers(1, 5) | st.integers(6, 45))
    seed = draw(st.integers(0, 99))
    kind = draw(st.sampled_from(["random", "identical", "clustered", "opposite"]))
    if kind == "random":
        vectors = random_units(count, seed=seed)
    elif kind == "identical":
        vectors = np.repeat(random_units(1, seed=seed), count, axis=0)
    elif kind == "clustered":
        vectors = planted(3, -(-count // 3), spread=0.05, seed=seed)[:count]
    else:
        vectors = random_units(1, seed=seed) * np.where(np.arange(count) % 2, -1, 1)[:, None].astype(np.float32)
    tokens = draw(st.lists(st.integers(1, BUDGET // 2), min_size=count, max_size=count))
    return vectors, np.array(tokens, dtype=np.int64)


def as_lists(groups: list[Indices]) -> list[list[int]]:
    return [group.tolist() for group in groups]


def check(clusterer: Clusterer, vectors: Vectors, tokens: Counts) -> list[Indices]:
    """The groups, once all has been found true that the protocol's docstring says of them."""
    groups = clusterer.cluster(vectors, tokens, BUDGET)
    assert sorted({row for group in groups for row in group.tolist()}) == list(range(len(vectors)))
    assert all(tokens[group].sum() <= BUDGET or len(group) == 1 for group in groups)
    assert all(group.tolist() == sorted(set(group.tolist())) and group.dtype == np.intp for group in groups)
    holders: dict[int, list[int]] = {}
    for number, group in enumerate(groups):
        for row in group.tolist():
            holders.setdefault(row, []).append(number)
    rows = [set(group.tolist()) for group in groups]
    assert not any(rows[a] <= rows[b] for a, group in enumerate(groups) for b in holders[int(group[0])] if a != b)
    if len(vectors) > 1 and np.sort(tokens)[-2:].sum() <= BUDGET:
        assert len(groups) < len(vectors)
    return groups


@pytest.mark.parametrize("name", CLUSTERERS)
@settings(max_examples=25, deadline=None)
@given(level=levels())
def test_rows_are_covered_the_budget_is_held_and_the_level_shrinks(name: str, level: tuple[Vectors, Counts]) -> None:
    clusterer = CLUSTERERS[name]()
    assert as_lists(check(clusterer, *level)) == as_lists(clusterer.cluster(*level, BUDGET))


@pytest.mark.parametrize("name", UMAP)
@settings(max_examples=6, deadline=None)
@given(level=levels())
def test_the_same_is_true_on_umap(name: str, level: tuple[Vectors, Counts]) -> None:
    pytest.importorskip("umap")
    clusterer = UMAP[name]()
    assert as_lists(check(clusterer, *level)) == as_lists(clusterer.cluster(*level, BUDGET))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 9, 10, 11, 12, 13])
def test_few_rows_are_grouped(clusterer: Clusterer, count: int) -> None:
    """As many as there are dimensions of the paper's reduction, and a few more or less: where its code crashed."""
    check(clusterer, random_units(count), np.full(count, 10))
    check(clusterer, random_units(count), np.full(count, 60))


def test_rows_that_are_all_but_one_the_same_or_empty_are_grouped(clusterer: Clusterer) -> None:
    same = np.repeat(random_units(1), 50, axis=0)
    check(clusterer, same, np.full(50, 10))
    for others in (same, np.zeros_like(same)):
        vectors = others.copy()
        vectors[7] = random_units(1, seed=5)
        check(clusterer, vectors, np.full(50, 10))
    check(clusterer, np.zeros_like(same), np.full(50, 10))


def test_ten_thousand_copies_are_grouped(clusterer: Clusterer) -> None:
    groups = check(clusterer, np.repeat(random_units(1), 10_000, axis=0), np.full(10_000, 10))
    assert len(groups) < 2000


def test_rows_of_one_dimension_are_grouped(clusterer: Clusterer) -> None:
    check(clusterer, np.where(np.arange(40) % 3, 1, -1)[:, None].astype(np.float32), np.full(40, 10))


def test_everything_that_fits_one_group_can_be_one_root(clusterer: Clusterer) -> None:
    for count in (1, 2, 3):
        groups = clusterer.cluster(random_units(count), np.full(count, 10), BUDGET)
        assert as_lists(groups) == [list(range(count))]


def test_a_row_over_the_budget_is_a_group_on_its_own(clusterer: Clusterer) -> None:
    tokens = np.array([20, 20, BUDGET + 1, 20, 20, 20])
    groups = as_lists(clusterer.cluster(planted(2, 3, spread=0.01), tokens, BUDGET))
    assert [group for group in groups if 2 in group] == [[2]]


def test_no_rows_have_no_groups(clusterer: Clusterer) -> None:
    assert clusterer.cluster(np.zeros((0, 16), dtype=np.float32), np.zeros(0, dtype=np.int64), BUDGET) == []


def test_the_fingerprint_tells_the_settings() -> None:
    assert len({made().fingerprint for made in CLUSTERERS.values()}) == len(CLUSTERERS)
    assert KMeans().fingerprint != KMeans(seed=1).fingerprint


GROUPS_OF = """
import hashlib, sys
import numpy as np
from ragtree.cluster.gmm import GaussianMixtures
from ragtree.cluster.kmeans import KMeans
from ragtree.cluster.reduce import Reduction
generator = np.random.default_rng(0)
rows = np.repeat(generator.standard_normal((60, 384)), 50, axis=0) + generator.standard_normal((3000, 384))
rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
for made, reduce in ((KMeans, "none"), (KMeans, "pca"), (GaussianMixtures, "pca")):
    groups = made(reduction=Reduction(reduce)).cluster(rows, np.full(len(rows), 10), 200)
    print(hashlib.sha256(repr([group.tolist() for group in groups]).encode()).hexdigest())
"""


def test_the_groups_are_the_same_on_any_number_of_threads() -> None:
    found = set()
    for variables in ({"OPENBLAS_NUM_THREADS": "1"}, {"OPENBLAS_NUM_THREADS": "2"}):
        done = subprocess.run(
            [sys.executable, "-c", GROUPS_OF],
            env={**os.environ, "OMP_NUM_THREADS": variables["OPENBLAS_NUM_THREADS"], **variables},
            check=True,
            capture_output=True,
            text=True,
        )
        found.add(done.stdout)
    assert len(found) == 1
    assert found.pop().count("\n") == 3


def test_products_in_any_order_make_the_same_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows whose numbers stand in another order have sums in another order: float32 alone would flip a nearest."""
    vectors = random_units(1500, 96)
    order = np.random.default_rng(1).permutation(96)
    monkeypatch.setattr(splitting, "row_hashes", lambda codes, seed: row_hashes(np.sort(codes, axis=1), seed))
    tokens = np.full(1500, 10)
    assert as_lists(KMeans().cluster(vectors, tokens, 100)) == as_lists(
        KMeans().cluster(vectors[:, order], tokens, 100)
    )
