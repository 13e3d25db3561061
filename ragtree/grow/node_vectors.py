"""Vectors of nodes: a summary's from its own text, a chunk's as `embed.kind` says. All are kept in the catalog."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np

from ..embed.base import Passages, SpanEmbedder, unit_rows
from ..embed.reduce import Projection
from ..store.catalog import Catalog, vector_key
from ..types import Node, OnProgress, Progress, Vectors, no_progress
from .caches import CachedEmbedder
from .leaves import embedded_text

_STEP = 512
"""Chunks between two commits, where whole documents are read; more than one at a time, to fill the batches."""


class NodeVectors:
    """The vectors of a tree's nodes.

    `late` embeds chunks in the light of their documents, whose texts `text_of` gives by id; without it chunks
    are embedded alone. `blend` takes the normalized sum of both.
    """

    def __init__(
        self,
        plain: CachedEmbedder,
        late: SpanEmbedder | None,
        kind: Literal["late", "blend"],
        catalog: Catalog,
        text_of: Callable[[str], str],
    ) -> None:
        self._plain = plain
        self._late = late
        self._kind = kind
        self._catalog = catalog
        self._text_of = text_of
        self._digests: dict[str, str] = {}
        self.embedded = 0
        self.projection: Projection | None = None
        """What `embed` shortens vectors by; the cache keeps them whole."""
        self.carried: dict[str, bytes] = {}
        """Rows of the cache by chunk, for chunks that keep the vector which they have, whatever stands around them."""

    def keys(self, nodes: Sequence[Node]) -> list[bytes]:
        """The rows of the cache for these nodes, a vector each."""
        own = self._plain.keys([embedded_text(node) for node in nodes])
        if self._late is None:
            return own  # an unchanged chunk has the same text, and the same row
        around = iter(self._keys_in_documents([node for node in nodes if not node.level], self._kind))
        keys = [key if node.level else next(around) for node, key in zip(nodes, own, strict=True)]
        return [self.carried.get(node.id, key) for node, key in zip(nodes, keys, strict=True)]

    def missing(self, nodes: Sequence[Node]) -> list[Node]:
        """Nodes without a vector, each vector once."""
        keys = self.keys(nodes)
        known = self._catalog.get_vectors(keys)
        return list({key: node for node, key in zip(nodes, keys, strict=True) if key not in known}.values())

    @property
    def reads_documents(self) -> bool:
        """True where a chunk's vector comes from reading its document."""
        return self._late is not None

    def incomplete(self, leaves: Sequence[Node]) -> frozenset[str]:
        """The ids of documents with a leaf that has no vector."""
        keys = self.keys(leaves)
        known = self._catalog.get_vectors(keys)
        return frozenset(leaf.document_id for leaf, key in zip(leaves, keys, strict=True) if key not in known)

    def kept(self, nodes: Sequence[Node]) -> list[Vectors | None]:
        """Of each node the vector that is there, through the projection, shape (dim,); None where there is none."""
        keys = self.keys(nodes)
        known = self._catalog.get_vectors(keys)
        if self.projection is not None:
            known = {key: self.projection.apply(row) for key, row in known.items()}
        return [known.get(key) for key in keys]

    def embed_anew(self, leaves: Sequence[Node]) -> Vectors:
        """Vectors of chunks as `embed_whole` makes them, but nothing is looked up or kept."""
        vectors = [] if self._kind == "late" else [self._plain.anew([embedded_text(leaf) for leaf in leaves])]
        if self._late is not None:
            vectors.append(self._late.embed_spans(self._passages(leaves)))
        return unit_rows(np.sum(vectors, axis=0))

    def embed(self, nodes: Sequence[Node], progress: OnProgress = no_progress) -> Vectors:
        """Vectors of nodes of one level through the projection, shape (len(nodes), dim)."""
        vectors = self.embed_whole(nodes, progress)
        return vectors if self.projection is None or not len(nodes) else self.projection.apply(vectors)

    def embed_whole(self, nodes: Sequence[Node], progress: OnProgress = no_progress) -> Vectors:
        """The embedder's own vectors of nodes of one level, shape (len(nodes), its dimension)."""
        if self._late is None or not nodes or nodes[0].level:
            return self._plain.embed([embedded_text(node) for node in nodes], progress)
        if self._kind == "late":
            return self._in_documents(nodes, self._late, progress)
        keys = self.keys(nodes)
        if len(self._catalog.get_vectors(keys)) < len(set(keys)):
            counted = self._plain.embedded
            alone = self._plain.embed([embedded_text(node) for node in nodes], progress)
            self._plain.embedded = counted  # a chunk counts once
            self._catalog.put_vectors(keys, unit_rows(alone + self._in_documents(nodes, self._late, progress)))
        return self._kept(keys)

    def rows(self, keys: Sequence[bytes]) -> Vectors:
        """Vectors that are there, by their rows of the cache, through the projection, shape (len(keys), dim)."""
        vectors = self._kept(keys)
        return vectors if self.projection is None or not len(keys) else self.projection.apply(vectors)

    def embed_texts(self, texts: Sequence[str]) -> Vectors:
        """Vectors of other texts through the same projection, shape (len(texts), dim)."""
        vectors = self._plain.embed(texts)
        return vectors if self.projection is None or not len(texts) else self.projection.apply(vectors)

    def _in_documents(self, leaves: Sequence[Node], late: SpanEmbedder, progress: OnProgress) -> Vectors:
        keys = self._keys_in_documents(leaves, "late")
        known = self._catalog.get_vectors(keys).keys()
        absent = {key: leaf for key, leaf in zip(keys, leaves, strict=True) if key not in known}
        done = 0
        for part in _whole_documents(absent):

            def shifted(step: Progress, before: int = done) -> None:
                progress(Progress("embed", before + step.done, len(absent)))

            vectors = late.embed_spans(self._passages([absent[key] for key in part]), shifted)
            self._catalog.put_vectors(part, vectors)
            done += len(part)
        self.embedded += done
        return self._kept(keys)

    def _passages(self, leaves: Sequence[Node]) -> list[Passages]:
        by_document: dict[str, list[Node]] = {}
        for leaf in leaves:
            by_document.setdefault(leaf.document_id, []).append(leaf)
        return [Passages(self._text_of(key), tuple(leaf.span for leaf in own)) for key, own in by_document.items()]

    def _keys_in_documents(self, leaves: Sequence[Node], kind: str) -> list[bytes]:
        """Keys of vectors that depend on the document's text and the chunk's place in it."""
        assert self._late is not None
        space = f"{kind}\0{self._late.fingerprint}"
        return [
            vector_key(
                space, f"{self._digest(leaf.document_id)}\0{leaf.span.start}\0{leaf.span.end}{_said(leaf, kind)}"
            )
            for leaf in leaves
        ]

    def _digest(self, document_id: str) -> str:
        if document_id not in self._digests:
            text = self._text_of(document_id).encode("utf-8", "surrogatepass")
            self._digests[document_id] = hashlib.sha256(text).hexdigest()
        return self._digests[document_id]

    def _kept(self, keys: Sequence[bytes]) -> Vectors:
        if not keys:
            return np.zeros((0, 0), dtype=np.float32)
        known = self._catalog.get_vectors(keys)
        return np.stack([known[key] for key in keys])


def _said(leaf: Node, kind: str) -> str:
    """The context where it decides about the vector: `late` reads the document itself instead."""
    return f"\0{leaf.context}" if leaf.context and kind == "blend" else ""


def _whole_documents(absent: dict[bytes, Node]) -> Iterator[list[bytes]]:
    """Keys in parts that do not cut a document in two, unless it alone is larger than a part."""
    part: list[bytes] = []
    last = ""
    for key, leaf in absent.items():
        if len(part) >= _STEP and leaf.document_id != last:
            yield part
            part = []
        part.append(key)
        last = leaf.document_id
    if part:
        yield part
