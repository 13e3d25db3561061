"""A change of documents or settings -> a new tree in the catalog, in one step."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from ..chunk.base import Chunker
from ..chunk.sentences import SentenceChunker
from ..cluster.base import Clusterer
from ..cluster.gmm import GaussianMixtures
from ..cluster.kmeans import KMeans
from ..embed.base import Embedder, SpanEmbedder
from ..llm.base import ChatModel
from ..settings import Settings
from ..store.catalog import Catalog
from ..summarize.abstractive import AbstractiveSummarizer
from ..summarize.base import Summarizer
from ..summarize.extractive import ExtractiveSummarizer
from ..types import Node, OnProgress, no_progress
from .build import build_tree
from .caches import CachedEmbedder, CachedSummarizer
from .changes import Changes
from .leaves import leaves_of
from .node_vectors import NodeVectors
from .projecting import kept_projection, projection_facts, projection_for

_GROUP_FILL = 0.6
"""Share of a group's token budget that k-means fills on average (measured on examples/library)."""


def make_chunker(settings: Settings) -> Chunker:
    """The chunker that the settings name."""
    return SentenceChunker(settings.chunk)


def make_clusterer(settings: Settings) -> Clusterer | None:
    """The clusterer that the settings name, or None for `none`."""
    if settings.tree.cluster == "none":
        return None
    return GaussianMixtures(settings.tree) if settings.tree.cluster == "gmm" else KMeans(settings.tree)


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
    model = llm() if kind == "abstractive" else None
    if model is None:
        return ExtractiveSummarizer(settings.summarize, embedder, language)
    return AbstractiveSummarizer(settings.summarize, model, embedder, language, settings.prompts)


class Regrowth:
    """One growing of the tree."""

    def __init__(
        self,
        catalog: Catalog,
        settings: Settings,
        embedder: CachedEmbedder,
        late: SpanEmbedder | None,
        summarizer: Summarizer,
    ) -> None:
        self._catalog = catalog
        self._settings = settings
        self._embedder = embedder
        self._late = late
        self._chunker = make_chunker(settings)
        self._clusterer = make_clusterer(settings)
        self._summarizer = CachedSummarizer(summarizer, catalog)
        self.embedded = 0

    @property
    def summarized(self) -> int:
        """Groups that were summarized and not found."""
        return self._summarizer.summarized

    def _shape(self) -> str:
        parts = [self._chunker.fingerprint]
        if self._late is not None:
            parts.append(f"{self._settings.embed.kind} {self._late.fingerprint}")
        if self._clusterer is not None:
            parts.append(self._clusterer.fingerprint)
            parts.append(str(self._settings.tree.group_tokens))
            parts.append(self._summarizer.fingerprint)
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
        leaves = self._leaves(changes)
        before = kept_projection(self._catalog)
        vectors = self._vectors(changes)
        projection = vectors.projection = projection_for(
            self._catalog, self._settings.embed, len(leaves), lambda: vectors.embed_whole(leaves, progress)
        )
        nodes = build_tree(
            leaves,
            vectors,
            self._clusterer,
            self._summarizer,
            self._settings.tree.group_tokens,
            progress,
        )
        root = vectors.embed(nodes[-1:]) if nodes else None
        known = {
            "shape": self._shape(),
            "chunker": self._chunker.fingerprint,
            "summarizer": self._summarizer.fingerprint,
            "dimension": str(root.shape[1] if root is not None else 0),
            **projection_facts(self._embedder.name, self._settings.embed, projection),
        }
        moved = before is not None and projection is not None and before.digest != projection.digest
        facts = {**facts, **known}
        self._catalog.apply(changes.documents, changes.gone, nodes, vectors.keys(nodes), facts, all_anew=moved)
        self.embedded = self._embedder.embedded + vectors.embedded

    def _vectors(self, changes: Changes) -> NodeVectors:
        new = {stored.document.id: stored.document for stored in changes.documents}

        def text_of(key: str) -> str:
            document = new.get(key) or self._catalog.document(key)
            return document.text if document is not None else ""

        return NodeVectors(self._embedder, self._late, self._settings.embed.kind, self._catalog, text_of)

    def _leaves(self, changes: Changes) -> list[Node]:
        """All leaves in reading order: new ones of what changed, the catalog's of what did not."""
        new = {stored.document.id: stored.document for stored in changes.documents}
        ids = sorted(self._catalog.records().keys() - set(changes.gone) | new.keys())
        same_chunks = self._catalog.meta("chunker") == self._chunker.fingerprint
        leaves: list[Node] = []
        for key in ids:
            document = new.get(key)
            if document is None and same_chunks:
                leaves.extend(self._catalog.leaves_of(key))
                continue
            document = document or self._catalog.document(key)
            if document is not None:
                leaves.extend(leaves_of(document, self._chunker))
        return leaves
