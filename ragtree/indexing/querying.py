"""Reads one state of the tree, to answer a question from."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..errors import QueryError
from ..processes import process_bound
from ..reports import Budget
from ..retrieve.base import Index
from ..retrieve.exhaustive.extraction import Extractor
from ..retrieve.exhaustive.patterns import make_pattern
from ..retrieve.exhaustive.survey import Approve, Surveyor
from ..retrieve.filtered_nodes import filter_documents, filter_nodes
from ..retrieve.where import conditions
from ..store.catalog import Catalog
from ..store.index_files import IndexFiles
from ..store.query_store import QueryStore
from ..store.snapshots import Snapshot, Snapshots
from ..store.table import TableReader
from ..store.tree_change import TreeChange
from ..surveys import Survey
from ..text.dates import is_iso
from ..text.references import DocumentNames
from ..text.titles import DocumentName, name_of
from ..types import Document, Where
from .mirrors import Mirrors
from .projecting import shortened
from .spending import MeteredChat, Spending


class TreeReader:
    """Reads a tree, one state at a time. Threads may share it."""

    def __init__(self, files: IndexFiles, mirrors: Mirrors, keeps: bool = True) -> None:
        """With `keeps`, vectors are written to a file that the next process maps."""
        tables = TableReader(files.folder / "vectors", shortened, keeps)
        self.snapshots = Snapshots(files.catalog, tables, lambda: mirrors.words.reader())
        self._mirrors = mirrors
        self._names = _Names()

    @contextmanager
    def reading(self) -> Iterator[Snapshot]:
        """One state of the tree, ready to be searched: if a write was interrupted, it is finished first."""
        if self._mirrors.is_asked:
            _ = self._mirrors.store
        with self.snapshots.reading() as snapshot:
            yield snapshot

    def index(self, snapshot: Snapshot) -> Index:
        """What retrievers search. They read nodes from the catalog, which is faster than Chroma, and ask Chroma only
        for the nearest ones."""
        catalog, table = snapshot.catalog, snapshot.table
        return Index(
            QueryStore((lambda: self._mirrors.store) if self._mirrors.is_asked else None, snapshot),
            snapshot.words,
            tuple(catalog.top()),
            table.neighbours,
            table,
            self._names.of(catalog).named,
            lambda vectors: shortened(vectors, catalog),
        )

    def names(self, snapshot: Snapshot) -> DocumentNames:
        """The names of the documents, prepared for matching questions."""
        return self._names.of(snapshot.catalog).read()

    def documents(self, where: Where | None = None) -> Generator[Document, None, None]:
        """Yield the documents of one state with their texts, by id: all, or those that match a filter. Raises
        QueryError."""
        conditions(where)
        return self._documents(where)

    @process_bound
    def _documents(self, where: Where | None) -> Generator[Document, None, None]:
        snapshot = self.snapshots.acquire()
        try:
            allowed = filter_documents(where, snapshot.table) if where else None
            for key in snapshot.catalog.records():
                if allowed is not None and key not in allowed:
                    continue
                document = snapshot.catalog.document(key)
                assert document is not None
                yield document
        finally:
            self.snapshots.release(snapshot)

    def prepare(self, change: TreeChange) -> None:
        """Write the words of a change that is about to be made, so that they appear together with it."""
        with self.reading():  # so that readers who come before the change find the earlier words
            self._mirrors.prepare(change)

    def close(self) -> None:
        """Close the snapshots of the catalog."""
        self.snapshots.close()


class _Names:
    """The names of the documents, prepared for matching once for as long as they stay the same."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, ...]] = []
        self._made: DocumentNames | None = None
        self._turn = threading.Lock()

    def of(self, catalog: Catalog) -> _CurrentNames:
        """The names of one state of the tree."""
        return _CurrentNames(lambda: self._of(catalog.names()))

    def _of(self, rows: list[tuple[str, ...]]) -> DocumentNames:
        with self._turn:
            if self._made is None or rows != self._rows:
                self._made = DocumentNames([(key, _name(*rest)) for key, *rest in rows])
                self._rows = rows
            return self._made


def _name(title: str, path: str, kind: object, date: object, language: object) -> DocumentName:
    """A document's name from the catalog, into which an application may have put anything."""
    said = str(date)
    return name_of(title, path, str(kind), said if is_iso(said) else "", str(language))


@dataclass(frozen=True, slots=True)
class _CurrentNames:
    """The names of one state. They are read when a question is asked."""

    read: Callable[[], DocumentNames]

    def named(self, question: str) -> dict[str, float]:
        return {match.document_id: match.score for match in self.read().match(question)}


def survey(
    surveyor: Surveyor,
    question: str,
    pattern: str | None,
    where: Where | None,
    budget: Budget | None,
    approve: Approve | None,
) -> Survey:
    """Return what `RagTree.survey` returns."""
    table = surveyor.index.table
    allowed = filter_nodes(where, table) if table is not None else None
    if pattern is not None:
        return surveyor.by_pattern(question, make_pattern(pattern), allowed)
    model = surveyor.chat_model()
    if model is None:
        raise QueryError(
            "listing by a question needs a language model, but llm.model is none; name a model, or pass a pattern"
        )
    metered = MeteredChat(model, Spending(budget))
    return surveyor.by_model(question, Extractor(metered, surveyor.prompts), allowed, approve)
