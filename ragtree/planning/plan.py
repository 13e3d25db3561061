"""What a sync would do and cost, before it is run.

The bytes of the files show which documents are new, changed, renamed or gone. Their cost is estimated (`estimate`) from
a sample of them, which is parsed.
"""

from __future__ import annotations

import time
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import PurePosixPath

from ..errors import LoadError
from ..indexing.builders import Builders
from ..indexing.commits import to_build_again
from ..indexing.figures import CountedFigures
from ..indexing.folder_changes import FolderChanges
from ..indexing.sync import KEPT, TAKEN
from ..load.base import FileEntry, GoneError, UnchangedError
from ..load.parsing import digest, read_bytes
from ..load.pool import read_files
from ..load.recognition.page_cache import NoPageCache
from ..reports import Notice, Plan, Skipped
from ..settings import Settings
from ..store.catalog import Catalog
from ..store.file_records import FileRecord
from ..types import Document, OnProgress, Progress, no_progress
from .estimate import Work, estimate_costs, evenly_spaced

_SAMPLE = 24
"""Files that are parsed for a plan, evenly spaced over kinds and sizes; and the smallest of as many kinds."""
_SAMPLE_BYTES = 5_000_000


def make_plan(
    reading: FolderChanges,
    catalog: Catalog,
    settings: Settings,
    builders: Builders,
    measure: bool,
    progress: OnProgress = no_progress,
) -> Plan:
    """What a sync would do. Nothing in the index is changed.

    Without `measure`, no model is loaded, the plan has no times, and the language model's tokens are counted as cl100k
    does. Raises ModelError if a model that is needed fails.
    """
    changes = _Changes(reading, catalog)
    changes.hash_files(progress)
    changes.parse_sample()
    otherwise, unfinished = to_build_again(catalog, builders.fingerprint)
    facts, above = catalog.facts(), builders.above.fingerprint if builders.above is not None else ""
    other_above = bool(facts.collection != above and not facts.behind and catalog.document_count())
    plan = replace(
        changes.plan(),
        settings_changed=bool(otherwise) or other_above,
        unfinished=bool(facts.behind or unfinished or catalog.unfinished_themes()),
    )
    if plan.is_empty:
        return plan
    again = (otherwise | unfinished) - {*plan.changed, *plan.removed, *(old for old, _ in plan.renamed)}
    plan = estimate_costs(plan, [*changes.work, *_again(again, catalog)], catalog, settings, builders, measure)
    return replace(plan, seconds={"reading": changes.seconds, **plan.seconds}) if measure else plan


