"""Sync: find changes; read, chunk and embed each document, build its tree and commit it; then update the tree above.

A document is searchable as soon as its own tree is committed. If a sync is interrupted, the next one continues from
what is committed; there is no special mode for it.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace

from ..errors import LoadError, ModelError, NothingToIndexError
from ..reports import Skipped, SyncReport
from ..store.catalog import Catalog
from ..store.documents import DocumentRecord, StoredDocument
from ..store.file_records import FileRecord
from ..tracing import span
from ..types import Document, Progress
from .commits import UNFINISHED, Commits, to_build_again
from .document_checks import check_document
from .drafts import DocumentDraft
from .folder_changes import FolderChanges, ReadDocument
from .outcome import SyncOutcome, nothing_to_index
from .request import SyncHooks, SyncRequest
from .tree_changes import change_of
from .workplace import Built, Counts, Here

logger = logging.getLogger(__name__)

TAKEN = "the application added a document with this id; remove that one first"
KEPT = "; the version from before stays in the index"
_BATCH_CHUNKS = 256
"""Documents are committed when they have this many chunks together: enough to fill the embedder's batches."""
_BATCH_DOCUMENTS = 64
_FIRST_BATCH = 32
"""The same for the first batch, so that something can be found soon."""
_CHUNKS_A_BATCH = 64
"""Chunks for each batch of texts that the embedder works on at once, if they are more together: with their sentences
they are several batches, so that no server waits for the last one."""
_GROUPS_A_REQUEST = 4
"""Groups for each summary that is requested at once: those of one document seldom keep several servers busy."""
_ONE_SERVER = 2
"""Summaries at once that a single server gets by default. Then a commit need not wait for other documents."""
_LAST_FAILURE = 3
"""If this many documents in a row fail, the models are taken to be gone."""


