"""The tables of what models wrote, as texts by key: summaries, contexts, answers, and recognized pages.

An answer is kept only until its summary is finished.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from typing import Literal

Table = Literal["summaries", "contexts", "answers", "pages"]
_COLUMN: dict[Table, str] = {"summaries": "summary", "contexts": "sentence", "answers": "answer", "pages": "page"}

SCHEMA = "".join(
    f"CREATE TABLE IF NOT EXISTS {table} (key TEXT PRIMARY KEY, {column} TEXT NOT NULL) WITHOUT ROWID;\n"
    for table, column in _COLUMN.items()
)


def get(db: sqlite3.Connection, table: Table, key: str) -> str | None:
    """The text of a key, or None."""
    row = db.execute(f"SELECT {_COLUMN[table]} FROM {table} WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row is not None else None


def put(db: sqlite3.Connection, table: Table, key: str, text: str) -> None:
    """Within a transaction: store a text."""
    db.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", (key, text))


def drop(db: sqlite3.Connection, table: Table, keys: Collection[str]) -> None:
    """Within a transaction: delete the texts of these keys."""
    db.executemany(f"DELETE FROM {table} WHERE key = ?", [(key,) for key in keys])


def every(db: sqlite3.Connection, table: Table) -> list[tuple[str, str]]:
    """All keys with their texts."""
    return [(key, text) for key, text in db.execute(f"SELECT key, {_COLUMN[table]} FROM {table}")]


def clear(db: sqlite3.Connection, table: Table) -> int:
    """Within a transaction: delete all texts. Returns their number."""
    return db.execute(f"DELETE FROM {table}").rowcount
