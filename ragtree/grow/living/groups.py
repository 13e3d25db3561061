"""The groups of one level while it is changed: who left, who came, what is too full and what too empty."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ...cluster.base import Clusterer
from ...cluster.kmeans import KMeans
from ...settings import TreeSettings
from ...types import Vectors
from .placing import centres_of, cohesion, nearest_with_room, place

_TOO_SMALL = 0.2
"""Share of the token budget under which a group that lost members joins a near one."""

_OF_A_GROUP_MORE = 2.0
"""More groups are nearer to their centres whatever they are: a further one takes this many times what its first member
gains, which is all that lacked to 1. With it, families of newly built trees gain .00 on average, and .02 at most."""


@dataclass(slots=True, eq=False)
class Group:
    """Nodes that have one summary, or will have."""

    members: list[str]
    old: str | None = None
    """The node that summarizes it as it was; None where it is a new group."""
    touched: bool = False
    """True where the node is not to stay as it is."""
    changed: bool = False
    """True where its members, or what they say, are not what the node was made of, but for their names: only then is
    it looked at whether they still belong together."""


@dataclass(frozen=True, slots=True)
class Below:
    """The nodes of the level that is grouped."""

    tokens: Mapping[str, int]
    """Of every node, by id."""
    vectors: Callable[[Sequence[str]], Vectors]
    """Vectors of nodes, shape (n, dim)."""


class LevelGroups:
    """All groups over one level."""

    def __init__(self, groups: Iterable[Group], below: Below, settings: TreeSettings) -> None:
        self.groups = list(groups)
        self._below = below
        self._budget = settings.group_tokens
        self._second_parent = settings.second_parent
        plain = settings.model_copy(update={"reduce": "none", "cluster": "kmeans"})
        self._fresh: Clusterer = KMeans(plain)
        self._hard: Clusterer = KMeans(plain.model_copy(update={"second_parent": 1.0}))

    def take_in(self, new: Sequence[str]) -> None:
        """Nodes without a group get one, or two."""
        if not new:
            return
        placed = place(
            self._below.vectors(new),
            self._tokens(new),
            self._centres(),
            np.array([self._size(group) for group in self.groups], dtype=np.int64),
            self._hard,
            self._budget,
            self._second_parent,
        )
        before = list(self.groups)
        for row, number in placed.joined:
            before[number].members.append(new[row])
            before[number].touched = before[number].changed = True
        self.groups += [Group([new[row] for row in rows], touched=True, changed=True) for rows in placed.own]

    def fit(self) -> None:
        """Groups over the budget are split; what has become too small joins a near group that has room."""
        for group in [group for group in self.groups if group.changed]:
            if len(group.members) > 1 and self._size(group) > self._budget:
                first, *others = self._split(group.members)
                group.members = first
                self.groups += [Group(other, touched=True, changed=True) for other in others]
        self._merge_small()
        self._drop_swallowed()

    def regroup(self, family: Sequence[Group], limit: float) -> float:
        """Group the members of all of `family` afresh where that makes them more than `limit` nearer to their centres.

        Returns how much nearer it would make those that stay as they are: their drift.
        """
        members = list(dict.fromkeys(member for group in family for member in group.members))
        if len(family) < 2 or len(members) < 3:
            return 0.0
        row_of = {member: row for row, member in enumerate(members)}
        vectors = self._below.vectors(members)
        now = cohesion(vectors, [[row_of[member] for member in group.members] for group in family])
        fresh = self._fresh.cluster(vectors, self._tokens(members), self._budget)
        gain = cohesion(vectors, fresh) - now
        gain -= _OF_A_GROUP_MORE * (len(fresh) - len(family)) * (1 - now) / len(members)
        if gain <= limit:
            return max(0.0, gain)
        self._replace(family, [[members[row] for row in rows] for rows in fresh])
        return 0.0

    def _replace(self, family: Sequence[Group], fresh: Sequence[Sequence[str]]) -> None:
        """Fresh groups in the place of old ones; each takes over the node of the one that it shares most with."""
        left = list(family)
        self.groups = [group for group in self.groups if group not in left]
        for members in sorted(fresh, key=len, reverse=True):
            wanted = set(members)
            heir = max(left, key=lambda group: len(wanted.intersection(group.members)), default=None)
            if heir is None or wanted.isdisjoint(heir.members):
                self.groups.append(Group(list(members), touched=True, changed=True))
                continue
            left.remove(heir)
            if wanted != set(heir.members):
                heir.members, heir.touched, heir.changed = list(members), True, True
            self.groups.append(heir)

    def _merge_small(self) -> None:
        small = [
            group
            for group in self.groups
            if group.changed and (len(group.members) == 1 or self._size(group) < _TOO_SMALL * self._budget)
        ]
        if not small or len(self.groups) < 2:
            return
        centres = self._centres()
        number_of = {id(group): number for number, group in enumerate(self.groups)}
        sizes = np.array([self._size(group) for group in self.groups], dtype=np.int64)
        gone: set[int] = set()
        for group in small:
            own = number_of[id(group)]
            near = centres @ centres[own]
            near[[own, *gone]] = -np.inf
            sizes[[own, *gone]] = 2 * self._budget
            home = nearest_with_room(near, self._size(group), sizes, self._budget)
            if home is None:
                sizes[own] = self._size(group)
                continue
            host = self.groups[home]
            host.members += [member for member in group.members if member not in host.members]
            host.touched = host.changed = True
            sizes[home] = self._size(host)
            gone.add(own)
        self.groups = [group for number, group in enumerate(self.groups) if number not in gone]

    def _drop_swallowed(self) -> None:
        """A group whose members all are in another one adds nothing."""
        holders: dict[str, list[Group]] = {}
        for group in self.groups:
            for member in group.members:
                holders.setdefault(member, []).append(group)
        dropped: set[int] = set()
        for group in sorted((group for group in self.groups if group.changed), key=lambda group: len(group.members)):
            others = [other for other in holders[group.members[0]] if other is not group and id(other) not in dropped]
            if any(set(group.members) <= set(other.members) for other in others):
                dropped.add(id(group))
        # A group as it was that another one has grown around goes, too.
        for group in [group for group in self.groups if group.changed and id(group) not in dropped]:
            mine = set(group.members)
            for other in {id(one): one for member in group.members for one in holders[member]}.values():
                if not other.changed and id(other) not in dropped and set(other.members) <= mine:
                    dropped.add(id(other))
        self.groups = [group for group in self.groups if id(group) not in dropped]

    def _split(self, members: Sequence[str]) -> list[list[str]]:
        parts = self._hard.cluster(self._below.vectors(members), self._tokens(members), self._budget)
        found = [[members[row] for row in part] for part in parts]
        return sorted(found, key=lambda part: -sum(self._below.tokens[member] for member in part))

    def _centres(self) -> Vectors:
        members = list(dict.fromkeys(member for group in self.groups for member in group.members))
        row_of = {member: row for row, member in enumerate(members)}
        rows = [[row_of[member] for member in group.members] for group in self.groups]
        return centres_of(self._below.vectors(members), rows)

    def _tokens(self, members: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        return np.array([self._below.tokens[member] for member in members], dtype=np.int64)

    def _size(self, group: Group) -> int:
        return sum(self._below.tokens[member] for member in group.members)
