"""What every clusterer promises, for vectors of any kind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import Answers, Read, planted, random_units

from ragtree.cluster.base import Clusterer, Counts, Indices
from ragtree.cluster.gmm import GaussianMixtures
from ragtree.cluster.goal import GoalGuided
from ragtree.cluster.kmeans import KMeans
from ragtree.cluster.sorting import Sorter
from ragtree.llm.scripted import ScriptedChat
from ragtree.settings import TreeSettings
from ragtree.types import Vectors

BUDGET = 200
GOAL = TreeSettings(cluster="llm", goal="by colour", goal_calls=3)
CLUSTERERS: dict[str, Clusterer] = {
    "kmeans": KMeans(TreeSettings()),
    "kmeans with many second parents": KMeans(TreeSettings(second_parent=0.1)),
    "gmm": GaussianMixtures(TreeSettings()),
    "llm": Read(GoalGuided(GOAL, Sorter("by colour", ScriptedChat(["red\nblue\ngreen"]), Answers()))),
    "gmm with soft membership": GaussianMixtures(TreeSettings(membership=0.01)),
}


@pytest.fixture(params=CLUSTERERS)
def clusterer(request: pytest.FixtureRequest) -> Clusterer:
    return CLUSTERERS[request.param]


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


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(level=levels())
def test_rows_are_covered_the_budget_is_held_and_the_level_shrinks(
    clusterer: Clusterer, level: tuple[Vectors, Counts]
) -> None:
    vectors, tokens = level
    groups = clusterer.cluster(vectors, tokens, BUDGET)
    assert set(np.concatenate(groups).tolist()) == set(range(len(vectors)))
    assert all(tokens[group].sum() <= BUDGET for group in groups)
    assert all(group.tolist() == sorted(set(group.tolist())) for group in groups)
    assert not any(a is not b and set(a.tolist()) <= set(b.tolist()) for a in groups for b in groups)
    assert len(groups) < max(2, len(vectors))
    assert as_lists(groups) == as_lists(clusterer.cluster(vectors, tokens, BUDGET))


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


def test_the_fingerprint_tells_the_settings(clusterer: Clusterer) -> None:
    assert len({each.fingerprint for each in CLUSTERERS.values()}) == len(CLUSTERERS)
    assert KMeans(TreeSettings(seed=1)).fingerprint != KMeans(TreeSettings(seed=2)).fingerprint
