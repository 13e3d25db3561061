"""A large made index: nodes whose texts and vectors are distributed as real ones are, without a model to make them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from ragtree.embed.base import unit_rows
from ragtree.ids import hash_id
from ragtree.indexing.document_tree import document_node_id
from ragtree.indexing.outbox import update_mirrors
from ragtree.store.catalog import Catalog
from ragtree.store.chroma import ChromaStore
from ragtree.store.documents import DocumentRecord, StoredDocument
from ragtree.store.lexical_index import LexicalIndex
from ragtree.store.tree_change import TreeChange, placed
from ragtree.types import Claim, Document, Evidence, Node, OnProgress, Progress, Span, Vectors

DIMENSION = 384
_OF_A_DOCUMENT = 10
_OF_A_GROUP = 8
_WORDS = 70
_VOCABULARY = 50_000
_FIRST_DAY = date(1990, 1, 1)


class Given:
    """An embedder whose vectors were there before: the time of a query's embedding is not measured."""

    name = "given"
    dimension = DIMENSION

    def __init__(self) -> None:
        self.vector: Vectors = np.eye(1, DIMENSION, dtype=np.float32)[0]

    def embed(self, texts: Sequence[str], progress: OnProgress | None = None) -> Vectors:
        return np.tile(self.vector, (len(texts), 1))

    def embed_query(self, text: str) -> Vectors:
        seed = int.from_bytes(text.encode()[:8], "little")
        noise = np.random.default_rng(seed).standard_normal(DIMENSION)
        return unit_rows((self.vector * 8 + noise * 0.3).astype(np.float32)[None])[0]


def make_index(path: Path, count: int, progress: OnProgress | None = None) -> None:
    """An index of about `count` nodes, chunks and summaries together, at `path`. Takes minutes for 100,000."""
    generator = np.random.default_rng(count)
    above = _OF_A_GROUP / (_OF_A_GROUP - 1)  # nodes of the tree over the documents, for each document
    documents, leaves = _documents(generator, round(count * _OF_A_DOCUMENT / (_OF_A_DOCUMENT + above)))
    vectors = _vectors(generator, len(leaves))
    nodes, rows = _tree(leaves, vectors)
    keys = [number.to_bytes(8, "big") for number in range(len(nodes))]
    path.mkdir(parents=True)
    catalog = Catalog(path / "catalog.sqlite")
    facts = {"embedder": "given", "dimension": str(DIMENSION), "first_build": "no"}
    change = TreeChange(placed(nodes, keys), (), dict(zip(keys, rows, strict=True)))
    catalog.change(change, documents, known=facts)
    store, words = ChromaStore(path / "chroma"), LexicalIndex(path / "lexical", "en")
    update_mirrors(catalog, store, words, progress or _silent)
    store.close()
    catalog.close()


def questions(leaves: Sequence[Node], count: int) -> list[str]:
    """Eight words each, those of a leaf."""
    generator = np.random.default_rng(7)
    chosen = generator.choice(len(leaves), size=count)
    return [" ".join(generator.choice(leaves[row].text.split(), size=8)) for row in chosen]


def _documents(generator: np.random.Generator, leaves: int) -> tuple[list[StoredDocument], list[Node]]:
    """Texts of words by Zipf's law, every document with a hundred more frequent words of its own."""
    documents, nodes = [], []
    word = np.array([_word(rank) for rank in range(_VOCABULARY)])
    for number in range(-(-leaves // _OF_A_DOCUMENT)):
        key = f"shelf{number % 100:02}/{number:06}.md"
        ranks = generator.zipf(1.15, size=(_OF_A_DOCUMENT, _WORDS)) % _VOCABULARY
        own = generator.integers(0, _VOCABULARY, 100)
        ranks = np.where(generator.random(ranks.shape) < 0.3, generator.choice(own, ranks.shape), ranks)
        parts = [" ".join(word[row]) + ". " for row in ranks]
        day = _FIRST_DAY + timedelta(days=int(generator.integers(0, 365 * 30)))
        metadata = {"number": number, "shelf": number % 100, "half": number % 2, "date": day.isoformat()}
        document = Document(key, "".join(parts), metadata=metadata)
        documents.append(StoredDocument(document, DocumentRecord(key, document.sha256, "api", len(parts), 0)))
        start = 0
        for part in parts:
            span = Span(start, start + len(part))
            name = f"{len(nodes):032x}"
            nodes.append(Node(name, 0, part, 95, part[:20], document_id=key, source=key, span=span, metadata=metadata))
            start += len(part)
    return documents, nodes


def _word(rank: int) -> str:
    """A word of its own for every rank, frequent ones short."""
    syllables = ("ba", "de", "fi", "go", "lu", "ma", "ne", "pi", "ro", "su", "ta", "ve", "wi", "xo", "zu", "ke")
    word = syllables[rank % 16]
    while rank >= 16:
        rank //= 16
        word += syllables[rank % 16]
    return word


def _vectors(generator: np.random.Generator, count: int) -> Vectors:
    """Subjects, documents within them, chunks within those; some directions vary far more than others."""
    scale = 1 / np.sqrt(1 + np.arange(DIMENSION))
    documents = -(-count // _OF_A_DOCUMENT)
    subjects = generator.standard_normal((max(8, documents // 30), DIMENSION)) * scale
    centres = subjects[generator.integers(0, len(subjects), documents)]
    centres = centres + 0.7 * generator.standard_normal((documents, DIMENSION)) * scale
    rows = np.repeat(centres, _OF_A_DOCUMENT, axis=0)[:count]
    return unit_rows((rows + 0.7 * generator.standard_normal((count, DIMENSION)) * scale).astype(np.float32))


def _tree(leaves: Sequence[Node], vectors: Vectors) -> tuple[list[Node], Vectors]:
    """A node for every document, and groups of documents that follow each other, level by level, up to one root."""
    nodes, rows = list(leaves), [vectors]
    level, below, size = list(leaves), vectors, _OF_A_DOCUMENT
    while len(level) > 1:
        groups = [level[start : start + size] for start in range(0, len(level), size)]
        below = unit_rows(np.add.reduceat(below, range(0, len(level), size), axis=0))
        level = [_summary(group, len(groups) == 1) for group in groups]
        nodes.extend(level)
        rows.append(below)
        size = _OF_A_GROUP
    return nodes, np.concatenate(rows)


def _summary(group: Sequence[Node], top: bool) -> Node:
    first = group[0]
    text = " ".join(node.text[:80] for node in group)
    shown = [node.id if node.level == 0 else node.claims[0].evidence[0].leaf for node in group]
    node = Node(
        id=hash_id("theme", *(node.id for node in group)),
        level=first.level + 1,
        text=text,
        tokens=110,
        label=text[:30],
        children=tuple(node.id for node in group),
        claims=tuple(Claim(text[:80], (Evidence(leaf, Span(0, 40)),), 1.0) for leaf in shown),
        kind="collection" if top else "theme",
        made="extractive",
    )
    if first.level:
        return node
    return replace(
        node,
        id=document_node_id(first.document_id),
        kind="document",
        document_id=first.document_id,
        source=first.source,
        span=Span(0, group[-1].span.end),
        metadata=first.metadata,
    )


def _silent(_: Progress) -> None:
    """Nobody looks."""
