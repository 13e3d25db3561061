"""The tables of a catalog, and the way to them from those of earlier versions.

The catalog names the version of its tables (`format` in `meta`). One of an earlier version is brought up to date when
it is opened, a step for each version, each in a transaction of its own: interrupted, it goes on from the last whole
step. A later version than this program's is refused.

    1   the first: documents, nodes, vectors, summaries
    2   edges have a table; contexts, layout blocks, shares of staleness and of drift, a note of words written ahead
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import IndexMismatchError
from .base import node_from_json
from .removed_words import REMOVED_WORDS
from .tree_change import AHEAD, write_edges

EARLIER_SHAPE = "an earlier version"
"""What stands for the shape of a tree that another version of this program grew: it is kept, and followed, as long as
the settings are those that the index was made with."""

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, origin TEXT NOT NULL, size INTEGER NOT NULL,
    modified INTEGER NOT NULL, title TEXT NOT NULL, source TEXT NOT NULL, text TEXT NOT NULL,
    metadata TEXT NOT NULL, marks TEXT NOT NULL, lines INTEGER NOT NULL, blocks TEXT NOT NULL DEFAULT '[]'
);
CREATE TABLE IF NOT EXISTS nodes (
    id TEXT PRIMARY KEY, level INTEGER NOT NULL, document_id TEXT NOT NULL, position INTEGER NOT NULL,
    tokens INTEGER NOT NULL, vector BLOB NOT NULL, node TEXT NOT NULL, stored INTEGER NOT NULL,
    stale REAL NOT NULL DEFAULT 0, drift REAL NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS nodes_by_place ON nodes (level, document_id, position);
CREATE TABLE IF NOT EXISTS edges (
    parent TEXT NOT NULL, position INTEGER NOT NULL, child TEXT NOT NULL, PRIMARY KEY (parent, position)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS nodes_to_store ON nodes (stored) WHERE stored = 0;
CREATE TABLE IF NOT EXISTS gone (id TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS summaries (key TEXT PRIMARY KEY, summary TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS contexts (key TEXT PRIMARY KEY, sentence TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL) WITHOUT ROWID;
{REMOVED_WORDS}{AHEAD};
"""


@dataclass(frozen=True, slots=True)
class Step:
    """The way from the version before to `version`."""

    version: int
    run: Callable[[sqlite3.Connection], None]


def _to_2(db: sqlite3.Connection) -> None:
    for table, name, kind in (
        ("documents", "blocks", "TEXT NOT NULL DEFAULT '[]'"),
        ("nodes", "stale", "REAL NOT NULL DEFAULT 0"),
        ("nodes", "drift", "REAL NOT NULL DEFAULT 0"),
    ):
        if name not in [row[1] for row in db.execute(f"PRAGMA table_info({table})")]:
            db.execute(f"ALTER TABLE {table} ADD COLUMN {name} {kind}")
    db.execute("DROP INDEX IF EXISTS nodes_by_level")
    db.execute(
        "CREATE TABLE IF NOT EXISTS edges (parent TEXT NOT NULL, position INTEGER NOT NULL, child TEXT NOT NULL, "
        "PRIMARY KEY (parent, position)) WITHOUT ROWID"
    )
    parents = []
    for key, text in db.execute("SELECT id, node FROM nodes").fetchall():
        node = node_from_json(text)
        if node.level:
            parents.append(node)
        db.execute("UPDATE nodes SET stale = ? WHERE id = ?", (node.stale, key))
    write_edges(db, parents)
    _places_in_documents(db)
    db.execute(
        "UPDATE meta SET value = ? WHERE key = 'shape' AND value NOT LIKE '%/unfinished'",
        (EARLIER_SHAPE,),
    )


def _places_in_documents(db: sqlite3.Connection) -> None:
    """Leaves were numbered through, and are now within their document."""
    rows = db.execute("SELECT id, document_id, node FROM nodes WHERE level = 0").fetchall()
    starts = sorted((document_id, json.loads(node)["span"][0], key) for key, document_id, node in rows)
    last, place = "", 0
    for document_id, _, key in starts:
        place = place + 1 if document_id == last else 0
        last = document_id
        db.execute("UPDATE nodes SET position = ? WHERE id = ?", (place, key))


STEPS = (Step(2, _to_2),)
FORMAT = STEPS[-1].version
"""Version of the tables that this program writes."""


def bring_up_to_date(db: sqlite3.Connection, name: str) -> None:
    """Make the tables where there are none, or take the steps that a catalog lacks; `name` is for messages.

    Raises IndexMismatchError for a version that is none, or later than this program's.
    """
    found = _version(db, name)
    for step in STEPS if found else ():
        if step.version > found:
            _take(db, step, name)
    db.executescript(SCHEMA)
    if not found:
        db.execute("INSERT OR IGNORE INTO meta VALUES ('format', ?)", (str(FORMAT),))


def _take(db: sqlite3.Connection, step: Step, name: str) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        if _version(db, name) < step.version:  # no other process has taken it meanwhile
            step.run(db)
            db.execute("INSERT OR REPLACE INTO meta VALUES ('format', ?)", (str(step.version),))
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _version(db: sqlite3.Connection, name: str) -> int:
    """The version of a catalog's tables; 0 where there are none yet."""
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone() is None:
        return 0
    row = db.execute("SELECT value FROM meta WHERE key = 'format'").fetchone()
    if row is None:
        return 0
    if not row[0].isdecimal() or not 1 <= int(row[0]) <= FORMAT:
        raise IndexMismatchError(
            f"the index at {name} has format {row[0]}, this ragtree reads {FORMAT} and those before; "
            "use the ragtree that made it (a later one), or --index with a new folder"
        )
    return int(row[0])
