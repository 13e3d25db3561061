"""What is different between a folder and the catalog. Content decides; size and time are a shortcut."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import LoadError
from ..load.folder import FileEntry, digest, parse, read_bytes, scan
from ..settings import LoadSettings
from ..store.catalog import DocumentRecord, StoredDocument
from ..types import Document, OnProgress, Progress, Skipped, no_progress


@dataclass(frozen=True, slots=True)
class Changes:
    """The difference, with the new documents read."""

    added: tuple[StoredDocument, ...] = ()
    changed: tuple[StoredDocument, ...] = ()
    renamed: tuple[tuple[str, StoredDocument], ...] = ()
    """Old id, and the document under its new one."""
    removed: tuple[str, ...] = ()
    touched: tuple[DocumentRecord, ...] = ()
    """Written again with the same bytes."""
    unchanged: int = 0
    skipped: tuple[Skipped, ...] = ()

    @property
    def documents(self) -> list[StoredDocument]:
        """All documents that are new to the catalog as they are."""
        return [*self.added, *self.changed, *(stored for _, stored in self.renamed)]

    @property
    def gone(self) -> list[str]:
        """Ids that are no more."""
        return [*self.removed, *(old for old, _ in self.renamed)]

    def ids(
        self,
    ) -> tuple[
        tuple[str, ...], tuple[str, ...], tuple[tuple[str, str], ...], tuple[str, ...], int, tuple[Skipped, ...]
    ]:
        """The fields of a `Difference`, in their order."""
        return (
            tuple(stored.document.id for stored in self.added),
            tuple(stored.document.id for stored in self.changed),
            tuple((old, stored.document.id) for old, stored in self.renamed),
            self.removed,
            self.unchanged,
            self.skipped,
        )

    def __bool__(self) -> bool:
        return bool(self.documents or self.gone)


def find_changes(
    folder: Path,
    known: Mapping[str, DocumentRecord],
    limits: LoadSettings,
    progress: OnProgress = no_progress,
) -> Changes:
    """Compare `folder` with the records of an index, and read what is new.

    A file that cannot be read is skipped with its reason; where the index has an earlier version, that one
    stays. Raises NothingToIndexError where there is no such folder.
    """
    entries = scan(folder)
    others = {key for key, record in known.items() if record.origin != "folder"}
    known = {key: record for key, record in known.items() if record.origin == "folder"}
    missing = {key: record for key, record in known.items() if key not in {entry.id for entry in entries}}
    added: list[StoredDocument] = []
    changed: list[StoredDocument] = []
    renamed: list[tuple[str, StoredDocument]] = []
    touched: list[DocumentRecord] = []
    skipped: list[Skipped] = []
    for number, entry in enumerate(entries, start=1):
        record = known.get(entry.id)
        if entry.id in others:
            skipped.append(Skipped(entry.id, "the application added a document of this name; remove that one first"))
        elif record is None or (record.size, record.modified) != (entry.size, entry.modified):
            try:
                stored = _read(entry, record, limits)
            except LoadError as error:
                kept = "; the version from before stays in the index" if record else ""
                skipped.append(Skipped(error.source, error.reason + kept))
            else:
                if isinstance(stored, DocumentRecord):
                    touched.append(stored)
                elif record is not None:
                    changed.append(stored)
                elif old := next((key for key, r in missing.items() if r.sha256 == stored.record.sha256), None):
                    del missing[old]
                    renamed.append((old, stored))
                else:
                    added.append(stored)
        progress(Progress("load", number, len(entries)))
    # What lies below a folder that cannot be listed is not gone.
    closed = tuple(f"{left_out.source}/" for left_out in skipped)
    missing = {key: record for key, record in missing.items() if not key.startswith(closed)}
    return Changes(
        tuple(added),
        tuple(changed),
        tuple(renamed),
        tuple(missing),
        tuple(touched),
        len(entries) - len(added) - len(changed) - len(renamed) - len(skipped),
        tuple(skipped),
    )


def _read(entry: FileEntry, record: DocumentRecord | None, limits: LoadSettings) -> StoredDocument | DocumentRecord:
    """The file's document, or its record alone where its bytes are those that the record knows."""
    data = read_bytes(entry, limits)
    sha256 = digest(data)
    if record is not None and record.sha256 == sha256:
        return replace(record, size=entry.size, modified=entry.modified)
    document = parse(data, entry.id, limits)
    return StoredDocument(document, DocumentRecord(entry.id, sha256, "folder", entry.size, entry.modified))


def changes_of(
    documents: Iterable[Document], known: Mapping[str, DocumentRecord], stored: Callable[[str], Document | None]
) -> Changes:
    """What documents that an application brings change; the last of those with the same id counts.

    Raises LoadError for one whose text is not Unicode.
    """
    added: list[StoredDocument] = []
    changed: list[StoredDocument] = []
    unchanged = 0
    for document in {document.id: document for document in documents}.values():
        check_unicode(document)
        record = DocumentRecord(document.id, document.sha256, "api", len(document.text), 0)
        if document.id not in known:
            added.append(StoredDocument(document, record))
        elif stored(document.id) == document:
            unchanged += 1
        else:
            changed.append(StoredDocument(document, record))
    return Changes(tuple(added), tuple(changed), unchanged=unchanged)


def nothing_to_index(folder: Path, changes: Changes) -> str:
    """Why there is no document, in one sentence."""
    if not changes.skipped:
        return f"there is no document in {folder}; put .md, .txt, .html, .pdf or .docx files into it"
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
