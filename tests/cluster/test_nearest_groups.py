from __future__ import annotations

import numpy as np
import pytest
from samples import planted, random_units

from ragtree.cluster import nearest_groups
from ragtree.cluster.integer_rows import integer_codes
from ragtree.cluster.nearest_groups import absorb_single, neighbourhoods, second_groups


@pytest.fixture
def small_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest_groups, "_ALL", 20)
    monkeypatch.setattr(nearest_groups, "_CELL", 8)
    monkeypatch.setattr(nearest_groups, "_NEAREST", 3)
    monkeypatch.setattr(nearest_groups, "_BLOCK", 4)


def test_few_groups_are_all_near() -> None:
    found = list(neighbourhoods(integer_codes(random_units(30))))
    assert [(cell.tolist(), near.tolist()) for cell, near in found] == [(list(range(30)), list(range(30)))]


@pytest.mark.usefixtures("small_cells")
def test_every_group_is_in_one_cell_and_first_among_its_candidates() -> None:
    found = list(neighbourhoods(integer_codes(random_units(100))))
    assert sorted(np.concatenate([cell for cell, _ in found]).tolist()) == list(range(100))
    for cell, near in found:
        assert near[: len(cell)].tolist() == cell.tolist()
        assert len(set(near.tolist())) == len(near) < 30


@pytest.mark.usefixtures("small_cells")
def test_what_lies_near_is_looked_at() -> None:
    """Eight bundles of centres: nearly all of each one's bundle is among the candidates."""
    for cell, near in neighbourhoods(integer_codes(planted(8, 10, spread=0.1))):
        for group in cell.tolist():
            assert len([other for other in near.tolist() if other // 10 == group // 10]) >= 9


def test_a_single_row_joins_the_nearest_group_with_room() -> None:
    vectors = np.array([[1, 0, 0], [1, 0.1, 0], [0, 1, 0], [0, 1, 0.1], [0.9, 0.4, 0]])
    groups = [np.array([0, 1]), np.array([2, 3]), np.array([4])]

    def absorbed(budget: int) -> list[list[int]]:
        return [group.tolist() for group in absorb_single(integer_codes(vectors), tokens, budget, groups)]

    tokens = np.array([10, 10, 10, 10, 10])
    assert absorbed(30) == [[0, 1, 4], [2, 3]]
    assert absorbed(29) == [[0, 1], [2, 3], [4]]
    tokens = np.array([10, 11, 10, 10, 10])
    assert absorbed(30) == [[0, 1], [2, 3, 4]]


@pytest.mark.usefixtures("small_cells")
def test_single_rows_find_each_other_where_all_near_groups_are_full() -> None:
    """Two bundles of full pairs, with one single row in each: neither has room beside it, but they fit together."""
    vectors = planted(2, 81, spread=0.05)
    groups = [np.array([start, start + 1]) for start in (*range(0, 80, 2), *range(81, 161, 2))]
    groups += [np.array([80]), np.array([161])]
    found = absorb_single(integer_codes(vectors), np.full(162, 10), 20, groups)
    assert [80, 161] in [group.tolist() for group in found]
    assert len(found) == len(groups) - 1


@pytest.mark.usefixtures("small_cells")
def test_single_rows_that_fit_nowhere_stay() -> None:
    groups = [np.array([row]) for row in range(100)]
    found = absorb_single(integer_codes(random_units(100)), np.full(100, 10), 19, groups)
    assert len(found) == 100


def test_no_row_is_lost_or_doubled_by_absorbing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest_groups, "_ALL", 20)
    groups = [np.array([row]) for row in range(300)]
    found = absorb_single(integer_codes(random_units(300)), np.full(300, 10), 30, groups)
    assert sorted(np.concatenate(found).tolist()) == list(range(300))
    assert sum(len(group) == 1 for group in found) < 6
    assert max(map(len, found)) <= 3


def test_second_groups_are_the_nearest_others_within_the_share() -> None:
    vectors = random_units(90, dimension=6)
    groups = [np.arange(start, start + 9) for start in range(0, 90, 9)]
    centres = np.stack([vectors[group].mean(axis=0) for group in groups])
    similarity = vectors @ (centres / np.linalg.norm(centres, axis=1, keepdims=True)).T
    own = similarity[np.arange(90), np.arange(90) // 9]
    similarity[np.arange(90), np.arange(90) // 9] = -np.inf
    wanted = [
        (row, int(similarity[row].argmax())) for row in range(90) if similarity[row].max() >= 0.8 * np.abs(own[row])
    ]
    rows, targets = second_groups(integer_codes(vectors), groups, 0.8)
    assert list(zip(rows.tolist(), targets.tolist(), strict=True)) == wanted
    assert 10 < len(wanted) < 90
