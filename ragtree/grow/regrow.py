"""A change of documents or settings -> a new tree in the catalog, in one step."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Literal

from ..cluster.base import Clusterer, ReadingClusterer
from ..cluster.gmm import GaussianMixtures
from ..cluster.goal import GoalGuided
from ..cluster.kmeans import KMeans
from ..cluster.sorting import AnswerCache, Sorter
from ..embed.base import Embedder, SpanEmbedder
from ..errors import SettingsError
from ..llm.base import ChatModel
from ..settings import Settings
from ..store.catalog import Catalog
from ..store.staging import Staging
from ..summarize.abstractive import AbstractiveSummarizer
from ..summarize.base import Summarizer
from ..summarize.extractive import ExtractiveSummarizer
from ..summarize.hybrid import HybridSummarizer
from ..types import Node, OnProgress, Progress, no_progress
from .build import build_tree
from .caches import CachedEmbedder, CachedSummarizer
from .changes import Changes
from .cutting import Cutting
from .leaves import UNFINISHED
from .naming import make_naming
from .node_vectors import NodeVectors
from .projecting import kept_projection, projection_facts, projection_for

_GROUP_FILL = 0.6
"""Share of a group's token budget that k-means fills on average (measured on examples/library)."""


def make_clusterer(settings: Settings) -> Clusterer | None:
    """The clusterer that the settings name, or None for `none`."""
    if settings.tree.cluster == "none":
        return None
    return GaussianMixtures(settings.tree) if settings.tree.cluster == "gmm" else KMeans(settings.tree)


def make_goal_guided(settings: Settings, model: ChatModel | None, cache: AnswerCache) -> GoalGuided:
    """The clusterer that goes by `tree.goal`. Raises SettingsError without a language model."""
    if model is None:
        raise SettingsError(
            "tree.cluster is llm, which asks a language model, but llm.model is none; name a model (--llm), or set "
            "tree.cluster to kmeans"
        )
    return GoalGuided(settings.tree, Sorter(settings.tree.goal, model, cache, settings.prompts))


def make_summarizer(
    settings: Settings, embedder: Embedder, llm: Callable[[], ChatModel | None], trusted: bool = False
) -> Summarizer:
    """The summarizer that the settings name; `trusted` where the application brought the model itself.

    `auto` trusts a language model that the user chose to write summaries, and not the bundled one: with 135
    million parameters it puts people and events into them that are in no document.
    """
    language = settings.chunk.language
    kind = settings.summarize.kind
    if kind == "auto":
        trusted = trusted or settings.llm.model not in ("bundled", "none")
        kind = "abstractive" if trusted else "extractive"
    model = llm() if kind != "extractive" else None
    if model is None:
        return ExtractiveSummarizer(settings.summarize, embedder, language)
    written = HybridSummarizer if kind == "hybrid" else AbstractiveSummarizer
    return written(settings.summarize, model, embedder, language, settings.prompts)