class _Changes:
    """How a folder differs from its index."""

    def __init__(self, reading: FolderChanges, catalog: Catalog) -> None:
        self.work: list[Work] = []
        """New and changed documents."""
        self.seconds = 0.0
        """Estimated seconds to parse the files that are due."""
        self.figures = 0.0
        """Estimated pictures of these files that would have to be described."""
        self._reading = reading
        self._catalog = catalog
        self._records = catalog.records()
        self._owned = {key for key, record in self._records.items() if record.origin == "folder"}
        self._due: list[FileEntry] = []
        self._stays: set[str] = set()
        self._added: list[str] = []
        self._changed: list[str] = []
        self._renamed: list[tuple[str, str]] = []
        self._unchanged = 0
        self._skipped: list[Skipped] = []
        self._notices: list[Notice] = []
        for record in reading.unchanged:
            self._keep(record)

    def hash_files(self, progress: OnProgress) -> None:
        """Find what the bytes of the files show: what is unchanged, renamed, or due to be parsed."""
        reading = self._reading
        lost: dict[str, list[str]] = {}
        for name in reversed(reading.gone):
            lost.setdefault(reading.known[name].sha256, []).append(name)
        for number, entry in enumerate(reading.due, start=1):
            progress(Progress("load", number, len(reading.due)))
            try:
                sha256 = digest(read_bytes(entry, reading.limits))
            except UnchangedError:
                self._keep(reading.known[entry.id])
                continue
            except LoadError as error:
                if not (isinstance(error, GoneError) and reading.has_documents_of(entry.id)):
                    self._skipped.append(Skipped(error.source, error.reason))
                continue
            if reading.is_known(entry, sha256):
                self._keep(reading.known[entry.id])
            elif entry.id in self._owned and self._records[entry.id].sha256 == sha256:
                self._unchanged += 1
                self._stays.add(entry.id)
            elif lost.get(sha256) and entry.id not in self._records:
                old = lost[sha256].pop()
                documents = self._owned.intersection(reading.known[old].documents)
                self._renamed += [(key, entry.id + key.removeprefix(old)) for key in documents]
            else:
                self._due.append(entry.answered)

    def parse_sample(self) -> None:
        """Parse some of the due files, and estimate which documents all of them hold."""
        sample = self._sample()
        documents: dict[str, list[Document]] = {entry.id: [] for entry in sample}
        started = time.monotonic()
        figures = CountedFigures(self._reading.figures) if self._reading.figures is not None else None
        with closing(read_files(sample, self._reading.limits, pages=NoPageCache(time=False), figures=figures)) as items:
            for entry, item in items:
                if isinstance(item, Document):
                    documents[entry.id].append(item)
                    self._notices += (Notice(item.id, text) for text in item.notices)
                elif isinstance(item, Skipped):
                    self._skipped.append(item)
        size = sum(entry.size for entry in sample)
        if figures is not None:
            self.figures = len(figures.unknown) * sum(entry.size for entry in self._due) / max(1, size)
        self.seconds = (time.monotonic() - started) * sum(entry.size for entry in self._due) / max(1, size)
        for entry in self._due:
            known = self._reading.known.get(entry.id)
            texts = {one.id: one for one in documents.get(entry.id, ())}
            ids = list(texts)
            if entry.id not in documents:
                ids = list(known.documents) if known is not None and known.documents else [entry.id]
            for key in ids:
                self._take(key, texts.get(key), entry, entry.size / len(ids))

    def plan(self) -> Plan:
        """What a sync would do to the documents."""
        sources = {one.source for one in self._skipped}
        # What cannot be read stays: earlier versions, and the contents of folders and archives that cannot be opened.
        refused = {key for key in self._owned if key in sources or any(key.startswith(f"{one}/") for one in sources)}
        removed = self._owned - self._stays - refused - {old for old, _ in self._renamed}
        skipped = [Skipped(one.source, one.reason + KEPT * (one.source in self._owned)) for one in self._skipped]
        return Plan(
            added=tuple(sorted(self._added)),
            changed=tuple(sorted(self._changed)),
            renamed=tuple(sorted(self._renamed)),
            removed=tuple(sorted(removed)),
            unchanged=self._unchanged,
            skipped=tuple(sorted(skipped, key=lambda one: one.source)),
            notices=tuple(sorted(self._notices, key=lambda one: one.source)),
            ignored=self._reading.ignored,
            figures=round(self.figures),
        )

    def _keep(self, record: FileRecord) -> None:
        """Count a file as unchanged."""
        self._unchanged += len(record.documents)
        self._stays |= set(record.documents)
        self._skipped += record.skipped
        self._notices += record.notices

    def _sample(self) -> list[FileEntry]:
        """Files of all kinds and sizes, small ones first, up to `_SAMPLE_BYTES`."""
        by_kind = sorted(self._due, key=lambda entry: (_kind(entry), entry.size))
        kinds = {_kind(entry): entry for entry in reversed(by_kind)}
        chosen = {entry.id: entry for entry in [*evenly_spaced(by_kind, _SAMPLE), *list(kinds.values())[:_SAMPLE]]}
        sample: list[FileEntry] = []
        size = 0
        for entry in sorted(chosen.values(), key=lambda entry: entry.size):
            size += entry.size
            if not sample or size <= _SAMPLE_BYTES:
                sample.append(entry)
        return sample

    def _take(self, key: str, text: Document | None, entry: FileEntry, size: float) -> None:
        """Count a document as new, changed, or (if its text is known) unchanged."""
        if key in self._records and key not in self._owned:
            self._skipped.append(Skipped(key, TAKEN))
            return
        self._stays.add(key)
        if text is not None and key in self._owned and self._catalog.document(key) == text:
            self._unchanged += 1
            return
        (self._changed if key in self._owned else self._added).append(key)
        self.work.append(Work(key, size, _kind(entry), text))


def _kind(entry: FileEntry) -> str:
    return PurePosixPath(entry.id).suffix.lower() or "none"


def _again(ids: set[str], catalog: Catalog) -> list[Work]:
    """The documents to rebuild from their texts in the index, because of other settings or something unfinished."""
    tokens: Counter[str] = Counter()
    for entry in catalog.entries(("chunk",)) if ids else ():
        tokens[entry.document_id] += entry.tokens
    order = sorted(ids, key=lambda key: (tokens[key], key))
    sample = set(evenly_spaced(order, _SAMPLE))
    return [Work(key, tokens[key], "", catalog.document(key) if key in sample else None) for key in order]
