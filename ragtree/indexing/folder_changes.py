"""A folder, or another source -> what has changed since last time, read file by file.

Content decides; size and time, or what the source tells of the content, are a shortcut.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from ..load.base import FileEntry, FollowingSource, Listing, Source
from ..load.endings import has_loader, reading_packages
from ..load.format_contents import is_for_later, is_unrecognized
from ..load.limits import limits_fingerprint
from ..load.members import is_archive
from ..load.parsing import VERSION
from ..load.pool import Finished, Recognizing, read_files
from ..load.recognition.choosing import recognition
from ..reports import Notice, Skipped
from ..settings import LoadSettings
from ..store.catalog import Catalog
from ..store.file_records import FileRecord
from ..types import Document, OnProgress, Progress, no_progress
from .figures import DescribedFigures
from .workplace import Workplace


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document, and the file that it was read from."""

    document: Document
    entry: FileEntry


class _Pages:
    """The recognized texts of pictures that the catalog keeps."""

    def __init__(self, catalog: Catalog, has_time: Callable[[], bool]) -> None:
        self._catalog = catalog
        self.has_time = has_time

    def get(self, key: str) -> str:
        return self._catalog.get_page(key) or ""

    def put(self, key: str, page: str) -> None:
        self._catalog.put_page(key, page)


@dataclass(slots=True)
class _FileOutcome:
    """What has been found so far in the file that is being read."""

    documents: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


class FolderChanges:
    """The files of a source, compared with the catalog: unchanged, gone, or due to be read."""

    def __init__(
        self,
        source: Source,
        catalog: Catalog,
        limits: LoadSettings,
        has_time: Callable[[], bool] = lambda: True,
        figures: DescribedFigures | None = None,
    ) -> None:
        """`has_time` returns whether more pictures may be recognized, `figures` describes others. Raises what listing
        the source raises."""
        self.address = source.address
        self.known = catalog.files()
        """What the files held when they were last read, by file id."""
        self.limits = limits
        fingerprint = limits_fingerprint(limits) + recognition(limits)
        self._limits_hash = hashlib.sha256(fingerprint.encode()).hexdigest()[:16]
        self._pages = _Pages(catalog, has_time)
        self.figures = figures
        self._readers = f"{VERSION} {figures.name}" if figures is not None else VERSION
        """With another vision model, every file is read again: any may hold pictures."""
        self._documents = catalog.records().keys()
        listing = self._listing(source)
        entries, large = _without_large_unknown(listing.entries, limits)
        self.ignored = {**listing.ignored, **({"large files of unknown kinds": large} if large else {})}
        self.unchanged = [self.known[entry.id] for entry in entries if self._is_same(entry)]
        """What the files hold that need not be read."""
        same = {record.id for record in self.unchanged}
        self.gone = sorted(self.known.keys() - {entry.id for entry in entries})
        """The ids of files that no longer exist."""
        sizes = {self.known[key].size for key in self.gone}
        due = (entry for entry in entries if entry.id not in same)
        self.due = sorted(due, key=lambda entry: (entry.size not in sizes, *_when_to_read(entry)))
        """Files to read. First come those that may be renamed ones, which cost nothing, then small and recent ones, so
        that an unfinished index holds many documents."""

    def _listing(self, source: Source) -> Listing:
        if not isinstance(source, FollowingSource):
            return source.files()
        return source.files_since({key: one.tag for key, one in self.known.items() if self._still_holds(one)})

    def read(
        self, progress: OnProgress = no_progress, workplace: Workplace | None = None
    ) -> Generator[ReadDocument | FileRecord, None, None]:
        """Yield, for every file that is due, its documents and then the record of what it holds. Without a `workplace`,
        processes of this machine read.

        The record of a file that cannot be opened has no sha256 and must not be stored.
        """
        found = _FileOutcome()
        done = 0
        if self.due:
            progress(Progress("load", 0, len(self.due)))
        readers = workplace.readers if workplace is not None else None
        with closing(read_files(self.due, self.limits, self.is_known, self._pages, readers, self.figures)) as items:
            for listed, item in items:
                entry = listed.answered
                if isinstance(item, Document):
                    found.documents.append(item.id)
                    found.notices += (Notice(item.id, text) for text in item.notices)
                    yield ReadDocument(_with_metadata(item, entry), entry)
                elif isinstance(item, Skipped):
                    found.skipped.append(item)
                elif isinstance(item, Recognizing):
                    progress(Progress("recognize", item.pages, 0))
                else:
                    yield self._finished(entry, item, found)
                    found = _FileOutcome()
                    done += 1
                    progress(Progress("load", done, len(self.due)))

    def _finished(self, entry: FileEntry, end: Finished, found: _FileOutcome) -> FileRecord:
        if end.known:
            return replace(self.known[entry.id], size=entry.size, modified=entry.modified, tag=entry.tag)
        if end.gone and self.has_documents_of(entry.id):  # they are reported as removed
            found.skipped.clear()
        said = [*(one.text for one in found.notices), *(one.reason for one in found.skipped)]
        return FileRecord(
            id=entry.id,
            sha256=end.sha256,
            size=entry.size,
            modified=entry.modified,
            tag=entry.tag,
            metadata=entry.metadata,
            readers=self._readers_of(entry.id),
            limits="" if any(map(is_for_later, said)) else self._limits_hash,
            documents=tuple(found.documents),
            skipped=tuple(found.skipped),
            notices=tuple(found.notices),
            unrecognized=any(map(is_unrecognized, said)),
        )

    def _is_same(self, entry: FileEntry) -> bool:
        record = self.known.get(entry.id)
        if record is None or not self._still_holds(record) or record.metadata != entry.metadata:
            return False
        if entry.tag:
            return record.tag == entry.tag
        return (record.size, record.modified) == (entry.size, entry.modified)

    def is_known(self, entry: FileEntry, sha256: str) -> bool:
        """True if the file has the same bytes as when it was last read, whatever its time, and the same metadata."""
        record = self.known.get(entry.id)
        if record is None or record.metadata != entry.metadata:
            return False
        return record.sha256 == sha256 and self._still_holds(record)

    def has_documents_of(self, file: str) -> bool:
        """True if the index has documents of the file with this id."""
        return file in self.known and any(key in self._documents for key in self.known[file].documents)

    def _readers_of(self, file: str) -> str:
        return f"{self._readers} {reading_packages(file)}".rstrip()

    def _still_holds(self, record: FileRecord) -> bool:
        """True if readers and limits are the same, and the application has removed no document of the file since."""
        return record.holds(self._readers_of(record.id), self._limits_hash) and all(
            key in self._documents for key in record.documents
        )


def _with_metadata(document: Document, entry: FileEntry) -> Document:
    """The document with what the source knows of its file, unless the file itself says otherwise."""
    return replace(document, metadata={**entry.metadata, **document.metadata}) if entry.metadata else document


def _when_to_read(entry: FileEntry) -> tuple[int, int, str]:
    """A sort key: small files first, and those of about the same size newest first."""
    return (entry.size.bit_length(), -entry.modified, entry.id)


def _without_large_unknown(entries: Sequence[FileEntry], limits: LoadSettings) -> tuple[list[FileEntry], int]:
    """Return the entries without large files of unknown formats, and the number of these. They are counted, not named:
    nobody expects a film or a disk image to be read."""
    kept = [
        entry
        for entry in entries
        if entry.size <= limits.max_megabytes * 1e6 or has_loader(entry.id) or is_archive(entry.id)
    ]
    return kept, len(entries) - len(kept)