@dataclass(slots=True)
class _Batch:
    """Documents that are committed together, and the files that are done with them."""

    drafts: list[DocumentDraft] = field(default_factory=list)
    files: list[FileRecord] = field(default_factory=list)
    built: Callable[[], Built] = lambda: Built(())
    """Waits for the trees of the documents."""

    @property
    def chunks(self) -> int:
        return sum(len(draft.chunks) for draft in self.drafts)

    def groups(self, budget: int) -> int:
        """About how many summaries of at most `budget` tokens the documents need."""
        return sum(1 + sum(chunk.tokens for chunk in draft.chunks) // budget for draft in self.drafts)


class Sync:
    """One sync of an index."""

    def __init__(self, catalog: Catalog, request: SyncRequest, hooks: SyncHooks) -> None:
        self._catalog = catalog
        self._request = request
        self._builders = request.builders
        self._to_catalog = Commits(catalog, request, hooks)
        self._done = SyncOutcome()
        self._workplace = request.workplace or Here(request.builders)
        self._batch = _Batch()
        self._begun: deque[_Batch] = deque()
        """Batches whose trees are being built, in the order of their commits."""
        self._batches = 0
        self._records = catalog.records()
        self._failures = 0
        self._failure: ModelError | None = None
        self._commits = 0

    # --- what it is asked to do

    def folder(self, reading: FolderChanges) -> SyncReport:
        """Bring the index in line with a folder. Raises NothingToIndexError if no document can be read, ModelError."""
        done = self._done
        owned = {key for key, record in self._records.items() if record.origin == "folder"}
        done.unchanged = sum(len(record.documents) for record in reading.unchanged)
        self._catalog.set_facts({"found": str(_documents_to_be(reading, self._records.keys()))})
        stays = {key for record in reading.unchanged for key in record.documents}
        lost = self._lost(reading, owned)
        with self._catalog.one_update():
            for record in reading.unchanged:
                stays |= self._refused(record, owned)
            stays |= self._read(reading, owned, lost)
            self._flush()
            self._rebuild()
            gone = owned - stays - {new for _, new in done.renamed} - {old for old, _ in done.renamed}
            if done.waiting:  # what unread files hold is not known
                gone &= {key for name in reading.gone for key in reading.known[name].documents}
            self._check_not_empty(reading, gone)
            self._remove(sorted(gone), reading.gone)
            self._finish()
        return self._done.report(self._request, self._catalog, reading.ignored)

    def documents(self, documents: Iterable[Document]) -> SyncReport:
        """Add documents that are not in a folder. One with a known id replaces the old one. Those that cannot be stored
        are skipped. Raises LoadError if none can be stored."""
        latest: dict[str, Document] = {}
        for document in documents:
            try:
                check_document(document)
            except LoadError as error:
                self._skip(Skipped(error.source, error.reason), self._records.keys())
            else:
                latest[document.id] = document
        if self._done.skipped and not latest:
            raise LoadError(self._done.skipped[0].source, self._done.skipped[0].reason)
        with self._catalog.one_update():
            for key, document in latest.items():
                record = DocumentRecord(key, document.sha256, "api", len(document.text), 0)
                self._take(document, record)
            self._flush()
            self._rebuild()
            self._finish()
        return self._done.report(self._request, self._catalog)

    def copies(self, ids: Collection[str], documents: Iterable[StoredDocument]) -> SyncReport:
        """Make the index hold these documents of other indexes, and no others. `ids` are theirs.

        What does not belong there is removed before anything is added.
        """
        with self._catalog.one_update():
            self._remove(sorted(self._records.keys() - set(ids)), ())
            self._catalog.set_facts({"found": str(len(ids))})
            for stored in documents:
                self._take(stored.document, stored.record)
            self._flush()
            self._rebuild()
            self._finish()
        return self._done.report(self._request, self._catalog)

    def keep_only(self, ids: Collection[str]) -> SyncReport:
        """Remove all documents but these."""
        return self.remove(sorted(self._records.keys() - set(ids)))

    def remove(self, ids: Sequence[str]) -> SyncReport:
        """Remove documents by id."""
        with self._catalog.one_update():
            self._remove(ids, ())
            self._rebuild()
            self._finish()
        self._done.unchanged = self._catalog.document_count()
        return self._done.report(self._request, self._catalog)

    # --- reading

    def _read(self, reading: FolderChanges, owned: set[str], lost: dict[str, list[str]]) -> set[str]:
        """Take in the documents that are read. Returns the ids of documents that stay in the index."""
        stays: set[str] = set()
        own: list[str] = []
        """Documents of the file that is being read."""
        refused = False
        items = reading.read(self._request.progress, self._request.workplace)
        left = {entry.id for entry in reading.due}
        try:
            for item in items:
                if isinstance(item, ReadDocument):
                    document, entry = item.document, item.entry
                    record = DocumentRecord(document.id, document.sha256, "folder", entry.size, entry.modified)
                    own.append(document.id)
                    if document.id in self._records and document.id not in owned:
                        self._done.skipped.append(Skipped(document.id, TAKEN))
                        refused = True
                        continue
                    same = lost.get(document.sha256)
                    renamed = same.pop() if same and document.id not in owned else ""
                    self._take(document, record, renamed)
                    continue
                left.discard(item.id)
                if item.documents and not own:  # its bytes have not changed
                    self._done.unchanged += len(item.documents)
                stays |= {*own, *item.documents} | self._refused(item, owned)
                if item.sha256 and not refused:  # a file with a refused document is read, and named, again next time
                    self._batch.files.append(item)
                own, refused = [], False
                if left and not self._request.spending.has_time():
                    break
        finally:
            items.close()
        held = {name: reading.known[name].documents if name in reading.known else () for name in left}
        self._done.waiting = sorted({key for name, keys in held.items() for key in keys or (name,)})
        return stays.union(*held.values())

    def _refused(self, record: FileRecord, owned: set[str]) -> set[str]:
        """Report what could not be read of a file, and what is missing from its documents.

        Returns the ids of documents that stay in the index all the same: earlier versions of what could not be read,
        and the contents of a folder or an archive that cannot be opened.
        """
        stays: set[str] = set()
        self._done.notices += record.notices
        for skipped in record.skipped:
            self._skip(skipped, owned)
            stays |= {key for key in owned if key == skipped.source or key.startswith(f"{skipped.source}/")}
        return stays

    def _skip(self, skipped: Skipped, owned: Collection[str]) -> None:
        kept = KEPT if skipped.source in owned else ""
        self._done.skipped.append(Skipped(skipped.source, skipped.reason + kept))

    def _lost(self, reading: FolderChanges, owned: set[str]) -> dict[str, list[str]]:
        """The ids of documents of files that are gone, by sha256: such a file may have been renamed."""
        lost: dict[str, list[str]] = {}
        gone = {key for name in reading.gone for key in reading.known[name].documents}
        for key in sorted(gone & owned, reverse=True):
            lost.setdefault(self._records[key].sha256, []).append(key)
        return lost

    # --- documents on their way

    def _take(self, document: Document, record: DocumentRecord, renamed: str = "") -> None:
        """Add a document to the batch, unless it is unchanged, and note whether it is new, changed or renamed."""
        known = self._records.get(document.id)
        if known is not None and known.sha256 == record.sha256 and self._catalog.document(document.id) == document:
            self._done.unchanged += 1
            return
        stored = StoredDocument(document, record)
        if not self._draft(stored, renamed):
            return
        if renamed:
            self._done.renamed.append((renamed, document.id))
        else:
            (self._done.added if known is None else self._done.changed).append(document.id)
        self._flush_if_full()

    def _draft(self, stored: StoredDocument, renamed: str = "") -> bool:
        """Chunk a document, and add it to the batch. False if that failed."""
        before = {one.node.id: one for one in self._catalog.of_document(renamed or stored.document.id)}
        earlier = replace(stored, built=self._catalog.built(renamed or stored.document.id))
        cut_alike = earlier.built.split("\n")[0] == self._builders.chunking.fingerprint
        old = [one.node for one in before.values() if not one.node.level] if cut_alike else []
        if renamed:
            before = self._builders.trees.renamed(before.values(), stored.document.id)
        chunking = self._builders.chunking
        failed = chunking.without_context
        try:
            chunks = chunking.chunks_of(stored.document, old)
        except ModelError as error:
            self._fail(stored.document, error)
            return False
        lacks_contexts = chunking.without_context > failed
        self._batch.drafts.append(DocumentDraft(earlier, chunks, before, renamed, lacks_contexts))
        return True

    def _fail(self, document: Document, error: ModelError) -> None:
        """Note that a document cannot be indexed for now. After too many in a row the model is taken to be gone, and
        the error is raised."""
        self._failures += 1
        self._failure = error
        if self._failures >= _LAST_FAILURE:
            raise error
        logger.info("%s is not indexed for now: %s", document.source, error)
        self._done.failed.append(Skipped(document.source, f"{error} (it is tried again by the next sync)"))

    def _flush_if_full(self) -> None:
        builders = self._builders
        most = max(_BATCH_CHUNKS, _CHUNKS_A_BATCH * builders.vectors.at_once) if self._batches else _FIRST_BATCH
        if builders.summarizer.asks_a_model:  # a commit waits for every summary in it
            at_once, budget = builders.summarizer.at_once, self._request.settings.tree.group_tokens
            if at_once <= _ONE_SERVER or self._batch.groups(budget) >= _GROUPS_A_REQUEST * at_once:
                most = 1
        if self._batch.chunks >= most or len(self._batch.drafts) >= _BATCH_DOCUMENTS:
            self._begin()
            while len(self._begun) > 2 * self._workplace.at_once:
                self._commit_first()

    def _flush(self) -> None:
        """Build and commit all documents that are on their way."""
        self._begin()
        while self._begun:
            self._commit_first()

    def _begin(self) -> None:
        """Begin to build the documents of the batch."""
        batch, self._batch = self._batch, _Batch()
        if batch.drafts:
            batch.built = self._workplace.build(batch.drafts, self._request.progress)
            self._batches += 1
        self._begun.append(batch)

    def _commit_first(self) -> None:
        """Commit the batch that was begun first."""
        batch = self._begun.popleft()
        if not batch.drafts:
            self._catalog.note_files(batch.files, ())
            return
        try:
            attributes = {"ragtree.documents": len(batch.drafts), "ragtree.chunks": batch.chunks}
            with span("ragtree.sync.documents", attributes):
                self._commit(batch.built, batch.drafts, batch.files)
            self._failures = 0
            return
        except ModelError as error:
            if len(batch.drafts) == 1:
                self._give_up(batch.drafts[0], batch, error)
                return
        for draft in batch.drafts:  # one at a time, so that one that fails does not hold up the others
            alone = [replace_draft(draft)]
            try:
                self._commit(self._workplace.build(alone, self._request.progress), alone, ())
                self._failures = 0
            except ModelError as error:
                self._give_up(draft, batch, error)
        self._catalog.note_files(batch.files, ())

    def _give_up(self, draft: DocumentDraft, batch: _Batch, error: ModelError) -> None:
        """Leave a document as it was in the index; its file is read again by the next sync."""
        for ids in (self._done.added, self._done.changed):
            if draft.id in ids:
                ids.remove(draft.id)
        self._done.renamed = [pair for pair in self._done.renamed if pair[1] != draft.id]
        batch.files[:] = [record for record in batch.files if draft.id not in record.documents]
        self._fail(draft.stored.document, error)

    def _commit(
        self, building: Callable[[], Built], drafts: Sequence[DocumentDraft], files: Sequence[FileRecord]
    ) -> None:
        built, done = building(), self._builders.fingerprint
        self._count(built.counts)
        stored = [
            replace(tree.stored, built=done + UNFINISHED if draft.lacks_contexts else done)
            for draft, tree in zip(drafts, built.trees, strict=True)
        ]
        change = change_of(self._catalog, built.trees)
        self._to_catalog.write(change, stored, [tree.replaces for tree in built.trees if tree.replaces], files)
        self._commits += 1
        self._to_catalog.themes_on_the_way()

    def _count(self, counts: Counts) -> None:
        """Add what was done elsewhere to what the builders here have counted."""
        vectors, summarizer, spending = self._builders.vectors, self._builders.summarizer, self._request.spending
        vectors.embedded += counts.embedded
        vectors.cut_elsewhere += counts.cut_texts
        summarizer.summarized += counts.summarized
        summarizer.unwritten += counts.unwritten
        summarizer.left_out += counts.left_out
        spending.count(counts.calls, counts.prompt_tokens, counts.answer_tokens)

    def _rebuild(self) -> None:
        """Rebuild, from the texts in the catalog, documents that were built with other settings or are unfinished."""
        due, unfinished = to_build_again(self._catalog, self._builders.fingerprint)
        due |= unfinished if self._request.unfinished else set()
        failed = {skipped.source for skipped in self._done.failed}
        fresh = {*self._done.added, *self._done.changed, *(new for _, new in self._done.renamed)}
        ids = sorted(due - fresh)
        for number, key in enumerate(ids, start=1):
            begun = self._commits or number > 1  # however little time there is, every sync makes progress
            if begun and not self._request.spending.has_time():
                self._done.waiting = sorted({*self._done.waiting, *ids[number - 1 :]})
                break
            document, record = self._catalog.document(key), self._records.get(key)
            if document is None or record is None or document.source in failed:
                continue
            self._request.progress(Progress("chunk", number, len(ids)))
            if self._draft(StoredDocument(document, record)):
                self._flush_if_full()
        self._flush()

    # --- removing

    def _check_not_empty(self, reading: FolderChanges, gone: set[str]) -> None:
        if self._done.failed or self._done.waiting or self._catalog.records().keys() - gone:
            return
        raise NothingToIndexError(nothing_to_index(reading.address, self._done.skipped, reading.ignored))

    def _remove(self, ids: Sequence[str], files: Sequence[str]) -> None:
        for start in range(0, len(ids), _BATCH_DOCUMENTS):
            part = ids[start : start + _BATCH_DOCUMENTS]
            self._to_catalog.write(change_of(self._catalog, (), part), (), part, ())
        self._done.removed += ids
        self._catalog.note_files((), files)

    def _finish(self) -> None:
        """Bring the tree above in line. If documents failed and the index is empty, raises the last failure."""
        with span("ragtree.sync.collection"):
            self._to_catalog.finish(len(self._done.waiting))
        if self._failure is not None and not self._catalog.document_count():
            raise self._failure


def replace_draft(draft: DocumentDraft) -> DocumentDraft:
    """A draft of the same document without any vectors."""
    return DocumentDraft(draft.stored, draft.chunks, draft.before, draft.replaces, draft.lacks_contexts)


def _documents_to_be(reading: FolderChanges, there: Collection[str]) -> int:
    """The number of documents the index will have if every file that is due holds as many as last time; a new file
    counts as one."""
    read = [reading.known[entry.id].documents for entry in reading.due if entry.id in reading.known]
    left = set(there).difference(*read, *(reading.known[name].documents for name in reading.gone))
    return len(left) + sum(map(len, read)) + len(reading.due) - len(read)
