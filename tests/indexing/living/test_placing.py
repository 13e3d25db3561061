"""Where new chunks go."""

from __future__ import annotations

import numpy as np

from ragtree.cluster.kmeans import KMeans
from ragtree.embed.base import unit_rows
from ragtree.grow.living.placing import Placed, centres_of, cohesion, nearest_with_room, place
from ragtree.settings import TreeSettings
from ragtree.types import Vectors

HARD = KMeans(TreeSettings(second_parent=1.0, reduce="none"))
EAST, NORTH, UP = np.eye(3, dtype=np.float32)


def rows(*vectors: Vectors) -> Vectors:
    return unit_rows(np.stack(vectors).astype(np.float32))


def placed(vectors: Vectors, sizes: list[int], centres: Vectors, second: float = 1.0, tokens: int = 50) -> Placed:
    counts = np.full(len(vectors), tokens, dtype=np.int64)
    return place(vectors, counts, centres, np.array(sizes, dtype=np.int64), HARD, 400, second)


def test_a_chunk_joins_the_nearest_group() -> None:
    found = placed(rows(EAST + 0.2 * NORTH), [100, 100], rows(NORTH, EAST))
    assert found == Placed((), ((0, 1),))


def test_a_full_group_gives_way_to_one_that_is_nearly_as_near_and_has_room() -> None:
    vector = rows(EAST + 0.9 * NORTH)
    assert placed(vector, [390, 100], rows(EAST, NORTH), second=0.8).joined == ((0, 1),)
    assert placed(vector, [390, 100], rows(EAST, UP), second=0.8).joined == ((0, 0),)  # it will be split


def test_a_chunk_between_two_groups_has_two_parents_where_that_is_wanted() -> None:
    vector = rows(EAST + 0.95 * NORTH)
    assert placed(vector, [100, 100], rows(EAST, NORTH), second=0.9).joined == ((0, 0), (0, 1))
    assert placed(vector, [100, 100], rows(EAST, NORTH), second=1.0).joined == ((0, 0),)
    assert placed(vector, [100, 390], rows(EAST, NORTH), second=0.9).joined == ((0, 0),)


def test_chunks_that_are_nearer_to_each_other_than_to_any_group_make_their_own() -> None:
    near_up = rows(*(UP + 0.1 * EAST * at for at in range(5)))
    found = placed(near_up, [100, 100], rows(EAST, NORTH))
    assert [sorted(group) for group in found.own] == [[0, 1, 2, 3, 4]] and found.joined == ()
    assert placed(near_up[:2], [100, 100], rows(EAST, NORTH)).own == ()  # too little for a group


def test_what_joins_leaves_less_room_for_the_next() -> None:
    vectors = rows(EAST, EAST + 0.01 * NORTH, EAST + 0.02 * NORTH)
    joined = placed(vectors, [280, 0], rows(EAST, EAST + 0.3 * NORTH), second=0.8).joined
    by_row = {row: {group for other, group in joined if other == row} for row, _ in joined}
    assert by_row == {0: {0, 1}, 1: {0, 1}, 2: {1}}


def test_the_nearest_with_room() -> None:
    near = np.array([0.9, 0.5, 0.7], dtype=np.float32)
    sizes = np.array([380, 100, 100])
    assert nearest_with_room(near, 50, sizes, 400) == 2
    assert nearest_with_room(near, 500, sizes, 400) is None


def test_cohesion_takes_the_nearer_of_two_groups() -> None:
    vectors = rows(EAST, NORTH, EAST + NORTH)
    centres = centres_of(vectors, [[0], [1]])
    assert np.allclose(centres, vectors[:2])
    assert cohesion(vectors, [[0], [1], [2]]) == 1
    assert cohesion(vectors, [[0, 2], [1]]) < 1
    assert cohesion(vectors, [[0, 2], [1], [2]]) > cohesion(vectors, [[0, 2], [1]])
