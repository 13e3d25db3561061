"""RagTree: the one object that an application holds. It joins the rooms and does no step itself."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from . import models
from .answer.asking import Asking
from .answer.chat import Chat
from .answer.memory import conversation_memory
from .answer.rewrite import rewrite
from .gather.base import DocumentEntry, OutlineEntry
from .gather.gathering import Gathering
from .gather.outline import outline
from .gather.reading import read
from .indexing.methods import make_builders
from .indexing.open_index import OpenIndex
from .indexing.querying import survey
from .indexing.reading import FolderReading
from .indexing.spending import Spending
from .indexing.stats import stats_of
from .indexing.watching import OnError, OnSync, Watching
from .llm.base import JsonSchema
from .once import once
from .planning.plan import make_plan
from .reports import Budget, Plan, Stats, SyncReport
from .retrieve.exhaustive.survey import Approve, Surveyor
from .retrieve.search import check_query
from .store.since import History, read_history
from .store.snapshots import Snapshot, Snapshots
from .surveys import Survey
from .tracing import span
from .types import (
    Answer,
    Citation,
    Document,
    Hit,
    Node,
    OnProgress,
    Span,
    StructuredAnswer,
    Value,
    Where,
    no_progress,
)
from .upkeep.maintained import Maintained

if TYPE_CHECKING:
    import networkx


class RagTree(OpenIndex, Maintained):
    """An index: documents, their trees, and the questions that one asks it. Use `RagTree.open`. Threads may share it:
    they read while one of them syncs."""

    # --- the folder and its documents

    def plan(self, folder: str | Path, progress: OnProgress = no_progress, *, measure: bool = True) -> Plan:
        """What `sync` would do, and an estimate of what it would cost. Nothing is changed, and no model is asked.

        The estimate comes from the sizes of the files that have changed, of which a few are parsed, and from how fast
        this machine embeds: with `measure` the embedder is loaded and measured for a few seconds. Raises
        NothingToIndexError if there is no such folder.
        """
        with self._writing():
            reading = FolderReading(Path(folder), self._catalog, self.settings.load)
            given = self._models(self.settings)
            builders = make_builders(self.settings, given, self._catalog, Spending(), planning=True)
            return make_plan(reading, self._catalog, self.settings, builders, measure, progress)

    def sync(
        self,
        folder: str | Path,
        progress: OnProgress = no_progress,
        *,
        settings_too: bool = True,
        budget: Budget | None = None,
        refresh: bool = False,
    ) -> SyncReport:
        """Make the index show `folder`: documents added, changed, renamed, removed. Documents that the application
        added stay.

        Each document is committed as soon as its own tree is built, and is found from then on; the themes over the
        documents follow at the end. Interrupted, the next sync goes on from what is committed. Summaries of themes
        below which little has changed are kept, and marked stale (`tree.stale`); `refresh` has them written again, too.

        If settings that shape the trees have changed, all documents are built again from their texts in the index,
        unless `settings_too` is False: then the index is kept as it was made, and what the language model has left
        unwritten stays so. Within a `budget` the report tells what
        is left to the next sync.

        Raises NothingToIndexError if no document can be read (the index stays as it was), ModelError.
        """
        spending = Spending(budget)
        with self._writing():
            reading = FolderReading(Path(folder), self._catalog, self.settings.load, spending.has_time)
            return _traced(lambda: self._sync(spending, settings_too, refresh, progress).folder(reading))

    def watch(
        self,
        folder: str | Path,
        on_sync: OnSync | None = None,
        on_error: OnError | None = None,
        progress: OnProgress = no_progress,
        *,
        settings_too: bool = True,
        once: bool = False,
    ) -> Watching:
        """Follow `folder` in a thread: sync at once, and whenever files have changed, until the watch is stopped.

        Documents are found as soon as they are committed, and the sync waits while questions are answered. With `once`
        the watch ends with its first sync: a sync in the background.

        What changes while a sync runs is taken in by the next one. `on_sync` is told of every sync, `on_error` of one
        that failed, for whatever reason: it is tried again, at the next change or after a while. Without it failures
        are logged. `settings_too` as for `sync`. Raises NothingToIndexError where there is no such folder, StoreError
        where the index was opened read-only.
        """
        self._check_open()
        self._access.check_writable()

        def sync(progress: OnProgress) -> SyncReport:
            return self.sync(folder, self._courtesy.polite(progress), settings_too=settings_too)

        watch = Watching(Path(folder), sync, on_sync, on_error, progress, once)
        self._watches = [*(one for one in self._watches if one.running), watch]
        return watch

    def add(self, documents: Iterable[Document], progress: OnProgress = no_progress) -> SyncReport:
        """Add documents that no folder holds; one with a known id takes the place of the old one.

        Add many in one call: the themes over the documents are updated once a call. A document that cannot be kept
        (half a surrogate pair, metadata that nests, an empty id) is named among `skipped` of the report, and the others
        are added. Raises LoadError, by its name, if none is left.
        """
        with self._writing():
            return _traced(lambda: self._sync(Spending(), progress=progress).documents(documents))

    def remove(self, ids: Iterable[str], progress: OnProgress = no_progress) -> SyncReport:
        """Remove documents by id, whoever added them. Ids that are not there do no harm."""
        with self._writing():
            named = {str(key) for key in ([ids] if isinstance(ids, str) else ids)}
            gone = sorted(named & self._catalog.records().keys())
            return _traced(lambda: self._sync(Spending(), progress=progress).remove(gone))

    # --- questions

    def search(
        self,
        query: str,
        k: int | None = None,
        mode: str | None = None,
        where: Where | None = None,
        max_tokens: int | None = None,
    ) -> list[Hit]:
        """Nodes for a query, best first: at most `k`, and of at most `max_tokens` tokens together.

        Where neither is given, `retrieve.max_tokens` holds. `where` filters by `source` and `document_id` (globs),
        `level`, `date` and any metadata (retrieve/where.py). Raises QueryError for an empty query, an unknown mode
        or a filter that cannot be used.
        """
        self._check_open()
        check_query(query, k, max_tokens)
        with self._courtesy.asking(), self._reader.reading() as snapshot:
            return self._search.hits(self._reader.index(snapshot), query, k, mode, where, max_tokens)

    def survey(
        self,
        question: str = "",
        *,
        pattern: str | None = None,
        where: Where | None = None,
        budget: Budget | None = None,
        approve: Approve | None = None,
    ) -> Survey:
        """All of something and not the best of it: "list all ...", "how many ..."; the parts far from it are not read.

        A `pattern` (`dates`, `amounts`, `emails`, `names`, or a regular expression) needs no model, and no question.
        `approve` is told what the model would read, before it does. Raises QueryError for what cannot be asked.
        """
        self._check_open()
        with self._reader.reading() as snapshot:
            index = self._reader.index(snapshot)
            embed, document = lambda text: self._search.vector(text, index), snapshot.catalog.document
            surveyor = Surveyor(index, document, embed, lambda: self.llm, self.settings.prompts)
            return survey(surveyor, question, pattern, where, budget, approve)

    @overload
    def ask(self, question: str, *, mode: str | None = None, where: Where | None = None) -> Answer: ...
    @overload
    def ask(
        self, question: str, *, schema: type[Value] | JsonSchema, mode: str | None = None, where: Where | None = None
    ) -> StructuredAnswer[Value]: ...

    def ask(self, question: str, *, schema: Any = None, mode: str | None = None, where: Where | None = None) -> Answer:
        """An answer with citations into the original documents.

        With a `schema` (a pydantic model, or a JSON schema) its `value` is an object of that form, written by the
        language model, and `fields` says for each of its fields what supports it.

        Raises QueryError for an empty question, ContextOverflowError for one that does not fit the model's
        context, ModelError where the model fails, AnswerError where it does not fill the schema in.
        """
        with self._courtesy.asking():
            if schema is not None:
                return self._asking().filled(question, schema, mode, where)
            return self._asking().answer(question, mode, where)

    def chat(self, *, mode: str | None = None, where: Where | None = None) -> Chat:
        """A conversation; `chat.stream(question)` yields the answer in pieces, `chat.last` is the Answer."""

        memory = conversation_memory(self.settings, self.embedder, models.trusted(self.llm))

        def ask(asked: str, complete: str, cited: Sequence[Citation]) -> Generator[str, None, Answer]:
            with self._courtesy.asking():
                return (yield from self._asking().stream(asked, complete, chat.mode, chat.where, chat.on_step, cited))

        def alone(question: str, history: list[Answer]) -> str:
            told = self._kinds.tell(question)
            if told.kind == "small talk":
                return question
            goes_on, of_documents = told.detail == "go on", self._gathering.is_of_documents
            language, prompts = self._gathering.language(question), self.settings.prompts
            with self._courtesy.asking():
                return rewrite(question, history, self.llm, prompts, language, memory, of_documents, goes_on)

        chat = Chat(ask, alone, mode, where)
        return chat

    def _asking(self) -> Asking:
        self._check_open()
        reading = models.reading_settings(self.settings.answer, self.llm)
        settings = self.settings.model_copy(update={"answer": reading})
        return Asking(self._gathering, self.llm, self.embedder, settings)

    @once
    def _gathering(self) -> Gathering:
        return Gathering(self._reader, self._search, self._kinds, self.settings)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """What this thread reads in the block (`search`, `nodes`, `document`, ...) is of one state of the tree.

        A sync that ends meanwhile, in another thread or process, is seen after the block. Keep it short: the catalog's
        log grows as long as it lasts.
        """
        self._check_open()
        with self._reader.reading():
            yield

    @property
    def _states(self) -> Snapshots:
        return self._reader.snapshots

    def _take_state(self) -> Snapshot:
        """One state of the tree, until `_states.release`."""
        self._check_open()
        with self._reader.reading():
            return self._states.acquire()

    # --- looking inside

    def graph(self) -> networkx.DiGraph[str]:
        """The tree as a graph, edges from parent to child; a node's fields are its attributes."""
        from .indexing.graph import to_graph

        return to_graph(self._catalog.nodes())

    def nodes(self, level: int | None = None, ids: Sequence[str] | None = None) -> list[Node]:
        """All nodes, leaves first, or those of one level, or those of these ids that there are."""
        self._check_open()
        with self._reader.snapshots.reading() as snapshot:
            return snapshot.catalog.nodes(level) if ids is None else snapshot.catalog.nodes_of(ids)

    def above(self, ids: Sequence[str]) -> list[Node]:
        """The nodes on all ways from the top of the tree down to these, without these, the lowest first."""
        self._check_open()
        with self._reader.snapshots.reading() as snapshot:
            return snapshot.catalog.nodes_of(snapshot.catalog.above(ids))

    def document(self, key: str) -> Document | None:
        """The document of that id with its text; None where there is none."""
        self._check_open()
        with self._reader.snapshots.reading() as snapshot:
            return snapshot.catalog.document(key)

    def documents(self, where: Where | None = None) -> Generator[Document, None, None]:
        """All documents with their texts, by id; or those that a filter passes (as in `search`).

        Raises QueryError for a filter that cannot be used.
        """
        self._check_open()
        return self._reader.documents(where)

    def entries(self, where: Where | None = None) -> tuple[DocumentEntry, ...]:
        """What is known of all documents without their texts, by id; or of those that a filter passes (as in `search`).

        Raises QueryError for a filter that cannot be used.
        """
        self._check_open()
        return self._gathering.entries(where)

    def outline(self, node_id: str | None = None, depth: int = 2) -> tuple[OutlineEntry, ...]:
        """The table of contents, `depth` levels from the top or below a node: themes with their documents, documents
        with their sections, each with its summary.

        Raises QueryError for a node that is not there, and for a depth below 1.
        """
        self._check_open()
        with self._reader.snapshots.reading() as snapshot:
            return outline(snapshot.catalog, node_id, depth)

    def named(self, words: str) -> tuple[str, ...]:
        """The ids of the documents that some words name, by title, file, number, kind or date; the surest first."""
        self._check_open()
        return self._gathering.named(words)

    def read(self, key: str, span: Span | None = None) -> Citation:
        """The original text of a document (its id), or of the part of one that lies below a node.

        `span` are characters of the document. Raises QueryError for an id that is not there, for a theme or the
        collection, and for a span outside of the document.
        """
        self._check_open()
        with self._reader.snapshots.reading() as snapshot:
            return read(snapshot.catalog, key, span)

    def stats(self) -> Stats:
        """What the index holds."""
        return stats_of(self.path, self._catalog, self._embedder_name())

    def history(self, since: date) -> History:
        """What is different from what was at that day or `datetime`: documents, and the summaries at the top."""
        self._check_open()
        with self._reader.snapshots.reading() as snapshot, snapshot.catalog.transaction() as db:
            return read_history(db, since)


def _traced(sync: Callable[[], SyncReport]) -> SyncReport:
    """The report of a sync, which is a span for OpenTelemetry."""
    with span("ragtree.sync") as syncing:
        report = sync()
        counts = {
            "added": report.added,
            "changed": report.changed,
            "removed": report.removed,
            "skipped": report.skipped,
        }
        syncing.set({f"ragtree.sync.{name}": len(found) for name, found in counts.items()})
        syncing.set({"ragtree.sync.embedded": report.embedded, "ragtree.sync.summarized": report.summarized})
        return report
