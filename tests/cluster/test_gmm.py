from __future__ import annotations

import numpy as np
import pytest
from samples import planted, random_units

from ragtree.cluster import gmm
from ragtree.cluster.gmm import GaussianMixtures
from ragtree.cluster.reduce import NO_REDUCTION


def test_planted_clusters_are_recovered() -> None:
    groups = GaussianMixtures().cluster(planted(4, 20, spread=0.03), np.full(80, 10), 200)
    assert [set((group // 20).tolist()) for group in groups] == [{0}, {1}, {2}, {3}]
    assert [len(group) for group in groups] == [20] * 4


def test_a_row_between_two_clusters_is_in_both() -> None:
    generator = np.random.default_rng(1)
    near, far = planted(2, 30, spread=0.12, dimension=4)[[0, 30]]
    sides = np.concatenate(
        [near + 0.25 * generator.standard_normal((40, 4)), far + 0.25 * generator.standard_normal((40, 4))]
    )
    between = np.repeat((near + far)[None] / 2, 3, axis=0)
    vectors = np.concatenate([sides, between])
    vectors = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    tokens = np.full(len(vectors), 10)
    soft = GaussianMixtures(membership=0.02).cluster(vectors, tokens, 800)
    hard = GaussianMixtures(membership=1).cluster(vectors, tokens, 800)
    assert sum(map(len, soft)) > len(vectors)
    assert sum(map(len, hard)) == len(vectors)


def test_a_group_over_the_budget_is_clustered_again() -> None:
    vectors = planted(2, 40, spread=0.02)
    groups = GaussianMixtures().cluster(vectors, np.full(80, 10), 150)
    assert max(len(group) for group in groups) <= 15
    assert all(len(set((group // 40).tolist())) == 1 for group in groups)


def test_clustering_that_gets_nowhere_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = 0

    def one_group(self: GaussianMixtures, vectors: object, rows: np.ndarray, neighbours: object) -> list[np.ndarray]:
        nonlocal calls
        calls += 1
        return [rows]

    monkeypatch.setattr(GaussianMixtures, "_soft", one_group)
    groups = GaussianMixtures().cluster(random_units(100), np.full(100, 10), 100)
    assert calls == 4  # global, local, and both once more for the group that is over its budget
    assert max(map(len, groups)) <= 10


def test_soft_membership_in_everything_still_makes_a_smaller_level(monkeypatch: pytest.MonkeyPatch) -> None:
    def every_pair(self: GaussianMixtures, vectors: object, rows: np.ndarray, neighbours: object) -> list[np.ndarray]:
        return [rows[[a, b]] for a in range(len(rows)) for b in range(a)] if len(rows) > 2 else [rows]

    monkeypatch.setattr(GaussianMixtures, "_soft", every_pair)
    groups = GaussianMixtures().cluster(random_units(12), np.full(12, 10), 40)
    assert len(groups) < 12
    assert set(np.concatenate(groups).tolist()) == set(range(12))


def test_a_mixture_is_fitted_on_a_sample_and_covers_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gmm, "_SAMPLE", 50)
    groups = GaussianMixtures().cluster(planted(4, 50, spread=0.03), np.full(200, 10), 500)
    assert [set((group // 50).tolist()) for group in groups] == [{0}, {1}, {2}, {3}]
    assert sum(map(len, groups)) == 200


def test_rows_far_from_zero_that_hardly_differ_have_no_ill_defined_covariance() -> None:
    vectors = np.ones((600, 8), dtype=np.float32) + 1e-6 * np.random.default_rng(0).standard_normal((600, 8))
    for rows in (vectors.astype(np.float32), np.repeat(random_units(1), 600, axis=0)):
        groups = GaussianMixtures(reduction=NO_REDUCTION).cluster(rows, np.full(600, 10), 200)
        assert set(np.concatenate(groups).tolist()) == set(range(600))
        assert max(map(len, groups)) <= 20


def test_copies_in_many_groups_are_not_doubled_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each try puts every row into three of four groups: sizes shrink, but there are ever more rows in all."""
    calls = 0

    def three_of_four(
        self: GaussianMixtures, vectors: object, rows: np.ndarray, neighbours: object
    ) -> list[np.ndarray]:
        nonlocal calls
        calls += 1
        return [np.delete(rows, np.s_[part::4]) for part in range(4)] if len(rows) > 8 else [rows]

    monkeypatch.setattr(GaussianMixtures, "_soft", three_of_four)
    groups = GaussianMixtures().cluster(random_units(60), np.full(60, 10), 50)
    assert calls < 100
    assert set(np.concatenate(groups).tolist()) == set(range(60))
