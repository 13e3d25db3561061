from __future__ import annotations

import numpy as np
from samples import planted, random_units

from ragtree.cluster.kmeans import KMeans


def alone(groups: list[np.ndarray]) -> list[list[int]]:
    return sorted(group.tolist() for group in groups)


def test_planted_clusters_are_recovered() -> None:
    groups = KMeans().cluster(planted(5, 8, spread=0.05), np.full(40, 10), 100)
    assert alone(groups) == [list(range(start, start + 8)) for start in range(0, 40, 8)]


def test_planted_clusters_are_recovered_when_rows_are_shuffled() -> None:
    order = np.random.default_rng(3).permutation(40)
    groups = KMeans().cluster(planted(5, 8, spread=0.05)[order], np.full(40, 10), 100)
    assert alone([order[group] // 8 for group in groups]) == [[number] * 8 for number in range(5)]


def test_a_row_between_two_groups_has_both_as_parents_and_others_have_one() -> None:
    vectors = planted(2, 4, spread=0.02)
    between = (vectors[0] + vectors[4]) / np.linalg.norm(vectors[0] + vectors[4])
    vectors = np.concatenate([vectors, between[None]]).astype(np.float32)
    groups = KMeans(second_parent=0.8).cluster(vectors, np.full(9, 10), 60)
    assert alone(groups) == [[0, 1, 2, 3, 8], [4, 5, 6, 7, 8]]


def test_a_second_parent_is_as_near_as_the_setting_says() -> None:
    vectors = random_units(60, dimension=6)
    own = {}
    for group in KMeans(second_parent=1).cluster(vectors, np.full(60, 10), 100):
        centre = vectors[group].mean(axis=0)
        own.update({row: vectors[row] @ centre / np.linalg.norm(centre) for row in group.tolist()})
    assert len(own) == 60
    seconds = 0
    groups = KMeans(second_parent=0.9).cluster(vectors, np.full(60, 10), 100)
    for row in range(60):
        parents = [group for group in groups if row in group]
        assert len(parents) in (1, 2)
        seconds += len(parents) == 2
    assert 0 < seconds < 60


def test_no_row_has_a_second_parent_when_the_setting_is_one() -> None:
    groups = KMeans(second_parent=1).cluster(random_units(80), np.full(80, 10), 100)
    assert sorted(np.concatenate(groups).tolist()) == list(range(80))


def test_groups_fill_a_good_part_of_their_budget() -> None:
    groups = KMeans().cluster(random_units(600), np.full(600, 10), 100)
    assert np.mean([len(group) * 10 for group in groups]) > 40
    assert min(map(len, groups)) > 1


def test_ten_thousand_rows_are_grouped_within_their_budget() -> None:
    tokens = np.random.default_rng(0).integers(20, 100, 10_000)
    groups = KMeans().cluster(random_units(10_000, dimension=32), tokens, 1000)
    assert max(int(tokens[group].sum()) for group in groups) <= 1000
    assert len(groups) < 2000
