from __future__ import annotations

import numpy as np
import pytest
from samples import planted, random_units

from ragtree.cluster import splitting
from ragtree.cluster.integer_rows import integer_codes
from ragtree.cluster.splitting import Rows, spherical_kmeans, split_to_budget


def level(vectors: np.ndarray, seed: int = 0) -> Rows:
    return Rows.of(integer_codes(vectors), seed)


def test_identical_rows_are_cut_in_their_order() -> None:
    same = level(np.repeat(random_units(1), 16, axis=0))
    groups = split_to_budget(same, np.full(16, 10), 40, np.arange(16))
    assert sorted(group.tolist() for group in groups) == [
        [start, start + 1, start + 2, start + 3] for start in range(0, 16, 4)
    ]


def test_every_row_bears_the_label_of_its_nearest_centre() -> None:
    vectors = planted(3, 10, spread=0.1)
    labels = spherical_kmeans(level(vectors, seed=1), np.arange(30), 3)
    centres = np.stack([vectors[labels == label].mean(axis=0) for label in range(3)])
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    assert np.array_equal(labels, np.argmax(vectors @ centres.T, axis=1))


def test_a_part_alone_is_labelled() -> None:
    vectors = planted(3, 10, spread=0.05)
    labels = spherical_kmeans(level(vectors), np.arange(10, 30), 2)
    assert len(labels) == 20
    assert len(set(labels[:10])) == len(set(labels[10:])) == 1
    assert labels[0] != labels[10]


def test_centres_of_a_large_part_are_learned_from_a_sample_and_every_row_is_labelled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(splitting, "_SAMPLE", 40)
    monkeypatch.setattr(splitting, "_BLOCK", 64)
    labels = spherical_kmeans(level(planted(4, 100, spread=0.03)), np.arange(400), 4)
    assert [len(set(labels[start : start + 100])) for start in range(0, 400, 100)] == [1] * 4
    assert len(set(labels)) == 4


def test_centres_are_rows_in_proportion_to_their_distance() -> None:
    """k-means++: with two rows of a thousand far away from the rest, one of them is nearly always a centre."""
    vectors = planted(1, 1000, spread=0.001)
    vectors[[7, 13]] = np.eye(16)[9]
    found = 0
    for seed in range(20):
        labels = spherical_kmeans(level(vectors, seed), np.arange(1000), 2)
        found += set(np.flatnonzero(labels == labels[7])) == {7, 13}
    assert found == 20


def test_another_seed_draws_other_centres() -> None:
    vectors = random_units(200)
    one, other = (split_to_budget(level(vectors, seed), np.full(200, 10), 100, np.arange(200)) for seed in (0, 1))
    assert {tuple(group) for group in one} != {tuple(group) for group in other}


def test_a_row_that_is_taken_out_leaves_most_groups_alone() -> None:
    """Without dice that belong to the rows hardly a group of 600 random rows stays."""
    vectors, tokens = random_units(600), np.full(600, 10)
    before = {tuple(group) for group in split_to_budget(level(vectors), tokens, 100, np.arange(600))}
    for gone in (0, 300, 599):
        kept = np.delete(np.arange(600), gone)
        after = [
            tuple(kept[group]) for group in split_to_budget(level(vectors[kept]), tokens[kept], 100, np.arange(599))
        ]
        assert np.mean([group in before for group in after]) > 0.7
