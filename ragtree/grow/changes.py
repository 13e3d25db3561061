"""What is different between a folder and the catalog. Content decides; size and time are a shortcut."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..errors import LoadError
from ..load.folder import FileEntry
from ..load.formats import loader_for
from ..load.listing import list_files
from ..load.members import is_archive
from ..reports import Skipped
from ..settings import LoadSettings
from ..store.catalog import Catalog
from ..store.documents import DocumentRecord, StoredDocument
from ..store.staging import FileRecord, Staging
from ..types import Document, OnProgress, no_progress
from .reading import FolderReading

_OTHERS = "the application added a document of this name; remove that one first"
_KEPT = "; the version from before stays in the index"


@dataclass(frozen=True, slots=True)
class Changes:
    """The difference. The new documents have been read, and wait in the catalog's staging."""

    added: tuple[DocumentRecord, ...] = ()
    changed: tuple[DocumentRecord, ...] = ()
    renamed: tuple[tuple[str, DocumentRecord], ...] = ()
    """Old id, and the document under its new one."""
    removed: tuple[str, ...] = ()
    unchanged: int = 0
    skipped: tuple[Skipped, ...] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)
    files: tuple[FileRecord, ...] = ()
    """What the folder's files hold, where that has changed."""
    files_gone: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    """Documents that are left for another sync; the index keeps what it has of them."""

    @property
    def documents(self) -> list[DocumentRecord]:
        """All documents that are new to the catalog as they are."""
        return [*self.added, *self.changed, *(record for _, record in self.renamed)]

    @property
    def gone(self) -> list[str]:
        """Ids that are no more."""
        return [*self.removed, *(old for old, _ in self.renamed)]

    def ids(
        self,
    ) -> tuple[
        tuple[str, ...],
        tuple[str, ...],
        tuple[tuple[str, str], ...],
        tuple[str, ...],
        int,
        tuple[Skipped, ...],
        Mapping[str, int],
    ]:
        """The fields of a `Difference`, in their order."""
        return (
            tuple(record.id for record in self.added),
            tuple(record.id for record in self.changed),
            tuple((old, record.id) for old, record in self.renamed),
            self.removed,
            self.unchanged,
            self.skipped,
            self.ignored,
        )

    def without(self, waiting: Collection[str]) -> Changes:
        """The same, but these documents are left for another sync."""
        return replace(
            self,
            added=tuple(record for record in self.added if record.id not in waiting),
            changed=tuple(record for record in self.changed if record.id not in waiting),
            renamed=tuple((old, record) for old, record in self.renamed if record.id not in waiting),
            files=tuple(file for file in self.files if set(waiting).isdisjoint(file.documents)),
            waiting=tuple(sorted(waiting)),
        )

    def __bool__(self) -> bool:
        return bool(self.documents or self.gone)


def find_changes(
    folder: Path, catalog: Catalog, staging: Staging, limits: LoadSettings, progress: OnProgress = no_progress
) -> Changes:
    """Compare `folder` with the catalog; what is new is read, and staged.

    A file that cannot be read is skipped with its reason; where the index has an earlier version, that one
    stays. Raises NothingToIndexError where there is no such folder.
    """
    listing = list_files(folder)
    entries, large = _without_large_unknown(listing.entries, limits)
    documents, files = catalog.records(), staging.files()
    reading = FolderReading(files, documents.keys(), staging, limits)
    reading.run(entries, progress)
    comparison = _Comparison(catalog, staging, documents)
    comparison.compare(reading)
    readable = [record for record in reading.records if record.sha256]
    return Changes(
        tuple(comparison.added),
        tuple(comparison.changed),
        tuple(comparison.renamed),
        tuple(comparison.missing),
        comparison.unchanged,
        tuple(comparison.skipped),
        {**listing.ignored, **({"large files of unknown kinds": large} if large else {})},
        tuple(record for record in readable if files.get(record.id) != record),
        tuple(files.keys() - {entry.id for entry in entries}),
    )


def _without_large_unknown(entries: Sequence[FileEntry], limits: LoadSettings) -> tuple[list[FileEntry], int]:
    """A film or the image of a disk is counted, and not named: nobody meant it to be read."""
    kept = [
        entry
        for entry in entries
        if entry.size <= limits.max_megabytes * 1e6 or loader_for(entry.id) is not None or is_archive(entry.id)
    ]
    return kept, len(entries) - len(kept)


