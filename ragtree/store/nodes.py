"""The tables of nodes and edges: the tree itself, and what Chroma does not have of it yet."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..metadata import half_pair
from ..types import Node
from . import copies
from .base import node_from_json, node_to_json
from .tree_change import PlacedNode, TreeChange

SCHEMA = """
CREATE TABLE IF NOT EXISTS nodes (
    id TEXT PRIMARY KEY, level INTEGER NOT NULL, document_id TEXT NOT NULL, position INTEGER NOT NULL,
    tokens INTEGER NOT NULL, vector BLOB NOT NULL, node TEXT NOT NULL, stored INTEGER NOT NULL,
    stale REAL NOT NULL DEFAULT 0, kind TEXT NOT NULL DEFAULT 'chunk'
);
CREATE INDEX IF NOT EXISTS nodes_by_place ON nodes (level, document_id, position);
CREATE INDEX IF NOT EXISTS nodes_by_document ON nodes (document_id, level, position);
CREATE INDEX IF NOT EXISTS nodes_by_kind ON nodes (kind) WHERE kind != 'chunk';
CREATE INDEX IF NOT EXISTS nodes_to_store ON nodes (stored) WHERE stored = 0;
CREATE TABLE IF NOT EXISTS edges (
    parent TEXT NOT NULL, position INTEGER NOT NULL, child TEXT NOT NULL, PRIMARY KEY (parent, position)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS edges_by_child ON edges (child);
CREATE TABLE IF NOT EXISTS gone (id TEXT PRIMARY KEY);
"""

_AT_ONCE = 500
"""Most values in one query: SQLite limits the number of placeholders."""


@dataclass(frozen=True, slots=True)
class NodeEntry:
    """A node without its text."""

    id: str
    level: int
    document_id: str
    position: int
    tokens: int
    key: bytes
    """The key of its vector in the cache."""
    stale: float
    kind: str


_ENTRY = "id, level, document_id, position, tokens, vector, stale, kind"


@dataclass(frozen=True, slots=True)
class SummaryState:
    """How up to date the summaries of a tree are."""

    stale: int
    """Summaries below which something has changed since they were written."""
    stale_share: float
    """The mean share of changed text below a summary, over all summaries, 0 to 1."""
    group_tokens: int
    """The mean, over nodes with children, of the tokens of the children together."""


# --- reading


def _parts(values: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    for start in range(0, len(values), _AT_ONCE):
        part = values[start : start + _AT_ONCE]
        yield ",".join("?" * len(part)), part


def nodes(db: sqlite3.Connection, level: int | None = None) -> list[Node]:
    """All nodes, or those of a level: chunks first and in reading order."""
    where, values = ("", ()) if level is None else ("WHERE level = ?", (level,))
    rows = db.execute(f"SELECT node FROM nodes {where} ORDER BY level, document_id, position, id", values)
    return [node_from_json(row[0]) for row in rows]


def nodes_of(db: sqlite3.Connection, ids: Sequence[str]) -> list[Node]:
    """The nodes with these ids, in this order; ids that do not exist are skipped."""
    return [placed.node for placed in placed_of(db, ids)]


def placed_of(db: sqlite3.Connection, ids: Sequence[str]) -> list[PlacedNode]:
    """The same, with their places and the keys of their vectors."""
    found: dict[str, PlacedNode] = {}
    for marks, part in _parts([key for key in ids if half_pair(key) is None]):
        rows = db.execute(f"SELECT id, node, position, vector FROM nodes WHERE id IN ({marks})", part)
        found.update((key, PlacedNode(node_from_json(node), place, vector)) for key, node, place, vector in rows)
    return [found[key] for key in ids if key in found]


def of_document(db: sqlite3.Connection, document_id: str, chunks_only: bool = False) -> list[PlacedNode]:
    """The nodes of a document: chunks in reading order, then level by level."""
    only = "AND level = 0" if chunks_only else ""
    rows = db.execute(
        f"SELECT node, position, vector FROM nodes WHERE document_id = ? {only} ORDER BY level, position",
        (document_id,),
    )
    return [PlacedNode(node_from_json(node), place, vector) for node, place, vector in rows]


def entries(db: sqlite3.Connection, kinds: Sequence[str]) -> list[NodeEntry]:
    """Nodes of some kinds without their texts, lowest level first, in order."""
    marks = ",".join("?" * len(kinds))
    rows = db.execute(
        f"SELECT {_ENTRY} FROM nodes WHERE kind IN ({marks}) ORDER BY level, document_id, position, id", tuple(kinds)
    )
    return [NodeEntry(*row) for row in rows]


def entries_of(db: sqlite3.Connection, ids: Sequence[str]) -> dict[str, NodeEntry]:
    """Nodes by id, without their texts."""
    found = {}
    for marks, part in _parts(ids):
        for row in db.execute(f"SELECT {_ENTRY} FROM nodes WHERE id IN ({marks})", part):
            found[row[0]] = NodeEntry(*row)
    return found


def children(db: sqlite3.Connection, parents: Sequence[str]) -> dict[str, list[str]]:
    """The ids of the children of some nodes, in order."""
    found: dict[str, list[str]] = {}
    for marks, part in _parts(parents):
        for parent, child in db.execute(
            f"SELECT parent, child FROM edges WHERE parent IN ({marks}) ORDER BY parent, position", part
        ):
            found.setdefault(parent, []).append(child)
    return found


def parents(db: sqlite3.Connection, ids: Sequence[str]) -> dict[str, list[str]]:
    """The ids of the parents of some nodes."""
    found: dict[str, list[str]] = {}
    for marks, part in _parts(ids):
        for child, parent in db.execute(
            f"SELECT child, parent FROM edges WHERE child IN ({marks}) ORDER BY child, parent", part
        ):
            found.setdefault(child, []).append(parent)
    return found


def above(db: sqlite3.Connection, ids: Sequence[str]) -> list[str]:
    """The ids of all nodes above some nodes, without these, lowest level first."""
    found: set[str] = set()
    below = list(ids)
    while below:
        below = list({parent for those in parents(db, below).values() for parent in those} - found)
        found.update(below)
    return sorted(
        found - set(ids), key={key: one.level for key, one in entries_of(db, list(found)).items()}.__getitem__
    )


def documents_below(db: sqlite3.Connection, node_id: str) -> list[str]:
    """The ids of the document nodes below a theme, or below the collection, by document."""
    rows = db.execute(
        "WITH RECURSIVE below (id) AS (VALUES (?) UNION SELECT nodes.id FROM below JOIN edges ON parent = below.id "
        "JOIN nodes ON nodes.id = child WHERE kind IN ('theme', 'document')) "
        "SELECT id FROM below JOIN nodes USING (id) WHERE kind = 'document' ORDER BY document_id",
        (node_id,),
    )
    return [row[0] for row in rows]


def roots(db: sqlite3.Connection) -> list[str]:
    """The ids of nodes without a parent, highest first: where a walk down the tree begins."""
    rows = db.execute(
        "SELECT id FROM nodes WHERE NOT EXISTS (SELECT 1 FROM edges WHERE child = nodes.id) "
        "ORDER BY level DESC, document_id, position, id"
    )
    return [row[0] for row in rows]


def neighbours(db: sqlite3.Connection, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """For chunks, by id, the chunks before and after them in their document."""
    found: dict[str, tuple[str, ...]] = {}
    for marks, part in _parts(ids):
        rows = db.execute(
            "SELECT chunk.id, beside.id FROM nodes AS chunk JOIN nodes AS beside ON beside.level = 0 "
            "AND beside.position IN (chunk.position - 1, chunk.position + 1) "
            "AND beside.document_id = chunk.document_id "
            f"WHERE chunk.level = 0 AND chunk.id IN ({marks}) ORDER BY chunk.id, beside.position",
            part,
        )
        for key, other in rows:
            found[key] = (*found.get(key, ()), other)
    return found


def level_sizes(db: sqlite3.Connection) -> tuple[int, ...]:
    """The number of nodes at each level, chunks first."""
    sizes = dict(db.execute("SELECT level, count(*) FROM nodes GROUP BY level"))
    return tuple(sizes.get(level, 0) for level in range(max(sizes, default=-1) + 1))


def kind_sizes(db: sqlite3.Connection) -> dict[str, int]:
    """The number of nodes of each kind."""
    return dict(db.execute("SELECT kind, count(*) FROM nodes GROUP BY kind ORDER BY kind"))


def chunk_tokens(db: sqlite3.Connection) -> int:
    """The tokens of all chunks."""
    return int(db.execute("SELECT coalesce(sum(tokens), 0) FROM nodes WHERE level = 0").fetchone()[0])


def condition(db: sqlite3.Connection) -> SummaryState:
    """How up to date the summaries are."""
    summaries, stale, share = db.execute(
        "SELECT count(*), coalesce(sum(stale > 0), 0), coalesce(sum(stale), 0.0) FROM nodes WHERE level > 0"
    ).fetchone()
    (size,) = db.execute(
        "SELECT coalesce(avg(size), 0) FROM (SELECT sum(nodes.tokens) AS size FROM edges "
        "JOIN nodes ON nodes.id = edges.child GROUP BY edges.parent)"
    ).fetchone()
    return SummaryState(int(stale), share / max(1, summaries), round(size))


def unfinished_documents(db: sqlite3.Connection) -> set[str]:
    """Documents with a summary that the language model has yet to write."""
    rows = db.execute("SELECT DISTINCT document_id FROM nodes WHERE stale >= 1 AND document_id != ''")
    return {row[0] for row in rows}


def unfinished_themes(db: sqlite3.Connection) -> bool:
    """True if a theme, or the collection, has a summary that has yet to be written."""
    return db.execute("SELECT 1 FROM nodes WHERE stale >= 1 AND document_id = '' LIMIT 1").fetchone() is not None


def without_vectors(db: sqlite3.Connection) -> list[str]:
    """The ids of nodes whose vector is lost, lowest level first."""
    rows = db.execute(
        "SELECT id FROM nodes WHERE vector NOT IN (SELECT key FROM vectors) ORDER BY level, document_id, position"
    )
    return [row[0] for row in rows]


# --- writing


def write(db: sqlite3.Connection, change: TreeChange) -> None:
    """Within a transaction: change the tree, and mark what Chroma does not have yet."""
    gone = [(key,) for key in change.gone]
    db.executemany("DELETE FROM nodes WHERE id = ?", gone)
    db.executemany("DELETE FROM edges WHERE parent = ?", gone)
    db.executemany("INSERT OR IGNORE INTO gone VALUES (?)", gone)
    db.executemany("DELETE FROM gone WHERE id = ?", [(one.node.id,) for one in change.nodes])
    db.executemany(
        "INSERT INTO nodes (id, level, document_id, position, tokens, vector, node, stored, stale, kind) "
        "VALUES (?,?,?,?,?,?,?,0,?,?) ON CONFLICT (id) DO UPDATE SET level = excluded.level, "
        "document_id = excluded.document_id, position = excluded.position, tokens = excluded.tokens, "
        "vector = excluded.vector, node = excluded.node, stored = 0, stale = excluded.stale, kind = excluded.kind",
        [_row(one) for one in change.nodes],
    )
    write_edges(db, [one.node for one in change.nodes if one.node.level])
    copies.remove(db, change.gone)
    copies.write(db, [(one.node.id, one.node.text) for one in change.nodes])


def _row(one: PlacedNode) -> tuple[object, ...]:
    node = one.node
    return (
        node.id, node.level, node.document_id, one.position, node.tokens, one.key, node_to_json(node), node.stale,
        node.kind,
    )  # fmt: skip


def write_edges(db: sqlite3.Connection, above: Sequence[Node]) -> None:
    """Replace the edges from these nodes to their children."""
    db.executemany("DELETE FROM edges WHERE parent = ?", [(node.id,) for node in above])
    rows = [(node.id, place, child) for node in above for place, child in enumerate(node.children)]
    db.executemany("INSERT INTO edges VALUES (?, ?, ?)", rows)


def changed(db: sqlite3.Connection, new: Sequence[PlacedNode], old: Sequence[str]) -> TreeChange:
    """How `new` nodes differ from the catalog's. Nodes with `old` ids that are not among them are gone."""
    known: dict[str, tuple[object, ...]] = {}
    for marks, part in _parts([one.node.id for one in new]):
        rows = db.execute(f"SELECT id, node, position, vector FROM nodes WHERE id IN ({marks})", part)
        known.update((key, tuple(rest)) for key, *rest in rows)
    different = [one for one in new if known.get(one.node.id) != (node_to_json(one.node), one.position, one.key)]
    return TreeChange(different, set(old) - {one.node.id for one in new})


# --- what Chroma does not have yet


def to_store(db: sqlite3.Connection, count: int) -> list[PlacedNode]:
    """Up to `count` nodes whose current version Chroma does not have, lowest level first."""
    rows = db.execute(
        "SELECT node, position, vector FROM nodes WHERE stored = 0 ORDER BY level, document_id, position, id LIMIT ?",
        (count,),
    )
    return [PlacedNode(node_from_json(node), place, key) for node, place, key in rows]


def to_forget(db: sqlite3.Connection) -> list[str]:
    """The ids of records that Chroma has to delete."""
    return [row[0] for row in db.execute("SELECT id FROM gone ORDER BY id")]


def pending(db: sqlite3.Connection) -> bool:
    """True if Chroma is behind."""
    query = "SELECT 1 FROM nodes WHERE stored = 0 UNION ALL SELECT 1 FROM gone LIMIT 1"
    return db.execute(query).fetchone() is not None


def mark_stored(db: sqlite3.Connection, ids: Iterable[str]) -> None:
    """Note that Chroma has these nodes."""
    db.executemany("UPDATE nodes SET stored = 1 WHERE id = ?", [(key,) for key in ids])


def mark_forgotten(db: sqlite3.Connection, ids: Iterable[str]) -> None:
    """Note that Chroma has deleted these records."""
    db.executemany("DELETE FROM gone WHERE id = ?", [(key,) for key in ids])


def mark_in_line(db: sqlite3.Connection) -> None:
    """Note that Chroma has the current version of every node, and nothing else."""
    db.execute("UPDATE nodes SET stored = 1 WHERE stored = 0")
    db.execute("DELETE FROM gone")


def mark_all_unstored(db: sqlite3.Connection) -> None:
    """Note that every node has to be written to Chroma again."""
    db.execute("UPDATE nodes SET stored = 0")


def set_keys(db: sqlite3.Connection, keys: Collection[tuple[bytes, str]]) -> None:
    """Assign other vectors to nodes, given as pairs of vector key and node id."""
    db.executemany("UPDATE nodes SET vector = ? WHERE id = ?", keys)
