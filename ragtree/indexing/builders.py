"""What trees are built with: the chunker, embedder, clusterer and summarizer that the settings name."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from ..cluster.base import Clusterer, ReadingClusterer
from ..cluster.goal import GoalGuided
from ..cluster.model_grouping import AnswerCache, ModelGrouping
from ..embed.base import Embedder, SpanEmbedder
from ..errors import SettingsError
from ..labels.naming import make_naming
from ..llm.base import ChatModel
from ..registry import CLUSTERERS, SUMMARIZERS
from ..settings import Settings
from ..store.catalog import Catalog
from ..summarize.abstractive import AbstractiveSummarizer
from ..summarize.base import Answers, Summarizer
from ..summarize.extractive import ExtractiveSummarizer
from .collection import CollectionBuilder
from .contextual_chunker import ContextualChunker, make_contextual_chunker
from .document_tree import TreeBuilder
from .drafts import DraftVectors
from .raptor import RaptorBuilder
from .spending import Spending, with_metering
from .summaries import SummaryWriter
from .summary_cache import CachedSummarizer, TreeCaches


@dataclass(frozen=True, slots=True)
class Models:
    """The models that a sync may use; none is loaded before it is needed."""

    embedder: Embedder
    reader: SpanEmbedder
    llm: Callable[[], ChatModel | None]
    trusted: bool
    """True if the application passed a language model of its own, which is not the bundled one."""

    def counted(self, spending: Spending) -> Models:
        """The same models, with every call of the language model counted."""

        def llm() -> ChatModel | None:
            model = self.llm()
            return with_metering(model, spending) if model is not None else None

        return replace(self, llm=llm)


@dataclass(frozen=True, slots=True)
class DocumentBuilders:
    """What turns the chunks of documents into their trees."""

    vectors: DraftVectors
    summarizer: CachedSummarizer
    writer: SummaryWriter
    trees: TreeBuilder

    @property
    def tree_fingerprint(self) -> str:
        """Changes if the tree over the same chunks would be different. It has one line each for vectors and tree."""
        return f"{self.vectors.fingerprint}\n{self.trees.fingerprint}"


@dataclass(frozen=True, slots=True)
class Builders(DocumentBuilders):
    """Everything that turns documents into trees, for one sync."""

    chunking: ContextualChunker
    above: CollectionBuilder | RaptorBuilder | None
    """What builds the tree over the documents, or over their chunks; None for `tree.cluster = none`."""
    llm: Callable[[], ChatModel | None] = lambda: None
    """Makes the language model, or returns None if there is none. Making it loads nothing."""

    @property
    def fingerprint(self) -> str:
        """Changes if a document's tree would be different. It has one line each for chunks, vectors and tree."""
        return f"{self.chunking.fingerprint}\n{self.tree_fingerprint}"


def make_builders(
    settings: Settings, models: Models, catalog: Catalog, spending: Spending, planning: bool = False
) -> Builders:
    """The builders that the settings name. For a plan, chunks are cut without calling a model.

    Raises SettingsError and MissingExtraError. Loads no model.
    """
    counted, tree = models.counted(spending), settings.tree
    chunking = make_contextual_chunker(settings, models.embedder, counted.llm, catalog, planning)
    inside = make_document_builders(settings, counted, catalog, catalog.facts().settings)
    vectors, summarizer, writer, trees = inside.vectors, inside.summarizer, inside.writer, inside.trees
    if tree.cluster == "none":
        return Builders(vectors, summarizer, writer, trees, chunking, None, counted.llm)
    naming = make_naming(settings, counted.llm, catalog)
    over: Clusterer | ReadingClusterer | None = make_clusterer(settings)
    if tree.cluster == "llm":
        over = make_goal_guided(settings, counted.llm(), catalog)
    assert over is not None
    above: CollectionBuilder | RaptorBuilder
    if tree.shape == "raptor":
        above = RaptorBuilder(catalog, tree.group_tokens, over, writer, vectors, naming)
    else:
        above = CollectionBuilder(catalog, tree, over, writer, vectors, naming)
    return Builders(vectors, summarizer, writer, trees, chunking, above, counted.llm)


def make_document_builders(settings: Settings, models: Models, caches: TreeCaches, remembered: str) -> DocumentBuilders:
    """The builders of documents' trees that the settings name. `remembered` are the settings that the index stored.

    Raises and loads as `make_builders` does.
    """
    language = settings.chunk.language
    vectors = DraftVectors(models.reader, models.embedder, caches, language)
    made = make_summarizer(settings, models.embedder, models.llm, models.trusted, caches)
    summarizer = CachedSummarizer(made, caches, _earlier(made, remembered))
    stand_in = ExtractiveSummarizer(settings.summarize, models.embedder, language)
    writer = SummaryWriter(summarizer, settings.summarize.tokens, language, stand_in)
    inside = make_clusterer(settings) if settings.tree.shape != "raptor" else None
    return DocumentBuilders(vectors, summarizer, writer, TreeBuilder(settings.tree, inside, writer, vectors))


def _earlier(summarizer: Summarizer, remembered: str) -> str:
    """The fingerprint of the summaries in an index that was made with another `summarize.support`: what was paid for
    is kept, although nobody can set this any more. Empty if there is none."""
    stored = json.loads(remembered or "{}").get("summarize")
    support = stored.get("support") if isinstance(stored, dict) else None
    if not isinstance(support, int | float) or not isinstance(summarizer, AbstractiveSummarizer):
        return ""
    return summarizer.fingerprint_at(float(support))


def make_clusterer(settings: Settings) -> Clusterer | None:
    """The clusterer that the settings name: k-means for `llm`, None for `none`.

    Raises MissingExtraError, and SettingsError if there is no such clusterer.
    """
    name = settings.tree.cluster
    if name == "none":
        return None
    clusterer: Clusterer = CLUSTERERS.make("kmeans" if name == "llm" else name)
    return clusterer


def make_goal_guided(settings: Settings, model: ChatModel | None, cache: AnswerCache) -> GoalGuided:
    """The clusterer that groups by `tree.goal`. Raises SettingsError if there is no language model."""
    if model is None:
        raise SettingsError(
            "tree.cluster is llm, which needs a language model, but llm.model is none; name a model (--llm), or set "
            "tree.cluster to kmeans"
        )
    return GoalGuided(settings.tree.goal, ModelGrouping(settings.tree.goal, model, cache, settings.prompts))


def make_summarizer(
    settings: Settings,
    embedder: Embedder,
    llm: Callable[[], ChatModel | None],
    trusted: bool = False,
    answers: Answers | None = None,
) -> Summarizer:
    """The summarizer that the settings name. `trusted` is true if the application passed a model of its own.

    `answers` keeps what the model answers until the summary that the answers are for is written.

    With `auto`, a language model that the user chose writes the summaries, but the bundled one does not: with its 135
    million parameters it adds people and events that are in no document.

    Raises SettingsError if there is no such summarizer.
    """
    language = settings.chunk.language
    kind = settings.summarize.kind
    if kind == "auto":
        trusted = trusted or settings.llm.model not in ("bundled", "none")
        kind = "abstractive" if trusted else "extractive"
    model = llm() if kind != "extractive" else None
    if model is None and kind in ("extractive", *SUMMARIZERS.own):
        return ExtractiveSummarizer(settings.summarize, embedder, language)
    given = (settings.summarize, model, embedder, language, settings.prompts, answers)
    summarizer: Summarizer = SUMMARIZERS.make(kind, *given)
    return summarizer
