"""Documents that have been read and are not in the tree yet, and what is known of each file of the folder.

They wait in the catalog and not in memory, so what a sync holds does not grow with the folder, and an interrupted one
does not read the same files again. Readers see nothing of it until the tree is changed, in one transaction.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from ..reports import Skipped
from ..types import Document
from .catalog import Catalog
from .documents import DocumentRecord, StoredDocument

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_TABLES = (
    "CREATE TABLE IF NOT EXISTS files (id TEXT PRIMARY KEY, record TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS staged_files (id TEXT PRIMARY KEY, key TEXT NOT NULL, record TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS staged (id TEXT PRIMARY KEY, record TEXT NOT NULL, metadata TEXT NOT NULL, "
    "document TEXT NOT NULL)",
)
_BATCH_CHARACTERS = 4_000_000
_BATCH_ROWS = 200


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What was in a file when it was read last: one document, those of an archive's members, or reasons for none."""

    id: str
    sha256: str
    size: int
    modified: int
    readers: str
    """Which version of the readers this is the outcome of."""
    limits: str
    """The limits that held; where nothing was refused, others would have changed nothing."""
    documents: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    def holds(self, readers: str, limits: str) -> bool:
        """True where reading the same bytes would have the same outcome."""
        return self.readers == readers and (not self.skipped or self.limits == limits)


class Staging:
    """The part of the catalog where documents wait; one that is staged twice is the later one. For one thread, but for
    `finished`."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._rows: list[tuple[str, str, str, str]] = []
        self._begun: set[str] = set()
        self._files: list[tuple[str, str, str]] = []
        self._characters = 0
        with catalog.transaction() as db:
            for table in _TABLES:
                db.execute(table)

    @cached_property
    def _documents(self) -> TypeAdapter[Document]:
        from pydantic import TypeAdapter

        return TypeAdapter(Document)

    def files(self) -> dict[str, FileRecord]:
        """What is known of the folder's files, by id."""
        rows = self._catalog.rows("SELECT record FROM files ORDER BY id")
        return {record.id: record for record in (_file_from_json(row[0]) for row in rows)}

    # --- while files are read

    def add(self, stored: StoredDocument, file: str = "") -> None:
        """Stage a document of a file. It is written with others; `flush` writes what is left."""
        # Metadata is written as the catalog writes it: an application may have put into it what JSON can hold.
        bare = replace(stored.document, metadata={})
        text = self._documents.dump_json(bare).decode("utf-8")
        record = stored.record
        row = json.dumps([record.id, record.sha256, record.origin, record.size, record.modified])
        self._rows.append((record.id, row, json.dumps(dict(stored.document.metadata)), text))
        self._begun.add(file)
        self._characters += len(text)
        self._write_when_full()

    def finish(self, key: str, record: FileRecord) -> None:
        """All documents of a file are staged; `key` is what its outcome depends on."""
        self._files.append((record.id, key, _file_to_json(record)))
        self._write_when_full()

    def flush(self) -> None:
        """Write what was added."""
        if not self._rows and not self._files:
            return
        with self._catalog.transaction() as db:
            # From its first document on a file's earlier outcome is not to be found any more.
            db.executemany("DELETE FROM staged_files WHERE id = ?", [(file,) for file in self._begun])
            db.executemany("INSERT OR REPLACE INTO staged VALUES (?, ?, ?, ?)", self._rows)
            db.executemany("INSERT OR REPLACE INTO staged_files VALUES (?, ?, ?)", self._files)
        self._rows, self._files, self._characters = [], [], 0
        self._begun.clear()

    def _write_when_full(self) -> None:
        if self._characters >= _BATCH_CHARACTERS or len(self._rows) + len(self._files) >= _BATCH_ROWS:
            self.flush()

    def finished(self, file: str, key: str) -> FileRecord | None:
        """The file that was read to its end under this key by a plan, or by a sync that did not come to its own."""
        rows = self._catalog.rows("SELECT record FROM staged_files WHERE id = ? AND key = ?", file, key)
        return _file_from_json(rows[0][0]) if rows else None

    # --- when all have been read

    def record(self, document_id: str) -> DocumentRecord | None:
        """The record of a staged document."""
        rows = self._catalog.rows("SELECT record FROM staged WHERE id = ?", document_id)
        return DocumentRecord(*json.loads(rows[0][0])) if rows else None

    def document(self, document_id: str) -> Document | None:
        """A staged document with its text."""
        rows = self._catalog.rows("SELECT metadata, document FROM staged WHERE id = ?", document_id)
        if not rows:
            return None
        metadata, text = rows[0]
        return replace(self._documents.validate_json(text), metadata=json.loads(metadata))

    def characters(self, document_id: str) -> int:
        """About how long a staged document is."""
        rows = self._catalog.rows("SELECT length(document) FROM staged WHERE id = ?", document_id)
        return int(rows[0][0]) if rows else 0

    def documents(self, records: Iterable[DocumentRecord]) -> Iterator[StoredDocument]:
        """Staged documents with their texts, one held at a time."""
        for record in records:
            document = self.document(record.id)
            if document is not None:
                yield StoredDocument(document, record)

    def note(self, files: Sequence[FileRecord], gone: Sequence[str]) -> None:
        """What `settle` does, where the tree stays as it is. Writes nothing where there is nothing to write."""
        waiting = self._catalog.rows("SELECT id FROM staged UNION ALL SELECT id FROM staged_files LIMIT 1")
        if files or gone or waiting:
            with self._catalog.transaction() as db:
                self.settle(db, files, gone)

    def settle(
        self, db: sqlite3.Connection, files: Iterable[FileRecord], gone: Iterable[str], waiting: Collection[str] = ()
    ) -> None:
        """Within the transaction that puts the staged documents into the tree: note the files, and forget the rest.

        What was read of the documents that are `waiting` for another sync stays, so that it is not read again.
        """
        db.executemany("DELETE FROM files WHERE id = ?", [(key,) for key in gone])
        db.executemany("INSERT OR REPLACE INTO files VALUES (?, ?)", [(f.id, _file_to_json(f)) for f in files])
        staged = [_file_from_json(row[0]) for row in db.execute("SELECT record FROM staged_files")] if waiting else []
        stay = {file.id for file in staged if not set(waiting).isdisjoint(file.documents)}
        for table, kept in (("staged", waiting), ("staged_files", stay)):
            rows = [row for row in db.execute(f"SELECT id FROM {table}") if row[0] not in kept]
            db.executemany(f"DELETE FROM {table} WHERE id = ?", rows)


def _file_to_json(record: FileRecord) -> str:
    return json.dumps(asdict(record))


def _file_from_json(text: str) -> FileRecord:
    fields = json.loads(text)
    documents = tuple(fields.pop("documents"))
    skipped = tuple(Skipped(**skipped) for skipped in fields.pop("skipped"))
    return FileRecord(**fields, documents=documents, skipped=skipped)
