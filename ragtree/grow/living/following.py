"""A tree follows a change of its leaves, level by level, and leaves alone what the change does not reach."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ...settings import TreeSettings
from ...store.outline import Outline
from ...types import Node
from .groups import Below, Group, LevelGroups
from .leaf_change import LeafChange
from .parents import carried, rests_on
from .shares import leaves_below, stale_share
from .writer import Writer


@dataclass(slots=True)
class Followed:
    """The tree after the change, as far as it is another one."""

    nodes: dict[str, Node] = field(default_factory=dict)
    """New nodes and those that are other than they were, by id."""
    levels: list[list[str]] = field(default_factory=list)
    """Ids of all nodes, level by level, each in its order."""
    drifts: dict[str, float] = field(default_factory=dict)
    """Of groups of groups that were looked at, how far theirs are from fresh ones."""
    written: set[str] = field(default_factory=set)
    """Nodes whose summary is new."""


@dataclass(slots=True)
class _Moves:
    """What happened to the nodes of one level."""

    replaced: dict[str, str] = field(default_factory=dict)
    """By the id that they had, nodes that have another one."""
    gone: set[str] = field(default_factory=set)
    altered: set[str] = field(default_factory=set)
    """Nodes with the id that they had, below which something has changed."""
    new: list[str] = field(default_factory=list)
    """Nodes that have no parent yet."""


class Following:
    """One change of a tree. `refresh` has every stale summary written anew."""

    def __init__(self, outline: Outline, writer: Writer, settings: TreeSettings, refresh: bool = False) -> None:
        self._outline = outline
        self._writer = writer
        self._settings = settings
        self._least_stale = 0.0 if refresh else settings.stale
        self._refresh = refresh
        self._found = Followed()
        self._tokens = {key: entry.tokens for key, entry in outline.entries.items()}
        self._children: dict[str, Sequence[str]] = {}
        self._moved: dict[str, str] = {}
        self._ranks: dict[str, int] = {}
        """Where the first leaf of every node of the level in hand stands in reading order."""

    def follow(self, change: LeafChange) -> Followed:
        """The tree over the leaves as they are after the change. Raises ModelError where a model fails."""
        moves = self._leaves(change)
        level = 0
        while self._settings.cluster != "none" and len(self._found.levels[level]) > 1:
            groups = self._groups_over(level, moves)
            if not groups:
                self._grow_above(level)
                break
            moves = self._regroup(level, groups, moves)
            level += 1
        return self._found

    # --- leaves

    def _leaves(self, change: LeafChange) -> _Moves:
        self._moved = {old: leaf.id for old, leaf in change.same.items() if leaf.id != old}
        for leaf in (*change.same.values(), *change.new):
            self._add(leaf)
        self._found.levels.append(self._leaf_order(change))
        self._ranks = {key: rank for rank, key in enumerate(self._found.levels[0])}
        return _Moves(dict(self._moved), set(change.gone), set(), [leaf.id for leaf in change.new])

    def _leaf_order(self, change: LeafChange) -> list[str]:
        """All leaves in reading order."""
        lost = change.gone | change.same.keys()
        by_document: dict[str, list[str]] = {key: list(ids) for key, ids in change.documents.items()}
        for key in self._outline.levels[0] if self._outline.levels else []:
            if key not in lost:
                by_document.setdefault(self._outline.entries[key].document_id, []).append(key)
        return [key for document in sorted(by_document) for key in by_document[document]]

    def _add(self, node: Node) -> None:
        self._found.nodes[node.id] = node
        self._tokens[node.id] = node.tokens
        if node.level:
            self._children[node.id] = node.children

    # --- a level

    def _groups_over(self, level: int, moves: _Moves) -> list[Group]:
        """The groups of the old tree over nodes of this level, without those that are gone."""
        groups = []
        for parent in self._outline.levels[level + 1] if level + 1 < len(self._outline.levels) else []:
            children = self._outline.children[parent]
            members = [moves.replaced.get(child, child) for child in children if child not in moves.gone]
            if members:
                stale = self._outline.entries[parent].stale
                due = stale >= 1 or (self._refresh and stale > 0)
                # Leaves that are replaced have another name, and nodes above them another text.
                changed = any(child in moves.gone or (level and child in moves.replaced) for child in children)
                touched = due or any(child in moves.replaced or child in moves.altered for child in children)
                groups.append(Group(members, parent, touched or changed, changed))
        return groups

    def _regroup(self, level: int, groups: Sequence[Group], moves: _Moves) -> _Moves:
        below = Below(self._tokens, self._writer.vectors)
        state = LevelGroups(groups, below, self._settings)
        state.take_in(moves.new)
        state.fit()
        self._look_for_drift(level, state)
        after = _Moves()
        self._found.levels.append(self._nodes_of(state.groups, after))
        kept = {group.old for group in state.groups}
        after.gone = {parent for parent in self._outline.levels[level + 1] if parent not in kept}
        return after

    def _look_for_drift(self, level: int, state: LevelGroups) -> None:
        """Families of groups that were touched are grouped afresh where that makes them clearly tighter."""
        if level + 2 >= len(self._outline.levels):
            return
        families: dict[str, list[Group]] = {}
        for group in state.groups:
            if group.old is not None:
                families.setdefault(self._outline.parents[group.old][0], []).append(group)
        for parent, family in families.items():
            if any(group.changed for group in family):
                self._found.drifts[parent] = state.regroup(family, self._settings.drift)

    def _nodes_of(self, groups: Sequence[Group], after: _Moves) -> list[str]:
        """Every group's node: the one that it has, the same with other children, or a new one."""
        for group in groups:
            if group.touched:
                group.members = self._in_order(group)
        due = [group for group in groups if group.touched and not self._carry(group, after)]
        due.sort(key=lambda group: self._ranks[group.members[0]])
        ids = {id(group): group.old for group in groups}
        for group, node in zip(due, self._writer.write([group.members for group in due], self._known), strict=True):
            self._add(node)
            self._found.written.add(node.id)
            ids[id(group)] = node.id
            if group.old is None:
                after.new.append(node.id)
            else:
                after.replaced[group.old] = node.id
                self._rename_drift(group.old, node.id)
        ranks = {key: self._ranks[group.members[0]] for group in groups if (key := ids[id(group)]) is not None}
        ordered = sorted(ranks, key=lambda key: (ranks[key], key))
        self._ranks = ranks
        return ordered

    def _in_order(self, group: Group) -> list[str]:
        """Members in reading order; where only their names have changed they stay as they were summarized."""
        if group.old is not None and len(group.members) == len(self._outline.children[group.old]):
            moved = [self._moved.get(child, child) for child in self._outline.children[group.old]]
            if moved == group.members:
                return group.members
        return sorted(group.members, key=self._ranks.__getitem__)

    def _carry(self, group: Group, after: _Moves) -> bool:
        """Whether the group keeps the summary that it has; if so, its node is carried on."""
        if group.old is None:
            return False
        entry = self._outline.entries[group.old]
        if entry.stale >= 1:
            return False
        node = self._writer.node(group.old)
        before = {self._moved.get(leaf, leaf) for leaf in leaves_below(group.old, self._old_children)}
        now = set().union(*(leaves_below(member, self._children_of) for member in group.members))
        if not {self._moved.get(leaf, leaf) for leaf in rests_on(node)} <= now:
            return False  # it says something that stands elsewhere now, or nowhere
        share = stale_share(entry.stale, before, now, self._tokens)
        if share > self._least_stale:
            return False
        node = carried(node, group.members, share, self._moved)
        self._writer.carry(node)
        self._add(node)
        after.altered.add(group.old)
        return True

    def _grow_above(self, level: int) -> None:
        """What has no tree above it any more, or none yet, gets one."""
        nodes = self._writer.grown_above(self._found.levels[level])
        for node in nodes:
            self._add(node)
            self._found.written.add(node.id)
        levels: dict[int, list[str]] = {}
        for node in nodes:
            levels.setdefault(node.level, []).append(node.id)
        self._found.levels += [levels[number] for number in sorted(levels)]

    # --- what is known

    def _known(self, key: str) -> bool:
        return key in self._outline.entries or key in self._found.nodes

    def _old_children(self, key: str) -> Sequence[str]:
        return self._outline.children.get(key, ())

    def _children_of(self, key: str) -> Sequence[str]:
        return self._children.get(key) or self._outline.children.get(key, ())

    def _rename_drift(self, old: str, new: str) -> None:
        if old in self._found.drifts:
            self._found.drifts[new] = self._found.drifts.pop(old)
        elif self._outline.entries[old].drift:
            self._found.drifts[new] = self._outline.entries[old].drift


def gone_of(outline: Outline, levels: Iterable[Iterable[str]]) -> set[str]:
    """Ids of the outline that stand on none of these levels."""
    return outline.entries.keys() - {key for level in levels for key in level}


def renumbered(outline: Outline, levels: Sequence[Sequence[str]], document_of: Mapping[str, str]) -> dict[str, int]:
    """Places of nodes that stand at another one than in the outline, or are new: in their document, on their level."""
    places: dict[str, int] = {}
    for level in levels:
        seen: dict[str, int] = {}
        for key in level:
            entry = outline.entries.get(key)
            document = document_of.get(key, entry.document_id if entry else "")
            place = seen.get(document, 0)
            seen[document] = place + 1
            if entry is None or entry.position != place:
                places[key] = place
    return places
