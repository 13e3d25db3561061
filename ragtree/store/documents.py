"""The table of documents."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

from ..metadata import half_pair
from ..types import Block, Box, Document, Mark, Span
from .base import location_fields, location_from_fields

SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY, sha256 TEXT NOT NULL, origin TEXT NOT NULL, size INTEGER NOT NULL,
    modified INTEGER NOT NULL, title TEXT NOT NULL, source TEXT NOT NULL, text TEXT NOT NULL,
    metadata TEXT NOT NULL, marks TEXT NOT NULL, lines INTEGER NOT NULL, blocks TEXT NOT NULL DEFAULT '[]',
    built TEXT NOT NULL DEFAULT ''
);
"""

_COLUMNS = "id, text, title, source, sha256, metadata, marks, lines, blocks"
"""The columns that `document_of_row` reads."""


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """What is known of a document without its text."""

    id: str
    sha256: str
    origin: str
    """`folder` if a sync found it, `api` if an application added it."""
    size: int
    modified: int


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document and where it came from."""

    document: Document
    record: DocumentRecord
    built: str = ""
    """The fingerprint of the settings that its tree was built with; empty if the tree has to be built (again)."""


def records(db: sqlite3.Connection) -> dict[str, DocumentRecord]:
    """All documents by id, without their texts."""
    rows = db.execute("SELECT id, sha256, origin, size, modified FROM documents ORDER BY id")
    return {row[0]: DocumentRecord(*row) for row in rows}


def document(db: sqlite3.Connection, key: str) -> Document | None:
    """A document with its text; None if it is not there."""
    if half_pair(key) is not None:  # SQLite cannot look up such a key
        return None
    row = db.execute(f"SELECT {_COLUMNS} FROM documents WHERE id = ?", (key,)).fetchone()
    return document_of_row(row) if row is not None else None


def built(db: sqlite3.Connection, key: str) -> str:
    """The fingerprint of the settings that a document's tree was built with; empty if it has none."""
    row = db.execute("SELECT built FROM documents WHERE id = ?", (key,)).fetchone()
    return str(row[0]) if row is not None else ""


def names(db: sqlite3.Connection) -> list[tuple[str, ...]]:
    """The id, title, path, kind, date and language of every document, by id. What is not known is empty."""
    return db.execute(
        "SELECT documents.id, documents.title, documents.source, "
        "coalesce(json_extract(nodes.node, '$.metadata.kind'), ''), "
        "coalesce(json_extract(nodes.node, '$.metadata.date'), ''), "
        "coalesce(json_extract(nodes.node, '$.metadata.language'), '') "
        "FROM documents LEFT JOIN nodes ON nodes.document_id = documents.id AND nodes.kind = 'document' "
        "ORDER BY documents.id"
    ).fetchall()


class Described(NamedTuple):
    """What is known of a document and its node, without their texts."""

    id: str
    source: str
    label: str
    metadata: dict[str, Any]
    """Of its node, or of the document if it has no node."""
    size: int
    modified: int
    """Nanoseconds since 1970; 0 if it does not come from a file."""


def described(db: sqlite3.Connection, only: str | None = None) -> list[Described]:
    """What is known of every document, by id, or of a single one. No text is read."""
    rows = db.execute(
        "SELECT documents.id, documents.source, coalesce(json_extract(nodes.node, '$.label'), documents.title), "
        "coalesce(json_extract(nodes.node, '$.metadata'), documents.metadata), documents.size, documents.modified "
        "FROM documents LEFT JOIN nodes ON nodes.document_id = documents.id AND nodes.kind = 'document' "
        "WHERE ? IS NULL OR documents.id = ? ORDER BY documents.id",
        (only, only),
    )
    return [
        Described(key, source, label, json.loads(metadata), size, modified)
        for key, source, label, metadata, size, modified in rows
    ]


def count(db: sqlite3.Connection) -> int:
    """The number of documents."""
    return int(db.execute("SELECT count(*) FROM documents").fetchone()[0])


def built_otherwise(db: sqlite3.Connection, fingerprint: str) -> list[str]:
    """Documents whose trees were built with other settings, shortest first."""
    rows = db.execute("SELECT id FROM documents WHERE built != ? ORDER BY length(text), id", (fingerprint,))
    return [row[0] for row in rows]


def characters(db: sqlite3.Connection, ids: Sequence[str]) -> int:
    """The number of characters of some documents together."""
    total = 0
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        marks = ",".join("?" * len(part))
        query = f"SELECT coalesce(sum(length(text)), 0) FROM documents WHERE id IN ({marks})"
        total += int(db.execute(query, part).fetchone()[0])
    return total


def write(db: sqlite3.Connection, stored: StoredDocument) -> None:
    """Within a transaction: write a document, replacing one with the same id."""
    db.execute("INSERT OR REPLACE INTO documents VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)", _row(stored))


def remove(db: sqlite3.Connection, ids: Sequence[str]) -> None:
    """Within a transaction: remove documents."""
    db.executemany("DELETE FROM documents WHERE id = ?", [(key,) for key in ids])


def _row(stored: StoredDocument) -> tuple[object, ...]:
    document, record = stored.document, stored.record
    marks = [(mark.start, location_fields(mark.location)) for mark in document.marks]
    return (
        document.id,
        record.sha256,
        record.origin,
        record.size,
        record.modified,
        document.title,
        document.source,
        document.text,
        json.dumps(dict(document.metadata), ensure_ascii=False),
        json.dumps(marks, ensure_ascii=False),
        int(document.lines),
        _blocks_to_json(document.blocks),
        stored.built,
    )


def document_of_row(row: Sequence[Any]) -> Document:
    """The document of a row with the columns id, text, title, source, sha256, metadata, marks, lines, blocks."""
    key, text, title, source, sha256, metadata, marks, lines, blocks = row
    return Document(
        id=key,
        text=text,
        title=title,
        source=source,
        sha256=sha256,
        metadata=json.loads(metadata),
        marks=_marks_from_json(marks),
        lines=bool(lines),
        blocks=_blocks_from_json(blocks),
    )


def _marks_from_json(text: str) -> tuple[Mark, ...]:
    return tuple(Mark(start, location_from_fields(where)) for start, where in json.loads(text))


def _blocks_to_json(blocks: Sequence[Block]) -> str:
    """One row per block: start, end, kind, page, the box's four sides, and the start and end of each unsure word."""
    rows = [(*block.span, block.kind, block.page, *block.box, *chain.from_iterable(block.unsure)) for block in blocks]
    return json.dumps(rows, separators=(",", ":"))


def _blocks_from_json(text: str) -> tuple[Block, ...]:
    return tuple(
        Block(Span(start, end), kind, page, Box(*rest[:4]), tuple(map(Span, rest[4::2], rest[5::2])))
        for start, end, kind, page, *rest in json.loads(text)
    )
