"""The tree over the documents: themes, and the collection at the top.

It follows its documents. A new document joins the nearest theme, a theme over the token budget is split, and a small
theme is merged into others. A theme is summarized again if more than `tree.stale_share` of the text below it has
changed, or if it cited something that is gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ..cluster.base import Clusterer, Level, ReadingClusterer
from ..cluster.goal import GoalGuided
from ..ids import hash_id
from ..labels.labels import with_labels
from ..labels.naming import Naming
from ..settings import TreeSettings
from ..store.catalog import Catalog
from ..store.tree_change import PlacedNode, TreeChange
from ..types import Node, OnProgress, Vectors, no_progress
from .drafts import DraftVectors
from .summaries import Members, SummaryWriter, WrittenSummary
from .theme_placement import ThemeDraft, ThemePlacement

COLLECTION_ID = hash_id("collection")
_MOST_NEW = 0.5
"""If more than this share of the documents is new, the tree is rebuilt: it is better then, and costs little more."""


@dataclass(frozen=True, slots=True)
class _Item:
    """A document or a theme without its text."""

    tokens: int
    level: int
    key: bytes
    documents: frozenset[str]
    """The ids of the documents below a theme; for a document, its own id."""
    changed: float = 0.0
    """For a theme, the share of the text below it that this update has changed."""


@dataclass(slots=True)
class _State:
    """What an update knows, by node id."""

    items: dict[str, _Item] = field(default_factory=dict)
    nodes: dict[str, Node] = field(default_factory=dict)
    """Nodes that had to be read or were written."""
    rows: dict[str, Vectors] = field(default_factory=dict)
    new: dict[bytes, Vectors] = field(default_factory=dict)
    """Vectors that the catalog does not have yet, by key."""
    taken: set[str] = field(default_factory=set)
    """Ids that themes of this tree use."""


class CollectionBuilder:
    """Builds the collection tree, or brings it up to date."""

    def __init__(
        self,
        catalog: Catalog,
        settings: TreeSettings,
        clusterer: Clusterer | ReadingClusterer,
        writer: SummaryWriter,
        vectors: DraftVectors,
        naming: Naming | None,
    ) -> None:
        self._catalog = catalog
        self._settings = settings
        self._clusterer = clusterer
        self._writer = writer
        self._vectors = vectors
        self._naming = naming
        names = naming.fingerprint if naming is not None else "terms"
        limits = f"{settings.group_tokens}/{settings.stale_share}"
        self.fingerprint = f"documents/{clusterer.fingerprint}/{limits}/{writer.fingerprint}/{names}/1"

    def update(self, whole: bool, refresh: bool, progress: OnProgress = no_progress) -> TreeChange:
        """Return the change that brings the collection tree in line with the documents in the catalog.

        `whole` rebuilds the tree. `refresh` rewrites every summary below which anything has changed. Raises ModelError
        if a model fails; what was written before that is in the caches.
        """
        documents = self._catalog.entries(("document",))
        themes = self._catalog.placed_of([entry.id for entry in self._catalog.entries(("theme", "collection"))])
        if not documents:
            return TreeChange((), {one.node.id for one in themes})
        has_parent = {child for one in themes for child in one.node.children}
        unsorted = sum(entry.id not in has_parent for entry in documents)
        is_new = whole or unsorted > _MOST_NEW * len(documents) or isinstance(self._clusterer, ReadingClusterer)
        items = {
            entry.id: _Item(entry.tokens, entry.level, entry.key, frozenset([entry.document_id])) for entry in documents
        }
        before = {one.node.id: one for one in themes}
        state = _State(dict(items), {one.node.id: one.node for one in themes})
        state.items |= {one.node.id: _Item(one.node.tokens, one.node.level, one.key, frozenset()) for one in themes}
        groups = [] if is_new else [ThemeDraft(one.node.id, list(one.node.children), one) for one in themes]
        state.taken = {group.id for group in groups}
        open_before = open_questions(self._clusterer, self._naming)
        top = self._levels(list(items), groups, state, refresh, progress)
        if open_questions(self._clusterer, self._naming) > open_before:
            top[-1] = replace(top[-1], stale=1.0)
        nodes = [PlacedNode(node, 0, state.items[node.id].key) for node in top]
        different = [one for one in nodes if before.get(one.node.id) != one]
        return TreeChange(different, before.keys() - {node.id for node in top}, state.new)

    # --- level by level

    def _levels(
        self, items: list[str], themes: Sequence[ThemeDraft], state: _State, refresh: bool, progress: OnProgress
    ) -> list[Node]:
        """Return all nodes above the documents, level by level."""
        above: list[Node] = []
        collection = next((one for one in themes if one.id == COLLECTION_ID), None)
        depths = _depths([one for one in themes if one.id != COLLECTION_ID])
        budget = self._settings.group_tokens
        depth = 1
        while len(items) > 1 and _tokens(items, state) > budget:
            groups = self._regrouped(items, [one for one in themes if depths.get(one.id) == depth], state, depth)
            if len(groups) >= len(items):
                groups = self._clustered(items, state, depth)
            level = self._written(groups, state, refresh, progress)
            above += level
            items = [node.id for node in level]
            depth += 1
        root = collection or ThemeDraft(COLLECTION_ID, [])
        root.changed = _changed_share(root.members, items, state) if collection is not None else 1.0
        root.members = items
        return above + self._written([root], state, refresh, progress, label=False)

    def _regrouped(self, items: Sequence[str], groups: list[ThemeDraft], state: _State, depth: int) -> list[ThemeDraft]:
        """Return the groups over these items: the old groups with new items added, or new groups if none is left."""
        there = set(items)
        old = {group.id: list(group.members) for group in groups}
        for group in groups:
            group.members = [key for key in group.members if key in there]
        sorted_in = {key for group in groups for key in group.members}
        groups = [group for group in groups if group.members]
        if not groups:
            return self._clustered(items, state, depth)
        placing = ThemePlacement(
            lambda keys: self._rows(keys, state), lambda keys: _tokens(keys, state), self._settings.group_tokens
        )
        placing.place([key for key in items if key not in sorted_in], groups)
        groups = [part for group in groups for part in self._within_budget(group, state, depth)]
        # After splitting, and only if others have room: a theme that stays small is not touched again by later syncs.
        groups = placing.without_small(groups, old)
        for group in groups:
            if group.before is not None:
                group.changed = _changed_share(old[group.id], group.members, state)
        return groups

    def _within_budget(self, group: ThemeDraft, state: _State, depth: int) -> list[ThemeDraft]:
        """Return the group, split if it is over the budget. The largest part keeps the group's id."""
        if len(group.members) < 2 or _tokens(group.members, state) <= self._settings.group_tokens:
            return [group]
        parts = self._clustered(group.members, state, depth)
        parts.sort(key=lambda part: -_tokens(part.members, state))
        group.members = parts[0].members
        return [group, *parts[1:]]

    def _clustered(self, items: Sequence[str], state: _State, depth: int) -> list[ThemeDraft]:
        """Return new groups over some items. Every item is in one group."""
        rows = self._rows(items, state)
        tokens = np.array([max(1, state.items[key].tokens) for key in items], dtype=np.int64)
        budget = self._settings.group_tokens
        if isinstance(self._clusterer, ReadingClusterer):
            texts = [node.text for node in self._nodes(items, state)]
            found = self._clusterer.cluster_level(
                Level(depth - 1, texts, rows, tokens, self._vectors.embed_texts), budget
            )
        else:
            found = self._clusterer.cluster(rows, tokens, budget)
        seen: set[int] = set()
        groups = []
        for rows_of in sorted((np.sort(one) for one in found), key=lambda one: one.tolist()):
            own = [row for row in rows_of.tolist() if row not in seen]
            seen.update(own)
            if own:
                members = [items[row] for row in own]
                groups.append(ThemeDraft(self._new_id(members, state), members))
        return groups

    def _new_id(self, members: Sequence[str], state: _State) -> str:
        """Return an id for a new theme over these members. The first choice may be taken: by a theme that began with
        these members and has others now."""
        key, number = hash_id("theme", *sorted(members)), 0
        while key in state.taken:
            number += 1
            key = hash_id("theme", str(number), *sorted(members))
        state.taken.add(key)
        return key

    # --- nodes

    def _written(
        self, groups: Sequence[ThemeDraft], state: _State, refresh: bool, progress: OnProgress, label: bool = True
    ) -> list[Node]:
        """Return the nodes of these groups: with a new summary if they need one, otherwise only with new children."""
        nodes: dict[str, Node] = {}
        due: list[ThemeDraft] = []
        for group in groups:
            before = group.before.node if group.before is not None else None
            group.members.sort(key=lambda key: (min(state.items[key].documents), key))
            stale = 1.0 if before is None else round(min(1.0, before.stale + group.changed), 6)
            wanted = stale > self._settings.stale_share or stale >= 1 or (refresh and stale > 0)
            if before is None or wanted or (group.changed and self._cites_others(before, group.members, state)):
                due.append(group)
            else:
                level = 1 + max(state.items[key].level for key in group.members)
                nodes[group.id] = replace(before, children=tuple(group.members), stale=stale, level=level)
        members = [Members(self._nodes(group.members, state)) for group in due]
        summaries = self._writer.write(members, progress)
        fresh = [
            _theme(group, member.nodes, written) for group, member, written in zip(due, members, summaries, strict=True)
        ]
        if label and fresh:
            fresh = self._labelled(fresh, list(nodes.values()), state, progress)
        nodes |= {node.id: node for node in fresh}
        state.nodes |= nodes
        self._remember(groups, fresh, state)
        return [nodes[group.id] for group in groups]

    def _cites_others(self, theme: Node, members: Sequence[str], state: _State) -> bool:
        """True if the theme's summary cites a document that is no longer below the theme."""
        cited = self._catalog.entries_of(sorted({item.leaf for claim in theme.claims for item in claim.evidence}))
        below = frozenset[str]().union(*(state.items[key].documents for key in members))
        return not {entry.document_id for entry in cited.values()} <= below

    def _remember(self, groups: Sequence[ThemeDraft], fresh: Sequence[Node], state: _State) -> None:
        """Store what the next level needs to know about the nodes that were just written."""
        vectors = self._vectors.embed_nodes(fresh)
        keys = {node.id: self._vectors.key_of(node) for node in fresh}
        for node in fresh:
            state.new[keys[node.id]] = state.rows[node.id] = vectors[keys[node.id]]
        for group in groups:
            node = state.nodes[group.id]
            key = keys[group.id] if group.id in keys else state.items[group.id].key
            documents = frozenset[str]().union(*(state.items[member].documents for member in group.members))
            state.items[group.id] = _Item(node.tokens, node.level, key, documents, group.changed)

    def _labelled(
        self, fresh: Sequence[Node], beside: Sequence[Node], state: _State, progress: OnProgress
    ) -> list[Node]:
        """Label new themes by the terms that set their members apart from those of the other themes, or by a model."""
        members = self._nodes([key for node in (*fresh, *beside) for key in node.children], state)
        leaves = [Node(one.id, 0, f"{one.label}\n{one.text}", one.tokens) for one in members]
        groups = [replace(node, level=1) for node in (*fresh, *beside)]
        root = Node("", 2, "", 0, children=tuple(node.id for node in groups))
        named = {node.id: node.label for node in with_labels([*leaves, *groups, root])}
        found = [replace(node, label=named[node.id]) for node in fresh]
        if self._naming is None:
            return found
        unnamed = self._naming.unnamed
        found = self._naming.named(found, progress)
        return found if self._naming.unnamed == unnamed else [replace(node, stale=1.0) for node in found]

    def _nodes(self, items: Sequence[str], state: _State) -> list[Node]:
        """Return nodes with their texts."""
        missing = [key for key in items if key not in state.nodes]
        state.nodes |= {node.id: node for node in self._catalog.nodes_of(missing)}
        return [state.nodes[key] for key in items]

    def _rows(self, items: Sequence[str], state: _State) -> Vectors:
        """Return the vectors of nodes, shape (len(items), dim)."""
        missing = [key for key in items if key not in state.rows]
        known = self._catalog.get_vectors([state.items[key].key for key in missing])
        state.rows |= {key: known[state.items[key].key] for key in missing}
        return np.stack([state.rows[key] for key in items])


