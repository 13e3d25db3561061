"""The groups of a level while it changes."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ragtree.embed.base import unit_rows
from ragtree.grow.living.groups import Below, Group, LevelGroups
from ragtree.settings import TreeSettings
from ragtree.types import Vectors

BUDGET = 256


class Nodes:
    """Nodes of 60 tokens by name: `e3` points east, `n1` north, `u2` up, each a little apart."""

    tokens: ClassVar = {f"{way}{number}": 60 for way in "enu" for number in range(10)}

    def vectors(self, ids: list[str]) -> Vectors:
        ways = dict(zip("enu", np.eye(3, 8), strict=True))
        shift = np.eye(8)[3:]
        found = [ways[key[0]] + 0.05 * shift[int(key[1:]) % 5] * (1 + int(key[1:]) // 5) for key in ids]
        return unit_rows(np.stack(found).astype(np.float32))


def level(*groups: Group) -> LevelGroups:
    nodes = Nodes()
    settings = TreeSettings(group_tokens=BUDGET, second_parent=1.0)
    return LevelGroups(groups, Below(nodes.tokens, lambda ids: nodes.vectors(list(ids))), settings)


def members(state: LevelGroups) -> list[list[str]]:
    return sorted(sorted(group.members) for group in state.groups)


def test_new_nodes_join_and_their_groups_are_changed() -> None:
    state = level(Group(["e0", "e1"], "east"), Group(["n0", "n1"], "north"))
    state.take_in(["n2"])
    assert members(state) == [["e0", "e1"], ["n0", "n1", "n2"]]
    assert [group.old for group in state.groups if group.changed] == ["north"]


def test_a_group_over_the_budget_is_split_and_the_larger_part_keeps_the_node() -> None:
    state = level(Group(["e0", "e1", "e2", "e3"], "east"), Group(["n0", "n1"], "north"))
    state.take_in(["e4", "e5"])
    state.fit()
    assert all(60 * len(group.members) <= BUDGET for group in state.groups)
    assert sorted(name for group in state.groups for name in group.members) == [
        "e0",
        "e1",
        "e2",
        "e3",
        "e4",
        "e5",
        "n0",
        "n1",
    ]
    assert [group.old for group in state.groups].count("east") == 1


def test_a_group_that_is_too_small_joins_its_neighbour_where_there_is_room() -> None:
    near = Group(["e0", "e1"], "east")
    state = level(near, Group(["n0", "n1"], "north"), Group(["e2"], "rest", touched=True, changed=True))
    state.fit()
    assert members(state) == [["e0", "e1", "e2"], ["n0", "n1"]]
    full = level(Group(["e0", "e1", "e3", "e4"], "east"), Group(["e2"], "rest", touched=True, changed=True))
    full.fit()
    assert members(full) == [["e0", "e1", "e3", "e4"], ["e2"]]


def test_names_alone_move_nothing() -> None:
    state = level(Group(["e0", "e1"], "east"), Group(["e2"], "rest", touched=True))
    state.fit()
    assert members(state) == [["e0", "e1"], ["e2"]]


def test_a_group_within_another_one_is_dropped() -> None:
    state = level(Group(["e0", "e1"], "one", touched=True, changed=True), Group(["e0", "e1", "e2"], "two"))
    state.fit()
    assert [group.old for group in state.groups] == ["two"]


def test_groups_that_have_drifted_are_made_afresh_and_keep_what_nodes_they_can() -> None:
    mixed = [Group(["e0", "n0", "u0"], "a"), Group(["e1", "n1", "u1"], "b"), Group(["e2", "n2", "u2"], "c")]
    state = level(*mixed)
    assert state.regroup(mixed, 0.03) == 0.0
    assert members(state) == [["e0", "e1", "e2"], ["n0", "n1", "n2"], ["u0", "u1", "u2"]]
    assert {group.old for group in state.groups} == {"a", "b", "c"}
    assert all(group.changed for group in state.groups)


def test_groups_that_are_as_good_as_fresh_ones_stay() -> None:
    good = [Group(["e0", "e1", "e2"], "a"), Group(["n0", "n1", "n2"], "b"), Group(["u0", "u1", "u2"], "c")]
    state = level(*good)
    assert state.regroup(good, 0.03) < 0.03
    assert state.groups == good and not any(group.touched for group in state.groups)


def test_drift_under_the_limit_is_told_and_left() -> None:
    mixed = [Group(["e0", "n0", "u0"], "a"), Group(["e1", "n1", "u1"], "b"), Group(["e2", "n2", "u2"], "c")]
    state = level(*mixed)
    assert state.regroup(mixed, 2.0) > 0.1
    assert state.groups == mixed
