"""RagTree: the object that an application holds. It connects the packages and does no step itself."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from . import models
from .answer.answerer import QuestionAnswerer
from .answer.chat import Chat
from .answer.conversation_memory import conversation_memory
from .answer.rewrite import rewrite
from .gather.base import DocumentEntry, OutlineEntry
from .gather.document_text import read
from .gather.gatherer import Gatherer
from .gather.outline import outline
from .indexing.builders import make_builders
from .indexing.copying import Selection, copy
from .indexing.folder_changes import FolderChanges
from .indexing.querying import survey
from .indexing.spending import Spending
from .indexing.stats import stats_of
from .indexing.watching import OnError, OnSync, Watching
from .lazy import lazy_property
from .llm.base import JsonSchema
from .load.sources import source_of
from .planning.plan import make_plan
from .publish.opening import Published
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
from .upkeep.maintenance import Maintenance

if TYPE_CHECKING:
    import networkx


class RagTree(Published, Maintenance):
    """An index: documents, their trees, and answers to questions about them. Open it with `RagTree.open`. Threads may
    share it: they can read while one of them syncs."""

    # --- the folder and its documents

    def plan(self, folder: str | Path, progress: OnProgress = no_progress, *, measure: bool = True) -> Plan:
        """What `sync` would do, and an estimate of what it would cost. Nothing is changed, and no model is asked.

        The estimate comes from the sizes of the changed files, a few of which are parsed, and from how fast this
        machine embeds: with `measure` the embedder is loaded and measured for a few seconds. Raises
        NothingToIndexError if there is no such folder.
        """
        with self._writing():
            source, load = source_of(folder), self.settings.load
            reading = FolderChanges(source, self._catalog, load, figures=self._figures(Spending()))
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
        on: str = "",
    ) -> SyncReport:
        """Bring the index up to date with `folder`: documents are added, changed, renamed and removed. Documents that
        the application added stay. `folder` may be an address, too, such as `s3://bucket/prefix`,
        `git+file:///repository` or `https://host/sitemap.xml`.

        Each document is committed as soon as its own tree is built, and can be found from then on; the themes over the
        documents follow at the end. If a sync is interrupted, the next one continues from what is committed. Summaries
        of themes below which little has changed are kept and marked stale (`tree.stale_share`); `refresh` rewrites
        them, too.

        If settings that shape the trees have changed, all documents are rebuilt from their texts in the index, unless
        `settings_too` is False: then the index keeps the settings it was built with, and summaries that the language
        model has not written stay unwritten. With a `budget`, the report says what is left to the next sync.

        `on` is where documents are read and their trees are built: empty for this process, `local` for Ray on this
        machine, `ray://host:10001` for a cluster. The result is the same, except for how the embedder rounds elsewhere.

        Raises NothingToIndexError if no document can be read (the index stays as it was), ModelError, StoreError for an
        address that cannot be reached, and WorkersError if `on` cannot.
        """
        spending = Spending(budget)
        with self._writing(), self._workplace(on, settings_too, spending) as place:
            source, load, figures = source_of(folder), self.settings.load, self._figures(spending)
            reading = FolderChanges(source, self._catalog, load, spending.has_time, figures)
            return _traced(lambda: self._sync(spending, settings_too, refresh, progress, place).folder(reading))

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

        Documents can be found as soon as they are committed, and a sync waits while questions are answered. With
        `lazy_property` the watch ends after its first sync: a sync in the background.

        The next sync takes in what changes while one runs. `on_sync` is called after every sync, `on_error` after one
        that failed for any reason; the sync is tried again at the next change or after a while. Without `on_error`,
        failures are logged. `settings_too` is as for `sync`. Raises NothingToIndexError if there is no such folder,
        and StoreError if the index was opened read-only.
        """
        self._check_open()
        self._access.check_writable()

        def sync(progress: OnProgress) -> SyncReport:
            return self.sync(folder, self._question_priority.waiting_for_questions(progress), settings_too=settings_too)

        watch = Watching(Path(folder), sync, on_sync, on_error, progress, once)
        self._watches = [*(one for one in self._watches if one.running), watch]
        return watch

    def add(self, documents: Iterable[Document], progress: OnProgress = no_progress) -> SyncReport:
        """Add documents that no folder holds; one with a known id replaces the old one.

        Add many in one call, because each call updates the themes over the documents once. A document that cannot be
        stored (half a surrogate pair, nested metadata, an empty id) is listed in `skipped` of the report, and the
        others are added. Raises LoadError, which names the document, if none is left.
        """
        with self._writing():
            return _traced(lambda: self._sync(Spending(), progress=progress).documents(documents))

    def remove(self, ids: Iterable[str], progress: OnProgress = no_progress) -> SyncReport:
        """Remove documents by id, whoever added them. Unknown ids are ignored."""
        with self._writing():
            named = {str(key) for key in ([ids] if isinstance(ids, str) else ids)}
            gone = sorted(named & self._catalog.records().keys())
            return _traced(lambda: self._sync(Spending(), progress=progress).remove(gone))

    def copy_from(
        self, selections: Sequence[Selection], progress: OnProgress = no_progress, *, add: bool = True
    ) -> SyncReport:
        """Make the index hold the documents of other open indexes that pass a filter, and nothing else.

        The result is an index of its own: its themes, labels, word statistics and ranks depend on no other document,
        so it can be given to people who may not see the others. Vectors and summaries of the documents are copied, not
        made again, where the settings are the same. Call it again when the others have changed. Without `add`,
        documents that do not belong there any more are removed, and nothing else is done.

        Raises QueryError for a filter that cannot be used and for two documents with one id, and what `sync` raises.
        """
        with self._writing():
            return _traced(lambda: copy(self._sync(Spending(), progress=progress), self._catalog, selections, add))

    @property
    def state(self) -> str:
        """A name for the present state of the tree. It differs after every change."""
        return self._catalog.facts().state

    # --- questions

    def search(
        self,
        query: str,
        k: int | None = None,
        mode: str | None = None,
        where: Where | None = None,
        max_tokens: int | None = None,
    ) -> list[Hit]:
        """The nodes for a query, best first: at most `k`, with at most `max_tokens` tokens together.

        If neither is given, `retrieve.max_tokens` applies. `where` filters by `source` and `document_id` (globs),
        `level`, `date` and any metadata (retrieve/where.py). Raises QueryError for an empty query, an unknown mode
        or a filter that cannot be used.
        """
        self._check_open()
        check_query(query, k, max_tokens)
        with self._question_priority.answering(), self._reader.reading() as snapshot:
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
        """All of something, not the best of it: "list all ...", "how many ..."; parts far from it are not read.

        A `pattern` (`dates`, `amounts`, `emails`, `names`, or a regular expression) needs no model and no question.
        `approve` gets what the model would read and decides whether it may. Raises QueryError for what cannot be asked.
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

        With a `schema` (a pydantic model, or a JSON schema) the answer's `value` is an object of that form, written by
        the language model, and `fields` says what supports each of its fields.

        Raises QueryError for an empty question, ContextOverflowError for one that does not fit the model's
        context, ModelError if the model fails, and AnswerError if it does not fill in the schema.
        """
        with self._question_priority.answering():
            if schema is not None:
                return self._asking().filled(question, schema, mode, where)
            return self._asking().answer(question, mode, where)

    def chat(self, *, mode: str | None = None, where: Where | None = None) -> Chat:
        """A conversation; `chat.stream(question)` yields the answer in pieces, `chat.last` is the Answer."""

        memory = conversation_memory(self.settings, self.embedder, models.capable_model(self.llm))

        def ask(asked: str, complete: str, cited: Sequence[Citation]) -> Generator[str, None, Answer]:
            with self._question_priority.answering():
                return (yield from self._asking().stream(asked, complete, chat.mode, chat.where, chat.on_step, cited))

        def alone(question: str, history: list[Answer]) -> str:
            told = self._kinds.classify(question)
            if told.kind == "small talk":
                return question
            goes_on, of_documents = told.detail == "go on", self._gathering.is_of_documents
            language, prompts = self._gathering.language(question), self.settings.prompts
            with self._question_priority.answering():
                return rewrite(question, history, self.llm, prompts, language, memory, of_documents, goes_on)

        chat = Chat(ask, alone, mode, where)
        return chat

    def _asking(self) -> QuestionAnswerer:
        self._check_open()
        answering = models.answer_options(self.settings.answer, self.llm)
        return QuestionAnswerer(self._gathering, self.llm, self.embedder, self.settings, answering)

    @lazy_property
    def _gathering(self) -> Gatherer:
        return Gatherer(self._reader, self._search, self._kinds, self.settings)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """In the block, this thread reads one state of the tree (with `search`, `nodes`, `document`, ...).

        A sync that ends meanwhile, in another thread or process, becomes visible after the block. Keep the block short:
        the catalog's log grows as long as it lasts.
        """
        self._check_open()
        with self._reader.reading():
            yield

    @property
    def _states(self) -> Snapshots:
        return self._reader.snapshots

    def _take_state(self) -> Snapshot:
        """Hold one state of the tree until `_states.release`."""
        self._check_open()
        with self._reader.reading():
            return self._states.acquire()

    # --- looking inside

    def graph(self) -> networkx.DiGraph[str]:
        """The tree as a graph, edges from parent to child; a node's fields are its attributes."""
        from .indexing.graph import to_graph

        return to_graph(self._catalog.nodes())

    def nodes(self, level: int | None = None, ids: Sequence[str] | None = None) -> list[Node]:
        """All nodes, leaves first; or those of one level; or those with one of these ids."""
        self._check_open()
        with self._reader.snapshots.reading() as snapshot:
            return snapshot.catalog.nodes(level) if ids is None else snapshot.catalog.nodes_of(ids)

    def above(self, ids: Sequence[str]) -> list[Node]:
        """The nodes on all paths from these up to the top of the tree, without these, the lowest first."""
        self._check_open()
        with self._reader.snapshots.reading() as snapshot:
            return snapshot.catalog.nodes_of(snapshot.catalog.above(ids))

    def document(self, key: str) -> Document | None:
        """The document with that id, and its text; None if there is none."""
        self._check_open()
        with self._reader.snapshots.reading() as snapshot:
            return snapshot.catalog.document(key)

    def documents(self, where: Where | None = None) -> Generator[Document, None, None]:
        """All documents with their texts, by id; or those that pass a filter (as in `search`).

        Raises QueryError for a filter that cannot be used.
        """
        self._check_open()
        return self._reader.documents(where)

    def entries(self, where: Where | None = None) -> tuple[DocumentEntry, ...]:
        """All documents without their texts, by id; or those that pass a filter (as in `search`).

        Raises QueryError for a filter that cannot be used.
        """
        self._check_open()
        return self._gathering.entries(where)

    def outline(self, node_id: str | None = None, depth: int = 2) -> tuple[OutlineEntry, ...]:
        """The table of contents, `depth` levels from the top or below a node: themes with their documents, documents
        with their sections, each with its summary.

        Raises QueryError for a node that does not exist, and for a depth below 1.
        """
        self._check_open()
        with self._reader.snapshots.reading() as snapshot:
            return outline(snapshot.catalog, node_id, depth)

    def named(self, words: str) -> tuple[str, ...]:
        """The ids of the documents that `words` name, by title, file, number, kind or date; the surest first."""
        self._check_open()
        return self._gathering.named(words)

    def read(self, key: str, span: Span | None = None) -> Citation:
        """The original text of a document, by its id, or of the part of a document below a node, by the node's id.

        `span` is a range of characters of the document. Raises QueryError for an unknown id, for a theme or the
        collection, and for a span outside of the document.
        """
        self._check_open()
        with self._reader.snapshots.reading() as snapshot:
            return read(snapshot.catalog, key, span)

    def stats(self) -> Stats:
        """What the index holds."""
        return stats_of(self.path, self._catalog, self._embedder_name())

    def history(self, since: date) -> History:
        """What has changed since that day or `datetime`: documents, and the summaries at the top of the tree."""
        self._check_open()
        with self._reader.snapshots.reading() as snapshot, snapshot.catalog.transaction() as db:
            return read_history(db, since)


def _traced(sync: Callable[[], SyncReport]) -> SyncReport:
    """Run a sync within an OpenTelemetry span, and return its report."""
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
