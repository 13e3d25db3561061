"""The tables of a catalog, and the migrations from earlier versions.

The catalog records the version of its tables (`format` among its facts). An earlier version is migrated when the
catalog is opened, one step per version, each in its own transaction. If interrupted, migration continues after the last
complete step. A later version than this program's is refused.

    1   the first: documents, nodes, vectors, summaries
    2   a table of edges; contexts, layout blocks, shares of staleness, a table of words written ahead
    3   a tree for every document, and one over the documents: chunks, texts and caches stay, and the trees are built
        from them by the next sync
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import IndexMismatchError
from . import copies, documents, facts, file_records, kept_texts, nodes, vectors, write_ahead
from .base import node_from_json, node_to_json
from .removed_words import REMOVED_WORDS

SCHEMA = "".join(
    part.SCHEMA for part in (facts, documents, nodes, vectors, kept_texts, file_records, write_ahead, copies)
) + REMOVED_WORDS  # fmt: skip


@dataclass(frozen=True, slots=True)
class Migration:
    """The migration from the previous version to `version`."""

    version: int
    run: Callable[[sqlite3.Connection], None]


def _to_2(db: sqlite3.Connection) -> None:
    for table, name, kind in (
        ("documents", "blocks", "TEXT NOT NULL DEFAULT '[]'"),
        ("nodes", "stale", "REAL NOT NULL DEFAULT 0"),
        ("nodes", "drift", "REAL NOT NULL DEFAULT 0"),
    ):
        if name not in _columns(db, table):
            db.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
    db.execute("DROP INDEX IF EXISTS nodes_by_level")
    db.execute(
        "CREATE TABLE IF NOT EXISTS edges (parent TEXT NOT NULL, position INTEGER NOT NULL, child TEXT NOT NULL, "
        "PRIMARY KEY (parent, position)) WITHOUT ROWID"
    )
    _places_in_documents(db)


def _places_in_documents(db: sqlite3.Connection) -> None:
    """Number leaves within their document. They were numbered over all documents before."""
    rows = db.execute("SELECT id, document_id, node FROM nodes WHERE level = 0").fetchall()
    starts = sorted((document_id, json.loads(node)["span"][0], key) for key, document_id, node in rows)
    last, place = "", 0
    for document_id, _, key in starts:
        place = place + 1 if document_id == last else 0
        last = document_id
        db.execute("UPDATE nodes SET position = ? WHERE id = ?", (place, key))


def _to_3(db: sqlite3.Connection) -> None:
    """Drop the tree over the chunks of all documents. What it was made from stays: texts, chunks, vectors, answers."""
    db.execute("ALTER TABLE documents ADD COLUMN built TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE nodes ADD COLUMN kind TEXT NOT NULL DEFAULT 'chunk'")
    if "drift" in _columns(db, "nodes"):
        db.execute("ALTER TABLE nodes DROP COLUMN drift")
    db.execute("INSERT OR IGNORE INTO gone SELECT id FROM nodes WHERE level > 0")
    db.execute("DELETE FROM nodes WHERE level > 0")
    db.execute("DELETE FROM edges")
    for key, text in db.execute("SELECT id, node FROM nodes").fetchall():
        node = node_to_json(node_from_json(text))
        if node != text:
            db.execute("UPDATE nodes SET node = ?, stored = 0 WHERE id = ?", (node, key))
    for table in ("staged", "staged_files"):
        db.execute(f"DROP TABLE IF EXISTS {table}")
    known = dict(db.execute("SELECT key, value FROM meta"))
    db.execute("UPDATE documents SET built = ?", (known.get("chunker", ""),))  # so that an edit keeps the existing cuts
    db.execute("DELETE FROM meta WHERE key NOT IN (" + ",".join("?" * len(facts.NAMES)) + ")", facts.NAMES)
    if "settings" in known:
        kept = json.loads(known["settings"])
        kept.get("tree", {}).pop("drift", None)
        db.execute("UPDATE meta SET value = ? WHERE key = 'settings'", (json.dumps(kept),))


def _columns(db: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})")]


STEPS = (Migration(2, _to_2), Migration(3, _to_3))
FORMAT = STEPS[-1].version
"""The version of the tables that this program writes."""


def migrate(db: sqlite3.Connection, name: str) -> None:
    """Make the tables if there are none, or take the steps that a catalog lacks. `name` is for messages.

    Raises IndexMismatchError for an invalid version, or one later than this program's.
    """
    found = _version(db, name)
    for step in STEPS if found else ():
        if step.version > found:
            _take(db, step, name)
    if found:
        copies.note_all(db)
    db.executescript(SCHEMA)
    if not found:
        db.execute("INSERT OR IGNORE INTO meta VALUES ('format', ?)", (str(FORMAT),))


def _take(db: sqlite3.Connection, step: Migration, name: str) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        if _version(db, name) < step.version:  # unless another process has taken it meanwhile
            step.run(db)
            db.execute("INSERT OR REPLACE INTO meta VALUES ('format', ?)", (str(step.version),))
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _version(db: sqlite3.Connection, name: str) -> int:
    """The version of a catalog's tables; 0 if there are none yet."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone() is None:
        return 0
    row = db.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
    if row is None:
        return 0
    if not row[0].isdecimal() or not 1 <= int(row[0]) <= FORMAT:
        raise IndexMismatchError(
            f"the index at {name} has format {row[0]}, this ragtree reads {FORMAT} and earlier ones; "
            "use the later ragtree that made it, or name a new folder with --index"
        )
    return int(row[0])