class Regrowth:
    """One growing of the tree."""

    def __init__(
        self,
        catalog: Catalog,
        staging: Staging,
        settings: Settings,
        embedder: CachedEmbedder,
        late: SpanEmbedder | None,
        summarizer: Summarizer,
        cutting: Cutting,
        llm: Callable[[], ChatModel | None],
    ) -> None:
        self._catalog = catalog
        self._staging = staging
        self._settings = settings
        self._embedder = embedder
        self._late = late
        self._kind: Literal["late", "blend"] = "late" if settings.embed.kind == "late" else "blend"
        self._cutting = cutting
        self._clusterer: Clusterer | ReadingClusterer | None
        if settings.tree.cluster == "llm":
            self._clusterer = make_goal_guided(settings, llm(), catalog)
        else:
            self._clusterer = make_clusterer(settings)
        self._naming = make_naming(settings, llm, catalog)
        self._summarizer = CachedSummarizer(summarizer, catalog)
        self.embedded = 0

    @property
    def without_context(self) -> int:
        """Chunks for which the language model failed to write a context."""
        return self._cutting.without_context

    @property
    def summarized(self) -> int:
        """Groups that were summarized and not found."""
        return self._summarizer.summarized

    @property
    def unwritten(self) -> int:
        """Groups for which the language model failed to write a summary."""
        return self._summarizer.unwritten

    @property
    def left_out(self) -> int:
        """Tokens of groups for which the language model's context had no room."""
        return self._summarizer.left_out

    def _shape(self) -> str:
        parts = [self._cutting.fingerprint]
        if self._late is not None:
            parts.append(f"{self._kind} {self._late.fingerprint}")
        if self._clusterer is not None:
            parts.append(self._clusterer.fingerprint)
            parts.append(str(self._settings.tree.group_tokens))
            parts.append(self._summarizer.fingerprint)
        if self._naming is not None:
            parts.append(self._naming.fingerprint)
        return "\n".join(parts)

    def is_due(self) -> bool:
        """True where the tree in the catalog was grown with other settings."""
        return bool(self._catalog.level_sizes()) and self._catalog.meta("shape") != self._shape()

    def estimate(self, changes: Changes) -> tuple[int, int, int]:
        """Chunks to embed, their tokens, and the summaries of a whole tree over what there will be."""
        leaves = self._leaves(changes)
        missing = self._vectors(changes).missing(leaves)
        summaries = 0
        if (changes or self.is_due()) and self._clusterer is not None:
            known = sum(leaf.tokens for leaf in leaves)
            while known > self._settings.tree.group_tokens:
                groups = math.ceil(known / (self._settings.tree.group_tokens * _GROUP_FILL))
                summaries += groups
                known = groups * self._settings.summarize.tokens
            summaries += 1
        return len(missing), sum(leaf.tokens for leaf in missing), summaries

    def run(self, changes: Changes, facts: Mapping[str, str], progress: OnProgress = no_progress) -> None:
        """Grow the tree over all documents, and write it with the documents in one transaction."""
        leaves = self._leaves(changes, progress)
        vectors = self._vectors(changes)
        before = kept_projection(self._catalog)
        projection = vectors.projection = projection_for(
            self._catalog,
            self._settings.embed,
            len(leaves),
            lambda: vectors.embed_whole(leaves, progress),
        )
        nodes = build_tree(
            leaves,
            vectors,
            self._clusterer,
            self._summarizer,
            self._settings.tree.group_tokens,
            progress,
        )
        if self._naming is not None:
            nodes = self._naming.named(nodes, progress)
        root = vectors.embed(nodes[-1:]) if nodes else None
        unfinished = UNFINISHED if self.without_context or self.unwritten else ""
        known = {
            "shape": self._shape() + unfinished,
            "chunker": self._cutting.fingerprint + self._cutting.mark,
            "summarizer": self._summarizer.fingerprint,
            "dimension": str(root.shape[1] if root is not None else 0),
            **projection_facts(self._embedder.name, self._settings.embed, projection),
        }
        moved = before is not None and projection is not None and before.digest != projection.digest
        self._catalog.apply(
            self._staging.documents(changes.documents),
            changes.gone,
            nodes,
            vectors.keys(nodes),
            {**facts, **known},
            all_anew=moved,
            also=lambda db: self._staging.settle(db, changes.files, changes.files_gone),
        )
        self.embedded = self._embedder.embedded + vectors.embedded

    def _vectors(self, changes: Changes) -> NodeVectors:
        new = {record.id for record in changes.documents}

        def text_of(key: str) -> str:
            document = self._staging.document(key) if key in new else self._catalog.document(key)
            return document.text if document is not None else ""

        return NodeVectors(self._embedder, self._late, self._kind, self._catalog, text_of)

    def _leaves(self, changes: Changes, progress: OnProgress = no_progress) -> list[Node]:
        """All leaves in reading order: new ones of what changed, the catalog's of what did not."""
        new = {record.id for record in changes.documents}
        ids = sorted(self._catalog.records().keys() - set(changes.gone) | new)
        same_chunks = self._catalog.meta("chunker") == self._cutting.fingerprint
        leaves: list[Node] = []
        for number, key in enumerate(ids, start=1):
            progress(Progress("chunk", number, len(ids)))
            if key not in new and same_chunks:
                leaves.extend(self._catalog.leaves_of(key))
                continue
            document = self._staging.document(key) if key in new else self._catalog.document(key)
            if document is not None:
                leaves.extend(self._cutting.leaves_of(document))
        return leaves
