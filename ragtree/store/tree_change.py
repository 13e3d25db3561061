"""A change of the tree in the catalog: what is new, what is gone, and where everything stands."""

from __future__ import annotations

import secrets
import sqlite3
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ..types import Node
from .base import node_to_json

STATE = "state"
"""A fact about the index: another one whenever the tree has changed."""
AHEAD = "CREATE TABLE IF NOT EXISTS ahead (id TEXT PRIMARY KEY) WITHOUT ROWID"
"""Nodes of a change that is about to be made: the lexical index has them already as they will be."""


def another_state() -> dict[str, str]:
    """The fact that the tree, or the words of it that readers hold, are others now."""
    return {STATE: secrets.token_hex(8)}


@dataclass(frozen=True, slots=True)
class TreeChange:
    """The difference between the tree in the catalog and another one."""

    nodes: Sequence[Node]
    """Nodes that are new, or other than they were."""
    keys: Sequence[bytes]
    """Their rows in the cache of vectors."""
    gone: Collection[str]
    """Ids of nodes that are no more."""
    positions: Mapping[str, int]
    """Where nodes stand whose place is another one, or new: a leaf in its document, a summary on its level."""
    drifts: Mapping[str, float] = field(default_factory=dict)
    """Of groups of groups, by id, how far theirs have drifted from a fresh build."""


def places_of(nodes: Sequence[Node]) -> list[int]:
    """For nodes in order (leaves in reading order, then level by level) where each stands in its document or level."""
    seen: Counter[tuple[int, str]] = Counter()
    places = []
    for node in nodes:
        places.append(seen[node.level, node.document_id])
        seen[node.level, node.document_id] += 1
    return places


def difference(db: sqlite3.Connection, nodes: Sequence[Node], keys: Sequence[bytes]) -> TreeChange:
    """How a whole tree differs from the one in the catalog. Nothing has drifted in it."""
    old = {key: tuple(rest) for key, *rest in db.execute("SELECT id, vector, node, position, drift FROM nodes")}
    new: list[Node] = []
    new_keys: list[bytes] = []
    positions: dict[str, int] = {}
    for node, key, place in zip(nodes, keys, places_of(nodes), strict=True):
        before = old.get(node.id)
        if before is None or before[:2] != (key, node_to_json(node)):
            new.append(node)
            new_keys.append(key)
        if before is None or before[2] != place:
            positions[node.id] = place
    drifts = {node.id: 0.0 for node in nodes if node.id in old and old[node.id][3]}
    return TreeChange(new, new_keys, old.keys() - {node.id for node in nodes}, positions, drifts)


def write_change(db: sqlite3.Connection, change: TreeChange) -> None:
    """Within a transaction: make the tree the new one, and note what Chroma has to learn."""
    gone = [(key,) for key in change.gone]
    db.executemany("DELETE FROM nodes WHERE id = ?", gone)
    db.executemany("DELETE FROM edges WHERE parent = ?", gone)
    db.executemany("INSERT OR IGNORE INTO gone VALUES (?)", gone)
    db.executemany("DELETE FROM gone WHERE id = ?", [(node.id,) for node in change.nodes])
    db.executemany(
        "INSERT INTO nodes (id, level, document_id, position, tokens, vector, node, stored, stale) "
        "VALUES (?,?,?,0,?,?,?,0,?) ON CONFLICT (id) DO UPDATE SET level = excluded.level, "
        "document_id = excluded.document_id, tokens = excluded.tokens, vector = excluded.vector, "
        "node = excluded.node, stored = 0, stale = excluded.stale",
        [
            (node.id, node.level, node.document_id, node.tokens, key, node_to_json(node), node.stale)
            for node, key in zip(change.nodes, change.keys, strict=True)
        ],
    )
    write_edges(db, [node for node in change.nodes if node.level])
    db.executemany("UPDATE nodes SET position = ? WHERE id = ?", [(at, key) for key, at in change.positions.items()])
    db.executemany("UPDATE nodes SET drift = ? WHERE id = ?", [(far, key) for key, far in change.drifts.items()])
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (STATE, secrets.token_hex(8)))
    db.execute(AHEAD)
    db.execute("DELETE FROM ahead")  # the words of this change are in the lexical index; see ahead.py


def write_edges(db: sqlite3.Connection, parents: Sequence[Node]) -> None:
    """The children of these nodes, in their order, in the place of those that they had."""
    db.executemany("DELETE FROM edges WHERE parent = ?", [(node.id,) for node in parents])
    rows = [(node.id, place, child) for node in parents for place, child in enumerate(node.children)]
    db.executemany("INSERT INTO edges VALUES (?, ?, ?)", rows)
