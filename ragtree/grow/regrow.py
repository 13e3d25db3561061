"""A change of documents or settings -> a new tree in the catalog, in one step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Literal

from ..cluster.base import Clusterer, ReadingClusterer
from ..cluster.goal import GoalGuided
from ..configuration import as_remembered
from ..embed.base import SpanEmbedder
from ..reports import SyncReport
from ..settings import Settings
from ..store.catalog import Catalog
from ..store.formats import EARLIER_SHAPE
from ..store.outline import Outline, read_outline
from ..store.staging import Staging
from ..store.tree_change import TreeChange
from ..types import Document, Node, OnProgress, Progress, no_progress
from .build import build_tree
from .caches import CachedEmbedder, CachedSummarizer
from .changes import Changes
from .cutting import make_cutting
from .labelling.naming import make_naming
from .leaves import UNFINISHED
from .living.cut_again import Cut, cut_changes
from .living.tree_update import changed_tree
from .methods import GrowingModels, make_clusterer, make_goal_guided, make_summarizer
from .node_vectors import NodeVectors
from .projecting import kept_projection, projection_facts, projection_for, projection_is_due
from .spending import Spending
from .waiting import embed_in_time, leaves_without

_FEW_LEAVES = 24
"""Chunks below which a tree is grown anew: its few groups all change with every document."""
_MOST_NEW = 0.5
"""Share of the index's text that may come at once; of more, so much is new that a fresh tree costs little more."""

_FOLLOWED = "followed"
"""A fact about the index: whether its tree has followed changes since it was grown."""


def _no_announcement(_: TreeChange) -> None:
    """Nobody wants to know."""


