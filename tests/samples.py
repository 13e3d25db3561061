"""Nodes, vectors and whole trees for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from ragtree.chunk.context import NoContext
from ragtree.cluster.base import Clusterer, Counts, Indices, Level, ReadingClusterer
from ragtree.cluster.kmeans import KMeans
from ragtree.embed.base import unit_rows
from ragtree.embed.hashing import HashingEmbedder
from ragtree.embed.plain import PlainEmbedder
from ragtree.indexing.builders import Builders
from ragtree.indexing.collection import CollectionBuilder
from ragtree.indexing.contextual_chunker import ContextualChunker
from ragtree.indexing.document_tree import TreeBuilder
from ragtree.indexing.drafts import DraftVectors
from ragtree.indexing.request import SyncHooks, SyncRequest
from ragtree.indexing.spending import Spending
from ragtree.indexing.summaries import SummaryWriter
from ragtree.indexing.summary_cache import CachedSummarizer
from ragtree.indexing.sync import Sync
from ragtree.retrieve.base import Index
from ragtree.settings import EmbedSettings, Settings, SummarizeSettings, TreeSettings
from ragtree.store.base import NodeStore
from ragtree.store.catalog import Catalog
from ragtree.store.lexical_index import LexicalIndex
from ragtree.store.tree_change import TreeChange, placed
from ragtree.store.vectors import vector_key
from ragtree.summarize.base import Group, Summarizer, Summary
from ragtree.summarize.extractive import ExtractiveSummarizer
from ragtree.text.tokens import count_tokens
from ragtree.types import Claim, Document, Evidence, Node, NodeKind, Span, Vectors

LIBRARY = {
    "whales.md": "Blue whales eat krill. A blue whale weighs 150 tons.\n\nWhales sing songs in the deep sea. The songs "
    "of whales travel far.\n\nWhale calves drink milk. A calf grows fast on fat milk.",
    "bread.md": "Bread dough needs yeast. Yeast makes the dough rise.\n\nBake the bread in a hot oven. The oven has "
    "230 degrees.\n\nRye bread keeps for a week. Wheat bread dries sooner.",
    "clocks.md": "A pendulum clock was built by Huygens in 1656. The pendulum swings evenly.\n\nMarine clocks kept "
    "time at sea. Harrison built four marine clocks.\n\nQuartz clocks count the beats of a crystal.",
}
"""Three subjects, three paragraphs each."""


class Paragraphs:
    """A chunker that cuts after blank lines."""

    fingerprint = "paragraphs"

    def chunk(self, document: Document) -> list[Span]:
        text = document.text
        spans, start = [], 0
        while start < len(text):
            blank = text.find("\n\n", start)
            end = len(text) if blank < 0 else blank + 2
            spans.append(Span(start, end))
            start = end
        return spans


class Answers(dict[str, str]):
    """An in-memory cache of what a model said."""

    def get_summary(self, key: str) -> str | None:
        return self.get(key)

    def put_summary(self, key: str, summary: str) -> None:
        self[key] = summary


class Read:
    """Uses a clusterer that reads texts where there are only vectors. The text of a row is its bytes, in hex; names get
    random vectors."""

    def __init__(self, clusterer: ReadingClusterer) -> None:
        self.fingerprint = clusterer.fingerprint
        self._clusterer = clusterer

    def cluster(self, vectors: Vectors, tokens: Counts, budget: int) -> list[Indices]:
        def embed(names: Sequence[str]) -> Vectors:
            return unit_rows(
                np.stack([random_units(1, vectors.shape[1], seed=sum(map(ord, name)))[0] for name in names])
            )

        texts = [row.tobytes().hex()[:20] for row in vectors]
        return self._clusterer.cluster_level(Level(0, texts, vectors, tokens, embed), budget)


def leaf(key: str, text: str = "Some words here.", document: str = "d.md", start: int = 0, **metadata: object) -> Node:
    return Node(
        key,
        0,
        text,
        count_tokens(text),
        key,
        document_id=document,
        source=document,
        span=Span(start, start + len(text)),
        metadata=metadata,  # type: ignore[arg-type]
    )


def parent(
    key: str, children: Sequence[Node], text: str = "Some words here.", kind: NodeKind = "theme", stale: float = 0.0
) -> Node:
    """A summary with one claim. Its evidence is the children that are leaves, and the evidence of the others."""
    evidence = tuple(
        item
        for child in children
        for item in (
            (Evidence(child.id, Span(0, len(child.text))),)
            if child.level == 0
            else tuple(item for claim in child.claims for item in claim.evidence)
        )
    )
    return Node(
        key,
        children[0].level + 1,
        text,
        count_tokens(text),
        key,
        tuple(child.id for child in children),
        (Claim(text, evidence, 1.0),),
        kind,
        "extractive",
        stale=stale,
    )


def random_units(count: int, dimension: int = 16, seed: int = 0) -> Vectors:
    return unit_rows(np.random.default_rng(seed).standard_normal((count, dimension)))


def planted(groups: int, size: int, spread: float, dimension: int = 16, seed: int = 0) -> Vectors:
    """`groups` clusters one after the other, `size` rows each."""
    generator = np.random.default_rng(seed)
    centres = np.repeat(np.eye(dimension)[:groups], size, axis=0)
    return unit_rows(centres + spread * generator.standard_normal(centres.shape))


def index_of(store: NodeStore, top: Sequence[str]) -> Index:
    """What retrievers search: the nodes of the store, their words, and which leaves are adjacent in a document."""
    nodes = list(store.nodes())
    words = LexicalIndex(None)
    words.upsert(nodes)
    beside: dict[str, tuple[str, ...]] = {}
    leaves = sorted((node for node in nodes if node.level == 0), key=lambda node: (node.document_id, node.span))
    for before, after in pairwise(leaves):
        if before.document_id == after.document_id:
            beside[before.id] = (*beside.get(before.id, ()), after.id)
            beside[after.id] = (*beside.get(after.id, ()), before.id)
    return Index(store, words, tuple(top), lambda ids: {key: beside[key] for key in ids if key in beside})


def summary_of(summarizer: Summarizer, texts: Sequence[str]) -> Summary:
    """The summary of one group."""
    (summary,) = summarizer.summarize([Group(texts)])
    return summary


def whole_tree(catalog: Catalog, nodes: Sequence[Node]) -> TreeChange:
    """The change that makes these nodes the whole tree of a catalog; the vector of a node is hashed from its words."""
    embedder = HashingEmbedder()
    keys = [vector_key(embedder.name, node.text) for node in nodes]
    rows = embedder.embed([node.text for node in nodes])
    change = catalog.changed(placed(nodes, keys), [node.id for node in catalog.nodes()])
    return TreeChange(change.nodes, change.gone, dict(zip(keys, rows, strict=True)))


def built(
    path: Path,
    texts: Mapping[str, str],
    budget: int = 64,
    clusterer: Clusterer | None = None,
    tree: TreeSettings | None = None,
) -> tuple[list[Node], dict[str, Document]]:
    """The nodes of the trees of some documents and of the tree over them, with hashed vectors and extractive summaries;
    and the documents."""
    documents = {key: Document(key, text) for key, text in texts.items()}
    embedder = HashingEmbedder()
    catalog = Catalog(path / "catalog.sqlite")
    shape = (tree or TreeSettings()).model_copy(update={"group_tokens": budget})
    chosen = clusterer or KMeans()
    vectors = DraftVectors(PlainEmbedder(embedder, EmbedSettings()), embedder, catalog, "en")
    summarizer = ExtractiveSummarizer(SummarizeSettings(tokens=budget // 2), embedder, "en")
    writer = SummaryWriter(CachedSummarizer(summarizer, catalog), budget // 2, "en")
    builders = Builders(
        chunking=ContextualChunker(Paragraphs(), NoContext()),
        vectors=vectors,
        summarizer=writer.summarizer,
        writer=writer,
        trees=TreeBuilder(shape, chosen, writer, vectors),
        above=CollectionBuilder(catalog, shape, chosen, writer, vectors, None),
    )
    request = SyncRequest(Settings(), builders, Spending(), embedder.name)
    Sync(catalog, request, SyncHooks(lambda _: None, lambda: None)).documents(documents.values())
    nodes = catalog.nodes()
    catalog.close()
    return nodes, documents
