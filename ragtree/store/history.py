"""The record of changes: documents that were added, removed or changed, and what happened at the top of the tree.

It is written in the transaction that changes the tree. The commits of one sync count as one update. It keeps the ids of
documents and nodes, and the first sentences of summaries that were replaced; current ones are read from the tree. A
purge calls `forget` to remove what is gone.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..types import Node
from . import facts
from .base import node_from_json

SCHEMA = """
CREATE TABLE IF NOT EXISTS history (number INTEGER PRIMARY KEY AUTOINCREMENT, time REAL NOT NULL);
CREATE TABLE IF NOT EXISTS history_documents (
    number INTEGER NOT NULL, kind TEXT NOT NULL, document_id TEXT NOT NULL, before TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS history_documents_by_number ON history_documents (number);
CREATE TABLE IF NOT EXISTS history_summaries (
    number INTEGER NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, sentence TEXT NOT NULL, digest TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS history_summaries_by_number ON history_summaries (number);
"""

_BEGINS = "history"
_KEPT = 10_000
"""Updates that are kept. A folder that is watched all day has some hundreds."""
_LONGEST = 400
"""Most characters of a sentence that are kept: one from a table may not end."""


def begin(db: sqlite3.Connection) -> None:
    """Create the tables if they are missing. The history begins at that moment."""
    db.executescript(SCHEMA)
    if not facts.read(db).history:
        db.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (_BEGINS, str(time.time())))  # or another process did


# --- while the tree is changed


@dataclass(frozen=True, slots=True)
class Top:
    """A summary at the top of the tree, and what it can be recognized by after a change."""

    node: Node
    rank: int
    """0 for the collection, 1 for its children."""
    below: frozenset[str]
    """Ids of its children and their children. By these, the successor of a theme is found."""
    members: frozenset[str]
    """Its children: documents as document ids, themes as node ids."""


class Recording:
    """Records one commit. It is made before the commit is written and ended after it, in the same transaction."""

    def __init__(self, db: sqlite3.Connection, written: Collection[str], removed: Collection[str]) -> None:
        """`written` and `removed` are the ids of documents that are about to be written and removed."""
        self._db = db
        self._written = written
        self._removed = set(removed) - set(written)
        self._known = {key: sha for key in {*written, *removed} if (sha := _sha256(db, key)) is not None}
        self._top = top_of(db)

    def end(self, touched: Collection[str], number: int | None) -> int | None:
        """Write what has changed to update `number`, or to a new one if it is None. `touched` are the ids of nodes that
        were written. Returns the update's number; `number` itself if nothing has changed."""
        documents = self._document_rows()
        names = {before: key for kind, key, before in documents if kind == "renamed"}
        summaries = self._summary_rows(frozenset(touched), names)
        if not documents and not summaries:
            return number
        if number is None:
            number = self._db.execute("INSERT INTO history (time) VALUES (?)", (time.time(),)).lastrowid
            assert number is not None
            _trim(self._db, number)
        self._db.executemany(f"INSERT INTO history_documents VALUES ({number}, ?, ?, ?)", documents)
        self._db.executemany(f"INSERT INTO history_summaries VALUES ({number}, ?, ?, ?, ?)", summaries)
        return number

    def _document_rows(self) -> list[tuple[str, str, str]]:
        """Rows of kind, id and earlier id. A removed and a new document with the same bytes are a rename."""
        lost: dict[str, list[str]] = {}
        for key in sorted(self._removed & self._known.keys(), reverse=True):
            lost.setdefault(self._known[key], []).append(key)
        rows = []
        for key in sorted(self._written):
            if key in self._known:
                rows.append(("changed", key, key))
                continue
            same = lost.get(_sha256(self._db, key) or "")
            rows.append(("renamed", key, same.pop()) if same else ("added", key, ""))
        return rows + [("removed", key, key) for keys in lost.values() for key in keys]

    def _summary_rows(self, touched: frozenset[str], names: Mapping[str, str]) -> list[tuple[str, str, str, str]]:
        """Rows of earlier id, new id, and of the earlier text its first sentence (if it was replaced) and its digest.
        `names` are the new ids of renamed documents, by old id."""
        before, after = {top.node.id: top for top in self._top}, {top.node.id: top for top in top_of(self._db)}
        rows = []
        for key in before.keys() & after.keys():
            old, new = before[key].node, after[key].node
            if old.text != new.text:
                rows.append((key, key, first_sentence(old), digest(old)))
            elif old.stale != new.stale or {names.get(one, one) for one in before[key].members} != after[key].members:
                rows.append((key, key, "", digest(old)))
        lost = [top for key, top in before.items() if key not in after and not self._is_node(key)]
        found = [top for key, top in after.items() if key not in before and key in touched]
        for gone, new_top in _paired(lost, found):
            rows.append((gone.node.id, new_top.node.id, first_sentence(gone.node), digest(gone.node)))
            lost.remove(gone)
            found.remove(new_top)
        rows += [(gone.node.id, "", first_sentence(gone.node), digest(gone.node)) for gone in lost]
        return rows + [("", new_top.node.id, "", "") for new_top in found]

    def _is_node(self, key: str) -> bool:
        return self._db.execute("SELECT 1 FROM nodes WHERE id = ?", (key,)).fetchone() is not None


def _sha256(db: sqlite3.Connection, document_id: str) -> str | None:
    row = db.execute("SELECT sha256 FROM documents WHERE id = ?", (document_id,)).fetchone()
    return str(row[0]) if row is not None else None


def top_of(db: sqlite3.Connection) -> list[Top]:
    """The collection and its children."""
    rows = db.execute(
        "SELECT 0, node FROM nodes WHERE kind = 'collection' UNION ALL "
        "SELECT 1, child.node FROM nodes AS top JOIN edges ON edges.parent = top.id "
        "JOIN nodes AS child ON child.id = edges.child WHERE top.kind = 'collection' AND child.level > 0 ORDER BY 1"
    ).fetchall()
    found = []
    for rank, text in rows:
        node = node_from_json(text)
        below = db.execute(
            "SELECT edges.child FROM edges WHERE parent = ?1 UNION ALL "
            "SELECT below.child FROM edges JOIN edges AS below ON below.parent = edges.child WHERE edges.parent = ?1",
            (node.id,),
        )
        members = db.execute(
            "SELECT CASE document_id WHEN '' THEN id ELSE document_id END FROM edges JOIN nodes ON id = child "
            "WHERE parent = ?",
            (node.id,),
        )
        found.append(Top(node, rank, frozenset(row[0] for row in below), frozenset(row[0] for row in members)))
    return found


def _paired(lost: Sequence[Top], found: Sequence[Top]) -> list[tuple[Top, Top]]:
    """Pair lost nodes with their successors: the collection with the collection, others by what they have in common."""
    roots = [[top for top in side if top.rank == 0] for side in (lost, found)]
    pairs = [(roots[0][0], roots[1][0])] if all(len(side) == 1 for side in roots) else []
    scored = [(len(old.below & new.below), old, new) for old in lost for new in found if old.rank == new.rank]
    for common, old, new in sorted(scored, key=lambda pair: -pair[0]):
        if common and all(old is not one and new is not other for one, other in pairs):
            pairs.append((old, new))
    return pairs


def _trim(db: sqlite3.Connection, number: int) -> None:
    """Delete all but the last `_KEPT` updates."""
    last = number - _KEPT
    if db.execute("SELECT 1 FROM history WHERE number <= ?", (last,)).fetchone() is None:
        return
    for table in ("history", "history_documents", "history_summaries"):
        db.execute(f"DELETE FROM {table} WHERE number <= ?", (last,))
    (begins,) = db.execute("SELECT time FROM history ORDER BY number LIMIT 1").fetchone()
    db.execute("UPDATE meta SET value = ? WHERE key = ?", (str(begins), _BEGINS))


def first_sentence(node: Node) -> str:
    """The first sentence of a summary."""
    return (node.claims[0].text if node.claims else node.text)[:_LONGEST].strip()


def digest(node: Node) -> str:
    """A hash of a summary's text."""
    return hashlib.sha256(node.text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


# --- afterwards


def forget(db: sqlite3.Connection) -> int:
    """Within a transaction: remove all that a purge must not leave. Returns the number of entries.

    These are the sentences of replaced summaries, whatever documents they came from, and the names that no document
    has now, because a name may say what its text said.
    """
    return sum(
        db.execute(statement).rowcount
        for statement in (
            "UPDATE history_summaries SET sentence = '', digest = '' WHERE sentence != ''",
            "DELETE FROM history_documents WHERE document_id NOT IN (SELECT id FROM documents)",
            "UPDATE history_documents SET kind = 'changed', before = document_id "
            "WHERE before != '' AND before NOT IN (SELECT id FROM documents)",
        )
    )


Rows: TypeAlias = list[tuple]  # type: ignore[type-arg]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was recorded since some time."""

    begins: float
    updates: int
    documents: Rows
    """Kind, id, earlier id."""
    summaries: Rows
    """Earlier id, new id, sentence and digest of the earlier summary."""


def recorded(db: sqlite3.Connection, since: float) -> Recorded:
    """What was recorded since `since` (in seconds since 1970), in order.

    If the clock was set back in between, this is too much rather than too little.
    """
    (begins,) = db.execute("SELECT value FROM meta WHERE key = ?", (_BEGINS,)).fetchone()
    (first,) = db.execute("SELECT coalesce(min(number), 1 << 62) FROM history WHERE time >= ?", (since,)).fetchone()
    (updates,) = db.execute("SELECT count(*) FROM history WHERE number >= ?", (first,)).fetchone()
    documents = db.execute(
        "SELECT kind, document_id, before FROM history_documents WHERE number >= ? ORDER BY number, rowid", (first,)
    )
    summaries = db.execute(
        "SELECT before, after, sentence, digest FROM history_summaries WHERE number >= ? ORDER BY number, rowid",
        (first,),
    )
    return Recorded(float(begins), updates, documents.fetchall(), summaries.fetchall())
