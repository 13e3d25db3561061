"""The record of changes: documents that came, went or became others, and summaries at the top of the tree that did.

It is written in the transaction that changes the tree. Kept are names, ids of nodes and, of summaries that are no more,
the first sentence; those of summaries that are there are read from the tree. A purge has it `forget` what is gone.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from ..types import Node
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
"""A fact about the index: seconds since 1970 when its history begins."""
_KEPT = 10_000
"""Changes of the tree that are kept; a folder that is followed all day has some hundreds."""
_LONGEST = 400
"""Characters of a sentence that are kept: what is cut out of a table has none of its own."""


def begin(db: sqlite3.Connection) -> None:
    """Make the tables where there are none yet; the history begins then."""
    db.executescript(SCHEMA)
    if db.execute("SELECT 1 FROM meta WHERE key = ?", (_BEGINS,)).fetchone() is None:
        db.execute("INSERT OR IGNORE INTO meta VALUES (?, ?)", (_BEGINS, str(time.time())))  # others may open it, too


# --- while the tree is changed


@dataclass(frozen=True, slots=True)
class Top:
    """A summary at the top, and what tells it from others."""

    node: Node
    rank: int
    """0 for the highest level, 1 for the one below."""
    below: frozenset[str]
    """Ids of its children and of theirs: a group that lost or gained some is known again by the others."""


class Recording:
    """One change of the tree. It begins before the change is written, and ends behind it, in the same transaction."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._documents = dict(db.execute("SELECT id, sha256 FROM documents"))
        self._top = top_of(db)

    def end(self, written: Collection[str], removed: Iterable[str], touched: Collection[str]) -> None:
        """Note what has changed: ids of documents that were written and removed, and of nodes that were written."""
        documents = self._document_rows(written, set(removed) - set(written))
        summaries = self._summary_rows(frozenset(touched))
        if not documents and not summaries:
            return
        number = self._db.execute("INSERT INTO history (time) VALUES (?)", (time.time(),)).lastrowid
        assert number is not None
        self._db.executemany(f"INSERT INTO history_documents VALUES ({number}, ?, ?, ?)", documents)
        self._db.executemany(f"INSERT INTO history_summaries VALUES ({number}, ?, ?, ?, ?)", summaries)
        _trim(self._db, number)

    def _document_rows(self, written: Iterable[str], removed: Iterable[str]) -> list[tuple[str, str, str]]:
        """Kind, id, and the id before; a document that is gone, and one with the same bytes that came, are a rename."""
        known = self._documents
        lost: dict[str, list[str]] = {}
        for key in sorted(set(removed) & known.keys(), reverse=True):
            lost.setdefault(known[key], []).append(key)
        rows = []
        for key in sorted(written):
            if key in known:
                rows.append(("changed", key, key))
                continue
            (sha256,) = self._db.execute("SELECT sha256 FROM documents WHERE id = ?", (key,)).fetchone()
            same = lost.get(sha256)
            rows.append(("renamed", key, same.pop()) if same else ("added", key, ""))
        return rows + [("removed", key, key) for keys in lost.values() for key in keys]

    def _summary_rows(self, touched: frozenset[str]) -> list[tuple[str, str, str, str]]:
        """Id before, id after, and of a text that is no more its first sentence and what tells it from others."""
        before, after = {top.node.id: top for top in self._top}, {top.node.id: top for top in top_of(self._db)}
        rows = [
            (key, key, "", "")
            for key in before.keys() & after.keys()
            if _other_below(before[key].node, after[key].node)
        ]
        lost = [top for key, top in before.items() if key not in after and not self._is_node(key)]
        found = [top for key, top in after.items() if key not in before and key in touched]
        for old, new in _paired(lost, found):
            rows.append((old.node.id, new.node.id, first_sentence(old.node), digest(old.node)))
            lost.remove(old)
            found.remove(new)
        rows += [(old.node.id, "", first_sentence(old.node), digest(old.node)) for old in lost]
        return rows + [("", new.node.id, "", "") for new in found]

    def _is_node(self, key: str) -> bool:
        return self._db.execute("SELECT 1 FROM nodes WHERE id = ?", (key,)).fetchone() is not None