def open_questions(clusterer: Clusterer | ReadingClusterer, naming: Naming | None) -> int:
    """Return how many questions about groups and titles the model has left open. A stale node has them asked again."""
    unsorted = clusterer.unasked if isinstance(clusterer, GoalGuided) else 0
    return unsorted + (naming.unnamed if naming is not None else 0)


def _theme(group: ThemeDraft, members: Sequence[Node], written: WrittenSummary) -> Node:
    return Node(
        id=group.id,
        level=1 + max(node.level for node in members),
        text=written.text,
        tokens=written.tokens,
        children=tuple(node.id for node in members),
        claims=written.claims,
        kind="collection" if group.id == COLLECTION_ID else "theme",
        made=written.made,
        stale=1.0 if written.unfinished else 0.0,
    )


def _depths(themes: Sequence[ThemeDraft]) -> dict[str, int]:
    """Return the depth of each theme, by id: 1 for a theme over documents, 2 for one over such themes."""
    own = {one.id: one for one in themes}
    depths: dict[str, int] = {}

    def depth(key: str) -> int:
        if key not in depths:
            depths[key] = 1 + max((depth(child) for child in own[key].members if child in own), default=0)
        return depths[key]

    for key in own:
        depth(key)
    return depths


def _changed_share(before: Sequence[str], now: Sequence[str], state: _State) -> float:
    """Return the share of the text below a theme that this update added, removed or changed, 0 to 1."""
    old, new = set(before) & state.items.keys(), set(now)
    whole = max(1, _tokens(list(old | new), state))
    inside = sum(state.items[key].changed * state.items[key].tokens for key in old & new)
    return min(1.0, (_tokens(list(old ^ new), state) + inside) / whole)


def _tokens(items: Sequence[str], state: _State) -> int:
    return sum(state.items[key].tokens for key in items)
