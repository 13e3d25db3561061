"""Which theme a document joins (the nearest one), and which themes are too small to stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..embed.base import unit_rows
from ..store.tree_change import PlacedNode
from ..types import Vectors

_TOO_SMALL = 0.2
"""A theme that has changed and is below this share of the token budget passes its documents to near themes with
room."""
_LOOKED_AT = 8
"""The number of themes whose members a new document is compared with."""


@dataclass(slots=True, eq=False)
class ThemeDraft:
    """A theme while the collection tree is updated."""

    id: str
    members: list[str]
    before: PlacedNode | None = None
    """The theme as it is in the catalog."""
    changed: float = 1.0
    """Share of the text below it that this update added, removed or changed, 0 to 1."""


class ThemePlacement:
    """Places documents, or themes of the level below, in themes.

    `rows` returns the vectors of nodes, shape (n, dim), and `tokens` the sum of their tokens, both by node ids.
    `budget` is the most tokens of a theme's members together.
    """

    def __init__(
        self, rows: Callable[[Sequence[str]], Vectors], tokens: Callable[[Sequence[str]], int], budget: int
    ) -> None:
        self._rows = rows
        self._tokens = tokens
        self._budget = budget

    def place(self, items: Sequence[str], groups: Sequence[ThemeDraft]) -> None:
        """Add every item to its nearest theme, whatever the budget."""
        if not items:
            return
        near = self._rows(items) @ self._vectors(groups).T
        centres: dict[int, Vectors] = {}
        found = [self._nearest(key, row, groups, centres) for key, row in zip(items, near, strict=True)]
        for key, place in zip(items, found, strict=True):
            groups[place].members.append(key)

    def without_small(self, groups: list[ThemeDraft], old: Mapping[str, Sequence[str]]) -> list[ThemeDraft]:
        """The groups, without the small ones that have changed and whose members all fit into others. `old` are the
        earlier members of groups, by group id."""
        for group in sorted(groups, key=lambda group: self._tokens(group.members)):
            # `ancestors` has already taken removed documents out of its children; that it is stale shows it lost some.
            stale = group.before is not None and group.before.node.stale > 0
            is_small = self._tokens(group.members) < _TOO_SMALL * self._budget
            if not is_small or (not stale and group.members == old.get(group.id)):
                continue
            others = [one for one in groups if one is not group]
            joined = self._with_room(group.members, others)
            if joined is not None:
                for key, other in zip(group.members, joined, strict=True):
                    other.members.append(key)
                groups = others
        return groups

    def _with_room(self, items: Sequence[str], groups: Sequence[ThemeDraft]) -> list[ThemeDraft] | None:
        """For every item, the nearest group that has room for it; None if there is none for one of them."""
        room = np.array([self._budget - self._tokens(group.members) for group in groups])
        near = self._rows(items) @ self._vectors(groups).T if groups else np.zeros((len(items), 0))
        centres: dict[int, Vectors] = {}
        found: list[ThemeDraft] = []
        for key, row in zip(items, near, strict=True):
            tokens = self._tokens([key])
            if not (room >= tokens).any():
                return None
            place = self._nearest(key, np.where(room >= tokens, row, -np.inf), groups, centres)
            room[place] -= tokens
            found.append(groups[place])
        return found

    def _nearest(self, key: str, likeness: Vectors, groups: Sequence[ThemeDraft], centres: dict[int, Vectors]) -> int:
        """The index in `groups` of the theme whose members are nearest to the item on average. Only the themes with the
        nearest summaries are considered, so that the vectors of all documents need not be read.

        `likeness`, shape (len(groups),), is the item's cosine similarity to their summaries, -inf for those that it
        cannot join. `centres` caches what has been computed.
        """
        row = self._rows([key])[0]
        nearest = np.argsort(-likeness, kind="stable")[:_LOOKED_AT].tolist()
        places = [place for place in nearest if np.isfinite(likeness[place])]
        for place in places:
            if place not in centres:
                centres[place] = self._centre(groups[place])
        best: int = max(places, key=lambda place: float(centres[place] @ row))
        return best

    def _vectors(self, groups: Sequence[ThemeDraft]) -> Vectors:
        """The vectors of themes, shape (len(groups), dim): of their summaries; for a new theme, its members' mean."""
        return np.stack([self._centre(one) if one.before is None else self._rows([one.id])[0] for one in groups])

    def _centre(self, group: ThemeDraft) -> Vectors:
        """The mean of the vectors of a theme's members, scaled to length 1, shape (dim,)."""
        centre: Vectors = unit_rows(self._rows(group.members).mean(axis=0))[0]
        return centre
