"""The table of files: what each file of the folder held when it was last read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from ..metadata import Scalar
from ..reports import Notice, Skipped

SCHEMA = "CREATE TABLE IF NOT EXISTS files (id TEXT PRIMARY KEY, record TEXT NOT NULL);\n"


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What a file held: one document, the documents of an archive's members, or the reasons for none."""

    id: str
    sha256: str
    """Hex SHA-256 of its bytes."""
    size: int
    modified: int
    """Modification time in nanoseconds."""
    readers: str
    """The version of the readers that read it."""
    limits: str
    """A hash of the limits that it was read under. Other limits matter only if something was refused or not recognized.
    Empty if there was no time to read all of it."""
    documents: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    notices: tuple[Notice, ...] = ()
    """What is missing from these documents."""
    unrecognized: bool = False
    """True if the text of some pages was not recognized."""
    tag: str = ""
    """What the source told of its content; equal for equal bytes. Empty for the files of a folder."""
    metadata: Mapping[str, Scalar] = field(default_factory=dict)
    """What the source knew of it besides."""

    def holds(self, readers: str, limits: str) -> bool:
        """True if reading the same bytes again would yield the same."""
        is_whole = not self.skipped and not self.unrecognized
        return self.readers == readers and (is_whole or self.limits == limits)


def files(db: sqlite3.Connection) -> dict[str, FileRecord]:
    """The records of all files, by id."""
    rows = db.execute("SELECT record FROM files ORDER BY id")
    return {record.id: record for record in (_from_json(row[0]) for row in rows)}


def write(db: sqlite3.Connection, records: Iterable[FileRecord]) -> None:
    """Within a transaction: write the records of these files."""
    db.executemany("INSERT OR REPLACE INTO files VALUES (?, ?)", [(one.id, _to_json(one)) for one in records])


def remove(db: sqlite3.Connection, ids: Iterable[str]) -> None:
    """Within a transaction: remove the records of these files."""
    db.executemany("DELETE FROM files WHERE id = ?", [(key,) for key in ids])


def _to_json(record: FileRecord) -> str:
    return json.dumps(asdict(record))


def _from_json(text: str) -> FileRecord:
    fields = json.loads(text)
    documents = tuple(fields.pop("documents"))
    skipped = tuple(Skipped(**skipped) for skipped in fields.pop("skipped"))
    notices = tuple(Notice(**notice) for notice in fields.pop("notices", ()))  # records of earlier versions have none
    return FileRecord(**fields, documents=documents, skipped=skipped, notices=notices)
