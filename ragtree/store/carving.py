"""Recovers documents, nodes, facts and caches from the rows of a damaged catalog."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ..types import Node
from .base import node_from_json
from .catalog import Catalog
from .documents import DocumentRecord, StoredDocument, document_of_row
from .pages import DamagedFile, PageRow

_HASH = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")
_BATCH = 2000


@dataclass(slots=True)
class Carved:
    """What was found. Vectors, summaries and contexts have already been written to the new catalog."""

    documents: dict[str, StoredDocument] = field(default_factory=dict)
    nodes: dict[str, tuple[Node, bytes]] = field(default_factory=dict)
    """Each node with the key of its vector, by id."""
    facts: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    """The records of the folder's files as JSON, by id."""


def carve(path: Path, new: Catalog) -> Carved:
    """Read all intact rows from the pages of the file at `path`. Caches are written to `new`."""
    carved = Carved()
    vectors: list[tuple[bytes, bytes]] = []
    texts: list[tuple[str, str]] = []
    for row in DamagedFile(path).rows() if path.is_file() else ():
        values = row.values
        if not row.table and len(values) == 2 and isinstance(values[0], bytes) and isinstance(values[1], bytes):
            vectors.append((values[0], values[1]))
        elif not row.table and len(values) == 2 and isinstance(values[0], str) and isinstance(values[1], str):
            if _HASH.fullmatch(values[0]):
                texts.append((values[0], values[1]))
        elif row.table:
            _take(row, carved)
        if len(vectors) + len(texts) >= _BATCH:
            _keep(new, vectors, texts)
    _keep(new, vectors, texts)
    return carved


def _take(row: PageRow, carved: Carved) -> None:
    """Take a row of the tables of documents, nodes, facts or files. Ignore any other."""
    values: Sequence[Any] = row.values
    try:
        if len(values) in (11, 12, 13) and isinstance(values[7], str):
            key, sha256, origin, size, modified, title, source, text, metadata, marks, lines, *more = values
            blocks, built = more[0] if more else "[]", more[1] if len(more) > 1 else ""
            found = document_of_row((key, text, title, source, sha256, metadata, marks, lines, blocks))
            record = DocumentRecord(key, sha256, origin, size, modified)
            carved.documents[key] = StoredDocument(found, record, built)
        elif len(values) in (8, 9, 10) and isinstance(values[5], bytes) and isinstance(values[6], str):
            node = node_from_json(values[6])
            if node.id == values[0] and node.level == values[1]:
                carved.nodes[node.id] = (node, values[5])
        elif len(values) == 2 and isinstance(values[0], str) and isinstance(values[1], str):
            if _is_file_record(values[1]):
                carved.files[values[0]] = values[1]
            else:
                carved.facts[values[0]] = values[1]
    except (ValueError, KeyError, TypeError):
        return


def _is_file_record(text: str) -> bool:
    if not text.startswith("{"):
        return False
    try:
        fields = json.loads(text)
    except ValueError:
        return False
    return isinstance(fields, dict) and {"readers", "documents", "sha256"} <= fields.keys()


def _keep(new: Catalog, vectors: list[tuple[bytes, bytes]], texts: list[tuple[str, str]]) -> None:
    with new.transaction() as db:
        db.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", [row for row in vectors if _is_sound(row[1])])
        # The keys of both tables are hashes, which never collide: an entry in the wrong table is never read.
        db.executemany("INSERT OR REPLACE INTO summaries VALUES (?, ?)", texts)
        db.executemany("INSERT OR REPLACE INTO contexts VALUES (?, ?)", [row for row in texts if len(row[0]) == 64])
    vectors.clear()
    texts.clear()


def _is_sound(vector: bytes) -> bool:
    """True if the bytes are a vector of length 1 or 0. Overwritten ones have other lengths."""
    if not vector or len(vector) % 4:
        return False
    with np.errstate(over="ignore", invalid="ignore"):
        length = float(np.linalg.norm(np.frombuffer(vector, dtype="<f4").astype(np.float64)))
    return abs(length - 1) < 0.01 or length == 0


def other_rows(path: Path, table: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a table that SQLite itself can read, up to the first one that it cannot."""
    import sqlite3
    from contextlib import closing

    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
            yield from db.execute(f"SELECT * FROM {table}")
    except sqlite3.DatabaseError:
        return
