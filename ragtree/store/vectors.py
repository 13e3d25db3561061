"""The table of vectors that were embedded, by key."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence

import numpy as np

from ..types import Vectors

SCHEMA = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID;\n"


def vector_key(space: str, text: str) -> bytes:
    """The key of a vector: a hash of the embedder's name and the text, or of whatever else the vector depends on."""
    return hashlib.sha256(f"{space}\0{text}".encode("utf-8", "surrogatepass")).digest()


def get(db: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, Vectors]:
    """The vectors that exist, each of shape (dim,), by key."""
    found: dict[bytes, Vectors] = {}
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        marks = ",".join("?" * len(part))
        rows = db.execute(f"SELECT key, vector FROM vectors WHERE key IN ({marks})", part)
        found.update((key, np.frombuffer(blob, dtype="<f4")) for key, blob in rows)
    return found


def put(db: sqlite3.Connection, vectors: Mapping[bytes, Vectors]) -> None:
    """Within a transaction: store vectors, each of shape (dim,), by key."""
    rows = [(key, np.asarray(row, dtype="<f4").tobytes()) for key, row in vectors.items()]
    db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)


def drop_unused(db: sqlite3.Connection) -> int:
    """Within a transaction: delete the vectors that no node uses. Returns their number."""
    return db.execute("DELETE FROM vectors WHERE key NOT IN (SELECT vector FROM nodes)").rowcount