class _Comparison:
    """What a folder holds against what the catalog has."""

    def __init__(self, catalog: Catalog, staging: Staging, documents: Mapping[str, DocumentRecord]) -> None:
        self.added: list[DocumentRecord] = []
        self.changed: list[DocumentRecord] = []
        self.renamed: list[tuple[str, DocumentRecord]] = []
        self.skipped: list[Skipped] = []
        self.missing: dict[str, DocumentRecord] = {}
        self.unchanged = 0
        self._catalog = catalog
        self._staging = staging
        self._known = {key: record for key, record in documents.items() if record.origin == "folder"}
        self._others = documents.keys() - self._known.keys()

    def compare(self, reading: FolderReading) -> None:
        found = {key for record in reading.records for key in record.documents}
        skipped = [skipped for record in reading.records for skipped in record.skipped]
        # What lies in a folder or an archive that cannot be opened is not gone.
        closed = tuple(f"{left_out.source}/" for left_out in skipped)
        stays = {left_out.source for left_out in skipped} | found
        self.missing = {
            key: record for key, record in self._known.items() if key not in stays and not key.startswith(closed)
        }
        same_bytes: defaultdict[str, list[str]] = defaultdict(list)
        for key, record in reversed(self.missing.items()):
            same_bytes[record.sha256].append(key)
        for file in reading.records:
            for left_out in file.skipped:
                kept = _KEPT if left_out.source in self._known else ""
                self.skipped.append(Skipped(left_out.source, left_out.reason + kept))
            for key in file.documents:
                self._place(key, file.id in reading.staged, same_bytes)

    def _place(self, key: str, staged: bool, same_bytes: Mapping[str, list[str]]) -> None:
        if key in self._others:
            self.skipped.append(Skipped(key, _OTHERS))
            return
        record = self._staging.record(key) if staged else None
        if record is None:
            self.unchanged += 1
        elif key in self._known:
            if self._is_same(record):
                self.unchanged += 1
            else:
                self.changed.append(record)
        elif same_bytes.get(record.sha256):
            old = same_bytes[record.sha256].pop()
            del self.missing[old]
            self.renamed.append((old, record))
        else:
            self.added.append(record)

    def _is_same(self, record: DocumentRecord) -> bool:
        """Same bytes, and, where the readers are new ones, the same text."""
        return self._known[record.id].sha256 == record.sha256 and (
            self._catalog.document(record.id) == self._staging.document(record.id)
        )


def changes_of(documents: Iterable[Document], catalog: Catalog, staging: Staging) -> Changes:
    """What documents that an application brings change; they are staged. The last of those with the same id counts.

    Raises LoadError for one whose text is not Unicode.
    """
    known = catalog.records().keys()
    new: dict[str, DocumentRecord] = {}
    same: set[str] = set()
    for document in documents:
        check_unicode(document)
        record = DocumentRecord(document.id, document.sha256, "api", len(document.text), 0)
        if document.id in known and catalog.document(document.id) == document:
            same.add(document.id)
            new.pop(document.id, None)
        else:
            same.discard(document.id)
            new[document.id] = record
            staging.add(StoredDocument(document, record))
    staging.flush()
    added = tuple(record for key, record in new.items() if key not in known)
    changed = tuple(record for key, record in new.items() if key in known)
    return Changes(added, changed, unchanged=len(same))


def nothing_to_index(folder: Path, changes: Changes) -> str:
    """Why there is no document, in one sentence."""
    if not changes.skipped:
        ignored = sum(changes.ignored.values())
        left = f" ({ignored} ignored)" if ignored else ""
        return f"there is no document in {folder}{left}; put .md, .txt, .html, .pdf or .docx files into it"
    first = changes.skipped[0]
    return (
        f"none of the {len(changes.skipped)} files in {folder} can be read; the first is {first.source}: {first.reason}"
    )


def check_unicode(document: Document) -> None:
    """Half a surrogate pair has no bytes in UTF-8, so it could not be stored. Raises LoadError."""
    named = {"id": document.id, "title": document.title, "source": document.source, "text": document.text}
    metadata = {f"metadata {key!a}": f"{key}{value}" for key, value in document.metadata.items()}
    for name, value in (named | metadata).items():
        at = half_pair(value)
        if at is not None:
            raise LoadError(ascii(document.id), f"its {name} holds half a surrogate pair at {at}; decode it anew")


def half_pair(text: str) -> int | None:
    """Where the text has half a surrogate pair, or None."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        return error.start
    return None
