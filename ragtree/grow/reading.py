"""The files of a folder -> documents that are staged in the catalog, and what each file holds."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace

from ..load.folder import VERSION, FileEntry
from ..load.pool import Finished, read_files
from ..reports import Skipped
from ..settings import LoadSettings
from ..store.documents import DocumentRecord, StoredDocument
from ..store.staging import FileRecord, Staging
from ..types import Document, OnProgress, Progress, no_progress


class FolderReading:
    """One reading of a folder: what has not changed is not opened, and what has is parsed once."""

    def __init__(
        self, known: Mapping[str, FileRecord], documents: Collection[str], staging: Staging, limits: LoadSettings
    ) -> None:
        """`known` are the files as they were, `documents` the ids that the catalog has."""
        self.records: list[FileRecord] = []
        """What is in every file, in the order of the entries. A file that cannot be opened has no sha256."""
        self.staged: set[str] = set()
        """The files whose documents are staged; those of the others are in the catalog."""
        self._known = known
        self._documents = documents
        self._staging = staging
        self._limits = limits
        self._limits_hash = hashlib.sha256(limits.fingerprint.encode()).hexdigest()[:16]

    def run(self, entries: Sequence[FileEntry], progress: OnProgress = no_progress) -> None:
        """Read. Interrupted, it keeps what was read to its end, and the next one goes on from there."""
        same = {entry.id for entry in entries if self._is_same(entry)}
        with closing(self._outcomes([entry for entry in entries if entry.id not in same])) as outcomes:
            try:
                for number, entry in enumerate(entries, start=1):
                    self.records.append(self._known[entry.id] if entry.id in same else next(outcomes))
                    progress(Progress("load", number, len(entries)))
            finally:
                self._staging.flush()

    def _is_same(self, entry: FileEntry) -> bool:
        record = self._known.get(entry.id)
        return (
            record is not None
            and (record.size, record.modified) == (entry.size, entry.modified)
            and self._still_holds(record)
        )

    def _still_holds(self, record: FileRecord) -> bool:
        """Same readers, and no document was removed by the application since."""
        return record.holds(VERSION, self._limits_hash) and all(key in self._documents for key in record.documents)

    def _outcomes(self, entries: Sequence[FileEntry]) -> Generator[FileRecord, None, None]:
        documents: list[str] = []
        skipped: list[Skipped] = []
        with closing(read_files(entries, self._limits, self._is_known)) as items:
            for entry, item in items:
                if isinstance(item, Document):
                    record = DocumentRecord(item.id, item.sha256, "folder", entry.size, entry.modified)
                    self._staging.add(StoredDocument(item, record), entry.id)
                    documents.append(item.id)
                elif isinstance(item, Skipped):
                    skipped.append(item)
                else:
                    yield self._finished(entry, item, tuple(documents), tuple(skipped))
                    documents, skipped = [], []

    def _finished(
        self, entry: FileEntry, end: Finished, documents: tuple[str, ...], skipped: tuple[Skipped, ...]
    ) -> FileRecord:
        if end.known:
            earlier = self._earlier(entry, end.sha256)
            assert earlier is not None  # or it would not be known
            if earlier is not self._known.get(entry.id):
                self.staged.add(entry.id)
            return replace(earlier, size=entry.size, modified=entry.modified)
        record = FileRecord(
            entry.id, end.sha256, entry.size, entry.modified, VERSION, self._limits_hash, documents, skipped
        )
        self.staged.add(entry.id)
        if record.sha256:
            self._staging.finish(self._key(entry, end.sha256), record)
        return record

    def _is_known(self, entry: FileEntry, sha256: str) -> bool:
        return self._earlier(entry, sha256) is not None

    def _earlier(self, entry: FileEntry, sha256: str) -> FileRecord | None:
        """The outcome of reading the same bytes before, if there was one."""
        record = self._known.get(entry.id)
        if record is not None and record.sha256 == sha256 and self._still_holds(record):
            return record
        return self._staging.finished(entry.id, self._key(entry, sha256))

    def _key(self, entry: FileEntry, sha256: str) -> str:
        return hashlib.sha256("\0".join((sha256, entry.id, VERSION, self._limits_hash)).encode()).hexdigest()