def top_of(db: sqlite3.Connection) -> list[Top]:
    """The summaries of the highest two levels, the highest first."""
    rows = db.execute(
        "SELECT level, node FROM nodes WHERE level > 0 AND level >= (SELECT max(level) - 1 FROM nodes) "
        "ORDER BY level DESC, position"
    ).fetchall()
    found = []
    for level, text in rows:
        node = node_from_json(text)
        below = db.execute(
            "SELECT edges.child FROM edges WHERE parent = ?1 UNION ALL "
            "SELECT below.child FROM edges JOIN edges AS below ON below.parent = edges.child WHERE edges.parent = ?1",
            (node.id,),
        )
        found.append(Top(node, rows[0][0] - level, frozenset(row[0] for row in below)))
    return found


def _other_below(before: Node, after: Node) -> bool:
    """Whether a node with the text that it had has others below it. Chunks of a document that was renamed are others by
    their ids alone, and leave its share of what changed as it was."""
    return before.stale != after.stale or (before.level > 1 and set(before.children) != set(after.children))


def _paired(lost: Sequence[Top], found: Sequence[Top]) -> list[tuple[Top, Top]]:
    """Nodes that took the place of others: the root of the root, and else by what they have in common."""
    roots = [[top for top in side if top.rank == 0] for side in (lost, found)]
    pairs = [(roots[0][0], roots[1][0])] if all(len(side) == 1 for side in roots) else []
    scored = [(len(old.below & new.below), old, new) for old in lost for new in found if old.rank == new.rank]
    for common, old, new in sorted(scored, key=lambda pair: -pair[0]):
        if common and all(old is not one and new is not other for one, other in pairs):
            pairs.append((old, new))
    return pairs


def _trim(db: sqlite3.Connection, number: int) -> None:
    """Forget what is older than the last changes."""
    last = number - _KEPT
    if db.execute("SELECT 1 FROM history WHERE number <= ?", (last,)).fetchone() is None:
        return
    for table in ("history", "history_documents", "history_summaries"):
        db.execute(f"DELETE FROM {table} WHERE number <= ?", (last,))
    (begins,) = db.execute("SELECT time FROM history ORDER BY number LIMIT 1").fetchone()
    db.execute("UPDATE meta SET value = ? WHERE key = ?", (str(begins), _BEGINS))


def first_sentence(node: Node) -> str:
    """What a summary says first."""
    return (node.claims[0].text if node.claims else node.text)[:_LONGEST].strip()


def digest(node: Node) -> str:
    """What tells its text from others."""
    return hashlib.sha256(node.text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


# --- afterwards


def forget(db: sqlite3.Connection) -> int:
    """Within a transaction: take out all that a purge may not leave. Returns how many entries that were.

    These are the sentences of summaries that are no more, whatever documents had a part in them, and the names that no
    document has today: a name may say what its text said.
    """
    return sum(
        db.execute(statement).rowcount
        for statement in (
            "UPDATE history_summaries SET sentence = '', digest = '' WHERE sentence != '' OR digest != ''",
            "DELETE FROM history_documents WHERE document_id NOT IN (SELECT id FROM documents)",
            "UPDATE history_documents SET kind = 'changed', before = document_id "
            "WHERE before != '' AND before NOT IN (SELECT id FROM documents)",
        )
    )


Rows: TypeAlias = list[tuple]  # type: ignore[type-arg]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was written down since a time."""

    begins: float
    updates: int
    documents: Rows
    """Kind, id, id before."""
    summaries: Rows
    """Id before, id after, sentence and digest of the one before."""


def recorded(db: sqlite3.Connection, since: float) -> Recorded:
    """What was written down since `since` (seconds since 1970), in its order.

    Where the clock was set back in between it is rather too much than too little.
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