class Regrowth:
    """One growing of the tree, or the plan of one."""

    def __init__(
        self,
        catalog: Catalog,
        staging: Staging,
        settings: Settings,
        growing: GrowingModels,
        late: SpanEmbedder | None,
        spending: Spending | None = None,
        planning: bool = False,
        announce: Callable[[TreeChange], None] = _no_announcement,
        refresh: bool = False,
    ) -> None:
        """`announce` is told of a change of the tree before it is made. `refresh` writes stale summaries anew."""
        self.settings = settings
        self._announce = announce
        self.refresh = refresh
        self.growing = growing
        self.late = late
        self._kind: Literal["late", "blend"] = "late" if settings.embed.kind == "late" else "blend"
        self.spending = spending or Spending()
        self.catalog = catalog
        counted = growing.counted(self.spending)
        self.clusterer: Clusterer | ReadingClusterer | None
        if settings.tree.cluster == "llm":
            self.clusterer = make_goal_guided(settings, counted.llm(), catalog)
        else:
            self.clusterer = make_clusterer(settings)
        self.naming = make_naming(settings, counted.llm, catalog)
        self.summarizer = CachedSummarizer(
            make_summarizer(settings, growing.embedder, counted.llm, growing.trusted, catalog), catalog
        )
        self.cutting = make_cutting(settings, growing.embedder, counted.llm, catalog, planning)
        self.embedded = 0
        self._contexts_wait = False
        """True where chunks of unchanged documents lack a context, and there was no time to embed them with one."""
        self._staging = staging
        self._embedder = CachedEmbedder(growing.embedder, catalog)

    def _shape(self) -> str:
        parts = [self.cutting.fingerprint]
        if self.late is not None:
            parts.append(self._late_line().rstrip())
        if self.clusterer is not None:
            parts.append(self.clusterer.fingerprint)
            parts.append(str(self.settings.tree.group_tokens))
            parts.append(self.summarizer.fingerprint)
        if self.naming is not None:
            parts.append(self.naming.fingerprint)
        return "\n".join(parts)

    def has_other_settings(self) -> bool:
        """True where the tree in the catalog was grown with other settings."""
        grown = (self.catalog.meta("shape") or "").removesuffix(UNFINISHED)
        if grown == EARLIER_SHAPE:
            return as_remembered(self.catalog.meta("settings"), self.settings) != self.settings
        return bool(self.catalog.level_sizes()) and grown != self._shape()

    def is_unfinished(self) -> bool:
        """True where the tree in the catalog lacks something that the language model has to be asked for again."""
        return (self.catalog.meta("shape") or "").endswith(UNFINISHED)

    def is_due(self) -> bool:
        """True where the tree in the catalog is to be grown on or anew, whatever the documents."""
        return self.has_other_settings() or self.is_unfinished() or (self.refresh and self.catalog.stale_nodes() > 0)

    def run(self, changes: Changes, facts: Mapping[str, str], progress: OnProgress = no_progress) -> Changes:
        """Make the tree that of all documents, and write it with the documents in one transaction.

        It is grown on where it can be, else anew. Where time runs out, some documents wait; returns what of the
        changes was done.
        """
        followed = self.following(changes, progress)
        if followed is not None:
            return self._follow(*followed, changes, facts, progress)
        leaves = self.leaves(changes, progress)
        vectors = self.vectors(changes)
        if self.spending.limits_time:
            waiting = embed_in_time(leaves, vectors, self.spending, progress)
            if waiting:
                progress(Progress("wait", len(waiting), len(waiting)))
                done = self._put_off(changes, waiting)
                if done is None:
                    self.embedded = self._embedder.embedded + vectors.embedded
                    return self._nothing_of(changes, waiting)
                leaves = leaves_without(leaves, waiting, self._leaves_instead(changes, waiting))
                changes = done
        self._apply(changes, self._grow(leaves, vectors, progress), vectors, facts)
        return changes

    def _put_off(self, changes: Changes, waiting: frozenset[str]) -> Changes | None:
        """The changes without the documents that wait; None where these leave no tree that holds together.

        A document that is in the tree already keeps its old chunks there, unless all chunks are to be cut or embedded
        in another way: then the tree stays as it is until all documents are ready.
        """
        new = {record.id for record in changes.documents}
        old = self.catalog.records().keys()
        if (waiting - new) & old or (waiting & old and not self._same_chunks()):
            return None
        return changes.without(waiting)

    def _nothing_of(self, changes: Changes, waiting: frozenset[str]) -> Changes:
        """The tree stays; so does what was read, as all of it is needed another time."""
        every = waiting.union(record.id for record in changes.documents)
        return replace(changes.without(every), removed=(), files=(), waiting=tuple(sorted(waiting)))

    def _leaves_instead(self, changes: Changes, waiting: frozenset[str]) -> dict[str, Sequence[Node]]:
        """The chunks of the versions that stay in the index as long as their documents wait."""
        stays = {record.id: record.id for record in changes.changed}
        stays |= {record.id: key for key, record in changes.renamed}
        return {stays[key]: self.catalog.leaves_of(stays[key]) for key in waiting if key in stays}

    def _grow(self, leaves: Sequence[Node], vectors: NodeVectors, progress: OnProgress) -> list[Node]:
        vectors.projection = projection_for(
            self.catalog,
            self.settings.embed,
            len(leaves),
            lambda: vectors.embed_whole(leaves, progress),
        )
        tokens = self.settings.tree.group_tokens
        nodes = build_tree(leaves, vectors, self.clusterer, self.summarizer, tokens, progress)
        return nodes if self.naming is None else self.naming.named(nodes, progress)

    def _outline_to_follow(self, changes: Changes) -> Outline | None:
        """The outline of the tree as it is, where it can be grown on; None where it has to be grown anew."""
        if self.has_other_settings() or isinstance(self.clusterer, ReadingClusterer):
            return None
        if not changes and self.is_unfinished() and not self.catalog.meta(_FOLLOWED):
            return None  # the first build goes on as it was begun, so that it ends as one that nothing stopped
        outline = read_outline(self.catalog)
        projection, leaves = kept_projection(self.catalog), len(outline.levels[0]) if outline.levels else 0
        if leaves < _FEW_LEAVES or projection_is_due(projection, self.settings.embed, leaves):
            return None
        added = sum(self._staging.characters(record.id) for record in changes.added)
        return outline if added <= _MOST_NEW * self.catalog.characters() else None

    def following(self, changes: Changes, progress: OnProgress = no_progress) -> tuple[Outline, Cut] | None:
        """Tree and change of leaves, where the tree can be grown on; None where it has to be grown anew."""
        outline = self._outline_to_follow(changes)
        if outline is None:
            return None
        cut = self._cut(outline, changes, progress)
        new = sum(leaf.tokens for leaf in cut.change.new)
        return (outline, cut) if new <= _MOST_NEW * outline.leaf_tokens() else None

    def _follow(
        self, outline: Outline, cut: Cut, changes: Changes, facts: Mapping[str, str], progress: OnProgress
    ) -> Changes:
        vectors = self.vectors(changes)
        vectors.carried.update(cut.carried)
        if self.spending.limits_time:
            waiting = embed_in_time(cut.to_embed, vectors, self.spending, progress)
            if waiting:
                progress(Progress("wait", len(waiting), len(waiting)))
                self._contexts_wait = not waiting <= {record.id for record in changes.documents}
                changes = changes.without(waiting)
                cut = self._cut(outline, changes, progress, cut)
        vectors.projection = kept_projection(self.catalog)
        vectors.embed_whole(cut.to_embed, progress)
        tree = changed_tree(
            outline,
            cut.change,
            self.catalog,
            vectors,
            self.summarizer,
            self.clusterer,
            self.settings.tree,
            self.naming,
            self.refresh,
            progress,
        )
        self._write(changes, tree, vectors, {**facts, _FOLLOWED: "yes"})
        return changes

    def _cut(
        self, outline: Outline, changes: Changes, progress: OnProgress = no_progress, before: Cut | None = None
    ) -> Cut:
        """What the change does to the leaves; chunks that lack a context are cut again, whoever's they are.

        What was cut `before` is not cut again.
        """
        known = before.change.cut if before is not None else {}
        also = set() if self._same_chunks() else self.catalog.records().keys() - set(changes.gone)
        also -= {record.id for record in changes.documents} | set(changes.waiting)
        keys = {entry.id: entry.key for entry in outline.entries.values() if not entry.level}

        def leaves_of(document: Document, earlier: Sequence[Node]) -> Sequence[Node]:
            return known[document.id] if document.id in known else self.cutting.leaves_of(document, earlier)

        return cut_changes(changes, self.catalog, self._document_of(changes), leaves_of, keys, also, progress)

    def _apply(self, changes: Changes, nodes: Sequence[Node], vectors: NodeVectors, facts: Mapping[str, str]) -> None:
        dimension = vectors.embed(nodes[-1:]).shape[1]
        known = {**facts, _FOLLOWED: "", **({"dimension": str(dimension)} if dimension else {})}
        self._write(changes, self.catalog.difference(nodes, vectors.keys(nodes)), vectors, known)

    def _write(self, changes: Changes, tree: TreeChange, vectors: NodeVectors, facts: Mapping[str, str]) -> None:
        before, projection = kept_projection(self.catalog), vectors.projection
        unnamed = self.naming.unnamed if self.naming is not None else 0
        contexts = self.cutting.without_context or self._contexts_wait
        undone = (contexts, self.summarizer.unwritten, unnamed, self._unsorted())
        known = {
            "shape": self._shape() + (UNFINISHED if any(undone) else ""),
            "chunker": self.cutting.fingerprint + (UNFINISHED if contexts else ""),
            "summarizer": self.summarizer.fingerprint,
            "unwritten": str(self.summarizer.unwritten),
            **projection_facts(self._embedder.name, self.settings.embed, projection),
        }
        self._announce(tree)
        self.catalog.change(
            self._staging.documents(changes.documents),
            changes.gone,
            tree,
            {**facts, **known},
            all_anew=before is not None and projection is not None and before.digest != projection.digest,
            also=lambda db: self._staging.settle(db, changes.files, changes.files_gone, changes.waiting),
        )
        self.embedded = self._embedder.embedded + vectors.embedded

    def _unsorted(self) -> int:
        """Questions about groups that the budget did not allow."""
        return self.clusterer.unasked if isinstance(self.clusterer, GoalGuided) else 0

    def report(self, done: Changes) -> SyncReport:
        """What was done, and what it cost."""
        return SyncReport(
            *done.ids(),
            embedded=self.embedded,
            summarized=self.summarizer.summarized,
            without_context=self.cutting.without_context,
            nodes=sum(self.catalog.level_sizes()),
            seconds=self.spending.seconds,
            waiting=done.waiting,
            unwritten=self.summarizer.unwritten,
            left_out=self.summarizer.left_out,
            over_budget=bool(done.waiting) or self.spending.refused,
            calls=self.spending.calls,
            prompt_tokens=self.spending.prompt_tokens,
            answer_tokens=self.spending.answer_tokens,
            stale=self.catalog.stale_nodes(),
        )

    def vectors(self, changes: Changes) -> NodeVectors:
        """Where the vectors of the tree over the changed documents are found and kept."""
        document_of = self._document_of(changes)

        def text_of(key: str) -> str:
            document = document_of(key)
            return document.text if document is not None else ""

        vectors = NodeVectors(self._embedder, self.late, self._kind, self.catalog, text_of)
        if self.late is not None and self._late_line() in (self.catalog.meta("shape") or "") and self._same_chunks():
            # Chunks that were there before their document was edited keep the vectors that they had then.
            vectors.carried.update(self.catalog.leaf_keys(without={record.id for record in changes.documents}))
        return vectors

    def _late_line(self) -> str:
        assert self.late is not None
        return f"{self._kind} {self.late.fingerprint}\n"

    def _document_of(self, changes: Changes) -> Callable[[str], Document | None]:
        """Documents by id, as they are after the changes."""
        new = {record.id for record in changes.documents}
        return lambda key: self._staging.document(key) if key in new else self.catalog.document(key)

    def new_documents(self, changes: Changes) -> Iterator[Document]:
        """The documents that changed, one at a time."""
        return (stored.document for stored in self._staging.documents(changes.documents))

    def _same_chunks(self) -> bool:
        return self.catalog.meta("chunker") == self.cutting.fingerprint

    def leaves(
        self,
        changes: Changes,
        progress: OnProgress = no_progress,
        cut: Mapping[str, Sequence[Node]] = MappingProxyType({}),
    ) -> list[Node]:
        """All leaves in reading order: new ones of what changed, the catalog's of what did not.

        Those of documents in `cut`, by id, are there already.
        """
        new = {record.id for record in changes.documents}
        ids = sorted(self.catalog.records().keys() - set(changes.gone) | new)
        same_chunks, document_of = self._same_chunks(), self._document_of(changes)
        leaves: list[Node] = []
        for number, key in enumerate(ids, start=1):
            progress(Progress("chunk", number, len(ids)))
            if key in cut:
                leaves.extend(cut[key])
                continue
            if key not in new and same_chunks:
                leaves.extend(self.catalog.leaves_of(key))
                continue
            document = document_of(key)
            if document is not None:
                leaves.extend(self.cutting.leaves_of(document))
        return leaves
